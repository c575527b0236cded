"""Texts in Markdown: what is read, what is named, and that nothing hostile gets through."""

from __future__ import annotations

import io
import time
from dataclasses import replace
from typing import Any

import pytest

from kloe.reports import markdown
from kloe.reports.blocks import (
    ItemList,
    Paragraph,
    ReportDocument,
    Section,
    Span,
    Table,
)
from kloe.reports.markdown import parse
from kloe.reports.render import render

TEXT = """# Access

Tenants **like** it, *very* much, see [E12].

## Where they ask

1. one
2. two
   - inner *a*
   - inner b

> Nobody told us.

| Office | Visits |
|---|---:|
| Aberwen | 12 |

[What they read](https://www.example.org/a?b=1) and [write](mailto:us@example.org).
"""


def spans(value: Any) -> list[Span]:
    """Every span in a value, by its shape alone."""
    if isinstance(value, Span):
        return [value]
    if isinstance(value, tuple | list):
        return [s for inner in value for s in spans(inner)]
    if hasattr(value, "__dataclass_fields__"):
        return [s for name in value.__dataclass_fields__ for s in spans(getattr(value, name))]
    return []


def words(value: Any) -> str:
    return "".join(s.text for s in spans(value))


def test_every_form_becomes_its_block() -> None:
    found = parse(TEXT)
    assert not found.faults
    (access,) = found.blocks
    assert isinstance(access, Section)
    assert (access.title, access.level) == ("Access", 4)
    paragraph, below = access.blocks
    assert isinstance(paragraph, Paragraph)
    assert paragraph.line[1] == Span("like", "strong")
    assert paragraph.line[3] == Span("very", "emphasis")
    assert Span("E12", "strong") in paragraph.line
    assert isinstance(below, Section)
    assert (below.title, below.level) == ("Where they ask", 5)
    listed, quoted, table, links = below.blocks
    assert isinstance(listed, ItemList)
    assert listed.ordered
    inner = listed.within(1)
    assert listed.within(0) is None
    assert inner is not None
    assert not inner.ordered
    assert words(inner) == "inner ainner b"
    assert isinstance(quoted, Paragraph)
    assert quoted.style == "quote"
    assert isinstance(table, Table)
    assert [c.align for c in table.columns] == ["start", "end"]
    assert words(table.rows) == "Aberwen12"
    assert {s.link for s in spans(links)} >= {
        "https://www.example.org/a?b=1",
        "mailto:us@example.org",
    }


@pytest.mark.parametrize(
    ("text", "line", "said", "kept"),
    [
        ("a\n\n### Deep", 3, "level 3", "Deep"),
        ("a\nb <script>alert(1)</script>", 2, "HTML", "<script>alert(1)</script>"),
        ("<img src=x onerror=alert(1)>", 1, "HTML", "onerror"),
        ("a\n\n[here](javascript:alert(1))", 3, "javascript:alert(1)", "here"),
        ("[here](<JaVaScRiPt:alert(1)>)", 1, "JaVaScRiPt", "here"),
        ("[here](data:text/html;base64,xx)", 1, "data:text/html", "here"),
        ("[here](//evil.example)", 1, "//evil.example", "here"),
        ("[here](#summary)", 1, "#summary", "here"),
        ("![chart](https://a.example/c.png)", 1, "picture", "chart"),
        ("`code`", 1, "backticks", "code"),
        ("a\n\n```\nprint\n```", 3, "Code", "print"),
        ("a\n\n---\n\nb", 3, "line across", "b"),
        ("4. four", 1, "begins with 4", "four"),
        ("- # Title in a list", 1, "neither words nor a list", "Title in a list"),
        ("see [E99]", 1, "[E99] is not", "[E99]"),
        ("see [I:no/such]", 1, "is not in this", "[I:no/such]"),
    ],
)
def test_what_is_not_allowed_is_named_with_its_line_and_its_words_stay(
    text: str, line: int, said: str, kept: str
) -> None:
    class Few(markdown.Nowhere):
        def evidence(self, number: int) -> Span | None:
            return None

        def indicator(self, measure: str) -> Span | None:
            return None

    found = parse(text, references=Few())
    assert [f.line for f in found.faults] == [line]
    assert said in f"{found.faults[0].said} {found.faults[0].remedy}"
    assert str(found.faults[0].remedy)
    assert kept in words(found.blocks)
    assert not any(s.link for s in spans(found.blocks))


def test_a_sign_before_a_bracket_makes_it_plain() -> None:
    found = parse(r"as \[E12\] and [E13]")
    assert words(found.blocks) == "as [E12] and E13"
    assert [s.style for s in spans(found.blocks)] == ["", "strong"]


HOSTILE = {
    "quoted 1,000 deep": ">" * 1000 + " x",
    "listed 1,000 deep": "- " * 1000 + "x",
    "a megabyte": "a" * 1_000_000,
    "a megabyte of lines": "- a\n" * 250_000,
    "brackets": "[" * 60_000,
    "stars": "*a **b " * 9_000,
    "ticks": "` `` ``` " * 7_000,
    "links": "[a](" * 15_000,
    "a wide table": "|" * 3_000 + "\n" + "|-" * 3_000 + "\n" + ("|" * 3_000 + "\n") * 15,
    "NUL": "a\x00b [E1\x002] \ud800 \ufffe",
    "entities": "&#x3c;script&#x3e;alert(1)&#x3c;/script&#x3e; &#0; &#xD800;",
    "definitions": "[E12]: javascript:alert(1)\n\n[E12] [x][E12]",
    "private signs": "\ue000E12] \ue001",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_are_read_in_time_and_every_form_can_be_made_of_them(
    name: str, document: ReportDocument
) -> None:
    before = time.process_time()
    found = parse(HOSTILE[name])
    assert time.process_time() - before < 5
    assert not any("javascript" in s.link for s in spans(found.blocks))
    few = tuple(found.blocks[:50])
    page = replace(document, blocks=(Section("Hostile", 1, few, anchor="h", contents=True),))
    for form in ("html", "docx", "json"):
        made = render(page, form)
        assert made
        if form == "html":
            assert b"<script" not in made


def test_what_is_nested_too_deep_is_named() -> None:
    for text in (">" * 1000 + " x", "- " * 1000 + "x"):
        assert any("12 deep" in str(f.said) for f in parse(text).faults)


def test_the_subset_can_be_laid_out_in_every_form(document: ReportDocument) -> None:
    from docx import Document

    found = parse(TEXT, 2)
    page = replace(document, blocks=(Section("Text", 1, found.blocks, anchor="t", contents=True),))
    html = render(page, "html").decode()
    for wanted in (
        "<blockquote><p>",
        "<ol ",
        "<ul ",
        '<td class="end"><span class="line">12<',
        "<em>very</em>",
    ):
        assert wanted in html
    file = Document(io.BytesIO(render(page, "docx")))
    styles = [p.style.name for p in file.paragraphs]
    for style in ("Heading 2", "Heading 3", "List Number", "List Bullet 2", "Quote"):
        assert style in styles
    assert "12" in {c.text for t in file.tables for c in t._cells}
    assert render(page, "pdf").startswith(b"%PDF")


def test_each_numbered_list_in_word_begins_with_one(document: ReportDocument) -> None:
    from docx import Document

    two = parse("1. a\n2. b\n\nwords\n\n1. c\n").blocks
    file = Document(io.BytesIO(render(replace(document, blocks=two), "docx")))
    numbers = [p._p.pPr.numPr.numId.val for p in file.paragraphs if p.style.name == "List Number"]
    assert numbers[0] == numbers[1] != numbers[2]


def test_blocks_are_the_same_after_json(document: ReportDocument) -> None:
    page = replace(document, blocks=parse(TEXT).blocks)
    assert ReportDocument.from_json(page.to_json()) == page


def test_levels_are_never_left_out() -> None:
    (only,) = parse("## Second first\n\nwords", 4).blocks
    assert isinstance(only, Section)
    assert only.level == 4
