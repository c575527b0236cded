"""A disk that is full: one message for it, wherever it shows.

The machine says it in many ways: an ``OSError`` of a file, an error of SQLite or PostgreSQL, one of
the engine. Whoever answers a person asks :func:`full` what lies behind an error.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

from kloe.core.errors import EnvironmentFault
from kloe.core.messages import _

#: No space, a person's share of it used up, a file larger than the place can take.
_ERRNOS = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
#: PostgreSQL: disk full.
_SQLSTATE = "53100"
_SQLITE = "SQLITE_FULL"


class DiskFull(EnvironmentFault):
    """There is no room left for what has to be written."""

    def __init__(self) -> None:
        super().__init__(
            _("The disk is full: what had to be written did not fit."),
            _("Nothing of it is kept; what was there before is unchanged."),
            _("Whoever runs kloe makes room on the disk of the data directory; then do it again."),
        )


def full(error: BaseException | None) -> DiskFull | None:
    """The message, if a full disk lies behind an error; nothing for any other error."""
    while error is not None:
        if isinstance(error, DiskFull):
            return error
        if _says_so(error):
            return DiskFull()
        error = error.__cause__
    return None


def _says_so(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno in _ERRNOS
    if getattr(error, "sqlite_errorname", "") == _SQLITE:
        return True
    if getattr(error, "sqlstate", "") == _SQLSTATE:
        return True
    # The engine has no number for it, only the machine's words.
    engine = type(error).__module__.partition(".")[0].strip("_") == "duckdb"
    return engine and os.strerror(errno.ENOSPC) in str(error)


@contextmanager
def room() -> Iterator[None]:
    """Write within this: a full disk is told as what it is.

    :raises DiskFull: instead of the machine's error.
    """
    try:
        yield
    except Exception as error:
        fault = full(error)
        if fault is None or fault is error:
            raise
        raise fault from error
