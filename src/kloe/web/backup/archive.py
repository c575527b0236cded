"""The archive: a zip file with a manifest of digests, sealed by a digest over itself.

``kloe-backup`` (first, stored: names the format), ``data/...`` (the files), ``manifest.json``
(last). The zip comment ends with the SHA-256 of every byte before it, so that any change is
found, whether it falls on a file or between them. Other files of kloe are sealed alike, under a
mark of their own: see ``Form``.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, Generic, Protocol, TypeVar

from kloe.core.digest import CHUNK
from kloe.core.errors import InvalidInput, KloeError, NotFound, VerificationFailed
from kloe.core.messages import Message, _
from kloe.core.progress import Progress, Silent

FORMAT = "kloe-backup/1"
MARK = "kloe-backup"
MARK_BYTES = f"{FORMAT}\n".encode()
MANIFEST = "manifest.json"
FOLDER = "data/"
SEAL = b"kloe-backup/1 sha256 "
HEX = 64
_LARGEST_MANIFEST = 256 << 20


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a data directory."""

    path: str
    size: int
    sha256: str

    @classmethod
    def of(cls, one: Any) -> Entry:
        """:raises KeyError: where it lacks something; TypeError and ValueError where it is none."""
        return cls(str(one["path"]), int(one["size"]), str(one["sha256"]))


def parsed(data: bytes, format: str) -> dict[str, Any]:
    """A manifest's JSON.

    :raises ValueError: if it is no manifest of this format.
    """
    value = json.loads(data)
    if not isinstance(value, dict) or value.get("format") != format:
        raise ValueError("no manifest of this format")
    return value


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive says it holds."""

    made_at: str
    version: str
    database: str
    secret_key: bool
    files: tuple[Entry, ...]

    @property
    def total(self) -> int:
        """Bytes of all files together."""
        return sum(one.size for one in self.files)

    def to_json(self) -> bytes:
        """The manifest as it lies in the archive."""
        return json.dumps({"format": FORMAT} | asdict(self), indent=1, ensure_ascii=False).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Manifest:
        """:raises ValueError: if it is no manifest of this format."""
        value = parsed(data, FORMAT)
        try:
            files = tuple(map(Entry.of, value["files"]))
            return cls(
                made_at=str(value["made_at"]),
                version=str(value["version"]),
                database=str(value["database"]),
                secret_key=bool(value["secret_key"]),
                files=files,
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"the manifest lacks {error}") from error


def changed(path: Path, what: Message | str) -> VerificationFailed:
    """The archive is not what it was when it was made."""
    return VerificationFailed(
        _("The backup %(path)s was changed or is incomplete: %(what)s.", path=path, what=what),
        _("Every byte of a backup is covered by a digest; nothing was restored."),
        _("Use another copy of it, or an earlier backup."),
    )


def _no_backup(path: Path) -> InvalidInput:
    return InvalidInput(
        _("%(path)s is not a backup made by kloe.", path=path),
        _("A backup is a zip file written by kloe backup."),
        _("Check the path."),
    )


def _harmful(path: Path, name: str) -> InvalidInput:
    return InvalidInput(
        _("The backup %(path)s holds the file %(name)s.", path=path, name=name),
        _("kloe writes only plain files below the data directory into a backup."),
        _("Do not use this file: somebody made it to do harm. Nothing was restored."),
    )


class Listing(Protocol):
    """What a manifest has to say for its files to be read."""

    @property
    def files(self) -> tuple[Entry, ...]:
        """The files of the archive."""


M = TypeVar("M", bound=Listing)


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of sealed file: how it is marked, what its manifest is, how its faults are told."""

    format: str
    #: Name of the first entry, which names the format.
    mark: str
    #: Within which the files lie.
    folder: str
    manifest: Callable[[bytes], Listing]
    changed: Callable[[Path, Message | str], VerificationFailed]
    #: It is a file of another kind.
    other: Callable[[Path], InvalidInput]
    #: It holds a file that kloe would not have put there.
    harmful: Callable[[Path, str], KloeError]

    @property
    def seal(self) -> bytes:
        """What stands before the digest at the end."""
        return f"{self.format} sha256 ".encode()

    @property
    def mark_bytes(self) -> bytes:
        """What the first entry holds."""
        return f"{self.format}\n".encode()


BACKUP = Form(
    format=FORMAT,
    mark=MARK,
    folder=FOLDER,
    manifest=Manifest.from_json,
    changed=changed,
    other=_no_backup,
    harmful=_harmful,
)


def seal(file: IO[bytes]) -> str:
    """Write the digest of everything before it over the last bytes of the file; gives it."""
    size = file.seek(0, 2)
    digest = _digest_of(file, size - HEX)
    file.seek(size - HEX)
    file.write(digest.encode())
    return digest


def _digest_of(file: IO[bytes], length: int, progress: Progress | None = None) -> str:
    file.seek(0)
    h, left = hashlib.sha256(), length
    while left > 0 and (chunk := file.read(min(CHUNK, left))):
        h.update(chunk)
        left -= len(chunk)
        if progress is not None:
            progress.step(length - left, length, _("Checking the archive"))
    return h.hexdigest()


def _claims_to_be_one(path: Path, file: IO[bytes], form: Form) -> bool:
    """Whether start, end or contents say so; each may be what was damaged."""
    head = file.read(30 + len(form.mark))
    size = file.seek(0, 2)
    file.seek(max(0, size - HEX - len(form.seal)))
    tail = file.read()
    if head[:4] == b"PK\x03\x04" and head[30:] == form.mark.encode():
        return True
    if tail.startswith(form.seal):
        return True
    try:
        with zipfile.ZipFile(path) as archive:
            return {form.mark, MANIFEST} <= set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError):
        return False


def _check_seal(path: Path, progress: Progress, form: Form) -> None:
    with path.open("rb") as file:
        if not _claims_to_be_one(path, file, form):
            raise form.other(path)
        size = file.seek(0, 2)
        if size < HEX + len(form.seal):
            raise form.changed(path, _("its end is missing"))
        file.seek(size - HEX - len(form.seal))
        tail = file.read()
        if not tail.startswith(form.seal):
            raise form.changed(path, _("its end is missing"))
        if _digest_of(file, size - HEX, progress).encode() != tail[len(form.seal) :]:
            raise form.changed(path, _("its digest does not fit"))


def safe_path(name: str) -> bool:
    """Whether a path stays within the directory it is restored into, on every system."""
    if not name or "\\" in name or "\0" in name or ":" in name or name.startswith("/"):
        return False
    parts = PurePosixPath(name).parts
    return ".." not in parts and "/".join(parts) == name


def _is_plain(info: zipfile.ZipInfo) -> bool:
    kind = (info.external_attr >> 16) & 0o170000
    return not info.is_dir() and kind in {0, 0o100000}


def _read_manifest(path: Path, archive: zipfile.ZipFile, form: Form) -> Listing:
    try:
        info = archive.getinfo(MANIFEST)
        if info.file_size > _LARGEST_MANIFEST:
            raise ValueError("the manifest is too large")
        manifest = form.manifest(archive.read(info))
    except KeyError as error:
        raise form.changed(path, _("its manifest is missing")) from error
    except ValueError as error:
        raise form.changed(path, _("its manifest cannot be read")) from error
    named = [form.folder + one.path for one in manifest.files]
    names = [info.filename for info in archive.infolist()]
    if len(names) != len(set(names)) or sorted(names) != sorted([*named, form.mark, MANIFEST]):
        raise form.changed(path, _("its files are not those of its manifest"))
    for one in manifest.files:
        info = archive.getinfo(form.folder + one.path)
        if not safe_path(one.path) or not _is_plain(info):
            raise form.harmful(path, one.path)
        if info.file_size != one.size:
            raise form.changed(path, _("the size of %(name)s does not fit", name=one.path))
    return manifest


@contextmanager
def _reading(path: Path, form: Form) -> Iterator[None]:
    """Whatever is wrong with the zip file is a change: it was in order when it was made."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise form.changed(path, str(error)) from error


class Opened(Generic[M]):
    """An archive whose seal and manifest are in order; its files are proved as they are read."""

    def __init__(
        self, path: Path, archive: zipfile.ZipFile, manifest: M, form: Form = BACKUP
    ) -> None:
        self.path = path
        self.manifest = manifest
        self._archive = archive
        self._form = form

    def chunks(self, entry: Entry) -> Generator[bytes, None, None]:
        """The bytes of a file.

        :raises VerificationFailed: at the end, if they are not those of the manifest; before,
            if there are more of them than it says.
        """
        h, left, form = hashlib.sha256(), entry.size, self._form
        with _reading(self.path, form), self._archive.open(form.folder + entry.path) as file:
            while chunk := file.read(CHUNK):
                left -= len(chunk)
                if left < 0:
                    raise form.changed(self.path, _("%(name)s is too long", name=entry.path))
                h.update(chunk)
                yield chunk
        if left or h.hexdigest() != entry.sha256:
            raise form.changed(
                self.path, _("%(name)s is not what its digest says", name=entry.path)
            )

    def prove(self, progress: Progress) -> None:
        """Read every file once.

        :raises VerificationFailed: at the first that is not what the manifest says.
        """
        done, total = 0, sum(one.size for one in self.manifest.files)
        for entry in self.manifest.files:
            for chunk in self.chunks(entry):
                done += len(chunk)
                progress.step(done, total, _("Checking the files"))


@contextmanager
def open_sealed(path: Path, form: Form, progress: Progress | None = None) -> Iterator[Opened[Any]]:
    """Open a sealed file of one form after its seal was checked.

    :raises NotFound: if there is no such file.
    :raises InvalidInput: if it is not of that form.
    :raises VerificationFailed: if it was changed.
    """
    if not path.is_file():
        raise NotFound(_("There is no file %(path)s.", path=path), "", _("Check the path."))
    _check_seal(path, progress or Silent(), form)
    with ExitStack() as stack:
        with _reading(path, form):
            archive = stack.enter_context(zipfile.ZipFile(path))
            manifest = _read_manifest(path, archive, form)
        yield Opened(path, archive, manifest, form)


@contextmanager
def opened(path: Path, progress: Progress | None = None) -> Iterator[Opened[Manifest]]:
    """Open a backup after its seal was checked; raises as ``open_sealed``."""
    with open_sealed(path, BACKUP, progress) as archive:
        yield archive


def verify(path: Path, progress: Progress | None = None) -> Manifest:
    """Prove every byte of an archive, writing nothing; gives what it holds.

    :raises NotFound: if there is no such file.
    :raises InvalidInput: if it is not a backup.
    :raises VerificationFailed: if it was changed.
    """
    with opened(path, progress) as archive:
        archive.prove(progress or Silent())
        return archive.manifest


def summary(manifest: Manifest) -> dict[str, Any]:
    """What a person wants to know of an archive."""
    return {
        "made_at": manifest.made_at,
        "version": manifest.version,
        "database": manifest.database,
        "files": len(manifest.files),
        "bytes": manifest.total,
        "secret_key": manifest.secret_key,
    }
