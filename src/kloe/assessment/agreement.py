"""What a piece of evidence says of a placing: whether it agrees, contradicts or is neutral.

A link says of one descriptor that it is so, or otherwise. Whether that agrees with a placing
depends on the column the descriptor stands in and on its polarity, not on the link alone:
showing a fault of the lower column speaks for the lower column; showing it otherwise speaks
for something better. Three cautions are built in:

- *Possible* descriptors ("may have ...") require nothing: shown, they speak weakly for their
  column and contradict no placing; shown otherwise, they say nothing.
- A *strength* of the lower column is what an upper organisation may well have too: showing it
  speaks for lower or better; only its absence contradicts both.
- A *mixed* descriptor of the lower column, shown otherwise, may be better or worse: it only
  contradicts *lower*.

A placing *between* agrees with evidence of either column, for that is what it says, but not
with the absence of what even the lower column has. Evidence for *conflicting* or *cannot
tell* is neutral: there is nothing to agree with yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from kloe.assessment.positions import LOWER_ONLY, PAIRED, PLACINGS, UPPER_ONLY, Position
from kloe.assessment.vocabulary import Direction


class Agreement(StrEnum):
    """What evidence says of a placing."""

    AGREES = "agrees"
    CONTRADICTS = "contradicts"
    NEUTRAL = "neutral"

    def as_bool(self) -> bool | None:
        """Agrees, contradicts, or neither."""
        return None if self is Agreement.NEUTRAL else self is Agreement.AGREES


_A, _C, _N = Agreement.AGREES, Agreement.CONTRADICTS, Agreement.NEUTRAL
_Row = tuple[Agreement, Agreement, Agreement, Agreement]
# What is said of upper, between, lower, worse; by side, polarity, and whether it is shown.
_FOR_UPPER: _Row = (_A, _A, _C, _C)
_AGAINST_UPPER: _Row = (_C, _A, _A, _A)
_PAIRED: dict[tuple[str, str, bool], _Row] = {
    ("upper", "strength", True): _FOR_UPPER,
    ("upper", "fault", True): _FOR_UPPER,
    ("upper", "mixed", True): _FOR_UPPER,
    ("upper", "possible", True): (_A, _A, _N, _N),
    ("upper", "strength", False): _AGAINST_UPPER,
    ("upper", "fault", False): _AGAINST_UPPER,
    ("upper", "mixed", False): _AGAINST_UPPER,
    ("upper", "possible", False): (_N, _N, _N, _N),
    ("lower", "fault", True): _AGAINST_UPPER,
    ("lower", "fault", False): _FOR_UPPER,
    ("lower", "strength", True): (_N, _A, _A, _C),
    ("lower", "strength", False): (_C, _C, _C, _A),
    ("lower", "mixed", True): (_C, _A, _A, _N),
    ("lower", "mixed", False): (_N, _N, _C, _N),
    ("lower", "possible", True): (_N, _A, _A, _A),
    ("lower", "possible", False): (_N, _N, _N, _N),
}
# One-sided criteria: what is shown of their only column is the placing itself.
_SHOWN = (_A, _A, _C)
_OTHERWISE = (_C, _A, _A)


def _table() -> dict[tuple[Position, str, str, bool], Agreement]:
    """Every answer, looked up once for each link of each save."""
    table = {}
    for (side, polarity, shown), row in _PAIRED.items():
        for position, said in zip(PAIRED, row, strict=True):
            table[position, side, polarity, shown] = said
        only = UPPER_ONLY if side == "upper" else tuple(reversed(LOWER_ONLY))
        for position, said in zip(only, _SHOWN if shown else _OTHERWISE, strict=True):
            weak = polarity == "possible" and (not shown or said is _C)
            table[position, side, polarity, shown] = _N if weak else said
    return table


_TABLE = _table()


def agreement(direction: str, side: str, polarity: str, position: Position | None) -> Agreement:
    """What a link of this direction to a descriptor of this side and polarity says."""
    if position is None or direction == Direction.CONTEXT:
        return Agreement.NEUTRAL
    shown = direction == Direction.SHOWS
    return _TABLE.get((position, side, polarity, shown), Agreement.NEUTRAL)


@dataclass(frozen=True, slots=True)
class Assessors:
    """How far the placings of several assessors on one criterion lie apart.

    ``apart`` counts steps of the form's positions between the best and the worst placing;
    ``unplaced`` are those who find it conflicting, cannot tell, or hold it not applicable.
    """

    placed: int
    unplaced: int
    apart: int

    @property
    def agree(self) -> bool:
        """Whether all who said something said the same kind of thing: to moderate otherwise."""
        return self.apart == 0 and (self.placed == 0 or self.unplaced == 0)


def between_assessors(form: str, placings: Mapping[str, Position | str | None]) -> Assessors:
    """Compare the placings of assessors (by whoever they are); empty ones say nothing."""
    order = PLACINGS[form]
    said = [Position(p) for p in placings.values() if p]
    steps = [order.index(p) for p in said if p in order]
    apart = max((abs(a - b) for a, b in combinations(steps, 2)), default=0)
    return Assessors(len(steps), len(said) - len(steps), apart)
