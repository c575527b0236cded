"""Judgements, grades and scales as the snapshot holds them."""

from __future__ import annotations

from typing import Any

from kloe.assessment import snapshot as s
from kloe.assessment.suggestion import Suggestion
from kloe.core.errors import InvalidInput, NotFound
from kloe.frameworks import model
from kloe.web.assessments.models import Assessment
from kloe.web.judgements.models import Judgement
from kloe.web.library.store import Pinned

OVERALL = ("service", "prospects")


def grade_of(grade: model.Grade) -> s.Grade:
    """A grade as the snapshot holds it."""
    return s.Grade(grade.key, grade.label, grade.rank, grade.describes)


def scale_of(framework: str, scale: model.Scale) -> s.Scale:
    """A scale as the snapshot holds it."""
    return s.Scale(
        framework, scale.judgement, scale.question, tuple(grade_of(g) for g in scale.grades)
    )


def subject_of(subject: str, pinned: Pinned) -> tuple[str, model.Scale]:
    """What a judgement is of, and the scale it uses.

    :raises NotFound: if the pinned editions have no such subject.
    """
    if subject in OVERALL:
        for framework in (pinned.leading, *pinned.frameworks):
            if subject in framework.scales:
                return subject, framework.scales[subject]
    framework = pinned.framework_of(subject)
    for kloe in framework.kloes:
        scale = framework.scales[kloe.judgement]
        if kloe.id == subject:
            return "kloe", scale
        if any(m.id == subject for m in kloe.main_questions):
            return "main question", scale
    theme = framework.theme(subject)
    return "theme", framework.scales[framework.kloe(theme.kloe_id).judgement]


def _suggestion(stored: Any, scale: model.Scale) -> s.Suggestion | None:
    if not stored:
        return None
    try:
        made = Suggestion.from_json(stored)
    except (InvalidInput, KeyError):
        return None
    rules = made.why + tuple(limit.words for limit in made.limits)
    return s.Suggestion(
        grade=grade_of(scale.grade(made.grade)) if made.grade else None,
        rule=rules or made.short,
        why_not_higher=made.why_not_higher,
        why_not_lower=made.why_not_lower,
    )


def judgements_of(assessment: Assessment, pinned: Pinned) -> tuple[s.Judgement, ...]:
    """Every judgement whose subject the pinned editions have and whose theme is in scope."""
    out = set(assessment.themes.filter(in_scope=False).values_list("theme", flat=True))
    found = []
    for row in Judgement.objects.filter(assessment=assessment).select_related("by").order_by("at"):
        if row.subject in out:
            continue
        try:
            kind, scale = subject_of(row.subject, pinned)
            grade = scale.grade(row.grade)
        except NotFound:
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
                grade=grade_of(grade),
                of=len(scale.grades),
                reasons=row.reasons,
                by=str(row.by or ""),
                at=row.at.date(),
                suggestion=suggestion,
                outcome=outcome,
            )
        )
    return tuple(found)
