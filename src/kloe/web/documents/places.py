"""Where in a document something stands, in words."""

from __future__ import annotations

from django.utils.translation import gettext, pgettext

from kloe.assessment.documents.outcome import Unit
from kloe.web.evidence.checks import MAX_LOCATOR


def place(unit: str, number: int, label: str) -> str:
    """Where in a document: *page 12*, *sheet Arrears 1–40*."""
    words = {
        Unit.PAGE: pgettext("place in a document", "Page %(label)s"),
        Unit.SHEET: pgettext("place in a document", "Sheet %(label)s"),
        Unit.SLIDE: pgettext("place in a document", "Slide %(label)s"),
        Unit.SECTION: pgettext("place in a document", "Section %(label)s"),
    }
    if number == 0:
        return gettext("What is said about it")
    return words[Unit(unit)] % {"label": label or number}


def quotation(where: str, text: str) -> str:
    """The locator that a quoted passage makes: where it stands, and its words."""
    room = MAX_LOCATOR - len(where) - 4
    words = " ".join(text.split())
    if len(words) > room:
        words = words[: room - 1].rsplit(" ", 1)[0].rstrip(" ,;") + "…"
    return f"{where}: “{words}”"
