"""Lettings, from the words of their measures: the register, offers, empty homes, new tenants."""

from __future__ import annotations

from datetime import date, timedelta

from kloe.core.periods import Period
from recompute.common import LEASES, homes, satisfied
from recompute.ground import (
    Cases,
    Records,
    Row,
    case,
    in_force,
    left_out,
    measure,
    months_before,
    value,
    within,
)

OPEN = {"live", "suspended"}
RENTED = {"social_rent", "affordable_rent", "intermediate_rent"}


def let(records: Records, period: Period) -> list[Row]:
    """Lettings of the period."""
    return [r for r in records.rows("letting") if within(r["let_on"], period)]


def share_of_lettings(records: Records, period: Period, column: str, wanted: object) -> Cases:
    """Lettings of the period, renewals left out, of which those with a value count."""
    for row in let(records, period):
        if row["renewal"]:
            yield left_out(row["letting_ref"], "renewal")
        else:
            yield case(row["letting_ref"], int(row[column] == wanted), 1)


def open_on(records: Records, day: date) -> list[Row]:
    """Applications that were open on a day, live or suspended."""
    return [
        row
        for row in records.rows("application")
        if row["received_on"] <= day
        and (row["closed_on"] > day if row["closed_on"] else row["status"] in OPEN)
    ]


def empty_on(records: Records, day: date) -> list[Row]:
    """Times of standing empty that last on a day."""
    return [
        row
        for row in records.rows("void")
        if row["ended_on"] < day and (row["let_on"] is None or row["let_on"] > day)
    ]


@measure("lettings/appeals-on-time")
def appeals_on_time(records: Records, period: Period) -> Cases:
    for row in records.rows("appeal"):
        if within(row["due_on"], period):
            done = row["decided_on"] is not None and row["decided_on"] <= row["due_on"]
            yield case(row["appeal_ref"], int(done), 1)


@measure("lettings/applicants-told-position")
def applicants_told_position(records: Records, period: Period, *, months: int) -> Cases:
    first = months_before(period.end, months)
    for row in open_on(records, period.end):
        if row["received_on"] > first:
            yield left_out(row["application_ref"], "new")
            continue
        told = row["position_notice_on"]
        if told is not None and told > period.end:
            yield left_out(row["application_ref"], "told-since")
        else:
            yield case(row["application_ref"], int(told is not None and told > first), 1)


@measure("lettings/bids-per-letting")
def bids_per_letting(records: Records, period: Period) -> Cases:
    for row in let(records, period):
        if row["cbl"]:
            if row["bids"] is None:
                yield left_out(row["letting_ref"], "not-known")
            else:
                yield case(row["letting_ref"], row["bids"], 1)


@measure("lettings/by-choice")
def by_choice(records: Records, period: Period) -> Cases:
    return share_of_lettings(records, period, "cbl", True)


@measure("lettings/to-homeless-households")
def to_homeless_households(records: Records, period: Period) -> Cases:
    return share_of_lettings(records, period, "homeless_duty", True)


@measure("lettings/to-transfers")
def to_transfers(records: Records, period: Period) -> Cases:
    return share_of_lettings(records, period, "route", "transfer")


@measure("lettings/empty-over-six-months")
def empty_over_six_months(records: Records, period: Period, *, months: int) -> Cases:
    for row in empty_on(records, period.end):
        if row["held"]:
            yield left_out(row["void_ref"], "held")
        else:
            long = row["ended_on"] < months_before(period.end, months)
            yield case(row["void_ref"], int(long), 1)


@measure("lettings/homes-vacant")
def homes_vacant(records: Records, period: Period) -> Cases:
    empty = {row["property_ref"] for row in empty_on(records, period.end)}
    for row in homes(records, period.end):
        if row["tenure_type"] in RENTED and row["self_contained"]:
            yield case(row["property_ref"], int(row["property_ref"] in empty), 1)


@measure("lettings/new-tenants-visited")
def new_tenants_visited(records: Records, period: Period, *, days: int) -> Cases:
    visits = records.by("tenancy_visit", "tenancy_ref")
    for row in records.rows("tenancy"):
        if row["start_on"] is None:
            continue
        last = row["start_on"] + timedelta(days=days)
        if not within(last, period):
            continue
        ref = row["tenancy_ref"]
        if row["tenure"] in LEASES:
            yield left_out(ref, "not-rented")
        elif row["end_on"] is not None and row["end_on"] < last:
            yield left_out(ref, "ended")
        else:
            seen = any(
                visit["kind"] == "new_tenant"
                and visit["done_on"] is not None
                and row["start_on"] <= visit["done_on"] <= last
                for visit in visits.get(ref, [])
            )
            yield case(ref, int(seen), 1)


@measure("lettings/nominations-quota-met")
def nominations_quota_met(records: Records, period: Period) -> Cases:
    stock = records.one("property", "property_ref")
    agreed = [
        row
        for row in records.rows("nomination_agreement")
        if in_force(row, period.end, "from_on", "to_on")
    ]
    for row in let(records, period):
        if row["renewal"] or row["route"] in {"transfer", "exchange"}:
            continue
        home = stock.get(row["property_ref"])
        area = home["area"] if home else None
        shares = [g["quota_share"] for g in agreed if g["area"] is None or g["area"] == area]
        if shares:
            yield case(row["letting_ref"], int(row["nomination"] is True), sum(shares))
        else:
            yield left_out(row["letting_ref"], "no-agreement")


@measure("lettings/nominations-right-first-time")
def nominations_right_first_time(records: Records, period: Period) -> Cases:
    for row in records.rows("nomination"):
        if not within(row["requested_on"], period):
            continue
        if row["result"] in {None, "open"}:
            yield left_out(row["nomination_ref"], "open")
            continue
        named, due = row["received_on"], row["due_on"]
        in_time = named is not None and due is not None and named <= due
        yield case(row["nomination_ref"], int(row["result"] == "accepted" and in_time), 1)


@measure("lettings/offers-refused")
def offers_refused(records: Records, period: Period) -> Cases:
    for row in records.rows("offer"):
        if row["result"] in {"accepted", "refused"} and within(
            row["decided_on"] or row["offered_on"], period
        ):
            yield case(row["offer_ref"], int(row["result"] == "refused"), 1)


@measure("lettings/refusals-with-reason")
def refusals_with_reason(records: Records, period: Period) -> Cases:
    for row in records.rows("offer"):
        if row["result"] == "refused" and within(row["decided_on"] or row["offered_on"], period):
            yield case(row["offer_ref"], int(row["refusal_reason"] not in {None, "other"}), 1)


@measure("lettings/register-reviewed")
def register_reviewed(records: Records, period: Period, *, months: int) -> Cases:
    first = months_before(period.end, months)
    for row in open_on(records, period.end):
        reviewed, new = row["last_reviewed_on"], row["received_on"] > first
        if reviewed is not None and reviewed > period.end and not new:
            yield left_out(row["application_ref"], "reviewed-since")
        else:
            fresh = new or (reviewed is not None and reviewed > first)
            yield case(row["application_ref"], int(fresh), 1)


@measure("lettings/registration-days")
def registration_days(records: Records, period: Period) -> Cases:
    for row in records.rows("application"):
        if within(row["registered_on"], period):
            yield value(row["application_ref"], (row["registered_on"] - row["received_on"]).days)


@measure("lettings/relet-days")
def relet_days(records: Records, period: Period) -> Cases:
    stock = records.one("property", "property_ref")
    for row in records.rows("void"):
        if not within(row["let_on"], period) or row["held"] or row["works_class"] == "major":
            continue
        home = stock.get(row["property_ref"])
        if home is not None and home["needs_type"] == "general_needs":
            yield value(row["void_ref"], (row["let_on"] - row["ended_on"]).days - 1)


@measure("lettings/relets-within-target")
def relets_within_target(records: Records, period: Period) -> Cases:
    for row in records.rows("void"):
        if not within(row["let_on"], period):
            continue
        if row["held"]:
            yield left_out(row["void_ref"], "held")
        elif row["target_days"] is None:
            yield left_out(row["void_ref"], "no-target")
        else:
            empty = (row["let_on"] - row["ended_on"]).days - 1
            yield case(row["void_ref"], int(empty <= row["target_days"]), 1)


@measure("lettings/rent-lost")
def rent_lost(records: Records, period: Period) -> Cases:
    for row in records.rows("void"):
        if within(row["let_on"], period):
            yield case(row["void_ref"], row["rent_loss"] or 0, 0)
    for ref, rows in records.by("rent_transaction", "account_ref").items():
        charged = [
            row["amount"]
            for row in rows
            if row["kind"] == "charge"
            and row["debt_type"] in {None, "rent"}
            and within(row["posted_on"], period)
        ]
        if charged:
            yield case(ref, 0, sum(charged))


@measure("lettings/risk-assessed")
def risk_assessed(records: Records, period: Period) -> Cases:
    for row in let(records, period):
        if row["risk_flagged"]:
            day = row["risk_assessed_on"]
            yield case(row["letting_ref"], int(day is not None and day <= row["let_on"]), 1)


@measure("lettings/satisfaction-with-letting")
def satisfaction_with_letting(records: Records, period: Period) -> Cases:
    return satisfied(records, period, "letting", {"transaction"})


@measure("lettings/support-plan-at-start")
def support_plan_at_start(records: Records, period: Period) -> Cases:
    plans = records.by("support_plan", "tenancy_ref")
    for row in records.rows("tenancy"):
        if row["vulnerable_at_start"] and within(row["start_on"], period):
            ready = any(
                plan["agreed_on"] <= row["start_on"] for plan in plans.get(row["tenancy_ref"], [])
            )
            yield case(row["tenancy_ref"], int(ready), 1)


@measure("lettings/viewings-accompanied")
def viewings_accompanied(records: Records, period: Period) -> Cases:
    for row in records.rows("offer"):
        if within(row["viewed_on"], period):
            yield case(row["offer_ref"], int(row["viewing_accompanied"] is True), 1)
