"""What somebody sees of a measure, beside the truth; and what a linear program makes of it.

A *cell* is a row of a table: everybody or a group, in a period. The reader knows which rows there
are, how they add up, and every number shown anywhere; the truth only says which sums really hold
and which cells would tell of few.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from attacker import Attack
from kloe.core.periods import Period
from kloe.measures import groups as grouping
from kloe.measures.catalogue import Source
from kloe.measures.computing import Computing
from kloe.measures.definitions import Kind
from kloe.measures.groups import COARSE, FINE
from kloe.measures.veiling import group_of

THRESHOLD, WIDTH = 10, 8
EVERYBODY = ("", "")
Where = tuple[Period, str, str]


@dataclass(frozen=True)
class Cell:
    """The numbers of a row; None where they are not shown."""

    numerator: Decimal | None = None
    denominator: Decimal | None = None
    n: int | None = None


HIDDEN = Cell()


@dataclass
class Truth:
    """Every row of a measure as it is, and which rows make which."""

    kind: str
    rows: dict[Where, Cell]
    sums: list[tuple[Where, tuple[Where, ...]]] = field(default_factory=list)

    def value(self, where: Where, part: str) -> Decimal:
        cell = self.rows[where]
        numerator, denominator = cell.numerator or Decimal(0), cell.denominator or Decimal(0)
        return {
            "numerator": numerator,
            "denominator": denominator,
            "rest": denominator - numerator,
            "n": Decimal(cell.n or 0),
        }[part]

    def holds(self, total: Where, parts: Iterable[Where]) -> bool:
        members = tuple(parts)
        if not members or total not in self.rows or any(m not in self.rows for m in members):
            return False
        return all(
            sum((self.value(m, part) for m in members), Decimal(0)) == self.value(total, part)
            for part in ("numerator", "denominator", "n")
        )

    def add(self, total: Where, parts: Iterable[Where]) -> None:
        members = tuple(parts)
        if self.holds(total, members):
            self.sums.append((total, members))


def truth_of(computing: Computing, source: Source, by: Iterable[str] = ()) -> Truth:
    """All rows of a measure in the periods of a computing, and by further breakdowns."""
    measure, records = source.measure, computing.records
    rows: dict[Where, Cell] = {}
    for name in (None, *by):
        with computing.beside(replace(computing.wanted, by=name)) as one:
            for r in one.results(source):
                if r.landlord != records.landlord:
                    continue
                where = group_of(r) if r.columns else EVERYBODY
                amounts = (r.numerator, r.denominator)
                if measure.kind is Kind.DISTRIBUTION:
                    # Values do not add up: only how many there are.
                    amounts = (Decimal(0), Decimal(r.n))
                rows[r.period, *where] = Cell(amounts[0], amounts[1], r.n)
    found = Truth(_kind(measure.kind, rows.values()), rows)
    _relate(found, computing, source)
    return found


def _kind(kind: Kind, cells: Iterable[Cell]) -> str:
    if kind is Kind.DISTRIBUTION:
        return "rate"
    every = [c for c in cells if c.numerator is not None and c.denominator is not None]
    whole = all(
        c.denominator == c.n and c.numerator == int(c.numerator) and c.numerator >= 0  # type: ignore[arg-type,operator]
        for c in every
    )
    if not whole:
        return "amount"
    return "share" if all(c.numerator <= c.denominator for c in every) else "rate"  # type: ignore[operator]


def _relate(found: Truth, computing: Computing, source: Source) -> None:
    periods = sorted({p for p, _by, _g in found.rows}, key=lambda p: (p.start, p.end))
    names: dict[str, set[str]] = {}
    for _p, by, group in found.rows:
        if by:
            names.setdefault(by, set()).add(group)
    for period in periods:
        for by, groups in names.items():
            parts = [(period, by, g) for g in sorted(groups) if (period, by, g) in found.rows]
            if not parts:
                continue
            everybody = (period, *EVERYBODY)
            if found.holds(everybody, parts):
                found.add(everybody, parts)
            elif source.measure.kind in grouping.AGAINST:
                # A ratio is to all of its own characteristic.
                total = (period, by, "\x1ftotal")
                found.rows[total] = Cell(
                    *(
                        sum((found.value(p, part) for p in parts), Decimal(0))
                        for part in ("numerator", "denominator")
                    ),
                    int(sum(found.value(p, "n") for p in parts)),
                )
                found.add(total, parts)
    if source.measure.period == "flow":
        for where in list(found.rows):
            inside = [
                p for p in periods
                if p != where[0] and where[0].start <= p.start and p.end <= where[0].end
            ]  # fmt: skip
            for parts in _partitions(where[0], inside):
                members = [(p, where[1], where[2]) for p in parts]
                found.add(where, [m for m in members if m in found.rows])
    if {FINE, COARSE} <= set(names) and not source.measure.kind.groups:
        for period in periods:
            homes: dict[str, set[str]] = {}
            for coarse, fine in grouping.cells(computing, source, period):
                homes.setdefault(fine, set()).add(coarse)
            for coarse in names[COARSE]:
                fines = [f for f, inside_of in homes.items() if inside_of == {coarse}]
                found.add((period, COARSE, coarse), [(period, FINE, f) for f in sorted(fines)])


def _partitions(whole: Period, parts: list[Period]) -> Iterable[list[Period]]:
    """The ways in which periods follow each other from the first day of one to its last."""

    def go(start: object, made: list[Period]) -> Iterable[list[Period]]:
        if made and made[-1].end == whole.end:
            yield made
            return
        for p in parts:
            if p.start == start and len(made) < 12:
                from datetime import timedelta

                yield from go(p.end + timedelta(days=1), [*made, p])

    return go(whole.start, [])


def attack_on(truth: Truth, shown: Mapping[Where, Cell], ratios: Iterable[Where] = ()) -> Attack:
    """Everything that is shown, written down.

    :param ratios: groups of which a ratio to all is shown: it is taken to tell all exactly.
    """
    seen = dict(shown)
    for period, by, _group in ratios:
        total = (period, by, "\x1ftotal")
        at = total if total in truth.rows else (period, *EVERYBODY)
        seen[at] = truth.rows[at]
    attack = Attack()
    parts = ["numerator", "denominator"] + (["rest"] if truth.kind == "share" else [])
    for where in truth.rows:
        cell = seen.get(where, HIDDEN)
        for part in ("numerator", "denominator", "n"):
            value = getattr(cell, part)
            assert value is None or Decimal(value) == truth.value(where, part), (where, part)
        attack.row(
            where,
            numerator=None if cell.numerator is None else float(cell.numerator),
            denominator=None if cell.denominator is None else float(cell.denominator),
            complement=truth.kind == "share",
        )
        if truth.kind == "amount":
            if cell.n is None:
                attack.hidden((where, "n"))
            else:
                attack.shown((where, "n"), cell.n)
        elif cell.n is not None:
            attack.shown((where, "denominator"), cell.n)
    if truth.kind == "amount":
        parts.append("n")
        for where in truth.rows:
            for part in ("numerator", "denominator"):
                if truth.value(where, part) < 0:
                    attack.at_least((where, part), -1e12)
    attack.tables(truth.sums, parts)
    return attack


def sensitive(truth: Truth) -> list[tuple[Where, str]]:
    """Every number that would tell of few, if it stood somewhere."""
    found = []
    size = "n" if truth.kind == "amount" else "denominator"
    for where, cell in truth.rows.items():
        if 0 < (cell.n or 0) < THRESHOLD:
            found.append((where, size))
            continue
        if where[1:] == EVERYBODY or where[2] == "\x1ftotal" or truth.kind == "amount":
            continue
        parts = ("numerator", "rest") if truth.kind == "share" else ("numerator",)
        if any(0 < truth.value(where, part) < THRESHOLD for part in parts):
            found.append((where, "numerator"))
    return found


def told(
    truth: Truth, attack: Attack, among: Callable[[Where], bool] = lambda _where: True
) -> list[tuple[Where, str, float, float]]:
    """The numbers of few that come out narrower than the mark itself says.

    :param among: the rows that stand somewhere, shown or hidden. Of those that stand nowhere
        (a group in a quarter, where groups are shown by the year) some follow from noughts that
        are shown: where no other group has any case in the year, each quarter's are of this one.

    Where few of everybody count, the figure for everybody says so already, and no group can be
    told from nought by more than that.
    """
    found = []
    for where, part in sensitive(truth):
        if not among(where):
            continue
        parts = ("numerator", "rest") if (truth.kind, part) == ("share", "numerator") else (part,)
        need = min([Decimal(WIDTH), *(_cap(truth, where, p) for p in parts)])
        low, high = attack.bounds((where, part))
        if high - low < float(need) - 1e-6:
            found.append((where, part, low, high))
    return found


def _cap(truth: Truth, where: Where, part: str) -> Decimal:
    """The least that a figure for everybody says of it."""
    period = where[0]
    found = [Decimal(WIDTH)]
    for p, by, group in truth.rows:
        above = p.start <= period.start and period.end <= p.end and (by, group) == EVERYBODY
        of_all = (p, by, group) == (period, where[1], "\x1ftotal")
        if (above or of_all) and (p, by, group) != where:
            total = truth.value((p, by, group), part)
            small = 0 < (truth.rows[p, by, group].n or 0) < THRESHOLD
            if not small:
                found.append(total)
    return min(found)
