"""Somebody who has every page, table and export, and a linear program.

Knows what is shown, how the numbers add up, and that none is below nought; asks what a hidden
one can be at least and at most. Independent of the program's own reckoning: floats and HiGHS.

    attack = Attack()
    attack.adds_up("all", ["north", "south"])
    attack.shown("all", 100)
    attack.hidden("north"); attack.hidden("south")
    attack.bounds("north")            # (0.0, 100.0)
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix


class Attack:
    """Everything that was published about one measure, over all tables and periods."""

    def __init__(self) -> None:
        self.known: dict[Hashable, float] = {}
        self.names: dict[Hashable, int] = {}
        self.sums: list[dict[Hashable, int]] = []
        self.floors: dict[Hashable, float] = {}

    def at_least(self, name: Hashable, value: float) -> None:
        """What is known of a hidden number besides: where noughts are shown, it is not one."""
        self.floors[name] = value

    def shown(self, name: Hashable, value: float) -> None:
        """A number that stands somewhere; standing twice it has to be the same."""
        number = float(value)
        assert math.isclose(self.known.setdefault(name, number), number), name
        self.names.setdefault(name, len(self.names))

    def hidden(self, name: Hashable) -> None:
        """A number that exists and is not shown here."""
        self.names.setdefault(name, len(self.names))

    def adds_up(self, total: Hashable, parts: Iterable[Hashable]) -> None:
        """The parts make the total."""
        one: dict[Hashable, int] = {total: -1}
        for part in parts:
            one[part] = one.get(part, 0) + 1
        for name in one:
            self.hidden(name)
        self.sums.append(one)

    def row(
        self,
        key: Hashable,
        *,
        numerator: float | None,
        denominator: float | None,
        complement: bool = True,
    ) -> None:
        """A row of a table: what it counts, of how many, and so how many it does not count."""
        parts = {"numerator": numerator, "denominator": denominator}
        if complement:
            both = numerator is not None and denominator is not None
            parts["rest"] = denominator - numerator if both else None  # type: ignore[operator]
            self.adds_up((key, "denominator"), [(key, "numerator"), (key, "rest")])
        for part, value in parts.items():
            if value is None:
                self.hidden((key, part))
            else:
                self.shown((key, part), value)

    def tables(
        self,
        relations: Iterable[tuple[Hashable, Iterable[Hashable]]],
        parts: Iterable[str] = ("numerator", "rest", "denominator"),
    ) -> None:
        """Breakdowns, nestings and periods: totals and the rows that make them."""
        parts = tuple(parts)
        for total, members in relations:
            rows = tuple(members)
            for part in parts:
                self.adds_up((total, part), [(row, part) for row in rows])

    @property
    def unknown(self) -> list[Hashable]:
        return [name for name in self.names if name not in self.known]

    def bounds(self, name: Hashable) -> tuple[float, float]:
        """The least and the most that a number can be, given everything."""
        if name in self.known:
            return self.known[name], self.known[name]
        low = self._solve(name, 1)
        high = self._solve(name, -1)
        return low, high

    def all_bounds(self) -> Mapping[Hashable, tuple[float, float]]:
        """The bounds of everything that is not shown."""
        return {name: self.bounds(name) for name in self.unknown}

    def _solve(self, name: Hashable, sign: int) -> float:
        if not hasattr(self, "_system") or self._system[0] != self._state():
            self._system = (self._state(), *self._build())
        _, matrix, right, places = self._system
        cost = np.zeros(len(places))
        cost[places[name]] = sign
        bounds = [(self.floors.get(each, 0), None) for each in places]
        found = linprog(cost, A_eq=matrix, b_eq=right, bounds=bounds, method="highs")
        if found.status == 3:
            return math.inf * -sign
        assert found.status == 0, found.message
        return float(found.fun) * sign

    def _state(self) -> tuple[int, int, int]:
        return len(self.known), len(self.names), len(self.sums)

    def _build(self) -> tuple[csr_matrix | None, np.ndarray | None, dict[Hashable, int]]:
        places = {name: i for i, name in enumerate(self.unknown)}
        rows, columns, factors, right = [], [], [], []
        for one in self.sums:
            free = [(places[name], f) for name, f in one.items() if name in places]
            rest = -sum(self.known[name] * f for name, f in one.items() if name in self.known)
            if not free:
                assert math.isclose(rest, 0, abs_tol=1e-6), f"does not add up: {one}"
                continue
            for column, factor in free:
                rows.append(len(right))
                columns.append(column)
                factors.append(factor)
            right.append(rest)
        if not right:
            return None, None, places
        shape = (len(right), len(places))
        return csr_matrix((factors, (rows, columns)), shape=shape), np.array(right), places
