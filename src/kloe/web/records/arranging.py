"""Which files become which tables: another table, a further one, none; an earlier mapping again.

Choosing a table has the columns proposed for it, which reads the files: work for the background.
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatch
from typing import Any

from django.db import transaction

from kloe.core.errors import InvalidInput
from kloe.core.messages import _
from kloe.records.layouts import layout
from kloe.records.mapping import parse_mapping
from kloe.records.parts import adopt, drop, places_of, put, take
from kloe.records.suggesting import Place, Proposal, mapping_yaml, propose
from kloe.web.accounts.models import User
from kloe.web.jobs.models import Job
from kloe.web.records import actions, storage
from kloe.web.records.models import RecordDraft
from kloe.web.records.proposals import files_given, places_in, with_part


def places(draft: RecordDraft) -> list[Place]:
    """The files and sheets of a draft that a table can be made of."""
    seen = places_in(draft.proposal)
    if seen:
        return seen
    return [Place((str(f["name"]),), None, ()) for f in draft.files]


def place_of(draft: RecordDraft, number: int) -> Place:
    """The files that feed a part of the mapping.

    :raises InvalidInput: where there is no such part, or none of the files is meant.
    """
    sources = parse_mapping(draft.mapping).sources
    if not 0 < number <= len(sources):
        raise InvalidInput(_("The mapping has no source %(n)d.", n=number))
    source = sources[number - 1]
    found = places_of(source, places(draft))
    if found:
        return found[0]
    names = [str(f["name"]) for f in draft.files]
    files = [n for n in names if any(fnmatch(n, pattern) for pattern in source.files)]
    if not files:
        raise InvalidInput(
            _("None of the files is called “%(name)s”.", name=", ".join(source.files)),
            _("There are: %(all)s.", all=", ".join(names)),
            _("Correct “files” in the mapping, or leave this part out."),
        )
    return Place(tuple(files), source.sheet, ())


def make_table(
    *,
    draft: RecordDraft,
    by: User,
    place: Place,
    table: str,
    number: int | None,
    base_version: int,
    request_id: str = "",
) -> Job:
    """Have files become a table: in place of a part of the mapping, or as a further part.

    :param number: the part it takes the place of, counted from 1.
    :raises NotFound: where there is no such table.
    :raises ChangedMeanwhile: if the mapping is not at ``base_version`` any more.
    """
    layout(table)
    part = {"files": list(place.files), "sheet": place.sheet, "table": table, "number": number}
    with transaction.atomic():
        draft = actions.locked(draft.pk)
        if draft.version != base_version:
            raise actions.ChangedMeanwhile(draft)
        return actions.enqueue(
            draft, actions.PROPOSE, by, request_id, part=part, version=base_version
        )


def propose_part(one: Job, draft: RecordDraft) -> None:
    """Propose the columns of one table, and put the part into the mapping.

    :raises InvalidInput: where the files look nothing like the table.
    """
    part: dict[str, Any] = one.payload["part"]
    wanted = set(part["files"])
    given = [f for f in draft.files if f["name"] in wanted]
    proposal = propose(files_given(given, storage.files_of(draft.pk)), table=part["table"])
    found = [s for s in proposal.sources if s.sheet == part["sheet"]]
    if not found:
        raise InvalidInput(
            _(
                "Nothing in %(files)s looks like %(table)s.",
                files=", ".join(part["files"]),
                table=layout(part["table"]).title,
            ),
            _("At least the key of the table has to be among the columns."),
            _("Choose another table, or write this part in the mapping as a file."),
        )
    lines = take(mapping_yaml(Proposal((found[0],))))[0]
    text = (
        put(draft.mapping, lines, number=part["number"])
        if draft.mapping
        else mapping_yaml(Proposal((found[0],)))
    )
    actions.change_mapping(
        draft=draft,
        by=one.by,
        mapping=text,
        base_version=one.payload["version"],
        proposal=with_part(draft.proposal, found[0]),
        told={"table": part["table"], "files": part["files"]},
        idle=False,
    )


def leave_out(
    *, draft: RecordDraft, by: User, number: int, base_version: int, request_id: str = ""
) -> RecordDraft:
    """Take a part out of the mapping: its files feed that table no longer.

    :raises InvalidInput: where there is none of that number, or no other.
    """
    gone = drop(draft.mapping, number)
    return actions.change_mapping(
        draft=draft,
        by=by,
        mapping=gone,
        base_version=base_version,
        told={"left_out": number},
        request_id=request_id,
    )


def use_earlier(
    *,
    draft: RecordDraft,
    by: User,
    earlier: RecordDraft,
    base_version: int,
    request_id: str = "",
) -> Sequence[str]:
    """Read the files as an earlier extract was read; gives the parts that no file fits.

    Files that no earlier part reads stay as they were proposed.

    :raises InvalidInput: where no part of it fits any of the files.
    """
    made = adopt(earlier.mapping, places(draft), draft.mapping)
    actions.change_mapping(
        draft=draft,
        by=by,
        mapping=made.text,
        base_version=base_version,
        proposal={**draft.proposal, "adopted": str(earlier.pk)},
        told={"of": str(earlier.pk)},
        request_id=request_id,
    )
    return made.left_out
