"""The worker: takes one job after the other, watches it, and stops when told to.

The job's function runs in a thread of its own; the main thread writes its progress, keeps the
heartbeat, hears signals and does the housekeeping. Whatever happens to the process, the job's
row says what is to be done: it is taken up again when its heartbeat has grown stale, at once
when the supervisor says that the worker is dead.
"""

from __future__ import annotations

import logging
import os
import secrets
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

from django.db import DatabaseError, close_old_connections, connections
from django.utils import translation

from kloe.core import disk
from kloe.core.digest import canonical_json
from kloe.core.errors import Cancelled, KloeError
from kloe.core.messages import _, speaking
from kloe.web.jobs import queue, registry
from kloe.web.jobs.housekeeping import Housekeeping
from kloe.web.jobs.reporter import Reporter

log = logging.getLogger("kloe.jobs")

POLL = 0.3
TICK = 0.1
#: Seconds a running job has to come to an end, or to a step, when the worker is told to stop.
GRACE = 2.5
RECLAIM_EVERY = 10.0


def new_name() -> str:
    """A name no other worker has: where it runs and a bit of chance."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"


class Outcome:
    """How a job's function ended, before it is written down."""

    def __init__(self) -> None:
        self.write: Callable[[], bool] | None = None


def _perform(hold: queue.Hold, reporter: Reporter) -> Callable[[], bool]:
    """Run the function in the language of who asked; gives the write that ends the job."""
    job = hold.job
    with translation.override(job.language), speaking(job.language):
        try:
            kind = registry.find(job.kind)
            if kind is None:
                words = str(
                    _(
                        "This version of kloe does not know work of the kind %(kind)s.",
                        kind=job.kind,
                    )
                )
                return lambda: queue.fail(hold, words)
            result = kind.run(job, reporter) or {}
            canonical_json(result)  # what cannot be kept is the function's fault
            return lambda: queue.finish(hold, result, steps=reporter.steps)
        except Cancelled as error:
            if reporter.lost:
                return lambda: False
            if reporter.stopping and not reporter.cancelled:
                return lambda: queue.give_back(hold)
            if reporter.cancelled:
                return lambda: queue.cancelled(hold)
            words = str(error)
            return lambda: queue.fail(hold, words)
        except KloeError as error:
            words = str(error)
            return lambda: queue.fail(hold, words)
        except BaseException as error:
            if (fault := disk.full(error)) is not None:
                log.error("Job %s (%s): the disk is full: %s", job.pk, job.kind, error)
                words = str(fault)
                return lambda: queue.fail(hold, words)
            return _unexpected(hold)


def _unexpected(hold: queue.Hold) -> Callable[[], bool]:
    log.exception("Job %s (%s) failed", hold.job.pk, hold.job.kind)
    with speaking(hold.job.language):
        words = str(
            _(
                "Something went wrong that kloe did not expect. The messages of the server say "
                "more under the number %(id)s.",
                id=hold.job.pk,
            )
        )
    return lambda: queue.fail(hold, words)


def _write(hold: queue.Hold, end: Callable[[], bool]) -> None:
    """Write the end of a job, again if the database is away for a moment."""
    for pause in (0.2, 1.0, 3.0, None):
        try:
            if not end():
                log.warning("Job %s was taken over by another worker", hold.job.pk)
            return
        except DatabaseError:
            if pause is None:
                raise
            log.warning("The end of job %s could not be written yet", hold.job.pk)
            close_old_connections()
            time.sleep(pause)


def run_waiting(*, limit: int = 100) -> int:
    """Do what waits here and now, in this thread; gives how many jobs were done.

    For tests and for commands that want the work finished before they end.
    """
    name, count = new_name(), 0
    while count < limit and (hold := queue.claim(name)) is not None:
        reporter = Reporter(hold, self_ticking=True)
        _write(hold, _perform(hold, reporter))
        count += 1
    return count


class Worker:
    """The loop. ``stop`` may be called from a signal handler or another thread."""

    def __init__(self, name: str = "", *, poll: float = POLL, grace: float = GRACE) -> None:
        self.name = name or new_name()
        self.poll = poll
        self.grace = grace
        self.housekeeping = Housekeeping()
        # A plain flag: an Event may not be set in a handler while its own thread waits on it.
        self._stopping = False
        self._next_reclaim = 0.0

    def stop(self) -> None:
        """Finish or give back what is at hand, then end."""
        self._stopping = True

    @property
    def stopping(self) -> bool:
        return self._stopping

    def run(self, *, replaces: str = "") -> bool:
        """Work until told to stop.

        :param replaces: the worker this one follows, known to be dead.
        :returns: whether all ended in order; False if a function would not stop in time and
            still runs in its thread, in which case the process has to end without waiting.
        """
        if replaces:
            self._guarded(lambda: queue.reclaim(dead=replaces))
        orderly = True
        while not self._stopping:
            hold = self._guarded(self._next)
            if hold is None:
                self._pause(self.poll)
            elif not self._guarded(partial(self._watch, hold), default=True):
                orderly = False
        connections.close_all()
        return orderly

    def _pause(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self._stopping and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, TICK))

    def _guarded(self, step: Callable[[], Any], default: Any = None) -> Any:
        """A step of the loop; a database that is away is waited for."""
        try:
            return step()
        except DatabaseError:
            log.exception("The database did not answer; trying again")
            close_old_connections()
            self._pause(2)
            return default

    def _next(self) -> queue.Hold | None:
        if time.monotonic() >= self._next_reclaim:
            self._next_reclaim = time.monotonic() + RECLAIM_EVERY
            close_old_connections()
            if taken := queue.reclaim():
                log.warning("%d jobs were taken from workers that died", taken)
        self.housekeeping.run_due()
        return queue.claim(self.name)

    def _watch(self, hold: queue.Hold) -> bool:
        """Do one job; False if its function would not stop."""
        reporter, outcome = Reporter(hold), Outcome()

        def work() -> None:
            try:
                outcome.write = _perform(hold, reporter)
            finally:
                connections.close_all()

        thread = threading.Thread(target=work, name=f"job {hold.job.pk}", daemon=True)
        thread.start()
        told = None
        while thread.is_alive():
            thread.join(TICK)
            try:
                reporter.tick()
                self.housekeeping.run_due()
            except DatabaseError:
                log.warning("Progress of job %s could not be written", hold.job.pk)
                close_old_connections()
            if self._stopping:
                told = told or time.monotonic()
                reporter.stopping = True
                if time.monotonic() - told > self.grace:
                    _write(hold, lambda: queue.give_back(hold))
                    return False
        _write(hold, outcome.write or _unexpected(hold))
        return True


def main(*, name: str = "", replaces: str = "", parent: int = 0) -> int:
    """The worker as a process of its own; gives its exit code.

    :param replaces: as for ``Worker.run``.
    :param parent: the process that started this one; stop when it is gone.
    """
    worker = Worker(name)

    def stop(signum: int, frame: FrameType | None) -> None:
        worker.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    if parent:
        threading.Thread(target=_stop_with, args=(worker, parent), daemon=True).start()
    if not worker.run(replaces=replaces):
        logging.shutdown()
        os._exit(0)
    return 0


def _stop_with(worker: Worker, parent: int) -> None:
    """A worker whose supervisor was killed must not live on alone."""
    if sys.platform == "win32":
        # There the parent holds the other end of our standard input, to stop us as well.
        sys.stdin.buffer.read()
        worker.stop()
    while not worker.stopping:
        if os.getppid() != parent:
            worker.stop()
        time.sleep(1)
