"""Hiding small groups, and what would give them away by subtraction.

A *row* is one group in one period, or everybody in one period. *Relations* say which rows
make which: the groups of a breakdown make everybody, the estates of an area make the area, the
quarters make the year. The plan is made once for everything that could ever be shown of a
measure: all breakdowns, periods and exports. Pages and files only select from it, so no two of
them together tell what neither tells alone.

Three things can happen to a row: it is shown; only its size is shown (numerator and rate are
hidden); nothing is shown. The method is cell suppression with an audit (Willenborg and de Waal,
Elements of Statistical Disclosure Control, 2001, chapter 4; Fischetti and Salazar, Management
Science 47, 2001, 1008-1027): hide what is small, compute exactly how far each hidden number can
be narrowed by everything shown (:mod:`kloe.measures.ranges`), hide more where that is too far,
at last show again what turned out not to be needed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum, StrEnum

from kloe.core.errors import InvalidInput
from kloe.core.messages import Message, _
from kloe.measures.suppression_search import Level, Problem, hide_enough

Key = tuple[str, ...]

#: What an organisation may choose as the least group that is shown: fewer would tell of people,
#: and above that there is little left to read.
LEAST_THRESHOLD, MOST_THRESHOLD = 5, 100
THRESHOLD = 10

#: Amounts of money and the like are protected to a tenth of themselves.
AMOUNT_SHARE = Decimal("0.1")


class Kind(StrEnum):
    """What a row counts."""

    #: Cases that count among cases: a numerator of a denominator; the rest speaks as well.
    SHARE = "share"
    #: Events against something else: complaints against homes.
    RATE = "rate"
    #: Amounts over cases: pounds of pounds, the sum of days; only the number of cases is small.
    AMOUNT = "amount"


class Zeros(StrEnum):
    """What happens to a numerator of nought, or of everybody, in a group that is large enough."""

    SHOW = "show"
    HIDE = "hide"


class Reason(StrEnum):
    """Why a row is hidden. Not for display: it would tell the small from the others."""

    SMALL_GROUP = "small group"
    SMALL_COUNT = "small count"
    ZERO = "zero"
    BY_SUBTRACTION = "by subtraction"


@dataclass(frozen=True, slots=True)
class Policy:
    """When a number is small.

    :param threshold: the least group and the least count that is shown.
    :param protection: how far apart the least and the most must stay that anybody can work out
        for a hidden count. By default as far as the mark itself says: *between 1 and 9*.
    :param zeros: whether nought of a large group is shown.
    :param complements: whether a small numerator, or rest, of a large group is hidden.
    """

    threshold: int = THRESHOLD
    protection: int | None = None
    zeros: Zeros = Zeros.SHOW
    complements: bool = True

    def __post_init__(self) -> None:
        if self.threshold < 2 or not 1 <= self.width <= self.threshold:
            raise InvalidInput(
                _(
                    "The threshold is %(threshold)d and the protection %(width)d.",
                    threshold=self.threshold,
                    width=self.width,
                ),
                _("A threshold is 2 or more; a protection lies between 1 and the threshold."),
                _("Change the setting."),
            )

    @property
    def width(self) -> int:
        return max(1, self.threshold - 2) if self.protection is None else self.protection

    def small(self, count: int) -> bool:
        return 0 < count < self.threshold


@dataclass(frozen=True, slots=True)
class Row:
    """The true figures of a group in a period.

    :param n: how many cases stand behind it.
    :param overall: everybody: hidden only if all together are few, or nothing else helps.
    :param implied: never shown, but to be had by subtracting what is, such as the days by
        which two periods differ.
    """

    numerator: Decimal | int
    denominator: Decimal | int
    n: int
    overall: bool = False
    implied: bool = False


@dataclass(frozen=True, slots=True)
class Relation:
    """The parts make the total, in every column."""

    total: Key
    parts: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """What may be shown of a row; None where it may not."""

    numerator: Decimal | int | None
    denominator: Decimal | int | None
    n: int | None

    @property
    def whole(self) -> bool:
        return self.numerator is not None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is shown of each row of a measure, everywhere and for good.

    :param levels: for each row whether all, its size, or nothing is shown.
    :param reasons: why, for those who may see cases; never beside the figures.
    :param exposed: rows that cannot be protected, because what gives them away is already out.
    """

    policy: Policy
    kind: Kind
    rows: Mapping[Key, Row]
    levels: Mapping[Key, Level]
    reasons: Mapping[Key, Reason]
    exposed: tuple[Key, ...] = ()

    def shown(self, key: Key) -> Shown:
        """The figures of a row as they may be shown."""
        row, level = self.rows[key], self.levels[key]
        if level is Level.NOTHING or row.implied:
            return Shown(None, None, None)
        if level is Level.SIZE:
            return Shown(None, row.denominator, row.n)
        return Shown(row.numerator, row.denominator, row.n)

    @property
    def hidden(self) -> tuple[Key, ...]:
        """The rows of which something is hidden, in order."""
        return tuple(
            key
            for key in sorted(self.levels)
            if self.levels[key] is not Level.ALL and not self.rows[key].implied
        )

    @property
    def overall_hidden(self) -> tuple[Key, ...]:
        """The figures for everybody that had to go as well."""
        return tuple(key for key in self.hidden if self.rows[key].overall)

    def may_list(self, key: Key) -> bool:
        """Whether cases of this row may be listed or counted in a list.

        A list of a row that is hidden tells its number; so does a list of everybody that can
        be filtered by group, which is why the filters ask this too.
        """
        return self.levels[key] is Level.ALL and not self.rows[key].implied

    @property
    def mark(self) -> Message:
        """The one sentence beside everything hidden, small or not."""
        return _(
            "Hidden, because it would show a group or number below %(threshold)d, here or by"
            " subtraction.",
            threshold=self.policy.threshold,
        )

    @property
    def sentence(self) -> Message | None:
        """What is hidden, in a sentence under a table."""
        if self.overall_hidden:
            return _(
                "So few stand behind this that even the figure for everybody is hidden in"
                " places; the others would tell it.",
            )
        if self.hidden:
            return Message(
                "One figure is hidden, because it would show a number below %(threshold)d.",
                plural="%(n)d figures are hidden, because they would show numbers below"
                " %(threshold)d, here or by subtraction.",
                n=len(self.hidden),
                threshold=self.policy.threshold,
            )
        return None


class _Column(IntEnum):
    NUMERATOR = 0
    REST = 1
    DENOMINATOR = 2
    CASES = 3


_COLUMNS = {
    Kind.SHARE: (_Column.NUMERATOR, _Column.REST, _Column.DENOMINATOR),
    Kind.RATE: (_Column.NUMERATOR, _Column.DENOMINATOR),
    Kind.AMOUNT: (_Column.NUMERATOR, _Column.DENOMINATOR, _Column.CASES),
}


def plan(
    rows: Mapping[Key, Row],
    relations: Iterable[Relation],
    *,
    kind: Kind = Kind.SHARE,
    policy: Policy | None = None,
    published: Collection[Key] = (),
) -> Plan:
    """What may be shown of every row, so that nothing hidden can be worked out.

    :param rows: every row of every breakdown and period that can ever be shown.
    :param relations: every way in which they add up.
    :param published: rows that are out already with all their figures and cannot be taken
        back; the plan works around them and says in ``exposed`` what they give away.
    :raises InvalidInput: where parts do not make their total, or a row is not of its kind.
    """
    policy = policy or Policy()
    ordered = sorted(rows)
    given = sorted(relations, key=lambda r: (r.total, r.parts))
    for key in ordered:
        _check_row(key, rows[key], kind)
    scale = _scale(rows.values()) if kind is Kind.AMOUNT else 1
    for relation in given:
        _check_relation(relation, rows)
    known = frozenset(published)
    own: dict[Key, Level] = {}
    reasons: dict[Key, Reason] = {}
    for key in ordered:
        own[key], reason = _small(rows[key], kind, policy)
        if reason is not None:
            reasons[key] = reason
    # First by sizes alone: measures over the same groups then hide the same ones, and a size
    # hidden beside one stands beside no other.
    size = _Column.CASES if kind is Kind.AMOUNT else _Column.DENOMINATOR
    few = {
        key: Level.NOTHING if row.implied or policy.small(row.n) else Level.ALL
        for key, row in rows.items()
    }
    sizes, weak_sizes = hide_enough(
        _problem(rows, ordered, given, kind, policy, scale, known, (size,)), few
    )
    problem = _problem(rows, ordered, given, kind, policy, scale, known, _COLUMNS[kind])
    levels, weak = hide_enough(problem, {key: max(own[key], sizes[key]) for key in ordered})
    for key in ordered:
        if levels[key] > own[key]:
            reasons.setdefault(key, Reason.BY_SUBTRACTION)
    exposed = {key for key, _column in (*weak_sizes, *weak)}
    exposed |= {key for key in known if own.get(key)}
    return Plan(
        policy,
        kind,
        dict(rows),
        {key: Level.ALL if key in known else levels[key] for key in ordered},
        {key: reasons[key] for key in ordered if key in reasons and key not in known},
        tuple(sorted(exposed)),
    )


def _small(row: Row, kind: Kind, policy: Policy) -> tuple[Level, Reason | None]:
    """How much of a row has to be hidden by its own figures."""
    if policy.small(row.n):
        return Level.NOTHING, Reason.SMALL_GROUP
    if kind is Kind.AMOUNT or row.overall or row.n == 0 or not policy.complements:
        return (Level.NOTHING, None) if row.implied else (Level.ALL, None)
    counts = [int(row.numerator)]
    if kind is Kind.SHARE:
        counts.append(row.n - int(row.numerator))
    level, reason = Level.ALL, None
    if any(policy.small(count) for count in counts):
        level, reason = Level.SIZE, Reason.SMALL_COUNT
    elif policy.zeros is Zeros.HIDE and 0 in counts:
        level, reason = Level.SIZE, Reason.ZERO
    return (Level.NOTHING if row.implied else level), reason


def _problem(
    rows: Mapping[Key, Row],
    ordered: Sequence[Key],
    relations: Sequence[Relation],
    kind: Kind,
    policy: Policy,
    scale: int,
    known: frozenset[Key],
    columns: tuple[_Column, ...],
) -> Problem:
    """The rows as numbers that add up, each with what hides it and how much it needs."""
    true: dict[tuple[Key, int], int] = {}
    for key in ordered:
        for column in columns:
            true[key, int(column)] = _number(rows[key], column, scale)
    sums: list[dict[tuple[Key, int], int]] = []
    parts_of: list[tuple[tuple[Key, int], tuple[tuple[Key, int], ...]]] = []
    for relation in relations:
        for column in columns:
            total = (relation.total, int(column))
            parts = tuple((part, int(column)) for part in relation.parts)
            sums.append({total: -1, **dict.fromkeys(parts, 1)})
            parts_of.append((total, parts))
    if _Column.REST in columns:
        for key in ordered:
            sums.append(
                {
                    (key, int(_Column.DENOMINATOR)): -1,
                    (key, int(_Column.NUMERATOR)): 1,
                    (key, int(_Column.REST)): 1,
                }
            )
    sized = {int(_Column.DENOMINATOR), int(_Column.CASES)}
    amounts = {int(_Column.NUMERATOR), int(_Column.DENOMINATOR)} if kind is Kind.AMOUNT else set()
    caps = _caps(true, parts_of, rows, policy)
    need = {}
    for cell, value in true.items():
        row, place = rows[cell[0]], cell[1]
        if place in amounts:
            wanted = max(1, -(-abs(value) // int(1 / AMOUNT_SHARE)))
        else:
            wanted = policy.width
        if row.implied and not _sensitive(row, place, kind, policy, sized):
            wanted = 0
        need[cell] = min(wanted, caps[cell])
    negative = {int(c) for c in columns if any(true[key, c] < 0 for key in ordered)}
    floor = -2 * sum(abs(value) for value in true.values()) - 1
    return Problem(
        keys=tuple(ordered),
        columns=tuple(int(c) for c in columns),
        sized=frozenset(sized),
        amounts=frozenset(amounts),
        true=true,
        sums=tuple(sums),
        relations=tuple(parts_of),
        need=need,
        sizes={key: rows[key].n for key in ordered},
        overall=frozenset(key for key in ordered if rows[key].overall),
        fixed=known,
        two_steps=kind is not Kind.AMOUNT and len(columns) > 1,
        zeros_shown=policy.zeros is Zeros.SHOW,
        floors=dict.fromkeys(negative, floor),
    )


def _sensitive(row: Row, column: int, kind: Kind, policy: Policy, sized: set[int]) -> bool:
    """Whether a row that is only implied would tell something small by this column."""
    if policy.small(row.n):
        return True
    level, _reason = _small(Row(row.numerator, row.denominator, row.n, row.overall), kind, policy)
    return level is not Level.ALL and column not in sized


def _caps(
    true: Mapping[tuple[Key, int], int],
    parts_of: Sequence[tuple[tuple[Key, int], tuple[tuple[Key, int], ...]]],
    rows: Mapping[Key, Row],
    policy: Policy,
) -> dict[tuple[Key, int], int]:
    """The most that each number can be for all that the figure for everybody tells.

    Where three of everybody count, no group can be told from nought by more than three: the
    breakdown need not hide what the figure for everybody says.
    """
    above: dict[tuple[Key, int], list[tuple[Key, int]]] = {}
    for total, parts in parts_of:
        for part in parts:
            above.setdefault(part, []).append(total)
    found: dict[tuple[Key, int], int] = {}
    endless = 2 * max((abs(value) for value in true.values()), default=0) + 1

    def cap(cell: tuple[Key, int]) -> int:
        if cell not in found:
            found[cell] = endless
            most = endless
            for total in above.get(cell, ()):
                row = rows[total[0]]
                shown = row.overall and not row.implied and not policy.small(row.n)
                most = min(most, abs(true[total]) if shown else endless, cap(total))
            found[cell] = most
        return found[cell]

    return {cell: cap(cell) for cell in true}


def _number(row: Row, column: _Column, scale: int) -> int:
    if column is _Column.CASES:
        return row.n
    numerator, denominator = Decimal(row.numerator) * scale, Decimal(row.denominator) * scale
    if column is _Column.NUMERATOR:
        return int(numerator)
    return int(denominator - numerator if column is _Column.REST else denominator)


def _scale(rows: Iterable[Row]) -> int:
    """What makes every amount whole."""
    digits = 0
    for row in rows:
        for value in (row.numerator, row.denominator):
            exponent = Decimal(value).as_tuple().exponent
            digits = max(digits, -int(exponent))
    return int(10**digits)


def _check_row(key: Key, row: Row, kind: Kind) -> None:
    numbers = (Decimal(row.numerator), Decimal(row.denominator))
    whole = all(x.is_finite() and x == int(x) and x >= 0 for x in numbers)
    fits = {
        Kind.SHARE: whole and row.numerator <= row.denominator == row.n,
        Kind.RATE: whole and row.denominator == row.n,
        Kind.AMOUNT: all(x.is_finite() for x in numbers) and row.n >= 0,
    }[kind]
    if not fits:
        raise InvalidInput(
            _(
                "%(row)s has numerator %(numerator)s, denominator %(denominator)s, n %(n)d.",
                row=" / ".join(key),
                numerator=str(row.numerator),
                denominator=str(row.denominator),
                n=row.n,
            ),
            _("That is not a figure of the kind %(kind)s.", kind=kind.value),
            _("Give its kind, or *amount*, which any figure is."),
        )


def _check_relation(relation: Relation, rows: Mapping[Key, Row]) -> None:
    missing = [key for key in (relation.total, *relation.parts) if key not in rows]
    if missing:
        raise InvalidInput(
            _("The row %(row)s stands in a sum and is not given.", row=" / ".join(missing[0])),
            _("Every row of a sum is given, shown or not."),
            _("Add it; mark it as implied if it is never shown."),
        )
    total = rows[relation.total]
    parts = [rows[key] for key in relation.parts]
    for name in ("numerator", "denominator", "n"):
        got = sum((Decimal(getattr(part, name)) for part in parts), Decimal(0))
        if got != getattr(total, name):
            raise InvalidInput(
                _(
                    "The parts of %(row)s add up to %(got)s (%(name)s), not %(total)s.",
                    row=" / ".join(relation.total),
                    got=str(got),
                    name=name,
                    total=str(getattr(total, name)),
                ),
                _("A sum is given only where the parts make the whole."),
                _("Add the group of those not in any other, or leave out the sum."),
            )
