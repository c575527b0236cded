"""Placing the organisation on a criterion, and answering a question."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from kloe.assessment.positions import LABELS, Position, offered
from kloe.core.errors import InvalidInput, NotFound
from kloe.core.given import OR_CITE, within
from kloe.core.messages import _
from kloe.frameworks.model import Criterion
from kloe.web.accounts.models import User
from kloe.web.assessments import states
from kloe.web.assessments.models import Answer, Assessment, Rating, Revision
from kloe.web.assessments.saving import Saved, Write, clashed, replayed, save_versioned
from kloe.web.audit.actions import record
from kloe.web.evidence.models import EvidenceItem
from kloe.web.library.store import Pinned
from kloe.web.prepared import Prepared
from kloe.web.readings import seats

MAX_REASON = 20_000
MAX_ANSWER = 50_000

_FIELDS = [f.attname for f in Rating._meta.concrete_fields]
_TEAM = Prepared(
    lambda assessment, criterion: (
        Rating.objects.select_for_update()
        .filter(assessment=assessment, criterion=criterion, author=None)
        .values_list(*_FIELDS)
    ),
    UUID,
    str,
)
_OWN = Prepared(
    lambda assessment, criterion, author: (
        Rating.objects.select_for_update()
        .filter(assessment=assessment, criterion=criterion, author=author)
        .values_list(*_FIELDS)
    ),
    UUID,
    str,
    UUID,
)


def _standing(assessment: Assessment, criterion: str, author: User | None) -> Rating | None:
    """The rating as it stands, held until the transaction ends."""
    if author is None:
        rows = _TEAM(assessment.pk, criterion)
    else:
        rows = _OWN(assessment.pk, criterion, author.pk)
    return Rating.from_db(connection.alias, _FIELDS, rows[0]) if rows else None


def _subject(criterion: Criterion, author: User | None) -> str:
    return criterion.id if author is None else f"{criterion.id}|{author.pk}"


def rate(
    *,
    assessment: Assessment,
    pinned: Pinned,
    criterion: Criterion,
    position: str,
    reason: str,
    write: Write,
    author: User | None = None,
) -> Saved:
    """Place the organisation on a criterion: for the team, or for one assessor (``author``).

    :raises InvalidInput: for a position the criterion's form does not offer, or *not
        applicable* without a reason, or one's own where readings are open by now.
    :raises PermissionRefused: for the team's, while readers rate the theme unseen.
    :raises StaleWrite: if somebody else saved this rating first.
    """
    reason = within(reason, MAX_REASON, _("reason"), remedy=OR_CITE)
    allowed = offered(criterion.form)
    if position and position not in {p.value for p in allowed}:
        raise InvalidInput(
            _("“%(position)s” is no position of this criterion.", position=position[:40]),
            _("It offers: %(all)s.", all=", ".join(str(LABELS[p]).lower() for p in allowed)),
            _("Load the page again and choose one of these."),
        )
    if position == Position.NOT_APPLICABLE and not reason:
        raise InvalidInput(
            _("“Not applicable” stands without a reason."),
            _("A criterion leaves the assessment only with a reason; it stands in the report."),
            _("Write the reason first, then choose “not applicable”."),
        )
    subject = _subject(criterion, author)
    values = {"position": position, "reason": reason}
    try:
        with transaction.atomic():
            seats.check_rating(assessment, criterion.theme_id, author)
            row = _standing(assessment, criterion.id, author)
            new = row is None
            row = row or Rating(
                assessment=assessment,
                criterion=criterion.id,
                theme=criterion.theme_id,
                author=author,
                version=0,
            )
            saved = save_versioned(
                assessment=assessment,
                row=row,
                values=values,
                write=write,
                verb="rated" if author is None else "rated for themselves",
                subject_kind="rating",
                subject=subject,
                new=new,
                savepoint=False,
                sealed=author is not None,
            )
            if saved.changed and author is None:
                states.refresh(assessment, criterion.id, position=position)
    except IntegrityError:
        # Another writer was first; what stands now is theirs.
        row = Rating.objects.filter(
            assessment=assessment, criterion=criterion.id, author=author
        ).first()
        saved = clashed(
            row, values, write, assessment=assessment, subject_kind="rating", subject=subject
        )
    return saved


def undo(
    *,
    assessment: Assessment,
    pinned: Pinned,
    criterion: Criterion,
    write: Write,
    author: User | None = None,
) -> Saved | None:
    """Go back to the version before the present one, as a new version; None if there is none."""
    row = Rating.objects.filter(
        assessment=assessment, criterion=criterion.id, author=author
    ).first()
    subject = _subject(criterion, author)
    if row is None:
        return None
    sent = replayed(write)
    if sent is not None and (sent.assessment_id, sent.subject_kind, sent.subject) == (
        assessment.pk,
        "rating",
        subject,
    ):
        return Saved(row, changed=False, replayed=True)
    earlier = (
        Revision.objects.filter(
            assessment=assessment,
            subject_kind="rating",
            subject=subject,
            version__lt=row.version,
        )
        .order_by("-version")
        .first()
    )
    values = earlier.values if earlier else {"position": "", "reason": ""}
    return rate(
        assessment=assessment,
        pinned=pinned,
        criterion=criterion,
        position=values["position"],
        reason=values["reason"],
        write=write,
        author=author,
    )


def answer(*, assessment: Assessment, question: str, theme: str, text: str, write: Write) -> Saved:
    """Answer a published or detailed question.

    :raises StaleWrite: if somebody else saved this answer first.
    """
    text = within(text, MAX_ANSWER, _("answer"), remedy=OR_CITE)
    with transaction.atomic():
        row = (
            Answer.objects.select_for_update()
            .filter(assessment=assessment, question=question)
            .first()
        )
        new = row is None
        row = row or Answer(assessment=assessment, question=question, theme=theme, version=0)
        if new and not text:
            return Saved(row, changed=False)
        return save_versioned(
            assessment=assessment,
            row=row,
            values={"text": text},
            write=write,
            verb="answered",
            subject_kind="answer",
            subject=question,
            new=new,
        )


def cite(
    *, assessment: Assessment, question: str, theme: str, cites: Sequence[UUID], by: User
) -> Answer:
    """Set which evidence an answer cites; what was deleted meanwhile is left out.

    :raises NotFound: for evidence of another assessment, or of none.
    """
    wanted = EvidenceItem.objects.filter(assessment=assessment, pk__in=list(cites))
    with transaction.atomic():
        if wanted.count() != len(set(cites)):
            raise NotFound(
                _("An item that was to be cited is not in this assessment."),
                _("An answer cites evidence of its own assessment."),
                _("Load the page again and choose from the list."),
            )
        row, _made = Answer.objects.get_or_create(
            assessment=assessment, question=question, defaults={"theme": theme, "updated_by": by}
        )
        before = sorted(row.cites.values_list("number", flat=True))
        row.cites.set(wanted.filter(deleted_at=None))
        record(
            by=by,
            verb="cited evidence",
            subject_kind="answer",
            subject_id=question,
            organisation_id=assessment.organisation_id,
            assessment_id=assessment.pk,
            before={"evidence": before},
            after={"evidence": sorted(row.cites.values_list("number", flat=True))},
        )
    return row
