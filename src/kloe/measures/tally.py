"""Adding up what the engines return: exact numbers by landlord, period and group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from kloe.core.errors import InvalidInput
from kloe.core.messages import _

Group = tuple[str | None, ...]
Key = tuple[str, int, Group]


@dataclass(slots=True)
class Tally:
    """Numbers of one landlord, period and group."""

    numerator: Decimal = Decimal(0)
    denominator: Decimal = Decimal(0)
    n: int = 0
    cases: int = 0
    excluded: Counter[str] = field(default_factory=Counter)
    values: Counter[Decimal] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        """Take in another's numbers."""
        self.numerator += other.numerator
        self.denominator += other.denominator
        self.n += other.n
        self.cases += other.cases
        self.excluded.update(other.excluded)
        self.values.update(other.values)


def exact(value: Any, id_: str) -> Decimal:
    """A number of an engine as a Decimal; an empty sum is 0.

    :raises InvalidInput: where it is a float, which would not be equal on every engine.
    """
    if value is None:
        return Decimal(0)
    if isinstance(value, float):
        raise InvalidInput(
            _("%(id)s returns a double.", id=id_),
            _("Amounts are INTEGER or DECIMAL."),
            _("Cast to DECIMAL(p, s) in the SQL."),
        )
    return Decimal(value)


def add_up(
    rows: Iterable[Sequence[Any]], id_: str, *, groups: int, distribution: bool
) -> dict[Key, Tally]:
    """What :func:`kloe.measures.compose.sums` returned, by landlord, period and group.

    :raises InvalidInput: where a case that is counted has no amount.
    """
    found: dict[Key, Tally] = {}
    for row in rows:
        landlord, period_id, excluded = row[0], row[1], row[2]
        if period_id is None:
            continue
        group = tuple(None if g is None else str(g) for g in row[3 : 3 + groups])
        tally = found.setdefault((landlord, period_id, group), Tally())
        amounts = row[3 + groups :]
        cases = int(amounts[1] if distribution else amounts[3])
        tally.cases += cases
        if excluded is not None:
            tally.excluded[excluded] += cases
            continue
        if (amounts[0] is None) if distribution else (amounts[4] > 0):
            raise InvalidInput(
                _("%(id)s returns cases that are counted but have no amount.", id=id_),
                "",
                _("Exclude them with a reason, or give 0 by COALESCE or CASE."),
            )
        if distribution:
            tally.values[exact(amounts[0], id_)] += cases
            tally.n += cases
        else:
            tally.numerator += exact(amounts[0], id_)
            tally.denominator += exact(amounts[1], id_)
            tally.n += int(amounts[2])
    return found


def coarser(found: dict[Key, Tally], places: Sequence[int]) -> dict[Key, Tally]:
    """The same numbers by fewer of the group columns: those at the given places."""
    merged: dict[Key, Tally] = {}
    for (landlord, period_id, group), tally in found.items():
        key = (landlord, period_id, tuple(group[p] for p in places))
        merged.setdefault(key, Tally()).add(tally)
    return merged
