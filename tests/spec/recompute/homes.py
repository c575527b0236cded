"""Homes, from the words of their measures: works, standards, surveys and adaptations."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal

from kloe.core.periods import Period
from recompute.common import NO_HOMES, satisfied
from recompute.ground import (
    Cases,
    Records,
    Row,
    case,
    left_out,
    measure,
    months_before,
    since,
    value,
    within,
    year_of,
)

#: Terms on which a home is not a home to rent.
NOT_RENTED = {"leasehold", "shared_ownership", "market_rent"}
DAYS_IN_A_YEAR = Decimal("365.25")


def units(records: Records, day: date) -> list[Row]:
    """What the landlord had on a day and that is no garage, as far as is known."""
    return [
        row
        for row in records.rows("property")
        if row["property_type"] not in NO_HOMES
        and (row["acquired_on"] is None or row["acquired_on"] <= day)
        and (row["disposed_on"] is None or row["disposed_on"] > day)
    ]


def home_to_rent(row: Row) -> bool:
    """Whether a unit is let at a rent below the market's, as far as is known."""
    return row["tenure_type"] not in NOT_RENTED


def completed_by(row: Row, day: date) -> bool:
    """Whether something was completed on or before a day."""
    return row["completed_on"] is not None and row["completed_on"] <= day


#: Surveys of any kind, so long as the records list them.
LISTED = {"perception", "transaction", "other"}


@measure("homes/adaptation-days")
def adaptation_days(records: Records, period: Period) -> Cases:
    for row in records.rows("adaptation"):
        if row["status"] == "completed" and within(row["completed_on"], period):
            yield value(row["case_ref"], since(row["requested_on"], row["completed_on"]))


@measure("homes/adaptation-days-from-approval")
def adaptation_days_from_approval(records: Records, period: Period) -> Cases:
    for row in records.rows("adaptation"):
        if row["status"] != "completed" or not within(row["completed_on"], period):
            continue
        if row["approved_on"] is None:
            yield left_out(row["case_ref"], "no-approval")
        elif row["approved_on"] > row["completed_on"]:
            yield left_out(row["case_ref"], "after-completion")
        else:
            yield value(row["case_ref"], since(row["approved_on"], row["completed_on"]))


@measure("homes/adaptations-completed")
def adaptations_completed(records: Records, period: Period) -> Cases:
    before = period.start - timedelta(days=1)
    for row in records.rows("adaptation"):
        approved = row["approved_on"] is not None and row["approved_on"] <= period.end
        if not approved or completed_by(row, before):
            continue
        if row["status"] in {"withdrawn", "refused"}:
            yield left_out(row["case_ref"], "withdrawn")
        else:
            yield case(row["case_ref"], int(completed_by(row, period.end)), 1)


@measure("homes/adaptations-over-target")
def adaptations_over_target(records: Records, period: Period) -> Cases:
    before = period.start - timedelta(days=1)
    for row in records.rows("adaptation"):
        due = row["due_on"] is not None and row["due_on"] <= period.end
        if not due or completed_by(row, before):
            continue
        if row["status"] in {"withdrawn", "refused"}:
            yield left_out(row["case_ref"], "not-pursued")
        else:
            yield case(row["case_ref"], int(not completed_by(row, row["due_on"])), 1)


@measure("homes/adaptations-recycled")
def adaptations_recycled(records: Records, period: Period) -> Cases:
    adaptations = records.by("adaptation", "property_ref")
    for row in records.rows("letting"):
        before = row["let_on"] - timedelta(days=1)
        done = [
            a
            for a in adaptations.get(row["property_ref"], [])
            if a["status"] == "completed" and completed_by(a, before)
        ]
        if not within(row["let_on"], period) or not done:
            continue
        if row["household_needs_adapted"] is not False:
            continue
        known = [a["recycled"] for a in done if a["recycled"] is not None]
        if row["renewal"]:
            yield left_out(row["letting_ref"], "renewal")
        elif not known:
            yield left_out(row["letting_ref"], "not-recorded")
        else:
            yield case(row["letting_ref"], int(any(known)), 1)


@measure("homes/adapted-relets-matched")
def adapted_relets_matched(records: Records, period: Period) -> Cases:
    homes = records.one("property", "property_ref")
    for row in records.rows("letting"):
        home = homes.get(row["property_ref"])
        if not within(row["let_on"], period) or home is None or not home["adapted"]:
            continue
        if row["renewal"]:
            yield left_out(row["letting_ref"], "renewal")
        elif row["household_needs_adapted"] is None:
            yield left_out(row["letting_ref"], "not-recorded")
        else:
            yield case(row["letting_ref"], int(row["household_needs_adapted"]), 1)


@measure("homes/decent-homes-failing")
def decent_homes_failing(records: Records, period: Period) -> Cases:
    for row in units(records, period.end):
        ref = row["property_ref"]
        if row["tenure_type"] not in {None, "social_rent", "affordable_rent"}:
            continue
        if row["property_type"] is None:
            yield left_out(ref, "type-unknown")
        elif row["tenure_type"] is None:
            yield left_out(ref, "tenure-unknown")
        elif row["dhs_status"] in {None, "unknown"}:
            yield left_out(ref, "not-known")
        else:
            yield case(ref, int(row["dhs_status"] == "fail"), 1)


@measure("homes/programme-detail")
def programme_detail(records: Records, period: Period) -> Cases:
    for row in records.rows("planned_work_item"):
        if not completed_by(row, period.end):
            told = None not in (row["property_ref"], row["element"], row["year"])
            yield case(row["item_ref"], int(told), 1)


@measure("homes/programme-horizon")
def programme_horizon(records: Records, period: Period) -> Cases:
    for row in records.rows("planned_work_item"):
        if completed_by(row, period.end):
            continue
        if row["year"] is None:
            yield left_out(row["item_ref"], "no-year")
        else:
            yield value(row["item_ref"], row["year"] - year_of(period.end))


@measure("homes/relet-standard-met")
def relet_standard_met(records: Records, period: Period) -> Cases:
    for row in records.rows("void"):
        if not within(row["inspected_on"], period):
            continue
        if row["relet_standard_pass"] is None:
            yield left_out(row["void_ref"], "no-result")
        else:
            yield case(row["void_ref"], int(row["relet_standard_pass"]), 1)


@measure("homes/renewals-recorded")
def renewals_recorded(records: Records, period: Period, *, days: int) -> Cases:
    for row in records.rows("planned_work_item"):
        if row["completed_on"] is None:
            continue
        last = row["completed_on"] + timedelta(days=days)
        if within(last, period):
            updated = row["db_updated_on"]
            in_time = updated is not None and row["completed_on"] <= updated <= last
            yield case(row["item_ref"], int(in_time), 1)


@measure("homes/satisfaction-moving-in")
def satisfaction_moving_in(records: Records, period: Period) -> Cases:
    yield from satisfied(records, period, "moving_in", LISTED)


def sample_for(homes: int, needed: Decimal) -> int:
    """How many of so many homes a sample has to hold, for a finite number of homes."""
    size = needed * homes / (needed + homes - 1)
    return int(size.to_integral_value(ROUND_CEILING))


def surveys_inside(records: Records) -> list[Row]:
    """Surveys inside and out by a surveyor."""
    return [row for row in records.rows("stock_condition") if row["method"] == "full"]


@measure("homes/survey-age")
def survey_age(records: Records, period: Period, *, needed: Decimal) -> Cases:
    rented = [row for row in units(records, period.end) if home_to_rent(row)]
    homes = {row["property_ref"] for row in rented if row["property_type"] is not None}
    last: dict[str, date] = {}
    for row in surveys_inside(records):
        if row["property_ref"] in homes and row["surveyed_on"] <= period.end:
            known = last.get(row["property_ref"], row["surveyed_on"])
            last[row["property_ref"]] = max(known, row["surveyed_on"])
    size = sample_for(len(homes), needed)
    if len(last) < size:
        yield left_out("all", "never-reached")
    else:
        day = sorted(last.values(), reverse=True)[size - 1]
        yield case("all", since(day, period.end), DAYS_IN_A_YEAR)


def surveyed_within(records: Records, day: date, months: int) -> set[str]:
    """Homes surveyed inside and out within some months before a day, their first day included."""
    return {
        row["property_ref"]
        for row in surveys_inside(records)
        if row["surveyed_on"] <= day <= months_before(row["surveyed_on"], -months)
    }


@measure("homes/survey-sample")
def survey_sample(records: Records, period: Period, *, months: int) -> Cases:
    done = surveyed_within(records, period.end, months)
    for row in units(records, period.end):
        ref, kind = row["property_ref"], row["archetype"] or row["property_type"] or "unknown"
        if home_to_rent(row):
            yield case(ref, int(ref in done), 1, kind)
        else:
            yield left_out(ref, "not-rented", kind)


@measure("homes/surveyed-recently")
def surveyed_recently(records: Records, period: Period, *, months: int) -> Cases:
    done = surveyed_within(records, period.end, months)
    for row in units(records, period.end):
        ref = row["property_ref"]
        if not home_to_rent(row):
            yield left_out(ref, "not-rented")
        elif row["property_type"] is None:
            yield left_out(ref, "type-unknown")
        else:
            yield case(ref, int(ref in done), 1)


@measure("homes/void-works-days")
def void_works_days(records: Records, period: Period) -> Cases:
    for row in records.rows("void"):
        if not within(row["works_to"], period):
            continue
        if row["held"]:
            yield left_out(row["void_ref"], "held")
        elif row["works_from"] is None:
            yield left_out(row["void_ref"], "no-begin")
        else:
            yield value(row["void_ref"], since(row["works_from"], row["works_to"]))


@measure("homes/whqs-met")
def whqs_met(records: Records, period: Period) -> Cases:
    for row in units(records, period.end):
        ref = row["property_ref"]
        if not home_to_rent(row):
            yield left_out(ref, "not-rented")
        elif row["property_type"] is None:
            yield left_out(ref, "type-unknown")
        else:
            yield case(ref, int(row["whqs_status"] in {"pass", "conditional"}), 1)


@measure("homes/satisfaction-well-maintained")
def satisfaction_well_maintained(records: Records, period: Period) -> Cases:
    yield from satisfied(records, period, "TP04", kinds={"perception"})


@measure("homes/satisfaction-safe")
def satisfaction_safe(records: Records, period: Period) -> Cases:
    yield from satisfied(records, period, "TP05", kinds={"perception"})
