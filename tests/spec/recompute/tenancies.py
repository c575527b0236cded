"""Tenancies, from the words of their measures: starts, checks, standards and how long they last."""

from __future__ import annotations

from kloe.core.periods import Period
from recompute.common import LEASES
from recompute.ground import (
    Cases,
    Records,
    case,
    in_force,
    left_out,
    measure,
    months_before,
    value,
    within,
)


@measure("tenancies/agreement-age")
def agreement_age(records: Records, period: Period) -> Cases:
    for row in records.rows("policy_document"):
        if row["kind"] not in {"tenancy_agreement", "handbook"} or not row["in_force"]:
            continue
        reviewed = row["last_reviewed_on"]
        if reviewed is not None and reviewed <= period.end:
            yield value(row["document_ref"], (period.end - reviewed).days)


@measure("tenancies/checked-within-cycle")
def checked_within_cycle(records: Records, period: Period, *, years: int) -> Cases:
    first = months_before(period.end, 12 * years)
    for row in records.rows("tenancy"):
        if not in_force(row, period.end):
            continue
        if row["tenure"] in LEASES:
            yield left_out(row["tenancy_ref"], "not-rented")
            continue
        checked, begun = row["last_checked_on"], row["start_on"] > first
        if checked is not None and checked > period.end and not begun:
            yield left_out(row["tenancy_ref"], "checked-since")
        else:
            fresh = begun or (checked is not None and checked > first)
            yield case(row["tenancy_ref"], int(fresh), 1)


@measure("tenancies/conditions-explained")
def conditions_explained(records: Records, period: Period) -> Cases:
    for row in records.rows("tenancy"):
        if not within(row["start_on"], period):
            continue
        if row["tenure"] in LEASES:
            yield left_out(row["tenancy_ref"], "not-rented")
        else:
            day = row["conditions_explained_on"]
            yield case(row["tenancy_ref"], int(day is not None and day <= row["start_on"]), 1)


@measure("tenancies/first-contact-resolved")
def first_contact_resolved(records: Records, period: Period) -> Cases:
    for row in records.rows("contact"):
        if row["enquiry_type"] == "tenancy" and within(row["at"].date(), period):
            yield case(row["contact_ref"], int(row["resolved_first"] is True), 1)


@measure("tenancies/standards-met")
def standards_met(records: Records, period: Period, *, months: int) -> Cases:
    first = months_before(period.end, months)
    for row in records.rows("service_standard"):
        measured = row["measured_on"]
        if row["service_area"] != "tenancies" or row["last_result"] is None:
            continue
        if measured is None or not first < measured <= period.end:
            continue
        if row["target"] is None or row["direction"] is None:
            yield left_out(row["standard_ref"], "no-target")
            continue
        over = row["last_result"] - row["target"]
        met = over >= 0 if row["direction"] == "higher" else over <= 0
        yield case(row["standard_ref"], int(met), 1)


@measure("tenancies/sustained-for-a-year")
def sustained_for_a_year(records: Records, period: Period) -> Cases:
    for row in records.rows("tenancy"):
        if row["start_on"] is None:
            continue
        later = months_before(row["start_on"], -12)
        if not within(later, period):
            continue
        lasted = row["end_on"] is None or row["end_on"] >= later
        if row["tenure"] in LEASES:
            yield left_out(row["tenancy_ref"], "not-rented")
        elif not lasted and row["end_reason"] == "death":
            yield left_out(row["tenancy_ref"], "death")
        else:
            yield case(row["tenancy_ref"], int(lasted), 1)


@measure("tenancies/unauthorised-occupation-days")
def unauthorised_occupation_days(records: Records, period: Period) -> Cases:
    for row in records.rows("tenancy_case"):
        if row["kind"] == "unauthorised" and within(row["resolved_on"], period):
            yield value(row["case_ref"], (row["resolved_on"] - row["reported_on"]).days)
