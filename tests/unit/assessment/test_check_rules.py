"""How checks move, what their answers come to, and calendar files."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from math import sqrt

import pytest

from kloe.assessment.checks import results, states
from kloe.assessment.checks.states import Standing
from kloe.core import icalendar
from kloe.core.errors import Conflict, InvalidInput
from kloe.records import sampling

WHOLE = {"result": "mixed", "conclusion": "It is so.", "done_on": True}


@pytest.mark.parametrize(
    ("state", "to"),
    [
        ("planned", "under way"), ("planned", "done"), ("under way", "done"),
        ("withdrawn", "planned"),
    ],
)  # fmt: skip
def test_checks_move_on(state: str, to: str) -> None:
    states.check_move(Standing(state, **WHOLE), to)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "to"), [("done", "planned"), ("withdrawn", "done"), ("under way", "planned")]
)
def test_other_moves_are_refused(state: str, to: str) -> None:
    with pytest.raises(Conflict):
        states.check_move(Standing(state, **WHOLE), to, "because")  # type: ignore[arg-type]


def test_a_check_is_done_with_result_conclusion_and_day() -> None:
    assert len(states.missing(Standing("under way"), "done")) == 3
    assert states.missing(Standing("under way", "mixed", " ", True), "done")
    with pytest.raises(InvalidInput, match="conclusion"):
        states.check_move(Standing("under way", "mixed", "", True), "done")


@pytest.mark.parametrize(("state", "to"), [("planned", "withdrawn"), ("done", "under way")])
def test_withdrawing_and_opening_again_need_a_reason(state: str, to: str) -> None:
    with pytest.raises(InvalidInput, match="reason"):
        states.check_move(Standing(state, **WHOLE), to)  # type: ignore[arg-type]
    states.check_move(Standing(state, **WHOLE), to, "A reason")  # type: ignore[arg-type]


def wilson(x: int, n: int, population: int) -> tuple[float, float]:
    """Wilson's interval with a finite population, written down anew in floats."""
    z, p = 1.959963984540054, x / n
    effective = n * (population - 1) / (population - n)
    middle = (p + z * z / (2 * effective)) / (1 + z * z / effective)
    half = z * sqrt(p * (1 - p) / effective + z * z / (4 * effective**2)) / (1 + z * z / effective)
    return (0.0 if x == 0 else middle - half), (1.0 if x == n else middle + half)


@pytest.mark.parametrize("yes", [0, 3, 7, 10])
def test_a_random_sample_has_its_interval_of_the_finite_frame(yes: int) -> None:
    sample = sampling.draw([f"H{n}" for n in range(40)], 10, seed="agreed")
    answers = [(ref, "yes" if n < yes else "no") for n, ref in enumerate(sample.refs)]
    made = results.tally(answers, "random", sample)
    assert made.estimate is not None
    interval = made.estimate.interval
    low, high = wilson(yes, 10, 40)
    assert interval.value == Decimal(yes) / 10
    assert float(interval.low or 0) == pytest.approx(low, abs=1e-9)
    assert float(interval.high or 0) == pytest.approx(high, abs=1e-9)


def test_partly_is_looked_at_and_not_confirmed_and_not_applicable_is_left_out() -> None:
    sample = sampling.draw([f"H{n}" for n in range(40)], 6, seed="agreed")
    said = ["yes", "yes", "partly", "no", "not applicable", ""]
    made = results.tally(zip(sample.refs, said, strict=True), "random", sample)
    assert (made.yes, made.base, made.answered) == (2, 4, 5)
    assert made.estimate is not None
    assert made.estimate.interval.value == Decimal("0.5")


def test_a_purposive_sample_says_that_it_has_no_interval() -> None:
    made = results.tally([("a", "yes"), ("b", "no")], "purposive")
    assert made.estimate is None
    assert made.said is results.NO_INTERVAL
    assert results.tally([("a", "yes")], "all").said is results.FULL


def test_what_is_answered_once_has_no_interval_and_no_words() -> None:
    made = results.tally([(None, "yes")], "random", sampling.draw(["a", "b"], 1, seed="x"))
    assert made.estimate is None
    assert made.said is None


AT = datetime(2026, 5, 4, 13, 30, tzinfo=UTC)


def lines(text: str) -> list[str]:
    """The lines of a calendar file, unfolded as a reader does it."""
    assert text.endswith("\r\n")
    return text.replace("\r\n ", "").split("\r\n")[:-1]


def test_a_calendar_holds_its_events_as_the_standard_wants() -> None:
    event = icalendar.Event(
        uid="one@kloe", start=AT, minutes=90, title="C1 Walk; with, signs \\ and\nlines",
        text="Ö" * 100, place="Tŷ Glas", url="http://localhost/x", sequence=3, changed=AT,
    )  # fmt: skip
    text = icalendar.calendar([event], name="Checks", now=AT)
    for line in text.split("\r\n"):
        assert len(line.encode()) <= 75
    found = dict(line.split(":", 1) for line in lines(text))
    assert found["DTSTART"] == "20260504T133000Z"
    assert found["DTEND"] == "20260504T150000Z"
    assert found["SUMMARY"] == "C1 Walk\\; with\\, signs \\\\ and\\nlines"
    assert found["DESCRIPTION"] == "Ö" * 100
    assert found["SEQUENCE"] == "3"
    assert lines(text)[0] == "BEGIN:VCALENDAR"
    assert lines(text)[-1] == "END:VCALENDAR"


def test_a_title_cannot_smuggle_lines_into_a_calendar() -> None:
    event = icalendar.Event("x", AT, 30, "A\r\nEND:VEVENT\rBEGIN:VALARM")
    text = icalendar.calendar([event], name="A\nB", now=AT)
    assert text.count("\r\nEND:VEVENT") == 1
    assert "\r\nBEGIN:VALARM" not in text
