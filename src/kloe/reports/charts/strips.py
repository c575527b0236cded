"""Drawings of a report as SVG: scales, map of themes, profiles, spreads.

Each is a function of values to a string, without a clock or a draw, so that the same values
give the same bytes. Colour never stands alone: a word, a count or filled steps say the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from xml.sax.saxutils import escape

INK, INK_2, INK_3 = "#17212b", "#4a5763", "#5f6c78"
RULE, RULE_2, PAPER = "#dcd9cf", "#ece9e0", "#fbfaf6"
ACCENT, ACCENT_SOFT = "#0b5c63", "#e2eff0"
#: Colour steps, 4 best to 1 worst, 0 for none; strong and soft.
STRONG = {4: "#0e6b52", 3: "#5f8f2f", 2: "#b27a00", 1: "#ad3c2c", 0: "#8a949d"}
SOFT = {4: "#dcefe8", 3: "#e9f1dd", 2: "#f8ecd0", 1: "#f7ded9", 0: "#eceeee"}
FONT = "Source Sans Pro, Source Sans 3, Inter, Helvetica, Arial, sans-serif"
#: Mean width of a character as a part of the font size; measured over English text.
WIDTH = 0.5


@dataclass(frozen=True, slots=True)
class ScaleLine:
    """One scale to draw: its grades worst first, which is judged, and what else stands where."""

    title: str
    labels: tuple[str, ...]
    shades: tuple[int, ...]
    judged: int | None
    #: For each grade, short names of parts of the judgement that stand at it.
    parts: tuple[tuple[str, ...], ...]
    none: str


@dataclass(frozen=True, slots=True)
class MapCell:
    """One theme in the map: its number and title, grade, and how much of it is placed."""

    title: str
    shade: int
    steps: int
    of: int
    placed: str
    number: str = ""


@dataclass(frozen=True, slots=True)
class MapRow:
    """One line of enquiry in the map, with its own grade and its themes."""

    number: str
    title: str
    grade: MapCell
    cells: tuple[MapCell, ...]


def wrap(text: str, width: float, size: float, most: int = 3) -> list[str]:
    """The text in lines of a width in pixels; what does not fit ends in an ellipsis."""
    room = max(4, int(width / (size * WIDTH)))
    out, current = [], ""
    for word in text.split():
        part = word if len(word) <= room else word[: room - 1] + "…"
        if current and len(current) + 1 + len(part) > room:
            out.append(current)
            current = part
        else:
            current = f"{current} {part}".strip()
    out.append(current)
    if len(out) > most:
        out = [*out[: most - 1], out[most - 1][: room - 1].rstrip(" ,;") + "…"]
    return out


def svg(width: float, height: float, body: Sequence[str]) -> str:
    """A whole drawing."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(width)} {_n(height)}" '
        f'width="{_n(width)}" height="{_n(height)}" font-family="{FONT}">{"".join(body)}</svg>'
    )


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _text(
    x: float,
    y: float,
    text: str,
    size: float,
    colour: str = INK,
    *,
    end: str = "",
    bold: bool = False,
) -> str:
    weight = ' font-weight="600"' if bold else ""
    where = f' text-anchor="{end}"' if end else ""
    return (
        f'<text x="{_n(x)}" y="{_n(y)}" font-size="{_n(size)}" fill="{colour}"{where}{weight}>'
        f"{escape(text)}</text>"
    )


def _rect(x: float, y: float, w: float, h: float, fill: str, *, more: str = "") -> str:
    box = f'x="{_n(x)}" y="{_n(y)}" width="{_n(w)}" height="{_n(h)}"'
    return f'<rect {box} fill="{fill}"{" " if more else ""}{more}/>'


def _steps(x: float, y: float, filled: tuple[int, int], colour: str, size: float) -> list[str]:
    """Filled and empty steps: the grade again, for eyes and printers that see no colour."""
    steps, of = filled
    out = []
    for i in range(of):
        high = size * (0.5 + 0.5 * (i + 1) / of) * 1.6
        fill = colour if i < steps else "none"
        stroke = f'stroke="{colour}" stroke-width="0.7"'
        out.append(_rect(x + i * size * 1.25, y - high, size, high, fill, more=stroke))
    return out


def scales(lines: Sequence[ScaleLine]) -> str:
    """Where each judgement stands on its scale, its parts above it."""
    width, body, y = 680.0, [], 0.0
    for line in lines:
        count = len(line.labels)
        cell = width / count
        per_row = max(1, int((cell - 12) / 42))
        rows = max((-(-len(p) // per_row) for p in line.parts), default=0)
        y += 17
        body.append(_text(0, y, line.title, 15, INK, bold=True))
        if line.judged is None:
            body.append(_text(width, y, line.none, 12, INK_3, end="end"))
        y += 16
        for i, parts in enumerate(line.parts):
            for j, part in enumerate(parts):
                row, column = divmod(j, per_row)
                px, py = i * cell + 6 + column * 42, y + (rows - row - 1) * 21
                body.append(
                    _rect(
                        px,
                        py,
                        38,
                        17,
                        "#ffffff",
                        more=f'rx="8.5" stroke="{STRONG[line.shades[i]]}" stroke-width="1.2"',
                    )
                )
                body.append(_text(px + 19, py + 12.5, part, 11, INK, end="middle", bold=True))
        y += rows * 21 + 8
        names = [wrap(label, cell - 20, 13, 4) for label in line.labels]
        tall = 18 + 16 * max(map(len, names))
        for i, name in enumerate(names):
            here, x = i == line.judged, i * cell
            fill = SOFT[line.shades[i]]
            body.append(_rect(x + 1, y, cell - 2, tall, fill))
            body.append(
                _rect(
                    x + 1,
                    y + tall - (7 if here else 3),
                    cell - 2,
                    7 if here else 3,
                    STRONG[line.shades[i]],
                )
            )
            if here:
                body.append(
                    _rect(
                        x + 2,
                        y + 1,
                        cell - 4,
                        tall - 2,
                        "none",
                        more=f'stroke="{INK}" stroke-width="2"',
                    )
                )
                body.append(
                    f'<path d="M{_n(x + cell / 2 - 8)} {_n(y - 6)}h16l-8 9z" fill="{INK}"/>'
                )
            for k, part in enumerate(name):
                body.append(
                    _text(x + 12, y + 19 + 16 * k, part, 13, INK if here else INK_2, bold=here)
                )
        y += tall + 22
    return svg(width, max(1.0, y - 18), body)


def theme_map(rows: Sequence[MapRow]) -> str:
    """KLOEs down, themes across; each cell with its title, steps and how much is placed."""
    width, left, per_row, size, high = 680.0, 104.0, 6, 9.5, 50.0
    cell, y = (width - left) / per_row, 0.0
    body: list[str] = []
    for line in rows:
        body.append(_text(0, y + 12, line.number, 13, INK, bold=True))
        body.extend(_grade_steps(left - 32, y + 12, line.grade, 4.6))
        for k, part in enumerate(wrap(line.title, left - 10, 10)):
            body.append(_text(0, y + 26 + 11.5 * k, part, 10, INK_2))
        for i, item in enumerate(line.cells):
            row, column = divmod(i, per_row)
            x, top = left + column * cell, y + row * (high + 3)
            body.append(_rect(x, top, cell - 3, high, SOFT[item.shade]))
            body.append(_rect(x, top, cell - 3, 2.5, STRONG[item.shade]))
            for k, part in enumerate(wrap(item.title, cell - 8, size)):
                body.append(_text(x + 4, top + 5.5 + (size + 1.2) * (k + 1), part, size))
            base = top + high - 4
            body.extend(_grade_steps(x + 4, base, item, 4))
            body.append(_text(x + cell - 7, base, item.placed, size - 0.5, INK_2, end="end"))
        y += -(-max(1, len(line.cells)) // per_row) * (high + 3) + 7
    return svg(width, max(1.0, y - 6), body)


def _grade_steps(x: float, y: float, item: MapCell, size: float) -> list[str]:
    if not item.steps:
        return []
    return _steps(x, y, (item.steps, item.of), STRONG[item.shade], size)


def grade_lines(rows: Sequence[MapRow]) -> str:
    """A line for each KLOE: its grade in words, then its themes by number, small."""
    width, high, y = 680.0, 27.0, 0.0
    most = max((len(r.cells) for r in rows), default=1)
    left = 384.0
    cell = min(44.0, (width - left) / max(1, most))
    body: list[str] = []
    for line in rows:
        middle = y + high / 2
        body.append(f'<path d="M0 {_n(y + high + 2)}H{_n(width)}" stroke="{RULE_2}"/>')
        body.append(_text(0, middle + 4.5, line.number, 12, INK, bold=True))
        title = wrap(line.title, 150, 11.5, 2)
        body.extend(_two(34, middle, title, 11.5, INK))
        body.append(_rect(190, y + 2, 186, high - 4, SOFT[line.grade.shade]))
        body.append(_rect(190, y + 2, 3, high - 4, STRONG[line.grade.shade]))
        body.extend(_grade_steps(198, middle + 5, line.grade, 5))
        body.extend(_two(230, middle, wrap(line.grade.title, 144, 10.5, 2), 10.5, INK, bold=True))
        for i, item in enumerate(line.cells):
            x = left + i * cell
            body.append(_rect(x, y + 2, cell - 2, high - 4, SOFT[item.shade]))
            body.append(_rect(x, y + 2, cell - 2, 2, STRONG[item.shade]))
            body.append(_text(x + 3, y + 14, item.number, 9.5, INK_2))
            body.extend(_grade_steps(x + cell - 2 - 5 * item.of * 0.66, y + high - 5, item, 2.8))
        y += high + 4
    return svg(width, max(1.0, y), body)


def _two(
    x: float, middle: float, lines: Sequence[str], size: float, colour: str, *, bold: bool = False
) -> list[str]:
    """One or two lines of text about a middle."""
    first = middle + size * 0.36 - (len(lines) - 1) * size * 0.52
    return [
        _text(x, first + k * size * 1.04, part, size, colour, bold=bold)
        for k, part in enumerate(lines)
    ]


def profile(counts: Sequence[tuple[str, int, int]]) -> str:
    """How placings spread: (label, colour step, count) from best to open, and their legend."""
    width, x = 680.0, 0.0
    total = sum(n for _, _, n in counts) or 1
    body = []
    for _label, shade, n in counts:
        w = (width + 1.5) * n / total
        body.append(_rect(x, 0, max(0.5, w - 1.5), 20, STRONG[shade] if shade else RULE))
        if w > 16:
            body.append(
                _text(
                    x + (w - 1.5) / 2,
                    14.5,
                    str(n),
                    12.5,
                    "#ffffff" if shade in {4, 1} else INK,
                    end="middle",
                    bold=True,
                )
            )
        x += w
    x, y = 0.0, 38.0
    for label, shade, n in counts:
        words = f"{label} {n}"
        w = 15 + len(words) * 12 * WIDTH * 0.94 + 10
        if x and x + w > width:
            x, y = 0.0, y + 17
        body.append(_rect(x, y - 9, 9, 9, STRONG[shade] if shade else RULE))
        body.append(_text(x + 14, y, words, 12, INK_2))
        x += w
    return svg(width, y + 5, body)


def spread(
    peers: tuple[Decimal, Decimal, Decimal, Decimal, Decimal],
    value: Decimal | None,
    shade: int,
    labels: tuple[str, str, str],
) -> str:
    """Peers from least to most, the middle half as a box, the median, and the value as a dot."""
    width, left, right = 240.0, 8.0, 232.0
    low, q1, median, q3, high = peers
    start = low if value is None else min(low, value)
    end = high if value is None else max(high, value)
    extent = (end - start) or Decimal(1)

    def at(number: Decimal) -> float:
        return left + float((number - start) / extent) * (right - left)

    body = [
        f'<path d="M{_n(at(low))} 15H{_n(at(high))}M{_n(at(low))} 11v8M{_n(at(high))} 11v8" '
        f'stroke="{INK_3}" stroke-width="1" fill="none"/>',
        _rect(
            at(q1),
            8,
            max(1.0, at(q3) - at(q1)),
            14,
            ACCENT_SOFT,
            more=f'stroke="{ACCENT}" stroke-width="0.8"',
        ),
        _rect(at(median) - 1, 5, 2, 20, ACCENT),
    ]
    if value is not None:
        body.append(
            f'<circle cx="{_n(at(value))}" cy="15" r="6" fill="{STRONG[shade]}" '
            f'stroke="#ffffff" stroke-width="1.5"/>'
        )
    body.extend(_spread_labels([at(q1), at(median), at(q3)], labels, width))
    return svg(width, 41, body)


def _spread_labels(at: list[float], labels: tuple[str, str, str], width: float) -> list[str]:
    """The quartiles' numbers under their places, pushed apart where they would touch."""
    w0, w1, w2 = (len(label) * 11 * 0.52 + 5 for label in labels)
    middle = min(max(at[1], w0 + w1 / 2), width - w2 - w1 / 2)
    centres = (
        max(min(at[0], middle - (w0 + w1) / 2), w0 / 2),
        middle,
        min(max(at[2], middle + (w1 + w2) / 2), width - w2 / 2),
    )
    return [
        _text(c, 38, label, 11, INK_2, end="middle", bold=i == 1)
        for i, (c, label) in enumerate(zip(centres, labels, strict=True))
    ]
