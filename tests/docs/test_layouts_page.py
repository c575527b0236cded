"""The page of the layouts says what the layouts and the measures say."""

from __future__ import annotations

from pathlib import Path

from kloe.records import reference
from kloe.records.layouts import layouts

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "layouts.md"


def test_the_layouts_are_described_as_they_are() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference.markdown(), (
        "run: python -m kloe.records.reference (from the root of the checkout)"
    )


def test_every_table_and_column_is_there() -> None:
    page = reference.markdown()
    for layout in layouts().values():
        section = page.split(f"### {layout.table}\n", 1)[1].split("\n### ", 1)[0]
        for column in layout.columns:
            assert f"| `{column.name}` | {column.type.value} |" in section


def test_what_a_measure_reads_is_found_in_its_sql(tmp_path: Path) -> None:
    folder = tmp_path / "rents" / "one"
    folder.mkdir(parents=True)
    (folder / "measure.sql").write_text(
        "WITH a AS (SELECT t.landlord, t.start_on FROM tenancy AS t -- t.end_on is not read\n)"
        " SELECT r.opened_on, a.start_on FROM a AS a"
        " JOIN rent_account AS r ON r.landlord = a.landlord",
        encoding="utf-8",
    )
    assert reference.needed_by(tmp_path) == {
        ("tenancy", "start_on"): ("rents/one",),
        ("rent_account", "opened_on"): ("rents/one",),
    }
