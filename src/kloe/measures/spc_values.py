"""What a control chart holds: points, phases with their limits, signals, what they come to.

How the limits are reckoned, and from which publications, is said in :mod:`kloe.measures.spc`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Literal, TypeVar

from kloe.core.messages import Message, _

#: Fewer points than this give no limits.
LEAST = 8
#: Limits from fewer points than this still move with every new one.
SETTLED = 12
#: From the mean moving range to three standard deviations: 3 / 1.128.
NATURAL = Decimal("2.66")
#: Mean range of two values from a normal distribution, in standard deviations.
D2 = Decimal("1.128")
SIDE, TREND = 8, 6

Better = Literal["higher", "lower"] | None
Show = Callable[[Decimal], str]
T = TypeVar("T")


class Rule(StrEnum):
    """What marks a real change."""

    OUTSIDE = "outside"
    SIDE = "eight on one side"
    TREND = "six rising or falling"
    NEAR = "two of three near a limit"


class Verdict(StrEnum):
    """What the latest points say."""

    CHANGE = "real change"
    NOISE = "noise"
    TOO_FEW = "too few points"

    @property
    def words(self) -> Message:
        return _VERDICTS[self]


_VERDICTS = {
    Verdict.CHANGE: _("real change"),
    Verdict.NOISE: _("no more than chance"),
    Verdict.TOO_FEW: _("too few points to tell"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """A change that a person has named: limits are drawn anew from this point on."""

    at: str
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class Signal:
    """A real change: the rule, the points it rests on, and a sentence.

    :param up: whether the values rose.
    """

    rule: Rule
    first: str
    last: str
    up: bool
    message: Message


@dataclass(frozen=True, slots=True)
class Point:
    """A value with the limits that hold for it; None where there is no value or no limit."""

    label: str
    value: Decimal | None
    low: Decimal | None = None
    centre: Decimal | None = None
    high: Decimal | None = None
    phase: int = 0
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Phase:
    """Points between two named changes, with one centre.

    :param used: how many points the limits were computed from.
    :param spread: for rates, how much more they vary than their denominators explain (Laney's
        sigma z); None otherwise.
    :param change: what began it; None for the first.
    """

    first: str
    last: str
    centre: Decimal | None
    used: int
    settled: bool
    change: Change | None = None
    spread: Decimal | None = None
    laney: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """A series with its limits and what stands out in it."""

    kind: Literal["xmr", "p"]
    points: tuple[Point, ...]
    phases: tuple[Phase, ...]
    signals: tuple[Signal, ...]
    verdict: Verdict
    sentence: Message
    notes: tuple[Message, ...]

    @property
    def latest(self) -> tuple[Signal, ...]:
        """The signals that reach the latest value."""
        last = next((p.label for p in reversed(self.points) if p.value is not None), None)
        return tuple(s for s in self.signals if s.last == last)
