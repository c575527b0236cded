"""Charts: what is drawn is what was given, for eyes, ears, printers and the pages' policy."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from altair.utils.schemapi import SchemaValidationError
from hypothesis import given
from hypothesis import strategies as st

from kloe.core import messages
from kloe.measures import spc
from kloe.reports import charts
from kloe.reports.charts import drawing
from kloe.reports.charts.drawing import ticks
from kloe.reports.charts.finishing import PLACES, SVG
from kloe.reports.charts.words import Sign, signs


@pytest.fixture(scope="module", autouse=True)
def _held_against_the_schema() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drawing, "CHECKED", True)
        yield


HOSTILE = "</title><script>alert(1)</script>&\"'\x00\u2028]]>"
RATES = [91, 92, 90, 91, 93, 92, 91, 70, 92, 94, 95, None, 96]


def _trend(label: str = "2025/26 Q{}", **more: object) -> charts.Trend:
    series = [
        (label.format(i), None if v is None else v * 3, None if v is None else 300)
        for i, v in enumerate(RATES)
    ]
    made = charts.trend_of(
        spc.p_chart(series),
        title="Accounts opened in time",
        unit="Per cent",
        show=lambda v: f"{v:.1f} %",
        times=100,
        target=charts.Target("at least 95 %", Decimal(95)),
        peers=charts.Peers("Peers: 85 % to 90 %", Decimal(85), Decimal(88), Decimal(90)),
    )
    return replace(made, **more)  # type: ignore[arg-type]


BREAKDOWN = charts.Breakdown(
    "By tenure",
    "Per cent",
    (
        charts.Group("General needs", Decimal(91), "91 %", Decimal(89), Decimal(93)),
        charts.Group("Supported", Decimal(71), "71 %", Decimal(62), Decimal(79), True),
        charts.Group("A long name of a kind of home that takes two lines", Decimal(95), "95 %"),
    ),
    Decimal(90),
    "90 %",
)
DISTRIBUTION = charts.Distribution(
    "Days", "Cases", tuple(charts.Bar(str(i), n) for i, n in enumerate([3, 9, 20, 0, 6]))
)
ALL = [_trend(), BREAKDOWN, DISTRIBUTION]


def _named(root: ET.Element, name: str) -> list[ET.Element]:
    return list(root.iter(f"{{{SVG}}}{name}"))


@pytest.fixture(scope="module", params=ALL, ids=["trend", "breakdown", "distribution"])
def drawn(request: pytest.FixtureRequest) -> tuple[charts.Chart, str, ET.Element]:
    svg = charts.draw(request.param)
    return request.param, svg, ET.fromstring(svg)


def _moved(root: ET.Element) -> dict[ET.Element, tuple[float, float]]:
    """Where every element lies after all its translations."""
    found: dict[ET.Element, tuple[float, float]] = {}

    def walk(element: ET.Element, x: float, y: float) -> None:
        for dx, dy in re.findall(
            r"translate\((-?[\d.]+),\s*(-?[\d.]+)\)", element.get("transform", "")
        ):
            x, y = x + float(dx), y + float(dy)
        found[element] = (x, y)
        for child in element:
            walk(child, x, y)

    walk(root, 0, 0)
    return found


def _axis(root: ET.Element, anchor: str, way: int) -> tuple[float, float]:
    """The line through the numbers of an axis: place = a + b * value, read off its labels."""
    places = _moved(root)
    read = [
        (Decimal((t.text or "").replace(",", "").replace("\u2212", "-")), places[t][way])
        for t in _named(root, "text")
        if t.get("text-anchor") == anchor and re.fullmatch(r"[\u2212\d.,]+", t.text or "")
    ]
    (v0, p0), (v1, p1) = read[0], read[-1]
    slope = (p1 - p0) / float(v1 - v0)
    return p0 - slope * float(v0), slope


def _marks(root: ET.Element) -> dict[str, ET.Element]:
    """The marks that say what they are, by what they say."""
    return {
        str(t.text): mark
        for mark in root.iter()
        for t in mark.findall(f"{{{SVG}}}title")
        if mark.tag != f"{{{SVG}}}svg"
    }


def test_it_tells_what_it_shows(drawn: tuple[charts.Chart, str, ET.Element]) -> None:
    chart, _svg, root = drawn
    ids = root.attrib["aria-labelledby"].split()
    told = {e.get("id"): e.text for e in root if e.get("id")}
    assert list(told) == ids
    assert told[ids[0]] == chart.title
    assert told[ids[1]] == charts.description(chart)
    assert root.get("role") == "img"
    assert "width" not in root.attrib
    assert root.attrib["viewBox"].startswith(f"0 0 {charts.WIDE} ")
    assert _named(root, "title")[0] is root[0]


def test_pages_may_hold_it(drawn: tuple[charts.Chart, str, ET.Element]) -> None:
    _chart, svg, root = drawn
    assert not re.search(r"style=|href|<script|<style|<image|url\(|@import|\son\w+=|#\d|xlink", svg)
    assert re.findall(r"https?://[^\"]+", svg) == [SVG]
    for element in root.iter():
        for way in ("fill", "stroke"):
            assert element.get(way) in (None, "none", "currentColor")
        assert "font-family" not in element.attrib or element is root
    assert not any(colour in svg for colour in PLACES.values())


def test_every_class_has_a_colour(drawn: tuple[charts.Chart, str, ET.Element]) -> None:
    from pathlib import Path

    import kloe

    css = Path(kloe.__path__[0], "web/static/kloe/kloe.css").read_text()
    classes = {c for e in drawn[2].iter() for c in e.get("class", "").split()}
    assert classes
    for name in classes:
        assert re.search(rf"\.{name}\b(?!-)", css), name


def test_the_same_data_give_the_same_bytes(drawn: tuple[charts.Chart, str, ET.Element]) -> None:
    assert charts.draw(drawn[0]) == drawn[1]


@pytest.mark.parametrize("chart", ALL)
def test_holding_it_against_the_schema_changes_nothing(
    chart: charts.Chart, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = charts.draw(chart)
    monkeypatch.setattr(drawing, "CHECKED", False)
    assert charts.draw(chart) == checked


def test_it_is_held_against_the_schema_here(monkeypatch: pytest.MonkeyPatch) -> None:
    config = drawing._config()
    monkeypatch.setattr(drawing, "_config", lambda: {**config, "axis": {"labelFontSize": "huge"}})
    with pytest.raises(SchemaValidationError):
        charts.draw(DISTRIBUTION)


def test_identifiers_are_its_own() -> None:
    found = [re.findall(r'id="([^"]+)"', charts.draw(c)) for c in ALL]
    assert len({one for ids in found for one in ids}) == 6
    assert re.findall(r'id="([^"]+)"', charts.draw(DISTRIBUTION, prefix="x")) == ["x-t", "x-d"]


def test_every_value_lies_where_it_should() -> None:
    chart = _trend()
    root = ET.fromstring(charts.draw(chart))
    base, slope = _axis(root, "end", 1)
    assert slope < 0
    places, marks = _moved(root), _marks(root)
    seen = []
    for i, point in enumerate(chart.points):
        if point.value is None:
            continue
        said = f"{point.label}: {point.words}" + (", stands out" if point.stands_out else "")
        x, y = places[marks.pop(said)]
        # Labels stand four below the middle of their place.
        assert y == pytest.approx(base + slope * float(point.value) - 4, abs=0.6)
        seen.append((i, x))
    assert not marks
    steps = {round((b[1] - a[1]) / (b[0] - a[0]), 1) for a, b in pairwise(seen)}
    assert max(steps) - min(steps) <= 0.1


def test_groups_lie_where_they_should() -> None:
    root = ET.fromstring(charts.draw(BREAKDOWN))
    base, slope = _axis(root, "middle", 0)
    places, marks = _moved(root), _marks(root)
    for group in BREAKDOWN.groups:
        said = f"{group.label}: {group.words}" + (
            ", more than chance from all" if group.apart else ""
        )
        assert places[marks[said]][0] == pytest.approx(base + slope * float(group.value), abs=0.7)
    lines = [e for e in _named(root, "line") if e.get("class") == "chart-stroke-interval"]
    lengths = sorted(abs(float(e.attrib["x2"])) for e in lines)
    assert lengths == pytest.approx([slope * 4, slope * 17], abs=0.7)


def test_bars_are_as_high_as_their_counts() -> None:
    root = ET.fromstring(charts.draw(DISTRIBUTION))
    _base, slope = _axis(root, "end", 1)
    marks = _marks(root)
    for bar in DISTRIBUTION.bars:
        heights = re.findall(r"v(-?[\d.]+)", marks[f"{bar.label}: {bar.count}"].attrib["d"])
        assert abs(float(heights[0])) == pytest.approx(-slope * bar.count, abs=0.6)


@pytest.mark.parametrize("chart", [_trend(), BREAKDOWN], ids=["trend", "breakdown"])
def test_what_stands_out_has_another_shape(chart: charts.Chart) -> None:
    marks = _marks(ET.fromstring(charts.draw(chart)))
    loud = {n: m for n, m in marks.items() if "stands out" in n or "more than chance" in n}
    assert loud
    for name, mark in marks.items():
        round_ = "A" in mark.attrib["d"]
        assert round_ != (name in loud)
        assert ("signal" in mark.attrib["class"]) == (name in loud)


def test_a_gap_is_not_bridged() -> None:
    root = ET.fromstring(charts.draw(_trend()))
    line = next(e for e in _named(root, "path") if e.get("class") == "chart-stroke-line")
    assert line.attrib["d"].count("M") == 2


def test_limits_target_and_peers_are_drawn() -> None:
    chart = _trend()
    classes = [e.get("class") for e in ET.fromstring(charts.draw(chart)).iter()]
    known = sum(p.low is not None for p in chart.points)
    key = {s.place: 1 for s in signs(chart)}
    assert known == 12
    assert classes.count("chart-fill-limit") == 2 * known
    assert classes.count("chart-fill-centre") == known
    assert classes.count("chart-stroke-target") == 1 + key["target"]
    assert classes.count("chart-fill-peers") == 1 + key["peers"]


def test_the_key_names_only_what_is_there() -> None:
    points = tuple(charts.TrendPoint(str(i), Decimal(i), str(i)) for i in range(3))
    assert signs(charts.Trend("t", "u", points)) == (Sign("dot", "line", "Figure"),)


@pytest.mark.parametrize(
    "chart",
    [
        _trend(HOSTILE + "{}", title=HOSTILE, unit=HOSTILE, says=(HOSTILE,)),
        charts.Breakdown(
            HOSTILE, HOSTILE, (charts.Group(HOSTILE, Decimal(1), HOSTILE),), Decimal(2), HOSTILE
        ),
        charts.Distribution(HOSTILE, HOSTILE, (charts.Bar(HOSTILE, 2), charts.Bar(HOSTILE, 3))),
    ],
    ids=["trend", "breakdown", "distribution"],
)
def test_hostile_words_stay_words(chart: charts.Chart) -> None:
    svg = charts.draw(chart)
    root = ET.fromstring(svg)
    assert "<script" not in svg
    assert "&lt;script&gt;alert(1)" in (root[0].text or "").replace("<", "&lt;").replace(
        ">", "&gt;"
    )
    assert {e.tag.rpartition("}")[2] for e in root.iter()} <= {
        "svg", "title", "desc", "g", "path", "rect", "line", "text", "tspan",
    }  # fmt: skip


def test_the_language_changes_the_words(monkeypatch: pytest.MonkeyPatch) -> None:
    welsh = {"Figure": "Ffigur", "Stands out": "Yn sefyll allan"}

    def translate(msgid: str) -> str:
        return welsh.get(msgid, msgid) if messages.language.get() == "cy" else msgid

    monkeypatch.setattr(messages, "translate", translate)
    english, told = charts.draw(_trend()), charts.digest(_trend())
    with messages.speaking("cy"):
        assert "Ffigur" in charts.draw(_trend())
        assert charts.digest(_trend()) != told
    assert "Ffigur" not in english


def test_the_digest_follows_values_and_words() -> None:
    point = charts.TrendPoint("Q1", Decimal("1.0"), "1")
    one = charts.Trend("t", "u", (point,))
    assert charts.digest(one) == charts.digest(
        replace(one, points=(replace(point, value=Decimal(1)),))
    )
    others = [
        replace(one, title="s"),
        replace(one, target=charts.Target("2", Decimal(2))),
        replace(one, points=(replace(point, low=Decimal(0)),)),
        replace(one, points=(replace(point, stands_out=True),)),
    ]
    assert len({charts.digest(c) for c in (one, *others)}) == 5


@pytest.mark.parametrize("values", [[], [None], [0], [5, 5], [-3, -1], [Decimal("0.0001"), 10**9]])
def test_odd_series_are_drawn(values: list[Decimal | int | None]) -> None:
    points = tuple(
        charts.TrendPoint(str(i), None if v is None else Decimal(v), str(v))
        for i, v in enumerate(values)
    )
    svg = charts.draw(charts.Trend("t", "u", points))
    assert "NaN" not in svg
    assert len(_marks(ET.fromstring(svg))) == sum(v is not None for v in values)


@given(st.decimals(-(10**6), 10**6, places=3), st.decimals(0, 10**6, places=3), st.integers(2, 9))
def test_ticks_are_round_and_hold_the_values(low: Decimal, width: Decimal, most: int) -> None:
    marks = ticks(low, low + width, most)
    assert marks[0] <= low
    assert low + width <= marks[-1]
    assert 2 <= len(marks) <= most + 2
    steps = {b - a for a, b in pairwise(marks)}
    assert len(steps) == 1
    assert next(iter(steps)).normalize().as_tuple().digits in ((1,), (2,), (2, 5), (5,))


def test_nothing_heavy_is_loaded_before_a_chart_is_made() -> None:
    code = (
        "import sys, kloe.reports.charts as c; c.digest(c.Distribution('', '', ()));"
        "sys.exit(any(m in sys.modules for m in ('altair', 'vl_convert')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
