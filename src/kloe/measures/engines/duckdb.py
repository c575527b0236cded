"""DuckDB, in memory, over Parquet files of one folder and nothing else.

Extensions are never installed or loaded at run time: Parquet is part of the engine. A
connection may read the folder it was opened for and no other place, so that a file name
taken from a user can never reach further.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

THREADS = 2
MEMORY = "512MB"


@contextmanager
def connection(folder: Path, *, threads: int = THREADS) -> Iterator[DuckDBPyConnection]:
    """A connection that may read ``folder`` (and below), closed at the end of the block."""
    import duckdb

    con = duckdb.connect(
        ":memory:",
        config={
            "threads": threads,
            "memory_limit": MEMORY,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        },
    )
    try:
        con.execute("SET allowed_directories = ?", [[str(folder.resolve())]])
        con.execute("SET enable_external_access = false")
        con.execute("SET lock_configuration = true")
        yield con
    finally:
        con.close()


def select(folder: Path, file: str, columns: Sequence[str], order: str) -> list[tuple[Any, ...]]:
    """The named columns of one Parquet file in ``folder``, as rows in a stated order."""
    names = ", ".join(f'"{column}"' for column in columns)
    sql = f"SELECT {names} FROM read_parquet(?) ORDER BY {order}"  # noqa: S608 - our own names
    with connection(folder) as con:
        rows: list[tuple[Any, ...]] = con.execute(sql, [str(folder.resolve() / file)]).fetchall()
    return rows
