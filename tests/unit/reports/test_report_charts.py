"""Drawings: well formed, the same for the same values, nothing outside the sheet."""

from __future__ import annotations

import re
from decimal import Decimal
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st
from report_snapshots import all_of

from kloe.assessment.snapshot import Snapshot
from kloe.reports import charts
from kloe.reports.blocks import Picture, ReportDocument
from kloe.reports.parts import pictures
from kloe.reports.writer import Writer

AMOUNT = st.decimals(-1000, 100000, places=2)


def _inside(drawing: str) -> None:
    root = ET.fromstring(drawing)
    _x, _y, width, height = map(float, root.attrib["viewBox"].split())
    for element in root.iter():
        for name, limit in (("x", width), ("cx", width), ("y", height), ("cy", height)):
            if name in element.attrib:
                assert -1 <= float(element.attrib[name]) <= limit + 1, ET.tostring(element)


@given(
    st.tuples(AMOUNT, AMOUNT, AMOUNT, AMOUNT, AMOUNT).map(sorted),
    st.none() | AMOUNT,
    st.integers(0, 4),
)
def test_a_spread_holds_its_value(peers: list[Decimal], value: Decimal | None, shade: int) -> None:
    low, q1, median, q3, high = peers
    drawing = charts.spread(
        (low, q1, median, q3, high), value, shade, (str(q1), str(median), str(q3))
    )
    _inside(drawing)
    assert ("<circle" in drawing) == (value is not None)


def test_every_picture_is_well_formed_and_told(document: ReportDocument) -> None:
    found = list(all_of(Picture, document.blocks))
    assert len(found) > 60
    for picture in found:
        _inside(picture.svg)
        assert len(picture.alt) > 20
        assert picture.title


def test_the_same_values_give_the_same_bytes(snapshot: Snapshot) -> None:
    once, again = Writer(snapshot), Writer(Snapshot.from_json(snapshot.to_json()))
    assert pictures.theme_map(once) == pictures.theme_map(again)
    assert pictures.scales(once) == pictures.scales(again)


def test_the_scales_show_the_judged_grade(snapshot: Snapshot) -> None:
    picture = pictures.scales(Writer(snapshot))
    assert picture is not None
    root = ET.fromstring(picture.svg)
    bold = [e.text for e in root.iter() if e.attrib.get("font-weight") == "600"]
    assert "Satisfactory" in bold
    assert "Good" not in bold
    judged = {j.subject for j in snapshot.judgements if j.subject_kind == "kloe"}
    numbers = {k.number.split()[0] for k in snapshot.kloes if k.id in judged}
    assert numbers <= set(bold)


@given(st.text(min_size=0, max_size=200), st.floats(20, 400), st.integers(1, 4))
def test_wrapping_keeps_to_its_lines(text: str, width: float, most: int) -> None:
    lines = charts.wrap(text, width, 10, most)
    assert 1 <= len(lines) <= most
    room = max(4, int(width / (10 * charts.WIDTH)))
    assert all(len(line) <= room + 1 for line in lines)


def test_text_is_escaped() -> None:
    cell = charts.MapCell('<script>&"', 1, 1, 4, "1/2", "1")
    drawing = charts.theme_map([charts.MapRow("1", "A & B <x>", cell, (cell,))])
    assert not re.search(r"<script|& B|<x>", drawing)
    ET.fromstring(drawing)
