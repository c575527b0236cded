"""Theirs and ours on one criterion, and how far they lie apart, in words."""

from __future__ import annotations

from dataclasses import dataclass

from kloe.assessment.positions import LABELS, PLACINGS, Position
from kloe.core.messages import Message, _


@dataclass(frozen=True)
class Gap:
    """How two positions on a criterion compare; ``steps`` above none where they place higher."""

    words: Message
    #: Steps by which the landlord places itself higher; none where it cannot be told.
    steps: int | None = None

    @property
    def apart(self) -> bool:
        return self.steps is not None and self.steps != 0


def gap(form: str, theirs: str, ours: str) -> Gap:
    """The gap between the landlord's position and the inspectors'.

    :param form: of the criterion: paired, upper only, lower only.
    """
    if not theirs and not ours:
        return Gap(_("Neither has placed it."))
    if not theirs:
        return Gap(_("The landlord did not place itself."))
    if not ours:
        return Gap(_("The inspectors have not placed it yet."))
    order = [p.value for p in PLACINGS[form]]
    if theirs not in order or ours not in order:
        if theirs == ours:
            return Gap(_("Both say: %(position)s.", position=_label(ours)))
        return Gap(
            _(
                "The landlord says “%(theirs)s”, the inspectors “%(ours)s”.",
                theirs=_label(theirs),
                ours=_label(ours),
            )
        )
    steps = order.index(ours) - order.index(theirs)
    if steps == 0:
        return Gap(_("Both place it alike."), 0)
    if steps > 0:
        return Gap(_higher(steps), steps)
    return Gap(_lower(-steps), steps)


def _label(position: str) -> str:
    return str(LABELS[Position(position)]).lower()


def _higher(n: int) -> Message:
    return Message(
        "The landlord places itself %(n)d step higher.",
        plural="The landlord places itself %(n)d steps higher.",
        n=n,
    )


def _lower(n: int) -> Message:
    return Message(
        "The landlord places itself %(n)d step lower.",
        plural="The landlord places itself %(n)d steps lower.",
        n=n,
    )
