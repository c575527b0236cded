"""An invented landlord: tables that fit together, ledgers that add up, faults as listed."""

from __future__ import annotations

import csv
import hashlib
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from kloe.core.errors import Cancelled, Conflict, InvalidInput
from kloe.core.messages import Message
from kloe.records.generator import FAULTS, Wanted, generate
from kloe.records.generator.faults import load
from kloe.records.generator.frames import POINTS
from kloe.records.generator.run import sizes
from kloe.records.layouts import Type, layouts
from kloe.records.store import RecordSet

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
    let: dict[str, list[Row]] = defaultdict(list)
    for row in tables["tenancy"]:
        let[row["property_ref"]].append(row)
    for rows in let.values():
        rows.sort(key=lambda r: r["start_on"])
        for before, after in pairwise(rows):
            assert before["end_on"] is not None
            assert before["end_on"] < after["start_on"]
    for void in tables["void"]:
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


def test_checks_of_gas_are_of_homes_with_gas(tables: Tables) -> None:
    gas = {r["property_ref"] for r in tables["property"] if r["gas"]}
    assert {r["asset_ref"] for r in tables["compliance_certificate"] if r["kind"] == "gas"} <= gas
    needed = {r["asset_ref"] for r in tables["safety_requirement"] if r["kind"] == "gas"}
    assert needed == gas


def test_small_groups_exist(tables: Tables) -> None:
    counts: dict[str, int] = defaultdict(int)
    for row in tables["person"]:
        counts[row["ethnicity"]] += 1
    assert any(0 < n < 10 for group, n in counts.items() if group)


def find_late(rows: list[Row], done: str, limit: str, key: str) -> set[str]:
    return {r[key] for r in rows if r[done] and r[limit] and r[done] > r[limit]}


def found(t: Tables) -> dict[str, set[str]]:
    """What a reader of the records finds, written from the words of each fault."""
    day = timedelta(days=1)
    tenancy = {r["tenancy_ref"]: r for r in t["tenancy"]}
    repairs = [r for r in t["repair_job"] if r["completed_at"]]
    before = {r["job_ref"] for r in repairs
              if datetime(1900, 1, 1) < r["completed_at"] < r["reported_at"]}  # fmt: skip
    certificates: dict[tuple[str, str], date] = {}
    for row in t["compliance_certificate"]:
        key = (row["asset_ref"], row["kind"])
        certificates[key] = max(row["expires_on"], certificates.get(key, date.min))
    lapsed: dict[str, set[str]] = defaultdict(set)
    for row in t["safety_requirement"]:
        last = certificates.get((row["asset_ref"], row["kind"]), date.min)
        if row["to_on"] is None and last < END:
            lapsed[row["kind"]].add(f"{row['asset_ref']}/{row['kind']}")
    accounts = [r for r in t["rent_account"] if r["account_type"] == "rent"
                and tenancy[r["tenancy_ref"]]["start_on"] >= START]  # fmt: skip
    return {
        "repair-completed-before-report": before,
        "repair-default-date": {r["job_ref"] for r in repairs if r["completed_at"].year == 1900},
        "repair-coded-other": {r["job_ref"] for r in t["repair_job"] if r["trade"] == "other"},
        "repair-appointment-missed": {
            r["job_ref"] for r in t["repair_job"] if r["appointment_kept"] is False
        },
        "repair-flag-not-passed": {
            r["job_ref"] for r in t["repair_job"] if r["resident_flagged"] and not r["flag_passed"]
        },
        "check-lapsed-gas": lapsed["gas"],
        "check-lapsed-electrical": lapsed["electrical"],
        "check-lapsed-fire": lapsed["fire"],
        "gas-renewed-late": {
            r["certificate_ref"] for r in t["compliance_certificate"]
            if r["kind"] == "gas" and r["previous_expires_on"]
            and r["issued_on"] > r["previous_expires_on"]
        },
        "void-relet-late": {
            r["void_ref"] for r in t["void"]
            if r["let_on"] and (r["let_on"] - r["ended_on"]).days > r["target_days"]
        },
        "account-opened-late": {
            r["account_ref"] for r in accounts
            if r["opened_on"] > tenancy[r["tenancy_ref"]]["start_on"]
        },
        "conditions-not-explained": {
            r["tenancy_ref"] for r in t["tenancy"] if not r["conditions_explained_on"]
        },
        "written-statement-late": {
            r["tenancy_ref"] for r in t["tenancy"]
            if r["written_statement_issued_on"] > r["start_on"] + 14 * day
        },
        "refusal-unexplained": {
            r["offer_ref"] for r in t["offer"]
            if r["result"] == "refused" and not r["refusal_reason"]
        },
        "refusal-coded-other": {
            r["offer_ref"] for r in t["offer"] if r["refusal_reason"] == "other"
        },
        "contact-answered-late": {
            r["contact_ref"] for r in t["contact"]
            if r["answered_in_s"] is not None and r["answered_in_s"] > r["standard_s"]
        },
        "complaint-late-stage-1": {
            f"{r['complaint_ref']}/1" for r in t["complaint"] if r["stage"] == "1"
            and r["responded_on"] and r["responded_on"] > (r["extended_to"] or r["due_on"])
        },
        "asb-contact-late": find_late(
            t["asb_case"], "first_contact_at", "first_contact_due_at", "case_ref"
        ),
        "adaptation-late": find_late(t["adaptation"], "completed_on", "due_on", "case_ref"),
        "estate-action-late": find_late(t["estate_action"], "closed_on", "target_on", "action_ref"),
        "request-late": find_late(t["service_request"], "closed_at", "due_at", "request_ref"),
        "action-late": find_late(t["action"], "done_on", "due_on", "action_ref"),
        "vulnerability-unrecorded": {
            r["person_ref"] for r in t["person"] if r["vulnerability"] is None
        },
        "write-off-without-reason": {
            r["transaction_ref"] for r in t["rent_transaction"]
            if r["kind"] == "write_off" and not r["reason"]
        },
        "survey-too-old": {
            r["survey_ref"] for r in t["stock_condition"]
            if (END - r["surveyed_on"]).days > 1826
        },
        "inspection-missed": {
            r["inspection_ref"] for r in t["estate_inspection"]
            if not r["done_on"] and r["due_on"] <= END
        },
    }  # fmt: skip


def test_what_is_found_is_what_was_planted(tables: Tables, made: Path) -> None:
    listed: dict[str, set[str]] = defaultdict(set)
    for row in planted(made):
        listed[row["fault"]].add(row["ref"])
    for slug, refs in found(tables).items():
        assert refs, slug
        assert refs == listed[slug], slug


def test_nothing_is_found_where_nothing_was_planted(clean: Tables) -> None:
    for slug, refs in found(clean).items():
        assert refs == set(), slug


def test_late_and_overdue_repairs_are_those_listed(tables: Tables, made: Path) -> None:
    listed: dict[str, set[str]] = defaultdict(set)
    for row in planted(made):
        listed[row["fault"]].add(row["ref"])
    late = {r["job_ref"] for r in tables["repair_job"] if r["status"] == "completed"
            and r["completed_at"].year > 1900 and r["completed_at"] > r["target_at"]}  # fmt: skip
    assert late == (
        listed["repair-late-emergency"] | listed["repair-late-other"] | listed["remedial-late"]
    )
    overdue = {r["job_ref"] for r in tables["repair_job"] if r["status"] == "open"
               and r["target_at"] < datetime(2026, 4, 1)}  # fmt: skip
    assert overdue == listed["repair-overdue"]


def test_repairs_closed_in_a_batch_share_their_minute(tables: Tables, made: Path) -> None:
    batch = {r["ref"] for r in planted(made) if r["fault"] == "repair-closed-in-batch"}
    times = {r["completed_at"] for r in tables["repair_job"] if r["job_ref"] in batch}
    assert len(batch) >= 10
    assert len(times) == 1


def test_arrears_are_taken_up_within_two_weeks_but_for_those_listed(
    tables: Tables, made: Path
) -> None:
    first: dict[str, date] = {}
    for row in tables["arrears_action"]:
        case = row["case_ref"]
        first[case] = min(row["action_on"], first.get(case, date.max))
    late = {
        r["case_ref"] for r in tables["arrears_case"]
        if r["opened_on"] <= END - timedelta(days=14)
        and first.get(r["case_ref"], date.max) > r["opened_on"] + timedelta(days=14)
    }  # fmt: skip
    assert late == {r["ref"] for r in planted(made) if r["fault"] == "arrears-taken-up-late"}


def test_what_was_done_is_in_the_list(tables: Tables, made: Path) -> None:
    """The list shows the value as it now stands."""
    by_ref: dict[str, dict[str, Row]] = {}
    dropped = {slug for slug, fault in load().items() if fault.drop}
    for row in planted(made):
        table = row["table"]
        keys = layouts()[table].key
        rows = by_ref.setdefault(
            table, {"/".join(str(r[k]) for k in keys): r for r in tables[table]}
        )
        if row["fault"] in dropped:
            assert row["ref"] not in rows
        elif row["column"]:
            value = rows[row["ref"]][row["column"]]
            shown = "" if value is None else str(value)
            assert row["after"] == (shown.lower() if isinstance(value, bool) else shown)


def test_every_kind_of_fault_is_planted_in_a_landlord_of_some_size(
    tmp_path: Path,
) -> None:
    generate(Wanted(homes=1500, years=3, seed=2), tmp_path / "out")
    have = {row["fault"] for row in planted(tmp_path / "out")}
    assert set(load()) - have == set()


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


@pytest.mark.parametrize(
    "text",
    [
        "no-such-fault: 0.1\n",
        "repair-late-other: 1.5\n",
        "repair-late-other: much\n",
        "own: {table: repair_job, words: w, share: 0.1, clear: [no_such]}\n",
    ],
)
def test_a_file_of_faults_is_read_strictly(text: str, tmp_path: Path) -> None:
    (tmp_path / "f.yaml").write_text(text)
    with pytest.raises(InvalidInput):
        load(tmp_path / "f.yaml")


def test_a_file_changes_shares_and_adds_kinds(tmp_path: Path) -> None:
    (tmp_path / "f.yaml").write_text(
        "all: 0\nrepair-coded-other: 0.5\n"
        "own: {table: asb_case, words: No place., share: 1, clear: [location]}\n"
    )
    generate(Wanted(homes=100, years=1, seed=1, faults=tmp_path / "f.yaml"), tmp_path / "out")
    counts: dict[str, int] = defaultdict(int)
    for row in planted(tmp_path / "out"):
        counts[row["fault"]] += 1
    assert set(counts) == {"repair-coded-other", "own"}
    tables = read(tmp_path / "out")
    assert counts["own"] == len(tables["asb_case"])
    assert abs(counts["repair-coded-other"] - len(tables["repair_job"]) / 2) < 1
