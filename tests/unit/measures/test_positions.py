"""Quartiles, ranks and quarters: the same whatever the order, right at the edges."""

from __future__ import annotations

import statistics
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kloe.core.stats import quantile
from kloe.measures.peers import Landlord
from kloe.measures.positions import (
    Spread,
    Standing,
    count,
    rank_of,
    reason_for,
    reason_for_absence,
    rounded,
    shown,
    standing_of,
)
from kloe.measures.published import Direction, register

tenths = st.integers(0, 1000).map(lambda n: Decimal(n) / 10)
some = st.lists(tenths, min_size=1, max_size=60)
BETTER_ORDER = [Standing.WORST, Standing.WORSE, Standing.BETTER, Standing.BEST]


def spread(*values: object) -> Spread:
    found = Spread.of([Decimal(str(v)) for v in values])
    assert found
    return found


@given(st.lists(tenths, min_size=2, max_size=80))
def test_quartiles_agree_with_the_standard_library(values):
    found = Spread.of(values)
    wanted = statistics.quantiles([Fraction(v) for v in values], n=4, method="inclusive")
    assert [Fraction(q) for q in (found.q1, found.median, found.q3)] == wanted


@given(some, st.randoms())
def test_order_never_matters(values, random):
    shuffled = list(values)
    random.shuffle(shuffled)
    assert Spread.of(shuffled) == Spread.of(values)


@given(some, st.integers(0, 100))
def test_quantile_lies_within_and_never_falls(values, percent):
    ordered = sorted(values)
    q = Decimal(percent) / 100
    found = quantile(ordered, q)
    assert ordered[0] <= found <= ordered[-1]
    assert quantile(ordered, max(q - Decimal("0.05"), Decimal(0))) <= found


def test_one_value_and_none():
    assert Spread.of([]) is None
    assert spread(4).q1 == spread(4).q3 == 4


@given(some, st.sampled_from([Direction.HIGHER, Direction.LOWER]))
def test_a_better_value_never_stands_worse(values, direction):
    found = Spread.of(values)
    ordered = sorted(set(values), reverse=direction is Direction.LOWER)
    standings = [standing_of(v, found, direction) for v in ordered]
    if found.least == found.most:
        assert set(standings) == {Standing.SAME}
        return
    places = [BETTER_ORDER.index(s) for s in standings]
    assert places == sorted(places)
    ranks = [rank_of(v, found, direction) for v in ordered]
    assert ranks == sorted(ranks, reverse=True)
    assert ranks[-1] == 1


@given(some)
def test_lower_is_higher_turned_round(values):
    found, turned = Spread.of(values), Spread.of([-v for v in values])
    for value in values:
        assert standing_of(value, found, Direction.LOWER) is standing_of(
            -value, turned, Direction.HIGHER
        )
        assert rank_of(value, found, Direction.LOWER) == rank_of(-value, turned, Direction.HIGHER)


@given(some, st.sampled_from([Direction.HIGHER, Direction.LOWER]))
def test_no_more_than_a_quarter_lies_in_the_worst(values, direction):
    found = Spread.of(values)
    worst = [v for v in values if standing_of(v, found, direction) is Standing.WORST]
    assert len(worst) <= (len(values) - 1) // 4 + 1  # those before the quartile's place


def test_at_a_quartile_a_value_belongs_to_the_better_side():
    found = spread(10, 20, 30, 40, 50)
    assert (found.q1, found.median, found.q3) == (20, 30, 40)
    higher = [standing_of(Decimal(v), found, Direction.HIGHER) for v in (19, 20, 30, 39, 40)]
    assert higher == [
        Standing.WORST,
        Standing.WORSE,
        Standing.BETTER,
        Standing.BETTER,
        Standing.BEST,
    ]
    lower = [standing_of(Decimal(v), found, Direction.LOWER) for v in (20, 21, 30, 40, 41)]
    assert lower == [
        Standing.BEST,
        Standing.BETTER,
        Standing.BETTER,
        Standing.WORSE,
        Standing.WORST,
    ]


def test_without_a_direction_only_size_is_told():
    found = spread(10, 20, 30, 40, 50)
    named = [standing_of(Decimal(v), found, Direction.NONE) for v in (10, 20, 30, 40)]
    assert named == [Standing.LOWEST, Standing.LOWER, Standing.HIGHER, Standing.HIGHEST]


def test_equal_values_share_a_rank():
    found = spread(100, 100, 99, 98)
    assert [rank_of(Decimal(v), found, Direction.HIGHER) for v in (100, 99, 98)] == [1, 3, 4]
    assert [rank_of(Decimal(v), found, Direction.LOWER) for v in (98, 99, 100)] == [1, 2, 3]


@pytest.mark.parametrize(
    ("value", "words"), [("74.85", "74.9 %"), ("74.849", "74.8 %"), ("100", "100.0 %")]
)
def test_shown_rounds_half_up(value, words):
    assert shown(Decimal(value), register().measure("TP01")) == words


def test_counts_and_rates():
    assert shown(Decimal("559"), register().measure("NM01 1")) == "559.0 per 1,000 homes"
    assert (count(Decimal(5216)), count(Decimal("5216.25"))) == ("5,216", "5,216.3")
    assert rounded(Decimal("1234.55"), 1) == "1,234.6"


NOTE = "TP09 has been removed. We will use this information in our ongoing engagement."


@pytest.mark.parametrize(
    ("marker", "words"),
    [
        ("X", "left blank by the landlord"),
        ("Z", "not required"),
        ("U", "nothing to divide by"),
        ("S", "suppressed"),
        ("E", "left out by the regulator (“TP09 has been removed”)"),
        ("n/a", "published as “n/a”"),
        ("blank", "nothing is published"),
    ],
)
def test_every_marker_has_its_reason(marker, words):
    landlord = Landlord("A", "A", "LA", "", "", None, (), (NOTE, "BS01 is odd."), ())
    assert words in str(reason_for(landlord, register().measure("TP09"), marker))


def test_absence_has_a_reason():
    plain = Landlord("A", "A", "LA", "", "", None, (), (), ())
    left_out = Landlord("A", "A", "LA", "", "", None, (), (), (("perception", "Wording."),))
    measure = register().measure("TP02")
    assert "left out by the regulator (“Wording”)" in str(
        reason_for_absence(left_out, measure, others=False)
    )
    assert "kinds of homes" in str(reason_for_absence(plain, measure, others=True))
    assert "not in the published table" in str(reason_for_absence(plain, measure, others=False))
