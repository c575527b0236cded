"""What DuckDB and Spark compute alike, seen on both: the portable subset follows from this.

``SAME`` is what authors may write: the linter lets it pass, and both engines give the same values
of the same types, to the last digit. ``OTHERWISE`` is what they may not write: the linter refuses
it, and the engines were seen to differ, or one of them refuses it.
"""

from __future__ import annotations

from typing import Any

import pytest
from spark_ground import LAYOUT, QUIET, exact, exactly, table

from kloe.core.errors import InvalidInput
from kloe.measures.engines.duckdb import DuckDB
from kloe.measures.engines.spark import Spark
from kloe.measures.portable import parse, problems, spark_problems, transpile
from kloe.measures.portable.expressions import Expressions
from kloe.measures.portable.notes import Notes

pytestmark = QUIET

_WHEN = "CASE WHEN {} THEN 1 ELSE 0 END".format
_OVER = "{} OVER (PARTITION BY t.landlord ORDER BY {})".format

SAME = [
    # Days
    "DATE_DIFF('day', t.d1, t.d2)",
    "DATE_DIFF('day', CAST(t.t1 AS DATE), CAST(t.t2 AS DATE))",
    "CAST(t.d1 + INTERVAL 1 MONTH AS DATE)",
    "CAST(t.d1 - INTERVAL 1 MONTH AS DATE)",
    "CAST(t.d1 + INTERVAL 1 YEAR AS DATE)",
    "CAST(t.d1 - INTERVAL 12 MONTH AS DATE)",
    "CAST(t.d1 + INTERVAL 28 DAY AS DATE)",
    "CAST(t.d1 - INTERVAL 28 DAYS AS DATE)",
    "CAST(t.d1 + INTERVAL 2 WEEK AS DATE)",
    "CAST(t.d1 + t.k * INTERVAL 1 DAY AS DATE)",
    "CAST(t.d1 + t.k * INTERVAL 1 MONTH AS DATE)",
    "CAST(t.d1 - t.k * INTERVAL 1 YEAR AS DATE)",
    "t.d1 + 28",
    "t.d1 - 28",
    "t.d1 + CAST(t.k AS INTEGER)",
    "CAST(t.t1 AS DATE) + 3",
    "DATE '2024-01-01'",
    "CAST('2024-01-01' AS DATE)",
    "CAST(t.t1 AS DATE)",
    "CAST(t.d1 AS TIMESTAMP)",
    "TIMESTAMP '2024-01-31 23:59:59'",
    "EXTRACT(YEAR FROM t.d1)",
    "EXTRACT(QUARTER FROM t.d1)",
    "EXTRACT(MONTH FROM t.d1)",
    "EXTRACT(DAY FROM t.d1)",
    "EXTRACT(HOUR FROM t.t1)",
    "EXTRACT(MINUTE FROM t.t2)",
    "EXTRACT(YEAR FROM t.d1) * 12 + EXTRACT(MONTH FROM t.d1)",
    "WEEKDAYS_BETWEEN(t.d1, t.d2)",
    "WEEKDAYS_BETWEEN(t.d2, t.d1)",
    "MINUTES_BETWEEN(t.t1, t.t2)",
    "MINUTES_BETWEEN(t.t2, t.t1)",
    "t.t1 + INTERVAL 24 HOUR",
    "t.t1 + INTERVAL 90 MINUTE",
    "t.t1 - INTERVAL 1 MONTH",
    "t.t1 + t.k * INTERVAL 1 HOUR",
    _WHEN("t.t2 <= t.t1 + INTERVAL 24 HOUR"),
    _WHEN("t.t1 > TIMESTAMP '2024-01-31 00:00:00'"),
    _WHEN("t.d1 BETWEEN DATE '2024-01-31' AND t.d2"),
    _WHEN("t.d1 IN (DATE '2024-01-31', DATE '2024-02-29')"),
    # Numbers
    "t.k + 1",
    "t.i - t.k",
    "t.i * 2",
    "-t.i",
    "- t.m",
    "ABS(t.i)",
    "ABS(t.m)",
    "t.i // 7",
    "t.i % 7",
    "t.i // 2 * 2 + t.i % 2",
    "t.m + t.q",
    "t.m - t.q",
    "t.m + t.k",
    "t.m * 2",
    "t.m * 0.5",
    "t.m * t.k",
    "t.q * t.k",
    "CAST(t.q AS DECIMAL(9,2)) * CAST(t.q AS DECIMAL(9,4))",
    "CAST(t.q AS DECIMAL(14,2))",
    "CAST(t.q AS DECIMAL(18,0))",
    "CAST(t.q AS DECIMAL(18,1))",
    "CAST(t.m * 12 AS DECIMAL(18,2))",
    "CAST(t.m AS DECIMAL(38,2))",
    "CAST(t.i AS DECIMAL(14,2))",
    "CAST(t.k AS INTEGER)",
    "CAST(t.k AS BIGINT)",
    "1.5",
    "5000000000",
    "0.1 + 0.2",
    # Choosing
    "COALESCE(t.d1, t.d2)",
    "COALESCE(t.m, 0)",
    "COALESCE(t.m, t.q)",
    "COALESCE(t.i, t.m)",
    "COALESCE(t.x, 'none')",
    "COALESCE(CAST(t.t1 AS DATE), t.d2, DATE '2024-01-01')",
    "NULLIF(t.i, 0)",
    "NULLIF(TRIM(t.x), '')",
    "LEAST(t.d1, t.d2)",
    "GREATEST(t.d1, t.d2)",
    "LEAST(t.i, 3)",
    "GREATEST(t.m, t.q)",
    "CASE WHEN t.i > 0 THEN t.m ELSE 0 END",
    "CASE WHEN t.i > 0 THEN t.m ELSE t.q END",
    "CASE WHEN t.i > 0 THEN t.i ELSE t.m END",
    "CASE WHEN t.i > 0 THEN 1.5 ELSE 0 END",
    "CASE WHEN t.i > 0 THEN 'some' ELSE NULL END",
    "CASE WHEN t.k = 1 THEN t.k WHEN t.k = 2 THEN 5000000000 ELSE 0 END",
    "CASE t.landlord WHEN 'a' THEN 1 ELSE 0 END",
    "CASE WHEN t.k > 1 THEN t.d1 ELSE CAST(t.t2 AS DATE) END",
    # True, false, neither
    "t.b",
    "t.b AND t.i > 0",
    "t.b OR t.i > 0",
    "t.i IS NULL",
    _WHEN("t.b"),
    _WHEN("NOT t.b"),
    _WHEN("t.b IS TRUE"),
    _WHEN("t.b IS NOT TRUE"),
    _WHEN("t.b = FALSE"),
    _WHEN("COALESCE(t.b, FALSE)"),
    _WHEN("t.i IN (7, 0)"),
    _WHEN("t.i NOT IN (7, 0)"),
    _WHEN("t.x <> 'damp'"),
    _WHEN("t.x IS DISTINCT FROM 'damp'"),
    _WHEN("t.d1 IS NOT DISTINCT FROM t.d2"),
    _WHEN("t.i BETWEEN -7 AND 7"),
    _WHEN("t.m = t.i"),
    _WHEN("t.m > 0.01"),
    _WHEN("t.m >= t.q AND (t.k < 3 OR t.k <= 5)"),
    # Text
    "LOWER(t.x)",
    "UPPER(t.x)",
    "TRIM(t.x)",
    "LENGTH(t.x)",
    "SUBSTRING(t.x, 1, 3)",
    "SUBSTRING(t.x, 2)",
    "SUBSTRING(t.x, 2, 100)",
    "t.x || t.y",
    "t.landlord || '/' || CAST(t.k AS VARCHAR)",
    "'it''s'",
    "CAST(t.d1 AS VARCHAR)",
    "CAST(t.i AS VARCHAR)",
    "CAST(t.m AS VARCHAR)",
    "CAST(t.b AS VARCHAR)",
    "CAST(NULL AS INTEGER)",
    "CAST(NULL AS VARCHAR)",
    _WHEN("t.x LIKE '%m%'"),
    _WHEN("t.x LIKE '_a%'"),
    _WHEN("t.x NOT LIKE 'd%'"),
    _WHEN("(';' || t.y || ';') LIKE '%;damp;%'"),
    _WHEN("t.x < 'z'"),
    _WHEN("t.x = ''"),
    _WHEN("t.y <= 'damp'"),
    # Windows
    _OVER("ROW_NUMBER()", "t.k"),
    _OVER("ROW_NUMBER()", "t.d1, t.k"),
    _OVER("ROW_NUMBER()", "t.d1 DESC, t.k"),
    _OVER("ROW_NUMBER()", "t.d1 NULLS FIRST, t.k DESC"),
    _OVER("ROW_NUMBER()", "t.d1 DESC NULLS FIRST, t.k"),
    _OVER("ROW_NUMBER()", "t.x, t.k"),
    _OVER("ROW_NUMBER()", "t.b, t.k"),
    _OVER("LAG(t.i)", "t.k"),
    _OVER("LEAD(t.d1)", "t.d1, t.k"),
    _OVER("LAG(t.i, 2)", "t.k"),
    _OVER("LEAD(t.i, 1, 0)", "t.k"),
    _OVER("FIRST_VALUE(t.i)", "t.d1, t.k"),
    _OVER("SUM(t.m)", "t.k"),
    _OVER("COUNT(t.i)", "t.k"),
    "SUM(t.i) OVER (PARTITION BY t.landlord)",
    "COUNT(*) OVER (PARTITION BY t.landlord, t.b)",
    "MAX(t.d1) OVER (PARTITION BY t.landlord)",
    "SUM(t.m) OVER (PARTITION BY t.landlord ORDER BY t.k"
    " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)",
    "MIN(t.i) OVER (PARTITION BY t.landlord ORDER BY t.k"
    " ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING)",
    # Subqueries
    "(SELECT MAX(u.d1) FROM t AS u WHERE u.landlord = t.landlord AND u.k < t.k)",
    "(SELECT COUNT(*) FROM t AS u WHERE u.landlord = t.landlord AND u.k < t.k)",
    "EXISTS (SELECT 1 FROM t AS u WHERE u.landlord = t.landlord AND u.k > t.k)",
    _WHEN("EXISTS (SELECT 1 FROM t AS u WHERE u.landlord = t.landlord"
          " AND u.d1 BETWEEN t.d1 AND t.d2)"),
    _WHEN("t.i IN (SELECT u.i FROM t AS u WHERE u.landlord = t.landlord AND u.k > 1)"),
]  # fmt: skip

_GROUP = "SELECT t.landlord, {} AS v FROM t AS t GROUP BY t.landlord".format

#: Whole queries, read as CTEs of a measure by the linter.
QUERIES = [
    _GROUP("COUNT(*)"),
    _GROUP("COUNT(t.i)"),
    _GROUP("COUNT(DISTINCT t.i)"),
    _GROUP("COUNT(DISTINCT CASE WHEN t.k > 1 THEN t.y ELSE NULL END)"),
    _GROUP("SUM(t.i)"),
    _GROUP("SUM(t.m)"),
    _GROUP("SUM(t.q)"),
    _GROUP("SUM(t.m) * 12"),
    _GROUP("SUM(t.m) * 1.5"),
    _GROUP("SUM(t.m - t.q)"),
    _GROUP("CAST(SUM(t.m) AS DECIMAL(18,2))"),
    _GROUP("SUM(CASE WHEN t.i > 0 THEN t.m ELSE 0 END)"),
    _GROUP("SUM(t.k) - COUNT(*)"),
    _GROUP("SUM(COALESCE(t.m, 0))"),
    _GROUP("SUM(CASE WHEN t.k > 100 THEN t.m ELSE NULL END)"),
    _GROUP("MIN(t.x)"),
    _GROUP("MAX(t.x)"),
    _GROUP("MIN(t.d1)"),
    _GROUP("MAX(t.t2)"),
    "SELECT t.landlord, t.b, MIN(t.d1) AS v FROM t AS t GROUP BY t.landlord, t.b",
    "SELECT t.landlord, EXTRACT(YEAR FROM t.d1) AS y, COUNT(*) AS v FROM t AS t"
    " GROUP BY t.landlord, EXTRACT(YEAR FROM t.d1)",
    _GROUP("COUNT(*)") + " HAVING SUM(t.m) > 1 AND COUNT(DISTINCT t.k) > 1",
    "SELECT DISTINCT t.landlord, t.b FROM t AS t",
    "SELECT t.landlord, t.i AS v FROM t AS t UNION ALL SELECT t.landlord, 0 AS v FROM t AS t",
    "SELECT t.landlord, t.m AS v FROM t AS t UNION ALL SELECT t.landlord, t.q AS v FROM t AS t",
    "SELECT t.landlord, t.i AS v FROM t AS t UNION ALL SELECT t.landlord, t.q AS v FROM t AS t",
    "SELECT t.landlord, NULL AS v FROM t AS t UNION ALL SELECT t.landlord, t.d1 AS v FROM t AS t",
    "SELECT t.landlord, t.k, u.k AS v FROM t AS t"
    " LEFT JOIN t AS u ON u.landlord = t.landlord AND u.d1 < t.d2",
    "SELECT t.landlord, t.k, p.period_id FROM period AS p"
    " JOIN t AS t ON t.d1 BETWEEN p.start_on AND p.end_on",
    "SELECT t.landlord, t.k, p.period_id FROM t AS t CROSS JOIN period AS p"
    " WHERE t.d1 IS NULL OR t.d1 <= p.end_on",
    "SELECT t.landlord, t.k FROM t AS t WHERE NOT EXISTS"
    " (SELECT 1 FROM t AS u WHERE u.landlord = t.landlord AND u.k > t.k)",
    "SELECT t.landlord, t.k FROM t AS t WHERE t.k = 3 OR EXISTS (SELECT 1 FROM t AS u"
    " JOIN t AS w ON w.landlord = u.landlord AND w.k = u.k"
    " WHERE u.landlord = t.landlord AND w.d1 >= t.d1 AND w.k > t.k)",
    "SELECT t.landlord, SUM(CASE WHEN EXISTS (SELECT 1 FROM t AS u WHERE u.landlord = t.landlord"
    " AND u.k > t.k) THEN 1 ELSE 0 END) AS v FROM t AS t GROUP BY t.landlord",
    "SELECT t.landlord, t.k, g.name FROM t AS t CROSS JOIN"
    " (SELECT 'x' AS name UNION ALL SELECT 'y' AS name) AS g",
    "SELECT s.landlord, s.k FROM (SELECT t.landlord, t.k, ROW_NUMBER() OVER (PARTITION BY"
    " t.landlord ORDER BY t.d1 DESC, t.k) AS n FROM t AS t) AS s WHERE s.n = 1",
]

#: What differs: wrong on one of them, or refused by one of them.
OTHERWISE = [
    "DATE_DIFF('month', t.d1, t.d2)",
    "DATE_DIFF('year', t.d1, t.d2)",
    "DATE_DIFF('quarter', t.d1, t.d2)",
    "DATE_DIFF('day', t.t1, t.t2)",
    "DATE_DIFF('hour', t.t1, t.t2)",
    "DATE_DIFF('minute', t.t1, t.t2)",
    "DATE_DIFF('second', t.t1, t.t2)",
    "t.d1 - t.d2",
    "t.d1 + INTERVAL 28 DAY",
    "t.d1 + t.k",
    "EXTRACT(DOW FROM t.d1)",
    "EXTRACT(ISODOW FROM t.d1)",
    "EXTRACT(SECOND FROM t.t1)",
    "DAYOFWEEK(t.d1)",
    "ISODOW(t.d1)",
    "CAST(t.q AS INTEGER)",
    "CAST('12.5' AS INTEGER)",
    "CAST('abc' AS DATE)",
    "t.i / 2",
    "t.m * t.q",
    "SIGN(t.i)",
    "SUBSTRING(t.x, 0, 3)",
    "UPPER('ß') || '\\'",
    "CASE WHEN t.y = 12 THEN 1 ELSE 0 END",
    "CASE WHEN 'a\\b' LIKE 'a\\%' THEN 1 ELSE 0 END",
    "CAST(t.d1 + INTERVAL (t.k) DAY AS DATE)",
    "SUM(t.b) OVER (PARTITION BY t.landlord)",
]


def measure(expression: str) -> str:
    """An expression as a column of a measure."""
    return (
        "SELECT t.landlord, 1 AS period_id, CAST(t.k AS VARCHAR) AS case_ref, 1 AS numerator,"
        f" 1 AS denominator, {expression} AS v FROM t AS t"
    )


def around(query: str) -> str:
    """A query as the CTE of a measure."""
    return (
        f"WITH c AS ({query}) SELECT c.landlord, 1 AS period_id, c.landlord AS case_ref,"
        " 1 AS numerator, 1 AS denominator FROM c AS c"
    )


@pytest.fixture(scope="module")
def engines(duck: DuckDB, spark: Spark) -> tuple[DuckDB, Spark]:
    """Both, over the same table."""
    for engine in (duck, spark):
        engine.hold(table())
    return duck, spark


@pytest.fixture(scope="module")
def columns(engines: tuple[DuckDB, Spark]) -> dict[str, tuple[list[Any], list[Any]]]:
    """Every expression's values by row on both engines: all of them in one query each."""
    listed = ", ".join(f"{one} AS v{n}" for n, one in enumerate(SAME))
    tree = parse(f"SELECT t.k, {listed} FROM t AS t")
    rows = [sorted(e.run(transpile(tree, e.name)), key=lambda r: r[0]) for e in engines]
    return {
        one: tuple([exact(row[n]) for row in found] for found in rows)  # type: ignore[misc]
        for n, one in enumerate(SAME, 1)
    }


@pytest.mark.parametrize("expression", SAME)
def test_the_linter_lets_pass_what_agrees(expression: str) -> None:
    tree = parse(measure(expression))
    assert [str(p) for p in problems(tree, {"t": LAYOUT})] == []
    assert [str(p) for p in spark_problems(_again(transpile(tree, "spark")))] == []


@pytest.mark.parametrize("expression", SAME)
def test_both_engines_compute_it_alike(
    expression: str, columns: dict[str, tuple[list[Any], list[Any]]]
) -> None:
    ours, theirs = columns[expression]
    assert ours == theirs


@pytest.mark.parametrize("query", QUERIES)
def test_both_engines_answer_alike(query: str, engines: tuple[DuckDB, Spark]) -> None:
    assert [str(p) for p in problems(parse(around(query)), {"t": LAYOUT})] == []
    tree = parse(query)
    ours, theirs = (exactly(engine.run(transpile(tree, engine.name))) for engine in engines)
    assert ours
    assert ours == theirs


@pytest.mark.parametrize("expression", OTHERWISE)
def test_what_differs_is_refused(expression: str, engines: tuple[DuckDB, Spark]) -> None:
    sql = measure(expression)
    assert problems(parse(sql), {"t": LAYOUT})
    found: list[Any] = []
    for engine in engines:
        try:
            found.append(exactly(engine.run(transpile(parse(sql), engine.name))))
        except InvalidInput as error:
            found.append(str(error))
    assert found[0] != found[1]


def test_everything_the_linter_knows_was_seen_to_agree() -> None:
    """An expression may be let through only if it stands in one of the lists above."""
    seen = {
        type(node) for sql in [*(measure(e) for e in SAME), *QUERIES] for node in parse(sql).walk()
    }
    reader = Expressions(Notes(), lambda *_args: [], None)
    known = set(reader._readers)
    assert {k.__name__ for k in known - seen} <= {"Placeholder"}


def _again(sql: str) -> Any:
    import sqlglot

    return sqlglot.parse_one(sql, read="spark")
