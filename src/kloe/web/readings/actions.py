"""Being done with a theme, opening it, agreeing what all gave alike, dissenting."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kloe.assessment.positions import LABELS, PLACED, Position, offered
from kloe.core.errors import Conflict, InvalidInput, NotFound, PermissionRefused
from kloe.core.given import within
from kloe.core.messages import _
from kloe.frameworks.model import Criterion, Theme
from kloe.web.access import AssessmentAccess
from kloe.web.accounts.models import User
from kloe.web.assessments import ratings
from kloe.web.assessments.models import Assessment, Rating, ThemeWork
from kloe.web.assessments.saving import Write
from kloe.web.ids import new_id
from kloe.web.inspections.actions import trace
from kloe.web.library.store import Pinned
from kloe.web.readings import queries
from kloe.web.readings.models import BlindRequest, Opening, RatingDissent, Reading

_PLACED = frozenset(p.value for p in PLACED)


def _held(assessment: Assessment, theme: Theme) -> ThemeWork:
    """The theme's row, held until the transaction ends: of two who are done at once each sees
    the other.

    :raises InvalidInput: if it is not read by two.
    """
    work = (
        assessment.themes.select_for_update(of=("self",))
        .filter(theme=theme.id, in_scope=True)
        .first()
    )
    if work is None or work.lead_id is None or work.second_id is None:
        raise InvalidInput(
            _("The theme %(number)s is not read by two people.", number=theme.number),
            _("Its lead and its second reader rate it for themselves."),
            _("Name both in the plan of enquiry first."),
        )
    return work


def _closed(assessment: Assessment, theme: Theme) -> None:
    """:raises Conflict: if the theme is open."""
    if Opening.objects.filter(assessment=assessment, theme=theme.id).exists():
        raise Conflict(
            _("The readings of %(number)s are open already.", number=theme.number),
            _("What readers rated for themselves rests as it was then."),
            _("Go to its page: there the team agrees its rating."),
        )


def _opened(assessment: Assessment, theme: str) -> None:
    """:raises InvalidInput: if the theme is not open."""
    if not Opening.objects.filter(assessment=assessment, theme=theme).exists():
        raise InvalidInput(
            _("The readings of this theme are not open."),
            _("The team agrees, and people dissent, once all readers are done with it."),
            _("Wait for them, or have whoever leads the inspection open it."),
        )


def _asked(assessment: Assessment, theme: str) -> dict[UUID, set[str]]:
    found: dict[UUID, set[str]] = {}
    for reader, criterion in BlindRequest.objects.filter(
        assessment=assessment, theme=theme
    ).values_list("reader", "criterion"):
        found.setdefault(reader, set()).add(criterion)
    return found


@transaction.atomic
def done(*, assessment: Assessment, theme: Theme, by: User) -> bool:
    """Say that one is done with a theme; gives whether that opened it, being the last.

    :raises PermissionRefused: for somebody who does not read it.
    :raises InvalidInput: while something they were asked to rate is not rated.
    :raises Conflict: if it is open already.
    """
    work = _held(assessment, theme)
    asked = _asked(assessment, theme.id)
    readers = {work.lead_id, work.second_id, *asked}
    if by.pk not in readers:
        raise PermissionRefused(
            _("You do not read the theme %(number)s.", number=theme.number),
            _("Its readers say themselves when they are done."),
            _("Whoever leads the inspection may open it."),
        )
    _closed(assessment, theme)
    rated = set(
        Rating.objects.filter(assessment=assessment, theme=theme.id, author=by)
        .exclude(position="")
        .values_list("criterion", flat=True)
    )
    missing = [c for c in theme.criteria if c.id in asked.get(by.pk, ()) and c.id not in rated]
    if missing or not rated:
        raise InvalidInput(
            _("Not rated yet: %(titles)s.", titles=", ".join(str(c.title) for c in missing))
            if missing
            else _("You have rated nothing in this theme yet."),
            _("Who is done has rated every criterion they were asked to rate unseen."),
            _("Rate it; “cannot tell” is an answer too."),
        )
    _row, made = Reading.objects.get_or_create(assessment=assessment, theme=theme.id, reader=by)
    if made:
        trace(
            assessment, by, "finished reading", kind="reading", subject=theme.id,
            after={"criteria": len(rated)},
        )  # fmt: skip
    finished = set(
        Reading.objects.filter(assessment=assessment, theme=theme.id).values_list(
            "reader", flat=True
        )
    )
    if readers - finished:
        return False
    _open(assessment, theme, by=by, opened_by=None, reason="")
    return True


@transaction.atomic
def not_done(*, assessment: Assessment, theme: Theme, by: User) -> bool:
    """Take back that one is done, as long as it is not open; gives whether one was.

    :raises Conflict: if it is open already.
    """
    _held(assessment, theme)
    _closed(assessment, theme)
    gone, _what = Reading.objects.filter(assessment=assessment, theme=theme.id, reader=by).delete()
    if gone:
        trace(assessment, by, "took up reading again", kind="reading", subject=theme.id)
    return bool(gone)


def _open(
    assessment: Assessment, theme: Theme, *, by: User, opened_by: User | None, reason: str
) -> Opening:
    row = Opening.objects.create(assessment=assessment, theme=theme.id, by=opened_by, reason=reason)
    ratings_seen = queries.by_person(assessment, theme.id).count()
    trace(
        assessment, by, "opened readings", kind="reading", subject=theme.id,
        after={"ratings": ratings_seen} | ({"reason": reason} if reason else {}),
    )  # fmt: skip
    return row


@transaction.atomic
def open_early(*, assessment: Assessment, theme: Theme, reason: str, by: User) -> Opening:
    """Open a theme before all its readers are done, for a reason; what was asked for and not
    given by then stays ungiven.

    :raises Conflict: if it is open already.
    """
    reason = within(reason, 500, _("reason"))
    if not reason:
        raise InvalidInput(
            _("No reason is given."),
            _("A theme is opened before its readers are done for a reason, which is kept."),
            _("Write it in a sentence."),
        )
    _held(assessment, theme)
    _closed(assessment, theme)
    return _open(assessment, theme, by=by, opened_by=by, reason=reason)


# Agreeing ------------------------------------------------------------------------------------


@transaction.atomic
def agree_alike(*, access: AssessmentAccess, pinned: Pinned, theme: Theme, by: User) -> int:
    """Make what all readers gave alike the team's rating, where there is none; gives how many.

    The reason is the lead's, or that of another reader where the lead gave none.
    """
    assessment = access.assessment
    _opened(assessment, theme.id)
    lead = assessment.themes.values_list("lead", flat=True).get(theme=theme.id)
    n = 0
    for row in queries.rows(assessment, theme, {}):
        if row.alike not in _PLACED or row.position:
            continue
        spoken = sorted(row.read.spoken, key=lambda s: s.by != lead)
        reason = row.reason or next((s.reason for s in spoken if s.reason), "")
        ratings.rate(
            assessment=assessment,
            pinned=pinned,
            criterion=row.criterion,
            position=row.alike,
            reason=reason,
            write=Write(new_id(), row.version, by),
        )
        n += 1
    return n


@transaction.atomic
def dissent(
    *, assessment: Assessment, criterion: Criterion, position: str, reason: str, by: User
) -> RatingDissent:
    """Record that somebody does not agree with the team's rating, with their placing and why.

    The same said twice stands once.

    :raises InvalidInput: where there is no team rating, or it is the same, or theirs.
    :raises Conflict: where another dissent of theirs stands.
    """
    _opened(assessment, criterion.theme_id)
    reason = within(reason, ratings.MAX_REASON, _("reason"))
    allowed = [p.value for p in offered(criterion.form)]
    if position not in allowed:
        raise InvalidInput(
            _("“%(position)s” is no position of this criterion.", position=position[:40]),
            _(
                "It offers: %(all)s.",
                all=", ".join(str(LABELS[Position(p)]).lower() for p in allowed),
            ),
            _("Choose the placing you would give."),
        )
    if not reason:
        raise InvalidInput(
            _("No reason is given."),
            _("A dissent stands with its reason beside the team's rating."),
            _("Say why you place it otherwise."),
        )
    team = Rating.objects.filter(assessment=assessment, criterion=criterion.id, author=None).first()
    if team is None or not team.position:
        raise InvalidInput(
            _("The team has not rated this criterion yet."),
            _("One dissents from what was agreed."),
            _("Until then, say it to whoever agrees the rating."),
        )
    standing = (
        RatingDissent.objects.select_for_update()
        .filter(assessment=assessment, criterion=criterion.id, by=by, withdrawn_at=None)
        .first()
    )
    if standing is not None:
        if (standing.position, standing.reason) == (position, reason):
            return standing
        raise Conflict(
            _("A dissent of yours stands already."),
            _("Each person has one on a criterion."),
            _("Withdraw it first; it stays to be read."),
        )
    if team.position == position:
        raise InvalidInput(
            _("That is the team's rating."),
            _("Who dissents would give another."),
            _("Choose the placing you would give."),
        )
    if team.updated_by_id == by.pk:
        raise InvalidInput(
            _("You wrote the team's rating yourself."),
            _("Dissent is recorded from somebody else."),
            _("Change the rating if you no longer hold it."),
        )
    row = RatingDissent.objects.create(
        assessment=assessment,
        criterion=criterion.id,
        theme=criterion.theme_id,
        by=by,
        position=position,
        reason=reason,
        against=team.position,
    )
    _told(row, by, "dissented from rating")
    return row


def _told(row: RatingDissent, by: User, verb: str) -> None:
    values: Mapping[str, str] = {"position": row.position, "reason": row.reason}
    trace(row.assessment, by, verb, kind="rating", subject=row.criterion, after=dict(values))


@transaction.atomic
def withdraw_dissent(*, assessment: Assessment, pk: UUID, by: User) -> RatingDissent:
    """Take one's own dissent back: it stays to be read, as withdrawn.

    :raises NotFound: if there is none such of this person.
    """
    row = (
        RatingDissent.objects.select_for_update()
        .filter(assessment=assessment, pk=pk, by=by)
        .first()
    )
    if row is None:
        raise NotFound(
            _("There is no such dissent of yours."),
            _("People withdraw what they said themselves."),
            _("Load the page again."),
        )
    if row.withdrawn_at is None:
        row.withdrawn_at = timezone.now()
        row.save(update_fields=["withdrawn_at"])
        _told(row, by, "withdrew dissent from rating")
    return row
