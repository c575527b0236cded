"""Earlier inspections beside this one: those given the same grade, and the grades next to it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Q, QuerySet

from kloe.assessment.limits import AppliedLimit
from kloe.assessment.stages import TOLD
from kloe.assessment.vocabulary import AssessmentKind, FindingKind, Stage
from kloe.frameworks.model import Grade
from kloe.web.access import AssessmentAccess, closed_to, visible_assessments
from kloe.web.assessments.models import Assessment
from kloe.web.judgements.judging import Spread, show, stored_suggestion
from kloe.web.judgements.models import Finding, Judgement
from kloe.web.judgements.subjects import Subject

#: So many inspections stand beside a grade, the newest first, each with so many findings.
MOST, MOST_FINDINGS = 3, 3
#: Mock inspections are a landlord's own affair; what inspectors judged is compared.
KINDS = (AssessmentKind.INSPECTION.value, AssessmentKind.RE_INSPECTION.value)
_ORDER = {"high": 0, "medium": 1, "low": 2, "": 3}


@dataclass(frozen=True)
class Compared:
    """One earlier inspection, as it was agreed."""

    judgement: Judgement
    assessment: Assessment
    grade: Grade
    spread: Spread
    limits: tuple[AppliedLimit, ...]
    strengths: list[str] = field(default_factory=list)
    weaknesses: list[str] = field(default_factory=list)
    #: Where it may be read in full; empty where the reader may not.
    url: str = ""
    #: The same landlord, at another time.
    same_landlord: bool = False


@dataclass(frozen=True)
class Group:
    """The inspections that were given one grade."""

    grade: Grade
    #: ``same``, ``up`` or ``down``.
    where: str
    rows: list[Compared]
    #: How many there are in all.
    total: int


def _open(access: AssessmentAccess) -> QuerySet[Assessment, Any]:
    """Identifiers of the assessments whose working papers the reader may open."""
    shut = closed_to(access.user).values("assessment")
    return visible_assessments(access.user).exclude(pk__in=shut).order_by().values("pk")


def _candidates(access: AssessmentAccess, subject: Subject, keys: Collection[str]) -> list[Any]:
    """Agreed judgements on the subject, of inspections that may be held against it: one query."""
    mine = access.assessment
    return list(
        Judgement.objects.filter(
            subject=subject.id,
            stage=Stage.AGREED.value,
            grade__in=list(keys),
            assessment__kind__in=KINDS,
            assessment__inspection__stage__in=[s.value for s in TOLD],
        )
        .filter(Q(assessment__organisation=mine.organisation_id) | Q(assessment__in=_open(access)))
        .exclude(assessment=mine.pk)
        .exclude(assessment__inspection=None)
        .select_related("assessment__organisation", "assessment__subject")
        .order_by(F("at").desc(), "pk")
    )


def beside(access: AssessmentAccess, subject: Subject, grade: Grade) -> list[Group]:
    """Earlier inspections given this grade, then the next one up and down: three queries.

    Those the inspecting organisation conducted, and those the reader may see; published ones
    only, so that nothing under way is compared with.
    """
    scale = subject.scale
    near = {g.rank - grade.rank: g for g in scale.grades if abs(g.rank - grade.rank) <= 1}
    wanted = [(where, near[d]) for where, d in (("same", 0), ("up", 1), ("down", -1)) if d in near]
    rows = _candidates(access, subject, [g.key for _w, g in wanted])
    chosen = {g.key: [r for r in rows if r.grade == g.key] for _where, g in wanted}
    shown = [r for found in chosen.values() for r in found[:MOST]]
    told = _findings(subject, [r.assessment_id for r in shown]) if shown else {}
    seen = _open_to(access, [r.assessment_id for r in shown]) if shown else set()
    return [
        Group(
            g,
            where,
            [
                _compared(access, subject, r, told.get(r.assessment_id, []), seen)
                for r in chosen[g.key][:MOST]
            ],
            len(chosen[g.key]),
        )
        for where, g in wanted
    ]


def _findings(subject: Subject, assessments: Collection[Any]) -> dict[Any, list[Finding]]:
    """Strengths and areas for improvement on the subject's themes, by assessment: one query."""
    found: dict[Any, list[Finding]] = {}
    kinds = (FindingKind.STRENGTH.value, FindingKind.IMPROVEMENT.value)
    rows = Finding.objects.filter(
        assessment__in=assessments, theme__in=subject.themes, kind__in=kinds
    ).only("assessment_id", "theme", "kind", "text", "priority", "order")
    for row in sorted(rows, key=lambda f: (_ORDER.get(f.priority, 3), f.theme, f.order)):
        found.setdefault(row.assessment_id, []).append(row)
    return found


def _open_to(access: AssessmentAccess, assessments: Collection[Any]) -> set[Any]:
    """Of these, the ones the reader may open: one query."""
    return set(_open(access).filter(pk__in=assessments).values_list("pk", flat=True))


def _compared(
    access: AssessmentAccess,
    subject: Subject,
    row: Judgement,
    findings: Iterable[Finding],
    seen: Collection[Any],
) -> Compared:
    stored = stored_suggestion(row)
    shown = show(stored, subject) if stored else None
    by_kind: dict[str, list[str]] = {}
    for one in findings:
        by_kind.setdefault(one.kind, []).append(one.text)
    assessment = row.assessment
    return Compared(
        row,
        assessment,
        subject.grade(row.grade),
        shown.spread if shown else [],
        stored.limits if stored else (),
        by_kind.get(FindingKind.STRENGTH.value, [])[:MOST_FINDINGS],
        by_kind.get(FindingKind.IMPROVEMENT.value, [])[:MOST_FINDINGS],
        subject.url(assessment.pk) if assessment.pk in seen else "",
        assessment.landlord_id == access.assessment.landlord_id,
    )
