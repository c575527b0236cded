"""The tenants' summary keeps to two pages: what does not fit is told, never cut."""

from __future__ import annotations

from kloe.assessment.plain_words import PARTS, Part, TooLong, shortening, too_long
from kloe.core.errors import InvalidInput
from kloe.core.messages import Message, _
from kloe.reports.blocks import ItemList, Paragraph, ReportDocument, Section

PAGES = 2


class DoesNotFit(InvalidInput):
    """The summary takes more than its pages; ``parts`` are those to shorten."""

    def __init__(self, pages: int, parts: tuple[TooLong, ...], remedy: Message) -> None:
        super().__init__(
            _("The summary for tenants takes %(n)d pages.", n=pages),
            _("It has %(n)d pages, in letters of 12 point or more; nothing is cut.", n=PAGES),
            remedy,
        )
        self.pages, self.parts = pages, parts


def pages_of(pdf: bytes) -> int:
    """How many pages a PDF has."""
    import pypdfium2

    opened = pypdfium2.PdfDocument(pdf)
    try:
        return len(opened)
    finally:
        opened.close()


def two_pages(pdf: bytes, document: ReportDocument) -> None:
    """:raises DoesNotFit: where the summary takes more pages, naming what to shorten."""
    pages = pages_of(pdf)
    if pages <= PAGES:
        return
    texts = texts_of(document)
    parts = too_long(texts)
    if parts:
        remedy = _("Shorten %(what)s.", what=shortening(parts))
    else:
        longest = max(texts, key=lambda part: _lines(texts[part]))
        remedy = _("Shorten “%(title)s”, the longest part.", title=str(PARTS[longest].title))
    raise DoesNotFit(pages, parts, remedy)


def _lines(text: str) -> int:
    """About how many lines a text takes."""
    return sum(1 + len(line) // 80 for line in text.splitlines())


def texts_of(document: ReportDocument) -> dict[Part, str]:
    """The words of each part of a summary, as they stand in its document."""
    found: dict[Part, str] = {}
    for section in document.blocks:
        if not isinstance(section, Section):
            continue
        lines: list[str] = []
        for block in section.blocks:
            if isinstance(block, Paragraph):
                lines.append("".join(s.text for s in block.line))
            elif isinstance(block, ItemList):
                lines += ["".join(s.text for s in line) for item in block.items for line in item]
        found[Part(section.anchor.removeprefix("tenants-"))] = "\n".join(lines)
    return found
