"""What can be worked out about hidden numbers from the sums they stand in, exactly.

Hidden whole numbers, none below a bound that is known, are tied by sums to numbers that are
shown. How far can each lie from what it is? The simplex method answers, in whole numbers and
fractions, so nothing is lost to rounding. It starts from the true numbers themselves and only
counts solutions in whole numbers that it has met: a range given here is one that somebody who
knows the numbers to be whole cannot narrow.

Dantzig, Linear Programming and Extensions, 1963, chapters 5 and 6; Bland, Mathematics of
Operations Research 2, 1977, 103-107, for the rule that ends it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Generic, TypeVar

V = TypeVar("V", bound=Hashable)
Number = int | Fraction

#: Turns of the simplex method for one bound before it stops looking; a range is then too
#: narrow rather than too wide, which hides more and never less.
TURNS = 400


@dataclass(frozen=True, slots=True)
class Range:
    """From the least to the most that a hidden number can be; None where nothing bounds it."""

    least: int
    most: int | None

    @property
    def width(self) -> int | None:
        return None if self.most is None else self.most - self.least


@dataclass(frozen=True, slots=True)
class Proof(Generic[V]):
    """Two ways in which the hidden numbers could be other than they are, by how much.

    They prove the range of one number, and stay true as more is hidden.
    """

    low: Mapping[V, int]
    high: Mapping[V, int]

    def width(self, v: V) -> int:
        """How far apart the two set a number."""
        return self.high.get(v, 0) - self.low.get(v, 0)


def groups_of(hidden: Iterable[V], sums: Sequence[Mapping[V, int]]) -> list[list[V]]:
    """Hidden numbers that speak about each other, each group in the order given."""
    above: dict[V, V] = {v: v for v in hidden}

    def top(v: V) -> V:
        while above[v] is not v:
            above[v] = above[above[v]]
            v = above[v]
        return v

    for one in sums:
        first: V | None = None
        for v in one:
            if v in above:
                if first is None:
                    first = top(v)
                else:
                    above[top(v)] = first
                    first = top(first)
    found: dict[V, list[V]] = {}
    for v in above:
        found.setdefault(top(v), []).append(v)
    return list(found.values())


def ranges(
    hidden: Sequence[V],
    sums: Sequence[Mapping[V, int]],
    true: Mapping[V, int],
    least: Mapping[V, int],
) -> dict[V, Range]:
    """The range of each hidden number.

    :param sums: for each sum the factor of every number in it, hidden or not; what is shown
        counts as known.
    :param true: the numbers as they are.
    :param least: what each hidden number is known to reach, at most the number itself.
    """
    place = {v: i for i, v in enumerate(hidden)}
    rows = [{place[v]: f for v, f in one.items() if v in place and f} for one in sums]
    start = [true[v] - least[v] for v in hidden]
    if any(x < 0 for x in start):
        raise ValueError("a hidden number lies below what it is known to reach")
    search = _Search([row for row in rows if row], start)
    search.run(None)
    found: dict[V, Range] = {}
    for v, i in place.items():
        most = None if search.endless[i] else search.high[i] + least[v]
        found[v] = Range(search.low[i] + least[v], most)
    return found


def proofs(
    hidden: Sequence[V],
    sums: Sequence[Mapping[V, int]],
    true: Mapping[V, int],
    least: Mapping[V, int],
    wanted: Mapping[V, int],
) -> dict[V, Proof[V]]:
    """For each number in ``wanted`` a proof that its range is that wide, where it is."""
    place = {v: i for i, v in enumerate(hidden)}
    rows = [{place[v]: f for v, f in one.items() if v in place and f} for one in sums]
    search = _Search([row for row in rows if row], [true[v] - least[v] for v in hidden])
    search.run({place[v]: wide for v, wide in wanted.items()})
    found: dict[V, Proof[V]] = {}
    for v, wide in wanted.items():
        low, high = search.low_at[place[v]], search.high_at[place[v]]
        proof = Proof(
            {hidden[i]: by for i, by in low.items()}, {hidden[i]: by for i, by in high.items()}
        )
        if proof.width(v) >= wide:
            found[v] = proof
    return found


class _Search:
    """A walk over the corners of what is possible, keeping the least and most met."""

    def __init__(self, rows: list[dict[int, int]], start: list[int]) -> None:
        self.start = start
        self.at: list[Number] = list(start)
        self.low = list(start)
        self.high = list(start)
        self.endless = [False] * len(start)
        self.low_at: list[dict[int, int]] = [{} for _ in start]
        self.high_at: list[dict[int, int]] = [{} for _ in start]
        # basic -> the others of its row: basic + sum(factor * other) stays what it is.
        self.rows: dict[int, dict[int, Number]] = {}
        self.columns: list[set[int]] = [set() for _ in start]
        self._reduce(rows)

    def run(self, wanted: Mapping[int, int] | None) -> None:
        """Look at every number to the end, or at those wanted until they are wide enough."""
        self._to_a_corner()
        for i in range(len(self.at)) if wanted is None else sorted(wanted):
            for up in (True, False):
                if wanted is not None and self._wide(i, wanted[i]):
                    break
                self._push(i, up, None if wanted is None else wanted[i])

    def _wide(self, i: int, wanted: int) -> bool:
        return self.endless[i] or self.high[i] - self.low[i] >= wanted

    def _reduce(self, rows: list[dict[int, int]]) -> None:
        for given in rows:
            row: dict[int, Number] = dict(given)
            for basic in [b for b in row if b in self.rows]:
                factor = row.pop(basic)
                _add(row, self.rows[basic], -factor)
            if not row:
                continue
            basic = min(row, key=lambda v: (len(self.columns[v]), v))
            lead = row.pop(basic)
            new = {v: _over(f, lead) for v, f in row.items()}
            self._into_others(basic, new)
            self._set(basic, new)

    def _set(self, basic: int, row: dict[int, Number]) -> None:
        self.rows[basic] = row
        for v in row:
            self.columns[v].add(basic)

    def _into_others(self, basic: int, new: dict[int, Number]) -> None:
        """Put ``basic = - new`` into every row that names it."""
        for other in sorted(self.columns[basic]):
            row = self.rows[other]
            factor = row.pop(basic)
            for v, f in new.items():
                value = row.get(v, 0) - factor * f
                if value:
                    row[v] = value
                    self.columns[v].add(other)
                elif v in row:
                    del row[v]
                    self.columns[v].discard(other)
        self.columns[basic] = set()

    def _pivot(self, leaves: int, enters: int) -> None:
        row = self.rows.pop(leaves)
        for v in row:
            self.columns[v].discard(leaves)
        lead = row.pop(enters)
        new = {v: _over(f, lead) for v, f in row.items()}
        new[leaves] = _over(1, lead)
        self._into_others(enters, new)
        self._set(enters, new)

    def _limit(self, v: int, up: bool) -> tuple[Number | None, int | None]:
        """How far one that is not basic can move, and which basic one stops it."""
        step: Number | None = None
        stops: int | None = None
        for basic in self.columns[v]:
            factor = self.rows[basic][v]
            fall = factor if up else -factor
            if fall > 0:
                reach = _over(self.at[basic], fall)
                if step is None or reach < step or (reach == step and basic < (stops or 0)):
                    step, stops = reach, basic
        return step, stops

    def _move(self, v: int, by: Number) -> None:
        if not by:
            return
        self.at[v] += by
        touched = [v, *self.columns[v]]
        for basic in self.columns[v]:
            self.at[basic] -= self.rows[basic][v] * by
        for i in touched:
            value = self.at[i]
            if isinstance(value, Fraction) and value.denominator == 1:
                self.at[i] = int(value)
        self._note()

    def _note(self) -> None:
        """Keep what was met, where every number is whole."""
        if any(isinstance(value, Fraction) for value in self.at):
            return
        other: dict[int, int] | None = None
        for i, value in enumerate(self.at):
            if self.low[i] <= value <= self.high[i]:
                continue
            if other is None:
                other = {
                    k: int(now) - was
                    for k, (now, was) in enumerate(zip(self.at, self.start, strict=True))
                    if now != was
                }
            if value < self.low[i]:
                self.low[i], self.low_at[i] = int(value), other
            else:
                self.high[i], self.high_at[i] = int(value), other

    def _ray(self, v: int, wanted: int) -> dict[int, int]:
        """A way that has no end, in whole numbers, each step at least ``wanted``."""
        ways: dict[int, Number] = {v: 1}
        for basic in self.columns[v]:
            ways[basic] = -self.rows[basic][v]
        whole = lcm(*(Fraction(way).denominator for way in ways.values()))
        return {k: int(way * whole) * wanted for k, way in ways.items()}

    def _to_a_corner(self) -> None:
        for v in range(len(self.at)):
            if v in self.rows or not self.at[v]:
                continue
            step, stops = self._limit(v, up=False)
            if step is None or stops is None or step >= self.at[v]:
                self._move(v, -self.at[v])
            else:
                self._move(v, -step)
                self._pivot(stops, v)

    def _push(self, i: int, up: bool, wanted: int | None) -> None:
        """Move one number as far up or down as it goes."""
        for _ in range(TURNS):
            if i in self.rows:
                row = self.rows[i]
                better = [v for v, f in row.items() if (f < 0 if up else f > 0)]
                if not better:
                    return
                enters = min(better)
            elif up:
                enters = i
            else:
                return
            step, stops = self._limit(enters, up=True)
            if step is None or stops is None:
                self.endless[i] = True
                self.high_at[i], self.low_at[i] = self._ray(enters, wanted or 1), {}
                return
            self._move(enters, step)
            self._pivot(stops, enters)
            if wanted is not None and self._wide(i, wanted):
                return


def _add(row: dict[int, Number], other: Mapping[int, Number], factor: Number) -> None:
    for v, f in other.items():
        value = row.get(v, 0) + factor * f
        if value:
            row[v] = value
        else:
            row.pop(v, None)


def _over(a: Number, b: Number) -> Number:
    """a / b, whole where it is."""
    exact = Fraction(a) / b if isinstance(a, Fraction) or isinstance(b, Fraction) else None
    if exact is None:
        whole, rest = divmod(int(a), int(b))
        return whole if not rest else Fraction(int(a), int(b))
    return exact.numerator if exact.denominator == 1 else exact
