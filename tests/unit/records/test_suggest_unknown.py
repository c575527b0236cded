"""A vendor whose words nobody knows: little is found, and nothing sure is wrong."""

from __future__ import annotations

import csv
from pathlib import Path

import vendors

from kloe.records.layouts import layout
from kloe.records.suggesting import propose

#: German abbreviations with English ones among them: file, and our column by theirs.
TERSE: dict[str, tuple[str, dict[str, str]]] = {
    "property": (
        "Objekte",
        {
            "property_ref": "ObjNr",
            "uprn": "UPRN",
            "postcode": "PCode",
            "property_type": "ObjTyp",
            "bedrooms": "AnzBeds",
            "build_year": "BauJahr",
            "status": "ObjStat",
            "acquired_on": "AcqDat",
            "weekly_rent": "RentPW",
            "epc_band": "EPCBd",
            "gas": "GasKz",
            "needs_type": "NdsTyp",
        },
    ),
    "tenancy": (
        "Contracts",
        {
            "tenancy_ref": "ContrNr",
            "property_ref": "ObjNr",
            "tenure": "ContrTyp",
            "start_on": "BegDat",
            "end_on": "EndDat",
            "end_reason": "EndRsnCd",
            "joint": "JntKz",
            "signed_on": "SgnDat",
            "keys_on": "KeyDat",
        },
    ),
    "rent_account": (
        "Konten",
        {
            "account_ref": "AccNr",
            "tenancy_ref": "ContrNr",
            "account_type": "AccTyp",
            "opened_on": "OpnDat",
            "closed_on": "ClsDat",
            "balance": "AccBal",
            "payment_method": "PayMth",
        },
    ),
    "rent_transaction": (
        "Bookings",
        {
            "transaction_ref": "BkgNr",
            "account_ref": "AccNr",
            "posted_on": "BkgDat",
            "amount": "BkgAmt",
            "kind": "BkgTyp",
            "debt_type": "DbtTyp",
            "method": "PayMth",
        },
    ),
    "void": (
        "Leerstand",
        {
            "void_ref": "VdNr",
            "property_ref": "ObjNr",
            "ended_on": "VacBegDat",
            "let_on": "VacEndDat",
            "works_from": "WrkBegDat",
            "works_to": "WrkEndDat",
            "ready_on": "RdyDat",
            "cost": "WrkCst",
            "rent_loss": "RntLoss",
        },
    ),
    "repair_job": (
        "WorkOrders",
        {
            "job_ref": "WONr",
            "property_ref": "ObjNr",
            "reported_at": "RptDat",
            "ordered_at": "IssDat",
            "priority": "PrioCd",
            "target_at": "TgtDat",
            "completed_at": "CmpDat",
            "status": "WOStat",
            "trade": "TrdCd",
            "contractor": "SuppNr",
            "cost": "ActCst",
            "appointment_kept": "ApptKeptKz",
            "attended_at": "AttDat",
        },
    ),
    "complaint": (
        "Complaints",
        {
            "complaint_ref": "CmpNr",
            "stage": "CmpStg",
            "person_ref": "CustNr",
            "received_on": "RcvDat",
            "acknowledged_on": "AckDat",
            "due_on": "DueDat",
            "responded_on": "RspDat",
            "outcome": "CmpOut",
            "compensation": "CompAmt",
            "channel": "RcvChn",
        },
    ),
    "compliance_certificate": (
        "Certs",
        {
            "certificate_ref": "CertNr",
            "asset_ref": "ObjNr",
            "kind": "CertTyp",
            "issued_on": "IssDat",
            "expires_on": "ExpDat",
            "result": "CertRes",
            "remedials_open": "RemAnz",
        },
    ),
    "application": (
        "Applicants",
        {
            "application_ref": "AppNr",
            "person_ref": "CustNr",
            "received_on": "RcvDat",
            "registered_on": "RegDat",
            "band": "PrioBd",
            "last_reviewed_on": "LstRevDat",
            "next_review_on": "NxtRevDat",
            "status": "AppStat",
            "closed_on": "ClsDat",
        },
    ),
    "offer": (
        "Offers",
        {
            "offer_ref": "OffNr",
            "application_ref": "AppNr",
            "property_ref": "ObjNr",
            "offered_on": "OffDat",
            "viewed_on": "ViewDat",
            "result": "OffRes",
            "refusal_reason": "RefRsn",
            "decided_on": "DecDat",
        },
    ),
    "asb_case": (
        "ASBVorg",
        {
            "case_ref": "CaseNr",
            "property_ref": "ObjNr",
            "opened_at": "OpnDat",
            "kind": "IncTyp",
            "first_contact_at": "FstCtcDat",
            "closed_on": "ClsDat",
            "outcome": "CaseOut",
            "resolved": "ResKz",
        },
    ),
}


def test_abbreviations_nobody_knows_are_proposed_with_marks_or_not_at_all(tmp_path: Path) -> None:
    made, style = vendors.records(11), vendors.STYLES["upper"]
    truth = {}
    for table, (file, columns) in TERSE.items():
        rows = [
            [style_cell(style, table, ours, row) for ours in columns] + ["mm", "01/02/2026"]
            for row in made[table]
        ]
        with (tmp_path / f"{file}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, delimiter=";")
            writer.writerows([[*columns.values(), "ErfBen", "AendDat"], *rows])
        truth[f"{file}.csv"] = (table, {theirs: ours for ours, theirs in columns.items()})
    wrong, right, total = [], 0, sum(len(c) for _file, c in TERSE.values())
    for source in propose(sorted(tmp_path.iterdir())).sources:
        table, expected = truth[source.files[0]]
        for one in source.columns:
            if len(one.sources) == 1:
                good = source.table == table and expected.get(one.sources[0]) == one.name
                right += good
                if one.sure and not good:
                    wrong.append((table, one.sources, one.name))
        wrong += [(table, one.name, "left") for one in source.left_out
                  if one.sure and one.name in expected]  # fmt: skip
    assert wrong == []
    assert right >= 0.5 * total


def style_cell(style: vendors.Style, table: str, ours: str, row: dict[str, object]) -> str:
    """A value of the record as this vendor writes it."""
    return vendors.cell(style, layout(table).column(ours), row[ours])
