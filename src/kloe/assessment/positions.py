"""Positions: where an organisation stands on one criterion. Grades begin at the theme."""

from __future__ import annotations

from enum import StrEnum

from kloe.core.messages import Message, _


class Position(StrEnum):
    """Glossary, *rating*. Which positions a criterion offers depends on its form."""

    UPPER = "upper"
    BETWEEN = "between"
    LOWER = "lower"
    WORSE = "worse"
    MET = "met"
    PARTLY_MET = "partly-met"
    NOT_MET = "not-met"
    SO = "so"
    PARTLY_SO = "partly-so"
    NOT_SO = "not-so"
    CONFLICTING = "conflicting"
    CANNOT_TELL = "cannot-tell"
    NOT_APPLICABLE = "not-applicable"


PAIRED = (Position.UPPER, Position.BETWEEN, Position.LOWER, Position.WORSE)
UPPER_ONLY = (Position.MET, Position.PARTLY_MET, Position.NOT_MET)
LOWER_ONLY = (Position.NOT_SO, Position.PARTLY_SO, Position.SO)
BESIDES = (Position.CONFLICTING, Position.CANNOT_TELL, Position.NOT_APPLICABLE)

#: The positions of each form, best first, without those every criterion offers besides.
PLACINGS: dict[str, tuple[Position, ...]] = {
    "paired": PAIRED,
    "upper only": UPPER_ONLY,
    "lower only": LOWER_ONLY,
}

#: Positions that place the organisation; the others leave the criterion open or out.
PLACED: frozenset[Position] = frozenset(PAIRED + UPPER_ONLY + LOWER_ONLY)

LABELS: dict[Position, Message] = {
    Position.UPPER: _("Upper"),
    Position.BETWEEN: _("Between"),
    Position.LOWER: _("Lower"),
    Position.WORSE: _("Worse than lower"),
    Position.MET: _("Met"),
    Position.PARTLY_MET: _("In part"),
    Position.NOT_MET: _("Not met"),
    Position.SO: _("So"),
    Position.PARTLY_SO: _("In part"),
    Position.NOT_SO: _("Not so"),
    Position.CONFLICTING: _("Conflicting"),
    Position.CANNOT_TELL: _("Cannot tell"),
    Position.NOT_APPLICABLE: _("Not applicable"),
}

#: Where there is little room: on the ladder, in a table's cell.
SHORT: dict[Position, Message] = LABELS | {Position.WORSE: _("Worse")}

#: Colour step on the page, 4 best to 1 worst, 0 for none.
SHADES: dict[Position, int] = {
    Position.UPPER: 4,
    Position.BETWEEN: 3,
    Position.LOWER: 2,
    Position.WORSE: 1,
    Position.MET: 4,
    Position.PARTLY_MET: 3,
    Position.NOT_MET: 2,
    Position.NOT_SO: 3,
    Position.PARTLY_SO: 3,
    Position.SO: 2,
}


def offered(form: str) -> tuple[Position, ...]:
    """All positions a criterion of this form offers, in the order shown."""
    return PLACINGS[form] + BESIDES
