"""How a person stands to the ratings of a theme: what they rate, and what is hidden from them.

In an inspection a theme with a lead and a second reader is read by two: each of its readers rates
for themselves, and nobody else sees it before the theme is open. The team's rating comes after.
Elsewhere, and in themes with one reader, the team's rating is written straight away.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Exists, OuterRef, Value

from kloe.assessment.permissions import Permission
from kloe.assessment.vocabulary import INSPECTION_KINDS
from kloe.core.errors import InvalidInput, PermissionRefused
from kloe.core.messages import _
from kloe.web.access import AssessmentAccess
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment, ThemeWork
from kloe.web.prepared import Prepared
from kloe.web.readings.models import BlindRequest, Opening, Reading

_HERE = {"assessment": OuterRef("assessment"), "theme": OuterRef("theme")}
_SEAT = Prepared(
    lambda assessment, theme, user, criterion: (
        ThemeWork.objects.filter(assessment=assessment, theme=theme)
        .order_by()
        .annotate(
            opened=Exists(Opening.objects.filter(**_HERE)),
            done=Exists(Reading.objects.filter(**_HERE, reader=user)),
            asked=Exists(
                BlindRequest.objects.filter(
                    assessment=OuterRef("assessment"), criterion=Value(criterion), reader=user
                )
            ),
        )
        .values_list("lead_id", "second_id", "opened", "done", "asked")
    ),
    UUID,
    str,
    UUID,
    str,
)
_ASKED = Prepared(
    lambda assessment, theme, user: (
        BlindRequest.objects.filter(assessment=assessment, theme=theme, reader=user)
        .order_by()
        .values_list("criterion")
    ),
    UUID,
    str,
    UUID,
)
_BY_TWO = Prepared(
    lambda assessment, theme: (
        ThemeWork.objects.filter(
            assessment=assessment, theme=theme, lead__isnull=False, second__isnull=False
        )
        .order_by()
        .annotate(opened=Exists(Opening.objects.filter(**_HERE)))
        .values_list("opened")
    ),
    UUID,
    str,
)


@dataclass(frozen=True)
class Seat:
    """One person and the ratings of one theme."""

    #: Whether it is read by two; if not, nothing else here matters.
    by_two: bool = False
    opened: bool = False
    leads: bool = False
    seconds: bool = False
    #: Criteria this person is asked to rate unseen.
    asked: frozenset[str] = field(default_factory=frozenset)
    done: bool = False
    #: Whether they lead the inspection.
    chief: bool = False

    @property
    def closed(self) -> bool:
        """Whether what readers rate is hidden from each other now."""
        return self.by_two and not self.opened

    @property
    def reads(self) -> bool:
        return self.leads or self.seconds

    @property
    def reader(self) -> bool:
        """Whether there is something here for them to rate for themselves."""
        return self.by_two and (self.reads or bool(self.asked))

    def alone(self, criterion: str) -> bool:
        """Whether they rate this criterion for themselves, and see nothing but that."""
        return self.closed and (self.reads or criterion in self.asked)

    @property
    def agrees(self) -> bool:
        """Whether they write the team's rating."""
        return not self.by_two or (self.opened and (self.leads or self.chief))

    def writes(self, criterion: str) -> bool:
        """Whether a rating of this criterion by them is taken, their own or the team's."""
        return not self.done if self.alone(criterion) else self.agrees


#: Outside inspections.
ANYBODY = Seat()


def _made(
    access: AssessmentAccess,
    row: tuple[UUID | None, UUID | None, bool, bool, bool],
    asked: frozenset[str],
) -> Seat:
    lead, second, opened, done, _one = row
    me = access.user.pk
    return Seat(
        by_two=lead is not None and second is not None,
        opened=bool(opened),
        leads=lead == me,
        seconds=second == me,
        asked=asked,
        done=bool(done),
        chief=access.may(Permission.INSPECTION_MANAGE),
    )


def of_theme(access: AssessmentAccess, theme: str) -> Seat:
    """How the person stands to a theme: two queries in an inspection, none elsewhere."""
    if not access.stage:
        return ANYBODY
    here, me = access.assessment.pk, access.user.pk
    rows = _SEAT(here, theme, me, "")
    if not rows:
        return ANYBODY
    return _made(access, tuple(rows[0]), frozenset(c for (c,) in _ASKED(here, theme, me)))


def of_criterion(access: AssessmentAccess, theme: str, criterion: str) -> Seat:
    """How the person stands to one criterion: one query in an inspection, none elsewhere."""
    if not access.stage:
        return ANYBODY
    rows = _SEAT(access.assessment.pk, theme, access.user.pk, criterion)
    if not rows:
        return ANYBODY
    return _made(access, tuple(rows[0]), frozenset([criterion] if rows[0][4] else []))


def author(seat: Seat, user: User, criterion: str) -> User | None:
    """As whom a rating is saved: the person, or nobody for the team.

    :raises InvalidInput: if the person said that they are done.
    :raises PermissionRefused: if neither a rating of their own nor the team's is theirs to write.
    """
    if seat.alone(criterion):
        if seat.done:
            raise InvalidInput(
                _("You said that you are done with this theme."),
                _("What you rated for yourself rests until it is open."),
                _("Take that back on the page of its readings, then rate on."),
            )
        return user
    if seat.agrees:
        return None
    if seat.opened:
        raise PermissionRefused(
            _("The team's rating is agreed by the theme's lead or whoever leads the inspection."),
            _("What you rated for yourself stands as it was when the theme was opened."),
            _("Say it to one of them, or record your dissent beside the rating."),
        )
    raise _unseen()


def _unseen() -> PermissionRefused:
    return PermissionRefused(
        _("This theme is read by two people, each for themselves."),
        _("Its lead, its second reader and whoever is asked besides rate it until it is open."),
        _("Whoever leads the inspection opens it, or asks you for a reading."),
    )


def check_rating(assessment: Assessment, theme: str, author: User | None) -> None:
    """Before a rating is saved: one query in an inspection, none elsewhere.

    :raises PermissionRefused: for the team's rating while readers rate unseen.
    :raises InvalidInput: for a reader's own once the theme is open.
    """
    if assessment.kind not in INSPECTION_KINDS:
        return
    rows = _BY_TWO(assessment.pk, theme)
    if not rows:
        return
    opened = bool(rows[0][0])
    if author is None and not opened:
        raise _unseen()
    if author is not None and opened:
        raise opened_meanwhile()


def opened_meanwhile() -> InvalidInput:
    """What a reader is told whose own rating comes once the theme is open."""
    return InvalidInput(
        _("The readings of this theme were opened while you wrote."),
        _("What readers rate for themselves rests from then on; this was not saved."),
        _("Load the page again; whoever agrees the team's rating can take it up."),
    )
