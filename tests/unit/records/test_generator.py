"""An invented landlord: tables that fit together, ledgers that add up, faults as listed."""

from __future__ import annotations

import csv
import hashlib
from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from generated import END, Row, Tables, clean, made, planted, tables

from kloe.core.errors import Cancelled, Conflict, InvalidInput
from kloe.core.messages import Message
from kloe.records.generator import Wanted, generate
from kloe.records.generator.frames import POINTS
from kloe.records.generator.run import sizes
from kloe.records.layouts import Type, layouts
from kloe.records.store import RecordSet

__all__ = ["clean", "made", "tables"]


def test_every_table_is_there_and_every_column_has_values(tables: Tables) -> None:
    empty = [
        f"{name}.{column.name}"
        for name, layout in layouts().items()
        for column in layout.columns
        if all(row[column.name] is None for row in tables[name])
    ]
    assert empty == []


def test_keys_are_given_and_unique(tables: Tables) -> None:
    for name, layout in layouts().items():
        keys = [tuple(row[k] for k in layout.key) for row in tables[name]]
        assert len(set(keys)) == len(keys), name
        assert not any(None in key for key in keys), name
        for column in layout.columns:
            if column.required:
                assert all(row[column.name] is not None for row in tables[name]), column.name


def test_references_resolve(tables: Tables) -> None:
    for name, layout in layouts().items():
        for column in layout.columns:
            target = column.of or POINTS.get(column.name)
            if column.type is not Type.REF or target not in tables or column.name in layout.key[:1]:
                continue
            there = {row[layouts()[target].key[0]] for row in tables[target]}
            mine = {row[column.name] for row in tables[name]} - {None}
            assert mine <= there, f"{name}.{column.name}: {sorted(mine - there)[:3]}"


def test_assets_are_homes_or_blocks(tables: Tables) -> None:
    homes = {row["property_ref"] for row in tables["property"]}
    blocks = {row["block_ref"] for row in tables["property"]} - {None}
    for name in ("safety_requirement", "compliance_certificate", "asbestos_record"):
        for row in tables[name]:
            assert row["asset_ref"] in (homes if row["asset_kind"] == "property" else blocks)


def test_codes_are_those_of_the_layouts(tables: Tables) -> None:
    for name, layout in layouts().items():
        for column in layout.columns:
            if column.type is Type.CODE:
                used = {row[column.name] for row in tables[name]} - {None}
                assert used <= set(column.codes), f"{name}.{column.name}"
            if column.type is Type.CODES:
                words = {row[column.name] for row in tables[name]} - {None}
                assert {w for word in words for w in word.split(";")} <= set(column.codes)


def test_nothing_is_recorded_that_has_not_happened(tables: Tables) -> None:
    ahead = ("due", "target", "next", "expires", "reinspect", "valid_to", "planned", "ends_on",
             "extended", "appointment", "nomination_agreement.to_on")  # fmt: skip
    for name, layout in layouts().items():
        for column in layout.columns:
            full = f"{name}.{column.name}"
            if column.type not in (Type.DATE, Type.DATETIME) or any(word in full for word in ahead):
                continue
            for row in tables[name]:
                value = row[column.name]
                assert value is None or str(value)[:10] <= END.isoformat(), full


def test_the_rules_of_the_layouts_hold_without_faults(clean: Tables) -> None:
    for name, layout in layouts().items():
        for rule in layout.rules:
            if rule.kind != "order":
                continue
            for row in clean[name]:
                values = [row[c] for c in rule.columns if row[c] is not None]
                assert values == sorted(values), f"{name}: {rule.words}"


def test_balances_are_the_sum_of_the_postings(tables: Tables, made: Path) -> None:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in tables["rent_transaction"]:
        sums[row["account_ref"]] += row["amount"]
    wrong = {r["account_ref"] for r in tables["rent_account"]
             if sums[r["account_ref"]] != r["balance"]}  # fmt: skip
    assert wrong == {r["ref"] for r in planted(made) if r["fault"] == "account-balance-wrong"}
    assert wrong


def test_statements_show_what_the_ledger_holds(tables: Tables, made: Path) -> None:
    by_account: dict[str, list[Row]] = defaultdict(list)
    for row in tables["rent_transaction"]:
        by_account[row["account_ref"]].append(row)
    wrong = set()
    for row in tables["rent_statement"]:
        moved = sum(
            (t["amount"] for t in by_account[row["account_ref"]]
             if row["from_on"] <= t["posted_on"] <= row["to_on"]), Decimal(0))  # fmt: skip
        if row["opening"] + moved != row["closing"]:
            wrong.add(row["statement_ref"])
    assert wrong == {r["ref"] for r in planted(made) if r["fault"] == "statement-wrong"}


def test_debts_stand_on_accounts_of_their_own(tables: Tables) -> None:
    kinds = {r["account_ref"]: r["account_type"] for r in tables["rent_account"]}
    for row in tables["rent_transaction"]:
        if row["debt_type"] == "court_cost":
            assert kinds[row["account_ref"]] == "court_cost"
        if row["debt_type"] == "recharge_repair":
            assert kinds[row["account_ref"]] == "recharge"
        if row["debt_type"] == "garage":
            assert kinds[row["account_ref"]] == "garage"


def test_a_home_is_let_once_at_a_time_and_empty_between(tables: Tables, made: Path) -> None:
    wrong = {r["ref"] for r in planted(made) if r["fault"] == "tenancy-overlaps"}
    overlaps = {r["property_ref"] for r in tables["tenancy"] if r["tenancy_ref"] in wrong}
    assert overlaps
    let: dict[str, list[Row]] = defaultdict(list)
    for row in tables["tenancy"]:
        if row["property_ref"] not in overlaps:
            let[row["property_ref"]].append(row)
    for rows in let.values():
        rows.sort(key=lambda r: r["start_on"])
        for before, after in pairwise(rows):
            assert before["end_on"] is not None
            assert before["end_on"] < after["start_on"]
    for void in tables["void"]:
        if void["property_ref"] in overlaps:
            continue
        rows = let[void["property_ref"]]
        assert any(r["end_on"] == void["ended_on"] for r in rows)
        if void["let_on"] is None:
            assert not any(r["start_on"] > void["ended_on"] for r in rows)
        else:
            after = min((r for r in rows if r["start_on"] > void["ended_on"]),
                        key=lambda r: r["start_on"])  # fmt: skip
            assert after["start_on"] == void["let_on"]
        for first, second in (("keys_in_on", "ready_on"), ("ready_on", "let_on")):
            if void[first] and void[second]:
                assert void[first] <= void[second]


def test_what_a_letting_says_is_what_the_other_tables_say(tables: Tables) -> None:
    offers = {r["offer_ref"]: r for r in tables["offer"]}
    tenancies = {r["tenancy_ref"]: r for r in tables["tenancy"]}
    applications = {r["application_ref"]: r for r in tables["application"]}
    leads = {r["tenancy_ref"]: r["person_ref"] for r in tables["tenancy_member"]
             if r["role"] == "lead"}  # fmt: skip
    bids: dict[tuple[str, str], int] = defaultdict(int)
    for bid in tables["bid"]:
        bids[bid["application_ref"], bid["property_ref"]] += 1
    for letting in tables["letting"]:
        offer, tenancy = offers[letting["offer_ref"]], tenancies[letting["tenancy_ref"]]
        application = applications[letting["application_ref"]]
        assert offer["result"] == "accepted"
        assert offer["property_ref"] == tenancy["property_ref"] == letting["property_ref"]
        assert offer["application_ref"] == letting["application_ref"]
        assert offer["decided_on"] == letting["accepted_on"] <= letting["let_on"]
        assert tenancy["start_on"] == letting["let_on"] == application["closed_on"]
        assert application["status"] == "housed"
        assert application["person_ref"] == leads[letting["tenancy_ref"]]
        if letting["cbl"]:
            assert bids[letting["application_ref"], letting["property_ref"]] >= 1


def test_checks_of_gas_are_of_homes_with_gas(tables: Tables, made: Path) -> None:
    gas = {r["property_ref"] for r in tables["property"] if r["gas"]}
    assert {r["asset_ref"] for r in tables["compliance_certificate"] if r["kind"] == "gas"} <= gas
    needed = {r["asset_ref"] for r in tables["safety_requirement"] if r["kind"] == "gas"}
    left_out = {r["case_ref"] for r in planted(made) if r["fault"] == "gas-home-unregistered"}
    assert needed | left_out == gas
    assert not needed & left_out


def test_small_groups_exist(tables: Tables) -> None:
    counts: dict[str, int] = defaultdict(int)
    for row in tables["person"]:
        counts[row["ethnicity"]] += 1
    assert any(0 < n < 10 for group, n in counts.items() if group)


def digests(folder: Path) -> dict[str, str]:
    return {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


def test_the_same_seed_gives_the_same_bytes(made: Path, tmp_path: Path) -> None:
    generate(Wanted(homes=400, years=2, seed=11), tmp_path / "again")
    assert digests(tmp_path / "again") == digests(made)
    generate(Wanted(homes=400, years=2, seed=12), tmp_path / "other")
    assert digests(tmp_path / "other") != digests(made)


def test_the_set_can_be_opened_and_verified(made: Path, tables: Tables) -> None:
    records = RecordSet.open(made)
    records.verify()
    assert records.as_at == END
    assert set(records.tables) == set(layouts())
    for name, table in records.tables.items():
        assert table.rows == len(tables[name])
        for column, filled in table.columns.items():
            assert filled.values == sum(r[column] is not None for r in tables[name])


def test_csv_holds_the_same_under_the_names_of_the_layouts(tmp_path: Path) -> None:
    wanted = Wanted(homes=100, years=1, seed=3, formats=("parquet", "csv"))
    generate(wanted, tmp_path / "out")
    for name, layout in layouts().items():
        with (tmp_path / "out" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        own = pq.read_table(tmp_path / "out" / f"{name}.parquet").to_pylist()
        assert len(rows) == len(own)
        for theirs, mine in zip(rows[:50], own[:50], strict=True):
            assert list(theirs) == [c.name for c in layout.columns]
            for column, value in theirs.items():
                if isinstance(mine[column], bool):
                    assert value == str(mine[column]).lower()
                elif isinstance(mine[column], datetime):
                    assert datetime.fromisoformat(value) == mine[column]
                else:
                    assert value == ("" if mine[column] is None else str(mine[column]))


def test_a_sector_has_landlords_of_varying_size(tmp_path: Path) -> None:
    wanted = Wanted(homes=900, years=1, seed=5, landlords=4)
    made = generate(wanted, tmp_path / "sector")
    assert made.records is not None
    assert made.records.landlords == ("L0001", "L0002", "L0003", "L0004")
    homes = sizes(wanted)
    assert sum(homes) == 900
    assert len(set(homes)) > 1
    assert made.records is not None
    made.records.verify()
    assert [p.name for p in made.records.paths("tenancy")] == [
        f"L000{n}.parquet" for n in (1, 2, 3, 4)
    ]
    rows = pq.read_table(tmp_path / "sector" / "property").to_pylist()
    assert {r["landlord"] for r in rows} == {"L0001", "L0002", "L0003", "L0004"}
    assert {r["landlord"] for r in planted(tmp_path / "sector")} == {r["landlord"] for r in rows}
    again = generate(Wanted(homes=900, years=1, seed=5, landlords=4, workers=1), tmp_path / "two")
    assert again.records is not None
    assert digests(tmp_path / "two") == digests(tmp_path / "sector")


class Stops:
    """Progress that is stopped on the way."""

    def step(self, done: int, total: int, what: Message | str = "") -> None:
        if done > 3000:
            raise Cancelled("Stopped.")


def test_what_is_stopped_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        generate(Wanted(homes=200, years=1, seed=1), tmp_path / "out", Stops())
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(Cancelled):
        generate(Wanted(homes=600, years=1, seed=1, landlords=3), tmp_path / "out", Stops())
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(Conflict):
        generate(Wanted(homes=100, years=1, seed=1), tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(homes=99, years=1, seed=1),
        Wanted(homes=150, years=1, seed=1, landlords=2),
        Wanted(homes=100, years=0, seed=1),
        Wanted(homes=100, years=21, seed=1),
        Wanted(homes=100, years=1, seed=1, landlords=0),
        Wanted(homes=100, years=1, seed=1, formats=("xlsx",)),
        Wanted(homes=100, years=1, seed=1, formats=()),
    ],
)
def test_what_cannot_be_made_is_refused(wanted: Wanted, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        generate(wanted, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_name_is_all_that_a_name_changes(tmp_path: Path) -> None:
    one = generate(Wanted(homes=100, years=1, seed=5), tmp_path / "one").records
    two = generate(Wanted(homes=100, years=1, seed=5, name="somebody"), tmp_path / "two").records
    assert one is not None
    assert two is not None
    assert (one.landlord, two.landlord) == ("L0001", "somebody")
    for table in sorted(one.tables):
        rows = [pq.read_table(s.folder / f"{table}.parquet").to_pylist() for s in (one, two)]
        assert {row.pop("landlord") for row in rows[1]} <= {"somebody"}
        assert {row.pop("landlord") for row in rows[0]} <= {"L0001"}
        assert rows[0] == rows[1], table
    with pytest.raises(InvalidInput, match="One name"):
        Wanted(homes=400, years=1, seed=5, landlords=2, name="somebody").check()
