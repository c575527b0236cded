"""Values: divided once, exactly, and never made up where there is nothing to divide."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kloe.measures.catalogue import catalogue
from kloe.measures.definitions import Kind, Measure, Unit
from kloe.measures.representation import Share
from kloe.measures.results import divided, headline, number, numbers_of_groups, shown, whole_of
from kloe.measures.richer import Bar, bars, share_said
from kloe.measures.tally import Tally


def measure(kind: Kind, unit: Unit) -> Measure:
    return replace(catalogue().get("rents/accounts-before-start"), kind=kind, unit=unit)


def tally(numerator: int | str, denominator: int | str) -> Tally:
    return Tally(Decimal(numerator), Decimal(denominator), int(Decimal(denominator)))


@pytest.mark.parametrize(
    ("unit", "value"),
    [
        (Unit.PERCENT, "25"), (Unit.PER_THOUSAND, "250"), (Unit.RATIO, "0.25"), (Unit.DAYS, "0.25"),
    ],
)  # fmt: skip
def test_a_ratio(unit: Unit, value: str) -> None:
    assert number(measure(Kind.RATIO, unit), tally(1, 4)).value == Decimal(value)


def test_nothing_to_divide_by_is_no_nought() -> None:
    for kind in (Kind.RATIO, Kind.DISTRIBUTION):
        made = number(measure(kind, Unit.PERCENT), tally(0, 0))
        assert made.value is None
        assert [str(m.words) for m in made.missing] == ["no cases in the period"]


def test_a_count_of_none_is_a_count() -> None:
    assert number(measure(Kind.COUNT, Unit.COUNT), tally(0, 0)).value == 0


def test_a_distribution_has_its_quantiles() -> None:
    made = number(
        measure(Kind.DISTRIBUTION, Unit.DAYS),
        Tally(values=Counter({Decimal(1): 2, Decimal(4): 1, Decimal(9): 1})),
    )
    assert made.value == Decimal("2.5")
    assert made.spread["mean"] == Decimal("3.75")
    assert made.spread["p90"] == Decimal("7.5")
    assert (made.spread["min"], made.spread["max"]) == (1, 9)


GROUPS = {
    ("ethnicity", "a"): tally(20, 100),
    ("ethnicity", "b"): tally(30, 60),
    ("ethnicity", None): tally(0, 40),
    ("gender", "f"): tally(1, 2),
}


def test_gaps_are_against_all_of_the_characteristic() -> None:
    gap = measure(Kind.GAP, Unit.RATIO)
    found = numbers_of_groups(gap, GROUPS)
    assert found["ethnicity", "b"].value == 2
    assert found["ethnicity", "a"].value == Decimal("0.8")
    assert found["gender", "f"].value == 1
    spread = found["ethnicity", "b"].spread
    assert (spread["own"], spread["all"], spread["apart"]) == (50, 25, 25)
    assert 0 < spread["apart_low"] < 25 < spread["apart_high"]
    assert headline(gap, Tally(), GROUPS).value == 2, "the widest, leaving out small and unknown"
    assert headline(gap, Tally(), GROUPS).leading == ("ethnicity", "b")
    whole = whole_of(gap, GROUPS, ("ethnicity", "b"))
    assert (whole.numerator, whole.denominator) == (50, 200), "no case counts twice"
    points = measure(Kind.GAP, Unit.POINTS)
    assert headline(points, Tally(), GROUPS).value == 25


def test_shares_are_against_shares() -> None:
    shares = measure(Kind.REPRESENTATION, Unit.RATIO)
    parts = {("gender", "f"): tally(3, 60), ("gender", "m"): tally(9, 40)}
    found = numbers_of_groups(shares, parts)
    assert found["gender", "f"].value == divided(25, 60)
    spread = found["gender", "m"].spread
    assert (spread["own"], spread["all"]) == (75, 40)
    assert spread["expected"] == Decimal("4.8"), "twelve members at the share of men"
    # Clopper and Pearson for 9 of 12: 42.8 to 94.5 per cent, over 40.
    assert round(spread["low"], 2) == Decimal("1.07")
    assert round(spread["high"], 2) == Decimal("2.36")
    assert share_said(spread) is Share.CANNOT_TELL
    assert share_said({"low": Decimal("1.3"), "high": Decimal(2)}) is Share.OVER
    assert share_said({}) is None


def test_a_sample_is_adequate_stratum_by_stratum() -> None:
    adequacy = measure(Kind.ADEQUACY, Unit.PERCENT)
    parts = {("a",): tally(79, 100), ("b",): tally(80, 100), ("c",): tally(0, 0)}
    found = numbers_of_groups(adequacy, parts)
    assert found["a",].spread["needed"] == 80
    assert (found["a",].spread["short"], found["b",].spread["short"]) == (1, 0)
    assert found["a",].spread["margin"] > 5 >= found["b",].spread["margin"]
    assert found["c",].value is None
    made = headline(adequacy, Tally(), parts)
    assert made.value == 50
    assert headline(measure(Kind.ADEQUACY, Unit.COUNT), Tally(), parts).value == 1


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        ("97.45", Unit.PERCENT, "97.5 %"), ("0.05", Unit.PERCENT, "0.1 %"),
        ("1234.5", Unit.MONEY, "£1,234.50"), ("3", Unit.DAYS, "3.0 days"), ("7", Unit.COUNT, "7"),
    ],
)  # fmt: skip
def test_values_are_rounded_half_up_when_shown(value: str, unit: Unit, words: str) -> None:
    assert shown(Decimal(value), unit) == words
    assert shown(None, unit) == ""


@given(
    st.dictionaries(
        st.decimals(-50, 500, places=1) | st.integers(0, 400).map(Decimal),
        st.integers(1, 40),
        max_size=60,
    )
)
def test_bars_hold_every_case_once_and_never_few(values: dict[Decimal, int]) -> None:
    found = bars(values)
    if not found:
        return
    assert sum(b.count for b in found) == sum(values.values())
    assert min(b.count for b in found) >= 10
    assert found[-1].below is None
    for one, following in pairwise(found):
        assert one.below == following.low
    for b in found:
        inside = sum(
            n for v, n in values.items() if v >= b.low and (b.below is None or v < b.below)
        )
        assert inside == b.count
    assert [Bar.from_list(b.as_list()) for b in found] == list(found)


def test_bars_have_round_widths_and_few_values_none() -> None:
    found = bars({Decimal(n): 10 for n in range(100)})
    assert [b.low for b in found] == [*range(0, 100, 10)]
    assert all(b.whole for b in found)
    assert bars({Decimal(1): 19}) == ()
    assert bars({Decimal(1): 50}) == (), "one bar says nothing"
    halves = bars({Decimal(n) / 10: 10 for n in range(40)})
    assert [b.low for b in halves[:3]] == [0, Decimal("0.5"), 1]
    assert not halves[0].whole
