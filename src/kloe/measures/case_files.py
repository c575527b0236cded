"""The cases of one measure and period as a file, so that listing them runs no query.

A Parquet file with the measure's columns for every case that is counted or at fault, those at
fault first, in the order of their references; ``at_fault`` and ``counted`` say which is which. A
page is read from the parts of the file it lies in.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kloe.core.disk import room
from kloe.core.errors import InvalidInput
from kloe.core.messages import _
from kloe.core.periods import Period
from kloe.measures.catalogue import Source
from kloe.measures.compose import Query, at_fault, sql_of
from kloe.measures.computing import Computing
from kloe.measures.definitions import Kind
from kloe.measures.engines.duckdb import DuckDB

#: Another number where the form of the files changes.
FORM = 1
#: Rows of a part: what has to be read for a page, and held while writing.
PART = 4096
FAULT, COUNTED = "at_fault", "counted"


def query_of(
    query: Query,
    inner: str,
    landlord: str,
    settings: Mapping[str, Any],
    wide: Collection[str] = (),
) -> str:
    """The query of one landlord's cases: the measure's columns, at fault, counted.

    :param wide: columns that are sums of integers. Arrow has no integer as wide, and as a double
        it would not be exact.
    """
    columns = [c for c in query.columns if c not in ("landlord", "period_id", "excluded")]
    counted = "m.denominator <> 0"
    if query.measure.kind is Kind.DISTRIBUTION:
        counted = "m.value IS NOT NULL"
    if "excluded" in query.columns:
        counted = f"m.excluded IS NULL AND {counted}"
    fault = at_fault(query, settings) if query.measure.fault else "FALSE"
    flags = [
        f"CASE WHEN {test} THEN TRUE ELSE FALSE END AS {name}"
        for test, name in ((fault, FAULT), (counted, COUNTED))
    ]
    of = [f"CAST(m.{c} AS DECIMAL(38, 0)) AS {c}" if c in wide else f"m.{c}" for c in columns]
    shown = ", ".join([*of, *flags])
    order = ", ".join([f"{FAULT} DESC", "m.case_ref", *(f"m.{c}" for c in columns)])
    whose = landlord.replace("'", "''")
    return (
        f"SELECT {shown}\nFROM (\n{inner}\n) AS m\n"
        f"WHERE m.landlord = '{whose}' AND (({fault}) OR ({counted}))\nORDER BY {order}"
    )


def write(computing: Computing, source: Source, period: Period, path: Path) -> None:
    """Write the cases of a measure in a period, whole or not at all.

    :raises InvalidInput: on another engine than DuckDB.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    query = Query.of(source.measure)
    engine = computing.engine(query.needs, [period])
    if not isinstance(engine, DuckDB):
        raise InvalidInput(_("Lists of cases are made by DuckDB."))
    settings = {
        k: v for k, v in (computing.wanted.settings or {}).items() if k in source.measure.settings
    }
    inner = sql_of(query.with_settings(settings), engine.name)
    wide = {row[0] for row in engine.run(f"DESCRIBE {inner}") if row[1] == "HUGEINT"}
    sql = query_of(query, inner, computing.records.landlord, settings, wide)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with room():
            schema, batches = engine.batches(sql, PART)
            with pq.ParquetWriter(beside, schema, compression="zstd") as writer:
                for batch in batches:
                    writer.write_table(pa.Table.from_batches([batch]), row_group_size=PART)
            beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A file of cases that is there."""

    path: Path

    @property
    def columns(self) -> tuple[str, ...]:
        """The measure's columns in it."""
        return tuple(c for c in self._open().schema_arrow.names if c not in (FAULT, COUNTED))

    def _open(self) -> Any:
        import pyarrow.parquet as pq

        return pq.ParquetFile(self.path)

    @property
    def faults(self) -> int:
        """How many cases are at fault."""
        return sum(self.flags(FAULT))

    def flags(self, flag: str) -> list[bool]:
        """Whether each case is at fault, or counted."""
        found: list[bool] = self._open().read([flag])[flag].to_pylist()
        return found

    def at_fault(
        self, limit: int | None = None, offset: int = 0, *, total: int | None = None
    ) -> tuple[tuple[Any, ...], ...]:
        """Cases at fault in the order of their references, a page of them where wanted.

        :param total: how many there are, where that is known.
        """
        end = self.faults if total is None else total
        if limit is not None:
            end = min(end, offset + limit)
        return tuple(self._rows(offset, end))

    def _rows(self, start: int, end: int) -> Iterator[tuple[Any, ...]]:
        """Rows from the parts of the file they lie in."""
        file, first = self._open(), 0
        columns = list(self.columns)
        for part in range(file.num_row_groups):
            last = first + file.metadata.row_group(part).num_rows
            if first < end and start < last:
                table = file.read_row_group(part, columns).select(columns)
                lo, hi = max(start - first, 0), min(end, last) - first
                for row in table.slice(lo, hi - lo).to_pylist():
                    yield tuple(row[c] for c in columns)
            first = last

    def references(self, flag: str) -> list[str]:
        """Every case at fault, or counted, once."""
        table = self._open().read(["case_ref", flag])
        return sorted(
            {
                str(ref)
                for ref, holds in zip(
                    table["case_ref"].to_pylist(), table[flag].to_pylist(), strict=True
                )
                if holds
            }
        )
