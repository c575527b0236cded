"""The fixed words of an improvement plan, and how an action may move from one state to another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kloe.core.errors import InvalidInput
from kloe.core.messages import Message, _


class MadeBy(StrEnum):
    """Where a recommendation comes from."""

    INSPECTION = "inspection"
    SELF_ASSESSMENT = "self-assessment"
    AUDITOR = "auditor"
    REGULATOR = "regulator"
    OMBUDSMAN = "ombudsman"
    PEER_REVIEW = "peer review"
    RESIDENTS = "residents"
    OTHER = "other"


class LedBy(StrEnum):
    """What led to an action."""

    RECOMMENDATION = "recommendation"
    FINDING = "finding"
    COMPLAINT = "complaint"
    SURVEY = "survey"
    INDICATOR = "indicator"
    STAFF = "staff"
    RESIDENTS = "residents"
    BOARD = "board"
    OTHER = "other"


class Level(StrEnum):
    """How much: impact, cost, risk."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Status(StrEnum):
    """Where an action stands."""

    PROPOSED = "proposed"
    AGREED = "agreed"
    UNDER_WAY = "under way"
    ON_HOLD = "on hold"
    COMPLETED = "completed"
    DROPPED = "dropped"


class Outcome(StrEnum):
    """Whether service users got what an action was for."""

    OPEN = "open"
    EVIDENCED = "evidenced"
    NOT_SEEN = "not seen"


class Shows(StrEnum):
    """What an item of evidence is put to an action for."""

    COMPLETION = "completion"
    OUTCOME = "outcome"


MADE_BY: dict[str, Message] = {
    MadeBy.INSPECTION: _("Inspection"),
    MadeBy.SELF_ASSESSMENT: _("Self-assessment"),
    MadeBy.AUDITOR: _("Auditor"),
    MadeBy.REGULATOR: _("Regulator"),
    MadeBy.OMBUDSMAN: _("Ombudsman"),
    MadeBy.PEER_REVIEW: _("Peer review"),
    MadeBy.RESIDENTS: _("Residents"),
    MadeBy.OTHER: _("Somebody else"),
}
LED_BY: dict[str, Message] = {
    LedBy.RECOMMENDATION: _("Recommendation"),
    LedBy.FINDING: _("Area for improvement"),
    LedBy.COMPLAINT: _("Lesson of a complaint"),
    LedBy.SURVEY: _("Survey"),
    LedBy.INDICATOR: _("Indicator off target"),
    LedBy.STAFF: _("Staff"),
    LedBy.RESIDENTS: _("Residents"),
    LedBy.BOARD: _("Board"),
    LedBy.OTHER: _("Something else"),
}
LEVELS: dict[str, Message] = {
    Level.HIGH: _("High"),
    Level.MEDIUM: _("Medium"),
    Level.LOW: _("Low"),
}
STATUSES: dict[str, Message] = {
    Status.PROPOSED: _("Proposed"),
    Status.AGREED: _("Agreed, not begun"),
    Status.UNDER_WAY: _("Under way"),
    Status.ON_HOLD: _("On hold"),
    Status.COMPLETED: _("Completed"),
    Status.DROPPED: _("Dropped"),
}
OUTCOMES: dict[str, Message] = {
    Outcome.OPEN: _("Not shown yet"),
    Outcome.EVIDENCED: _("Evidenced"),
    Outcome.NOT_SEEN: _("Looked for, not seen"),
}
#: States in which work is still owed.
OPEN = frozenset({Status.PROPOSED, Status.AGREED, Status.UNDER_WAY, Status.ON_HOLD})
#: States in which an action is part of the plan: a proposal is not yet, what was dropped no more.
IN_PLAN = frozenset({Status.AGREED, Status.UNDER_WAY, Status.ON_HOLD, Status.COMPLETED})


@dataclass(frozen=True, slots=True)
class Move:
    """One step an action may take.

    :param reason: whether the step has to be explained.
    :param agreed: whether somebody has to have said with whom it is agreed.
    """

    start: Status
    to: Status
    words: Message
    reason: bool = False
    agreed: bool = False


MOVES: tuple[Move, ...] = (
    Move(Status.PROPOSED, Status.AGREED, _("Take into the plan"), agreed=True),
    Move(Status.PROPOSED, Status.DROPPED, _("Drop"), reason=True),
    Move(Status.AGREED, Status.UNDER_WAY, _("Begin")),
    Move(Status.AGREED, Status.COMPLETED, _("Mark as completed")),
    Move(Status.AGREED, Status.DROPPED, _("Drop"), reason=True),
    Move(Status.UNDER_WAY, Status.COMPLETED, _("Mark as completed")),
    Move(Status.UNDER_WAY, Status.ON_HOLD, _("Put on hold"), reason=True),
    Move(Status.UNDER_WAY, Status.DROPPED, _("Drop"), reason=True),
    Move(Status.ON_HOLD, Status.UNDER_WAY, _("Go on")),
    Move(Status.ON_HOLD, Status.DROPPED, _("Drop"), reason=True),
    Move(Status.COMPLETED, Status.UNDER_WAY, _("Open again"), reason=True),
    Move(Status.DROPPED, Status.PROPOSED, _("Propose again"), reason=True),
)


def moves_from(status: str) -> tuple[Move, ...]:
    """The steps open from a state."""
    return tuple(m for m in MOVES if m.start == status)


def move(start: str, to: str) -> Move:
    """The step from one state to another.

    :raises InvalidInput: where there is none; names those there are.
    """
    found = next((m for m in MOVES if m.start == start and m.to == to), None)
    if found is None:
        there = ", ".join(str(STATUSES[m.to]) for m in moves_from(start))
        raise InvalidInput(
            _(
                "An action that is “%(start)s” cannot become “%(to)s”.",
                start=str(STATUSES.get(start, start)),
                to=str(STATUSES.get(to, to[:40])),
            ),
            _("From there it can become: %(there)s.", there=there),
            _("Choose one of these."),
        )
    return found


def is_slip(due: date | None, now: date | None) -> bool:
    """Whether a day promised gave way to a later one, or to none."""
    return due is not None and (now is None or now > due)
