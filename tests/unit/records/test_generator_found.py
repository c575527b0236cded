"""The command that invents records, and what the tests of extracts find in them."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from generated import clean, made, planted
from typer.testing import CliRunner, Result

from kloe.cli.measures import app as measures
from kloe.cli.records import app as records
from kloe.core.errors import InvalidInput
from kloe.records.generator.faults import load

__all__ = ["clean", "made"]

INTEGRITY = sorted(
    {m for f in load().values() for m in f.found_by if m.startswith("integrity/")}
)  # fmt: skip


def run(app: object, *words: str) -> Result:
    result = CliRunner().invoke(app, list(words))  # type: ignore[arg-type]
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.mark.parametrize("measure", INTEGRITY)
def test_a_test_of_extracts_finds_what_was_planted_and_no_more(measure: str, made: Path) -> None:
    said = run(
        measures, "cases-at-fault", measure, "--records", str(made),
        "--period", "2024-04-01/2026-03-31", "--format", "csv",
    )  # fmt: skip
    found = {row["case_ref"] for row in csv.DictReader(io.StringIO(said.stdout))}
    assert found == {r["case_ref"] for r in planted(made) if measure in r["found_by"].split()}
    assert found


def test_the_command_says_what_it_made(tmp_path: Path) -> None:
    words = ("generate", "--homes", "100", "--years", "1", "--seed", "4", "--format", "csv,parquet")
    said = run(records, *words, "--out", str(tmp_path / "out"), "--until", "2025-12-31")
    assert said.exit_code == 0
    assert "faults planted" in said.stderr
    names = {p.name for p in (tmp_path / "out").iterdir()}
    assert {"tenancy.csv", "tenancy.parquet", "manifest.json", "manifest-faults.csv"} <= names


def test_a_day_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="2025-02-30"):
        run(records, "generate", "--out", str(tmp_path / "out"), "--until", "2025-02-30")
