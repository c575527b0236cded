"""Neighbourhoods, from the words of their measures: antisocial behaviour, estates, evictions."""

from __future__ import annotations

from datetime import timedelta

from kloe.core.periods import Period
from recompute.common import LEASES, NO_HOMES, homes_to_rent, satisfied
from recompute.ground import Cases, Records, Row, case, in_force, left_out, measure, within

#: What is noted on a case without being a remedy.
NO_REMEDY = {"update", "victim_support", "other"}


def opened(records: Records, period: Period) -> list[Row]:
    """Cases of antisocial behaviour opened in the period."""
    return [r for r in records.rows("asb_case") if within(r["opened_at"].date(), period)]


def closed(records: Records, period: Period) -> list[Row]:
    """Cases of antisocial behaviour closed in the period."""
    return [r for r in records.rows("asb_case") if within(r["closed_on"], period)]


def done_by_due(records: Records, period: Period, kinds: set[str]) -> Cases:
    """Reports of some kinds, and whether they were dealt with by the time that was due."""
    for row in records.rows("service_request"):
        if row["kind"] not in kinds or not within(row["reported_at"].date(), period):
            continue
        if row["due_at"] is None:
            yield left_out(row["request_ref"], "no-due")
        elif row["closed_at"] is None and row["due_at"].date() > period.end:
            yield left_out(row["request_ref"], "not-due")
        else:
            done = row["closed_at"] is not None and row["closed_at"] <= row["due_at"]
            yield case(row["request_ref"], int(done), 1)


@measure("neighbourhoods/asb-first-contact")
def asb_first_contact(records: Records, period: Period) -> Cases:
    for row in opened(records, period):
        due, spoken = row["first_contact_due_at"], row["first_contact_at"]
        if due is None:
            yield left_out(row["case_ref"], "no-due")
        else:
            yield case(row["case_ref"], int(spoken is not None and spoken <= due), 1)


@measure("neighbourhoods/asb-per-thousand-homes")
def asb_per_thousand_homes(records: Records, period: Period) -> Cases:
    for row in opened(records, period):
        yield case(row["case_ref"], 1, 0)
    for row in homes_to_rent(records, period.end):
        yield case(row["property_ref"], 0, 1)


@measure("neighbourhoods/hate-incidents-per-thousand-homes")
def hate_incidents_per_thousand_homes(records: Records, period: Period) -> Cases:
    for row in opened(records, period):
        if row["kind"] == "hate":
            yield case(row["case_ref"], 1, 0)
    for row in homes_to_rent(records, period.end):
        yield case(row["property_ref"], 0, 1)


@measure("neighbourhoods/asb-records-complete")
def asb_records_complete(records: Records, period: Period) -> Cases:
    for row in closed(records, period):
        complete = all((row[name] or "").strip() for name in ("kind", "location", "outcome"))
        yield case(row["case_ref"], int(complete), 1)


@measure("neighbourhoods/asb-resolved-in-time")
def asb_resolved_in_time(records: Records, period: Period) -> Cases:
    for row in closed(records, period):
        if row["due_on"] is None:
            yield left_out(row["case_ref"], "no-due")
        else:
            well = row["resolved"] is True and row["closed_on"] <= row["due_on"]
            yield case(row["case_ref"], int(well), 1)


@measure("neighbourhoods/complainants-kept-informed")
def complainants_kept_informed(records: Records, period: Period, *, days: int) -> Cases:
    for row in records.rows("asb_case"):
        day = row["opened_at"].date()
        if day > period.end or (row["closed_on"] is not None and row["closed_on"] <= period.end):
            continue
        if (period.end - day).days <= days:
            yield left_out(row["case_ref"], "new")
            continue
        told = row["last_update_on"]
        if told is not None and told > period.end:
            yield left_out(row["case_ref"], "told-since")
        else:
            recent = told is not None and (period.end - told).days <= days
            yield case(row["case_ref"], int(recent), 1)


@measure("neighbourhoods/environmental-reports-on-time")
def environmental_reports_on_time(records: Records, period: Period) -> Cases:
    kinds = {"graffiti", "offensive_graffiti", "fly_tipping", "vehicle"}
    return done_by_due(records, period, kinds)


@measure("neighbourhoods/pests-on-time")
def pests_on_time(records: Records, period: Period) -> Cases:
    return done_by_due(records, period, {"pest"})


@measure("neighbourhoods/offensive-graffiti-removed")
def offensive_graffiti_removed(records: Records, period: Period, *, hours: int) -> Cases:
    for row in records.rows("service_request"):
        if row["kind"] == "offensive_graffiti" and within(row["reported_at"].date(), period):
            done = row["closed_at"]
            soon = done is not None and done - row["reported_at"] <= timedelta(hours=hours)
            yield case(row["request_ref"], int(soon), 1)


@measure("neighbourhoods/estate-actions-on-time")
def estate_actions_on_time(records: Records, period: Period) -> Cases:
    for row in records.rows("estate_action"):
        if within(row["target_on"], period):
            done = row["closed_on"] is not None and row["closed_on"] <= row["target_on"]
            yield case(row["action_ref"], int(done), 1)


@measure("neighbourhoods/estate-inspections-on-time")
def estate_inspections_on_time(records: Records, period: Period) -> Cases:
    for row in records.rows("estate_inspection"):
        if within(row["due_on"], period):
            done = row["done_on"] is not None and row["done_on"] <= row["due_on"]
            yield case(row["inspection_ref"], int(done), 1)


@measure("neighbourhoods/estate-inspections-with-residents")
def estate_inspections_with_residents(records: Records, period: Period) -> Cases:
    for row in records.rows("estate_inspection"):
        if within(row["done_on"], period):
            yield case(row["inspection_ref"], int(row["resident_present"] is True), 1)


@measure("neighbourhoods/estates-at-standard")
def estates_at_standard(records: Records, period: Period) -> Cases:
    for row in records.rows("estate_inspection"):
        if within(row["done_on"], period):
            if row["grade"] is None:
                yield left_out(row["inspection_ref"], "no-grade")
            else:
                yield case(row["inspection_ref"], int(row["grade"] in {"a", "b"}), 1)


@measure("neighbourhoods/evictions-for-asb")
def evictions_for_asb(records: Records, period: Period) -> Cases:
    for row in records.rows("tenancy"):
        if within(row["end_on"], period) and row["end_reason"] == "eviction_asb":
            yield case(row["tenancy_ref"], 1, 0)
        if in_force(row, period.end) and row["tenure"] not in LEASES:
            yield case(row["tenancy_ref"], 0, 1)


@measure("neighbourhoods/garages-let")
def garages_let(records: Records, period: Period) -> Cases:
    for row in records.rows("property"):
        held = row["acquired_on"] is None or row["acquired_on"] <= period.end
        gone = row["disposed_on"] is not None and row["disposed_on"] <= period.end
        if row["property_type"] not in NO_HOMES or not row["lettable"]:
            continue
        if held and not gone and row["status"] != "disposed":
            yield case(row["property_ref"], int(row["status"] == "occupied"), 1)


@measure("neighbourhoods/mediation-in-neighbour-disputes")
def mediation_in_neighbour_disputes(records: Records, period: Period) -> Cases:
    steps = records.by("asb_action", "case_ref")
    for row in opened(records, period):
        if row["kind"] in {"neighbour", "noise"}:
            mediated = any(
                step["remedy"] == "mediation" and step["action_on"] <= period.end
                for step in steps.get(row["case_ref"], [])
            )
            yield case(row["case_ref"], int(mediated), 1)


@measure("neighbourhoods/play-defects-on-time")
def play_defects_on_time(records: Records, period: Period) -> Cases:
    for row in records.rows("asset_inspection"):
        if row["defect"] and within(row["target_on"], period):
            safe = row["made_safe_on"] is not None and row["made_safe_on"] <= row["target_on"]
            yield case(row["inspection_ref"], int(safe), 1)


@measure("neighbourhoods/remedies-used")
def remedies_used(records: Records, period: Period) -> Cases:
    used = {r["remedy"] for r in records.rows("asb_action") if within(r["action_on"], period)}
    for remedy in sorted(used - NO_REMEDY):
        yield case(remedy, 1, 0)


@measure("neighbourhoods/satisfaction-asb-handling")
def satisfaction_asb_handling(records: Records, period: Period) -> Cases:
    return satisfied(records, period, "TP12", {"perception"})


@measure("neighbourhoods/satisfaction-shared-parts")
def satisfaction_shared_parts(records: Records, period: Period) -> Cases:
    return satisfied(records, period, "TP10", {"perception"})


@measure("neighbourhoods/victim-support-offered")
def victim_support_offered(records: Records, period: Period) -> Cases:
    for row in opened(records, period):
        yield case(row["case_ref"], int(row["victim_support_offered"] is True), 1)


@measure("neighbourhoods/satisfaction-contribution")
def satisfaction_contribution(records: Records, period: Period) -> Cases:
    yield from satisfied(records, period, "TP11", kinds={"perception"})
