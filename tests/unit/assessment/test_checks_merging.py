"""Two people's changes to one thing of a check: merged where they do not touch, else shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from kloe.assessment.checks.merging import CLOSE, TOGETHER, Moment, Whose, merge, moment

ENTRY, OUTCOME = TOGETHER["entry"], TOGETHER["outcome"]
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def entry(answer: str, note: str = "") -> dict[str, str]:
    return {"answer": answer, "note": note}


def outcome(**changes: str) -> dict[str, str]:
    return {"result": "", "conclusion": "", "notes": "", "done_on": ""} | changes


def test_what_only_one_of_them_changed_is_that_persons() -> None:
    base = entry("", "")
    mine = merge(base, base, entry("yes", "dry"), ENTRY)
    assert (mine.values, mine.open) == (entry("yes", "dry"), ())
    theirs = merge(base, entry("no"), base, ENTRY)
    assert (theirs.values, theirs.open) == (entry("no"), ())


def test_an_answer_is_never_taken_from_one_and_its_note_from_the_other() -> None:
    merged = merge(entry("yes"), entry("no"), entry("yes", "dry throughout"), ENTRY)
    assert merged.open == ("answer", "note")
    assert merged.values == entry("no"), "what stands stays until somebody chooses"


def test_different_parts_of_a_conclusion_are_joined() -> None:
    merged = merge(
        outcome(),
        outcome(notes="Rang twice."),
        outcome(result="mixed", conclusion="Half of them."),
        OUTCOME,
    )
    assert merged.open == ()
    assert merged.values == outcome(result="mixed", conclusion="Half of them.", notes="Rang twice.")
    assert merged.whose[("result", "conclusion")] is Whose.MINE
    assert merged.whose[("notes",)] is Whose.THEIRS
    assert merged.whose[("done_on",)] is Whose.NOBODY


def test_one_part_in_question_leaves_the_others_joined() -> None:
    merged = merge(
        outcome(),
        outcome(result="confirms", conclusion="Yes."),
        outcome(result="mixed", conclusion="Half.", done_on="2026-03-01"),
        OUTCOME,
    )
    assert merged.open == ("result", "conclusion")
    assert merged.values == outcome(result="confirms", conclusion="Yes.", done_on="2026-03-01")


def test_the_same_change_made_twice_is_no_conflict() -> None:
    merged = merge(entry(""), entry("no", "damp"), entry("no", "damp"), ENTRY)
    assert (merged.open, merged.whose[ENTRY[0]]) == ((), Whose.BOTH)


@pytest.mark.parametrize("kind", TOGETHER)
def test_against_a_plain_recomputation_of_every_small_case(kind: str) -> None:
    """Every combination of two words in every field, held to the rule said in another way."""
    groups = TOGETHER[kind]
    fields = [f for group in groups for f in group]
    versions = [dict(zip(fields, said, strict=True)) for said in product("ab", repeat=len(fields))]
    for base, theirs, mine in product(versions[:4], versions, versions):
        merged = merge(base, theirs, mine, groups)
        for group in groups:
            i_did = any(mine[f] != base[f] for f in group)
            they_did = any(theirs[f] != base[f] for f in group)
            differ = any(mine[f] != theirs[f] for f in group)
            for name in group:
                assert (name in merged.open) == (i_did and they_did and differ)
                wanted = mine if i_did and not they_did else theirs
                assert merged.values[name] == wanted[name]


def test_a_clock_that_is_right_is_believed() -> None:
    made = NOON - timedelta(hours=5)
    assert moment(made, NOON - timedelta(seconds=40), NOON) == Moment(made)
    assert moment(made, NOON + CLOSE - timedelta(seconds=1), NOON) == Moment(made)


@pytest.mark.parametrize("off", [timedelta(hours=3), -timedelta(days=400), timedelta(minutes=2)])
def test_a_clock_that_is_wrong_is_put_right_by_what_it_says_when_sending(off: timedelta) -> None:
    truly = NOON - timedelta(hours=5)
    assert moment(truly + off, NOON + off, NOON) == Moment(truly, off)


def test_nothing_was_written_after_it_came_in() -> None:
    later = NOON + timedelta(hours=1)
    assert moment(later, NOON, NOON).at == NOON
    assert moment(later, None, NOON).at == NOON


def test_a_time_that_is_none_stays_none() -> None:
    assert moment(None, NOON, NOON) == Moment(None)
    ends = datetime(1, 1, 2, tzinfo=UTC)
    assert moment(ends, NOON + timedelta(days=9), NOON).at is None
