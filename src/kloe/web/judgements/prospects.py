"""What prospects rest on: weaknesses and what becomes of them, drivers and barriers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max

from kloe.assessment.prospects import ANSWERS
from kloe.assessment.vocabulary import FindingKind
from kloe.core.errors import InvalidInput
from kloe.core.messages import _
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment
from kloe.web.assessments.saving import Saved, StaleWrite, Write, save_versioned
from kloe.web.assessments.trail import trace
from kloe.web.ids import new_id
from kloe.web.judgements.forms import MAX_WEAKNESS
from kloe.web.judgements.models import Factor, Finding, Weakness
from kloe.web.judgements.subjects import PROSPECTS, check_in_scope, subject_of, themes_in_scope
from kloe.web.judgements.writing import add_once, gone, once, text_within
from kloe.web.library.store import Pinned

FACTORS = ("driver", "barrier")
QUESTIONS = ("known", "planned", "capacity")


def _check(assessment: Assessment, pinned: Pinned) -> None:
    """Refuse where no framework of the assessment serves prospects, or all of it is out."""
    check_in_scope(subject_of(pinned, PROSPECTS), themes_in_scope(assessment))


def _next(rows: Any) -> int:
    last = rows.aggregate(last=Max("order"))["last"]
    return 0 if last is None else last + 1


# Weaknesses ----------------------------------------------------------------------------------


def _weakness_values(
    *, text: str, serious: bool, known: str, planned: str, capacity: str, note: str
) -> dict[str, Any]:
    for answer in (known, planned, capacity):
        if answer not in ANSWERS:
            raise InvalidInput(
                _("A weakness has the answer “%(answer)s”.", answer=answer[:40]),
                _("Allowed: yes, in part, no, or nothing yet."),
                _("Choose one of these."),
            )
    note = note.strip()
    return {
        "text": text_within(text, MAX_WEAKNESS, _("text of the weakness")),
        "serious": bool(serious),
        "known": known,
        "planned": planned,
        "capacity": capacity,
        "note": text_within(note, MAX_WEAKNESS, _("note")) if note else "",
    }


def add_weakness(
    *,
    assessment: Assessment,
    pinned: Pinned,
    text: str,
    serious: bool = False,
    known: str = "",
    planned: str = "",
    capacity: str = "",
    note: str = "",
    write: Write,
) -> Saved:
    """Add a weakness of one's own. Sent twice, it stands once.

    :param known: whether they knew it, ``planned`` whether it is in their plan, ``capacity``
        whether they have it: ``yes``, ``in part``, ``no``, or empty.
    :raises InvalidInput: for another answer, or where prospects are not assessed.
    """
    with transaction.atomic():
        _check(assessment, pinned)
        values = _weakness_values(
            text=text, serious=serious, known=known, planned=planned, capacity=capacity, note=note
        )
        return _add_weakness(assessment, values, write, finding=None)


def _add_weakness(
    assessment: Assessment, values: dict[str, Any], write: Write, *, finding: Finding | None
) -> Saved:
    rows = Weakness.objects.filter(assessment=assessment)
    there, write = once(write, values, rows)
    if there is not None:
        return Saved(there, changed=False, replayed=True)
    row = Weakness(assessment=assessment, finding=finding, order=_next(rows), version=0)

    def save() -> Saved:
        return save_versioned(
            assessment=assessment,
            row=row,
            values=values,
            write=write,
            verb="took over weakness" if finding else "added weakness",
            subject_kind="weakness",
            subject=str(row.pk),
            new=True,
        )

    return add_once(save, write, values, rows)


def take_over(
    *, assessment: Assessment, pinned: Pinned, finding: Finding, by: User, request_id: str = ""
) -> Weakness:
    """Make an area for improvement a weakness, in its words; a second time changes nothing.

    One of high priority is taken over as serious.

    :raises InvalidInput: for a finding of another kind.
    """
    if finding.kind != FindingKind.IMPROVEMENT:
        raise InvalidInput(
            _("This finding is no area for improvement."),
            _("Areas for improvement are taken over as weaknesses."),
            _("Add the weakness in your own words instead."),
        )
    with transaction.atomic():
        _check(assessment, pinned)
        there = Weakness.objects.filter(assessment=assessment, finding=finding).first()
        if there is not None:
            return there
        values = _weakness_values(
            text=finding.text[:MAX_WEAKNESS],
            serious=finding.priority == "high",
            known="",
            planned="",
            capacity="",
            note="",
        )
        write = Write(id=new_id(), base_version=0, by=by, request_id=request_id)
        try:
            made: Weakness = _add_weakness(assessment, values, write, finding=finding).row
        except StaleWrite:
            # Somebody else took it over at this very moment.
            made = Weakness.objects.get(assessment=assessment, finding=finding)
    return made


def edit_weakness(
    *, assessment: Assessment, weakness: Weakness, values: Mapping[str, Any], write: Write
) -> Saved:
    """Change a weakness or its answers; fields not given stay.

    :raises InvalidInput: for an empty text or an unknown answer.
    :raises StaleWrite: if somebody else changed it first.
    """
    with transaction.atomic():
        row = Weakness.objects.select_for_update().filter(pk=weakness.pk).first()
        if row is None:
            raise gone()
        given: dict[str, Any] = {
            name: values.get(name, getattr(row, name))
            for name in ("text", "serious", *QUESTIONS, "note")
        }
        return save_versioned(
            assessment=assessment,
            row=row,
            values=_weakness_values(**given),
            write=write,
            verb="changed weakness",
            subject_kind="weakness",
            subject=str(row.pk),
            new=False,
        )


def remove_weakness(*, assessment: Assessment, weakness: Weakness, by: User) -> None:
    """Take a weakness away; what it said stays in the audit trail and the history."""
    with transaction.atomic():
        if not Weakness.objects.filter(pk=weakness.pk).delete()[0]:
            return
        names = ("text", "serious", *QUESTIONS, "note")
        before = {name: getattr(weakness, name) for name in names}
        trace(assessment, by, "removed weakness", "weakness", weakness.pk, before=before)


# Drivers and barriers ------------------------------------------------------------------------


def add_factor(
    *, assessment: Assessment, pinned: Pinned, kind: str, text: str, write: Write
) -> Saved:
    """Add a ``driver`` of improvement or a ``barrier`` to it. Sent twice, it stands once."""
    if kind not in FACTORS:
        raise InvalidInput(
            _("“%(kind)s” is neither a driver nor a barrier.", kind=kind[:40]),
            _("Allowed: %(all)s.", all=", ".join(FACTORS)),
        )
    with transaction.atomic():
        _check(assessment, pinned)
        values = {"kind": kind, "text": text_within(text, MAX_WEAKNESS, _("text"))}
        rows = Factor.objects.filter(assessment=assessment)
        there, write = once(write, values, rows)
        if there is not None:
            return Saved(there, changed=False, replayed=True)
        row = Factor(assessment=assessment, order=_next(rows.filter(kind=kind)), version=0)

        def save() -> Saved:
            return save_versioned(
                assessment=assessment,
                row=row,
                values=values,
                write=write,
                verb=f"added {kind}",
                subject_kind="factor",
                subject=str(row.pk),
                new=True,
            )

        return add_once(save, write, values, rows)


def edit_factor(*, assessment: Assessment, factor: Factor, text: str, write: Write) -> Saved:
    """Change the words of a driver or barrier.

    :raises StaleWrite: if somebody else changed it first.
    """
    with transaction.atomic():
        row = Factor.objects.select_for_update().filter(pk=factor.pk).first()
        if row is None:
            raise gone()
        saved = save_versioned(
            assessment=assessment,
            row=row,
            values={"text": text_within(text, MAX_WEAKNESS, _("text"))},
            write=write,
            verb=f"changed {row.kind}",
            subject_kind="factor",
            subject=str(row.pk),
            new=False,
        )
    return saved


def remove_factor(*, assessment: Assessment, factor: Factor, by: User) -> None:
    """Take a driver or barrier away; what it said stays in the audit trail and the history."""
    with transaction.atomic():
        if not Factor.objects.filter(pk=factor.pk).delete()[0]:
            return
        trace(
            assessment,
            by,
            f"removed {factor.kind}",
            "factor",
            factor.pk,
            before={"kind": factor.kind, "text": factor.text},
        )
