"""Proving a sealed package, anywhere: no database, no Django, nothing unpacked.

The zip is not read by a zip library, which would forgive what somebody put in front, behind or
between. Every byte is compared with the only one that can stand there: what does not follow from
the signed manifest is a change. A library looks only at what was found wanting, to name it.
"""

from __future__ import annotations

import errno
import hashlib
import json
import re
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from kloe.core.digest import CHUNK
from kloe.core.errors import EnvironmentFault, InvalidInput, NotFound, UsageError
from kloe.core.messages import Message, _
from kloe.core.progress import Progress, Silent
from kloe.reports import sealing
from kloe.reports.sealing import (
    FORMAT,
    FRAME,
    MANIFEST,
    MARK,
    MARK_BYTES,
    MOST_FILES,
    PUBLIC_KEY,
    SIGNATURE,
    Entry,
    Manifest,
)

_HEAD = 30
_LARGEST_MANIFEST = 16 << 20
_SIGNATURE_SIZE = 64
#: So much of start and end is looked through for the mark of a package.
_LOOKED, _LOOKED_BACK = 1 << 16, 1 << 22
#: The mark where a zip names it: before the file, or in the directory at the end.
_MARKED = re.compile(b"(PK\x03\x04.{26}|PK\x01\x02.{42})" + MARK.encode(), re.DOTALL)
#: What a zip library may be asked of a file that nobody trusts.
_LARGEST_DIRECTORY, _LARGEST_LOOK = 16 << 20, 1 << 30
_DIGEST = re.compile(r"[0-9a-f]{64}")
_UNREADABLE = (
    zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError, EOFError, KeyError,
    RuntimeError, struct.error,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it was sealed."""

    #: changed, missing, added, manifest, signature, key or container.
    kind: str
    path: str
    words: Message

    def as_dict(self) -> dict[str, str]:
        return {"kind": self.kind, "path": self.path, "what": str(self.words)}


@dataclass(frozen=True)
class Proof:
    """What came of verifying a package."""

    path: Path
    manifest: Manifest | None
    problems: tuple[Problem, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether every byte is as it was sealed."""
        return not self.problems and self.manifest is not None

    def as_dict(self) -> dict[str, Any]:
        """For programs."""
        m = self.manifest
        return {
            "package": str(self.path),
            "whole": self.whole,
            "edition": m.edition if m else "",
            "about": m.about if m else {},
            "made_at": m.made_at if m else "",
            "made_by": m.made_by if m else "",
            "version": m.version if m else "",
            "fingerprint": m.fingerprint if m else "",
            "files": [{"path": f.path, "size": f.size, "sha256": f.sha256} for f in m.files]
            if m
            else [],
            "problems": [p.as_dict() for p in self.problems],
        }


class _Altered(Exception):
    """What stands here cannot be read on from."""


@dataclass
class _Found:
    problems: list[Problem] = field(default_factory=list)

    def say(self, kind: str, path: str, words: Message) -> None:
        if not any((p.kind, p.path) == (kind, path) for p in self.problems):
            self.problems.append(Problem(kind, path, words))


def fingerprint_of(given: str) -> str:
    """A fingerprint as somebody typed it, with colons, blanks or capitals.

    :raises UsageError: if it is none.
    """
    plain = re.sub(r"[\s:]", "", given).lower().removeprefix("sha256")
    if not _DIGEST.fullmatch(plain):
        raise UsageError(
            _("“%(given)s” is no fingerprint of a key.", given=given[:80]),
            _("It has 64 hexadecimal digits; colons and blanks between them do not matter."),
            _("Copy it from the public page of the report, or ask whoever published it."),
        )
    return plain


def verify(path: Path, *, key: str = "", progress: Progress | None = None) -> Proof:
    """Prove every byte of a package.

    :param key: the fingerprint of the key it has to be signed by.
    :raises NotFound: if there is no such file.
    :raises EnvironmentFault: if it cannot be read.
    :raises InvalidInput: if it is no package, or one of a later format.
    :raises UsageError: if ``key`` is no fingerprint.
    """
    wanted = fingerprint_of(key) if key else ""
    if not path.exists():
        raise NotFound(_("There is no file %(path)s.", path=path), "", _("Check the path."))
    try:
        if not path.is_file():
            raise _no_package(path)
        with path.open("rb") as file:
            size = file.seek(0, 2)
            if not _claims(file, size):
                raise _no_package(path)
            return _Reading(path, file, size, wanted, progress or Silent()).prove()
    except OSError as error:
        raise EnvironmentFault(
            _("%(path)s cannot be read: %(error)s.", path=path, error=error.strerror or error),
            "",
            _("Check the permissions of the file and the disk it lies on."),
        ) from error


def _no_package(path: Path) -> InvalidInput:
    return InvalidInput(
        _("%(path)s is no sealed package.", path=path),
        _("A sealed package is a zip file written by kloe when a report is published."),
        _("Check the path; whoever published the report has the package."),
    )


def _claims(file: IO[bytes], size: int) -> bool:
    """Whether start or end says that it is one; either may be what was damaged."""
    file.seek(0)
    if _MARKED.search(file.read(_LOOKED)):
        return True
    file.seek(max(0, size - _LOOKED_BACK))
    return _MARKED.search(file.read()) is not None


class _Reading:
    """One pass over a package, beginning to end."""

    def __init__(
        self, path: Path, file: IO[bytes], size: int, wanted: str, progress: Progress
    ) -> None:
        self.path, self.file, self.size, self.wanted = path, file, size, wanted
        self.progress = progress
        self.found = _Found()
        self.directory: list[bytes] = []
        self.at = 0
        self.budget = _LARGEST_LOOK

    def prove(self) -> Proof:
        manifest: Manifest | None = None
        try:
            manifest = self._frame()
            self._files(manifest)
            self._end()
        except _Altered:
            manifest = manifest or self._rescued()
            self._name(manifest)
        if manifest and self.wanted and manifest.fingerprint != self.wanted:
            self.found.say(
                "key",
                PUBLIC_KEY,
                _("It is signed by another key: %(key)s.", key=manifest.fingerprint),
            )
        return Proof(self.path, manifest, tuple(self.found.problems))

    # What carries the rest

    def _frame(self) -> Manifest:
        self.file.seek(0)
        if self._small(MARK, len(MARK_BYTES)) != MARK_BYTES:
            raise self._altered("container", MARK, _("Its first bytes were changed."))
        raw = self._small(MANIFEST, _LARGEST_MANIFEST)
        signature = self._small(SIGNATURE, _SIGNATURE_SIZE)
        manifest = self._signed(raw, signature)
        if manifest is None:
            raise _Altered
        return manifest

    def _small(self, name: str, most: int) -> bytes:
        """A file that has to be known before the others: its header says how long it is."""
        head = self.file.read(_HEAD)
        size = struct.unpack_from("<L", head, 18)[0] if len(head) == _HEAD else most + 1
        if size > most:
            raise self._altered("container", name, _("It does not stand where it has to."))
        self.file.seek(self.at)
        crc, data = struct.unpack_from("<L", head, 14)[0], b""
        if self.file.read(_HEAD + len(name)) != sealing.local_header(name, size, crc):
            raise self._altered("container", name, _("It does not stand where it has to."))
        data = self.file.read(size)
        if len(data) != size:
            raise self._altered("container", name, _("The file ends within it."))
        if zlib.crc32(data) != crc:
            self.found.say("changed", name, _("Its check sum does not fit."))
        self._passed(name, size, crc)
        return data

    def _signed(self, raw: bytes, signature: bytes) -> Manifest | None:
        try:
            manifest = manifest_of(raw)
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(manifest.public_key)).verify(
                signature, raw
            )
        except InvalidSignature:
            self.found.say("signature", SIGNATURE, _("The signature does not fit the manifest."))
            return None
        except ValueError:
            self.found.say("manifest", MANIFEST, _("The manifest was changed: it makes no sense."))
            return None
        if manifest.format != FORMAT:
            raise InvalidInput(
                _("%(path)s has the format “%(format)s”.", path=self.path, format=manifest.format),
                _("This version of kloe reads %(format)s.", format=FORMAT),
                _("Use a later version of kloe."),
            )
        return manifest

    def _rescued(self) -> Manifest | None:
        """The manifest for what else can be said, where the way to it is not as it was."""
        with _as_far_as_it_reads(), ExitStack() as stack:
            if archive := self._library():
                stack.enter_context(archive)
                with archive.open(MANIFEST) as file:
                    raw = file.read(_LARGEST_MANIFEST)
                with archive.open(SIGNATURE) as file:
                    return self._signed(raw, file.read(_SIGNATURE_SIZE))
        return None

    def _library(self) -> zipfile.ZipFile | None:
        """The file as a zip library sees it, if it is worth and safe to ask."""
        self.file.seek(max(0, self.size - _LOOKED))
        tail = self.file.read()
        at = tail.rfind(b"PK\x05\x06")
        if at < 0 or len(tail) < at + 22:
            return None
        if struct.unpack_from("<L", tail, at + 12)[0] > _LARGEST_DIRECTORY:
            return None
        return zipfile.ZipFile(self.path)

    # The files

    def _files(self, manifest: Manifest) -> None:
        done, total = 0, max(manifest.total, 1)
        for entry in manifest.files:
            head = self.file.read(_HEAD + len(entry.path))
            crc = struct.unpack_from("<L", head, 14)[0] if len(head) > _HEAD else 0
            if head != sealing.local_header(entry.path, entry.size, crc):
                raise self._altered(
                    "container", entry.path, _("It does not stand where it has to.")
                )
            h, check = hashlib.sha256(), 0
            for chunk in self._pieces(entry):
                h.update(chunk)
                check = zlib.crc32(chunk, check)
                done += len(chunk)
                self.progress.step(min(done, total), total, _("Checking the package"))
            if h.hexdigest() != entry.sha256:
                self.found.say("changed", entry.path, _("It is not what its digest says."))
            elif check != crc:
                self.found.say("container", entry.path, _("Its check sum was changed."))
            if entry.path == PUBLIC_KEY and not self._same_key(manifest, entry):
                self.found.say("key", PUBLIC_KEY, _("It is not the key that signed the manifest."))
            self._passed(entry.path, entry.size, crc)

    def _pieces(self, entry: Entry) -> Iterator[bytes]:
        left = entry.size
        while left:
            chunk = self.file.read(min(CHUNK, left))
            if not chunk:
                raise self._altered("changed", entry.path, _("The file ends within it."))
            left -= len(chunk)
            yield chunk

    def _same_key(self, manifest: Manifest, entry: Entry) -> bool:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(manifest.public_key))
        return hashlib.sha256(sealing.pem(key)).hexdigest() == entry.sha256

    def _passed(self, name: str, size: int, crc: int) -> None:
        self.directory.append(sealing.central_header(name, size, crc, self.at))
        self.at = self.file.tell()

    def _end(self) -> None:
        directory = b"".join(self.directory)
        wanted = directory + sealing.end_record(len(self.directory), len(directory), self.at)
        if self.file.read(len(wanted)) != wanted:
            self.found.say(
                "container", "", _("The directory of the zip was changed, or a file was added.")
            )
            raise _Altered
        if self.file.read(1):
            self.found.say("container", "", _("Something was added behind its end."))

    # What is told of a container that is not as it was

    def _altered(self, kind: str, path: str, words: Message) -> _Altered:
        self.found.say(kind, path, words)
        return _Altered()

    def _name(self, manifest: Manifest | None) -> None:
        """Say which files are missing, added or changed, as far as the zip can be read."""
        if manifest is None:
            return
        known = {f.path: f for f in manifest.files}
        with _as_far_as_it_reads(), ExitStack() as stack:
            if (archive := self._library()) is None:
                return
            stack.enter_context(archive)
            infos = archive.infolist()[: MOST_FILES + len(FRAME) + 1]
            counts = Counter(i.filename for i in infos)
            for path in sorted(known.keys() - counts.keys()):
                self.found.say("missing", path, _("It is not there."))
            for name in sorted(counts.keys() - known.keys() - set(FRAME)):
                self.found.say("added", _shown(name), _("The manifest does not name it."))
            for name in sorted(n for n, count in counts.items() if count > 1):
                self.found.say("added", _shown(name), _("It is there more than once."))
            for info in infos:
                if entry := known.get(info.filename):
                    self._compare(archive, info, entry)

    def _compare(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, entry: Entry) -> None:
        """A file by its digest; nothing is unpacked that is not as long as it has to be."""
        if info.file_size != entry.size:
            self.found.say("changed", entry.path, _("It is not as long as it was."))
            return
        self.budget -= entry.size
        if self.budget < 0:
            return
        h, left = hashlib.sha256(), entry.size
        with suppress(zipfile.BadZipFile, zlib.error), archive.open(info) as file:
            while left > 0 and (chunk := file.read(min(CHUNK, left))):
                h.update(chunk)
                left -= len(chunk)
        if h.hexdigest() != entry.sha256:
            self.found.say("changed", entry.path, _("It is not what its digest says."))


@contextmanager
def _as_far_as_it_reads() -> Iterator[None]:
    """Stop, without a word, where a zip that was changed leads nowhere.

    A place before the beginning of the file is refused by the system, not by the library.
    """
    try:
        yield
    except _UNREADABLE:
        return
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise


def _shown(name: str) -> str:
    """A name from a file nobody trusts, as it can be printed."""
    return "".join(c if c.isprintable() else "?" for c in name)[:200]


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands there twice")
    return found


def manifest_of(raw: bytes) -> Manifest:
    """The manifest these bytes are.

    :raises ValueError: if they are none that kloe wrote.
    """
    try:
        value = json.loads(raw, object_pairs_hook=_once)
        known = value["format"]
        if not re.fullmatch(r"kloe-package/\d+", str(known)):
            raise ValueError("no manifest of a package")
        key = value["key"]
        manifest = Manifest(
            edition=str(value["edition"]),
            about=dict(value["about"]),
            made_at=str(value["made_at"]),
            made_by=str(value["made_by"]),
            version=str(value["version"]),
            public_key=str(key["public"]),
            fingerprint=str(key["fingerprint"]),
            files=tuple(
                Entry(str(f["path"]), _size(f["size"]), str(f["sha256"])) for f in value["files"]
            ),
            format=str(known),
        )
    except (KeyError, TypeError, AttributeError, RecursionError, UnicodeDecodeError) as error:
        raise ValueError(f"the manifest lacks {error!r:.80}") from error
    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(manifest.public_key))
    paths = [f.path for f in manifest.files]
    lower = {p.lower() for p in (*paths, *FRAME)}
    if (
        sealing.fingerprint(public) != manifest.fingerprint
        or len(lower) != len(paths) + len(FRAME)
        or not all(map(sealing.safe_path, paths))
        or paths != sorted(paths)
        or len(paths) > MOST_FILES
        or PUBLIC_KEY not in paths
        or not all(_DIGEST.fullmatch(f.sha256) for f in manifest.files)
    ):
        raise ValueError("the manifest contradicts itself")
    if manifest.format == FORMAT and manifest.to_json() != raw:
        raise ValueError("the manifest is not written as kloe writes it")
    return manifest


def _size(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= sealing.LARGEST:
        raise ValueError("no size of a file")
    return value
