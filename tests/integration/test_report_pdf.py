"""The PDF opened with another program: tagged, titled, bookmarked, every picture told."""

from __future__ import annotations

import io
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "unit" / "reports"))

from report_hostile import hostile, unfilled
from report_snapshots import all_of, snapshot_of

from kloe.assessment.snapshot import Snapshot
from kloe.core.messages import speaking
from kloe.frameworks.library import load_all
from kloe.reports.blocks import (
    Cell,
    Column,
    Picture,
    Record,
    ReportDocument,
    Row,
    Section,
    Span,
    Table,
)
from kloe.reports.document import build
from kloe.reports.render import render


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    frameworks = sorted(load_all(), key=lambda f: not f.leading)
    return snapshot_of(frameworks, evidence=400)


@pytest.fixture(scope="module")
def document(snapshot: Snapshot) -> ReportDocument:
    return build(snapshot)


@pytest.fixture(scope="module")
def data(document: ReportDocument) -> bytes:
    return render(document, "pdf")


@pytest.fixture(scope="module")
def pdf(data: bytes) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(io.BytesIO(data)) as opened:
        yield opened


def structure(pdf: pikepdf.Pdf) -> list[tuple[str, Any]]:
    """Every element of the structure tree with its type, in no special order."""
    found, left = [], [pdf.Root.StructTreeRoot]
    while left:
        element = left.pop()
        if isinstance(element, pikepdf.Array):
            left.extend(element)
        elif isinstance(element, pikepdf.Dictionary):
            if "/S" in element:
                found.append((str(element.S), element))
            if "/K" in element and not isinstance(element.K, int):
                left.append(element.K)
    return found


def outline(pdf: pikepdf.Pdf) -> list[tuple[int, str]]:
    with pdf.open_outline() as opened:
        out: list[tuple[int, str]] = []

        def walk(items: Any, level: int) -> None:
            for item in items:
                out.append((level, item.title))
                walk(item.children, level + 1)

        walk(opened.root, 1)
        return out


def test_it_is_tagged_and_says_what_it_conforms_to(pdf: pikepdf.Pdf) -> None:
    assert bool(pdf.Root.MarkInfo.Marked)
    assert str(pdf.Root.Lang).startswith("en")
    assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
    with pdf.open_metadata() as meta:
        assert meta["pdfuaid:part"] == "1"
        assert meta["pdfaid:part"] == "2"
        assert meta["pdfaid:conformance"] == "A"
        assert meta["dc:title"] == "Tai Porth Arian: Self-assessment 2025/26"
        assert "2026-11-12" in str(meta["xmp:CreateDate"])


def test_bookmarks_are_the_chapters_and_themes(
    pdf: pikepdf.Pdf, document: ReportDocument, snapshot: Snapshot
) -> None:
    found = outline(pdf)
    assert [" ".join(t.split()) for level, t in found if level == 1] == [
        f"{c.number} {c.title}" for c in document.blocks if isinstance(c, Section)
    ]
    titles = Counter(" ".join(t.split()) for _level, t in found)
    for theme in snapshot.themes():
        if theme.in_scope:
            # Where it is told, and where its criteria stand.
            assert titles[f"{theme.number} {theme.title}"] == 2
    # Hundreds of criteria would bury them.
    assert len(found) < 250


def test_every_picture_has_its_words(pdf: pikepdf.Pdf, document: ReportDocument) -> None:
    alternatives = Counter(
        str(element.Alt) for kind, element in structure(pdf) if kind == "/Figure"
    )
    assert alternatives == Counter(p.alt for p in all_of(Picture, document.blocks))


def test_tables_have_header_cells(pdf: pikepdf.Pdf, document: ReportDocument) -> None:
    kinds = Counter(kind for kind, _element in structure(pdf))
    tables = [t for t in all_of(Table, document.blocks) if t.style != "register"]
    assert kinds["/Table"] == len(tables)
    groups = sum(row.group for t in tables for row in t.rows)
    assert kinds["/TH"] == groups + sum(len(t.columns) for t in tables if t.style != "facts")
    assert kinds["/H1"] == sum(s.level == 1 for s in all_of(Section, document.blocks)) + 1
    assert kinds["/H4"] >= len(list(all_of(Record, document.blocks)))


def test_no_heading_within_a_table_ends_a_page(document: ReportDocument) -> None:
    rows: list[Row] = []
    for n in range(90):
        rows.append(Row((Cell(((Span(f"Group {n}"),),)),), group=True))
        lines = tuple((Span(f"Line {i} of {n}"),) for i in range(1 + n % 5))
        rows.append(Row((Cell(lines), Cell(((Span(str(n)),),)))))
    table = Table((Column("What", 3), Column("How many", 1, "end")), tuple(rows), "Things")
    chapter = Section("Things", 1, (table,), contents=True, new_page=True)
    opened = pypdfium2.PdfDocument(render(replace(document, blocks=(chapter,)), "pdf"))
    last = []
    for page in opened:
        told = page.get_textpage().get_text_bounded().split()
        text = " ".join(told[: told.index("Made")] if "Made" in told else told)
        last.append(" ".join(text.split()[-2:]))
    opened.close()
    assert len(last) > 5
    assert not [words for words in last if words.startswith("Group")], last


def test_pages_are_numbered_and_contents_lead_there(pdf: pikepdf.Pdf) -> None:
    assert len(pdf.pages) > 150
    internal = [
        annotation
        for page in list(pdf.pages)[1:4]
        for annotation in page.get("/Annots", [])
        if str(annotation.Subtype) == "/Link"
    ]
    assert len(internal) > 80
    # Links say in words where they lead, as PDF/UA asks.
    assert all("/Contents" in annotation for annotation in internal)


def test_fonts_are_embedded_and_only_ours(pdf: pikepdf.Pdf) -> None:
    names: set[str] = set()
    for page in pdf.pages:
        for font in page.get("/Resources", {}).get("/Font", {}).values():
            names.add(str(font.BaseFont).rpartition("+")[2])
    assert names
    assert all(name.startswith(("/Source", "Source")) for name in names), names


def test_the_same_document_gives_the_same_bytes(snapshot: Snapshot) -> None:
    board = build(snapshot, view="board")
    assert render(board, "pdf") == render(board, "pdf")


@pytest.mark.parametrize("spoil", [lambda s: s, hostile, unfilled])
def test_the_board_has_one_page(snapshot: Snapshot, spoil: Any) -> None:
    made = render(build(spoil(snapshot), view="board"), "pdf")
    with pikepdf.open(io.BytesIO(made)) as opened:
        assert len(opened.pages) == 1
        assert outline(opened)
        with opened.open_metadata() as meta:
            assert meta["pdfuaid:part"] == "1"


def test_welsh_is_marked_as_welsh(snapshot: Snapshot) -> None:
    with speaking("cy"):
        made = render(build(snapshot, view="board"), "pdf")
    with pikepdf.open(io.BytesIO(made)) as opened:
        assert str(opened.Root.Lang).startswith("cy")


def test_the_draft_mark_goes_when_final(snapshot: Snapshot) -> None:
    pdfium = pytest.importorskip("pypdfium2")

    def text_of(made: bytes) -> str:
        page = pdfium.PdfDocument(made)[0]
        words: str = page.get_textpage().get_text_range()
        return words

    from dataclasses import replace

    final = replace(snapshot, assessment=replace(snapshot.assessment, final_at=snapshot.taken_at))
    assert "Draft" in text_of(render(build(snapshot, view="board"), "pdf"))
    assert "Draft" not in text_of(render(build(final, view="board"), "pdf"))


def test_every_page_of_a_draft_says_draft(data: bytes) -> None:
    pdfium = pytest.importorskip("pypdfium2")
    opened = pdfium.PdfDocument(data)
    for number in (0, 1, 10, len(opened) - 1):
        assert "Draft" in opened[number].get_textpage().get_text_range()
