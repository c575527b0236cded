"""Duties with a time to them: statements, records of checks, assessments, acknowledgements."""

from __future__ import annotations

from datetime import date, timedelta

from kloe.core.periods import Period
from recompute.common import LEASES
from recompute.ground import Case, Cases, Records, case, left_out, measure, within
from recompute.repairs import working_days
from recompute.safety import homes_checked


def by(ref: str, done: date | None, last: date) -> Case:
    """Whether something was done on or before its last day."""
    return case(ref, int(done is not None and done <= last), 1)


@measure("safety/energy-certificates")
def energy_certificates(records: Records, period: Period, *, days: int) -> Cases:
    yield from homes_checked(records, period, "energy", days)


@measure("safety/smoke-alarms")
def smoke_alarms(records: Records, period: Period, *, days: int) -> Cases:
    yield from homes_checked(records, period, "smoke_co", days)


@measure("safety/gas-certificates-sent")
def gas_certificates_sent(records: Records, period: Period, *, days: int) -> Cases:
    for row in records.rows("compliance_certificate"):
        last = row["issued_on"] + timedelta(days=days)
        gas = row["kind"] == "gas" and row["asset_kind"] == "property"
        if gas and within(last, period):
            yield by(row["certificate_ref"], row["issued_to_tenant_on"], last)


@measure("tenancies/written-statement-in-time")
def written_statement_in_time(records: Records, period: Period, *, days: int) -> Cases:
    for row in records.rows("tenancy"):
        if row["start_on"] is None:
            continue
        last = row["start_on"] + timedelta(days=days - 1)
        if not within(last, period):
            continue
        if row["tenure"] in LEASES:
            yield left_out(row["tenancy_ref"], "not-rented")
        else:
            yield by(row["tenancy_ref"], row["written_statement_issued_on"], last)


@measure("lettings/hard-to-let-acted-on")
def hard_to_let_acted_on(records: Records, period: Period, *, days: int) -> Cases:
    for row in records.rows("void"):
        last = row["ended_on"] + timedelta(days=days)
        if row["hard_to_let"] and within(last, period):
            yield by(row["void_ref"], row["hard_to_let_action_on"], last)


@measure("neighbourhoods/asb-risk-assessed")
def asb_risk_assessed(records: Records, period: Period, *, days: int) -> Cases:
    for row in records.rows("asb_case"):
        last = row["opened_at"].date() + timedelta(days=days)
        if within(last, period):
            yield by(row["case_ref"], row["risk_assessed_on"], last)


@measure("complaints/acknowledged-in-time")
def acknowledged_in_time(records: Records, period: Period, *, days: int) -> Cases:
    for row in records.rows("complaint"):
        came, done = row["received_on"], row["acknowledged_on"]
        if not within(came, period):
            continue
        ref = f"{row['complaint_ref']}/{row['stage']}"
        if done is None and working_days(came, period.end) < days:
            yield left_out(ref, "not-due")
        else:
            yield case(ref, int(done is not None and working_days(came, done) <= days), 1)
