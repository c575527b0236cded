"""Taking away kept results that nothing can find any more.

A result is found again only over the same definition, data, form and release of the engine. It
stays as long as a version of the records it was computed from is on the shelf: how many versions
that is, the settings of the records say. Taking one away loses nothing but the time to compute it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from kloe.core.errors import KloeError
from kloe.measures.catalogue import Catalogue, Source, catalogue
from kloe.measures.computing import BREAKDOWN_TABLES
from kloe.measures.engines.named import engine_release
from kloe.measures.keeping import FOLDER, FORM, data_digest
from kloe.records.store import VERSIONS, RecordSet
from kloe.records.versions import Shelf

#: Files younger than this are left alone: somebody may be computing.
GRACE_SECONDS = 3600.0


def prune_results(
    shelf: Shelf,
    *,
    known: Catalogue | None = None,
    grace_seconds: float = GRACE_SECONDS,
) -> int:
    """Remove the results over a landlord's records that are out of use; gives how many."""
    folder = shelf.folder / FOLDER
    if not folder.is_dir():
        return 0
    in_use = _in_use(_sets(shelf), known or catalogue())
    oldest, gone = time.time() - grace_seconds, 0
    for path in sorted(folder.rglob("*.json*")):
        try:
            if path.stat().st_mtime > oldest or (path.suffix == ".json" and in_use(path)):
                continue
            path.unlink()
            gone += 1
        except OSError:
            # Taken away meanwhile, or not ours to take away.
            continue
    for path in folder.iterdir():
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()
    return gone


def _sets(shelf: Shelf) -> tuple[RecordSet, ...]:
    """The records of every version on the shelf."""
    found = []
    for version in shelf.kept():
        try:
            found.append(RecordSet.open(shelf.folder / VERSIONS / version))
        except KloeError:
            continue
    return tuple(found)


def _in_use(sets: tuple[RecordSet, ...], known: Catalogue) -> Callable[[Path], bool]:
    """Whether the results in a file can still be found."""

    @cache
    def digests(source: Source) -> frozenset[str]:
        tables = (source.tables, tuple(sorted({*source.tables, *BREAKDOWN_TABLES})))
        return frozenset(data_digest(one, names) for one in sets for names in tables)

    @cache
    def installed(release: str) -> bool:
        try:
            return engine_release(release.partition(" ")[0]) == release
        except (KloeError, ImportError):
            return False

    def told(raw: dict[str, Any]) -> bool:
        source = known.sources.get(raw["measure"])
        return (
            source is not None
            and raw["definition"] == source.digest
            and raw["data"] in digests(source)
            and installed(raw["engine"])
        )

    def in_use(path: Path) -> bool:
        try:
            raw = json.loads(path.read_bytes())
            return raw["form"] == FORM and bool(raw["results"]) and told(raw["results"][0])
        except (ValueError, KeyError, TypeError):
            return False

    return in_use
