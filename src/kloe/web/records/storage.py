"""Files of extracts on their way in: at ``uploads/<draft>/files``, gone when loaded or discarded.

Files come in by the same way as evidence (counted and hashed as they are read, written to the
folder for temporary files), and are renamed into their place.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import Any
from uuid import UUID

from django.conf import settings

from kloe.core.disk import room
from kloe.core.errors import EnvironmentFault, InvalidInput
from kloe.core.messages import _
from kloe.web.evidence.filenames import clean_name
from kloe.web.evidence.storage import megabytes
from kloe.web.evidence.uploads import Limits, Upload

FOLDER = "uploads"
MOST_FILES = 200
#: Largest mapping in bytes.
MAPPING_BYTES = 1 << 20
#: Folders without a draft are left alone for this long: somebody may be at it.
GRACE_SECONDS = 24 * 3600


def _file_limit() -> int:
    return int(settings.RECORDS_MAX_BYTES)


def _total_limit() -> int:
    return int(settings.RECORDS_MAX_TOTAL)


EXTRACTS = Limits(
    file=_file_limit,
    request=_total_limit,
    remedy=_("Export it as Parquet or compressed CSV (.csv.gz), or in parts: one for each year."),
)
MAPPINGS = Limits(
    file=lambda: MAPPING_BYTES,
    request=lambda: 2 * MAPPING_BYTES,
    remedy=_("A mapping is a short YAML file."),
)


def limits_in_words() -> dict[str, str]:
    """The limits as the page says them."""
    return {"limit": megabytes(_file_limit()), "total": megabytes(_total_limit())}


def folder_of(draft: UUID) -> Path:
    """Where everything of a draft lies."""
    return Path(settings.DATA_DIR) / FOLDER / str(draft)


def files_of(draft: UUID) -> Path:
    """Where its files lie, as a mapping names them."""
    return folder_of(draft) / "files"


def rejects_of(draft: UUID) -> Path:
    """Where a check lists rejected rows."""
    return folder_of(draft) / "rejects"


#: Characters that a mapping would take for a pattern, and beginnings that hide a file.
_PATTERN = str.maketrans({"[": "(", "]": ")", "{": "(", "}": ")", "!": "_"})


def extract_name(given: str, taken: Sequence[str] = ()) -> str:
    """A name that can stand in a mapping, and that no other file of the extract has."""
    name = clean_name(clean_name(given).translate(_PATTERN).lstrip("~$-#& ") or "file")
    known = {t.casefold() for t in taken}
    suffix = "".join(PurePath(name).suffixes[-2:]) if name.endswith(".gz") else ""
    suffix = suffix or PurePath(name).suffix
    stem, n = name.removesuffix(suffix), 2
    found = name
    while found.casefold() in known:
        found = f"{stem}-{n}{suffix}"
        n += 1
    return found


def check_room(size: int) -> None:
    """Refuse what would fill the disk, before it is written.

    :raises EnvironmentFault: where twice the size is not free.
    """
    free = shutil.disk_usage(settings.DATA_DIR).free
    if size * 2 > free:
        raise EnvironmentFault(
            _("Files of %(size)s MB need more room than is free.", size=megabytes(size)),
            _("%(free)s MB are free on the disk of the data directory.", free=megabytes(free)),
            _("Ask whoever runs kloe for more room."),
        )


def check_total(uploads: Sequence[Upload]) -> None:
    """Hold the files of one extract to their limits, together.

    :raises InvalidInput: where they are too many or too large.
    """
    if len(uploads) > MOST_FILES:
        raise InvalidInput(
            _("%(n)d files were sent.", n=len(uploads)),
            _("One extract has at most %(most)d files.", most=MOST_FILES),
            _("Send them in several extracts: each loads its own tables."),
        )
    total = sum(u.size for u in uploads)
    if total > _total_limit():
        raise InvalidInput(
            _("The files have %(size)s MB together.", size=megabytes(total)),
            _("One extract has at most %(most)s MB.", most=megabytes(_total_limit())),
            _("Send them in several extracts: each loads its own tables."),
        )


def keep(draft: UUID, uploads: Sequence[Upload]) -> list[dict[str, Any]]:
    """Move files that came in into the folder of a draft; gives what is kept of each.

    :raises FileExistsError: where the folder is there already.
    :raises DiskFull: where there is no room; nothing of it stays.
    """
    place = files_of(draft)
    kept: list[dict[str, Any]] = []
    try:
        with room():
            place.mkdir(parents=True)
            for upload in uploads:
                name = extract_name(upload.name, [f["name"] for f in kept])
                upload.received.path.replace(place / name)
                kept.append({"name": name, "size": upload.size, "sha256": upload.received.sha256})
    except FileExistsError:
        # Another sending of the same form is at it: its folder stays.
        raise
    except BaseException:
        remove(draft)
        raise
    return kept


def remove(draft: UUID) -> None:
    """Remove everything of a draft from the disk."""
    shutil.rmtree(folder_of(draft), ignore_errors=True)


_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def abandoned(live: set[str], *, grace_seconds: float = GRACE_SECONDS) -> list[UUID]:
    """Folders that belong to no open draft and have lain for a while."""
    place = Path(settings.DATA_DIR) / FOLDER
    oldest = time.time() - grace_seconds
    return [
        UUID(path.name)
        for path in (sorted(place.iterdir()) if place.is_dir() else ())
        if _UUID.fullmatch(path.name) and path.name not in live and path.stat().st_mtime < oldest
    ]
