"""What a link says of a placing, case by case, as an assessor would see it."""

from __future__ import annotations

import pytest

from kloe.assessment.agreement import Agreement, agreement, between_assessors
from kloe.assessment.positions import PAIRED, PLACED, PLACINGS, Position
from kloe.assessment.vocabulary import Direction
from kloe.frameworks.words import POLARITIES, SIDES

SHOWS, OTHERWISE = Direction.SHOWS.value, Direction.OTHERWISE.value
LETTER = {Agreement.AGREES: "A", Agreement.CONTRADICTS: "C", Agreement.NEUTRAL: "-"}


def row(direction: str, side: str, polarity: str, form: str = "paired") -> str:
    """A letter for each position of the form, best first."""
    return "".join(
        LETTER[agreement(direction, side, polarity, position)] for position in PLACINGS[form]
    )


@pytest.mark.parametrize(
    ("direction", "side", "polarity", "expected"),
    [
        # upper, between, lower, worse
        (SHOWS, "upper", "strength", "AACC"),
        (OTHERWISE, "upper", "strength", "CAAA"),
        (SHOWS, "upper", "possible", "AA--"),
        (OTHERWISE, "upper", "possible", "----"),
        (SHOWS, "lower", "fault", "CAAA"),
        (OTHERWISE, "lower", "fault", "AACC"),
        # An upper organisation may well have what is good in the lower column.
        (SHOWS, "lower", "strength", "-AAC"),
        # Not even that: worse than lower.
        (OTHERWISE, "lower", "strength", "CCCA"),
        (SHOWS, "lower", "mixed", "CAA-"),
        (OTHERWISE, "lower", "mixed", "--C-"),
        (SHOWS, "lower", "possible", "-AAA"),
        (OTHERWISE, "lower", "possible", "----"),
    ],
)
def test_paired(direction: str, side: str, polarity: str, expected: str) -> None:
    assert row(direction, side, polarity) == expected


@pytest.mark.parametrize("polarity", ["strength", "fault", "mixed"])
def test_one_sided(polarity: str) -> None:
    # met, in part, not met
    assert row(SHOWS, "upper", polarity, "upper only") == "AAC"
    assert row(OTHERWISE, "upper", polarity, "upper only") == "CAA"
    # not so, in part, so
    assert row(SHOWS, "lower", polarity, "lower only") == "CAA"
    assert row(OTHERWISE, "lower", polarity, "lower only") == "AAC"


def test_possible_on_one_side_contradicts_nothing() -> None:
    assert row(SHOWS, "upper", "possible", "upper only") == "AA-"
    assert row(SHOWS, "lower", "possible", "lower only") == "-AA"
    assert row(OTHERWISE, "upper", "possible", "upper only") == "---"
    assert row(OTHERWISE, "lower", "possible", "lower only") == "---"


def test_context_and_open_positions_are_neutral() -> None:
    for side in SIDES:
        for polarity in POLARITIES:
            for position in PAIRED:
                found = agreement(Direction.CONTEXT.value, side, polarity, position)
                assert found is Agreement.NEUTRAL
            for position in (*(set(Position) - PLACED), None):
                assert agreement(SHOWS, side, polarity, position) is Agreement.NEUTRAL


def test_as_the_snapshot_has_it() -> None:
    assert Agreement.AGREES.as_bool() is True
    assert Agreement.CONTRADICTS.as_bool() is False
    assert Agreement.NEUTRAL.as_bool() is None


def test_assessors() -> None:
    a = between_assessors("paired", {"x": "upper", "y": "lower", "z": "between", "q": ""})
    assert (a.placed, a.unplaced, a.apart, a.agree) == (3, 0, 2, False)
    a = between_assessors("paired", {"x": "upper", "y": "upper"})
    assert a.agree
    a = between_assessors("paired", {"x": "upper", "y": "cannot-tell"})
    assert (a.apart, a.agree) == (0, False)
    assert between_assessors("lower only", {"x": "so", "y": "not-so"}).apart == 2
    assert between_assessors("paired", {}).agree
    assert between_assessors("paired", {"x": "cannot-tell"}).agree
