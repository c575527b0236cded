"""The commands: check, load, loads, undo, with their exit codes."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable

import pytest
from records_ground import Ground

from rent_extracts import TRANSACTIONS, ledger, row

Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def kloe(ground: Ground) -> Command:
    ground.write(
        "acme.yaml",
        "format: kloe-mapping/1\nlandlord: acme\nas_at: 2026-03-31\nsources:"
        + TRANSACTIONS.format(files="rents.csv"),
    )

    def call(*words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "kloe.cli.main", "records", *words],
            env={**os.environ, "KLOE_DATA": str(ground.data), "KLOE_ERRORS": "json"},
            capture_output=True, text=True, cwd=ground.folder, check=False,
        )  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr
        return done

    return call


def test_check_load_list_and_undo(ground: Ground, kloe: Command) -> None:
    ground.write("rents.csv", ledger(30) + row(99, day="x") + "\n")
    found = json.loads(kloe("check", "acme.yaml", "--format", "json").stdout)
    assert [(f["column"], f["rule"], f["line"], f["rows"]) for f in found] == [
        ("posted_on", "date", 32, 1)
    ]
    assert ground.state() == []
    done = kloe("load", "acme.yaml", "--by", "Ann", "--format", "csv")
    assert list(csv.DictReader(io.StringIO(done.stdout))) == [
        {
            "table": "rent_transaction",
            "rows": "30",
            "rejects": "1",
            "merged": "0",
            "files": "1",
            "marked": "0",
        }
    ]
    assert "marked rows are listed in" in done.stderr
    assert "nothing changed" in kloe("load", "acme.yaml").stderr
    (entry,) = json.loads(kloe("loads", "acme", "--format", "json").stdout)
    assert (entry["by"], entry["state"], entry["files"]) == ("Ann", "in use", "rents.csv")
    kloe("undo", "acme", "--by", "Bo")
    first, second = json.loads(kloe("loads", "--format", "json").stdout)
    assert (first["state"], second["event"], second["by"]) == ("kept", "undo", "Bo")
    assert "Nothing" not in kloe("loads").stdout
    kloe("undo", "acme", code=5)


def test_what_is_refused_ends_with_its_code(ground: Ground, kloe: Command) -> None:
    error = json.loads(kloe("load", "acme.yaml", code=5).stderr.splitlines()[-1])
    assert "rents.csv" in error["given"]
    ground.write("rents.csv", ledger(3) + row(9, day="x") + "\n")
    for command in ("check", "load"):
        error = json.loads(kloe(command, "acme.yaml", code=3).stderr.splitlines()[-1])
        assert "1 of 4 rows of rent_transaction are rejected" in error["given"]
        assert "--most-rejects" in error["remedy"]
    kloe("load", "acme.yaml", "--most-rejects", "25")
    kloe("load", "none.yaml", code=5)
    kloe("load", "acme.yaml", "--as-at", "March", code=3)
    kloe("load", "acme.yaml", "--landlord", "../up", code=3)
    kloe("loads", "nobody", code=5)


def test_rejects_go_where_they_are_wanted(ground: Ground, kloe: Command) -> None:
    ground.write("rents.csv", ledger(30) + row(99, words="=1+1", day="x") + "\n")
    kloe("check", "acme.yaml", "--rejects", "wrong")
    with (ground.folder / "wrong" / "rent_transaction.csv").open(newline="") as file:
        (found,) = csv.DictReader(file)
    assert found == {
        "file": "rents.csv", "sheet": "", "line": "32", "column": "posted_on",
        "source": "posted_on", "value": "x", "rule": "date",
        "reason": "It is no day in the form the mapping says.", "row": "rejected",
    }  # fmt: skip
