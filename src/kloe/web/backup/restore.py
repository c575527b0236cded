"""Putting a backup back: prove it, unpack it beside the directory, swap by rename."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from kloe.core.errors import Conflict, EnvironmentFault
from kloe.core.messages import _
from kloe.core.progress import Progress, Silent
from kloe.web.backup import swap
from kloe.web.backup.archive import Manifest, Opened, opened
from kloe.web.backup.make import BEFORE, SECRET
from kloe.web.serving.hold import held

#: Space that has to stay free beside what is restored.
SPARE = 64 << 20


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, and where that lies which was there before."""

    manifest: Manifest
    before: Path | None


def restore(
    path: Path, data_dir: Path, *, force: bool = False, progress: Progress | None = None
) -> Restored:
    """Make ``data_dir`` what it was when the backup was made.

    Every byte is proved before anything is written. What was in the directory is kept beside it.

    :param force: replace what is in the directory.
    :raises NotFound: if there is no such file.
    :raises InvalidInput: if it is not a backup.
    :raises VerificationFailed: if it was changed.
    :raises Conflict: if the directory holds something and ``force`` is not given, or a server
        runs there.
    :raises EnvironmentFault: if there is too little space or the place cannot be written.
    """
    tell = progress or Silent()
    data_dir = data_dir.resolve()
    swap.recover(data_dir)
    with opened(path, tell) as archive, ExitStack() as stack:
        occupied = _occupied(data_dir)
        if occupied and not force:
            raise Conflict(
                _("The directory %(path)s is not empty.", path=data_dir),
                _("A backup is put back into a new directory, or replaces all that is there."),
                _(
                    "Give another with --data DIR, or --force to replace it; what is there now "
                    "is kept beside it."
                ),
            )
        archive.prove(tell)
        if occupied:
            stack.enter_context(held(data_dir, alone=True))
        if os.name == "nt":
            # Windows renames no folder in which a file is open.
            stack.close()
        try:
            return Restored(archive.manifest, _put(archive, data_dir, occupied, tell))
        except OSError as error:
            raise EnvironmentFault(
                _(
                    "The backup could not be put back into %(path)s: %(error)s.",
                    path=data_dir,
                    error=error.strerror or error,
                ),
                _("What was there before is unchanged."),
                _("Make space, check the permissions, or give another directory with --data."),
            ) from error


def _occupied(data_dir: Path) -> bool:
    if data_dir.exists() and not data_dir.is_dir():
        raise Conflict(
            _("%(path)s is a file.", path=data_dir),
            _("A backup is put back into a directory."),
            _("Give another path with --data DIR."),
        )
    ours = {"tmp", swap.journal_of(data_dir, inside=True).name}
    return data_dir.is_dir() and any(one.name not in ours for one in data_dir.iterdir())


def _put(
    archive: Opened[Manifest], data_dir: Path, occupied: bool, progress: Progress
) -> Path | None:
    stamp = f"{datetime.now().astimezone():%Y%m%d-%H%M%S}"
    inside = _has_to_stay(data_dir)
    home = data_dir if inside else data_dir.parent
    if not inside:
        home.mkdir(parents=True, exist_ok=True)
    _demand_space(archive.manifest, home)
    name = f".restoring-{secrets.token_hex(4)}"
    before = f"{BEFORE}{stamp}" if inside else f"{data_dir.name}.{BEFORE}{stamp}"
    plan = swap.Plan(
        state=swap.UNPACKING,
        inside=inside,
        fresh=name if inside else f".{data_dir.name}{name}",
        before=swap.unused(home / before).name,
        keep=occupied,
    )
    with swap.journal(swap.journal_of(data_dir, inside=inside)) as held:
        held.write(plan)
        with _scratch(home / plan.fresh) as fresh:
            _unpack(archive, fresh, progress)
            swap.swap(held, _moves(plan, fresh, data_dir), data_dir)
        swap.clear(plan, home)
    return home / plan.before if occupied else None


def _moves(plan: swap.Plan, fresh: Path, data_dir: Path) -> swap.Plan:
    """What is moved away and what comes in."""
    if not plan.inside:
        if data_dir.exists():
            fresh.chmod(data_dir.stat().st_mode & 0o7777)
        return plan
    stay = {plan.fresh, plan.before, swap.journal_of(data_dir, inside=True).name}
    old = sorted(p.name for p in data_dir.iterdir() if p.name not in stay)
    return replace(
        plan,
        old=tuple(name for name in old if not name.startswith(BEFORE)),
        new=tuple(sorted(p.name for p in fresh.iterdir())),
    )


def _has_to_stay(data_dir: Path) -> bool:
    """Whether the directory itself cannot be renamed: a volume of its own, or a fixed place."""
    if not data_dir.exists():
        return False
    return data_dir.is_mount() or not os.access(data_dir.parent, os.W_OK)


def _demand_space(manifest: Manifest, home: Path) -> None:
    free = shutil.disk_usage(home).free
    if manifest.total + SPARE > free:
        raise EnvironmentFault(
            _(
                "The backup needs %(needed)s MB, and %(free)s MB are free in %(path)s.",
                needed=(manifest.total + SPARE) >> 20,
                free=free >> 20,
                path=home,
            ),
            _("It is unpacked beside what is there now."),
            _("Make space, or give another directory with --data DIR."),
        )


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    """A folder that is gone afterwards, unless it was renamed into place."""
    folder.mkdir()
    try:
        yield folder
    finally:
        if folder.exists():
            shutil.rmtree(folder, ignore_errors=True)


def _unpack(archive: Opened[Manifest], fresh: Path, progress: Progress) -> None:
    done, total = 0, archive.manifest.total
    for entry in archive.manifest.files:
        target = fresh.joinpath(*entry.path.split("/"))
        target.parent.mkdir(parents=True, exist_ok=True)
        mode = 0o600 if entry.path == SECRET else 0o666
        with os.fdopen(
            os.open(
                target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode
            ),
            "wb",
        ) as file:
            for chunk in archive.chunks(entry):
                file.write(chunk)
                done += len(chunk)
                progress.step(done, total, _("Putting the files back"))
            file.flush()
            os.fsync(file.fileno())
    (fresh / "tmp").mkdir(exist_ok=True)
