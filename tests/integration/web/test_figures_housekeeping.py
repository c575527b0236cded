"""What is kept beside figures goes when nothing shows it; old jobs are forgotten."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from computed_ground import bring_in, compute_quickly, forget
from django.utils import timezone

from kloe.web.audit.models import AuditEvent
from kloe.web.indicators import case_lists, drawing_ahead, drawings, housekeeping
from kloe.web.indicators.models import ComputedSummary
from kloe.web.jobs import actions as jobs
from kloe.web.jobs.housekeeping import Housekeeping, forget_jobs
from kloe.web.jobs.models import Job

MEASURES = ("repairs/on-time", "repairs/target-at-report")


@pytest.fixture
def done(assessment: Any, lead: Any, org: Any, settings: Any, tmp_path: Path) -> Any:
    (tmp_path / "data" / "records").mkdir(parents=True)
    settings.DATA_DIR = tmp_path / "data"
    bring_in(org)
    compute_quickly(assessment, lead, MEASURES)
    drawing_ahead.draw_all(assessment, measures=MEASURES)
    yield assessment
    forget(org)


def files() -> set[Path]:
    found = set(drawings.folder().glob("*.svg")) | set(case_lists.folder().rglob("*.parquet"))
    return {p for p in found if p.is_file()}


def age(path: Path) -> Path:
    os.utime(path, (0, 0))
    return path


def test_what_is_shown_stays_however_old(done: Any) -> None:
    there = {age(p) for p in files()}
    assert len(there) >= 4
    assert housekeeping.sweep() == 0
    assert files() == there


def test_what_nothing_shows_goes_once_it_is_old(done: Any, org: Any) -> None:
    there = files()
    svg = drawings.folder() / f"{'0' * 64}.svg"
    list_ = case_lists.folder() / str(org.pk) / f"{'0' * 64}.parquet"
    for path in (svg, list_):
        path.write_bytes(b"")
    assert housekeeping.sweep() == 0, "somebody may be about to name them"
    age(svg)
    age(list_)
    assert housekeeping.sweep() == 2
    assert files() == there


def test_a_measure_drawn_anew_leaves_no_old_drawing(done: Any) -> None:
    some = {age(p) for p in drawings.folder().glob("*.svg")}
    ComputedSummary.objects.filter(measure=MEASURES[1]).delete()
    drawing_ahead.draw_all(done)
    gone = housekeeping.sweep()
    left = set(drawings.folder().glob("*.svg"))
    assert gone >= 1
    assert left < some


def test_unless_all_is_noted_no_drawing_is_called_unused(done: Any) -> None:
    for path in drawings.folder().glob("*.svg"):
        age(path)
    note = drawings.folder() / drawing_ahead.USED / f"{done.pk}.json"
    kept = note.read_bytes()
    note.write_bytes(b"{")
    assert drawing_ahead.unused({str(done.pk)}) == []
    note.unlink()
    assert drawing_ahead.unused({str(done.pk)}) == []
    note.write_bytes(kept)
    assert drawing_ahead.unused({str(done.pk)}) == []
    # Of an assessment that is no more nothing is shown.
    assert len(drawing_ahead.unused(set())) == len(list(drawings.folder().glob("*.svg"))) + 1


def test_jobs_that_ended_long_ago_are_forgotten(
    assessment: Any, lead: Any, org: Any, settings: Any
) -> None:
    settings.JOBS_DAYS = 30
    made = {}
    for name, state, days in (
        ("old", "done", 31),
        ("failed", "failed", 40),
        ("young", "done", 29),
        ("running", "running", 60),
        ("waiting", "waiting", 60),
    ):
        job = jobs.enqueue(kind="report", by=lead, assessment=assessment, payload={"n": name})
        then = timezone.now() - timedelta(days=days)
        ended = then if state in ("done", "failed") else None
        Job.objects.filter(pk=job.pk).update(state=state, created_at=then, finished_at=ended)
        made[name] = job.pk
    forget_jobs()
    left = set(Job.objects.filter(pk__in=made.values()).values_list("pk", flat=True))
    assert left == {made["young"], made["running"], made["waiting"]}
    event = AuditEvent.objects.get(verb="job.forget")
    assert (event.organisation_id, event.after["jobs"], event.actor) == (org.pk, 2, "kloe")
    forget_jobs()
    assert AuditEvent.objects.filter(verb="job.forget").count() == 1


def test_the_worker_does_it() -> None:
    names = {task.run.__name__ for task in Housekeeping().tasks}
    assert {"sweep_figures", "forget_jobs"} <= names
