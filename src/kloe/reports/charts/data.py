"""What a chart shows, as values and the words for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from kloe.measures import spc


@dataclass(frozen=True, slots=True)
class Target:
    """What is aimed at: one bound or two, in words too."""

    words: str
    low: Decimal | None = None
    high: Decimal | None = None

    @property
    def bounds(self) -> tuple[Decimal, ...]:
        return tuple(b for b in (self.low, self.high) if b is not None)


@dataclass(frozen=True, slots=True)
class Peers:
    """The middle half of a group of peers; ``words`` say which, and from where to where."""

    words: str
    q1: Decimal
    median: Decimal
    q3: Decimal


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """A period's value, in words too, with the limits that hold for it."""

    label: str
    value: Decimal | None
    words: str = ""
    low: Decimal | None = None
    centre: Decimal | None = None
    high: Decimal | None = None
    stands_out: bool = False


@dataclass(frozen=True, slots=True)
class Trend:
    """Values over periods.

    :param unit: what the values are counted in, beside the axis.
    :param says: sentences for the description: the verdict, and each signal.
    """

    title: str
    unit: str
    points: tuple[TrendPoint, ...]
    target: Target | None = None
    peers: Peers | None = None
    says: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """A group's value with its interval; ``apart`` where it differs by more than chance."""

    label: str
    value: Decimal
    words: str = ""
    low: Decimal | None = None
    high: Decimal | None = None
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Groups set beside each other and beside all."""

    title: str
    unit: str
    groups: tuple[Group, ...]
    everybody: Decimal | None = None
    everybody_words: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """How many cases have a value."""

    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Distribution:
    """Cases by value, in the order given."""

    title: str
    unit: str
    bars: tuple[Bar, ...]


Chart = Trend | Breakdown | Distribution


def trend_of(
    chart: spc.Chart,
    *,
    title: str,
    unit: str,
    show: Callable[[Decimal], str],
    times: int = 1,
    target: Target | None = None,
    peers: Peers | None = None,
) -> Trend:
    """The drawing of a control chart.

    :param show: a value with its unit, in words.
    :param times: what the chart's values are multiplied with to be in the unit shown.
    """

    def scaled(value: Decimal | None) -> Decimal | None:
        return None if value is None else value * times

    points = tuple(
        TrendPoint(
            p.label,
            scaled(p.value),
            "" if p.value is None else show(p.value * times),
            scaled(p.low),
            scaled(p.centre) if p.low is not None else None,
            scaled(p.high),
            bool(p.rules),
        )
        for p in chart.points
    )
    says = (str(chart.sentence), *(str(s.message) for s in chart.signals))
    return Trend(title, unit, points, target, peers, tuple(dict.fromkeys(says)))
