"""Gaps, shares and samples on their pages, how values lie, and peers from a dataset."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from computed_ground import bring_in, compute_quickly, forget
from django.urls import reverse

from kloe.core.stats import size_for
from kloe.measures.catalogue import catalogue
from kloe.web.indicators import measure_page
from kloe.web.indicators.models import ComputedResult, ComputedSummary
from kloe.web.library import store

SHARES = "diversity/respondents-representation"
CONTACTS = "diversity/contact-take-up"
BOARD = "diversity/board-representation"
SAMPLE = next(
    s.id for s in catalogue().match(["homes"]) if s.measure.kind.value == "adequacy"
)  # fmt: skip
GAP = "rents/arrears-gap"
DAYS = "repairs/non-emergency-days"
MEASURES = (SHARES, CONTACTS, BOARD, SAMPLE, GAP, DAYS)
END = date(2026, 3, 31)


@pytest.fixture
def done(assessment: Any, lead: Any, org: Any) -> Any:
    bring_in(org)
    yield compute_quickly(assessment, lead, MEASURES)
    forget(org)


@pytest.fixture
def page(done: Any, assessment: Any, lead: Any, client_of: Any) -> Any:
    client = client_of(lead)

    def get(measure: str) -> tuple[str, measure_page.MeasurePage]:
        answer = client.get(reverse("measure", args=[assessment.pk, measure]))
        assert answer.status_code == 200
        built = measure_page.page_of(
            assessment, store.pinned(assessment), catalogue().source(measure)
        )
        return answer.content.decode(), built

    return get


@pytest.fixture(scope="module")
def published() -> Any:
    """An invented sector of landlords, imported into the tests' data directory."""
    from django.conf import settings

    from kloe.measures.dataset import open_dataset
    from kloe.web.demonstration import build, sector

    return open_dataset(
        settings.DATA_DIR, sector.bring_in(settings.DATA_DIR, build.read("landlord.yaml"))
    )


def rows_of(measure: str, **more: Any) -> list[ComputedResult]:
    return list(
        ComputedResult.objects.filter(measure=measure, period_end=END, **more).exclude(grouping="")
    )


def test_shares_say_how_many_there_would_be_and_what_can_be_said(page: Any) -> None:
    seen = 0
    for measure in (SHARES, CONTACTS):
        found, built = page(measure)
        shown = [r for r in rows_of(measure, level="all") if r.value]
        for row in shown:
            group = rows_of(measure, grouping=row.grouping)
            if any(r.level != "all" for r in group):
                continue
            of_x = sum(Decimal(r.numerator) for r in group)
            of_base = sum(Decimal(r.denominator) for r in group)
            expected = of_x * Decimal(row.denominator) / of_base
            assert abs(Decimal(row.spread["expected"]) - expected) < Decimal("1e-9")
            ratio = Decimal(row.numerator) / expected
            assert abs(Decimal(row.value) - ratio) < Decimal("1e-9")
            assert Decimal(row.spread["low"]) <= ratio <= Decimal(row.spread["high"])
            seen += 1
        if shown:
            assert "At its share" in found
            said = {c for b in built.breakdowns for r in b.rows for c in r.cells[1:]}
            assert said <= {
                "", "fewer than its share", "about its share", "more than its share",
                "too few to tell", "none in the population",
            }  # fmt: skip
            assert said - {""}
    assert seen


def test_a_small_body_is_hidden_in_every_period(page: Any) -> None:
    found, built = page(BOARD)
    years = {r.period_start.year for r in ComputedResult.objects.filter(measure=BOARD)}
    assert len(years) == 4
    for row in ComputedResult.objects.filter(measure=BOARD).exclude(level="all"):
        assert not row.value
        assert not row.numerator
        assert row.spread == {}
    hidden = [r for b in built.breakdowns for r in b.rows if r.hidden]
    assert hidden
    assert all(not any(r.cells) for r in hidden)
    assert "hidden" in found


def test_where_the_widest_is_hidden_the_widest_shown_leads(done: Any) -> None:
    seen = 0
    for measure in (SHARES, CONTACTS, GAP):
        (whole,) = ComputedResult.objects.filter(measure=measure, grouping="", period_end=END)
        shown = [
            r for r in rows_of(measure, level="all")
            if r.value and r.group and Decimal(r.denominator) >= 10
        ]  # fmt: skip
        if not shown:
            assert whole.level != "all" or not whole.value
            continue
        seen += 1
        widest = max(shown, key=lambda r: abs(Decimal(r.value) - 1))
        assert abs(Decimal(whole.value) - 1) == abs(Decimal(widest.value) - 1)
        assert [*whole.leading] in [[r.grouping, r.group] for r in shown]
    assert seen


def test_a_sample_says_what_each_stratum_lacks(page: Any) -> None:
    found, _built = page(SAMPLE)
    assert "Lacking" in found
    shown = rows_of(SAMPLE, level="all")
    assert shown
    for row in shown:
        needed = size_for(Decimal("0.05"), int(row.denominator))
        assert int(row.spread["needed"]) == needed
        assert int(row.spread["short"]) == max(0, needed - int(row.numerator))


def test_gaps_have_their_difference_with_interval(done: Any) -> None:
    for row in rows_of(GAP, level="all"):
        if "apart" not in row.spread:
            continue
        low, gap, high = (Decimal(row.spread[k]) for k in ("apart_low", "apart", "apart_high"))
        assert low <= gap <= high
        own = Decimal(row.numerator) * 100 / Decimal(row.denominator)
        assert abs(Decimal(row.spread["own"]) - own) < Decimal("1e-9")
        assert abs(own - Decimal(row.spread["all"]) - gap) < Decimal("1e-9")


def test_figures_that_are_a_groups_have_their_trend_over_like_periods(page: Any) -> None:
    trends = {
        s.measure: [label for label, _value in s.series]
        for s in ComputedSummary.objects.exclude(measure=DAYS)
    }
    assert any(len(labels) > 1 for labels in trends.values()), trends
    for measure, labels in trends.items():
        found, built = page(measure)
        assert set(labels) <= {"2022/23", "2023/24", "2024/25", "2025/26"}
        assert [r.words for r in reversed(built.trend)] == labels
        assert not built.years
        assert any(b.periods for b in built.breakdowns)
        for b in built.breakdowns:
            assert all(len(r.before) == len(b.periods) for r in b.rows)
        if built.trend:
            assert 'id="trend"' in found


def test_how_values_lie_has_bars_with_their_table(page: Any) -> None:
    found, built = page(DAYS)
    row = ComputedResult.objects.get(
        measure=DAYS, grouping="", period_end=END, period_start=date(2025, 4, 1)
    )
    assert built.lying is not None
    counts = [b.count for b in built.lying.chart.bars]
    assert sum(counts) == row.n
    assert min(counts) >= 10
    assert [r[0] for r in built.lying.rows] == [b.label for b in built.lying.chart.bars]
    assert built.lying.rows[-1][0].endswith("and over")
    for label, count, _part in built.lying.rows:
        assert f'<th scope="row">{label}</th><td class="n">{count}</td>' in found


def test_peers_come_from_any_dataset_that_is_loaded(
    assessment: Any, published: Any, org: Any
) -> None:
    from kloe.measures.positions import Spread
    from kloe.web.indicators import peers_beside

    gas = catalogue().get("safety/gas-checks")
    org.landlord_code = ""
    found = peers_beside.beside(org, gas, "99")
    assert found is not None
    every = published.quartiles("BS01", found.population, found.group)
    assert found.spread == every[0].spread
    assert isinstance(found.spread, Spread)
    assert found.measure.code == "BS01"
    assert found.standing is not None
    assert found.chart.q1 == found.spread.q1
    assert peers_beside.beside(org, catalogue().get("safety/asbestos-known"), "99") is None
    assert peers_beside.beside(org, catalogue().get(GAP), "1") is None
    without = peers_beside.beside(org, gas, "")
    assert without is not None
    assert without.standing is None
