"""The draft report that a landlord gets: its marks, its chapters, what changed since the last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from difflib import SequenceMatcher
from typing import Any

from kloe.core.messages import _
from kloe.reports import figures, numbering
from kloe.reports.blocks import (
    Columns,
    GradeMark,
    Note,
    ReportDocument,
    Section,
    Table,
    Tag,
)
from kloe.reports.phrases import line

#: Paragraphs less alike than this are not one paragraph rewritten.
ALIKE = 0.5
#: Longer runs of changed paragraphs are paired in their order, without comparing each with each.
COMPARED = 40


def marked(
    document: ReportDocument, *, version: int, issued: date, deadline: date
) -> ReportDocument:
    """The document with the marks of a draft: on the cover, and at the head of every page."""
    title = str(_("Draft %(n)d for factual accuracy", n=version))
    note = Note(
        title,
        (
            line(
                _(
                    "Issued on %(issued)s to the organisation inspected, which may challenge it "
                    "by paragraph until %(deadline)s. Not for publication.",
                    issued=figures.day(issued),
                    deadline=figures.day(deadline),
                )
            ),
        ),
        "draft",
    )
    others = tuple(t for t in document.tags if t.style != "draft")
    notes = tuple(n for n in document.cover.notes if n.style != "draft")
    return replace(
        document,
        tags=(Tag(title, "draft"), *others),
        cover=replace(document.cover, notes=(note, *notes)),
        running=f"{document.running} · {title}",
    )


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter of a draft, which is a page of its own, and the paragraphs in it."""

    n: int
    number: str
    title: str
    content: dict[str, Any]
    first: int
    last: int
    #: What can be led to in it, besides its paragraphs.
    anchors: tuple[str, ...] = ()


def chapters(document: ReportDocument) -> tuple[Chapter, ...]:
    """The chapters of a document that has numbers."""
    plain = document.to_json()["blocks"]
    found = []
    at = 1
    for n, (block, content) in enumerate(zip(document.blocks, plain, strict=True), 1):
        numbers = [one.number for one in numbering.numbered(replace(document, blocks=(block,)))]
        last = max(numbers, default=at - 1)
        title = block.title if isinstance(block, Section) else str(_("Report"))
        number = block.number if isinstance(block, Section) else ""
        anchors = tuple(_anchors(content))
        found.append(Chapter(n, number, title, content, at, last, anchors))
        at = last + 1
    return tuple(found)


def _anchors(content: Any) -> Iterator[str]:
    if isinstance(content, dict):
        if content.get("anchor"):
            yield content["anchor"]
        content = list(content.values())
    if isinstance(content, list):
        for one in content:
            yield from _anchors(one)


# What changed --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Said:
    """A numbered paragraph with everything that stands in it, tables among it."""

    number: int
    section: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a paragraph: ``kind`` is changed, added, removed or grade."""

    kind: str
    section: str
    before: str = ""
    after: str = ""
    #: Its number before and after; 0 where it was not there.
    was: int = 0
    now: int = 0


def everything(document: ReportDocument) -> tuple[Said, ...]:
    """Every numbered paragraph; of a table its rows too."""
    tables = {b.number: _rows(b) for b in _blocks(document.blocks) if isinstance(b, Table)}
    return tuple(
        Said(one.number, one.section, tables.get(one.number) or one.text)
        for one in numbering.numbered(document)
    )


def _blocks(blocks: Iterable[Any]) -> Iterator[Any]:
    for block in blocks:
        yield block
        if isinstance(block, Section):
            yield from _blocks(block.blocks)
        elif isinstance(block, Columns):
            for column in block.columns:
                yield from _blocks(column)


def _rows(table: Table) -> str:
    found = [table.caption]
    for row in table.rows:
        cells = []
        for cell in row.cells:
            words = ["".join(span.text for span in one) for one in cell.lines]
            mark = [cell.mark.label] if cell.mark else []
            cells.append(" ".join([*mark, *words]))
        found.append(" | ".join(cells))
    return "\n".join(found)


def grades(document: ReportDocument) -> dict[str, str]:
    """Every judgement of a document by what it is of, in order of reading."""
    marks = [*document.cover.grades]
    marks += [b for b in _blocks(document.blocks) if isinstance(b, GradeMark)]
    found: dict[str, str] = {}
    for mark in marks:
        found.setdefault(mark.subject, mark.mark.label)
    return found


def changes(before: ReportDocument, after: ReportDocument) -> tuple[Change, ...]:
    """What a later draft says otherwise: grades first, then paragraphs in order of reading.

    A paragraph that only has another number is not among them.
    """
    return (*_grade_changes(before, after), *_paragraph_changes(before, after))


def _grade_changes(before: ReportDocument, after: ReportDocument) -> Iterator[Change]:
    old, new = grades(before), grades(after)
    for subject in dict.fromkeys([*old, *new]):
        was, now = old.get(subject, ""), new.get(subject, "")
        if was != now:
            yield Change("grade", subject, was, now)


def _paragraph_changes(before: ReportDocument, after: ReportDocument) -> Iterator[Change]:
    old, new = everything(before), everything(after)
    matcher = SequenceMatcher(None, [p.text for p in old], [p.text for p in new], autojunk=False)
    for what, a, b, c, d in matcher.get_opcodes():
        if what != "equal":
            yield from _paired(old[a:b], new[c:d])


def _paired(old: tuple[Said, ...], new: tuple[Said, ...]) -> Iterator[Change]:
    """Paragraphs that took each other's place: the alike are one rewritten, others came or went."""
    pairs = _pairs(old, new)
    taken = {n for n in pairs.values() if n is not None}
    for i, one in enumerate(old):
        at = pairs.get(i)
        if at is None:
            yield Change("removed", one.section, before=one.text, was=one.number)
        else:
            then = new[at]
            yield Change("changed", then.section, one.text, then.text, one.number, then.number)
    for j, one in enumerate(new):
        if j not in taken:
            yield Change("added", one.section, after=one.text, now=one.number)


def _pairs(old: tuple[Said, ...], new: tuple[Said, ...]) -> dict[int, int | None]:
    if max(len(old), len(new)) > COMPARED:
        return {i: i if i < len(new) else None for i in range(len(old))}
    found: dict[int, int | None] = {}
    first = 0
    for i, one in enumerate(old):
        best, at = ALIKE, None
        for j in range(first, len(new)):
            alike = likeness(one.text, new[j].text)
            if alike > best:
                best, at = alike, j
        found[i] = at
        if at is not None:
            first = at + 1
    return found


def likeness(one: str, other: str) -> float:
    """How alike two paragraphs are, from 0 to 1, by their words."""
    if one == other:
        return 1.0
    words = one.split()[:400], other.split()[:400]
    matcher = SequenceMatcher(None, *words, autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() > ALIKE else 0.0


def where_now(number: int, text: str, document: tuple[Said, ...]) -> int:
    """The number a paragraph of an earlier draft has in a later one; 0 where it is not found."""
    for one in document:
        if one.number == number and one.text == text:
            return number
    return next((one.number for one in document if one.text == text), 0)
