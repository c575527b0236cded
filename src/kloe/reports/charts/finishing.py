"""From what the renderer gives to what a page may hold.

The renderer's drawing has placeholder colours, fonts and roles of its own. Here each colour
becomes a class (the pages' style sheet gives it its light, dark or printed colour; without one
it is the colour of the text), and everything the pages' policy refuses is left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from kloe.reports.charts.strips import wrap
from kloe.reports.charts.words import Sign, clean

SVG = "http://www.w3.org/2000/svg"
FONT = (
    "Inter, system-ui, -apple-system, Segoe UI, Roboto, Helvetica Neue, Noto Sans, "
    "Liberation Sans, sans-serif"
)
SIZE = 12.5
LINE = 17

#: Placeholder colours: what is drawn for what. None of them is ever seen.
PLACES = {
    "ink": "#010001",
    "soft": "#010002",
    "rule": "#010003",
    "line": "#010004",
    "signal": "#010005",
    "limit": "#010006",
    "centre": "#010007",
    "interval": "#01000b",
    "target": "#010008",
    "peers": "#010009",
    "median": "#01000a",
}
_CLASSES = {colour: place for place, colour in PLACES.items()}
_KEPT = {
    "g": ("transform",),
    "path": ("d", "transform"),
    "rect": ("x", "y", "width", "height", "transform"),
    "line": ("x1", "y1", "x2", "y2", "transform"),
    "text": ("text-anchor", "transform", "font-size", "font-weight", "x", "y"),
    "tspan": ("x", "y", "dx", "dy"),
}
_LONG = re.compile(r"-?\d+\.\d{3,}")
_LOOKS = ("stroke-width", "stroke-dasharray", "fill-opacity")


def tag(name: str) -> str:
    """An element's name in the namespace of SVG."""
    return f"{{{SVG}}}{name}"


def finish(
    drawn: str, *, title: str, description: str, prefix: str, unit: str, signs: Sequence[Sign]
) -> str:
    """A drawing that may stand in any page, with its key above.

    :param drawn: the renderer's SVG.
    :param prefix: what its identifiers begin with.
    """
    source = ET.fromstring(drawn)  # noqa: S314 - ours: the renderer wrote it a moment ago
    _x, _y, width, height = (float(part) for part in source.attrib["viewBox"].split())
    key, top = _key(signs, unit, width)
    root = ET.Element(
        tag("svg"),
        {
            "viewBox": f"0 0 {width:g} {height + top:g}",
            "class": "chart",
            "role": "img",
            "aria-labelledby": f"{prefix}-t {prefix}-d",
            "font-family": FONT,
            "fill": "none",
        },
    )
    ET.SubElement(root, tag("title"), {"id": f"{prefix}-t"}).text = clean(title)
    ET.SubElement(root, tag("desc"), {"id": f"{prefix}-d"}).text = clean(description)
    root.extend(key)
    body = ET.SubElement(root, tag("g"), {"transform": f"translate(0,{top:g})"})
    for child in source:
        _copy(child, body)
    ET.register_namespace("", SVG)
    return ET.tostring(root, encoding="unicode")


def _copy(source: ET.Element, parent: ET.Element) -> None:
    name = source.tag.rpartition("}")[2]
    if name not in _KEPT or source.get("display") == "none":
        return
    kept = {key: _short(source.attrib[key]) for key in (*_KEPT[name], *_LOOKS) if source.get(key)}
    if "font-size" in kept:
        kept["font-size"] = kept["font-size"].removesuffix("px")
    colours = _coloured(source, kept)
    if (name in ("path", "rect", "line") and not colours) or (name == "text" and not _said(source)):
        return
    if name == "text" and kept.get("text-anchor") == "end" and len(source) > 1:
        # Several lines beside an axis stand about their place, not below it.
        up = (len(source) - 1) * (SIZE + 2) / 2
        kept["transform"] = f"translate(0,-{up:g}) {kept.get('transform', '')}".strip()
    made = ET.SubElement(parent, tag(name), kept)
    made.text = source.text
    if name in ("path", "rect") and source.get("aria-label"):
        ET.SubElement(made, tag("title")).text = source.attrib["aria-label"]
    for child in source:
        _copy(child, made)
    if name == "g" and not len(made):
        parent.remove(made)


def _short(value: str) -> str:
    """Numbers to a hundredth: no eye sees more."""
    return _LONG.sub(lambda found: f"{float(found[0]):.2f}".rstrip("0").rstrip("."), value)


def _said(source: ET.Element) -> bool:
    return any(part.strip() for part in source.itertext())


def _coloured(source: ET.Element, kept: dict[str, str]) -> bool:
    """Put classes for colours; whether anything of it would be seen."""
    classes = []
    for way in ("fill", "stroke"):
        colour = source.get(way)
        if colour is None or colour in ("none", "transparent"):
            continue
        place = _CLASSES[colour]
        classes.append(f"chart-{way}-{place}")
        kept[way] = "currentColor"
    if classes:
        kept["class"] = " ".join(classes)
    return bool(classes)


def _key(signs: Sequence[Sign], unit: str, width: float) -> tuple[list[ET.Element], float]:
    """What each shape stands for, in as many lines as it takes; then the axis's unit."""
    out: list[ET.Element] = []
    x, y = 0.0, SIZE
    for sign in signs:
        room = width - 26
        lines = wrap(sign.words, room, SIZE * 1.06, 2)
        wide = 26 + max(len(line) for line in lines) * SIZE * 0.53 + 14
        if x and x + wide - 14 > width:
            x, y = 0.0, y + LINE
        out.append(_sign(sign, x, y - SIZE * 0.36))
        for k, line in enumerate(lines):
            y += LINE * (k > 0)
            out.append(_words(line, x + 26, y, "soft"))
        x += wide
        if len(lines) > 1:
            x, y = 0.0, y + LINE
    if signs and x:
        y += LINE
    if unit:
        out.append(_words(wrap(unit, width, SIZE, 1)[0], 0, y + 5, "soft"))
        y += LINE
    return out, y - SIZE + 6


def _words(text: str, x: float, y: float, place: str) -> ET.Element:
    made = ET.Element(
        tag("text"),
        {
            "x": f"{x:g}",
            "y": f"{y:g}",
            "font-size": f"{SIZE:g}",
            "class": f"chart-fill-{place}",
            "fill": "currentColor",
        },
    )
    made.text = clean(text)
    return made


SHAPES = {
    "dot": "M10,-4.2A4.2,4.2,0,1,1,10,4.2A4.2,4.2,0,1,1,10,-4.2Z",
    "diamond": "M10,-6.5L16.5,0L10,6.5L3.5,0Z",
    "line": "M0,0H20",
    "band": "M0,-6H20V6H0Z",
    "bar": "M6,-6H14V6H6Z",
}
DASHES = {"limit": "8,4", "target": "7,4"}


def _sign(sign: Sign, x: float, y: float) -> ET.Element:
    way = "stroke" if sign.shape == "line" else "fill"
    made = ET.Element(
        tag("path"),
        {
            "d": SHAPES[sign.shape],
            "transform": f"translate({x:g},{y:g})",
            "class": f"chart-{way}-{sign.place}",
            way: "currentColor",
        },
    )
    if sign.shape == "line":
        made.set("stroke-width", "1.5")
        if sign.place in DASHES:
            made.set("stroke-dasharray", DASHES[sign.place])
    if sign.shape == "band":
        made.set("fill-opacity", "0.3")
    return made
