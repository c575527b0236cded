"""Judgements, grades and scales as the snapshot holds them."""

from __future__ import annotations

from typing import Any

from kloe.assessment import snapshot as s
from kloe.assessment import snapshot_filling as filling
from kloe.assessment.suggestion import Suggestion
from kloe.core.errors import InvalidInput, NotFound
from kloe.frameworks import model
from kloe.web.assessments.models import Assessment
from kloe.web.judgements.models import Judgement
from kloe.web.library.store import Pinned

OVERALL = ("service", "prospects")


def subject_of(subject: str, pinned: Pinned) -> tuple[str, s.Scale]:
    """What a judgement is of, and the scale it uses.

    :raises NotFound: if the pinned editions have no such subject.
    """
    if subject in OVERALL:
        for framework in (pinned.leading, *pinned.frameworks):
            if subject in framework.scales:
                return subject, _scale(framework, subject)
    framework = pinned.framework_of(subject)
    for kloe in framework.kloes:
        if kloe.id == subject:
            return "kloe", _scale(framework, kloe.judgement)
        if any(m.id == subject for m in kloe.main_questions):
            return "main question", _scale(framework, kloe.judgement)
    theme = framework.theme(subject)
    return "theme", _scale(framework, framework.kloe(theme.kloe_id).judgement)


def _scale(framework: model.Framework, judgement: str) -> s.Scale:
    return next(x for x in filling.scales_of(framework) if x.judgement == judgement)


def _suggestion(stored: Any, scale: s.Scale) -> s.Suggestion | None:
    if not stored:
        return None
    try:
        return filling.suggestion_of(Suggestion.from_json(stored), scale)
    except (InvalidInput, KeyError):
        return None


def judgements_of(assessment: Assessment, pinned: Pinned) -> tuple[s.Judgement, ...]:
    """Every judgement whose subject the pinned editions have and whose theme is in scope."""
    out = set(assessment.themes.filter(in_scope=False).values_list("theme", flat=True))
    found = []
    for row in Judgement.objects.filter(assessment=assessment).select_related("by").order_by("at"):
        if row.subject in out:
            continue
        try:
            kind, scale = subject_of(row.subject, pinned)
        except NotFound:
            continue
        grade = filling.grade_of(scale, row.grade)
        if grade is None:
            continue
        suggestion = _suggestion(row.suggestion, scale)
        outcome = ""
        if suggestion and suggestion.grade and row.stage == "agreed":
            outcome = "kept" if suggestion.grade.key == row.grade else "changed"
        found.append(
            s.Judgement(
                subject=row.subject,
                subject_kind=kind,
                stage=row.stage,
                grade=grade,
                of=len(scale.grades),
                reasons=row.reasons,
                by=str(row.by or ""),
                at=row.at.date(),
                suggestion=suggestion,
                outcome=outcome,
            )
        )
    return tuple(found)
