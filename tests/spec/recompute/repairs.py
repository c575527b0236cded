"""Repairs, from the words of their measures: targets, visits, inspections and what they cost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from kloe.core.periods import Period
from recompute.common import satisfied
from recompute.ground import Cases, Records, Row, case, in_force, left_out, measure, value, within

SECONDS_IN_AN_HOUR = 3600
HUNDREDTH = Decimal("0.01")


def day_of(moment: datetime | None) -> date | None:
    """The day of a point in time."""
    return moment.date() if moment is not None else None


def happened(records: Records, period: Period, column: str) -> Iterator[Row]:
    """Repairs to which something happened in the period."""
    for row in records.rows("repair_job"):
        if within(day_of(row[column]), period):
            yield row


def unplanned(rows: Iterator[Row]) -> Iterator[Row]:
    """Repairs without planned works."""
    return (row for row in rows if row["priority"] != "planned")


def completed(records: Records, period: Period) -> Iterator[Row]:
    """Repairs completed in the period; one cancelled or closed for no access is not completed."""
    rows = happened(records, period, "completed_at")
    return (row for row in rows if row["status"] == "completed")


def in_target(row: Row) -> bool:
    """Whether a repair was done in its target: emergencies by the clock, others by the day."""
    if row["priority"] == "emergency":
        return row["completed_at"] <= row["target_at"]
    return row["completed_at"].date() <= row["target_at"].date()


def punctual(rows: Iterator[Row]) -> Cases:
    """Completed repairs: those in target of those that have one."""
    for row in rows:
        if row["target_at"] is None:
            yield left_out(row["job_ref"], "no-target")
        else:
            yield case(row["job_ref"], int(in_target(row)), 1)


def told(rows: Iterator[Row], column: str, missing: str) -> Cases:
    """Those of which something is recorded to be so, of those of which it is recorded at all."""
    for row in rows:
        if row[column] is None:
            yield left_out(row["job_ref"], missing)
        else:
            yield case(row["job_ref"], int(row[column]), 1)


def not_cancelled(rows: Iterator[Row]) -> Iterator[Row | str]:
    """Rows, and in place of cancelled ones their reference."""
    for row in rows:
        yield row["job_ref"] if row["status"] == "cancelled" else row


def working_days(first: date, last: date) -> int:
    """Mondays to Fridays after one day, up to and including another."""
    days = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
    return sum(day.weekday() < 5 for day in days)


#: Surveys of any kind, so long as the records list them.
LISTED = {"perception", "transaction", "other"}


@measure("repairs/appointments-kept")
def appointments_kept(records: Records, period: Period) -> Cases:
    for row in not_cancelled(happened(records, period, "appointment_at")):
        if isinstance(row, str):
            yield left_out(row, "cancelled")
        else:
            yield from told(iter([row]), "appointment_kept", "not-recorded")


@measure("repairs/appointments-made")
def appointments_made(records: Records, period: Period) -> Cases:
    for row in completed(records, period):
        if row["appointable"] is None:
            yield left_out(row["job_ref"], "not-known")
        elif row["appointable"]:
            yield case(row["job_ref"], int(row["appointment_at"] is not None), 1)


@measure("repairs/communal-on-time")
def communal_on_time(records: Records, period: Period) -> Cases:
    yield from punctual(r for r in unplanned(completed(records, period)) if r["communal"])


@measure("repairs/cost-notice")
def cost_notice(records: Records, period: Period) -> Cases:
    for row in happened(records, period, "ordered_at"):
        if not row["rechargeable"]:
            continue
        if row["status"] == "cancelled":
            yield left_out(row["job_ref"], "cancelled")
        else:
            on = row["cost_notice_on"]
            in_time = on is not None and on <= row["ordered_at"].date()
            yield case(row["job_ref"], int(in_time), 1)


@measure("repairs/emergency-hours")
def emergency_hours(records: Records, period: Period) -> Cases:
    for row in completed(records, period):
        if row["priority"] != "emergency":
            continue
        if row["completed_at"] < row["reported_at"]:
            yield left_out(row["job_ref"], "before-report")
        else:
            took = row["completed_at"] - row["reported_at"]
            hours = Decimal(took.days * 24) + Decimal(took.seconds) / SECONDS_IN_AN_HOUR
            yield value(row["job_ref"], hours.quantize(HUNDREDTH, ROUND_HALF_UP))


def ordered_as(records: Records, period: Period, priority: str) -> Cases:
    """Repairs ordered with one priority, of all but planned works."""
    for row in not_cancelled(unplanned(happened(records, period, "ordered_at"))):
        if isinstance(row, str):
            yield left_out(row, "cancelled")
        else:
            yield case(row["job_ref"], int(row["priority"] == priority), 1)


def spent_on(records: Records, period: Period, priority: str) -> Cases:
    """Pounds spent on completed repairs of one priority, of all but planned works."""
    for row in unplanned(completed(records, period)):
        if row["cost"] is None:
            yield left_out(row["job_ref"], "no-cost")
        else:
            spent = row["cost"] if row["priority"] == priority else 0
            yield case(row["job_ref"], spent, row["cost"])


@measure("repairs/emergency-jobs")
def emergency_jobs(records: Records, period: Period) -> Cases:
    yield from ordered_as(records, period, "emergency")


@measure("repairs/emergency-spending")
def emergency_spending(records: Records, period: Period) -> Cases:
    yield from spent_on(records, period, "emergency")


@measure("repairs/first-visit")
def first_visit(records: Records, period: Period) -> Cases:
    for row in unplanned(completed(records, period)):
        at_once = row["first_visit_complete"]
        if at_once is None and row["visits"] is not None:
            at_once = row["visits"] <= 1
        if at_once is None:
            yield left_out(row["job_ref"], "not-recorded")
        else:
            yield case(row["job_ref"], int(at_once), 1)


@measure("repairs/no-access-completed")
def no_access_completed(records: Records, period: Period, *, days: int) -> Cases:
    for row in records.rows("repair_job"):
        failed = row["no_access_on"]
        if failed is None or not within(failed + timedelta(days=days), period):
            continue
        if row["status"] == "cancelled":
            yield left_out(row["job_ref"], "cancelled")
        else:
            done = day_of(row["completed_at"])
            in_time = done is not None and failed <= done <= failed + timedelta(days=days)
            yield case(row["job_ref"], int(in_time), 1)


@measure("repairs/non-emergency-days")
def non_emergency_days(records: Records, period: Period) -> Cases:
    for row in completed(records, period):
        if row["priority"] not in {"urgent", "routine"}:
            continue
        reported, done = row["reported_at"].date(), row["completed_at"].date()
        if row["completed_at"] < row["reported_at"]:
            yield left_out(row["job_ref"], "before-report")
        else:
            yield value(row["job_ref"], working_days(reported, done))


@measure("repairs/on-time")
def on_time(records: Records, period: Period) -> Cases:
    yield from punctual(unplanned(completed(records, period)))


@measure("repairs/on-time-emergency")
def on_time_emergency(records: Records, period: Period) -> Cases:
    rows = completed(records, period)
    yield from punctual(row for row in rows if row["priority"] == "emergency")


@measure("repairs/on-time-non-emergency")
def on_time_non_emergency(records: Records, period: Period) -> Cases:
    rows = completed(records, period)
    yield from punctual(row for row in rows if row["priority"] in {"urgent", "routine"})


@measure("repairs/overdue")
def overdue(records: Records, period: Period) -> Cases:
    for row in records.rows("repair_job"):
        if row["priority"] == "planned" or row["status"] == "cancelled":
            continue
        done = day_of(row["completed_at"])
        if row["reported_at"].date() > period.end or (done is not None and done <= period.end):
            continue
        if row["status"] == "no_access" and done is None:
            yield left_out(row["job_ref"], "no-access")
        elif row["target_at"] is None:
            yield left_out(row["job_ref"], "no-target")
        else:
            yield case(row["job_ref"], int(row["target_at"].date() < period.end), 1)


@measure("repairs/post-inspected")
def post_inspected(records: Records, period: Period) -> Cases:
    rows = unplanned(completed(records, period))
    yield from told(rows, "post_inspected", "not-recorded")


@measure("repairs/post-inspections-by-risk")
def post_inspections_by_risk(records: Records, period: Period) -> Cases:
    for row in unplanned(completed(records, period)):
        if not row["post_inspected"]:
            continue
        if row["post_selected_by"] is None:
            yield left_out(row["job_ref"], "not-recorded")
        else:
            yield case(row["job_ref"], int(row["post_selected_by"] == "risk"), 1)


@measure("repairs/post-inspections-passed")
def post_inspections_passed(records: Records, period: Period) -> Cases:
    rows = unplanned(completed(records, period))
    yield from told((row for row in rows if row["post_inspected"]), "post_pass", "no-result")


@measure("repairs/pre-inspected")
def pre_inspected(records: Records, period: Period) -> Cases:
    for row in not_cancelled(unplanned(happened(records, period, "ordered_at"))):
        if isinstance(row, str):
            yield left_out(row, "cancelled")
        else:
            yield from told(iter([row]), "pre_inspected", "not-recorded")


@measure("repairs/right-first-time")
def right_first_time(records: Records, period: Period) -> Cases:
    recalls = records.by("repair_job", "recall_of")
    for row in unplanned(completed(records, period)):
        ref = row["job_ref"]
        if row["target_at"] is None:
            yield left_out(ref, "no-target")
        elif row["first_visit_complete"] is None:
            yield left_out(ref, "not-recorded")
        else:
            again = any(r["reported_at"].date() <= period.end for r in recalls.get(ref, []))
            yield case(ref, int(in_target(row) and row["first_visit_complete"] and not again), 1)


@measure("repairs/satisfaction-after-repair")
def satisfaction_after_repair(records: Records, period: Period) -> Cases:
    yield from satisfied(records, period, "repair_done", LISTED)


@measure("repairs/satisfaction-repairs-service")
def satisfaction_repairs_service(records: Records, period: Period) -> Cases:
    yield from satisfied(records, period, "TP02", {"perception"})


@measure("repairs/satisfaction-time-taken")
def satisfaction_time_taken(records: Records, period: Period) -> Cases:
    yield from satisfied(records, period, "TP03", {"perception"})


@measure("repairs/several-trades-one-visit")
def several_trades_one_visit(records: Records, period: Period) -> Cases:
    for row in unplanned(completed(records, period)):
        if row["trades"] is None or row["trades"] < 2:
            continue
        if row["visits"] is None:
            yield left_out(row["job_ref"], "not-recorded")
        else:
            yield case(row["job_ref"], int(row["visits"] <= 1), 1)


@measure("repairs/several-visits")
def several_visits(records: Records, period: Period) -> Cases:
    for row in unplanned(completed(records, period)):
        if row["visits"] is None:
            yield left_out(row["job_ref"], "not-recorded")
        else:
            yield case(row["job_ref"], int(row["visits"] > 1), 1)


@measure("repairs/target-at-report")
def target_at_report(records: Records, period: Period) -> Cases:
    for row in unplanned(happened(records, period, "reported_at")):
        if row["status"] == "cancelled":
            yield left_out(row["job_ref"], "cancelled")
        elif row["target_at"] is None:
            yield case(row["job_ref"], 0, 1)
        elif row["target_set_at"] is None:
            yield left_out(row["job_ref"], "set-day-unknown")
        else:
            at_once = row["target_set_at"].date() <= row["reported_at"].date()
            yield case(row["job_ref"], int(at_once), 1)


@measure("repairs/targets-met")
def targets_met(records: Records, period: Period) -> Cases:
    for row in records.rows("service_standard"):
        # Without its first day it has been in force ever since.
        since = row | {"from_on": row["from_on"] or date.min}
        if not in_force(since, period.end, "from_on", "to_on") or row["service_area"] != "repairs":
            continue
        if row["target"] is None or not within(row["measured_on"], period):
            continue
        ref, result = row["standard_ref"], row["last_result"]
        if row["direction"] is None:
            yield left_out(ref, "no-direction")
        elif result is None:
            yield left_out(ref, "no-result")
        else:
            more = row["direction"] == "higher"
            met = result >= row["target"] if more else result <= row["target"]
            yield case(ref, int(met), 1)


@measure("repairs/urgent-jobs")
def urgent_jobs(records: Records, period: Period) -> Cases:
    yield from ordered_as(records, period, "urgent")


@measure("repairs/urgent-spending")
def urgent_spending(records: Records, period: Period) -> Cases:
    yield from spent_on(records, period, "urgent")
