"""What a computed result is proposed to say of a criterion's statements."""

from __future__ import annotations

from dataclasses import dataclass

from kloe.assessment.vocabulary import Direction
from kloe.frameworks.model import Criterion, Descriptor
from kloe.measures.outlook import Aim


@dataclass(frozen=True, slots=True)
class Proposal:
    """A statement, and what the result says of it; a person confirms or changes it."""

    descriptor: Descriptor
    direction: Direction


#: Statements of these kinds tell of something amiss.
AMISS = frozenset({"fault", "mixed"})


def proposed(criterion: Criterion, bearing: str, side: str | None, aim: Aim) -> Proposal:
    """On target it shows the upper statement to be so, off target the lower one.

    A statement of something amiss is shown by a figure off target, one of a strength by a figure
    on target; where there is only the other kind, it is shown to be otherwise. Without a target,
    off target by no more than chance gives, of what only may be, or where the measure bears as
    context, it is context.
    """
    upper, lower = criterion.upper[:1], criterion.lower[:1]
    if side == "upper" and upper:
        lower = ()
    if side == "lower" and lower:
        upper = ()
    every = (*upper, *lower)
    if bearing == "context" or aim not in (Aim.ON, Aim.OFF):
        return Proposal(every[0], Direction.CONTEXT)
    told = [d for d in every if d.polarity != "possible"]
    if not told:
        return Proposal(every[0], Direction.CONTEXT)
    fitting = [d for d in told if (d.polarity in AMISS) == (aim is Aim.OFF)]
    if fitting:
        return Proposal(fitting[0], Direction.SHOWS)
    return Proposal(told[0], Direction.OTHERWISE)
