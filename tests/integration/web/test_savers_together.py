"""Many people saving at the same moment, from two processes: one wins, the others are told.

On a file of SQLite and on PostgreSQL. Nobody ever sees "database is locked".
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from postgres import Postgres, postgres  # noqa: F401

PROCESS = Path(__file__).parent / "savers_process.py"
ALL = 20


def _run(data: Path, environment: dict[str, str]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, PROCESS, data],
        env=environment | {"KLOE_DATA": str(data)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    assert "locked" not in done.stderr
    assert "Traceback" not in done.stderr, done.stderr[-4000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _check(found: dict[str, Any]) -> None:
    answers, after = found["answers"], found["after"]
    one_wins = {"200": 1, "409": ALL - 1}
    assert answers["different criteria"] == {"200": ALL}
    for name in ("one criterion", "one criterion again", "one answer", "one context"):
        assert answers[name] == one_wins, (name, answers[name])
    assert answers["one weakness"] == one_wins
    assert answers["one judgement"] == {"303": 1, "409": ALL - 1}
    # The same write from everybody is one write: all are told that it is saved.
    assert answers["one write"] == {"200": ALL}
    assert answers["one comment"] == {"302": ALL}
    assert answers["notes"] == {"303": ALL}
    assert answers["one note"] == {"303": ALL}
    assert answers["one finding"] == {"303": ALL}
    assert answers["one take-over"] == {"303": ALL}
    assert set(answers["one removal"]) <= {"303", "404"}
    assert answers["cites"] == {"302": ALL}
    # What gets in each other's way too often is refused in words, never a crash.
    assert set(answers["mixed"]) <= {"200", "303", "404", "409", "422", "503"}, answers["mixed"]

    assert after["states"] == []
    assert after["numbers"]
    assert after["gapless"]
    assert after["ratings"] == ALL + 2 + 3 * 4
    assert after["rated"] == after["revisions"] == ALL + 3 + 3 * 4
    assert (after["once"], after["comments"], after["findings"]) == (1, 1, 1)
    assert (after["weaknesses"], after["taken"], after["removed"]) == (0, 1, 1)


def test_saving_together_on_sqlite(tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "KLOE_DATABASE_URL"}
    _check(_run(tmp_path, environment))


@pytest.mark.postgres
def test_saving_together_on_postgresql(tmp_path: Path, postgres: Postgres) -> None:  # noqa: F811
    _check(_run(tmp_path, postgres.environment()))
