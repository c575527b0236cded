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
from kloe.web.assessments.trail import trace
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
from kloe.web.judgements.writing import stage_of, text_within
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
    "save_agreed",
    "save_proposed",
    "save_provisional",
    "take_back",
    "take_over",
    "withdraw_dissent",
]

VERBS = {
    Stage.PROVISIONAL: "judged provisionally",
    Stage.PROPOSED: "proposed judgement",
    Stage.AGREED: "agreed judgement",
    Stage.DISSENT: "dissented",
}


def versions_of(row: Judgement) -> str:
    """How the versions of a row are named.

    What can be taken away and made anew carries the row, so that its versions begin anew too.
    """
    name = f"{row.subject}|{row.stage}"
    fixed = row.stage == Stage.PROVISIONAL or (
        row.stage == Stage.AGREED and not (row.suggestion or {}).get("proposed_by")
    )
    return name if fixed else f"{name}|{row.pk}"


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
        assessment=assessment,
        subject=subject.id,
        stage=stage.value,
        by=write.by,
        version=0,
        suggestion=suggestion,
    )
    saved = save_versioned(
        assessment=assessment,
        row=row,
        values={"grade": grade, "reasons": reasons, "suggestion": suggestion},
        write=write,
        verb=VERBS[stage],
        subject_kind="judgement",
        subject=versions_of(row),
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


def _having_seen(
    assessment: Assessment,
    pinned: Pinned,
    subject: str,
    stage: Stage,
    grade: str,
    reasons: str,
    write: Write,
) -> Saved:
    """Save a judgement made after the suggestion was seen."""
    with transaction.atomic():
        found, reasons, in_scope = _checked(assessment, pinned, subject, grade, reasons)
        return _save_judgement(
            assessment=assessment,
            subject=found,
            stage=stage,
            grade=grade,
            reasons=reasons,
            suggestion=_seen(assessment, pinned, found, in_scope, grade),
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

    :raises InvalidInput: as :func:`save_provisional`, before a provisional judgement stands, and
        in an inspection, where a moderator agrees.
    :raises StaleWrite: if somebody else agreed another one first.
    """
    if stage_of(assessment):
        raise InvalidInput(
            _("In an inspection nobody agrees a grade alone."),
            _("Whoever leads proposes it; a moderator who did not propose it agrees it."),
            _("Propose the grade; the moderator finds it under “Moderation”."),
        )
    return _having_seen(assessment, pinned, subject, Stage.AGREED, grade, reasons, write)


def save_proposed(
    *,
    assessment: Assessment,
    pinned: Pinned,
    subject: str,
    grade: str,
    reasons: str,
    write: Write,
) -> Saved:
    """Propose the grade to the moderator, having seen what the rules suggest.

    The rules of moderation, and its record, are :mod:`kloe.web.moderation.actions`'s.

    :raises InvalidInput: as :func:`save_provisional`, and before a provisional judgement stands.
    :raises StaleWrite: if somebody else proposed another one first.
    """
    return _having_seen(assessment, pinned, subject, Stage.PROPOSED, grade, reasons, write)


def save_agreed(
    *, assessment: Assessment, pinned: Pinned, proposed: Judgement, write: Write
) -> Saved:
    """Let a proposed grade stand as agreed, with the reasons it was proposed with."""
    with transaction.atomic():
        found, reasons, in_scope = _checked(
            assessment, pinned, proposed.subject, proposed.grade, proposed.reasons
        )
        seen = _seen(assessment, pinned, found, in_scope, proposed.grade)
        seen["proposed_by"] = str(proposed.by_id or "")
        return _save_judgement(
            assessment=assessment,
            subject=found,
            stage=Stage.AGREED,
            grade=proposed.grade,
            reasons=reasons,
            suggestion=seen,
            write=write,
        )


def take_back(*, judgement: Judgement, reason: str, by: User | None) -> None:
    """Take a proposed or agreed judgement, or a dissent, away; it stays in the history."""
    with transaction.atomic():
        values = {"grade": judgement.grade, "reasons": judgement.reasons}
        name = versions_of(judgement)
        Revision.objects.create(
            assessment=judgement.assessment,
            subject_kind="judgement",
            subject=name,
            version=judgement.version + 1,
            values={**values, "withdrawn": True, "why": reason},
            write_id=new_id(),
            by=by,
        )
        verb = "withdrew dissent" if judgement.stage == Stage.DISSENT else "took judgement back"
        trace(
            judgement.assessment,
            by,
            verb,
            kind="judgement",
            subject=name,
            before=values,
            **({"after": {"reason": reason}} if reason else {}),
        )
        judgement.delete()


def _seen(
    assessment: Assessment,
    pinned: Pinned,
    found: Subject,
    in_scope: Collection[str],
    grade: str,
) -> dict[str, Any]:
    """What stands with a grade: the suggestion, the provisional grade, kept or changed.

    :raises InvalidInput: before a provisional judgement stands.
    """
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
    return suggestion


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
        take_back(judgement=row, reason="", by=by)
    return True
