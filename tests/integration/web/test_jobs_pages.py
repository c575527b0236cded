"""Pages of background work: progress, cancelling, lists, who may."""

from __future__ import annotations

from typing import Any

import pytest
import worker_process
from django.db import transaction
from django.urls import reverse

from kloe.web.jobs import actions, queries, queue, worker
from kloe.web.jobs.models import Job
from postgres import Postgres, postgres  # noqa: F401

worker_process.register()
JSON = {"HTTP_ACCEPT": "application/json"}


def _add(kind: str = "test.count", **values: Any) -> Job:
    payload = values.pop("payload", {})
    return actions.enqueue(kind=kind, payload=payload, by=values.pop("by", None), **values)


def _refused(request: Any, *args: Any, **kwargs: Any) -> Any:
    """The answer to a request that is refused, within a transaction of its own."""
    with transaction.atomic():
        return request(*args, **kwargs)


@pytest.mark.django_db
def test_the_page_of_a_job_says_how_far_it_is(assessment: Any, lead: Any, client_of: Any) -> None:
    job = _add(by=lead, assessment=assessment)
    client, url = client_of(lead), reverse("job", args=[job.pk])
    page = client.get(url).content.decode()
    assert "Counting" in page
    assert "Waiting" in page
    assert 'hx-trigger="every 1s"' in page
    assert "Look again" in page
    assert "Cancel this job" in page
    queue.claim("a")
    Job.objects.update(done=3, total=7, what="Drawing charts")
    part = client.get(url + "?seen=waiting", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert 'value="3" max="7"' in part
    assert "Drawing charts" in part
    assert "hx-swap-oob" in part, "the buttons follow the state"
    part = client.get(url + "?seen=running", headers={"HX-Request": "true"}).content.decode()
    assert "hx-swap-oob" not in part, "the buttons keep the focus while nothing changes"


@pytest.mark.django_db
def test_polling_stops_and_the_result_is_linked(assessment: Any, lead: Any, client_of: Any) -> None:
    job = _add(by=lead, assessment=assessment)
    worker.run_waiting()
    client, url = client_of(lead), reverse("job", args=[job.pk])
    for part in (
        client.get(url).content.decode(),
        client.get(url + "?seen=running", headers={"HX-Request": "true"}).content.decode(),
    ):
        assert "hx-trigger" not in part
        assert 'href="/somewhere/"' in part
        assert "Look" in part
        assert "Cancel this job" not in part


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["//evil.example/", "https://evil.example/", "/\\evil", 7, None])
def test_a_result_links_only_into_this_site(url: Any) -> None:
    assert queries.result_link(Job(state="done", result={"url": url})) == ""
    assert queries.result_link(Job(state="done", result={"url": "/here/"})) == "/here/"
    assert queries.result_link(Job(state="running", result={"url": "/here/"})) == ""


@pytest.mark.django_db
def test_scripts_get_json(assessment: Any, lead: Any, client_of: Any) -> None:
    job = _add(by=lead, assessment=assessment)
    client = client_of(lead)
    found = client.get(reverse("job", args=[job.pk]), **JSON).json()
    assert (found["state"], found["finished"], found["result_url"]) == ("waiting", False, None)
    found = client.post(reverse("job-cancel", args=[job.pk]), **JSON).json()
    assert found["state"] == "cancelled"
    again = _refused(client.post, reverse("job-cancel", args=[job.pk]), **JSON)
    assert (again.status_code, again.json()["error"]) == (409, "conflict")
    listed = client.get(reverse("assessment-jobs", args=[assessment.pk]), **JSON).json()
    assert [j["id"] for j in listed["jobs"]] == [str(job.pk)]


@pytest.mark.django_db
def test_who_sees_a_job_and_who_cancels_it(
    assessment: Any, lead: Any, org: Any, other_org: Any, user_with: Any, client_of: Any
) -> None:
    reader, stranger = user_with("reader", org), user_with("lead", other_org)
    administrator = user_with("administrator", org)
    job = _add(by=lead, assessment=assessment)
    page, cancel = reverse("job", args=[job.pk]), reverse("job-cancel", args=[job.pk])
    assert client_of(lead).get(page).status_code == 200
    assert client_of(reader).get(page).status_code == 200
    assert "Cancel this job" not in client_of(reader).get(page).content.decode()
    assert _refused(client_of(stranger).get, page).status_code == 404
    assert _refused(client_of(stranger).post, cancel).status_code == 404
    assert _refused(client_of(reader).post, cancel).status_code == 403
    assert client_of(administrator).get(cancel).status_code == 405
    assert client_of(administrator).post(cancel).status_code == 302
    assert client_of(lead).post(cancel).status_code == 302, "ended already: its page says so"
    own = _add(by=stranger)
    assert client_of(stranger).get(reverse("job", args=[own.pk])).status_code == 200
    assert _refused(client_of(lead).get, reverse("job", args=[own.pk])).status_code == 404
    listing = reverse("assessment-jobs", args=[assessment.pk])
    assert client_of(reader).get(listing).status_code == 200
    assert _refused(client_of(stranger).get, listing).status_code == 404
    from django.test import Client

    assert Client().get(page).status_code == 302


@pytest.mark.django_db
def test_the_list_filters_sorts_and_pages_in_a_fixed_number_of_queries(
    assessment: Any, lead: Any, client_of: Any, django_assert_num_queries: Any
) -> None:
    for n in range(120):
        Job.objects.create(
            kind="test.count" if n % 2 else "test.refuse",
            assessment=assessment,
            by=lead,
            state="done" if n % 3 else "failed",
        )
    client, url = client_of(lead), reverse("assessment-jobs", args=[assessment.pk])
    client.get(url)
    with django_assert_num_queries(7):
        page = client.get(url)
    assert page.content.decode().count("<tr>") == 51
    assert page.context["page"].paginator.num_pages == 3
    found = client.get(url + "?state=failed&kind=test.count", **JSON).json()
    assert found["count"] == 20
    order = [j["kind"] for j in client.get(url + "?sort=-kind", **JSON).json()["jobs"]]
    assert order == sorted(order, reverse=True)


@pytest.mark.django_db
def test_looking_at_a_job_costs_few_queries(
    assessment: Any, lead: Any, client_of: Any, django_assert_num_queries: Any
) -> None:
    job = _add(by=lead, assessment=assessment)
    client, url = client_of(lead), reverse("job", args=[job.pk])
    with django_assert_num_queries(4):
        client.get(url, headers={"HX-Request": "true"})
