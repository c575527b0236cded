"""One door to all formats: a document and a format make bytes."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass

from kloe.core.errors import InvalidInput
from kloe.core.messages import Message, _, speaking
from kloe.core.progress import Progress, Silent
from kloe.reports.blocks import ReportDocument

Renderer = Callable[[ReportDocument, Progress | None], bytes]


@dataclass(frozen=True, slots=True)
class Format:
    """A format a report comes in."""

    name: str
    module: str
    suffix: str
    media_type: str
    label: Message


FORMATS: dict[str, Format] = {
    f.name: f
    for f in (
        Format("pdf", "pdf", ".pdf", "application/pdf", _("PDF")),
        Format(
            "docx",
            "word",
            ".docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            _("Word"),
        ),
        Format("html", "html", ".html", "text/html; charset=utf-8", _("Web page")),
        Format("json", "dump", ".json", "application/json", _("JSON")),
    )
}


def render(document: ReportDocument, format: str, progress: Progress | None = None) -> bytes:
    """The document in one of the formats, in the language it was built in.

    :param progress: told before and after, and while a long report is laid out.
    :raises InvalidInput: for a format there is none of.
    """
    found = FORMATS.get(format)
    if found is None:
        raise InvalidInput(
            _("There is no report format “%(format)s”.", format=format),
            _("Allowed: %(allowed)s.", allowed=", ".join(FORMATS)),
            _("Choose one of these."),
        )
    tell = progress or Silent()
    what = _("Laying out the report as %(format)s", format=str(found.label))
    tell.step(0, 1, what)
    # Heavy libraries are loaded by the renderer that needs them.
    renderer: Renderer = importlib.import_module(f"kloe.reports.{found.module}").render
    with speaking(document.language):
        made = renderer(document, progress)
    tell.step(1, 1, what)
    return made
