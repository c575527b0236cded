"""Intervals over generated counts: within bounds, holding the estimate, narrowing, symmetric."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from kloe.core.stats import (
    Distribution,
    achieved_margin,
    clopper_pearson,
    difference,
    gap_with_all,
    margin,
    poisson,
    ratio_of_shares,
    size_for,
    wilson,
)

RUN = settings(max_examples=80, deadline=None)
CONFIDENCE = st.sampled_from((90, 95, 99))


@st.composite
def rates(draw: st.DrawFn) -> tuple[int, int]:
    n = draw(st.integers(1, 3000))
    return draw(st.integers(0, n)), n


NEAR = Decimal("1e-25")


@RUN
@given(rates(), CONFIDENCE)
def test_a_rates_interval(rate: tuple[int, int], confidence: int) -> None:
    x, n = rate
    found = wilson(x, n, confidence=confidence)
    assert 0 <= found.low <= found.value <= found.high <= 1
    mirror = wilson(n - x, n, confidence=confidence)
    assert abs(found.low - (1 - mirror.high)) < NEAR
    larger = wilson(2 * x, 2 * n, confidence=confidence)
    assert larger.high - larger.low < found.high - found.low
    if confidence < 99:
        surer = wilson(x, n, confidence=99)
        assert surer.low <= found.low
        assert found.high <= surer.high


@RUN
@given(st.integers(0, 9), st.integers(10, 400), CONFIDENCE)
def test_the_exact_interval(x: int, n: int, confidence: int) -> None:
    found = clopper_pearson(x, n, confidence=confidence)
    assert 0 <= found.low <= found.value <= found.high <= 1
    mirror = clopper_pearson(n - x, n, confidence=confidence)
    assert abs(found.low - (1 - mirror.high)) < NEAR
    more = clopper_pearson(x + 1, n, confidence=confidence)
    assert found.low < more.low
    assert found.high <= more.high


@RUN
@given(rates(), rates())
def test_differences_and_ratios(one: tuple[int, int], two: tuple[int, int]) -> None:
    there, back = difference(*one, *two), difference(*two, *one)
    assert -1 <= there.low <= there.value <= there.high <= 1
    assert abs(there.low + back.high) < NEAR
    ratio = ratio_of_shares(*one, *two)
    assert ratio.low >= 0
    if ratio.value is not None and ratio.high is not None and one[0]:
        assert ratio.low - NEAR <= ratio.value <= ratio.high + NEAR * ratio.high
    x, n = one[0] + two[0], one[1] + two[1]
    gap = gap_with_all(*one, x, n)
    assert abs(gap.value - (Decimal(one[0]) / one[1] - Decimal(x) / n)) < NEAR
    assert gap.low <= gap.value <= gap.high


@RUN
@given(st.integers(0, 5000), CONFIDENCE)
def test_counts(count: int, confidence: int) -> None:
    found, more = (poisson(c, confidence=confidence) for c in (count, count + 1))
    assert 0 <= found.low <= count < found.high
    assert found.low <= more.low
    assert found.high <= more.high + Decimal("0.01")


VALUES = st.lists(st.decimals(-999, 999, places=2), min_size=1, max_size=60)


@RUN
@given(VALUES, st.randoms(use_true_random=False), st.decimals(0, 1, places=3))
def test_order_and_grouping_never_matter(values: list[Decimal], rng: object, q: Decimal) -> None:
    found = Distribution.of((v, 1) for v in values)
    mixed = list(values)
    rng.shuffle(mixed)  # type: ignore[attr-defined]
    assert Distribution.of((v, 1) for v in mixed) == found
    k = len(values) // 3
    parts = [Distribution.of((v, 1) for v in part) for part in (mixed[:k], mixed[k:])]
    assert Distribution.together(parts) == found
    assert min(values) <= found.quantile(q) <= max(values)
    assert found.quantile(q) <= found.quantile(Decimal(1))
    assert found.total == sum(map(Fraction, values))
    interval = found.interval()
    assert interval.holds(found.median)


@RUN
@given(st.integers(1, 20_000), st.decimals("0.005", "0.3", places=3), CONFIDENCE)
def test_sizes(population: int, wanted: Decimal, confidence: int) -> None:
    n = size_for(wanted, population, confidence=confidence)
    assert 1 <= n <= population
    assert achieved_margin(n, population, confidence=confidence) <= wanted
    assert size_for(wanted, population + 1, confidence=confidence) >= n
    assert size_for(wanted, population, confidence=confidence, share=Decimal("0.8")) <= n
    assert margin(Decimal("0.3"), n, population) <= achieved_margin(n, population)
