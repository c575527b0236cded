"""Sealed packages: a published report with the data behind it, as one file that proves itself.

A package is a zip whose every byte follows from what lies in it. Files are stored as they are,
in a fixed order, with a fixed time, without extra fields or comments; the manifest names each
with size and digest, and is signed. So whoever has the package can tell, without kloe's
database, that nothing in it was changed, and by which installation it was made.

No Django here: ``web/publication`` says what goes in, ``verifying.py`` proves what came out.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import struct
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from kloe.core.digest import CHUNK, canonical_json
from kloe.core.disk import room
from kloe.core.errors import EnvironmentFault, InvalidInput
from kloe.core.messages import _
from kloe.core.progress import Progress, Silent

FORMAT = "kloe-package/1"
PUBLIC, RESTRICTED = "public", "restricted"
EDITIONS = (PUBLIC, RESTRICTED)
#: What every package begins with, in every version: so that a damaged one is still known.
MARK, MARK_BYTES = "KLOE-PACKAGE", b"kloe sealed package\n"
MANIFEST, SIGNATURE = "MANIFEST.json", "MANIFEST.sig"
PUBLIC_KEY, SUMS = "PUBLIC-KEY.pem", "SHA256SUMS"
#: Not named in the manifest: they carry it.
FRAME = (MARK, MANIFEST, SIGNATURE)
#: The file of the key in the data directory.
KEY = "signing-key.pem"

#: As large as a zip without extensions can be.
LARGEST = (1 << 32) - 1
MOST_FILES = 10_000
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*(/[A-Za-z0-9][A-Za-z0-9_.-]*)*")
#: 1 January 1980, midnight: the first moment a zip can tell.
_DATE, _TIME = 0x21, 0
_PLAIN = 0o100644 << 16
_LOCAL, _CENTRAL = struct.Struct("<4s5H3L2H"), struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")


def safe_path(path: str) -> bool:
    """Whether a path in a package is harmless wherever it is unpacked."""
    return bool(_SAFE.fullmatch(path)) and ".." not in path and len(path) <= 200


# The key -------------------------------------------------------------------------------------


def fingerprint(key: Ed25519PublicKey) -> str:
    """SHA-256 of a public key in the form that every tool exports, 64 hexadecimal digits."""
    der = key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return hashlib.sha256(der).hexdigest()


def pem(key: Ed25519PublicKey) -> bytes:
    """A public key as the file in a package."""
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def raw(key: Ed25519PublicKey) -> str:
    """A public key as the manifest has it."""
    return key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw).hex()


def signing_key(folder: Path) -> Ed25519PrivateKey:
    """The key of an installation, made on first use, for its owner's eyes only.

    :raises EnvironmentFault: if the file there is no such key, or none can be written.
    """
    path = folder / KEY
    try:
        if not path.exists():
            _make_key(path)
        found = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _no_key(path) from error
    except OSError as error:
        raise EnvironmentFault(
            _("The key that signs packages could not be read or made: %(path)s.", path=path),
            _("It is a file in the data directory that its owner alone may read."),
            _("Check the permissions of the file and the room left on the disk."),
        ) from error
    if not isinstance(found, Ed25519PrivateKey):
        raise _no_key(path)
    return found


def _make_key(path: Path) -> None:
    """Write it whole or not at all; of two at once the first one's stays."""
    key = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with room(), os.fdopen(fd, "wb") as file:
            file.write(key)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(part, path)
    finally:
        part.unlink(missing_ok=True)


def _no_key(path: Path) -> EnvironmentFault:
    return EnvironmentFault(
        _("%(path)s is no key that signs packages.", path=path),
        _("It is an Ed25519 key in PEM without a password."),
        _("Put the file back from a backup. Without it a new key is made, with another name."),
    )


# The manifest --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of a package."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a package says of itself: signed, so that it cannot be changed."""

    edition: str
    #: What it is about: title, organisation, who inspected, editions of frameworks, number.
    about: dict[str, Any]
    made_at: str
    made_by: str
    version: str
    public_key: str
    fingerprint: str
    files: tuple[Entry, ...]
    format: str = FORMAT

    def to_json(self) -> bytes:
        """The bytes that are signed."""
        return canonical_json(
            {
                "format": self.format,
                "edition": self.edition,
                "about": self.about,
                "made_at": self.made_at,
                "made_by": self.made_by,
                "version": self.version,
                "key": {
                    "algorithm": "Ed25519",
                    "public": self.public_key,
                    "fingerprint": self.fingerprint,
                },
                "files": [{"path": f.path, "size": f.size, "sha256": f.sha256} for f in self.files],
            }
        )

    @property
    def total(self) -> int:
        """Bytes of all its files."""
        return sum(f.size for f in self.files)


# The container: each function gives the only bytes that may stand there -----------------------


def local_header(name: str, size: int, crc: int) -> bytes:
    """What stands before a file."""
    raw_name = name.encode("ascii")
    head = _LOCAL.pack(b"PK\x03\x04", 20, 0, 0, _TIME, _DATE, crc, size, size, len(raw_name), 0)
    return head + raw_name


def central_header(name: str, size: int, crc: int, at: int) -> bytes:
    """What the directory at the end says of a file."""
    raw_name = name.encode("ascii")
    head = _CENTRAL.pack(
        b"PK\x01\x02", 0x0314, 20, 0, 0, _TIME, _DATE, crc, size, size, len(raw_name),
        0, 0, 0, 0, _PLAIN, at,
    )  # fmt: skip
    return head + raw_name


def end_record(count: int, size: int, at: int) -> bytes:
    """The last bytes: how many files, and where the directory stands. No comment."""
    return _END.pack(b"PK\x05\x06", 0, 0, count, count, size, at, 0)


def names_in_order(files: Iterable[Entry]) -> list[str]:
    """How the files of a package stand in it."""
    return [*FRAME, *(f.path for f in files)]


# Sealing -------------------------------------------------------------------------------------

README = """\
This is a sealed package of a published report, written by kloe {version}.

To prove that nothing in it was changed:

    kloe verify PACKAGE.zip --key FINGERPRINT

The fingerprint is on the public page of the report, or comes from whoever published it.
It needs no account and no database. Without kloe, after unpacking:

    sha256sum --check SHA256SUMS
    sha256sum SHA256SUMS                 (the digest stands in MANIFEST.json)
    openssl pkeyutl -verify -pubin -inkey PUBLIC-KEY.pem -rawin \\
        -in MANIFEST.json -sigfile MANIFEST.sig
    openssl pkey -pubin -in PUBLIC-KEY.pem -outform DER | sha256sum
                                         (the fingerprint)

MANIFEST.json names every file with its size and SHA-256; MANIFEST.sig is the Ed25519
signature over it.
"""


@dataclass(frozen=True, slots=True)
class Source:
    """A file to be sealed, and the name it has in the package."""

    path: str
    file: Path


def _read(source: Source) -> tuple[Entry, int]:
    """Size, digest and check sum of a file, in pieces."""
    h, crc, size = hashlib.sha256(), 0, 0
    with source.file.open("rb") as file:
        while chunk := file.read(CHUNK):
            h.update(chunk)
            crc = zlib.crc32(chunk, crc)
            size += len(chunk)
    return Entry(source.path, size, h.hexdigest()), crc


def _of_bytes(path: str, data: bytes) -> tuple[Entry, int]:
    return Entry(path, len(data), hashlib.sha256(data).hexdigest()), zlib.crc32(data)


def seal(
    output: Path,
    sources: Sequence[Source],
    *,
    key: Ed25519PrivateKey,
    edition: str,
    about: dict[str, Any],
    made_at: datetime,
    made_by: str,
    version: str,
    progress: Progress | None = None,
) -> Manifest:
    """Write a package; it appears under its name when it is whole, or not at all.

    The same files, key and words give the same bytes. Files are read twice, a piece at a time.

    :raises InvalidInput: for a path that no package may have, or too much to fit.
    :raises DiskFull: where there is no room for it.
    """
    tell = progress or Silent()
    public = key.public_key()
    written: dict[str, bytes] = {
        PUBLIC_KEY: pem(public),
        "README.txt": README.format(version=version).encode(),
    }
    found: dict[str, tuple[Entry, int]] = {p: _of_bytes(p, d) for p, d in written.items()}
    files = {s.path: s for s in sources}
    _check(edition, [s.path for s in sources])
    for n, source in enumerate(sources):
        tell.step(n, 2 * len(sources), _("Digests of the package"))
        found[source.path] = _read(source)
    sums = "".join(f"{found[p][0].sha256}  {p}\n" for p in sorted(found)).encode()
    written[SUMS] = sums
    found[SUMS] = _of_bytes(SUMS, sums)
    manifest = Manifest(
        edition=edition,
        about=about,
        made_at=made_at.isoformat(timespec="seconds"),
        made_by=made_by,
        version=version,
        public_key=raw(public),
        fingerprint=fingerprint(public),
        files=tuple(found[p][0] for p in sorted(found)),
    )
    if manifest.total > LARGEST - (1 << 24):
        raise InvalidInput(
            _("The package would be larger than 4 GB."),
            _("A package has less than 4 GB."),
            _("Leave out pictures that nobody needs, and publish again."),
        )
    said = manifest.to_json()
    written |= {MARK: MARK_BYTES, MANIFEST: said, SIGNATURE: key.sign(said)}
    crcs = {p: crc for p, (_entry, crc) in found.items()}
    crcs |= {p: zlib.crc32(written[p]) for p in FRAME}
    sizes = {p: entry.size for p, (entry, _crc) in found.items()}
    sizes |= {p: len(written[p]) for p in FRAME}

    def write(file: IO[bytes]) -> None:
        directory = []
        for n, name in enumerate(names_in_order(manifest.files)):
            tell.step(len(sources) + min(n, len(sources)), 2 * len(sources), _("Sealing"))
            directory.append(central_header(name, sizes[name], crcs[name], file.tell()))
            file.write(local_header(name, sizes[name], crcs[name]))
            if name in written:
                file.write(written[name])
            else:
                _copy(files[name], found[name][0], file)
        at, whole = file.tell(), b"".join(directory)
        file.write(whole)
        file.write(end_record(len(directory), len(whole), at))

    _write_whole(output, write)
    return manifest


def _check(edition: str, paths: list[str]) -> None:
    counts = Counter(p.lower() for p in (*FRAME, PUBLIC_KEY, SUMS, "README.txt", *paths))
    wrong = [p for p in paths if not safe_path(p) or counts[p.lower()] > 1]
    if wrong or len(paths) > MOST_FILES or edition not in EDITIONS:
        raise InvalidInput(
            _("A package cannot hold this: %(what)s.", what=", ".join(wrong[:5]) or edition),
            _("Names are plain letters, digits, points and lines, each once."),
            _("Give the file another name."),
        )


def _copy(source: Source, entry: Entry, target: IO[bytes]) -> None:
    """The bytes of a file, which has to be what it was a moment ago."""
    h = hashlib.sha256()
    with source.file.open("rb") as file:
        while chunk := file.read(CHUNK):
            h.update(chunk)
            target.write(chunk)
    if h.hexdigest() != entry.sha256:
        raise EnvironmentFault(
            _("%(path)s changed while it was sealed.", path=source.path),
            _("Files of a package stay as they are while it is written."),
            _("Publish again."),
        )


def _write_whole(output: Path, write: Callable[[IO[bytes]], None]) -> None:
    """Write a file beside its place, sync it, then give it its name."""
    part = output.with_name(f".{output.name}.{secrets.token_hex(4)}.part")
    try:
        with room(), part.open("xb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        part.replace(output)
    finally:
        part.unlink(missing_ok=True)
