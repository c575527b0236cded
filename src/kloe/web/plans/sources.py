"""What could become part of the plan: findings, recommendations and indicators nobody answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kloe.measures.outlook import Aim
from kloe.web.indicators import computed_queries
from kloe.web.indicators.computed_queries import Line
from kloe.web.indicators.models import ComputedSummary
from kloe.web.judgements.models import Finding
from kloe.web.organisations.models import Organisation
from kloe.web.plans.models import Action, Recommendation
from kloe.web.plans.reach import assessments_of, improvements_of

#: Of each kind the page shows so many; the rest is behind what is done with these.
SHOWN = 30


@dataclass(frozen=True)
class Sources:
    """What no action answers yet, of each kind."""

    findings: list[Finding]
    more_findings: int
    recommendations: list[Recommendation]
    more_recommendations: int
    assessment: Any
    indicators: list[Line]


def of(organisation: Organisation) -> Sources:
    """What could become part of the plan, in a fixed number of queries."""
    free = (
        improvements_of(organisation)
        .filter(recommendations=None)
        .exclude(
            pk__in=Action.objects.filter(organisation=organisation, finding__isnull=False).values(
                "finding"
            )
        )
    )
    order = {"high": 0, "medium": 1, "low": 2}
    found = sorted(
        free.order_by("-assessment__created_at", "theme", "order")[: SHOWN * 10],
        key=lambda f: order.get(f.priority, 3),
    )
    accepted = Recommendation.objects.filter(
        organisation=organisation, accepted=True, actions=None, implemented_on=None
    ).order_by("due_on", "made_on")
    waiting = list(accepted[: SHOWN + 1])
    assessment, lines = _off_target(organisation)
    return Sources(
        findings=found[:SHOWN],
        more_findings=max(len(found) - SHOWN, 0),
        recommendations=waiting[:SHOWN],
        more_recommendations=max(len(waiting) - SHOWN, 0),
        assessment=assessment,
        indicators=lines[:SHOWN],
    )


def _off_target(organisation: Organisation) -> tuple[Any, list[Line]]:
    """The indicators off target in the newest assessment that has any."""
    newest = (
        ComputedSummary.objects.filter(assessment__in=assessments_of(organisation))
        .select_related("assessment")
        .order_by("-assessment__period_end", "-assessment__created_at")
        .first()
    )
    if newest is None:
        return None, []
    answered = set(
        Action.objects.filter(organisation=organisation)
        .exclude(indicator="")
        .values_list("indicator", flat=True)
    )
    off = ComputedSummary.objects.filter(assessment=newest.assessment, aim=Aim.OFF.value).exclude(
        measure__startswith="integrity/"
    )
    wanted = [m for m in off.values_list("measure", flat=True) if m not in answered]
    return newest.assessment, computed_queries.some(newest.assessment, wanted[:SHOWN])
