"""Rents, from the words of their measures."""

from __future__ import annotations

from kloe.core.periods import Period
from recompute.ground import Cases, Records, case, left_out, measure, within

LEASES = {"leaseholder", "shared_owner"}


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
            if a["account_type"] == "rent" and a["opened_on"] is not None
        ]
        yield case(ref, int(any(day <= row["start_on"] for day in opened)), 1)
