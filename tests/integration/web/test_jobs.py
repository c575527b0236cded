"""Background work: rows, pages, and workers that are killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import worker_process
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone, translation
from site_process import Site, wait_for

from kloe.core.errors import Cancelled, Conflict, InvalidInput
from kloe.web.jobs import actions, housekeeping, queries, queue, registry, worker
from kloe.web.jobs.models import Job
from kloe.web.jobs.reporter import Reporter
from postgres import Postgres, postgres  # noqa: F401

worker_process.register()
JSON = {"HTTP_ACCEPT": "application/json"}


def _add(kind: str = "test.count", **values: Any) -> Job:
    payload = values.pop("payload", {})
    return actions.enqueue(kind=kind, payload=payload, by=values.pop("by", None), **values)


# Rows ----------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_job_runs_and_keeps_its_result() -> None:
    job = _add(payload={"steps": 4})
    assert worker.run_waiting() == 1
    job.refresh_from_db()
    assert (job.state, job.result["counted"], job.done, job.total) == ("done", 4, 4, 4)
    assert job.started_at
    assert job.finished_at
    assert job.heartbeat is None
    assert worker.run_waiting() == 0


@pytest.mark.django_db
def test_jobs_run_in_the_order_they_were_asked_for() -> None:
    first, second = _add(), _add()
    assert queue.claim("a").job == first  # type: ignore[union-attr]
    assert queue.claim("b").job == second  # type: ignore[union-attr]
    assert queue.claim("c") is None


@pytest.mark.django_db
def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="no app has a job"):
        actions.enqueue(kind="nonsense", by=None)


@pytest.mark.django_db
def test_a_kind_this_version_does_not_know_fails_in_words() -> None:
    job = Job.objects.create(kind="from-the-future")
    worker.run_waiting()
    job.refresh_from_db()
    assert job.state == "failed"
    assert "from-the-future" in job.error


def test_two_functions_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="two functions"):
        registry.job("test.count")(lambda job, progress: {})
    assert "test.count" in registry.names()


@pytest.mark.django_db
def test_asking_twice_gives_one_job_where_wanted(assessment: Any, lead: Any) -> None:
    one = _add(by=lead, assessment=assessment, payload={"steps": 1}, once=True)
    assert _add(by=lead, assessment=assessment, payload={"steps": 1}, once=True) == one
    assert _add(by=lead, assessment=assessment, payload={"steps": 2}, once=True) != one
    worker.run_waiting()
    assert _add(by=lead, assessment=assessment, payload={"steps": 1}, once=True) != one
    assert one.organisation_id == assessment.organisation_id


@pytest.mark.django_db
def test_errors_of_ours_come_in_their_words_and_others_do_not_leak(
    caplog: pytest.LogCaptureFixture,
) -> None:
    refused, broken, not_json = _add("test.refuse"), _add("test.break"), _add("test.not-json")
    worker.run_waiting()
    for job in (refused, broken, not_json):
        job.refresh_from_db()
        assert job.state == "failed"
    assert refused.error == "The file has no sheet. One sheet is needed. Add it."
    assert "secret detail" not in broken.error
    assert str(broken.pk) in broken.error
    assert "secret detail" in caplog.text
    assert str(broken.pk) in caplog.text
    assert str(not_json.pk) in not_json.error


@pytest.mark.django_db
def test_a_job_speaks_the_language_of_who_asked() -> None:
    with translation.override("cy"):
        job = _add("test.language")
    worker.run_waiting()
    job.refresh_from_db()
    assert job.result == {"django": "cy", "messages": "cy"}


@pytest.mark.django_db
def test_progress_is_written_at_most_four_times_a_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    _add()
    hold = queue.claim("a")
    assert hold is not None
    reporter = Reporter(hold, self_ticking=True)
    writes = []
    beat = queue.beat

    def counted(hold: queue.Hold, *, progress: Any = None) -> bool:
        writes.append(progress)
        return beat(hold, progress=progress)

    monkeypatch.setattr(queue, "beat", counted)
    for i in range(1000):
        now += 0.01
        reporter.step(i, 1000, "x" * 400)
    assert 36 <= len(writes) <= 40
    hold.job.refresh_from_db()
    assert hold.job.done >= 970
    assert len(hold.job.what) == 300


@pytest.mark.django_db
def test_silent_work_keeps_its_heartbeat(monkeypatch: pytest.MonkeyPatch) -> None:
    _add()
    hold = queue.claim("a")
    assert hold is not None
    Job.objects.update(heartbeat=timezone.now() - timedelta(seconds=20))
    reporter = Reporter(hold)
    start = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: start + 6)
    reporter.tick()
    hold.job.refresh_from_db()
    assert timezone.now() - hold.job.heartbeat < timedelta(seconds=5)  # type: ignore[operator]


@pytest.mark.django_db
def test_a_waiting_job_is_cancelled_at_once_and_a_running_one_at_its_next_step(lead: Any) -> None:
    waiting, running = _add(), _add()
    Job.objects.filter(pk=waiting.pk).update(created_at=timezone.now() + timedelta(hours=1))
    hold = queue.claim("a")
    assert hold is not None
    assert hold.job == running
    assert actions.cancel(job=waiting, by=lead).state == "cancelled"
    row = actions.cancel(job=running, by=lead)
    assert (row.state, row.cancel_requested) == ("running", True)
    reporter = Reporter(hold)
    reporter.tick(at_once=True)
    with pytest.raises(Cancelled):
        reporter.step(1, 2)
    with pytest.raises(Conflict):
        actions.cancel(job=waiting, by=lead)


@pytest.mark.django_db
def test_who_lost_a_job_cannot_end_it() -> None:
    _add()
    old = queue.claim("a")
    assert old is not None
    Job.objects.update(heartbeat=timezone.now() - timedelta(minutes=5))
    assert queue.reclaim() == 1
    new = queue.claim("b")
    assert new is not None
    assert new.attempt == 2
    assert not queue.finish(old, {"late": True})
    assert not queue.beat(old)
    assert queue.asked_to_cancel(old) is None
    reporter = Reporter(old)
    reporter.tick(at_once=True)
    with pytest.raises(Cancelled):
        reporter.step(1, 2)
    assert queue.finish(new, {"late": False})
    assert Job.objects.get().result == {"late": False}


@pytest.mark.django_db
def test_only_stale_jobs_are_reclaimed_unless_their_worker_is_known_to_be_dead() -> None:
    _add()
    queue.claim("a")
    assert queue.reclaim() == 0
    assert queue.reclaim(dead="b") == 0
    assert queue.reclaim(dead="a") == 1
    assert Job.objects.get().state == "waiting"


@pytest.mark.django_db
def test_after_three_attempts_a_job_is_given_up_in_words() -> None:
    job = _add()
    for _attempt in range(queue.ATTEMPTS):
        assert queue.claim("a") is not None
        assert queue.reclaim(dead="a") == 1
    job.refresh_from_db()
    assert job.state == "failed"
    assert "3 times" in job.error


@pytest.mark.django_db
def test_a_cancelled_job_of_a_dead_worker_stays_cancelled() -> None:
    job = _add()
    queue.claim("a")
    actions.cancel(job=job, by=None)
    queue.reclaim(dead="a")
    job.refresh_from_db()
    assert job.state == "cancelled"
    other = _add()
    hold = queue.claim("a")
    assert hold is not None
    actions.cancel(job=other, by=None)
    assert queue.give_back(hold)
    other.refresh_from_db()
    assert other.state == "cancelled"


@pytest.mark.django_db
def test_giving_back_does_not_count_as_an_attempt() -> None:
    for _time in range(5):
        if not Job.objects.exists():
            _add()
        hold = queue.claim("a")
        assert hold is not None
        assert hold.attempt == 1
        assert queue.give_back(hold)


@pytest.mark.django_db
def test_asking_and_cancelling_leave_audit_events(assessment: Any, lead: Any) -> None:
    from kloe.web.audit.models import AuditEvent

    job = _add(by=lead, assessment=assessment)
    actions.cancel(job=job, by=lead)
    verbs = AuditEvent.objects.filter(subject_id=str(job.pk)).order_by("id").values_list("verb")
    assert [v for (v,) in verbs] == ["job.enqueue", "job.cancel"]


# The database refuses --------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("change", ["update", "delete"])
def test_audit_events_cannot_be_changed_behind_the_program(change: str) -> None:
    from kloe.web.audit.actions import record
    from kloe.web.audit.models import AuditEvent

    with transaction.atomic():
        record(by=None, verb="test", subject_kind="test", subject_id=1)
    events = AuditEvent.objects.filter(verb="test")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        events.update(verb="other") if change == "update" else events.delete()
    assert AuditEvent.objects.filter(verb="test").exists()


@pytest.mark.django_db
def test_revisions_cannot_be_changed_behind_the_program(assessment: Any, lead: Any) -> None:
    from kloe.web.assessments.models import Revision
    from kloe.web.ids import new_id

    Revision.objects.create(
        assessment=assessment,
        subject_kind="test",
        subject="x",
        version=1,
        values={},
        write_id=new_id(),
        by=lead,
    )
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Revision.objects.update(version=2)


# Housekeeping ---------------------------------------------------------------------------------


@pytest.mark.django_db
def test_housekeeping_seals_and_survives_what_fails(caplog: pytest.LogCaptureFixture) -> None:
    from kloe.web.audit.actions import broken_seals
    from kloe.web.audit.models import AuditSeal

    _add()
    keeper = housekeeping.Housekeeping()

    def fail() -> None:
        raise RuntimeError("the disk is away")

    keeper.tasks.insert(0, housekeeping.Task(60, fail))
    keeper.run_due()
    assert "the disk is away" in caplog.text
    assert AuditSeal.objects.count() == 1
    assert broken_seals() == []
    caplog.clear()
    keeper.run_due()
    assert caplog.text == "", "nothing is due again yet"


@pytest.mark.django_db
def test_sessions_that_ran_out_are_forgotten() -> None:
    from django.contrib.sessions.models import Session

    now = timezone.now()
    Session.objects.create(session_key="old", session_data="", expire_date=now - timedelta(days=1))
    Session.objects.create(session_key="new", session_data="", expire_date=now + timedelta(days=1))
    housekeeping.forget_sessions()
    assert [s.session_key for s in Session.objects.all()] == ["new"]


def test_old_temporary_files_are_swept(tmp_path: Path) -> None:
    old, new, lock = tmp_path / "work" / "old", tmp_path / "new", tmp_path / "serving.lock"
    old.parent.mkdir()
    for path in (old, new, lock):
        path.write_text("x")
    long_ago = time.time() - 3 * housekeeping.DAY
    for path in (old, lock, old.parent):
        os.utime(path, (long_ago, long_ago))
    housekeeping.sweep_tmp(tmp_path)
    assert not old.exists()
    assert new.exists()
    assert lock.exists()


def _refused(request: Any, *args: Any, **kwargs: Any) -> Any:
    """The answer to a request that is refused, within a transaction of its own."""
    with transaction.atomic():
        return request(*args, **kwargs)


# Pages ----------------------------------------------------------------------------------------


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
    with django_assert_num_queries(3):
        client.get(url, headers={"HX-Request": "true"})


# Several processes ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def _site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = Site(tmp_path_factory.mktemp("site"))
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def site(_site: Site) -> Iterator[Site]:
    yield _site
    _site.quiet()


def _lines(path: Path) -> list[str]:
    return [line.split()[0] for line in path.read_text().splitlines()] if path.exists() else []


def test_two_workers_take_each_job_once(site: Site, tmp_path: Path) -> None:
    jobs = [site.enqueue("test.count", steps=1, notes=str(tmp_path / f"{n}")) for n in range(30)]
    site.worker("one"), site.worker("two")
    for pk in jobs:
        row = site.until(pk, lambda row: row["state"] == "done")
        assert row["attempts"] == 1
    for n in range(30):
        assert _lines(tmp_path / f"{n}") == ["begun", "ended"]


def test_two_claims_at_the_same_moment_give_one_hold(site: Site) -> None:
    site.enqueue("test.count")
    found = site.do(
        "import threading\n"
        "from django.db import connections\n"
        "gate, got = threading.Barrier(8), []\n"
        "def take(n):\n"
        "    gate.wait()\n"
        "    got.append(queue.claim(str(n)))\n"
        "    connections.close_all()\n"
        "threads = [threading.Thread(target=take, args=(n,)) for n in range(8)]\n"
        "[t.start() for t in threads]; [t.join() for t in threads]\n"
        "_ = sum(1 for hold in got if hold)"
    )
    assert found == 1


def test_progress_is_seen_while_the_job_runs(site: Site) -> None:
    pk = site.enqueue("test.count", steps=20, pause=0.1)
    site.worker("one")
    row = site.until(pk, lambda row: row["done"] > 2)
    assert (row["state"], row["total"]) == ("running", 20)
    assert row["what"].startswith("step ")
    assert site.until(pk, lambda row: row["state"] == "done")["done"] == 20


def test_a_running_job_is_cancelled(site: Site, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    pk = site.enqueue("test.count", steps=600, pause=0.1, notes=str(notes))
    site.worker("one")
    site.until(pk, lambda row: row["done"] > 0)
    site.do(f"actions.cancel(job=Job.objects.get(pk={pk!r}), by=None)")
    site.until(pk, lambda row: row["state"] == "cancelled", 5)
    assert _lines(notes) == ["begun"]
    after = site.enqueue("test.count")
    site.until(after, lambda row: row["state"] == "done", 5)


def test_a_killed_worker_loses_its_job_to_the_one_that_replaces_it(site: Site) -> None:
    pk = site.enqueue("test.once")
    one = site.worker("one")
    site.until(pk, lambda row: row["done"] > 0)
    one.kill()
    one.wait()
    assert site.job(pk)["state"] == "running"
    site.worker("two", replaces="one")
    row = site.until(pk, lambda row: row["state"] == "done")
    assert (row["attempts"], row["worker"], row["result"]) == (2, "two", {"attempts": 2})


def test_a_killed_worker_loses_its_job_when_its_heartbeat_is_stale(site: Site) -> None:
    pk = site.enqueue("test.once")
    one = site.worker("one")
    site.until(pk, lambda row: row["done"] > 0)
    one.kill()
    one.wait()
    site.worker("two", TEST_STALE="1")
    row = site.until(pk, lambda row: row["state"] == "done")
    assert (row["attempts"], row["worker"]) == (2, "two")


def test_told_to_stop_a_worker_gives_its_job_back_and_the_next_one_does_it(site: Site) -> None:
    pk = site.enqueue("test.count", steps=100, pause=0.05)
    one = site.worker("one")
    site.until(pk, lambda row: row["done"] > 2)
    begun = time.monotonic()
    one.send_signal(signal.SIGTERM)
    assert one.wait(10) == 0
    assert time.monotonic() - begun < 4
    row = site.job(pk)
    assert (row["state"], row["attempts"], row["worker"]) == ("waiting", 0, "")
    site.worker("two")
    assert site.until(pk, lambda row: row["state"] == "done")["attempts"] == 1


def test_told_to_stop_a_worker_leaves_work_that_does_not_listen(site: Site) -> None:
    pk = site.enqueue("test.deaf")
    one = site.worker("one")
    site.until(pk, lambda row: row["state"] == "running")
    time.sleep(0.3)
    begun = time.monotonic()
    one.send_signal(signal.SIGTERM)
    assert one.wait(10) == 0
    assert time.monotonic() - begun < 4.5
    assert site.job(pk)["state"] == "waiting"


def test_short_work_is_finished_before_the_worker_stops(site: Site) -> None:
    pk = site.enqueue("test.deaf", seconds=1)
    one = site.worker("one")
    site.until(pk, lambda row: row["state"] == "running")
    one.send_signal(signal.SIGTERM)
    assert one.wait(10) == 0
    assert site.job(pk)["state"] == "done"


def test_a_job_is_not_seen_before_its_transaction_commits(site: Site) -> None:
    site.worker("one")
    found = site.do(
        "import time\n"
        "from django.db import transaction\n"
        "with transaction.atomic():\n"
        "    job = actions.enqueue(kind='test.count', by=None)\n"
        "    time.sleep(1)\n"
        "    inside = Job.objects.get(pk=job.pk).state\n"
        "    transaction.set_rollback(True)\n"
        "_ = [inside, Job.objects.count()]"
    )
    assert found == ["waiting", 0]


# The other engine -----------------------------------------------------------------------------


@pytest.mark.postgres
@pytest.mark.slow
@pytest.mark.skipif("KLOE_DATABASE_URL" in os.environ, reason="runs on PostgreSQL already")
def test_all_of_this_holds_on_postgresql(postgres: Postgres) -> None:  # noqa: F811
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--no-header", __file__],
        check=False,
        env=postgres.environment(PYTEST_ADDOPTS=""),
        cwd=Path(__file__).parent.parent.parent.parent,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def test_the_engine_is_the_one_the_environment_names() -> None:
    wanted = "postgresql" if os.environ.get("KLOE_DATABASE_URL") else "sqlite"
    assert connection.vendor == wanted


def test_errors_have_one_shape_in_json() -> None:
    error = InvalidInput("a", "b", "c")
    assert json.loads(json.dumps(error.as_dict()))["exit_code"] == 3


def test_waiting_fails_when_nothing_comes() -> None:
    with pytest.raises(AssertionError):
        wait_for(lambda: False, 0.01)
