"""A full disk is known by whatever says so, and by nothing else."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path

import duckdb
import pytest

from kloe.core.disk import DiskFull, full, room
from kloe.core.errors import EnvironmentFault, InvalidInput


def _sqlite_full(folder: Path) -> sqlite3.Error:
    """What SQLite really says where a database may not grow."""
    con = sqlite3.connect(folder / "small.sqlite3")
    con.execute("CREATE TABLE t (x)")
    con.execute("PRAGMA max_page_count = 3")
    try:
        with pytest.raises(sqlite3.OperationalError) as told:
            con.execute("INSERT INTO t VALUES (zeroblob(1000000))")
    finally:
        con.close()
    return told.value


@pytest.mark.parametrize("number", ["ENOSPC", "EDQUOT", "EFBIG"])
def test_the_machine_says_so(number: str) -> None:
    code = getattr(errno, number)
    assert isinstance(full(OSError(code, os.strerror(code))), DiskFull)


def test_databases_and_the_engine_say_so(tmp_path: Path) -> None:
    assert isinstance(full(_sqlite_full(tmp_path)), DiskFull)
    words = f'Could not write file "x": {os.strerror(errno.ENOSPC)}'
    assert isinstance(full(duckdb.IOException(words)), DiskFull)
    postgres = RuntimeError("could not extend file")
    postgres.sqlstate = "53100"  # type: ignore[attr-defined]
    assert isinstance(full(postgres), DiskFull)


def test_what_lies_behind_counts() -> None:
    outer = RuntimeError("the work failed")
    outer.__cause__ = OSError(errno.ENOSPC, "full")
    assert isinstance(full(outer), DiskFull)


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.EACCES, "no"),
        OSError("No space left on device"),
        ValueError("No space left on device"),
        duckdb.IOException("No such file"),
        EnvironmentFault("a port is taken"),
        None,
    ],
)
def test_nothing_else_does(error: BaseException | None) -> None:
    assert full(error) is None


def test_writing_within_gives_the_message_and_leaves_others_alone() -> None:
    with pytest.raises(DiskFull) as told, room():
        raise OSError(errno.ENOSPC, "full")
    assert all((told.value.given, told.value.allowed, told.value.remedy))
    assert told.value.exit_code == 8
    assert isinstance(told.value.__cause__, OSError)
    with pytest.raises(InvalidInput), room():
        raise InvalidInput("no")
    with pytest.raises(OSError, match="no"), room():
        raise OSError(errno.EACCES, "no")
