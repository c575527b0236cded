"""What several areas take from the records alike: homes, first tenants, standards, surveys."""

from __future__ import annotations

from datetime import date, timedelta

from kloe.core.periods import Period
from recompute.ground import (
    Case,
    Cases,
    Records,
    Row,
    case,
    in_force,
    left_out,
    months_before,
    within,
)

LEASES = {"leaseholder", "shared_owner"}
NO_HOMES = {"garage", "parking"}
#: Terms on which homes are rented out or held in shared ownership.
TO_RENT = {"social_rent", "affordable_rent", "intermediate_rent", "shared_ownership"}


def last_months(period: Period, months: int) -> Period:
    """The months up to the last day of a period."""
    return Period(months_before(period.end, int(months)) + timedelta(days=1), period.end)


def latest(ref: str, day: date | None, recent: Period, key: str) -> Case:
    """Whether the last of something lies in some months; left out where it came after them."""
    if day is not None and day > recent.end:
        return left_out(ref, key)
    return case(ref, int(within(day, recent)), 1)


def home_of(records: Records, row: Row) -> bool:
    """Whether what a row's property reference names is a home, as far as is known."""
    home = records.one("property", "property_ref").get(row["property_ref"])
    return home is None or home["property_type"] not in NO_HOMES


def tenancies_of_homes(records: Records, day: date) -> list[Row]:
    """Tenancies of homes in force on a day, without leases."""
    return [
        row
        for row in records.rows("tenancy")
        if in_force(row, day) and row["tenure"] not in LEASES and home_of(records, row)
    ]


def there(row: Row, day: date, start: str, end: str) -> bool:
    """Whether what has a first and last day lasts on a day; an empty first day is long past."""
    begun = row[start] is None or row[start] <= day
    return begun and (row[end] is None or row[end] >= day)


def homes(records: Records, day: date) -> list[Row]:
    """Homes that the landlord had on a day, on any terms."""
    return [
        row
        for row in records.rows("property")
        if row["property_type"] not in NO_HOMES
        and (row["acquired_on"] is None or row["acquired_on"] <= day)
        and (row["disposed_on"] is None or row["disposed_on"] > day)
    ]


def homes_to_rent(records: Records, day: date) -> list[Row]:
    """Homes to rent or in shared ownership on a day."""
    return [row for row in homes(records, day) if row["tenure_type"] in TO_RENT]


def leads(records: Records, day: date) -> dict[str, Row]:
    """The first tenant of each tenancy on a day, by tenancy."""

    def make() -> dict[str, Row]:
        people = records.one("person", "person_ref")
        found: dict[str, str] = {}
        for row in records.rows("tenancy_member"):
            begun = row["from_on"] is None or row["from_on"] <= day
            lasts = row["to_on"] is None or row["to_on"] >= day
            if row["role"] == "lead" and row["person_ref"] in people and begun and lasts:
                first = found.setdefault(row["tenancy_ref"], row["person_ref"])
                found[row["tenancy_ref"]] = min(first, row["person_ref"])
        return {tenancy: people[ref] for tenancy, ref in found.items()}

    return records.kept(("leads", day), make)


def standards(records: Records, day: date) -> list[Row]:
    """Standards and indicators in force on a day; those without a first day always were."""
    return [
        row
        for row in records.rows("service_standard")
        if (row["from_on"] is None or row["from_on"] <= day)
        and (row["to_on"] is None or row["to_on"] >= day)
    ]


SATISFIED = {"very_satisfied", "fairly_satisfied"}
OPINIONS = SATISFIED | {"neither", "fairly_dissatisfied", "very_dissatisfied"}


def answers(records: Records, period: Period, question: str, kinds: set[str] | None) -> list[Row]:
    """Answers to a question given in the period, in surveys of these kinds."""
    surveys = records.one("survey", "survey_ref")
    found = []
    for row in records.by("survey_response", "question_code").get(question, []):
        survey = surveys.get(row["survey_ref"])
        if survey is None or (kinds is not None and survey["kind"] not in kinds):
            continue
        day = row["answered_on"] or survey["to_on"]
        if within(day, period):
            found.append(row)
    return found


def satisfied(records: Records, period: Period, question: str, kinds: set[str] | None) -> Cases:
    """Very or fairly satisfied among those who gave an opinion, by the weights of the survey."""
    for row in answers(records, period, question, kinds):
        if row["answer"] in OPINIONS:
            weight = 1 if row["weight"] is None else row["weight"]
            yield case(row["response_ref"], weight if row["answer"] in SATISFIED else 0, weight)
        else:
            yield left_out(row["response_ref"], "no-opinion")


def said_yes(records: Records, period: Period, question: str) -> Cases:
    """Yes among yes and no, by the weights of the survey."""
    for row in answers(records, period, question, None):
        if row["answer"] in {"yes", "no"}:
            weight = 1 if row["weight"] is None else row["weight"]
            yield case(row["response_ref"], weight if row["answer"] == "yes" else 0, weight)
        else:
            yield left_out(row["response_ref"], "no-answer")
