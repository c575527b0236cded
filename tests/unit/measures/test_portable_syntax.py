"""Reading a measure's SQL, writing it for an engine, and the functions of our own."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import duckdb
import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st

from kloe.core.errors import InvalidInput
from kloe.measures.portable import parse, spark_problems, transpile
from kloe.measures.portable.__main__ import main


@pytest.mark.parametrize(
    ("sql", "line"),
    [
        ("SELECT t.a frm\nfoo bar", "Line 2"),
        ("SELECT t.a,\n  CASE WHEN t.b THEN 1\nFROM t AS t", "Line 2"),
        ("SELECT 'open\nFROM t", "cannot be read: .*'open"),
        ("SELECT (1", "Line 1"),
    ],
)
def test_what_cannot_be_read_is_told_by_line(sql: str, line: str) -> None:
    with pytest.raises(InvalidInput, match=line):
        parse(sql)


@pytest.mark.parametrize("sql", ["", "SELECT 1; SELECT 2", "DELETE FROM t", "DROP TABLE t", "-- x"])
def test_a_measure_is_one_query(sql: str) -> None:
    with pytest.raises(InvalidInput, match="one SELECT"):
        parse(sql)


def test_other_dialects_are_refused() -> None:
    with pytest.raises(InvalidInput, match="duckdb, spark"):
        transpile(parse("SELECT 1 AS one"), "oracle")


def test_transpiling_leaves_the_tree_as_it_was() -> None:
    tree = parse("SELECT WEEKDAYS_BETWEEN(t.a, t.b) AS n FROM t AS t")
    before = repr(tree)
    assert "WEEKDAYS_BETWEEN" not in transpile(tree, "duckdb")
    assert "WEEKDAYS_BETWEEN" not in transpile(tree, "spark")
    assert repr(tree) == before


def test_spark_is_told_where_null_goes() -> None:
    sql = "SELECT LAG(t.a) OVER (PARTITION BY t.landlord ORDER BY t.b, t.c DESC) AS n FROM t AS t"
    assert "ORDER BY t.b NULLS LAST, t.c DESC NULLS LAST" in transpile(parse(sql), "spark").replace(
        "DESC)", "DESC NULLS LAST)"
    )


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT t.a / 2 AS n FROM t AS t", "it divides"),
        ("SELECT DATEDIFF(MONTH, t.a, t.b) AS n FROM t AS t", "it counts MONTH"),
        ("SELECT CAST(t.a AS DOUBLE) AS n FROM t AS t", "it casts to DOUBLE"),
        ("SELECT PERCENTILE_APPROX(t.a, 0.5) AS n FROM t AS t", "it holds"),
        (
            "SELECT LAG(t.a) OVER (PARTITION BY t.l ORDER BY EXPLODE(t.b)) AS n FROM t AS t",
            "it hol",
        ),
    ],
)
def test_what_comes_in_by_transpiling_is_told(sql: str, words: str) -> None:
    found = [str(p) for p in spark_problems(sqlglot.parse_one(sql, read="spark"))]
    assert any(words in one for one in found), found


def test_whole_division_is_let_through() -> None:
    sql = transpile(parse("SELECT t.a // 7 AS n FROM t AS t"), "spark")
    assert spark_problems(sqlglot.parse_one(sql, read="spark")) == []


def _asked(expression: str, a: str, b: str) -> int:
    sql = transpile(parse(f"SELECT {expression.format(a, b)} AS n"), "duckdb")
    row = duckdb.sql(sql).fetchall()[0]
    return int(row[0])


def weekdays(a: date, b: date) -> int:
    """Days from Monday to Friday after ``a`` up to and including ``b``, counted one by one."""
    if b < a:
        return -weekdays(b, a)
    return sum((a + timedelta(n)).weekday() < 5 for n in range(1, (b - a).days + 1))


days = st.dates(date(1899, 12, 30), date(2100, 1, 1))


@settings(deadline=None)
@given(days, st.integers(-800, 800))
def test_weekdays_are_those_counted_one_by_one(a: date, distance: int) -> None:
    b = a + timedelta(distance)
    found = _asked("WEEKDAYS_BETWEEN(DATE '{}', DATE '{}')", a.isoformat(), b.isoformat())
    assert found == weekdays(a, b)


def test_weekdays_of_every_pair_within_three_weeks() -> None:
    first = date(2026, 2, 23)
    for i in range(8):
        for j in range(15):
            a, b = first + timedelta(i), first + timedelta(j)
            found = _asked("WEEKDAYS_BETWEEN(DATE '{}', DATE '{}')", a.isoformat(), b.isoformat())
            assert found == weekdays(a, b), (a, b)


moments = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1))


@settings(deadline=None)
@given(moments, moments)
def test_minutes_are_those_of_the_clock(a: datetime, b: datetime) -> None:
    shown = [str(m.replace(microsecond=0)) for m in (a, b)]
    found = _asked("MINUTES_BETWEEN(TIMESTAMP '{}', TIMESTAMP '{}')", *shown)
    whole = [m.replace(second=0, microsecond=0) for m in (a, b)]
    assert found == (whole[1] - whole[0]) // timedelta(minutes=1)


@pytest.mark.parametrize("name", ["WEEKDAYS_BETWEEN", "MINUTES_BETWEEN"])
@pytest.mark.parametrize("missing", [0, 1])
def test_without_one_end_there_is_no_length(name: str, missing: int) -> None:
    ends = ["TIMESTAMP '2026-03-02 10:00:00'"] * 2
    ends[missing] = "CAST(NULL AS TIMESTAMP)"
    sql = transpile(parse(f"SELECT {name}({ends[0]}, {ends[1]}) AS n"), "duckdb")
    assert duckdb.sql(sql).fetchall() == [(None,)]


def test_authors_are_told_by_file_and_line(
    tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path_factory.mktemp("sql")
    good, bad, worse = (folder / f"{n}.sql" for n in ("good", "bad", "worse"))
    good.write_text(
        "SELECT t.landlord, 1 AS period_id, t.tenancy_ref AS case_ref, 1 AS numerator,\n"
        " 1 AS denominator FROM tenancy AS t"
    )
    bad.write_text(good.read_text().replace("t.tenancy_ref", "t.nothing"))
    worse.write_text("SELECT (")
    assert main([str(good)]) == 0
    assert capsys.readouterr().out == ""
    assert main([str(good), str(bad), str(worse)]) == 3
    out = capsys.readouterr().out
    assert "bad.sql:1: “t” has no column “nothing”." in out
    assert "worse.sql:" in out
