"""What a measure's figures mean: how sure they are, whether on target, real change or noise.

Works on what may be shown: a figure that is hidden enters no interval, chart or order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import cast

from kloe.core.messages import Message, _
from kloe.core.periods import Period
from kloe.core.stats import Interval, rate_per, wilson
from kloe.measures import spc
from kloe.measures.definitions import Kind, Measure, Target, Unit
from kloe.measures.reading import Attention, Direction, Indicator, Why, by_attention
from kloe.measures.results import shown
from kloe.measures.spans import MONTHS
from kloe.measures.spans import shown as span

QUARTER = 3
FIRST = 4


@dataclass(frozen=True, slots=True)
class Figure:
    """What may be shown of everybody in a period; None where there is nothing or it is hidden."""

    period: Period
    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    n: int | None = None

    @property
    def share(self) -> bool:
        """Whether it counts cases among cases."""
        return (
            self.numerator is not None
            and self.denominator is not None
            and self.denominator == self.n
            and self.numerator == int(self.numerator)
            and 0 <= self.numerator <= self.denominator
        )

    @property
    def rate(self) -> bool:
        """Whether it counts events against cases."""
        return (
            self.numerator is not None
            and self.denominator is not None
            and self.denominator == self.n
            and self.numerator >= 0
            and self.numerator == int(self.numerator)
        )


class Aim(StrEnum):
    """Where a value lies to its target."""

    ON = "on"
    OFF = "off"
    CHANCE = "chance"
    NONE = ""

    @property
    def words(self) -> Message:
        return _AIMS[self]


_AIMS = {
    Aim.ON: _("on target"),
    Aim.OFF: _("off target"),
    Aim.CHANCE: _("off target, by no more than chance gives"),
    Aim.NONE: _("no target"),
}


def quarter_label(period: Period) -> str:
    """A period in a few signs that need no language: 2025/26 Q1, else as elsewhere."""
    year = period.start.year - (period.start.month < FIRST)
    months = (period.end.year - period.start.year) * MONTHS + period.end.month - period.start.month
    if months + 1 == QUARTER and (period.start.month - FIRST) % QUARTER == 0:
        number = (period.start.month - FIRST) % MONTHS // QUARTER + 1
        return f"{year}/{(year + 1) % 100:02} Q{number}"
    return span(period)


def interval_of(measure: Measure, figure: Figure) -> Interval | None:
    """The interval of a rate, in the measure's unit; None for what has none."""
    if measure.kind is not Kind.RATIO or not figure.n or figure.numerator is None:
        return None
    if figure.share:
        found, factor = wilson(int(figure.numerator), figure.n), measure.unit.factor
        return replace(
            found,
            value=_times(found.value, factor),
            low=_times(found.low, factor),
            high=_times(found.high, factor),
        )
    if figure.rate:
        return rate_per(int(figure.numerator), figure.n, per=measure.unit.factor)
    return None


def _times(value: Decimal | None, factor: int) -> Decimal | None:
    return None if value is None else value * factor


def chart_of(measure: Measure, series: Sequence[Figure]) -> spc.Chart | None:
    """The control chart of a series, the earliest first; values in the measure's unit."""
    known = [f for f in series if f.value is not None]
    if not known:
        return None
    better = measure.direction.value if measure.direction.value in ("higher", "lower") else None
    if measure.kind is Kind.RATIO and all(f.share for f in known) and _per_hundred(measure):
        return spc.p_chart(
            [
                (quarter_label(f.period), int(f.numerator or 0), f.n)
                if f.value is not None
                else (quarter_label(f.period), None, None)
                for f in series
            ],
            better=cast("spc.Better", better),
        )
    floor = None if any((f.value or 0) < 0 for f in known) else Decimal(0)
    return spc.xmr(
        [(quarter_label(f.period), f.value) for f in series],
        floor=floor,
        better=cast("spc.Better", better),
        show=lambda value: shown(value, measure.unit),
    )


def _per_hundred(measure: Measure) -> bool:
    return measure.unit is Unit.PERCENT


def scale_of(chart: spc.Chart) -> int:
    """What the chart's values are multiplied with to be in the measure's unit."""
    return 100 if chart.kind == "p" else 1


def target_of(target: Target | None) -> Decimal | tuple[Decimal, Decimal] | None:
    """A target as attention reads it: a bound, or a band of which one bound may lack."""
    if target is None:
        return None
    if target.low is not None or target.high is not None:
        return cast("tuple[Decimal, Decimal]", (target.low, target.high))
    return target.value


def attention(
    measure: Measure,
    figure: Figure,
    chart: spc.Chart | None,
    *,
    hidden: bool = False,
    missing: Message | None = None,
    doubts: int = 0,
) -> Attention:
    """How much a measure calls to be looked at, and why."""
    return by_attention(
        [
            Indicator(
                id=measure.id,
                title=str(measure.title),
                direction=_direction(measure),
                value=figure.value,
                interval=interval_of(measure, figure),
                target=target_of(measure.target),
                chart=chart,
                doubts=doubts,
                missing=missing,
                suppressed=hidden,
            )
        ]
    )[0]


def _direction(measure: Measure) -> Direction:
    return measure.direction.value


def aim_of(measure: Measure, seen: Attention) -> Aim:
    """Whether the value is on target."""
    indicator = seen.indicator
    if indicator.value is None or indicator.suppressed:
        return Aim.NONE
    found = {reason.why for reason in seen.reasons}
    if Why.OFF_TARGET in found:
        return Aim.OFF
    if Why.OFF_TARGET_BY_CHANCE in found:
        return Aim.CHANCE
    bounded = isinstance(indicator.target, tuple) or (
        indicator.target is not None and measure.direction.value in ("higher", "lower")
    )
    return Aim.ON if bounded else Aim.NONE
