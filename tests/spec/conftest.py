"""Engines for tests that hold one to the other: each started once."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from kloe.core.errors import EnvironmentFault
from kloe.measures.engines.duckdb import DuckDB
from kloe.measures.engines.spark import Spark

# Hundreds of queries over a few rows each: to compile less takes half the time.
os.environ.setdefault("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")


@pytest.fixture(scope="session")
def spark() -> Iterator[Spark]:
    """Spark on this machine. Where it is not installed, the line of the skip says what to do."""
    engine = Spark()
    try:
        engine.run("SELECT 1 AS one")
    except EnvironmentFault as fault:
        pytest.skip(str(fault))
    with engine:
        yield engine


@pytest.fixture(scope="session")
def duck() -> Iterator[DuckDB]:
    """DuckDB in memory."""
    with DuckDB() as engine:
        yield engine
