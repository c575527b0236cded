"""Mappings: read strictly, every fault with its line."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from datetime import date
from pathlib import Path

import pytest

from kloe.core.errors import InvalidInput, NotFound
from kloe.records.mapping import (
    Every,
    Filter,
    Header,
    Numbers,
    Unpivot,
    parse_mapping,
    read_mapping,
    shipped,
)

HEAD = "format: kloe-mapping/1\nlandlord: acme\nas_at: 2026-03-31\n"
WHOLE = (
    HEAD
    + """\
pseudonymise: [person]
sources:
  - files: ["Rents/*.csv"]
    table: rent_transaction
    csv: {delimiter: tab, encoding: cp1252, quote: "'"}
    sheet: Rents
    header: {rows: [1, 2], names: 2, data: 4}
    numbers: {decimal: ",", thousands: "."}
    where:
      - {column: Status, is_not: [void, 3]}
      - {column: Ref, filled: true}
      - {column: Kind, is: x}
    unpivot: {columns: "Week * Payment", name: week, value: paid, drop: ["0", ""]}
    repeats: last
    columns:
      transaction_ref: {from: [Ref, week], join: "/"}
      account_ref: Ref
      posted_on: {from: week, every: {first: 2025-04-07, days: 7}}
      amount: {from: paid, sign: reverse, negative: brackets, less: credit, divide: 100}
      kind: {constant: payment}
      debt_type: {from: D, codes: {1: rent, R: water, X: empty}, otherwise: other}
      description: {leave_out: true}
    unsure: [posted_on]
    confirmed: true
"""
)


def test_everything_a_mapping_can_say() -> None:
    mapping = parse_mapping(WHOLE)
    (source,) = mapping.sources
    assert (mapping.landlord, mapping.as_at) == ("acme", date(2026, 3, 31))
    assert mapping.pseudonymise == ("person",)
    assert mapping.tables == ("rent_transaction",)
    assert source.csv.delimiter == "\t"
    assert source.csv.quote == "'"
    assert source.header == Header((1, 2), 2, 4)
    assert source.numbers == Numbers(",", ".")
    assert source.where == (
        Filter("Status", is_not=("void", "3")),
        Filter("Ref", filled=True),
        Filter("Kind", is_=("x",)),
    )
    assert source.unpivot == Unpivot(("Week * Payment",), "week", "paid", ("0", ""))
    assert source.columns["posted_on"].every == Every(date(2025, 4, 7), 7)
    assert source.columns["debt_type"].codes == {"1": "rent", "R": "water", "X": "empty"}
    assert source.columns["transaction_ref"].sources == ("Ref", "week")
    assert source.columns["description"].leave_out
    assert source.reads == ("Ref", "credit", "D", "Status", "Kind")
    assert source.confirmed
    with pytest.raises(FrozenInstanceError):
        source.table = "tenancy"  # type: ignore[misc]


def test_the_digest_is_of_the_words() -> None:
    assert parse_mapping(WHOLE).digest == parse_mapping(WHOLE, "other.yaml").digest
    assert parse_mapping(WHOLE).digest != parse_mapping(WHOLE + "\n").digest


@pytest.mark.parametrize(
    ("given", "instead", "says"),
    [
        ("kloe-mapping/1", "kloe-mapping/9", "is not a mapping"),
        ("landlord: acme", "landlord: ../x", "cannot be a landlord's code"),
        ("as_at: 2026-03-31", "as_at: soon", "m.yaml:1: “as_at”"),
        ("as_at: 2026-03-31", "as_at: 2026-02-31", "no day of the calendar"),
        ("pseudonymise: [person]", "pseudonymise: [people]", "no table “people”"),
        ("table: rent_transaction", "table: rents", "m.yaml:6: There is no table “rents”"),
        ('["Rents/*.csv"]', '["../*.csv"]', "leads out of the folder"),
        ('["Rents/*.csv"]', "[/etc/passwd]", "leads out of the folder"),
        ('["Rents/*.csv"]', "[]", "names no file"),
        ("delimiter: tab", "delimiter: ab", "“delimiter” is “ab”"),
        ("cp1252", "klingon", "no encoding “klingon”"),
        ("names: 2", "names: 5", "“names” is “5”"),
        ("data: 4", "data: 2", "below the header"),
        ("rows: [1, 2]", "rows: [2, 1]", "do not follow"),
        ('decimal: ","', 'decimal: "."', "cannot be written"),
        ("is_not: [void, 3]", "like: x", "no key “like”"),
        ("{column: Kind, is: x}", "{column: Kind}", "one of “is”"),
        ("Week * Payment", "Week * Pay*", "one * at most"),
        ("repeats: last", "repeats: all", "“repeats” is “all”"),
        ("account_ref: Ref", "account: Ref", "no column “account”"),
        ('transaction_ref: {from: [Ref, week], join: "/"}', "method: M", "“transaction_ref” of"),
        ("{constant: payment}", "{from: A, constant: payment}", "from where “kind” comes"),
        ("{constant: payment}", "{codes: {a: payment}}", "from where “kind” comes"),
        ("R: water", "R: whisky", "“whisky” is no code"),
        ("otherwise: other", "otherwise: guess", "“guess” is no code"),
        ("first: 2025-04-07", "first: april", "“every” is not"),
        ("divide: 100", "divide: 3", "10, 100 or 1000"),
        ("sign: reverse", "sign: plus", "“sign” is “plus”"),
        ("sign: reverse", "dates: DMY", "no form of a date"),
        ("sign: reverse", 'dates: "%d/%q"', "no form of a date"),
        ("sign: reverse", "part: month", "“part” is “year”"),
        ("sign: reverse", "pseudonymise: true", "cannot be pseudonymised"),
        ("sign: reverse", "sing: reverse", "no key “sing”"),
        ("account_ref: Ref", "account_ref: Ref\n      account_ref: Ref", "given twice"),
        ("unsure: [posted_on]", "unsure: [method]", "not mapped"),
        ("confirmed: true", "confirmed: yes", "true or false"),
        ("confirmed: true", "confirmed: [", "m.yaml"),
    ],
)
def test_what_is_not_right_is_said(given: str, instead: str, says: str) -> None:
    assert given in WHOLE
    with pytest.raises(InvalidInput) as caught:
        parse_mapping(WHOLE.replace(given, instead, 1), "m.yaml")
    assert says in str(caught.value)
    assert caught.value.exit_code == 3


def test_the_line_of_a_fault_is_that_of_its_block() -> None:
    with pytest.raises(InvalidInput, match=r"^m\.yaml:22: "):
        parse_mapping(WHOLE.replace("sign: reverse", "sign: plus"), "m.yaml")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="core-lettings-2026"):
        read_mapping(tmp_path / "none.yaml")
    with pytest.raises(InvalidInput, match="folder"):
        read_mapping(tmp_path)
    path = tmp_path / "m.yaml"
    path.write_bytes(WHOLE.replace("Ref", "Réf").encode("cp1252"))
    with pytest.raises(InvalidInput, match="not UTF-8"):
        read_mapping(path)
    path.write_bytes(b"\xef\xbb\xbf" + WHOLE.encode())
    assert read_mapping(path).landlord == "acme"


@pytest.mark.parametrize("name", shipped())
def test_the_shipped_mappings_can_be_read(name: str) -> None:
    mapping = read_mapping(name)
    assert mapping.title
    assert mapping.landlord is None
    assert mapping.as_at is None
