"""Charts of computed indicators: drawn in the background, found again by digest.

A drawing is made of what a page may show and nothing else, and is kept under the digest of its
values and words (``DATA/charts``). A request only looks whether it is there. The directory may
be deleted at any time: the next computing draws again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from kloe.core.disk import room
from kloe.core.messages import _
from kloe.measures import outlook, spc
from kloe.measures.definitions import Kind, Measure, Unit
from kloe.measures.results import shown
from kloe.reports import charts
from kloe.web.indicators.figure_rows import Row
from kloe.web.indicators.models import ComputedResult
from kloe.web.site.wording import period as period_words

#: A single value is no trend, and a single group no comparison.
LEAST = 2
#: More groups than this are read in the table.
MOST = 24
UNITS = {
    Unit.PERCENT: _("Per cent"),
    Unit.PER_THOUSAND: _("Per 1,000"),
    Unit.RATIO: _("Ratio"),
    Unit.COUNT: _("Number"),
    Unit.DAYS: _("Days"),
    Unit.WORKING_DAYS: _("Working days"),
    Unit.HOURS: _("Hours"),
    Unit.YEARS: _("Years"),
    Unit.MONEY: _("Pounds"),
    Unit.MONEY_PER: _("Pounds each"),
    Unit.POINTS: _("Percentage points"),
}


#: Where a group is neither more nor less than all.
EVEN = {
    (Kind.GAP, Unit.RATIO): Decimal(1),
    (Kind.REPRESENTATION, Unit.RATIO): Decimal(1),
    (Kind.GAP, Unit.POINTS): Decimal(0),
}


@dataclass(frozen=True)
class Drawing:
    """A chart there is something to draw for; without ``svg`` where it is not drawn yet."""

    svg: SafeString


def trend(
    measure: Measure,
    chart: spc.Chart,
    target: str,
    published: Sequence[Any],
    beside: charts.Peers | None = None,
) -> charts.Trend | None:
    """What is drawn of a trend; None for fewer than two values.

    :param target: the target in words.
    :param published: published results of the same kind, for the spread of peers.
    :param beside: the peers of a dataset, where no result is set beside the assessment.
    """
    if sum(p.value is not None for p in chart.points) < LEAST:
        return None
    return charts.trend_of(
        chart,
        title=str(_("%(title)s: trend", title=measure.title)),
        unit=str(UNITS[measure.unit]),
        show=lambda value: shown(value, measure.unit),
        times=outlook.scale_of(chart),
        target=_target(measure, target),
        peers=_peers(measure, published) or beside,
    )


def _target(measure: Measure, words: str) -> charts.Target | None:
    bounds = outlook.target_of(measure.target)
    if bounds is None or not words:
        return None
    low, high = bounds if isinstance(bounds, tuple) else (bounds, None)
    return charts.Target(words, low, high)


def _peers(measure: Measure, published: Sequence[Any]) -> charts.Peers | None:
    """The middle half of the peers of the first published result in the same unit."""
    for one in published:
        spread, quartiles = one.position.spread, one.quartiles
        if measure.kind is not Kind.RATIO or one.measure.unit.factor != measure.unit.factor:
            continue
        if spread is None or quartiles is None:
            continue
        when = one.position.period
        words = _(
            "Middle half of peers, %(code)s, %(when)s: %(q1)s to %(q3)s",
            code=one.measure.code,
            when=period_words([when.start, when.end]),
            q1=quartiles[0],
            q3=quartiles[2],
        )
        return charts.Peers(str(words), spread.q1, spread.median, spread.q3)
    return None


def breakdown(
    measure: Measure, whole: ComputedResult, words: str, rows: Sequence[Row]
) -> charts.Breakdown | None:
    """What is drawn of a breakdown: the groups that may be shown, beside all."""
    groups = []
    for row in rows:
        if row.hidden or row.row is None or not row.row.value:
            continue
        interval = row.bounds
        groups.append(
            charts.Group(
                row.words,
                Decimal(row.row.value),
                row.value,
                interval.low if interval else None,
                interval.high if interval else None,
                row.apart,
            )
        )
    if not LEAST <= len(groups) <= MOST:
        return None
    every = EVEN.get((measure.kind, measure.unit))
    if whole.level == ComputedResult.Level.ALL and whole.value and not measure.kind.groups:
        every = Decimal(whole.value)
    return charts.Breakdown(
        str(_("%(title)s: by %(grouping)s", title=measure.title, grouping=words)),
        str(UNITS[measure.unit]),
        tuple(groups),
        every,
        shown(every, measure.unit),
    )


def distribution(measure: Measure, bars: Sequence[charts.Bar]) -> charts.Distribution:
    """What is drawn of how the values lie."""
    return charts.Distribution(
        str(_("%(title)s: how the values lie", title=measure.title)),
        str(UNITS[measure.unit]),
        tuple(bars),
    )


# Kept by digest


def folder() -> Path:
    """Where drawings are kept."""
    path: Path = settings.DATA_DIR / "charts"
    return path


def _file(chart: charts.Chart) -> Path:
    return folder() / f"{charts.digest(chart)}.svg"


def found(chart: charts.Chart | None) -> Drawing | None:
    """The drawing of a chart as it is there; None where there is nothing to draw."""
    if chart is None:
        return None
    try:
        drawn = _file(chart).read_text("utf-8")
    except OSError:
        return Drawing(SafeString())
    # We drew it; every word in it was escaped there.
    return Drawing(mark_safe(drawn))  # noqa: S308


def keep(chart: charts.Chart) -> bool:
    """Draw a chart unless it is there; whether it was drawn."""
    path = _file(chart)
    if path.exists():
        return False
    drawn = charts.draw(chart)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{uuid4().hex}")
    try:
        with room():
            beside.write_text(drawn, "utf-8")
            beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return True
