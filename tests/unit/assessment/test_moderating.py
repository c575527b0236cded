"""The pure rules of moderation: open questions, limits that hold, who may what."""

from __future__ import annotations

import pytest

from kloe.assessment import moderating
from kloe.assessment.limits import AppliedLimit
from kloe.assessment.moderating import ACTS, STATES, Act, State
from kloe.assessment.permissions import ROLE_PERMISSIONS, Permission, Role, permissions_at
from kloe.assessment.vocabulary import InspectionStage as Stage
from kloe.core.messages import Text


@pytest.mark.parametrize(
    ("acts", "n"),
    [
        ([], 0),
        (["proposed"], 0),
        (["proposed", "asked"], 1),
        (["asked", "asked"], 2),
        (["asked", "answered"], 0),
        (["asked", "changed", "asked"], 1),
        (["asked", "reworded"], 1),
        (["asked", "overrode", "restored"], 1),
        (["asked", "agreed"], 0),
        (["asked", "reopened", "proposed"], 0),
    ],
)
def test_questions_stay_open_until_they_are_settled(acts: list[str], n: int) -> None:
    assert moderating.questions_open(acts) == n


def limit(id: str, rank: int, stands: str = "Lower") -> AppliedLimit:
    text = Text({"en": "Text"})
    return AppliedLimit(id, rank, text, text, text, "a/1/1/x", text, Text({"en": stands}))


def test_a_limit_holds_what_is_above_it_unless_it_is_overridden_for_its_fact() -> None:
    low, high = limit("low", 1), limit("high", 3)
    assert moderating.holding([low, high], 2, {}) == (low,)
    assert moderating.holding([low, high], 4, {}) == (low, high)
    passed = {"low": moderating.fact_of(low)}
    assert moderating.holding([low, high], 4, passed) == (high,)
    worse = limit("low", 1, "Worse than lower")
    assert moderating.holding([worse], 2, passed) == (worse,)
    assert moderating.holding([limit("low", 0)], 2, passed)


def test_everything_has_its_words() -> None:
    assert set(ACTS) == set(Act)
    assert set(STATES) == set(State)


def test_moderators_agree_and_do_not_propose() -> None:
    moderator = ROLE_PERMISSIONS[Role.MODERATOR]
    assert Permission.MODERATE in moderator
    assert not moderator & {Permission.PROPOSE, Permission.JUDGE, Permission.RATE}
    others = [r for r in Role if r is not Role.MODERATOR]
    assert not any(Permission.MODERATE in ROLE_PERMISSIONS[r] for r in others)


@pytest.mark.parametrize("stage", list(Stage))
def test_grades_rest_from_factual_accuracy_on(stage: Stage) -> None:
    order = list(Stage)
    early = order.index(stage) <= order.index(Stage.MODERATION)
    lead = permissions_at(stage, team="lead inspector")
    moderator = permissions_at(stage, team="moderator")
    assert (Permission.PROPOSE in lead) == early
    assert (Permission.MODERATE in moderator) == early


def test_a_limit_keeps_its_day_as_json() -> None:
    from dataclasses import replace
    from datetime import date

    dated = replace(limit("low", 1), since=date(2026, 5, 4))
    assert AppliedLimit.from_json(dated.to_json()) == dated
    old = dated.to_json()
    del old["since"]
    assert AppliedLimit.from_json(old).since is None
