"""Nobody who has every table, breakdown and period can narrow what is hidden.

The attacker is a linear program in another library that sees what is shown and how it adds up.
"""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attacker import Attack
from kloe.core.periods import Period
from kloe.measures.layout import Layout, layout
from kloe.measures.suppression import Key, Kind, Plan, Policy, Row, Zeros, plan

RUN = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))

QUARTERS = {
    "2025-Q1": Period(date(2025, 4, 1), date(2025, 6, 30)),
    "2025-Q2": Period(date(2025, 7, 1), date(2025, 9, 30)),
    "2025-Q3": Period(date(2025, 10, 1), date(2025, 12, 31)),
    "2025-Q4": Period(date(2026, 1, 1), date(2026, 3, 31)),
}
YEAR = {"2025": Period(date(2025, 4, 1), date(2026, 3, 31))}
ROLLING = {
    "to June": Period(date(2024, 7, 1), date(2025, 6, 30)),
    "to September": Period(date(2024, 10, 1), date(2025, 9, 30)),
    "to December": Period(date(2025, 1, 1), date(2025, 12, 31)),
}
PERIODS = [YEAR, QUARTERS, QUARTERS | YEAR, ROLLING, {}]
AREAS = ("east", "west")
ESTATES = ("e1", "e2", "e3", "w1", "w2")
WITHIN = {"estate": ("area", {e: "east" if e[0] == "e" else "west" for e in ESTATES})}
TENURES = ("secure", "starter", "not known")
MIXES = ((0, 2), (0, 12), (0, 40), (5, 400))


def make(
    seed: int, periods: dict[str, Period], kind: Kind, mix: int, rate: float, cross: bool
) -> tuple[Layout, dict[Key, Row]]:
    """Cases in groups and pieces of time, added up to every row."""
    rng = random.Random(seed)
    periods = periods or YEAR
    breakdowns = {"estate": ESTATES, "area": AREAS}
    if cross:
        breakdowns["tenure"] = TENURES
    shape = layout(periods, breakdowns, within=WITHIN)
    pieces = [p for p in shape.periods.values() if _is_piece(p, shape)]
    atoms: dict[tuple[Period, str, str], tuple[Decimal | int, Decimal | int, int]] = {}
    for piece in pieces:
        for estate in ESTATES:
            for tenure in TENURES:
                low, high = MIXES[mix if rng.random() < 0.8 else rng.randrange(4)]
                n = rng.randint(low, high)
                if kind is Kind.AMOUNT:
                    money = Decimal(sum(rng.randint(0, 900) for _ in range(n))) / 100
                    atoms[piece, estate, tenure] = (money * rng.randint(0, 3), money, n)
                else:
                    hits = sum(rng.random() < rate for _ in range(n))
                    atoms[piece, estate, tenure] = (hits, n, n)
    rows = {}
    for key in shape.keys:
        label, characteristic, group = key
        span = shape.periods[label]
        chosen = [
            figures
            for (piece, estate, tenure), figures in atoms.items()
            if span.start <= piece.start
            and piece.end <= span.end
            and (
                not characteristic
                or group in (estate, tenure)
                or (characteristic == "area" and WITHIN["estate"][1][estate] == group)
            )
        ]
        a, b, n = (sum((c[i] for c in chosen), 0) for i in range(3))
        rows[key] = Row(a, b, n, shape.is_overall(key), shape.is_implied(key))
    return shape, rows


def _is_piece(period: Period, shape: Layout) -> bool:
    others = [p for p in shape.periods.values() if p != period]
    return not any(period.start <= p.start and p.end <= period.end for p in others)


def attack(shape: Layout, found: Plan) -> Attack:
    """Everything shown, as a reader would write it down."""
    attacker = Attack()
    complement = found.kind is Kind.SHARE
    parts = ["numerator", "denominator"] + (["rest"] if complement else [])
    for key in shape.keys:
        seen = found.shown(key)
        attacker.row(
            key, numerator=seen.numerator, denominator=seen.denominator, complement=complement
        )
        if found.kind is Kind.AMOUNT:
            (attacker.hidden if seen.n is None else attacker.shown)(
                *((key, "n"),) if seen.n is None else ((key, "n"), seen.n)
            )
    if found.kind is Kind.AMOUNT:
        parts.append("n")
    attacker.tables([(r.total, r.parts) for r in shape.relations], parts)
    return attacker


def true_value(row: Row, part: str) -> Decimal | int:
    return {
        "numerator": row.numerator,
        "denominator": row.denominator,
        "rest": row.denominator - row.numerator,
        "n": row.n,
    }[part]


def everybody(shape: Layout, rows: dict[Key, Row], key: Key, part: str) -> Decimal | int:
    """The least figure for everybody that is shown and holds a row: more cannot be hidden."""
    span = shape.periods[key[0]]
    return min(
        true_value(rows[label, "", ""], part)
        for label, period in shape.periods.items()
        if period.start <= span.start and span.end <= period.end and label not in shape.implied
    )


def not_noughts(shape: Layout, rows: dict[Key, Row], found: Plan, attacker: Attack) -> None:
    """An attacker who knows that noughts are shown, so that what is hidden is none."""
    parts = [r.parts for r in shape.relations]
    for key, part in attacker.unknown:
        among = [group for group in parts if key in group]
        hidden = all(
            (other, part) not in attacker.known or (part != "denominator" and not rows[other].n)
            for group in among
            for other in group
        )
        if not (among and hidden) and true_value(rows[key], part) >= 1:
            attacker.at_least((key, part), 1)


def check(shape: Layout, rows: dict[Key, Row], found: Plan, *, knows_noughts: bool = False) -> int:
    """Every hidden number keeps its distance; returns how many were attacked."""
    attacker = attack(shape, found)
    if knows_noughts:
        not_noughts(shape, rows, found, attacker)
    policy = found.policy
    count = 0
    for name, (low, high) in attacker.all_bounds().items():
        key, part = name
        row = rows[key]
        true = float(true_value(row, part))
        assert low - 1e-6 <= true <= high + 1e-6
        if row.implied:
            hidden = policy.small(row.n)
            if part in ("numerator", "rest") and found.kind is not Kind.AMOUNT and not row.overall:
                hidden = hidden or policy.small(row.numerator)
                if found.kind is Kind.SHARE:
                    hidden = hidden or policy.small(row.n - row.numerator)
            if not hidden:
                continue
        wanted = policy.width
        if found.kind is Kind.AMOUNT and part != "n":
            wanted = float(true_value(row, part)) / 10
        caps = [everybody(shape, rows, key, part)]
        if found.kind is Kind.SHARE and found.shown(key).n is not None:
            caps = [everybody(shape, rows, key, p) for p in ("numerator", "rest")]
        if rows[key].overall:
            caps = [policy.width] if not row.implied else caps
        need = min(wanted, *map(float, caps))
        assert high - low >= need - 1e-6, (name, low, high, need, row)
        count += 1
    return count


@RUN
@given(
    st.integers(0, 10**9),
    st.sampled_from(PERIODS),
    st.sampled_from(Kind),
    st.integers(0, 3),
    st.sampled_from((0.0, 0.02, 0.3, 0.7, 1.0)),
    st.booleans(),
    st.sampled_from((Policy(), Policy(5), Policy(10, 10), Policy(10, zeros=Zeros.HIDE))),
)
def test_an_attacker_with_everything_learns_nothing(
    seed: int,
    periods: dict[str, Period],
    kind: Kind,
    mix: int,
    rate: float,
    cross: bool,
    policy: Policy,
) -> None:
    shape, rows = make(seed, periods, kind, mix, rate, cross)
    found = plan(rows, shape.relations, kind=kind, policy=policy)
    assert not found.exposed
    check(shape, rows, found)
    if kind is not Kind.AMOUNT and policy.zeros is Zeros.SHOW:
        check(shape, rows, found, knows_noughts=True)
    for key, row in rows.items():
        seen = found.shown(key)
        if policy.small(row.n):
            assert (seen.n, seen.numerator) == (None, None)
        elif seen.whole and not row.overall and kind is Kind.SHARE:
            assert not policy.small(row.numerator)
            assert not policy.small(row.n - row.numerator)


@RUN
@given(st.integers(0, 10**9), st.sampled_from(Kind), st.integers(0, 3))
def test_the_order_of_rows_never_matters(seed: int, kind: Kind, mix: int) -> None:
    shape, rows = make(seed, QUARTERS, kind, mix, 0.3, True)
    rng = random.Random(seed)
    names = list(rows)
    rng.shuffle(names)
    relations = list(shape.relations)
    rng.shuffle(relations)
    one = plan(rows, shape.relations, kind=kind)
    two = plan({name: rows[name] for name in names}, relations, kind=kind)
    assert one.levels == two.levels
    assert one.reasons == two.reasons


@pytest.mark.parametrize("seed", range(4))
def test_without_the_second_step_the_attacker_wins(seed: int) -> None:
    """The attacker is worth having: hiding only what is small itself is found out."""
    shape, rows = make(seed, QUARTERS | YEAR, Kind.SHARE, 2, 0.3, True)
    found = plan(rows, shape.relations)
    alone = Plan(
        found.policy,
        found.kind,
        found.rows,
        {
            key: level if found.reasons.get(key) not in (None, "by subtraction") else type(level)(0)
            for key, level in found.levels.items()
        },
        {},
    )
    with pytest.raises(AssertionError):
        check(shape, rows, alone)
    assert check(shape, rows, found) > 0


@RUN
@given(st.integers(0, 10**9), st.integers(0, 3), st.sampled_from((YEAR, QUARTERS | YEAR)))
def test_measures_over_the_same_groups_do_not_tell_on_each_other(
    seed: int, mix: int, periods: dict[str, Period]
) -> None:
    shape, rows = make(seed, periods, Kind.SHARE, mix, 0.5, True)
    first = plan(rows, shape.relations)
    turned = {
        key: Row(row.n - row.numerator if seed % 2 else 0, row.n, row.n, row.overall, row.implied)
        for key, row in rows.items()
    }
    second = plan(turned, shape.relations)
    amounts = plan(rows, shape.relations, kind=Kind.AMOUNT)
    attacker = Attack()
    for found in (first, second, amounts):
        for key in shape.keys:
            n = found.shown(key).n
            attacker.hidden(key) if n is None else attacker.shown(key, n)
    for relation in shape.relations:
        attacker.adds_up(relation.total, relation.parts)
    policy = Policy()
    for key in shape.keys:
        if policy.small(rows[key].n):
            low, high = attacker.bounds(key)
            everyone = min(rows[p, "", ""].n for p in periods if p in (key[0], "2025"))
            assert high - low >= min(policy.width, everyone) - 1e-6
