"""Tables that the application itself fills, beside those a landlord's extracts brought.

Actions, recommendations and results of checks are written as Parquet under ``application/`` of a
landlord's records, in a folder named by what it holds: the same rows give the same folder, bytes
and digest. Where a load brought the same table, the application's rows stand, and rows of the load
are kept beside them under references the application does not know: nothing that was loaded is
lost, and no case counts twice.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from kloe.core.digest import value_digest
from kloe.core.errors import InvalidInput, KloeError
from kloe.core.messages import _
from kloe.records.layouts import Layout, Type, layout
from kloe.records.store import (
    APPLICATION,
    CURRENT,
    DataFile,
    Filled,
    RecordSet,
    Table,
    digest_of,
    write_manifest,
)
from kloe.records.versions import Shelf

FOLDER = "application"
SOURCE = "kloe"
#: Columns in which nothing is an answer: not done, not due, no recommendation behind it.
ANSWERED: Mapping[str, frozenset[str]] = {
    "action": frozenset(
        {"recommendation_ref", "indicator_ref", "due_on", "done_on", "owner", "measure", "target"}
    ),
    "recommendation": frozenset({"accepted", "implemented_on"}),
}
#: Folders no longer in use are left this long for those who still read them.
GRACE_SECONDS = 3600

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Published:
    """What was published: rows of the application by table, and rows of loads kept beside."""

    rows: Mapping[str, int]
    beside: Mapping[str, int]
    digest: str
    at: str
    #: The load it was set beside; another one since then makes it stale.
    load: str | None


def publish(shelf: Shelf, tables: Mapping[str, Rows], as_at: date) -> Published:
    """Write the application's tables for the engine. Written whole, then put into use.

    :param tables: rows by the layouts' columns; a table without rows is left to the loads.
    """
    load = shelf.current_id
    loaded = shelf.current()
    place = shelf.folder / APPLICATION
    work = place / f".new-{secrets.token_hex(4)}"
    work.mkdir(parents=True)
    try:
        written, beside = [], {}
        for name in sorted(tables):
            if not tables[name]:
                continue
            one, kept = _table(work, shelf.landlord, layout(name), tables[name], loaded)
            written.append(one)
            beside[name] = kept
        name = value_digest({t.name: t.digest for t in written})[:16]
        if not (place / name).is_dir():
            # The same every time: nothing in the folder tells when it was made.
            never = datetime(1970, 1, 1, tzinfo=UTC)
            write_manifest(
                work, landlord=shelf.landlord, as_at=as_at, tables=written, made_at=never
            )
            try:
                work.rename(place / name)
            except OSError:
                if not (place / name).is_dir():
                    raise
    finally:
        shutil.rmtree(work, ignore_errors=True)
    made = Published(
        rows={n: len(tables[n]) for n in sorted(tables)},
        beside=beside,
        digest=digest_of({t.name: t for t in written}),
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        load=load,
    )
    _use(place, name, as_at, made)
    _forget(place, name)
    return made


def published(shelf: Shelf) -> Published | None:
    """What was published last."""
    raw = _current(shelf.folder / APPLICATION)
    if raw is None:
        return None
    return Published(raw["rows"], raw["beside"], raw["digest"], raw["at"], raw["load"])


def joined(shelf: Shelf) -> RecordSet | None:
    """The records in use with the application's tables among them; ``None`` where neither is."""
    return joined_in(shelf.folder)


def joined_in(folder: Path) -> RecordSet | None:
    """As :func:`joined`, by the folder of a landlord's records."""
    loaded = RecordSet.open(folder) if (folder / CURRENT).is_file() else None
    raw = _current(folder / APPLICATION)
    if raw is None:
        return loaded
    own = RecordSet.open(folder / APPLICATION / raw["version"])
    if not own.tables:
        return loaded
    tables = {n: _below(t, own.folder, folder) for n, t in own.tables.items()}
    if loaded is not None:
        others = {n: _below(t, loaded.folder, folder) for n, t in loaded.tables.items()}
        tables = others | tables
    return RecordSet(
        folder=folder,
        landlord=loaded.landlord if loaded else own.landlord,
        as_at=loaded.as_at if loaded else date.fromisoformat(raw["as_at"]),
        made_at=loaded.made_at if loaded else str(raw["at"]),
        tables=tables,
        digest=digest_of(tables),
    )


def whole(folder: Path) -> RecordSet:
    """The set in a folder, with the application's tables where there are any.

    :raises NotFound: where there is neither.
    """
    return (joined_in(folder) if (folder / APPLICATION).is_dir() else None) or RecordSet.open(
        folder
    )


def _below(table: Table, folder: Path, above: Path) -> Table:
    within = folder.relative_to(above).as_posix()
    files = tuple(DataFile(f"{within}/{f.path}", f.sha256, f.rows) for f in table.files)
    return Table(table.name, files, table.columns, table.rejects, table.sources)


# Writing


def _table(
    work: Path, landlord: str, form: Layout, rows: Rows, loaded: RecordSet | None
) -> tuple[Table, int]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([(name, _arrow(kind)) for name, kind in form.types.items()])
    key = form.key[0]
    ordered = sorted(rows, key=lambda r: str(r[key]))
    for row in ordered:
        if strange := sorted(set(row) - {c.name for c in form.columns}):
            raise InvalidInput(
                _(
                    "The table %(table)s has no column “%(name)s”.",
                    table=form.table,
                    name=strange[0],
                )
            )
    table = pa.Table.from_pylist(
        [
            {**row, "landlord": landlord, "source_file": SOURCE, "source_row": n}
            for n, row in enumerate(ordered, 1)
        ],
        schema=schema,
    )
    other = _beside(form, {str(r[key]) for r in ordered}, loaded, schema)
    if other is not None:
        table = pa.concat_tables([table, other])
    path = work / f"{form.table}.parquet"
    pq.write_table(
        table, path, compression="zstd", version="2.6", store_schema=False, write_page_index=False
    )
    answered = ANSWERED.get(form.table, frozenset())
    columns = {
        c.name: Filled(
            True,
            table.num_rows
            if c.name in answered
            else table.num_rows - int(table[c.name].null_count),
        )
        for c in form.columns
    }
    held = loaded.tables.get(form.table) if loaded else None
    rejects = held.rejects if held and other is not None else 0
    made = Table(
        form.table, (DataFile.of(work, path, table.num_rows),), columns, rejects, (SOURCE,)
    )
    return made, 0 if other is None else other.num_rows


def _beside(form: Layout, taken: set[str], loaded: RecordSet | None, schema: Any) -> Any:
    """The rows that a load brought under references the application does not know."""
    if loaded is None or form.table not in loaded.tables or not loaded.paths(form.table):
        return None
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    parts = []
    for path in loaded.paths(form.table):
        found = pq.read_table(path)
        columns = [
            found[f.name].cast(f.type)
            if f.name in found.column_names
            else pa.nulls(len(found), f.type)
            for f in schema
        ]
        parts.append(pa.table(columns, schema=schema))
    table = pa.concat_tables(parts)
    key = form.key[0]
    known = pc.is_in(table[key], value_set=pa.array(sorted(taken), pa.string()))
    table = table.filter(pc.invert(known))
    return table.sort_by([(key, "ascending"), ("source_file", "ascending")])


def _arrow(sql: str) -> Any:
    import pyarrow as pa

    return {
        Type.INTEGER.sql: pa.int64(),
        Type.MONEY.sql: pa.decimal128(14, 2),
        Type.DECIMAL.sql: pa.decimal128(18, 6),
        Type.DATE.sql: pa.date32(),
        Type.DATETIME.sql: pa.timestamp("us"),
        Type.BOOLEAN.sql: pa.bool_(),
    }.get(sql, pa.string())


# What is in use


def _current(place: Path) -> dict[str, Any] | None:
    try:
        raw: dict[str, Any] = json.loads((place / CURRENT).read_bytes())
        if not isinstance(raw["version"], str) or Path(raw["version"]).name != raw["version"]:
            raise ValueError(raw["version"])
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidInput(
            _("%(path)s does not name what was published.", path=place / CURRENT),
            "",
            _("Publish the plan again."),
        ) from error
    return raw


def _use(place: Path, name: str, as_at: date, made: Published) -> None:
    raw = {
        "version": name,
        "as_at": as_at.isoformat(),
        "at": made.at,
        "digest": made.digest,
        "load": made.load,
        "rows": dict(made.rows),
        "beside": dict(made.beside),
    }
    beside = place / f".{CURRENT}.{os.getpid()}.{secrets.token_hex(2)}"
    with beside.open("w", encoding="utf-8") as file:
        file.write(json.dumps(raw) + "\n")
        file.flush()
        os.fsync(file.fileno())
    beside.replace(place / CURRENT)


def _forget(place: Path, name: str) -> None:
    oldest = time.time() - GRACE_SECONDS
    for path in place.iterdir():
        if path.is_dir() and path.name != name and path.stat().st_mtime < oldest:
            shutil.rmtree(path, ignore_errors=True)


def stale(shelf: Shelf) -> bool:
    """Whether other records were loaded since the plan was published."""
    try:
        last = published(shelf)
    except KloeError:
        return True
    return last is not None and last.load != shelf.current_id
