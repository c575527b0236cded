"""Counting placings: what is in scope, placed, open, and by form."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
from assessment_ground import framework, kloe, place, rules, theme

from kloe.assessment.positions import PLACINGS, Position
from kloe.assessment.profile import (
    GradeSpread,
    Profile,
    best_level,
    level_of,
    merged,
    position_of,
    profile_of,
    spread_of,
)
from kloe.core.errors import InvalidInput

FORMS = ("paired", "paired", "paired", "paired", "upper only", "upper only", "lower only")
T = theme("1/1", FORMS)


def test_counts_by_position_and_form() -> None:
    placings = place(T, "upper", "conflicting", "cannot-tell", "not-applicable", "met", "", "so")
    p = profile_of(T.criteria, placings)
    assert p.total == 7
    assert p.not_applicable == 1
    assert p.in_scope == 6
    assert p.placed == 3
    assert p.conflicting == 1
    assert p.cannot_tell == 1
    assert p.coverage == Fraction(1, 2)
    assert p.unsaid == (T.criteria[5].id,)
    assert p[Position.UPPER] == 1
    assert p[Position.LOWER] == 0
    assert p.forms == {
        "paired": {
            Position.UPPER: 1,
            Position.CONFLICTING: 1,
            Position.CANNOT_TELL: 1,
            Position.NOT_APPLICABLE: 1,
        },
        "upper only": {Position.MET: 1},
        "lower only": {Position.SO: 1},
    }


def test_not_applicable_leaves_the_base_and_doubt_does_not() -> None:
    T2 = theme("1/1", ("paired", "paired"))
    assert profile_of(T2.criteria, place(T2, "upper", "not-applicable")).coverage == 1
    assert profile_of(T2.criteria, place(T2, "upper", "cannot-tell")).coverage == Fraction(1, 2)
    assert profile_of(T2.criteria, place(T2, "not-applicable", "not-applicable")).coverage == 0
    assert profile_of(T2.criteria, {}).coverage == 0


def test_placings_of_other_themes_are_left_aside() -> None:
    assert profile_of(T.criteria, {"elsewhere": "upper"}).placed == 0


def test_a_position_the_form_does_not_offer_is_refused() -> None:
    with pytest.raises(InvalidInput, match="It offers: upper, between"):
        position_of(T.criteria[0], "met")
    with pytest.raises(InvalidInput):
        position_of(T.criteria[0], "nonsense")
    assert position_of(T.criteria[0], "") is None
    assert position_of(T.criteria[0], None) is None


def test_words() -> None:
    p = profile_of(T.criteria, place(T, "upper", "upper", "lower", "", "partly-met"))
    assert str(p.words()) == (
        "Placed: 4 of 7 criteria in scope (2 upper, 1 lower and 1 met in part)."
    )
    assert str(profile_of(T.criteria, {}).words()) == "Placed: none of 7 criteria in scope."
    nothing = profile_of(T.criteria[:1], {T.criteria[0].id: "not-applicable"})
    assert str(nothing.words()) == "No criterion is in scope."


def test_json_and_back() -> None:
    p = profile_of(T.criteria, place(T, "upper", "conflicting", "", "", "met"))
    stored = json.loads(json.dumps(p.to_json()))
    assert Profile.from_json(stored) == p
    assert stored["placed"] == 2
    assert stored["in_scope"] == 7
    s = spread_of([4, 2, 4], ["x"])
    assert GradeSpread.from_json(json.loads(json.dumps(s.to_json()))) == s
    assert s.ranks == {4: 2, 2: 1}
    assert s.coverage == Fraction(3, 4)


def test_merged_is_the_profile_of_all() -> None:
    other = theme("1/2", ("paired", "lower only"))
    placings = place(T, "upper", "lower", "", "worse") | place(other, "upper", "not-so")
    one = merged(profile_of(t.criteria, placings) for t in (T, other))
    assert one == profile_of((*T.criteria, *other.criteria), placings)


def test_levels_follow_the_rules_for_every_position() -> None:
    found = {
        (form, position.value): level_of(rules(), form, position)
        for form, positions in PLACINGS.items()
        for position in positions
    }
    assert found == {
        ("paired", "upper"): 4,
        ("paired", "between"): 3,
        ("paired", "lower"): 2,
        ("paired", "worse"): 1,
        ("upper only", "met"): 4,
        ("upper only", "partly-met"): 3,
        ("upper only", "not-met"): 2,
        ("lower only", "not-so"): 3,
        ("lower only", "partly-so"): 3,
        ("lower only", "so"): 2,
    }
    assert level_of(rules(), "paired", Position.CONFLICTING) is None
    assert level_of(rules(), "paired", None) is None
    # The absence of a fault is never excellence.
    assert best_level(rules(), "lower only") == 3


def test_spread_words_use_the_scale() -> None:
    scale = framework([kloe("1", [T])]).scales["service"]
    assert str(spread_of([4, 3, 3], ["x"]).words(scale)) == (
        "Graded: 3 of 4 (1 “Excellent” and 2 “Good”)."
    )
    assert str(spread_of([], ["x"]).words(scale)) == "Graded: none of 1."
    assert spread_of([]).coverage == 0
