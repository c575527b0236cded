"""Judging. Every write here leaves an audit event and a version; findings and what prospects
rest on have their own modules and are named here too.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.utils import timezone

from kloe.assessment.vocabulary import Stage
from kloe.core.errors import InvalidInput
from kloe.core.messages import _
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment, Revision
from kloe.web.assessments.saving import Saved, Write, save_versioned
from kloe.web.ids import new_id
from kloe.web.judgements.findings import (
    add_finding,
    edit_finding,
    remove_finding,
    reorder_findings,
)
from kloe.web.judgements.forms import MAX_REASONS
from kloe.web.judgements.judging import CHANGED, KEPT
from kloe.web.judgements.models import Judgement
from kloe.web.judgements.prospects import (
    add_factor,
    add_weakness,
    edit_factor,
    edit_weakness,
    remove_factor,
    remove_weakness,
    take_over,
)
from kloe.web.judgements.subjects import Subject, check_in_scope, subject_of, themes_in_scope
from kloe.web.judgements.suggesting import suggest
from kloe.web.judgements.writing import text_within, trace
from kloe.web.library.store import Pinned

__all__ = [
    "add_factor",
    "add_finding",
    "add_weakness",
    "decide",
    "dissent",
    "edit_factor",
    "edit_finding",
    "edit_weakness",
    "remove_factor",
    "remove_finding",
    "remove_weakness",
    "reorder_findings",
    "save_provisional",
    "take_over",
    "withdraw_dissent",
]

VERBS = {
    Stage.PROVISIONAL: "judged provisionally",
    Stage.AGREED: "agreed judgement",
    Stage.DISSENT: "dissented",
}


def _save_judgement(
    *,
    assessment: Assessment,
    subject: Subject,
    stage: Stage,
    grade: str,
    reasons: str,
    suggestion: dict[str, Any] | None,
    write: Write,
) -> Saved:
    """Save one judgement as its next version. Call within a transaction."""
    person = {"by": write.by} if stage is Stage.DISSENT else {}
    row = (
        Judgement.objects.select_for_update()
        .filter(assessment=assessment, subject=subject.id, stage=stage.value, **person)
        .first()
    )
    new = row is None
    row = row or Judgement(
        assessment=assessment, subject=subject.id, stage=stage.value, by=write.by, version=0
    )
    name = f"{subject.id}|{stage.value}"
    saved = save_versioned(
        assessment=assessment,
        row=row,
        values={"grade": grade, "reasons": reasons, "suggestion": suggestion},
        write=write,
        verb=VERBS[stage],
        subject_kind="judgement",
        subject=f"{name}|{row.pk}" if stage is Stage.DISSENT else name,
        new=new,
    )
    if saved.changed and not new:
        row.by, row.at = write.by, timezone.now()
        row.save(update_fields=["by", "at"])
    return saved


def _checked(
    assessment: Assessment, pinned: Pinned, subject: str, grade: str, reasons: str
) -> tuple[Subject, str, Collection[str]]:
    """The subject, the reasons, and the themes in scope; or the reason to refuse."""
    found = subject_of(pinned, subject)
    found.grade(grade)
    reasons = text_within(reasons, MAX_REASONS, _("text of the reasons"))
    in_scope = themes_in_scope(assessment)
    check_in_scope(found, in_scope)
    return found, reasons, in_scope


def _suggested(
    assessment: Assessment, pinned: Pinned, subject: Subject, in_scope: Collection[str]
) -> dict[str, Any]:
    """What the rules suggest now, as it is stored: exactly what JSON gives back."""
    made = suggest(assessment, pinned, subject, in_scope=in_scope).to_json()
    found: dict[str, Any] = json.loads(json.dumps(made))
    return found


def save_provisional(
    *,
    assessment: Assessment,
    pinned: Pinned,
    subject: str,
    grade: str,
    reasons: str,
    write: Write,
) -> Saved:
    """Judge first: a grade with reasons, before anything is suggested.

    What the rules suggest at this moment is stored with it.

    :param subject: identifier of a theme, KLOE or main question, ``service`` or ``prospects``.
    :raises InvalidInput: without reasons, with a grade outside the scale, or where nothing the
        subject rests on is in scope.
    :raises StaleWrite: if somebody else judged it first.
    """
    with transaction.atomic():
        found, reasons, in_scope = _checked(assessment, pinned, subject, grade, reasons)
        return _save_judgement(
            assessment=assessment,
            subject=found,
            stage=Stage.PROVISIONAL,
            grade=grade,
            reasons=reasons,
            suggestion=_suggested(assessment, pinned, found, in_scope),
            write=write,
        )


def decide(
    *,
    assessment: Assessment,
    pinned: Pinned,
    subject: str,
    grade: str,
    reasons: str,
    write: Write,
) -> Saved:
    """Agree the grade, having seen what the rules suggest.

    Stored with it: what they suggested, the provisional grade, and whether the suggestion was
    kept or changed (nothing where none could be made).

    :raises InvalidInput: as :func:`save_provisional`, and before a provisional judgement stands.
    :raises StaleWrite: if somebody else agreed another one first.
    """
    with transaction.atomic():
        found, reasons, in_scope = _checked(assessment, pinned, subject, grade, reasons)
        provisional = (
            Judgement.objects.filter(
                assessment=assessment, subject=found.id, stage=Stage.PROVISIONAL.value
            )
            .values_list("grade", flat=True)
            .first()
        )
        if provisional is None:
            raise InvalidInput(
                _("“%(name)s” has no provisional judgement yet.", name=found.name),
                _("A person judges first, with reasons; then the suggestion is seen."),
                _("Save a provisional grade first."),
            )
        suggestion = _suggested(assessment, pinned, found, in_scope)
        suggested = suggestion["grade"]
        suggestion["provisional"] = provisional
        suggestion["outcome"] = "" if not suggested else KEPT if suggested == grade else CHANGED
        return _save_judgement(
            assessment=assessment,
            subject=found,
            stage=Stage.AGREED,
            grade=grade,
            reasons=reasons,
            suggestion=suggestion,
            write=write,
        )


def dissent(
    *,
    assessment: Assessment,
    pinned: Pinned,
    subject: str,
    grade: str,
    reasons: str,
    write: Write,
) -> Saved:
    """Record that a person does not agree, with the grade they would give and why.

    :raises InvalidInput: where nothing is agreed yet, the grade is the one agreed, or it was
        this person who agreed it.
    """
    with transaction.atomic():
        found, reasons, __ = _checked(assessment, pinned, subject, grade, reasons)
        agreed = Judgement.objects.filter(
            assessment=assessment, subject=found.id, stage=Stage.AGREED.value
        ).first()
        if agreed is None:
            raise InvalidInput(
                _("“%(name)s” has no agreed judgement yet.", name=found.name),
                _("One dissents from what was agreed."),
                _("Until then, say it to whoever judges, or judge provisionally."),
            )
        if agreed.by_id == write.by.pk:
            raise InvalidInput(
                _("You agreed this judgement yourself."),
                _("Dissent is recorded from somebody else."),
                _("Change the judgement if you no longer hold it."),
            )
        if agreed.grade == grade:
            raise InvalidInput(
                _("That is the grade that was agreed."),
                _("Who dissents would give another."),
                _("Choose the grade you would give."),
            )
        return _save_judgement(
            assessment=assessment,
            subject=found,
            stage=Stage.DISSENT,
            grade=grade,
            reasons=reasons,
            suggestion=None,
            write=write,
        )


def withdraw_dissent(*, assessment: Assessment, pinned: Pinned, subject: str, by: User) -> bool:
    """Take one's own dissent back; gives whether there was one. It stays in the history."""
    found = subject_of(pinned, subject)
    with transaction.atomic():
        row = (
            Judgement.objects.select_for_update()
            .filter(assessment=assessment, subject=found.id, stage=Stage.DISSENT.value, by=by)
            .first()
        )
        if row is None:
            return False
        values = {"grade": row.grade, "reasons": row.reasons}
        name = f"{found.id}|{Stage.DISSENT.value}|{row.pk}"
        Revision.objects.create(
            assessment=assessment,
            subject_kind="judgement",
            subject=name,
            version=row.version + 1,
            values={**values, "withdrawn": True},
            write_id=new_id(),
            by=by,
        )
        trace(assessment, by, "withdrew dissent", "judgement", name, before=values)
        row.delete()
    return True
