"""Making a report: snapshot, document, file in the data directory, trace."""

from __future__ import annotations

import os
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from kloe.core.digest import sha256_hex
from kloe.core.disk import room
from kloe.core.messages import _
from kloe.core.progress import Progress, Silent
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment
from kloe.web.audit.actions import record
from kloe.web.reporting.snapshot import take

SUFFIXES = {"pdf": "pdf", "docx": "docx", "html": "html", "json": "json"}
MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "html": "text/html; charset=utf-8",
    "json": "application/json",
}


def make(
    assessment: Assessment,
    *,
    format: str,
    view: str = "full",
    order: str = "kloe",
    progress: Progress | None = None,
) -> bytes:
    """The report as bytes. Reads the database once, then only computes.

    :raises InvalidInput: for a format, view or order there is not.
    """
    from kloe.reports import document
    from kloe.reports.render import render

    tell = progress or Silent()
    tell.step(0, 3, _("Reading the assessment"))
    snapshot = take(assessment)
    tell.step(1, 3, _("Writing the report"))
    built = document.build(snapshot, view=view, order=order)
    tell.step(2, 3, _("Laying it out"))
    data = render(built, format)
    tell.step(3, 3, _("Done"))
    return data


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that it is either whole or not there.

    :raises DiskFull: where there is no room for it.
    """
    with room():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with room(), os.fdopen(handle, "wb") as f:
            f.write(data)
            f.flush()
            os.fsync(f.fileno())
        os.chmod(name, 0o644)  # noqa: PTH101 - mkstemp gives a name
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def keep(
    *,
    assessment: Assessment,
    data: bytes,
    format: str,
    view: str,
    order: str,
    by: User | None,
) -> dict[str, Any]:
    """Keep a report in the data directory, and leave a trace of it."""
    stamp = timezone.localtime().strftime("%Y%m%d-%H%M%S")
    name = f"{stamp}-{view}-{order}-{sha256_hex(data)[:8]}.{SUFFIXES[format]}"
    path = settings.DATA_DIR / "reports" / str(assessment.pk) / name
    write_whole(path, data)
    with transaction.atomic():
        record(
            by=by,
            verb="made report",
            subject_kind="report",
            subject_id=name,
            organisation_id=assessment.organisation_id,
            assessment_id=assessment.pk,
            after={"format": format, "view": view, "order": order, "sha256": sha256_hex(data)},
        )
    return {"name": name, "size": len(data), "sha256": sha256_hex(data)}


def kept(assessment: Assessment) -> list[dict[str, Any]]:
    """The reports kept for an assessment, newest first."""
    folder = settings.DATA_DIR / "reports" / str(assessment.pk)
    if not folder.is_dir():
        return []
    found = []
    for path in sorted(folder.iterdir(), reverse=True):
        if path.name.startswith(".") or path.suffix.lstrip(".") not in SUFFIXES:
            continue
        # Day, time, view, order and digest; a view may have a hyphen of its own.
        parts = path.stem.split("-")
        found.append(
            {
                "name": path.name,
                "format": path.suffix.lstrip("."),
                "view": "-".join(parts[2:-2]) if len(parts) > 4 else "",
                "order": parts[-2] if len(parts) > 4 else "",
                "size": path.stat().st_size,
                "at": datetime.fromtimestamp(
                    path.stat().st_mtime, tz=timezone.get_current_timezone()
                ),
            }
        )
    return found
