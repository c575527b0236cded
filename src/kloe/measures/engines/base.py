"""What an engine can do: hold small tables, open a set of records, run a query."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from kloe.records.store import RecordSet


@dataclass(frozen=True, slots=True)
class Held:
    """A small table in memory: SQL type by column, and its rows."""

    types: Mapping[str, str]
    rows: Sequence[Sequence[Any]] = ()


class Engine(Protocol):
    """Runs queries over tables by their plain names. Used within ``with``, one for many queries."""

    #: ``duckdb`` or ``spark``: also the dialect its SQL is written in.
    name: str

    @property
    def version(self) -> str:
        """The engine's release."""

    def hold(self, tables: Mapping[str, Held]) -> None:
        """Give these names these rows, in place of what they held."""

    def open(self, records: RecordSet, tables: Iterable[str]) -> None:
        """Let the names of tables stand for the set's Parquet files, with the layouts' types.

        A column that a file lacks is there, empty. Names the set has no table for are left out.
        """

    def run(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query in this engine's SQL: numbers as int or Decimal, never float.

        :raises InvalidInput: with the engine's words, where the query cannot be run.
        """

    def close(self) -> None:
        """Give everything back."""

    def __enter__(self) -> Engine: ...

    def __exit__(self, *stopped: object) -> None: ...
