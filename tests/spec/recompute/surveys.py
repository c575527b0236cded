"""What several measures ask of the answers to surveys, from their words."""

from __future__ import annotations

from datetime import date

from kloe.core.periods import Period
from recompute.ground import Cases, Records, Row, case, left_out, within

SATISFIED = {"very_satisfied", "fairly_satisfied"}
NO_OPINION = {None, "not_applicable", "dont_know"}


def answered(records: Records, row: Row) -> date | None:
    """The day of an answer, or the last of its survey where none is kept."""
    survey = records.one("survey", "survey_ref").get(row["survey_ref"])
    return row["answered_on"] or (survey and survey["to_on"])


def satisfied(records: Records, period: Period, question: str, kind: str | None = None) -> Cases:
    """Answers to a question in the period, by their weights: satisfied of all with an opinion.

    :param kind: the only kind of survey that is asked for.
    """
    surveys = records.one("survey", "survey_ref")
    for row in records.by("survey_response", "question_code").get(question, []):
        survey = surveys.get(row["survey_ref"])
        if kind is not None and (survey is None or survey["kind"] != kind):
            continue
        if not within(answered(records, row), period):
            continue
        if row["answer"] in NO_OPINION:
            yield left_out(row["response_ref"], "no-opinion")
        else:
            weight = 1 if row["weight"] is None else row["weight"]
            yield case(row["response_ref"], weight * (row["answer"] in SATISFIED), weight)
