"""Samples: drawn again the same, in proportion, fair, and read back with their interval."""

from __future__ import annotations

import hashlib
import random
from decimal import Decimal

import pytest
from scipy import stats

from kloe.core.errors import InvalidInput
from kloe.core.stats import wilson
from kloe.records.sampling import (
    METHOD,
    Sample,
    allot,
    draw,
    estimate,
    new_seed,
    redrawn,
    replaced,
    wanted_size,
)

REFS = [f"R{i:04d}" for i in range(500)]


def test_the_same_seed_gives_the_same_cases_for_good() -> None:
    sample = draw(REFS, 5, seed="2026-11", frame="Repairs closed in October")
    # Written down once: another machine or version has to give the same.
    assert sample.refs == ("R0398", "R0037", "R0047", "R0251", "R0158")
    expected = sorted(REFS, key=lambda r: hashlib.sha256(f"2026-11\n\n{r}\n".encode()).hexdigest())
    assert list(sample.refs) == expected[:5]
    assert (sample.cases, sample.size, sample.method) == (500, 5, METHOD)
    assert redrawn(sample, reversed(REFS))
    assert not redrawn(sample, REFS[:-1])
    assert Sample.from_dict(sample.as_dict()) == sample
    assert draw(REFS, 5, seed="other").refs != sample.refs


def test_a_larger_sample_holds_the_smaller() -> None:
    small, large = draw(REFS, 20, seed="s", reserve=10), draw(REFS, 30, seed="s")
    assert large.refs[:20] == small.refs
    assert small.strata[0].reserve == large.refs[20:]


def test_every_case_has_the_same_chance() -> None:
    counts = dict.fromkeys(REFS[:40], 0)
    for i in range(1500):
        for ref in draw(REFS[:40], 10, seed=str(i)).refs:
            counts[ref] += 1
    assert stats.chisquare(list(counts.values())).pvalue > 0.001


def test_strata_in_proportion_by_largest_remainders() -> None:
    assert allot({"a": 500, "b": 300, "c": 200}, 10) == {"a": 5, "b": 3, "c": 2}
    # Quotas 3.33 each: the remainder goes to the first name.
    assert allot({"c": 1, "b": 1, "a": 1}, 2) == {"a": 1, "b": 1, "c": 0}
    assert allot({"a": 970, "b": 20, "c": 10}, 50, least=5) == {"a": 40, "b": 5, "c": 5}
    assert allot({"a": 970, "b": 2}, 50, least=5) == {"a": 48, "b": 2}
    assert allot({"a": 3}, 10) == {"a": 3}
    assert allot({}, 0) == {}
    with pytest.raises(InvalidInput, match="at least 5"):
        allot({"a": 50, "b": 50}, 9, least=5)


def test_a_stratified_sample() -> None:
    cases = [("north" if i < 400 else "south", ref) for i, ref in enumerate(REFS)]
    sample = draw(cases, 50, seed="s", least=15, reserve=3)
    assert [(s.name, s.cases, len(s.drawn), len(s.reserve)) for s in sample.strata] == [
        ("north", 400, 35, 3),
        ("south", 100, 15, 3),
    ]
    shuffled = list(cases)
    random.Random(1).shuffle(shuffled)
    assert draw(shuffled, 50, seed="s", least=15, reserve=3) == sample
    assert redrawn(sample, shuffled)
    # The digest is of the frame, not of what was drawn.
    assert draw(cases, 3, seed="t").frame_digest == sample.frame_digest
    assert draw(cases[1:], 3, seed="t").frame_digest != sample.frame_digest


def test_a_reference_stands_once_in_a_frame() -> None:
    with pytest.raises(InvalidInput, match="A stands twice"):
        draw(["A", "B", "A"], 2, seed="s")


def test_stand_ins_come_in_order() -> None:
    sample = draw(REFS, 10, seed="s", reserve=2)
    a, b = sample.strata[0].reserve
    first, second, third = sample.refs[:3]
    assert replaced(sample, [second, first, third]) == ((first, a), (second, b), (third, None))
    assert replaced(sample, [first, a]) == ((first, b),)
    assert replaced(sample, []) == ()


def test_answers_read_back_as_a_simple_sample() -> None:
    sample = draw(REFS, 100, seed="s")
    answers = {ref: i < 80 for i, ref in enumerate(sample.refs)}
    found = estimate(sample, answers)
    assert found.interval.value == Decimal("0.8")
    assert (found.found, found.counted, found.unanswered, found.silent) == (100, 80, 0, ())
    endless = wilson(80, 100)
    assert endless.low < found.interval.low < Decimal("0.8") < found.interval.high < endless.high
    assert "80 of 100" in str(found.message)
    # The effective size of 100 of 500: 100 * 499 / 400.
    low = (0.8 + 3.8415 / 249.5) / (1 + 3.8415 / 124.75) - (
        1.96 * (0.16 / 124.75 + 3.8415 / (4 * 124.75**2)) ** 0.5
    ) / (1 + 3.8415 / 124.75)
    assert float(found.interval.low) == pytest.approx(low, abs=1e-4)


def test_a_full_count_has_no_doubt() -> None:
    sample = draw(REFS[:20], 20, seed="s")
    found = estimate(sample, {ref: i < 5 for i, ref in enumerate(sample.refs)})
    assert (found.interval.low, found.interval.high) == (Decimal("0.25"), Decimal("0.25"))


def test_strata_are_weighted_and_silence_is_said() -> None:
    cases = [("n" if i < 400 else "s", ref) for i, ref in enumerate(REFS)]
    sample = draw(cases, 50, seed="s", least=25)
    north, south = sample.strata
    answers = dict.fromkeys(north.drawn, True) | dict.fromkeys(south.drawn, False)
    found = estimate(sample, answers)
    assert found.interval.value == Decimal("0.8")
    assert found.interval.low > Decimal("0.6")
    silent = estimate(sample, dict.fromkeys(north.drawn, True) | {south.drawn[0]: None})
    assert silent.silent == ("s",)
    assert silent.unanswered == 1
    assert "without an answer: s" in str(silent.message)
    nothing = estimate(sample, {})
    assert nothing.interval.value is None
    with pytest.raises(InvalidInput, match="not a case"):
        estimate(sample, {"stranger": True})


def test_the_interval_covers_as_often_as_it_says() -> None:
    rng = random.Random(6)
    cases = [("n" if i < 300 else "s", ref) for i, ref in enumerate(REFS)]
    truth = {ref: rng.random() < (0.4 if stratum == "n" else 0.8) for stratum, ref in cases}
    rate = Decimal(sum(truth.values())) / 500
    inside = 0
    for i in range(250):
        sample = draw(cases, 80, seed=f"{i}", least=30)
        inside += estimate(sample, {r: truth[r] for r in sample.refs}).interval.holds(rate)
    assert inside / 250 > 0.92


def test_seeds_and_sizes() -> None:
    assert len(new_seed()) == 32
    assert new_seed() != new_seed()
    assert wanted_size(1000, Decimal("0.05")) == 278
    assert wanted_size(1000, Decimal("0.05"), expected=Decimal("0.1")) < 278
    assert wanted_size(1000, Decimal("0.05"), confidence=99) > 278
