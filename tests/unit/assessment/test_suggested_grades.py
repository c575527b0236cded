"""Suggested grades, each worked out by hand from the rules of ``assessment_ground``.

Theme: excellent needs 75% of paired and upper-only criteria at level 4, at most 10% at level
2 or lower, none at 1; good needs 60% of them at level 3, at most 10% at 1; fair at most 25%
at 1. Grades: 60% at the grade and none more than one below.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from assessment_ground import (
    ID,
    at_least,
    criterion,
    framework,
    kloe,
    ladder,
    limit,
    none_at,
    place,
    rules,
    said,
    theme,
    under,
)

from kloe.assessment.grading import suggest_judgement, suggest_kloe, suggest_theme
from kloe.assessment.suggestion import Suggestion
from kloe.core.errors import InvalidInput, NotFound
from kloe.frameworks.model import Framework, Theme

PAIRED = ("paired",) * 8


def one(t: Theme, *positions: str, limits: Any = (), **more: Any) -> Suggestion:
    f = framework([kloe("1", [t])], rules(limits=limits, **more))
    return suggest_theme(f, t, place(t, *positions))


@pytest.mark.parametrize(
    ("positions", "grade"),
    [
        # 6 of 8 upper is 75%; the other two between: nothing at level 2.
        (["upper"] * 6 + ["between"] * 2, "excellent"),
        # One lower of 8 is 12.5%, over 10%.
        (["upper"] * 7 + ["lower"], "good"),
        (["upper"] * 5 + ["between"] * 3, "good"),
        # 5 of 8 at level 3 or better is 62.5%; 4 of 8 is too few.
        (["between"] * 5 + ["lower"] * 3, "good"),
        (["between"] * 4 + ["lower"] * 4, "fair"),
        (["lower"] * 8, "fair"),
        # One worse of 8 is over 10% and under 25%; two are 25%, three too many.
        (["upper"] * 7 + ["worse"], "fair"),
        (["upper"] * 6 + ["worse"] * 2, "fair"),
        (["upper"] * 5 + ["worse"] * 3, "poor"),
    ],
)
def test_theme_by_hand(positions: list[str], grade: str) -> None:
    s = one(theme("1/1", PAIRED), *positions)
    assert s.grade == grade
    assert s.uncapped == grade
    assert str(s.label) == grade.title()
    assert s.rule == f"{ID}/rules/service/theme/{grade}"
    assert not s.short


def test_below_least_coverage_counts_and_no_grade() -> None:
    t = theme("1/1", PAIRED)
    s = one(t, "upper", "upper", "upper", "upper", "conflicting", "cannot-tell")
    assert s.grade is None
    assert s.label is None
    assert s.rule == ""
    assert s.profile.placed == 4  # type: ignore[union-attr]
    assert said(s.short) == (
        "Placed: 4 of 8 criteria; a grade is suggested from 60% on. Place 1 more.\n"
        "Not counted as placed: 1 conflicting, 1 where one cannot tell."
    )
    assert not s.why_not_higher
    # Exactly enough: 3 of 5, since three leave the base.
    gone = ["not-applicable"] * 3
    assert one(t, "upper", "upper", "", "", "upper", *gone).grade == "excellent"
    assert one(t, "upper", "upper", "", "", "", *gone).grade is None


def test_all_not_applicable_gives_no_grade() -> None:
    s = one(theme("1/1", ("paired",)), "not-applicable")
    assert s.grade is None
    assert "No criterion is in scope" in said(s.short)


def test_not_so_is_never_excellence() -> None:
    t = theme("1/1", ("lower only",) * 4)
    assert one(t, *["not-so"] * 4).grade == "fair"
    s = one(theme("1/1", ("paired", "lower only", "lower only")), "upper", "not-so", "not-so")
    assert s.grade == "excellent"


def test_why_not_higher_says_figures_and_who_is_in_the_way() -> None:
    t = theme("1/1", (*PAIRED, "lower only"))
    s = one(t, *["upper"] * 4, *["between"] * 3, "lower", "so")
    assert s.grade == "good"
    assert [str(m) for m in s.why_not_higher] == [
        "For “Excellent”, at least 75% of the criteria placed that have an upper column must be "
        "like the upper column: 6 of 8. Now: 4; 2 must get better. In the way: "
        "Aspect c07 (Lower), Aspect c04 (Between), Aspect c05 (Between) and "
        "Aspect c06 (Between).",
        "For “Excellent”, at most 10% of the criteria placed may be like the lower column or "
        "worse: 0 of 9. Now: 2; 2 must get better. In the way: Aspect c07 (Lower) and "
        "Aspect c08 (So).",
    ]
    keys = [id.rpartition("/")[2] for id in s.holding_back]
    assert keys == ["c07", "c04", "c05", "c06", "c08"]


def test_a_criterion_that_cannot_help_is_not_named() -> None:
    # Level 4 asked of all forms: one with a lower column only cannot get there.
    steep = ladder((at_least("1/1", 4),), (none_at(1),), (none_at(1),))
    t = theme("1/1", ("paired", "lower only"))
    s = one(t, "between", "partly-so", theme=steep)
    assert s.grade == "good"
    assert "would not be enough by itself" in said(s.why_not_higher)
    assert [id.rpartition("/")[2] for id in s.holding_back] == ["c00"]


def test_why_not_lower_says_how_much_there_is_to_spare() -> None:
    s = one(theme("1/1", PAIRED), *["between"] * 6, "lower", "lower")
    assert [str(m) for m in s.why_not_lower] == [
        "For “Good”, at least 60% of the criteria placed that have an upper column must be "
        "between the columns or better: 5 of 8. Now: 6: met, with 1 to spare.",
        "For “Good”, at most 10% of the criteria placed may be worse than the lower column: "
        "0 of 8. Now: 0: met, with none to spare.",
    ]
    assert "lowest grade" in said(one(theme("1/1", PAIRED), *["worse"] * 8).why_not_lower)
    assert "highest grade of the scale" in said(
        one(theme("1/1", PAIRED), *["upper"] * 8).why_not_higher
    )


def test_share_under_is_strict() -> None:
    strict = ladder((under("1/2", 2),), (under("3/4", 2),), (none_at(1),))
    t = theme("1/1", ("paired",) * 4)
    assert one(t, "upper", "upper", "upper", "lower", theme=strict).grade == "excellent"
    s = one(t, "upper", "upper", "lower", "lower", theme=strict)
    assert s.grade == "good"
    assert said(s.why_not_higher) == (
        "For “Excellent”, fewer than 50% of the criteria placed may be like the lower column or "
        "worse. Now: 2 of 4; 1 must get better. In the way: Aspect c02 (Lower) and "
        "Aspect c03 (Lower)."
    )


def test_no_positions_of_a_form_reach_no_share() -> None:
    s = one(theme("1/1", ("lower only", "lower only")), "not-so", "not-so")
    assert s.grade == "fair"
    assert "there are none yet" in said(s.why_not_higher)


def test_of_nothing_nothing_is_to_spare() -> None:
    strict = ladder((at_least("1/1", 4),), (under("1/2", 2, "paired"),), (none_at(1),))
    s = one(theme("1/1", ("upper only",)), "not-met", theme=strict)
    assert s.grade == "good"
    assert said(s.why_not_lower) == (
        "For “Good”, fewer than 50% of the paired criteria placed may be like the lower column or "
        "worse. Now: 0 of 0: met, with none to spare."
    )


# Value for money

VFM = theme(
    "1/1",
    [("paired", "cost")] * 4 + [("paired", "quality")] * 4,
    strand="value for money",
)


def test_value_for_money_takes_the_lower_side_and_never_averages() -> None:
    s = one(VFM, *["upper"] * 4, *["lower"] * 4)
    assert s.grade == "fair"
    assert [(side.key, side.grade) for side in s.sides] == [
        ("cost", "excellent"),
        ("quality", "fair"),
    ]
    assert "On cost alone it comes to “Excellent”." in said(s.why)
    assert "On quality alone it comes to “Fair”." in said(s.why)
    assert "The lower stands. Both have to be known." in said(s.why)
    assert all(str(m).startswith("On quality:") for m in s.why_not_higher)
    assert {id[-3:] for id in s.holding_back} == {"c04", "c05", "c06", "c07"}
    assert "On cost alone it would be “Excellent”." in said(s.why_not_lower)
    # Taken together the same placings would have come to less than the better side, too.
    assert one(VFM, *["lower"] * 4, *["upper"] * 4).grade == "fair"


def test_value_for_money_needs_both_sides_known() -> None:
    # 5 of 8 are placed, over 60%; of quality only one of four, under half.
    s = one(VFM, *["upper"] * 4, "upper")
    assert s.grade is None
    assert [side.grade for side in s.sides] == ["excellent", None]
    assert said(s.short) == (
        "Placed on quality: 1 of 4 criteria; a grade is suggested from 50% on. Place 1 more."
    )
    s = one(VFM, *["upper"] * 4, *["not-applicable"] * 4)
    assert s.grade is None
    assert "On quality no criterion is in scope, and both sides are weighed" in said(s.short)


def test_a_criterion_that_names_no_side_counts_on_both() -> None:
    t = theme(
        "1/1",
        [("paired", "cost"), ("paired", "quality"), ("paired", None)],
        strand="value for money",
    )
    s = one(t, "upper", "upper", "lower")
    assert [side.profile.placed for side in s.sides] == [2, 2]
    assert s.grade == "fair"


# Limits


def test_a_criterion_limit_caps_its_theme() -> None:
    t = theme("1/1", PAIRED)
    cap = limit("gas", "criterion", "1/1/c07", 1, caps="theme", caps_id="1/1", grade="poor")
    s = one(t, *["upper"] * 7, "worse", limits=[cap])
    assert s.uncapped == "fair"
    assert s.grade == "poor"
    assert s.capped
    assert [(a.id, a.rank) for a in s.limits] == [("gas", 1)]
    assert said(s.why_not_higher) == (
        "A limit holds it at “Poor”: Reason gas. Aspect c07: Worse than lower. Source: Source gas."
    )
    assert s.holding_back[0].endswith("c07")
    assert "lowest grade" in said(s.why_not_lower)
    s = one(t, *["upper"] * 7, "lower", limits=[cap])
    assert s.grade == "good"
    assert not s.limits


def test_a_limit_that_lowers_nothing_is_listed_but_no_reason() -> None:
    t = theme("1/1", PAIRED)
    cap = limit("x", "criterion", "1/1/c07", 2, caps="theme", caps_id="1/1", grade="good")
    s = one(t, *["lower"] * 8, limits=[cap])
    assert s.grade == "fair"
    assert [a.id for a in s.limits] == ["x"]
    assert "limit" not in said(s.why) + said(s.why_not_higher)
    # At the very grade it stands in the way of the next one.
    s = one(t, *["upper"] * 7, "lower", limits=[cap])
    assert s.grade == "good"
    assert not s.capped
    assert "A limit holds it at “Good”" in said(s.why_not_higher)
    assert "For “Excellent”" in said(s.why_not_higher)


def test_a_limit_is_known_even_below_least_coverage() -> None:
    t = theme("1/1", PAIRED)
    cap = limit("gas", "criterion", "1/1/c00", 1, caps="theme", caps_id="1/1", grade="poor")
    s = one(t, "worse", limits=[cap])
    assert s.grade is None
    assert [a.id for a in s.limits] == ["gas"]


@pytest.mark.parametrize(
    ("position", "untested"),
    [("", True), ("conflicting", True), ("cannot-tell", True), ("not-applicable", False)],
)
def test_what_is_not_placed_sets_no_limit_off_but_is_said(position: str, untested: bool) -> None:
    t = theme("1/1", PAIRED)
    cap = limit("gas", "criterion", "1/1/c07", 4, caps="theme", caps_id="1/1", grade="poor")
    s = one(t, *["upper"] * 7, position, limits=[cap])
    assert s.grade == "excellent"
    assert ("Not tested yet: Aspect c07 may hold it at “Poor”" in said(s.notes)) is untested


# From themes to a KLOE, from KLOEs to the judgement


def three() -> tuple[Framework, list[Theme]]:
    themes = [theme(f"1/{n}", PAIRED) for n in range(1, 6)]
    caps = [
        limit("t", "theme", "1/5", 2, below="fair", caps="kloe", caps_id="1", grade="fair"),
        limit("c", "criterion", "1/1/c00", 1, caps="kloe", caps_id="1", grade="good"),
        limit("k", "kloe", "1", 2, below="fair", caps="judgement", caps_id="service", grade="fair"),
    ]
    return framework([kloe("1", themes)], rules(limits=caps)), themes


def graded(themes: list[Theme], *grades: str) -> dict[str, str | None]:
    return {t.id: g for t, g in zip(themes, grades, strict=False) if g}


@pytest.mark.parametrize(
    ("grades", "expected"),
    [
        # 3 of 5 is 60%.
        (("excellent", "excellent", "excellent", "good", "good"), "excellent"),
        (("excellent", "excellent", "good", "good", "good"), "good"),
        # One fair bars excellent.
        (("excellent", "excellent", "excellent", "excellent", "fair"), "good"),
        # One poor bars good.
        (("poor", "excellent", "excellent", "excellent", "excellent"), "fair"),
        (("good", "good", "fair", "fair", "fair"), "fair"),
        (("fair", "fair", "poor", "poor", "good"), "fair"),
        (("fair", "fair", "poor", "poor", "poor"), "poor"),
        # Coverage: 3 of 5 graded reach 60%, two do not.
        (("good", "good", "good", "", ""), "good"),
        (("good", "good", "", "", ""), None),
    ],
)
def test_kloe_by_hand(grades: tuple[str, ...], expected: str | None) -> None:
    f, themes = three()
    s = suggest_kloe(f, f.kloe("1"), graded(themes, *grades))
    assert s.uncapped == expected


def test_kloe_limits_and_what_is_missing() -> None:
    f, themes = three()
    s = suggest_kloe(f, f.kloe("1"), graded(themes, *["excellent"] * 4, "poor"))
    assert s.grade == "fair"
    assert [a.id for a in s.limits] == ["t"]
    s = suggest_kloe(
        f,
        f.kloe("1"),
        graded(themes, *["excellent"] * 5),
        placings=place(themes[0], "worse"),
    )
    assert s.grade == "good"
    assert "Without the limit it would be “Excellent”." in said(s.why_not_lower)
    assert s.holding_back == (f"{ID}/1/1/c00",)
    s = suggest_kloe(f, f.kloe("1"), graded(themes, "good", "good"))
    assert said(s.short) == (
        "Judged: 2 of 5; a grade is suggested from 60% on. Judge 1 more, of: "
        "Theme 1/3, Theme 1/4 and Theme 1/5."
    )
    assert "Not tested yet: Theme 1/5" in said(s.notes)


def test_themes_out_of_scope_leave_the_base_and_are_not_missed() -> None:
    f, themes = three()
    inside = {t.id for t in themes[:2]}
    s = suggest_kloe(f, f.kloe("1"), graded(themes, "good", "good"), themes=inside)
    assert s.grade == "good"
    assert "Theme 1/5" not in said(s.notes)
    s = suggest_kloe(f, f.kloe("1"), graded(themes, "good", "good"), themes=set())
    assert s.grade is None
    assert "in scope" in said(s.short)


def test_an_unknown_grade_is_refused() -> None:
    f, themes = three()
    with pytest.raises(NotFound):
        suggest_kloe(f, f.kloe("1"), graded(themes, *["splendid"] * 5))


def test_judgement_and_scales_that_compare_by_rank() -> None:
    a = framework([kloe("1", [theme("1/1", PAIRED)]), kloe("2", [theme("2/1", PAIRED)])])
    b = framework(
        [kloe("3", [theme("3/1", PAIRED)])],
        id="other",
        service=("a", "b", "c", "d"),
        prospects=(),
    )
    # b's c is rank 2: bars excellent, which needs none below good.
    grades = {f"{ID}/1": "excellent", f"{ID}/2": "excellent", f"{ID}/3": "c"}
    s = suggest_judgement([a, b], ID, "service", grades)
    assert s.grade == "good"
    assert s.framework == ID
    assert "KLOE 3 (C)" in said(s.why_not_higher)
    # The leading framework's scale and rules, whichever comes first.
    again = suggest_judgement([b, a], ID, "service", grades)
    assert (again.framework, again.grade) == (ID, "good")


def test_judgement_limit_by_kloe() -> None:
    f, __ = three()
    s = suggest_judgement([f], ID, "service", {f"{ID}/1": "poor"})
    assert [limit.id for limit in s.limits] == ["k"]
    assert s.grade == "poor"


def test_leading_framework_that_does_not_serve_the_judgement() -> None:
    f, __ = three()
    s = suggest_judgement([f], "elsewhere", "service", {f"{ID}/1": "good"})
    assert s.framework == ID
    with pytest.raises(NotFound):
        suggest_judgement([f], ID, "nothing", {})


# Storage


def test_stored_and_read_again() -> None:
    s = one(VFM, *["upper"] * 4, *["lower"] * 3, "")
    stored = json.loads(json.dumps(s.to_json()))
    again = Suggestion.from_json(stored)
    assert again == s
    assert said(again.why_not_higher) == said(s.why_not_higher)
    f, themes = three()
    s = suggest_kloe(f, f.kloe("1"), graded(themes, *["excellent"] * 4, "poor"))
    assert Suggestion.from_json(json.loads(json.dumps(s.to_json()))) == s
    with pytest.raises(InvalidInput):
        Suggestion.from_json({"format": "something"})


def test_a_kloe_whose_grade_is_the_judgement() -> None:
    t = theme("9/1", PAIRED, strand="improvement")
    f = framework([kloe("9", [t], judgement="prospects")])
    s = suggest_kloe(f, f.kloe("9"), {t.id: "strong"})
    assert s.grade is None
    assert "its grade is the judgement it serves" in said(s.short)


def test_criterion_of_another_theme_may_limit() -> None:
    first, second = theme("1/1", PAIRED), theme("1/2", PAIRED)
    cap = limit("far", "criterion", "1/2/c00", 1, caps="theme", caps_id="1/1", grade="fair")
    f = framework([kloe("1", [first, second])], rules(limits=[cap]))
    placings = place(first, *["upper"] * 8) | place(second, "worse")
    assert suggest_theme(f, first, placings).grade == "fair"
    # Out of scope, it is neither applied nor missed.
    s = suggest_theme(f, first, placings, themes={first.id})
    assert s.grade == "excellent"
    assert not s.notes


def test_ground_is_what_it_says() -> None:
    assert criterion("t", "k", "upper only").form == "upper only"
