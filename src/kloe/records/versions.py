"""Versions of a landlord's records: one in use, those before it kept, a history of what was done.

``records/<landlord>/versions/<id>/`` holds each version whole; ``current.json`` names the one in
use and is renamed into place last, so that a load that is stopped at any point leaves the version
before it in use. What a stopped load left behind is taken away when the next one begins.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from kloe.core.errors import Conflict, InvalidInput, NotFound
from kloe.core.messages import _
from kloe.records.mapping import check_landlord
from kloe.records.store import CURRENT, MANIFEST, VERSIONS, RecordSet, use_version, version_in_use

HISTORY = "history.jsonl"
LOAD = "load.json"
_NEW = ".new-"
_LOCK = ".lock"
KEEP = 5


@dataclass(frozen=True, slots=True)
class Retention:
    """How many versions are kept, the one in use among them, and for how many days at most."""

    versions: int = KEEP
    days: int | None = None

    @classmethod
    def from_environment(cls) -> Retention:
        """As KLOE_RECORDS_VERSIONS and KLOE_RECORDS_DAYS say."""
        return cls(
            versions=max(_number("KLOE_RECORDS_VERSIONS") or KEEP, 1),
            days=_number("KLOE_RECORDS_DAYS"),
        )


def _number(name: str) -> int | None:
    value = os.environ.get(name, "").strip()
    if not value:
        return None
    if not value.isdigit():
        raise InvalidInput(
            _("%(name)s is “%(value)s”.", name=name, value=value),
            _("It is a whole number."),
            _("Correct it, or leave it out."),
        )
    return int(value)


def landlords(data: Path) -> tuple[str, ...]:
    """Every landlord with records in a data directory, in use or undone."""
    found = (p.parent.name for p in (data / "records").glob("*/*.json*"))
    return tuple(sorted(set(found)))


class Shelf:
    """Where a landlord's records lie."""

    def __init__(self, data: Path, landlord: str) -> None:
        check_landlord(landlord)
        self.landlord = landlord
        self.folder = data / "records" / landlord

    # Looking

    def current(self) -> RecordSet | None:
        """The records in use, if there are any."""
        if not (self.folder / CURRENT).is_file():
            return None
        return RecordSet.open(self.folder)

    @property
    def current_id(self) -> str | None:
        """The identifier of the version in use."""
        if not (self.folder / CURRENT).is_file():
            return None
        return version_in_use(self.folder).name

    def history(self) -> list[dict[str, Any]]:
        """What was done, oldest first: loads and undoings."""
        try:
            lines = (self.folder / HISTORY).read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            lines = []
        found = []
        for line in lines:
            # A line cut off when the machine stopped is told again from its version's folder.
            with contextlib.suppress(ValueError):
                found.append(json.loads(line))
        current = self.current_id
        if current is not None and all(e["version"] != current for e in found):
            found.append(self._load_of(current))
        return found

    def kept(self) -> tuple[str, ...]:
        """Identifiers of the versions still there, oldest first."""
        folder = self.folder / VERSIONS
        return tuple(sorted(p.name for p in folder.glob("[!.]*") if (p / MANIFEST).is_file()))

    def _load_of(self, version: str) -> dict[str, Any]:
        folder = self.folder / VERSIONS / version
        try:
            found: dict[str, Any] = json.loads((folder / LOAD).read_text(encoding="utf-8"))
        except FileNotFoundError:
            # Put there by other means than a load, as an invented landlord is.
            records = RecordSet.open(folder)
            return {
                "event": "load",
                "version": version,
                "at": records.made_at,
                "by": "",
                "as_at": records.as_at.isoformat(),
                "tables": {
                    name: {"rows": table.rows, "rejects": table.rejects}
                    for name, table in records.tables.items()
                },
            }
        return found

    # Changing

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else changes these records meanwhile; what a stopped load left is taken away.

        :raises Conflict: where somebody does.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / _LOCK).open("a+b") as file:
            try:
                _lock(file)
            except OSError as error:
                raise Conflict(
                    _("The records of %(landlord)s are just being loaded.", landlord=self.landlord),
                    _("Only one load at a time."),
                    _("Wait until it is done."),
                ) from error
            self._tidy()
            yield

    def _tidy(self) -> None:
        versions = self.folder / VERSIONS
        versions.mkdir(exist_ok=True)
        current = self.current_id
        known = {e["version"] for e in self.history()} | {current}
        for path in versions.iterdir():
            if path.name.startswith(_NEW) or path.name not in known:
                shutil.rmtree(path, ignore_errors=True)
        for path in self.folder.glob(f".{CURRENT}.*"):
            path.unlink(missing_ok=True)
        if current is not None and all(e["version"] != current for e in self._written()):
            self._append(self._load_of(current))

    def _written(self) -> list[dict[str, Any]]:
        path = self.folder / HISTORY
        found = []
        for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
            with contextlib.suppress(ValueError):
                found.append(json.loads(line))
        return found

    def begin(self) -> tuple[str, Path]:
        """An identifier for a new version, and an empty folder to make it in."""
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
        version = f"{stamp}-{secrets.token_hex(2)}"
        work = self.folder / VERSIONS / f"{_NEW}{version}"
        work.mkdir(parents=True)
        return version, work

    def publish(self, version: str, work: Path, entry: dict[str, Any], keep: Retention) -> None:
        """Put a version that is complete into use; ``entry`` says what was done."""
        entry = {"event": "load", "version": version, "previous": self.current_id, **entry}
        _write(work / LOAD, json.dumps(entry, ensure_ascii=False, indent=1) + "\n")
        for path in sorted(work.rglob("*")):
            _sync(path)
        _sync(work)
        place = self.folder / VERSIONS / version
        work.rename(place)
        _sync(place.parent)
        use_version(self.folder, version)
        _sync(self.folder)
        self._append(entry)
        self._forget(keep)

    def undo(self, by: str, *, version: str | None = None) -> str | None:
        """Go back to the version before the one in use; ``None`` where that was the first.

        :param version: the version that is to be undone, and no other.
        :raises NotFound: where there are no records.
        :raises Conflict: where the version before is no longer kept, or another is in use.
        """
        with self.alone():
            current = self.current_id
            if version is not None and current is not None and current != version:
                raise Conflict(
                    _("Other records are in use by now: somebody loaded or undid meanwhile."),
                    _("Nothing was undone."),
                    _("Look at the history of loads, and begin again."),
                )
            if current is None:
                raise NotFound(
                    _("There are no records of %(landlord)s.", landlord=self.landlord),
                    "",
                    _("“kloe records load” loads some."),
                )
            before = self._load_of(current).get("previous")
            if before is not None and before not in self.kept():
                raise Conflict(
                    _("The load before is no longer kept."),
                    _("As many are kept as the setting KLOE_RECORDS_VERSIONS says."),
                    _("Load the files again that should be in use."),
                )
            if before is None:
                (self.folder / CURRENT).unlink()
            else:
                use_version(self.folder, before)
            _sync(self.folder)
            self._append(
                {
                    "event": "undo",
                    "version": before,
                    "undone": current,
                    "by": by,
                    "at": datetime.now(UTC).isoformat(timespec="seconds"),
                }
            )
            return before

    def _append(self, entry: dict[str, Any]) -> None:
        path = self.folder / HISTORY
        with path.open("a+b") as file:
            end = file.seek(0, os.SEEK_END)
            if end:
                file.seek(end - 1)
                if file.read(1) != b"\n":
                    file.write(b"\n")
            file.write(json.dumps(entry, ensure_ascii=False).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def _forget(self, keep: Retention) -> None:
        """Take away versions beyond those the settings keep."""
        others = [v for v in self.kept() if v != self.current_id]
        gone = others[: max(len(others) - (keep.versions - 1), 0)]
        if keep.days is not None:
            limit = datetime.now(UTC) - timedelta(days=keep.days)
            gone += [v for v in others if _made(v) < limit]
        for version in dict.fromkeys(gone):
            shutil.rmtree(self.folder / VERSIONS / version, ignore_errors=True)


def _made(version: str) -> datetime:
    try:
        return datetime.strptime(version.partition("-")[0], "%Y%m%dT%H%M%S%fZ").replace(tzinfo=UTC)
    except ValueError:
        return datetime.now(UTC)


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(text)


def _sync(path: Path) -> None:
    """Have what was written reach the disk."""
    if os.name == "nt" and path.is_dir():
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _lock(file: Any) -> None:
    if os.name == "nt":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
