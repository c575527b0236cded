"""The report as one accessible page: no scripts, nothing loaded from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from html import escape
from typing import Any

from kloe.core.progress import Progress
from kloe.reports.blocks import (
    Cell,
    Columns,
    Figures,
    GradeMark,
    ItemList,
    Line,
    Mark,
    Note,
    Paragraph,
    Picture,
    Record,
    ReportDocument,
    Row,
    Section,
    Span,
    Table,
    Tag,
)
from kloe.reports.large import ENTRIES
from kloe.reports.numbering import anchor_of
from kloe.reports.typeset import CONTENT

#: Letters that run from right to left; such a line says so itself.
_RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
_TAGS = {"strong": "strong", "emphasis": "em"}


def render(document: ReportDocument, progress: Progress | None = None) -> bytes:
    """UTF-8 HTML."""
    return _Page(document).page().encode()


def fragment(document: ReportDocument, blocks: Iterable[Any], depth: int = 2) -> str:
    """Blocks of a document for a page that has its own frame; headings begin at ``depth``."""
    page = _Page(document)
    return "".join(page.block(block, depth) for block in blocks)


class _Page:
    def __init__(self, document: ReportDocument) -> None:
        self.document = document
        self._pictures = 0
        self._makers: dict[type, Callable[[Any, int], str]] = {
            Paragraph: self._paragraph,
            ItemList: self._list,
            Picture: self._picture_block,
            Table: self._table,
            Figures: self._figures,
            GradeMark: self._grade,
            Note: lambda note, _depth: _note(note),
            Record: self._record,
            Section: self._section,
            Columns: self._columns,
        }

    def page(self) -> str:
        d = self.document
        css = (CONTENT / "report.css").read_text(encoding="utf-8")
        board = ' class="board"' if d.view == "board" else ""
        kinds = [name for name, so in (("large", d.large), ("tenants", d.view == "tenants")) if so]
        body = f'<body class="{" ".join(kinds)}">' if kinds else "<body>"
        return "".join(
            (
                f'<!doctype html>\n<html lang="{escape(d.language)}"><head><meta charset="utf-8">',
                '<meta name="viewport" content="width=device-width, initial-scale=1">',
                f"<title>{escape(d.title)}</title>",
                f'<meta name="description" content="{escape(d.subject)}">',
                f'<meta name="author" content="{escape(d.author)}"><style>{css}</style></head>',
                f'{body}<a class="skip" href="#report">{escape(d.labels.skip)}</a>',
                self._cover(),
                self._contents(),
                f'<main id="report"{board}>',
                *(self.block(b, 2) for b in d.blocks),
                f"</main><footer><p>{escape(d.footer)}</p></footer></body></html>\n",
            )
        )

    def _cover(self) -> str:
        cover = self.document.cover
        facts = "".join(f"<dt>{escape(f[0])}</dt><dd>{escape(f[-1])}</dd>" for f in cover.facts)
        grades = "".join(self._grade(g, 2) for g in cover.grades)
        if self.document.view == "board":
            grades = ""
        return (
            f'<header><div class="cover">{_tags(self.document.tags)}'
            f'<p class="kicker">{escape(cover.kicker)}</p><h1>{escape(cover.title)}</h1>'
            f"<p>{escape(cover.subtitle)}</p></div>"
            f'<div class="about">{grades}<dl>{facts}</dl>{"".join(map(_note, cover.notes))}</div>'
            "</header>"
        )

    def _contents(self) -> str:
        found = _entries(self.document.blocks)
        if not found or self.document.view in {"board", "tenants"}:
            return ""
        title = escape(self.document.labels.contents)
        return f'<nav aria-labelledby="contents"><h2 id="contents">{title}</h2>{found}</nav>'

    def block(self, block: Any, depth: int) -> str:
        """One block; headings in it begin at ``depth``."""
        return self._makers[type(block)](block, depth)

    def _section(self, b: Section, depth: int) -> str:
        level = min(depth, 6)
        number = f'<span class="number">{escape(b.number)}</span> ' if b.number else ""
        anchor = f' id="{escape(b.anchor)}"' if b.anchor else ""
        inner = "".join(self.block(x, depth + 1) for x in b.blocks)
        return f"<section><h{level}{anchor}>{number}{escape(b.title)}</h{level}>{inner}</section>"

    def _paragraph(self, b: Paragraph, _depth: int) -> str:
        if b.style == "quote":
            inner = f"<p{_direction(b.line)}>{_number(b.number)}{_line(b.line)}</p>"
            return f"<blockquote{_id(b.number)}>{inner}</blockquote>"
        style = "" if b.style == "body" else f' class="{escape(b.style)}"'
        return (
            f"<p{style}{_id(b.number)}{_direction(b.line)}>{_number(b.number)}{_line(b.line)}</p>"
        )

    def _list(self, b: ItemList, _depth: int) -> str:
        tag = "ol" if b.ordered else "ul"
        items = []
        for place, (number, lines) in enumerate(b.numbered_items()):
            mark = f'<span id="{escape(b.anchor(place))}"></span>' if b.anchor(place) else ""
            first = mark + _number(number) + (_line(lines[0]) if lines else "")
            more = "".join(f'<span class="more">{_line(x)}</span>' for x in lines[1:])
            side = _direction(lines[0] if lines else ())
            below = b.within(place)
            inner = self._list(below, _depth) if below else ""
            items.append(f"<li{_id(number)}{side}>{first}{more}{inner}</li>")
        return f'<{tag} class="{escape(b.style)}">{"".join(items)}</{tag}>'

    def _picture(self, b: Picture) -> str:
        """The drawing with its name and its words, which a screen reader says for it."""
        self._pictures += 1
        name = f"picture-{self._pictures}"
        attributes = f'role="img" aria-labelledby="{name}-t {name}-d"'
        words = (
            f'<title id="{name}-t">{escape(b.title)}</title>'
            f'<desc id="{name}-d">{escape(b.alt)}</desc>'
        )
        head, _close, rest = b.svg.partition(">")
        return f"{head} {attributes}>{words}{rest}"

    def _picture_block(self, b: Picture, _depth: int) -> str:
        caption = f"<figcaption>{escape(b.caption)}</figcaption>" if b.caption else ""
        return f"<figure>{self._picture(b)}{caption}</figure>"

    def _table(self, b: Table, _depth: int) -> str:
        if b.style == ENTRIES:
            return self._entries_of(b)
        facts = b.style == "facts"
        head = "".join(
            f'<th scope="col" class="{c.align}">{escape(c.title)}</th>' for c in b.columns
        )
        style = "small" if b.style in {"small", "register"} else escape(b.style)
        caption = (
            f"<caption{_id(b.number)}>{_number(b.number)}{escape(b.caption)}</caption>"
            if b.caption
            else ""
        )
        header = "" if facts else f"<thead><tr>{head}</tr></thead>"
        rows = "".join(self._row(b, r) for r in b.rows)
        region = f' role="region" aria-label="{escape(b.caption)}"' if b.caption else ""
        return (
            f'<div class="scroll" tabindex="0"{region}>'
            f'<table class="{style}">{caption}{header}<tbody>{rows}</tbody></table></div>'
        )

    def _entries_of(self, b: Table) -> str:
        """Each row as a record: its first cell leads, the others stand after their columns."""
        out = []
        if b.caption:
            caption = f"{_number(b.number)}{escape(b.caption)}"
            out.append(f'<p class="caption"{_id(b.number)}>{caption}</p>')
        for row in b.rows:
            anchor = f' id="{escape(row.anchor)}"' if row.anchor else ""
            lead = self._cell(row.cells[0])
            if row.group:
                out.append(f'<p class="group"{anchor}>{lead}</p>')
                continue
            told = "".join(
                f"<dt>{escape(column.title)}</dt><dd>{inner}</dd>"
                if column.title
                else f"<dd>{inner}</dd>"
                for column, cell in zip(b.columns[1:], row.cells[1:], strict=False)
                if (inner := self._cell(cell))
            )
            # A cell holds no blocks, so that it may stand in a name.
            out.append(f'<dl class="entry"{anchor}><dt class="lead">{lead}</dt>{told}</dl>')
        return "".join(out)

    def _row(self, table: Table, row: Row) -> str:
        anchor = f' id="{escape(row.anchor)}"' if row.anchor else ""
        if row.group:
            inner = self._cell(row.cells[0])
            span = len(table.columns)
            return (
                f'<tr class="group"{anchor}><th scope="colgroup" colspan="{span}">{inner}</th></tr>'
            )
        out = []
        for i, (column, cell) in enumerate(zip(table.columns, row.cells, strict=False)):
            inner = self._cell(cell)
            if i == 0 and cell.lines:
                out.append(f'<th scope="row" class="{column.align}">{inner}</th>')
            else:
                out.append(f'<td class="{column.align}">{inner}</td>')
        return f"<tr{anchor}>{''.join(out)}</tr>"

    def _cell(self, cell: Cell) -> str:
        picture = self._picture(cell.picture) if cell.picture else ""
        mark = _mark(cell.mark) if cell.mark else ""
        lines = "".join(f'<span class="line"{_direction(x)}>{_line(x)}</span>' for x in cell.lines)
        return f"{picture}{mark}{lines}"

    def _figures(self, b: Figures, _depth: int) -> str:
        items = []
        for item in b.items:
            note = f'<dd class="of">{escape(item.note)}</dd>' if item.note else ""
            items.append(
                f"<div><dt>{escape(item.label)}</dt>"
                f'<dd class="value">{escape(item.value)}</dd>{note}</div>'
            )
        return f'<dl class="figures">{"".join(items)}</dl>'

    def _grade(self, b: GradeMark, _depth: int) -> str:
        large = f" large g{b.mark.shade}" if b.large else ""
        note = f' <span class="stage quiet">{escape(b.note)}</span>' if b.note else ""
        return (
            f'<p class="grade{large}"><span class="of">{escape(b.subject)}</span> '
            f"{_mark(b.mark)}{note}</p>"
        )

    def _record(self, b: Record, depth: int) -> str:
        level = min(depth, 6)
        anchor = f' id="{escape(b.anchor)}"' if b.anchor else ""
        sides = "".join(
            f'<div class="side g{s.shade}"><p class="label">{escape(s.label)}</p>'
            + "".join(f"<p>{_line(x)}</p>" for x in s.lines)
            + "</div>"
            for s in b.sides
        )
        parts = "".join(
            f"<dt>{escape(p.label)}</dt><dd>"
            + "".join(f"<span{_direction(x)}>{_line(x)}</span>" for x in p.lines)
            + "</dd>"
            for p in b.parts
        )
        return (
            f'<article class="record"><div class="head"><h{level}{anchor}>{escape(b.title)}'
            f'</h{level}>{_mark(b.mark)}</div><p class="ref"{_id(b.number)}>{_number(b.number)}'
            f"{escape(b.reference)}</p>"
            f'<div class="sides">{sides}</div><dl class="parts">{parts}</dl></article>'
        )

    def _columns(self, b: Columns, depth: int) -> str:
        inner = "".join(
            f"<div>{''.join(self.block(x, depth) for x in column)}</div>" for column in b.columns
        )
        return f'<div class="columns">{inner}</div>'


def _id(number: int) -> str:
    return f' id="{anchor_of(number)}"' if number else ""


def _number(number: int) -> str:
    """The number of a paragraph, which leads to itself so that its address can be copied."""
    return f'<a class="pn" href="#{anchor_of(number)}">{number}</a> ' if number else ""


def _line(line: Line) -> str:
    return "".join(map(_span, line))


def _span(s: Span) -> str:
    text = escape(s.text)
    if s.style in _TAGS:
        text = f"<{_TAGS[s.style]}>{text}</{_TAGS[s.style]}>"
    elif s.style:
        text = f'<span class="{escape(s.style)}">{text}</span>'
    return f'<a href="{escape(s.link)}">{text}</a>' if s.link else text


def _direction(line: Line) -> str:
    return ' dir="auto"' if any(_RTL.search(s.text) for s in line) else ""


def _mark(mark: Mark) -> str:
    steps = ""
    if mark.of:
        drawn = "".join(f"<i{' class=on' if i < mark.steps else ''}></i>" for i in range(mark.of))
        steps = f'<span class="steps" aria-hidden="true">{drawn}</span>'
    return f'<span class="mark g{mark.shade}">{steps}{escape(mark.label)}</span>'


def _note(note: Note) -> str:
    inner = "".join(f"<p>{_line(x)}</p>" for x in note.lines)
    return (
        f'<div class="note {escape(note.style)}" role="note">'
        f"<strong>{escape(note.title)}</strong>{inner}</div>"
    )


def _tags(tags: tuple[Tag, ...]) -> str:
    if not tags:
        return ""
    items = "".join(f'<li class="tag">{escape(t.text)}</li>' for t in tags)
    return f'<ul class="tags">{items}</ul>'


def _entries(blocks: Iterable[Any]) -> str:
    """The table of contents of these blocks as nested lists; nothing where there is nothing."""
    out = []
    for block in blocks:
        if isinstance(block, Section) and block.contents and block.anchor:
            number = f'<span class="number">{escape(block.number)}</span> ' if block.number else ""
            link = f'<a href="#{escape(block.anchor)}">{number}{escape(block.title)}</a>'
            out.append(f"<li>{link}{_entries(block.blocks)}</li>")
    return f"<ul>{''.join(out)}</ul>" if out else ""
