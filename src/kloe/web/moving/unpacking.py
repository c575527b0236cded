"""Opening a file of an assessment, and reading its rows; a hostile one gets no further."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings

from kloe.core.digest import canonical_json, sha256_hex
from kloe.core.disk import DiskFull
from kloe.core.errors import InvalidInput
from kloe.core.messages import Message, _
from kloe.core.progress import Progress
from kloe.web.backup.archive import Entry, Opened, open_sealed
from kloe.web.evidence.storage import limit, megabytes
from kloe.web.moving import form
from kloe.web.moving.shapes import shapes

#: Bytes of all rows together, of one row, of an edition; and how many entries a file has.
MOST_ROWS = 2 << 30
LONGEST_ROW = 64 << 20
LARGEST_EDITION = 64 << 20
LARGEST_FILE = 1 << 30
#: How deep files of reports and publications lie.
DEEPEST = 4
MOST_ENTRIES = 100_000
#: Space that stays free beside what comes in.
SPARE = 64 << 20


def fault(entry: str, number: int, words: Message | str) -> InvalidInput:
    """A row that is not what it has to be."""
    return InvalidInput(
        _("Row %(n)d of %(entry)s: %(words)s.", n=number, entry=entry, words=words),
        _("The file has its digests, but kloe would not have written it so."),
        _("Nothing was brought in. Export the assessment again where it is."),
    )


class Package:
    """A file of an assessment, open and checked."""

    def __init__(self, path: Path, opened: Opened[form.Manifest]) -> None:
        self.path = path
        self.manifest = opened.manifest
        self._opened = opened
        self._entries = {one.path: one for one in opened.manifest.files}
        self._reading: list[Generator[bytes, None, None]] = []

    def close(self) -> None:
        """Let go of entries that were not read to their end."""
        while self._reading:
            self._reading.pop().close()

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def entries(self, folder: str) -> list[Entry]:
        """The entries of a folder."""
        return [one for one in self.manifest.files if one.path.startswith(folder)]

    def chunks(self, entry: Entry) -> Iterator[bytes]:
        """The bytes of an entry, proved as they are read."""
        chunks = self._chunks(entry)
        self._reading.append(chunks)
        return chunks

    def _chunks(self, entry: Entry) -> Generator[bytes, None, None]:
        with closing(self._opened.chunks(entry)) as chunks:
            yield from chunks

    def prove(self, progress: Progress) -> None:
        """Read everything once.

        :raises VerificationFailed: at the first that is not what the manifest says.
        """
        self._opened.prove(progress)

    def whole(self, name: str) -> bytes:
        """A small entry.

        :raises InvalidInput: where there is none.
        """
        entry = self._entries.get(name)
        if entry is None or entry.size > LARGEST_EDITION:
            raise form.changed(self.path, _("%(name)s is missing", name=name))
        return b"".join(self.chunks(entry))

    def row(self, name: str) -> dict[str, Any]:
        """An entry that is one row."""
        return _row(name, 1, self.whole(name))

    def rows(self, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
        """The rows of an entry with their numbers; nothing where there is no such entry."""
        entry = self._entries.get(name)
        if entry is None:
            return
        rest, number = b"", 0
        for chunk in self.chunks(entry):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                number += 1
                yield number, _row(name, number, line)
            if len(rest) > LONGEST_ROW:
                raise fault(name, number + 1, _("it is too long"))
        if rest:
            raise fault(name, number + 1, _("it has no end"))


def _row(name: str, number: int, line: bytes) -> dict[str, Any]:
    try:
        row = json.loads(line)
        if isinstance(row, dict) and canonical_json(row) == line:
            return row
    except (ValueError, RecursionError):
        pass
    raise fault(name, number, _("it is no canonical JSON"))


@contextmanager
def opened(path: Path, progress: Progress) -> Iterator[Package]:
    """Open a file, check its seal, its format and that it holds nothing strange.

    :raises NotFound: if there is no such file.
    :raises InvalidInput: if it is of another kind, of a later format, or hostile.
    :raises VerificationFailed: if it was changed.
    """
    if path.is_file():
        form.check_format(path)
    with open_sealed(path, form.SEALED, progress) as archive:
        _check(path, archive.manifest)
        with closing(Package(path, archive)) as package:
            yield package


def _check(path: Path, manifest: form.Manifest) -> None:
    rows = {s.entry for s in shapes()}
    single = {form.ASSESSMENT, form.AUDIT, *form.HINTS}
    total = 0
    if len(manifest.files) > MOST_ENTRIES:
        raise _too_much(path, _("%(n)d entries", n=len(manifest.files)))
    for one in manifest.files:
        if one.path in rows or one.path in single:
            total += one.size
            continue
        most = _most(one.path)
        if not most:
            raise form.SEALED.harmful(path, one.path)
        if one.size > most:
            raise _too_much(
                path, _("%(name)s with %(size)s MB", name=one.path[:80], size=megabytes(one.size))
            )
    if total > MOST_ROWS:
        raise _too_much(path, _("rows of %(size)s MB", size=megabytes(total)))
    if sum(one.size for one in manifest.files) + SPARE > shutil.disk_usage(settings.DATA_DIR).free:
        raise DiskFull
    if manifest.digest != form.digest_of(manifest.files):
        raise form.changed(path, _("its digest does not fit"))


def _most(path: str) -> int:
    """Largest size of an entry that is no table; nothing where kloe writes none of that name."""
    folder, *parts = path.split("/")
    folder += "/"
    if folder in form.FOLDERS:
        plain = 1 <= len(parts) <= DEEPEST and not any(p.startswith(".") for p in parts)
        return LARGEST_FILE if plain else 0
    pattern = {form.EDITIONS: r"[0-9a-f]{64}\.json", form.FILES: "[0-9a-f]{64}"}.get(folder, "")
    if len(parts) != 1 or not pattern or not re.fullmatch(pattern, parts[0]):
        return 0
    return LARGEST_EDITION if folder == form.EDITIONS else max(limit(), LARGEST_FILE)


def _too_much(path: Path, what: Message) -> InvalidInput:
    return InvalidInput(
        _("The file %(path)s holds %(what)s.", path=path.name, what=what),
        _("No assessment is that large."),
        _("Nothing was brought in. Do not use this file unless you know who made it."),
    )


def edition_of(package: Package, digest: str) -> bytes:
    """The compiled bytes of an edition, which its digest names.

    :raises VerificationFailed: where they are others.
    """
    data = package.whole(f"{form.EDITIONS}{digest}.json")
    if sha256_hex(data) != digest:
        raise form.changed(package.path, _("an edition is not what its digest says"))
    return data
