"""Every row that can be shown of a measure, and every way in which the rows add up.

Breakdowns add up to everybody, smaller groups to the larger ones they lie in, short periods to
long ones. Periods that overlap without one holding the other (a year to June, a year to
September) still tell by subtraction: they are cut at every first day, and the pieces that are
never shown stand as *implied* rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from kloe.core.errors import InvalidInput
from kloe.core.messages import _
from kloe.core.periods import Period
from kloe.measures.suppression import Key, Relation


@dataclass(frozen=True, slots=True)
class Layout:
    """The rows to compute and the relations among them.

    :param periods: every period to compute, those implied too, by label.
    :param implied: labels of periods that are never shown.
    """

    keys: tuple[Key, ...]
    relations: tuple[Relation, ...]
    periods: Mapping[str, Period]
    implied: frozenset[str]

    def is_overall(self, key: Key) -> bool:
        """Whether a row is everybody in its period."""
        return not key[1]

    def is_implied(self, key: Key) -> bool:
        """Whether a row is never shown."""
        return key[0] in self.implied


def row_key(period: str, characteristic: str = "", group: str = "") -> Key:
    """The key of a group's row in a period; without a group, of everybody's."""
    return (period, characteristic, group)


def layout(
    periods: Mapping[str, Period],
    breakdowns: Mapping[str, Sequence[str]],
    *,
    within: Mapping[str, tuple[str, Mapping[str, str]]] | None = None,
    flow: bool = True,
) -> Layout:
    """All rows and relations of the breakdowns over the periods.

    :param periods: what is shown, by label.
    :param breakdowns: for each characteristic its groups, which part everybody among them.
    :param within: for a characteristic the coarser one its groups lie in and which group each
        lies in, as estates in areas.
    :param flow: events of a period add up over periods; a state on a day does not.
    """
    nested = within or {}
    for fine, (coarse, parents) in nested.items():
        stray = [g for g in breakdowns[fine] if parents.get(g) not in breakdowns[coarse]]
        if stray:
            raise InvalidInput(
                _(
                    "The group %(group)s lies in no group of %(coarse)s.",
                    group=stray[0],
                    coarse=coarse,
                ),
                _("Every group lies in exactly one of the coarser groups."),
                _("Put it into one, or leave out the nesting."),
            )
    every = dict(periods)
    spans: list[tuple[str, tuple[str, ...]]] = []
    if flow:
        pieces = elementary(tuple(periods.values()))
        named = {period: label for label, period in sorted(periods.items(), reverse=True)}
        for piece in pieces:
            if piece not in named:
                named[piece] = f"{piece.start.isoformat()}..{piece.end.isoformat()}"
                every[named[piece]] = piece
        for label, period in sorted(periods.items()):
            inside = tuple(
                named[p] for p in pieces if period.start <= p.start and p.end <= period.end
            )
            if inside != (label,):
                spans.append((label, inside))
    groups = [("", ""), *((c, g) for c in sorted(breakdowns) for g in breakdowns[c])]
    relations = [
        Relation((label, c, g), tuple((part, c, g) for part in parts))
        for label, parts in spans
        for c, g in groups
    ]
    for label in sorted(every):
        for characteristic in sorted(breakdowns):
            if characteristic in nested:
                coarse, parents = nested[characteristic]
                for parent in breakdowns[coarse]:
                    inside = tuple(g for g in breakdowns[characteristic] if parents[g] == parent)
                    relations.append(
                        Relation(
                            (label, coarse, parent),
                            tuple((label, characteristic, g) for g in inside),
                        )
                    )
            else:
                relations.append(
                    Relation(
                        (label, "", ""),
                        tuple((label, characteristic, g) for g in breakdowns[characteristic]),
                    )
                )
    keys = tuple((label, c, g) for label in sorted(every) for c, g in groups)
    return Layout(keys, tuple(relations), every, frozenset(every) - frozenset(periods))


def elementary(periods: Sequence[Period]) -> tuple[Period, ...]:
    """The pieces that periods cut each other into: each period is a row of whole pieces."""
    if not periods:
        return ()
    day = timedelta(days=1)
    starts = sorted({p.start for p in periods} | {p.end + day for p in periods})
    pieces = [Period(a, b - day) for a, b in pairwise(starts)]
    return tuple(x for x in pieces if any(x.overlaps(p) for p in periods))
