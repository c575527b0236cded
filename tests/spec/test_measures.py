"""Every measure against its own cases, and every mistake in its SQL against them too."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kloe.measures.catalogue import catalogue
from kloe.measures.engines.base import Engine
from kloe.measures.engines.named import engine
from kloe.measures.examining import examine

IDS = tuple(catalogue().sources)


@pytest.fixture(scope="module")
def duckdb() -> Iterator[Engine]:
    with engine("duckdb") as running:
        yield running


@pytest.mark.parametrize("id_", IDS)
def test_cases(duckdb: Engine, id_: str) -> None:
    report = examine(catalogue().source(id_), duckdb)
    assert not report.faults, "\n".join(map(str, report.faults))
    assert report.cases >= 4


@pytest.mark.slow
@pytest.mark.parametrize("id_", IDS)
def test_a_mistake_in_the_sql_fails_a_case(duckdb: Engine, id_: str) -> None:
    report = examine(catalogue().source(id_), duckdb, mutants=True)
    assert not report.faults, "\n".join(map(str, report.faults))
    assert report.mutants > report.survivors


def test_indicators_and_titles_are_told_apart() -> None:
    """Two measures with one title could not be told apart in a list."""
    titles = [str(m.title) for m in catalogue().all()]
    assert sorted(set(titles)) == sorted(titles)
