"""Grading rules over generated placings, on the published editions and on generated rules.

What must hold whatever the rules say: a better placing never lowers a suggestion, at the
theme, the KLOE or the judgement; limits hold; below least coverage there is no grade; value
for money never stands above either side; more weaknesses never raise prospects; the order of
things given makes no difference. A second, naive reading of the rules checks the first.
"""

from __future__ import annotations

import json
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "unit" / "assessment"))

from assessment_ground import (
    PROSPECTS,
    SERVICE,
    at_least,
    at_most,
    framework,
    kloe,
    ladder,
    limit,
    none_at,
    none_below,
    rules,
    theme,
    under,
)

from kloe.assessment.grading import suggest_judgement, suggest_kloe, suggest_theme
from kloe.assessment.positions import BESIDES, PLACED, PLACINGS, Position
from kloe.assessment.profile import profile_of
from kloe.assessment.prospects import ANSWERS, Weakness, suggest_prospects
from kloe.assessment.suggestion import Suggestion
from kloe.frameworks.library import available, load
from kloe.frameworks.model import Framework, Kloe, Theme

EDITIONS = available()
COMPILED = pytest.mark.skipif(not EDITIONS, reason="no compiled edition")
PUBLISHED = [(e, t.number) for e in EDITIONS for t in load(e).themes()]
FORMS = ("paired", "upper only", "lower only")
RUN = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))

Placings = dict[str, str]


def _one(form: str) -> st.SearchStrategy[str]:
    placed = [p.value for p in PLACINGS[form]]
    # Mostly placed, so that most examples get as far as a grade.
    return st.sampled_from([*placed * 3, *BESIDES, "", ""])


# Made once: a strategy is dearer to make than to draw from.
ANYTHING = {form: _one(form) for form in FORMS}
PLACED_ONLY = {form: st.sampled_from([p.value for p in PLACINGS[form]]) for form in FORMS}
GRADE, LEVEL, FORM = st.sampled_from(SERVICE), st.integers(1, 4), st.sampled_from(FORMS)
SHARE = st.sampled_from(["0/1", "1/10", "1/4", "1/3", "1/2", "3/5", "3/4", "9/10", "1/1"])
MAKE = st.sampled_from([at_least, at_most, under])
SOME_FORMS = st.lists(FORM, unique=True, max_size=2)


def placings_on(t: Theme, *, placed_only: bool = False) -> st.SearchStrategy[Placings]:
    """Placings of a theme's criteria: placed, doubtful, not applicable, or nothing said."""
    kinds = PLACED_ONLY if placed_only else ANYTHING
    return st.fixed_dictionaries({c.id: kinds[c.form] for c in t.criteria})


OVER_LEVELS = st.lists(
    st.one_of(
        st.builds(lambda make, s, a, of: make(s, a, *of), MAKE, SHARE, LEVEL, SOME_FORMS),
        st.builds(lambda a, of: none_at(a, *of), LEVEL, SOME_FORMS),
    ),
    min_size=1,
    max_size=3,
)
OVER_GRADES = st.lists(
    st.one_of(
        st.builds(lambda make, s, a: make(s, a), MAKE, SHARE, GRADE),
        st.builds(none_below, GRADE),
    ),
    min_size=1,
    max_size=3,
)


def ladders(step: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Any ladder the format allows, not only sensible ones."""
    return st.builds(
        lambda one, two, three, least: ladder(one, two, three, least=least),
        step,
        step,
        step,
        SHARE,
    )


THEME_LADDERS, GRADE_LADDERS = ladders(OVER_LEVELS), ladders(OVER_GRADES)
SIDED = st.lists(
    st.tuples(FORM, st.sampled_from(["cost", "quality", None])), min_size=1, max_size=7
)
UNSIDED = st.lists(FORM, min_size=1, max_size=7)


@st.composite
def editions(draw: st.DrawFn) -> Framework:
    """A framework of one or two KLOEs with generated themes, ladders and limits."""
    kloes: list[Kloe] = []
    limits = []
    for k in range(1, draw(st.integers(1, 2)) + 1):
        themes = []
        for n in range(1, draw(st.integers(1, 3)) + 1):
            number = f"{k}/{n}"
            if draw(st.booleans()):
                made = theme(number, draw(SIDED), strand="value for money")
            else:
                made = theme(number, draw(UNSIDED))
            themes.append(made)
            if draw(st.booleans()):
                key = made.criteria[draw(st.integers(0, len(made.criteria) - 1))].key
                limits.append(
                    limit(
                        f"c{number}",
                        "criterion",
                        f"{number}/{key}",
                        draw(LEVEL),
                        caps="theme",
                        caps_id=number,
                        grade=draw(GRADE),
                    )
                )
            if draw(st.booleans()):
                below, caps = draw(GRADE), draw(st.sampled_from(["kloe", "judgement"]))
                limits.append(
                    limit(
                        f"t{number}",
                        "theme",
                        number,
                        len(SERVICE) - SERVICE.index(below),
                        below=below,
                        caps=caps,
                        caps_id=str(k) if caps == "kloe" else "service",
                        grade=draw(GRADE),
                    )
                )
        kloes.append(kloe(str(k), themes))
    return framework(
        kloes, rules(theme=draw(THEME_LADDERS), grades=draw(GRADE_LADDERS), limits=limits)
    )


def rank(f: Framework, s: Suggestion) -> int:
    """0 for no grade."""
    return f.scales[s.judgement].grade(s.grade).rank if s.grade else 0


def betterments(t: Theme, placings: Placings) -> list[tuple[str, str]]:
    """Every (criterion, next better position) there is."""
    found = []
    for c in t.criteria:
        order = [p.value for p in PLACINGS[c.form]]
        if placings.get(c.id) in order[1:]:
            found.append((c.id, order[order.index(placings[c.id]) - 1]))
    return found


def whole(f: Framework, judgement: str, placings: Placings) -> dict[str, Suggestion]:
    """Suggestions all the way up, each level judged as the one below suggests."""
    found: dict[str, Suggestion] = {}
    grades: dict[str, str | None] = {}
    for k in f.kloes:
        if k.judgement != judgement:
            continue
        for t in k.themes:
            found[t.id] = suggest_theme(f, t, placings)
            grades[t.id] = found[t.id].grade
        found[k.id] = suggest_kloe(f, k, grades, placings=placings)
        grades[k.id] = found[k.id].grade
    found[judgement] = suggest_judgement([f], f.id, judgement, grades, placings=placings)
    return found


# A second reading of the rules, from their raw data


def naive(f: Framework, t: Theme, placings: Placings) -> str | None:
    """The theme's grade before limits, read from the rules' data in the plainest way."""
    data = f.rules.data
    judgement = data["judgements"][f.kloe_of(t.id).judgement]
    names = {
        "partly-met": "in part",
        "partly-so": "in part",
        "not-met": "not met",
        "not-so": "not so",
    }

    def grade(criteria: list[Any], least: Any) -> str | None:
        base = [c for c in criteria if placings.get(c.id) != "not-applicable"]
        placed = [c for c in base if placings.get(c.id) in PLACED]
        if not placed or Fraction(len(placed), len(base)) < Fraction(*least):
            return None
        level = {
            c.id: data["levels"][c.form][names.get(placings[c.id], placings[c.id])] for c in placed
        }
        for step in judgement["theme"]["steps"]:
            for need in step.get("needs", []):
                seen = [level[c.id] for c in placed if c.form in need.get("of", FORMS)]
                at = need["level"]
                if need["kind"] == "none_at":
                    holds = all(x > at for x in seen)
                elif need["kind"] == "share_at_least":
                    good = sum(x >= at for x in seen)
                    holds = bool(seen) and Fraction(good, len(seen)) >= Fraction(*need["share"])
                else:
                    bad = Fraction(sum(x <= at for x in seen), len(seen) or 1)
                    most = Fraction(*need["share"])
                    under = need["kind"] == "share_under"
                    holds = not seen or (bad < most if under else bad <= most)
                if not holds:
                    break
            else:
                return str(step["grade"])
        raise AssertionError("the last step needs nothing")

    least = judgement["theme"]["least_coverage"]
    overall = grade(list(t.criteria), least)
    apart = [a for a in judgement.get("apart", []) if a["strand"] == t.strand]
    if not apart or overall is None:
        return overall
    sides = [
        grade([c for c in t.criteria if c.weighs in (None, side)], apart[0]["least_coverage"])
        for side in apart[0]["sides"]
    ]
    if None in sides:
        return None
    order = [step["grade"] for step in judgement["theme"]["steps"]]
    return str(max((s for s in sides if s), key=order.index))


def a_published_theme(data: st.DataObject) -> tuple[Framework, Theme, Placings]:
    """A theme of some edition, and placings on it."""
    edition, number = data.draw(st.sampled_from(PUBLISHED))
    f = load(edition)
    t = f.theme(number)
    return f, t, data.draw(placings_on(t))


@COMPILED
@RUN
@given(st.data())
def test_published_themes_agree_with_a_second_reading(data: st.DataObject) -> None:
    f, t, placings = a_published_theme(data)
    assert suggest_theme(f, t, placings).uncapped == naive(f, t, placings)


# Monotone


def assert_monotone_theme(f: Framework, t: Theme, placings: Placings) -> None:
    before = suggest_theme(f, t, placings)
    for criterion, better in betterments(t, placings):
        after = suggest_theme(f, t, placings | {criterion: better})
        assert rank(f, after) >= rank(f, before), (criterion, better)
        assert (after.grade is None) is (before.grade is None)


@COMPILED
@RUN
@given(st.data())
def test_better_placings_never_lower_a_published_theme(data: st.DataObject) -> None:
    assert_monotone_theme(*a_published_theme(data))


@RUN
@given(st.data(), editions())
def test_better_placings_never_lower_any_theme(data: st.DataObject, f: Framework) -> None:
    for t in f.themes():
        assert_monotone_theme(f, t, data.draw(placings_on(t)))


def assert_monotone_all_the_way(
    data: st.DataObject, f: Framework, judgement: str, placings: Placings
) -> None:
    before = whole(f, judgement, placings)
    options = [b for t in f.themes() for b in betterments(t, placings)]
    assume(options)
    changes = dict(data.draw(st.lists(st.sampled_from(options), min_size=1, max_size=6)))
    after = whole(f, judgement, placings | changes)
    for subject, s in before.items():
        assert rank(f, after[subject]) >= rank(f, s), subject


@RUN
@given(st.data(), editions())
def test_better_placings_never_lower_kloe_or_judgement(data: st.DataObject, f: Framework) -> None:
    placings: Placings = {}
    for t in f.themes():
        placings |= data.draw(placings_on(t))
    assert_monotone_all_the_way(data, f, "service", placings)


@COMPILED
@settings(RUN, max_examples=15)
@given(st.data())
def test_better_placings_never_lower_published_judgements(data: st.DataObject) -> None:
    f = load(data.draw(st.sampled_from(EDITIONS)))
    # One draw for all: a grade for each theme's placings at large, then single ones changed.
    shift = data.draw(st.lists(st.integers(0, 3), min_size=40, max_size=40))
    placings = {
        c.id: PLACINGS[c.form][min(shift[n % 40], len(PLACINGS[c.form]) - 1)].value
        for n, c in enumerate(f.criteria())
    }
    assert_monotone_all_the_way(data, f, "service", placings)


@COMPILED
@RUN
@given(st.data())
def test_better_grades_never_lower_a_published_kloe(data: st.DataObject) -> None:
    f = load(data.draw(st.sampled_from(EDITIONS)))
    k = data.draw(st.sampled_from([k for k in f.kloes if k.judgement == "service"]))
    keys = [g.key for g in f.scales["service"].grades]
    grades = {t.id: data.draw(st.sampled_from(keys)) for t in k.themes}
    before = suggest_kloe(f, k, grades)
    for t in k.themes:
        place = keys.index(grades[t.id])
        if place:
            after = suggest_kloe(f, k, grades | {t.id: keys[place - 1]})
            assert rank(f, after) >= rank(f, before)


# Limits, coverage, sides


@RUN
@given(st.data(), editions())
def test_limits_hold_and_coverage_is_kept(data: st.DataObject, f: Framework) -> None:
    placings: Placings = {}
    for t in f.themes():
        placings |= data.draw(placings_on(t))
    for subject, s in whole(f, "service", placings).items():
        assert all(rank(f, s) <= a.rank for a in s.limits)
        if s.grade is None:
            assert s.short
            assert not s.why_not_higher
            continue
        assert not s.short
        level = "theme" if subject.count("/") == 2 else "kloe" if "/" in subject else "overall"
        least = getattr(f.rules.judgements["service"], level).least_coverage
        assert s.profile.coverage >= Fraction(least.numerator, least.denominator)
        assert s.profile.coverage > 0
        highest = s.grade == SERVICE[0]
        assert s.why_not_lower
        assert s.why_not_higher
        assert highest == ("highest grade of the scale" in str(s.why_not_higher[-1]))


@COMPILED
@RUN
@given(st.data())
def test_published_limits_hold(data: st.DataObject) -> None:
    f = load(data.draw(st.sampled_from(EDITIONS)))
    limits = [x for x in f.rules.limits if x.kind == "criterion" and x.caps == "theme"]
    assume(limits)
    cap = data.draw(st.sampled_from(limits))
    t = f.theme(cap.caps_id)
    c = f.criterion(cap.of)
    placings = data.draw(placings_on(t, placed_only=True))
    worst = PLACINGS[c.form][-1].value
    s = suggest_theme(f, t, placings | {c.id: worst})
    assert cap.id in {a.id for a in s.limits}
    assert rank(f, s) <= f.scale_of(t.id).grade(cap.grade).rank


@RUN
@given(st.data(), editions())
def test_value_for_money_never_above_either_side(data: st.DataObject, f: Framework) -> None:
    for t in f.themes():
        placings = data.draw(placings_on(t))
        s = suggest_theme(f, t, placings)
        if not s.sides:
            continue
        ranks = [f.scales["service"].grade(side.grade).rank for side in s.sides if side.grade]
        if s.grade is None:
            continue
        assert len(ranks) == 2
        assert rank(f, s) <= min(ranks)
        assert s.uncapped == f.scales["service"].by_rank(min(ranks)).key


# Reasons that are true


def assert_reasons_matter(f: Framework, t: Theme, placings: Placings) -> None:
    """Bettering all that is named lifts the grade, wherever bettering everything would."""
    s = suggest_theme(f, t, placings)
    if s.grade is None:
        return
    best = {c.id: PLACINGS[c.form][0].value for c in t.criteria}
    named = [id for id in s.holding_back if id in best]
    for id in named:
        assert placings[id] in PLACED
        assert placings[id] != best[id]
    everything = placings | {id: b for id, b in best.items() if placings.get(id) in PLACED}
    if rank(f, suggest_theme(f, t, everything)) > rank(f, s):
        lifted = suggest_theme(f, t, placings | {id: best[id] for id in named})
        assert named
        # Two sides at one grade, or needs of the grades between, may take more than a step;
        # but what was in the way of the next one is out of the way.
        assert rank(f, lifted) > rank(f, s)


@COMPILED
@RUN
@given(st.data())
def test_published_reasons_name_what_matters(data: st.DataObject) -> None:
    assert_reasons_matter(*a_published_theme(data))


@RUN
@given(st.data(), editions())
def test_each_named_criterion_moves_a_failed_need(data: st.DataObject, f: Framework) -> None:
    for t in f.themes():
        placings = data.draw(placings_on(t))
        s = suggest_theme(f, t, placings)
        best = {c.id: PLACINGS[c.form][0].value for c in t.criteria}
        caps = {a.of for a in s.limits}
        for id in set(s.holding_back) - caps:
            after = suggest_theme(f, t, placings | {id: best[id]})
            # Either the grade rises, or what is said of the next one changes.
            assert (after.grade, after.why_not_higher, after.why) != (
                s.grade,
                s.why_not_higher,
                s.why,
            )


# Prospects


weaknesses = st.lists(
    st.builds(
        Weakness,
        st.sampled_from(["Gas", "Letters", "Voids"]),
        st.booleans(),
        st.sampled_from(ANSWERS),
        st.sampled_from(ANSWERS),
        st.sampled_from(ANSWERS),
    ),
    max_size=5,
)


def prospects_editions() -> list[Framework]:
    return [load(e) for e in EDITIONS if "prospects" in load(e).scales]


@pytest.mark.skipif(not prospects_editions(), reason="no compiled edition")
@RUN
@given(st.data(), weaknesses, weaknesses)
def test_more_weaknesses_never_raise_prospects(
    data: st.DataObject, some: list[Weakness], more: list[Weakness]
) -> None:
    f = prospects_editions()[0]
    k = next(k for k in f.kloes if k.judgement == "prospects")
    keys = [g.key for g in f.scales["prospects"].grades]
    grades = {m.id: data.draw(st.sampled_from(keys)) for m in k.main_questions}
    grades |= {t.id: data.draw(st.sampled_from(keys)) for t in k.themes}
    before = suggest_prospects([f], f.id, grades, some)
    after = suggest_prospects([f], f.id, grades, [*some, *more])
    assert rank(f, after) <= rank(f, before)
    assert all(rank(f, after) <= a.rank for a in after.limits)
    mixed = suggest_prospects([f], f.id, grades, list(reversed([*some, *more])))
    assert mixed == after
    # A better answer to the table never lowers them either.
    order = ("no", "in part", "yes")
    for n, w in enumerate(some):
        for what in ("known", "planned", "capacity"):
            answer = getattr(w, what)
            if answer in order[:2]:
                values = {"text": w.text, "serious": w.serious, "known": w.known}
                values |= {"planned": w.planned, "capacity": w.capacity}
                values[what] = order[order.index(answer) + 1]
                better = Weakness(**values)
                found = suggest_prospects([f], f.id, grades, [*some[:n], better, *some[n + 1 :]])
                assert rank(f, found) >= rank(f, before)
    for m in k.main_questions:
        place = keys.index(grades[m.id])
        if place:
            found = suggest_prospects([f], f.id, grades | {m.id: keys[place - 1]}, some)
            assert rank(f, found) >= rank(f, before)


# Order, storage


@RUN
@given(st.data(), editions())
def test_order_makes_no_difference_and_storage_keeps_all(data: st.DataObject, f: Framework) -> None:
    for t in f.themes():
        placings = data.draw(placings_on(t))
        shuffled = dict(data.draw(st.permutations(list(placings.items()))))
        s = suggest_theme(f, t, placings)
        assert suggest_theme(f, t, shuffled) == s
        assert suggest_theme(f, t, {k: Position(v) for k, v in placings.items() if v}) == s
        assert Suggestion.from_json(json.loads(json.dumps(s.to_json()))) == s
        mixed = data.draw(st.permutations(t.criteria))
        one, two = profile_of(t.criteria, placings), profile_of(mixed, placings)
        assert one.counts == two.counts
        assert one.forms == two.forms
        assert set(one.unsaid) == set(two.unsaid)


def test_generated_rules_use_every_kind_of_need() -> None:
    """A generator that never makes an operation tests nothing of it."""
    seen: set[str] = set()

    @settings(RUN, max_examples=100, database=None)
    @given(editions())
    def look(f: Framework) -> None:
        r = f.rules.judgements["service"]
        assert r.kloe is not None
        for rungs in (r.theme, r.kloe):
            seen.update(n.kind for step in rungs.steps for n in step.needs)

    look()
    assert seen == {"share_at_least", "share_at_most", "share_under", "none_at", "none_below"}


def test_ground_scales() -> None:
    assert len(SERVICE) == len(PROSPECTS) == 4
