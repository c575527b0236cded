"""Rents, from the words of their measures: accounts, balances and what falls due."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from kloe.core.periods import Period
from recompute.common import LEASES, home_of, tenancies_of_homes
from recompute.ground import (
    Cases,
    Records,
    Row,
    case,
    left_out,
    measure,
    months_before,
    within,
    year_of,
)

RENT = {None, "rent", "service_charge"}
COSTS = {"court_cost", "recharge_repair"}
RECEIVED = {"payment", "hb", "uc_apa", "refund"}
#: What is known of a tenancy that the records do not hold.
UNKNOWN: Row = {"tenancy_ref": None, "start_on": None, "end_on": None}
DAY = timedelta(days=1)
NOTHING = Decimal(0)


def rent_accounts(records: Records) -> list[tuple[Row, Row]]:
    """Accounts of rent, also those kept of former tenants' debt, each with its tenancy."""
    tenancies = records.one("tenancy", "tenancy_ref")
    return [
        (account, tenancies.get(account["tenancy_ref"], UNKNOWN))
        for account in records.rows("rent_account")
        if account["account_type"] in {"rent", "former"}
    ]


def postings(records: Records, account_ref: str) -> list[Row]:
    """What was posted to an account for rent and service charges."""

    def make() -> dict[str, list[Row]]:
        return {
            ref: [row for row in rows if row["debt_type"] in RENT]
            for ref, rows in records.by("rent_transaction", "account_ref").items()
        }

    return records.kept("rent postings", make).get(account_ref, [])


def balance(records: Records, account_ref: str, day: date) -> Decimal:
    """What an account owes at the end of a day."""

    def sums() -> dict[str, Decimal]:
        found: dict[str, Decimal] = {}
        for ref in records.by("rent_transaction", "account_ref"):
            found[ref] = sum(
                (p["amount"] for p in postings(records, ref) if p["posted_on"] <= day), NOTHING
            )
        return found

    return records.kept(("balances", day), sums).get(account_ref, NOTHING)


def due(records: Records, account_ref: str, first: date, last: date) -> Decimal:
    """Rent and service charges that fell due between two days."""
    return sum(
        (
            p["amount"]
            for p in postings(records, account_ref)
            if p["kind"] == "charge" and first <= p["posted_on"] <= last
        ),
        NOTHING,
    )


def received(rows: list[Row], first: date, last: date) -> Decimal:
    """Payments and benefit between two days, less refunds."""
    return -sum(
        (p["amount"] for p in rows if p["kind"] in RECEIVED and first <= p["posted_on"] <= last),
        NOTHING,
    )


def left(account: Row, tenancy: Row, day: date) -> bool:
    """Whether a tenancy had ended before a day; of an unknown end the account tells."""
    if tenancy["end_on"] is None:
        return account["account_type"] == "former"
    return tenancy["end_on"] < day


def lasts(account: Row, tenancy: Row, day: date) -> bool:
    """Whether the tenancy of an account is in force on a day."""
    begun = tenancy["start_on"] is not None and tenancy["start_on"] <= day
    return begun and not left(account, tenancy, day)


@measure("rents/accounts-before-start")
def accounts_before_start(records: Records, period: Period) -> Cases:
    accounts = records.by("rent_account", "tenancy_ref")
    for row in records.rows("tenancy"):
        if not within(row["start_on"], period):
            continue
        ref = row["tenancy_ref"]
        if row["tenure"] in LEASES:
            yield left_out(ref, "not-rented")
            continue
        opened = [
            a["opened_on"]
            for a in accounts.get(ref, [])
            if a["account_type"] in {"rent", "former"} and a["opened_on"] is not None
        ]
        yield case(ref, int(any(day <= row["start_on"] for day in opened)), 1)


@measure("rents/accounts-clear")
def accounts_clear(records: Records, period: Period) -> Cases:
    for account, tenancy in rent_accounts(records):
        if lasts(account, tenancy, period.end):
            ref = account["account_ref"]
            yield case(ref, int(balance(records, ref, period.end) <= 0), 1)


@measure("rents/arrears-awaiting-benefit")
def arrears_awaiting_benefit(records: Records, period: Period) -> Cases:
    claims = records.by("benefit_claim", "account_ref")
    for account, tenancy in rent_accounts(records):
        ref = account["account_ref"]
        owed = balance(records, ref, period.end)
        if left(account, tenancy, period.end):
            if any(p["posted_on"] <= period.end for p in postings(records, ref)):
                yield left_out(ref, "former")
            continue
        if owed <= 0:
            continue
        waits = any(
            c["claimed_on"] <= period.end
            and (c["decided_on"] is None or c["decided_on"] > period.end)
            for c in claims.get(ref, [])
        )
        yield case(ref, owed if waits else 0, owed)


@measure("rents/arrears-cause-known")
def arrears_cause_known(records: Records, period: Period) -> Cases:
    for account, tenancy in rent_accounts(records):
        ref = account["account_ref"]
        owed = balance(records, ref, period.end)
        if left(account, tenancy, period.end):
            if any(p["posted_on"] <= period.end for p in postings(records, ref)):
                yield left_out(ref, "former")
            continue
        if owed <= 0:
            continue
        yield case(ref, owed if account["arrears_cause"] else 0, owed)


@measure("rents/collection-rate")
def collection_rate(records: Records, period: Period) -> Cases:
    for account, tenancy in rent_accounts(records):
        ref = account["account_ref"]
        asked = due(records, ref, period.start, period.end)
        paid = received(postings(records, ref), period.start, period.end)
        moved = {"charge", *RECEIVED}
        if left(account, tenancy, period.start):
            rows = postings(records, ref)
            if any(p["kind"] in moved and within(p["posted_on"], period) for p in rows):
                yield left_out(ref, "former")
        else:
            yield case(ref, paid, asked)


@measure("rents/costs-and-recharges-recovered")
def costs_and_recharges_recovered(records: Records, period: Period) -> Cases:
    for ref, rows in records.by("rent_transaction", "account_ref").items():
        own = [p for p in rows if p["debt_type"] in COSTS]
        charged = sum(
            (p["amount"] for p in own if p["kind"] == "charge" and within(p["posted_on"], period)),
            NOTHING,
        )
        paid = received(own, period.start, period.end)
        if charged or paid:
            yield case(ref, paid, charged)


@measure("rents/current-tenant-arrears")
def current_tenant_arrears(records: Records, period: Period) -> Cases:
    first = months_before(period.end, 12) + DAY
    for account, tenancy in rent_accounts(records):
        ref = account["account_ref"]
        owed = max(balance(records, ref, period.end), NOTHING)
        current = not left(account, tenancy, period.end)
        yield case(ref, owed if current else 0, due(records, ref, first, period.end))


@measure("rents/former-tenant-arrears")
def former_tenant_arrears(records: Records, period: Period) -> Cases:
    first = months_before(period.end, 12) + DAY
    for account, tenancy in rent_accounts(records):
        ref = account["account_ref"]
        owed = max(balance(records, ref, period.end), NOTHING)
        gone = left(account, tenancy, period.end)
        yield case(ref, owed if gone else 0, due(records, ref, first, period.end))


@measure("rents/former-tenant-arrears-collected")
def former_tenant_arrears_collected(records: Records, period: Period) -> Cases:
    for account, tenancy in rent_accounts(records):
        if not left(account, tenancy, period.end):
            continue
        ref = account["account_ref"]
        ended = tenancy["end_on"] or date.min
        from_ = max(period.start, ended + DAY)
        owed = balance(records, ref, from_ - DAY)
        if owed > 0:
            yield case(ref, received(postings(records, ref), from_, period.end), owed)


@measure("rents/debts-kept-apart")
def debts_kept_apart(records: Records, period: Period) -> Cases:
    accounts = records.one("rent_account", "account_ref")
    charges: dict[tuple[str, bool], int] = {}
    for row in records.rows("rent_transaction"):
        if row["kind"] != "charge" or row["amount"] <= 0 or not within(row["posted_on"], period):
            continue
        words = (row["description"] or "").lower()
        named = any(w in words for w in ("court cost", "court fee", "recharg"))
        typed = row["debt_type"] in COSTS
        if typed or named:
            key = (row["account_ref"], typed)
            charges[key] = charges.get(key, 0) + 1
    for (ref, typed), number in charges.items():
        if ref in accounts:
            apart = typed or accounts[ref]["account_type"] in {"court_cost", "recharge"}
            yield case(ref, number if apart else 0, number)


@measure("rents/evictions-for-arrears")
def evictions_for_arrears(records: Records, period: Period) -> Cases:
    for row in records.rows("tenancy"):
        home = row["tenure"] not in LEASES and home_of(records, row)
        evicted = row["end_reason"] == "eviction_arrears" and within(row["end_on"], period)
        if home and evicted:
            yield case(row["tenancy_ref"], 1, 0)
    for row in tenancies_of_homes(records, period.end):
        yield case(row["tenancy_ref"], 0, 1)


@measure("rents/low-cost-payments")
def low_cost_payments(records: Records, period: Period) -> Cases:
    for ref, rows in records.by("rent_transaction", "account_ref").items():
        paid = [
            p
            for p in rows
            if p["kind"] == "payment" and p["amount"] < 0 and within(p["posted_on"], period)
        ]
        known = [p["method"] for p in paid if p["method"]]
        if known:
            cheap = {"direct_debit", "standing_order", "online"}
            yield case(ref, sum(m in cheap for m in known), len(known))
        elif paid:
            yield left_out(ref, "no-method")


@measure("rents/payment-means-before-start")
def payment_means_before_start(records: Records, period: Period) -> Cases:
    accounts = records.by("rent_account", "tenancy_ref")
    for row in records.rows("tenancy"):
        if not within(row["start_on"], period):
            continue
        ref = row["tenancy_ref"]
        if row["tenure"] in LEASES:
            yield left_out(ref, "not-rented")
        elif not home_of(records, row):
            yield left_out(ref, "no-home")
        else:
            given = [
                a["payment_means_issued_on"]
                for a in accounts.get(ref, [])
                if a["account_type"] in {"rent", "former"}
                and a["payment_means_issued_on"] is not None
            ]
            yield case(ref, int(any(day <= row["start_on"] for day in given)), 1)


WAYS = {
    "direct_debit": "bank", "standing_order": "bank", "online": "online", "shop": "shop",
    "cash": "office", "cheque": "office", "card": "telephone",
}  # fmt: skip


@measure("rents/payment-methods")
def payment_methods(records: Records, period: Period, *, payments: int) -> Cases:
    used = [
        WAYS[row["method"]]
        for row in records.rows("rent_transaction")
        if row["kind"] == "payment" and within(row["posted_on"], period) and row["method"] in WAYS
    ]
    for way in sorted(set(used)):
        if used.count(way) >= payments:
            yield case(way, 1, 0)


@measure("rents/leaseholder-charges-collected")
def leaseholder_charges_collected(records: Records, period: Period) -> Cases:
    for row in records.rows("leasehold_account"):
        if within(row["billed_on"], period):
            yield case(row["charge_ref"], row["collected"] or 0, row["billed"])


@measure("rents/service-charge-income-to-cost")
def service_charge_income_to_cost(records: Records, period: Period) -> Cases:
    for row in records.rows("service_charge_scheme"):
        if row["year"] == year_of(period.start):
            if row["cost"] == 0:
                yield left_out(row["scheme_ref"], "no-cost")
            else:
                yield case(row["scheme_ref"], row["income"], row["cost"])


@measure("rents/service-charges-match-cost")
def service_charges_match_cost(
    records: Records, period: Period, *, low: Decimal, high: Decimal
) -> Cases:
    for row in records.rows("service_charge_scheme"):
        if row["year"] == year_of(period.start):
            share = 100 * row["income"]
            if row["cost"] == 0:
                yield left_out(row["scheme_ref"], "no-cost")
            else:
                near = low * row["cost"] <= share <= high * row["cost"]
                yield case(row["scheme_ref"], int(near), 1)


@measure("rents/statements-quarterly")
def statements_quarterly(records: Records, period: Period, *, statements: int, days: int) -> Cases:
    first = months_before(period.end, 12) + DAY
    sent = records.by("rent_statement", "account_ref")
    for row in records.rows("rent_account"):
        if row["account_type"] not in {"rent", "service_charge"}:
            continue
        if row["closed_on"] is not None and row["closed_on"] <= period.end:
            continue
        ref = row["account_ref"]
        if row["opened_on"] is None:
            yield left_out(ref, "no-opening-day")
        elif row["opened_on"] < first:
            issued = sorted(s["issued_on"] for s in sent.get(ref, []))
            steady = all(
                (b - a).days <= days for a, b in pairwise(issued) if first <= b <= period.end
            )
            issued = [day for day in issued if first <= day <= period.end]
            yield case(ref, int(len(issued) >= statements and steady), 1)


@measure("rents/statements-reconcile")
def statements_reconcile(records: Records, period: Period) -> Cases:
    posted = records.by("rent_transaction", "account_ref")
    for row in records.rows("rent_statement"):
        if not within(row["issued_on"], period):
            continue
        if None in (row["opening"], row["closing"], row["from_on"], row["to_on"]):
            yield left_out(row["statement_ref"], "incomplete")
            continue
        moved = sum(
            (
                p["amount"]
                for p in posted.get(row["account_ref"], [])
                if row["from_on"] <= p["posted_on"] <= row["to_on"]
            ),
            NOTHING,
        )
        yield case(row["statement_ref"], int(row["opening"] + moved == row["closing"]), 1)


@measure("rents/write-offs-approved")
def write_offs_approved(records: Records, period: Period) -> Cases:
    written: dict[tuple[str, bool], int] = {}
    for row in records.rows("rent_transaction"):
        if row["kind"] == "write_off" and within(row["posted_on"], period):
            key = (row["account_ref"], bool(row["reason"]) and bool(row["approved_by"]))
            written[key] = written.get(key, 0) + 1
    for (ref, approved), number in written.items():
        yield case(ref, number if approved else 0, number)
