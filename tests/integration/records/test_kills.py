"""A load that is killed at any point leaves the version before in use, and the next load works."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from records_ground import TENANCIES, Ground

from kloe.records.store import RecordSet
from kloe.records.versions import Shelf
from rent_extracts import TRANSACTIONS, ledger

LOAD = """
import sys
from pathlib import Path
from kloe.records.loading import load_records
from kloe.records.mapping import read_mapping
folder, data = Path(sys.argv[1]), Path(sys.argv[2])
mapping = read_mapping(folder / "m.yaml")
print("begun", flush=True)
load_records(data, mapping, folder, by="x")
print("done", flush=True)
"""
#: Says when some of the file is read, and then takes its time. Tests that run in the background
#: hand on that the keyboard is not listened to.
SLOWLY = """
import signal, time
signal.signal(signal.SIGINT, signal.default_int_handler)
class Slow:
    def step(self, done, total, what=""):
        print("some is read", flush=True)
        time.sleep(30)
""" + LOAD.replace('by="x")', 'by="x", progress=Slow())')
#: Ends the process the hard way at the n-th step of putting a version into use.
STEPWISE = (
    """
import os, sys
from pathlib import Path
from kloe.records import store, versions
step = int(sys.argv[3])
count = 0
def counted(function):
    def inner(*args, **kwargs):
        global count
        count += 1
        if count == step:
            os._exit(9)
        return function(*args, **kwargs)
    return inner
Path.rename = counted(Path.rename)
Path.replace = counted(Path.replace)
Path.open = counted(Path.open)
os.link = counted(os.link)
os.fsync = counted(os.fsync)
versions.Shelf._append = counted(versions.Shelf._append)
"""
    + LOAD
)


@pytest.fixture
def killing(ground: Ground) -> Ground:
    ground.write(
        "m.yaml",
        "format: kloe-mapping/1\nlandlord: acme\nas_at: 2026-03-31\nsources:"
        + TRANSACTIONS.format(files="rents.csv"),
    )
    ground.write("t.csv", "ref,prop\nT1,P1\n")
    ground.load(TENANCIES)
    ground.write("rents.csv", ledger(7))
    ground.ledger()
    return ground


def whole(ground: Ground, sizes: set[int]) -> int:
    """The records in use are one of the versions, whole; give how many rows."""
    found = RecordSet.open(ground.data / "records" / "acme")
    found.verify()
    rows = found.table("rent_transaction").rows
    assert rows in sizes
    assert found.table("tenancy").rows == 1
    assert Shelf(ground.data, "acme").history()[-1]["version"] == found.folder.name
    return rows


def nothing_left(ground: Ground) -> None:
    shelf = Shelf(ground.data, "acme")
    folders = {p.name for p in (shelf.folder / "versions").iterdir()}
    assert folders == set(shelf.kept()) <= {e["version"] for e in shelf.history()}
    written = (shelf.folder / "history.jsonl").read_text().splitlines()
    assert len({json.loads(line)["version"] for line in written}) == len(written)


def run(code: str, ground: Ground, *more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, str(ground.folder), str(ground.data), *more],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.mark.slow
def test_killing_at_random_points(killing: Ground) -> None:
    size = 60_000
    killing.write("rents.csv", ledger(size))
    begun = time.monotonic()
    process = run(LOAD, killing)
    process.communicate()
    span = time.monotonic() - begun
    sizes, rng, cut = {size}, random.Random(5), 0
    for n in range(8):
        killing.write("rents.csv", ledger(size + n + 1))
        sizes.add(size + n + 1)
        process = run(LOAD, killing)
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        time.sleep(rng.uniform(0, span * 0.8))
        os.kill(process.pid, signal.SIGKILL)
        out, _ = process.communicate()
        rows = whole(killing, sizes)
        if "done" in out:
            assert rows == size + n + 1
        else:
            cut += 1
    assert cut, "none was killed before its end: nothing was tried"
    killing.write("rents.csv", ledger(3))
    killing.ledger()
    assert whole(killing, {3}) == 3
    nothing_left(killing)


@pytest.mark.slow
def test_killing_at_every_step_of_putting_a_version_into_use(killing: Ground) -> None:
    killing.write("rents.csv", ledger(9))
    ended = 0
    for step in range(1, 60):
        process = run(STEPWISE, killing, str(step))
        process.communicate()
        rows = whole(killing, {7, 9})
        if process.returncode == 0:
            break
        assert process.returncode == 9
        ended += 1
        if rows == 9:
            # In use already when it was ended: go back, so that the next step is reached again.
            Shelf(killing.data, "acme").undo("x")
            whole(killing, {7})
    assert ended > 12
    killing.ledger()
    assert whole(killing, {9}) == 9
    nothing_left(killing)


def test_interrupting_with_the_keyboard_rolls_back(killing: Ground) -> None:
    killing.write("rents.csv", ledger(400_000))
    process = run(SLOWLY, killing)
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    assert process.stdout.readline() == "some is read\n"
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate()
    assert "done" not in out
    assert process.returncode != 0
    whole(killing, {7})
    versions: Path = killing.data / "records" / "acme" / "versions"
    assert not [p for p in versions.iterdir() if p.name.startswith(".new-")]
