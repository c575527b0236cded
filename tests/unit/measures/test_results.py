"""Values: divided once, exactly, and never made up where there is nothing to divide."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest

from kloe.measures.catalogue import catalogue
from kloe.measures.definitions import Kind, Measure, Unit
from kloe.measures.results import divided, headline, number, numbers_of_groups, shown, whole_of
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
    assert found["ethnicity", "b"].spread == {"own": 50, "all": 25}
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
    assert found["gender", "m"].spread == {"own": 75, "all": 40}


def test_a_sample_is_adequate_stratum_by_stratum() -> None:
    adequacy = measure(Kind.ADEQUACY, Unit.PERCENT)
    parts = {("a",): tally(79, 100), ("b",): tally(80, 100), ("c",): tally(0, 0)}
    found = numbers_of_groups(adequacy, parts)
    assert found["a",].spread["needed"] == 80
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
