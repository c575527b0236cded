"""The report as PDF, laid out by Typst: PDF/A-2a and PDF/UA-1, tagged, with bookmarks."""

from __future__ import annotations

import json
import re
from typing import Any

from kloe.core.messages import _
from kloe.core.progress import Progress
from kloe.reports.blocks import ReportDocument
from kloe.reports.typeset import typeset

TEMPLATE = "report.typ"
_LONG = re.compile(r"[^\s\u200b]{48,}")
#: Texts that are shown; alternative texts and drawings are not touched.
_SHOWN = frozenset(
    {"text", "title", "caption", "label", "value", "note", "reference", "subject", "facts"}
    | {"running", "subtitle", "kicker"}
)


def render(document: ReportDocument, progress: Progress | None = None) -> bytes:
    """The bytes of the PDF."""
    [pdf] = typeset(
        TEMPLATE, layout(document), made=document.made, progress=progress,
        what=_("Laying out the pages"),
    )  # fmt: skip
    return pdf


def layout(document: ReportDocument) -> str:
    """The document as the template reads it: plain words as strings, long words breakable."""
    return json.dumps(_compact(document.to_json()), ensure_ascii=False, separators=(",", ":"))


def _compact(value: Any, key: str = "") -> Any:
    if isinstance(value, str):
        return breakable(value) if key in _SHOWN else value
    if isinstance(value, dict):
        if value.keys() == {"text", "style", "link"} and not value["style"] and not value["link"]:
            return breakable(value["text"])
        return {k: _compact(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [_compact(v, key) for v in value]
    return value


def breakable(text: str) -> str:
    """Words that no line can hold get places to break at."""
    if len(text) < 48:
        return text
    return _LONG.sub(lambda m: "\u200b".join(re.findall(r".{1,24}", m[0])), text)
