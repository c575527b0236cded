"""Publishing, and correcting what is published: everything is made first, then written at once.

Before the transaction there is a folder that nobody knows; after it there is a version with its
files, the stage has moved, and the assessment is frozen. Whatever goes wrong between (a full
disk, a killed worker, somebody who changed a finding meanwhile) leaves what was there before.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.text import slugify

from kloe.assessment import publishing as rules
from kloe.assessment import stages
from kloe.assessment.snapshot import Snapshot
from kloe.assessment.snapshot_publication import Correction, Response
from kloe.assessment.snapshot_publication import Publication as Version
from kloe.assessment.vocabulary import InspectionStage as Stage
from kloe.core.errors import Conflict, InvalidInput, KloeError, NotFound, PermissionRefused
from kloe.core.messages import _, language
from kloe.core.progress import Progress, Silent
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment
from kloe.web.audit.models import AuditEvent
from kloe.web.ids import new_id
from kloe.web.inspections import actions as inspections
from kloe.web.inspections import facts
from kloe.web.inspections.models import Inspection
from kloe.web.publication import files, making
from kloe.web.publication.models import BoardResponse, Publication, PublishedFile, PublishedPage
from kloe.web.reporting.snapshot import take

#: Events that say nothing of what is published.
BESIDE = ("job", "report", "publication")
LONGEST = rules.LONGEST


def last_event(assessment: Assessment) -> int:
    """The last thing anybody changed: every write leaves an event."""
    found = AuditEvent.objects.filter(assessment_id=assessment.pk).exclude(subject_kind__in=BESIDE)
    return found.aggregate(last=Max("id"))["last"] or 0


def latest(assessment: Assessment) -> Publication | None:
    """The version that stands."""
    return Publication.objects.filter(assessment=assessment).first()


# Before --------------------------------------------------------------------------------------


def check(inspection: Inspection, by: User | None) -> None:
    """Whether somebody may publish now.

    :raises Conflict: at another stage.
    :raises PermissionRefused: if their role does not make the move.
    :raises TooEarly: if something is missing besides the publication itself.
    """
    move = stages.move_between(Stage.FACTUAL_ACCURACY, Stage.PUBLISHED)
    assert move is not None
    if inspection.stage != Stage.FACTUAL_ACCURACY:
        raise Conflict(
            _("The inspection is not at the stage from which it is published."),
            _("It is published from factual accuracy, when challenges are answered; after that, "
              "a correction is a new version."),
            _("The inspection's page says where it stands and what is missing."),
        )  # fmt: skip
    if not inspections.roles_of(inspection.assessment, by).intersection(move.roles):
        raise PermissionRefused(
            _("You may not publish."),
            _("It is done by: %(roles)s.", roles=inspections.who_makes(move)),
            _("Ask one of them; the team's page says who they are."),
        )
    if missing := missing_to_publish(inspection):
        raise inspections.TooEarly(move, missing)


def missing_to_publish(inspection: Inspection) -> list[stages.Missing]:
    """What stands in the way, besides that nothing is published yet."""
    move = stages.move_between(Stage.FACTUAL_ACCURACY, Stage.PUBLISHED)
    assert move is not None
    found = stages.missing_for(move, facts.gather(inspection))
    return [m for m in found if m.condition is not stages.PUBLISHED_WHOLE]


# Publishing ----------------------------------------------------------------------------------


def publish(
    *,
    assessment: Assessment,
    base_version: int,
    by: User | None,
    public: bool = False,
    slug: str = "",
    progress: Progress | None = None,
    at: datetime | None = None,
    id: UUID | None = None,
) -> Publication:
    """Publish the report of an inspection for the first time.

    :param base_version: of the inspection, as the person saw it.
    :param public: whether anybody may read it without signing in.
    :param slug: of its address; made from landlord and year where empty.
    :param at: when it was published, where that is recorded afterwards.
    :raises Conflict: if somebody moved the inspection, or changed anything meanwhile.
    :raises DiskFull: where it does not fit; nothing is published.
    """
    inspection = Inspection.objects.select_related("assessment").get(assessment=assessment)

    def write(row: Publication, whole: making.Whole) -> None:
        held = inspections.locked(inspection, base_version)
        _unchanged(assessment, row.last_event)
        _write(row, whole)
        PublishedPage.objects.create(
            assessment=assessment, slug=free_slug(assessment, slug), open=public, changed_by=by,
            changed_at=row.at,
        )  # fmt: skip
        Assessment.objects.filter(pk=assessment.pk).update(final_at=row.at)
        inspections.move(
            inspection=held, to=Stage.PUBLISHED, base_version=base_version, by=by, at=at
        )
        _trace(row, by, "published", {"public": public})

    try:
        check(inspection, by)
        seen, moment = last_event(assessment), at or making.now()
        said = BoardResponse.objects.filter(assessment=assessment).select_related("file").first()
        version = Version(1, moment, response=_response(said))
        row = Publication(
            id=id or new_id(), assessment=assessment, number=1, last_event=seen, by=by, at=moment,
            response=said.text if said else "", response_at=said.at if said else None,
        )  # fmt: skip
        return _carry_out(row, take(assessment), version, said, progress, write)
    except KloeError as error:
        _failed(assessment, by, error)
        raise


def correct(
    *,
    assessment: Assessment,
    base_number: int,
    was: str,
    now: str,
    reason: str,
    by: User | None,
    progress: Progress | None = None,
    at: datetime | None = None,
    id: UUID | None = None,
) -> Publication:
    """Publish a new version in which something is put right, or the board's response stands.

    The assessment stays as it is. Without ``was`` and ``now`` the words stay too: then the new
    version adds the board's response, which came after the last one.

    :param base_number: the version the person read.
    :raises InvalidInput: without a reason, or if the report does not say ``was``.
    :raises Conflict: if another version was published first, or nothing would be different.
    """
    was, now, reason = was.strip(), now.strip(), reason.strip()

    def write(row: Publication, whole: making.Whole) -> None:
        _held(assessment, base_number)
        _write(row, whole)
        _trace(row, by, "corrected publication", {"was": was, "now": now, "reason": reason})

    try:
        before, snapshot = _checked(assessment, base_number, was, now, reason)
        said = BoardResponse.objects.filter(assessment=assessment).select_related("file").first()
        moment = at or making.now()
        made = Correction(before.number + 1, moment.date(), was, now, reason)
        old = snapshot.publication
        version = Version(before.number + 1, moment, (*old.corrections, made), _response(said))
        row = Publication(
            id=id or new_id(), assessment=assessment, number=before.number + 1,
            was=was, now=now, reason=reason, last_event=before.last_event, by=by, at=moment,
            response=said.text if said else "", response_at=said.at if said else None,
        )  # fmt: skip
        return _carry_out(row, snapshot, version, said, progress, write)
    except KloeError as error:
        _failed(assessment, by, error)
        raise


def check_correction(
    assessment: Assessment, *, base_number: int, was: str, now: str, reason: str
) -> None:
    """Whether a correction can be made: the errors of :func:`correct`, before the work."""
    _checked(assessment, base_number, was.strip(), now.strip(), reason.strip())


def _checked(
    assessment: Assessment, base_number: int, was: str, now: str, reason: str
) -> tuple[Publication, Snapshot]:
    """The version that stands, and its data with the correction."""
    before = _held(assessment, base_number)
    if not reason or len(reason) > LONGEST:
        raise InvalidInput(
            _("The correction has no reason.") if not reason else _("The reason is too long."),
            _("A new version says why it was made, in at most %(n)d characters.", n=LONGEST),
            _("Say in a sentence what was wrong."),
        )
    snapshot = published_snapshot(before)
    late = BoardResponse.objects.filter(assessment=assessment, at__gt=before.at).exists()
    if was or now or not late:
        snapshot = rules.corrected(snapshot, was, now)
    return before, snapshot


def _held(assessment: Assessment, base_number: int) -> Publication:
    """The version that stands, if it is the one somebody started from."""
    found = latest(assessment)
    if found is None:
        raise NotFound(
            _("Nothing is published yet."),
            _("What is not published is changed where it is written."),
            _("Publish first."),
        )
    if found.number != base_number:
        raise Conflict(
            _("Somebody else published version %(n)d meanwhile.", n=found.number),
            _("A correction starts from the version that stands. It says: “%(reason)s”",
              reason=found.reason[:500]),
            _("Read that version, and correct it if something is still wrong."),
        )  # fmt: skip
    return found


def published_snapshot(row: Publication) -> Snapshot:
    """The data behind a version, as it was frozen.

    :raises Conflict: if the file is not what it was.
    """
    import json

    from kloe.core.digest import sha256_hex

    path = files.folder_of(row.assessment_id, row.pk) / "restricted" / files.SNAPSHOT
    data = path.read_bytes() if path.is_file() else b""
    if sha256_hex(data) != row.snapshot_digest:
        raise Conflict(
            _("The data behind version %(n)d is not what was published.", n=row.number),
            _("Its digest stands in the database: %(digest)s.", digest=row.snapshot_digest[:16]),
            _("Put the file back from a backup: %(path)s.", path=path.name),
        )
    return Snapshot.from_json(json.loads(data))


def _carry_out(
    row: Publication,
    snapshot: Snapshot,
    version: Version,
    said: BoardResponse | None,
    progress: Progress | None,
    write: Callable[[Publication, making.Whole], None],
) -> Publication:
    """Make everything, give it its name, write the rows; take it away again if they are not."""
    tell = progress or Silent()
    assessment = row.assessment
    whole = making.make(
        assessment,
        making.final(snapshot, version, version.at or row.at),
        last_event=row.last_event,
        at=row.at,
        progress=tell,
        response=(said.file, said.file_name) if said and said.file else None,
    )
    place = files.folder_of(assessment.pk, row.pk)
    row.language = language.get()
    row.fingerprint, row.snapshot_digest = whole.fingerprint, whole.digest
    row.editions, row.grades = making.editions(whole.snapshot), making.grades(whole.snapshot)
    try:
        files.settle(whole.folder, place)
        tell.step(making.STEPS, making.STEPS, _("Publishing"))
        with transaction.atomic():
            write(row, whole)
    except BaseException:
        files.remove(whole.folder)
        files.remove(place)
        raise
    return row


def _write(row: Publication, whole: making.Whole) -> None:
    row.save(force_insert=True)
    PublishedFile.objects.bulk_create(
        PublishedFile(
            publication=row, edition=f.edition, name=f.name, kind=f.kind, size=f.size,
            sha256=f.sha256, order=n,
        )
        for n, f in enumerate(whole.files)
    )  # fmt: skip


def _unchanged(assessment: Assessment, seen: int) -> None:
    if last_event(assessment) != seen:
        raise Conflict(
            _("Somebody changed the assessment while the report was made."),
            _("What is published is what was read; nothing was published."),
            _("Look at what changed in the audit trail, then publish again."),
        )


def _response(said: BoardResponse | None) -> Response:
    if said is None or not said.given:
        return Response()
    return Response(said.text, said.file_name, said.at.date() if said.at else None)


def free_slug(assessment: Assessment, wanted: str = "") -> str:
    """An address nobody has: the landlord's name and the year, numbered if need be."""
    name = f"{assessment.landlord.name} {assessment.kind} {assessment.period_end.year}"
    base = slugify(wanted or name)[:70].strip("-") or "report"
    taken = set(PublishedPage.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return next(
        s for n in range(1, len(taken) + 2) if (s := f"{base}-{n}" if n > 1 else base) not in taken
    )


def _trace(row: Publication, by: User | None, verb: str, more: dict[str, Any]) -> None:
    inspections.trace(
        row.assessment,
        by,
        verb,
        kind="publication",
        subject=row.pk,
        after={
            "version": row.number,
            "data": row.snapshot_digest,
            "signed by": row.fingerprint,
            **{k: v for k, v in more.items() if v != ""},
        },
    )


def _failed(assessment: Assessment, by: User | None, error: KloeError) -> None:
    """Leave a trace of what did not come about."""
    with transaction.atomic():
        inspections.trace(
            assessment,
            by,
            "could not publish",
            kind="publication",
            after={"reason": str(error.given)[:500]},
        )
