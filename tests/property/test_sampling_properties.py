"""Samples over generated frames: sizes, proportions, order, and one seed one sample."""

from __future__ import annotations

import random
from fractions import Fraction

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kloe.records.sampling import allot, draw, estimate, redrawn, replaced

RUN = settings(max_examples=80, deadline=None)
SIZES = st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.integers(0, 60), max_size=6)


@RUN
@given(SIZES, st.integers(0, 200), st.integers(0, 5))
def test_an_allotment(sizes: dict[str, int], size: int, least: int) -> None:
    total = sum(sizes.values())
    floors = {name: min(least, n) for name, n in sizes.items()}
    assume(sum(floors.values()) <= min(size, total))
    found = allot(sizes, size, least=least)
    assert sum(found.values()) == min(size, total)
    assert found == allot(dict(reversed(sizes.items())), size, least=least)
    for name, n in sizes.items():
        assert floors[name] <= found[name] <= n
        if not least and total:
            quota = Fraction(min(size, total) * n, total)
            assert abs(found[name] - quota) < 1


@RUN
@given(SIZES, st.integers(0, 100), st.text(max_size=8), st.integers(0, 4), st.integers(0, 99))
def test_a_sample(sizes: dict[str, int], size: int, seed: str, reserve: int, mix: int) -> None:
    cases = [(name, f"{name}{i}") for name, n in sizes.items() for i in range(n)]
    sample = draw(cases, size, seed=seed, reserve=reserve)
    assert len(set(sample.refs)) == sample.size == min(size, len(cases))
    mixed = list(cases)
    random.Random(mix).shuffle(mixed)
    assert draw(mixed, size, seed=seed, reserve=reserve) == sample
    assert redrawn(sample, mixed)
    for stratum in sample.strata:
        assert not set(stratum.drawn) & set(stratum.reserve)
        assert len(stratum.reserve) == min(reserve, stratum.cases - len(stratum.drawn))
    missing = sample.refs[::3]
    pairs = replaced(sample, missing)
    assert [ref for ref, _other in pairs] == list(missing)
    others = [other for _ref, other in pairs if other]
    assert len(set(others)) == len(others)
    found = estimate(sample, {ref: i % 2 == 0 for i, ref in enumerate(sample.refs)})
    if sample.size:
        assert 0 <= found.interval.low <= found.interval.value <= found.interval.high <= 1
        assert not set(found.silent) & {s.name for s in sample.strata if s.drawn}
