"""Shares against the population, and surveys against their strata."""

from __future__ import annotations

from decimal import Decimal

import pytest
from scipy import stats

from kloe.core.errors import InvalidInput
from kloe.measures.adequacy import adequacy
from kloe.measures.representation import Share, represented

PEOPLE = {"asian": 300, "black": 200, "white": 1500}


def test_a_board_of_nine_tells_little() -> None:
    found = {r.group: r for r in represented({"white": 9}, PEOPLE)}
    assert found["asian"].share is Share.CANNOT_TELL
    assert found["asian"].expected == Decimal("1.35")
    assert found["asian"].ratio.low == 0
    low, high = stats.binomtest(0, 9).proportion_ci(0.95, method="exact")
    assert float(found["asian"].ratio.high) == pytest.approx(high / 0.15)
    assert "0 of 9" in str(found["asian"].message)
    assert "1.4" in str(found["asian"].message)
    assert low == 0


def test_large_bodies_tell() -> None:
    members = {"asian": 10, "black": 60, "white": 430}
    found = {r.group: r.share for r in represented(members, PEOPLE)}
    assert found == {"asian": Share.UNDER, "black": Share.CANNOT_TELL, "white": Share.LIKE}
    more = {r.group: r.share for r in represented({"black": 200, "white": 300}, PEOPLE)}
    assert more["black"] is Share.OVER
    wide = represented(members, PEOPLE, band=(Decimal("0.01"), Decimal(9)))
    assert {r.share for r in wide} == {Share.LIKE}


def test_groups_on_one_side_only() -> None:
    found = {r.group: r for r in represented({"other": 1, "white": 8}, PEOPLE)}
    assert found["other"].share is Share.NOT_THERE
    assert found["asian"].members == 0
    assert {r.share for r in represented({}, PEOPLE)} == {Share.CANNOT_TELL}
    assert {r.share for r in represented({"white": 3}, {})} == {Share.NOT_THERE}
    assert represented({}, {}) == ()


def test_the_order_of_groups_never_matters() -> None:
    members = {"white": 4, "asian": 2}
    assert represented(members, PEOPLE) == represented(
        dict(reversed(members.items())), dict(reversed(PEOPLE.items()))
    )


def test_a_stock_survey_by_stratum() -> None:
    found = adequacy({"flats": (300, 1000), "houses": (278, 1000), "bungalows": (40, 45)})
    by_name = {s.name: s for s in found.strata}
    assert [s.name for s in found.strata] == ["bungalows", "flats", "houses"]
    assert by_name["houses"].required == 278
    assert by_name["houses"].passes
    assert by_name["houses"].margin <= Decimal("0.05")
    assert by_name["houses"].over <= 0
    assert by_name["bungalows"].required == 41
    assert by_name["bungalows"].missing == 1
    assert not found.passes
    assert str(found.message) == "One of 3 strata has too few surveys to speak for it."
    assert found.whole.homes == 2045
    assert float(by_name["flats"].share_apart) == pytest.approx(300 / 618 - 1000 / 2045)
    assert sum(s.share_apart for s in found.strata) == pytest.approx(0)
    assert adequacy({"flats": (300, 1000)}).passes


def test_strata_with_nothing_in_them() -> None:
    empty = adequacy({"flats": (0, 0), "houses": (0, 10)})
    by_name = {s.name: s for s in empty.strata}
    assert by_name["flats"].passes
    assert by_name["flats"].required == 0
    assert by_name["houses"].margin is None
    assert by_name["houses"].required == 10
    assert str(adequacy({}).message) == "There is nothing to survey."
    with pytest.raises(InvalidInput, match="11 surveyed of 10"):
        adequacy({"flats": (11, 10)})


def test_a_surer_or_narrower_survey_needs_more() -> None:
    base = adequacy({"a": (10, 4000)}).strata[0].required
    assert adequacy({"a": (10, 4000)}, confidence=99).strata[0].required > base
    assert adequacy({"a": (10, 4000)}, wanted=Decimal("0.03")).strata[0].required > base
