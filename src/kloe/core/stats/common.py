"""What the statistics share: an interval, the normal quantiles, a fixed precision."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from functools import wraps
from typing import ParamSpec, TypeVar

#: Digits that every statistic is computed with.
PRECISION = 34

#: Two-sided normal quantiles by confidence in per cent.
_Z = {
    90: Decimal("1.644853626951472714863848907991632"),
    95: Decimal("1.959963984540054235524594430520551"),
    99: Decimal("2.575829303548900760966627340346680"),
}
#: The same as survey practice in housing writes them.
_Z_SURVEY = {90: Decimal("1.645"), 95: Decimal("1.96"), 99: Decimal("2.576")}

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with the bounds of its confidence interval.

    :param low: lower bound; None where nothing bounds it.
    :param high: upper bound; None where nothing bounds it.
    """

    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    confidence: int = 95
    method: str = ""

    def holds(self, other: Decimal) -> bool:
        """Whether a value lies in the interval, bounds included."""
        return (self.low is None or self.low <= other) and (self.high is None or other <= self.high)


def z_of(confidence: int, *, survey: bool = False) -> Decimal:
    """The two-sided normal quantile for a confidence of 90, 95 or 99 per cent.

    :param survey: as survey practice in housing writes it (1.96, not 1.95996).
    :raises ValueError: for any other confidence.
    """
    table = _Z_SURVEY if survey else _Z
    if confidence not in table:
        raise ValueError("confidence is 90, 95 or 99")
    return table[confidence]


def exactly(function: Callable[P, R]) -> Callable[P, R]:
    """Run in the statistics' own precision, whatever the caller's context is."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with localcontext(Context(prec=PRECISION)):
            return function(*args, **kwargs)

    return run


def clipped(value: Decimal, low: Decimal = Decimal(0), high: Decimal = Decimal(1)) -> Decimal:
    """The value, held within bounds."""
    return max(low, min(high, value))


def check_counts(x: int, n: int) -> None:
    """A count out of a number: whole, not negative, not more than there are."""
    if n < 1 or not 0 <= x <= n:
        raise ValueError("a rate is x of n with 0 <= x <= n and n >= 1")
