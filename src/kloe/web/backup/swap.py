"""Putting what was unpacked in the place of a data directory, so that a kill leaves nothing half.

Beside the directory (or in it, where it is a volume of its own) stands a journal while a restore is
at work. It says what is done and what is to be done, before it is done; the process holds a lock on
it. Whoever comes upon a journal nobody holds finishes what was begun: before the swap by removing
what was unpacked, from then on by going through with it. Light: every command looks for one.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO

from kloe.core.errors import Conflict
from kloe.core.messages import _
from kloe.web.serving.hold import lock

log = logging.getLogger("kloe.backup")
UNPACKING, SWAPPING = "unpacking", "swapping"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a restore does, by names within the folder of the journal."""

    state: str
    #: The directory stays, and what is in it is exchanged.
    inside: bool
    fresh: str
    before: str = ""
    #: What was there before is kept when all is done.
    keep: bool = False
    #: What is moved away and what comes in, where the directory itself stays.
    old: tuple[str, ...] = ()
    new: tuple[str, ...] = ()


def journal_of(data_dir: Path, *, inside: bool) -> Path:
    """Where the journal stands."""
    if inside:
        return data_dir / ".restoring.json"
    return data_dir.with_name(f".{data_dir.name}.restoring.json")


class Journal:
    """The journal of one restore, held by this process."""

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        self.path = path
        self._file = file

    def write(self, plan: Plan) -> None:
        """Say what comes next; on the disk before it is begun."""
        self._file.seek(0, os.SEEK_END)
        self._file.write(json.dumps(asdict(plan)).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def last(self) -> Plan | None:
        """What was said last; a line cut off in the middle was not said."""
        self._file.seek(0)
        found = None
        for line in self._file.read().splitlines():
            with suppress(ValueError, TypeError, KeyError):
                values = json.loads(line)
                found = Plan(**{**values, "old": tuple(values["old"]), "new": tuple(values["new"])})
        return found


@contextmanager
def journal(path: Path) -> Iterator[Journal]:
    """Hold the journal; it is gone afterwards, unless an error leaves work to be done.

    :raises Conflict: where another process holds it: a restore is under way there.
    """
    file = _held(path)
    held = Journal(path, file)
    done = False
    try:
        yield held
        done = True
    finally:
        if not done:
            # Unless it stopped in the middle of the swap, all was taken back already.
            plan = held.last()
            done = plan is None or plan.state != SWAPPING
        if done and os.name != "nt":
            path.unlink(missing_ok=True)
        file.close()
        if done:
            path.unlink(missing_ok=True)


def _held(path: Path) -> IO[bytes]:
    while True:
        file = path.open("a+b")
        if not lock(file, alone=True):
            file.close()
            raise Conflict(
                _("A backup is just being put back into %(path)s.", path=path.parent),
                _("Nobody else works there meanwhile."),
                _("Wait until that is done."),
            )
        # Whoever held it before may have finished and removed it meanwhile.
        with suppress(FileNotFoundError):
            if os.name == "nt" or path.stat().st_ino == os.fstat(file.fileno()).st_ino:
                return file
        file.close()


def recover(data_dir: Path) -> bool:
    """Finish what a restore that was stopped has left; tells whether there was anything.

    :raises Conflict: where a restore is under way.
    """
    found = False
    for inside in (False, True):
        path = journal_of(data_dir, inside=inside)
        if not path.is_file():
            continue
        with journal(path) as held:
            plan = held.last()
            if plan is not None:
                found = True
                home = path.parent
                if plan.state == SWAPPING:
                    log.warning("A restore that was stopped is finished: %s", data_dir)
                    go_through(plan, home, data_dir)
                    clear(plan, home)
                else:
                    log.warning("A restore that was stopped is taken back: %s", data_dir)
                shutil.rmtree(home / plan.fresh, ignore_errors=True)
    return found


def swap(held: Journal, plan: Plan, data_dir: Path) -> None:
    """Put what was unpacked in the place of the directory; all goes back if that fails.

    :raises OSError: where a name cannot be changed.
    """
    home = held.path.parent
    held.write(replace(plan, state=SWAPPING))
    moved: list[tuple[Path, Path]] = []
    try:
        go_through(plan, home, data_dir, moved)
    except BaseException:
        for source, target in reversed(moved):
            target.rename(source)
        with suppress(OSError):
            (home / plan.before).rmdir()
        with suppress(OSError):
            held.write(replace(plan, state=UNPACKING))
        raise


def clear(plan: Plan, home: Path) -> None:
    """Remove what was there before, where nobody wants it kept."""
    if not plan.keep:
        shutil.rmtree(home / plan.before, ignore_errors=True)


def go_through(
    plan: Plan, home: Path, data_dir: Path, moved: list[tuple[Path, Path]] | None = None
) -> None:
    """Every change of name that is still to be made, in their order; none is made twice."""
    moved = moved if moved is not None else []

    def move(source: Path, target: Path) -> None:
        source.rename(target)
        moved.append((source, target))

    fresh, before = home / plan.fresh, home / plan.before
    if not fresh.exists():
        # All is done, or all was taken back.
        return
    if plan.inside:
        before.mkdir(exist_ok=True)
        for name in plan.old:
            if os.path.lexists(data_dir / name) and not os.path.lexists(before / name):
                move(data_dir / name, before / name)
        for name in plan.new:
            if os.path.lexists(fresh / name):
                move(fresh / name, data_dir / name)
    else:
        if data_dir.exists():
            # What was there all along, or made by somebody since the restore was stopped.
            move(data_dir, unused(before))
        move(fresh, data_dir)
    sync_folder(home)


def unused(path: Path) -> Path:
    """A path like this one at which nothing is."""
    found, n = path, 1
    while os.path.lexists(found):
        n += 1
        found = path.with_name(f"{path.name}-{n}")
    return found


def sync_folder(folder: Path) -> None:
    """Make sure that a rename in a folder outlasts a power cut, where the system can."""
    if os.name == "nt":
        return
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
