"""Access and customer care, from the words of its measures."""

from __future__ import annotations

from kloe.core.periods import Period
from recompute.common import last_months, latest, said_yes, satisfied, standards, there
from recompute.ground import (
    Cases,
    Records,
    Row,
    case,
    left_out,
    measure,
    within,
)


def calls(records: Records, period: Period) -> list[Row]:
    """Calls by telephone."""
    return [
        row
        for row in records.rows("contact")
        if row["channel"] == "telephone" and within(row["at"].date(), period)
    ]


@measure("access/calls-abandoned")
def calls_abandoned(records: Records, period: Period) -> Cases:
    for row in calls(records, period):
        yield case(row["contact_ref"], int(bool(row["abandoned"])), 1)


@measure("access/calls-answered-in-time")
def calls_answered_in_time(records: Records, period: Period) -> Cases:
    for row in calls(records, period):
        if row["standard_s"] is None:
            yield left_out(row["contact_ref"], "no-standard")
        else:
            took = row["answered_in_s"]
            soon = not row["abandoned"] and took is not None and took <= row["standard_s"]
            yield case(row["contact_ref"], int(soon), 1)


@measure("access/customer-care-training-in-date")
def customer_care_training_in_date(records: Records, period: Period) -> Cases:
    training = records.by("staff_training", "staff_ref")
    for row in records.rows("staff"):
        if row["customer_facing"] and there(row, period.end, "joined_on", "left_on"):
            counts = any(
                t["subject"] == "customer_care"
                and t["done_on"] is not None
                and t["done_on"] <= period.end
                and (t["valid_to"] is None or t["valid_to"] >= period.end)
                for t in training.get(row["staff_ref"], [])
            )
            yield case(row["staff_ref"], int(counts), 1)


@measure("access/documents-readable")
def documents_readable(records: Records, period: Period) -> Cases:
    for row in records.rows("publication"):
        if within(row["issued_on"], period):
            if row["readability_checked"]:
                good = bool(row["readability_pass"]) and bool(row["other_formats"])
                yield case(row["publication_ref"], int(good), 1)
            else:
                yield left_out(row["publication_ref"], "not-checked")


@measure("access/measures-with-target-or-benchmark")
def measures_with_target_or_benchmark(records: Records, period: Period, *, months: int) -> Cases:
    recent = last_months(period, months)
    for row in standards(records, period.end):
        if row["last_result"] is not None and within(row["measured_on"], recent):
            set_ = row["target"] is not None or within(row["benchmarked_on"], recent)
            yield case(row["standard_ref"], int(set_), 1)


@measure("access/mystery-shops-passed")
def mystery_shops_passed(records: Records, period: Period) -> Cases:
    for row in records.rows("mystery_shop"):
        if within(row["on_date"], period):
            yield case(row["shop_ref"], int(bool(row["passed"])), 1)


@measure("access/satisfaction-kept-informed")
def satisfaction_kept_informed(records: Records, period: Period) -> Cases:
    yield from satisfied(records, period, "TP07", kinds={"perception"})


@measure("access/services-online")
def services_online(records: Records, period: Period) -> Cases:
    for row in records.rows("service_catalogue"):
        if row["active"]:
            yield case(row["service_ref"], int(bool(row["online"] or row["downloadable"])), 1)


@measure("access/standards-known")
def standards_known(records: Records, period: Period) -> Cases:
    yield from said_yes(records, period, "standards_known")


def tested(records: Records, period: Period, column: str, months: int) -> Cases:
    """Standards of service, and whether they were tested in the last months."""
    recent = last_months(period, months)
    for row in standards(records, period.end):
        if row["kind"] == "standard":
            yield latest(row["standard_ref"], row[column], recent, "tested-since")


@measure("access/standards-tested-by-customers")
def standards_tested_by_customers(records: Records, period: Period, *, months: int) -> Cases:
    yield from tested(records, period, "tested_by_customers_on", months)


@measure("access/standards-tested")
def standards_tested(records: Records, period: Period, *, months: int) -> Cases:
    yield from tested(records, period, "tested_on", months)


@measure("access/told-at-first-contact")
def told_at_first_contact(records: Records, period: Period) -> Cases:
    for row in records.rows("contact"):
        if within(row["at"].date(), period):
            yield case(row["contact_ref"], int(bool(row["outcome_told"])), 1)


@measure("access/satisfaction-overall")
def satisfaction_overall(records: Records, period: Period) -> Cases:
    yield from satisfied(records, period, "TP01", kinds={"perception"})


@measure("access/satisfaction-fair-treatment")
def satisfaction_fair_treatment(records: Records, period: Period) -> Cases:
    yield from satisfied(records, period, "TP08", kinds={"perception"})
