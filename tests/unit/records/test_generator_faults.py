"""The faults of an invented landlord are those listed, and there are no others."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from generated import END, START, Row, Tables, clean, made, planted, read, tables

from kloe.core.errors import InvalidInput
from kloe.records.generator import Wanted, generate
from kloe.records.generator.faults import load
from kloe.records.layouts import layouts

__all__ = ["clean", "made", "tables"]


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
            and (r["responded_on"] or END + day) > (r["extended_to"] or r["due_on"])
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
               and r["target_at"] < datetime(2026, 3, 31)}  # fmt: skip
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
        "all: 0\nvulnerability-unrecorded: 0.5\n"
        "own: {table: asb_case, words: No place., share: 1, clear: [location]}\n"
    )
    generate(Wanted(homes=100, years=1, seed=1, faults=tmp_path / "f.yaml"), tmp_path / "out")
    counts: dict[str, int] = defaultdict(int)
    for row in planted(tmp_path / "out"):
        counts[row["fault"]] += 1
    assert set(counts) == {"vulnerability-unrecorded", "own"}
    tables = read(tmp_path / "out")
    assert counts["own"] == len(tables["asb_case"])
    assert abs(counts["vulnerability-unrecorded"] - len(tables["person"]) / 2) < 1
