"""Everything the page of a computed indicator shows, in a fixed number of queries."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext

from kloe.assessment.speaking import Proposal, proposed
from kloe.core.errors import KloeError
from kloe.core.messages import Message
from kloe.core.periods import Period
from kloe.core.stats import Interval, gap_with_all
from kloe.frameworks.model import Criterion, Theme
from kloe.measures import outlook
from kloe.measures.breakdowns import DIMENSIONS
from kloe.measures.catalogue import Source, catalogue
from kloe.measures.definitions import Kind, Measure, Placing, Unit
from kloe.measures.outlook import Figure
from kloe.measures.published import register
from kloe.measures.results import plain, shown
from kloe.measures.spc import Chart, Rule
from kloe.measures.suppression import THRESHOLD
from kloe.records.layouts import layout
from kloe.reports import charts
from kloe.web.access import AssessmentAccess
from kloe.web.assessments.models import Assessment
from kloe.web.indicators import computed_queries, drawings, group_rows, peers_beside, queries
from kloe.web.indicators.computed import figure_of, figures_of
from kloe.web.indicators.computed_queries import Line, value_words
from kloe.web.indicators.computed_rows import Spans
from kloe.web.indicators.figure_rows import Row
from kloe.web.indicators.models import ComputedResult, ComputedSummary
from kloe.web.indicators.peers_beside import Beside
from kloe.web.library.store import Pinned
from kloe.web.site.wording import period as period_words

LEVEL = ComputedResult.Level
RULES = {
    Rule.OUTSIDE: Message("outside the limits"),
    Rule.SIDE: Message("eight or more on one side"),
    Rule.TREND: Message("six or more rising or falling"),
    Rule.NEAR: Message("two of three near a limit"),
}
#: How many earlier computings of the same figure are shown.
HISTORY = 12


@dataclass(frozen=True)
class Breakdown:
    """The groups of one breakdown."""

    words: str
    rows: tuple[Row, ...]
    chart: charts.Breakdown | None = None
    headings: tuple[str, ...] = ()
    periods: tuple[str, ...] = ()

    @property
    def hidden(self) -> int:
        return sum(r.hidden for r in self.rows)

    @property
    def gaps(self) -> bool:
        return any(r.gap for r in self.rows)

    @property
    def intervals(self) -> bool:
        return any(r.interval for r in self.rows)

    @property
    def drawing(self) -> drawings.Drawing | None:
        return drawings.found(self.chart)


@dataclass(frozen=True)
class Spoken:
    """A theme or criterion the measure speaks to, and what it is proposed to say there."""

    placing: Placing
    theme: Theme
    criterion: Criterion | None
    proposal: Proposal | None


@dataclass(frozen=True)
class MeasurePage:
    measure: Measure
    line: Line | None
    row: ComputedResult | None
    interval: str
    chart: Chart | None
    trend: tuple[Row, ...]
    years: tuple[Row, ...]
    breakdowns: tuple[Breakdown, ...]
    leading: str
    spread: tuple[tuple[str, str], ...]
    lying: group_rows.Lying | None
    excluded: tuple[tuple[str, str], ...]
    spoken: tuple[Spoken, ...]
    published: tuple[Any, ...]
    beside: Beside | None
    integrity: tuple[Line, ...]
    history: tuple[Row, ...]
    hidden_words: str

    @property
    def trend_chart(self) -> charts.Trend | None:
        """What is drawn of the trend; None where nothing is."""
        if self.chart is None or self.line is None or self.line.hidden:
            return None
        return drawings.trend(
            self.measure,
            self.chart,
            self.line.target,
            self.published,
            self.beside.chart if self.beside else None,
        )

    @property
    def drawing(self) -> drawings.Drawing | None:
        return drawings.found(self.trend_chart)

    @property
    def some_hidden(self) -> bool:
        """Whether any group is hidden."""
        return any(b.hidden for b in self.breakdowns)

    @property
    def signals(self) -> tuple[str, ...]:
        return tuple(str(s.message) for s in self.chart.signals) if self.chart else ()

    @property
    def notes(self) -> tuple[str, ...]:
        return tuple(str(n) for n in self.chart.notes) if self.chart else ()


def interval_words(interval: Interval | None, unit: Unit) -> str:
    """From the lower to the upper bound; empty where either lacks."""
    if interval is None or interval.low is None or interval.high is None:
        return ""
    return range_words(shown(interval.low, unit), shown(interval.high, unit))


_NUMBER = re.compile(r"\D*[\d.,]*\d")


def range_words(low: str, high: str) -> str:
    """From one value to another, the unit said once where it stands behind both."""
    number = _NUMBER.match(high)
    unit = high[number.end() :] if number else ""
    said = low.removesuffix(unit) if unit else low
    return gettext("%(low)s to %(high)s") % {"low": said, "high": high}


@lru_cache(maxsize=256)
def _codes(by: str) -> dict[str, Any]:
    """The words of the codes a breakdown's groups are."""
    dimension = DIMENSIONS.get(by)
    if dimension is None:
        return {}
    try:
        return dict(layout(dimension.table).column(by).codes or {})
    except KloeError:
        return {}


def grouping_words(by: str) -> str:
    """What a breakdown is called."""
    return str(DIMENSIONS[by].words) if by in DIMENSIONS else by.replace("_", " ")


def group_words(by: str, group: str) -> str:
    """What a group is called."""
    if not group:
        return gettext("not recorded")
    return str(_codes(by).get(group) or group.replace("_", " "))


def spoken(pinned: Pinned, measure: Measure, aim: outlook.Aim) -> tuple[Spoken, ...]:
    """What the measure speaks to in the pinned editions."""
    found = []
    for placing in measure.criteria:
        try:
            if placing.ref.count("/") == 2:
                found.append(Spoken(placing, pinned.theme(placing.ref), None, None))
                continue
            criterion = pinned.criterion(placing.ref)
        except KloeError:
            continue
        theme = pinned.theme(criterion.theme_id)
        says = proposed(criterion, placing.bearing, placing.side, aim)
        found.append(Spoken(placing, theme, criterion, says))
    return tuple(found)


def build(access: AssessmentAccess, pinned: Pinned, source: Source) -> MeasurePage:
    """Read the page of a measure; one that was not computed has its definition alone."""
    return page_of(access.assessment, pinned, source)


def page_of(assessment: Assessment, pinned: Pinned, source: Source) -> MeasurePage:
    """The same for whoever draws what it shows, without anybody looking."""
    measure = source.measure
    summary = (
        ComputedSummary.objects.filter(assessment=assessment, measure=measure.id)
        .select_related("result")
        .first()
    )
    line = computed_queries.one(assessment, measure.id) if summary else None
    aim = line.aim if line else outlook.Aim.NONE
    row = summary.result if summary else None
    rows = _same(row) if row else []
    wholes = {Period(r.period_start, r.period_end): r for r in rows if not r.grouping}
    spans = Spans.of(assessment, row.as_at) if row else None
    series: list[Figure] = []
    if spans is not None:
        series = figures_of(wholes, spans.trend_of(measure))
    chart = outlook.chart_of(measure, series)
    hidden = row is not None and row.level != LEVEL.ALL
    return MeasurePage(
        measure=measure,
        line=line,
        row=row,
        interval=""
        if row is None or hidden
        else interval_words(outlook.interval_of(measure, figure_of(row)), measure.unit),
        chart=chart,
        trend=_trend(measure, series, wholes, chart),
        years=_years(spans, wholes) if spans and not measure.kind.groups else (),
        breakdowns=_breakdowns(measure, row, [r for r in rows if r.grouping]),
        leading=_leading(row),
        spread=_spread(row),
        lying=group_rows.lying(measure, row),
        excluded=tuple(
            (str(words), f"{row.excluded.get(key, 0):,}" if row and not hidden else "")
            for key, words in measure.exclusions.items()
        ),
        spoken=spoken(pinned, measure, aim),
        published=_published(assessment, measure),
        beside=peers_beside.beside(
            assessment.landlord, measure, row.value if row and not hidden else ""
        ),
        integrity=_integrity(assessment, source),
        history=_history(row) if row else (),
        hidden_words=computed_queries.hidden_words(row.threshold if row else THRESHOLD),
    )


def _same(row: ComputedResult) -> list[ComputedResult]:
    """All rows computed with a row: the same definition, data and engine."""
    return list(
        ComputedResult.objects.filter(
            organisation=row.organisation_id,
            measure=row.measure,
            definition_digest=row.definition_digest,
            data_digest=row.data_digest,
            engine=row.engine,
            threshold=row.threshold,
        )
    )


def _history(row: ComputedResult) -> tuple[Row, ...]:
    return tuple(
        Row("", one)
        for one in ComputedResult.objects.filter(
            organisation=row.organisation_id,
            measure=row.measure,
            grouping="",
            period_start=row.period_start,
            period_end=row.period_end,
        ).order_by("-computed_at")[:HISTORY]
    )


def _years(spans: Spans, wholes: dict[Period, ComputedResult]) -> tuple[Row, ...]:
    """The assessment's period and those before it, as far as there were cases."""
    found = [p for p in spans.years if p in wholes]
    while len(found) > 1 and not wholes[found[0]].value and wholes[found[0]].n == 0:
        found.pop(0)
    return tuple(
        Row(period_words([p.start, p.end]), wholes[p], current=p == spans.period)
        for p in reversed(found)
    )


def _trend(
    measure: Measure,
    series: Sequence[Figure],
    wholes: dict[Period, ComputedResult],
    chart: Chart | None,
) -> tuple[Row, ...]:
    found = []
    points = {p.label: p for p in chart.points} if chart else {}
    times = outlook.scale_of(chart) if chart else 1
    for figure in series:
        label = outlook.quarter_label(figure.period)
        point = points.get(label)
        limits = ""
        if point is not None and point.low is not None and point.high is not None:
            limits = interval_words(
                Interval(None, point.low * times, point.high * times), measure.unit
            )
        marks = tuple(str(RULES[rule]) for rule in point.rules) if point else ()
        row = wholes.get(figure.period)
        found.append(Row(label, row, limits=limits, marks=marks, note=_leading(row)))
    return tuple(reversed(found))


def _breakdowns(
    measure: Measure, whole: ComputedResult | None, rows: Sequence[ComputedResult]
) -> tuple[Breakdown, ...]:
    if whole is None:
        return ()
    found: dict[str, list[Row]] = {}
    here = Period(whole.period_start, whole.period_end)
    periods, earlier = group_rows.earlier(here, rows) if measure.kind.groups else ((), {})
    for row in rows:
        if Period(row.period_start, row.period_end) != here or _nobody(row):
            continue
        found.setdefault(row.grouping, []).append(
            _group(
                measure,
                whole,
                row,
                tuple(
                    group_rows.before_words(earlier.get((row.grouping, row.group, p)))
                    for p in periods
                ),
            )
        )
    order = {name: n for n, name in enumerate(measure.breakdowns)}
    return tuple(
        Breakdown(
            grouping_words(by),
            tuple(groups),
            drawings.breakdown(measure, whole, grouping_words(by), groups),
            group_rows.headings(measure.kind, measure.unit),
            tuple(group_rows.period_heading(p) for p in periods),
        )
        for by, groups in sorted(found.items(), key=lambda item: (order.get(item[0], 99), item[0]))
    )


def _nobody(row: ComputedResult) -> bool:
    """Whether a row only says that of some it is not known, and none of these is counted."""
    return not row.group and row.n == 0 and row.kind in (Kind.GAP, Kind.REPRESENTATION)


def _group(
    measure: Measure, whole: ComputedResult, row: ComputedResult, before: tuple[str, ...]
) -> Row:
    said = group_rows.reading(row)
    interval, gap = said.interval, said.gap
    if row.level == LEVEL.ALL and not measure.kind.groups:
        figure = figure_of(row)
        interval = outlook.interval_of(measure, figure)
        gap = _gap(measure, figure, whole)
    return Row(
        group_words(row.grouping, row.group),
        row,
        interval=interval_words(interval, measure.unit),
        gap=_gap_words(gap, measure),
        apart=said.loud or (gap is not None and not gap.holds(Decimal(0))),
        cells=said.cells,
        loud=said.loud,
        before=before,
        bounds=interval,
    )


def _gap(measure: Measure, figure: Figure, whole: ComputedResult) -> Interval | None:
    """A group's rate less that of all, in points."""
    every = figure_of(whole)
    both = figure.share and every.share and whole.level == LEVEL.ALL
    if measure.kind is not Kind.RATIO or measure.unit is not Unit.PERCENT or not both:
        return None
    if not figure.n or not every.n or figure.n > every.n:
        return None
    found = gap_with_all(
        int(figure.numerator or 0), figure.n, int(every.numerator or 0), every.n
    )  # fmt: skip
    hundred = Decimal(100)
    return Interval(
        None if found.value is None else found.value * hundred,
        None if found.low is None else found.low * hundred,
        None if found.high is None else found.high * hundred,
        found.confidence,
        found.method,
    )


def _gap_words(gap: Interval | None, measure: Measure) -> str:
    if gap is None or gap.value is None:
        return ""
    sign = "+" if gap.value > 0 else ""
    return f"{sign}{shown(gap.value, Unit.POINTS)}"


def _leading(row: ComputedResult | None) -> str:
    if row is None or len(row.leading) < 2:
        return ""
    by, group = row.leading[:2]
    return f"{grouping_words(by)}: {group_words(by, group)}"


_SPREAD = (
    ("min", Message("least")),
    ("q1", Message("lower quartile")),
    ("median", Message("median")),
    ("q3", Message("upper quartile")),
    ("p90", Message("nine in ten at or below")),
    ("max", Message("most")),
    ("mean", Message("mean")),
)


def _spread(row: ComputedResult | None) -> tuple[tuple[str, str], ...]:
    if row is None or row.kind != Kind.DISTRIBUTION or row.level != LEVEL.ALL:
        return ()
    return tuple(
        (str(words), value_words(plain(Decimal(row.spread[key])), row.unit))
        for key, words in _SPREAD
        if key in row.spread
    )


def _published(assessment: Assessment, measure: Measure) -> tuple[Any, ...]:
    """Published results of the same definition, or near to it, set beside the assessment."""
    known = {m.code for m in register().measures}
    codes = ({p.code for p in measure.published} | {p.same_as for p in measure.published}) & known
    if not codes:
        return ()
    return tuple(s for s in queries.everything(assessment) if s.row.measure in codes)


def _integrity(assessment: Assessment, source: Source) -> tuple[Line, ...]:
    tests = [s.id for s in catalogue().integrity_of(source)]
    if not tests:
        return ()
    return tuple(computed_queries.some(assessment, tests))
