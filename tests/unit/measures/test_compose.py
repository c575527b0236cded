"""The queries around a measure's SQL, settings within it, and what it needs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from measure_folders import Alter, alter

from kloe.core.errors import InvalidInput
from kloe.core.periods import Period
from kloe.measures.catalogue import catalogue
from kloe.measures.compose import Query, needs_of, put_settings
from kloe.measures.definitions import Usual
from kloe.measures.portable import parse
from kloe.measures.spans import before, last_complete, parse_period, shown, trend
from kloe.measures.tally import Tally, add_up, coarser, exact

__all__ = ["alter"]


def test_what_is_read_comes_from_the_tree() -> None:
    tree = parse(
        """
        WITH late AS (
            SELECT r.landlord, r.property_ref FROM repair_job AS r
            WHERE EXISTS (
                SELECT 1 FROM tenancy AS t
                WHERE t.landlord = r.landlord AND t.property_ref = r.property_ref
                AND t.end_on IS NULL
            )
        )
        SELECT l.landlord, p.period_id, l.property_ref AS case_ref FROM late AS l
        JOIN period AS p ON p.start_on <= p.end_on
        JOIN property AS h ON h.landlord = l.landlord AND h.property_ref = l.property_ref
        """
    )
    assert needs_of(tree) == {
        "property": {"property_ref"},
        "repair_job": {"property_ref"},
        "tenancy": {"property_ref", "end_on"},
    }


@pytest.mark.parametrize(
    ("sql", "value", "put"),
    [
        ("a.x <= :v", 28, "a.x <= 28"),
        ("a.x <= :v", -1, "a.x <= -1"),
        ("a.x <= :v", Decimal("0.10"), "a.x <= 0.10"),
        ("a.x = :v", "it's", "a.x = 'it''s'"),
        ("a.x = :v", True, "a.x = TRUE"),
        ("a.x > :v", date(2025, 4, 1), "a.x > CAST('2025-04-01' AS DATE)"),
        ("a.x IN (:v)", ("p", "q"), "a.x IN ('p', 'q')"),
        ("a.x IN (:v, 'r')", ("p",), "a.x IN ('p', 'r')"),
        ("a.x > a.y + INTERVAL (:v) DAY", 28, "a.x > a.y + INTERVAL '28' DAY"),
    ],
)
def test_settings_take_the_place_of_their_names(sql: str, value: Any, put: str) -> None:
    tree = parse(f"SELECT 1 AS n FROM a WHERE {sql}")
    found = put_settings(tree, {"v": value}, "x/y")
    assert found.sql(dialect="duckdb") == f"SELECT 1 AS n FROM a WHERE {put}"
    assert ":v" not in found.sql()
    assert found is not tree


@pytest.mark.parametrize(
    ("sql", "values", "said"),
    [
        ("a.x > :other", {"v": 1}, "“:other”, which is no setting"),
        ("a.x > :v", {"v": (1, 2)}, "can only stand in IN"),
    ],
)
def test_settings_that_cannot_be_put_are_refused(
    sql: str, values: dict[str, Any], said: str
) -> None:
    with pytest.raises(InvalidInput, match=said):
        put_settings(parse(f"SELECT 1 AS n FROM a WHERE {sql}"), values, "x/y")


def test_columns_that_are_neither_fixed_nor_keys_are_groups() -> None:
    query = Query.of(catalogue().get("rents/accounts-before-start"))
    assert query.own_groups == ("tenure",)
    assert query.keys == ("property_ref", "tenancy_ref")


def test_columns_in_another_order_are_refused(alter: Alter) -> None:
    source = alter(
        "measure.sql", ("t.landlord,\n    p.period_id,", "p.period_id,\n    t.landlord,")
    )
    with pytest.raises(InvalidInput, match="returns first: period_id, landlord"):
        Query.of(source.measure)


def test_exclusions_without_words_are_refused(alter: Alter) -> None:
    source = alter("measure.yaml", ("exclusions:\n  not-rented: Leases", "notes:\n  - Leases"))
    with pytest.raises(InvalidInput, match=r"names? no exclusions"):
        Query.of(source.measure)


ROWS = [
    ("L1", 1, None, "a", 3, 4, 4, 4, 0),
    ("L1", 1, None, "b", Decimal("1.50"), 2, 2, 2, 0),
    ("L1", 1, "why", "b", 9, 9, 9, 1, 0),
    ("L1", None, None, "b", 9, 9, 9, 9, 0),
]


def test_rows_are_added_up_exactly() -> None:
    found = add_up(ROWS, "x/y", groups=1, distribution=False)
    assert set(found) == {("L1", 1, ("a",)), ("L1", 1, ("b",))}
    (whole,) = coarser(found, []).values()
    assert whole == Tally(Decimal("4.50"), Decimal(6), 6, 7, whole.excluded)
    assert whole.excluded == {"why": 1}


def test_amounts_that_are_empty_or_double_are_refused() -> None:
    with pytest.raises(InvalidInput, match="have no amount"):
        add_up([("L1", 1, None, 3, 4, 4, 4, 1)], "x/y", groups=0, distribution=False)
    with pytest.raises(InvalidInput, match="have no amount"):
        add_up([("L1", 1, None, None, 4)], "x/y", groups=0, distribution=True)
    with pytest.raises(InvalidInput, match="double"):
        exact(0.5, "x/y")


YEAR = Period(date(2025, 4, 1), date(2026, 3, 31))


@pytest.mark.parametrize(
    ("words", "start", "end", "again"),
    [
        ("2025/26", date(2025, 4, 1), date(2026, 3, 31), "2025/26"),
        ("1999/00", date(1999, 4, 1), date(2000, 3, 31), "1999/00"),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29), "2024-02"),
        ("2025-04-03/2025-04-09", date(2025, 4, 3), date(2025, 4, 9), "2025-04-03/2025-04-09"),
        ("year", date(2024, 4, 1), date(2025, 3, 31), "2024/25"),
        ("quarter", date(2025, 10, 1), date(2025, 12, 31), "2025-10-01/2025-12-31"),
        ("month", date(2026, 1, 1), date(2026, 1, 31), "2026-01"),
    ],
)
def test_periods_in_words(words: str, start: date, end: date, again: str) -> None:
    found = parse_period(words, as_at=date(2026, 2, 27))
    assert found == Period(start, end)
    assert shown(found) == again


def test_a_period_is_over_on_its_last_day() -> None:
    assert last_complete(Usual.YEAR, date(2026, 3, 31)) == YEAR
    assert last_complete(Usual.YEAR, date(2026, 3, 30)).end == date(2025, 3, 31)
    assert last_complete(Usual.MONTH, date(2024, 2, 29)).start == date(2024, 2, 1)


@pytest.mark.parametrize("words", ["2025/27", "2025-13", "week", "", "2025-04-01/2025-02-30"])
def test_words_that_are_no_period_are_refused(words: str) -> None:
    with pytest.raises(InvalidInput, match="no period"):
        parse_period(words, as_at=date(2026, 2, 27))


def test_a_trend_joins_without_gap_or_overlap() -> None:
    for period in (YEAR, parse_period("2024-03", YEAR.end), Period(YEAR.start, date(2025, 4, 9))):
        found = trend(period, 5)
        assert found[-1] == period
        for earlier, later in pairwise(found):
            assert (later.start - earlier.end).days == 1
            assert before(later) == earlier
