"""Whether an action is specific, measurable, agreed, realistic and time-bound.

Each letter says in words what it still lacks. Nothing is guessed from how a text is written:
whether an action is agreed and realistic is what people say of it, or do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from kloe.core.messages import Message, _

#: An action that runs longer than this many days needs a milestone on the way.
LONG = 183


class Letter(StrEnum):
    """The five letters."""

    SPECIFIC = "specific"
    MEASURABLE = "measurable"
    AGREED = "agreed"
    REALISTIC = "realistic"
    TIME_BOUND = "time-bound"


LETTERS: dict[str, Message] = {
    Letter.SPECIFIC: _("Specific"),
    Letter.MEASURABLE: _("Measurable"),
    Letter.AGREED: _("Agreed"),
    Letter.REALISTIC: _("Realistic"),
    Letter.TIME_BOUND: _("Time-bound"),
}


@dataclass(frozen=True, slots=True)
class Stated:
    """What is said of an action.

    :param agreed: what somebody said of it; ``None`` where nobody has said yet.
    :param realistic: as ``agreed``.
    :param milestones: the days of its milestones, where they have one.
    """

    what: str = ""
    owner: str = ""
    outcome: str = ""
    measure: str = ""
    indicator: str = ""
    target: str = ""
    agreed: bool | None = None
    agreed_with: str = ""
    realistic: bool | None = None
    needs_money: bool | None = None
    budget: Decimal | None = None
    start_on: date | None = None
    due_on: date | None = None
    milestones: Sequence[date | None] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """One letter, and what it lacks."""

    letter: Letter
    missing: tuple[Message, ...]

    @property
    def met(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing

    @property
    def name(self) -> str:
        """The letter's word."""
        return str(LETTERS[self.letter])


@dataclass(frozen=True, slots=True)
class Smart:
    """All five letters."""

    letters: tuple[Checked, ...]

    @property
    def met(self) -> int:
        """How many letters lack nothing."""
        return sum(c.met for c in self.letters)

    @property
    def complete(self) -> bool:
        """Whether the action is SMART."""
        return self.met == len(self.letters)

    @property
    def missing(self) -> tuple[Message, ...]:
        """Everything missing, letter by letter."""
        return tuple(m for c in self.letters for m in c.missing)


def check(action: Stated) -> Smart:
    """Hold an action against the five letters."""
    return Smart(
        (
            Checked(Letter.SPECIFIC, tuple(_specific(action))),
            Checked(Letter.MEASURABLE, tuple(_measurable(action))),
            Checked(Letter.AGREED, tuple(_agreed(action))),
            Checked(Letter.REALISTIC, tuple(_realistic(action))),
            Checked(Letter.TIME_BOUND, tuple(_time_bound(action))),
        )
    )


def _specific(a: Stated) -> list[Message]:
    return [
        *[_("What is to be done is not said.")] * (not a.what.strip()),
        *[_("Nobody is named who answers for it.")] * (not a.owner.strip()),
        *[_("What service users will notice is not said.")] * (not a.outcome.strip()),
    ]


def _measurable(a: Stated) -> list[Message]:
    measured = a.measure.strip() or a.indicator.strip()
    return [
        *[_("How one can tell that it worked is not said.")] * (not measured),
        *[_("There is no target.")] * (not a.target.strip()),
    ]


def _agreed(a: Stated) -> list[Message]:
    if a.agreed is None:
        return [_("Nobody has said whether it is agreed.")]
    if not a.agreed:
        return [_("It is said not to be agreed.")]
    return [_("It is said to be agreed, but not with whom.")] * (not a.agreed_with.strip())


def _realistic(a: Stated) -> list[Message]:
    found = []
    if a.realistic is None:
        found.append(_("Nobody has said whether it is realistic."))
    elif not a.realistic:
        found.append(_("It is said not to be realistic."))
    if a.needs_money is None:
        found.append(_("It is not said whether it needs money."))
    elif a.needs_money and a.budget is None:
        found.append(_("It needs money and has no budget."))
    return found


def _time_bound(a: Stated) -> list[Message]:
    if a.due_on is None:
        return [_("There is no day by which it is done.")]
    if a.start_on is not None and a.start_on > a.due_on:
        return [_("It would start after the day it is due.")]
    found = []
    if any(m is None for m in a.milestones):
        found.append(_("A milestone has no day."))
    if any(m is not None and m > a.due_on for m in a.milestones):
        found.append(_("A milestone lies after the day it is due."))
    if a.start_on is None:
        found.append(_("There is no day on which it starts."))
    elif (a.due_on - a.start_on).days > LONG and not a.milestones:
        found.append(_("It runs longer than half a year without a milestone."))
    return found
