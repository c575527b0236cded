"""Value for money, from the words of its measures."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from kloe.core.periods import Period
from recompute.common import homes, homes_to_rent, last_months, there
from recompute.ground import (
    Cases,
    Records,
    Row,
    case,
    left_out,
    measure,
    value,
    within,
    year_of,
)


def of_year(records: Records, table: str, period: Period) -> list[Row]:
    """The rows of the financial year in which the period begins."""
    return [row for row in records.rows(table) if row["year"] == year_of(period.start)]


def whole_year(period: Period) -> bool:
    """Whether the period is a financial year."""
    year = year_of(period.start)
    return (period.start, period.end) == (date(year, 4, 1), date(year + 1, 3, 31))


@measure("money/bids-won")
def bids_won(records: Records, period: Period) -> Cases:
    for row in records.rows("funding_bid"):
        if within(row["bid_on"], period):
            if row["won"] is None:
                yield left_out(row["bid_ref"], "undecided")
            else:
                yield case(row["bid_ref"], row["won"], row["asked"])


@measure("money/budget-variance")
def budget_variance(records: Records, period: Period) -> Cases:
    services: dict[str, list[Row]] = {}
    for row in of_year(records, "cost", period):
        if row["budget"] is not None and row["outturn"] is not None:
            services.setdefault(row["service"], []).append(row)
    for service, rows in services.items():
        budget = sum((row["budget"] for row in rows), Decimal(0))
        spent = sum((row["outturn"] for row in rows), Decimal(0))
        yield case(service, abs(spent - budget), budget)


@measure("money/cost-per-home")
def cost_per_home(records: Records, period: Period) -> Cases:
    for row in of_year(records, "cost", period):
        yield case(row["cost_ref"], row["outturn"] or 0, 0)
    for row in homes_to_rent(records, period.end):
        yield case(row["property_ref"], 0, 1)


@measure("money/involvement-cost-per-home")
def involvement_cost_per_home(records: Records, period: Period) -> Cases:
    for row in of_year(records, "cost", period):
        if row["service"] == "involvement":
            yield case(row["cost_ref"], row["outturn"] or 0, 0)
    for row in homes_to_rent(records, period.end):
        yield case(row["property_ref"], 0, 1)


@measure("money/cost-per-payment")
def cost_per_payment(records: Records, period: Period) -> Cases:
    year = year_of(period.start)
    if not whole_year(period):
        return
    payments: dict[str, int] = {}
    for row in records.rows("rent_transaction"):
        paid = row["kind"] == "payment" and row["amount"] < 0
        if paid and row["method"] and year_of(row["posted_on"]) == year:
            payments[row["method"]] = payments.get(row["method"], 0) + 1
    costs: dict[str, Decimal] = {}
    for row in of_year(records, "cost", period):
        told = row["method"] is not None and row["outturn"] is not None
        if told and row["kind"] == "collection":
            costs[row["method"]] = costs.get(row["method"], Decimal(0)) + row["outturn"]
    for method, number in payments.items():
        if method in costs:
            yield case(method, costs[method], number)
        else:
            yield left_out(method, "no-cost")


@measure("money/efficiency-gains-achieved")
def efficiency_gains_achieved(records: Records, period: Period) -> Cases:
    for row in of_year(records, "efficiency_gain", period):
        counts = row["cashable"] and row["validated"]
        yield case(row["gain_ref"], (row["achieved"] or 0) if counts else 0, row["target"])


@measure("money/gains-without-loss-of-quality")
def gains_without_loss_of_quality(records: Records, period: Period) -> Cases:
    values = {(row["indicator_ref"], row["year"]): row for row in records.rows("indicator_value")}
    year = year_of(period.start)
    for row in of_year(records, "efficiency_gain", period):
        now = values.get((row["indicator_ref"], year))
        then = values.get((row["indicator_ref"], year - 1))
        if not row["achieved"] or now is None or then is None or not now["quality"]:
            continue
        if now["value"] is None or then["value"] is None:
            continue
        if now["direction"] is None:
            yield left_out(row["gain_ref"], "no-direction")
        else:
            sign = 1 if now["direction"] == "higher" else -1
            worse = sign * (then["value"] - now["value"])
            yield case(row["gain_ref"], int(worse <= (now["noise"] or 0)), 1)


@measure("money/leaseholder-works-recovered")
def leaseholder_works_recovered(records: Records, period: Period) -> Cases:
    for row in records.rows("leasehold_account"):
        if row["kind"] in {"major_works", "repair"} and within(row["billed_on"], period):
            if row["collected"] is None:
                yield left_out(row["charge_ref"], "not-recorded")
            else:
                yield case(row["charge_ref"], row["collected"], row["billed"])


@measure("money/planned-share")
def planned_share(records: Records, period: Period) -> Cases:
    for row in of_year(records, "cost", period):
        if row["kind"] in {"planned", "cyclical", "responsive"}:
            spent = row["outturn"] or 0
            yield case(row["cost_ref"], 0 if row["kind"] == "responsive" else spent, spent)


@measure("money/procurements-with-residents")
def procurements_with_residents(records: Records, period: Period) -> Cases:
    for row in records.rows("contract"):
        if row["over_threshold"] and within(row["procured_on"], period):
            yield case(row["contract_ref"], int(bool(row["residents_involved"])), 1)


@measure("money/projects-budget-variance")
def projects_budget_variance(records: Records, period: Period) -> Cases:
    for row in records.rows("project"):
        if within(row["actual_end_on"], period):
            if row["budget"] is None or row["outturn"] is None:
                yield left_out(row["project_ref"], "no-amounts")
            else:
                yield case(row["project_ref"], row["outturn"] - row["budget"], row["budget"])


@measure("money/projects-on-time")
def projects_on_time(records: Records, period: Period) -> Cases:
    for row in records.rows("project"):
        if within(row["planned_end_on"], period):
            ended = row["actual_end_on"]
            on_time = ended is not None and ended <= row["planned_end_on"]
            yield case(row["project_ref"], int(on_time), 1)


@measure("money/projects-within-budget")
def projects_within_budget(records: Records, period: Period, *, margin: Decimal) -> Cases:
    for row in records.rows("project"):
        if within(row["actual_end_on"], period):
            if row["budget"] is None or row["outturn"] is None:
                yield left_out(row["project_ref"], "no-amounts")
            else:
                allowed = row["budget"] * (100 + margin)
                yield case(row["project_ref"], int(100 * row["outturn"] <= allowed), 1)


@measure("money/rent-collection-cost")
def rent_collection_cost(records: Records, period: Period) -> Cases:
    for row in of_year(records, "cost", period):
        if row["service"] == "rents":
            if row["outturn"] is None:
                yield left_out(row["cost_ref"], "not-spent-yet")
            else:
                yield case(row["cost_ref"], row["outturn"], 0)
    for row in homes(records, period.end):
        if row["tenure_type"] != "leasehold":
            yield case(row["property_ref"], 0, 1)


@measure("money/repairs-cost-per-home")
def repairs_cost_per_home(records: Records, period: Period) -> Cases:
    for row in of_year(records, "cost", period):
        if row["kind"] == "responsive":
            yield case(row["cost_ref"], row["outturn"] or 0, 0)
    for row in homes(records, period.end):
        yield case(row["property_ref"], 0, 1)


@measure("money/repairs-cost-per-job")
def repairs_cost_per_job(records: Records, period: Period) -> Cases:
    for row in records.rows("repair_job"):
        done = row["completed_at"]
        if done is None or row["status"] != "completed" or row["priority"] == "planned":
            continue
        if within(done.date(), period):
            if row["cost"] is None:
                yield left_out(row["job_ref"], "no-cost")
            else:
                yield value(row["job_ref"], row["cost"])


@measure("money/services-good-at-low-cost")
def services_good_at_low_cost(records: Records, period: Period) -> Cases:
    for row in records.rows("benchmark"):
        figures = (row["own"], row["median"], row["cost_own"], row["cost_median"])
        if not within(row["compared_on"], period) or None in figures:
            continue
        if row["direction"] is None:
            yield left_out(row["benchmark_ref"], "no-direction")
        else:
            sign = 1 if row["direction"] == "higher" else -1
            good = sign * row["own"] >= sign * row["median"]
            cheap = row["cost_own"] <= row["cost_median"]
            yield case(row["benchmark_ref"], int(good and cheap), 1)


@measure("money/spend-attributed")
def spend_attributed(records: Records, period: Period) -> Cases:
    for row in of_year(records, "cost", period):
        spent = row["outturn"] or 0
        yield case(row["cost_ref"], spent if row["activity"] else 0, spent)


@measure("money/spend-tested")
def spend_tested(records: Records, period: Period, *, years: int) -> Cases:
    recent = last_months(period, 12 * int(years))
    for row in records.rows("contract"):
        if there(row, period.end, "procured_on", "ends_on"):
            tested = within(row["tested_on"], recent)
            worth = row["annual_value"]
            yield case(row["contract_ref"], worth if tested else 0, worth)


@measure("money/void-works-cost")
def void_works_cost(records: Records, period: Period) -> Cases:
    for row in records.rows("void"):
        if not within(row["works_to"], period):
            continue
        if row["held"]:
            yield left_out(row["void_ref"], "held")
        elif row["cost"] is None:
            yield left_out(row["void_ref"], "no-cost")
        else:
            yield value(row["void_ref"], row["cost"])


@measure("money/cost-per-letting")
def cost_per_letting(records: Records, period: Period) -> Cases:
    if not whole_year(period):
        return
    for row in of_year(records, "cost", period):
        if row["service"] == "lettings":
            yield case(row["cost_ref"], row["outturn"] or 0, 0)
    for row in records.rows("letting"):
        if within(row["let_on"], period) and not row["renewal"]:
            yield case(row["letting_ref"], 0, 1)
