"""Loading: values, rules, versions, carrying over, undoing, pseudonyms."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from records_ground import TENANCIES, Ground

from kloe.core.errors import Cancelled, Conflict, InvalidInput, NotFound
from kloe.records.versions import Retention, Shelf
from rent_extracts import HEADER, TRANSACTIONS, ledger, row


def test_values_come_as_they_are_meant(ground: Ground) -> None:
    ground.write("rents.csv", ledger(40))
    result = ground.ledger()
    assert [(t.table, t.rows, t.rejects) for t in result.tables] == [("rent_transaction", 40, 0)]
    rows = ground.rows(
        "rent_transaction",
        "transaction_ref, posted_on, amount, kind, description, landlord, source_file, source_row,"
        " debt_type",
    )
    assert rows[2] == (
        "T3", date(2025, 4, 4), Decimal("3.50"), "charge", "Week 3", "acme", "rents.csv", 4, None,
    )  # fmt: skip
    table = ground.current.table("rent_transaction")
    assert (table.columns["amount"].given, table.columns["amount"].values) == (True, 40)
    assert (table.columns["debt_type"].given, table.columns["debt_type"].values) == (False, 0)
    ground.current.verify()


def test_repeating_a_load_changes_nothing(ground: Ground) -> None:
    ground.write("rents.csv", ledger(5))
    first = ground.ledger()
    before = ground.state()
    again = ground.ledger()
    assert (first.changed, again.changed) == (True, False)
    assert again.version == first.version
    assert ground.state() == before


@pytest.mark.parametrize("change", ["file", "mapping", "day"])
def test_what_changes_a_load_loads_again(ground: Ground, change: str) -> None:
    ground.write("rents.csv", ledger(5))
    first = ground.ledger()
    if change == "file":
        ground.write("rents.csv", ledger(6))
    sources = TRANSACTIONS.format(files="rents.csv")
    if change == "mapping":
        sources = sources.replace("ADJ: adjustment", "ADJ: refund")
    again = ground.load(sources, **({"as_at": date(2026, 4, 1)} if change == "day" else {}))
    assert again.changed
    assert again.version != first.version


def test_bad_rows_are_rejected_with_place_value_and_rule(ground: Ground) -> None:
    bad = [
        row(101, day="2025-04-01"),
        row(102, amount="1,234.50"),
        row(103, amount="12.345"),
        row(104, kind="XXX"),
        row(105, account=""),
        row(106, words="#REF!"),
        row(107, day="30/02/2025", amount="abc"),
        row(3),
    ]
    ground.write("rents.csv", ledger(200, start=200) + row(3) + "\n" + "\n".join(bad) + "\n")
    result = ground.ledger(files="rents.csv")
    found = [
        (r["line"], r["column"], r["value"], r["rule"]) for r in ground.rejects("rent_transaction")
    ]
    thousands = ("204", "amount", "1,234.50", "thousands")
    assert thousands not in found  # the comma cuts the row: it has too many values
    assert ("204", "", row(102, amount="1,234.50"), "too many values") in found
    assert ("203", "posted_on", "2025-04-01", "date") in found
    assert ("205", "amount", "12.345", "two decimals") in found
    assert ("206", "kind", "XXX", "code") in found
    assert ("207", "account_ref", "", "required") in found
    assert ("208", "description", "#REF!", "spreadsheet error") in found
    assert ("209", "posted_on", "30/02/2025", "date") in found
    assert ("209", "amount", "abc", "number") in found
    assert ("210", "transaction_ref", "T3", "duplicate key") in found
    assert len(found) == 9
    assert result.tables[0].rejects == 8
    assert result.tables[0].rows == 201
    assert ground.current.table("rent_transaction").rejects == 8
    assert ground.rows("rent_transaction", "source_row", "transaction_ref = 'T3'") == [(202,)]


def test_of_rows_with_one_key_the_first_or_last_can_be_meant(ground: Ground) -> None:
    ground.write("rents.csv", ledger(30) + row(3, words="later") + "\n")
    sources = TRANSACTIONS.format(files="rents.csv")
    for way, words in (("first", "Week 3"), ("last", "later")):
        result = ground.load(sources.replace("    columns:", f"    repeats: {way}\n    columns:"))
        assert (result.tables[0].rejects, result.tables[0].merged) == (0, 1)
        assert ground.rows("rent_transaction", "description", "transaction_ref = 'T3'") == [
            (words,)
        ]


def test_true_lines_with_quoted_line_ends_and_blank_lines(ground: Ground) -> None:
    rows = [
        row(1, words='"two\nlines"'),
        row(2),
        "",
        row(3, day="never"),
        row(4, words='"a ""b"""'),
    ]
    ground.write("rents.csv", HEADER + "\n" + "\n".join(rows) + "\n")
    ground.ledger(most_rejects=50)
    assert [r["line"] for r in ground.rejects("rent_transaction")] == ["6"]
    assert ground.rows("rent_transaction", "transaction_ref, source_row, description") == [
        ("T1", 2, "two\nlines"), ("T2", 4, "Week 2"), ("T4", 7, 'a "b"'),
    ]  # fmt: skip


def test_days_out_of_order_are_rejected_and_defaults_are_not(ground: Ground) -> None:
    lines = [f"T{n},P{n},2020-01-0{n},2021-01-01" for n in range(1, 10)]
    lines += [
        "T20,P20,1900-01-01,1900-01-01",
        "T21,P21,2021-01-02,2021-01-01",
        "T22,P22,,2021-01-01",
    ]
    ground.write("t.csv", "ref,prop,start,end\n" + "\n".join(lines) + "\n")
    ground.load("""
  - files: t.csv
    table: tenancy
    columns: {tenancy_ref: ref, property_ref: prop, start_on: start, end_on: end}
""")
    assert [(r["line"], r["rule"]) for r in ground.rejects("tenancy")] == [("12", "order")]
    assert ground.rows("tenancy", "tenancy_ref", "start_on = DATE '1900-01-01'") == [("T20",)]


JOBS = """
  - files: j.csv
    table: repair_job
    columns:
      job_ref: ref
      property_ref: prop
      priority: {constant: routine}
      status: {constant: completed}
      reported_at: reported
      ordered_at: ordered
      completed_at: done
      cost: cost
"""


def test_what_a_test_of_the_records_looks_for_is_kept_marked_and_counted(ground: Ground) -> None:
    lines = [f"J{n},P{n},2025-05-0{n},,2025-06-01,10" for n in range(1, 10)]
    lines += [
        "J20,P1,2025-05-02,,2025-05-01,10",  # kept
        "J21,P1,2025-05-02,,1900-01-01,10",  # kept
        "J22,P1,2025-05-02,2025-05-01,2025-05-03,10",  # no test looks for it
        "J23,P1,2025-05-02,,2025-05-01,x",  # both: rejected for its cost
        "J24,P1,2025-05-02,2025-05-01,2025-05-01,10",  # both orders: rejected for one
    ]
    ground.write("j.csv", "ref,prop,reported,ordered,done,cost\n" + "\n".join(lines) + "\n")
    result = ground.load(JOBS, most_rejects=50)
    listed = [(r["line"], r["column"], r["rule"], r["row"]) for r in ground.rejects("repair_job")]
    assert sorted(listed) == [
        ("11", "completed_at", "odd order", "kept"),
        ("12", "completed_at", "odd order", "kept"),
        ("13", "ordered_at", "order", "rejected"),
        ("14", "cost", "number", "rejected"),
        ("15", "ordered_at", "order", "rejected"),
    ]
    (table,) = result.tables
    assert (table.rows, table.rejects, table.marked) == (11, 3, 2)
    kept = {ref for (ref,) in ground.rows("repair_job", "job_ref", "completed_at < reported_at")}
    assert kept == {"J20", "J21"}
    odd = next(f for f in result.findings if f.kept)
    assert (odd.rows, odd.line, odd.column) == (2, 11, "completed_at")


def test_a_load_is_never_refused_for_rows_that_are_kept(ground: Ground) -> None:
    lines = [f"J{n},P{n},2025-05-09,,2025-05-0{n},10" for n in range(1, 9)]
    ground.write("j.csv", "ref,prop,reported,ordered,done,cost\n" + "\n".join(lines) + "\n")
    (table,) = ground.load(JOBS, most_rejects=0).tables
    assert (table.rows, table.rejects, table.marked) == (8, 0, 8)


def test_amounts_in_every_way_they_are_written(ground: Ground) -> None:
    cells = {
        "brackets": ("(1,234.50)", "-1234.50", "thousands: ','", "negative: brackets"),
        "trailing": ("1234.50-", "-1234.50", "", "negative: trailing"),
        "suffix": ("1234.50 CR", "-1234.50", "", "negative: suffix"),
        "debit": ("1234.50DR", "1234.50", "", "negative: suffix"),
        "comma": ("1.234,50", "1234.50", "decimal: ',', thousands: '.'", ""),
        "plain comma": ("-1234,5", "-1234.50", "decimal: ','", ""),
        "reverse": ("1234.50", "-1234.50", "", "sign: reverse"),
        "pence": ("123450", "1234.50", "", "divide: 100"),
        "pounds": ("£1234.50", "1234.50", "", ""),
        "apostrophe": ("1'234.50", "1234.50", 'thousands: "\'"', ""),
        "long": ("1234.5000", "1234.50", "", ""),
    }
    for name, (cell, amount, numbers, how) in cells.items():
        ground.write("a.csv", f"r;a;d;v\nT1;A1;2025-04-01;{cell}\n")
        ground.load(f"""
  - files: a.csv
    table: rent_transaction
    {f"numbers: {{{numbers}}}" if numbers else "repeats: reject"}
    columns:
      transaction_ref: r
      account_ref: a
      posted_on: d
      amount: {{from: v{", " + how if how else ""}}}
      kind: {{constant: adjustment}}
""")
        assert ground.rows("rent_transaction", "amount") == [(Decimal(amount),)], name


def test_debit_and_credit_in_columns_of_their_own(ground: Ground) -> None:
    ground.write("a.csv", "r,a,d,dr,cr\nT1,A1,2025-04-01,5.00,\nT2,A1,2025-04-02,,3.00\n")
    ground.load("""
  - files: a.csv
    table: rent_transaction
    columns:
      transaction_ref: r
      account_ref: a
      posted_on: d
      amount: {from: dr, less: cr}
      kind: {constant: charge}
""")
    assert ground.rows("rent_transaction", "amount") == [(Decimal("5.00"),), (Decimal("-3.00"),)]


def test_a_wide_layout_becomes_rows(ground: Ground) -> None:
    ground.write(
        "wide.csv",
        "Ref,Week 1 Payment,Week 2 Payment,Week 3 Payment\nA1,10.00,,12.50\nA2,0.00,11.00,x\n"
        "A3,1.00,2.00,3.00\nA4,1.00,2.00,3.00\nA5,1.00,2.00,3.00\n",
    )
    ground.load("""
  - files: wide.csv
    table: rent_transaction
    unpivot: {columns: "Week * Payment", name: week, value: paid, drop: ["0.00"]}
    columns:
      transaction_ref: {from: [Ref, week], join: "/"}
      account_ref: Ref
      posted_on: {from: week, every: {first: 2025-04-07, days: 7}}
      amount: {from: paid, sign: reverse}
      kind: {constant: payment}
""")
    found = ground.rows("rent_transaction", "transaction_ref, posted_on, amount, source_row")
    assert found[:3] == [
        ("A1/1", date(2025, 4, 7), Decimal("-10.00"), 2),
        ("A1/3", date(2025, 4, 21), Decimal("-12.50"), 2),
        ("A2/2", date(2025, 4, 14), Decimal("-11.00"), 3),
    ]
    assert len(found) == 12
    assert [(r["line"], r["value"]) for r in ground.rejects("rent_transaction")] == [("3", "x")]


def test_codes_flags_booleans_times_and_filters(ground: Ground) -> None:
    ground.write(
        "p.csv",
        "id,needs,d1,d2,sub,born\n1,AGE|ILL,1,0,N,1950-02-03\n2,,0,0,y,\n3,AGE,0,1,maybe,1960-01-01\n"
        "4,,1,1,,1970-01-01\n5,,,,,\n",
    )
    ground.write("c.csv", "ref,at,prop\nR1,2025-04-01 10:30,P1\nR2,2025-04-02T11:45:10,P2\n")
    ground.load("""
  - files: p.csv
    table: person
    where: [{column: id, is_not: ["5"]}]
    columns:
      person_ref: id
      birth_year: {from: born, part: year}
      vulnerability: {from: needs, separator: "|", codes: {AGE: age, ILL: illness}}
      carer: {from: sub, otherwise: empty}
  - files: c.csv
    table: hazard_case
    columns: {case_ref: ref, property_ref: prop, reported_at: at, triage: {constant: none}}
""")
    assert ground.rows("person", "person_ref, vulnerability, carer, birth_year") == [
        ("1", "age;illness", False, 1950), ("2", None, True, None), ("3", "age", None, 1960),
        ("4", None, None, 1970),
    ]  # fmt: skip
    assert ground.rows("hazard_case", "reported_at")[1] == (datetime(2025, 4, 2, 11, 45, 10),)
    ground.load("""
  - files: p.csv
    table: person
    columns:
      person_ref: id
      vulnerability: {flags: {d1: age, d2: abuse}}
""")
    found = ground.rows("person", "vulnerability")
    assert found == [("age",), (None,), ("abuse",), ("age;abuse",), (None,)]


def test_tables_not_in_a_load_are_carried_over_and_undo_goes_back(ground: Ground) -> None:
    ground.write("rents.csv", ledger(5))
    ground.write("t.csv", "ref,prop\nT1,P1\n")
    first = ground.ledger()
    second = ground.load(TENANCIES)
    assert second.carried == ("rent_transaction",)
    assert set(ground.current.tables) == {"rent_transaction", "tenancy"}
    ground.current.verify()
    shelf = Shelf(ground.data, "acme")
    assert shelf.undo("me") == first.version
    assert set(ground.current.tables) == {"rent_transaction"}
    assert shelf.undo("me") is None
    with pytest.raises(NotFound):
        _ = ground.current
    with pytest.raises(NotFound):
        shelf.undo("me")
    third = ground.load(TENANCIES)
    assert third.carried == ()
    history = shelf.history()
    assert [e["event"] for e in history] == ["load", "load", "undo", "undo", "load"]
    assert history[0]["files"][0]["sha256"] == hashlib.sha256(ledger(5).encode()).hexdigest()
    assert history[0]["by"] == "tester"
    assert history[0]["tables"] == {
        "rent_transaction": {"rows": 5, "rejects": 0, "merged": 0, "marked": 0}
    }


def test_a_file_of_the_same_size_with_other_rows_is_loaded(ground: Ground) -> None:
    ground.write("rents.csv", ledger(5))
    first = ground.ledger()
    ground.write("rents.csv", ledger(5, start=2))
    second = ground.ledger()
    assert (first.changed, second.changed) == (True, True)
    (table,) = ground.current.tables.values()
    assert table.sources[0]["bytes"] == len(ledger(5))
    assert first.version != second.version


def test_as_many_versions_are_kept_as_the_setting_says(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KLOE_RECORDS_VERSIONS", "2")
    versions = []
    for n in range(1, 5):
        ground.write("rents.csv", ledger(n))
        versions.append(ground.ledger().version)
    shelf = Shelf(ground.data, "acme")
    assert list(shelf.kept()) == versions[-2:]
    assert len(shelf.history()) == 4
    shelf.undo("me")
    with pytest.raises(Conflict, match="no longer kept"):
        shelf.undo("me")
    monkeypatch.setenv("KLOE_RECORDS_VERSIONS", "many")
    with pytest.raises(InvalidInput, match="KLOE_RECORDS_VERSIONS"):
        ground.ledger()


def test_versions_older_than_the_setting_go(ground: Ground) -> None:
    for n in (1, 2):
        ground.write("rents.csv", ledger(n))
        ground.ledger(keep=Retention(versions=9, days=0))
    assert len(Shelf(ground.data, "acme").kept()) == 1


def test_references_that_lead_nowhere_are_counted(ground: Ground) -> None:
    ground.write("rents.csv", ledger(14))
    ground.write("a.csv", "acc\nA0\nA1\nA2\n")
    accounts = """
  - files: a.csv
    table: rent_account
    columns: {account_ref: acc, account_type: {constant: rent}}
"""
    result = ground.load(accounts + TRANSACTIONS.format(files="rents.csv"))
    words = [str(w) for w in result.warnings]
    assert any("rent_transaction.account_ref: 8 rows" in w for w in words), words


def test_pseudonyms_are_a_keyed_hash_and_the_same_everywhere(ground: Ground) -> None:
    ground.write("p.csv", "id,eth\nJosé,1\nP2,1\n")
    ground.write("m.csv", "t,p\nT1,José\n")
    mapping = ground.mapping("""
  - files: p.csv
    table: person
    columns: {person_ref: id, ethnicity_given: eth}
  - files: m.csv
    table: tenancy_member
    columns: {tenancy_ref: t, person_ref: p, role: {constant: lead}}
""")
    from dataclasses import replace

    from kloe.records.loading import load_records

    load_records(ground.data, replace(mapping, pseudonymise=("person",)), ground.folder, by="x")
    path = ground.data / "records.key"
    assert path.stat().st_mode & 0o777 == 0o600
    key = bytes.fromhex(path.read_text().strip())
    wanted = hmac.new(key, "José".encode(), hashlib.sha256).hexdigest()[:32]
    people = [r[0] for r in ground.rows("person", "person_ref")]
    assert wanted in people
    assert len(set(people)) == 2
    assert ground.rows("tenancy_member", "person_ref, tenancy_ref") == [(wanted, "T1")]


def test_personal_columns_can_be_left_out(ground: Ground) -> None:
    ground.write("p.csv", "id,eth,g\nP1,1,female\nP2,2,male\n")
    sources = """
  - files: p.csv
    table: person
    columns: {person_ref: id, ethnicity_given: eth, gender: g}
"""
    ground.load(sources)
    assert ground.rows("person", "gender") == [("female",), ("male",)]
    again = ground.load(sources, without_personal=True)
    assert again.changed
    assert ground.rows("person", "person_ref, gender, ethnicity_given") == [
        ("P1", None, None), ("P2", None, None),
    ]  # fmt: skip
    assert not ground.current.table("person").columns["gender"].given


def test_personal_values_do_not_stand_in_the_rejects(ground: Ground) -> None:
    ground.write("p.csv", "id,g\n" + "".join(f"P{n},male\n" for n in range(20)) + "P99,secret\n")
    ground.load("\n  - files: p.csv\n    table: person\n    columns: {person_ref: id, gender: g}\n")
    assert [(r["column"], r["value"]) for r in ground.rejects("person")] == [("gender", "…")]


def test_cancelling_rolls_back(ground: Ground) -> None:
    ground.write("rents.csv", ledger(5))
    ground.ledger()
    ground.write("rents.csv", ledger(50))

    class Stop:
        def step(self, done: int, total: int, what: Any = "") -> None:
            raise Cancelled("stop")

    error = ground.refused(progress=Stop())
    assert isinstance(error, Cancelled)
    assert ground.current.table("rent_transaction").rows == 5


def test_progress_tells_rows_and_time_left(ground: Ground) -> None:
    ground.write("rents.csv", ledger(50))
    said: list[str] = []

    class Listen:
        def step(self, done: int, total: int, what: Any = "") -> None:
            assert 0 < done <= total
            said.append(str(what))

    ground.ledger(progress=Listen())
    assert said == ["rent_transaction, rents.csv: 50 rows, about 0 s left"]


def test_a_check_keeps_nothing_but_the_rejects_wanted(ground: Ground, tmp_path: Any) -> None:
    ground.write("rents.csv", ledger(5) + row(9, day="x") + "\n")
    sources = TRANSACTIONS.format(files="rents.csv")
    result = ground.check(sources, rejects=tmp_path / "out")
    assert result.refusal is not None
    assert [(f.rule, f.rows, f.line, f.value) for f in result.findings] == [("date", 1, 7, "x")]
    assert (tmp_path / "out" / "rent_transaction.csv").is_file()
    assert ground.state() == []
    assert ground.check(sources, most_rejects=50).refusal is None


def test_two_loads_at_once_are_refused(ground: Ground) -> None:
    ground.write("rents.csv", ledger(5))
    with Shelf(ground.data, "acme").alone(), pytest.raises(Conflict, match="just being loaded"):
        ground.ledger()


def test_what_is_not_confirmed_is_said(ground: Ground) -> None:
    ground.write("rents.csv", ledger(5))
    sources = TRANSACTIONS.format(files="rents.csv") + "    unsure: [amount]\n"
    assert "amount" in str(ground.load(sources).warnings[0])
    assert not ground.load(sources + "    confirmed: true\n").warnings


def test_a_history_cut_off_is_mended(ground: Ground) -> None:
    ground.write("rents.csv", ledger(5))
    ground.ledger()
    path = ground.data / "records" / "acme" / "history.jsonl"
    path.write_bytes(path.read_bytes()[:-20])
    ground.write("rents.csv", ledger(6))
    ground.ledger()
    assert len(Shelf(ground.data, "acme").history()) == 2
    lines = path.read_text().splitlines()
    assert [json.loads(line)["event"] for line in lines[1:]] == ["load", "load"]


def test_a_table_without_rows_can_be_read_all_the_same(ground: Ground) -> None:
    ground.write("t.csv", "ref,prop,state\nT1,P1,void\n")
    ground.load(TENANCIES + "    where: [{column: state, is_not: void}]\n")
    assert ground.current.table("tenancy").rows == 0
    assert ground.rows("tenancy", "tenancy_ref, start_on") == []
    ground.current.verify()


def test_every_row_of_many_pieces_keeps_its_line(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows are read by several threads and in several pieces: their order and lines stay."""
    monkeypatch.setattr("kloe.records.extracts.text.PIECE", 3 << 20)
    monkeypatch.setattr("kloe.records.extracts.text.HEAD", 1 << 20)
    lines = [row(n, words='"a\nb"' if n % 9973 == 0 else f"Week {n}") for n in range(1, 200_001)]
    ground.write("rents.csv", "\n".join([HEADER, *lines]) + "\n")
    ground.ledger()
    assert len(ground.current.paths("rent_transaction")) > 2
    wrong = ground.rows(
        "rent_transaction",
        "transaction_ref, source_row",
        "source_row <> substring(transaction_ref, 2)::INTEGER + 1"
        " + (substring(transaction_ref, 2)::INTEGER - 1) // 9973",
    )
    assert wrong == []
    assert ground.current.table("rent_transaction").rows == 200_000


@pytest.mark.slow
def test_rows_read_by_several_threads_keep_their_order(ground: Ground) -> None:
    """One piece of several buffers: what the engine does with it must not change the order."""
    count = 400_000
    path = ground.folder / "rents.csv"
    with path.open("w") as file:
        file.write(HEADER + "\n")
        file.writelines(row(n, words="x" * 60) + "\n" for n in range(1, count + 1))
    assert path.stat().st_size > 35_000_000
    ground.ledger()
    assert len(ground.current.paths("rent_transaction")) == 1
    wrong = ground.rows(
        "rent_transaction",
        "transaction_ref",
        "source_row <> substring(transaction_ref, 2)::INTEGER + 1",
    )
    assert len(wrong) == 0
