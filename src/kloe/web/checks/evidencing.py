"""A check as evidence, and the files it brought. Which statement it speaks to a person says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext

from kloe.assessment.checks.words import CheckState, label
from kloe.assessment.vocabulary import Confidentiality, Direction, EvidenceKind, Origin
from kloe.core.errors import Conflict, InvalidInput
from kloe.core.messages import _
from kloe.web.accounts.models import User
from kloe.web.checks import queries
from kloe.web.checks.actions import template_of
from kloe.web.checks.models import Check, CheckCase, CheckFile
from kloe.web.checks.writing import changeable, trace
from kloe.web.evidence import actions as evidence
from kloe.web.evidence.checks import MAX_TEXT, MAX_TITLE, Details
from kloe.web.evidence.models import EvidenceItem, EvidenceLink
from kloe.web.evidence.uploads import Upload
from kloe.web.ids import new_id


def _words(check: Check) -> str:
    """What the item says: claim, result, how many cases, conclusion. No names, no references."""
    parts = [
        gettext("Claim tested: %(claim)s") % {"claim": check.claim},
        gettext("Result: %(result)s.") % {"result": label(check.outcome.result)},
    ]
    if check.method:
        n = check.cases.filter(not_found="").count()
        parts.append(
            gettext("Cases: %(n)d (%(method)s; %(frame)s).")
            % {"n": n, "method": label(check.method).lower(), "frame": check.frame}
        )
    for line in queries.tallies(check):
        if line.tally.base:
            said = gettext("%(yes)d of %(base)d confirmed: %(ask)s") % {
                "yes": line.tally.yes,
                "base": line.tally.base,
                "ask": line.item.ask,
            }
            parts.append(f"{said} {line.tally.said}" if line.tally.said else said)
    parts.append(check.outcome.conclusion)
    return "\n\n".join(parts)[:MAX_TEXT]


def _details(check: Check, confidentiality: str = Confidentiality.INTERNAL.value) -> Details:
    template = template_of(check.template)
    done = date.fromisoformat(check.outcome.done_on)
    return Details(
        title=f"C{check.number} {check.title}"[:MAX_TITLE],
        kind=template.evidence,
        origin=template.origin,
        period_start=done,
        period_end=done,
        source=gettext("reality check C%(n)d, %(kind)s")
        % {"n": check.number, "kind": label(check.kind).lower()},
        confidentiality=confidentiality,
        text=_words(check),
    )


def use_as_evidence(*, check: Check, said: Mapping[str, str], by: User) -> EvidenceItem:
    """Let a check that is done speak to statements, as a person says of each.

    Said again, the item is brought up to date; a direction that changed replaces the earlier one,
    one that is empty takes it back.

    :param said: direction by descriptor, empty for none.
    :raises Conflict: while the check is not done.
    :raises InvalidInput: for a statement the check does not test.
    """
    if check.state != CheckState.DONE:
        raise Conflict(
            _("C%(n)d is not done.", n=check.number),
            _("A check is evidence once its result stands."),
            _("Write its conclusion and finish it first."),
        )
    tested = set(check.criteria)
    if strange := [d for d in said if d.rpartition("/")[0] not in tested]:
        raise InvalidInput(
            _("The check does not test %(id)s.", id=strange[0][:180]),
            _("It speaks to statements of the criteria it tests."),
            _("Load the page again."),
        )
    with transaction.atomic():
        item = check.evidence
        if item is None or item.deleted_at is not None:
            item = evidence.add_result(assessment=check.assessment, details=_details(check), by=by)
            check.evidence = item
            check.save(update_fields=["evidence"])
        else:
            # Who may see it was said since, and stays so.
            details = _details(check, item.confidentiality)
            item = evidence.edit(item=item, details=details, by=by, base_version=item.version)
        links = {x.descriptor: x for x in EvidenceLink.objects.filter(item=item)}
        for descriptor, direction in said.items():
            _say(item, links.get(descriptor), descriptor, direction, by)
    return item


def _say(
    item: EvidenceItem, link: EvidenceLink | None, descriptor: str, direction: str, by: User
) -> None:
    if not direction:
        if link is not None:
            evidence.unlink(link=link, by=by)
    elif link is None:
        evidence.link(item=item, descriptor=descriptor, direction=direction, by=by)
    elif link.direction != direction:
        evidence.relink(link=link, direction=direction, by=by, locator=link.locator, note=link.note)


def proposed(result: str, side: str) -> str:
    """The direction that a result makes likely for a statement; a person says whether it is so.

    A claim is about being good: confirmed, it speaks for the upper statement and against the
    lower one.
    """
    table = {
        ("confirms", "upper"): Direction.SHOWS,
        ("confirms", "lower"): Direction.OTHERWISE,
        ("contradicts", "upper"): Direction.OTHERWISE,
        ("contradicts", "lower"): Direction.SHOWS,
    }
    found = table.get((result, side))
    return found.value if found else ""


def add_files(
    *,
    check: Check,
    uploads: list[Upload],
    ids: list[UUID],
    caption: str,
    item: str,
    case: CheckCase | None,
    by: User,
    made_at: datetime | None = None,
    located: str = "",
) -> list[EvidenceItem]:
    """Keep photographs and other files of a check, by the way all evidence comes in.

    They are restricted: a photograph of a home may show who lives there.

    :param ids: of the items, made by the form; sent twice, they stand once.
    """
    changeable(check)
    name = caption.strip() or gettext("C%(n)d, picture") % {"n": check.number}
    made = []
    with transaction.atomic():
        for n, (upload, pk) in enumerate(zip(uploads, ids, strict=True), start=1):
            title = f"{name} {n}" if len(uploads) > 1 else name
            kept = evidence.add_file(
                assessment=check.assessment,
                received=upload.received,
                file_name=upload.name,
                details=Details(
                    title=title[:MAX_TITLE],
                    kind=EvidenceKind.OBSERVATION.value,
                    origin=Origin.INSPECTOR.value,
                    source=gettext("reality check C%(n)d") % {"n": check.number},
                    confidentiality="restricted",
                ),
                by=by,
                id=pk or new_id(),
            )
            _tie, new = CheckFile.objects.get_or_create(
                check_of=check,
                evidence=kept,
                defaults={
                    "item": item[:80],
                    "case": case,
                    "made_at": made_at,
                    "located": located[:60],
                },
            )
            made.append(kept)
            if new:
                trace(check, by, "added file to check",
                      after={"title": check.title, "file": kept.file_name})  # fmt: skip
    return made
