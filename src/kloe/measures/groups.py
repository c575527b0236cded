"""A measure's groups, and what may be shown of everybody and of each.

The groups of all breakdowns and the figures of all periods of a measure go into one plan
(:mod:`kloe.measures.suppression`); who shows or lists anything asks it. Measures whose cases
lead to no home, tenancy or person (contracts, policies, projects) hide nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from kloe.core.periods import Period
from kloe.measures.breakdowns import DIMENSIONS, Split, possible, split
from kloe.measures.catalogue import Source
from kloe.measures.compose import Query, sql_of, sums
from kloe.measures.computing import Computing, missing, needs_together
from kloe.measures.definitions import Kind, Measure
from kloe.measures.layout import elementary, layout, row_key
from kloe.measures.results import Result
from kloe.measures.suppression import Key, Plan, Policy, Relation, Row, plan
from kloe.measures.suppression import Kind as RowKind
from kloe.measures.suppression_search import Level
from kloe.measures.tally import Tally, add_up
from kloe.records.layouts import layout as layout_of
from kloe.records.layouts import table_names

#: Tables whose rows are people, their homes or what binds the two.
ABOUT_PEOPLE = frozenset({"person", "tenancy", "property", "staff", "board_member"})
#: The finer breakdown lies in the coarser one.
FINE, COARSE = "estate", "area"
_BETWEEN = "\x1f"


@dataclass(frozen=True, slots=True)
class Figures:
    """What is counted of a group: enough to plan with."""

    numerator: Decimal
    denominator: Decimal
    n: int

    @classmethod
    def of(cls, made: Result | Tally) -> Figures:
        """Of a result or a tally; of a distribution only how many there are."""
        return cls(made.numerator or Decimal(0), made.denominator or Decimal(0), made.n)


Groups = dict[str, dict[str, Tally]]
NOBODY = Figures(Decimal(0), Decimal(0), 0)
#: Kinds whose groups are set against all.
AGAINST = (Kind.GAP, Kind.REPRESENTATION)


def label(period: Period) -> str:
    """A period as it stands in the keys of rows."""
    return f"{period.start.isoformat()}/{period.end.isoformat()}"


def pieces(periods: Iterable[Period]) -> tuple[Period, ...]:
    """Periods that are never shown, but can be had from those that are by subtracting."""
    shown = set(periods)
    return tuple(p for p in elementary(tuple(sorted(shown))) if p not in shown)


@lru_cache(maxsize=256)
def _leads_to_people(table: str) -> bool:
    """Whether a table leads to a home, a tenancy or a person, however far."""
    waiting, seen = [table], set[str]()
    while waiting:
        name = waiting.pop()
        if name in ABOUT_PEOPLE:
            return True
        if name in seen or name not in table_names():
            continue
        seen.add(name)
        columns = layout_of(name).columns
        if any(c.personal for c in columns):
            return True
        waiting += [c.of for c in columns if c.of]
    return False


def tables_about_people(tables: Iterable[str]) -> bool:
    """Whether a small number out of these tables could tell about somebody."""
    return any(_leads_to_people(table) for table in tables)


def about_people(query: Query) -> bool:
    """Whether a small number of this measure could tell about somebody."""
    return tables_about_people(query.needs)


def breakdowns(query: Query) -> tuple[str, ...]:
    """By what the measure's words say it is to be broken down, as far as its SQL can."""
    if query.measure.kind.groups:
        return ()
    can = possible(query)
    return tuple(b for b in query.measure.breakdowns if b in can)


def _tallies(
    computing: Computing, query: Query, how: Split, period: Period
) -> dict[tuple[str, ...], Tally]:
    needs = needs_together(query.needs, how.needs)
    if missing(computing.records, needs, query.measure.optional):
        return {}
    engine = computing.engine(needs, [period])
    settings = computing.wanted.settings or {}
    own = {k: v for k, v in settings.items() if k in query.measure.settings}
    inner = sql_of(query.with_settings(own), engine.name)
    rows = engine.run(sums(query, inner, how.own, joins=how.joins, named=how.named))
    added = add_up(
        rows,
        query.measure.id,
        groups=how.width,
        distribution=query.measure.kind is Kind.DISTRIBUTION,
    )
    found: dict[tuple[str, ...], Tally] = {}
    for (landlord, _period, group), tally in added.items():
        if landlord == computing.records.landlord:
            key = tuple(part or "" for part in group)
            found.setdefault(key, Tally()).add(tally)
    return found


def tallied(computing: Computing, source: Source, period: Period) -> Groups:
    """The groups of every breakdown of a measure in a period; ``""`` is *not recorded*.

    A breakdown whose columns the records lack is left out.
    """
    query = Query.of(source.measure)
    found: Groups = {}
    for by in breakdowns(query):
        parts = _tallies(computing, query, split(query, by), period)
        if len(parts) > 1:
            found[by] = {group[-1]: tally for group, tally in parts.items()}
    return found


def crossed(computing: Computing, source: Source, period: Period) -> dict[tuple[str, str], Tally]:
    """The groups of the coarser by the finer breakdown, where the measure has both."""
    if not {FINE, COARSE} <= set(breakdowns(Query.of(source.measure))):
        return {}
    return cells(computing, source, period)


def cells(computing: Computing, source: Source, period: Period) -> dict[tuple[str, str], Tally]:
    """The same of any measure whose cases lead to homes; nothing where the groups are its own."""
    query = Query.of(source.measure)
    if FINE in query.own_groups or COARSE in query.own_groups:
        return {}
    how = split(query, FINE)
    named = {COARSE: DIMENSIONS[COARSE].expression, FINE: DIMENSIONS[FINE].expression}
    needs = dict(how.needs)
    needs["property"] = needs["property"] | {COARSE}
    both = _tallies(computing, query, Split(FINE, how.own, how.joins, named, needs), period)
    return {(group[-2], group[-1]): tally for group, tally in both.items()}


def make_plan(
    measure: Measure,
    overall: Mapping[Period, Figures],
    period: Period,
    groups: Mapping[str, Mapping[str, Figures]],
    *,
    implied: Iterable[Period] = (),
    crossing: Mapping[tuple[str, str], Figures] | None = None,
    published: Iterable[Key] = (),
    policy: Policy | None = None,
) -> Plan:
    """What may be shown of a measure: everybody in each period, the groups in one of them.

    :param overall: everybody's figures by period, those of implied periods too.
    :param period: the one with groups.
    :param crossing: figures by coarser and finer breakdown together.
    :param published: rows that are out already with all their figures.
    """
    return plan_of_periods(
        measure,
        overall,
        {period: groups},
        implied=implied,
        crossing={period: crossing or {}},
        published=published,
        policy=policy,
    )


def plan_of_periods(
    measure: Measure,
    overall: Mapping[Period, Figures],
    groups: Mapping[Period, Mapping[str, Mapping[str, Figures]]],
    *,
    implied: Iterable[Period] = (),
    crossing: Mapping[Period, Mapping[tuple[str, str], Figures]] | None = None,
    within: Mapping[tuple[Period, str, str], Iterable[tuple[str, str]]] | None = None,
    published: Iterable[Key] = (),
    policy: Policy | None = None,
) -> Plan:
    """What may be shown of everybody and of groups in several periods.

    :param groups: by period and breakdown; a group missing in one of several periods is nought.
    :param within: groups of a characteristic that others make: by period, characteristic and
        group, the breakdown and group of each part.
    """
    hidden = {label(p) for p in implied}
    figures = {row_key(label(p)): f for p, f in overall.items()}
    every: dict[str, dict[str, None]] = {}
    for parts_by in groups.values():
        for by, parts in parts_by.items():
            every.setdefault(by, {}).update(dict.fromkeys(parts))
    relations: list[Relation] = []
    totals: set[Key] = set()
    unseen: set[Key] = set()
    for period, parts_by in groups.items():
        here = label(period)
        figures |= {
            row_key(here, by, g): parts_by.get(by, {}).get(g, NOBODY)
            for by, names in every.items()
            for g in names
        }
        inside, between = nested(here, parts_by, (crossing or {}).get(period, {}))
        figures |= between
        unseen |= set(between)
        relations += inside
        for by, parts in parts_by.items():
            total = row_key(here)
            whole = _together(parts.values())
            if measure.kind in AGAINST and whole != figures[total]:
                # Such a group is set against all of its own characteristic: its ratio tells
                # them. Where they are others than everybody (some are not known), they are a
                # row of their own.
                total = total_key(here, by)
                figures[total] = whole
                totals.add(total)
            if not (by == FINE and inside):
                relations.append(Relation(total, tuple(row_key(here, by, g) for g in parts)))
    for (period, by, group), parts_of in (within or {}).items():
        members = tuple(row_key(label(period), b, g) for b, g in parts_of)
        made = row_key(label(period), by, group)
        figures.setdefault(made, _together(figures[m] for m in members))
        relations.append(Relation(made, members))
    # With those never shown among them: every piece bears the name its row has.
    for one in layout({label(p): p for p in overall}, {}, flow=measure.period == "flow").relations:
        relations.append(one)
        relations += [
            Relation(row_key(one.total[0], by, g), tuple(row_key(p[0], by, g) for p in one.parts))
            for by, names in every.items()
            for g in names
        ]
    kind = _kind(measure, figures.values())
    rows = {
        key: _row(
            measure,
            f,
            overall=not key[1] or key in totals,
            implied=key[0] in hidden or key in unseen,
            kind=kind,
        )
        for key, f in figures.items()
    }
    # What does not add up (homes counted in each of four quarters) tells nothing by subtracting.
    adding = [r for r in relations if _adds_up(r, rows)]
    out = [key for key in published if key in rows]
    return plan(rows, adding, kind=kind, policy=policy, published=out)


def total_key(period: str, by: str) -> Key:
    """The key of all of a characteristic, where they are others than everybody."""
    return row_key(period, by, _BETWEEN)


def all_shown(plan: Plan, period: str, by: str) -> bool:
    """Whether what the groups of a characteristic are set against may be told."""
    key = total_key(period, by)
    return plan.levels.get(key, plan.levels[row_key(period)]) is Level.ALL


def _together(parts: Iterable[Figures]) -> Figures:
    numerator, denominator, n = Decimal(0), Decimal(0), 0
    for one in parts:
        numerator, denominator = numerator + one.numerator, denominator + one.denominator
        n += one.n
    return Figures(numerator, denominator, n)


def nested(
    here: str,
    groups: Mapping[str, Mapping[str, Figures]],
    crossing: Mapping[tuple[str, str], Figures],
) -> tuple[list[Relation], dict[Key, Figures]]:
    """How the finer groups make the coarser ones; where they overlap, through what both hold."""
    if not crossing or FINE not in groups or COARSE not in groups:
        return [], {}
    inside: dict[str, list[str]] = {}
    homes: dict[str, list[str]] = {}
    for coarse, fine in crossing:
        inside.setdefault(coarse, []).append(fine)
        homes.setdefault(fine, []).append(coarse)
    if all(len(found) == 1 for found in homes.values()):
        return [
            Relation(row_key(here, COARSE, c), tuple(row_key(here, FINE, f) for f in fines))
            for c, fines in inside.items()
        ], {}
    both = f"{COARSE}{_BETWEEN}{FINE}"

    def cell(coarse: str, fine: str) -> Key:
        return row_key(here, both, f"{coarse}{_BETWEEN}{fine}")

    relations = [
        Relation(row_key(here, COARSE, c), tuple(cell(c, f) for f in fines))
        for c, fines in inside.items()
    ] + [
        Relation(row_key(here, FINE, f), tuple(cell(c, f) for c in coarses))
        for f, coarses in homes.items()
    ]
    return relations, {cell(c, f): figures for (c, f), figures in crossing.items()}


def _kind(measure: Measure, figures: Iterable[Figures]) -> RowKind:
    """What the rows count: the narrowest that all of them are."""
    every = tuple(figures)
    if measure.kind is Kind.DISTRIBUTION:
        return RowKind.RATE
    whole = all(
        f.denominator == f.n and f.numerator >= 0 and f.numerator == int(f.numerator) for f in every
    )
    if not whole:
        return RowKind.AMOUNT
    return RowKind.SHARE if all(f.numerator <= f.n for f in every) else RowKind.RATE


def _row(measure: Measure, f: Figures, *, overall: bool, implied: bool, kind: RowKind) -> Row:
    if measure.kind is Kind.DISTRIBUTION:
        # Medians do not add up: only the sizes of groups tell by subtraction.
        return Row(0, f.n, f.n, overall, implied)
    if kind is RowKind.AMOUNT:
        return Row(f.numerator, f.denominator, f.n, overall, implied)
    return Row(int(f.numerator), int(f.denominator), f.n, overall, implied)


def _adds_up(relation: Relation, rows: Mapping[Key, Row]) -> bool:
    try:
        total, parts = rows[relation.total], [rows[key] for key in relation.parts]
    except KeyError:
        return False
    return all(
        sum((Decimal(getattr(part, name)) for part in parts), Decimal(0))
        == Decimal(getattr(total, name))
        for name in ("numerator", "denominator", "n")
    )
