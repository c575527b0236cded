"""Cases behind a figure: who may list them, what is left out, samples that can be drawn again."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

import pytest
from computed_ground import bring_in, compute_quickly, forget, invented
from django.urls import reverse

from kloe.measures import faults
from kloe.measures.catalogue import catalogue
from kloe.measures.computing import Computing, Wanted
from kloe.measures.keeping import Kept
from kloe.records.sampling import Sample, redrawn
from kloe.records.store import RecordSet
from kloe.web.audit.models import AuditEvent
from kloe.web.indicators import computed_cases
from kloe.web.indicators.models import CaseSample, ComputedResult, ComputedSummary

REPAIRS = "repairs/target-at-report"
DAYS = "repairs/non-emergency-days"
YEAR = computed_cases.Period(date(2025, 4, 1), date(2026, 3, 31))
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


def test_what_a_spreadsheet_would_run_is_text() -> None:
    listed = computed_cases.Listed(("case_ref", "value"), (("=1+1", 3), ("-x", None)), 2)
    assert computed_cases.as_csv(listed).decode("utf-8-sig").splitlines() == [
        "case_ref,value", "'=1+1,3", "'-x,",
    ]  # fmt: skip
