"""The file: a sealed zip of canonical JSON lines, named ``kloe-assessment/1``.

``kloe-assessment`` (first, stored: names the format), ``assessment.json``, ``people.jsonl``,
``parties.jsonl``, ``rows/<table>.jsonl``, ``audit.jsonl``, ``editions/<digest>.json``,
``files/<digest>``, ``reports/<path>``, ``publications/<path>``, ``manifest.json`` (last).

The digest of an assessment is taken over what belongs to it, entry by entry. Who people and
organisations are besides their address and name is there to find them again and does not count:
an installation knows them better.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings

from kloe.core.digest import value_digest
from kloe.core.errors import InvalidInput, VerificationFailed
from kloe.core.messages import Message, _
from kloe.web.backup.archive import Entry, Form, parsed

FAMILY = "kloe-assessment"
FORMAT = f"{FAMILY}/1"
ASSESSMENT, AUDIT = "assessment.json", "audit.jsonl"
PEOPLE, PARTIES = "people.jsonl", "parties.jsonl"
ROWS, EDITIONS, FILES = "rows/", "editions/", "files/"
#: Folders of the data directory in which an assessment has one of its own, under its identifier.
FOLDERS = ("reports/", "publications/")
#: Entries that help to find people and organisations, and are no part of the assessment.
HINTS = frozenset({PEOPLE, PARTIES})


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a file says it holds."""

    version: str
    digest: str
    assessment: str
    title: str
    kind: str
    #: Name of the organisation that owns it.
    owner: str
    #: Parts that were not to be seen by who exported it.
    left_out: tuple[str, ...]
    files: tuple[Entry, ...]

    def to_json(self) -> bytes:
        """The manifest as it lies in the file."""
        return json.dumps({"format": FORMAT} | asdict(self), indent=1, ensure_ascii=False).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Manifest:
        """:raises ValueError: if it is no manifest of this format."""
        value = parsed(data, FORMAT)
        try:
            files = tuple(map(Entry.of, value["files"]))
            words = {
                name: str(value[name])
                for name in ("version", "digest", "assessment", "title", "kind", "owner")
            }
            left_out = tuple(str(one) for one in value["left_out"])
        except (KeyError, TypeError) as error:
            raise ValueError(f"the manifest lacks {error}") from error
        return cls(left_out=left_out, files=files, **words)


def digest_of(files: tuple[Entry, ...]) -> str:
    """The digest of an assessment, from the entries of its file."""
    counted = sorted((f.path, f.size, f.sha256) for f in files if f.path not in HINTS)
    return value_digest({"format": FORMAT, "files": counted})


def changed(path: Path, what: Message | str) -> VerificationFailed:
    """The file is not what it was when it was written."""
    return VerificationFailed(
        _("The file %(path)s was changed or is incomplete: %(what)s.", path=path.name, what=what),
        _("Every byte of an exported assessment is covered by a digest; nothing was brought in."),
        _("Export the assessment again where it is, or use another copy of the file."),
    )


def _other(path: Path) -> InvalidInput:
    return InvalidInput(
        _("%(path)s is no assessment exported by kloe.", path=path.name),
        _("An exported assessment is a zip file written by kloe assessments export."),
        _("Check which file it is. Backups are put back with kloe restore."),
    )


def _harmful(path: Path, name: str) -> InvalidInput:
    return InvalidInput(
        _("The file %(path)s holds %(name)s.", path=path.name, name=name[:80]),
        _("kloe writes no such entry into an exported assessment."),
        _("Do not use this file: somebody made it to do harm. Nothing was brought in."),
    )


SEALED = Form(
    format=FORMAT,
    mark=FAMILY,
    folder="",
    manifest=Manifest.from_json,
    changed=changed,
    other=_other,
    harmful=_harmful,
)


def check_format(path: Path) -> None:
    """Tell a file of a later kloe apart from one that is damaged.

    :raises InvalidInput: where it names a format this kloe does not know.
    """
    with path.open("rb") as file:
        head = file.read(30 + len(FAMILY) + 40)
    found = re.match(rb"[^\n]{1,40}", head[30 + len(FAMILY) :])
    named = found.group().decode("ascii", "replace") if found else ""
    if head[:4] != b"PK\x03\x04" or head[30 : 30 + len(FAMILY)] != FAMILY.encode():
        return
    if named.startswith(f"{FAMILY}/") and named != FORMAT:
        raise InvalidInput(
            _("%(path)s has the format %(found)s.", path=path.name, found=named),
            _("This kloe reads %(format)s.", format=FORMAT),
            _("Bring this kloe up to date, or export the assessment with an older one."),
        )


def place_of(assessment: str, path: str) -> Path:
    """Where an entry of one of the folders lies in the data directory."""
    folder, _slash, rest = path.partition("/")
    return Path(settings.DATA_DIR).joinpath(folder, str(UUID(assessment)), *rest.split("/"))


def summary(manifest: Manifest) -> dict[str, Any]:
    """What a person wants to know of a file."""
    return {
        "assessment": manifest.assessment,
        "title": manifest.title,
        "kind": manifest.kind,
        "organisation": manifest.owner,
        "digest": manifest.digest,
        "version": manifest.version,
        "files": sum(one.path.startswith(FILES) for one in manifest.files),
        "bytes": sum(one.size for one in manifest.files),
        "left_out": list(manifest.left_out),
    }
