"""Distributions as values and counts: exact quantiles and means, and how sure a median is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction

from kloe.core.stats.common import Interval, exactly, z_of

#: Up to this many values the ranks of an interval come from the binomial distribution itself.
EXACT_RANKS = 2000


def quantile(ordered: Sequence[Decimal], q: Decimal) -> Decimal:
    """Quantile of an ascending sequence by linear interpolation.

    The definition of spreadsheets' ``QUARTILE.INC`` and NumPy's default (Hyndman and Fan,
    type 7): position ``q * (n - 1)`` between neighbours.

    :raises ValueError: on an empty sequence or ``q`` outside 0 to 1.
    """
    if not ordered:
        raise ValueError("a quantile of nothing")
    if not 0 <= q <= 1:
        raise ValueError("q lies outside 0 to 1")
    position = q * (len(ordered) - 1)
    below = int(position)
    if below + 1 >= len(ordered):
        return ordered[-1]
    return ordered[below] + (ordered[below + 1] - ordered[below]) * (position - below)


@dataclass(frozen=True, slots=True)
class Distribution:
    """Values with their counts, ascending, each value once and no count below one.

    What a measure of kind *distribution* returns for a group. Build it with :meth:`of`.
    """

    counts: tuple[tuple[Decimal, int], ...]

    @classmethod
    def of(
        cls, counts: Mapping[Decimal | int, int] | Iterable[tuple[Decimal | int, int]]
    ) -> Distribution:
        """From value and count in any order; counts of equal values are added.

        :raises ValueError: on a negative count, or a value that is not a finite number.
        """
        pairs = counts.items() if isinstance(counts, Mapping) else counts
        gathered: dict[Decimal, int] = {}
        for value, count in pairs:
            exact = Decimal(value)
            if count < 0 or not exact.is_finite():
                raise ValueError("a distribution has finite values and counts from zero")
            gathered[exact] = gathered.get(exact, 0) + count
        return cls(tuple(sorted((v, c) for v, c in gathered.items() if c)))

    @classmethod
    def together(cls, parts: Iterable[Distribution]) -> Distribution:
        """The distribution of all groups together."""
        return cls.of(pair for part in parts for pair in part.counts)

    @property
    def n(self) -> int:
        return sum(count for _, count in self.counts)

    @property
    def total(self) -> Fraction:
        """The sum of all values, exactly."""
        return sum((Fraction(value) * count for value, count in self.counts), Fraction(0))

    @property
    def mean(self) -> Decimal:
        """The arithmetic mean: the exact sum divided once, to 34 digits.

        :raises ValueError: of nothing.
        """
        if not self.counts:
            raise ValueError("a mean of nothing")
        return _divided(self.total, self.n)

    @exactly
    def quantile(self, q: Decimal) -> Decimal:
        """The same as :func:`quantile` of the values written out, without writing them out."""
        if not self.counts:
            raise ValueError("a quantile of nothing")
        if not 0 <= q <= 1:
            raise ValueError("q lies outside 0 to 1")
        position = q * (self.n - 1)
        below = int(position)
        low = self.ranked(below + 1)
        if position == below:
            return low
        return low + (self.ranked(below + 2) - low) * (position - below)

    @property
    def median(self) -> Decimal:
        return self.quantile(Decimal("0.5"))

    @property
    def p90(self) -> Decimal:
        """Nine in ten lie at or below it."""
        return self.quantile(Decimal("0.9"))

    def ranked(self, rank: int) -> Decimal:
        """The value at a rank; the smallest has rank 1."""
        seen = 0
        for value, count in self.counts:
            seen += count
            if rank <= seen:
                return value
        raise ValueError("no value has that rank")

    def at_most(self, limit: Decimal) -> int:
        """How many values lie at or below a limit."""
        return sum(count for value, count in self.counts if value <= limit)

    @exactly
    def interval(self, q: Decimal = Decimal("0.5"), *, confidence: int = 95) -> Interval:
        """A quantile with its interval by order statistics, free of any assumed shape.

        The ranks are those whose binomial probability covers at least the confidence
        (Conover, Practical Nonparametric Statistics, 3rd edition, section 3.2; Campbell and
        Gardner, BMJ 296, 1988, 1454). Above 2,000 values the ranks come from the normal
        approximation that the same sources give. A bound is None where there are too few
        values for a rank to bound it.
        """
        value = self.quantile(q)
        n = self.n
        if n <= EXACT_RANKS:
            lower, upper = _ranks(n, q, (100 - Decimal(confidence)) / 200)
        else:
            half = z_of(confidence) * (n * q * (1 - q)).sqrt()
            lower = int((n * q - half).to_integral_value(ROUND_FLOOR))
            upper = 1 + int((n * q + half).to_integral_value(ROUND_FLOOR)) + 1
        return Interval(
            value,
            self.ranked(lower) if lower >= 1 else None,
            self.ranked(upper) if upper <= n else None,
            confidence,
            "order statistics",
        )


def _ranks(n: int, q: Decimal, tail: Decimal) -> tuple[int, int]:
    """Greatest r with P(X < r) <= tail, least s with P(X >= s) <= tail; X binomial(n, q)."""
    if not 0 < q < 1:
        raise ValueError("an interval needs a quantile between 0 and 1")
    chances = [(1 - q) ** n]
    for k in range(n):
        chances.append(chances[-1] * (n - k) / (k + 1) * q / (1 - q))
    r, below = 0, Decimal(0)
    while r < n and below + chances[r] <= tail:
        below += chances[r]
        r += 1
    s, above = n + 1, Decimal(0)
    while s > 0 and above + chances[s - 1] <= tail:
        above += chances[s - 1]
        s -= 1
    return r, s


@exactly
def _divided(total: Fraction, n: int) -> Decimal:
    return Decimal(total.numerator) / (Decimal(total.denominator) * n)
