"""Files of evidence: once for each organisation, at ``files/<organisation>/<sha256>``.

Coming in, bytes are hashed and counted while they are written to a temporary file, outside any
transaction; then, in the transaction that makes the item, the file is renamed into its place and
its row written. Whoever keeps or removes the bytes of a digest holds the lock on its row, so that
an upload of a file that is just being removed finds its bytes again.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from kloe.core.disk import room
from kloe.core.errors import InvalidInput, NotFound
from kloe.core.messages import Message, _
from kloe.web.evidence.filenames import HEAD
from kloe.web.evidence.models import EvidenceItem, StoredFile
from kloe.web.organisations.models import Organisation

PREFIX = "evidence-"
#: Temporary files and files without a row are left alone for this long: somebody may be at it.
GRACE_SECONDS = 24 * 3600


class TooLarge(InvalidInput):
    """A file goes beyond the limit; no more of it was read than the limit allows."""


def limit() -> int:
    """Largest file in bytes."""
    return int(settings.EVIDENCE_MAX_BYTES)


def megabytes(size: int) -> str:
    """A size as people say it."""
    return f"{size / (1 << 20):.1f}".removesuffix(".0")


def _temporary() -> Path:
    folder = Path(settings.DATA_DIR) / "tmp"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def path_of(organisation_id: UUID, sha256: str) -> Path:
    """Where the bytes of an organisation's file lie."""
    return Path(settings.DATA_DIR) / "files" / str(organisation_id) / sha256


@dataclass(frozen=True, slots=True)
class Received:
    """A file that came in whole and waits in the folder for temporary files."""

    path: Path
    sha256: str
    size: int
    head: bytes

    def discard(self) -> None:
        """Forget it. Nothing happens if it was kept."""
        self.path.unlink(missing_ok=True)


class Receiver:
    """Writes a file as it comes in, counting and hashing.

    Use as a context manager: what was not finished is removed.
    """

    def __init__(self, max_bytes: int | None = None, remedy: Message | None = None) -> None:
        self.remedy = remedy
        self.max_bytes = limit() if max_bytes is None else max_bytes
        self.path = _temporary() / f"{PREFIX}{uuid4().hex}"
        self._hash = hashlib.sha256()
        self._size = 0
        self._head = b""
        with room():
            self._out: BinaryIO | None = self.path.open("xb")

    def __enter__(self) -> Receiver:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._out is not None:
            self.abort()

    def write(self, chunk: bytes) -> None:
        """Take the next bytes.

        :raises TooLarge: as soon as the file is larger than allowed; nothing of it stays.
        :raises DiskFull: where there is no room for it; nothing of it stays.
        """
        assert self._out is not None
        if self._size + len(chunk) > self.max_bytes:
            self.abort()
            raise TooLarge(
                _("The file is larger than %(limit)s MB.", limit=megabytes(self.max_bytes)),
                _("One file has at most %(limit)s MB.", limit=megabytes(self.max_bytes)),
                self.remedy
                or _("Add the part that matters, or a link to where the whole is kept."),
            )
        if len(self._head) < HEAD:
            self._head = (self._head + chunk)[:HEAD]
        self._hash.update(chunk)
        self._size += len(chunk)
        try:
            with room():
                self._out.write(chunk)
        except BaseException:
            self.abort()
            raise

    def finish(self) -> Received:
        """All has come: on the disk, not only on its way there.

        :raises DiskFull: where there is no room for it; nothing of it stays.
        """
        assert self._out is not None
        try:
            with room():
                self._out.flush()
                os.fsync(self._out.fileno())
                self._out.close()
        except BaseException:
            self.abort()
            raise
        self._out = None
        return Received(self.path, self._hash.hexdigest(), self._size, self._head)

    def abort(self) -> None:
        """Stop, and leave nothing behind."""
        if self._out is not None:
            # Closing writes what is still held back, which a full disk refuses a second time.
            with suppress(OSError):
                self._out.close()
            self._out = None
            self.path.unlink(missing_ok=True)


def receive(chunks: Iterable[bytes], max_bytes: int | None = None) -> Received:
    """Take in a file from anywhere, such as ``iter(lambda: f.read(65536), b"")``.

    :raises TooLarge: if it is larger than allowed.
    """
    with Receiver(max_bytes) as receiver:
        for chunk in chunks:
            receiver.write(chunk)
        return receiver.finish()


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _locked(organisation_id: UUID, sha256: str, size: int) -> tuple[StoredFile, bool]:
    """The row of these bytes, held until the transaction ends; and whether it is new."""
    _row, made = StoredFile.objects.get_or_create(
        organisation_id=organisation_id, sha256=sha256, defaults={"size": size}
    )
    return StoredFile.objects.select_for_update().get(pk=_row.pk), made


def keep(received: Received, organisation_id: UUID) -> StoredFile:
    """Put a received file into its place and give its row. Call within a transaction.

    The bytes are put there even where they already lie: the same bytes, and never missing.
    """
    row, _made = _locked(organisation_id, received.sha256, received.size)
    target = path_of(organisation_id, received.sha256)
    with room():
        target.parent.mkdir(parents=True, exist_ok=True)
        received.path.replace(target)
        _sync_folder(target.parent)
    if row.removed_at is not None:
        row.removed_at = None
        row.save(update_fields=["removed_at"])
    return row


def remember_removed(organisation_id: UUID, sha256: str) -> StoredFile:
    """The row of a file whose bytes were removed where it comes from. Call within a transaction."""
    row, _made = StoredFile.objects.get_or_create(
        organisation_id=organisation_id,
        sha256=sha256,
        defaults={"size": 0, "removed_at": timezone.now()},
    )
    return row


def has_bytes(stored: StoredFile) -> bool:
    """Whether the bytes are still there."""
    return stored.removed_at is None and path_of(stored.organisation_id, stored.sha256).is_file()


def open_file(stored: StoredFile) -> BinaryIO:
    """Open the bytes for reading.

    :raises NotFound: if they were removed, or are missing.
    """
    try:
        if stored.removed_at is None:
            return path_of(stored.organisation_id, stored.sha256).open("rb")
    except FileNotFoundError:
        pass
    raise NotFound(
        _("The bytes of this file are not kept any more."),
        _("They are removed when the last item using them is deleted."),
        _("Ask whoever added it for the file, and add it again."),
    )


#: Rows with a ``file`` besides items that need its bytes, such as what is not evidence yet.
Users = Callable[[], QuerySet[Any]]
_users: list[Users] = []


def also_used(rows: Users) -> None:
    """Keep the bytes of the files of these rows too; called once when an app is ready."""
    _users.append(rows)


def _used(files: dict[str, Any]) -> list[QuerySet[Any]]:
    """Everything alive that has a file: items, and what other apps keep."""
    live = EvidenceItem.objects.filter(deleted_at=None, file__isnull=False)
    return [rows.filter(**files).values("file") for rows in (live, *(u() for u in _users))]


def remove_unused(stored_id: UUID) -> bool:
    """Remove the bytes if no live item uses them; gives whether it did.

    Runs after the deleting transaction was committed, never within it: bytes do not come back
    with a rollback. The row is marked first and the file removed under the row's lock, so a
    crash in between leaves a file that the next sweep takes.
    """
    with transaction.atomic():
        row = StoredFile.objects.select_for_update().filter(pk=stored_id).first()
        if row is None or any(rows.exists() for rows in _used({"file": row})):
            return False
        if row.removed_at is None:
            row.removed_at = timezone.now()
            row.save(update_fields=["removed_at"])
    with transaction.atomic():
        row = StoredFile.objects.select_for_update().get(pk=stored_id)
        if row.removed_at is None:
            return False
        path_of(row.organisation_id, row.sha256).unlink(missing_ok=True)
    return True


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep removed."""

    temporary: int
    unused: int
    unknown: int


def sweep(*, grace_seconds: int = GRACE_SECONDS) -> Swept:
    """Housekeeping: remove abandoned uploads, bytes nobody uses and bytes without a row."""
    oldest = time.time() - grace_seconds
    temporary = 0
    for path in _temporary().glob(f"{PREFIX}*"):
        if _older(path, oldest):
            path.unlink(missing_ok=True)
            temporary += 1
    idle = StoredFile.objects.filter(removed_at=None)
    for rows in _used({}):
        idle = idle.exclude(pk__in=rows)
    unused = sum(remove_unused(pk) for pk in idle.values_list("pk", flat=True))
    unknown = sum(_sweep_folder(folder, oldest) for folder in _folders())
    return Swept(temporary, unused, unknown)


def _folders() -> list[Path]:
    files = Path(settings.DATA_DIR) / "files"
    return [f for f in files.iterdir() if f.is_dir()] if files.is_dir() else []


def _older(path: Path, oldest: float) -> bool:
    try:
        return path.stat().st_mtime < oldest
    except FileNotFoundError:
        return False


def _sweep_folder(folder: Path, oldest: float) -> int:
    """Remove files of one organisation that have no row, or one that says they are gone."""
    try:
        organisation = UUID(folder.name)
    except ValueError:
        return 0
    known = set(
        StoredFile.objects.filter(organisation=organisation, removed_at=None).values_list(
            "sha256", flat=True
        )
    )
    there = Organisation.objects.filter(pk=organisation).exists()
    removed = 0
    for path in folder.iterdir():
        if path.name in known or not _older(path, oldest):
            continue
        if not there:
            path.unlink(missing_ok=True)
            removed += 1
            continue
        with transaction.atomic():
            # A row made for the moment: an upload of these very bytes waits for its lock.
            row, made = _locked(organisation, path.name, 0)
            if (made or row.removed_at is not None) and _older(path, oldest):
                path.unlink(missing_ok=True)
                removed += 1
            if made:
                row.delete()
    return removed
