"""Which further numbers to hide, so that no hidden one can be narrowed too far.

Works on numbers (*cells*: a row and a column of it) and sums; knows nothing of measures. Every
choice is ordered by size and name, so the same rows always give the same answer, in whatever
order they come.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from kloe.measures.ranges import Proof, groups_of, proofs

Key = tuple[str, ...]
Cell = tuple[Key, int]
Cost = tuple[int, int, int, int, Key, int]


class Level(IntEnum):
    """How much of a row is hidden."""

    ALL = 0
    """All of it is shown."""
    SIZE = 1
    """Its size is shown, what counts among them is not."""
    NOTHING = 2
    """Nothing of it is shown."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Numbers, how they add up, and what each needs once it is hidden.

    :param sized: columns that tell the size of a row, shown at level SIZE.
    :param amounts: columns of amounts, of which nobody knows that they are not nought.
    :param need: how wide the range of a hidden number must stay.
    :param fixed: rows that cannot be hidden.
    :param two_steps: whether a row can be hidden except for its size.
    :param zeros_shown: whether a hidden number is known not to be nought.
    :param floors: for columns with numbers below nought, a bound out of anybody's knowledge.
    """

    keys: tuple[Key, ...]
    columns: tuple[int, ...]
    sized: frozenset[int]
    amounts: frozenset[int]
    true: Mapping[Cell, int]
    sums: tuple[Mapping[Cell, int], ...]
    relations: tuple[tuple[Cell, tuple[Cell, ...]], ...]
    need: Mapping[Cell, int]
    sizes: Mapping[Key, int]
    overall: frozenset[Key]
    fixed: frozenset[Key]
    two_steps: bool
    zeros_shown: bool
    floors: Mapping[int, int]


def hide_enough(
    problem: Problem, least: Mapping[Key, Level]
) -> tuple[dict[Key, Level], tuple[Cell, ...]]:
    """Levels at least those given at which every hidden number is protected.

    Returned with the cells that could not be, which happens only beside fixed rows.
    """
    return _Search(problem, least).run()


@dataclass
class _Search:
    problem: Problem
    least: Mapping[Key, Level]
    levels: dict[Key, Level] = field(init=False)
    sums_of: dict[Cell, list[int]] = field(init=False)
    part_in: dict[Cell, list[int]] = field(init=False)
    proven: dict[Cell, Proof[Cell]] = field(init=False)
    full: dict[int, bool] = field(init=False)

    def __post_init__(self) -> None:
        self.levels = {key: self.least[key] for key in self.problem.keys}
        self.sums_of, self.part_in, self.proven, self.full = {}, {}, {}, {}
        for i, one in enumerate(self.problem.sums):
            for cell in one:
                self.sums_of.setdefault(cell, []).append(i)
        for i, (_total, parts) in enumerate(self.problem.relations):
            for cell in parts:
                self.part_in.setdefault(cell, []).append(i)

    def run(self) -> tuple[dict[Key, Level], tuple[Cell, ...]]:
        while weak := self._weak():
            chosen = self._next(weak)
            if chosen is None:
                return self.levels, weak
            key, level = chosen
            self.levels[key] = level
        self._show_again()
        return self.levels, ()

    # What is hidden, and how well.

    def _is_hidden(self, cell: Cell) -> bool:
        key, column = cell
        if key in self.problem.fixed:
            return False
        level = self.levels[key]
        return level is Level.NOTHING or (level is Level.SIZE and column not in self.problem.sized)

    def _hidden(self) -> list[Cell]:
        problem = self.problem
        return [
            (key, column)
            for key in problem.keys
            if self.levels[key]
            for column in problem.columns
            if self._is_hidden((key, column))
        ]

    def _known_least(self, cell: Cell) -> int:
        """What an attacker knows a hidden number to reach.

        Noughts are shown, so a hidden number is at least one, unless every number it stands
        among is hidden with it, noughts and all.
        """
        problem, column = self.problem, cell[1]
        if column in problem.floors:
            return min(problem.floors[column], problem.true[cell])
        if column in problem.amounts or not problem.zeros_shown or not problem.true[cell]:
            return 0
        groups = self.part_in.get(cell, ())
        return 0 if groups and all(self._all_hidden(i) for i in groups) else 1

    def _all_hidden(self, i: int) -> bool:
        """Whether every part of a relation is hidden; who is nobody has nothing to hide in."""
        if i not in self.full:
            problem = self.problem
            self.full[i] = all(
                self._is_hidden(part)
                or (part[1] not in problem.sized and not problem.sizes[part[0]])
                for part in problem.relations[i][1]
            )
        return self.full[i]

    def _need(self, cell: Cell) -> int:
        """A number beside a size that is shown tells the rest, so both need only what one can."""
        problem, key = self.problem, cell[0]
        need = problem.need[cell]
        if self.levels[key] is Level.SIZE and len(problem.columns) == 3 and problem.two_steps:
            others = [c for c in problem.columns if c not in problem.sized]
            need = min([need, problem.sizes[key], *(problem.need[key, c] for c in others)])
        return need

    def _weak(self) -> tuple[Cell, ...]:
        """Hidden cells that can be narrowed too far, the smallest first."""
        self.full.clear()
        problem = self.problem
        hidden = self._hidden()
        least = {cell: self._known_least(cell) for cell in hidden}
        open_ = {cell: need for cell in hidden if (need := self._need(cell)) > 0}
        for cell in list(open_):
            if self._still_proven(cell, open_[cell], least):
                del open_[cell]
        if not open_:
            return ()
        for group in groups_of(hidden, problem.sums):
            wanted = {cell: open_[cell] for cell in group if cell in open_}
            if wanted:
                which = sorted({i for cell in group for i in self.sums_of.get(cell, ())})
                sums = [problem.sums[i] for i in which]
                found = proofs(group, sums, problem.true, least, wanted)
                self.proven.update(found)
                for cell in found:
                    del open_[cell]
        return tuple(sorted(open_, key=lambda c: (problem.true[c], c)))

    def _still_proven(self, cell: Cell, need: int, least: Mapping[Cell, int]) -> bool:
        proof = self.proven.get(cell)
        if proof is None or proof.width(cell) < need:
            return False
        true = self.problem.true
        return all(
            other in least and true[other] + by >= least[other]
            for way in (proof.low, proof.high)
            for other, by in way.items()
        )

    # What to hide next.

    def _next(self, weak: tuple[Cell, ...]) -> tuple[Key, Level] | None:
        """One more row to hide: first where a number stands hidden alone in a sum."""
        hidden = set(self._hidden())
        alone = [
            (cell, i)
            for cell in weak
            for i in self.sums_of.get(cell, ())
            if not any(other != cell and other in hidden for other in self.problem.sums[i])
        ]
        for cell, i in alone:
            found = self._best([i], cell, hidden)
            if found is not None and found[0][0] < _LAST:
                return found[1]
        for cell in weak:
            found = self._best(self.sums_of.get(cell, []), cell, hidden)
            if found is not None and found[0][0] < _LAST:
                return found[1]
        near = {c for c in hidden if self._touches(c, weak)}
        around = sorted({i for c in near for i in self.sums_of.get(c, ())})
        found = self._best(around, weak[0], hidden)
        if found is None:
            found = self._best(range(len(self.problem.sums)), weak[0], hidden)
        return None if found is None else found[1]

    def _touches(self, cell: Cell, weak: tuple[Cell, ...]) -> bool:
        mine = set(self.sums_of.get(cell, ()))
        return any(mine & set(self.sums_of.get(other, ())) for other in weak)

    def _best(
        self, which: Sequence[int], weak: Cell, hidden: set[Cell]
    ) -> tuple[Cost, tuple[Key, Level]] | None:
        return min((o for i in which for o in self._offers(i, weak, hidden)), default=None)

    def _offers(
        self, i: int, weak: Cell, hidden: set[Cell]
    ) -> Iterator[tuple[Cost, tuple[Key, Level]]]:
        """What could be hidden in one sum, by what is lost.

        The kind of loss; how many sums it would stand alone in; whether it is large enough by
        itself; how many cases; its name.
        """
        problem = self.problem
        missing = self._need(weak)
        for cell in problem.sums[i]:
            key, column = cell
            if key in problem.fixed or cell in hidden:
                continue
            level = Level.SIZE
            if column in problem.sized or not problem.two_steps or not problem.sizes[key]:
                level = Level.NOTHING
            value = problem.true[cell]
            if key in problem.overall:
                loss = _LAST
            elif value == 0 and column not in problem.amounts:
                loss = 1
            elif column in problem.sized and weak[1] not in problem.sized:
                loss = 2
            else:
                loss = 0
            lonely = sum(
                not any(other != cell and other in hidden for other in problem.sums[k])
                for k in self.sums_of[cell]
                if k != i
            )
            short = 0 if abs(value) > missing else 1
            size = problem.sizes[key] if not short else -abs(value)
            yield (loss, lonely, short, size, key, int(level)), (key, level)

    # What need not have been hidden.

    def _show_again(self) -> None:
        added = [key for key in self.problem.keys if self.levels[key] > self.least[key]]
        added.sort(key=lambda key: (key not in self.problem.overall, -self.problem.sizes[key], key))
        steps = (Level.ALL, Level.SIZE) if self.problem.two_steps else (Level.ALL,)
        # Sizes hide each other, so they come back together or one by one.
        for keys in (added, *([key] for key in added)):
            for level in steps:
                had = {key: self.levels[key] for key in keys}
                self.levels |= {key: max(self.least[key], min(level, had[key])) for key in keys}
                if all(self.levels[key] == had[key] for key in keys) or not self._weak():
                    continue
                self.levels |= had


#: The figure for everybody goes only when nothing else helps.
_LAST = 9
