"""How far people who rated for themselves agree: Krippendorff's alpha, and plain counts.

A *shared* rating is a criterion that two or more people placed. Only placings have an order:
*conflicting*, *cannot tell* and *not applicable* lie on no scale, so that alpha leaves them out
as if nothing had been said, and they are counted beside it. Criteria of three positions stand on
the same order as those of four, from the best down; only the order counts, no distance.

Alpha comes from the library ``krippendorff``. It is not given for fewer shared ratings than
:data:`LEAST`, for a few criteria say too little about how people rate, nor where every placing
is the same, for then there is nothing that agreement could be told from.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from math import isnan

from kloe.assessment.positions import PLACINGS, Position
from kloe.core.messages import Message, _

#: Shared ratings below which alpha is not given.
LEAST = 30
#: The best placing of every form; the others count down from it.
BEST = 4


@dataclass(frozen=True, slots=True)
class Said:
    """What one person said of one criterion for themselves."""

    criterion: str
    form: str
    by: str
    position: str


@dataclass(frozen=True, slots=True)
class Reliability:
    """Agreement over some criteria.

    ``pairs`` are pairs of people who both placed a criterion, ``steps`` how many of them lie so
    many steps apart. ``mixed`` pairs are those of whom only one placed it, ``unplaced`` those of
    whom neither did.
    """

    people: int
    shared: int
    steps: Mapping[int, int]
    mixed: int
    unplaced: int
    #: None where it is not given; ``why_not`` says why.
    alpha: float | None
    why_not: Message | None

    @property
    def pairs(self) -> int:
        return sum(self.steps.values())

    @property
    def same(self) -> int:
        return self.steps.get(0, 0)

    @property
    def percent(self) -> int | None:
        """Pairs that placed a criterion alike, of a hundred."""
        return round(100 * self.same / self.pairs) if self.pairs else None

    @property
    def wider(self) -> int:
        """Pairs two steps apart or more."""
        return sum(n for apart, n in self.steps.items() if apart > 1)


def rank_of(form: str, position: str) -> int | None:
    """A placing on the common order, :data:`BEST` for the best; None for what has no order."""
    order = [p.value for p in PLACINGS[form]]
    return BEST - order.index(position) if position in order else None


def reliability(said: Iterable[Said]) -> Reliability:
    """How far people agree over these criteria; empty positions say nothing."""
    units: dict[str, list[tuple[str, int | None]]] = defaultdict(list)
    people = set()
    for one in said:
        if one.position:
            Position(one.position)
            units[one.criterion].append((one.by, rank_of(one.form, one.position)))
            people.add(one.by)
    steps: Counter[int] = Counter()
    mixed = unplaced = 0
    for ratings in units.values():
        for (_one, a), (_other, b) in combinations(ratings, 2):
            if a is not None and b is not None:
                steps[abs(a - b)] += 1
            elif a is None and b is None:
                unplaced += 1
            else:
                mixed += 1
    placed = {
        criterion: {by: rank for by, rank in ratings if rank is not None}
        for criterion, ratings in units.items()
    }
    shared = {criterion: ranks for criterion, ranks in placed.items() if len(ranks) > 1}
    alpha, why_not = _alpha(shared)
    return Reliability(
        len(people), len(shared), dict(sorted(steps.items())), mixed, unplaced, alpha, why_not
    )


def _alpha(shared: Mapping[str, Mapping[str, int]]) -> tuple[float | None, Message | None]:
    """Ordinal alpha, or why there is none."""
    if len(shared) < LEAST:
        return None, _(
            "not computable: %(n)d of the %(least)d shared ratings it needs",
            n=len(shared),
            least=LEAST,
        )
    values = sorted({rank for ranks in shared.values() for rank in ranks.values()})
    if len(values) < 2:
        return None, _("not computable: every placing is the same")
    # Costs a third of a second to load, which no page without it should pay.
    import krippendorff

    people = sorted({by for ranks in shared.values() for by in ranks})
    missing = float("nan")
    table = [[float(ranks.get(by, missing)) for ranks in shared.values()] for by in people]
    found = float(krippendorff.alpha(reliability_data=table, level_of_measurement="ordinal"))
    return (None, _("not computable")) if isnan(found) else (found, None)
