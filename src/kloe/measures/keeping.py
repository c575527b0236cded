"""Results kept on disk, each under the digest of everything it depends on.

A key names the definition, the data of the tables it may read, the period, the breakdown, the
settings and the engine with its release: what is found under it is right for as long as the file
lies there, and what has changed is never found.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kloe.core.digest import value_digest
from kloe.core.periods import Period
from kloe.measures.catalogue import Source
from kloe.measures.results import Result
from kloe.records.store import APPLICATION, VERSIONS, RecordSet

#: Another number where the form of kept results, or how they are computed, changes.
FORM = 5
FOLDER = "results"


def folder_of(records: RecordSet) -> Path:
    """Where results over a set of records are kept: beside its versions, or beside the set."""
    folder = records.folder
    if folder.parent.name == VERSIONS:
        return folder.parent.parent / FOLDER
    if (folder / VERSIONS).is_dir() or (folder / APPLICATION).is_dir():
        return folder / FOLDER
    return folder.parent / f"{folder.name}.{FOLDER}"


def data_digest(records: RecordSet, tables: Sequence[str]) -> str:
    """Digest of some tables of a set as they are now; a missing one counts as missing."""
    held = records.tables
    digests = {name: held[name].digest if name in held else None for name in sorted(tables)}
    columns = {
        name: {c: [f.given, f.values > 0] for c, f in sorted(held[name].columns.items())}
        for name in sorted(tables)
        if name in held
    }
    return value_digest([digests, columns])


def key_of(
    source: Source,
    data: str,
    records: RecordSet,
    period: Period,
    by: str | None,
    engine: str,
    settings: Mapping[str, Any] | None = None,
) -> str:
    """The key of the results of one measure, period and breakdown."""
    return value_digest(
        [
            FORM,
            source.id,
            source.digest,
            data,
            [records.landlord, *records.landlords],
            records.as_at.isoformat(),
            period.start.isoformat(),
            period.end.isoformat(),
            by,
            engine,
            {name: str(value) for name, value in sorted((settings or {}).items())},
        ]
    )


class Kept:
    """A folder of kept results. A folder that cannot be written keeps nothing."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def _path(self, key: str) -> Path | None:
        return self._folder / key[:2] / f"{key}.json" if self._folder else None

    def get(self, key: str) -> list[Result] | None:
        """The results kept under a key; ``None`` where there are none that can be read."""
        path = self._path(key)
        if path is None:
            return None
        try:
            found = json.loads(path.read_bytes())["results"]
            return [Result.from_dict(raw) for raw in found]
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def put(self, key: str, results: Sequence[Result]) -> None:
        """Keep results under a key, whole or not at all."""
        path = self._path(key)
        if path is None:
            return
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            beside.write_text(
                json.dumps(
                    {"form": FORM, "results": [r.as_dict() for r in results]}, ensure_ascii=False
                ),
                encoding="utf-8",
            )
            beside.replace(path)
        except OSError:
            beside.unlink(missing_ok=True)
