"""Reading the results beside an assessment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from django.utils.safestring import SafeString, mark_safe

from kloe.core.messages import Text
from kloe.frameworks.model import Theme
from kloe.measures import spread
from kloe.measures.positions import Position, count, rounded, shown
from kloe.measures.published import Measure, Placing, register
from kloe.web.assessments.models import Assessment
from kloe.web.indicators.models import IndicatorResult
from kloe.web.indicators.rows import position_of, strip_of
from kloe.web.library.store import Pinned

BEST, WORST = "best", "worst"


@dataclass(frozen=True)
class Shown:
    """A result as a page shows it: figure, place among peers, picture and table."""

    row: IndicatorResult
    position: Position
    #: Criteria of the theme it speaks to; empty where it speaks to the theme as a whole.
    criteria: frozenset[str] = field(default_factory=frozenset)
    how: tuple[Text, ...] = ()

    @property
    def measure(self) -> Measure:
        return self.position.measure

    @property
    def value(self) -> str:
        value = self.position.value
        return "" if value is None else shown(value, self.measure)

    @property
    def parts(self) -> tuple[str, str] | None:
        """Numerator and denominator as people read them."""
        one, other = self.position.numerator, self.position.denominator
        return None if one is None or other is None else (count(one), count(other))

    @property
    def strip(self) -> SafeString:
        # The picture is drawn by us; every word in it is escaped there.
        return mark_safe(strip_of(self.row.pk, self.position))  # noqa: S308

    @property
    def table(self) -> tuple[tuple[object, str], ...]:
        return spread.table(self.position)

    @property
    def quartiles(self) -> tuple[str, str, str] | None:
        """Lower quartile, median and upper quartile as people read them."""
        peers, places = self.position.spread, self.measure.decimals
        if peers is None:
            return None
        return rounded(peers.q1, places), rounded(peers.median, places), rounded(peers.q3, places)

    @property
    def quarter(self) -> str:
        return self.row.quarter


def latest(assessment: Assessment, measures: Iterable[str] | None = None) -> list[IndicatorResult]:
    """The newest row of each measure and population, in the register's order: one query."""
    rows = IndicatorResult.objects.filter(assessment=assessment)
    if measures is not None:
        rows = rows.filter(measure__in=list(measures))
    newest: dict[tuple[str, str], IndicatorResult] = {}
    for row in rows.order_by("computed_at"):
        newest[row.measure, row.population] = row
    order = register().order
    return sorted(newest.values(), key=lambda r: (order(r.measure), r.population))


@lru_cache(maxsize=512)
def _speaking(theme: str) -> tuple[tuple[Measure, tuple[Placing, ...]], ...]:
    return register().for_theme(theme)


def for_theme(assessment: Assessment, theme: Theme) -> list[Shown]:
    """The results that speak to a theme or its criteria: one query, none where no measure does."""
    speaking = _speaking(theme.id)
    if not speaking:
        return []
    placings = {m.code: p for m, p in speaking}
    known = {c.id for c in theme.criteria}
    return [
        Shown(
            row,
            position_of(row),
            frozenset(p.criterion for p in placings[row.measure] if p.criterion in known),
            tuple(p.how for p in placings[row.measure]),
        )
        for row in latest(assessment, placings)
    ]


def everything(assessment: Assessment) -> list[Shown]:
    """All results, with every criterion they speak to."""
    return [
        Shown(
            row,
            position_of(row),
            frozenset(p.criterion for p in register().measure(row.measure).placings if p.criterion),
            tuple(p.how for p in register().measure(row.measure).placings),
        )
        for row in latest(assessment)
    ]


def quarters_by_theme(assessment: Assessment, pinned: Pinned) -> dict[str, tuple[int, int]]:
    """How many measures speak to each theme from the best and the worst quarter of peers.

    A measure counts once for a theme, whatever the number of populations and criteria.
    """
    found: dict[str, dict[str, str]] = {}
    placed = {m.code: {p.theme for p in m.placings} for m in register().measures}
    rows = IndicatorResult.objects.filter(assessment=assessment).order_by("computed_at")
    newest: dict[tuple[str, str], str] = {}
    for measure, population, quarter in rows.values_list("measure", "population", "quarter"):
        newest[measure, population] = quarter
    for (measure, _population), quarter in newest.items():
        if quarter in {BEST, WORST}:
            for theme in placed.get(measure, ()):
                measures = found.setdefault(theme, {})
                # Where populations differ, the worse one counts.
                if measures.get(measure) != WORST:
                    measures[measure] = quarter
    return {
        theme: (
            sum(1 for q in measures.values() if q == BEST),
            sum(1 for q in measures.values() if q == WORST),
        )
        for theme, measures in found.items()
    }
