"""Claims ranked, gaps in words, a timetable built: the pure rules of an inspection."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kloe.assessment import claims
from kloe.assessment.claims import Said, rank
from kloe.assessment.gap import gap
from kloe.assessment.permissions import (
    ORGANISATION_ROLES,
    ROLE_NAMES,
    ROLE_PERMISSIONS,
    ROLE_WORDS,
    STAGE_LIMITS,
    TEAM_ROLES,
    Permission,
    Role,
    permissions_at,
    permissions_of,
)
from kloe.assessment.positions import PLACINGS, Position
from kloe.assessment.timetable import Hours, Task, propose, working_days
from kloe.assessment.vocabulary import EvidenceKind
from kloe.assessment.vocabulary import InspectionStage as Stage

DAYS = working_days(date(2026, 6, 1), date(2026, 6, 5))


# Claims --------------------------------------------------------------------------------------


def test_the_boldest_with_the_weakest_proof_come_first() -> None:
    proven = Said("t/proven", "upper", kinds=("document", "data", "tenant voice"), enough=True)
    bare = Said("t/bare", "upper", reason="We do.")
    sweeping = Said("t/sweeping", "upper", reason="Every tenant, always.")
    modest = Said("t/modest", "between", reason="Mostly.")
    poor = Said("t/poor", "lower", reason="We do not.")
    order = [c.said.criterion for c in rank([proven, modest, poor, bare, sweeping])]
    assert order == ["t/sweeping", "t/bare", "t/modest", "t/proven"]


def test_what_the_numbers_are_made_of() -> None:
    said = Said(
        "t/c",
        "met",
        reason="All of them.",
        strengths=("Good.",),
        kinds=("document",),
        decisive=("tenant voice",),
    )
    assert claims.boldness_of(said)[0] == 4 + 1 + 1
    assert claims.proof_of(said)[0] == 1
    assert claims.proof_of(Said("t/c", "met", kinds=("data", "document"), enough=True))[0] == 5
    assert claims.proof_of(Said("t/c", "met", kinds=("data",), contradicted=True))[0] == 0


@pytest.mark.parametrize("words", ["every home", "We NEVER refuse", "100 % done", "pob tenant"])
def test_words_without_exception_are_bold(words: str) -> None:
    assert claims.boldness_of(Said("c", "upper", reason=words))[0] == 5


@pytest.mark.parametrize("words", ["allowed", "neverending", "everyday"])
def test_words_that_only_look_so_are_not(words: str) -> None:
    assert claims.boldness_of(Said("c", "upper", reason=words))[0] == 4


SAIDS = st.builds(
    Said,
    criterion=st.text(min_size=1, max_size=5),
    position=st.sampled_from([*[p.value for p in Position], "", "nonsense"]),
    reason=st.text(max_size=20),
    strengths=st.lists(st.text(max_size=10), max_size=2).map(tuple),
    kinds=st.lists(st.sampled_from([k.value for k in EvidenceKind]), max_size=5).map(tuple),
    enough=st.booleans(),
    contradicted=st.booleans(),
    order=st.integers(0, 9),
)


@given(st.lists(SAIDS, max_size=8))
def test_the_order_is_total_and_within_its_bounds(said: list[Said]) -> None:
    found = rank(said)
    assert [c.gap for c in found] == sorted((c.gap for c in found), reverse=True)
    assert all(2 <= c.boldness <= 6 and 0 <= c.proof <= 6 and c.why for c in found)
    assert {c.said for c in found} == {s for s in said if claims.boldness_of(s)[0] >= 2}
    assert [c.said for c in rank(said)] == [c.said for c in found]


# The gap -------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", PLACINGS)
def test_the_gap_counts_steps_and_says_who_is_higher(form: str) -> None:
    order = PLACINGS[form]
    for (a, theirs), (b, ours) in product(enumerate(order), enumerate(order)):
        found = gap(form, theirs.value, ours.value)
        assert found.steps == b - a
        words = str(found.words)
        assert ("higher" in words, "lower." in words or "lower" in words) == (b > a, b < a)
        assert ("1 step " in words) == (abs(b - a) == 1)


def test_the_gap_without_one_of_the_two() -> None:
    assert "Neither" in str(gap("paired", "", "").words)
    assert "did not place" in str(gap("paired", "", "upper").words)
    assert "have not placed" in str(gap("paired", "upper", "").words)
    assert gap("paired", "upper", "cannot-tell").steps is None
    assert "cannot tell" in str(gap("paired", "upper", "cannot-tell").words)
    assert "Both say" in str(gap("paired", "not-applicable", "not-applicable").words)


# The timetable -------------------------------------------------------------------------------


def task(key: str, *people: str, minutes: int = 60) -> Task:
    return Task(key, key, people, minutes)


def test_working_days_leave_the_weekend_out() -> None:
    found = working_days(date(2026, 6, 5), date(2026, 6, 8))
    assert [d.isoformat() for d in found] == ["2026-06-05", "2026-06-08"]
    assert working_days(date(2026, 6, 8), date(2026, 6, 5)) == []


def test_different_people_work_at_once_and_one_after_the_other() -> None:
    found = propose([task("a", "ann"), task("b", "ben"), task("c", "ann")], DAYS)
    starts = {s.task.key: (s.day, s.start) for s in found.slots}
    assert starts["a"] == starts["b"] == (DAYS[0], time(9, 30))
    assert starts["c"] == (DAYS[0], time(10, 45))


def test_what_fits_nowhere_is_left_over() -> None:
    found = propose([task("long", "ann", minutes=24 * 60), task("b", "ann")], DAYS[:1])
    assert [t.key for t in found.left] == ["long"]
    assert [s.task.key for s in found.slots] == ["b"]


TASKS = st.lists(
    st.builds(
        Task,
        key=st.text(min_size=1, max_size=3),
        what=st.just("x"),
        people=st.lists(st.sampled_from("abc"), unique=True, max_size=2).map(tuple),
        minutes=st.sampled_from([30, 60, 90, 120, 400]),
    ),
    max_size=20,
)


@given(TASKS, TASKS)
def test_nobody_is_in_two_places_nor_works_through_lunch(
    first: list[Task], second: list[Task]
) -> None:
    before = propose(first, DAYS[:2])
    after = propose(second, DAYS[:2], taken=before.slots)
    assert len(after.slots) + len(after.left) == len(second)
    hours = Hours()
    both = [*before.slots, *after.slots]
    for slot in both:
        assert hours.start <= slot.start < slot.end <= hours.end
        assert slot.end <= hours.lunch_start or slot.start >= hours.lunch_end
        length = datetime.combine(slot.day, slot.end) - datetime.combine(slot.day, slot.start)
        assert length == timedelta(minutes=slot.task.minutes)
    for one, other in combinations(both, 2):
        if set(one.task.people) & set(other.task.people) and one.day == other.day:
            assert one.end <= other.start or other.end <= one.start


# Roles ---------------------------------------------------------------------------------------


def test_every_role_has_a_name_words_and_permissions() -> None:
    for role in Role:
        assert role in ROLE_NAMES
        assert role in ROLE_WORDS
        assert ROLE_PERMISSIONS[role]
    assert set(ORGANISATION_ROLES) | set(TEAM_ROLES) == set(Role)


def test_nothing_of_an_organisation_comes_with_a_role_in_a_team() -> None:
    for role in TEAM_ROLES:
        got = ROLE_PERMISSIONS[role]
        assert Permission.ORGANISATION_VIEW not in got, role
        assert Permission.ASSESSMENT_CREATE not in got, role
        assert Permission.RECORDS_LOAD not in got, role


def test_no_stage_gives_what_a_role_does_not_have() -> None:
    for role, stage in product(Role, Stage):
        assert permissions_at(stage.value, team=role.value) <= permissions_of(role.value)


def test_outside_inspections_roles_add_up_and_inside_the_teams_decides() -> None:
    assert permissions_at("", team="reader", member=("lead",)) == permissions_of("lead", "reader")
    inside = permissions_at("fieldwork", team="observer", member=("administrator",))
    assert inside == permissions_of("observer")
    assert permissions_at("", team=None) == frozenset()


def test_every_limit_closes_something_for_somebody() -> None:
    for limit in STAGE_LIMITS:
        roles = limit.roles or tuple(Role)
        assert any(limit.permissions & ROLE_PERMISSIONS[r] for r in roles)
        assert set(limit.stages) < set(Stage)
