"""The list of documents asked for: asking, sending, withdrawing, reminding."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import Max, Prefetch
from django.utils import timezone
from django.utils.translation import gettext

from kloe.assessment.vocabulary import EvidenceKind, Origin
from kloe.core.errors import Conflict, InvalidInput, NotFound
from kloe.core.given import within
from kloe.core.messages import _
from kloe.web.accounts.models import User
from kloe.web.evidence import actions as evidence
from kloe.web.evidence.checks import Details
from kloe.web.evidence.uploads import Upload
from kloe.web.inspections.actions import trace
from kloe.web.inspections.models import DocumentRequest, GivenDocument, Inspection
from kloe.web.inspections.team import landlords_people, tell
from kloe.web.library import store

State = DocumentRequest.State
SAID = ("what", "why", "theme", "due")


@dataclass(frozen=True)
class Line:
    """A request as the list shows it."""

    row: DocumentRequest
    given: list[GivenDocument]
    theme: Any
    overdue: bool
    days: int


def lines(inspection: Inspection, *, state: str = "") -> list[Line]:
    """The requests with what came for them, the overdue ones first: two queries."""
    pinned = store.pinned(inspection.assessment)
    today = timezone.localdate()
    rows = inspection.requests.prefetch_related(
        Prefetch("given", GivenDocument.objects.select_related("item", "by"), to_attr="came")
    )
    if state in State.values:
        rows = rows.filter(state=state)
    found = [
        Line(
            row,
            [g for g in row.came if g.item.deleted_at is None],
            pinned.theme(row.theme) if row.theme else None,
            row.state == State.OPEN and row.due < today,
            (today - row.due).days,
        )
        for row in rows
    ]
    return sorted(found, key=lambda n: (n.row.state != State.OPEN, not n.overdue, n.row.due))


def request_of(inspection: Inspection, pk: UUID) -> DocumentRequest:
    """One request of this inspection.

    :raises NotFound: if it has none such.
    """
    found = inspection.requests.filter(pk=pk).first()
    if found is None:
        raise NotFound(
            _("This inspection has no such request."),
            "",
            _("Look for it in the list of documents."),
        )
    found.inspection = inspection
    return found


def _checked(inspection: Inspection, what: str, why: str, theme: str, due: date) -> dict[str, Any]:
    what = within(" ".join(what.split()), 300, _("document"))
    if not what:
        raise InvalidInput(
            _("It is not said what is wanted."),
            _("A request names a document or a set of them."),
            _("Say in a few words what is wanted."),
        )
    if theme:
        store.pinned(inspection.assessment).theme(theme)
    return {"what": what, "why": within(why, 500, _("reason")), "theme": theme, "due": due}


def _trace(row: DocumentRequest, by: User | None, verb: str, **values: Any) -> None:
    trace(
        row.inspection.assessment,
        by,
        verb,
        kind="document",
        subject=f"D{row.number} {row.pk}",
        **values,
    )


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {k: v.isoformat() if isinstance(v, date) else v for k, v in values.items() if v}


@transaction.atomic
def ask(
    *,
    inspection: Inspection,
    what: str,
    due: date,
    by: User | None,
    why: str = "",
    theme: str = "",
    id: UUID | None = None,
) -> DocumentRequest:
    """Ask for a document.

    :param id: made by the form; sent twice, it stands once.
    :raises InvalidInput: if it is not said what is wanted.
    """
    values = _checked(inspection, what, why, theme, due)
    Inspection.objects.select_for_update().get(pk=inspection.pk)
    if id is not None and (earlier := inspection.requests.filter(pk=id).first()) is not None:
        return earlier
    if id is not None and DocumentRequest.objects.filter(pk=id).exists():
        # Of another inspection: a row of its own.
        id = None
    number = (inspection.requests.aggregate(n=Max("number"))["n"] or 0) + 1
    row = DocumentRequest(inspection=inspection, number=number, asked_by=by, **values)
    if id is not None:
        row.pk = id
    row.save(force_insert=True)
    _trace(row, by, "asked for document", after=_plain(values))
    return row


def _held(row: DocumentRequest, base_version: int | None) -> DocumentRequest:
    held = (
        DocumentRequest.objects.select_for_update(of=("self",))
        .select_related("inspection__assessment")
        .get(pk=row.pk)
    )
    if base_version is not None and held.version != base_version:
        raise Conflict(
            _("Somebody else changed D%(n)d while you were writing.", n=held.number),
            _("Nothing was overwritten."),
            _("Look at it as it is now, and change it again."),
        )
    return held


def _store(row: DocumentRequest, **values: Any) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.version += 1
    row.save(update_fields=["version", *values])


@transaction.atomic
def change(
    *,
    request: DocumentRequest,
    what: str,
    due: date,
    base_version: int,
    by: User | None,
    why: str = "",
    theme: str = "",
) -> DocumentRequest:
    """Change what is asked for, why, or by when.

    :raises Conflict: if somebody else changed it first.
    """
    row = _held(request, base_version)
    values = _checked(row.inspection, what, why, theme, due)
    before = {k: getattr(row, k) for k in SAID if getattr(row, k) != values[k]}
    if before:
        _store(row, **{k: values[k] for k in before})
        _trace(
            row,
            by,
            "changed request",
            before=_plain(before),
            after=_plain({k: values[k] for k in before}),
        )
    return row


@transaction.atomic
def settle(*, request: DocumentRequest, state: str, by: User | None, answer: str = "") -> None:
    """Tick a request off, withdraw it, or open it again.

    :raises InvalidInput: for a state there is not, or one ticked off with nothing given or said.
    """
    row = _held(request, None)
    answer = within(answer, 500, _("answer"))
    if state not in State.values:
        raise InvalidInput(
            _("“%(state)s” is no state of a request.", state=state[:20]),
            _("Allowed: %(all)s.", all=", ".join(State.values)),
            _("Choose one of them."),
        )
    if state == State.RECEIVED and not answer and not row.given.exists():
        raise InvalidInput(
            _("D%(n)d was to be ticked off, and nothing came.", n=row.number),
            _("A request is ticked off by a file, or by saying why there is none."),
            _("Send the file, or say in a sentence why there is none."),
        )
    if row.state == state and not answer:
        return
    before = {"state": row.state}
    _store(
        row,
        state=state,
        answer=answer or row.answer,
        received_at=timezone.now() if state == State.RECEIVED else None,
    )
    _trace(row, by, "settled request", before=before, after={"state": state, "answer": answer})


@transaction.atomic
def give(
    *,
    request: DocumentRequest,
    uploads: Iterable[Upload],
    by: User,
    write_id: UUID | None = None,
) -> list[GivenDocument]:
    """Send files for a request: each becomes evidence of the landlord, and ticks it off.

    :param write_id: made by the form; sent twice, the same files stand once.
    :raises Conflict: if the request was withdrawn.
    :raises InvalidInput: without a file.
    """
    row = _held(request, None)
    found = list(uploads)
    if not found:
        raise InvalidInput(
            _("No file was sent."),
            _("A request is ticked off by a file."),
            _("Choose a file; or say why there is none."),
        )
    if row.state == State.WITHDRAWN:
        raise Conflict(
            _("D%(n)d was withdrawn.", n=row.number),
            _("A document that is not wanted any more is not taken in."),
            _("Ask the inspectors; nothing was sent."),
        )
    made = []
    for n, upload in enumerate(found):
        item = evidence.add_file(
            assessment=row.inspection.assessment,
            received=upload.received,
            file_name=upload.name,
            details=Details(
                title=upload.name,
                kind=EvidenceKind.DOCUMENT.value,
                origin=Origin.LANDLORD.value,
                source=f"D{row.number}: {row.what}"[:300],
            ),
            by=by,
            id=uuid5(write_id, f"{n} {upload.received.sha256}") if write_id else None,
        )
        given, new = GivenDocument.objects.get_or_create(
            item=item, defaults={"request": row, "by": by}
        )
        made.append(given)
        if new:
            _trace(row, by, "gave document", after={"title": upload.name, "evidence": item.number})
    if row.state != State.RECEIVED:
        _store(row, state=State.RECEIVED, received_at=timezone.now())
    return made


@transaction.atomic
def remind(*, inspection: Inspection, by: User | None, address: str) -> int:
    """Remind the landlord's people of what is still open; gives of how many documents.

    :raises Conflict: if nothing is open, or nobody of the landlord is of the team.
    """
    rows = list(inspection.requests.select_for_update().filter(state=State.OPEN).order_by("due"))
    people = landlords_people(inspection.assessment)
    if not rows or not people:
        raise Conflict(
            _("No reminder was sent."),
            _("Every document has come.") if not rows else _("Nobody of the landlord is here yet."),
            _("Nothing is to be done.") if not rows else _("Invite the landlord's lead first."),
        )
    now, today = timezone.now(), timezone.localdate()
    inspection.requests.filter(pk__in=[r.pk for r in rows]).update(reminded_at=now)
    trace(
        inspection.assessment,
        by,
        "reminded of documents",
        kind="document",
        after={"documents": [f"D{r.number}" for r in rows], "people": len(people)},
    )
    tell(
        people,
        gettext("kloe: documents for the inspection of %(name)s")
        % {"name": inspection.assessment.landlord},
        "inspections/email/reminder.txt",
        {
            "assessment": inspection.assessment,
            "rows": [(r, r.due < today) for r in rows],
            "address": address,
        },
    )
    return len(rows)
