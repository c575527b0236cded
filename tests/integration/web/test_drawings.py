"""Charts on an indicator's page: drawn by the job, looked up by the page."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from typing import Any
from unittest import mock
from xml.etree import ElementTree as ET

import pytest
from computed_ground import bring_in, compute_quickly, forget
from django.urls import reverse

from kloe.measures.catalogue import catalogue
from kloe.web.indicators import drawing_ahead, drawings, jobs, measure_page
from kloe.web.indicators.models import ComputedResult
from kloe.web.library import store

REPAIRS = "repairs/on-time"
MISSING = "this one is not there yet"


@pytest.fixture
def done(assessment: Any, lead: Any, org: Any, tmp_path: Any) -> Iterator[Any]:
    bring_in(org)
    made = compute_quickly(assessment, lead)
    with mock.patch.object(drawings, "folder", return_value=tmp_path / "charts"):
        yield made
    forget(org)


def _read(client: Any, assessment: Any) -> str:
    answer = client.get(reverse("measure", args=[assessment.pk, REPAIRS]))
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_page_shows_what_the_job_has_drawn(
    done: Any, assessment: Any, lead: Any, client_of: Any
) -> None:
    client = client_of(lead)
    before = _read(client, assessment)
    assert MISSING in before
    assert 'class="chart"' not in before

    drawn = drawing_ahead.draw_all(assessment, measures=[REPAIRS])
    assert drawn == len(list(drawings.folder().glob("*.svg"))) > 1
    after = _read(client, assessment)
    assert MISSING not in after
    page = measure_page.page_of(assessment, store.pinned(assessment), catalogue().source(REPAIRS))
    shown = [page.trend_chart, *(b.chart for b in page.breakdowns)]
    assert page.trend_chart is not None
    assert after.count('class="chart"') == sum(c is not None for c in shown)
    assert page.trend_chart.title in after
    assert "<table" in after

    assert drawing_ahead.draw_all(assessment, measures=[REPAIRS]) == 0


def test_no_request_draws(done: Any, assessment: Any, lead: Any, client_of: Any) -> None:
    with mock.patch("kloe.reports.charts.drawing.draw", side_effect=AssertionError):
        _read(client_of(lead), assessment)
    assert not drawings.folder().exists()


def test_the_job_draws_what_it_computed(done: Any, assessment: Any, lead: Any) -> None:
    one = mock.Mock(pk=1, by=lead, payload={"measures": [REPAIRS]})
    with (
        mock.patch.object(jobs.Assessment.objects, "select_related") as found,
        mock.patch.object(jobs.computed, "compute", return_value=done),
    ):
        found.return_value.get.return_value = assessment
        told = jobs.compute_indicators(one, mock.Mock())
    assert told["charts"] == len(list(drawings.folder().glob("*.svg"))) > 0


def test_points_are_the_figures_of_the_table(done: Any, assessment: Any) -> None:
    page = measure_page.page_of(assessment, store.pinned(assessment), catalogue().source(REPAIRS))
    chart = page.trend_chart
    assert chart is not None
    assert [(p.label, p.words) for p in chart.points if p.value is not None] == [
        (r.words, r.value) for r in reversed(page.trend) if r.value
    ]
    drawings.keep(chart)
    drawing = drawings.found(chart)
    assert drawing is not None
    said = {e.text for e in ET.fromstring(drawing.svg).iter() if e.tag.endswith("}title")}
    for point in chart.points:
        if point.value is not None:
            assert any(str(s).startswith(f"{point.label}: {point.words}") for s in said)


def test_hidden_groups_are_not_drawn(done: Any, assessment: Any) -> None:
    seen, measures = 0, []
    for source in catalogue().match(["complaints/*", REPAIRS]):
        measures.append(source.id)
        page = measure_page.page_of(assessment, store.pinned(assessment), source)
        for b in page.breakdowns:
            hidden = {r.words for r in b.rows if r.hidden}
            seen += len(hidden)
            if b.chart is not None:
                assert not hidden & {g.label for g in b.chart.groups}
    rows = ComputedResult.objects.filter(measure__in=measures).exclude(grouping="")
    assert seen == rows.exclude(level=ComputedResult.Level.ALL).count() > 0


def test_a_chart_that_fails_leaves_the_others(done: Any, assessment: Any) -> None:
    with mock.patch.object(drawings.charts, "draw", side_effect=ValueError("no")):
        assert drawing_ahead.draw_all(assessment, measures=[REPAIRS]) == 0
    shutil.rmtree(drawings.folder(), ignore_errors=True)
    assert drawing_ahead.draw_all(assessment, measures=[REPAIRS]) > 1
    assert "altair" in sys.modules
