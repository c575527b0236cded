"""DuckDB, in memory, over Parquet files of one folder and nothing else.

Extensions are never installed or loaded at run time: Parquet is part of the engine. A
connection may read the folder it was opened for and no other place, so that a file name
taken from a user can never reach further.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING, Any

from kloe.core.disk import full
from kloe.core.errors import InvalidInput
from kloe.core.messages import _
from kloe.measures.engines.base import Held
from kloe.records.layouts import layout
from kloe.records.store import RecordSet

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


class DuckDB:
    """One connection for many queries: over small tables held in memory, or a set of records."""

    name = "duckdb"

    def __init__(self, *, threads: int = THREADS, memory: str = "1GB") -> None:
        self._threads, self._memory = threads, memory
        self._con: DuckDBPyConnection | None = None
        self._folder: Path | None = None
        self._spill = Path(gettempdir()) / f"kloe-duckdb-{os.getpid()}-{id(self)}"

    @property
    def version(self) -> str:
        """The engine's release."""
        import duckdb

        return str(duckdb.__version__)

    def _connection(self) -> DuckDBPyConnection:
        if self._con is None:
            import duckdb

            self._con = duckdb.connect(
                ":memory:",
                config={
                    "threads": self._threads,
                    "memory_limit": self._memory,
                    "autoinstall_known_extensions": False,
                    "autoload_known_extensions": False,
                    "preserve_insertion_order": False,
                    # What does not fit into memory goes here, not into the working directory.
                    "temp_directory": str(self._spill),
                },
            )
        return self._con

    def hold(self, tables: Mapping[str, Held]) -> None:
        """Give these names these rows, in place of what they held."""
        con = self._connection()
        for name, held in tables.items():
            columns = ", ".join(f'"{c}" {t}' for c, t in held.types.items())
            con.execute(f'CREATE OR REPLACE TABLE "{name}" ({columns})')
            if held.rows:
                one = "(" + ", ".join("?" * len(held.types)) + ")"
                values = [v for row in held.rows for v in row]
                every = ", ".join([one] * len(held.rows))
                con.execute(f'INSERT INTO "{name}" VALUES {every}', values)  # noqa: S608

    def open(self, records: RecordSet, tables: Iterable[str]) -> None:
        """Let the names of tables stand for the set's Parquet files, with the layouts' types."""
        con = self._connection()
        if self._folder is None:
            self._folder = records.folder.resolve()
            con.execute("SET allowed_directories = ?", [[str(self._folder)]])
            con.execute("SET enable_external_access = false")
            con.execute("SET lock_configuration = true")
        for name in tables:
            if name not in records.tables:
                continue
            paths = [str(p.resolve()) for p in records.paths(name)]
            types = layout(name).types
            if not paths:
                self.hold({name: Held(types)})
                continue
            files = ", ".join("'" + p.replace("'", "''") + "'" for p in paths)
            source = f"read_parquet([{files}], union_by_name = true)"
            found = {
                row[0]: row[1]
                for row in con.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()  # noqa: S608
            }
            columns = ", ".join(
                f'"{c}"'
                if found.get(c) == t
                else f'CAST({c if c in found else "NULL"} AS {t}) AS "{c}"'
                for c, t in types.items()
            )
            con.execute(f'CREATE OR REPLACE VIEW "{name}" AS SELECT {columns} FROM {source}')  # noqa: S608

    def run(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query.

        :raises InvalidInput: with the engine's words, where it cannot be run.
        """
        import duckdb

        try:
            rows: list[tuple[Any, ...]] = self._connection().execute(sql).fetchall()
        except duckdb.Error as error:
            if (fault := full(error)) is not None:
                raise fault from error
            raise InvalidInput(_("DuckDB refuses the query: %(error)s", error=error)) from error
        return rows

    def batches(self, sql: str, rows: int) -> tuple[Any, Iterator[Any]]:
        """The rows of a query as Arrow: their schema, and batches of at most so many.

        :raises InvalidInput: with the engine's words, where it cannot be run.
        """
        import duckdb

        try:
            reader: Any = self._connection().sql(sql).to_arrow_reader(rows)
        except duckdb.Error as error:
            if (fault := full(error)) is not None:
                raise fault from error
            raise InvalidInput(_("DuckDB refuses the query: %(error)s", error=error)) from error
        return reader.schema, iter(reader)

    def close(self) -> None:
        """Close the connection."""
        if self._con is not None:
            self._con.close()
            self._con = self._folder = None
            shutil.rmtree(self._spill, ignore_errors=True)

    def __enter__(self) -> DuckDB:
        return self

    def __exit__(self, *stopped: object) -> None:
        self.close()
