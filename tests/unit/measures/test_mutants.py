"""Mutants: stable names, valid SQL, found where a case decides, told where none does."""

from __future__ import annotations

import re

import pytest
import sqlglot
from measure_folders import Alter, alter

from kloe.measures.catalogue import catalogue
from kloe.measures.engines.named import engine
from kloe.measures.examining import examine
from kloe.measures.mutants import mutants

__all__ = ["alter"]


def named(sql: str) -> dict[str, str]:
    """Every mutant of a query: its SQL by its name."""
    tree = sqlglot.parse_one(sql, read="duckdb")
    found = {m.name: " ".join(m.tree.sql("duckdb").split()) for m in mutants(tree)}
    assert sql not in found.values()
    return found


@pytest.mark.parametrize(
    ("sql", "name", "mutant"),
    [
        ("SELECT 1 FROM a WHERE a.x < a.y", "`a.x < a.y` becomes `a.x <= a.y`", "a.x <= a.y"),
        ("SELECT 1 FROM a WHERE a.x = 'k'", "`a.x = 'k'` dropped", "WHERE TRUE"),
        ("SELECT 1 FROM a WHERE a.x = 1 AND a.y = 2", "`a.y = 2` dropped", "a.x = 1 AND TRUE"),
        ("SELECT 1 FROM a WHERE a.x = 1 OR a.y = 2", "`a.y = 2` dropped", "a.x = 1 OR FALSE"),
        ("SELECT a.x + 1 AS v FROM a", "`a.x + 1` becomes `a.x - 1`", "a.x - 1"),
        ("SELECT MIN(a.x) AS v FROM a", "`MIN(a.x)` becomes `MAX(a.x)`", "MAX(a.x)"),
        ("SELECT SUM(a.x) AS v FROM a", "`SUM(a.x)` becomes `SUM(-(a.x))`", "SUM(-(a.x))"),
        ("SELECT COALESCE(a.x, 0) AS v FROM a", "`COALESCE(a.x, 0)` becomes `a.x`", "SELECT a.x"),
        ("SELECT COUNT(DISTINCT a.x) AS v FROM a", "`COUNT(DISTINCT a.x)` becomes `COUNT(a.x)`",
         "COUNT(a.x)"),
        ("SELECT 1 FROM a WHERE a.x IN ('p', 'q')", "`'q'` dropped from `a.x IN ('p', 'q')`",
         "a.x IN ('p')"),
        ("SELECT 1 FROM a WHERE a.x > :days", "`$days` becomes `($days + 1)` in `a.x > $days`",
         "a.x > ($days + 1)"),
        ("SELECT a.d + INTERVAL 28 DAY AS v FROM a", "`'28'` becomes `'27'` in `INTERVAL '28' DAY`",
         "INTERVAL '27' DAY"),
        ("SELECT 1 AS v FROM a UNION ALL SELECT 2 FROM b",
         "first part of `SELECT 1 AS v FROM a UNION ALL SELECT 2 FROM b` dropped",
         "SELECT 2 FROM b"),
        ("SELECT 1 FROM a LEFT JOIN b ON b.landlord = a.landlord",
         "`LEFT JOIN b ON b.landlord = a.landlord` becomes an inner join", "a JOIN b"),
    ],
)  # fmt: skip
def test_operators(sql: str, name: str, mutant: str) -> None:
    found = named(sql)
    assert name in found, sorted(found)
    assert mutant in found[name]


def test_ties_between_landlords_are_left_alone() -> None:
    sql = "SELECT 1 FROM a JOIN b ON b.landlord = a.landlord AND b.r = a.r WHERE b.k = 'x'"
    assert all("b.landlord = a.landlord" in mutant for mutant in named(sql).values())
    assert not any(re.search(r"landlord` (dropped|becomes)", name) for name in named(sql))


def test_a_left_join_whose_rows_are_dropped_again_is_no_mutant() -> None:
    found = named("SELECT 1 FROM a JOIN b ON b.landlord = a.landlord AND b.r = a.r WHERE b.k > 1")
    assert not any("left join" in name for name in found)
    assert any(
        "left join" in name
        for name in named("SELECT 1 FROM a JOIN b ON b.landlord = a.landlord AND b.r = a.r")
    )


def test_names_are_stable_and_told_apart() -> None:
    tree = sqlglot.parse_one(
        "SELECT 1 FROM a WHERE a.x = 1 UNION ALL SELECT 1 FROM a WHERE a.x = 1", read="duckdb"
    )
    names = [m.name for m in mutants(tree)]
    assert len(set(names)) == len(names)
    assert "`a.x = 1` dropped (2)" in names
    assert names == [m.name for m in mutants(tree.copy())]


def faults(alter: Alter, *pairs: tuple[str, str]) -> str:
    with engine("duckdb") as running:
        report = examine(alter("cases.yaml", *pairs), running, mutants=True)
    return "\n".join(map(str, report.faults))


def test_a_part_that_no_case_decides_is_told(alter: Alter) -> None:
    pairs = (
        ("{account_ref: A1, tenancy_ref: T1, account_type: rent, opened_on: 2025-05-01}",
         "{account_ref: A1, tenancy_ref: T1, account_type: rent, opened_on: 2025-04-30}"),
    )  # fmt: skip
    assert faults(alter, *pairs) == (
        "No case fails this mutant: `MIN(a.opened_on) <= t.start_on` becomes"
        " `MIN(a.opened_on) < t.start_on`"
    )


def test_a_mutant_that_changes_nothing_is_listed_with_its_reason(alter: Alter) -> None:
    before = "A1, tenancy_ref: T1, account_type: rent, opened_on: 2025-05-01}"
    after = before.replace("05-01", "04-30")
    listed = (
        "period: {start",
        "survives:\n  - mutant: \"`MIN(a.opened_on) <= t.start_on` becomes"
        " `MIN(a.opened_on) < t.start_on`\"\n    why: For the test.\nperiod: {start",
    )  # fmt: skip
    assert faults(alter, (before, after), listed) == ""
    assert "A case fails this mutant, which “survives” lists" in faults(alter, (after, before))


def test_a_survivor_that_is_no_mutant_is_told(alter: Alter) -> None:
    listed = ("period: {start", "survives: [{mutant: Nothing, why: No}]\nperiod: {start")
    assert faults(alter, listed) == "“survives” lists what is no mutant: Nothing"


def test_the_operators_are_all_met_in_the_measures() -> None:
    """An operator that no measure calls for would never be tried."""
    from kloe.measures.compose import Query

    names = [
        m.name for s in catalogue().sources.values() for m in mutants(Query.of(s.measure).tree)
    ]
    for word in ("dropped", "becomes", "never in", "always in", "inner join", "first part of"):
        assert any(word in name for name in names), word
