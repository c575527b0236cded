"""How a check moves: one table, read by pages and actions alike."""

from __future__ import annotations

from dataclasses import dataclass

from kloe.assessment.checks.words import CheckState, label
from kloe.core.errors import Conflict, InvalidInput
from kloe.core.messages import Message, _

#: From where to where; everything else is refused.
MOVES: dict[CheckState, tuple[CheckState, ...]] = {
    CheckState.PLANNED: (CheckState.UNDER_WAY, CheckState.DONE, CheckState.WITHDRAWN),
    CheckState.UNDER_WAY: (CheckState.DONE, CheckState.WITHDRAWN),
    CheckState.DONE: (CheckState.UNDER_WAY,),
    CheckState.WITHDRAWN: (CheckState.PLANNED,),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """What of a check decides whether it may move."""

    state: str
    result: str = ""
    conclusion: str = ""
    done_on: bool = False


def missing(standing: Standing, to: str, reason: str = "") -> tuple[Message, ...]:
    """What is missing before a check may move; nothing where it may."""
    lacks: list[Message] = []
    if to == CheckState.DONE:
        if not standing.result:
            lacks.append(_("the result: whether it confirms or contradicts the claim"))
        if not standing.conclusion.strip():
            lacks.append(_("the conclusion in words"))
        if not standing.done_on:
            lacks.append(_("the day it was done"))
    reopened = standing.state == CheckState.DONE and to == CheckState.UNDER_WAY
    if (to == CheckState.WITHDRAWN or reopened) and not reason.strip():
        lacks.append(_("the reason"))
    return tuple(lacks)


def check_move(standing: Standing, to: str, reason: str = "") -> None:
    """Refuse a move that is not in the table, or comes too early.

    :raises InvalidInput: for an unknown state, or where something is missing.
    :raises Conflict: where the check cannot go there from where it is.
    """
    known = {s.value for s in CheckState}
    if to not in known:
        raise InvalidInput(
            _("“%(to)s” is no state of a check.", to=to[:40]),
            _("Allowed: %(all)s.", all=", ".join(sorted(known))),
            _("Choose one of these."),
        )
    allowed = MOVES[CheckState(standing.state)]
    if to not in allowed:
        raise Conflict(
            _(
                "A check that is %(state)s cannot become %(to)s.",
                state=label(standing.state).lower(),
                to=label(to).lower(),
            ),
            _("From here: %(all)s.", all=", ".join(label(s).lower() for s in allowed)),
            _("Load the page again; somebody may have moved it meanwhile."),
        )
    lacks = missing(standing, to, reason)
    if lacks:
        raise InvalidInput(
            _("The check cannot become %(to)s yet.", to=label(to).lower()),
            _("Missing: %(what)s.", what="; ".join(map(str, lacks))),
            _("Write it, then try again."),
        )
