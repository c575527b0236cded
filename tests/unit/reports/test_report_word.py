"""The Word report, opened again: headings, tables, pictures, links, language."""

from __future__ import annotations

import io
import itertools
import re
import zipfile
from typing import Any

import pytest
from report_snapshots import all_of

from kloe.assessment.snapshot import Snapshot
from kloe.core.messages import speaking
from kloe.reports.blocks import Picture, Record, ReportDocument, Section, Table
from kloe.reports.document import build
from kloe.reports.render import render

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"


@pytest.fixture(scope="module")
def report(small: Snapshot) -> ReportDocument:
    return build(small)


@pytest.fixture(scope="module")
def made(report: ReportDocument) -> bytes:
    return render(report, "docx")


@pytest.fixture(scope="module")
def word(made: bytes) -> Any:
    from docx import Document

    return Document(io.BytesIO(made))


def test_headings_are_headings(word: Any, report: ReportDocument) -> None:
    found = [
        (int(p.style.name.removeprefix("Heading ")), p.text.strip())
        for p in word.paragraphs
        if p.style.name.startswith("Heading ")
    ]
    wanted = [
        (x.level, " ".join(filter(None, (getattr(x, "number", ""), x.title))))
        for x in all_of((Section, Record), report.blocks)  # type: ignore[arg-type]
    ]
    assert [(level, " ".join(text.split())) for level, text in found] == [
        (level, " ".join(text.split())) for level, text in wanted
    ]
    for (before, _), (after, text) in itertools.pairwise(found):
        assert after <= before + 1, text
    assert [p.text for p in word.paragraphs if p.style.name == "Title"] == [report.cover.title]


def test_what_leads_to_something_stays_with_it(word: Any) -> None:
    for name in ("KloeLabel", "KloeQuestion"):
        assert word.styles[name].paragraph_format.keep_with_next, name
    assert not word.styles["KloeSmall"].paragraph_format.keep_with_next


def test_header_rows_repeat(word: Any, report: ReportDocument) -> None:
    headed = [t for t in word.tables if t._tbl.tr_lst[0].find(f"{W}trPr/{W}tblHeader") is not None]
    wanted = [t for t in all_of(Table, report.blocks) if t.style != "facts"]
    records = list(all_of(Record, report.blocks))
    # Every table but the facts, every criterion's sides, and the key figures.
    assert len(headed) == len(wanted) + len(records) + 1
    titles = [[c.text for c in t.rows[0].cells] for t in headed]
    for table in wanted:
        assert [c.title for c in table.columns] in titles


def test_pictures_have_their_words(word: Any, report: ReportDocument) -> None:
    found = [(e.get("title"), e.get("descr")) for e in word.element.body.iter(f"{WP}docPr")]
    assert found == [(p.title, p.alt) for p in all_of(Picture, report.blocks)]
    assert all(alt for _, alt in found)


def test_links_lead_to_bookmarks(word: Any) -> None:
    body = word.element.body
    names = [e.get(f"{W}name") for e in body.iter(f"{W}bookmarkStart")]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[A-Za-z]\w{0,39}", n) for n in names)
    targets = {e.get(f"{W}anchor") for e in body.iter(f"{W}hyperlink")} - {None}
    assert targets
    assert targets <= set(names)


def test_contents_are_a_field_with_its_entries(word: Any, report: ReportDocument) -> None:
    codes = [e.text.strip() for e in word.element.body.iter(f"{W}instrText")]
    assert codes == ['TOC \\o "1-3" \\h \\z \\u']
    ends = [e.get(f"{W}fldCharType") for e in word.element.body.iter(f"{W}fldChar")]
    assert ends == ["begin", "separate", "end"]
    entries = [p.text for p in word.paragraphs if p.style.style_id.startswith("TOC")]
    assert len(entries) == sum(x.level <= 3 for x in all_of(Section, report.blocks))


def test_properties_header_and_language(word: Any, report: ReportDocument) -> None:
    properties = word.core_properties
    assert properties.title == report.title
    assert properties.language == "en-GB"
    assert properties.author == report.author
    assert f"{properties.created:%Y-%m-%d %H:%M}" == "2026-11-12 09:30"
    section = word.sections[0]
    for part in (section.header, section.first_page_header):
        assert "Draft" in part.paragraphs[0].text
        assert "Invented organisation" in part.paragraphs[0].text
    footer = section.footer._element.xml
    assert "NUMPAGES" in footer
    assert " PAGE " in footer
    lang = word.styles.element.find(f".//{W}docDefaults//{W}lang")
    assert lang.get(f"{W}val") == "en-GB"


def test_welsh_is_marked_as_welsh(small: Snapshot) -> None:
    from docx import Document

    with speaking("cy"):
        made = render(build(small, view="board"), "docx")
    word = Document(io.BytesIO(made))
    assert word.core_properties.language == "cy-GB"


def test_the_same_document_gives_the_same_words(report: ReportDocument, made: bytes) -> None:
    def body(data: bytes) -> bytes:
        return zipfile.ZipFile(io.BytesIO(data)).read("word/document.xml")

    assert body(render(report, "docx")) == body(made)


def test_the_board_has_no_contents(board: ReportDocument) -> None:
    from docx import Document

    word = Document(io.BytesIO(render(board, "docx")))
    assert not list(word.element.body.iter(f"{W}instrText"))
    levels = [p.style.name for p in word.paragraphs if p.style.name.startswith("Heading ")]
    assert levels[0] == "Heading 1"
    assert set(levels[1:]) == {"Heading 2"}
