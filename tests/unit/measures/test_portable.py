"""The linter of the portable subset: what it refuses, with line and remedy; what it lets pass."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlglot import exp

from kloe.measures.portable import OWN, parse, problems
from kloe.measures.portable.expressions import AGGREGATES, WINDOWED, Expressions
from kloe.measures.portable.notes import Notes
from kloe.measures.portable.values import Family, Value, of_sql
from kloe.records.layouts import layouts

HEAD = "t.landlord, p.period_id, t.tenancy_ref AS case_ref"
WHERE = "FROM period AS p JOIN tenancy AS t ON t.start_on BETWEEN p.start_on AND p.end_on"
GOOD = f"SELECT {HEAD}, 1 AS numerator, 1 AS denominator {WHERE}"


def told(sql: str, **more: object) -> list[str]:
    """The problems of a measure's SQL, in words."""
    return [str(p) for p in problems(parse(sql), layouts(), **more)]  # type: ignore[arg-type]


def column(expression: str) -> list[str]:
    """The problems of an expression."""
    return told(f"SELECT {HEAD}, 1 AS numerator, 1 AS denominator, {expression} AS v {WHERE}")


def test_a_plain_measure_passes() -> None:
    assert told(GOOD) == []


WITHIN_LANDLORDS = {
    "a join": (
        f"{GOOD} JOIN property AS h ON h.property_ref = t.property_ref",
        "“h” is joined without its landlord.",
    ),
    "a join tied only where a condition is optional": (
        f"{GOOD} JOIN property AS h ON h.landlord = t.landlord OR h.property_ref = t.property_ref",
        "“h” is joined without its landlord.",
    ),
    "a join tied to itself": (
        f"{GOOD} JOIN property AS h ON h.landlord = h.landlord",
        "“h” is joined without its landlord.",
    ),
    "a cross join": (f"{GOOD} CROSS JOIN property AS h", "“h” is joined without its landlord."),
    "EXISTS": (
        f"{GOOD} WHERE EXISTS (SELECT 1 FROM void AS v WHERE v.property_ref = t.property_ref)",
        "The subquery is not tied to the landlord of the query around it.",
    ),
    "IN": (
        f"{GOOD} WHERE t.property_ref IN (SELECT v.property_ref FROM void AS v)",
        "The subquery is not tied to the landlord of the query around it.",
    ),
    "a scalar": (
        f"SELECT {HEAD}, (SELECT COUNT(*) FROM void AS v) AS numerator, 1 AS denominator {WHERE}",
        "The subquery is not tied to the landlord of the query around it.",
    ),
    "GROUP BY": (
        "SELECT t.landlord, 1 AS period_id, 'x' AS case_ref, COUNT(*) AS numerator,"
        " 1 AS denominator FROM tenancy AS t GROUP BY t.tenure",
        "GROUP BY mixes landlords. Add t.landlord.",
    ),
    "GROUP BY over periods": (
        f"SELECT t.landlord, 1 AS period_id, 'x' AS case_ref, COUNT(*) AS numerator,"
        f" 1 AS denominator {WHERE} GROUP BY t.landlord",
        "GROUP BY mixes periods. Add p.period_id.",
    ),
    "an aggregate": (
        "SELECT MIN(t.landlord) AS landlord, 1 AS period_id, 'x' AS case_ref,"
        " COUNT(*) AS numerator, 1 AS denominator FROM tenancy AS t",
        "“MIN(t.landlord)” is taken over all landlords. Add GROUP BY with the landlord.",
    ),
    "PARTITION BY": (
        f"SELECT {HEAD}, ROW_NUMBER() OVER (PARTITION BY p.period_id ORDER BY t.tenancy_ref)"
        f" AS numerator, 1 AS denominator {WHERE}",
        "PARTITION BY mixes landlords. Add t.landlord.",
    ),
    "PARTITION BY over periods": (
        f"SELECT {HEAD}, ROW_NUMBER() OVER (PARTITION BY t.landlord ORDER BY t.tenancy_ref)"
        f" AS numerator, 1 AS denominator {WHERE}",
        "PARTITION BY mixes periods. Add p.period_id.",
    ),
    "a CTE": (
        f"WITH v AS (SELECT w.property_ref FROM void AS w) {GOOD}",
        "The query reads records but does not return their landlord.",
    ),
    "a CTE that invents one": (
        f"WITH v AS (SELECT 'x' AS landlord, w.property_ref FROM void AS w) {GOOD}",
        "“landlord” is not the landlord of a table.",
    ),
    "a LEFT JOIN's landlord": (
        f"SELECT v.landlord, p.period_id, t.tenancy_ref AS case_ref, 1 AS numerator,"
        f" 1 AS denominator {WHERE} LEFT JOIN void AS v ON v.landlord = t.landlord",
        "“landlord” comes from a LEFT JOIN and may be NULL. Take it from the first table.",
    ),
}


@pytest.mark.parametrize("name", WITHIN_LANDLORDS)
def test_every_tie_is_within_a_landlord(name: str) -> None:
    sql, wanted = WITHIN_LANDLORDS[name]
    assert any(wanted in one for one in told(sql)), told(sql)


def test_a_tie_may_stand_anywhere_among_conditions_joined_by_and() -> None:
    on = "h.property_ref = t.property_ref AND (t.landlord = h.landlord)"
    sql = f"{GOOD} JOIN property AS h ON {on}"
    assert told(sql) == []


NAMES = {
    "SELECT tenancy_ref FROM tenancy AS t": "does not say whose it is",
    "SELECT t.landlord FROM tenancy AS t WHERE x.start_on IS NULL": "“x” is no alias here.",
    "SELECT t.landlord, t.nothing FROM tenancy AS t": "“t” has no column “nothing”.",
    "SELECT t.landlord FROM nothing AS t": "There is no table “nothing”.",
    "SELECT tenancy.landlord FROM tenancy": "The table “tenancy” has no alias.",
    "SELECT t.landlord, 1 + 1 FROM tenancy AS t": "has no name",
    "SELECT t.landlord, t.tenure AS x, t.end_on AS x FROM tenancy AS t": "Two columns are called",
    'SELECT t.landlord, t.tenure AS "X" FROM tenancy AS t': "The name “X” is not plain.",
    "SELECT t.* FROM tenancy AS t": "“*” takes whatever the table has.",
    "SELECT * FROM tenancy AS t": "“*” takes whatever the table has.",
    "SELECT t.landlord FROM tenancy AS t JOIN tenancy AS t ON t.landlord = t.landlord": "is taken",
    "WITH tenancy AS (SELECT v.landlord FROM void AS v) SELECT t.landlord FROM tenancy AS t":
        "“tenancy” is taken already.",
    "WITH period AS (SELECT 1 AS period_id) SELECT p.period_id FROM period AS p":
        "“period” is taken already.",
    "SELECT t.landlord FROM tenancy AS t, void AS v": "joins without ON",
    "SELECT t.landlord FROM (SELECT v.landlord FROM void AS v)": "A subquery has no alias.",
}  # fmt: skip

CLAUSES = {
    f"{GOOD} LIMIT 3": "The query has LIMIT.",
    f"{GOOD} ORDER BY t.start_on": "The query has ORDER BY.",
    f"{GOOD} QUALIFY ROW_NUMBER() OVER (PARTITION BY t.landlord ORDER BY t.tenancy_ref) = 1":
        "The query has QUALIFY.",
    f"{GOOD} UNION {GOOD}": "is not in the portable subset. Allowed: UNION ALL.",
    f"{GOOD} EXCEPT {GOOD}": "“EXCEPT” is not in the portable subset.",
    f"{GOOD} RIGHT JOIN void AS v ON v.landlord = t.landlord": "RIGHT JOIN",
    f"{GOOD} FULL JOIN void AS v ON v.landlord = t.landlord": "FULL JOIN",
    f"{GOOD} JOIN void AS v USING (landlord)": "USING",
    f"{GOOD} JOIN void AS v ON v.landlord = t.landlord AND EXISTS (SELECT 1 FROM void AS w"
    " WHERE w.landlord = t.landlord)": "ON holds a subquery",
    f"{GOOD} WHERE t.property_ref NOT IN (SELECT v.property_ref FROM void AS v"
    " WHERE v.landlord = t.landlord)": "NOT IN (SELECT …) finds nothing",
    f"{GOOD} WHERE EXISTS (WITH c AS (SELECT 1 AS one) SELECT 1 FROM c AS c)":
        "A CTE stands inside a condition.",
    f"{GOOD} WHERE EXISTS (SELECT 1 FROM void AS v WHERE v.landlord = t.landlord AND EXISTS"
    " (SELECT 1 FROM void AS w WHERE w.landlord = v.landlord AND w.property_ref ="
    " t.property_ref))": "A subquery sees only the query directly around it.",
    "WITH RECURSIVE c AS (SELECT 1 AS one) " + GOOD: "The CTE is recursive.",
    GOOD.replace("SELECT", "SELECT DISTINCT ON (t.tenure)", 1): "DISTINCT ON",
}  # fmt: skip


@pytest.mark.parametrize("sql", [*NAMES, *CLAUSES])
def test_names_and_clauses(sql: str) -> None:
    wanted = {**NAMES, **CLAUSES}[sql]
    assert any(wanted in one for one in told(sql)), told(sql)


EXPRESSIONS = {
    "t.start_on = '2024-01-01'": "Write a day as DATE '2024-01-31'.",
    "t.tenure = 1": "compares text with whole number",
    "t.start_on + INTERVAL 28 DAY": "Write CAST(d + INTERVAL … AS DATE).",
    "CASE WHEN t.end_on < t.start_on + INTERVAL 1 DAY THEN 1 ELSE 0 END": "Write CAST(d + INTERVAL",
    "t.end_on - t.start_on": "Write DATE_DIFF('day', from, to)",
    "DATE_DIFF('month', t.start_on, t.end_on)": "DATE_DIFF by “MONTH” differs between engines.",
    "CASE WHEN t.starter THEN 1 END": "has no ELSE",
    "CASE WHEN t.starter THEN 1 ELSE 'x' END": "may be whole number or text",
    "CASE WHEN t.tenure THEN 1 ELSE 0 END": "is text, where true or false is needed",
    "SUM(t.starter) OVER (PARTITION BY t.landlord, p.period_id)": "is taken over boolean",
    "CAST(t.tenancy_ref AS INTEGER)": "casts text to whole number",
    "CAST(t.tenancy_ref AS DATE)": "casts text to date",
    "CAST(t.start_on AS DOUBLE)": "casts to a type outside the subset",
    "TRY_CAST(t.tenancy_ref AS INTEGER)": "TRY_CAST is not in the portable subset",
    "1 / 2": "Return numerator and denominator; kloe divides.",
    "7 // 0": "divides otherwise on each engine",
    "7 % p.period_id": "divides otherwise on each engine",
    "1.5 // 2": "divides otherwise on each engine",
    "1e3": "is a double",
    "'a\\b'": "holds a backslash",
    "t.tenure ILIKE 'a%'": "LOWER(x) LIKE 'text%'.",
    "t.tenure LIKE t.tenancy_ref": "The pattern of LIKE is not written out.",
    "SUBSTRING(t.tenure, 0, 2)": "zero differs between engines",
    "SUBSTRING(t.tenure, p.period_id, 2)": "does not begin at a place written out",
    "t.tenure = NULL": "Nothing equals NULL.",
    "t.tenure IN ('a', NULL)": "The list holds NULL",
    "EXTRACT(DOW FROM t.start_on)": "WEEKDAYS_BETWEEN(a, b) counts working days.",
    "WEEKDAYS_BETWEEN(t.start_on, CAST(t.end_on AS TIMESTAMP))": "Write CAST(x AS DATE).",
    "MINUTES_BETWEEN(t.start_on, t.end_on)": "where a date and time is needed",
    "WEEKDAYS_BETWEEN(t.start_on)": "takes two values",
    "RANDOM()": "is not in the portable subset",
    "NOW()": "Use p.end_on of the period.",
    "CURRENT_DATE": "Use p.end_on of the period.",
    "MY_FUNCTION(1)": "The function “MY_FUNCTION” is not in the portable subset.",
    "ROUND(1.55, 1)": "rounds half up on both engines",
    "AVG(p.period_id)": "kloe computes the mean",
    "MEDIAN(p.period_id)": "kloe computes quantiles",
    "STRING_AGG(t.tenure, ',')": "is not in the portable subset",
    "COUNT(*) FILTER (WHERE t.starter)": "is not in the portable subset",
    "ROW_NUMBER()": "stands without a window",
    "ROW_NUMBER() OVER (PARTITION BY t.landlord, p.period_id)": "has no ORDER BY",
    "ROW_NUMBER() OVER (PARTITION BY t.landlord, p.period_id ORDER BY t.start_on)":
        "does not tell all rows apart",
    "SUM(1) OVER (PARTITION BY t.landlord, p.period_id ORDER BY t.tenancy_ref RANGE BETWEEN"
    " UNBOUNDED PRECEDING AND CURRENT ROW)": "is not of rows",
    "(SELECT v.property_ref FROM void AS v WHERE v.landlord = t.landlord)":
        "stands for one value but may return more",
    "CAST(9.5 AS DECIMAL(14,2)) * CAST(9.5 AS DECIMAL(18,6))": "keeps 18 digits of such a product",
    "t.start_on + INTERVAL 3 HOUR": "adds HOUR to date",
    "2 * INTERVAL 3 DAY": "is no length of time",
}  # fmt: skip


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_what_engines_compute_otherwise_is_refused(expression: str) -> None:
    found = column(expression)
    assert any(EXPRESSIONS[expression] in one for one in found), found


def test_a_timestamp_is_not_compared_with_a_day() -> None:
    sql = (
        "SELECT c.landlord, p.period_id, c.contact_ref AS case_ref, 1 AS numerator,"
        " 1 AS denominator FROM period AS p JOIN contact AS c ON {} BETWEEN p.start_on AND p.end_on"
    )
    assert any("the last day's afternoon is lost" in one for one in told(sql.format("c.at")))
    assert told(sql.format("CAST(c.at AS DATE)")) == []


def test_lines_are_those_of_the_text() -> None:
    found = problems(
        parse("-- one\nSELECT t.landlord,\n  p.period_id,\n  t.tenancy_ref AS case_ref,\n"
              "  t.nothing AS numerator,\n  1 AS denominator\nFROM tenancy AS t\n"
              "CROSS JOIN period AS p"),
        layouts(),
    )  # fmt: skip
    assert [(p.line, str(p.found)) for p in found] == [(5, "“t” has no column “nothing”.")]
    assert str(found[0]).startswith("5: ")
    assert found[0].as_dict()["line"] == 5


def test_one_fault_is_told_once_and_does_not_draw_others_after_it() -> None:
    sql = (
        f"SELECT {HEAD}, x.a + x.b AS numerator, x.c AS denominator {WHERE} CROSS JOIN nothing AS x"
    )
    assert [one for one in told(sql) if "joined" not in one] == [
        "1: There is no table “nothing”. There are the tables of the layouts, period, and the"
        " measure's CTEs."
    ]


RETURNED = {
    "SELECT t.landlord, t.tenancy_ref AS case_ref FROM tenancy AS t": "It returns first:",
    f"SELECT {HEAD}, 1 AS denominator, 1 AS numerator {WHERE}": "It returns first:",
    f"SELECT {HEAD}, 'x' AS numerator, 1 AS denominator {WHERE}": "“numerator” is text.",
    f"SELECT {HEAD}, t.start_on AS numerator, 1 AS denominator {WHERE}": "“numerator” is date.",
    f"SELECT {HEAD}, 1 AS numerator, 1 AS denominator, TRUE AS excluded {WHERE}":
        "“excluded” is boolean.",
    f"{GOOD} UNION ALL SELECT {HEAD}, 1 AS denominator, 1 AS numerator {WHERE}":
        "They return columns of the same names in the same order.",
    f"{GOOD} UNION ALL SELECT {HEAD}, 'x' AS numerator, 1 AS denominator {WHERE}":
        "may be whole number or text",
}  # fmt: skip


@pytest.mark.parametrize("sql", RETURNED)
def test_the_measure_returns_what_its_kind_needs(sql: str) -> None:
    assert any(RETURNED[sql] in one for one in told(sql)), told(sql)


def test_kinds_ask_for_columns_of_their_own() -> None:
    value = GOOD.replace("1 AS numerator, 1 AS denominator", "3 AS value")
    assert told(GOOD, kind="ratio") == []
    assert told(value, kind="distribution") == []
    assert told(value, kind="ratio") != []
    assert told(GOOD, kind="distribution") != []
    assert len(told(GOOD, kind="gap")) == 2
    assert "“stratum”" in told(GOOD, kind="adequacy")[0]
    groups = GOOD.replace("1 AS denominator", "1 AS denominator, 'a' AS characteristic, 'b' AS grp")
    assert told(groups, kind="gap") == []


def test_settings_have_the_family_of_their_value() -> None:
    sql = f"{GOOD} WHERE t.start_on > {{}}"
    day = sql.format("CAST(t.end_on + INTERVAL :days DAY AS DATE)")
    assert told(day, settings={"days": 28}) == []
    assert told(sql.format(":day"), settings={"day": date(2024, 1, 1)}) == []
    assert "compares date with whole number" in told(sql.format(":day"), settings={"day": 3})[0]
    assert "“:day” is no setting" in told(sql.format(":day"), settings={"days": 3})[0]
    assert told(sql.format(":day")) == []
    codes = f"{GOOD} WHERE t.tenure IN (:codes)"
    assert told(codes, settings={"codes": ["secure", "starter"]}) == []
    assert told(codes, settings={"codes": [1]}) != []
    rate = GOOD.replace("1 AS numerator", "1 * :rate AS numerator")
    assert told(rate, settings={"rate": Decimal("1.5")}) == []
    assert told(GOOD.replace("1 AS numerator", "7 // :n AS numerator"), settings={"n": 3}) != []


def test_exclusions_are_those_of_the_measure() -> None:
    sql = GOOD.replace(
        "1 AS denominator",
        "1 AS denominator, CASE WHEN t.start_on IS NULL THEN 'no-start' ELSE NULL END AS excluded",
    )
    assert told(sql, exclusions=["no-start"]) == []
    assert "“no-start” is no exclusion" in told(sql, exclusions=["other"])[0]


def test_windows_over_grouped_rows_end_with_the_groups() -> None:
    head = (
        "WITH c AS (SELECT t.landlord, t.property_ref, MIN(t.start_on) AS first FROM tenancy AS t"
        " GROUP BY t.landlord, t.property_ref), d AS (SELECT c.landlord, c.property_ref,"
        " ROW_NUMBER() OVER (PARTITION BY c.landlord ORDER BY {}) AS n FROM c AS c) "
    )
    assert told(head.format("c.first, c.property_ref") + GOOD) == []
    assert "does not tell all rows apart" in told(head.format("c.first") + GOOD)[0]


def test_columns_may_be_given_without_a_layout() -> None:
    sql = (
        "SELECT a.landlord, 1 AS period_id, a.x AS case_ref, a.n AS numerator, 1 AS denominator"
        " FROM a AS a"
    )
    given = {"a": {"x": "VARCHAR", "n": "DECIMAL(14,2)"}}
    assert problems(parse(sql), given) == []
    assert problems(parse(sql.replace("a.n", "a.m")), given) != []


def test_types_of_layouts_are_all_known() -> None:
    for one in layouts().values():
        for type_ in one.types.values():
            assert of_sql(type_).family in Family
    assert of_sql("DECIMAL(14,2)") == Value(Family.DECIMAL, 14, 2)


def test_aggregates_and_window_functions_are_few() -> None:
    assert {a.__name__ for a in AGGREGATES} == {"Count", "Sum", "Min", "Max"}
    assert {w.__name__ for w in WINDOWED} == {"RowNumber", "Lag", "Lead", "FirstValue"}


def test_the_reference_names_every_function_that_is_let_through() -> None:
    page = (Path(__file__).parents[3] / "docs" / "reference" / "portable-sql.md").read_text()
    known = Expressions(Notes(), lambda *_args: [], None)._readers
    names = {
        kind.sql_names()[0]
        for kind in (*known, *WINDOWED)
        if issubclass(kind, exp.Func) and kind not in (exp.And, exp.Or, exp.Anonymous)
    }
    spelt = {"DATEDIFF": "DATE_DIFF"}
    assert {n for n in (*names, *OWN) if spelt.get(n, n) not in page} == set()
