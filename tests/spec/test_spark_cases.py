"""Every measure's cases on Spark: as expected, and row for row as DuckDB gives them."""

from __future__ import annotations

from typing import Any

import pytest
import sqlglot
from spark_ground import QUIET, exactly

from kloe.measures.cases import Runner, load_cases
from kloe.measures.catalogue import Catalogue
from kloe.measures.compose import Query, sql_of
from kloe.measures.engines.base import Engine
from kloe.measures.engines.duckdb import DuckDB
from kloe.measures.engines.spark import Spark
from kloe.measures.portable import spark_problems

pytestmark = QUIET
MEASURES = Catalogue()


class Recording:
    """An engine that keeps the rows it gave."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.name = engine, engine.name
        self.given: list[list[tuple[Any, ...]]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.engine, name)

    def run(self, sql: str) -> list[tuple[Any, ...]]:
        rows = self.engine.run(sql)
        self.given.append(rows)
        return rows


@pytest.mark.parametrize("id_", list(MEASURES.sources))
def test_cases_come_out_on_spark_as_on_duckdb(id_: str, duck: DuckDB, spark: Spark) -> None:
    source = MEASURES.source(id_)
    query, file = Query.of(source.measure), load_cases(source.cases, source.measure)
    recorded = []
    for engine in (duck, spark):
        recording = Recording(engine)
        outcomes = Runner(query, file, recording).run(rows=False)  # type: ignore[arg-type]
        told = {o.case.name: [str(d) for d in o.differences] for o in outcomes if not o.passed}
        assert told == {}, engine.name
        recorded.append([exactly(rows) for rows in recording.given])
    assert recorded[0] == recorded[1]


@pytest.mark.parametrize("id_", list(MEASURES.sources))
def test_nothing_foreign_comes_in_by_transpiling(id_: str) -> None:
    query = Query.of(MEASURES.get(id_))
    after = sqlglot.parse_one(sql_of(query.with_settings(), "spark"), read="spark")
    assert [str(p) for p in spark_problems(after)] == []
