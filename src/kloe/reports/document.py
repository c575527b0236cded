"""Building the report document: chapters in order, numbered, with references that lead somewhere.

Built once, in the current language; renderers only lay it out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

from kloe.assessment.snapshot import PROSPECTS, SERVICE, Snapshot
from kloe.assessment.vocabulary import INSPECTION_KINDS
from kloe.core.errors import InvalidInput
from kloe.core.messages import _
from kloe.core.messages import language as current_language
from kloe.core.progress import Progress, Silent
from kloe.reports import figures, numbering
from kloe.reports.blocks import (
    Block,
    Cell,
    Columns,
    Cover,
    Figures,
    GradeMark,
    ItemList,
    Labels,
    Line,
    Note,
    Paragraph,
    Part,
    Picture,
    Record,
    ReportDocument,
    Row,
    Section,
    Span,
    Table,
    Tag,
)
from kloe.reports.large import enlarge
from kloe.reports.parts import (
    board,
    challenges,
    compared,
    context,
    criteria,
    fieldwork,
    judged,
    lists,
    method,
    publication,
    recommendations,
    scores,
    summary,
    tenants,
)
from kloe.reports.phrases import clean, line, safe_link, said
from kloe.reports.writer import Writer, label

#: The editions a report comes in: what is in it, and whether in large print.
EDITIONS: dict[str, tuple[str, bool]] = {
    "full": ("full", False),
    "large": ("full", True),
    "board": ("board", False),
    "tenants": ("tenants", False),
    "tenants-large": ("tenants", True),
}
VIEWS = tuple(EDITIONS)
#: A chapter of fewer letters begins no page of its own.
SHORT = 600
ORDERS = ("kloe", "strand")
_SAFE_LINK = re.compile(r"(https?|mailto):[^\s<>\"]+\Z", re.IGNORECASE)


def build(
    snapshot: Snapshot,
    view: str = "full",
    order: str = "kloe",
    progress: Progress | None = None,
) -> ReportDocument:
    """The report of an assessment.

    :param view: one of :data:`EDITIONS`: ``full``, ``board`` for one page, ``tenants`` for two
        in plain words, ``large`` and ``tenants-large`` in large print.
    :param order: whether service themes stand by ``kloe`` or by ``strand``.
    :raises InvalidInput: for another view or order.
    """
    _one_of(_("view"), view, VIEWS)
    _one_of(_("order"), order, ORDERS)
    tell = progress or Silent()
    tell.step(0, 1, _("Writing the report"))
    what, is_large = EDITIONS[view]
    w = Writer(snapshot, order, links=what == "full")
    makers = {"board": board.blocks, "tenants": tenants.blocks}
    blocks = makers.get(what, _chapters)(w)
    if what == "full" and snapshot.assessment.kind in INSPECTION_KINDS:
        blocks = numbering.number_all(blocks)
    # The numbers of paragraphs are those of the report in small print.
    document = _frame(w, what, _Finish(enlarge(blocks) if is_large else blocks).blocks)
    if what == "tenants":
        document = tenants.frame(document)
    document = replace(document, large=is_large)
    tell.step(1, 1, _("Writing the report"))
    return document


def _one_of(what: Any, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise InvalidInput(
            _("The report has no %(what)s “%(value)s”.", what=str(what), value=value),
            _("Allowed: %(allowed)s.", allowed=", ".join(allowed)),
            _("Choose one of these."),
        )


def _chapters(w: Writer) -> tuple[Block, ...]:
    chapters = [
        summary.chapter(w),
        scores.chapter(w),
        *compared.chapters(w),
        recommendations.chapter(w),
        context.chapter(w),
        *judged.chapters(w),
    ]
    appendices = _appendices(w)
    numbered = [replace(c, number=str(n)) for n, c in enumerate(chapters, 1)]
    lettered = [
        replace(a, number=str(_("Appendix %(letter)s", letter=chr(ord("A") + n))))
        for n, a in enumerate(appendices)
    ]
    annexes = (*challenges.annex(w), *publication.annexes(w))
    return tuple(map(_paged, (*numbered, *lettered, *annexes)))


def _paged(section: Section) -> Section:
    """A chapter of a few lines follows the one before it; every other begins a page."""
    letters = 0
    for length in _lengths(section.blocks):
        letters += length
        if letters > SHORT:
            return section
    return replace(section, new_page=False)


def _lengths(value: Any) -> Iterator[int]:
    """How long each text in a part of the document is; a drawing counts as more than short."""
    if isinstance(value, str):
        yield len(value)
    elif isinstance(value, Picture | Figures | GradeMark):
        yield SHORT + 1
    elif isinstance(value, tuple):
        for one in value:
            yield from _lengths(one)
    elif is_dataclass(value):
        for one in fields(value):
            yield from _lengths(getattr(value, one.name))


def _appendices(w: Writer) -> list[Section]:
    """What the chapters rest on. Of an inspection, fieldwork and what was read come first."""
    listed = [lists.evidence(w), lists.indicators(w)]
    if w.inspected:
        return [
            fieldwork.checks(w), fieldwork.people(w), *listed, criteria.appendix(w),
            method.appendix(w), *challenges.appendix(w),
        ]  # fmt: skip
    done = [fieldwork.checks(w), fieldwork.people(w)] if w.snapshot.checks else []
    return [criteria.appendix(w), *listed, *done, method.appendix(w)]


def _frame(w: Writer, view: str, blocks: tuple[Block, ...]) -> ReportDocument:
    """Title, cover, running words around the chapters."""
    s = w.snapshot
    name = board.short(clean(s.organisation.name), 120) or str(_("Unnamed organisation"))
    kind = said(label(s.assessment.kind))
    title = board.short(clean(s.assessment.title), 160) or kind
    period = figures.period(s.assessment.period_start, s.assessment.period_end)
    made = figures.day(s.taken_at.date())
    return ReportDocument(
        title=f"{name}: {title}",
        language=current_language.get(),
        view=view,
        author=clean(s.assessment.conducted_by) or name,
        made=s.taken_at.isoformat(),
        subject=str(_("%(kind)s of %(name)s, %(period)s", kind=kind, name=name, period=period)),
        running=f"{board.short(name, 60)} · {board.short(title, 60)}",
        tags=_tags(w),
        labels=Labels(
            contents=str(_("Contents")),
            page=str(_("Page")),
            of=str(_("of")),
            continued=str(_("continued")),
            skip=str(_("Skip to the report")),
        ),
        cover=Cover(
            kicker=kind,
            title=name,
            subtitle=title,
            grades=tuple(
                summary.overall(w, key) for key in (SERVICE, PROSPECTS) if summary.asked(w, key)
            ),
            facts=_facts(w, period, made),
            notes=_notes(w),
        ),
        blocks=blocks,
        footer=str(_("Made on %(day)s from the assessment as it then stood", day=made)),
    )


def _facts(w: Writer, period: str, made: str) -> tuple[tuple[str, ...], ...]:
    assessment = w.snapshot.assessment
    used = "; ".join(
        ", ".join(
            x
            for x in (
                clean(said(e.publisher)),
                clean(said(e.title)),
                figures.published(e.published),
            )
            if x
        )
        for e in assessment.editions
    )
    facts = (
        (_("Period"), period),
        (_("Assessed against"), used),
        (_("Conducted by"), clean(assessment.conducted_by)),
        (_("Led by"), clean(assessment.lead)),
        (_("Made on"), made),
    )
    return tuple((str(name), board.short(value, 300)) for name, value in facts if value)


def _tags(w: Writer) -> tuple[Tag, ...]:
    tags = []
    if w.snapshot.assessment.draft:
        tags.append(Tag(str(_("Draft")), "draft"))
    if w.snapshot.organisation.invented:
        tags.append(Tag(str(_("Invented organisation")), "invented"))
    return tuple(tags)


def _notes(w: Writer) -> tuple[Note, ...]:
    notes = []
    if w.snapshot.assessment.draft:
        notes.append(
            Note(
                str(_("Draft")),
                (line(_("This report is not final. Judgements and words may change.")),),
                "draft",
            )
        )
    if w.snapshot.organisation.invented:
        notes.append(
            Note(
                str(_("Invented organisation")),
                (line(_("The organisation and everything said of it were made up for "
                        "demonstration. Any likeness to a real landlord is chance.")),),
                "invented",
            )
        )  # fmt: skip
    return (*notes, *publication.notes(w))


class _Finish:
    """Makes anchors unique and takes away links that lead nowhere or anywhere unsafe."""

    def __init__(self, blocks: tuple[Block, ...]) -> None:
        self._seen: set[str] = set(numbering.anchors(blocks))
        named = tuple(self._name(b) for b in blocks)
        self.blocks = tuple(self._block(b) for b in named)

    def _once(self, anchor: str) -> str:
        if not anchor or anchor in self._seen:
            return ""
        self._seen.add(anchor)
        return anchor

    def _name(self, block: Any) -> Any:
        if isinstance(block, Section):
            anchor = self._once(block.anchor)
            if block.contents and not anchor:
                anchor = self._once(f"section-{len(self._seen)}")
            return replace(block, anchor=anchor, blocks=tuple(map(self._name, block.blocks)))
        if isinstance(block, Table):
            rows = tuple(
                replace(r, anchor=self._once(r.anchor)) if r.anchor else r for r in block.rows
            )
            return replace(block, rows=rows)
        if isinstance(block, Record):
            return replace(block, anchor=self._once(block.anchor))
        if isinstance(block, ItemList) and block.anchors:
            return replace(block, anchors=tuple(map(self._once, block.anchors)))
        return block

    def _line(self, line: Line) -> Line:
        if not any(span.link for span in line):
            return line
        return tuple(
            span if self._leads(span.link) else Span(span.text, span.style) for span in line
        )

    def _leads(self, link: str) -> bool:
        if link.startswith("#"):
            return link[1:] in self._seen
        return not link or safe_link(link)

    def _lines(self, lines: tuple[Line, ...]) -> tuple[Line, ...]:
        return tuple(map(self._line, lines))

    def _cell(self, cell: Cell) -> Cell:
        return replace(cell, lines=self._lines(cell.lines)) if cell.lines else cell

    def _block(self, block: Any) -> Any:
        if isinstance(block, Section):
            return replace(block, blocks=tuple(map(self._block, block.blocks)))
        if isinstance(block, Paragraph):
            return replace(block, line=self._line(block.line))
        if isinstance(block, ItemList):
            nested = tuple(self._block(b) if b else None for b in block.nested)
            return replace(block, items=tuple(map(self._lines, block.items)), nested=nested)
        if isinstance(block, Table):
            rows = tuple(
                Row(tuple(map(self._cell, r.cells)), r.group, r.anchor) for r in block.rows
            )
            return replace(block, rows=rows)
        if isinstance(block, Record):
            parts = tuple(Part(p.label, self._lines(p.lines)) for p in block.parts)
            return replace(block, parts=parts)
        if isinstance(block, Note):
            return replace(block, lines=self._lines(block.lines))
        if isinstance(block, Columns):
            return replace(block, columns=tuple(tuple(map(self._block, c)) for c in block.columns))
        return block
