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


def proposed(criterion: Criterion, side: str | None, aim: Aim) -> Proposal:
    """On target it shows the upper statement to be so, off target the lower one.

    Where the measure speaks for one side only, it shows that one to be so or otherwise. Without
    a target, or off target by no more than chance gives, it is context.
    """
    upper, lower = criterion.upper[:1], criterion.lower[:1]
    if side == "upper" and upper:
        lower = ()
    if side == "lower" and lower:
        upper = ()
    every = (*upper, *lower)
    if aim is Aim.ON:
        first = every[0]
        said = Direction.SHOWS if first.side == "upper" else Direction.OTHERWISE
        return Proposal(first, said)
    if aim is Aim.OFF:
        last = every[-1]
        said = Direction.SHOWS if last.side == "lower" else Direction.OTHERWISE
        return Proposal(last, said)
    return Proposal(every[0], Direction.CONTEXT)
