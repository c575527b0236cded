"""Writing tables: Parquet and CSV, the same bytes every time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from kloe.records.generator.frames import Frame
from kloe.records.layouts import ADDED, layout
from kloe.records.store import DataFile, Filled, Table

ROW_GROUP = 131_072


class Writer:
    """Writes one landlord's tables, whole or part by part."""

    def __init__(self, folder: Path, landlord: str, formats: tuple[str, ...], many: bool) -> None:
        self.folder = folder
        self.landlord = landlord
        self.formats = formats
        self.many = many
        self._parquet: dict[str, Any] = {}
        self._csv: dict[str, Any] = {}
        self._paths: dict[str, Path] = {}
        self._rows: dict[str, int] = {}
        self._filled: dict[str, dict[str, int]] = {}

    def _path(self, table: str, ending: str) -> Path:
        if not self.many:
            return self.folder / f"{table}.{ending}"
        path = self.folder / table / f"{self.landlord}.{ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def write(self, frame: Frame) -> None:
        """Write a table, or the next part of one."""
        arrow = frame.arrow(self.landlord)
        table = frame.table
        self._rows[table] = self._rows.get(table, 0) + frame.rows
        filled = self._filled.setdefault(table, {})
        for column, values in frame.filled().items():
            filled[column] = filled.get(column, 0) + values
        if "parquet" in self.formats:
            if table not in self._parquet:
                path = self._paths[table] = self._path(table, "parquet")
                self._parquet[table] = pq.ParquetWriter(
                    path,
                    arrow.schema,
                    compression="zstd",
                    compression_level=1,
                    version="2.6",
                    store_schema=False,
                    use_dictionary=_worn(frame),
                    write_page_index=False,
                )
            arrow = _as(arrow, self._parquet[table].schema)
            self._parquet[table].write_table(arrow, row_group_size=ROW_GROUP)
        if "csv" in self.formats:
            plain = arrow.drop_columns(list(ADDED))
            plain = pa.table(
                {
                    name: plain[name].cast(pa.string())
                    if pa.types.is_dictionary(plain[name].type)
                    else plain[name]
                    for name in plain.column_names
                }
            )
            if table not in self._csv:
                self._csv[table] = pa.csv.CSVWriter(
                    str(self._path(table, "csv")),
                    plain.schema,
                    write_options=pa.csv.WriteOptions(quoting_style="needed"),
                )
            self._csv[table].write_table(plain)

    def close(self) -> list[Table]:
        """Finish all files; what has been written, for the manifest."""
        for writer in (*self._parquet.values(), *self._csv.values()):
            writer.close()
        return [
            Table(
                name=table,
                files=(DataFile.of(self.folder, path, self._rows[table]),),
                columns={c: Filled(True, n) for c, n in self._filled[table].items()},
            )
            for table, path in self._paths.items()
        ]


def _as(arrow: pa.Table, schema: pa.Schema) -> pa.Table:
    """A later part in the form of the first: its texts with a dictionary, or without."""
    if arrow.schema.equals(schema):
        return arrow
    columns = []
    for wanted in schema:
        column = arrow[wanted.name]
        if column.type != wanted.type and pa.types.is_dictionary(wanted.type):
            column = column.dictionary_encode()
        columns.append(column.cast(wanted.type))
    return pa.table(columns, schema=schema)


def _worn(frame: Frame) -> list[str]:
    """Columns with few different values, worth a dictionary."""
    keys = {*frame.layout.key, "source_row"}
    return [c for c in (*ADDED, *(c.name for c in layout(frame.table).columns)) if c not in keys]


def merged(parts: list[list[Table]]) -> list[Table]:
    """The tables of several landlords as those of one set."""
    found: dict[str, list[Table]] = {}
    for tables in parts:
        for table in tables:
            found.setdefault(table.name, []).append(table)
    return [
        Table(
            name=name,
            files=tuple(f for t in tables for f in t.files),
            columns={
                c: Filled(True, sum(t.columns[c].values for t in tables)) for c in tables[0].columns
            },
        )
        for name, tables in found.items()
    ]
