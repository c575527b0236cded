"""Control charts against published figures, a plain second reading, and simulation."""

from __future__ import annotations

import random
import statistics
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from kloe.core.errors import InvalidInput
from kloe.measures.spc import Change, Chart, Rule, Verdict, p_chart, xmr


def series(values: list[Any]) -> list[tuple[str, Any]]:
    return [(f"{i:02d}", None if v is None else Decimal(str(v))) for i, v in enumerate(values)]


def rules(chart: Chart) -> list[tuple[Rule, str, str, bool]]:
    return [(s.rule, s.first, s.last, s.up) for s in chart.signals]


QUIET = [50, 52, 49, 51, 48, 52, 50, 47, 51, 50, 49, 52]


def test_limits_are_the_mean_and_the_mean_moving_range() -> None:
    chart = xmr(series(QUIET))
    moves = [abs(a - b) for a, b in pairwise(QUIET)]
    point = chart.points[0]
    assert float(point.centre) == pytest.approx(statistics.fmean(QUIET))
    assert float(point.high - point.centre) == pytest.approx(2.66 * statistics.fmean(moves))
    assert float(point.centre - point.low) == pytest.approx(2.66 * statistics.fmean(moves))
    assert (chart.verdict, chart.signals) == (Verdict.NOISE, ())
    assert str(chart.sentence) == "All points vary no more than chance gives."


def test_a_published_example() -> None:
    # NIST/SEMATECH e-Handbook 6.3.2.2: flow rates of ten batches, sigma from MR / 1.128.
    flow = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
    point = xmr(series(flow)).points[0]
    assert float(point.centre) == pytest.approx(50.81)
    assert float(point.high) == pytest.approx(55.8041, abs=6e-3)
    assert float(point.low) == pytest.approx(45.8159, abs=6e-3)


def test_each_rule_by_itself() -> None:
    base = QUIET
    out = xmr(series([*base, 80]), baseline=12, better="lower")
    assert rules(out) == [(Rule.OUTSIDE, "12", "12", True)]
    assert out.verdict is Verdict.CHANGE
    assert "12, 80, lies outside" in str(out.sentence)
    assert str(out.sentence).endswith("a real change for the worse.")
    side = xmr(series([*base, 51, 52, 51, 52, 51, 52, 51, 52]), baseline=12, better="higher")
    assert (Rule.SIDE, "11", "19", True) in rules(side)
    assert "better" in str(side.sentence)
    seven = xmr(series([*base[:-1], 48, 51, 52, 51, 52, 51, 52, 51]), baseline=12)
    assert Rule.SIDE not in [s.rule for s in seven.signals]
    rise = xmr(series([*base, 46, 47, 48, 49, 50, 51]), baseline=12)
    assert (Rule.TREND, "12", "17", True) in rules(rise)
    five = xmr(series([*base, 47, 48, 49, 50, 51, 51]), baseline=12)
    assert Rule.TREND not in [s.rule for s in five.signals]
    fall = xmr(series([*base, 53, 52, 51, 50, 49, 48]), baseline=12)
    assert (Rule.TREND, "12", "17", False) in rules(fall)
    near = xmr(series([*base, 56, 50, 56, 50]), baseline=12)
    assert rules(near) == [(Rule.NEAR, "12", "14", True)]
    assert near.verdict is Verdict.NOISE
    assert "an earlier one is not" in str(near.sentence)
    apart = xmr(series([*base, 56, 50, 50, 56]), baseline=12)
    assert rules(apart) == []
    low = xmr(series([*base, 44, 44]), baseline=12)
    assert rules(low) == [(Rule.NEAR, "12", "13", False)]


def test_points_carry_their_rules() -> None:
    chart = xmr(series([*QUIET, 80, 50]), baseline=12)
    assert [p.label for p in chart.points if p.rules] == ["12"]
    assert chart.points[12].rules == (Rule.OUTSIDE,)


@pytest.mark.parametrize("n", [0, 1, 7])
def test_too_few_points_say_so(n: int) -> None:
    for chart in (xmr(series(QUIET[:n])), p_chart([(str(i), 3, 9) for i in range(n)])):
        assert chart.verdict is Verdict.TOO_FEW
        assert all(p.centre is None for p in chart.points)
        assert str(8) in str(chart.sentence)
        assert not chart.signals
    eight = xmr(series(QUIET[:8]))
    assert eight.verdict is Verdict.NOISE
    assert "8 points and will still move" in str(eight.notes[0])
    assert not xmr(series(QUIET)).notes


def test_a_named_change_draws_the_limits_anew() -> None:
    values = [*QUIET, *(v + 30 for v in QUIET)]
    without = xmr(series(values), baseline=12)
    assert without.verdict is Verdict.CHANGE
    change = Change("12", "A. Lead", "The contractor changed.")
    named = xmr(series(values), changes=[change])
    assert named.signals == ()
    assert [p.first for p in named.phases] == ["00", "12"]
    assert named.phases[1].centre - named.phases[0].centre == 30
    assert "A. Lead" in str(named.notes[0])
    fresh = xmr(series(values[:15]), changes=[change])
    assert fresh.verdict is Verdict.TOO_FEW
    assert "3 points are too few" in str(fresh.sentence)


def test_gaps_are_not_reached_across() -> None:
    chart = xmr(series([*QUIET, None, *QUIET[:4]]), baseline=12)
    assert chart.points[12].value is None
    rising = xmr(series([*QUIET, 46, 47, 48, None, 49, 50, 51]), baseline=12)
    assert Rule.TREND not in [s.rule for s in rising.signals]
    # The move across the gap is no moving range.
    jump = xmr(series([50, 51] * 4 + [None] + [90, 91] * 4))
    assert jump.points[0].high - jump.points[0].centre == Decimal("2.66")


def test_no_limit_lies_where_no_value_can() -> None:
    values = [0, 5, 0, 6, 1, 0, 7, 0, 4]
    assert xmr(series(values)).points[0].low == 0
    assert xmr(series(values), floor=None).points[0].low < 0
    flat = xmr(series([4] * 9))
    assert (flat.points[0].low, flat.points[0].high, flat.signals) == (4, 4, ())


def test_a_p_chart_by_hand() -> None:
    counts = [(12, 100), (15, 120), (9, 90), (14, 110), (11, 95), (13, 105), (10, 100), (16, 130)]
    chart = p_chart([(str(i), x, n) for i, (x, n) in enumerate(counts)])
    p = sum(x for x, _ in counts) / sum(n for _, n in counts)
    z = [(x / n - p) / (p * (1 - p) / n) ** 0.5 for x, n in counts]
    moves = [abs(a - b) for a, b in pairwise(z)]
    sigma = statistics.fmean(moves) / 1.128
    assert float(chart.phases[0].spread) == pytest.approx(sigma)
    widen = sigma if chart.phases[0].laney else 1
    for point, (x, n) in zip(chart.points, counts, strict=True):
        half = 3 * (p * (1 - p) / n) ** 0.5 * widen
        assert float(point.value) == pytest.approx(x / n)
        assert float(point.high) == pytest.approx(p + half)
        assert float(point.low) == pytest.approx(max(0, p - half))


def test_laney_widens_where_rates_vary_more_than_their_numbers() -> None:
    rng = random.Random(2)
    large = []
    for i in range(24):
        rate = 0.8 + rng.gauss(0, 0.03)
        large.append((f"{i:02d}", round(20_000 * rate), 20_000))
    chart = p_chart(large)
    assert chart.phases[0].laney
    assert chart.phases[0].spread > 5
    assert sum(Rule.OUTSIDE in p.rules for p in chart.points) <= 1
    assert any("Laney" in str(note) for note in chart.notes)


def test_gaps_and_extremes_of_rates() -> None:
    chart = p_chart([(str(i), 0, 50) for i in range(9)] + [("none", 0, 0), ("gap", None, None)])
    assert chart.signals == ()
    assert chart.points[-1].value is None
    assert chart.points[0].high == 0
    outside = p_chart([(f"{i:02d}", 0, 50) for i in range(9)] + [("99", 1, 50)], baseline=9)
    assert outside.verdict is Verdict.CHANGE


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(InvalidInput, match="5 of 4"):
        p_chart([("a", 5, 4)])
    with pytest.raises(InvalidInput, match="baseline of 5"):
        xmr(series(QUIET), baseline=5)
    with pytest.raises(InvalidInput, match="not among"):
        xmr(series(QUIET), changes=[Change("x", "y", "z")])
    with pytest.raises(ValueError, match="label"):
        xmr([("a", 1), ("a", 2)])


def test_how_often_noise_is_called_change() -> None:
    """The rates that the documentation states, from a fixed seed."""
    rng = random.Random(1)
    latest = somewhere = 0
    for _ in range(600):
        chart = xmr(series([round(rng.gauss(100, 10), 2) for _ in range(24)]))
        latest += chart.verdict is Verdict.CHANGE
        somewhere += bool(chart.signals)
    assert 1 / 100 < latest / 600 < 1 / 30
    assert 1 / 8 < somewhere / 600 < 1 / 5
    wide = 0
    for _ in range(200):
        rows = []
        for i in range(24):
            n = rng.randint(80, 300)
            rows.append((str(i), sum(rng.random() < 0.8 for _ in range(n)), n))
        wide += p_chart(rows).phases[0].laney
    assert wide / 200 < 0.1


@pytest.mark.parametrize(
    ("shift", "least", "most"), [(10, 0.47, 0.67), (15, 0.75, 0.92), (20, 0.95, 1.0)]
)
def test_how_often_a_shift_is_found(shift: int, least: float, most: float) -> None:
    rng = random.Random(4)
    found = 0
    for _ in range(300):
        values = [round(rng.gauss(100 + shift * (i >= 16), 10), 2) for i in range(24)]
        chart = xmr(series(values), baseline=16)
        found += any(s.last >= "16" for s in chart.signals)
    assert least < found / 300 <= most


def test_the_error_of_sigma_z_is_the_one_cited() -> None:
    rng = random.Random(9)
    k = 20
    got = []
    for _ in range(4000):
        z = [rng.gauss(0, 1) for _ in range(k)]
        got.append(statistics.fmean(abs(a - b) for a, b in pairwise(z)) / 1.128)
    assert statistics.stdev(got) == pytest.approx((0.8264 * k - 1.082) ** 0.5 / (k - 1), rel=0.04)
