"""Which files a version has, what they are called, and where they lie."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings
from django.http import FileResponse

from kloe.core.disk import room
from kloe.core.messages import Message, _
from kloe.reports.render import FORMATS
from kloe.reports.sealing import PUBLIC, RESTRICTED
from kloe.web.backup.swap import sync_folder
from kloe.web.publication.models import PublishedFile

#: A folder that is not published yet; left out of backups.
NEW = ".new-"
#: Folders without a row are left alone for this long: somebody may be at it.
GRACE_SECONDS = 24 * 3600
SNAPSHOT = "snapshot.json"
PACKAGE, PACKAGE_NAME = "package", "package.zip"
RESPONSE = "response"


@dataclass(frozen=True)
class Kind:
    """A form the report comes in."""

    name: str
    #: Which edition of the report, and as what.
    view: str
    format: str
    label: Message


#: In the order of pages. The report that pages open is the first.
REPORTS: dict[str, Kind] = {
    k.name.partition(".")[0] + "-" + k.format: k
    for k in (
        Kind("report.html", "full", "html", _("Report, to read in the browser")),
        Kind("report.pdf", "full", "pdf", _("Report, to print")),
        Kind("report.docx", "full", "docx", _("Report in Word")),
        Kind("large-print.pdf", "large", "pdf", _("Report in large print")),
        Kind("summary-for-tenants.pdf", "tenants", "pdf", _("Summary for tenants")),
        Kind("summary-for-tenants.html", "tenants", "html", _("Summary for tenants, web page")),
        Kind("board-page.pdf", "board", "pdf", _("One page for the board")),
        Kind("report.json", "full", "json", _("Report for programs")),
    )
}
LABELS: dict[str, Message] = {
    **{key: kind.label for key, kind in REPORTS.items()},
    PACKAGE: _("Sealed package"),
    RESPONSE: _("The board's response"),
}
_MEDIA = {
    **{f.suffix: f.media_type for f in FORMATS.values()},
    ".zip": "application/zip",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".txt": "text/plain; charset=utf-8",
}
#: What a board's response may be attached as.
RESPONSE_SUFFIXES = (".pdf", ".docx", ".odt", ".txt")


def media_type(name: str) -> str:
    """What a file is served as."""
    return _MEDIA.get(Path(name).suffix.lower(), "application/octet-stream")


def root() -> Path:
    """Where publications lie."""
    return Path(settings.DATA_DIR) / "publications"


def folder_of(assessment_id: UUID, publication_id: UUID) -> Path:
    """Where one version lies."""
    return root() / str(assessment_id) / str(publication_id)


def path_of(file: PublishedFile) -> Path:
    """Where a published file lies."""
    found = folder_of(file.publication.assessment_id, file.publication_id)
    return found / file.edition / file.name


def staging(assessment_id: UUID) -> Path:
    """A new folder for what is being made."""
    path = root() / str(assessment_id) / f"{NEW}{uuid4().hex}"
    for edition in (PUBLIC, RESTRICTED):
        (path / edition).mkdir(parents=True)
    return path


def remove(folder: Path) -> None:
    """Take away what was not published."""
    shutil.rmtree(folder, ignore_errors=True)


def sweep(*, grace_seconds: float = GRACE_SECONDS) -> int:
    """Remove folders that belong to no version: what a crash left; gives how many."""
    from kloe.web.publication.models import Publication

    if not root().is_dir():
        return 0
    known = {str(pk) for pk in Publication.objects.values_list("pk", flat=True)}
    oldest, removed = time.time() - grace_seconds, 0
    for path in root().glob("*/*"):
        if path.name not in known and path.stat().st_mtime < oldest:
            remove(path)
            removed += 1
    return removed


def settle(made: Path, place: Path) -> None:
    """Give a folder its name, so that it outlasts a power cut."""
    with room():
        for folder in (*(p for p in made.iterdir() if p.is_dir()), made):
            sync_folder(folder)
        made.replace(place)
        sync_folder(place.parent)


def served(file: PublishedFile) -> FileResponse:
    """A published file as an answer: pages and PDF to read, all else to keep."""
    path = path_of(file)
    response = FileResponse(
        path.open("rb"),
        as_attachment=path.suffix not in {".html", ".pdf"},
        filename=f"{file.publication.number}-{file.name}",
        content_type=media_type(file.name),
    )
    if path.suffix == ".html":
        # One page of ours that holds all it needs: its own style, no scripts.
        response._csp_replace = {  # type: ignore[attr-defined]
            "default-src": ["'none'"],
            "style-src": ["'unsafe-inline'"],
            "img-src": ["data:"],
            "sandbox": [],
        }
    elif path.suffix != ".pdf":
        # Browsers show no PDF in a sandbox.
        response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
