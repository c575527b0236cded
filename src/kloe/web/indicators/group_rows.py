"""What stands beside the groups of gaps, shares and samples, and how the values of one lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext

from kloe.core.periods import Period
from kloe.core.stats import Interval
from kloe.measures import richer
from kloe.measures.definitions import Kind, Measure, Unit
from kloe.measures.representation import Share
from kloe.measures.results import shown
from kloe.measures.spans import shown as span
from kloe.reports import charts
from kloe.web.indicators import drawings
from kloe.web.indicators.computed_queries import rounded_words, value_words
from kloe.web.indicators.models import ComputedResult

LEVEL = ComputedResult.Level
#: Like periods before, shown beside the groups of gaps and shares.
MOST_BEFORE = 3


@dataclass(frozen=True)
class Reading:
    """What is said of a group beside its figure; empty where nothing is."""

    interval: Interval | None = None
    gap: Interval | None = None
    said: str = ""
    loud: bool = False
    cells: tuple[str, ...] = ()


def headings(kind: Kind, unit: Unit) -> tuple[str, ...]:
    """What the further columns of a table of groups are called."""
    if kind is Kind.REPRESENTATION and unit is Unit.RATIO:
        return (gettext("At its share"), gettext("Reading"))
    if kind is Kind.ADEQUACY:
        return (gettext("Needed"), gettext("Lacking"), gettext("Margin reached"))
    return ()


def reading(row: ComputedResult) -> Reading:
    """What stands beside a group that may be shown."""
    kind, unit = Kind(row.kind), Unit(row.unit)
    blank = tuple("" for _heading in headings(kind, unit))
    if row.level != LEVEL.ALL:
        return Reading(cells=blank)
    spread = {k: Decimal(v) for k, v in row.spread.items() if isinstance(v, str)}
    if kind is Kind.REPRESENTATION and blank:
        share = richer.share_said(spread)
        if share is None:
            return Reading(cells=blank)
        return Reading(
            interval=Interval(Decimal(row.value or 0), spread["low"], spread["high"]),
            loud=share in (Share.UNDER, Share.OVER),
            cells=(_count(spread["expected"]), str(share.words)),
        )
    if kind is Kind.ADEQUACY and "needed" in spread:
        margin = spread.get("margin")
        return Reading(
            loud=spread["short"] > 0,
            cells=(
                rounded_words(str(spread["needed"])),
                rounded_words(str(spread["short"])) if spread["short"] else gettext("none"),
                "" if margin is None else shown(margin, Unit.POINTS),
            ),
        )
    if kind is Kind.GAP and "apart" in spread:
        gap = Interval(spread["apart"], spread.get("apart_low"), spread.get("apart_high"))
        return Reading(gap=gap, loud=not gap.holds(Decimal(0)))
    return Reading(cells=blank)


def _count(value: Decimal) -> str:
    """How many there would be: to one decimal where it is few."""
    return f"{value:,.1f}" if value < 100 else f"{value:,.0f}"


def earlier(
    here: Period, rows: Sequence[ComputedResult]
) -> tuple[tuple[Period, ...], dict[tuple[str, str, Period], ComputedResult]]:
    """The like periods before one that have groups, the latest first, and those groups."""
    found = {
        (r.grouping, r.group, Period(r.period_start, r.period_end)): r
        for r in rows
        if r.grouping and r.period_end < here.start
    }
    periods = sorted({key[2] for key in found}, reverse=True)[:MOST_BEFORE]
    return tuple(periods), found


def before_words(row: ComputedResult | None) -> str:
    """A group's figure in an earlier period."""
    if row is None:
        return "–"
    if row.level != LEVEL.ALL:
        return gettext("hidden")
    return value_words(row.value, row.unit) or gettext("no cases")


def period_heading(period: Period) -> str:
    """A period at the head of a column."""
    return span(period)


# How values lie


@dataclass(frozen=True)
class Lying:
    """The values of a distribution, as bars."""

    rows: tuple[tuple[str, str, str], ...]
    chart: charts.Distribution

    @property
    def drawing(self) -> drawings.Drawing | None:
        return drawings.found(self.chart)


def lying(measure: Measure, row: ComputedResult | None) -> Lying | None:
    """How the values lie, where they may be shown and are enough to draw."""
    if row is None or row.level != LEVEL.ALL:
        return None
    raw = row.spread.get("bars")
    if not raw:
        return None
    bars = [richer.Bar.from_list(one) for one in raw]
    total = sum(b.count for b in bars)
    named = [charts.Bar(bar_words(b), b.count) for b in bars]
    return Lying(
        tuple(
            (n.label, f"{n.count:,}", shown(Decimal(n.count * 100) / total, Unit.PERCENT))
            for n in named
        ),
        drawings.distribution(measure, named),
    )


def bar_words(bar: richer.Bar) -> str:
    """Which values a bar holds."""
    low = rounded_words(str(bar.low))
    if bar.below is None:
        return gettext("%(low)s and over") % {"low": low}
    if not bar.whole:
        return gettext("%(low)s to under %(below)s") % {
            "low": low,
            "below": rounded_words(str(bar.below)),
        }
    last = bar.below - 1
    if last == bar.low:
        return low
    return gettext("%(low)s to %(high)s") % {"low": low, "high": rounded_words(str(last))}
