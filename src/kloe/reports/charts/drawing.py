"""Charts with axes, drawn by Altair and vl-convert.

Everything that depends on how wide letters are is settled here (room beside the axes, which
periods are named), so that the same values give the same bytes on every machine.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from kloe.reports.charts.data import Breakdown, Chart, Distribution, Trend
from kloe.reports.charts.finishing import PLACES, SIZE, finish
from kloe.reports.charts.strips import wrap
from kloe.reports.charts.words import (
    clean,
    description,
    digest,
    group_words,
    point_words,
    signs,
)

#: A drawing's width in its own units; pages scale it.
WIDE = 480
HIGH = 190
RIGHT = 16
NAMES = 150
CHARACTER = SIZE * 0.56
STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
#: Whether every part of a chart is held against Altair's schema while it is drawn. It takes as long
#: as all the rest and changes nothing: the tests of charts do it, for every kind there is.
CHECKED = False


def draw(chart: Chart, *, prefix: str = "") -> str:
    """The chart as SVG in the current language.

    :param prefix: what its identifiers begin with; by its content if none is given.
    """
    from altair.utils.schemapi import debug_mode

    with debug_mode(CHECKED):
        if isinstance(chart, Trend):
            made = _trend(chart)
        elif isinstance(chart, Breakdown):
            made = _breakdown(chart)
        else:
            made = _distribution(chart)
    return finish(
        _rendered(made),
        title=chart.title,
        description=description(chart),
        prefix=prefix or f"c{digest(chart)[:12]}",
        unit=chart.unit,
        signs=signs(chart),
    )


def _rendered(spec: dict[str, Any]) -> str:
    import altair
    import vl_convert

    version = ".".join(altair.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
    drawn: str = vl_convert.vegalite_to_svg(spec, vl_version=version)
    return drawn


def ticks(low: Decimal, high: Decimal, most: int = 6, *, whole: bool = False) -> list[Decimal]:
    """Round numbers from at or below ``low`` to at or above ``high``."""
    if low == high:
        low, high = (low * Decimal("0.9"), high) if high > 0 else (low - (low < 0), high + 1)
    rough = (high - low) / (most - 1)
    size = Decimal(1).scaleb(rough.adjusted())
    step = next(size * s for s in STEPS if size * s >= rough)
    if whole:
        step = max(Decimal(1), step.to_integral_value(ROUND_CEILING))
    first = (low / step).to_integral_value(ROUND_FLOOR)
    last = (high / step).to_integral_value(ROUND_CEILING)
    return [step * n for n in range(int(first), int(last) + 1)]


def _tick_words(values: Sequence[Decimal]) -> list[str]:
    places = max(0, *(-int(v.normalize().as_tuple().exponent) for v in values))
    return [f"{v:,.{places}f}".replace("-", "\u2212") for v in values]


def _named(words: Sequence[Any], position: str = "datum.value") -> str:
    """An expression that gives each place on an axis its words."""
    return f"{json.dumps(list(words))}[{position}]"


def _numbers(values: Sequence[Decimal], *, grid: bool = True) -> dict[str, Any]:
    """A numeric axis and its scale."""
    plain, words = [float(v) for v in values], _tick_words(values)
    return {
        "scale": {"domain": [plain[0], plain[-1]], "nice": False, "zero": False},
        "axis": {
            "values": plain,
            "labelExpr": _named(words, f"indexof({json.dumps(plain)},datum.value)"),
            "title": None,
            "grid": grid,
            "domain": False,
            "ticks": False,
            "labelPadding": 6,
            "aria": False,
        },
    }


def _config() -> dict[str, Any]:
    return {
        "background": "transparent",
        "view": {"stroke": "transparent", "fill": "transparent"},
        "axis": {
            "labelFontSize": SIZE,
            "labelColor": PLACES["soft"],
            "labelLimit": 0,
            "labelOverlap": False,
            "labelFlush": False,
            "labelLineHeight": SIZE + 2,
            "gridColor": PLACES["rule"],
            "domainColor": PLACES["soft"],
            "tickColor": PLACES["soft"],
        },
    }


def _whole(
    layers: Sequence[Any], left: float, high: float, below: float, right: float = RIGHT
) -> dict[str, Any]:
    import altair

    chart = altair.layer(*layers).properties(
        width=WIDE - left - right,
        height=high,
        autosize="none",
        padding={"left": left, "right": right, "top": 8, "bottom": below},
    )
    spec: dict[str, Any] = chart.configure(**_config()).to_dict(validate=CHECKED)
    return spec


def _left(values: Sequence[Decimal]) -> float:
    return max(map(len, _tick_words(values))) * CHARACTER + 10


def _periods(labels: Sequence[str], width: float) -> tuple[dict[str, Any], int]:
    """An axis of periods, the last of them always named; and how many lines the names take."""
    spacing = width / max(1, len(labels))
    lines = [wrap(clean(label), max(64.0, spacing - 6), SIZE, 3) for label in labels]
    widest = max((len(part) for name in lines for part in name), default=1) * CHARACTER + 6
    every = max(1, -int(-widest // spacing))
    last = len(labels) - 1
    names = [name if (last - i) % every == 0 else "" for i, name in enumerate(lines)]
    axis = {
        "scale": {"type": "point", "padding": 0.5, "domain": list(range(len(labels)))},
        "axis": {
            "labelExpr": _named(names),
            "labelAngle": 0,
            "title": None,
            "grid": False,
            "ticks": False,
            "labelPadding": 9,
            "aria": False,
        },
    }
    return axis, max((len(name) for name in lines), default=1)


def _trend(chart: Trend) -> dict[str, Any]:
    import altair as alt

    shown: list[Decimal] = list(chart.target.bounds) if chart.target else []
    if chart.peers is not None:
        shown += [chart.peers.q1, chart.peers.median, chart.peers.q3]
    for p in chart.points:
        shown += [v for v in (p.value, p.low, p.high) if v is not None]
    marks = ticks(min(shown, default=Decimal(0)), max(shown, default=Decimal(1)))
    left = _left(marks)
    labels = [p.label for p in chart.points]
    right = _right(labels, WIDE - left)
    periods, lines = _periods(labels, WIDE - left - right)
    x, y = alt.X("i:O", **periods), alt.Y("v:Q", **_numbers(marks))
    layers: list[Any] = []
    if chart.peers is not None:
        band = alt.Chart(
            alt.Data(values=[{"v": float(chart.peers.q1), "w": float(chart.peers.q3)}])
        )
        layers.append(
            band.mark_rect(color=PLACES["peers"], fillOpacity=0.3, aria=False).encode(y=y, y2="w:Q")
        )
        layers.append(_level(chart.peers.median, y, "median", 1, []))
    step = (WIDE - left - right) / max(1, len(chart.points))
    for name, place, part in (
        ("low", "limit", 0.6),
        ("high", "limit", 0.6),
        ("centre", "centre", 1.02),
    ):
        layers += _segments(chart, name, x, y, PLACES[place], step * part)
    if chart.target is not None:
        layers += [_level(bound, y, "target", 1.5, [7, 4]) for bound in chart.target.bounds]
    rows = [
        {"i": i, "v": _float(p.value), "s": p.stands_out, "d": clean(point_words(p))}
        for i, p in enumerate(chart.points)
    ]
    layers.append(_line(rows, x, y))
    layers.append(_dots([row for row in rows if row["v"] is not None], x, y))
    return _whole(layers, left, HIGH, 16 + lines * (SIZE + 2), right)


def _right(labels: Sequence[str], width: float) -> float:
    """Room for the half of the last period's name that its place does not give."""
    half = min(12, max((len(label) for label in labels[-1:]), default=0)) * CHARACTER / 2
    return max(RIGHT, half - width / max(1, len(labels)) / 2 + 4)


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _segments(chart: Trend, name: str, x: Any, y: Any, colour: str, size: float) -> list[Any]:
    """A piece of line for each period: limits may differ from one to the next."""
    import altair as alt

    rows = [
        {"i": i, "v": float(value)}
        for i, p in enumerate(chart.points)
        if (value := getattr(p, name)) is not None
    ]
    if not rows:
        return []
    drawn = alt.Chart(alt.Data(values=rows)).mark_tick(
        color=colour, size=size, thickness=1.3, opacity=1, aria=False
    )
    return [drawn.encode(x=x, y=y)]


def _line(rows: Sequence[dict[str, Any]], x: Any, y: Any) -> Any:
    """A line that breaks where there is no value."""
    import altair as alt

    drawn = alt.Chart(alt.Data(values=list(rows))).mark_line(
        color=PLACES["line"], strokeWidth=2, invalid="break-paths-show-domains", aria=False
    )
    return drawn.encode(x=x, y=y)


def _level(value: Decimal, axis: Any, place: str, width: float, dash: list[int]) -> Any:
    """A line over the whole chart, at a value of the axis given."""
    import altair as alt

    drawn = alt.Chart(alt.Data(values=[{"v": float(value)}])).mark_rule(
        color=PLACES[place], strokeWidth=width, strokeDash=dash, aria=False
    )
    return drawn.encode(y=axis) if isinstance(axis, alt.Y) else drawn.encode(x=axis)


def _dots(rows: Sequence[dict[str, Any]], x: Any, y: Any) -> Any:
    """Dots, and larger diamonds of another colour for what stands out."""
    import altair as alt

    def by(first: Any, second: Any) -> Any:
        return alt.Scale(domain=[False, True], range=[first, second])

    return (
        alt.Chart(alt.Data(values=list(rows)))
        .mark_point(filled=True, opacity=1)
        .encode(
            x=x,
            y=y,
            shape=alt.Shape("s:N", scale=by("circle", "diamond"), legend=None),
            color=alt.Color("s:N", scale=by(PLACES["line"], PLACES["signal"]), legend=None),
            size=alt.Size("s:N", scale=by(46, 130), legend=None),
            description="d:N",
        )
    )


def _breakdown(chart: Breakdown) -> dict[str, Any]:
    import altair as alt

    shown = [v for g in chart.groups for v in (g.value, g.low, g.high) if v is not None]
    if chart.everybody is not None:
        shown.append(chart.everybody)
    marks = ticks(min(shown, default=Decimal(0)), max(shown, default=Decimal(1)), 5)
    names = [wrap(clean(g.label), NAMES - 12, SIZE * 1.06, 2) for g in chart.groups]
    high = 32 * max(1, len(names))
    x = alt.X("v:Q", **_numbers(marks))
    y = alt.Y(
        "i:O",
        scale={"type": "point", "padding": 0.5, "domain": list(range(len(names)))},
        axis={
            "labelExpr": _named(names),
            "title": None,
            "grid": False,
            "ticks": False,
            "domain": False,
            "labelPadding": 8,
            "aria": False,
        },
    )
    layers: list[Any] = []
    if chart.everybody is not None:
        layers.append(_level(chart.everybody, x, "target", 1.5, [7, 4]))
    intervals = [
        {"i": i, "v": float(g.low), "w": float(g.high)}
        for i, g in enumerate(chart.groups)
        if g.low is not None and g.high is not None
    ]
    if intervals:
        layers.append(
            alt.Chart(alt.Data(values=intervals))
            .mark_rule(color=PLACES["interval"], strokeWidth=2, aria=False)
            .encode(x=x, x2="w:Q", y=y)
        )
    rows = [
        {"i": i, "v": float(g.value), "s": g.apart, "d": clean(group_words(g))}
        for i, g in enumerate(chart.groups)
    ]
    layers.append(_dots(rows, x, y))
    return _whole(layers, NAMES, high, 26)


def _distribution(chart: Distribution) -> dict[str, Any]:
    import altair as alt

    marks = ticks(
        Decimal(0), Decimal(max((b.count for b in chart.bars), default=0) or 1), whole=True
    )
    left = _left(marks)
    bars, lines = _periods([b.label for b in chart.bars], WIDE - left - RIGHT)
    bars["scale"] = {"type": "band", "padding": 0.2, "domain": bars["scale"]["domain"]}
    rows = [
        {"i": i, "v": b.count, "d": clean(f"{b.label}: {b.count:,}")}
        for i, b in enumerate(chart.bars)
    ]
    drawn = (
        alt.Chart(alt.Data(values=rows))
        .mark_bar(color=PLACES["line"])
        .encode(x=alt.X("i:O", **bars), y=alt.Y("v:Q", **_numbers(marks)), description="d:N")
    )
    return _whole([drawn], left, HIGH, 16 + lines * (SIZE + 2))
