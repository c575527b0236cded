"""Small sets of records, made of rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from kloe.records.layouts import layout
from kloe.records.store import DataFile, Filled, RecordSet, Table, write_manifest

Rows = Sequence[Mapping[str, Any]]


def make_set(
    folder: Path,
    tables: Mapping[str, Rows],
    *,
    landlord: str = "L1",
    as_at: date = date(2026, 3, 31),
    rejects: Mapping[str, int] | None = None,
) -> RecordSet:
    """A set of records of these rows. A column given by no row counts as one not given."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    con = duckdb.connect(":memory:")
    for name, rows in tables.items():
        types = layout(name).types
        columns = ", ".join(f'"{c}" {t}' for c, t in types.items())
        con.execute(f'CREATE OR REPLACE TABLE "{name}" ({columns})')
        for row in rows:
            full = {"landlord": landlord, **row}
            con.execute(
                f'INSERT INTO "{name}" VALUES ({", ".join("?" * len(types))})',
                [full.get(c) for c in types],
            )
        path = folder / f"{name}.parquet"
        con.execute(f"COPY \"{name}\" TO '{path}' (FORMAT parquet)")
        filled = {
            c.name: Filled(
                any(c.name in row for row in rows),
                sum(row.get(c.name) is not None for row in rows),
            )
            for c in layout(name).columns
        }
        file = DataFile.of(folder, path, len(rows))
        made.append(Table(name, (file,), filled, (rejects or {}).get(name, 0)))
    con.close()
    return write_manifest(
        folder,
        landlord=landlord,
        as_at=as_at,
        tables=made,
        made_at=datetime(2026, 4, 1, tzinfo=UTC),
    )
