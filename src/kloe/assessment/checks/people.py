"""People seen, told so that nobody can be picked out.

A group smaller than ``LEAST`` is joined with other small ones of the same role, then with the
smallest group of that role, and where the role as a whole is that small, with other roles. Totals
stay what they are; where everybody together is fewer than ``LEAST``, only that is said.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

#: People in a group that is told of on its own.
LEAST = 5


@dataclass(frozen=True, slots=True, order=True)
class Group:
    """So many people of a role; ``group`` is what they have in common, if it is said.

    An empty role stands for several roles together. A count of None says *fewer than* ``LEAST``.
    """

    role: str
    group: str
    count: int | None


@dataclass(slots=True)
class _Cell:
    roles: frozenset[str]
    groups: frozenset[str]
    count: int

    def join(self, other: _Cell) -> _Cell:
        return _Cell(self.roles | other.roles, self.groups | other.groups, self.count + other.count)

    @property
    def told(self) -> Group:
        role = next(iter(self.roles)) if len(self.roles) == 1 else ""
        group = next(iter(self.groups)) if len(self.groups) == 1 and role else ""
        return Group(role, group, self.count)


def told(seen: Iterable[tuple[str, str, int]], least: int = LEAST) -> tuple[Group, ...]:
    """The groups as everybody may read of them, the largest first.

    :param seen: role, group and count, as they were written down; the same group may stand
        several times.
    """
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for role, group, count in seen:
        if count > 0:
            counts[(role, " ".join(group.split()))] += count
    total = sum(counts.values())
    if not total:
        return ()
    if total < least:
        roles = {role for role, _group in counts}
        return (Group(next(iter(roles)) if len(roles) == 1 else "", "", None),)
    by_role: dict[str, list[_Cell]] = defaultdict(list)
    for (role, group), count in sorted(counts.items()):
        by_role[role].append(_Cell(frozenset({role}), frozenset({group}), count))
    cells = _joined([c for found in by_role.values() for c in _joined(found, least)], least)
    groups = [cell.told for cell in cells]
    return tuple(sorted(groups, key=lambda g: (-(g.count or 0), g.role, g.group)))


def _joined(cells: list[_Cell], least: int) -> list[_Cell]:
    """Small ones together, and what is still small with the smallest that is not."""
    small = [c for c in cells if c.count < least]
    large = sorted((c for c in cells if c.count >= least), key=lambda c: c.count)
    if not small:
        return large
    rest = small[0]
    for cell in small[1:]:
        rest = rest.join(cell)
    if rest.count < least and large:
        return [large[0].join(rest), *large[1:]]
    return [*large, rest]
