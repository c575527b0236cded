"""Complaints, from the words of their measures."""

from __future__ import annotations

from kloe.core.periods import Period
from recompute.common import homes_to_rent, satisfied
from recompute.ground import Cases, Records, Row, case, left_out, measure, value, within

UPHELD = {"upheld", "partly"}


def received(records: Records, period: Period, stage: str) -> list[Row]:
    """Complaints that came in at a stage."""
    return [
        row
        for row in records.rows("complaint")
        if row["stage"] == stage and within(row["received_on"], period)
    ]


@measure("complaints/answered-in-time")
def answered_in_time(records: Records, period: Period) -> Cases:
    for row in records.rows("complaint"):
        due = row["extended_to"] or row["due_on"]
        if not within(due, period):
            continue
        if row["outcome"] == "withdrawn":
            yield left_out(row["complaint_ref"], "withdrawn")
        else:
            answered = row["responded_on"]
            yield case(row["complaint_ref"], int(answered is not None and answered <= due), 1)


@measure("complaints/compensation")
def compensation(records: Records, period: Period) -> Cases:
    for row in records.rows("complaint"):
        paid = row["compensation"]
        if row["outcome"] in UPHELD and within(row["responded_on"], period) and paid:
            yield value(f"{row['complaint_ref']}/{row['stage']}", paid)


@measure("complaints/lessons-acted-on")
def lessons_acted_on(records: Records, period: Period) -> Cases:
    actions = records.one("action", "action_ref")
    for row in records.rows("complaint"):
        if row["outcome"] in UPHELD and within(row["responded_on"], period):
            action = actions.get(row["learning_action_ref"])
            done = action["done_on"] if action else None
            yield case(row["complaint_ref"], int(done is not None and done <= period.end), 1)


@measure("complaints/not-in-writing")
def not_in_writing(records: Records, period: Period) -> Cases:
    spoken = {"telephone", "visit", "social_media", "representative"}
    for row in received(records, period, "1"):
        if row["channel"] is None:
            yield left_out(row["complaint_ref"], "no-channel")
        else:
            yield case(row["complaint_ref"], int(row["channel"] in spoken), 1)


@measure("complaints/ombudsman-orders-on-time")
def ombudsman_orders_on_time(records: Records, period: Period) -> Cases:
    for row in records.rows("ombudsman_order"):
        if within(row["due_on"], period):
            done = row["complied_on"]
            yield case(row["order_ref"], int(done is not None and done <= row["due_on"]), 1)


@measure("complaints/satisfaction-handling")
def satisfaction_handling(records: Records, period: Period) -> Cases:
    yield from satisfied(records, period, "TP09", kinds={"perception"})


def per_thousand_homes(records: Records, period: Period, stage: str) -> Cases:
    """Complaints at a stage, and the homes they are set against."""
    for row in received(records, period, stage):
        yield case(row["complaint_ref"], 1, 0)
    for row in homes_to_rent(records, period.end):
        yield case(row["property_ref"], 0, 1)


@measure("complaints/stage-one-per-thousand-homes")
def stage_one_per_thousand_homes(records: Records, period: Period) -> Cases:
    yield from per_thousand_homes(records, period, "1")


@measure("complaints/stage-two-per-thousand-homes")
def stage_two_per_thousand_homes(records: Records, period: Period) -> Cases:
    yield from per_thousand_homes(records, period, "2")
