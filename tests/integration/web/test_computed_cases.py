"""Cases behind a figure: who may list them, what is left out, samples that can be drawn again."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any
from unittest import mock

import pytest
from computed_ground import bring_in, compute_quickly, forget, invented
from django.urls import reverse

from kloe.core.periods import Period
from kloe.measures import faults
from kloe.measures.catalogue import catalogue
from kloe.measures.computing import Computing, Wanted
from kloe.measures.engines.duckdb import DuckDB
from kloe.measures.keeping import Kept
from kloe.records.sampling import Sample, redrawn
from kloe.records.store import RecordSet
from kloe.web.audit.models import AuditEvent
from kloe.web.indicators import case_lists, computed_cases
from kloe.web.indicators.models import CaseSample, ComputedResult, ComputedSummary
from kloe.web.jobs.worker import run_waiting

REPAIRS = "repairs/target-at-report"
DAYS = "repairs/non-emergency-days"
YEAR = Period(date(2025, 4, 1), date(2026, 3, 31))
#: Of a page of the list, whatever its length.
PAGE_QUERIES = 9
MEASURES = (REPAIRS, DAYS, "complaints/*")


@pytest.fixture
def done(assessment: Any, lead: Any, org: Any) -> Any:
    bring_in(org)
    yield compute_quickly(assessment, lead, MEASURES)
    forget(org)


@pytest.fixture
def client(done: Any, lead: Any, client_of: Any) -> Any:
    return client_of(lead)


def at_fault() -> set[str]:
    """The references of the engine's own list."""
    records = RecordSet.open(invented())
    with Computing(records, Wanted(), kept=Kept(None)) as computing:
        found = faults.cases_at_fault(computing, catalogue().source(REPAIRS), YEAR)
    return {row[found.columns.index("case_ref")] for row in found.rows}


def test_the_list_has_the_engines_cases_page_by_page(
    client: Any, assessment: Any, settings: Any
) -> None:
    settings.PAGE_SIZE = 7
    url = reverse("measure-cases", args=[assessment.pk, REPAIRS])
    wanted = at_fault()
    assert len(wanted) > 7
    found: list[str] = []
    for page in range(1, len(wanted) // 7 + 2):
        answer = client.get(url, {"page": page})
        assert answer.status_code == 200
        found += [row[0] for row in answer.context["rows"]]
    assert sorted(found) == sorted(wanted)
    assert client.get(url, {"page": "999"}).status_code == 200
    assert client.get(url, {"page": "x"}).status_code == 200


def test_the_file_has_them_all_and_that_somebody_took_it_is_kept(
    client: Any, assessment: Any, lead: Any
) -> None:
    answer = client.post(reverse("measure-cases-file", args=[assessment.pk, REPAIRS]))
    assert answer["Content-Disposition"].startswith("attachment")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert {row["case_ref"] for row in rows} == at_fault()
    event = AuditEvent.objects.get(verb="looked at cases")
    assert (event.actor, event.after) == (lead.email, {"cases": len(rows)})


def test_a_reader_sees_figures_and_no_cases(
    done: Any, assessment: Any, user_with: Any, org: Any, client_of: Any
) -> None:
    for role in ("reader", "contributor"):
        client = client_of(user_with(role, org))
        page = client.get(reverse("measure", args=[assessment.pk, REPAIRS])).content.decode()
        assert "Cases at fault" not in page
        assert "Draw a sample" not in page
        url = reverse("measure-cases", args=[assessment.pk, REPAIRS])
        assert client.get(url).status_code == 403
        for route in ("measure-cases-file", "measure-draw"):
            assert client.post(reverse(route, args=[assessment.pk, REPAIRS])).status_code == 403
    client = client_of(user_with("assessor", org))
    assert client.get(url).status_code == 200


def test_no_list_opens_what_is_hidden(client: Any, assessment: Any) -> None:
    hidden = ComputedSummary.objects.filter(result__level="nothing").first()
    assert hidden is not None
    url = reverse("measure-cases", args=[assessment.pk, hidden.measure])
    assert client.get(url).status_code == 409
    file = reverse("measure-cases-file", args=[assessment.pk, hidden.measure])
    assert client.post(file).status_code == 409
    draw = reverse("measure-draw", args=[assessment.pk, hidden.measure])
    assert client.post(draw, {"frame": "all", "size": "5"}).status_code == 409
    assert not CaseSample.objects.exists()


def test_columns_that_would_count_a_hidden_group_are_left_out(client: Any, assessment: Any) -> None:
    own = {"priority", "trade", "contractor"}
    levels: dict[str, set[str]] = {}
    for row in ComputedResult.objects.filter(measure=REPAIRS).exclude(grouping=""):
        levels.setdefault(row.grouping, set()).add(row.level)
    closed = {name for name in own if levels.get(name, set()) != {"all"}}
    assert closed
    listed = computed_cases.cases_at_fault(assessment, catalogue().source(REPAIRS))
    assert not closed & set(listed.columns)
    assert "landlord" not in listed.columns


def test_other_records_have_no_list_until_computed_anew(
    client: Any, assessment: Any, org: Any, tmp_path: Any
) -> None:
    from record_sets import make_set

    job = {"job_ref": "J1", "reported_at": date(2025, 5, 1)}
    bring_in(org, make_set(tmp_path / "other", {"repair_job": [job]}).folder, version="two")
    url = reverse("measure-cases", args=[assessment.pk, REPAIRS])
    answer = client.get(url)
    assert answer.status_code == 409
    assert "have changed since" in answer.content.decode()


def test_a_measure_not_about_every_case_has_no_list(client: Any, assessment: Any) -> None:
    url = reverse("measure-cases", args=[assessment.pk, DAYS])
    assert client.get(url).status_code == (200 if catalogue().get(DAYS).fault else 400)


@pytest.mark.parametrize("frame", ["fault", "all"])
def test_a_sample_is_kept_and_can_be_drawn_again(
    client: Any, assessment: Any, lead: Any, frame: str
) -> None:
    url = reverse("measure-draw", args=[assessment.pk, REPAIRS])
    answer = client.post(url, {"frame": frame, "size": "6"})
    kept = CaseSample.objects.get()
    assert answer["Location"] == reverse("case-sample", args=[assessment.pk, kept.pk])
    drawn = Sample.from_dict(kept.sample)
    row = ComputedSummary.objects.get(measure=REPAIRS).result
    assert drawn.size == 6
    assert len(set(drawn.refs)) == 6
    if frame == "fault":
        assert set(drawn.refs) <= at_fault()
        assert redrawn(drawn, at_fault())
    else:
        assert drawn.cases == row.n
    page = client.get(answer["Location"]).content.decode()
    assert drawn.seed in page
    assert drawn.refs[0] in page
    event = AuditEvent.objects.get(verb="drew sample")
    assert event.after["seed"] == drawn.seed


@pytest.mark.parametrize(
    ("frame", "size"), [("all", "0"), ("all", "x"), ("all", "1001"), ("all", ""), ("else", "5")]
)
def test_a_sample_that_cannot_be(client: Any, assessment: Any, frame: str, size: str) -> None:
    url = reverse("measure-draw", args=[assessment.pk, REPAIRS])
    assert client.post(url, {"frame": frame, "size": size}).status_code == 400
    assert not CaseSample.objects.exists()


# Lists are files


def files(org: Any) -> list[Any]:
    return sorted((case_lists.folder() / str(org.pk)).glob("*.parquet"))


@pytest.fixture
def no_engine() -> Any:
    """Whoever computes fails."""
    with mock.patch.object(DuckDB, "run", side_effect=AssertionError("computed in a request")):
        yield


def test_a_request_lists_cases_without_computing(
    client: Any, assessment: Any, no_engine: Any, django_assert_num_queries: Any
) -> None:
    url = reverse("measure-cases", args=[assessment.pk, REPAIRS])
    client.get(url)
    with django_assert_num_queries(PAGE_QUERIES):
        answer = client.get(url, {"page": "2"})
    assert answer.status_code == 200
    assert (
        client.post(reverse("measure-cases-file", args=[assessment.pk, REPAIRS])).status_code == 200
    )
    draw = reverse("measure-draw", args=[assessment.pk, REPAIRS])
    for frame in ("fault", "all"):
        assert client.post(draw, {"frame": frame, "size": "3"}).status_code == 303


def test_a_list_holds_what_the_engine_lists(done: Any, assessment: Any, org: Any) -> None:
    """Row by row, and the counted ones are as many as the figure rests on."""
    records = RecordSet.open(invented())
    tested = 0
    for summary in ComputedSummary.objects.filter(assessment=assessment).select_related("result"):
        row, source = summary.result, catalogue().source(summary.measure)
        if row.level != "all" or row.missing:
            assert not case_lists.path_of(row).exists()
            continue
        kept = case_lists.found(row)
        with Computing(records, Wanted(), kept=Kept(None)) as computing:
            if source.measure.fault:
                wanted = faults.cases_at_fault(computing, source, YEAR)
                drop = wanted.columns.index("landlord")
                rows = [one[:drop] + one[drop + 1 :] for one in wanted.rows]
                assert list(kept.at_fault()) == rows
                assert kept.faults == wanted.total
                middle = kept.at_fault(limit=5, offset=max(wanted.total - 3, 0))
                assert list(middle) == rows[-3:]
                tested += 1
            else:
                assert kept.faults == 0
        if source.measure.kind.value == "ratio" and source.measure.unit.value == "percent":
            assert row.n == sum(kept.flags("counted"))
    assert tested >= 2


def test_a_missing_list_is_made_by_the_background(
    client: Any, assessment: Any, org: Any, lead: Any
) -> None:
    for path in files(org):
        path.unlink()
    url = reverse("measure-cases", args=[assessment.pk, REPAIRS])
    page = client.get(url)
    assert page.status_code == 200
    assert "is not there yet" in page.content.decode()
    assert files(org) == []
    for route in ("measure-cases-file", "measure-draw"):
        where = reverse(route, args=[assessment.pk, REPAIRS])
        answer = client.post(where, {"frame": "all", "size": "3"})
        assert answer.status_code == 409
        assert "Make the list" in answer.content.decode()
    asked = client.post(reverse("measure-cases-make", args=[assessment.pk, REPAIRS]))
    again = client.post(reverse("measure-cases-make", args=[assessment.pk, REPAIRS]))
    assert asked["Location"] == again["Location"]
    assert "is being made" in client.get(url).content.decode()
    run_waiting()
    assert len(files(org)) == 1
    assert {row[0] for row in client.get(url, {"page": "1"}).context["rows"]} <= at_fault()
    assert case_lists.path_of(ComputedSummary.objects.get(measure=REPAIRS).result) in files(org)


def test_no_list_is_made_of_what_is_hidden(client: Any, assessment: Any, org: Any) -> None:
    hidden = ComputedSummary.objects.filter(result__level="nothing").first()
    assert hidden is not None
    before = files(org)
    url = reverse("measure-cases-make", args=[assessment.pk, hidden.measure])
    assert client.post(url).status_code == 409
    run_waiting()
    assert files(org) == before
