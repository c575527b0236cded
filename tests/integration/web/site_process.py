"""A site of its own beside the tests: data directory, database, processes that can be killed.

The test database lives in one process. What is to be shown about several processes, killing
and restarting happens here, on SQLite, or on PostgreSQL where ``KLOE_DATABASE_URL`` names one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from waiting import wait_for

HERE = Path(__file__).resolve().parent

CONTROLLER = """
import json, sys
from pathlib import Path
sys.path.insert(0, {here!r})
from kloe.web import boot
boot.start(Path({data!r}))
import worker_process
worker_process.register()
from kloe.web.jobs import actions, queue
from kloe.web.jobs.models import Job
space = dict(globals())
print("ready", flush=True)
for line in sys.stdin:
    space["_"] = None
    exec(json.loads(line), space)
    print(json.dumps(space["_"], default=str), flush=True)
"""


def _fresh_database(url: str) -> str:
    """A new database on the server the tests run on."""
    import psycopg

    name = f"kloe_site_{os.getpid()}_{time.monotonic_ns()}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/{name}" + (f"?{parts.query}" if parts.query else "")


class Site:
    """``do("_ = Job.objects.count()")`` runs code there; ``worker()`` starts one."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.processes: list[subprocess.Popen[str]] = []
        self.env = os.environ | {"KLOE_DATA": str(data), "PYTHONUNBUFFERED": "1"}
        if url := os.environ.get("KLOE_DATABASE_URL"):
            self.env["KLOE_DATABASE_URL"] = _fresh_database(url)
        self.controller = subprocess.Popen(
            [sys.executable, "-c", CONTROLLER.format(here=str(HERE), data=str(data))],
            env=self.env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.controller.stdout is not None
        assert self.controller.stdout.readline().strip() == "ready"

    def do(self, code: str) -> Any:
        """Run code in the site's process; gives what it puts into ``_``."""
        assert self.controller.stdin is not None
        assert self.controller.stdout is not None
        self.controller.stdin.write(json.dumps(code) + "\n")
        self.controller.stdin.flush()
        line = self.controller.stdout.readline()
        assert line, "the site's process ended"
        return json.loads(line)

    def enqueue(self, kind: str, **payload: Any) -> str:
        """A new job; gives its identifier."""
        return str(self.do(f"_ = actions.enqueue(kind={kind!r}, payload={payload!r}, by=None).pk"))

    def job(self, pk: str) -> dict[str, Any]:
        """The row of a job."""
        return dict(self.do(f"_ = Job.objects.filter(pk={pk!r}).values().get()"))

    def worker(self, name: str, replaces: str = "", **env: str) -> subprocess.Popen[str]:
        """Start a worker that knows the kinds of work for tests."""
        process = subprocess.Popen(
            [sys.executable, str(HERE / "worker_process.py"), name, replaces],
            env=self.env | env,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.processes.append(process)
        return process

    def until(self, pk: str, true: Callable[[dict[str, Any]], bool], seconds: float = 60) -> Any:
        """Wait until something is true of a job."""
        return wait_for(lambda: (row := self.job(pk)) and true(row) and row, seconds)

    def quiet(self) -> None:
        """Kill what still runs and forget all jobs."""
        for process in self.processes:
            process.kill()
            process.communicate()
        self.processes.clear()
        self.do("Job.objects.all().delete()")

    def close(self) -> None:
        self.quiet()
        assert self.controller.stdin is not None
        self.controller.stdin.close()
        self.controller.wait(10)
        assert self.controller.stdout is not None
        self.controller.stdout.close()
