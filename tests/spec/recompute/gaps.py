"""The same records with gaps, other codes and days on the edges, as real extracts have them.

Generated records are clean but for their planted faults, so most exclusions and limits decide
nothing in them. Here a few values of every table are taken away, exchanged, or put on the first
or last day of a period, the day before or after, or close to another day of their row.
"""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from kloe.core.periods import Period
from kloe.records.layouts import Column, Layout, Type, layout
from recompute.ground import Row

#: Parts of the values of a column that are taken away, exchanged, or put on another day.
GONE, OTHER, MOVED = 0.06, 0.06, 0.06
DAYS = (Type.DATE, Type.DATETIME)
#: Days, and minutes, between what happened and a limit.
NEAR = (-1, 0, 1, 5, 6, 7, 10, 14, 28, 30, 84, 90, 91, 365)
CLOSE = (-1, 0, 1, 20, 1439, 1440, 1441)


class Gaps:
    """Makes gaps in the rows of one table."""

    def __init__(self, table: str, edges: Sequence[date]) -> None:
        self.layout: Layout = layout(table)
        self.draw = random.Random(table)
        self.edges = edges
        self.days = [c.name for c in self.layout.columns if c.type in DAYS]

    def made(self, rows: list[Row]) -> list[Row]:
        """The rows with gaps; keys and what a table cannot do without stay as they are."""
        columns = [c for c in self.layout.columns if c.name not in self.layout.key]
        for row in rows:
            for column in columns:
                drawn = self.draw.random()
                if drawn < GONE:
                    row[column.name] = row[column.name] if column.required else None
                elif drawn < GONE + OTHER:
                    row[column.name] = self.other(column, row, rows)
                elif drawn < GONE + OTHER + MOVED and column.type in DAYS:
                    row[column.name] = self.day(column, row)
        return rows

    def other(self, column: Column, row: Row, rows: list[Row]) -> Any:
        """Another value a column may have."""
        if column.type is Type.CODE:
            return self.draw.choice(list(column.codes))
        if column.type is Type.BOOLEAN:
            return self.draw.random() < 0.5
        if column.type in DAYS:
            return row[column.name]
        found = self.draw.choice(rows)[column.name]
        return row[column.name] if found is None else found

    def day(self, column: Column, row: Row) -> date | datetime:
        """A day on an edge, or close to another of the row."""
        base = row[self.draw.choice(self.days)]
        if base is None or self.draw.random() < 0.5:
            base = self.draw.choice(self.edges) + timedelta(days=self.draw.choice((-1, 0, 1)))
        elif column.type is Type.DATETIME and isinstance(base, datetime):
            return base + timedelta(minutes=self.draw.choice(CLOSE))
        else:
            base += timedelta(days=self.draw.choice(NEAR))
        if column.type is Type.DATE:
            return base.date() if isinstance(base, datetime) else base
        if isinstance(base, datetime):
            return base
        return datetime.combine(base, time(self.draw.choice((0, 12, 23)), 59))


def with_gaps(source: Path, folder: Path, periods: Sequence[Period]) -> Path:
    """Copy a set of records and make gaps in it; every column still counts as given."""
    shutil.copytree(source, folder)
    edges = sorted({day for period in periods for day in (period.start, period.end)})
    for path in sorted(folder.glob("*.parquet")):
        read = pq.read_table(path)
        rows = Gaps(path.stem, edges).made(read.to_pylist())
        pq.write_table(pa.Table.from_pylist(rows, schema=read.schema), path)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    for table in manifest["tables"].values():
        for column in table["columns"].values():
            column |= {"given": True, "values": max(1, column["values"])}
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    return folder
