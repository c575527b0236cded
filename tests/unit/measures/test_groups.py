"""What may be shown of a measure's groups, over real definitions."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from kloe.core.periods import Period
from kloe.measures import groups
from kloe.measures.catalogue import catalogue
from kloe.measures.compose import Query
from kloe.measures.groups import Figures, label, make_plan
from kloe.measures.layout import row_key
from kloe.measures.suppression_search import Level

YEAR = Period(date(2025, 4, 1), date(2026, 3, 31))
SHARE = catalogue().get("repairs/on-time")
DAYS = catalogue().get("repairs/non-emergency-days")


def figures(numerator: int, n: int) -> Figures:
    return Figures(Decimal(numerator), Decimal(n), n)


def level(plan: object, by: str = "", group: str = "", period: Period = YEAR) -> Level:
    return plan.levels[row_key(label(period), by, group)]  # type: ignore[attr-defined]


def test_a_small_group_takes_another_with_it() -> None:
    parts = {"x": figures(40, 80), "y": figures(50, 90), "z": figures(2, 4)}
    plan = make_plan(SHARE, {YEAR: figures(92, 174)}, YEAR, {"priority": parts})
    hidden = [g for g in parts if level(plan, "priority", g) is not Level.ALL]
    assert "z" in hidden
    assert len(hidden) >= 2
    assert level(plan) is Level.ALL
    assert not plan.may_list(row_key(label(YEAR), "priority", "z"))


ESTATES = {
    "e1": figures(20, 40), "e2": figures(1, 3), "e3": figures(30, 60), "e4": figures(30, 70),
}  # fmt: skip
AREAS = {"A": figures(21, 43), "B": figures(60, 130)}


def test_an_estate_cannot_be_had_from_its_area() -> None:
    crossing = {
        ("A", "e1"): ESTATES["e1"],
        ("A", "e2"): ESTATES["e2"],
        ("B", "e3"): ESTATES["e3"],
        ("B", "e4"): ESTATES["e4"],
    }
    plan = make_plan(
        SHARE,
        {YEAR: figures(81, 173)},
        YEAR,
        {"area": AREAS, "estate": ESTATES},
        crossing=crossing,
    )
    assert level(plan, "estate", "e2") is Level.NOTHING
    if level(plan, "area", "A") is Level.ALL:
        assert level(plan, "estate", "e1") is not Level.ALL


def test_an_estate_in_two_areas_is_reckoned_through_both() -> None:
    crossing = {
        ("A", "e1"): figures(20, 40),
        ("A", "e2"): figures(1, 3),
        ("B", "e2"): figures(20, 40),
        ("B", "e3"): figures(40, 90),
    }
    estates = {"e1": figures(20, 40), "e2": figures(21, 43), "e3": figures(40, 90)}
    plan = make_plan(
        SHARE,
        {YEAR: figures(81, 173)},
        YEAR,
        {"area": AREAS, "estate": estates},
        crossing=crossing,
    )
    # A less e1 would be the three of e2 in A.
    shown = [level(plan, "area", "A"), level(plan, "estate", "e1")]
    assert Level.NOTHING in shown


def test_of_a_distribution_the_sizes_count() -> None:
    parts = {"x": Figures(Decimal(0), Decimal(0), 50), "y": Figures(Decimal(0), Decimal(0), 5)}
    whole = Figures(Decimal(0), Decimal(0), 55)
    plan = make_plan(DAYS, {YEAR: whole}, YEAR, {"trade": parts})
    assert level(plan, "trade", "x") is Level.NOTHING
    assert level(plan, "trade", "y") is Level.NOTHING


def test_what_does_not_add_up_is_no_sum() -> None:
    quarter = Period(date(2026, 1, 1), date(2026, 3, 31))
    rest = Period(date(2025, 4, 1), date(2025, 12, 31))
    wholes = {YEAR: figures(50, 100), quarter: figures(30, 100), rest: figures(30, 100)}
    plan = make_plan(SHARE, wholes, YEAR, {}, implied=[rest])
    assert level(plan) is Level.ALL
    assert level(plan, period=quarter) is Level.ALL


def test_what_is_out_already_stays_and_is_worked_around() -> None:
    parts = {"x": figures(40, 80), "y": figures(50, 90), "z": figures(2, 4)}
    out = [row_key(label(YEAR), "priority", "x"), ("never", "made", "this")]
    plan = make_plan(SHARE, {YEAR: figures(92, 174)}, YEAR, {"priority": parts}, published=out)
    assert level(plan, "priority", "x") is Level.ALL
    assert level(plan, "priority", "z") is Level.NOTHING
    assert level(plan, "priority", "y") is not Level.ALL


@pytest.mark.parametrize(
    ("measure", "wanted"),
    [
        ("repairs/on-time", True),
        ("rents/accounts-before-start", True),
        ("complaints/answered-in-time", True),
        ("money/projects-on-time", False),
        ("improvement/risks-reviewed", False),
    ],
)
def test_only_what_leads_to_people_is_hidden(measure: str, wanted: bool) -> None:
    assert groups.about_people(Query.of(catalogue().get(measure))) is wanted


def test_pieces_are_what_overlapping_periods_tell_by_subtracting() -> None:
    one = Period(date(2025, 1, 1), date(2025, 12, 31))
    other = Period(date(2025, 4, 1), date(2026, 3, 31))
    assert groups.pieces([one, other]) == (
        Period(date(2025, 1, 1), date(2025, 3, 31)),
        Period(date(2025, 4, 1), date(2025, 12, 31)),
        Period(date(2026, 1, 1), date(2026, 3, 31)),
    )
