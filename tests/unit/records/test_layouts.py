"""Layouts: all that come along can be read; what is wrong in one is named with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from kloe.core.errors import InvalidInput, NotFound
from kloe.records.layouts import Type, layout, layouts, load

GOOD = """\
table: thing
title: Things
about: What there is.
group: core
key: [thing_ref]
columns:
  - {name: thing_ref, type: ref, required: true, about: Its reference.}
  - {name: kind, type: code, codes: {yes: Yes, no: No, "1": One}, about: Its kind.}
  - {name: start_on, type: date, about: From when.}
  - {name: end_on, type: date, personal: true, about: Until when.}
rules:
  - {order: [start_on, end_on], words: It does not end before it starts.}
"""


def read(tmp_path: Path, text: str) -> None:
    path = tmp_path / "thing.yaml"
    path.write_text(text)
    load(path)


def test_every_layout_that_comes_along_is_sound() -> None:
    found = layouts()
    assert len(found) >= 60
    for name, one in found.items():
        assert one.table == name
        assert one.about, name
        for column in one.columns:
            assert column.about, f"{name}.{column.name}"
            assert layout(name).column(column.name) == column


def test_codes_stay_the_words_they_are(tmp_path: Path) -> None:
    path = tmp_path / "thing.yaml"
    path.write_text(GOOD)
    found = load(path)
    assert list(found.column("kind").codes) == ["yes", "no", "1"]
    assert found.column("end_on").personal
    assert found.types["start_on"] == "DATE"
    assert found.types["landlord"] == "VARCHAR"
    assert next(t for t in Type if not t.textual) is Type.INTEGER
    with pytest.raises(NotFound, match=r"no column “begin_on”.*thing_ref"):
        found.column("begin_on")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("table: thing", "table: other", "thing.yaml but lays out “other”"),
        ("group: core", "group: other", "“group” is “other”"),
        ("key: [thing_ref]", "key: [ref]", "key names a column"),
        ("type: ref", "type: reference", "“type” is “reference”"),
        ("name: kind", "name: thing_ref", "laid out twice"),
        ("name: kind", "name: Kind", "cannot be a column's name"),
        ("name: kind", "name: landlord", "already"),
        ("type: code, codes: {yes: Yes, no: No, \"1\": One}", "type: code", "list their codes"),
        ("type: date, about: F", "type: date, codes: {a: A}, about: F", "list their codes"),
        ("required: true", "required: yes", "true or false"),
        ("[start_on, end_on]", "[start_on, stop_on]", "stop_on"),
        ("title: Things\n", "title: Things\ntitle: Things\n", "given twice"),
        ("title: Things\n", "", "“title” is missing"),
        ("about: What", "abuot: What", "abuot"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in GOOD
    with pytest.raises(InvalidInput) as error:
        read(tmp_path, GOOD.replace(old, new))
    assert said in str(error.value)
    assert "thing.yaml:" in str(error.value)


def test_a_table_that_is_none_is_not_found() -> None:
    with pytest.raises(NotFound, match="no table “tenancies”"):
        layout("tenancies")
