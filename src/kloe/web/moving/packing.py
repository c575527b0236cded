"""Writing an assessment into one file."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import transaction

from kloe import __version__
from kloe.assessment.permissions import Permission
from kloe.core.digest import CHUNK, canonical_json
from kloe.core.disk import room
from kloe.core.errors import EnvironmentFault, NotFound, VerificationFailed
from kloe.core.messages import _
from kloe.core.progress import Progress, Silent
from kloe.web.access import organisations_where
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment
from kloe.web.audit.actions import record
from kloe.web.backup.archive import HEX, MANIFEST, Entry, seal
from kloe.web.evidence.storage import has_bytes, path_of
from kloe.web.library import store
from kloe.web.moving import form
from kloe.web.moving.gathering import Gathered, one_moment
from kloe.web.moving.tables import PLAN, RESULTS
from kloe.web.readings.sealed import check_taking_away

#: So that the same assessment gives the same bytes: no time of writing.
_EPOCH = (1980, 1, 1, 0, 0, 0)
#: First bytes of formats that are compressed already.
_PACKED = (b"PK\x03\x04", b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"\x1f\x8b", b"GIF8")


def parts_for(assessment: Assessment, by: User | None) -> frozenset[str]:
    """What of the landlord's own goes along: its plan only for who may see the plan."""
    landlord = assessment.landlord_id
    sees = by is None or organisations_where(by, Permission.PLAN_VIEW).filter(pk=landlord).exists()
    return frozenset({RESULTS, PLAN} if sees else {RESULTS})


def export(
    *,
    assessment: Assessment,
    output: Path,
    by: User | None,
    progress: Progress | None = None,
    request_id: str = "",
) -> form.Manifest:
    """Write an assessment with all that belongs to it to a file; gives what it holds.

    The file appears under its name when it is complete, or not at all.

    :raises Conflict: if it would show its maker what others rate unseen by them.
    :raises EnvironmentFault: if the place cannot be written.
    :raises DiskFull: where there is no room for it.
    :raises VerificationFailed: if a file of its evidence is missing or changed.
    """
    check_taking_away(assessment, by)
    tell = progress or Silent()
    part = output.with_name(f".{output.name}.{secrets.token_hex(4)}.part")
    try:
        with room(), _scratch() as scratch:
            gathered = Gathered(assessment, parts_for(assessment, by))
            tell.step(0, 1, _("Reading the assessment"))
            with one_moment():
                _gather(gathered, scratch)
            with _created(part) as file:
                manifest = _write(file, gathered, scratch, tell)
                seal(file)
                file.flush()
                os.fsync(file.fileno())
            part.replace(output)
    except (FileNotFoundError, NotADirectoryError, PermissionError, IsADirectoryError) as error:
        raise EnvironmentFault(
            _("%(path)s cannot be written: %(error)s.", path=output, error=error.strerror or error),
            _("An export goes to a file in a folder that exists and may be written to."),
            _("Make the folder, or give another path."),
        ) from error
    finally:
        part.unlink(missing_ok=True)
    with transaction.atomic():
        record(
            by=by,
            verb="exported assessment",
            subject_kind="assessment",
            subject_id=assessment.pk,
            organisation_id=assessment.organisation_id,
            assessment_id=assessment.pk,
            after={"digest": manifest.digest, "left out": list(manifest.left_out)},
            request_id=request_id,
        )
    return manifest


@contextmanager
def _scratch() -> Iterator[Path]:
    folder = Path(settings.DATA_DIR) / "tmp"
    folder.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix="moving-", dir=folder))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@contextmanager
def _created(path: Path) -> Iterator[IO[bytes]]:
    """A new file for its owner only: it holds what is restricted, too."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(fd, "w+b") as file:
        yield file


def _lines(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    path.parent.mkdir(exist_ok=True)
    with path.open("wb") as out:
        for row in rows:
            out.write(canonical_json(row) + b"\n")


def _gather(gathered: Gathered, scratch: Path) -> None:
    """Everything of the database, as it stands at one moment."""
    (scratch / form.ASSESSMENT).write_bytes(canonical_json(gathered.itself()))
    for shape in gathered.tables():
        _lines(scratch / shape.entry, gathered.rows(shape))
    _lines(scratch / form.AUDIT, gathered.events())
    _lines(scratch / form.PEOPLE, gathered.known_people())
    _lines(scratch / form.PARTIES, gathered.parties())
    editions = scratch / form.EDITIONS
    editions.mkdir()
    for digest in gathered.assessment.editions.values_list("edition_id", flat=True):
        (editions / f"{digest}.json").write_bytes(store.compiled(digest))


def _write(file: IO[bytes], gathered: Gathered, scratch: Path, progress: Progress) -> form.Manifest:
    archive = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6)
    try:
        archive.writestr(zipfile.ZipInfo(form.FAMILY, _EPOCH), form.SEALED.mark_bytes)
        entries: list[Entry] = []
        sources = list(_sources(gathered, scratch))
        for n, (name, path) in enumerate(sources):
            progress.step(n, len(sources), _("Writing the file"))
            entries.append(_add(archive, name, path))
        files = tuple(sorted(entries, key=lambda one: one.path))
        one = gathered.assessment
        manifest = form.Manifest(
            version=__version__,
            digest=form.digest_of(files),
            assessment=str(one.pk),
            title=one.title,
            kind=one.kind,
            owner=one.organisation.name,
            left_out=tuple(sorted(gathered.parts_left_out())),
            files=files,
        )
        info = zipfile.ZipInfo(MANIFEST, _EPOCH)
        info.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(info, manifest.to_json())
        archive.comment = form.SEALED.seal + b"0" * HEX
        archive.close()
    except BaseException:
        # Closing would write the rest of an archive that is thrown away.
        archive.fp = None
        raise
    return manifest


def _sources(gathered: Gathered, scratch: Path) -> Iterator[tuple[str, Path]]:
    """Every entry of the file and where its bytes are, in their order; empty tables have none."""
    for path in sorted(p for p in scratch.rglob("*") if p.is_file() and p.stat().st_size):
        yield path.relative_to(scratch).as_posix(), path
    one = gathered.assessment
    for stored in sorted(gathered.files.values(), key=lambda f: f.sha256):
        if has_bytes(stored):
            yield form.FILES + stored.sha256, path_of(stored.organisation_id, stored.sha256)
        elif stored.removed_at is None:
            raise VerificationFailed(
                _("The file %(digest)s of the evidence is missing.", digest=stored.sha256[:12]),
                _("An export holds every file, whole."),
                _("Put it back from a backup, or delete the item of evidence."),
            )
    for folder in form.FOLDERS:
        here = Path(settings.DATA_DIR) / folder / str(one.pk)
        for path in sorted(p for p in here.rglob("*") if p.is_file()):
            name = path.relative_to(here).as_posix()
            # What is being made there has a name that begins with a full stop.
            if not any(part.startswith(".") for part in name.split("/")):
                yield folder + name, path


def _add(archive: zipfile.ZipFile, name: str, path: Path) -> Entry:
    h, size = hashlib.sha256(), 0
    with path.open("rb") as source:
        chunk = source.read(CHUNK)
        info = zipfile.ZipInfo(name, _EPOCH)
        packed = chunk.startswith(_PACKED)
        info.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
        info.external_attr = 0o100600 << 16
        with archive.open(info, "w", force_zip64=True) as target:
            while chunk:
                target.write(chunk)
                h.update(chunk)
                size += len(chunk)
                chunk = source.read(CHUNK)
    found = h.hexdigest()
    if name.startswith(form.FILES) and name != form.FILES + found:
        raise VerificationFailed(
            _("The file %(digest)s of the evidence was changed on the disk.", digest=name[6:18]),
            _("A file lies under the digest of its bytes."),
            _("Put it back from a backup, or delete the item of evidence."),
        )
    return Entry(name, size, found)


def missing_kept(path: Path) -> NotFound:
    """An export that was made and is not there any more."""
    return NotFound(
        _("The file %(name)s is not there any more.", name=path.name),
        _("An export is kept for a day."),
        _("Export the assessment again."),
    )
