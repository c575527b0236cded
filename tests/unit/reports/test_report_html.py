"""The page: parsed, headings in order, everything named, nothing from elsewhere."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from report_snapshots import all_of

from kloe.assessment.snapshot import Snapshot
from kloe.core.messages import speaking
from kloe.reports.blocks import Picture, ReportDocument, Table
from kloe.reports.document import build
from kloe.reports.render import render

VOID = {"meta", "br", "img", "hr", "input", "link", "path", "rect", "circle"}


class Page(HTMLParser):
    """What the tests ask of a page; complains of tags that do not match."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.headings: list[int] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: dict[str, list[str]] = {}
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            self.headings.append(int(tag[1]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open:
            self.text.setdefault(self.open[-1], []).append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.elements if name == tag]


@pytest.fixture(scope="module")
def source(document: ReportDocument) -> str:
    return render(document, "html").decode()


@pytest.fixture(scope="module")
def page(source: str) -> Page:
    return Page(source)


def _in_order(page: Page) -> None:
    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    for before, after in zip(page.headings, page.headings[1:], strict=False):
        assert after <= before + 1


def test_headings_are_in_order(page: Page, board: ReportDocument) -> None:
    _in_order(page)
    _in_order(Page(render(board, "html").decode()))


def test_the_page_says_its_language_and_title(page: Page, small: Snapshot) -> None:
    assert page.all("html")[0]["lang"] == "en"
    assert page.text["title"][0] == "Tai Porth Arian: Self-assessment 2025/26"
    with speaking("cy"):
        welsh = Page(render(build(small, view="board"), "html").decode())
    assert welsh.all("html")[0]["lang"] == "cy"


def test_every_picture_has_a_name_and_words(page: Page, document: ReportDocument) -> None:
    ids = {a["id"] for _tag, a in page.elements if "id" in a}
    drawings = page.all("svg")
    pictures = list(all_of(Picture, document.blocks))
    assert len(drawings) == len(pictures)
    for drawing in drawings:
        assert drawing["role"] == "img"
        assert set((drawing["aria-labelledby"] or "").split()) <= ids
    told = page.text["desc"]
    assert told == [p.alt for p in pictures]


def test_identifiers_are_unique_and_links_lead_somewhere(page: Page) -> None:
    ids = [a["id"] for _tag, a in page.elements if "id" in a]
    assert len(ids) == len(set(ids))
    targets = {(a["href"] or "")[1:] for a in page.all("a") if (a["href"] or "").startswith("#")}
    assert targets <= set(ids)


def test_nothing_runs_and_nothing_is_loaded(page: Page, source: str) -> None:
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "link", "iframe", "object", "embed", "img", "form"}
    assert not any(name.startswith("on") for _tag, a in page.elements for name in a)
    assert "@import" not in source
    assert "url(" not in source


def test_tables_have_headers_and_captions(page: Page, document: ReportDocument) -> None:
    tables = list(all_of(Table, document.blocks))
    assert len(page.all("table")) == len(tables)
    assert len(page.all("thead")) == sum(t.style != "facts" for t in tables)
    assert len(page.all("caption")) == sum(bool(t.caption) for t in tables)
    assert all(a.get("scope") in {"col", "row", "colgroup"} for a in page.all("th"))
    regions = [a["aria-label"] for a in page.all("div") if a.get("role") == "region"]
    assert len(regions) == len(set(regions))


def test_right_to_left_says_so(small: Snapshot) -> None:
    from dataclasses import replace

    changed = replace(small, context=replace(small.context, area="תושבים"))
    source = render(build(changed), "html").decode()
    assert '<p dir="auto">תושבים</p>' in source
