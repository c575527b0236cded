"""Making a version: every file of it in a folder that is nobody's yet. Writes no row.

What takes minutes happens here, step by step, so that it can be called off at any of them; what
is made is published afterwards in one short transaction, or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from kloe import __version__
from kloe.assessment import publishing as rules
from kloe.assessment.snapshot import PROSPECTS, SERVICE, Snapshot
from kloe.assessment.snapshot_publication import Publication as Version
from kloe.core.digest import canonical_json, file_digest, value_digest
from kloe.core.messages import Message, _
from kloe.core.progress import Progress
from kloe.reports import document, sealing
from kloe.reports.blocks import ReportDocument
from kloe.reports.render import render
from kloe.reports.sealing import PUBLIC, RESTRICTED, Source
from kloe.web.assessments.models import Assessment
from kloe.web.evidence import storage
from kloe.web.evidence.models import StoredFile
from kloe.web.publication import files, gathering

#: Each form of the report, the data and the package, of both editions.
STEPS = 2 * (len(files.REPORTS) + 2)


@dataclass(frozen=True, slots=True)
class Made:
    """A file that was made: its edition, name and kind, with size and digest."""

    edition: str
    name: str
    kind: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Whole:
    """Everything of a version, in its folder."""

    folder: Path
    files: tuple[Made, ...]
    snapshot: Snapshot
    digest: str
    fingerprint: str


#: What was laid out already, by its key: the document, and where it lies.
Known = dict[str, tuple[ReportDocument, Path]]


class _Steps:
    """Progress of the whole from the progress of its parts."""

    def __init__(self, progress: Progress, total: int) -> None:
        self.progress, self.total, self.done = progress, total, 0

    def next(self, what: Message) -> None:
        self.progress.step(self.done, self.total, what)
        self.done += 1

    def step(self, done: int, total: int, what: Message | str = "") -> None:
        """Within a part: nothing moves on, but it can be called off."""
        self.progress.step(self.done, self.total, what)


def final(snapshot: Snapshot, version: Version, at: datetime) -> Snapshot:
    """The snapshot as the published report says it: no draft, with what publishing adds."""
    return replace(
        snapshot,
        assessment=replace(snapshot.assessment, final_at=at),
        publication=version,
    )


def make(
    assessment: Assessment,
    snapshot: Snapshot,
    *,
    last_event: int,
    at: datetime,
    progress: Progress,
    response: tuple[StoredFile, str] | None = None,
) -> Whole:
    """Reports, data and both packages of a version.

    :param snapshot: the whole assessment, final.
    :param response: a file of the board, and the name it is given.
    :raises DiskFull: where there is no room for it; nothing of it stays.
    """
    folder = files.staging(assessment.pk)
    try:
        return _make(folder, assessment, snapshot, last_event, at, progress, response)
    except BaseException:
        files.remove(folder)
        raise


def _make(
    folder: Path,
    assessment: Assessment,
    snapshot: Snapshot,
    last_event: int,
    at: datetime,
    progress: Progress,
    response: tuple[StoredFile, str] | None,
) -> Whole:
    snapshots = {RESTRICTED: snapshot, PUBLIC: rules.public(snapshot)}
    given = gathering.Gathered(assessment, snapshots, last_event)
    key = sealing.signing_key(Path(settings.DATA_DIR))
    steps = _Steps(progress, STEPS)
    made: list[Made] = []
    known: Known = {}
    for edition, one in snapshots.items():
        names = list(_reports(folder / edition, one, steps, known))
        if response is not None:
            names.append((_response(folder / edition, *response), files.RESPONSE))
        steps.next(_("The data behind the report"))
        data = folder / f"data-{edition}"
        sources = [Source(f"report/{name}", folder / edition / name) for name, _kind in names]
        for path, lines in gathering.files(given, edition):
            gathering.write(data / path, lines())
            sources.append(Source(path, data / path))
            steps.step(0, 0, _("The data behind the report"))
        steps.next(_("Sealing the package"))
        sealing.seal(
            folder / edition / files.PACKAGE_NAME,
            sorted(sources, key=lambda s: s.path),
            key=key,
            edition=edition,
            about=about(assessment, one),
            made_at=at,
            made_by=assessment.organisation.name,
            version=__version__,
            progress=steps,
        )
        names.append((files.PACKAGE_NAME, files.PACKAGE))
        made += (_measured(folder, edition, name, kind) for name, kind in names)
        files.remove(data)
    whole = snapshot.to_json()
    gathering.write(folder / RESTRICTED / files.SNAPSHOT, [canonical_json(whole)])
    return Whole(
        folder, tuple(made), snapshot, value_digest(whole), sealing.fingerprint(key.public_key())
    )


def _reports(
    folder: Path, snapshot: Snapshot, steps: _Steps, known: Known
) -> Iterator[tuple[str, str]]:
    """Every form the report comes in; what is the same in both editions is laid out once."""
    from kloe.web.reporting.actions import write_whole

    built: dict[str, ReportDocument] = {}
    for key, kind in files.REPORTS.items():
        steps.next(kind.label)
        if kind.view not in built:
            built[kind.view] = document.build(snapshot, view=kind.view)
        there, path = known.get(key, (None, folder))
        data = (
            path.read_bytes()
            if there == built[kind.view]
            else render(built[kind.view], kind.format, steps)
        )
        write_whole(folder / kind.name, data)
        known[key] = built[kind.view], folder / kind.name
        yield kind.name, key


def _response(folder: Path, stored: StoredFile, given_name: str) -> str:
    """The board's file beside the report, under a name that fits a package."""
    name = f"board-response{Path(given_name).suffix.lower()}"
    with storage.open_file(stored) as file:
        gathering.write(folder / name, iter(lambda: file.read(1 << 20), b""))
    return name


def _measured(folder: Path, edition: str, name: str, kind: str) -> Made:
    path = folder / edition / name
    return Made(edition, name, kind, path.stat().st_size, file_digest(path))


def about(assessment: Assessment, snapshot: Snapshot) -> dict[str, Any]:
    """What the manifest says a package is about."""
    version = snapshot.publication
    return {
        "assessment": str(assessment.pk),
        "kind": snapshot.assessment.kind,
        "title": snapshot.assessment.title,
        "landlord": snapshot.organisation.name,
        "invented": snapshot.organisation.invented,
        "period": [
            snapshot.assessment.period_start.isoformat(),
            snapshot.assessment.period_end.isoformat(),
        ],
        "number": version.version,
        "corrects": version.corrections[-1].reason if version.corrections else "",
        "editions": editions(snapshot),
        "grades": grades(snapshot),
    }


def editions(snapshot: Snapshot) -> list[dict[str, str]]:
    """The framework editions the report judges by."""
    return [
        {
            "framework": e.framework,
            "title": str(e.title),
            "edition": str(e.edition),
            "digest": e.digest,
        }
        for e in snapshot.assessment.editions
    ]


def grades(snapshot: Snapshot) -> list[dict[str, Any]]:
    """The overall judgements: question, grade, and where it stands on its scale."""
    found = []
    for subject in (SERVICE, PROSPECTS):
        judgement, scale = snapshot.judgement(subject), snapshot.leading_scale(subject)
        if judgement is not None and scale is not None:
            found.append(
                {
                    "subject": subject,
                    "question": str(scale.question),
                    "grade": str(judgement.grade.label),
                    "rank": judgement.grade.rank,
                    "of": judgement.of,
                }
            )
    return found


def now() -> datetime:
    """The moment of publishing, in whole seconds, as files can tell it."""
    return timezone.now().replace(microsecond=0)
