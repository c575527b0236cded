"""What extracts show of themselves: default dates, jobs closed together, codes that say nothing.

From the words of the measures, as in the other areas.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime

from kloe.core.periods import Period
from recompute.ground import Cases, Records, Row, case, left_out, measure, within

#: No date in an extract is truly older.
OLDEST = date(1950, 1, 1)


def day_of(moment: datetime | None) -> date | None:
    """The day of a point in time."""
    return moment.date() if moment is not None else None


def coded_other(rows: Iterator[Row], ref: str, column: str) -> Cases:
    """Those coded other, of those that are coded at all."""
    for row in rows:
        if row[column] is not None:
            yield case(row[ref], int(row[column] == "other"), 1)


def reported(records: Records, period: Period) -> Iterator[Row]:
    """Repairs reported in the period."""
    return (r for r in records.rows("repair_job") if within(day_of(r["reported_at"]), period))


def emptied(records: Records, period: Period) -> Iterator[Row]:
    """Homes that fell empty in the period."""
    return (row for row in records.rows("void") if within(row["ended_on"], period))


def told(rows: Iterator[Row], ref: str, column: str, fault: Callable[[Row], bool]) -> Cases:
    """Those at fault, of those of which something is recorded."""
    for row in rows:
        if row[column] is not None:
            yield case(row[ref], int(fault(row)), 1)


@measure("integrity/arrears-coded-other")
def arrears_coded_other(records: Records, period: Period) -> Cases:
    opened = (r for r in records.rows("arrears_case") if within(r["opened_on"], period))
    return coded_other(opened, "case_ref", "reason")


@measure("integrity/refusals-coded-other")
def refusals_coded_other(records: Records, period: Period) -> Cases:
    offers = (r for r in records.rows("offer") if within(r["offered_on"], period))
    refused = (r for r in offers if r["result"] == "refused")
    return coded_other(refused, "offer_ref", "refusal_reason")


@measure("integrity/repairs-coded-other")
def repairs_coded_other(records: Records, period: Period) -> Cases:
    return coded_other(reported(records, period), "job_ref", "trade")


@measure("integrity/keys-on-first-of-month")
def keys_on_first_of_month(records: Records, period: Period) -> Cases:
    voids = emptied(records, period)
    return told(voids, "void_ref", "keys_in_on", lambda r: r["keys_in_on"].day == 1)


@measure("integrity/void-works-default-dates")
def void_works_default_dates(records: Records, period: Period) -> Cases:
    voids = emptied(records, period)
    return told(voids, "void_ref", "works_from", lambda r: r["works_from"] < OLDEST)


@measure("integrity/repair-targets-moved")
def repair_targets_moved(records: Records, period: Period) -> Cases:
    jobs = (r for r in reported(records, period) if r["target_at"] is not None)
    return told(jobs, "job_ref", "target_set_at", lambda r: r["target_set_at"] > r["target_at"])


@measure("integrity/repairs-completed-before-report")
def repairs_completed_before_report(records: Records, period: Period) -> Cases:
    def before(row: Row) -> bool:
        return row["completed_at"].date() >= OLDEST and row["completed_at"] < row["reported_at"]

    return told(reported(records, period), "job_ref", "completed_at", before)


@measure("integrity/repairs-default-dates")
def repairs_default_dates(records: Records, period: Period) -> Cases:
    jobs = reported(records, period)
    return told(jobs, "job_ref", "completed_at", lambda r: r["completed_at"].date() < OLDEST)


@measure("integrity/repairs-closed-in-batches")
def repairs_closed_in_batches(records: Records, period: Period, *, jobs: int) -> Cases:
    closed = [r for r in records.rows("repair_job") if within(day_of(r["completed_at"]), period)]
    minutes = Counter(r["completed_at"].replace(second=0, microsecond=0) for r in closed)
    for row in closed:
        minute = row["completed_at"].replace(second=0, microsecond=0)
        if (minute.hour, minute.minute) == (0, 0):
            yield left_out(row["job_ref"], "no-time")
        else:
            yield case(row["job_ref"], int(minutes[minute] >= jobs), 1)


@measure("integrity/repairs-reopened-as-new")
def repairs_reopened_as_new(records: Records, period: Period, *, days: int) -> Cases:
    def made() -> dict[tuple[str, str], list[Row]]:
        found: dict[tuple[str, str], list[Row]] = {}
        for row in records.rows("repair_job"):
            if row["property_ref"] is not None and row["trade"] is not None:
                found.setdefault((row["property_ref"], row["trade"]), []).append(row)
        return found

    alike = records.kept("repairs alike", made)
    for row in reported(records, period):
        others = alike.get((row["property_ref"], row["trade"]))
        if others is None:
            continue
        done = [day_of(o["completed_at"]) for o in others if o is not row]
        ago = [(row["reported_at"].date() - day).days for day in done if day is not None]
        new = row["recall_of"] is None and any(0 <= n <= days for n in ago)
        yield case(row["job_ref"], int(new), 1)


@measure("integrity/request-volume-jumps")
def request_volume_jumps(records: Records, period: Period, *, times: int) -> Cases:
    def month(day: date) -> int:
        return day.year * 12 + day.month - 1

    days = [r["reported_at"].date() for r in records.rows("service_request")]
    counts = Counter(month(day) for day in days)
    for number, count in sorted(counts.items()):
        first = date(number // 12, number % 12 + 1, 1)
        three = [counts[number - back] for back in (1, 2, 3)]
        held = month(period.start) <= number <= month(period.end)
        if held and all(three):
            yield case(f"{first:%Y-%m}", int(3 * count > times * sum(three)), 1)


@measure("integrity/tenancies-overlapping")
def tenancies_overlapping(records: Records, period: Period) -> Cases:
    homes = records.by("tenancy", "property_ref")
    for row in records.rows("tenancy"):
        start = row["start_on"]
        if not within(start, period):
            continue
        overlapping = False
        for other in homes[row["property_ref"]]:
            begun = other["start_on"]
            if begun is None or (begun, other["tenancy_ref"]) >= (start, row["tenancy_ref"]):
                continue
            overlapping |= other["end_on"] is None or other["end_on"] >= start
        yield case(row["tenancy_ref"], int(overlapping), 1)


@measure("integrity/people-default-births")
def people_default_births(records: Records, period: Period, *, years: int) -> Cases:
    for row in records.rows("person"):
        if row["birth_year"] is not None:
            old = period.end.year - row["birth_year"] > years
            yield case(row["person_ref"], int(old), 1)


@measure("integrity/account-balances-off")
def account_balances_off(records: Records, _period: Period) -> Cases:
    postings = records.by("rent_transaction", "account_ref")
    for row in records.rows("rent_account"):
        ref = row["account_ref"]
        if row["balance"] is None:
            yield left_out(ref, "no-balance")
        elif ref not in postings:
            yield left_out(ref, "no-postings")
        else:
            total = sum(posting["amount"] for posting in postings[ref])
            yield case(ref, int(total != row["balance"]), 1)
