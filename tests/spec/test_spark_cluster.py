"""A generated landlord's records on a cluster of two workers: the figures DuckDB gives."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from spark_ground import QUIET, computed

from kloe.measures.catalogue import Catalogue
from kloe.measures.engines.duckdb import DuckDB
from kloe.measures.engines.spark import Spark
from kloe.records.generator import Wanted, generate
from kloe.records.store import RecordSet

pytestmark = QUIET
MASTER = "local-cluster[2,1,1024]"


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> RecordSet:
    """Two landlords, two years."""
    folder = tmp_path_factory.mktemp("records") / "set"
    generate(Wanted(homes=600, landlords=2, years=2, seed=3, workers=1), folder)
    return RecordSet.open(folder)


def test_every_measure_gives_on_two_workers_what_it_gives_on_duckdb(
    records: RecordSet, spark: Spark, tmp_path: Path
) -> None:
    """``spark`` is asked for only so that the test is skipped where it cannot run."""
    out, ids = tmp_path / "rows", list(Catalogue().sources)
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("cluster.py")), MASTER,
         str(records.folder), str(out), *ids],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stderr == ""
    rows, processes = pickle.loads(out.read_bytes())
    # The driver, which computes nothing, and the two workers.
    assert processes == 3
    with DuckDB() as duck:
        expected = computed(records, duck, ids)
    assert {k: v for k, v in rows.items() if v != expected[k]} == {}
    assert set(rows) == set(expected)
    assert sum(len(v) for v in rows.values()) > len(rows)
