"""The picture of a position: a strip of the peers' values, and the table that stands beside it.

Pure SVG without style attributes, which the pages' security policy forbids: colours are
presentation attributes that name the pages' own variables, with classes beside them. The band
holds the middle half of the peers, the line is the median, each tick is a landlord, the dot is
the one in question. Everything the colours say is said in the description and the table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape

from kloe.core.messages import Message, _
from kloe.measures.positions import Position, Spread, Standing, count, rounded, shown
from kloe.measures.published import Measure

WIDTH, HEIGHT = 260, 64
EDGE = 14
TOP, BAND = 20, 16
LABELS = 54
LETTER = 5.6
GAP = 5.0


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of a chart: variables on pages, plain colours on paper."""

    band: str
    median: str
    tick: str
    label: str
    paper: str
    dots: tuple[str, str, str, str, str]

    def dot(self, standing: Standing | None) -> str:
        return self.dots[_DOTS.get(standing, 4)]


_DOTS: dict[Standing | None, int] = {
    Standing.BEST: 0,
    Standing.BETTER: 1,
    Standing.WORSE: 2,
    Standing.WORST: 3,
}

PAGE = Palette(
    band="var(--accent-soft)",
    median="var(--accent)",
    tick="var(--ink-3)",
    label="var(--ink-3)",
    paper="var(--sheet)",
    dots=("var(--g4)", "var(--g3)", "var(--g2)", "var(--g1)", "var(--ink)"),
)
PAPER = Palette(
    band="#e2eff0",
    median="#0b5c63",
    tick="#5f6c78",
    label="#5f6c78",
    paper="#ffffff",
    dots=("#0e6b52", "#5f8f2f", "#b27a00", "#ad3c2c", "#17212b"),
)


def strip(position: Position, *, key: str, palette: Palette = PAGE) -> str:
    """The position as SVG; empty where there are no peers to show.

    :param key: makes the identifiers in it unique on a page.
    """
    spread = position.spread
    if spread is None:
        return ""
    scale = _Scale(spread, position.value)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="strip" viewBox="0 0 {WIDTH} {HEIGHT}"'
        f' width="{WIDTH}" height="{HEIGHT}" role="img"'
        f' aria-labelledby="{escape(key)}-t {escape(key)}-d">',
        f'<title id="{escape(key)}-t">{_xml(title(position))}</title>',
        f'<desc id="{escape(key)}-d">{_xml(description(position))}</desc>',
        *_ground(spread, scale, palette),
        *_labels(spread, scale, palette, position.measure),
    ]
    if position.value is not None:
        x = scale(position.value)
        parts.append(
            f'<circle class="dot" cx="{x:.1f}" cy="{TOP + BAND / 2:g}" r="6"'
            f' fill="{palette.dot(position.standing)}" stroke="{palette.paper}"'
            ' stroke-width="1.5"/>'
        )
        own = rounded(position.value, position.measure.decimals)
        parts.append(
            _text(own, _inside(x, own), 11, palette.dot(None), weight=' font-weight="600"')
        )
    parts.append("</svg>")
    return "".join(parts)


def title(position: Position) -> Message:
    """What the picture shows."""
    return _(
        "%(title)s: %(landlord)s among its peers",
        title=position.measure.title,
        landlord=position.landlord.name,
    )


def description(position: Position) -> Message:
    """The picture in words."""
    spread, measure = position.spread, position.measure
    if spread is None:
        return _("%(sentence)s", sentence=position.sentence)
    return _(
        "%(sentence)s Half of them lie between %(q1)s and %(q3)s, the median is %(median)s, all"
        " lie between %(least)s and %(most)s; %(direction)s.",
        sentence=position.sentence,
        q1=rounded(spread.q1, measure.decimals),
        q3=rounded(spread.q3, measure.decimals),
        median=rounded(spread.median, measure.decimals),
        least=rounded(spread.least, measure.decimals),
        most=rounded(spread.most, measure.decimals),
        direction=measure.direction.words,
    )


def table(position: Position) -> tuple[tuple[Message, str], ...]:
    """The rows of the table beside the picture: what, and how much."""
    measure, spread = position.measure, position.spread
    rows: list[tuple[Message, str]] = []
    if position.value is None:
        rows.append((_("This landlord"), str(position.reason or "")))
    else:
        rows.append((_("This landlord"), shown(position.value, measure)))
    if position.numerator is not None and position.denominator is not None:
        rows.append((_("Numerator"), f"{count(position.numerator)} ({measure.numerator})"))
        rows.append((_("Denominator"), f"{count(position.denominator)} ({measure.denominator})"))
    if spread is not None:
        rows += [
            (_("Lowest"), shown(spread.least, measure)),
            (_("Lower quartile"), shown(spread.q1, measure)),
            (_("Median"), shown(spread.median, measure)),
            (_("Upper quartile"), shown(spread.q3, measure)),
            (_("Highest"), shown(spread.most, measure)),
            (_("Landlords compared"), f"{spread.n}: {position.peers.words}"),
        ]
    if position.rank is not None:
        place = _("%(rank)d of %(n)d", rank=position.rank, n=position.n)
        rows.append((_("Rank"), str(place)))
    if position.standing is not None:
        rows.append((_("Where it lies"), str(position.standing.words)))
    rows.append((_("Which way is better"), str(measure.direction.words)))
    rows.append(
        (
            _("Period"),
            str(
                _(
                    "%(start)s to %(end)s",
                    start=position.period.start.isoformat(),
                    end=position.period.end.isoformat(),
                )
            ),
        )
    )
    rows.append((_("Source"), str(position.source)))
    return tuple(rows)


class _Scale:
    """From values to places on the strip."""

    def __init__(self, spread: Spread, value: Decimal | None) -> None:
        there = [spread.least, spread.most] + ([value] if value is not None else [])
        self.low, self.high = min(there), max(there)

    def __call__(self, value: Decimal) -> float:
        if self.high == self.low:
            return WIDTH / 2
        share = (value - self.low) / (self.high - self.low)
        return EDGE + float(share) * (WIDTH - 2 * EDGE)


def _ground(spread: Spread, scale: _Scale, palette: Palette) -> list[str]:
    left, right, middle = scale(spread.q1), scale(spread.q3), scale(spread.median)
    ticks = "".join(
        f"M{x:.1f} {TOP + 4}v{BAND - 8}"
        for x in sorted({round(scale(v), 1) for v in spread.values})
    )
    return [
        f'<path class="axis" d="M{EDGE} {TOP + BAND / 2:g}H{WIDTH - EDGE}" fill="none"'
        f' stroke="{palette.tick}" stroke-opacity=".35"/>',
        f'<rect class="band" x="{left:.1f}" y="{TOP}" width="{max(right - left, 1):.1f}"'
        f' height="{BAND}" rx="2" fill="{palette.band}"/>',
        f'<path class="peers" d="{ticks}" fill="none" stroke="{palette.tick}"'
        ' stroke-opacity=".45"/>',
        f'<path class="median" d="M{middle:.1f} {TOP - 4}v{BAND + 8}" fill="none"'
        f' stroke="{palette.median}" stroke-width="2"/>',
    ]


def _labels(spread: Spread, scale: _Scale, palette: Palette, measure: Measure) -> list[str]:
    """Quartiles and median under the strip, pushed apart; equal ones stand once."""
    found: dict[str, list[float]] = {}
    for value in (spread.q1, spread.median, spread.q3):
        found.setdefault(rounded(value, measure.decimals), []).append(scale(value))
    words = list(found)
    places = _apart([sum(xs) / len(xs) for xs in found.values()], words)
    return [
        _text(word, x, 10, palette.label, y=LABELS) for word, x in zip(words, places, strict=True)
    ]


def _apart(wanted: Sequence[float], words: Sequence[str]) -> list[float]:
    """Places near those wanted, so that labels neither overlap nor leave the picture."""
    widths = [len(word) * LETTER for word in words]
    places = list(wanted)
    for i, width in enumerate(widths):
        least = width / 2
        if i:
            least = places[i - 1] + (widths[i - 1] + width) / 2 + GAP
        places[i] = max(places[i], least)
    for i in reversed(range(len(places))):
        most = WIDTH - widths[i] / 2
        if i + 1 < len(places):
            most = places[i + 1] - (widths[i + 1] + widths[i]) / 2 - GAP
        places[i] = min(places[i], most)
    return places


def _inside(x: float, word: str) -> float:
    half = len(word) * LETTER / 2
    return min(max(x, half), WIDTH - half)


def _text(word: str, x: float, size: int, fill: str, *, y: float = 11, weight: str = "") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:g}" text-anchor="middle" font-size="{size}"{weight}'
        f' fill="{fill}">{_xml(word)}</text>'
    )


def _xml(words: object) -> str:
    return escape(str(words), quote=False)
