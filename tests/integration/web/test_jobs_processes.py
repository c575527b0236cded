"""Background work by several processes, killed and restarted; all of it on PostgreSQL too."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from site_process import Site

from postgres import Postgres, postgres  # noqa: F401
from waiting import wait_for

HERE = Path(__file__).parent
FILES = [str(HERE / f"test_jobs{end}.py") for end in ("", "_pages", "_processes")]


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
    assert one.wait(40) == 0
    assert time.monotonic() - begun < 20
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
    assert one.wait(40) == 0
    assert time.monotonic() - begun < 30
    assert site.job(pk)["state"] == "waiting"


def test_short_work_is_finished_before_the_worker_stops(site: Site) -> None:
    pk = site.enqueue("test.deaf", seconds=1)
    one = site.worker("one")
    site.until(pk, lambda row: row["state"] == "running")
    one.send_signal(signal.SIGTERM)
    assert one.wait(40) == 0
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


def test_a_seal_does_not_pass_over_an_event_that_is_still_being_written(site: Site) -> None:
    found = site.do(
        "import threading, time\n"
        "from django.db import connection, connections, transaction\n"
        "from kloe.web.audit.actions import broken_seals, record\n"
        "from kloe.web.audit.models import AuditEvent, AuditSeal\n"
        "from kloe.web.jobs import housekeeping\n"
        "said = []\n"
        "def slow():\n"
        "    with transaction.atomic():\n"
        "        record(by=None, verb='slow', subject_kind='t', subject_id=1)\n"
        "        began.set()\n"
        "        time.sleep(0.6)\n"
        "    said.append('slow')\n"
        "    connections.close_all()\n"
        "def quick():\n"
        "    with transaction.atomic():\n"
        "        record(by=None, verb='quick', subject_kind='t', subject_id=2)\n"
        "    housekeeping.seal_events()\n"
        "    said.append('sealed')\n"
        "    connections.close_all()\n"
        "began = threading.Event()\n"
        "one, two = threading.Thread(target=slow), threading.Thread(target=quick)\n"
        "one.start(); began.wait(30); two.start(); one.join(); two.join()\n"
        "last = AuditSeal.objects.order_by('-id').first().last_event\n"
        "_ = [said, len(broken_seals()), AuditEvent.objects.filter(id__gt=last).count()]"
    )
    assert found == [["slow", "sealed"], 0, 0]


# The other engine -----------------------------------------------------------------------------


@pytest.mark.postgres
@pytest.mark.slow
def test_all_of_this_holds_on_postgresql(postgres: Postgres) -> None:  # noqa: F811
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--no-header"),
            # Not itself: a run within a run would never end.
            *("-k", "not all_of_this_holds_on_postgresql", *FILES),
        ],
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


def test_waiting_fails_when_nothing_comes() -> None:
    with pytest.raises(AssertionError):
        wait_for(lambda: False, 0.01)
