"""Changing one column of a mapping leaves the rest of the file as somebody wrote it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kloe.core.errors import InvalidInput
from kloe.records.editing import change, columns_of
from kloe.records.mapping import parse_mapping

MAPPING = """\
# Written by hand.
format: kloe-mapping/1
sources:

  # The homes.
  - files: homes.csv
    table: property
    columns: {property_ref: Ref, bedrooms: Beds}

  - files: [t.csv]
    table: tenancy
    columns:
      # T1, T2
      tenancy_ref: Tag
      property_ref: {from: [Block, No]}   # both
      tenure:
        from: Kind
        codes:
          A: secure  # guessed
          # B: ?
      # Unsure: it is empty.
      end_on: {from: Ended, dates: "%d/%m/%Y"}
    unsure: [tenure,
      end_on]
    unused:
      - Notes
"""


def tenancy(text: str) -> Any:
    return parse_mapping(text).sources[1]


def test_one_line_is_another_and_all_others_stay() -> None:
    text = change(MAPPING, 2, columns={"tenancy_ref": "Tag ref"})
    before, after = MAPPING.splitlines(), text.splitlines()
    assert [(a, b) for a, b in zip(before, after, strict=True) if a != b] == [
        ("      tenancy_ref: Tag", "      tenancy_ref: Tag ref")
    ]


def test_settings_codes_and_what_is_unsure() -> None:
    text = change(
        MAPPING,
        2,
        columns={
            "tenure": {"from": "Kind", "codes": {"A": "secure", "B": "starter", "": "empty"}},
            "end_on": {"leave_out": True},
            "start_on": {"from": "Start: on", "dates": "%d %b %Y"},
        },
        unsure=["end_on"],
        confirmed=True,
    )
    source = tenancy(text)
    assert dict(source.columns["tenure"].codes) == {"A": "secure", "B": "starter", "": "empty"}
    assert source.columns["end_on"].leave_out
    assert source.columns["start_on"].sources == ("Start: on",)
    assert source.columns["start_on"].dates == ("%d %b %Y",)
    assert source.columns["property_ref"].sources == ("Block", "No")
    assert source.unsure == ("end_on",)
    assert source.confirmed
    assert source.unused == ("Notes",)
    assert "# Written by hand." in text
    assert "# both" in text
    again = change(text, 2, columns={}, unsure=[], confirmed=True)
    assert tenancy(again).unsure == ()
    assert again.count("confirmed") == 1


def test_columns_on_one_line_stay_on_one_line() -> None:
    text = change(MAPPING, 1, columns={"bedrooms": {"leave_out": True}, "build_year": "Built"})
    source = parse_mapping(text).sources[0]
    assert source.columns["bedrooms"].leave_out
    assert source.columns["build_year"].sources == ("Built",)
    assert source.columns["property_ref"].sources == ("Ref",)


def test_the_last_line_without_an_end() -> None:
    text = change(MAPPING[: MAPPING.index("    unsure")].rstrip(), 2, columns={"start_on": "S"})
    assert tenancy(text).columns["start_on"].sources == ("S",)


@pytest.mark.parametrize("number", [0, 3, -1])
def test_a_source_that_is_not_there(number: int) -> None:
    with pytest.raises(InvalidInput):
        change(MAPPING, number, columns={})


def test_a_source_on_one_line_is_left_to_an_editor() -> None:
    text = "format: kloe-mapping/1\nsources: [{files: t.csv, table: tenancy, columns: {a: b}}]\n"
    with pytest.raises(InvalidInput, match="one line"):
        change(text, 1, columns={"a": "c"})


words = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=20)


@settings(max_examples=150, deadline=None)
@given(words, st.dictionaries(words, st.sampled_from(["secure", "starter"]), max_size=3))
def test_whatever_their_columns_and_codes_are_called(theirs: str, codes: dict[str, str]) -> None:
    value: dict[str, Any] = {"from": theirs}
    if codes:
        value["codes"] = codes
    text = change(MAPPING, 2, columns={"tenure": value, "tenancy_ref": theirs})
    assert columns_of(text, 2)["tenancy_ref"] == theirs
    source = tenancy(text)
    assert source.columns["tenure"].sources == (theirs,)
    assert dict(source.columns["tenure"].codes) == codes
