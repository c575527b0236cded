"""Which files a source means: folders and wildcards, and what each file really is."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from kloe.core.digest import file_digest
from kloe.core.errors import InvalidInput, NotFound
from kloe.core.messages import _
from kloe.records.extracts.pieces import Unreadable
from kloe.records.mapping_model import SourceMap

_HEAD = 8
_MAGIC = (
    (b"PAR1", "parquet"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\xd0\xcf\x11\xe0", "ole"),
    (b"\x1f\x8b", "gzip"),
    (b"%PDF", "pdf"),
    (b"BZh", "bzip2"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"7z\xbc\xaf", "7z"),
    (b"SQLite f", "sqlite"),
)
_EXCEL = (".xlsx", ".xlsm")
_OLD = (".xlsb", ".xls", ".ods")


class Kind(StrEnum):
    """How a file is read."""

    TEXT = "text"
    GZIP = "gzip"
    EXCEL = "excel"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file: where it lies, how it is called in messages, and what it is."""

    path: Path
    shown: str
    kind: Kind
    size: int

    @property
    def stamp(self) -> tuple[int, int]:
        """What changes when somebody writes to it."""
        found = self.path.stat()
        return found.st_size, found.st_mtime_ns

    def digest(self) -> str:
        """SHA-256 of its bytes."""
        return file_digest(self.path)


def find(source: SourceMap, folder: Path) -> tuple[SourceFile, ...]:
    """Every file a source names, sorted by name, each once.

    :raises NotFound: where a name or pattern meets no file.
    :raises InvalidInput: where a file leads out of the folder or is not what it is called.
    """
    if not folder.is_dir():
        raise NotFound(
            _("There is no folder %(path)s.", path=folder),
            "",
            _("Give the folder of the files with --folder DIR."),
        )
    root = folder.resolve()
    found: dict[Path, SourceFile] = {}
    for pattern in source.files:
        here = [
            p
            for p in sorted(folder.glob(pattern))
            if p.is_file() and not p.name.startswith((".", "~$"))
        ]
        if not here:
            raise NotFound(
                _(
                    "No file in %(folder)s is called “%(pattern)s”.",
                    folder=folder.absolute(),
                    pattern=pattern,
                ),
                _("The mapping wants it for the table %(table)s.", table=source.table),
                _("Put the file there, name another folder with --folder, or change “files”."),
            )
        for path in here:
            found.setdefault(path, _file(path, root, folder))
    return tuple(found[p] for p in sorted(found))


def _file(path: Path, root: Path, folder: Path) -> SourceFile:
    shown = path.relative_to(folder).as_posix()
    real = path.resolve()
    if not real.is_relative_to(root):
        raise InvalidInput(
            _("%(file)s is a link to a file outside its folder.", file=shown),
            _("Only files within %(folder)s are read.", folder=folder),
            _("Copy the file into the folder."),
        )
    if not os.access(real, os.R_OK):
        raise Unreadable(shown, _("The file may not be read."), _("Change its permissions."))
    with real.open("rb") as file:
        head = file.read(_HEAD)
    return SourceFile(real, shown, _kind(real, shown, head), real.stat().st_size)


def _kind(path: Path, shown: str, head: bytes) -> Kind:
    really = next((name for magic, name in _MAGIC if head.startswith(magic)), "text")
    suffix = path.suffix.lower()
    if really == "parquet":
        return Kind.PARQUET
    if suffix == ".parquet":
        raise Unreadable(
            shown, _("It is called Parquet but is none."), _("Export it again, or rename it.")
        )
    if suffix in _OLD:
        raise Unreadable(
            shown,
            _("Workbooks of the kind %(kind)s are not read.", kind=suffix),
            _("Open it in a spreadsheet and save it as .xlsx."),
        )
    if suffix in _EXCEL:
        if really != "zip":
            raise Unreadable(
                shown,
                _("It is called a workbook but is none."),
                _("Open it in a spreadsheet and save it as .xlsx, or rename it to what it is."),
            )
        return Kind.EXCEL
    if really == "gzip":
        return Kind.GZIP
    if really in ("zip", "ole"):
        raise Unreadable(
            shown,
            _("It is not text with delimiters but a workbook or archive."),
            _("Rename a workbook to .xlsx; unpack an archive first."),
        )
    if really != "text":
        raise Unreadable(
            shown,
            _("It is not text with delimiters but a file of the kind %(kind)s.", kind=really),
            _("Export the table as CSV, Excel or Parquet."),
        )
    return Kind.TEXT
