"""What a proposal makes of dates, numbers, codes, wide layouts, header rows and large files."""

from __future__ import annotations

import csv
import random
import time
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from kloe.cli.main import app
from kloe.core.errors import InvalidInput, NotFound
from kloe.records.layouts import layout
from kloe.records.mapping import parse_mapping
from kloe.records.suggesting import File, ProposedColumn, mapping_yaml, propose
from kloe.records.suggesting.assignment import assign
from kloe.records.suggesting.codes import match
from kloe.records.suggesting.content import profile
from kloe.records.suggesting.names import name_score, tokens

ROOT = Path(__file__).resolve().parents[3]
SHARED = ROOT.parent / "shared" / "data"


def _write(
    path: Path, rows: Sequence[Sequence[object]], *, delimiter: str = ",", encoding: str = "utf-8"
) -> Path:
    with path.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream, delimiter=delimiter).writerows(rows)
    return path


def _columns(path: Path, table: str | None = None) -> dict[str, ProposedColumn]:
    return {c.name: c for c in propose([path], table=table).sources[0].columns}


def _tenancies(
    n: int = 60, form: str = "%d/%m/%Y", first: date = date(2024, 1, 1)
) -> list[list[object]]:
    head: list[object] = ["Tenancy Ref", "Property Ref", "Start Date", "End Date"]
    rows = []
    for i in range(n):
        start = first + timedelta(days=3 * i)
        end = (start + timedelta(days=90)).strftime(form) if i % 3 == 0 else ""
        rows.append([f"T{i:04}", f"P{i * 7 % 50:03}", start.strftime(form), end])
    return [head, *rows]


# Dates


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("%d/%m/%Y", "%d/%m/%Y"),
        ("%m/%d/%Y", "%m/%d/%Y"),
        ("%d-%b-%y", "%d-%b-%y"),
        ("%Y%m%d", "%Y%m%d"),
        ("%d.%m.%y", "%d.%m.%y"),
        ("%Y-%m-%d", None),
    ],
)
def test_the_form_of_dates_is_told_by_what_stands_there(
    tmp_path: Path, form: str, expected: str | None
) -> None:
    found = _columns(_write(tmp_path / "tenancies.csv", _tenancies(form=form)))
    assert found["start_on"].settings.get("dates") == expected
    assert found["start_on"].sure


def test_days_that_could_be_months_are_marked(tmp_path: Path) -> None:
    rows = _tenancies(8, first=date(2024, 1, 1))
    for i, row in enumerate(rows[1:]):
        row[2], row[3] = f"{i + 1:02}/04/2024", ""
    found = _columns(_write(tmp_path / "tenancies.csv", rows))
    assert found["start_on"].settings["dates"] == "%d/%m/%Y"
    assert not found["start_on"].sure
    assert "change places" in str(found["start_on"].reasons[0])


def test_another_column_settles_the_order_of_day_and_month(tmp_path: Path) -> None:
    rows = _tenancies(12)
    for i, row in enumerate(rows[1:]):
        row[2], row[3] = f"04/{i % 9 + 1:02}/2024", f"12/{i + 15:02}/2024"
    found = _columns(_write(tmp_path / "tenancies.csv", rows))
    assert found["start_on"].settings["dates"] == "%m/%d/%Y"
    assert found["start_on"].sure


def test_an_end_before_the_start_speaks_against_both(tmp_path: Path) -> None:
    rows = _tenancies(form="%Y-%m-%d")
    rows[0] = ["Tenancy Ref", "Property Ref", "End Date", "Start Date"]
    found = _columns(_write(tmp_path / "tenancies.csv", rows))
    assert not found["start_on"].sure
    assert not found["end_on"].sure


# Numbers


@pytest.mark.parametrize(
    ("values", "thousands", "decimal", "negative"),
    [
        (["1,234.50", "12.00"], ",", ".", ""),
        (["1.234,50", "12,00"], ".", ",", ""),
        (["(1,234.50)", "12.00"], ",", ".", "brackets"),
        (["1234.50-", "12.00"], "", ".", "trailing"),
        (["12.50 CR", "12.00 DR"], "", ".", "crdr"),
        (["£12.50", "-£3.00"], "", ".", "-"),
        (["1 234,50", "12,00"], " ", ",", ""),
    ],
)
def test_numbers_as_people_write_them(
    values: list[str], thousands: str, decimal: str, negative: str
) -> None:
    numbers = profile(values).numbers
    assert numbers is not None
    assert numbers.share == 1
    assert (numbers.thousands, numbers.decimal, numbers.negative) == (thousands, decimal, negative)


def test_a_mark_that_could_be_either_is_not_sure() -> None:
    numbers = profile(["1,234", "5,678"]).numbers
    assert numbers is not None
    assert not numbers.sure


@given(st.lists(st.text(max_size=20), max_size=30))
@settings(max_examples=200, deadline=None)
def test_whatever_stands_in_a_column_is_looked_at(values: list[str]) -> None:
    seen = profile(values)
    assert seen.filled <= seen.rows == len(values)
    for share in (seen.dates and seen.dates.share, seen.numbers and seen.numbers.share):
        assert share is None or 0 < share <= 1


# Amounts and their sign


def _ledger(payment: int, *, two: bool = False) -> list[list[object]]:
    rng = random.Random(3)
    head: list[object] = ["Transaction Ref", "Account Ref", "Post Date", "Transaction Type"]
    rows: list[list[object]] = [[*head, *(["Debit", "Credit"] if two else ["Amount"])]]
    for i in range(80):
        charge = i % 2 == 0
        amount = rng.randrange(1000, 9000) / 100
        line: list[object] = [f"X{i}", f"A{i % 9}", f"2025-{i % 12 + 1:02}-15",
                              "Charge" if charge else "Payment"]  # fmt: skip
        if two:
            line += [f"{amount:.2f}", ""] if charge else ["", f"{amount:.2f}"]
        else:
            line.append(f"{amount * (-payment if charge else payment):.2f}")
        rows.append(line)
    return rows


def test_a_charge_below_zero_is_turned_round(tmp_path: Path) -> None:
    plain = _columns(_write(tmp_path / "rent_transactions.csv", _ledger(-1)))["amount"]
    turned = _columns(_write(tmp_path / "rent_transactions.csv", _ledger(1)))["amount"]
    assert "sign" not in plain.settings
    assert turned.settings["sign"] == "reverse"
    assert plain.sure
    assert turned.sure


def test_debit_and_credit_become_one_amount(tmp_path: Path) -> None:
    found = _columns(_write(tmp_path / "rent_transactions.csv", _ledger(1, two=True)))
    assert found["amount"].sources == ("Debit",)
    assert found["amount"].settings["less"] == "Credit"


def test_payments_above_zero_beside_charges_are_marked(tmp_path: Path) -> None:
    rows = _ledger(1)
    for row in rows[1:]:
        row[4] = str(row[4]).lstrip("-")
    found = _columns(_write(tmp_path / "rent_transactions.csv", rows))["amount"]
    assert not found.sure


# Wide layouts


@pytest.mark.parametrize("name", ["Week{0}Payment", "Wk {0}", "PAY_{0:02}"])
def test_a_column_for_each_week_becomes_rows(tmp_path: Path, name: str) -> None:
    rng = random.Random(1)
    head = [
        "Account Ref",
        "Tenancy Ref",
        "Current Balance",
        *(name.format(w) for w in range(1, 53)),
    ]
    rows = [
        [f"A{i}", f"T{i}", f"{i * 3.5:.2f}", *(f"{rng.randrange(9000)}.25" for _ in range(52))]
        for i in range(30)
    ]
    proposal = propose([_write(tmp_path / "rents.csv", [head, *rows])])
    account, payments = proposal.sources
    assert account.table == "rent_account"
    assert payments.table == "rent_transaction"
    assert payments.wide is not None
    found = {c.name: c for c in payments.columns}
    assert found["account_ref"].sources == ("Account Ref",)
    assert found["amount"].settings["sign"] == "reverse"
    assert found["posted_on"].settings["every"]["days"] == 7
    assert found["kind"].settings["constant"] == "payment"
    assert {"amount", "posted_on", "kind", "transaction_ref"} <= set(payments.unsure)
    read = parse_mapping(mapping_yaml(proposal)).sources[1]
    assert read.unpivot is not None
    assert read.unpivot.columns == payments.wide.columns


def test_numbered_columns_of_different_things_are_not_wide(tmp_path: Path) -> None:
    head = [f"F{i:03}" for i in range(1, 9)]
    labels = [
        "Property ref",
        "Bedrooms",
        "Year built",
        "Weekly rent",
        "UPRN",
        "Floor",
        "Lifts",
        "X",
    ]
    rows = [[100 + i, i % 4, 1950 + i, f"{90 + i}.50", 10**10 + i, i % 3, 0, i] for i in range(30)]
    source = propose([_write(tmp_path / "homes.csv", [head, labels, *rows])]).sources[0]
    assert source.wide is None
    assert source.header == (1, 2)
    assert source.names == 1
    assert {c.name: c.sources for c in source.columns}["build_year"] == ("F003",)


# Codes, references, people


def test_codes_by_label_abbreviation_and_initials() -> None:
    column = layout("property").column("property_type")
    values = {"House": 3, "FLT": 2, "MAIS": 1, "Zeppelin": 1}
    found = {m.value: m for m in match(column, values).matches}
    assert found["House"].code == "house"
    assert found["FLT"].code == "flat"
    assert found["MAIS"].code == "maisonette"
    assert found["Zeppelin"].code is None


def test_not_is_never_taken_for_its_opposite() -> None:
    upheld = layout("complaint").column("outcome")
    values = {"Not upheld": 1, "Upheld": 1, "Partially Upheld": 1}
    found = {m.value: m for m in match(upheld, values).matches}
    assert [found[v].code for v in ("Not upheld", "Upheld", "Partially Upheld")] == [
        "not_upheld", "upheld", "partly",
    ]  # fmt: skip
    decent = layout("property").column("dhs_status")
    one = match(decent, {"Non decent": 1}).matches[0]
    assert one.code != "pass" or not one.sure


def test_values_without_a_code_are_listed_for_the_person(tmp_path: Path) -> None:
    rows = [["Property Ref", "Property Type"]]
    rows += [[f"P{i}", ("House", "Flat", "Zeppelin")[i % 3]] for i in range(30)]
    proposal = propose([_write(tmp_path / "properties.csv", rows)])
    found = {c.name: c for c in proposal.sources[0].columns}["property_type"]
    assert not found.sure
    assert "Zeppelin" in str(found.reasons[0])
    assert "# Zeppelin: ?" in mapping_yaml(proposal)


def test_a_reference_is_known_by_the_other_files_keys(tmp_path: Path) -> None:
    homes = [["Property Ref", "Bedrooms", "Postcode"]]
    homes += [[f"P{i:03}", i % 4, f"CF{i % 40 + 10} 1AB"] for i in range(60)]
    lets = [["Tenancy Ref", "Unit", "Start Date"]]
    lets += [[f"T{i}", f"P{i * 7 % 60:03}", f"2024-{i % 12 + 1:02}-03"] for i in range(60)]
    alone = _columns(_write(tmp_path / "tenancies.csv", lets))["property_ref"]
    together = propose(
        [tmp_path / "tenancies.csv", _write(tmp_path / "properties.csv", homes)]
    ).sources[0]
    found = {c.name: c for c in together.columns}["property_ref"]
    assert found.sources == alone.sources == ("Unit",)
    assert found.certainty > alone.certainty


def test_a_reference_to_another_table_is_not_taken(tmp_path: Path) -> None:
    homes = [["Property Ref", "Bedrooms", "Postcode"]]
    homes += [[f"P{i:03}", i % 4, f"CF{i % 40 + 10} 1AB"] for i in range(60)]
    lets = [["Tenancy Ref", "Property Ref", "Start Date"]]
    lets += [[f"T{i}", f"Q{i:03}", f"2024-{i % 12 + 1:02}-03"] for i in range(60)]
    sources = propose(
        [_write(tmp_path / "properties.csv", homes), _write(tmp_path / "tenancies.csv", lets)]
    ).sources
    tenancy = next(s for s in sources if s.table == "tenancy")
    assert not {c.name: c for c in tenancy.columns}["property_ref"].sure


def test_a_date_of_birth_becomes_its_year(tmp_path: Path) -> None:
    rows = [["Person Ref", "DOB", "Sex", "Surname", "Email"]]
    rows += [
        [f"C{i}", f"{i % 28 + 1:02}/03/{1950 + i}", "FM"[i % 2], "Jones", f"j{i}@example.org"]
        for i in range(40)
    ]
    proposal = propose([_write(tmp_path / "people.csv", rows)], table="person")
    source = proposal.sources[0]
    found = {c.name: c for c in source.columns}["birth_year"]
    assert found.settings == {"dates": "%d/%m/%Y", "part": "year"}
    assert {one.name for one in source.left_out if one.personal} == {"Surname", "Email"}
    assert "example.org" not in mapping_yaml(proposal)


# Files


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encoding_and_delimiter_are_found(tmp_path: Path, encoding: str, delimiter: str) -> None:
    rows = _tenancies(form="%Y-%m-%d")
    rows[0].append("Estâte, or other")
    for i, row in enumerate(rows[1:]):
        row.append(
            ("Ynys Môn; “west”", "Pen-y-bont, Tŷ Gwyn" if "utf" in encoding else "Café")[i % 2]
        )
    source = propose([_write(tmp_path / "t.csv", rows, delimiter=delimiter, encoding=encoding)])
    one = source.sources[0]
    assert one.delimiter == delimiter
    assert one.encoding == {"utf-8-sig": "utf-8"}.get(encoding, encoding)
    assert one.table == "tenancy"
    assert "Estâte, or other" in {x.name for x in one.left_out} | {
        s for c in one.columns for s in c.sources
    }


def test_lines_above_the_header_are_passed_over(tmp_path: Path) -> None:
    path = _write(tmp_path / "t.csv", [["Tenancies as at 31/03/2026"], [], *_tenancies()])
    source = propose([path]).sources[0]
    assert source.header == (3,)
    assert source.data == 4
    assert source.table == "tenancy"


def test_files_of_one_form_are_one_source(tmp_path: Path) -> None:
    rows = _ledger(-1)
    files = [_write(tmp_path / f"rent_transactions_{y}.csv", rows) for y in (2024, 2025)]
    source = propose(files).sources[0]
    assert source.files == ("rent_transactions_2024.csv", "rent_transactions_2025.csv")


def test_a_million_rows_are_sampled(tmp_path: Path) -> None:
    path = tmp_path / "rent_transactions.csv"
    with path.open("w", encoding="utf-8") as stream:
        stream.write("TransactionRef,AccountRef,PostDate,Amount,TransactionType\n")
        for start in range(0, 1_000_000, 20_000):
            stream.writelines(
                f"X{i},A{i % 5000},{i % 28 + 1:02}/{i // 90_000 + 1:02}/2025,"
                f"{'-' if i % 2 else ''}12.{i % 90 + 10},{'Payment' if i % 2 else 'Charge'}\n"
                for i in range(start, start + 20_000)
            )
    before = time.process_time()
    proposal = propose([path])
    spent = time.process_time() - before
    source = proposal.sources[0]
    assert source.sampled
    assert source.rows < 20_000
    assert source.table == "rent_transaction"
    assert not [c.name for c in source.columns if not c.sure]
    assert spent < 10
    # The last block was read as well: December stands only there.
    assert "beginning, middle and end" in mapping_yaml(proposal)


def test_what_cannot_be_read_says_so(tmp_path: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.write_bytes(b"")
    with pytest.raises(InvalidInput, match="is empty"):
        propose([empty])
    with pytest.raises(NotFound):
        propose([tmp_path / "missing.csv"])
    book = tmp_path / "book.xlsx"
    book.write_bytes(b"not a workbook")
    with pytest.raises(InvalidInput, match="cannot be read"):
        propose([book])
    with pytest.raises(InvalidInput, match="No file"):
        propose([])
    with pytest.raises(NotFound, match="no table"):
        propose([empty], table="zeppelin")


def test_a_file_of_something_else_feeds_nothing(tmp_path: Path) -> None:
    rows = [["wavelength", "absorbance"], *([i, i / 7] for i in range(40))]
    proposal = propose([_write(tmp_path / "spectrum.csv", rows)])
    assert proposal.sources == ()
    assert proposal.not_taken[0].title == "spectrum.csv"


def test_an_upload_goes_by_the_name_it_was_given(tmp_path: Path) -> None:
    path = _write(tmp_path / "0f3c9a", _tenancies())
    assert propose([File("tenancies.csv", path)]).sources[0].files == ("tenancies.csv",)


# The national lettings log


@pytest.mark.shared
@pytest.mark.parametrize("kind", ["codes", "labels"])
def test_the_lettings_log_as_published(kind: str) -> None:
    proposal = propose([SHARED / f"lettings_log_csv_export_{kind}_26.csv"])
    source = proposal.sources[0]
    assert source.table == "letting"
    assert source.header == (1, 2)
    assert source.names == 2
    expected = {
        "letting_ref": "id", "tenancy_ref": "tenancycode", "property_ref": "propcode",
        "let_on": "startdate", "homeless_duty": "homeless", "cbl": "cbl", "renewal": "renewal",
    }  # fmt: skip
    found = {c.name: c for c in source.columns}
    assert {n: found[n].sources[0] for n in expected} == expected
    assert not [c.name for c in source.columns if c.sure and c.name not in expected]
    further = {s.table: s for s in proposal.sources[1:]}
    home = {c.name: c.sources[0] for c in further["property"].columns if c.sources}
    assert home["property_ref"] == "propcode"
    assert home["postcode"] == "postcode_full"
    assert home["bedrooms"] == "beds"
    parse_mapping(mapping_yaml(proposal))
    assert proposal.shipped == (("core-lettings-2026",) if kind == "codes" else ())


# The parts


def test_words_of_a_heading() -> None:
    assert tokens("PropertyRef") == tokens("property_ref") == tokens("Property Ref.")
    assert tokens("LGSRExpiryDate") == ("gas", "certificate", "expiry", "date")


def test_a_name_in_use_is_the_very_name() -> None:
    tenancy = layout("tenancy")
    assert name_score("cot", tenancy.column("start_on"), tenancy) > 0.95
    assert name_score("Tenancy Start", tenancy.column("start_on"), tenancy) > 0.95
    assert name_score("Tenancy Start", tenancy.column("end_on"), tenancy) < 0.3


@given(
    st.integers(1, 5).flatmap(
        lambda wide: st.lists(
            st.lists(st.floats(0, 1), min_size=wide, max_size=wide), min_size=1, max_size=5
        )
    )
)
@settings(max_examples=150, deadline=None)
def test_the_assignment_is_the_best_there_is(scores: list[list[float]]) -> None:
    least = 0.3

    def best(i: int, taken: frozenset[int]) -> float:
        if i == len(scores):
            return 0.0
        found = best(i + 1, taken) + least
        for j, score in enumerate(scores[i]):
            if j not in taken and score >= least:
                found = max(found, score + best(i + 1, taken | {j}))
        return found

    chosen = assign(scores, least)
    assert len(set(chosen.values())) == len(chosen)
    got = sum(scores[i][j] for i, j in chosen.items()) + least * (len(scores) - len(chosen))
    assert got == pytest.approx(best(0, frozenset()))


# The command


def test_the_command_writes_a_mapping(tmp_path: Path) -> None:
    _write(tmp_path / "tenancies.csv", _tenancies())
    out = tmp_path / "mapping.yaml"
    run = CliRunner()
    words = ["records", "suggest-mapping", str(tmp_path), "--out", str(out), "--landlord", "acme"]
    result = run.invoke(app, words)
    assert result.exit_code == 0, result.output
    assert parse_mapping(out.read_text(encoding="utf-8")).tables == ("tenancy",)
    again = run.invoke(app, words)
    assert again.exit_code != 0
    assert run.invoke(app, [*words, "--replace"]).exit_code == 0
    shown = run.invoke(app, ["records", "suggest-mapping", str(tmp_path / "tenancies.csv")])
    assert "format: kloe-mapping/1" in shown.stdout
