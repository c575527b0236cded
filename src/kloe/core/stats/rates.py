"""Intervals of rates, of their differences and ratios, and of counts per thousand."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from kloe.core.stats.common import Interval, check_counts, clipped, exactly, z_of

#: Below this count an interval is computed from the distribution itself.
SMALL = 10
_ROUNDS = 120


@exactly
def wilson(x: int, n: int, *, confidence: int = 95) -> Interval:
    """A rate x/n with Wilson's score interval, without correction for continuity.

    Wilson, JASA 22, 1927, 209-212; recommended by Brown, Cai and DasGupta, Statistical
    Science 16, 2001, 101-133.
    """
    check_counts(x, n)
    z2 = z_of(confidence) ** 2
    p = Decimal(x) / n
    middle = (x + z2 / 2) / (n + z2)
    half = z_of(confidence) * (p * (1 - p) * n + z2 / 4).sqrt() / (n + z2)
    low = Decimal(0) if x == 0 else clipped(middle - half)
    high = Decimal(1) if x == n else clipped(middle + half)
    return Interval(p, low, high, confidence, "Wilson")


@exactly
def clopper_pearson(x: int, n: int, *, confidence: int = 95) -> Interval:
    """A rate x/n with the exact binomial interval.

    Clopper and Pearson, Biometrika 26, 1934, 404-413. Solved by halving on the binomial
    distribution; costs grow with the smaller of x and n - x.
    """
    check_counts(x, n)
    tail = (100 - Decimal(confidence)) / 200
    low = Decimal(0) if x == 0 else _root(lambda p: 1 - _at_most(x - 1, n, p) - tail)
    high = Decimal(1) if x == n else _root(lambda p: tail - _at_most(x, n, p))
    return Interval(Decimal(x) / n, low, high, confidence, "Clopper-Pearson")


@exactly
def difference(x1: int, n1: int, x2: int, n2: int, *, confidence: int = 95) -> Interval:
    """The difference x1/n1 - x2/n2 of two independent rates, with its interval.

    Newcombe, Statistics in Medicine 17, 1998, 873-890, method 10: the square-and-add of two
    Wilson intervals.
    """
    a, b = wilson(x1, n1, confidence=confidence), wilson(x2, n2, confidence=confidence)
    p1, l1, u1 = _all(a)
    p2, l2, u2 = _all(b)
    d = p1 - p2
    low = d - ((p1 - l1) ** 2 + (u2 - p2) ** 2).sqrt()
    high = d + ((u1 - p1) ** 2 + (p2 - l2) ** 2).sqrt()
    one = Decimal(1)
    return Interval(d, clipped(low, -one), clipped(high, -one), confidence, "Newcombe")


@exactly
def gap_with_all(x: int, n: int, x_all: int, n_all: int, *, confidence: int = 95) -> Interval:
    """A group's rate less the rate of all, the group being part of all.

    The two are not independent, so the group is set against the rest, which is:
    ``p - p_all = (1 - n / n_all) (p - p_rest)``; Newcombe's interval is scaled by the same.
    Where the group is everybody the gap is nought.
    """
    check_counts(x, n)
    check_counts(x_all, n_all)
    if n == n_all:
        zero = Decimal(0)
        return Interval(zero, zero, zero, confidence, "Newcombe")
    against = difference(x, n, x_all - x, n_all - n, confidence=confidence)
    scale = 1 - Decimal(n) / n_all
    d, low, high = _all(against)
    return Interval(d * scale, low * scale, high * scale, confidence, "Newcombe")


@exactly
def ratio_of_shares(x1: int, n1: int, x2: int, n2: int, *, confidence: int = 95) -> Interval:
    """The ratio (x1/n1) / (x2/n2) of two independent shares, with its interval on the log scale.

    Katz, Baptista, Azen and Pike, Biometrics 34, 1978, 469-474. With a zero count a half is
    added to both counts and both numbers (Walter, 1975), for the bounds only.
    """
    check_counts(x1, n1)
    check_counts(x2, n2)
    value = (Decimal(x1) * n2) / (Decimal(x2) * n1) if x2 else None
    add = Decimal("0.5") if 0 in (x1, x2) else Decimal(0)
    a, b, m, n = x1 + add, x2 + add, n1 + add, n2 + add
    centre = ((a * n) / (b * m)).ln()
    half = z_of(confidence) * max(1 / a - 1 / m + 1 / b - 1 / n, Decimal(0)).sqrt()
    low = Decimal(0) if x1 == 0 else (centre - half).exp()
    high = None if x2 == 0 else (centre + half).exp()
    return Interval(value, low, high, confidence, "Katz")


@exactly
def ratio_to_known(x: int, n: int, x_all: int, n_all: int, *, confidence: int = 95) -> Interval:
    """A share x/n over a share that is known, x_all of the n_all of a whole population.

    The share's interval divided by the known share: the exact binomial one where x or n - x
    is below ten (small bodies: a board of nine), Wilson's otherwise. That the body was drawn
    from the population without replacement would only narrow it. No ratio can be had where
    the population has none of the group.
    """
    check_counts(x, n)
    check_counts(x_all, n_all)
    few = min(x, n - x) < SMALL
    share = (clopper_pearson if few else wilson)(x, n, confidence=confidence)
    if x_all == 0:
        return Interval(None, None, None, confidence, share.method)
    known = Decimal(x_all) / n_all
    p, low, high = _all(share)
    return Interval(p / known, low / known, high / known, confidence, share.method)


@exactly
def poisson(count: int, *, confidence: int = 95) -> Interval:
    """A count with the interval of the mean it was drawn from.

    Below ten the exact limits (Garwood, Biometrika 28, 1936, 437-442); from ten Byar's
    approximation (Breslow and Day, Statistical Methods in Cancer Research, volume 2, 1987,
    page 69). English public health statistics split them in the same place.
    """
    if count < 0:
        raise ValueError("a count is not negative")
    value = Decimal(count)
    if count < SMALL:
        tail = (100 - Decimal(confidence)) / 200
        most = Decimal(60)
        low = (
            Decimal(0)
            if count == 0
            else _root(lambda mean: 1 - _poisson_at_most(count - 1, mean) - tail, most)
        )
        high = _root(lambda mean: tail - _poisson_at_most(count, mean), most)
        return Interval(value, low, high, confidence, "exact Poisson")
    z = z_of(confidence)
    low = value * (1 - 1 / (9 * value) - z / (3 * value.sqrt())) ** 3
    up = value + 1
    high = up * (1 - 1 / (9 * up) + z / (3 * up.sqrt())) ** 3
    return Interval(value, low, high, confidence, "Byar")


@exactly
def rate_per(count: int, base: Decimal | int, *, per: int = 1000, confidence: int = 95) -> Interval:
    """A count per thousand (or ``per``) of a base, with the interval of :func:`poisson`."""
    if base <= 0:
        raise ValueError("a rate needs a base above nought")
    scale = Decimal(per) / Decimal(base)
    found = poisson(count, confidence=confidence)
    value, low, high = _all(found)
    return Interval(value * scale, low * scale, high * scale, confidence, found.method)


def _all(interval: Interval) -> tuple[Decimal, Decimal, Decimal]:
    value, low, high = interval.value, interval.low, interval.high
    if value is None or low is None or high is None:
        raise ValueError("an interval with both bounds was needed")
    return value, low, high


def _root(rising: Callable[[Decimal], Decimal], most: Decimal = Decimal(1)) -> Decimal:
    """Where a rising function crosses nought, between nought and ``most``, by halving."""
    low, high = Decimal(0), most
    for _ in range(_ROUNDS):
        middle = (low + high) / 2
        if rising(middle) < 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _at_most(k: int, n: int, p: Decimal) -> Decimal:
    """P(X <= k) for X binomial(n, p), summed over the shorter tail."""
    if k < 0:
        return Decimal(0)
    if k >= n:
        return Decimal(1)
    if k > n - k - 1:
        return 1 - _at_most(n - k - 1, n, 1 - p)
    if p <= 0:
        return Decimal(1)
    if p >= 1:
        return Decimal(0)
    term = (1 - p) ** n
    total = term
    odds = p / (1 - p)
    for i in range(k):
        term = term * (n - i) / (i + 1) * odds
        total += term
    return total


def _poisson_at_most(k: int, mean: Decimal) -> Decimal:
    term = (-mean).exp()
    total = term
    for i in range(1, k + 1):
        term = term * mean / i
        total += term
    return total
