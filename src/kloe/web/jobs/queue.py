"""The worker's side of a job's row: taking it, keeping it, ending it.

Every change is one short transaction that names who holds the job, so that a worker which was
believed dead cannot end a job that somebody else has taken over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from kloe.core.messages import _, speaking
from kloe.web.jobs.models import Job

#: A running job whose worker has not been heard of for so long is taken from it.
STALE = timedelta(seconds=30)
#: So often a job is begun before it counts as one that brings the worker down.
ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Hold:
    """A worker's hold on a job: valid as long as nobody has taken the job over."""

    job: Job
    worker: str
    attempt: int

    def rows(self) -> QuerySet[Job]:
        """The job's row, if the hold is still valid."""
        return Job.objects.filter(
            pk=self.job.pk, worker=self.worker, attempts=self.attempt, state=Job.State.RUNNING
        )


def claim(worker: str) -> Hold | None:
    """Take the job that has waited longest, if one waits. Two workers never take the same."""
    waiting = Job.objects.filter(state=Job.State.WAITING).order_by("created_at", "pk")
    # Looking costs no lock; on SQLite only a worker that sees something becomes a writer.
    if not waiting.exists():
        return None
    with transaction.atomic():
        if connection.features.has_select_for_update_skip_locked:
            waiting = waiting.select_for_update(skip_locked=True)
        job = waiting.first()
        if job is None:
            return None
        now = timezone.now()
        taken = Job.objects.filter(pk=job.pk, state=Job.State.WAITING).update(
            state=Job.State.RUNNING,
            worker=worker,
            attempts=F("attempts") + 1,
            started_at=now,
            heartbeat=now,
            done=0,
            total=0,
            what="",
        )
        if not taken:
            return None
        job.refresh_from_db()
    return Hold(job, worker, job.attempts)


def beat(hold: Hold, *, progress: tuple[int, int, str] | None = None) -> bool:
    """Say that the worker lives, and how far it is; tells whether the hold is still valid."""
    values: dict[str, Any] = {"heartbeat": timezone.now()}
    if progress is not None:
        values.update(zip(("done", "total", "what"), progress, strict=True))
    return bool(hold.rows().update(**values))


def asked_to_cancel(hold: Hold) -> bool | None:
    """Whether somebody called the job off; nothing if the hold is lost."""
    return hold.rows().values_list("cancel_requested", flat=True).first()


def _end(hold: Hold, state: Job.State, **values: Any) -> bool:
    return bool(
        hold.rows().update(state=state, finished_at=timezone.now(), heartbeat=None, **values)
    )


def finish(hold: Hold, result: dict[str, Any], *, steps: int = 0) -> bool:
    """The work is done in so many steps; ``result`` is what came of it."""
    return _end(hold, Job.State.DONE, result=result, what="", done=steps, total=steps)


def fail(hold: Hold, error: str) -> bool:
    """The work came to nothing, and why."""
    return _end(hold, Job.State.FAILED, error=error)


def cancelled(hold: Hold) -> bool:
    """The work stopped because somebody asked for it."""
    return _end(hold, Job.State.CANCELLED)


def give_back(hold: Hold) -> bool:
    """The worker has to stop: the job waits again, as if it had not been begun."""
    called_off = hold.rows().filter(cancel_requested=True)
    if called_off.update(state=Job.State.CANCELLED, finished_at=timezone.now(), heartbeat=None):
        return True
    return bool(
        hold.rows().update(
            state=Job.State.WAITING,
            worker="",
            heartbeat=None,
            attempts=F("attempts") - 1,
            done=0,
            total=0,
            what="",
        )
    )


def reclaim(*, dead: str = "") -> int:
    """Take running jobs from workers that died; gives how many.

    :param dead: a worker known to be dead: its jobs are taken without waiting for their
        heartbeat to grow stale.
    """
    lost = Q(heartbeat__lt=timezone.now() - STALE) | Q(heartbeat=None)
    if dead:
        lost |= Q(worker=dead)
    stale = Job.objects.filter(lost, state=Job.State.RUNNING)
    count = 0
    for job in stale.only("pk", "worker", "attempts", "cancel_requested", "language"):
        hold = Hold(job, job.worker, job.attempts)
        rows = hold.rows().filter(lost)
        if job.cancel_requested:
            taken = rows.update(state=Job.State.CANCELLED, finished_at=timezone.now())
        elif job.attempts >= ATTEMPTS:
            with speaking(job.language):
                words = _(
                    "The program stopped in the middle of this %(n)d times, so it was given up. "
                    "Look at the messages of the server, then start it again.",
                    n=job.attempts,
                )
                taken = rows.update(
                    state=Job.State.FAILED, finished_at=timezone.now(), error=str(words)
                )
        else:
            taken = rows.update(
                state=Job.State.WAITING, worker="", heartbeat=None, done=0, total=0, what=""
            )
        count += taken
    return count
