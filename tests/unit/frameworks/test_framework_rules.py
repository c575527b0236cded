"""Grading rules as data: each need has one meaning, and none can punish a better placing."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kloe.core.errors import InvalidInput
from kloe.frameworks import library
from kloe.frameworks.compile import compile_source
from kloe.frameworks.model import Framework
from kloe.frameworks.rules import NEEDS, SHARES, Ladder, Need, Share, Step
from kloe.frameworks.value import replace
from kloe.frameworks.words import FORMS, POSITIONS, UNPLACED

HALF = Share(1, 2)


def values(*levels: int, form: str = "paired") -> list[tuple[str, int]]:
    return [(form, level) for level in levels]


class TestShare:
    def test_exact(self) -> None:
        third = Share(1, 3)
        assert third.compare(1, 3) == 0
        assert third.compare(33, 100) < 0 < third.compare(34, 100)
        assert Share(2, 6) == third
        assert hash(Share(2, 6)) == hash(third)

    def test_shown(self) -> None:
        assert [str(s) for s in (HALF, Share(1, 3), Share(3, 4), Share(1, 1))] == [
            "50%",
            "1/3",
            "75%",
            "100%",
        ]

    @pytest.mark.parametrize("parts", [(2, 1), (-1, 2), (0, 0)])
    def test_between_nothing_and_all(self, parts: tuple[int, int]) -> None:
        with pytest.raises(InvalidInput):
            Share(*parts)


class TestNeed:
    def test_share_at_least(self) -> None:
        need = Need("share_at_least", 4, HALF)
        assert need.holds(values(4, 4, 1, 1))
        assert not need.holds(values(4, 3, 3))
        assert need.counts(values(4, 3, 3)) == (1, 3)

    def test_share_at_most(self) -> None:
        need = Need("share_at_most", 2, HALF)
        assert need.holds(values(2, 1, 3, 4))
        assert not need.holds(values(2, 1, 3))

    def test_share_under(self) -> None:
        need = Need("share_under", 2, Share(1, 3))
        assert not need.holds(values(2, 3, 3))
        assert need.holds(values(2, 3, 3, 3))

    def test_none_at_means_none_at_or_below(self) -> None:
        need = Need("none_at", 2)
        assert need.holds(values(3, 4))
        assert not need.holds(values(2, 4))
        assert not need.holds(values(1, 4))

    def test_none_below(self) -> None:
        need = Need("none_below", 3, grade="good")
        assert need.holds(values(3, 4))
        assert not need.holds(values(2, 4))

    def test_of_some_forms(self) -> None:
        need = Need("share_at_least", 4, HALF, of=("paired", "upper only"))
        mixed = values(4) + values(3, 3, 3, form="lower only")
        assert need.counts(mixed) == (1, 1)
        assert need.holds(mixed)

    def test_of_nothing(self) -> None:
        """No share of nothing is reached: the absence of faults is never excellence."""
        only_absent = values(3, 3, form="lower only")
        assert not Need("share_at_least", 1, HALF, of=("paired",)).holds(only_absent)
        for kind in ("share_at_most", "share_under"):
            assert Need(kind, 2, HALF, of=("paired",)).holds(only_absent)
        assert Need("none_at", 2).holds([])


class TestLadder:
    ladder = Ladder(
        HALF,
        (Step("high", (Need("none_at", 2),)), Step("mid", (Need("none_at", 1),)), Step("low", ())),
    )

    def test_first_step_whose_needs_hold(self) -> None:
        found = [self.ladder.step_for(values(n, 4)).grade for n in (3, 2, 1)]
        assert found == ["high", "mid", "low"]

    def test_coverage(self) -> None:
        assert self.ladder.enough(1, 2)
        assert not self.ladder.enough(1, 3)
        assert not self.ladder.enough(0, 0)
        assert not Ladder(Share(0, 1), self.ladder.steps).enough(0, 4)


@pytest.fixture(scope="module", params=library.available())
def framework(request: pytest.FixtureRequest) -> Framework:
    return library.load(request.param)


PLACINGS = st.lists(
    st.sampled_from(FORMS).flatmap(
        lambda form: st.tuples(st.just(form), st.sampled_from(POSITIONS[form]))
    ),
    min_size=1,
    max_size=30,
)


@settings(deadline=None)
@given(
    kind=st.sampled_from(NEEDS),
    at=st.integers(1, 4),
    share=st.tuples(st.integers(0, 12), st.integers(1, 12)).filter(lambda s: s[0] <= s[1]),
    of=st.lists(st.sampled_from(FORMS), unique=True),
    levels=st.lists(st.tuples(st.sampled_from(FORMS), st.integers(1, 4)), max_size=20),
    which=st.integers(0, 19),
)
def test_every_need_is_monotone(
    kind: str,
    at: int,
    share: tuple[int, int],
    of: list[str],
    levels: list[tuple[str, int]],
    which: int,
) -> None:
    need = Need(kind, at, Share(*share) if kind in SHARES else None, of=tuple(of))
    if not levels or not need.holds(levels):
        return
    n = which % len(levels)
    form, level = levels[n]
    better = [*levels[:n], (form, min(4, level + 1)), *levels[n + 1 :]]
    assert need.holds(better)


@settings(deadline=None)
@given(placings=PLACINGS, which=st.integers(0, 29))
def test_better_placing_never_lowers_a_theme(
    framework: Framework, placings: list[tuple[str, str]], which: int
) -> None:
    rules = framework.rules
    n = which % len(placings)
    form, position = placings[n]
    order = POSITIONS[form]
    up = order[min(order.index(position) + 1, len(order) - 1)]
    better = [*placings[:n], (form, up), *placings[n + 1 :]]
    for judgement, own in rules.judgements.items():
        scale = framework.scales[judgement]

        def rank(given: list[tuple[str, str]], own=own, scale=scale) -> int:
            levels = [(f, rules.level(f, p) or 0) for f, p in given]
            return scale.grade(own.theme.step_for(levels).grade).rank

        assert rank(better) >= rank(placings)


class TestPublishedRules:
    def test_levels(self, framework: Framework) -> None:
        level = framework.rules.level
        assert [level("paired", p) for p in POSITIONS["paired"]] == [1, 2, 3, 4]
        assert [level("upper only", p) for p in POSITIONS["upper only"]] == [2, 3, 4]
        assert [level("lower only", p) for p in POSITIONS["lower only"]] == [2, 3, 3]
        assert all(level(form, p) is None for form in FORMS for p in UNPLACED)

    def test_ends_of_the_scale(self, framework: Framework) -> None:
        for judgement, own in framework.rules.judgements.items():
            scale = framework.scales[judgement]
            assert own.theme.step_for(values(4, 4, 4)).grade == scale.grades[0].key
            assert own.theme.step_for(values(1, 1, 1)).grade == scale.grades[-1].key
            lower = scale.describing("lower")
            assert lower is not None
            assert own.theme.step_for(values(2, 2, 2)).grade == lower.key
            assert own.theme.step_for(values(3, 3, 3)).grade == scale.grades[1].key

    def test_absence_of_faults_is_never_the_top(self, framework: Framework) -> None:
        for judgement, own in framework.rules.judgements.items():
            top = framework.scales[judgement].grades[0].key
            assert own.theme.step_for(values(3, 3, 3, form="lower only")).grade != top

    def test_every_limit_names_its_reason_and_source(self, framework: Framework) -> None:
        for limit in framework.rules.limits:
            assert str(limit.reason).endswith(".")
            assert str(limit.source).endswith(".")
            assert limit in framework.rules.limits_on(limit.caps_id)

    def test_value_for_money_is_graded_apart(self, framework: Framework) -> None:
        apart = framework.rules.judgements["service"].apart["value for money"]
        assert apart.sides == ("cost", "quality")
        for theme in framework.themes():
            sides = {c.weighs for c in theme.criteria}
            assert sides == ({"cost", "quality"} if theme.strand == apart.strand else {None})


class TestWelshRules:
    @pytest.fixture
    def welsh(self) -> Framework:
        return library.load("wao-housing-2005")

    def test_gas_limit(self, welsh: Framework) -> None:
        limit = next(x for x in welsh.rules.limits if x.id == "gas-servicing")
        assert (limit.kind, limit.of) == ("theme", "wao-housing-2005/1.5/6")
        assert (limit.caps, limit.caps_id) == ("kloe", "wao-housing-2005/1.5")
        assert (limit.grade, limit.below) == ("satisfactory", "satisfactory")
        ranks = {g.key: g.rank for g in welsh.scales["service"].grades}
        assert limit.applies(ranks["poor"])
        assert not limit.applies(ranks["satisfactory"])

    def test_discrimination_limits_cover_every_such_criterion(self, welsh: Framework) -> None:
        limited = {x.of for x in welsh.rules.limits if x.id.startswith("discrimination-")}
        assert limited == {c.id for c in welsh.sharing("non-discrimination")}
        limit = next(x for x in welsh.rules.limits if x.of.endswith("1.2/2/non-discrimination"))
        assert limit.applies(1)
        assert not limit.applies(2)

    def test_prospects_are_stricter(self, welsh: Framework) -> None:
        prospects, service = (welsh.rules.judgements[j] for j in ("prospects", "service"))
        one_lower = values(*[4] * 19, 2)
        assert service.theme.step_for(one_lower).grade == "excellent"
        assert prospects.theme.step_for(one_lower).grade == "raising"
        third_lower = values(4, 4, 2)
        assert prospects.theme.step_for(third_lower).grade == "weaknesses"
        assert prospects.kloe is None
        assert prospects.main_question is not None
        assert service.main_question is None

    def test_weaknesses(self, welsh: Framework) -> None:
        rules = {w.id: w for w in welsh.rules.judgements["prospects"].weaknesses}
        known = {"serious": False, "known": False, "planned": True, "resourced": True}
        assert rules["weakness-not-known"].applies(known)
        assert rules["weakness-not-known"].at == "raising"
        alone = {"serious": True, "known": True, "planned": False, "resourced": False}
        assert rules["serious-weakness-left-alone"].applies(alone)
        assert rules["serious-weakness-left-alone"].at == "weaknesses"
        assert not rules["serious-weakness-left-alone"].applies(alone | {"planned": True})
        assert not rules["weakness-not-known"].applies({})


def test_levels_are_complete(source: Path) -> None:
    small = library.load_compiled(compile_source(source)["small-2005.json"])
    with pytest.raises(InvalidInput, match="Its positions"):
        replace(small.rules, levels={**small.rules.levels, "paired": {"upper": 4}})
