"""Proposing a mapping, checking and loading as work for the background.

Each can be run again after a crash: a proposal is made anew, a check too, and loading the same
files with the same mapping a second time changes nothing.
"""

from __future__ import annotations

import re
import shutil
from contextlib import suppress
from functools import partial
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy

from kloe.assessment.permissions import Permission
from kloe.core.errors import InvalidInput, KloeError, NotFound
from kloe.core.messages import _
from kloe.core.progress import Progress
from kloe.records.loading import Result, check_records, load_records
from kloe.records.mapping import parse_mapping
from kloe.records.suggesting import File, Proposal, mapping_yaml, propose
from kloe.records.suggesting.sniffing import sniff
from kloe.web.indicators.holdings import landlord_of
from kloe.web.jobs.models import Job
from kloe.web.jobs.registry import job
from kloe.web.records import actions, arranging, storage
from kloe.web.records.models import RecordDraft
from kloe.web.records.proposals import as_values, files_given

#: Rules listed of a check; the file of rejects has every row.
FINDINGS = 200


def _draft(one: Job) -> RecordDraft:
    """The draft of a job, with its files in place.

    :raises InvalidInput: where they are gone.
    """
    draft = (
        RecordDraft.objects.select_related("organisation")
        .filter(pk=one.payload["draft"], organisation=one.organisation_id)
        .first()
    )
    if draft is None or draft.state == RecordDraft.State.DISCARDED:
        raise InvalidInput(_("The extract was discarded."), "", _("Bring the files in anew."))
    return draft


def _waits(one: Job) -> bool:
    """Whether a job was the last work on an extract that still waits to be loaded."""
    return RecordDraft.objects.filter(
        pk=one.payload.get("draft"), job=one, state=RecordDraft.State.OPEN
    ).exists()


#: Work on an extract, which whoever may load records sees, cancels and begins again.
_on_draft = partial(
    job,
    see=Permission.RECORDS_LOAD,
    start=Permission.RECORDS_LOAD,
    again=actions.again,
    possible=_waits,
)


def _link(draft: RecordDraft) -> dict[str, Any]:
    return {
        "url": reverse("records-draft", args=[draft.organisation_id, draft.pk]),
        "label": gettext("Go on with the extract"),
    }


@_on_draft(actions.PROPOSE, title=gettext_lazy("Proposing of a mapping"))
def propose_mapping(one: Job, progress: Progress) -> dict[str, Any]:
    """Look at the files, and propose what becomes what."""
    draft = _draft(one)
    progress.step(0, 2, _("Looking at the files"))
    if "part" in one.payload:
        if draft.version == one.payload["version"]:
            arranging.propose_part(one, draft)
        return _link(draft)
    given = files_given(draft.files, storage.files_of(draft.pk))
    proposal, refused = _proposal(given, progress)
    progress.step(1, 2, _("Writing the mapping"))
    text = mapping_yaml(proposal) if proposal.sources else ""
    if text:
        parse_mapping(text)
    actions.proposed(draft=draft, by=one.by, mapping=text, proposal=as_values(proposal, refused))
    return _link(draft)


def _proposal(given: list[File], progress: Progress) -> tuple[Proposal, list[tuple[str, str]]]:
    """A proposal for the files that can be read, and why others cannot."""
    try:
        return propose(given), []
    except NotFound:
        raise
    except InvalidInput:
        pass
    good, refused = [], []
    for n, file in enumerate(given):
        progress.step(n, len(given), file.name)
        try:
            sniff(file)
        except InvalidInput as error:
            refused.append((file.name, str(error)))
        else:
            good.append(file)
    return (propose(good) if good else Proposal(())), refused


@_on_draft(actions.CHECK, title=gettext_lazy("Check of an extract"))
def check(one: Job, progress: Progress) -> dict[str, Any]:
    """Read everything with every rule; keep nothing but what was found."""
    draft = _draft(one)
    version = draft.version
    rejects = storage.rejects_of(draft.pk)
    shutil.rmtree(rejects, ignore_errors=True)
    try:
        result = check_records(
            settings.DATA_DIR,
            parse_mapping(draft.mapping),
            storage.files_of(draft.pk),
            landlord=landlord_of(draft.organisation),
            as_at=draft.as_at,
            without_personal=draft.without_personal,
            most_rejects=draft.most_rejects,
            rejects=rejects,
            progress=progress,
        )
    except (InvalidInput, NotFound) as error:
        # What the files and the mapping are, not what went wrong with the work.
        remedy = str(error.remedy or "")
        if isinstance(error, NotFound):
            remedy = str(_("Change “files” in the mapping, or send the files anew."))
        found: dict[str, Any] = {"refusal": _in_parts(error, remedy)}
    else:
        found = _found(result)
    actions.checked(draft=draft, by=one.by, version=version, found=found)
    return _link(draft)


def _in_parts(error: KloeError, remedy: str) -> dict[str, str]:
    return {
        "given": str(error.given),
        "allowed": str(error.allowed or ""),
        "remedy": remedy,
    }


def _found(result: Result) -> dict[str, Any]:
    found: dict[str, Any] = {
        "rows": result.rows,
        "rejects": result.rejected,
        "tables": [
            {
                "table": t.table,
                "rows": t.rows,
                "rejects": t.rejects,
                "merged": t.merged,
                "marked": t.marked,
            }
            for t in result.tables
        ],
        "findings": [
            {
                "table": f.table,
                "column": f.column,
                "rows": f.rows,
                "file": f.file,
                "line": f.line,
                "value": f.value[:80],
                "words": f.words,
                "kept": f.kept,
            }
            for f in result.findings[:FINDINGS]
        ],
        "more": max(len(result.findings) - FINDINGS, 0),
        "warnings": [str(w) for w in result.warnings],
    }
    if result.refusal is not None:
        found["refusal"] = _in_parts(
            result.refusal,
            str(_("Correct the mapping or the extract, or allow more rejected rows.")),
        )
    return found


@_on_draft(actions.LOAD, title=gettext_lazy("Load of records"))
def load(one: Job, progress: Progress) -> dict[str, Any]:
    """Load the extract: all of it, or nothing."""
    draft = _draft(one)
    home = {
        "url": reverse("records", args=[draft.organisation_id]),
        "label": gettext("Look at the records"),
    }
    if draft.state == RecordDraft.State.LOADED:
        return home
    result = load_records(
        settings.DATA_DIR,
        parse_mapping(draft.mapping),
        storage.files_of(draft.pk),
        by=actions.named(one.by),
        landlord=landlord_of(draft.organisation),
        as_at=draft.as_at,
        without_personal=draft.without_personal,
        most_rejects=draft.most_rejects,
        progress=progress,
    )
    actions.loaded(
        draft=draft,
        by=one.by,
        mapping=without_comments(draft.mapping),
        result={
            "version": result.version,
            "changed": result.changed,
            "rows": result.rows,
            "rejects": result.rejected,
            "tables": [t.table for t in result.tables],
            "carried": list(result.carried),
        },
    )
    return home


_COMMENT = re.compile(r"^\s*#.*\n", re.M)


def without_comments(mapping: str) -> str:
    """A mapping without the lines that are comments: samples of the files may stand there."""
    bare = _COMMENT.sub("", mapping)
    with suppress(KloeError):
        if _meant(bare) == _meant(mapping):
            return bare
    return mapping


def _meant(mapping: str) -> str:
    found = parse_mapping(mapping)
    return repr([_without_line(s) for s in found.sources])


def _without_line(source: Any) -> str:
    return re.sub(r"line=\d+", "", repr(source))
