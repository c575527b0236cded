"""Involvement of residents, from the words of its measures."""

from __future__ import annotations

from datetime import timedelta

from kloe.core.periods import Period
from recompute.common import said_yes, satisfied
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
)


@measure("involvement/compact-known")
def compact_known(records: Records, period: Period) -> Cases:
    yield from said_yes(records, period, "compact_known")


@measure("involvement/consultations-reported")
def consultations_reported(records: Records, period: Period, *, days: int) -> Cases:
    for row in records.rows("consultation"):
        if within(row["closed_on"], period):
            told = row["outcome_published_on"]
            last = row["closed_on"] + timedelta(days=int(days))
            yield case(row["consultation_ref"], int(told is not None and told <= last), 1)


@measure("involvement/days-since-survey")
def days_since_survey(records: Records, period: Period) -> Cases:
    ended = [
        (row["to_on"], row["survey_ref"])
        for row in records.rows("survey")
        if row["kind"] == "perception"
        and row["standard"] in {"tsm", "star", "status"}
        and row["to_on"] is not None
        and row["to_on"] <= period.end
    ]
    if ended:
        day, ref = max(ended)
        yield value(ref, since(day, period.end))


@measure("involvement/local-compacts")
def local_compacts(records: Records, period: Period) -> Cases:
    for row in records.rows("involvement_body"):
        if row["active"] and row["compact_wanted"]:
            agreed = row["compact_on"]
            yield case(row["body_ref"], int(agreed is not None and agreed <= period.end), 1)


@measure("involvement/newsletters-issued")
def newsletters_issued(records: Records, period: Period, *, days: int) -> Cases:
    for row in newsletters(records):
        if within(row["planned_on"], period):
            last = row["planned_on"] + timedelta(days=int(days))
            out = row["issued_on"] is not None and row["issued_on"] <= last
            yield case(row["publication_ref"], int(out), 1)


@measure("involvement/newsletters-with-residents")
def newsletters_with_residents(records: Records, period: Period) -> Cases:
    for row in newsletters(records):
        if within(row["issued_on"], period):
            yield case(row["publication_ref"], int(bool(row["resident_content"])), 1)


def newsletters(records: Records) -> list[Row]:
    """Publications that are newsletters."""
    return [row for row in records.rows("publication") if row["kind"] == "newsletter"]


@measure("involvement/recommendations-implemented")
def recommendations_implemented(records: Records, period: Period, *, years: int) -> Cases:
    before = months_before(period.end, 12 * int(years))
    for row in records.rows("recommendation"):
        wanted = row["origin"] == "residents" and row["accepted"]
        if wanted and before < row["made_on"] <= period.end:
            done = row["implemented_on"]
            told = done is not None and done <= period.end
            yield case(row["recommendation_ref"], int(told), 1)


@measure("involvement/satisfaction-listening")
def satisfaction_listening(records: Records, period: Period) -> Cases:
    yield from satisfied(records, period, "TP06", kinds={"perception"})


@measure("involvement/satisfaction-taking-part")
def satisfaction_taking_part(records: Records, period: Period) -> Cases:
    yield from satisfied(records, period, "participation", kinds={"perception"})


def came_back(records: Records, survey_ref: str) -> int:
    """Questionnaires that came back."""
    answers = records.by("survey_response", "survey_ref").get(survey_ref, [])
    return len({row["response_ref"] for row in answers})


@measure("involvement/survey-response-rate")
def survey_response_rate(records: Records, period: Period) -> Cases:
    for row in records.rows("survey"):
        if within(row["to_on"], period):
            if row["invited"] is None:
                yield left_out(row["survey_ref"], "not-known")
            else:
                ref = row["survey_ref"]
                yield case(ref, came_back(records, ref), row["invited"])


@measure("involvement/survey-sample-size")
def survey_sample_size(records: Records, period: Period) -> Cases:
    for row in records.rows("survey"):
        if row["kind"] == "perception" and within(row["to_on"], period):
            ref = row["survey_ref"]
            if row["population"] is None:
                yield left_out(ref, "not-known", ref)
            else:
                yield case(ref, came_back(records, ref), row["population"], ref)
