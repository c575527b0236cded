"""The report as PDF, laid out by Typst: PDF/A-2a and PDF/UA-1, tagged, with bookmarks."""

from __future__ import annotations

import json
import re
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

from kloe.core.messages import _
from kloe.core.progress import Progress
from kloe.reports.blocks import ReportDocument, Span
from kloe.reports.fitting import two_pages
from kloe.reports.typeset import typeset

TEMPLATE = "report.typ"
#: Words that no line can hold; a digest stands where there is room, and is copied whole.
_LONG = re.compile(r"(?<![0-9a-f])(?![0-9a-f]{64}(?:\s|$))[^\s\u200b]{48,}")
#: Texts that are shown; alternative texts and drawings are not touched.
_SHOWN = frozenset(
    {"text", "title", "caption", "label", "value", "note", "reference", "subject", "facts"}
    | {"running", "subtitle", "kicker"}
)


def render(document: ReportDocument, progress: Progress | None = None) -> bytes:
    """The bytes of the PDF.

    :raises InvalidInput: where the tenants' summary takes more than its two pages.
    """
    [pdf] = typeset(
        TEMPLATE, layout(document), made=document.made, progress=progress,
        what=_("Laying out the pages"),
    )  # fmt: skip
    if document.view == "tenants" and not document.large:
        two_pages(pdf, document)
    return pdf


def layout(document: ReportDocument) -> str:
    """The document as the template reads it: plain words as strings, long words breakable."""
    return json.dumps(_laid(document), ensure_ascii=False, separators=(",", ":"))


def _laid(value: Any, shown: bool = False) -> Any:
    kind: Any = type(value)
    if kind is str:
        return breakable(value) if shown else value
    if kind is tuple:
        return [_laid(v, shown) for v in value]
    if kind is Span:
        text = breakable(value.text)
        if not value.style and not value.link:
            return text
        return {"text": text, "style": value.style, "link": value.link}
    names = _names(kind)
    if names is None:
        return value
    out = {name: _laid(getattr(value, name), name in _SHOWN) for name in names}
    tag = getattr(kind, "KIND", "")
    return {"kind": tag, **out} if tag else out


@cache
def _names(kind: type) -> tuple[str, ...] | None:
    return tuple(f.name for f in fields(kind)) if is_dataclass(kind) else None


def breakable(text: str) -> str:
    """Words that no line can hold get places to break at."""
    if len(text) < 48:
        return text
    return _LONG.sub(lambda m: "\u200b".join(re.findall(r".{1,24}", m[0])), text)
