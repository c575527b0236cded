"""What else is said of a figure: how sure a ratio is, what a sample lacks, how the values lie.

Everything here follows from the group's own numbers and those of all; where all may be shown and
the group may, so may this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from kloe.core.stats import Distribution, achieved_margin, gap_with_all, ratio_to_known, size_for
from kloe.measures.adequacy import WANTED
from kloe.measures.definitions import Kind, Measure, Unit
from kloe.measures.representation import Share, share_of
from kloe.measures.tally import Tally

_HUNDRED = Decimal(100)
#: About so many bars are drawn of a distribution, none of fewer cases than a small group.
BARS = 10
LEAST = 10
_STEPS = tuple(Decimal(n) for n in (1, 2, 5, 10))


@dataclass(frozen=True, slots=True)
class Bar:
    """How many values lie from ``low`` to below ``below``; without one, at ``low`` and above.

    :param whole: all values are whole numbers, so the last one in the bar can be named.
    """

    low: Decimal
    below: Decimal | None
    count: int
    whole: bool

    def as_list(self) -> list[object]:
        """For storage."""
        below = None if self.below is None else str(self.below)
        return [str(self.low), below, self.count, self.whole]

    @classmethod
    def from_list(cls, raw: list[object]) -> Bar:
        """As it was stored."""
        low, below, count, whole = raw
        limit = None if below is None else Decimal(str(below))
        return cls(Decimal(str(low)), limit, int(str(count)), bool(whole))


def beside(measure: Measure, part: Tally, whole: Tally) -> dict[str, Decimal]:
    """Further figures of a group of a gap or of shares beside its value.

    Of shares ``low`` and ``high`` of the ratio, and ``expected``: how many there would be at the
    population's share. Of a gap between rates ``apart`` with ``apart_low`` and ``apart_high``:
    the group's rate less that of all, in points. Weighted numbers have none of these.
    """
    counts = (part.numerator, part.denominator, whole.numerator, whole.denominator)
    if any(c != int(c) or c < 0 for c in counts):
        return {}
    x, base, of_x, of_base = map(int, counts)
    if measure.kind is Kind.REPRESENTATION:
        if measure.unit is not Unit.RATIO or not (base and of_x) or x > of_x:
            return {}
        found = ratio_to_known(x, of_x, base, of_base)
        named = {
            "low": found.low,
            "high": found.high,
            "expected": Decimal(of_x) * base / of_base,
        }
        return {name: value for name, value in named.items() if value is not None}
    if part.n != base or whole.n != of_base or x > base or of_x > of_base or not base:
        return {}
    gap = gap_with_all(x, base, of_x, of_base)
    points = {"apart": gap.value, "apart_low": gap.low, "apart_high": gap.high}
    return {name: value * _HUNDRED for name, value in points.items() if value is not None}


def reached(surveyed: Decimal, homes: int) -> dict[str, Decimal]:
    """Of a stratum how many its size needs, how many lack, and the margin reached in points."""
    needed = size_for(WANTED, homes)
    found = {
        "needed": Decimal(needed),
        "short": max(Decimal(0), needed - surveyed),
    }
    if 0 < surveyed <= homes and surveyed == int(surveyed):
        found["margin"] = achieved_margin(int(surveyed), homes) * _HUNDRED
    return found


def share_said(spread: Mapping[str, Decimal]) -> Share | None:
    """What can be said of a group's share, from what stands beside its ratio."""
    if "low" not in spread or "high" not in spread:
        return None
    return share_of(spread["low"], spread["high"])


def bars(values: Mapping[Decimal, int], *, least: int = LEAST) -> tuple[Bar, ...]:
    """The values in about ten bars of a round width, the last one open.

    Neighbours are taken together until each bar holds ``least`` cases: a bar of fewer would tell
    of single ones, and hiding it would not help beside the others. Nothing where that leaves one.
    """
    found = Distribution.of(values.items())
    if found.n < 2 * least:
        return ()
    low, top = found.counts[0][0], found.quantile(Decimal("0.95"))
    whole = all(value == int(value) for value, _n in found.counts)
    step = _round_step((top - low) / BARS, whole=whole)
    first = (low / step).to_integral_value(ROUND_FLOOR) * step
    made: list[Bar] = []
    begun, count = first, 0
    edge = first + step
    for value, n in found.counts:
        while value >= edge and edge <= top:
            if count >= least:
                made.append(Bar(begun, edge, count, whole))
                begun, count = edge, 0
            edge += step
        count += n
    if count >= least or not made:
        made.append(Bar(begun, None, count, whole))
    else:
        last = made.pop()
        made.append(Bar(last.low, None, last.count + count, whole))
    return tuple(made) if len(made) > 1 else ()


def merged(found: Sequence[Bar], least: int) -> tuple[Bar, ...]:
    """Bars taken together with their neighbours until each holds ``least``; nothing of one."""
    made: list[Bar] = []
    for bar in found:
        if made and made[-1].count < least:
            before = made.pop()
            made.append(Bar(before.low, bar.below, before.count + bar.count, bar.whole))
        else:
            made.append(bar)
    if len(made) > 1 and made[-1].count < least:
        last = made.pop()
        before = made.pop()
        made.append(Bar(before.low, None, before.count + last.count, last.whole))
    return tuple(made) if len(made) > 1 else ()


def _round_step(width: Decimal, *, whole: bool) -> Decimal:
    """The next round number: 1, 2 or 5 times a power of ten, no less than one of whole numbers."""
    if width <= 0:
        return Decimal(1)
    power = Decimal(10) ** width.adjusted()
    step = next(n * power for n in _STEPS if n * power >= width)
    return max(step, Decimal(1)) if whole else step
