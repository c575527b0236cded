# ruff: noqa: F811
"""Work that failed is begun again, by who may; and seen by who may see what it is about."""

from __future__ import annotations

import re
from typing import Any

import pytest
import worker_process
from django.db import transaction
from django.urls import reverse
from web_records import HOMES, TENANCIES, Records, ground  # noqa: F401

from kloe.core.errors import Conflict
from kloe.web.audit.models import AuditEvent
from kloe.web.jobs import actions, queries, queue, registry, worker
from kloe.web.jobs.models import Job
from kloe.web.organisations.models import Membership
from kloe.web.records import storage
from kloe.web.records.models import RecordDraft

worker_process.register()
pytestmark = pytest.mark.django_db
JSON = {"HTTP_ACCEPT": "application/json"}


def failed(kind: str = "report", **values: Any) -> Job:
    """A job that was taken up and came to nothing."""
    values.setdefault("payload", {"format": "json", "view": "full", "order": "kloe"})
    job = actions.enqueue(kind=kind, by=values.pop("by", None), **values)
    hold = queue.claim("a")
    assert hold is not None
    assert hold.job.pk == job.pk
    queue.fail(hold, "The disk is full.")
    job.refresh_from_db()
    return job


def status(client: Any, name: str, job: Job, *, post: bool = False) -> int:
    with transaction.atomic():
        answer = (client.post if post else client.get)(reverse(name, args=[job.pk]))
    return int(answer.status_code)


# Begun again ------------------------------------------------------------------------------------


def test_a_failed_job_is_begun_again_with_the_same_values(
    assessment: Any, lead: Any, client_of: Any
) -> None:
    job = failed(by=lead, assessment=assessment)
    client = client_of(lead)
    page = client.get(reverse("job", args=[job.pk])).content.decode()
    assert reverse("job-retry", args=[job.pk]) in page
    answer = client.post(reverse("job-retry", args=[job.pk]))
    follower = Job.objects.exclude(pk=job.pk).get()
    assert answer.headers["Location"] == reverse("job", args=[follower.pk])
    same = ("kind", "payload", "assessment_id", "organisation_id")
    assert [getattr(follower, n) for n in same] == [getattr(job, n) for n in same]
    assert (follower.state, follower.by) == (Job.State.WAITING, lead)
    job.refresh_from_db()
    assert (job.state, job.error) == (Job.State.FAILED, "The disk is full.")
    page = client.get(reverse("job", args=[job.pk])).content.decode()
    assert reverse("job-retry", args=[job.pk]) not in page
    assert reverse("job", args=[follower.pk]) in page
    worker.run_waiting()
    follower.refresh_from_db()
    assert follower.state == Job.State.DONE


def test_pressed_twice_it_is_one_job_and_one_trace(
    assessment: Any, lead: Any, client_of: Any
) -> None:
    job = failed(by=lead, assessment=assessment)
    client, url = client_of(lead), reverse("job-retry", args=[job.pk])
    first, second = (client.post(url, **JSON).json()["id"] for _n in range(2))
    assert first == second
    assert Job.objects.count() == 2
    (event,) = AuditEvent.objects.filter(verb="job.retry")
    assert event.after == {"kind": "report", "again": first}
    assert (event.subject_id, event.actor) == (str(job.pk), lead.email)
    assert (event.assessment_id, event.organisation_id) == (
        assessment.pk, assessment.organisation_id,
    )  # fmt: skip
    told = client.get(reverse("job", args=[job.pk]), **JSON).json()
    assert told["again_url"] == reverse("job", args=[first])


def test_what_failed_again_is_begun_from_where_it_failed_last(
    assessment: Any, lead: Any, client_of: Any
) -> None:
    job = failed(by=lead, assessment=assessment)
    follower = actions.retry(job=job, by=lead)
    hold = queue.claim("b")
    assert hold is not None
    queue.fail(hold, "Again.")
    assert actions.retry(job=job, by=lead).pk == follower.pk
    assert actions.retry(job=Job.objects.get(pk=follower.pk), by=lead).pk != follower.pk
    assert Job.objects.count() == 3


@pytest.mark.parametrize("state", ["waiting", "running", "done", "cancelled"])
def test_only_what_failed(assessment: Any, lead: Any, client_of: Any, state: str) -> None:
    job = failed(by=lead, assessment=assessment)
    Job.objects.update(state=state)
    page = client_of(lead).get(reverse("job", args=[job.pk])).content.decode()
    assert "Try again" not in page
    answer = client_of(lead).post(reverse("job-retry", args=[job.pk]), **JSON)
    assert (answer.status_code, answer.json()["error"]) == (409, "conflict")
    assert Job.objects.count() == 1


def test_a_kind_this_version_does_not_know(assessment: Any, lead: Any) -> None:
    job = failed(by=lead, assessment=assessment)
    Job.objects.update(kind="of long ago")
    with pytest.raises(Conflict):
        actions.retry(job=job, by=lead)


# Extracts ---------------------------------------------------------------------------------------


def broken_check(ground: Records) -> RecordDraft:
    """An extract whose check failed for a reason that has gone since."""
    draft = ground.sent(homes=HOMES, tenancies=TENANCIES)
    folder = storage.files_of(draft.pk)
    aside = folder.with_name("aside")
    folder.rename(aside)
    folder.write_text("in the way")
    ground.check(draft)
    assert draft.job is not None
    folder.unlink()
    aside.rename(folder)
    Job.objects.filter(pk=draft.job.pk).update(state=Job.State.FAILED)
    draft.refresh_from_db()
    return draft


def test_work_on_an_extract_is_begun_again_and_the_extract_knows(ground: Records) -> None:
    draft = broken_check(ground)
    job = draft.job
    assert job is not None
    answer = ground.client.post(reverse("job-retry", args=[job.pk]))
    assert answer.status_code == 302
    draft.refresh_from_db()
    assert draft.job_id != job.pk
    assert draft.busy
    worker.run_waiting()
    draft.refresh_from_db()
    assert draft.checked["rows"] == 120
    assert "refusal" not in draft.checked


def test_work_on_an_extract_that_was_changed_since_is_not(ground: Records) -> None:
    draft = broken_check(ground)
    job = draft.job
    assert job is not None
    ground.check(draft)
    page = ground.client.get(reverse("job", args=[job.pk])).content.decode()
    assert "Try again" not in page
    answer = ground.client.post(reverse("job-retry", args=[job.pk]))
    assert answer.status_code == 409
    ground.client.post(ground.url("records-discard", draft.pk))
    assert ground.client.post(reverse("job-retry", args=[job.pk])).status_code == 409


def test_a_workbook_that_is_gone_is_not_imported_again(
    org: Any, user_with: Any, client_of: Any
) -> None:
    administrator = user_with("administrator", org)
    job = failed(
        "import-benchmark", by=administrator, organisation=org, payload={"stored": "gone.xlsx"}
    )
    assert not queries.may_retry(administrator, job)
    answer = client_of(administrator).post(reverse("job-retry", args=[job.pk]))
    assert answer.status_code == 409


# Who --------------------------------------------------------------------------------------------


def test_work_on_an_extract_is_open_to_all_who_load(
    ground: Records, org: Any, other_org: Any, user_with: Any, client_of: Any
) -> None:
    job = broken_check(ground).job
    assert job is not None
    colleague, administrator = user_with("lead", org), user_with("administrator", org)
    for person in (colleague, administrator):
        assert status(client_of(person), "job", job) == 200
    page = client_of(colleague).get(reverse("job", args=[job.pk])).content.decode()
    assert "Try again" in page
    assert org.name in page
    for role in ("assessor", "contributor", "reader"):
        assert status(client_of(user_with(role, org)), "job", job) == 404
        assert status(client_of(user_with(role, org)), "job-retry", job, post=True) == 404
    for role in ("administrator", "lead"):
        stranger = client_of(user_with(role, other_org))
        for name, post in (("job", False), ("job-cancel", True), ("job-retry", True)):
            assert status(stranger, name, job, post=post) == 404
    assert status(client_of(colleague), "job-retry", job, post=True) == 302


def test_a_colleague_cancels_what_they_could_have_started(
    ground: Records, org: Any, user_with: Any, client_of: Any
) -> None:
    draft = ground.sent(homes=HOMES)
    ground.client.post(ground.url("records-propose", draft.pk))
    draft.refresh_from_db()
    assert draft.job is not None
    assert status(client_of(user_with("lead", org)), "job-cancel", draft.job, post=True) == 302
    draft.job.refresh_from_db()
    assert draft.job.state == Job.State.CANCELLED


def test_who_may_see_but_not_start_does_not_begin_again(
    assessment: Any, lead: Any, org: Any, user_with: Any, client_of: Any
) -> None:
    job = failed("compute-indicators", by=lead, assessment=assessment, payload={})
    reader = client_of(user_with("reader", org))
    assert status(reader, "job", job) == 200
    page = reader.get(reverse("job", args=[job.pk])).content.decode()
    assert "Try again" not in page
    assert status(reader, "job-retry", job, post=True) == 403
    assert Job.objects.count() == 1


def test_whoever_left_sees_their_jobs_there_no_more(
    assessment: Any, lead: Any, org: Any, user_with: Any, client_of: Any
) -> None:
    gone = user_with("lead", org)
    jobs = [
        failed(by=gone, assessment=assessment),
        failed("import-benchmark", by=gone, organisation=org, payload={}),
    ]
    client = client_of(gone)
    assert [status(client, "job", job) for job in jobs] == [200, 200]
    Membership.objects.filter(user=gone).delete()
    for job in jobs:
        for name, post in (("job", False), ("job-cancel", True), ("job-retry", True)):
            assert status(client, name, job, post=post) == 404


def test_every_kind_of_an_organisation_says_who_sees_it() -> None:
    """Kinds that belong to an organisation alone would else be open to administrators only."""
    from kloe.web.records.actions import CHECK, LOAD, PROPOSE

    for name in (CHECK, LOAD, PROPOSE, "import-benchmark"):
        kind = registry.find(name)
        assert kind is not None
        assert kind.see is not None
        assert kind.start is not None


def test_a_jobs_page_costs_the_same_for_everybody(
    ground: Records, org: Any, user_with: Any, client_of: Any, django_assert_max_num_queries: Any
) -> None:
    job = broken_check(ground).job
    assert job is not None
    client = client_of(user_with("lead", org))
    url = reverse("job", args=[job.pk])
    client.get(url)
    with django_assert_max_num_queries(8) as asked:
        page = client.get(url).content.decode()
    assert re.search("<h1>", page)
    assert len(asked) > 2
