"""What a chart says to those who do not see it, its key, and the digest of all it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from typing import Any

from kloe.core.digest import value_digest
from kloe.core.messages import _
from kloe.reports.charts.data import Breakdown, Chart, Distribution, Group, Trend, TrendPoint

#: Raised with every change to how the same values are drawn.
EDITION = 1


@dataclass(frozen=True, slots=True)
class Sign:
    """One entry of the key: a shape, the class of its colour, and what it stands for."""

    shape: str
    place: str
    words: str


def clean(text: str) -> str:
    """Without the characters that no XML may hold."""
    return "".join(c if c >= " " else " " for c in text if not _unfit(c))


def _unfit(c: str) -> bool:
    return "\ud800" <= c <= "\udfff" or c in "\ufffe\uffff"


def point_words(point: TrendPoint) -> str:
    """A period with its value, and that it stands out if it does."""
    said = _("%(label)s: %(value)s", label=point.label, value=point.words)
    return str(_("%(said)s, stands out", said=said) if point.stands_out else said)


def group_words(group: Group) -> str:
    """A group with its value, and that it differs if it does."""
    said = _("%(label)s: %(value)s", label=group.label, value=group.words)
    return str(_("%(said)s, more than chance from all", said=said) if group.apart else said)


def signs(chart: Chart) -> tuple[Sign, ...]:
    """The key: only what the chart has in it."""
    if isinstance(chart, Distribution):
        return ()
    if isinstance(chart, Breakdown):
        found = []
        if not all(g.apart for g in chart.groups):
            found.append(Sign("dot", "line", str(_("Group"))))
        if any(g.apart for g in chart.groups):
            found.append(Sign("diamond", "signal", str(_("More than chance from all"))))
        if any(g.low is not None for g in chart.groups):
            found.append(Sign("line", "interval", str(_("By chance, between"))))
        if chart.everybody is not None:
            said = _("All: %(value)s", value=chart.everybody_words)
            found.append(Sign("line", "target", str(said)))
        return tuple(found)
    found = [Sign("dot", "line", str(_("Figure")))]
    if any(p.stands_out for p in chart.points):
        found.append(Sign("diamond", "signal", str(_("Stands out"))))
    if any(p.centre is not None for p in chart.points):
        found.append(Sign("line", "centre", str(_("Centre"))))
    if any(p.low is not None for p in chart.points):
        found.append(Sign("line", "limit", str(_("Limits of chance"))))
    if chart.target is not None:
        found.append(
            Sign("line", "target", str(_("Target: %(target)s", target=chart.target.words)))
        )
    if chart.peers is not None:
        found.append(Sign("band", "peers", chart.peers.words))
    return tuple(found)


def description(chart: Chart) -> str:
    """The chart in sentences."""
    told: list[Any]
    if isinstance(chart, Distribution):
        bars = (_("%(label)s: %(n)d.", label=b.label, n=b.count) for b in chart.bars)
        told = [_("Cases by value."), *bars]
    elif isinstance(chart, Breakdown):
        told = [_("Groups beside each other."), *(f"{group_words(g)}." for g in chart.groups)]
        if chart.everybody is not None:
            told.append(_("All: %(value)s.", value=chart.everybody_words))
    else:
        told = list(_trend(chart))
    return " ".join(str(one) for one in told)


def _trend(chart: Trend) -> Sequence[Any]:
    known = [p for p in chart.points if p.value is not None]
    if not known:
        return [_("No period has a figure.")]
    by_value = sorted(known, key=lambda p: (p.value is None, p.value))
    told: list[Any] = [
        _("Figures from %(first)s to %(last)s.", first=known[0].label, last=known[-1].label),
        _("Lowest: %(point)s.", point=point_words(by_value[0])),
        _("Highest: %(point)s.", point=point_words(by_value[-1])),
        _("Latest: %(point)s.", point=point_words(known[-1])),
    ]
    if chart.target is not None:
        told.append(_("Target: %(target)s.", target=chart.target.words))
    if chart.peers is not None:
        told.append(f"{chart.peers.words}.")
    return [*told, *chart.says]


def digest(chart: Chart) -> str:
    """The digest of everything a drawing is made of: values, and words in their language."""
    said = [description(chart), *([s.shape, s.place, s.words] for s in signs(chart))]
    return value_digest([EDITION, _plain(chart), said])


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return [type(value).__name__, *(_plain(getattr(value, f.name)) for f in fields(value))]
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return clean(value) if isinstance(value, str) else value
