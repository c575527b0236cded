"""An invented landlord written as CSV and loaded is the one written as Parquet, faults and all."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from generated import planted
from typer.testing import CliRunner

from kloe.cli.measures import app as measures
from kloe.records.generator import Wanted, generate
from kloe.records.generator.faults import load as faults
from kloe.records.layouts import layouts
from kloe.records.loading import Result, load_records
from kloe.records.mapping import parse_mapping
from kloe.records.store import RecordSet
from kloe.records.versions import Shelf

PERIOD = "2024-04-01/2026-03-31"
INTEGRITY = sorted(
    {m for f in faults().values() for m in f.found_by if m.startswith("integrity/")}
)  # fmt: skip


def as_it_stands(folder: Path) -> str:
    """A mapping of files that have our own names for everything."""
    lines = ["format: kloe-mapping/1", "landlord: again", "as_at: 2026-03-31", "sources:"]
    for name, layout in layouts().items():
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            names = next(csv.reader(file))
        ours = [n for n in names if n in layout.by_name]
        lines += [f"- files: {name}.csv", f"  table: {name}", "  columns:"]
        lines += [f"    {n}: {n}" for n in ours]
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("written") / "invented"
    generate(Wanted(homes=400, years=2, seed=11, formats=("csv", "parquet")), out)
    return out


@pytest.fixture(scope="module")
def loaded(written: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path]:
    data = tmp_path_factory.mktemp("loaded")
    result = load_records(data, parse_mapping(as_it_stands(written)), written, by="test")
    return result, Shelf(data, "again").folder


def at_fault(measure: str, records: Path) -> set[str]:
    words = ["cases-at-fault", measure, "--records", str(records), "--period", PERIOD]
    said = CliRunner().invoke(measures, [*words, "--format", "csv"])
    assert said.exit_code == 0, said.stderr
    return {row["case_ref"] for row in csv.DictReader(io.StringIO(said.stdout))}


@pytest.mark.parametrize("measure", INTEGRITY)
def test_a_test_of_extracts_finds_what_was_planted_in_files_that_were_loaded(
    measure: str, written: Path, loaded: tuple[Result, Path]
) -> None:
    wanted = {r["case_ref"] for r in planted(written) if measure in r["found_by"].split()}
    assert wanted
    assert at_fault(measure, loaded[1]) == wanted


def test_no_row_is_lost_on_the_way(written: Path, loaded: tuple[Result, Path]) -> None:
    result, folder = loaded
    assert [(f.table, f.column, f.rule) for f in result.findings if not f.kept] == []
    was, now = RecordSet.open(written), RecordSet.open(folder)
    assert {t: now.table(t).rows for t in now.tables} == {t: was.table(t).rows for t in was.tables}
    assert now.as_at == date(2026, 3, 31)


def test_rows_that_are_marked_are_those_planted(written: Path, loaded: tuple[Result, Path]) -> None:
    marked = Counter({t.table: t.marked for t in loaded[0].tables if t.marked})
    out_of_order = {"integrity/repairs-completed-before-report", "integrity/repairs-default-dates"}
    wanted = {
        (r["table"], r["ref"])
        for r in planted(written)
        if out_of_order & set(r["found_by"].split())
    }
    assert marked == Counter(table for table, _ref in wanted)


def test_every_rule_whose_rows_are_kept_names_tests_that_there_are() -> None:
    from kloe.measures.catalogue import catalogue

    named = {m for one in layouts().values() for rule in one.rules for m in rule.found_by}
    assert named
    assert named <= {source.id for source in catalogue().match(())}
