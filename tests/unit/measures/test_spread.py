"""The picture of a position: well-formed, told in words, without style attributes."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kloe.core.messages import _
from kloe.core.periods import Period
from kloe.measures.headers import Population
from kloe.measures.peers import ALL, Landlord
from kloe.measures.positions import Position, Spread, rank_of, standing_of
from kloe.measures.published import register
from kloe.measures.spread import PAPER, WIDTH, description, strip, table

SVG = "{http://www.w3.org/2000/svg}"
tenths = st.integers(0, 1000).map(lambda n: Decimal(n) / 10)


def position(values, value, measure="TP01", name="Tai & Cartrefi <Cyf>"):
    found = register().measure(measure)
    spread = Spread.of([Decimal(v) for v in values])
    own = None if value is None else Decimal(value)
    placed = own is not None and spread is not None
    return Position(
        dataset="tsm-2024-25",
        landlord=Landlord("L1", name, "PRP", "", "", None, (), (), ()),
        measure=found,
        population=Population.LCRA,
        value=own,
        numerator=Decimal("1234.5") if own is not None else None,
        denominator=Decimal(2000) if own is not None else None,
        marker="" if placed else "E",
        reason=None if placed else _("left out by the regulator"),
        sheet="S",
        row=5,
        column="F",
        period=Period(date(2024, 4, 1), date(2025, 3, 31)),
        source=_("Regulator, TSM"),
        peers=ALL,
        spread=spread,
        rank=rank_of(own, spread, found.direction) if placed else None,
        standing=standing_of(own, spread, found.direction) if placed else None,
        not_like_for_like=found.not_like_for_like,
    )


@given(
    st.lists(tenths, min_size=1, max_size=50), tenths, st.sampled_from(["TP01", "RP01", "CH01 1"])
)
def test_always_well_formed_and_inside_the_picture(values, value, measure):
    svg = ET.fromstring(strip(position(values, value, measure), key="x"))
    assert svg.get("role") == "img"
    assert svg.get("aria-labelledby") == "x-t x-d"
    assert svg.find(f"{SVG}title").get("id") == "x-t"
    assert svg.find(f"{SVG}desc").text.endswith(".")
    dot = svg.find(f"{SVG}circle")
    assert 6 <= float(dot.get("cx")) <= WIDTH - 6
    band = svg.find(f"{SVG}rect")
    assert 0 <= float(band.get("x")) <= WIDTH
    labels = [
        (float(t.get("x")), len(t.text) * 5.6)
        for t in svg.findall(f"{SVG}text")
        if t.get("y") != "11"
    ]
    for (x, width), (other, wide) in pairwise(labels):
        assert other - x >= (width + wide) / 2
    for x, width in labels:
        assert width / 2 - 0.1 <= x <= WIDTH - width / 2 + 0.1


def test_no_style_attribute_and_no_script():
    svg = strip(position(range(1, 40), 5), key="k")
    assert "style=" not in svg
    assert "<style" not in svg
    assert "<script" not in svg
    assert 'fill="var(--g1)"' in svg


def test_names_are_escaped():
    svg = strip(position(range(1, 40), 5), key='a"b')
    assert "Tai &amp; Cartrefi &lt;Cyf&gt;" in svg
    assert 'id="a&quot;b-t"' in svg


def test_on_paper_plain_colours():
    svg = strip(position(range(1, 40), 39), key="k", palette=PAPER)
    assert "var(" not in svg
    assert set(re.findall(r'(?:fill|stroke)="([^"]+)"', svg)) <= {
        "none", "#e2eff0", "#5f6c78", "#0b5c63", "#0e6b52", "#ffffff", "#17212b",
    }  # fmt: skip


def test_without_a_figure_there_is_no_dot_but_the_peers():
    p = position(range(1, 40), None)
    svg = ET.fromstring(strip(p, key="k"))
    assert svg.find(f"{SVG}circle") is None
    assert "No figure: left out by the regulator." in svg.find(f"{SVG}desc").text
    assert table(p)[0][1] == "left out by the regulator"


def test_without_peers_there_is_no_picture():
    p = position([], None)
    assert strip(p, key="k") == ""
    assert "No figure" in str(description(p))
    assert [str(a) for a, _b in table(p)][-1] == "Source"


def test_the_table_says_all_the_picture_does():
    rows = {str(what): how for what, how in table(position(range(1, 41), 38))}
    assert rows["This landlord"] == "38.0 %"
    assert rows["Numerator"].startswith("1,234.5 (Tenants")
    assert rows["Denominator"].startswith("2,000 (")
    assert rows["Lower quartile"] == "10.8 %"
    assert rows["Median"] == "20.5 %"
    assert rows["Upper quartile"] == "30.3 %"
    assert (rows["Lowest"], rows["Highest"]) == ("1.0 %", "40.0 %")
    assert rows["Rank"] == "3 of 40"
    assert rows["Where it lies"] == "in the best quarter"
    assert rows["Landlords compared"] == "40: all landlords"
    assert rows["Which way is better"] == "higher is better"
    assert rows["Period"] == "2024-04-01 to 2025-03-31"


@pytest.mark.parametrize(
    ("values", "value", "words"),
    [
        ([100] * 30 + [90] * 10, 100, "the best value, which 30 of 40 have"),
        ([100] * 12, 100, "the same as at all its peers"),
        (range(1, 41), 1, "in the worst quarter of 40"),
    ],
)
def test_sentences(values, value, words):
    assert words in str(position(values, value).sentence)


def test_a_far_away_value_outside_its_group_widens_the_scale():
    svg = ET.fromstring(strip(replace(position([50, 60, 70], 60), value=Decimal(0)), key="k"))
    assert float(svg.find(f"{SVG}circle").get("cx")) == 14.0
