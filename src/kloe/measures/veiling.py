"""Results as they may be passed on: small groups hidden, and what would tell of them.

What one call prints is planned together (:mod:`kloe.measures.suppression`): every period, every
group, and of homes both estates and areas, since the one lies in the other. Figures for everybody
are hidden only where they are few themselves, so that no call hides what another has shown. Two
calls for other periods know nothing of each other: who passes both on should ask for them in one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from kloe.core.periods import Period
from kloe.measures import groups as grouping
from kloe.measures.breakdowns import possible
from kloe.measures.catalogue import Source
from kloe.measures.compose import Query
from kloe.measures.computing import Computing
from kloe.measures.definitions import Kind, Measure
from kloe.measures.groups import COARSE, FINE, Figures
from kloe.measures.layout import row_key
from kloe.measures.results import Result
from kloe.measures.suppression import Plan, Policy
from kloe.measures.suppression_search import Level

#: What is shown of how a group's values lie: a mean would add up to that of a hidden one.
QUANTILES = ("q1", "median", "q3", "p90")
_IN = "\x1e"
By = dict[str, dict[str, Figures]]


def veiled(
    computing: Computing,
    source: Source,
    results: Sequence[Result],
    policy: Policy | None = None,
) -> list[Result]:
    """The results of one measure without what may not be shown; all of those it was given."""
    policy = policy or Policy()
    if not grouping.tables_about_people(source.tables):
        return list(results)
    found: list[Result] = []
    for landlord in dict.fromkeys(r.landlord for r in results):
        mine = [r for r in results if r.landlord == landlord]
        if _alone(mine):
            found += [_bare(r, Level.NOTHING) if policy.small(r.n) else r for r in mine]
            continue
        plan = _plan(computing, source, mine, policy)
        found += [_shown(r, plan) for r in mine]
    return found


def _alone(results: Sequence[Result]) -> bool:
    """Whether everybody in each period stands for itself: no groups, no periods that overlap."""
    periods = [r.period for r in results]
    return not any(r.columns for r in results) and not grouping.pieces(periods)


def _plan(computing: Computing, source: Source, results: Sequence[Result], policy: Policy) -> Plan:
    measure = source.measure
    wholes = {r.period: Figures.of(r) for r in results if not r.columns}
    landlord = results[0].landlord
    implied = grouping.pieces(wholes) if measure.period == "flow" else ()
    more = _of(computing, source, implied, computing.wanted.by, landlord)
    every = [*results, *more]
    groups: dict[Period, By] = {}
    for r in every:
        if r.columns:
            name, group = group_of(r)
            groups.setdefault(r.period, {}).setdefault(name, {})[group] = Figures.of(r)
    crossing: dict[Period, Mapping[tuple[str, str], Figures]] = {}
    by = computing.wanted.by
    can = set(possible(Query.of(measure))) if by in (COARSE, FINE) else set()
    if {COARSE, FINE} <= can and not measure.kind.groups and landlord == computing.records.landlord:
        other = COARSE if by == FINE else FINE
        periods = (*wholes, *implied)
        for r in _of(computing, source, periods, other, landlord):
            if r.columns:
                name, group = group_of(r)
                groups.setdefault(r.period, {}).setdefault(name, {})[group] = Figures.of(r)
        crossing = {
            p: {c: Figures.of(t) for c, t in grouping.cells(computing, source, p).items()}
            for p in periods
        }
    overall = {**wholes, **{r.period: Figures.of(r) for r in more if not r.columns}}
    return grouping.plan_of_periods(
        measure,
        overall,
        groups,
        implied=implied,
        crossing=crossing,
        within=_within(measure, groups),
        published=[row_key(grouping.label(p)) for p, f in wholes.items() if not policy.small(f.n)],
        policy=policy,
    )


def _of(
    computing: Computing,
    source: Source,
    periods: Sequence[Period],
    by: str | None,
    landlord: str,
) -> list[Result]:
    """The results of other periods or another breakdown, for planning alone."""
    if not periods:
        return []
    wanted = replace(computing.wanted, periods=tuple(periods), trend=1, by=by)
    with computing.beside(wanted) as other:
        return [r for r in other.results(source) if r.landlord == landlord]


def group_of(result: Result) -> tuple[str, str]:
    """A result's breakdown and group, as the plan names them.

    A gap broken down (by area) is one for each area: its characteristic there.
    """
    names, values = result.columns, [g or "" for g in result.group]
    if names[0] == "characteristic":
        inside = _IN.join(values[2:])
        return (f"{values[0]}{_IN}{inside}" if len(values) > 2 else values[0]), values[1]
    return _IN.join(names), _IN.join(values)


def _within(
    measure: Measure, groups: Mapping[Period, By]
) -> dict[tuple[Period, str, str], list[tuple[str, str]]]:
    """Which groups of a characteristic in each area make those of everybody."""
    found: dict[tuple[Period, str, str], list[tuple[str, str]]] = {}
    if measure.kind not in grouping.AGAINST:
        return found
    for period, by in groups.items():
        for name, parts in by.items():
            if _IN in name:
                for group in parts:
                    key = (period, name.partition(_IN)[0], group)
                    found.setdefault(key, []).append((name, group))
    return found


def _shown(result: Result, plan: Plan) -> Result:
    here = grouping.label(result.period)
    if not result.columns:
        level = plan.levels[row_key(here)]
        if result.leading:
            by, group = _leading(result)
            key = row_key(here, by, group)
            if plan.levels.get(key, Level.ALL) is not Level.ALL:
                level = max(level, Level.SIZE)
        return _bare(result, level)
    by, group = group_of(result)
    level = plan.levels[row_key(here, by, group)]
    against = result.kind in grouping.AGAINST
    if against and not grouping.all_shown(plan, here, by):
        level = max(level, Level.SIZE)
    spread = result.spread
    if result.kind is Kind.DISTRIBUTION:
        spread = {k: v for k, v in spread.items() if k in QUANTILES}
    # How many of a group were excluded is planned by nobody.
    return _bare(replace(result, excluded={}, spread=spread), level)


def _leading(result: Result) -> tuple[str, str]:
    values = [g or "" for g in result.leading]
    inside = _IN.join(values[2:])
    return (f"{values[0]}{_IN}{inside}" if len(values) > 2 else values[0]), values[1]


def _bare(result: Result, level: Level) -> Result:
    """The result without what its level hides."""
    if level is Level.ALL:
        return result
    bare = replace(
        result,
        level=level,
        value=None,
        numerator=None,
        spread={},
        leading=(),
        excluded={},
        bars=(),
    )
    if level is Level.NOTHING:
        bare = replace(bare, denominator=None, n=0, cases=0)
    return bare
