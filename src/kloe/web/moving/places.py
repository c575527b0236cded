"""Where files wait that were exported or sent in: among what is swept away after a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.text import slugify

from kloe.core.disk import room
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment
from kloe.web.evidence.storage import Received
from kloe.web.ids import new_id


@dataclass(frozen=True)
class Kept:
    """An export that can be downloaded."""

    name: str
    size: int
    at: datetime


def exports(assessment: Assessment, user: User) -> Path:
    """The folder for what a person exports: only they find it, for it is what they may see."""
    folder = Path(settings.DATA_DIR) / "tmp" / "exports" / str(assessment.pk) / str(user.pk)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def export_name(assessment: Assessment) -> str:
    """What a file is called: landlord, title, and when."""
    words = slugify(f"{assessment.landlord.name} {assessment.title}")[:80] or "assessment"
    return f"{words}-{timezone.localtime():%Y-%m-%d-%H%M%S}.zip"


def kept(assessment: Assessment, user: User) -> list[Kept]:
    """What a person exported since yesterday, the newest first."""
    found = []
    for path in exports(assessment, user).glob("[!.]*.zip"):
        told = path.stat()
        zone = timezone.get_current_timezone()
        found.append(Kept(path.name, told.st_size, datetime.fromtimestamp(told.st_mtime, tz=zone)))
    return sorted(found, key=lambda one: one.at, reverse=True)


def incoming(token: str) -> Path:
    """Where a file waits that was sent in."""
    return Path(settings.DATA_DIR) / "tmp" / "imports" / f"{UUID(token).hex}.zip"


def keep_incoming(received: Received) -> str:
    """Put a file that was sent in aside for the job; gives the token that names it."""
    token = new_id().hex
    place = incoming(token)
    with room():
        place.parent.mkdir(parents=True, exist_ok=True)
        received.path.replace(place)
    return token
