"""A worker as a process, with kinds of work that tests can hold up, break and watch."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

from kloe.core.progress import Progress
from kloe.web import boot


def register() -> None:
    """The kinds of work that tests use."""
    from kloe.core.errors import InvalidInput
    from kloe.web.jobs.models import Job
    from kloe.web.jobs.registry import job

    def note(job: Job, line: str) -> None:
        if path := job.payload.get("notes"):
            with Path(path).open("a") as f:
                f.write(f"{line} {os.getpid()}\n")

    @job("test.count", title="Counting")
    def count(job: Job, progress: Progress) -> dict[str, Any]:
        note(job, "begun")
        steps = job.payload.get("steps", 3)
        for i in range(steps):
            progress.step(i, steps, f"step {i}")
            time.sleep(job.payload.get("pause", 0))
        progress.step(steps, steps)
        note(job, "ended")
        return {"url": "/somewhere/", "label": "Look", "counted": steps}

    @job("test.deaf", title="Deaf work")
    def deaf(job: Job, progress: Progress) -> dict[str, Any]:
        note(job, "begun")
        time.sleep(job.payload.get("seconds", 60))
        note(job, "ended")
        return {}

    @job("test.once", title="Slow the first time only")
    def once(job: Job, progress: Progress) -> dict[str, Any]:
        note(job, "begun")
        if job.attempts == 1:
            for i in range(600):
                progress.step(i, 600)
                time.sleep(0.1)
        return {"attempts": job.attempts}

    @job("test.refuse", title="Refused work")
    def refuse(job: Job, progress: Progress) -> dict[str, Any]:
        raise InvalidInput("The file has no sheet.", "One sheet is needed.", "Add it.")

    @job("test.break", title="Broken work")
    def broken(job: Job, progress: Progress) -> dict[str, Any]:
        raise RuntimeError("secret detail")

    @job("test.not-json", title="A result that cannot be kept")
    def not_json(job: Job, progress: Progress) -> dict[str, Any]:
        return {"object": object()}

    @job("test.language", title="Speaking")
    def speaking_job(job: Job, progress: Progress) -> dict[str, Any]:
        from django.utils.translation import get_language

        from kloe.core.messages import language

        return {"django": get_language(), "messages": language.get()}


def main() -> int:
    boot.start(Path(os.environ["KLOE_DATA"]), migrate=False)
    register()
    from kloe.web.jobs import queue, worker

    if os.environ.get("TEST_STALE"):
        from datetime import timedelta

        queue.STALE = timedelta(seconds=float(os.environ["TEST_STALE"]))
        worker.RECLAIM_EVERY = 0.5
    return worker.main(name=sys.argv[1], replaces=sys.argv[2] if len(sys.argv) > 2 else "")


if __name__ == "__main__":
    sys.exit(main())
