"""What becomes of two people's changes to one thing of a check; and of a clock that is wrong.

A change made without a network starts from a version that others may have moved on since. What
belongs together (an answer and its note, a result and its conclusion) is taken whole, from one
person or from the other; where both changed it differently, a person chooses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

#: Fields that make sense together only, by kind of write.
TOGETHER: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "entry": (("answer", "note"),),
    "outcome": (("result", "conclusion"), ("notes",), ("done_on",)),
}
#: A clock that is off by less is not spoken of.
CLOSE = timedelta(minutes=2)
Values = Mapping[str, str]


class Whose(StrEnum):
    """Whose words a group of fields holds after merging."""

    NOBODY = "nobody's"
    MINE = "mine"
    THEIRS = "theirs"
    BOTH = "both"
    OPEN = "to be chosen"


@dataclass(frozen=True, slots=True)
class Merged:
    """Two versions made into one, as far as that goes without a person."""

    #: The merged values; for a group to be chosen, theirs.
    values: dict[str, str]
    whose: dict[tuple[str, ...], Whose]

    @property
    def open(self) -> tuple[str, ...]:
        """The fields for which a person has to choose."""
        return tuple(f for group, who in self.whose.items() if who is Whose.OPEN for f in group)


def _whose(base: tuple[str, ...], theirs: tuple[str, ...], mine: tuple[str, ...]) -> Whose:
    if mine == theirs:
        return Whose.NOBODY if mine == base else Whose.BOTH
    if mine == base:
        return Whose.THEIRS
    return Whose.MINE if theirs == base else Whose.OPEN


def merge(base: Values, theirs: Values, mine: Values, groups: Sequence[tuple[str, ...]]) -> Merged:
    """Merge two versions that began from ``base``, group by group.

    A group only one of them changed is that person's; one both changed to the same stands; one
    both changed differently is left open, and nothing of it is taken from ``mine``.
    """

    def of(values: Values, group: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(values.get(name, "") for name in group)

    values: dict[str, str] = {}
    whose: dict[tuple[str, ...], Whose] = {}
    for group in groups:
        who = _whose(of(base, group), of(theirs, group), of(mine, group))
        whose[group] = who
        taken = mine if who is Whose.MINE else theirs
        values |= dict(zip(group, of(taken, group), strict=True))
    return Merged(values, whose)


@dataclass(frozen=True, slots=True)
class Moment:
    """When something was written down on a device, and how far off its clock was."""

    at: datetime | None
    #: How far the device is ahead of the server; nothing where it is close.
    ahead: timedelta = timedelta()


def moment(made: datetime | None, sent: datetime | None, received: datetime) -> Moment:
    """The time of a write whose device says when it was made and when it is sending.

    The same clock told both, so what it is off by when sending is taken off what it said when
    writing. Nothing was made after it was received, nor after it was sent.
    """
    if made is None:
        return Moment(None)
    ahead = sent - received if sent is not None else timedelta()
    if abs(ahead) < CLOSE:
        ahead = timedelta()
    try:
        at = made - ahead
    except OverflowError:
        return Moment(None, ahead)
    return Moment(min(at, received), ahead)
