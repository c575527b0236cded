"""The report as a Word document with real styles, headings, table headers and alternative texts.

The body is written as XML and parsed at once: cell by cell through the library, a long report
takes minutes.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import count
from typing import Any
from xml.sax.saxutils import quoteattr

from kloe.core.messages import _
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
)
from kloe.reports.charts import SOFT, STRONG
from kloe.reports.large import ENTRIES
from kloe.reports.numbering import anchor_of, anchors
from kloe.reports.phrases import printable
from kloe.reports.typeset import typeset
from kloe.reports.word_styles import (
    PARAGRAPH_STYLES,
    SPAN_STYLES,
    dress,
    field,
    paragraph_xml,
    run_xml,
)

#: Width of the text on the page in twentieths of a point, and in English Metric Units.
TEXT_WIDTH, EMU = 9300, 635
_NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"'
)


def render(document: ReportDocument, progress: Progress | None = None) -> bytes:
    """The bytes of the document."""
    return _Word(document, progress).save()


class _Word:
    def __init__(self, document: ReportDocument, progress: Progress | None) -> None:
        from docx import Document

        self.document = document
        #: The colour of what is said besides; in large print there is one ink.
        self._quiet = "#17212b" if document.large else "#4a5763"
        self.file = Document()
        dress(self.file, document)
        self._numbers = count(1)
        named = (*_anchors(document.blocks), *anchors(document.blocks))
        self._bookmarks = {anchor: f"k{i}" for i, anchor in enumerate(named)}
        self._links: dict[str, str] = {}
        self._pictures = self._draw(progress)
        self._makers: dict[type, Callable[[Any], Iterator[str]]] = {
            Paragraph: self._paragraph,
            ItemList: self._list,
            Picture: self._picture_block,
            Table: self._table,
            Figures: self._figures,
            GradeMark: self._grade,
            Note: self._note,
            Record: self._record,
            Section: self._section,
            Columns: self._columns,
        }

    def save(self) -> bytes:
        from docx.oxml import parse_xml

        xml = "".join((*self._cover(), *self._contents(), *self.blocks(self.document.blocks)))
        # One move of the whole body: moving its paragraphs one by one takes ten times as long.
        before = self.file.element.body
        body = parse_xml(f"<w:body {_NAMESPACES}>{xml}</w:body>")
        body.append(before.sectPr)
        self.file.element.replace(before, body)
        out = io.BytesIO()
        self.file.save(out)
        return out.getvalue()

    def _draw(self, progress: Progress | None) -> dict[str, tuple[str, int, int]]:
        """Every picture drawn as PNG once: relationship, width and height."""
        drawn = list(dict.fromkeys(p.svg for p in _pictures(self.document.blocks)))
        if not drawn:
            return {}
        pages = typeset(
            "pictures.typ", json.dumps(drawn, ensure_ascii=False), form="png", ppi=150,
            progress=progress, what=_("Drawing the pictures"),
        )  # fmt: skip
        found = {}
        for svg, png in zip(drawn, pages, strict=True):
            relation, image = self.file.part.get_or_add_image(io.BytesIO(png))
            found[svg] = (relation, image.px_width, image.px_height)
        return found

    # ---- Around the text --------------------------------------------------------------------

    def _cover(self) -> Iterator[str]:
        d, cover = self.document, self.document.cover
        tags = [run_xml(f" {t.text} ", bold=True, colour=STRONG[1]) for t in d.tags]
        near = "" if d.view == "full" else "<w:spacing w:before='0'/>"
        yield paragraph_xml("KloeKicker", run_xml(cover.kicker), *tags, more=near)
        yield paragraph_xml("Title", run_xml(cover.title))
        if d.view != "full":
            yield paragraph_xml(
                "Heading1", run_xml(cover.subtitle), more="<w:spacing w:before='0'/>"
            )
            return
        yield paragraph_xml("Subtitle", run_xml(cover.subtitle))
        for grade in cover.grades:
            yield from self._grade(grade)
        rows = tuple(
            Row((Cell(((Span(f[0], "quiet"),),)), Cell(((Span(f[-1]),),)))) for f in cover.facts
        )
        yield self._grid(rows, (2, 5) if d.large else (1, 4), header=None)
        for note in cover.notes:
            yield from self._note(note)

    def _contents(self) -> Iterator[str]:
        """A contents field with its entries already there; Word fills in the pages."""
        if self.document.view != "full":
            return
        yield paragraph_xml(
            "KloeContentsTitle", run_xml(self.document.labels.contents),
            more="<w:pageBreakBefore/>",
        )  # fmt: skip
        entries = list(_entries(self.document.blocks))
        opening = field('TOC \\o "1-3" \\h \\z \\u', dirty=True)
        for i, (level, title, anchor) in enumerate(entries):
            text = self._hyperlink(f"#{anchor}", run_xml(title)) if anchor else run_xml(title)
            begin = opening if i == 0 else ""
            last = '<w:r><w:fldChar w:fldCharType="end"/></w:r>' if i == len(entries) - 1 else ""
            yield paragraph_xml(f"TOC{level}", begin, text, last)

    # ---- Blocks -----------------------------------------------------------------------------

    def blocks(self, blocks: Iterable[Any]) -> Iterator[str]:
        """The XML of blocks, one after the other."""
        for block in blocks:
            yield from self._makers[type(block)](block)

    def _section(self, b: Section) -> Iterator[str]:
        number = run_xml(f"{b.number}  ", colour="#0b5c63") if b.number else ""
        fresh = b.new_page and self.document.view != "board"
        # The style leaves no room above a chapter that begins its page.
        follows = b.level == 1 and self.document.view == "full"
        apart = '<w:spacing w:before="480"/>' if follows else ""
        yield paragraph_xml(
            f"Heading{min(b.level, 6)}",
            self._bookmark(b.anchor, number + run_xml(b.title)),
            more="<w:pageBreakBefore/>" if fresh else apart,
        )
        yield from self.blocks(b.blocks)

    def _paragraph(self, b: Paragraph) -> Iterator[str]:
        style = PARAGRAPH_STYLES.get(b.style, "Normal")
        yield paragraph_xml(style, self._numbered(b.number, self._line(b.line)))

    def _list(self, b: ItemList) -> Iterator[str]:
        yield from self._items(b, 1)

    def _items(self, b: ItemList, depth: int) -> Iterator[str]:
        style = ("ListNumber" if b.ordered else "ListBullet") + (str(depth) if depth > 1 else "")
        more = ""
        if b.ordered:
            # Each list counts from one; its style alone would count on from the list before.
            counted = self._counting(style)
            more = f'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{counted}"/></w:numPr>'
        for place, (number, lines) in enumerate(b.numbered_items()):
            inner = self._numbered(number, self._lines(lines))
            yield paragraph_xml(style, self._bookmark(b.anchor(place), inner), more=more)
            below = b.within(place)
            if below:
                yield from self._items(below, min(depth + 1, 3))

    def _counting(self, style: str) -> int:
        """A numbering of its own for one list of a style."""
        from docx.oxml.ns import qn

        properties = self.file.styles.element.xpath(f"w:style[@w:styleId='{style}']/w:pPr")
        shared = int(properties[0].find(qn("w:numPr")).numId.val)
        numbering = self.file.part.numbering_part.element
        abstract = numbering.num_having_numId(shared).abstractNumId.val
        made = numbering.add_num(abstract)
        made.add_lvlOverride(ilvl=0).add_startOverride(1)
        return int(made.numId)

    def _picture_block(self, b: Picture) -> Iterator[str]:
        yield paragraph_xml("Normal", self._picture(b, TEXT_WIDTH))
        if b.caption:
            yield paragraph_xml("Caption", run_xml(b.caption))

    def _picture(self, b: Picture, room: int) -> str:
        relation, px_width, px_height = self._pictures[b.svg]
        width = int(room * b.width) * EMU
        height = max(1, width * px_height // max(1, px_width))
        number = next(self._numbers)
        name, alt = quoteattr(printable(b.title)), quoteattr(printable(b.alt))
        return (
            f'<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0">'
            f'<wp:extent cx="{width}" cy="{height}"/>'
            f'<wp:docPr id="{number}" name="Picture {number}" descr={alt} title={name}/>'
            f'<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/'
            f'picture"><pic:pic><pic:nvPicPr><pic:cNvPr id="{number}" name={name} descr={alt}/>'
            f'<pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed="{relation}"/>'
            f"<a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm>"
            f'<a:off x="0" y="0"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>'
            f'<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic>'
            f"</a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
        )

    def _table(self, b: Table) -> Iterator[str]:
        if b.style == ENTRIES:
            yield from self._entries(b)
            return
        if b.caption:
            caption = self._numbered(b.number, run_xml(b.caption))
            yield paragraph_xml("Caption", caption, more="<w:keepNext/>")
        header = None if b.style == "facts" else tuple(c.title for c in b.columns)
        widths = tuple(c.width for c in b.columns)
        aligned = tuple({"end": "right", "centre": "center"}.get(c.align, "") for c in b.columns)
        yield self._grid(b.rows, widths, header=header, aligned=aligned)

    def _entries(self, b: Table) -> Iterator[str]:
        """Each row as a record: its first cell leads, the others stand after their columns."""
        if b.caption:
            caption = self._numbered(b.number, run_xml(b.caption))
            yield paragraph_xml("Caption", caption, more="<w:keepNext/>")
        for row in b.rows:
            lead, *others = row.cells
            first = self._cell_parts(lead, TEXT_WIDTH, bold=not row.group)
            style = "KloeTableGroup" if row.group else "KloeEntry"
            inner = self._bookmark(row.anchor, first)
            yield paragraph_xml(style, inner, more="<w:keepNext/>")
            for column, cell in zip(b.columns[1:], others, strict=False):
                told = self._cell_parts(cell, TEXT_WIDTH)
                if told:
                    name = run_xml(f"{column.title}: ", bold=True) if column.title else ""
                    yield paragraph_xml("Normal", name, told)

    def _grid(
        self,
        rows: Iterable[Row],
        widths: tuple[float, ...],
        *,
        header: tuple[str, ...] | None,
        aligned: tuple[str, ...] = (),
        borders: bool = True,
    ) -> str:
        """A table; ``header`` is its repeated first row."""
        total = sum(widths)
        wide = [int(TEXT_WIDTH * w / total) for w in widths]
        sides = aligned or ("",) * len(wide)
        out = [
            '<w:tbl><w:tblPr><w:tblStyle w:val="KloeTable"/>'
            f'<w:tblW w:w="{sum(wide)}" w:type="dxa"/><w:tblLayout w:type="fixed"/>'
            f'<w:tblLook w:val="0420" w:firstRow="{int(header is not None)}" w:lastRow="0" '
            'w:firstColumn="0" w:lastColumn="0" w:noHBand="0" w:noVBand="1"/></w:tblPr><w:tblGrid>',
            *(f'<w:gridCol w:w="{w}"/>' for w in wide),
            "</w:tblGrid>",
        ]
        if header is not None:
            cells = "".join(
                _tc(w, paragraph_xml("KloeTableHead", run_xml(title), align=side))
                for w, title, side in zip(wide, header, sides, strict=True)
            )
            out.append(f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{cells}</w:tr>")
        for row in rows:
            out.append(self._row(row, wide, sides))
        out.append("</w:tbl>")
        # Two tables without a paragraph between them would become one.
        out.append(paragraph_xml("KloeAfterTable"))
        return "".join(out)

    def _row(self, row: Row, wide: list[int], sides: tuple[str, ...]) -> str:
        if row.group:
            inner = self._cell(row.cells[0], sum(wide), "KloeTableGroup", "", row.anchor)
            more = f'<w:gridSpan w:val="{len(wide)}"/>'
            return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{_tc(sum(wide), inner, more)}</w:tr>"
        cells = []
        for i, (cell, width, side) in enumerate(zip(row.cells, wide, sides, strict=False)):
            anchor = row.anchor if i == 0 else ""
            cells.append(_tc(width, self._cell(cell, width, "KloeTableText", side, anchor)))
        long = sum(len(s.text) for c in row.cells for x in c.lines for s in x) > 1500
        split = "" if long else "<w:trPr><w:cantSplit/></w:trPr>"
        return f"<w:tr>{split}{''.join(cells)}</w:tr>"

    def _cell(self, cell: Cell, width: int, style: str, side: str, anchor: str) -> str:
        inner = self._bookmark(anchor, self._cell_parts(cell, width))
        return paragraph_xml(style, inner, align=side)

    def _cell_parts(self, cell: Cell, width: int, *, bold: bool = False) -> str:
        parts = []
        if cell.picture:
            parts.append(self._picture(cell.picture, width - 200))
        if cell.mark:
            parts.append(_mark(cell.mark))
        if cell.lines:
            lines = cell.lines
            if bold:
                lines = tuple(tuple(replace(s, style="strong") for s in x) for x in lines)
            parts.append(self._lines(lines))
        return "<w:r><w:br/></w:r>".join(parts)

    def _figures(self, b: Figures) -> Iterator[str]:
        header = tuple(i.label for i in b.items)
        cells = tuple(
            Cell(((Span(i.value, "strong"),), *(((Span(i.note, "quiet"),),) if i.note else ())))
            for i in b.items
        )
        yield self._grid((Row(cells),), (1.0,) * len(header), header=header)

    def _grade(self, b: GradeMark) -> Iterator[str]:
        note = run_xml(f"  {b.note}", colour=self._quiet) if b.note else ""
        style = "KloeGrade" if b.large else "Normal"
        subject = run_xml(f"{b.subject}  ", colour=self._quiet)
        yield paragraph_xml(style, subject, _mark(b.mark), note)

    def _note(self, b: Note) -> Iterator[str]:
        yield paragraph_xml("KloeNote", run_xml(b.title, bold=True), more="<w:keepNext/>")
        for line in b.lines:
            yield paragraph_xml("KloeNote", self._line(line))

    def _record(self, b: Record) -> Iterator[str]:
        yield paragraph_xml(f"Heading{min(b.level, 6)}", self._bookmark(b.anchor, run_xml(b.title)))
        reference = run_xml(f"  {b.reference}", colour=self._quiet)
        about = self._numbered(b.number, _mark(b.mark) + reference)
        yield paragraph_xml("KloeSmall", about, more="<w:keepNext/>")
        if self.document.large:
            for side in b.sides:
                yield paragraph_xml("KloeEntry", run_xml(side.label), more="<w:keepNext/>")
                yield paragraph_xml("Normal", self._lines(side.lines))
        else:
            row = Row(tuple(Cell(s.lines) for s in b.sides))
            titles = tuple(s.label for s in b.sides)
            yield self._grid((row,), (1.0,) * len(b.sides), header=titles)
        for part in b.parts:
            label = run_xml(f"{part.label}: ", colour=self._quiet)
            yield paragraph_xml("KloeSmall", label, self._lines(part.lines))

    def _columns(self, b: Columns) -> Iterator[str]:
        for column in b.columns:
            yield from self.blocks(column)

    # ---- Running text -----------------------------------------------------------------------

    def _lines(self, lines: Iterable[Line]) -> str:
        return "<w:r><w:br/></w:r>".join(self._line(x) for x in lines)

    def _line(self, line: Line) -> str:
        return "".join(map(self._span, line))

    def _span(self, s: Span) -> str:
        look = {} if self.document.large and s.style != "strong" else SPAN_STYLES.get(s.style, {})
        run = run_xml(s.text, **look, link=bool(s.link))
        return self._hyperlink(s.link, run) if s.link else run

    def _hyperlink(self, link: str, run: str) -> str:
        if link.startswith("#"):
            name = self._bookmarks.get(link[1:])
            return f'<w:hyperlink w:anchor="{name}">{run}</w:hyperlink>' if name else run
        if link not in self._links:
            from docx.opc.constants import RELATIONSHIP_TYPE

            self._links[link] = self.file.part.relate_to(
                link, RELATIONSHIP_TYPE.HYPERLINK, is_external=True
            )
        return f'<w:hyperlink r:id="{self._links[link]}">{run}</w:hyperlink>'

    def _numbered(self, number: int, inner: str) -> str:
        """A paragraph with its number as text, which stays what it is when others are moved."""
        if not number:
            return inner
        return self._bookmark(anchor_of(number), run_xml(f"{number}  ", colour=self._quiet)) + inner

    def _bookmark(self, anchor: str, inner: str) -> str:
        name = self._bookmarks.get(anchor)
        if name is None:
            return inner
        number = next(self._numbers)
        return (
            f'<w:bookmarkStart w:id="{number}" w:name="{name}"/>{inner}'
            f'<w:bookmarkEnd w:id="{number}"/>'
        )


def _tc(width: int, inner: str, more: str = "") -> str:
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{more}</w:tcPr>{inner}</w:tc>'


def _mark(mark: Mark) -> str:
    return run_xml(f" {mark.label} ", bold=True, shade=SOFT[mark.shade])


def _children(block: Any) -> Iterable[Any]:
    if isinstance(block, Section):
        return block.blocks
    if isinstance(block, Columns):
        return [x for column in block.columns for x in column]
    return ()


def _anchors(blocks: Iterable[Any]) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, Section | Record) and block.anchor:
            yield block.anchor
        if isinstance(block, Table):
            yield from (r.anchor for r in block.rows if r.anchor)
        if isinstance(block, ItemList):
            yield from filter(None, block.anchors)
        yield from _anchors(_children(block))


def _pictures(blocks: Iterable[Any]) -> Iterator[Picture]:
    for block in blocks:
        if isinstance(block, Picture):
            yield block
        elif isinstance(block, Table):
            yield from (c.picture for r in block.rows for c in r.cells if c.picture)
        yield from _pictures(_children(block))


def _entries(blocks: Iterable[Any]) -> Iterator[tuple[int, str, str]]:
    """Headings down to the third level: level, title, anchor."""
    for block in blocks:
        if isinstance(block, Section):
            if block.level <= 3:
                yield block.level, " ".join(filter(None, (block.number, block.title))), block.anchor
            yield from _entries(block.blocks)
