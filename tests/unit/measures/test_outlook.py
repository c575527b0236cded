"""How sure a figure is, whether on target, real change or noise."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from kloe.core.periods import Period
from kloe.core.stats import wilson
from kloe.measures import outlook
from kloe.measures.catalogue import catalogue
from kloe.measures.outlook import Aim, Figure
from kloe.measures.spans import trend

YEAR = Period(date(2025, 4, 1), date(2026, 3, 31))
QUARTERS = trend(Period(date(2026, 1, 1), date(2026, 3, 31)), 12)
ALWAYS = catalogue().get("rents/accounts-before-start")
OWN = catalogue().get("repairs/on-time")
DAYS = catalogue().get("repairs/non-emergency-days")


def share(x: int, n: int, period: Period = YEAR) -> Figure:
    return Figure(period, Decimal(x) * 100 / n, Decimal(x), Decimal(n), n)


@pytest.mark.parametrize(
    ("start", "end", "wanted"),
    [
        ((2025, 4, 1), (2025, 6, 30), "2025/26 Q1"),
        ((2026, 1, 1), (2026, 3, 31), "2025/26 Q4"),
        ((2025, 12, 1), (2026, 2, 28), "2025-12-01/2026-02-28"),
        ((2025, 4, 1), (2026, 3, 31), "2025/26"),
    ],
)
def test_labels(start: tuple[int, ...], end: tuple[int, ...], wanted: str) -> None:
    assert outlook.quarter_label(Period(date(*start), date(*end))) == wanted


def test_a_share_has_its_interval_in_per_cent() -> None:
    found = outlook.interval_of(OWN, share(41, 60))
    plain = wilson(41, 60)
    assert found is not None
    assert plain.low is not None
    assert found.low == plain.low * 100
    assert outlook.interval_of(OWN, Figure(YEAR)) is None
    assert outlook.interval_of(DAYS, Figure(YEAR, Decimal(8), n=50)) is None


@pytest.mark.parametrize(
    ("figure", "aim"),
    [
        (share(100, 100), Aim.ON),
        (share(40, 100), Aim.OFF),
        # Wilson's interval of 100 in 100 has its upper bound at one: nothing below is by chance.
        (share(99, 100), Aim.OFF),
        (Figure(YEAR), Aim.NONE),
    ],
)
def test_aim(figure: Figure, aim: Aim) -> None:
    seen = outlook.attention(ALWAYS, figure, None)
    assert outlook.aim_of(ALWAYS, seen) is aim


def test_without_a_target_value_there_is_no_aim() -> None:
    assert outlook.aim_of(OWN, outlook.attention(OWN, share(1, 100), None)) is Aim.NONE


def test_what_is_hidden_calls_for_nothing() -> None:
    seen = outlook.attention(ALWAYS, share(1, 100), None, hidden=True, doubts=3)
    assert (seen.points, seen.reasons) == (0, ())
    assert outlook.aim_of(ALWAYS, seen) is Aim.NONE


def test_shares_go_on_a_p_chart_and_times_on_an_xmr_chart() -> None:
    chart = outlook.chart_of(OWN, [share(80 + n % 3, 100, p) for n, p in enumerate(QUARTERS)])
    assert chart is not None
    assert chart.kind == "p"
    assert outlook.scale_of(chart) == 100
    times = [Figure(p, Decimal(8 + n % 3), n=50) for n, p in enumerate(QUARTERS)]
    chart = outlook.chart_of(DAYS, times)
    assert chart is not None
    assert chart.kind == "xmr"
    assert outlook.scale_of(chart) == 1
    assert outlook.chart_of(OWN, [Figure(p) for p in QUARTERS]) is None


def test_a_hidden_quarter_is_a_gap() -> None:
    series = [share(80, 100, p) for p in QUARTERS[:-1]] + [Figure(QUARTERS[-1])]
    chart = outlook.chart_of(OWN, series)
    assert chart is not None
    assert chart.points[-1].value is None


def test_a_band_may_lack_a_bound() -> None:
    banded = [m for m in catalogue().all() if m.target and m.target.high is not None]
    assert banded
    for measure in banded:
        found = outlook.target_of(measure.target)
        assert isinstance(found, tuple)
    assert outlook.target_of(None) is None
