"""Samples drawn from frames of records in the browser: who may, what is kept, what is refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from computed_ground import bring_in, forget, invented
from django.urls import reverse

from kloe.core.periods import Period
from kloe.measures.framing import Drawable, cases
from kloe.records.frames import frame, frames
from kloe.records.sampling import Sample, redrawn
from kloe.records.store import RecordSet
from kloe.web.audit.models import AuditEvent
from kloe.web.indicators.models import CaseSample
from record_sets import make_set

YEAR = Period(date(2025, 4, 1), date(2026, 3, 31))


@pytest.fixture
def client(org: Any, lead: Any, client_of: Any) -> Any:
    bring_in(org)
    yield client_of(lead)
    forget(org)


def draw(client: Any, assessment: Any, **given: str) -> Any:
    return client.post(reverse("frame-draw", args=[assessment.pk]), given)


def test_a_sample_of_records_is_kept_and_can_be_drawn_again(client: Any, assessment: Any) -> None:
    answer = draw(client, assessment, frame="re-lets", size="6")
    kept = CaseSample.objects.get()
    assert answer["Location"] == reverse("case-sample", args=[assessment.pk, kept.pk])
    drawn = Sample.from_dict(kept.sample)
    found = cases(RecordSet.open(invented()), Drawable(frame=frame("re-lets"), period=YEAR))
    assert (drawn.size, drawn.cases) == (6, len(found))
    assert redrawn(drawn, found)
    page = client.get(answer["Location"]).content.decode()
    for words in ("Homes let", drawn.seed, drawn.refs[0], "Samples of records"):
        assert words in page
    event = AuditEvent.objects.get(verb="drew sample")
    assert (event.subject_id, event.after["seed"]) == ("re-lets", drawn.seed)
    listed = client.get(reverse("frames", args=[assessment.pk])).content.decode()
    assert f"Homes let: 6 of {len(found)}" in listed


def test_without_a_size_as_many_as_a_margin_needs(client: Any, assessment: Any) -> None:
    draw(client, assessment, frame="repairs-closed", size="")
    drawn = Sample.from_dict(CaseSample.objects.get().sample)
    first = 1.96**2 / 4 / 0.05**2
    assert drawn.size == int(first / (1 + (first - 1) / drawn.cases)) + 1


@pytest.mark.parametrize(
    "given",
    [
        {"frame": "re-lets", "size": "0"},
        {"frame": "re-lets", "size": "1001"},
        {"frame": "re-lets", "size": "x"},
        {"frame": "tenancy", "size": "5"},
        {"frame": "../x", "size": "5"},
        {"size": "5"},
    ],
)
def test_what_cannot_be_drawn(client: Any, assessment: Any, given: dict[str, str]) -> None:
    assert draw(client, assessment, **given).status_code == 400
    assert not CaseSample.objects.exists()


def test_so_few_that_their_number_tells_are_not_drawn_from(
    client: Any, assessment: Any, org: Any, tmp_path: Path
) -> None:
    for n, code in ((9, 409), (10, 303)):
        rows = [{"visit_ref": f"V{i}", "done_on": date(2025, 5, 1)} for i in range(n)]
        made = make_set(tmp_path / str(n), {"tenancy_visit": rows})
        bring_in(org, made.folder, version=f"v{n}")
        assert draw(client, assessment, frame="visits", size="3").status_code == code
    (kept,) = CaseSample.objects.all()
    assert kept.sample["cases"] == 10
    page = client.get(reverse("frames", args=[assessment.pk])).content.decode()
    assert "Cannot be drawn from: the table letting is missing" in page
    answer = draw(client, assessment, frame="re-lets", size="3")
    assert answer.status_code == 400
    assert "the table letting is missing" in answer.content.decode()


def test_every_frame_is_offered_and_only_to_those_who_may_see_cases(
    client: Any, assessment: Any, user_with: Any, org: Any, client_of: Any
) -> None:
    url = reverse("frames", args=[assessment.pk])
    page = client.get(url).content.decode()
    assert all(str(one.title) in page for one in frames().values())
    for role in ("reader", "contributor"):
        other = client_of(user_with(role, org))
        assert other.get(url).status_code == 403
        assert draw(other, assessment, frame="re-lets", size="3").status_code == 403


def test_without_records_the_page_says_so(assessment: Any, lead: Any, client_of: Any) -> None:
    page = client_of(lead).get(reverse("frames", args=[assessment.pk])).content.decode()
    assert "No records of this organisation are loaded" in page


def test_the_page_asks_a_fixed_number_of_queries(
    client: Any, assessment: Any, django_assert_max_num_queries: Any
) -> None:
    for _n in range(3):
        draw(client, assessment, frame="re-lets", size="3")
    with django_assert_max_num_queries(9):
        client.get(reverse("frames", args=[assessment.pk]))
