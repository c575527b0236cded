"""Paragraphs of a report of an inspection bear the same numbers in all its forms."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from kloe.assessment.snapshot import Snapshot
from kloe.reports.blocks import ReportDocument
from kloe.reports.document import build
from kloe.reports.numbering import numbered
from kloe.reports.render import render


@pytest.fixture(scope="module")
def inspection(small: Snapshot) -> ReportDocument:
    return build(replace(small, assessment=replace(small.assessment, kind="inspection")))


def _numbers(value: Any) -> Iterator[int]:
    """Every number of a paragraph in the JSON of a document, by the shape of its values alone."""
    if isinstance(value, dict):
        if isinstance(value.get("number"), int) and value["number"]:
            yield value["number"]
        yield from value.get("numbers", [])
        for inner in value.values():
            yield from _numbers(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _numbers(inner)


def test_numbers_are_counted_once_through_the_whole_in_the_order_of_reading(
    inspection: ReportDocument,
) -> None:
    found = list(_numbers(json.loads(render(inspection, "json"))))
    assert found == list(range(1, len(found) + 1))
    assert len(found) > 100
    assert [n.number for n in numbered(inspection)] == found


def test_the_same_assessment_gives_the_same_numbers(
    small: Snapshot, inspection: ReportDocument
) -> None:
    again = build(replace(small, assessment=replace(small.assessment, kind="inspection")))
    assert numbered(again) == numbered(inspection)


def test_html_has_an_anchor_for_each_number_and_shows_it(inspection: ReportDocument) -> None:
    html = render(inspection, "html").decode()
    wanted = [n.number for n in numbered(inspection)]
    assert [int(n) for n in re.findall(r' id="p-(\d+)"', html)] == wanted
    assert [int(n) for n in re.findall(r'class="pn" href="#p-\d+">(\d+)<', html)] == wanted


def test_word_has_each_number_as_text_with_a_bookmark(inspection: ReportDocument) -> None:
    from docx import Document

    file = Document(io.BytesIO(render(inspection, "docx")))
    beginnings = [p.text for p in file.element.body.iter() if p.tag.endswith("}p")]
    shown = [int(m[1]) for text in beginnings if (m := re.match(r"(\d+)  ", text or ""))]
    wanted = [n.number for n in numbered(inspection)]
    assert [n for n in shown if n in set(wanted)][-1] == wanted[-1]
    assert set(wanted) <= set(shown)


def test_what_a_number_says_is_what_stands_there(inspection: ReportDocument) -> None:
    html = render(inspection, "html").decode()
    for paragraph in (n for n in numbered(inspection) if n.section == "1 Summary"):
        at = html.index(f'id="{paragraph.anchor}"')
        assert paragraph.text.split(".")[0][:40] in html[at : at + 600]


def test_other_reports_and_one_page_for_the_board_have_no_numbers(small: Snapshot) -> None:
    assert not numbered(build(small))
    inspected = replace(small, assessment=replace(small.assessment, kind="inspection"))
    assert not numbered(build(inspected, view="board"))
    assert "p-1" not in render(build(small), "html").decode()
