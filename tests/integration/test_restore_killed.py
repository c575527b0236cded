"""A restore killed at any step leaves what was there before, or what was in the backup: whole."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from backup_ground import NEW, digests, fill, left

from kloe.core.errors import Conflict
from kloe.web.backup import make, restore, swap

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

#: Kills itself before or after the n-th call that changes something on the disk beside writing.
KILLED = """
import os, shutil, signal, sys
from pathlib import Path

from kloe.web.backup import restore, swap

at, when, inside, archive, target = sys.argv[1:]
count = 0


def stepping(module, name):
    real = getattr(module, name)

    def step(*args, **kwargs):
        global count
        count += 1
        mine = count
        if mine == int(at) and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        found = real(*args, **kwargs)
        if mine == int(at) and when == "after":
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    setattr(module, name, step)


for module, name in (
    (Path, "rename"), (Path, "mkdir"), (Path, "unlink"), (Path, "rmdir"), (Path, "chmod"),
    (shutil, "rmtree"), (os, "fsync"), (swap.Journal, "write"),
):
    stepping(module, name)
if inside == "yes":
    restore._has_to_stay = lambda path: True
restore.restore(Path(archive), Path(target), force=True)
print(count)
"""


def run(at: int, when: str, inside: str, archive: Path, target: Path) -> int:
    """Restores in a process of its own; the number of steps, or nothing where it was killed."""
    words = [sys.executable, "-c", KILLED, str(at), when, inside, str(archive), str(target)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode == -signal.SIGKILL:
        return 0
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return fill(tmp_path / "home" / "data")


@pytest.fixture
def backup(data: Path, tmp_path: Path) -> Path:
    path = tmp_path / "backup.zip"
    make.make(data, path)
    return path


def _debris(data: Path) -> set[str]:
    """What is neither data nor what was there before."""
    here = {n for n in left(data.parent) if n != "data"} | {
        n for n in left(data) if n.startswith((".restoring", "before-restore"))
    }
    return {n for n in here if "before-restore" not in n}


@pytest.mark.parametrize("inside", ["no", "yes"])
def test_killed_at_every_step(data: Path, backup: Path, tmp_path: Path, inside: str) -> None:
    (data / "reports" / "new.pdf").write_text(NEW)
    old = digests(data)
    aside = tmp_path / "aside"
    make.make(data, aside)
    whole = restore.restore(backup, tmp_path / "whole").manifest
    new = digests(tmp_path / "whole")
    assert old != new
    assert whole.files
    steps = run(0, "never", inside, backup, data)
    assert digests(data) == new
    assert steps > 20
    outcomes = set()
    # Files are synced one by one while unpacking: of those steps some stand for all.
    wanted = [*range(1, steps + 1, 3), *range(max(steps - 24, 1), steps + 1)]
    for at in sorted(set(wanted)):
        for when in ("before", "after") if at > steps - 24 else ("after",):
            restore.restore(aside, data, force=True)
            for extra in [*data.parent.glob("*before-restore*"), *data.glob("before-restore*")]:
                shutil.rmtree(extra)
            killed = not run(at, when, inside, backup, data)
            assert killed, (at, when)
            # Whatever command comes next finds one or the other, and no debris.
            swap.recover(data)
            found = digests(data)
            assert found in (old, new), (at, when)
            assert _debris(data) == set(), (at, when)
            outcomes.add("old" if found == old else "new")
            kept = [*data.parent.glob("*before-restore*"), *data.glob("before-restore*")]
            if found == new:
                assert [digests(k) for k in kept] == [old], (at, when)
            assert not swap.recover(data), "once is enough"
    assert outcomes == {"old", "new"}


def test_what_comes_next_finishes_it(data: Path, backup: Path, tmp_path: Path) -> None:
    """The next command of any kind: here one that only looks."""
    (data / "reports" / "new.pdf").write_text(NEW)
    fresh = data.parent / ".data.restoring-1"
    fill(fresh)
    plan = swap.Plan(swap.SWAPPING, inside=False, fresh=fresh.name, before="data.before-restore-1")
    path = swap.journal_of(data, inside=False)
    with path.open("wb") as file:
        swap.Journal(path, file).write(plan)
    wanted = digests(fresh)
    words = [sys.executable, "-c", "from kloe.cli.main import run; run()", "records", "loads"]
    done = subprocess.run(
        [*words, "--data", str(data)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "is finished" in done.stderr
    assert digests(data) == wanted
    assert left(data.parent) == {"data"}


def test_a_directory_made_since_is_kept_beside(data: Path) -> None:
    """Killed between the two renames; then somebody made the directory anew, and worked in it."""
    before = data.rename(data.parent / "data.before-restore-1")
    fresh = fill(data.parent / ".data.restoring-1")
    wanted = digests(fresh)
    plan = swap.Plan(swap.SWAPPING, inside=False, fresh=fresh.name, before=before.name, keep=True)
    path = swap.journal_of(data, inside=False)
    with path.open("wb") as file:
        swap.Journal(path, file).write(plan)
    data.mkdir()
    (data / "notes.txt").write_text("mine")
    assert swap.recover(data)
    assert digests(data) == wanted
    assert (data.parent / "data.before-restore-1-2" / "notes.txt").read_text() == "mine"
    assert before.is_dir()


def test_nobody_works_there_while_a_restore_is_at_work(data: Path, backup: Path) -> None:
    path = swap.journal_of(data, inside=False)
    program = (
        "import sys, time; from pathlib import Path; from kloe.web.backup import swap\n"
        "with swap.journal(Path(sys.argv[1])) as j:\n"
        "    j.write(swap.Plan(swap.UNPACKING, False, 'x')); print('held', flush=True)\n"
        "    time.sleep(60)\n"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(Conflict, match="just being put back"):
            swap.recover(data)
        with pytest.raises(Conflict):
            restore.restore(backup, data, force=True)
    finally:
        other.kill()
        other.wait()
        assert other.stdout is not None
        other.stdout.close()
    # The lock falls with the process.
    until = time.monotonic() + 10
    while path.exists() and time.monotonic() < until:
        swap.recover(data)
    assert not path.exists()
    assert left(data)


@pytest.mark.parametrize("words", [b"", b"{", b"[]\n", b'{"state": "swapping"}\n', b"\xff\xfe\n"])
def test_a_journal_cut_off_says_nothing(data: Path, words: bytes) -> None:
    before = digests(data)
    path = swap.journal_of(data, inside=False)
    path.write_bytes(words)
    assert not swap.recover(data)
    assert digests(data) == before
    assert not path.exists()
