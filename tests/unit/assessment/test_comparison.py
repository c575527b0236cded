"""Two inspections beside each other, worked out a second time by counting on fingers."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from kloe.assessment.comparison import (
    CHANGES,
    Change,
    Comparison,
    Graded,
    Level,
    Row,
    Standing,
    compare,
    weak_last_time,
)
from kloe.assessment.plain import from_json, to_json
from kloe.assessment.positions import BESIDES, PLACINGS
from kloe.core.messages import Text
from kloe.frameworks.library import load_all
from kloe.frameworks.model import Criterion, Framework, Kloe, Theme
from kloe.frameworks.value import Value

THEME = "wao-housing-2005/1.2/3"
#: A ladder of its own for the recomputation: how well somebody stands, in words to numbers.
HEIGHT = {
    "upper": 4, "between": 3, "lower": 2, "worse": 1, "met": 4, "partly-met": 3, "not-met": 2,
    "not-so": 4, "partly-so": 3, "so": 2,
}  # fmt: skip


def changed(value: Value, **fields: Any) -> Any:
    """A copy of a frozen value with other fields."""
    kept = {name: getattr(value, name) for name in type(value).__match_args__}
    return type(value)(**(kept | fields))


@pytest.fixture(scope="module")
def wao() -> Framework:
    return next(f for f in load_all() if f.leading)


def grade(rank: int, of: int = 4) -> Graded:
    return Graded(Text({"en": f"Grade {rank}"}), rank, of)


def standing(
    framework: Framework,
    scope: set[str],
    *,
    grades: Mapping[str, Graded] | None = None,
    positions: Mapping[str, str] | None = None,
    on: date = date(2024, 3, 31),
) -> Standing:
    return Standing("Inspection", on, (framework,), frozenset(scope), grades or {}, positions or {})


def only(comparison: Comparison, subject: str) -> Row:
    [row] = [r for r in comparison.rows if r.subject == subject]
    return row


def paired(wao: Framework) -> Criterion:
    return next(c for c in wao.theme(THEME).criteria if c.form == "paired")


@pytest.mark.parametrize(
    ("then", "now", "change", "steps"),
    [
        ("lower", "upper", Change.BETTER, 2),
        ("upper", "worse", Change.WORSE, -3),
        ("between", "between", Change.SAME, 0),
        ("conflicting", "upper", Change.OPEN, None),
        ("upper", "not-applicable", Change.OPEN, None),
        ("upper", "", Change.OPEN, None),
        ("", "upper", Change.OPEN, None),
        ("", "", Change.OPEN, None),
    ],
)
def test_a_criterion(
    wao: Framework, then: str, now: str, change: Change, steps: int | None
) -> None:
    c = paired(wao)
    before = standing(wao, {THEME}, positions={c.id: then} if then else {})
    after = standing(wao, {THEME}, positions={c.id: now} if now else {})
    row = only(compare(before, after), c.id)
    assert (row.change, row.steps) == (change, steps)
    assert bool(row.note) is (change is Change.OPEN)


def test_a_fault_that_is_gone_is_better(wao: Framework) -> None:
    c = next(c for t in wao.themes() for c in t.criteria if c.form == "lower only")
    theme = c.id.rpartition("/")[0]
    before = standing(wao, {theme}, positions={c.id: "so"})
    after = standing(wao, {theme}, positions={c.id: "not-so"})
    row = only(compare(before, after), c.id)
    assert (row.change, row.steps) == (Change.BETTER, 2)


@pytest.mark.parametrize(
    ("then", "now", "change"),
    [
        (grade(1), grade(3), Change.BETTER),
        (grade(4), grade(3), Change.WORSE),
        (grade(2), grade(2), Change.SAME),
        (None, grade(2), Change.OPEN),
        (grade(2), None, Change.OPEN),
        (grade(3, of=4), grade(3, of=5), Change.NOT_COMPARABLE),
    ],
)
def test_a_grade(wao: Framework, then: Graded | None, now: Graded | None, change: Change) -> None:
    before = standing(wao, {THEME}, grades={THEME: then} if then else {})
    after = standing(wao, {THEME}, grades={THEME: now} if now else {})
    assert only(compare(before, after), THEME).change == change


def test_what_is_never_graded_has_no_row(wao: Framework) -> None:
    kloe, theme = "wao-housing-2005/1.2", THEME
    found = compare(standing(wao, {theme}), standing(wao, {theme}))
    assert {r.subject for r in found.of(Level.KLOE, Level.THEME)} == {theme}
    graded = compare(standing(wao, {theme}, grades={kloe: grade(2)}), standing(wao, {theme}))
    assert only(graded, kloe).change == Change.OPEN


def test_what_only_one_of_them_looked_at(wao: Framework) -> None:
    other = "wao-housing-2005/1.2/4"
    c, d = wao.theme(THEME).criteria[0], wao.theme(other).criteria[0]
    # A placing that was made before a theme was left out tells nothing.
    before = standing(wao, {THEME}, positions={c.id: "upper", d.id: "upper"})
    after = standing(wao, {other}, positions={d.id: "upper", c.id: "upper"})
    found = compare(before, after)
    assert only(found, c.id).change == Change.DROPPED
    assert only(found, c.id).after is None
    assert only(found, d.id).change == Change.NEW
    assert only(found, d.id).before is None
    assert only(found, THEME).change == Change.DROPPED
    assert only(found, other).change == Change.NEW
    assert not [r for r in found.rows if r.theme == "wao-housing-2005/1.2/5"]


def test_a_whole_inspection_counted_again(wao: Framework) -> None:
    """Hundreds of criteria drawn at random; every change recomputed by heights and sets."""
    rng = random.Random(20261122)
    themes = [t.id for t in wao.themes()]

    def drawn() -> Standing:
        scope = set(rng.sample(themes, k=len(themes) * 3 // 4))
        positions, grades = {}, {}
        for kloe in wao.kloes:
            for theme in kloe.themes:
                if rng.random() < 0.8:
                    grades[theme.id] = grade(rng.randint(1, 4))
                for c in theme.criteria:
                    place = rng.choice([*PLACINGS[c.form] * 3, *BESIDES, None])
                    if place:
                        positions[c.id] = place.value
        return standing(wao, scope, grades=grades, positions=positions)

    before, after = drawn(), drawn()
    found = compare(before, after)
    wanted: Counter[str] = Counter()
    for t in wao.themes():
        was, now = t.id in before.scope, t.id in after.scope
        for c in t.criteria:
            a, b = before.positions.get(c.id), after.positions.get(c.id)
            if was and now:
                if a in HEIGHT and b in HEIGHT:
                    d = HEIGHT[b] - HEIGHT[a]
                    wanted["better" if d > 0 else "worse" if d < 0 else "same"] += 1
                else:
                    wanted["open"] += 1
            elif was or now:
                wanted["dropped" if was else "new"] += 1
    got = found.counts(Level.CRITERION)
    assert {k: v for k, v in got.items() if v} == dict(wanted)
    assert sum(got.values()) > 500
    assert min(wanted.values()) > 20
    assert set(got) == {c.value for c in CHANGES}
    ranks = {
        t.id: after.grades[t.id].rank - before.grades[t.id].rank
        for t in wao.themes()
        if t.id in before.scope & after.scope and {t.id} <= before.grades.keys() & after.grades
    }
    assert {r.subject: r.steps for r in found.of(Level.THEME) if r.steps is not None} == ranks
    # Published order, each thing once.
    order = [r.subject for r in found.of(Level.CRITERION)]
    published = [c.id for t in wao.themes() for c in t.criteria]
    assert order == [c for c in published if c in set(order)]


def test_it_outlives_being_stored(wao: Framework) -> None:
    c = paired(wao)
    found = compare(
        standing(wao, {THEME}, positions={c.id: "upper"}, grades={"service": grade(2)}),
        standing(wao, {THEME}, positions={c.id: ""}, grades={"service": grade(3)}),
    )
    again = from_json(Comparison, to_json(found))
    assert to_json(again) == to_json(found)
    assert [str(r.title) for r in again.rows] == [str(r.title) for r in found.rows]
    assert again.counts() == found.counts()


# Editions ------------------------------------------------------------------------------------


def edition(wao: Framework, theme: Theme, themes: tuple[Theme, ...]) -> Framework:
    """Another edition: the KLOE of a theme has these in its place."""
    kloe: Kloe = wao.kloe(theme.kloe_id)
    at = kloe.themes.index(theme)
    inside = (*kloe.themes[:at], *themes, *kloe.themes[at + 1 :])
    new = changed(kloe, themes=inside)
    return changed(wao, kloes=tuple(new if k is kloe else k for k in wao.kloes), digest="another")


def test_another_edition_compares_what_answers_to_the_same(wao: Framework) -> None:
    theme = wao.theme(THEME)
    first, second, *rest = theme.criteria
    reworded = changed(first, title=Text({"en": "In other words"}))
    added = changed(second, id=f"{THEME}/quite-new", key="quite-new", common=None)
    later = edition(wao, theme, (changed(theme, criteria=(reworded, added, *rest)),))
    place = {"paired": "upper", "upper only": "met", "lower only": "not-so"}
    positions = {c.id: place[c.form] for c in (*theme.criteria, added)}
    found = compare(
        standing(wao, {THEME}, positions=positions, grades={THEME: grade(1)}),
        standing(later, {THEME}, positions=positions, grades={THEME: grade(2)}),
    )
    row = only(found, first.id)
    assert row.change == Change.SAME
    assert "words differ" in str(row.note)
    assert only(found, added.id).change == Change.NEW
    assert "last time does not ask" in str(only(found, added.id).note)
    assert only(found, second.id).change == Change.DROPPED
    assert "used now does not ask" in str(only(found, second.id).note)
    assert only(found, THEME).change == Change.BETTER
    assert only(found, rest[0].id).note == ""


def test_the_same_words_in_another_theme_are_another_placing(wao: Framework) -> None:
    """A common criterion whose theme went is not found again in a theme that was not looked at."""
    shared: dict[str, list[Criterion]] = {}
    for t in wao.themes():
        for c in t.criteria:
            if c.common:
                shared.setdefault(c.common, []).append(c)
    here, elsewhere = next(found for found in shared.values() if len(found) > 1)[:2]
    theme = wao.theme(here.id.rpartition("/")[0])
    renamed = changed(here, id=f"{here.id}-b", key=f"{here.key}-b")
    later = edition(
        wao, theme,
        (changed(theme, criteria=tuple(renamed if c is here else c for c in theme.criteria)),),
    )  # fmt: skip
    other = elsewhere.id.rpartition("/")[0]
    found = compare(
        standing(wao, {other}, positions={elsewhere.id: "upper"}),
        standing(later, {theme.id}, positions={renamed.id: "lower"}),
    )
    row = only(found, renamed.id)
    assert row.change in {Change.NEW, Change.NOT_COMPARABLE}
    assert row.steps is None
    assert row.before is None


def test_a_form_that_changed_is_not_comparable(wao: Framework) -> None:
    theme = wao.theme(THEME)
    c = paired(wao)
    halved = changed(c, lower=())
    later = edition(
        wao, theme,
        (changed(theme, criteria=tuple(halved if x is c else x for x in theme.criteria)),),
    )  # fmt: skip
    found = compare(
        standing(wao, {THEME}, positions={c.id: "lower"}),
        standing(later, {THEME}, positions={c.id: "met"}),
    )
    assert only(found, c.id).change == Change.NOT_COMPARABLE


# What the next scope takes from it -------------------------------------------------------------


@pytest.mark.parametrize(
    ("theme_grade", "places", "weak"),
    [
        (grade(2), [], True),
        (grade(1), ["upper"], True),
        (grade(3), ["lower", "lower"], False),
        (None, ["lower", "upper"], True),
        (None, ["lower", "upper", "upper"], False),
        (None, [], False),
        (grade(1, of=1), [], False),
    ],
)
def test_themes_that_were_weak(
    wao: Framework, theme_grade: Graded | None, places: list[str], weak: bool
) -> None:
    pairs = [c for c in wao.theme(THEME).criteria if c.form == "paired"]
    positions = {c.id: p for c, p in zip(pairs, places, strict=False)}
    before = standing(
        wao, {THEME}, grades={THEME: theme_grade} if theme_grade else {}, positions=positions
    )
    found = weak_last_time(before, (wao,))
    assert set(found) == ({THEME} if weak else set())
    if weak:
        assert found[THEME].low == places.count("lower")
        assert found[THEME].placed == len(places)
