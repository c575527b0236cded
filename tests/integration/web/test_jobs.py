"""Background work: rows, progress, ends; on either engine (see test_jobs_processes.py)."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import worker_process
from django.db import DatabaseError, transaction
from django.utils import timezone, translation

from kloe.core.errors import Cancelled, Conflict
from kloe.web.jobs import actions, housekeeping, queue, registry, worker
from kloe.web.jobs.models import Job
from kloe.web.jobs.reporter import Reporter
from postgres import Postgres, postgres  # noqa: F401

worker_process.register()


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
