"""Which indicators to look at first, and why.

Points only add up, as in the proposal of a scope: what speaks for an indicator does not make up
for what speaks against it. The order is a proposal; every reason is given in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from kloe.core.messages import Message, _
from kloe.core.stats import Interval
from kloe.measures.positions import Standing
from kloe.measures.spc import Chart, Verdict

Direction = Literal["higher", "lower", "band", "closer_to_one", "context"]

#: What each reason counts. The same scale as the weights of the proposal of a scope.
WEIGHTS: Mapping[str, int] = {
    "off_target": 40,
    "worse": 30,
    "worst_quarter": 25,
    "in_doubt": 15,
    "off_target_by_chance": 12,
    "out_of_line": 12,
    "moved": 10,
    "third_quarter": 8,
    "not_computable": 6,
}


OFF = _("It is off its target.")
OFF_SURELY = _("It is off its target by more than chance gives.")
OFF_BY_CHANCE = _("It is off its target, but by no more than chance gives.")
#: What a mark beside the target says already.
OFF_SENTENCES = frozenset(m.msgid for m in (OFF, OFF_SURELY, OFF_BY_CHANCE))


class Why(StrEnum):
    """What calls for attention."""

    OFF_TARGET = "off_target"
    WORSE = "worse"
    WORST_QUARTER = "worst_quarter"
    IN_DOUBT = "in_doubt"
    OFF_TARGET_BY_CHANCE = "off_target_by_chance"
    OUT_OF_LINE = "out_of_line"
    MOVED = "moved"
    THIRD_QUARTER = "third_quarter"
    NOT_COMPUTABLE = "not_computable"


@dataclass(frozen=True, slots=True)
class Indicator:
    """What is known of an indicator in its latest period.

    :param value: None where it could not be computed; then ``missing`` says what lacks.
    :param interval: what the value could be by chance, where that is known.
    :param target: the landlord's own; a pair is a band, both bounds included.
    :param chart: its control chart.
    :param standing: in which quarter of its peers it lies.
    :param doubts: integrity tests that found something in the tables it rests on.
    :param suppressed: hidden for being small: it is never ranked by what it hides.
    """

    id: str
    title: str
    direction: Direction = "context"
    value: Decimal | None = None
    interval: Interval | None = None
    target: Decimal | tuple[Decimal, Decimal] | None = None
    chart: Chart | None = None
    standing: Standing | None = None
    doubts: int = 0
    missing: Message | None = None
    suppressed: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that calls for attention, what it counts, and the sentence for it."""

    why: Why
    points: int
    message: Message


@dataclass(frozen=True, slots=True)
class Attention:
    """An indicator with its place in the order.

    :param distance: how far the value lies from its target, in parts of the target; orders
        those with the same points.
    :param verdict: real change or noise, where there is a chart.
    """

    indicator: Indicator
    points: int
    reasons: tuple[Reason, ...]
    distance: Decimal
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True)
class _Target:
    low: Decimal | None = field(default=None)
    high: Decimal | None = field(default=None)

    def off(self, value: Decimal) -> Decimal:
        """How far a value lies outside; nought inside."""
        if self.low is not None and value < self.low:
            return self.low - value
        if self.high is not None and value > self.high:
            return value - self.high
        return Decimal(0)

    def surely_off(self, value: Decimal, interval: Interval | None) -> bool:
        """Whether the whole interval lies outside, on the value's side."""
        if interval is None:
            return True
        if self.low is not None and value < self.low:
            return interval.high is not None and interval.high < self.low
        return self.high is not None and interval.low is not None and interval.low > self.high


def by_attention(
    indicators: Iterable[Indicator], weights: Mapping[str, int] = WEIGHTS
) -> tuple[Attention, ...]:
    """The indicators, those that need looking at first.

    By points; then by how far off target; then by identifier, so that the order they come in
    never matters.
    """
    found = [_look(indicator, weights) for indicator in indicators]
    return tuple(sorted(found, key=lambda a: (-a.points, -a.distance, a.indicator.id)))


def _look(indicator: Indicator, weights: Mapping[str, int]) -> Attention:
    verdict = indicator.chart.verdict if indicator.chart is not None else None
    if indicator.suppressed:
        return Attention(indicator, 0, (), Decimal(0))
    found: list[tuple[Why, Message]] = []
    distance = Decimal(0)
    if indicator.value is None:
        found.append((Why.NOT_COMPUTABLE, indicator.missing or _("It could not be computed.")))
    else:
        off = _off_target(indicator, indicator.value)
        if off is not None:
            why, message, distance = off
            found.append((why, message))
        found += _against_peers(indicator)
        found += _moved(indicator)
    if indicator.doubts:
        found.append(
            (
                Why.IN_DOUBT,
                Message(
                    "A test of the records it rests on found something.",
                    plural="%(n)d tests of the records it rests on found something.",
                    n=indicator.doubts,
                ),
            )
        )
    reasons = tuple(
        sorted(
            (Reason(why, weights.get(why.value, 0), message) for why, message in found),
            key=lambda r: (-r.points, r.why),
        )
    )
    return Attention(indicator, sum(r.points for r in reasons), reasons, distance, verdict)


def _target(indicator: Indicator) -> _Target | None:
    target = indicator.target
    if isinstance(target, tuple):
        return _Target(*target)
    if target is None:
        return None
    if indicator.direction == "higher":
        return _Target(low=target)
    if indicator.direction == "lower":
        return _Target(high=target)
    # A single number is no band, and one to be near to says nothing of how near.
    return None


def _off_target(indicator: Indicator, value: Decimal) -> tuple[Why, Message, Decimal] | None:
    target = _target(indicator)
    if target is None or not (off := target.off(value)):
        return None
    bounds = [b for b in (target.low, target.high) if b]
    scale = max((abs(b) for b in bounds), default=Decimal(1))
    if target.surely_off(value, indicator.interval):
        message = OFF
        if indicator.interval is not None:
            message = OFF_SURELY
        return Why.OFF_TARGET, message, off / scale
    message = OFF_BY_CHANCE
    return Why.OFF_TARGET_BY_CHANCE, message, off / scale


def _against_peers(indicator: Indicator) -> list[tuple[Why, Message]]:
    standing = indicator.standing
    if standing is Standing.WORST:
        return [(Why.WORST_QUARTER, _("It lies in the worst quarter of its peers."))]
    if standing is Standing.WORSE:
        return [(Why.THIRD_QUARTER, _("It is short of the median of its peers."))]
    if standing is Standing.HIGHEST:
        return [(Why.OUT_OF_LINE, _("It lies in the highest quarter of its peers."))]
    if standing is Standing.LOWEST:
        return [(Why.OUT_OF_LINE, _("It lies in the lowest quarter of its peers."))]
    return []


def _moved(indicator: Indicator) -> list[tuple[Why, Message]]:
    """The latest real change, unless it is for the better."""
    if indicator.chart is None or not indicator.chart.latest:
        return []
    signal = indicator.chart.latest[0]
    if indicator.direction == "higher":
        worse = [s for s in indicator.chart.latest if not s.up]
    elif indicator.direction == "lower":
        worse = [s for s in indicator.chart.latest if s.up]
    else:
        return [(Why.MOVED, signal.message)]
    return [(Why.WORSE, worse[0].message)] if worse else []
