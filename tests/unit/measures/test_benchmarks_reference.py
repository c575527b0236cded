"""The reference says what the program does: commands, columns, codes, limits."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kloe.cli.benchmarks import app
from kloe.measures import positions, xlsx
from kloe.measures.disagreements import Kind
from kloe.measures.headers import Population
from kloe.measures.positions import Standing
from kloe.measures.published import Bearing, register

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "benchmarks.md"


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def test_every_command(page):
    for command in app.registered_commands:
        assert f"| `kloe benchmarks {command.name}" in page


def test_every_measure_as_the_register_has_it(page):
    rows = re.findall(r"^\| ([A-Z]{2}\d\d(?: \d)?) \| (.+?) \| (.+?) \| (.+?) \|$", page, re.M)
    assert rows == [
        (m.code, str(m.title), m.unit.value, m.direction.value) for m in register().measures
    ]


def test_every_marker_standing_population_and_fault(page):
    names = [*positions._MARKERS, *Standing, *Population, *Kind, *Bearing]
    assert [name for name in names if f"`{name}`" not in page] == []


def test_limits(page):
    for words in (
        f"{xlsx.FILE_LIMIT >> 20} MB on disk",
        f"{xlsx.INFLATED_LIMIT >> 20} MB unpacked",
        f"{xlsx.CELLS_LIMIT:,} cells",
        f"{xlsx.PARTS_LIMIT:,} parts",
        f"{xlsx.TEXT_LIMIT >> 20} MB of repeated text",
    ):
        assert words in page
