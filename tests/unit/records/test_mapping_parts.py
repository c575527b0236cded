"""Parts of a mapping are put in, taken out and used again, and the rest stays as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from kloe.core.errors import InvalidInput
from kloe.records.mapping import parse_mapping
from kloe.records.parts import adopt, drop, put, take, with_files
from kloe.records.suggesting import Place, mapping_yaml, propose

MAPPING = """\
# Written by hand.
format: kloe-mapping/1
sources:

  # The homes.
  - files: homes-2025.csv
    table: property
    columns: {property_ref: Ref, bedrooms: Beds}

  # The tenancies,
  # all of them.
  - files: [t-2025.csv]
    table: tenancy
    columns:
      tenancy_ref: Tag   # ours
      start_on: {from: Start, dates: "%d/%m/%Y"}
title: Yearly
"""
HOMES = Place(("homes-2026.csv",), None, ("Ref", "Beds", "Built"))
TENANCIES = Place(("tenancies 2026.csv",), None, ("Tag", "Start", "End"))


def tables(text: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(s.table, s.files) for s in parse_mapping(text).sources]


def test_a_part_is_taken_out_with_its_comments_and_nothing_else() -> None:
    text = drop(MAPPING, 2)
    assert tables(text) == [("property", ("homes-2025.csv",))]
    assert "all of them" not in text
    assert "# Written by hand." in text
    assert "# The homes." in text
    assert parse_mapping(text).title == "Yearly"
    text = drop(MAPPING, 1)
    assert tables(text) == [("tenancy", ("t-2025.csv",))]
    assert "The homes" not in text
    assert "tenancy_ref: Tag   # ours" in text


def test_the_last_part_stays() -> None:
    with pytest.raises(InvalidInput) as told:
        drop(drop(MAPPING, 1), 1)
    assert told.value.remedy


@pytest.mark.parametrize("number", [0, 3, -1])
def test_only_parts_that_are_there(number: int) -> None:
    with pytest.raises(InvalidInput):
        drop(MAPPING, number)
    with pytest.raises(InvalidInput):
        put(MAPPING, take(MAPPING)[0], number=number)


@pytest.mark.parametrize("indent", [0, 2, 6])
def test_a_part_comes_in_whatever_its_indentation(indent: int) -> None:
    part = [f"{' ' * indent}{line[2:]}" if line else "" for line in take(MAPPING)[1]]
    text = put(MAPPING, part)
    assert [t for t, _f in tables(text)] == ["property", "tenancy", "tenancy"]
    one, two = (s for s in parse_mapping(text).sources if s.table == "tenancy")
    assert one.columns == two.columns
    text = put(MAPPING, part, number=1)
    assert [t for t, _f in tables(text)] == ["tenancy", "tenancy"]
    assert parse_mapping(text).title == "Yearly"


def test_what_is_taken_apart_is_put_together_again() -> None:
    text = MAPPING
    for part in take(MAPPING):
        text = put(text, part)
    assert tables(drop(drop(text, 1), 1)) == tables(MAPPING)


def test_sources_on_one_line_are_left_alone() -> None:
    flat = "format: kloe-mapping/1\nsources: [{files: a, table: property, columns: {a: b}}]\n"
    with pytest.raises(InvalidInput) as told:
        take(flat)
    assert "one line" in str(told.value)


def test_other_files_and_sheet() -> None:
    text = MAPPING.replace("table: tenancy", "sheet: March 2025\n    table: tenancy")
    text = with_files(text, 2, Place(("a [1].xlsx", "b.xlsx"), "March 2026", ()))
    found = parse_mapping(text).sources[1]
    assert (found.files, found.sheet) == (("a [1].xlsx", "b.xlsx"), "March 2026")
    assert "# all of them." in text


# An earlier mapping ---------------------------------------------------------------------------


def test_an_earlier_mapping_reads_the_files_there_are_now() -> None:
    found = adopt(MAPPING, [TENANCIES, HOMES])
    assert found.left_out == ()
    assert tables(found.text) == [("property", HOMES.files), ("tenancy", TENANCIES.files)]
    assert "tenancy_ref: Tag   # ours" in found.text


def test_names_of_columns_are_met_as_a_load_meets_them() -> None:
    loud = Place(("HOMES.CSV",), None, ("REF", "BEDS"))
    assert adopt(MAPPING, [loud]).left_out == ("t-2025.csv → tenancy",)


def test_a_part_without_files_is_left_out_and_named() -> None:
    found = adopt(MAPPING, [HOMES])
    assert tables(found.text) == [("property", HOMES.files)]
    assert found.left_out == ("t-2025.csv → tenancy",)


def test_a_mapping_that_fits_nothing_is_refused() -> None:
    with pytest.raises(InvalidInput) as told:
        adopt(MAPPING, [Place(("x.csv",), None, ("Other",))])
    assert "homes-2025.csv" in str(told.value)
    assert told.value.allowed
    assert told.value.remedy


def test_of_several_files_that_fit_the_one_most_like_it_is_read() -> None:
    more = Place(("homes archive.csv",), None, (*HOMES.columns, "Sold", "Price"))
    named = Place(("zz.csv",), None, HOMES.columns)
    assert tables(adopt(MAPPING, [more, named, HOMES]).text)[0] == ("property", HOMES.files)


def test_files_no_earlier_part_reads_keep_what_is_proposed() -> None:
    present = (
        "format: kloe-mapping/1\nsources:\n"
        "- files: homes-2026.csv\n  table: property\n  columns: {property_ref: Built}\n"
        "- files: calls.csv\n  table: void\n  columns: {void_ref: Id}\n"
    )
    calls = Place(("calls.csv",), None, ("Id",))
    found = tables(adopt(MAPPING, [HOMES, TENANCIES, calls], present).text)
    assert found[:2] == [("property", HOMES.files), ("tenancy", TENANCIES.files)]
    assert [files for _t, files in found[2:]] == [calls.files]


def test_a_proposal_says_where_it_looked(tmp_path: Path) -> None:
    """Next year's files, under other names: last year's mapping reads them as proposed."""
    old, new = tmp_path / "old", tmp_path / "new"
    for folder, year in ((old, 2025), (new, 2026)):
        folder.mkdir()
        (folder / f"homes {year}.csv").write_text(
            "property_ref,property_type,bedrooms,build_year\n"
            + "".join(f"P{n},house,{n % 4 + 1},{1950 + n}\n" for n in range(40))
        )
        (folder / f"odd {year}.csv").write_text("q,w\n" + "7,8\n" * 30)
    before = propose(sorted(old.iterdir()))
    now = propose(sorted(new.iterdir()))
    assert [(p.files, p.columns) for p in now.places] == [
        (("homes 2026.csv",), ("property_ref", "property_type", "bedrooms", "build_year")),
        (("odd 2026.csv",), ("q", "w")),
    ]
    found = adopt(mapping_yaml(before), now.places, mapping_yaml(now))
    assert ("property", ("homes 2026.csv",)) in tables(found.text)
    assert "2025.csv" not in str(tables(found.text))
