"""One measure computed for an assessment: its rows, as they may be shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from kloe.core.errors import InvalidInput
from kloe.core.messages import _
from kloe.core.periods import Period
from kloe.measures import groups as grouping
from kloe.measures.catalogue import Source
from kloe.measures.compose import Query
from kloe.measures.computing import Computing
from kloe.measures.definitions import Kind, Measure, Usual
from kloe.measures.groups import Figures
from kloe.measures.layout import row_key
from kloe.measures.results import LEAST, Result, apart, numbers_of_groups, plain
from kloe.measures.richer import merged
from kloe.measures.spans import last_complete, trend
from kloe.measures.suppression import THRESHOLD, Key, Plan, Policy
from kloe.measures.suppression_search import Level
from kloe.measures.tally import Tally
from kloe.web.assessments.models import Assessment
from kloe.web.indicators.models import ComputedResult

#: Like periods before the assessment's, and quarters of the trend.
BEFORE, QUARTERS = 3, 12
LEVELS = {
    Level.ALL: ComputedResult.Level.ALL,
    Level.SIZE: ComputedResult.Level.SIZE,
    Level.NOTHING: ComputedResult.Level.NOTHING,
}
_LEVELS = {str(stored): level for level, stored in LEVELS.items()}
DIGITS = 60


@dataclass(frozen=True)
class Spans:
    """The periods of an assessment's indicators."""

    period: Period
    years: tuple[Period, ...]
    quarters: tuple[Period, ...]

    @classmethod
    def of(cls, assessment: Assessment, as_at: date) -> Spans:
        """The assessment's period, those before it, and quarters up to its end.

        :param as_at: the day the records were taken.
        """
        period = Period(assessment.period_start, assessment.period_end)
        last = last_complete(Usual.QUARTER, min(period.end, as_at))
        return cls(period, trend(period, BEFORE + 1), trend(last, QUARTERS))

    def trend_of(self, measure: Measure) -> tuple[Period, ...]:
        """The periods of a measure's trend: quarters; of gaps, shares and samples, years."""
        return self.years if measure.kind.groups else self.quarters

    @property
    def shown(self) -> tuple[Period, ...]:
        """Every period that is shown, each once."""
        return tuple(dict.fromkeys((*self.years, *self.quarters)))


@dataclass(frozen=True)
class Measured:
    """What was computed of one measure, with the plan of what may be shown."""

    wholes: Mapping[Period, Result]
    parts: Sequence[ComputedResult]
    rows: Sequence[ComputedResult]
    #: The least number that is shown.
    threshold: int = THRESHOLD


def measured(
    computing: Computing,
    source: Source,
    spans: Spans,
    implied: Sequence[Period],
    assessment: Assessment,
) -> Measured:
    measure, landlord = source.measure, computing.records.landlord
    results = [r for r in computing.results(source) if r.landlord == landlord]
    wholes = {r.period: r for r in results if not r.columns}
    if spans.period not in wholes:
        raise InvalidInput(
            _("The records hold other landlords than %(landlord)s.", landlord=landlord),
            _("The records of an organisation are those of one landlord."),
            _("Load them again."),
        )
    here = wholes[spans.period]
    lacking = any(m.table for m in here.missing)
    planned = not lacking and grouping.about_people(Query.of(measure))
    if measure.kind.groups:
        return _of_groups(measure, results, wholes, spans, planned, assessment)
    tallies: grouping.Groups = {}
    crossing: dict[tuple[str, str], Tally] = {}
    if not lacking:
        tallies = grouping.tallied(computing, source, spans.period)
        crossing = grouping.crossed(computing, source, spans.period)
    plan: Plan | None = None
    if planned:
        plan = _plan(
            _Out.of(assessment, here),
            measure,
            {p: Figures.of(r) for p, r in wholes.items()},
            spans.period,
            {by: {g: Figures.of(t) for g, t in parts.items()} for by, parts in tallies.items()},
            implied=implied,
            crossing={cell: Figures.of(t) for cell, t in crossing.items()},
        )
    shown = {p: r for p, r in wholes.items() if p not in implied}
    parts = [
        _part_row(assessment, here, by, group, values, plan)
        for by, groups in tallies.items()
        for group, values in _of_tallies(measure, groups).items()
    ]
    rows = [_whole_row(assessment, r, plan) for r in shown.values()]
    return _measured(assessment, shown, parts, rows)


def _measured(
    assessment: Assessment,
    wholes: Mapping[Period, Result],
    parts: Sequence[ComputedResult],
    rows: Sequence[ComputedResult],
) -> Measured:
    least = assessment.landlord.small_number
    for row in (*rows, *parts):
        row.threshold = least
    return Measured(wholes, parts, rows, least)


def _of_groups(
    measure: Measure,
    results: Sequence[Result],
    every: Mapping[Period, Result],
    spans: Spans,
    planned: bool,
    assessment: Assessment,
) -> Measured:
    """Gaps, shares and samples: the groups are the figure, over the like periods.

    These periods part time among them: what is shown of one tells nothing of another.
    """
    wholes = {p: every[p] for p in spans.years if p in every}
    out = _Out.of(assessment, every[spans.period]) if planned else None
    rows: list[ComputedResult] = []
    parts: list[ComputedResult] = []
    for period, whole in wholes.items():
        groups = [r for r in results if r.columns and r.period == period]
        figures: dict[str, dict[str, Figures]] = {}
        for r in groups:
            name, group = _own_group(r)
            figures.setdefault(name, {})[group] = Figures.of(r)
        plan: Plan | None = None
        if out is not None:
            plan = _plan(out, measure, {period: Figures.of(whole)}, period, figures)
        mine = [_part_row(assessment, whole, *_own_group(r), _of_result(r), plan) for r in groups]
        row = _whole_row(assessment, whole, plan)
        if row.level == ComputedResult.Level.SIZE:
            # The widest may not be told: then the widest of those that may.
            shown = [r for r, part in zip(groups, mine, strict=True) if _may_lead(r, part)]
            if shown:
                row = _whole_row(assessment, _led(measure, whole, groups, shown), plan)
        rows.append(row)
        parts += mine
    return _measured(assessment, wholes, parts, rows)


def _may_lead(result: Result, part: ComputedResult) -> bool:
    """Whether a group may stand for a gap: shown, known and not small."""
    known = len(result.group) > 1 and result.group[1] is not None
    shown = part.level == ComputedResult.Level.ALL and result.value is not None
    return known and shown and (result.denominator or 0) >= LEAST


def _led(
    measure: Measure, whole: Result, groups: Sequence[Result], shown: Sequence[Result]
) -> Result:
    """The figure of a gap as that of the widest of some groups, of all of its characteristic."""
    first = max(shown, key=lambda r: (apart(measure, r), str(r.group)))
    every = [r for r in groups if r.group[0] == first.group[0]]
    return replace(
        whole,
        value=first.value,
        spread=first.spread,
        leading=first.group,
        numerator=sum((r.numerator or Decimal(0) for r in every), Decimal(0)),
        denominator=sum((r.denominator or Decimal(0) for r in every), Decimal(0)),
        n=sum(r.n for r in every),
    )


@dataclass(frozen=True)
class _Out:
    """Rows over the same records that are out already, such as for another assessment."""

    #: The least number shown now.
    threshold: int
    #: Shown with all their figures, planned with that number.
    shown: tuple[Key, ...]
    #: How much of each row was shown when fewer were hidden; exports of then are about.
    earlier: Mapping[Key, Level]

    @classmethod
    def of(cls, assessment: Assessment, here: Result) -> _Out:
        """What is out of a measure."""
        least, shown, earlier = assessment.landlord.small_number, [], dict[Key, Level]()
        for start, end, by, group, level, threshold in ComputedResult.objects.filter(
            organisation=assessment.landlord_id,
            measure=here.measure,
            definition_digest=here.definition,
            data_digest=here.data,
            engine=here.engine,
        ).values_list("period_start", "period_end", "grouping", "group", "level", "threshold"):
            key = row_key(grouping.label(Period(start, end)), by, group)
            if threshold != least:
                earlier[key] = max(earlier.get(key, Level.ALL), _LEVELS[level])
            elif level == ComputedResult.Level.ALL:
                shown.append(key)
        return cls(least, tuple(shown), earlier)


def _plan(out: _Out, *figures: Any, **more: Any) -> Plan:
    """What may be shown, so that it tells nothing beside what was shown before.

    Where another least number held once, a row shows no more than it did then; and what is hidden
    stays so for whoever has the figures of then, and for whoever has only those of now.
    """
    policy = Policy(threshold=out.threshold)
    plan = grouping.make_plan(*figures, published=out.shown, policy=policy, **more)
    if not out.earlier:
        return plan
    whole = (key for key, level in out.earlier.items() if level is Level.ALL)
    beside = grouping.make_plan(*figures, published=(*out.shown, *whole), policy=policy, **more)
    levels = {
        key: max(level, beside.levels[key], out.earlier.get(key, Level.ALL))
        for key, level in plan.levels.items()
    }
    return replace(plan, levels=levels)


def _own_group(result: Result) -> tuple[str, str]:
    """A group of a gap by its characteristic; of a sample by stratum."""
    if result.columns[0] == "characteristic":
        return result.group[0] or "", result.group[1] or ""
    return result.columns[0], result.group[0] or ""


def _values(
    numerator: Decimal | None,
    denominator: Decimal | None,
    value: Decimal | None,
    n: int,
    spread: Mapping[str, Decimal],
) -> dict[str, Any]:
    def text(number: Decimal | None) -> str:
        return "" if number is None else plain(number)[:DIGITS]

    return {
        "numerator": text(numerator),
        "denominator": text(denominator),
        "value": text(value),
        "n": n,
        "spread": {k: plain(v) for k, v in spread.items()},
    }


def _of_result(r: Result) -> dict[str, Any]:
    return _values(r.numerator, r.denominator, r.value, r.n, r.spread) | {
        "missing": [[m.table, m.column, m.empty] for m in r.missing],
        "excluded": dict(r.excluded),
    }


def _of_tallies(measure: Measure, tallies: Mapping[str, Tally]) -> dict[str, dict[str, Any]]:
    made = numbers_of_groups(measure, {(g,): t for g, t in tallies.items()})
    found = {}
    for group, tally in tallies.items():
        number = made[(group,)]
        amounts = bool(measure.numerator) and not tally.values
        found[group] = _values(
            tally.numerator if amounts else None,
            tally.denominator if amounts else None,
            number.value,
            tally.n,
            # A mean would add up; the plan keeps sizes apart, so medians only.
            {k: v for k, v in number.spread.items() if k in ("q1", "median", "q3", "p90")},
        ) | {"missing": [[m.table, m.column, m.empty] for m in number.missing]}
    return found


def _row(assessment: Assessment, base: Result, values: Mapping[str, Any]) -> ComputedResult:
    return ComputedResult(
        organisation_id=assessment.landlord_id,
        measure=base.measure,
        version=base.version,
        kind=base.kind.value,
        unit=base.unit.value,
        period_start=base.period.start,
        period_end=base.period.end,
        dropped=dict(base.dropped),
        as_at=base.as_at,
        data_digest=base.data,
        definition_digest=base.definition,
        engine=base.engine,
        **values,
    )


def _whole_row(assessment: Assessment, r: Result, plan: Plan | None) -> ComputedResult:
    row = _row(assessment, r, _of_result(r))
    row.leading = [part or "" for part in r.leading]
    if bars := merged(r.bars, assessment.landlord.small_number):
        row.spread["bars"] = [bar.as_list() for bar in bars]
    level = Level.ALL
    if plan is not None:
        level = plan.levels[row_key(grouping.label(r.period))]
        if r.leading:
            name, group = (r.leading[0] or "", r.leading[1] or "")
            key = row_key(grouping.label(r.period), name, group)
            # The figure of a gap is that of the group it is widest for.
            if plan.levels.get(key, Level.ALL) is not Level.ALL:
                level = max(level, Level.SIZE)
    return _veiled(row, level)


def _part_row(
    assessment: Assessment,
    here: Result,
    by: str,
    group: str,
    values: Mapping[str, Any],
    plan: Plan | None,
) -> ComputedResult:
    # How many of a group were excluded is planned by nobody.
    row = _row(assessment, here, {**values, "excluded": {}})
    row.grouping, row.group = by[:60], group[:200]
    key = row_key(grouping.label(here.period), by, group)
    level = Level.ALL if plan is None else plan.levels[key]
    against = plan is not None and here.kind in (Kind.GAP, Kind.REPRESENTATION)
    # A ratio to all tells all.
    if against and plan and not grouping.all_shown(plan, grouping.label(here.period), by):
        level = max(level, Level.SIZE)
    return _veiled(row, level)


def _veiled(row: ComputedResult, level: Level) -> ComputedResult:
    """The row without what may not be shown."""
    row.level = LEVELS[level]
    if level is not Level.ALL:
        row.value = row.numerator = ""
        row.spread, row.leading, row.excluded = {}, [], {}
    if level is Level.NOTHING:
        row.denominator, row.n = "", None
    return row
