"""Who works in a data directory: servers share it, restoring needs it alone."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from kloe.core.errors import Conflict
from kloe.core.messages import _

NAME = "serving.lock"


def lock(file: IO[Any], *, alone: bool) -> bool:
    """Lock a file for this process, alone or with others; tells whether that was to be had."""
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(1 << 20)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextmanager
def held(data_dir: Path, *, alone: bool, address: str = "") -> Iterator[None]:
    """Work in ``data_dir``, together with other servers or alone.

    The lock falls with the process, however that ends.

    :raises Conflict: if somebody else's work there does not allow it.
    """
    folder = data_dir / "tmp"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / NAME).open("a+") as file:
        if not lock(file, alone=alone):
            raise Conflict(
                _("Another kloe is at work in %(path)s%(who)s.", path=data_dir, who=_who(file)),
                _("A backup can be put back only where no server runs, and the other way round.")
                if alone or sys.platform != "win32"
                else _("On Windows one server works in one data directory."),
                _("Stop the other one first, or give another folder with --data DIR."),
            )
        if not alone:
            file.truncate(0)
            file.write(json.dumps({"pid": os.getpid(), "address": address}))
            file.flush()
        yield


def _who(file: IO[str]) -> str:
    try:
        file.seek(0)
        found = json.loads(file.read())
        return f" ({found['address']}, {found['pid']})"
    except (OSError, ValueError, KeyError, TypeError):
        return ""
