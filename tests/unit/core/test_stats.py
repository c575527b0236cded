"""The statistics against other routes: scipy, brute force, published examples, simulation."""

from __future__ import annotations

import random
import statistics
from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
import pytest
from scipy import optimize, stats

from kloe.core.stats import (
    Distribution,
    achieved_margin,
    clopper_pearson,
    difference,
    gap_with_all,
    margin,
    poisson,
    quantile,
    rate_per,
    ratio_of_shares,
    ratio_to_known,
    size_for,
    wilson,
    z_of,
)

RATES = [(0, 1), (1, 1), (0, 9), (3, 20), (7, 7), (81, 263), (500, 1000), (999, 1000)]


@pytest.mark.parametrize("confidence", [90, 95, 99])
@pytest.mark.parametrize(("x", "n"), RATES)
def test_wilson_and_the_exact_interval_are_scipys(x: int, n: int, confidence: int) -> None:
    for ours, method in ((wilson, "wilson"), (clopper_pearson, "exact")):
        found = ours(x, n, confidence=confidence)
        theirs = stats.binomtest(x, n).proportion_ci(confidence / 100, method=method)
        assert float(found.low) == pytest.approx(theirs.low, abs=1e-12)
        assert float(found.high) == pytest.approx(theirs.high, abs=1e-12)
        assert +found.value == Decimal(x) / n


def test_newcombes_published_examples() -> None:
    # Newcombe 1998, table II, method 10, examples (a), (d), (e) and (h).
    for given, low, high in (
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((6, 7, 2, 7), 0.0582, 0.8062),
        ((10, 10, 0, 20), 0.6791, 1.0),
    ):
        found = difference(*given)
        assert float(found.low) == pytest.approx(low, abs=6e-5)
        assert float(found.high) == pytest.approx(high, abs=6e-5)


def test_the_gap_with_all_is_the_rate_less_the_rate_of_all() -> None:
    found = gap_with_all(30, 50, 400, 1000)
    assert found.value == Decimal("0.2")
    rest = difference(30, 50, 370, 950)
    assert +found.low == rest.low * Decimal("0.95")
    assert gap_with_all(4, 9, 4, 9).value == 0


def test_the_gap_covers_as_often_as_it_says() -> None:
    rng = random.Random(7)
    inside = 0
    for _ in range(800):
        a = sum(rng.random() < 0.3 for _ in range(60))
        b = sum(rng.random() < 0.5 for _ in range(140))
        found = gap_with_all(a, 60, a + b, 200)
        inside += found.holds(Decimal("0.3") - Decimal("0.44"))
    assert 0.93 < inside / 800 < 0.97


def test_katz_from_its_formula_in_floats() -> None:
    for x1, n1, x2, n2 in ((15, 100, 30, 120), (36, 40, 16, 80), (5, 9, 300, 1000)):
        found = ratio_of_shares(x1, n1, x2, n2)
        log = np.log((x1 / n1) / (x2 / n2))
        half = stats.norm.ppf(0.975) * np.sqrt(1 / x1 - 1 / n1 + 1 / x2 - 1 / n2)
        assert float(found.low) == pytest.approx(np.exp(log - half))
        assert float(found.high) == pytest.approx(np.exp(log + half))
    theirs = stats.contingency.relative_risk(15, 100, 30, 120).confidence_interval(0.95)
    ours = ratio_of_shares(15, 100, 30, 120)
    assert float(ours.low) == pytest.approx(theirs.low)
    assert float(ours.high) == pytest.approx(theirs.high)


def test_ratios_with_nothing_in_them() -> None:
    assert ratio_of_shares(0, 10, 5, 10).low == 0
    assert ratio_of_shares(0, 10, 5, 10).value == 0
    nobody = ratio_of_shares(5, 10, 0, 10)
    assert (nobody.value, nobody.high) == (None, None)
    assert nobody.low > 0
    assert ratio_to_known(1, 9, 0, 1000).value is None


def test_a_ratio_to_a_known_share_is_the_shares_interval_divided() -> None:
    few, many = ratio_to_known(1, 9, 300, 1000), ratio_to_known(40, 200, 300, 1000)
    assert few.method == "Clopper-Pearson"
    assert many.method == "Wilson"
    assert float(few.high) == pytest.approx(float(clopper_pearson(1, 9).high) / 0.3)
    assert float(many.value) == pytest.approx(2 / 3)


@pytest.mark.parametrize("confidence", [90, 95, 99])
def test_poisson_limits_are_those_of_chi_square(confidence: int) -> None:
    tail = (1 - confidence / 100) / 2
    for count in (0, 1, 4, 9, 10, 25, 400):
        found = poisson(count, confidence=confidence)
        low = stats.chi2.ppf(tail, 2 * count) / 2 if count else 0.0
        high = stats.chi2.ppf(1 - tail, 2 * count + 2) / 2
        near = {"abs": 1e-10} if count < 10 else {"rel": 8e-3}
        assert float(found.low) == pytest.approx(low, **near)
        assert float(found.high) == pytest.approx(high, **near)


def test_rates_per_thousand() -> None:
    found = rate_per(4, 2000)
    assert found.value == 2
    assert +found.high == poisson(4).high / 2
    assert rate_per(4, Decimal(2000), per=100).value == Decimal("0.2")


def test_what_cannot_be_asked_is_refused() -> None:
    for wrong in (
        lambda: wilson(1, 0),
        lambda: wilson(-1, 5),
        lambda: wilson(6, 5),
        lambda: z_of(80),
        lambda: poisson(-1),
        lambda: rate_per(1, 0),
        lambda: quantile([], Decimal("0.5")),
        lambda: quantile([Decimal(1)], Decimal(2)),
        lambda: Distribution.of({1: -1}),
        lambda: Distribution.of({Decimal("NaN"): 1}),
        lambda: Distribution.of({}).median,
        lambda: Distribution.of({}).mean,
        lambda: Distribution.of({1: 1}).quantile(Decimal(2)),
        lambda: Distribution.of({1: 1}).ranked(2),
        lambda: Distribution.of({1: 1}).interval(Decimal(0)),
        lambda: margin(Decimal("1.1"), 5),
        lambda: achieved_margin(0),
        lambda: achieved_margin(6, 5),
        lambda: size_for(Decimal(0), 5),
        lambda: size_for(Decimal("0.05"), -1),
    ):
        with pytest.raises(ValueError, match=r"\w"):
            wrong()


def test_a_distribution_is_its_values_written_out() -> None:
    rng = random.Random(3)
    for n in (1, 2, 3, 10, 101):
        values = [Decimal(rng.randint(-5, 40)) / 4 for _ in range(n)]
        found = Distribution.of((v, 1) for v in values)
        ordered = sorted(values)
        for q in map(Decimal, ("0", "0.1", "0.25", "0.5", "0.9", "0.995", "1")):
            assert found.quantile(q) == quantile(ordered, q)
            theirs = np.quantile([float(v) for v in values], float(q))
            assert float(found.quantile(q)) == pytest.approx(float(theirs))
        assert found.median == statistics.median(values)
        assert found.total == sum(map(Fraction, values))
        assert float(found.mean) == pytest.approx(statistics.fmean(values))
        assert found.at_most(Decimal(3)) == sum(v <= 3 for v in values)
        assert found.ranked(n) == ordered[-1]
    assert Distribution.of({3: 0}).n == 0


def test_a_callers_precision_changes_nothing() -> None:
    found = wilson(3, 7), Distribution.of({1: 1, 2: 2}).mean, poisson(4)
    with localcontext() as context:
        context.prec = 5
        assert (wilson(3, 7), Distribution.of({1: 1, 2: 2}).mean, poisson(4)) == found


def test_the_interval_of_the_median_by_counting() -> None:
    # n = 10: ranks 2 and 9 cover 0.9785 (tables of the sign test); n = 5 has none.
    ten = Distribution.of((i, 1) for i in range(1, 11)).interval()
    assert (ten.low, ten.high) == (2, 9)
    five = Distribution.of((i, 1) for i in range(1, 6)).interval()
    assert (five.low, five.high) == (None, None)
    for n in (6, 17, 100, 999, 2000):
        found = Distribution.of((i, 1) for i in range(1, n + 1)).interval()
        low = int(stats.binom.ppf(0.025, n, 0.5))
        assert found.low == low
        assert found.high == n + 1 - low
        assert stats.binom.cdf(low - 1, n, 0.5) <= 0.025 < stats.binom.cdf(low, n, 0.5)


def test_the_interval_of_a_high_quantile_covers() -> None:
    rng = random.Random(11)
    for q, size in ((Decimal("0.9"), 120), (Decimal("0.5"), 2500)):
        inside = 0
        for _ in range(300):
            found = Distribution.of((Decimal(rng.randrange(10**6)), 1) for _ in range(size))
            inside += found.interval(q).holds(q * 10**6)
        assert inside / 300 > 0.92


def test_sizes_and_margins_published_for_surveys() -> None:
    # The well-known 384/385 of an endless population, and the tables of survey handbooks.
    five = Decimal("0.05")
    assert size_for(five) == 385
    assert size_for(five, 1000) == 278
    assert size_for(five, 10_000) == 370
    assert size_for(five, 1) == 1
    assert size_for(five, 0) == 0
    assert size_for(five, share=0) == 1
    assert float(achieved_margin(385)) == pytest.approx(0.04994, abs=1e-5)
    assert achieved_margin(50, 50) == 0
    assert margin(Decimal(1), 50) == 0
    assert float(margin(Decimal("0.8"), 400, 4000, confidence=99)) == pytest.approx(
        2.576 * np.sqrt(0.16 / 400 * 3600 / 3999)
    )


def test_a_size_is_the_least_that_does() -> None:
    for population in (2, 7, 40, 500, 5000):
        for e in (Decimal("0.03"), Decimal("0.05"), Decimal("0.1")):
            n = size_for(e, population)
            assert achieved_margin(n, population) <= e
            assert n == 1 or achieved_margin(n - 1, population) > e


def test_normal_quantiles() -> None:
    for confidence in (90, 95, 99):
        exact = optimize.brentq(
            lambda z, c=confidence: stats.norm.cdf(z) - (50 + c / 2) / 100, 1, 3
        )
        assert float(z_of(confidence)) == pytest.approx(exact, abs=1e-11)
        assert float(z_of(confidence, survey=True)) == pytest.approx(exact, abs=5e-4)
