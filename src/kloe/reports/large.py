"""The large print edition: the same report, rearranged so that it can be set in 18 point.

One column; tables that would not fit across the page become records; what was said in a
drawing with small letters is said in words; no italics. The renderers only choose larger letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from kloe.reports.blocks import (
    Block,
    Cell,
    Columns,
    Figures,
    GradeMark,
    ItemList,
    Line,
    Note,
    Paragraph,
    Part,
    Picture,
    Record,
    Section,
    Span,
    Table,
)

#: Size of the letters in points, and the width of the text on a page.
LEAST, WIDTH = 18.0, 482.0
#: Letters of that size that fit across, and columns a table may have then.
ACROSS, MOST_COLUMNS = 46, 3
ENTRIES = "entries"
_SIZE = re.compile(r"""font-size\s*[=:]\s*["']?([\d.]+)""")
_BOX = re.compile(r"""viewBox\s*=\s*["'][\d.-]+\s+[\d.-]+\s+([\d.]+)""")


def enlarge(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """The blocks as they stand in large print."""
    return tuple(found for block in blocks for found in _block(block))


def _block(b: Any) -> Iterator[Block]:
    if isinstance(b, Section):
        yield replace(b, blocks=enlarge(b.blocks))
    elif isinstance(b, Columns):
        for column in b.columns:
            yield from enlarge(column)
    elif isinstance(b, Picture):
        yield b if legible(b) else Paragraph(_words(b))
    elif isinstance(b, Figures):
        yield ItemList(tuple((_figure(i.value, i.label, i.note),) for i in b.items))
    elif isinstance(b, Table):
        yield _table(b)
    elif isinstance(b, Paragraph):
        yield replace(b, line=upright(b.line))
    elif isinstance(b, ItemList):
        below = tuple(enlarge((n,))[0] if n else None for n in b.nested)
        nested = tuple(n if isinstance(n, ItemList) else None for n in below)
        yield replace(b, items=tuple(_lines(i) for i in b.items), nested=nested)
    elif isinstance(b, Note):
        yield replace(b, lines=_lines(b.lines))
    elif isinstance(b, Record):
        parts = tuple(Part(p.label, _lines(p.lines)) for p in b.parts)
        sides = tuple(replace(s, lines=_lines(s.lines)) for s in b.sides)
        yield replace(b, parts=parts, sides=sides)
    elif isinstance(b, GradeMark):
        yield b
    else:
        raise TypeError(f"{type(b).__name__} has no form in large print")


def upright(line: Line) -> Line:
    """Italics are hard to read large as small: what they stress is set bold."""
    return tuple(replace(s, style="strong") if s.style == "emphasis" else s for s in line)


def _lines(lines: Iterable[Line]) -> tuple[Line, ...]:
    return tuple(map(upright, lines))


def legible(picture: Picture, width: float = WIDTH) -> bool:
    """Whether the smallest letters of a drawing are large enough at the width it takes."""
    sizes = [float(size) for size in _SIZE.findall(picture.svg)]
    if not sizes and "<text" not in picture.svg:
        return True
    box = _BOX.search(picture.svg)
    if box is None or not sizes:
        return False
    return min(sizes) * width * picture.width / float(box[1]) >= LEAST


def _words(picture: Picture) -> Line:
    title = picture.title.rstrip(".")
    return (Span(f"{title}. ", "strong"), Span(picture.alt)) if title else (Span(picture.alt),)


def _figure(value: str, label: str, note: str) -> Line:
    told = f"{label} ({note})" if note else label
    return (Span(value, "strong"), Span(f"  {told}"))


def _table(table: Table) -> Table:
    rows = tuple(replace(r, cells=tuple(map(_cell, r.cells))) for r in table.rows)
    table = replace(table, rows=rows)
    if table.style == "register" or fits(table):
        return table
    # The column titles of facts are never shown.
    named = table.style != "facts"
    columns = table.columns if named else tuple(replace(c, title="") for c in table.columns)
    return replace(table, style=ENTRIES, columns=columns)


def _cell(cell: Cell) -> Cell:
    lines = _lines(cell.lines)
    if cell.picture is None or legible(cell.picture):
        return replace(cell, lines=lines)
    return Cell((*lines, (Span(cell.picture.alt),)), cell.mark)


def fits(table: Table) -> bool:
    """Whether its columns stand next to each other on a page of large letters."""
    if len(table.columns) > MOST_COLUMNS:
        return False
    widest = [len(column.title) for column in table.columns]
    for row in table.rows:
        if row.group:
            continue
        for i, cell in enumerate(row.cells):
            widest[i] = max(widest[i], _longest(cell))
    return sum(widest) <= ACROSS


def _longest(cell: Cell) -> int:
    lengths = [sum(len(span.text) for span in line) for line in cell.lines]
    # A mark has its steps and its frame besides the word.
    lengths.append(len(cell.mark.label) + 5 if cell.mark else 0)
    return ACROSS if cell.picture else max(lengths)
