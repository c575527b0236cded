"""Whether a measure's cases decide every part of its SQL.

Each mutant is the SQL with one mistake. It has to fail a case, or be listed in ``cases.yaml``
under ``survives`` with the reason why it changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from kloe.core.errors import KloeError
from kloe.core.messages import Message, _
from kloe.measures.cases import Runner
from kloe.measures.mutations import changes


@dataclass(frozen=True, slots=True)
class Mutant:
    """The SQL of a measure with one mistake, and the name by which it stays known."""

    name: str
    tree: Any


@dataclass(slots=True)
class Tested:
    """How the mutants of one measure fared."""

    made: int = 0
    known: int = 0
    faults: list[str | Message] = field(default_factory=list)


def mutants(tree: Any) -> Iterator[Mutant]:
    """Every mutant of a tree, in the order of its places; the same words twice get a number."""
    seen: Counter[str] = Counter()
    for place, node in enumerate(tree.walk()):
        for number, (name, _change) in enumerate(changes(node)):
            copy = _Rooted(tree.copy())
            found = copy.at(place)
            list(changes(found))[number][1](found)
            seen[name] += 1
            yield Mutant(name if seen[name] == 1 else f"{name} ({seen[name]})", copy.tree)


class _Rooted:
    """A tree whose root may itself be replaced."""

    def __init__(self, tree: Any) -> None:
        from sqlglot import exp

        self._holder = exp.Subquery(this=tree)

    def at(self, place: int) -> Any:
        return next(node for n, node in enumerate(self._holder.this.walk()) if n == place)

    @property
    def tree(self) -> Any:
        return self._holder.this.copy()


def find_out(runner: Runner) -> Tested:
    """Run the cases against every mutant of the measure's SQL."""
    tested = Tested()
    known = {s.mutant: s.why for s in runner.file.survives}
    for mutant in mutants(runner.query.tree):
        tested.made += 1
        caught = is_caught(runner, mutant)
        if mutant.name in known:
            del known[mutant.name]
            tested.known += 1
            if caught:
                tested.faults.append(
                    _("A case fails this mutant, which “survives” lists: %(name)s",
                      name=mutant.name)
                )  # fmt: skip
        elif not caught:
            tested.faults.append(_("No case fails this mutant: %(name)s", name=mutant.name))
    for name in known:
        tested.faults.append(_("“survives” lists what is no mutant: %(name)s", name=name))
    return tested


def is_caught(runner: Runner, mutant: Mutant) -> bool:
    """Whether a case fails with this mutant, or the engine refuses it."""
    try:
        return not all(outcome.passed for outcome in runner.run(mutant.tree, rows=False))
    except KloeError:
        return True
