"""What has to be done now and then, off the path on which people save."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

log = logging.getLogger("kloe.jobs")

DAY = 24 * 60 * 60


def seal_events() -> None:
    """Seal the audit events that are not sealed yet."""
    from kloe.web.audit.actions import seal

    try:
        with transaction.atomic():
            if connection.vendor == "postgresql":
                _wait_for_writers()
            seal()
    except IntegrityError:
        # Another worker sealed the same events at the same moment: theirs stands.
        log.info("Audit events were sealed by another worker")
    except OperationalError:
        log.info("Audit events are sealed later: somebody is writing for long")


def _wait_for_writers() -> None:
    """Events commit out of order on PostgreSQL; a seal must not pass over one that is coming.

    The lock waits for those who have drawn a number and not committed yet, and no longer than a
    moment, for whoever wants to write meanwhile waits behind it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '2s'")
        cursor.execute("LOCK TABLE audit_auditevent IN SHARE ROW EXCLUSIVE MODE")


def forget_sessions() -> None:
    """Remove sessions that have run out."""
    from django.contrib.sessions.models import Session

    Session.objects.filter(expire_date__lt=timezone.now()).delete()


def sweep_tmp(folder: Path | None = None, *, age: float = DAY) -> None:
    """Remove temporary files that work which was killed has left behind."""
    folder = folder or Path(settings.DATA_DIR) / "tmp"
    oldest = time.time() - age
    for path in sorted(folder.rglob("*"), reverse=True) if folder.is_dir() else ():
        try:
            if path.is_dir() and not path.is_symlink():
                if path.stat().st_mtime < oldest:
                    path.rmdir()
            elif path.suffix != ".lock" and path.lstat().st_mtime < oldest:
                path.unlink()
        except OSError:
            # In use, gone already, or a folder that is not empty: next time.
            continue


def sweep_evidence() -> None:
    """Remove bytes of evidence that no item holds: what a crash between two steps left."""
    from kloe.web.evidence.storage import sweep

    sweep()


def read_evidence() -> None:
    """Have evidence read that waits without a job: from before it was, or from a backup."""
    from kloe.web.documents.actions import ask_for_all

    ask_for_all()


def sweep_extracts() -> None:
    """Remove files of extracts that nobody loaded in time."""
    from kloe.web.records.housekeeping import sweep

    sweep()


def remind_of_actions() -> None:
    """Tell people of actions that are due soon or overdue, each once."""
    from kloe.web.plans.reminders import remind

    remind()


def sweep_figures() -> None:
    """Remove results, drawings and lists of cases that nothing shows any more."""
    from kloe.web.indicators.housekeeping import sweep

    sweep()


def sweep_publications() -> None:
    """Remove what was made of a report and never published."""
    from kloe.web.publication.files import sweep

    sweep()


def forget_jobs() -> None:
    """Remove jobs that ended long ago; what they made stays."""
    from kloe.web.jobs.actions import forget

    forget(before=timezone.now() - timedelta(days=settings.JOBS_DAYS), by=None)


@dataclass
class Task:
    """One thing to do, and how often."""

    every: float
    run: Callable[[], None]
    due: float = field(default_factory=time.monotonic)


class Housekeeping:
    """Does what is due; a task that fails is logged and tried again when it is due next."""

    def __init__(self) -> None:
        self.tasks = [
            Task(60, seal_events),
            Task(DAY, forget_sessions),
            Task(3600, sweep_tmp),
            Task(DAY, sweep_evidence),
            Task(600, read_evidence),
            Task(DAY, sweep_extracts),
            Task(DAY, remind_of_actions),
            Task(DAY, sweep_figures),
            Task(DAY, sweep_publications),
            Task(DAY, forget_jobs),
        ]

    def run_due(self) -> None:
        """Everything whose time has come."""
        for task in self.tasks:
            if time.monotonic() < task.due:
                continue
            task.due = time.monotonic() + task.every
            try:
                task.run()
            except Exception:
                log.exception("Housekeeping failed: %s", task.run.__name__)
