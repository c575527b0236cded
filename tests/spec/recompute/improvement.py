"""Improvement and governance, from the words of its measures."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from kloe.core.periods import Period
from recompute.common import last_months, latest, standards, there
from recompute.ground import Cases, Records, Row, case, left_out, measure, within, year_of


def completed(records: Records, period: Period) -> list[Row]:
    """Actions completed in the period."""
    return [row for row in records.rows("action") if within(row["done_on"], period)]


def set_in(records: Records, period: Period) -> list[Row]:
    """Actions set in the period."""
    return [row for row in records.rows("action") if within(row["made_on"], period)]


@measure("improvement/actions-from-feedback")
def actions_from_feedback(records: Records, period: Period) -> Cases:
    heard = {"complaint", "survey", "staff", "residents"}
    for row in completed(records, period):
        if row["origin"] is None:
            yield left_out(row["action_ref"], "no-origin")
        else:
            yield case(row["action_ref"], int(row["origin"] in heard), 1)


@measure("improvement/actions-funded")
def actions_funded(records: Records, period: Period) -> Cases:
    for row in set_in(records, period):
        if row["needs_money"]:
            yield case(row["action_ref"], int((row["budget"] or 0) > 0), 1)


@measure("improvement/actions-on-time")
def actions_on_time(records: Records, period: Period) -> Cases:
    for row in records.rows("action"):
        if within(row["due_on"], period):
            done = row["done_on"]
            yield case(row["action_ref"], int(done is not None and done <= row["due_on"]), 1)


@measure("improvement/actions-outcome-shown")
def actions_outcome_shown(records: Records, period: Period) -> Cases:
    for row in completed(records, period):
        yield case(row["action_ref"], int(bool(row["outcome_evidenced"])), 1)


@measure("improvement/actions-smart")
def actions_smart(records: Records, period: Period) -> Cases:
    for row in set_in(records, period):
        smart = all(row[name] for name in ("owner", "due_on", "measure", "target"))
        paid_for = not row["needs_money"] or row["budget"] is not None
        yield case(row["action_ref"], int(smart and paid_for), 1)


@measure("improvement/actions-within-budget")
def actions_within_budget(records: Records, period: Period) -> Cases:
    for row in completed(records, period):
        if row["budget"] is None:
            yield left_out(row["action_ref"], "no-budget")
        elif row["spend"] is None:
            yield left_out(row["action_ref"], "no-cost")
        else:
            yield case(row["action_ref"], int(row["spend"] <= row["budget"]), 1)


@measure("improvement/board-skills-reviewed")
def board_skills_reviewed(records: Records, period: Period, *, months: int) -> Cases:
    recent = last_months(period, months)
    for row in records.rows("board_member"):
        if there(row, period.end, "joined_on", "left_on"):
            yield latest(row["member_ref"], row["skills_review_on"], recent, "reviewed-since")


@measure("improvement/declarations-in-date")
def declarations_in_date(records: Records, period: Period, *, months: int) -> Cases:
    recent = last_months(period, months)
    for row in records.rows("board_member"):
        if there(row, period.end, "joined_on", "left_on"):
            yield latest(row["member_ref"], row["declaration_on"], recent, "declared-since")
    for row in records.rows("staff"):
        if row["declaration_required"] and there(row, period.end, "joined_on", "left_on"):
            yield latest(row["staff_ref"], row["declaration_on"], recent, "declared-since")


def compared(
    records: Records, period: Period, sides: tuple[str, ...], told: Callable[[Row, int], bool]
) -> Cases:
    """Comparisons of the period by a figure of the others; +1 where higher is better, else -1."""
    for row in records.rows("benchmark"):
        if not within(row["compared_on"], period):
            continue
        ref = row["benchmark_ref"]
        if row["direction"] is None:
            yield left_out(ref, "no-direction")
        elif None in (row["own"], *(row[side] for side in sides)):
            yield left_out(ref, "no-figures")
        else:
            yield case(ref, int(told(row, 1 if row["direction"] == "higher" else -1)), 1)


@measure("improvement/indicators-below-median")
def indicators_below_median(records: Records, period: Period) -> Cases:
    yield from compared(
        records,
        period,
        ("median",),
        lambda row, sign: sign * row["own"] < sign * row["median"],
    )


def best(row: Row) -> str:
    """The quartile of the best."""
    return "q3" if row["direction"] == "higher" else "q1"


@measure("improvement/indicators-top-quartile")
def indicators_top_quartile(records: Records, period: Period) -> Cases:
    yield from compared(
        records, period, ("q1", "q3"), lambda row, sign: sign * row["own"] >= sign * row[best(row)]
    )


@measure("improvement/indicators-improved")
def indicators_improved(records: Records, period: Period) -> Cases:
    values = {(row["indicator_ref"], row["year"]): row for row in records.rows("indicator_value")}
    year = year_of(period.start)
    for (ref, of), row in values.items():
        earlier = values.get((ref, year - 2))
        if of != year or earlier is None or None in (row["value"], earlier["value"]):
            continue
        if row["direction"] is None:
            yield left_out(ref, "no-direction")
        else:
            sign = 1 if row["direction"] == "higher" else -1
            better = sign * (row["value"] - earlier["value"])
            yield case(ref, int(better > (row["noise"] or 0)), 1)


@measure("improvement/off-target-indicators-acted-on")
def off_target_indicators_acted_on(records: Records, period: Period) -> Cases:
    actions = records.by("action", "indicator_ref")
    for row in records.rows("indicator_value"):
        if row["year"] != year_of(period.start) or None in (row["value"], row["target"]):
            continue
        if row["direction"] is None:
            continue
        sign = 1 if row["direction"] == "higher" else -1
        if sign * row["value"] < sign * row["target"]:
            ref = row["indicator_ref"]
            acted = any(a["made_on"] <= period.end for a in actions.get(ref, []))
            yield case(ref, int(acted), 1)


@measure("improvement/recommendations-in-plan")
def recommendations_in_plan(records: Records, period: Period) -> Cases:
    actions = records.by("action", "recommendation_ref")
    for row in records.rows("recommendation"):
        if row["accepted"] and row["made_on"] <= period.end:
            ref = row["recommendation_ref"]
            planned = any(a["made_on"] <= period.end for a in actions.get(ref, []))
            yield case(ref, int(planned), 1)


@measure("improvement/risks-reviewed")
def risks_reviewed(records: Records, period: Period, *, days: int) -> Cases:
    for row in records.rows("risk"):
        closed = row["closed_on"]
        if row["opened_on"] > period.end or (closed is not None and closed <= period.end):
            continue
        due, reviewed = row["review_due_on"], row["reviewed_on"]
        if due is None:
            yield left_out(row["risk_ref"], "no-date")
        elif due > period.end:
            yield left_out(row["risk_ref"], "not-yet-due")
        else:
            first = due - timedelta(days=int(days))
            told = reviewed is not None and first <= reviewed <= due
            yield case(row["risk_ref"], int(told), 1)


@measure("improvement/services-benchmarked")
def services_benchmarked(records: Records, period: Period, *, months: int) -> Cases:
    recent = last_months(period, months)
    key = [row for row in records.rows("benchmark") if row["key_area"]]
    for area in sorted({row["service_area"] for row in key}):
        done = any(
            row["service_area"] == area and within(row["compared_on"], recent) for row in key
        )
        yield case(area, int(done), 1)


@measure("improvement/staff-appraised")
def staff_appraised(records: Records, period: Period, *, months: int) -> Cases:
    recent = last_months(period, months)
    for row in records.rows("staff"):
        if there(row, period.end, "joined_on", "left_on"):
            if row["joined_on"] is not None and row["joined_on"] >= recent.start:
                yield left_out(row["staff_ref"], "new")
            else:
                yield latest(row["staff_ref"], row["appraised_on"], recent, "appraised-since")


@measure("improvement/targets-set-with-tenants")
def targets_set_with_tenants(records: Records, period: Period) -> Cases:
    for row in standards(records, period.end):
        if row["target"] is not None:
            yield case(row["standard_ref"], int(bool(row["agreed_with_tenants"])), 1)


@measure("improvement/training-needs-met")
def training_needs_met(records: Records, period: Period) -> Cases:
    for row in records.rows("staff_training"):
        if row["identified_on"] is not None and within(row["due_on"], period):
            done = row["done_on"]
            yield case(row["training_ref"], int(done is not None and done <= row["due_on"]), 1)
