"""The scope proposal over generated facts: more against a theme never lowers it."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from kloe.assessment.scope import (
    COUNTED,
    IndicatorFact,
    KnownFact,
    LastTime,
    Proposal,
    ThemeFacts,
    Why,
    propose,
)
from kloe.assessment.scope_weights import Weights

ON = date(2026, 4, 1)
RUN = settings(max_examples=80, deadline=None)
CRITERIA = ("a", "b", "c", "d", "e")
DAYS = st.dates(date(2018, 1, 1), ON)

indicators = st.lists(
    st.builds(
        IndicatorFact,
        st.sampled_from(["TP01", "TP02", "RP02", "BS01", "CH02"]),
        st.sampled_from(["One", "Two"]),
        st.sampled_from(["best", "second", "third", "worst", ""]),
        st.lists(st.sampled_from(CRITERIA), unique=True, max_size=3).map(tuple),
    ),
    max_size=6,
).map(tuple)
known = st.lists(
    st.builds(
        KnownFact,
        st.sampled_from(["audit", "regulator's judgement", "other"]),
        st.sampled_from(["A", "B"]),
        DAYS,
        st.sampled_from(["for", "neutral", "against"]),
    ),
    max_size=5,
).map(tuple)
placings = st.dictionaries(
    st.sampled_from(CRITERIA), st.sampled_from(["upper", "between", "lower", "met", "cannot-tell"])
)
weights = st.builds(
    lambda values: Weights(**values),
    st.fixed_dictionaries({f.name: st.integers(0, 100) for f in fields(Weights)}),
)


last_times = st.builds(
    LastTime, DAYS, st.none() | st.just("Poor"), st.integers(0, 3), st.integers(3, 6)
)


@st.composite
def facts(draw: st.DrawFn, number: int = 1) -> ThemeFacts:
    in_scope = draw(st.integers(0, 5))
    return ThemeFacts(
        theme=f"f/{number % 3}/{number}",
        kloe=f"f/{number % 3}",
        order=number,
        title=f"Theme {number}",
        kloe_title=f"KLOE {number % 3}",
        indicators=draw(indicators),
        known=draw(known),
        placings=draw(placings),
        contradicted=tuple(draw(st.lists(st.sampled_from(CRITERIA), unique=True, max_size=4))),
        placed=draw(st.none() | st.integers(0, in_scope)),
        in_scope=in_scope,
        last_assessed=draw(st.none() | DAYS),
        weak_last_time=draw(st.none() | last_times),
    )


def one(f: ThemeFacts, w: Weights | None = None) -> Proposal:
    return propose([f], on=ON, weights=w).themes[0]


@st.composite
def worsened(draw: st.DrawFn, f: ThemeFacts) -> ThemeFacts:
    """The same theme with one thing more against it."""
    which = draw(
        st.sampled_from(["indicator", "known", "high", "evidence", "coverage", "age", "last"])
    )
    if which == "indicator":
        bad = IndicatorFact(
            draw(st.sampled_from(["TP01", "NM01"])),
            "More",
            draw(st.sampled_from(["third", "worst"])),
            tuple(draw(st.lists(st.sampled_from(CRITERIA), max_size=2))),
        )
        return replace(f, indicators=(*f.indicators, bad))
    if which == "known":
        return replace(f, known=(*f.known, KnownFact("audit", "More", draw(DAYS), "against")))
    if which == "high":
        return replace(f, placings={**f.placings, draw(st.sampled_from(CRITERIA)): "upper"})
    if which == "evidence":
        return replace(f, contradicted=(*f.contradicted, draw(st.sampled_from(CRITERIA))))
    if which == "last":
        return replace(f, weak_last_time=f.weak_last_time or draw(last_times))
    if which == "coverage":
        return replace(f, placed=max(0, f.placed - 1)) if f.placed is not None else f
    if f.last_assessed is None:
        return f
    return replace(f, last_assessed=f.last_assessed - timedelta(days=draw(st.integers(0, 2000))))


@RUN
@given(st.data(), facts(), weights)
def test_more_against_it_never_lowers_a_theme(
    data: st.DataObject, f: ThemeFacts, w: Weights
) -> None:
    worse = data.draw(worsened(f))
    assert one(worse, w).score >= one(f, w).score
    others = [data.draw(facts(number=n)) for n in (2, 3)]
    before = propose([f, *others], on=ON, weights=w)
    after = propose([worse, *others], on=ON, weights=w)
    assert _rank(after.themes, f.theme) <= _rank(before.themes, f.theme)
    assert {p.theme for p in before.themes if p.proposed} <= {
        p.theme for p in after.themes if p.proposed
    }
    kloes = {k.kloe: k.score for k in before.kloes}
    assert all(k.score >= kloes[k.kloe] for k in after.kloes)


def _rank(rows: tuple[Proposal, ...], theme: str) -> int:
    return next(row.rank for row in rows if row.theme == theme)


@RUN
@given(st.data(), facts())
def test_the_order_of_facts_makes_no_difference(data: st.DataObject, first: ThemeFacts) -> None:
    rows = [first, *(data.draw(facts(number=n)) for n in range(2, 6))]
    mixed = [
        replace(
            f,
            indicators=tuple(data.draw(st.permutations(f.indicators))),
            known=tuple(data.draw(st.permutations(f.known))),
            contradicted=tuple(data.draw(st.permutations(f.contradicted))),
            placings=dict(data.draw(st.permutations(list(f.placings.items())))),
        )
        for f in data.draw(st.permutations(rows))
    ]
    assert propose(mixed, on=ON) == propose(rows, on=ON)


@RUN
@given(facts(), weights)
def test_points_are_reasons_and_a_weight_of_nothing_removes_its_own(
    f: ThemeFacts, w: Weights
) -> None:
    row = one(f, w)
    assert row.score == sum((r.points for r in row.reasons), Decimal(0))
    assert all(r.points > 0 and str(r.words) for r in row.reasons)
    assert row.proposed is (row.score >= w.threshold)
    of = {
        Why.OVERRATED: ("overrated",),
        Why.INDICATORS: ("worst_quarter", "third_quarter"),
        Why.KNOWN: ("known_against",),
        Why.CONTRADICTED: ("contradicted",),
        Why.LAST: ("weak_last_time",),
        Why.COVERAGE: ("low_coverage",),
        Why.NEVER: ("never_assessed",),
        Why.LONG: ("not_for_long",),
    }
    assert set(of) == set(Why)
    for reason in row.reasons:
        highest = max(getattr(w, name) for name in of[reason.why])
        assert reason.points <= COUNTED * highest
        without = one(f, replace(w, **dict.fromkeys(of[reason.why], 0)))
        assert reason.why not in {r.why for r in without.reasons}
        assert [r for r in row.reasons if r is not reason] == list(without.reasons)


def _fresh(f: ThemeFacts, w: Weights) -> Decimal:
    """The score worked out once more, in the plainest way, from the words of the settings."""

    def strongest(points: list[Decimal]) -> Decimal:
        return sum(sorted(points, reverse=True)[:3], Decimal(0))

    by_measure: dict[str, Decimal] = {}
    for i in f.indicators:
        worth = {"worst": w.worst_quarter, "third": w.third_quarter}.get(i.quarter, 0)
        by_measure[i.measure] = max(by_measure.get(i.measure, Decimal(0)), Decimal(worth))
    total = strongest(list(by_measure.values()))
    old = []
    for k in f.known:
        if k.tone == "against":
            years = Decimal((ON - k.date).days) / Decimal("365.25")
            part = Decimal(1) if years <= 1 else Decimal("0.5") if years <= 3 else Decimal("0.25")
            old.append(part * w.known_against)
    total += _tenth(strongest(old))
    hit = {c for i in f.indicators if i.quarter == "worst" for c in i.criteria}
    high = [c for c in hit if f.placings.get(c) in ("upper", "met")]
    total += strongest([Decimal(w.overrated)] * len(high))
    total += strongest([Decimal(w.contradicted)] * len(set(f.contradicted)))
    if f.weak_last_time is not None:
        total += w.weak_last_time
    if f.placed is not None and f.in_scope:
        total += _tenth(Decimal(f.in_scope - f.placed) * w.low_coverage / Decimal(f.in_scope))
    if f.last_assessed is None:
        total += w.never_assessed
    elif Decimal((ON - f.last_assessed).days) / Decimal("365.25") >= w.long_years:
        total += w.not_for_long
    return total


def _tenth(value: Decimal) -> Decimal:
    return Decimal(int(value * 10 + Decimal("0.5"))) / 10


@RUN
@given(facts(), weights)
def test_scores_agree_with_a_second_reckoning(f: ThemeFacts, w: Weights) -> None:
    assert one(f, w).score == _fresh(f, w)
