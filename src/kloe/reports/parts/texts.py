"""What people wrote for the report, in its place; and where the references in it lead."""

from __future__ import annotations

from kloe.core.messages import _
from kloe.reports import figures, markdown
from kloe.reports.blocks import Block, ItemList, Line, Paragraph, Section, Span
from kloe.reports.parts import computed
from kloe.reports.phrases import clean, said
from kloe.reports.writer import Writer


class InReport:
    """References of a text, leading to where the report tells of them."""

    def __init__(self, w: Writer) -> None:
        self.w = w

    def evidence(self, number: int) -> Span | None:
        """The number, leading to the list of evidence."""
        known = self.w.evidence_by_number
        return self.w.evidence_number(known[number]) if number in known else None

    def finding(self, number: int) -> Span | None:
        """The number, leading to the finding in its theme."""
        return self.w.finding_number(number)

    def indicator(self, measure: str) -> Span | None:
        """What it measures, with its value."""
        link = "#indicators" if self.w.links else ""
        for one in self.w.snapshot.indicators:
            if one.measure.lower() == measure:
                value = figures.value_of(one) or str(_("no value"))
                return Span(f"{clean(said(one.title))} ({value})", "", link)
        for other in self.w.snapshot.computed:
            if other.measure.lower() == measure:
                value = computed.value_words(other)
                return Span(f"{clean(said(other.title))} ({value})", "", link)
        return None


def blocks(w: Writer, subject: str, level: int) -> tuple[Block, ...]:
    """What is written of a subject; nothing where nothing is.

    :param level: what its headings of the first level become.
    """
    text = w.texts.get(subject, "")
    return markdown.parse(text, level, InReport(w)).blocks if text.strip() else ()


def lines(w: Writer, text: str) -> tuple[Line, ...]:
    """A text in Markdown where there is room for lines only."""
    found: list[Line] = []

    def take(blocks: tuple[Block, ...]) -> None:
        for block in blocks:
            if isinstance(block, Section):
                found.append((Span(block.title, "strong"),))
                take(block.blocks)
            elif isinstance(block, Paragraph):
                found.append(block.line)
            elif isinstance(block, ItemList):
                found.extend((Span("– "), *line) for item in block.items for line in item)

    take(markdown.parse(text, 4, InReport(w)).blocks)
    return tuple(found)
