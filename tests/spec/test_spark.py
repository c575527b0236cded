"""Spark as an engine: the types it gives, the files it reads, and what it says when it cannot."""

from __future__ import annotations

import builtins
import json
import os
import subprocess
import sys
from datetime import date, datetime
from decimal import Decimal
from importlib import metadata
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from spark_ground import QUIET, exact, exactly

from kloe.core.errors import EnvironmentFault, InvalidInput
from kloe.measures.engines import spark as engine_module
from kloe.measures.engines.base import Held
from kloe.measures.engines.duckdb import DuckDB
from kloe.measures.engines.named import engine, engine_release
from kloe.measures.engines.spark import Spark, arrow, java
from kloe.records.layouts import layout
from kloe.records.store import DataFile, Filled, RecordSet, Table, write_manifest

pytestmark = QUIET

TYPES = {
    "landlord": "VARCHAR", "n": "BIGINT", "i": "INTEGER", "d": "DATE", "t": "TIMESTAMP",
    "b": "BOOLEAN", "m": "DECIMAL(14,2)", "q": "DECIMAL(18,6)",
}  # fmt: skip
ROWS = [
    ["Tŷ Gwyn", 2**62, -(2**31), date(1899, 12, 30), datetime(2026, 3, 29, 1, 30, 0, 5), True,
     Decimal("-0.01"), Decimal("0.000001")],
    [None] * 8,
]  # fmt: skip


def test_rows_come_back_with_the_types_they_were_held_in(spark: Spark, duck: DuckDB) -> None:
    for one in (spark, duck):
        one.hold({"held": Held(TYPES, ROWS), "nothing": Held(TYPES)})
        rows = one.run("SELECT * FROM held AS h ORDER BY h.n NULLS LAST")
        assert [[exact(v) for v in row] for row in rows] == [[exact(v) for v in r] for r in ROWS]
        assert one.run("SELECT COUNT(*) AS n FROM nothing AS x") == [(0,)]


def test_holding_again_takes_the_place_of_what_was_held(spark: Spark) -> None:
    spark.hold({"held": Held({"a": "INTEGER"}, [[1]])})
    spark.hold({"held": Held({"a": "INTEGER"}, [[2], [3]])})
    assert sorted(spark.run("SELECT h.a FROM held AS h")) == [(2,), (3,)]


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT frm", "UNRESOLVED_COLUMN"),
        ("SELEC 1", "PARSE_SYNTAX_ERROR"),
        ("SELECT n.a FROM nowhere AS n", "nowhere"),
        ("SELECT 1 / 2 AS half", "double: half"),
        ("SELECT CAST('x' AS INT) AS n", "CAST_INVALID_INPUT"),
        ("SELECT 2147483647 + 1 AS n", "overflow"),
        ("SELECT CAST(12345 AS DECIMAL(4,2)) AS n", "NUMERIC_VALUE_OUT_OF_RANGE"),
    ],
)
def test_what_cannot_be_run_is_told_in_one_line(spark: Spark, sql: str, words: str) -> None:
    """Nothing becomes NULL in silence: casts that fail and sums that overflow are errors."""
    with pytest.raises(InvalidInput, match=words) as told:
        spark.run(sql)
    assert "\n" not in str(told.value)


def test_one_process_talks_to_one_master(spark: Spark) -> None:
    with pytest.raises(EnvironmentFault, match="one master at a time"):
        Spark(master="local[1]").run("SELECT 1 AS one")


def test_engines_of_one_process_do_not_see_each_others_tables(spark: Spark) -> None:
    spark.hold({"mine": Held({"a": "INTEGER"}, [[1]])})
    with Spark() as other:
        with pytest.raises(InvalidInput, match="mine"):
            other.run("SELECT m.a FROM mine AS m")
        other.hold({"mine": Held({"a": "INTEGER"}, [[2]])})
        assert other.run("SELECT m.a FROM mine AS m") == [(2,)]
    assert spark.run("SELECT m.a FROM mine AS m") == [(1,)]


def test_it_is_found_by_name_and_says_its_release(spark: Spark) -> None:
    found = engine("spark")
    assert (found.name, found.version) == ("spark", spark.version)
    assert spark.version.startswith("4.")


# Files


def _tenancies(folder: Path) -> RecordSet:
    """Two files: one as the layout has it but for a column, one with narrower types."""
    types = layout("tenancy").types
    names = list(types)
    rows = [
        ["L1", "a.csv", 1, *[None] * (len(names) - 3)],
        ["L1", "a.csv", 2, *[None] * (len(names) - 3)],
    ]
    for n, row in enumerate(rows):
        row[names.index("tenancy_ref")] = f"T{n}"
        row[names.index("start_on")] = date(2025, 4, 1 + n)
        row[names.index("joint")] = bool(n)
    whole = arrow(Held(types, rows))
    narrow = pa.table(
        {
            "landlord": ["L2"],
            "source_row": pa.array([7], pa.int16()),
            "tenancy_ref": pa.array(["Tx"], pa.large_string()),
            "start_on": pa.array([datetime(2025, 4, 3)], pa.timestamp("ms")),
        }
    )
    (folder / "tenancy").mkdir()
    files = []
    for name, table in (("a b%20 [1]{2}", whole.drop_columns(["end_reason"])), ("ç'*", narrow)):
        path = folder / "tenancy" / f"{name}.parquet"
        pq.write_table(table, path)
        files.append(DataFile.of(folder, path, table.num_rows))
    columns = {name: Filled(given=True, values=1) for name in names}
    return write_manifest(
        folder,
        landlord="L1",
        as_at=date(2025, 5, 1),
        tables=[Table("tenancy", tuple(files), columns), Table("void", (), {})],
    )


def test_files_are_read_by_the_layout_as_duckdb_reads_them(tmp_path: Path, spark: Spark) -> None:
    records = _tenancies(tmp_path)
    listed = ", ".join(f"t.{c}" for c in layout("tenancy").types)
    found: list[Any] = []
    for one in (Spark(), DuckDB()):
        with one:
            one.open(records, ["tenancy", "void", "property"])
            found.append(exactly(one.run(f"SELECT {listed} FROM tenancy AS t")))
            assert one.run("SELECT COUNT(*) AS n FROM void AS v") == [(0,)]
            with pytest.raises(InvalidInput, match="property"):
                one.run("SELECT p.landlord FROM property AS p")
    assert len(found[0]) == 3
    assert found[0] == found[1]


def test_many_rows_are_compiled_and_few_are_not(tmp_path: Path, spark: Spark) -> None:
    records = _tenancies(tmp_path)
    sql = "SELECT t.landlord, COUNT(*) AS n FROM tenancy AS t GROUP BY t.landlord ORDER BY 1"
    with Spark() as one:
        one.open(records, ["tenancy"])
        few = one.run(sql)
        conf = one._session().conf
        assert conf.get("spark.sql.adaptive.enabled") == "false"
        one._rows = engine_module.SMALL
        assert one.run(sql) == few == [("L1", 2), ("L2", 1)]
        assert conf.get("spark.sql.adaptive.enabled") == "true"
        assert conf.get("spark.sql.shuffle.partitions") == "8"


# What is missing


def test_without_pyspark_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.partition(".")[0] == "pyspark":
            raise ImportError(name)
        return whole(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(EnvironmentFault, match=r"pip install 'kloe\[spark\]'") as told:
        engine_module._Process().take("local[2]")
    assert told.value.exit_code == 8


def test_a_result_cannot_bear_the_release_of_what_is_not_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert engine_release("duckdb").startswith("duckdb 2.")

    def absent(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", absent)
    with pytest.raises(EnvironmentFault, match="pyspark, which is not installed"):
        engine_release("spark")


def _java(folder: Path, words: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "java"
    program.write_text(f"#!/bin/sh\necho '{words}' >&2\n")
    program.chmod(0o755)
    return program


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for Java is a shell script")
def test_without_java_or_with_an_old_one_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EnvironmentFault, match=r"there is none here.*openjdk-17"):
        java()
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}/bin{os.pathsep}/usr/bin")
    _java(tmp_path / "bin", 'openjdk version "11.0.2" 2019-01-15')
    with pytest.raises(EnvironmentFault, match=r"Java 11\.0\.2 is too old"):
        java()
    _java(tmp_path / "bin", "nonsense")
    with pytest.raises(EnvironmentFault, match="does not say which Java it is"):
        java()
    _java(tmp_path / "home" / "bin", 'openjdk version "21-ea" 2023-09-19')
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "home"))
    assert java() == str(tmp_path / "home" / "bin" / "java")


QUIET_RUN = """
import json, sys
from kloe.core.errors import KloeError
from kloe.measures.engines.spark import Spark
try:
    with Spark(master=sys.argv[1]) as engine:
        rows = engine.run("SELECT 1 AS one")
    with Spark(master=sys.argv[1]) as engine:
        rows += engine.run("SELECT 2 AS two")
except KloeError as error:
    rows = str(error)
sys.stdout.write(json.dumps(rows))
"""


def _alone(folder: Path, master: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "TMPDIR": str(folder)}
    return subprocess.run(
        [sys.executable, "-c", QUIET_RUN, master],
        cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip


def test_it_is_quiet_and_leaves_nothing_behind(tmp_path: Path, spark: Spark) -> None:
    done = _alone(tmp_path, "local[1]")
    assert json.loads(done.stdout) == [[1], [2]]
    assert done.stderr == ""
    left = {p.name for p in tmp_path.iterdir()} - {f"hsperfdata_{os.environ.get('USER', 'root')}"}
    assert {n for n in left if not n.startswith("hsperfdata")} == set()


def test_a_master_that_is_none_is_told(tmp_path: Path, spark: Spark) -> None:
    done = _alone(tmp_path, "nonsense")
    assert "Spark does not start on nonsense" in json.loads(done.stdout)
    assert done.stderr == ""
