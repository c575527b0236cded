"""An invented landlord for the tests of the generator, and the same without a fault."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from kloe.records.generator import FAULTS, Wanted, generate
from kloe.records.layouts import layouts

Row = dict[str, Any]
Tables = dict[str, list[Row]]
END = date(2026, 3, 31)
START = date(2024, 4, 1)


def read(folder: Path) -> Tables:
    return {name: pq.read_table(folder / f"{name}.parquet").to_pylist() for name in layouts()}


def planted(folder: Path) -> list[dict[str, str]]:
    with (folder / FAULTS).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("generator") / "invented"
    generate(Wanted(homes=400, years=2, seed=11), out)
    return out


@pytest.fixture(scope="module")
def tables(made: Path) -> Tables:
    return read(made)


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """The same without a single fault."""
    folder = tmp_path_factory.mktemp("generator clean")
    none = folder / "none.yaml"
    none.write_text("all: 0\n")
    generate(Wanted(homes=400, years=2, seed=11, faults=none), folder / "invented")
    assert planted(folder / "invented") == []
    return read(folder / "invented")
