"""Bringing an assessment in from a file: all of it, or nothing.

The file is proved first and its evidence received beside everything; then one transaction writes
the rows and puts the files into their places. What was received and not kept is swept away.
"""

from __future__ import annotations

import re
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from kloe.core.disk import room
from kloe.core.errors import Conflict, KloeError
from kloe.core.messages import Message, _
from kloe.core.progress import Progress, Silent
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment
from kloe.web.audit.actions import record
from kloe.web.documents import actions as documents
from kloe.web.evidence import storage
from kloe.web.evidence.models import StoredFile
from kloe.web.evidence.storage import Received, Receiver
from kloe.web.library import store
from kloe.web.moving import form, unpacking
from kloe.web.moving.gathering import EVENT
from kloe.web.moving.meeting import Parties, People, meet
from kloe.web.moving.models import EarlierEvent
from kloe.web.moving.rows import Rows
from kloe.web.moving.shapes import shapes
from kloe.web.moving.unpacking import Package, fault
from kloe.web.moving.values import NoSuchValue, read
from kloe.web.organisations.models import Organisation

AT_ONCE = 500


@dataclass
class Arrived:
    """What came in."""

    assessment: Assessment
    digest: str
    #: Rows by table.
    rows: dict[str, int] = field(default_factory=dict)
    people: list[str] = field(default_factory=list)
    organisations: list[str] = field(default_factory=list)
    #: What is told besides: parts that stayed behind, references given anew.
    notes: list[Message] = field(default_factory=list)


def bring_in(
    path: Path,
    *,
    by: User | None,
    into: Organisation | None = None,
    progress: Progress | None = None,
    request_id: str = "",
) -> Arrived:
    """Bring an assessment in, with its files.

    :param into: the organisation it has to be of.
    :raises NotFound: if there is no such file.
    :raises InvalidInput: if it is no assessment, of a later format, or of another organisation.
    :raises VerificationFailed: if the file was changed.
    :raises Conflict: if the assessment is here already.
    :raises PermissionRefused: if the person does not manage the organisation.
    :raises DiskFull: where there is no room; nothing is kept.
    """
    tell = progress or Silent()
    with ExitStack() as stack:
        package = stack.enter_context(unpacking.opened(path, tell))
        _check_new(package)
        received = _receive(package, stack, tell)
        placed: list[Path] = []
        try:
            with room(), transaction.atomic():
                arrived = _write(package, received, by, into, tell, request_id)
                _put_in_place(package, received, placed)
                return arrived
        except BaseException as error:
            for one in placed:
                one.unlink(missing_ok=True)
            if not isinstance(error, IntegrityError):
                raise
            raise Conflict(
                _(
                    "Rows of the file %(path)s cannot stand here: %(error)s.",
                    path=path.name,
                    error=str(error)[:200],
                ),
                _("An assessment is brought in once, as a whole."),
                _("Nothing was brought in. Export it again where it is, and try that file."),
            ) from error


def _check_new(package: Package) -> None:
    try:
        known = Assessment.objects.filter(pk=UUID(package.manifest.assessment)).first()
    except ValueError:
        raise form.changed(package.path, _("its manifest names no assessment")) from None
    if known is not None:
        raise Conflict(
            _("The assessment “%(title)s” is here already.", title=known.title),
            _("It is brought in once; what was done here since is never overwritten."),
            _("Open the one that is here, or bring the file into another kloe."),
        )


def _receive(package: Package, stack: ExitStack, progress: Progress) -> dict[str, Received]:
    """Every entry proved; those that are files on the disk, waiting."""
    received: dict[str, Received] = {}
    for n, entry in enumerate(package.manifest.files):
        progress.step(n, len(package.manifest.files), _("Checking the file"))
        if not entry.path.startswith((form.FILES, *form.FOLDERS)):
            for _chunk in package.chunks(entry):
                pass
            continue
        with Receiver(max(entry.size, 1)) as receiver:
            for chunk in package.chunks(entry):
                receiver.write(chunk)
            one = receiver.finish()
        stack.callback(one.discard)
        received[entry.path] = one
        if entry.path.startswith(form.FILES) and entry.path != form.FILES + one.sha256:
            raise form.changed(
                package.path, _("%(name)s is not what it is called", name=entry.path)
            )
    return received


def _write(
    package: Package,
    received: dict[str, Received],
    by: User | None,
    into: Organisation | None,
    progress: Progress,
    request_id: str,
) -> Arrived:
    _check_new(package)
    parties = meet(package, into=into, by=by, request_id=request_id)
    people = People(package, by, request_id)
    for entry in package.entries(form.EDITIONS):
        digest = entry.path.removeprefix(form.EDITIONS).removesuffix(".json")
        _keep_edition(package, digest)
    assessment = _assessment(package, parties, people)
    arrived = Arrived(assessment, package.manifest.digest)
    skip: set[str] = set()
    if not parties.may_write_landlord:
        skip = {s.table.part for s in shapes() if s.table.part and s.entry in package}
    if skip:
        arrived.notes.append(
            _(
                "What is the landlord's own stayed out (%(parts)s): only who edits its plan may "
                "bring that in.",
                parts=", ".join(sorted(skip)),
            )
        )
    files = _Files(received, parties.owner)
    rows = Rows(assessment, parties, people, files.find, arrived.notes)
    tables = [s for s in shapes() if s.table.part not in skip]
    for n, shape in enumerate(tables):
        progress.step(n, len(tables), _("Bringing in the rows"))
        arrived.rows[shape.name] = rows.bring_in(shape, package.rows(shape.entry))
    rows.finish()
    arrived.rows["events"] = _events(package, assessment)
    files.keep_all()
    arrived.people = [one.email for one in people.made]
    arrived.organisations = [one.name for one in parties.made]
    record(
        by=by,
        verb="imported assessment",
        subject_kind="assessment",
        subject_id=assessment.pk,
        organisation_id=assessment.organisation_id,
        assessment_id=assessment.pk,
        after={
            "title": assessment.title,
            "digest": arrived.digest,
            "earlier events": arrived.rows["events"],
            "people": arrived.people,
        },
        request_id=request_id,
    )
    documents.ask(assessment=assessment, by=by)
    return arrived


def _keep_edition(package: Package, digest: str) -> None:
    data = unpacking.edition_of(package, digest)
    try:
        store.keep(data)
    except KloeError:
        raise
    except Exception as error:
        # Whatever building it stumbles over: it is no edition that kloe compiled.
        raise fault(form.EDITIONS + digest, 1, _("it is no compiled framework")) from error


def _assessment(package: Package, parties: Parties, people: People) -> Assessment:
    """The assessment's own row."""
    said = package.row(form.ASSESSMENT)
    names = ("id", "kind", "title", "period_start", "period_end", "leading", "dataset",
             "landlord_code", "scope_weights", "final_at", "created_at")  # fmt: skip
    try:
        values = {n: read(Assessment._meta.get_field(n), said[n]) for n in names}
        owner = {"organisation": "owner", "conducted_by": "conductor", "subject": "landlord"}
        for name, role in owner.items():
            wanted = said[name]
            if wanted is None and name == "subject":
                continue
            one = parties.of(role)
            values[name] = one if one.name == wanted else parties.owner
        for name in ("lead", "created_by"):
            values[name] = people.find(said[name]) if said[name] is not None else None
    except (KeyError, TypeError, NoSuchValue, ValueError) as error:
        raise fault(form.ASSESSMENT, 1, _("it is no assessment (%(what)s)", what=error)) from None
    if str(values["id"]) != package.manifest.assessment:
        raise fault(form.ASSESSMENT, 1, _("it is not the assessment of the manifest"))
    return Assessment.objects.create(**values)


class _Files:
    """Files of evidence: rows made as evidence asks for them, bytes put in place at the end."""

    def __init__(self, received: dict[str, Received], owner: Organisation) -> None:
        self._received = received
        self._owner = owner
        self._rows: dict[str, StoredFile] = {}

    def find(self, digest: Any) -> StoredFile:
        """The row of a file.

        :raises ValueError: where the file is named by no digest.
        """
        if not isinstance(digest, str) or not re.fullmatch("[0-9a-f]{64}", digest):
            raise ValueError(str(digest)[:80])
        if digest not in self._rows:
            waiting = self._received.get(form.FILES + digest)
            if waiting is not None:
                self._rows[digest] = storage.keep(waiting, self._owner.pk)
            else:
                self._rows[digest] = storage.remember_removed(self._owner.pk, digest)
        return self._rows[digest]

    def keep_all(self) -> None:
        """:raises InvalidInput: where the file brings one that no evidence names."""
        spare = {p for p in self._received if p.startswith(form.FILES)} - {
            form.FILES + digest for digest in self._rows
        }
        if spare:
            raise fault("files", 1, _("%(name)s is no file of the evidence", name=min(spare)[:80]))


def _events(package: Package, assessment: Assessment) -> int:
    waiting: list[EarlierEvent] = []
    count = 0
    for number, row in package.rows(form.AUDIT):
        try:
            values = {n: read(EarlierEvent._meta.get_field(n), row[n]) for n in EVENT}
        except (KeyError, NoSuchValue) as error:
            raise fault(form.AUDIT, number, _("it is no event (%(what)s)", what=error)) from None
        waiting.append(EarlierEvent(assessment=assessment, **values))
        count += 1
        if len(waiting) >= AT_ONCE:
            EarlierEvent.objects.bulk_create(waiting)
            waiting.clear()
    EarlierEvent.objects.bulk_create(waiting)
    return count


def _put_in_place(package: Package, received: dict[str, Received], placed: list[Path]) -> None:
    """Reports and publications, under the identifier of the assessment; tells ``placed`` which."""
    for path, one in received.items():
        if path.startswith(form.FOLDERS):
            target = form.place_of(package.manifest.assessment, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            placed.append(target)
            one.path.replace(target).chmod(0o644)
