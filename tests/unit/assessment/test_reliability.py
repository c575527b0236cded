"""Agreement of people who rated for themselves, recomputed by the coincidence matrix."""

from __future__ import annotations

import random
from collections import defaultdict
from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kloe.assessment.positions import PLACINGS
from kloe.assessment.reliability import LEAST, Said, rank_of, reliability

PAIRED = [p.value for p in PLACINGS["paired"]]
FORMS = tuple(PLACINGS)


def by_coincidences(units: list[list[int]]) -> Fraction | None:
    """Krippendorff's alpha with ordinal distances, by the textbook: coincidence matrix, margins,
    observed over expected disagreement, in fractions throughout."""
    matrix: dict[tuple[int, int], Fraction] = defaultdict(Fraction)
    for values in units:
        for a, b in permutations(range(len(values)), 2):
            matrix[values[a], values[b]] += Fraction(1, len(values) - 1)
    ranks = sorted({a for a, _b in matrix})
    margin = {r: sum((matrix[r, other] for other in ranks), Fraction()) for r in ranks}
    n = sum(margin.values(), Fraction())

    def distance(a: int, b: int) -> Fraction:
        low, high = sorted((a, b))
        between = sum((margin[r] for r in ranks if low <= r <= high), Fraction())
        return (between - (margin[low] + margin[high]) / 2) ** 2

    observed = sum((matrix[a, b] * distance(a, b) for a in ranks for b in ranks), Fraction())
    expected = sum(
        (margin[a] * margin[b] * distance(a, b) for a in ranks for b in ranks), Fraction()
    )
    return None if not expected else 1 - (n - 1) * observed / expected


def paired(rows: list[list[str]]) -> list[Said]:
    return [
        Said(f"c{n}", "paired", f"p{who}", position)
        for n, row in enumerate(rows)
        for who, position in enumerate(row)
    ]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**9), st.integers(2, 4))
def test_alpha_is_what_the_coincidence_matrix_gives(seed: int, people: int) -> None:
    """With forms mixed, people who left criteria out, and states that lie on no scale."""
    draw = random.Random(seed)
    said, units = [], []
    for n in range(60):
        form = draw.choice(FORMS)
        values = []
        middle = draw.randrange(len(PLACINGS[form]))
        for who in range(people):
            near = max(0, min(len(PLACINGS[form]) - 1, middle + draw.choice((-1, 0, 0, 0, 1))))
            position = PLACINGS[form][near].value
            position = draw.choice([position] * 8 + ["", "cannot-tell"])
            said.append(Said(f"c{n}", form, f"p{who}", position))
            if (rank := rank_of(form, position)) is not None:
                values.append(rank)
        if len(values) > 1:
            units.append(values)
    found = reliability(said)
    assert found.shared == len(units)
    if found.alpha is None:
        assert len(units) < LEAST or by_coincidences(units) is None
    else:
        expected = by_coincidences(units)
        assert expected is not None
        assert found.alpha == pytest.approx(float(expected), abs=1e-9)


def test_alpha_is_not_given_for_fewer_than_thirty_shared_ratings() -> None:
    rows = [[PAIRED[n % 4], PAIRED[n % 3]] for n in range(LEAST - 1)]
    few = reliability(paired(rows))
    assert few.alpha is None
    assert str(few.why_not) == "not computable: 29 of the 30 shared ratings it needs"
    # What only one of them placed is not shared.
    still = reliability(paired([*rows, [PAIRED[0], ""], [PAIRED[0], "conflicting"]]))
    assert still.alpha is None
    assert still.shared == LEAST - 1
    assert reliability(paired([*rows, [PAIRED[0], PAIRED[0]]])).alpha is not None


def test_all_the_same_tells_nothing_and_all_agreeing_tells_one() -> None:
    same = reliability(paired([[PAIRED[1]] * 2] * LEAST))
    assert same.alpha is None
    assert "every placing is the same" in str(same.why_not)
    agreed = reliability(paired([[PAIRED[n % 4]] * 2 for n in range(LEAST)]))
    assert agreed.alpha == pytest.approx(1)
    assert agreed.percent == 100


def test_pairs_are_counted_by_how_far_apart_they_lie() -> None:
    found = reliability(
        paired(
            [
                ["upper", "upper", "lower"],
                ["upper", "worse"],
                ["upper", "conflicting"],
                ["cannot-tell", "conflicting"],
                ["between", ""],
            ]
        )
    )
    assert dict(found.steps) == {0: 1, 2: 2, 3: 1}
    assert (found.pairs, found.same, found.wider) == (4, 1, 3)
    assert (found.mixed, found.unplaced) == (1, 1)
    assert found.percent == 25
    assert found.people == 3


def test_nothing_said_is_no_agreement() -> None:
    found = reliability([])
    assert (found.pairs, found.percent, found.alpha) == (0, None, None)


@pytest.mark.parametrize("form", FORMS)
def test_the_order_runs_down_from_the_best(form: str) -> None:
    ranks = [rank_of(form, p.value) for p in PLACINGS[form]]
    assert ranks == sorted(ranks, key=lambda r: -(r or 0))
    assert ranks[0] == 4
    assert rank_of(form, "cannot-tell") is None
