"""A new database, drawn from the models, is the one that all migrations lead to."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

#: Makes a database the one way or the other, and says what is in it.
MAKE = """
import json, re, sys
from pathlib import Path
from kloe.web import boot
boot.start(Path(sys.argv[1]), migrate=False)
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
if sys.argv[2] == "drawn":
    boot.bring_up_to_date()
else:
    call_command("migrate", interactive=False, verbosity=0)
call_command("migrate", check_unapplied=True, verbosity=0)

def parts(sql):
    '''What stands between the commas of a table's definition: columns and constraints.'''
    depth, begun, found = 0, sql.index("(") + 1, []
    for at in range(begun, len(sql)):
        depth += {"(": 1, ")": -1}.get(sql[at], 0)
        if depth < 0 or (depth == 0 and sql[at] == ","):
            found.append(" ".join(sql[begun:at].split()))
            begun = at + 1
    return sorted(found)

def rows(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [list(map(str, row)) for row in cursor.fetchall()]

told = {
    "migrations": sorted(rows("select app, name from django_migrations")),
    "types": sorted(ContentType.objects.values_list("app_label", "model")),
    "permissions": sorted(Permission.objects.values_list("content_type__model", "codename")),
}
for kind, name, sql in rows("select type, name, coalesce(sql, '') from sqlite_master"):
    table = kind == "table" and "VIRTUAL" not in sql
    told[f"{kind} {name}"] = parts(sql) if table else " ".join(sql.split())
print(json.dumps(told))
"""


def made(folder: Path, way: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", MAKE, str(folder), way],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_both_ways_end_at_the_same(tmp_path: Path) -> None:
    drawn, walked = (made(tmp_path / way, way) for way in ("drawn", "walked"))
    assert drawn.keys() == walked.keys()
    for name, found in drawn.items():
        assert found == walked[name], name
    assert len(drawn["migrations"]) > 60
    assert drawn["types"]
    assert sum(name.startswith("trigger") for name in drawn) > 20
    assert sum(name.startswith("index") for name in drawn) > 100


#: Ends the hard way when the n-th migration is written down as done.
KILLED = """
import os, sys
from pathlib import Path
from django.db.migrations.recorder import MigrationRecorder
from kloe.web import boot
real, count = MigrationRecorder.record_applied, 0
def counted(self, app, name):
    global count
    count += 1
    if count == int(sys.argv[2]):
        os._exit(9)
    real(self, app, name)
MigrationRecorder.record_applied = counted
boot.start(Path(sys.argv[1]))
from kloe.web.accounts.models import User
print(User.objects.count())
"""


@pytest.mark.parametrize("step", [1, 30])
def test_one_that_was_killed_is_begun_again(tmp_path: Path, step: int) -> None:
    def start(at: int) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", KILLED, str(tmp_path), str(at)],
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip

    assert start(step).returncode == 9
    again = start(0)
    assert (again.returncode, again.stdout) == (0, "0\n"), again.stderr


def test_two_that_begin_at_once_share_one(tmp_path: Path) -> None:
    code = KILLED.replace("boot.start", "sys.stdin.readline(); boot.start")
    both = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path), "0"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(2)
    ]  # fmt: skip
    for one in both:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    told = [one.communicate(timeout=300) for one in both]
    assert [(one.returncode, out) for one, (out, _err) in zip(both, told, strict=True)] == [
        (0, "0\n"), (0, "0\n"),
    ], told  # fmt: skip
