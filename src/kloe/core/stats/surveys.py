"""Margins of error of surveys, and how many answers a margin needs."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from kloe.core.stats.common import Interval, check_counts, clipped, exactly, z_of

HALF = Fraction(1, 2)


@exactly
def achieved_margin(n: int, population: int | None = None, *, confidence: int = 95) -> Decimal:
    """The margin of error a survey of n answers achieves, whatever the answers are.

    ``1.96 * sqrt(0.25 / n) * sqrt((N - n) / (N - 1))``: the convention of the English tenant
    satisfaction measures (Regulator of Social Housing, Tenant Survey Requirements) and of the
    sector's benchmarking clubs: the estimate is taken at a half, where it is least sure, and
    the population is finite. Without a population there is no correction.
    """
    return margin(HALF, n, population, confidence=confidence)


@exactly
def margin(
    share: Fraction | Decimal, n: int, population: int | None = None, *, confidence: int = 95
) -> Decimal:
    """The margin of error of one estimate: ``z * sqrt(p (1 - p) / n)`` with the same correction.

    Cochran, Sampling Techniques, 3rd edition, 1977, section 3.2.
    """
    exact = Fraction(share)
    if n < 1 or not 0 <= exact <= 1:
        raise ValueError("a margin needs answers, and a share between 0 and 1")
    variance = exact * (1 - exact) / n
    if population is not None:
        check_counts(n, population)
        if population == n:
            return Decimal(0)
        variance *= Fraction(population - n, population - 1)
    root = (Decimal(variance.numerator) / variance.denominator).sqrt()
    return z_of(confidence, survey=True) * root


def size_for(
    wanted: Fraction | Decimal,
    population: int | None = None,
    *,
    confidence: int = 95,
    share: Fraction | Decimal = HALF,
) -> int:
    """The fewest answers whose margin is at most the wanted one.

    ``n0 = z^2 p (1 - p) / e^2``, corrected for a finite population to
    ``n = n0 / (1 + (n0 - 1) / N)`` (Cochran 1977, section 4.4), rounded up; never more than
    the population, and at least one where there is anybody.
    """
    e, p = Fraction(wanted), Fraction(share)
    if not 0 < e < 1 or not 0 <= p <= 1:
        raise ValueError("a margin lies between 0 and 1, and a share from 0 to 1")
    if population is not None and population < 0:
        raise ValueError("a population is not negative")
    if population == 0:
        return 0
    z = Fraction(z_of(confidence, survey=True))
    first = z * z * p * (1 - p) / (e * e)
    if population is None:
        return max(1, -(-first.numerator // first.denominator))
    exact = population * first / (first + population - 1) if first else Fraction(0)
    return min(population, max(1, -(-exact.numerator // exact.denominator)))


@exactly
def sample_interval(
    value: Decimal, size: Decimal | int, *, population: int | None = None, confidence: int = 95
) -> Interval:
    """A rate estimated from a sample, with Wilson's interval at the sample's effective size.

    The effective size is what a simple sample of an endless population would need to be as
    sure: ``n (N - 1) / (N - n)`` for a finite one (Cochran 1977, section 4.4). Wilson's formula
    with an effective size follows Korn and Graubard, Survey Methodology 24, 1998, 193-201. A
    full count has no interval.

    :param size: how many answers, already divided by the effect of unequal weights.
    """
    n = Decimal(size)
    if n <= 0 or not 0 <= value <= 1:
        raise ValueError("an estimate needs answers, and a rate between 0 and 1")
    if population is not None:
        if population <= n:
            return Interval(value, value, value, confidence, "full count")
        n = n * (population - 1) / (population - n)
    z2 = z_of(confidence) ** 2
    middle = (value * n + z2 / 2) / (n + z2)
    half = z_of(confidence) * (value * (1 - value) * n + z2 / 4).sqrt() / (n + z2)
    low = Decimal(0) if value == 0 else clipped(middle - half)
    high = Decimal(1) if value == 1 else clipped(middle + half)
    return Interval(value, low, high, confidence, "Wilson, effective size")
