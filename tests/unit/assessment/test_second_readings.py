"""Why a blind second reading is asked for, and how wide a difference is."""

from __future__ import annotations

import pytest

from kloe.assessment.readings import (
    CONTESTS,
    THEME_CONTESTED_FROM,
    Facts,
    contests,
    reasons,
    width,
    words_of,
)


@pytest.mark.parametrize(
    ("facts", "wanted"),
    [
        (Facts("paired"), ()),
        (Facts("paired", contradicted=True), ("evidence",)),
        (Facts("paired", theirs="between", theirs_contradicted=True), ("own-evidence",)),
        (Facts("paired", theirs="upper", off=1, on=2), ("figures-worse",)),
        (Facts("paired", theirs="upper", on=2), ()),
        (Facts("paired", theirs="between", off=1), ()),
        (Facts("paired", theirs="lower", on=1), ("figures-better",)),
        (Facts("paired", theirs="lower", on=1, off=1), ()),
        (Facts("upper only", theirs="not-met", on=1), ("figures-better",)),
        (Facts("lower only", theirs="not-so", off=1), ("figures-worse",)),
        (Facts("paired", theirs="upper", ours="lower"), ("team",)),
        (Facts("paired", theirs="upper", ours="between"), ()),
        (Facts("paired", theirs="upper", ours="conflicting"), ()),
    ],
)
def test_what_contests_a_criterion(facts: Facts, wanted: tuple[str, ...]) -> None:
    assert contests(facts) == wanted


def test_each_contest_is_reached_by_a_case_above() -> None:
    marks = test_what_contests_a_criterion.pytestmark[0].args[1]  # type: ignore[attr-defined]
    assert {c.key for c in CONTESTS} == {key for _facts, keys in marks for key in keys}


def test_a_theme_with_several_contested_criteria_is_contested_as_a_whole() -> None:
    facts = {f"c{n}": Facts("paired", contradicted=n < THEME_CONTESTED_FROM) for n in range(4)}
    found = reasons(facts, limits={})
    assert found["c0"] == ("contested:evidence",)
    assert found["c3"] == ("contested theme",)
    one = reasons({**facts, "c0": Facts("paired")}, limits={})
    assert set(one) == {"c1"}


def test_every_reason_is_said_in_order() -> None:
    found = reasons(
        {"c0": Facts("paired", contradicted=True), "c1": Facts("paired")},
        limits={"c0": "gas"},
        sampled=["c0", "c1"],
    )
    assert found == {
        "c0": ("limit:gas", "contested:evidence", "calibration sample"),
        "c1": ("calibration sample",),
    }
    assert all(str(words_of(reason)).endswith(".") for why in found.values() for reason in why)


def test_an_open_placing_lies_between_one_step_and_two() -> None:
    said = [("upper", "upper"), ("upper", "between"), ("upper", "conflicting"), ("upper", "lower")]
    widths = [width("paired", {"a": one, "b": other}) for one, other in said]
    assert widths == sorted(widths)
    assert len(set(widths)) == len(widths)
