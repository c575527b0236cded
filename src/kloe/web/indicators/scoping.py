"""What is known of each theme before its scope is set, gathered for the proposal."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Max
from django.utils import timezone

from kloe.assessment import scope
from kloe.assessment.positions import PLACED, Position
from kloe.assessment.scope_weights import Weights
from kloe.measures.positions import Standing
from kloe.measures.published import register
from kloe.web.assessments.models import Assessment, CriterionState, Rating
from kloe.web.indicators.queries import latest
from kloe.web.inspections.again import last_times
from kloe.web.library import store

#: The quarters as the proposal names them; where no way is better there is none.
QUARTERS = {
    Standing.BEST.value: "best",
    Standing.BETTER.value: "second",
    Standing.WORSE.value: "third",
    Standing.WORST.value: "worst",
}


def _indicators(assessment: Assessment) -> dict[str, list[scope.IndicatorFact]]:
    found: dict[str, dict[str, scope.IndicatorFact]] = {}
    for row in latest(assessment):
        measure = register().measure(row.measure)
        quarter = QUARTERS.get(row.quarter, "")
        if not quarter:
            continue
        for theme in {p.theme for p in measure.placings}:
            criteria = tuple(
                p.criterion for p in measure.placings if p.theme == theme and p.criterion
            )
            earlier = found.setdefault(theme, {}).get(measure.code)
            # Where populations differ, the worse one counts.
            if earlier is None or _order(quarter) > _order(earlier.quarter):
                found[theme][measure.code] = scope.IndicatorFact(
                    measure=measure.code, title=measure.title, quarter=quarter, criteria=criteria
                )
    return {theme: list(facts.values()) for theme, facts in found.items()}


def _order(quarter: str) -> int:
    return ("best", "second", "third", "worst").index(quarter)


def _last_assessed(assessment: Assessment) -> dict[str, date]:
    """When each theme was last placed in an earlier assessment of the organisation."""
    earlier = Assessment.objects.filter(
        organisation=assessment.organisation_id,
        subject=assessment.subject_id,
        period_end__lt=assessment.period_end,
    ).exclude(pk=assessment.pk)
    rows = (
        CriterionState.objects.filter(
            assessment__in=earlier, position__in=[p.value for p in PLACED]
        )
        .order_by()
        .values("theme")
        .annotate(last=Max("assessment__period_end"))
    )
    return {row["theme"]: row["last"] for row in rows}


def gather(assessment: Assessment) -> list[scope.ThemeFacts]:
    """The facts of every theme, in published order; six queries, four more in a re-inspection."""
    pinned = store.pinned(assessment)
    indicators = _indicators(assessment)
    last = _last_assessed(assessment)
    weak = last_times(assessment)
    known: dict[str, list[scope.KnownFact]] = {}
    for fact in assessment.known.all():
        for theme in fact.themes:
            known.setdefault(theme, []).append(
                scope.KnownFact(kind=fact.kind, source=fact.source, date=fact.date, tone=fact.tone)
            )
    placings: dict[str, dict[str, Any]] = {}
    for criterion, theme, position in Rating.objects.filter(
        assessment=assessment, author=None
    ).values_list("criterion", "theme", "position"):
        placings.setdefault(theme, {})[criterion] = position
    contradicted: dict[str, list[str]] = {}
    for theme, criterion in assessment.states.filter(contradicted=True).values_list(
        "theme", "criterion"
    ):
        contradicted.setdefault(theme, []).append(criterion)
    placed_values = {p.value for p in PLACED}
    facts = []
    for order, theme in enumerate(pinned.themes()):
        mine = placings.get(theme.id, {})
        facts.append(
            scope.ThemeFacts(
                theme=theme.id,
                kloe=theme.kloe_id,
                order=order,
                title=theme.title,
                kloe_title=pinned.kloe(theme.kloe_id).title,
                indicators=tuple(indicators.get(theme.id, ())),
                known=tuple(known.get(theme.id, ())),
                placings=mine,
                titles={c.id: c.title for c in theme.criteria},
                placed=sum(1 for p in mine.values() if p in placed_values) if placings else None,
                in_scope=len(theme.criteria)
                - sum(1 for p in mine.values() if p == Position.NOT_APPLICABLE),
                contradicted=tuple(contradicted.get(theme.id, ())),
                last_assessed=last.get(theme.id),
                weak_last_time=weak.get(theme.id),
            )
        )
    return facts


def propose(assessment: Assessment, weights: Weights | None = None) -> scope.ScopeProposal:
    """The proposal with the assessment's weights, or with others to try."""
    chosen = weights or Weights.from_mapping(assessment.scope_weights)
    return scope.propose(gather(assessment), on=timezone.localdate(), weights=chosen)
