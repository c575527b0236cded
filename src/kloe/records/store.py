"""A set of records: Parquet files in a folder, and the manifest that says what they are.

``manifest.json`` names every file with its digest, and every column with whether the extract had
it and how many values it holds: what cannot be computed is known without opening a file. Where
a folder holds ``current.json``, that names the version in use under ``versions/``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from kloe.core.digest import file_digest, value_digest
from kloe.core.errors import InvalidInput, NotFound, VerificationFailed
from kloe.core.messages import _

FORMAT = "kloe-records/1"
MANIFEST = "manifest.json"
CURRENT = "current.json"
VERSIONS = "versions"
#: Where the tables lie that the application itself fills.
APPLICATION = "application"


@dataclass(frozen=True, slots=True)
class DataFile:
    """One Parquet file: its path within the folder, digest and number of rows."""

    path: str
    sha256: str
    rows: int

    @classmethod
    def of(cls, folder: Path, path: Path, rows: int) -> DataFile:
        """The file as it lies on disk now."""
        return cls(path.relative_to(folder).as_posix(), file_digest(path), rows)


@dataclass(frozen=True, slots=True)
class Filled:
    """Whether the extract had a column, and how many values (not empty) it holds."""

    given: bool
    values: int


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a set."""

    name: str
    files: tuple[DataFile, ...]
    columns: Mapping[str, Filled]
    rejects: int = 0
    sources: tuple[Any, ...] = ()

    @property
    def rows(self) -> int:
        """Rows in all files together."""
        return sum(f.rows for f in self.files)

    @property
    def digest(self) -> str:
        """Digest of the table's contents: of its files in their order."""
        return value_digest([[f.sha256, f.rows] for f in self.files] + [self.rejects])

    def as_dict(self) -> dict[str, Any]:
        """As in the manifest."""
        return {
            "files": [{"path": f.path, "sha256": f.sha256, "rows": f.rows} for f in self.files],
            "rows": self.rows,
            "columns": {
                name: {"given": c.given, "values": c.values} for name, c in self.columns.items()
            },
            "rejects": self.rejects,
            "sources": list(self.sources),
        }


@dataclass(frozen=True, slots=True)
class RecordSet:
    """A set of records as its manifest describes it."""

    folder: Path
    landlord: str
    as_at: date
    made_at: str
    tables: Mapping[str, Table]
    digest: str
    #: The landlords of a set of several, as its manifest names them; empty for one alone.
    landlords: tuple[str, ...] = ()

    @classmethod
    def open(cls, folder: Path) -> RecordSet:
        """The set in a folder, or the version its ``current.json`` names.

        :raises NotFound: where there is none.
        :raises InvalidInput: where the manifest is not one.
        """
        folder = version_in_use(folder)
        path = folder / MANIFEST
        if not path.is_file():
            raise NotFound(
                _("There are no records in %(folder)s.", folder=folder),
                _("A set of records is a folder with a %(manifest)s.", manifest=MANIFEST),
                _("“kloe records load” makes one, “kloe records generate” invents one."),
            )
        try:
            raw = json.loads(path.read_bytes())
            if raw["format"] != FORMAT:
                raise ValueError(raw["format"])
            tables = {name: _table(name, one) for name, one in raw["tables"].items()}
            found = cls(
                folder=folder,
                landlord=str(raw["landlord"]),
                as_at=date.fromisoformat(raw["as_at"]),
                made_at=str(raw["made_at"]),
                tables=MappingProxyType(tables),
                digest=str(raw["digest"]),
                landlords=tuple(str(code) for code in raw.get("landlords", ())),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InvalidInput(
                _("The manifest %(path)s cannot be read (%(error)s).", path=path, error=error),
                _("It has to be of the format %(format)s.", format=FORMAT),
                _("Load the records again."),
            ) from error
        if found.digest != digest_of(found.tables):
            raise VerificationFailed(
                _("The manifest %(path)s does not bear its own digest.", path=path),
                "",
                _("Load the records again."),
            )
        return found

    def table(self, name: str) -> Table:
        """A table of the set.

        :raises NotFound: where the set has none of that name.
        """
        if name not in self.tables:
            raise NotFound(_("The records hold no table “%(name)s”.", name=name))
        return self.tables[name]

    def paths(self, name: str) -> tuple[Path, ...]:
        """The Parquet files of a table."""
        return tuple(self.folder / f.path for f in self.table(name).files)

    def verify(self) -> None:
        """Hold every file against its digest.

        :raises VerificationFailed: naming the first file that is not as it was written.
        """
        for table in self.tables.values():
            for file in table.files:
                path = self.folder / file.path
                if not path.is_file() or file_digest(path) != file.sha256:
                    raise VerificationFailed(
                        _("The file %(path)s is not as it was loaded.", path=path),
                        "",
                        _("Load the records again, or undo the load."),
                    )


def _table(name: str, raw: Mapping[str, Any]) -> Table:
    return Table(
        name=name,
        files=tuple(DataFile(f["path"], f["sha256"], int(f["rows"])) for f in raw["files"]),
        columns=MappingProxyType(
            {c: Filled(bool(v["given"]), int(v["values"])) for c, v in raw["columns"].items()}
        ),
        rejects=int(raw.get("rejects", 0)),
        sources=tuple(raw.get("sources", ())),
    )


def digest_of(tables: Mapping[str, Table]) -> str:
    """Digest of a whole set: of its tables by name."""
    return value_digest({name: tables[name].digest for name in sorted(tables)})


def write_manifest(
    folder: Path,
    *,
    landlord: str,
    as_at: date,
    tables: Sequence[Table],
    made_at: datetime | None = None,
    landlords: Sequence[str] = (),
) -> RecordSet:
    """Write the manifest of a folder whose Parquet files are in place; give the set.

    Written beside and renamed, so that it is there whole or not at all. For output that is the
    same every time, give ``made_at``.

    :param landlords: those of a set of several.
    """
    by_name = {t.name: t for t in sorted(tables, key=lambda t: t.name)}
    raw = {
        "format": FORMAT,
        "landlord": landlord,
        "made_at": (made_at or datetime.now(UTC)).isoformat(timespec="seconds"),
        "as_at": as_at.isoformat(),
        "tables": {name: t.as_dict() for name, t in by_name.items()},
        "digest": digest_of(by_name),
    }
    if landlords:
        raw["landlords"] = sorted(landlords)
    _replace(folder / MANIFEST, json.dumps(raw, ensure_ascii=False, indent=1) + "\n")
    return RecordSet.open(folder)


def version_in_use(folder: Path) -> Path:
    """The folder of the version that ``current.json`` names; the folder itself without one."""
    try:
        name = json.loads((folder / CURRENT).read_bytes())["version"]
    except FileNotFoundError:
        return folder
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidInput(
            _("%(path)s does not name a version.", path=folder / CURRENT),
            "",
            _("Load the records again."),
        ) from error
    if not isinstance(name, str) or Path(name).name != name:
        raise InvalidInput(_("%(path)s does not name a version.", path=folder / CURRENT))
    return folder / VERSIONS / name


def use_version(folder: Path, name: str) -> None:
    """Make ``versions/<name>`` the version in use, in one step."""
    _replace(folder / CURRENT, json.dumps({"version": name}) + "\n")


def _replace(path: Path, text: str) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with beside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
