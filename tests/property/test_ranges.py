"""The exact ranges of hidden numbers against a linear program, and by trying everything."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attacker import Attack
from kloe.measures.ranges import groups_of, proofs, ranges

RUN = settings(max_examples=80, deadline=None)


@st.composite
def grids(draw: st.DrawFn) -> tuple[dict, list, list]:
    """A grid with sums of rows and columns, some of its cells hidden."""
    r, c = draw(st.integers(1, 5)), draw(st.integers(1, 6))
    true = {}
    for i in range(r):
        for j in range(c):
            true[i, j] = draw(st.integers(0, 30))
    sums = []
    for i in range(r):
        true[i, "all"] = sum(true[i, j] for j in range(c))
        sums.append({(i, "all"): -1, **{(i, j): 1 for j in range(c)}})
    for j in range(c):
        true["all", j] = sum(true[i, j] for i in range(r))
        sums.append({("all", j): -1, **{(i, j): 1 for i in range(r)}})
    hidden = draw(st.lists(st.sampled_from(sorted(true, key=str)), unique=True, min_size=1))
    return true, sums, hidden


@RUN
@given(grids())
def test_ranges_are_those_of_a_linear_program(case: tuple[dict, list, list]) -> None:
    true, sums, hidden = case
    attack = Attack()
    for one in sums:
        total = next(name for name, f in one.items() if f < 0)
        attack.adds_up(total, [name for name in one if name != total])
    for name, value in true.items():
        if name not in hidden:
            attack.shown(name, value)
    found = ranges(hidden, sums, true, dict.fromkeys(hidden, 0))
    for name in hidden:
        low, high = attack.bounds(name)
        assert found[name].least == pytest.approx(low, abs=1e-6)
        if found[name].most is None:
            assert high == float("inf")
        else:
            assert found[name].most == pytest.approx(high, abs=1e-6)
            assert found[name].least <= true[name] <= found[name].most


@RUN
@given(st.data())
def test_ranges_in_whole_numbers_by_trying_everything(data: st.DataObject) -> None:
    n, most = 4, 6
    true = {i: data.draw(st.integers(0, most)) for i in range(n)}
    sums = []
    for k in range(data.draw(st.integers(1, 3))):
        factors = {i: data.draw(st.integers(-2, 3)) for i in range(n)}
        true["sum", k] = sum(f * true[i] for i, f in factors.items())
        sums.append({**factors, ("sum", k): -1})
    # A sum over all keeps everything within reach of counting.
    true["all"] = sum(true[i] for i in range(n))
    sums.append({**dict.fromkeys(range(n), 1), "all": -1})
    hidden = list(range(n))
    found = ranges(hidden, sums, true, dict.fromkeys(hidden, 0))
    possible = [
        point
        for point in itertools.product(range(true["all"] + 1), repeat=n)
        if all(
            sum(f * (point[v] if v in hidden else true[v]) for v, f in one.items()) == 0
            for one in sums
        )
    ]
    for i in hidden:
        # Never wider than what whole numbers allow.
        assert min(p[i] for p in possible) <= found[i].least <= true[i]
        assert true[i] <= found[i].most <= max(p[i] for p in possible)


def test_numbers_that_share_no_sum_stand_apart() -> None:
    sums = [{"a": 1, "b": 1, "all": -1}, {"c": 1, "d": 1, "all": -1}]
    assert groups_of("abcd", sums) == [["a", "b"], ["c", "d"]]
    assert groups_of("ac", sums) == [["a"], ["c"]]
    assert groups_of(["a", "c", "all"], sums) == [["a", "c", "all"]]


def test_what_is_known_of_a_number_narrows_it() -> None:
    true = {"a": 3, "b": 4, "all": 7}
    sums = [{"a": 1, "b": 1, "all": -1}]
    found = ranges(["a", "b"], sums, true, {"a": 1, "b": 1})
    assert (found["a"].least, found["a"].most, found["a"].width) == (1, 6, 5)
    with pytest.raises(ValueError, match="below"):
        ranges(["a", "b"], sums, true, {"a": 4, "b": 1})


@RUN
@given(grids(), st.integers(1, 12))
def test_proofs_are_two_other_ways_in_which_all_sums_hold(
    case: tuple[dict, list, list], wide: int
) -> None:
    true, sums, hidden = case
    wanted = dict.fromkeys(hidden, wide)
    zero = dict.fromkeys(hidden, 0)
    full = ranges(hidden, sums, true, zero)
    found = proofs(hidden, sums, true, zero, wanted)
    # Grids give whole corners, so everything wide enough is proven.
    assert set(found) == {v for v in hidden if full[v].width is None or full[v].width >= wide}
    for v, proof in found.items():
        assert proof.width(v) >= wide
        for way in (proof.low, proof.high):
            assert set(way) <= set(hidden)
            assert all(true[k] + by >= 0 for k, by in way.items())
            for one in sums:
                assert sum(f * way.get(k, 0) for k, f in one.items()) == 0
