"""Tables as columns of whole numbers, and the same as Arrow for writing.

A column is an array of integers whatever its type: days, seconds, pence, millionths, indices of
codes, of words or of rows of another table. So draws and planted faults are arithmetic, and text
is made once, when a table is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kloe.records.generator.draws import NULL, Bools, Ints, ints
from kloe.records.layouts import Column, Layout, Type, layout

#: What references to a table's rows begin with; others take the first letters of their table.
PREFIXES: Mapping[str, str] = {
    "property": "P",
    "block": "B",
    "scheme": "SC",
    "tenancy": "T",
    "person": "N",
    "rent_account": "A",
    "rent_transaction": "X",
    "rent_statement": "ST",
    "void": "V",
    "letting": "L",
    "application": "AP",
    "offer": "OF",
    "repair_job": "R",
    "compliance_certificate": "C",
    "complaint": "CP",
    "contact": "CT",
    "staff": "S",
    "survey_response": "SR",
    "indicator": "PI",
    "appeal": "RV",
    "contractor": "K",
    "contract": "KC",
}
#: References by column name where the layout does not say of which table.
POINTS: Mapping[str, str] = {
    "block_ref": "block",
    "scheme_ref": "scheme",
    "asset_ref": "asset",
    "owner": "staff",
    "approved_by": "staff",
    "complaint_ref": "complaint",
    "indicator_ref": "indicator",
    "remedial_of": "compliance_certificate",
}
#: Assets from here on are blocks, below it homes.
BLOCKS = 1_000_000_000


def prefix_of(table: str) -> str:
    """What references to rows of a table begin with."""
    return PREFIXES.get(table) or "".join(part[:2] for part in table.split("_")).upper()


@cache
def code(table: str, column: str, name: str) -> int:
    """The index of a code among those of its column."""
    return list(layout(table).column(column).codes).index(name)


def codes(table: str, column: str, names: Sequence[str]) -> Ints:
    """Indices of several codes, to look picks up in."""
    return ints([code(table, column, name) for name in names])


class Frame:
    """One table, or a part of it, of one landlord."""

    __slots__ = ("columns", "first", "layout", "rows", "words")

    def __init__(self, table: str, rows: int, first: int = 0) -> None:
        self.layout: Layout = layout(table)
        self.rows = rows
        self.first = first
        self.columns: dict[str, Ints] = {}
        self.words: dict[str, Sequence[str]] = {}

    @property
    def table(self) -> str:
        """Name of the table."""
        return self.layout.table

    def __setitem__(self, name: str, values: Any) -> None:
        self.layout.column(name)
        found = np.asarray(values)
        if found.dtype == np.bool_ or found.dtype.kind != "i":
            found = found.astype(np.int64)
        if found.ndim == 0:
            found = np.full(self.rows, found, dtype=np.int64)
        if len(found) != self.rows:
            raise ValueError(f"{self.table}.{name}: {len(found)} values for {self.rows} rows")
        self.columns[name] = found

    def __getitem__(self, name: str) -> Ints:
        if name not in self.columns:
            self.layout.column(name)
            self.columns[name] = np.full(self.rows, NULL, dtype=np.int64)
        return self.columns[name]

    def update(self, **columns: Any) -> Frame:
        """Set several columns."""
        for name, values in columns.items():
            self[name] = values
        return self

    def code(self, column: str, names: str | Sequence[str], at: Ints | None = None) -> None:
        """Set a code column: to one code, or to the codes that ``at`` picks out of a list."""
        if isinstance(names, str):
            self[column] = code(self.table, column, names)
        else:
            assert at is not None
            self[column] = codes(self.table, column, names)[at]

    def text(self, column: str, words: Sequence[str], at: Any) -> None:
        """Set a column of words by their index."""
        self[column] = at
        self.words[column] = words

    def own(self, numbers: Ints | None = None) -> Frame:
        """Number the key: one after the other from the first row of this part."""
        key = self.layout.key[0]
        self[key] = np.arange(self.first, self.first + self.rows) if numbers is None else numbers
        return self

    def is_code(self, column: str, *names: str) -> Bools:
        """Where a column has one of these codes."""
        return np.isin(self[column], codes(self.table, column, names))

    def taken(self, rows: Ints) -> Frame:
        """Some of the rows as a frame of their own."""
        found = Frame(self.table, len(rows), self.first)
        found.columns = {name: values[rows] for name, values in self.columns.items()}
        found.words = dict(self.words)
        return found

    def ref(self, row: int) -> str:
        """The key of a row as it is written."""
        parts = self.layout.key
        one = self.taken(ints([row]))
        return "/".join(str(_column(one, self.layout.column(p))[0].as_py()) for p in parts)

    def refs(self, rows: Ints) -> list[str]:
        """The keys of rows as they are written."""
        if not len(rows):
            return []
        some = self.taken(rows)
        parts = [_column(some, self.layout.column(p)).to_pylist() for p in self.layout.key]
        return ["/".join(map(str, key)) for key in zip(*parts, strict=True)]

    def shown(self, column: str, rows: Ints) -> list[Any]:
        """Values of a column as they are written."""
        return list(_column(self.taken(rows), self.layout.column(column)).to_pylist())

    def arrow(self, landlord: str) -> pa.Table:
        """The table as it is written, with the columns every table has."""
        arrays: dict[str, pa.Array] = {
            "landlord": _same(landlord, self.rows),
            "source_file": _same(f"{self.table}.csv", self.rows),
            "source_row": pa.array(np.arange(self.first + 2, self.first + 2 + self.rows)),
        }
        for column in self.layout.columns:
            arrays[column.name] = _column(self, column)
        return pa.table(arrays)

    def filled(self) -> dict[str, int]:
        """How many values each column holds."""
        return {c.name: int(np.count_nonzero(self[c.name] != NULL)) for c in self.layout.columns}


def join(frames: Sequence[Frame]) -> Frame:
    """Several parts of a table as one; words are those of the first."""
    found = Frame(frames[0].table, sum(f.rows for f in frames), frames[0].first)
    names = {name: None for f in frames for name in f.columns}
    for name in names:
        found.columns[name] = np.concatenate([f[name] for f in frames])
    for f in frames:
        found.words.update(f.words)
    return found


def _same(text: str, rows: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int32)), pa.array([text]))


def _column(frame: Frame, column: Column) -> pa.Array:
    values = frame[column.name]
    missing = values == NULL
    match column.type:
        case Type.REF:
            return _references(frame, column, values, missing)
        case Type.CODE:
            return _looked_up(values, missing, list(column.codes))
        case Type.TEXT | Type.CODES:
            return _looked_up(values, missing, frame.words.get(column.name, ("",)))
        case Type.INTEGER:
            return pa.array(values.astype(np.int64), mask=missing)
        case Type.BOOLEAN:
            return pa.array(values == 1, mask=missing)
        case Type.DATE:
            return _buffered(pa.date32(), values.astype(np.int32), missing)
        case Type.DATETIME:
            return _buffered(pa.timestamp("us"), values.astype(np.int64) * 1_000_000, missing)
        case Type.MONEY:
            return _wide(pa.decimal128(14, 2), values, missing)
        case _:
            return _wide(pa.decimal128(18, 6), values, missing)


def _buffered(kind: pa.DataType, values: Any, missing: Bools) -> pa.Array:
    valid = pa.py_buffer(np.packbits(~missing, bitorder="little").tobytes())
    return pa.Array.from_buffers(
        kind, len(values), [valid, pa.py_buffer(np.ascontiguousarray(values))]
    )


def _wide(kind: pa.DataType, values: Ints, missing: Bools) -> pa.Array:
    both = np.empty((len(values), 2), dtype="<i8")
    both[:, 0] = values
    both[:, 1] = np.where(values < 0, -1, 0)
    return _buffered(kind, both, missing)


def _looked_up(values: Ints, missing: Bools, words: Sequence[str]) -> pa.Array:
    # The same word twice in a dictionary makes Arrow write other bytes each time.
    known = dict.fromkeys(words)
    if len(known) != len(words):
        place = {word: at for at, word in enumerate(known)}
        moved = ints([place[word] for word in words])
        values, words = moved[np.where(missing, 0, values)], list(known)
    at = pa.array(values.astype(np.int32), mask=missing)
    return pa.DictionaryArray.from_arrays(at, pa.array(list(words), pa.string()))


def _references(frame: Frame, column: Column, values: Ints, missing: Bools) -> pa.Array:
    if column.name in frame.words:
        return _looked_up(values, missing, frame.words[column.name])
    target = column.of or POINTS.get(column.name) or frame.table
    if target == "asset":
        blocks = values >= BLOCKS
        return pc.if_else(
            pa.array(blocks),
            written("block", np.where(blocks, values - BLOCKS, 0), missing),
            written("property", np.where(blocks, 0, values), missing),
        )
    known = values[~missing]
    low, high = (int(known.min()), int(known.max())) if len(known) else (0, 0)
    if len(values) > 4 * (high - low + 1):
        at = pa.array(np.where(missing, 0, values - low).astype(np.int32), mask=missing)
        span = np.arange(low, high + 1)
        return pa.DictionaryArray.from_arrays(at, written(target, span, span < 0))
    return written(target, values, missing)


def written(target: str, values: Ints, missing: Bools) -> pa.Array:
    """References to rows of a table as they are written."""
    width = 9 if target == "rent_transaction" else 7
    numbers = pc.cast(pa.array(values.astype(np.int64) + 1, mask=missing), pa.string())
    return pc.binary_join_element_wise(
        prefix_of(target), pc.utf8_lpad(numbers, width, padding="0"), ""
    )
