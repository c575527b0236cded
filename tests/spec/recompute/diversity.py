"""Diversity, from the words of its measures: groups, representation, what is known of needs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from kloe.core.periods import Period
from recompute.common import OPINIONS, SATISFIED, answers, last_months, latest
from recompute.ground import (
    Cases,
    Records,
    Row,
    case,
    in_force,
    left_out,
    measure,
    months_before,
    within,
)

UNKNOWN = {None, "not_said"}
NOBODY: Row = {"ethnicity": None, "disability": None}
CHARACTERISTICS = ("ethnicity", "disability", "gender")


def group_of(row: Row, characteristic: str, day: date) -> Any:
    """The group somebody belongs to on a day; None where it is not known."""
    if characteristic == "age":
        if row["birth_year"] is None:
            return None
        age = day.year - row["birth_year"]
        return "under 35" if age < 35 else "35-54" if age < 55 else "55 and over"
    return None if row[characteristic] in UNKNOWN else row[characteristic]


def tenants_on(records: Records, day: date) -> list[Row]:
    """People who are first or joint tenant on a day, once each, as far as they are on file."""

    def make() -> list[Row]:
        tenancies = records.one("tenancy", "tenancy_ref")
        people = records.one("person", "person_ref")
        found = {
            row["person_ref"]
            for row in records.rows("tenancy_member")
            if row["role"] in {"lead", "joint"}
            and row["tenancy_ref"] in tenancies
            and in_force(tenancies[row["tenancy_ref"]], day)
            and (row["from_on"] is None or row["from_on"] <= day)
            and (row["to_on"] is None or row["to_on"] >= day)
        }
        return [people[ref] for ref in sorted(found) if ref in people]

    return records.kept(("tenants", day), make)


def grouped(
    rows: Iterable[tuple[str, Row, int, int]], characteristics: Iterable[str], day: date
) -> Cases:
    """What each adds to its groups; those of whom a characteristic is not known are left out."""
    for ref, row, numerator, denominator in rows:
        for characteristic in characteristics:
            group = group_of(row, characteristic, day)
            if group is None:
                yield left_out(ref, "not-known", characteristic, None)
            else:
                yield case(ref, numerator, denominator, characteristic, group)


def beside_community(records: Records, rows: list[Row], day: date) -> Cases:
    """Staff, group by group, beside the people of the community."""
    yield from grouped(((r["staff_ref"], r, 1, 0) for r in rows), CHARACTERISTICS, day)
    profile = [
        r for r in records.rows("community_profile") if r["characteristic"] in CHARACTERISTICS
    ]
    newest: dict[tuple[str, str], int] = {}
    for row in profile:
        key = row["area"], row["characteristic"]
        newest[key] = max(newest.get(key, 0), row["source_year"])
    for row in profile:
        if row["source_year"] == newest[row["area"], row["characteristic"]]:
            yield case(row["area"], 0, row["people"], row["characteristic"], row["grp"])


def among_tenants(records: Records, day: date, counted: set[str]) -> Cases:
    """Tenants of whom some are counted, group by group."""
    return grouped(
        (
            (row["person_ref"], row, int(row["person_ref"] in counted), 1)
            for row in tenants_on(records, day)
        ),
        CHARACTERISTICS,
        day,
    )


def there(row: Row, day: date) -> bool:
    """Whether somebody serves on a day; who has no first day always did."""
    joined = row["joined_on"] is None or row["joined_on"] <= day
    return joined and (row["left_on"] is None or row["left_on"] >= day)


def employed(records: Records, day: date) -> list[Row]:
    """Staff in post on a day."""
    return [row for row in records.rows("staff") if there(row, day)]


@measure("diversity/board-representation")
def board_representation(records: Records, period: Period) -> Cases:
    day = period.end
    board = [(r["member_ref"], r, 1, 0) for r in records.rows("board_member") if there(r, day)]
    yield from grouped(board, CHARACTERISTICS, day)
    yield from grouped(
        ((r["person_ref"], r, 0, 1) for r in tenants_on(records, day)), CHARACTERISTICS, day
    )


@measure("diversity/bodies-profiled")
def bodies_profiled(records: Records, period: Period, *, months: int) -> Cases:
    for row in records.rows("involvement_body"):
        if row["active"]:
            last = row["profile_breakdown_on"]
            yield latest(row["body_ref"], last, last_months(period, months), "profiled-since")


@measure("diversity/communication-preference-known")
def communication_preference_known(records: Records, period: Period) -> Cases:
    for row in tenants_on(records, period.end):
        yield case(row["person_ref"], int(row["comm_preference"] is not None), 1)


@measure("diversity/contact-take-up")
def contact_take_up(records: Records, period: Period) -> Cases:
    came = {r["person_ref"] for r in records.rows("contact") if within(r["at"].date(), period)}
    return among_tenants(records, period.end, came)


@measure("diversity/contractors-monitored")
def contractors_monitored(records: Records, period: Period, *, months: int) -> Cases:
    for row in records.rows("contractor"):
        if row["active"]:
            last = row["equality_return_on"]
            yield latest(row["contractor"], last, last_months(period, months), "returned-since")


@measure("diversity/ethnic-codes-standard")
def ethnic_codes_standard(records: Records, period: Period) -> Cases:
    of_people = [(r["person_ref"], r) for r in records.rows("person")]
    of_staff = [(r["staff_ref"], r) for r in records.rows("staff")]
    for ref, row in of_people + of_staff:
        if (row["ethnicity_given"] or "").strip():
            yield case(ref, int(row["ethnicity"] is not None), 1)


@measure("diversity/flags-passed-with-jobs")
def flags_passed_with_jobs(records: Records, period: Period) -> Cases:
    for row in records.rows("repair_job"):
        ordered = row["ordered_at"]
        if ordered is not None and within(ordered.date(), period) and row["resident_flagged"]:
            yield case(row["job_ref"], int(row["flag_passed"] is True), 1)


@measure("diversity/harassment-first-contact")
def harassment_first_contact(records: Records, period: Period, *, hours: int) -> Cases:
    for row in records.rows("asb_case"):
        if row["kind"] not in {"hate", "harassment", "domestic_abuse"}:
            continue
        if within(row["opened_at"].date(), period):
            spoken = row["first_contact_at"]
            soon = spoken is not None and spoken - row["opened_at"] <= timedelta(hours=hours)
            yield case(row["case_ref"], int(soon), 1)


@measure("diversity/involved-residents-representation")
def involved_residents_representation(records: Records, period: Period) -> Cases:
    bodies = records.one("involvement_body", "body_ref")
    members = {
        row["person_ref"]
        for row in records.rows("involvement_member")
        if (row["from_on"] is None or row["from_on"] <= period.end)
        and (row["to_on"] is None or row["to_on"] >= period.end)
        and row["body_ref"] in bodies
        and bodies[row["body_ref"]]["active"]
    }
    return among_tenants(records, period.end, members)


@measure("diversity/lets-by-group")
def lets_by_group(records: Records, period: Period, *, bands: list[str]) -> Cases:
    people = records.one("person", "person_ref")
    lettings = records.by("letting", "application_ref")
    found = []
    for row in records.rows("application"):
        ref, person = row["application_ref"], people.get(row["person_ref"], NOBODY)
        registered = (row["registered_on"] or row["received_on"]) <= period.end
        left = row["closed_on"] is not None and row["closed_on"] < period.start
        if row["band"] in bands and registered and not left:
            housed = any(within(let["let_on"], period) for let in lettings.get(ref, []))
            found.append((ref, person, int(housed), 1))
    return grouped(found, ("ethnicity", "disability"), period.end)


@measure("diversity/respondents-representation")
def respondents_representation(records: Records, period: Period) -> Cases:
    surveys = records.one("survey", "survey_ref")
    answered = set()
    for row in records.rows("survey_response"):
        survey = surveys.get(row["survey_ref"])
        if survey is None or survey["kind"] != "perception":
            continue
        if within(row["answered_on"] or survey["to_on"], period):
            answered.add(row["person_ref"])
    return among_tenants(records, period.end, answered)


@measure("diversity/satisfaction-gap")
def satisfaction_gap(records: Records, period: Period) -> Cases:
    people = records.one("person", "person_ref")
    found = [
        (row["response_ref"], people[row["person_ref"]], int(row["answer"] in SATISFIED), 1)
        for row in answers(records, period, "TP01", {"perception"})
        if row["answer"] in OPINIONS and row["person_ref"] in people
    ]
    return grouped(found, ("ethnicity", "disability", "age"), period.end)


@measure("diversity/senior-staff-representation")
def senior_staff_representation(records: Records, period: Period) -> Cases:
    rows = [r for r in employed(records, period.end) if r["grade_band"] in {"executive", "senior"}]
    return beside_community(records, rows, period.end)


@measure("diversity/service-points-accessible")
def service_points_accessible(records: Records, period: Period) -> Cases:
    wanted = ("step_free", "hearing_loop", "private_room", "interpreter")
    for row in records.rows("service_point"):
        if row["active"]:
            yield case(row["point_ref"], int(all(row[name] is True for name in wanted)), 1)


@measure("diversity/staff-representation")
def staff_representation(records: Records, period: Period) -> Cases:
    return beside_community(records, employed(records, period.end), period.end)


@measure("diversity/support-reviewed")
def support_reviewed(records: Records, period: Period, *, months: int) -> Cases:
    for row in records.rows("support_plan"):
        ended = row["ended_on"] is not None and row["ended_on"] <= period.end
        if row["agreed_on"] <= period.end and not ended:
            ref = row["plan_ref"]
            if row["agreed_on"] > months_before(period.end, months):
                yield case(ref, 1, 1)
            else:
                last = row["last_reviewed_on"]
                yield latest(ref, last, last_months(period, months), "reviewed-since")


@measure("diversity/surveys-broken-down")
def surveys_broken_down(records: Records, period: Period) -> Cases:
    for row in records.rows("survey"):
        if within(row["to_on"], period):
            yield case(row["survey_ref"], int(row["broken_down"] is True), 1)
