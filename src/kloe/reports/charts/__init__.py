"""Drawings as SVG: strips of our own, and charts with axes.

Strips are text put together; charts are drawn by Altair and vl-convert, which are imported where
one is drawn and nowhere else. Which is for what: ``docs/adr/0022``.
"""

from kloe.reports.charts.data import (
    Bar,
    Breakdown,
    Chart,
    Distribution,
    Group,
    Peers,
    Target,
    Trend,
    TrendPoint,
    trend_of,
)
from kloe.reports.charts.drawing import WIDE, draw
from kloe.reports.charts.strips import (
    SOFT,
    STRONG,
    WIDTH,
    MapCell,
    MapRow,
    ScaleLine,
    grade_lines,
    profile,
    scales,
    spread,
    svg,
    theme_map,
    wrap,
)
from kloe.reports.charts.words import description, digest

__all__ = [
    "SOFT",
    "STRONG",
    "WIDE",
    "WIDTH",
    "Bar",
    "Breakdown",
    "Chart",
    "Distribution",
    "Group",
    "MapCell",
    "MapRow",
    "Peers",
    "ScaleLine",
    "Target",
    "Trend",
    "TrendPoint",
    "description",
    "digest",
    "draw",
    "grade_lines",
    "profile",
    "scales",
    "spread",
    "svg",
    "theme_map",
    "trend_of",
    "wrap",
]
