"""The large print edition: everything that is in the report, in letters of 18 point or more."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from report_snapshots import all_of

from kloe.assessment.snapshot import Snapshot
from kloe.reports.blocks import (
    Cell,
    Column,
    Columns,
    Figures,
    ItemList,
    Line,
    Paragraph,
    Picture,
    Record,
    ReportDocument,
    Row,
    Section,
    Span,
    Table,
)
from kloe.reports.document import build
from kloe.reports.large import ACROSS, enlarge, fits, legible
from kloe.reports.numbering import numbered
from kloe.reports.render import render

POINTS, STRAY = 18.0, re.compile(r"[\s\u200b\u00ad\ufffe\x00-\x1f]")


def cell(text: str) -> Cell:
    return Cell(((Span(text),),))


def plain(value: Any) -> str:
    return "".join(s.text for s in all_of(Span, value))


def glyphs(pdf: bytes) -> list[tuple[str, float]]:
    """Every visible letter of a PDF with the size it is set in."""
    found = []
    document = pypdfium2.PdfDocument(pdf)
    for page in document:
        text = page.get_textpage()
        for i in range(text.count_chars()):
            letter = chr(pdfium.FPDFText_GetUnicode(text.raw, i))
            if not STRAY.match(letter):
                matrix = pdfium.FS_MATRIX()
                pdfium.FPDFText_GetMatrix(text.raw, i, matrix)
                size = pdfium.FPDFText_GetFontSize(text.raw, i)
                found.append((letter, abs(size * (matrix.d or 1.0))))
    document.close()
    return found


@pytest.fixture(scope="module")
def inspected(small: Snapshot) -> Snapshot:
    return replace(small, assessment=replace(small.assessment, kind="inspection"))


@pytest.fixture(scope="module")
def usual(inspected: Snapshot) -> ReportDocument:
    return build(inspected)


@pytest.fixture(scope="module")
def large(inspected: Snapshot) -> ReportDocument:
    return build(inspected, view="large")


@pytest.fixture(scope="module")
def pdf(large: ReportDocument) -> bytes:
    return render(large, "pdf")


def test_no_letter_is_smaller_than_18_points(pdf: bytes) -> None:
    found = glyphs(pdf)
    assert len(found) > 50_000
    small = [(letter, size) for letter, size in found if size < POINTS - 0.05]
    assert not small, small[:20]


def test_nor_is_one_of_the_summary_for_tenants(inspected: Snapshot) -> None:
    found = glyphs(render(build(inspected, view="tenants-large"), "pdf"))
    assert len(found) > 1_000
    small = [(letter, size) for letter, size in found if size < POINTS - 0.05]
    assert not small, small[:20]


def test_the_usual_report_is_smaller(inspected: Snapshot) -> None:
    """What the test above would find: the same measure on small print."""
    board = render(build(inspected, view="board"), "pdf")
    assert min(size for _letter, size in glyphs(board)) < 9


def test_it_passes_the_gate_of_accessible_pdf_and_has_no_italics(pdf: bytes) -> None:
    import io

    with pikepdf.open(io.BytesIO(pdf)) as opened:
        with opened.open_metadata() as meta:
            assert meta["pdfuaid:part"] == "1"
        fonts = {
            str(font.BaseFont)
            for page in opened.pages
            for font in page.get("/Resources", {}).get("/Font", {}).values()
        }
    assert fonts
    assert not [f for f in fonts if f.endswith(("It", "Italic", "Oblique"))], fonts
    # One face for all that is read: none of the serifs of small print.
    assert not [f for f in fonts if "Serif" in f], fonts


def test_nothing_said_is_left_out(usual: ReportDocument, large: ReportDocument) -> None:
    there = plain(large.blocks)
    for span in all_of(Span, usual.blocks):
        assert span.text in there
    for picture in all_of(Picture, usual.blocks):
        kept = any(p.svg == picture.svg for p in all_of(Picture, large.blocks))
        assert kept or picture.alt in there
    for figures in all_of(Figures, usual.blocks):
        assert all(i.value in there and i.label in there for i in figures.items)
    names = [(s.number, s.title) for s in all_of(Section, usual.blocks)]
    assert [(s.number, s.title) for s in all_of(Section, large.blocks)] == names


def test_paragraphs_keep_their_numbers(usual: ReportDocument, large: ReportDocument) -> None:
    before, after = numbered(usual), numbered(large)
    assert len(before) > 300
    assert [(n.number, n.section) for n in after] == [(n.number, n.section) for n in before]


def test_rows_can_still_be_led_to(usual: ReportDocument, large: ReportDocument) -> None:
    def anchors(d: ReportDocument) -> set[str]:
        return {r.anchor for t in all_of(Table, d.blocks) for r in t.rows if r.anchor}

    assert anchors(large) == anchors(usual) != set()


def test_one_column_and_no_drawing_with_small_letters(large: ReportDocument) -> None:
    assert not list(all_of(Columns, large.blocks))
    assert not list(all_of(Figures, large.blocks))
    assert all(legible(p) for p in all_of(Picture, large.blocks))
    tables = [t for t in all_of(Table, large.blocks) if t.style not in {"entries", "register"}]
    assert all(len(t.columns) <= 3 for t in tables)
    assert any(t.style == "entries" for t in all_of(Table, large.blocks))


@pytest.mark.parametrize(("letters", "kept"), [(6, True), (ACROSS, False)])
def test_a_table_stays_one_where_it_fits(letters: int, kept: bool) -> None:
    row = Row((cell("x" * letters), cell("12")), anchor="here")
    table = Table((Column("Name"), Column("Number", 1, "end")), (row,))
    [made] = enlarge((table,))
    assert isinstance(made, Table)
    assert fits(table) is kept
    assert (made.style == "rules") is kept
    assert made.rows == table.rows


@pytest.mark.parametrize(
    ("size", "width", "box", "kept"),
    [(12, 1.0, 680, False), (26, 1.0, 680, True), (26, 0.5, 680, False), (12, 1.0, 300, True)],
)
def test_a_drawing_stays_where_its_letters_are_large(
    size: int, width: float, box: int, kept: bool
) -> None:
    svg = f'<svg viewBox="0 0 {box} 50"><text font-size="{size}">x</text></svg>'
    picture = Picture(svg, "A title", "What it shows.", width)
    assert legible(picture) is kept
    [made] = enlarge((picture,))
    assert isinstance(made, Picture if kept else Paragraph)
    if not kept:
        assert plain(made) == "A title. What it shows."


def test_italics_are_set_bold() -> None:
    line: Line = (Span("This "), Span("matters", "emphasis"))
    found = enlarge((Paragraph(line), ItemList(((line,),))))
    assert [s.style for s in all_of(Span, found)] == ["", "strong", "", "strong"]


def test_word_and_html_say_that_they_are_large(large: ReportDocument) -> None:
    page = render(large, "html").decode()
    assert '<body class="large">' in page
    assert page.count('<dl class="entry"') > 50
    # Criteria stay records with a heading of their own.
    assert page.count('<article class="record">') == len(list(all_of(Record, large.blocks)))
