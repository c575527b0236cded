"""How a judgement of an inspection is moderated: what can be said of it, and what holds it.

Whoever leads proposes; a moderator who did not propose it questions and agrees it. Everything
said on the way stands in one thread, numbered, dated, and never changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from kloe.assessment.limits import AppliedLimit
from kloe.assessment.wording import words_to_json
from kloe.core.messages import Message, _


class Act(StrEnum):
    """What an entry of the discussion of a judgement is."""

    PROPOSED = "proposed"
    REWORDED = "reworded"
    CHANGED = "changed"
    ASKED = "asked"
    ANSWERED = "answered"
    AGREED = "agreed"
    REOPENED = "reopened"
    OVERRODE = "overrode"
    RESTORED = "restored"


ACTS: dict[Act, Message] = {
    Act.PROPOSED: _("Proposed"),
    Act.REWORDED: _("Reasons rewritten"),
    Act.CHANGED: _("Grade changed"),
    Act.ASKED: _("Question"),
    Act.ANSWERED: _("Answer"),
    Act.AGREED: _("Agreed"),
    Act.REOPENED: _("Opened again"),
    Act.OVERRODE: _("Limit overridden"),
    Act.RESTORED: _("Limit holds again"),
}


class State(StrEnum):
    """Where a judgement is on its way to being agreed."""

    NOT_JUDGED = "not judged"
    PROVISIONAL = "provisional"
    QUESTIONED = "questioned"
    PROPOSED = "proposed"
    AGREED = "agreed"


STATES: dict[State, Message] = {
    State.NOT_JUDGED: _("Not judged yet"),
    State.PROVISIONAL: _("Not proposed yet"),
    State.QUESTIONED: _("Question open"),
    State.PROPOSED: _("Waits for the moderator"),
    State.AGREED: _("Agreed"),
}


def questions_open(acts: Iterable[str]) -> int:
    """Questions nobody answered yet; an answer, another grade or agreement settles all before."""
    n = 0
    for act in acts:
        if act == Act.ASKED:
            n += 1
        elif act in {Act.ANSWERED, Act.CHANGED, Act.AGREED, Act.REOPENED}:
            n = 0
    return n


def fact_of(limit: AppliedLimit) -> dict[str, Any]:
    """What set a limit off, as an override keeps it: it holds for this fact and no other."""
    return {"of": limit.of, "rank": limit.rank, "stands": words_to_json(limit.stands)}


def holding(
    limits: Sequence[AppliedLimit], rank: int, overridden: Mapping[str, Mapping[str, Any]]
) -> tuple[AppliedLimit, ...]:
    """The limits that stand against a grade of this rank.

    :param overridden: by identifier, the fact for which a limit was overridden; of another
        fact it holds again.
    """
    return tuple(
        limit
        for limit in limits
        if limit.rank < rank and dict(overridden.get(limit.id) or {}) != fact_of(limit)
    )
