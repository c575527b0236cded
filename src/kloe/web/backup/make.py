"""Writing a backup while everything runs.

Order matters: files are read before and after the database is copied. A file is on disk before
the row that names it is committed and goes only after its row, so whatever the copied database
names is in the backup.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO
from urllib.parse import quote

from kloe import __version__
from kloe.core.digest import CHUNK
from kloe.core.errors import EnvironmentFault, InvalidInput, NotFound, VerificationFailed
from kloe.core.messages import _
from kloe.core.progress import Progress, Silent
from kloe.web.backup import swap
from kloe.web.backup.archive import (
    FOLDER,
    HEX,
    MANIFEST,
    MARK,
    MARK_BYTES,
    SEAL,
    Entry,
    Manifest,
    seal,
)

DATABASE = "kloe.sqlite3"
SECRET = "secret-key"  # noqa: S105 - the name of a file
#: What belongs to the running program, not to the data.
LEFT_OUT = {"tmp", "charts", "cases", f"{DATABASE}-wal", f"{DATABASE}-shm", f"{DATABASE}-journal"}
#: Where a restore put what was there before.
BEFORE = "before-restore-"
#: First bytes of formats that are compressed already.
_PACKED = (b"PK\x03\x04", b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"PAR1", b"\x1f\x8b", b"GIF8")


def make(
    data_dir: Path,
    output: Path,
    *,
    database_url: str = "",
    files_only: bool = False,
    progress: Progress | None = None,
) -> Manifest:
    """Write everything in ``data_dir`` to the archive ``output``; gives its manifest.

    The archive appears under its name when it is complete, or not at all.

    :param database_url: of the PostgreSQL that keeps the work, if it is not in the directory.
    :param files_only: accept that such a database is backed up by its own means.
    :raises NotFound: if there is no data.
    :raises InvalidInput: if the archive would lie within the data directory.
    :raises EnvironmentFault: if the disk is full or cannot be written, or the database is not
        in the directory.
    :raises VerificationFailed: if the database is damaged.
    """
    _check(data_dir, output, database_url=database_url, files_only=files_only)
    part = output.with_name(f".{output.name}.{secrets.token_hex(4)}.part")
    try:
        with _created(part) as file:
            manifest = _write(file, data_dir, database_url, progress or Silent())
            seal(file)
            file.flush()
            os.fsync(file.fileno())
        part.replace(output)
        swap.sync_folder(output.parent)
    except OSError as error:
        raise _disk_fault(output, error) from error
    finally:
        part.unlink(missing_ok=True)
    return manifest


def _check(data_dir: Path, output: Path, *, database_url: str, files_only: bool) -> None:
    # With a database and a key from elsewhere, the files alone are the data.
    marks = (DATABASE, SECRET, "files") if files_only else (DATABASE, SECRET)
    if not any((data_dir / name).exists() for name in marks):
        raise NotFound(
            _("There is no data of kloe in %(path)s.", path=data_dir),
            _("A data directory holds %(name)s.", name=DATABASE),
            _("Give the directory with --data DIR or KLOE_DATA."),
        )
    if database_url and not files_only:
        raise EnvironmentFault(
            _("The database is a PostgreSQL (KLOE_DATABASE_URL), not in the data directory."),
            _("kloe backup copies the data directory; PostgreSQL has its own means."),
            _(
                "Run pg_dump --format=custom --file=kloe.dump with the address of "
                "KLOE_DATABASE_URL first, then kloe backup with --files-only."
            ),
        )
    if output.resolve().is_relative_to(data_dir.resolve()):
        raise InvalidInput(
            _("The backup %(path)s would lie within the data directory.", path=output),
            _("There it would be lost together with the data."),
            _("Give --output a path elsewhere, best on another disk."),
        )
    if not output.parent.is_dir() or output.is_dir():
        raise EnvironmentFault(
            _("There is no folder for the backup %(path)s.", path=output),
            _("--output names a file in a folder that exists."),
            _("Make the folder, or give another path."),
        )


@contextmanager
def _created(path: Path) -> Iterator[IO[bytes]]:
    """A new file for its owner only: a backup holds the secret key and all evidence."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(fd, "w+b") as file:
        yield file


def _write(file: IO[bytes], data_dir: Path, database_url: str, progress: Progress) -> Manifest:
    archive = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6)
    try:
        archive.writestr(zipfile.ZipInfo(MARK), MARK_BYTES)
        writer = _Writer(archive, data_dir, progress)
        writer.add_files()
        if (data_dir / DATABASE).is_file():
            with _copied(data_dir) as copy:
                writer.add(copy, DATABASE)
        writer.add_files()
        manifest = Manifest(
            made_at=datetime.now(UTC).isoformat(timespec="seconds"),
            version=__version__,
            database="postgresql, not included" if database_url else "sqlite",
            secret_key=any(one.path == SECRET for one in writer.entries),
            files=tuple(sorted(writer.entries, key=lambda one: one.path)),
        )
        archive.writestr(MANIFEST, manifest.to_json())
        archive.comment = SEAL + b"0" * HEX
        archive.close()
    except BaseException:
        # Closing would write the rest of an archive that is thrown away.
        archive.fp = None
        raise
    return manifest


class _Writer:
    """Adds files to the archive and remembers what it added."""

    def __init__(self, archive: zipfile.ZipFile, data_dir: Path, progress: Progress) -> None:
        self.archive = archive
        self.data_dir = data_dir
        self.progress = progress
        self.entries: list[Entry] = []
        self.names: set[str] = set()
        self.done = 0
        self.total = sum(_size(path) for path, _name in files_of(data_dir))
        self.total += _size(data_dir / DATABASE)

    def add_files(self) -> None:
        """Every file that is not in the archive yet; those that vanish meanwhile are passed by."""
        for path, name in files_of(self.data_dir):
            if name not in self.names and name != DATABASE:
                try:
                    self.add(path, name)
                except FileNotFoundError:
                    continue

    def add(self, path: Path, name: str) -> None:
        """One file, its digest taken from the very bytes that are written."""
        h, size = hashlib.sha256(), 0
        with path.open("rb") as source:
            chunk = source.read(CHUNK)
            info = zipfile.ZipInfo(FOLDER + name, datetime.now(UTC).timetuple()[:6])
            info.compress_type = (
                zipfile.ZIP_STORED if chunk.startswith(_PACKED) else zipfile.ZIP_DEFLATED
            )
            info.external_attr = 0o100600 << 16
            with self.archive.open(info, "w", force_zip64=True) as target:
                while chunk:
                    target.write(chunk)
                    h.update(chunk)
                    size += len(chunk)
                    self.done += len(chunk)
                    self.progress.step(
                        min(self.done, self.total), self.total, _("Writing the backup")
                    )
                    chunk = source.read(CHUNK)
        self.names.add(name)
        self.entries.append(Entry(name, size, h.hexdigest()))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _left_out(name: str) -> bool:
    return name in LEFT_OUT or name.startswith((BEFORE, ".restoring"))


def files_of(data_dir: Path) -> Iterator[tuple[Path, str]]:
    """The files that belong to the data, with their path below the directory."""
    seen: set[str] = set()
    for folder, folders, names in os.walk(data_dir, followlinks=True):
        here = Path(folder)
        real = os.path.realpath(folder)
        if real in seen:
            # A link back to where we were.
            folders.clear()
            continue
        seen.add(real)
        top = here == data_dir
        # Records that are being loaded: whole only under another name.
        kept = (one for one in folders if not one.startswith(".new-"))
        folders[:] = sorted(one for one in kept if not (top and _left_out(one)))
        for name in sorted(one for one in names if not (top and _left_out(one))):
            path = here / name
            if path.is_file():
                yield path, path.relative_to(data_dir).as_posix()


@contextmanager
def _copied(data_dir: Path) -> Iterator[Path]:
    """A consistent copy of the database, taken while others write."""
    folder = data_dir / "tmp"
    folder.mkdir(exist_ok=True)
    copy = folder / f"backup-{secrets.token_hex(4)}.sqlite3"
    try:
        copy_database(data_dir / DATABASE, copy)
        yield copy
    finally:
        for path in (copy, *(copy.with_name(copy.name + end) for end in ("-wal", "-shm"))):
            path.unlink(missing_ok=True)


def copy_database(source: Path, target: Path) -> None:
    """Copy a SQLite database as it stands at one moment.

    :raises VerificationFailed: if it is damaged.
    """
    try:
        with (
            closing(
                sqlite3.connect(f"file:{quote(str(source))}?mode=rw", uri=True, timeout=60)
            ) as old,
            closing(sqlite3.connect(target)) as new,
        ):
            old.backup(new)
            # One file without a log beside it.
            new.execute("PRAGMA journal_mode=DELETE")
            found = new.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.OperationalError as error:
        if "full" in str(error):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
        raise EnvironmentFault(
            _("The database %(path)s could not be read: %(error)s.", path=source, error=error),
            "",
            _("Check its permissions and the space left on the disk."),
        ) from error
    except sqlite3.DatabaseError as error:
        raise _damaged(source, str(error)) from error
    if found != "ok":
        raise _damaged(source, found)


def _damaged(source: Path, found: str) -> VerificationFailed:
    return VerificationFailed(
        _("The database %(path)s is damaged: %(found)s.", path=source, found=found),
        _("A backup of it would not help."),
        _("Copy the data directory aside as it is, then put back the last good backup."),
    )


def _disk_fault(output: Path, error: OSError) -> EnvironmentFault:
    return EnvironmentFault(
        _(
            "The backup %(path)s could not be written: %(error)s.",
            path=output,
            error=error.strerror or error,
        ),
        _("A backup needs about as much space as the data directory."),
        _("Make space or give another path with --output. What was there before is unchanged."),
    )
