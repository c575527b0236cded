"""Computed indicators as a snapshot holds them: two queries, whatever their number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from kloe.assessment import snapshot as s
from kloe.core.errors import KloeError
from kloe.core.messages import Text
from kloe.core.periods import Period
from kloe.measures.catalogue import catalogue
from kloe.measures.results import Missing
from kloe.web.assessments.models import Assessment
from kloe.web.evidence.models import EvidenceItem, EvidenceLink
from kloe.web.indicators.computed_queries import item_id
from kloe.web.indicators.models import ComputedPlacing, ComputedResult, ComputedSummary


def computed_of(
    assessment: Assessment,
    items: Mapping[Any, EvidenceItem],
    links: Mapping[str, Sequence[EvidenceLink]],
    editions: Mapping[str, Any],
) -> tuple[s.Computed, ...]:
    """Every computed indicator of an assessment, in the order of measures.

    :param items: its evidence by key.
    :param links: links of that by criterion.
    :param editions: what it is assessed against, by identifier.
    """
    themes: dict[Any, dict[str, None]] = defaultdict(dict)
    for placed, theme in ComputedPlacing.objects.filter(assessment=assessment).values_list(
        "summary", "theme"
    ):
        if theme.partition("/")[0] in editions:
            themes[placed][theme] = None
    spoken: dict[Any, list[str]] = defaultdict(list)
    for criterion, those in links.items():
        for held in dict.fromkeys(link.item_id for link in those):
            spoken[held].append(criterion)
    found = []
    for summary in (
        ComputedSummary.objects.filter(assessment=assessment)
        .select_related("result")
        .order_by("measure")
    ):
        item = items.get(item_id(assessment.pk, summary.result_id))
        found.append(
            _one(summary, tuple(themes[summary.pk]), item, tuple(spoken[item.pk]) if item else ())
        )
    return tuple(found)


def _number(text: str | None) -> Decimal | None:
    return Decimal(text) if text else None


def _one(
    summary: ComputedSummary,
    themes: tuple[str, ...],
    item: EvidenceItem | None,
    criteria: tuple[str, ...],
) -> s.Computed:
    row, told = summary.result, summary.told
    target, low, high = [*told.get("target", []), None, None, None][:3]
    numerator, denominator = _words(row)
    return s.Computed(
        measure=row.measure,
        title=Text(told.get("title") or {"en": row.measure}),
        unit=row.unit,
        period=Period(row.period_start, row.period_end),
        as_at=row.as_at,
        version=row.version,
        value=_number(row.value),
        numerator=_number(row.numerator),
        denominator=_number(row.denominator),
        n=row.n,
        hidden=row.level != ComputedResult.Level.ALL,
        missing=tuple(Missing(*one).words for one in row.missing),
        direction=told.get("direction", ""),
        target=_number(target),
        target_low=_number(low),
        target_high=_number(high),
        aim=summary.aim,
        numerator_words=numerator,
        denominator_words=denominator,
        themes=themes,
        evidence=item.number if item else None,
        criteria=criteria,
        definition=row.definition_digest,
        data=row.data_digest,
        engine=row.engine,
    )


def _words(row: ComputedResult) -> tuple[str | Text, str | Text]:
    """What numerator and denominator count, if the measure is still what was computed."""
    try:
        source = catalogue().source(row.measure)
    except KloeError:
        return "", ""
    if source.digest != row.definition_digest:
        return "", ""
    return source.measure.numerator or "", source.measure.denominator or ""
