"""Numbers of paragraphs: what a reader names when something is not so.

In a report of an inspection every paragraph, every item of a list, every criterion and every
table with a caption has a number, counted through the whole document in the order of reading.
The number is part of the document, so that all its forms show the same one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from kloe.reports.blocks import (
    Block,
    Columns,
    ItemList,
    Line,
    Paragraph,
    Record,
    ReportDocument,
    Section,
    Table,
)

#: Words of the framework, labels and sources are no statements of the report.
_UNNUMBERED = frozenset({"lead", "label", "question", "source"})


@dataclass(frozen=True, slots=True)
class Numbered:
    """A numbered paragraph: where it stands and what it says, in plain words."""

    number: int
    section: str
    text: str

    @property
    def anchor(self) -> str:
        """The anchor it has in every form of the report."""
        return anchor_of(self.number)


def anchor_of(number: int) -> str:
    """The anchor of a paragraph: p-12."""
    return f"p-{number}"


def number_all(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """The blocks with numbers from 1, in the order of reading."""
    numbers = count(1)
    return tuple(_number(block, numbers) for block in blocks)


def _number(block: Any, numbers: Iterator[int]) -> Any:
    if isinstance(block, Paragraph):
        wanted = block.style not in _UNNUMBERED and any(s.text.strip() for s in block.line)
        return replace(block, number=next(numbers)) if wanted else block
    if isinstance(block, ItemList):
        return replace(block, numbers=tuple(next(numbers) for _item in block.items))
    if isinstance(block, Record) or (isinstance(block, Table) and block.caption):
        return replace(block, number=next(numbers))
    if isinstance(block, Section):
        return replace(block, blocks=tuple(_number(b, numbers) for b in block.blocks))
    if isinstance(block, Columns):
        columns = tuple(tuple(_number(b, numbers) for b in c) for c in block.columns)
        return replace(block, columns=columns)
    return block


def anchors(blocks: Iterable[Block]) -> Iterator[str]:
    """The anchors of all numbered paragraphs."""
    return (found.anchor for found in _walk(blocks, ""))


def numbered(document: ReportDocument) -> tuple[Numbered, ...]:
    """Every numbered paragraph of a document, in order; none where it has no numbers."""
    return tuple(_walk(document.blocks, ""))


def _walk(blocks: Iterable[Any], section: str) -> Iterator[Numbered]:
    for block in blocks:
        if isinstance(block, Section):
            title = " ".join(filter(None, (block.number, block.title)))
            yield from _walk(block.blocks, title)
        elif isinstance(block, Columns):
            for column in block.columns:
                yield from _walk(column, section)
        elif isinstance(block, ItemList):
            for number, lines in block.numbered_items():
                if number:
                    yield Numbered(number, section, _words(lines))
        elif isinstance(block, Paragraph) and block.number:
            yield Numbered(block.number, section, _words((block.line,)))
        elif isinstance(block, Record) and block.number:
            parts = "; ".join(f"{p.label}: {_words(p.lines)}" for p in block.parts)
            yield Numbered(
                block.number, section, f"{block.title}. {block.mark.label}. {parts}".strip()
            )
        elif isinstance(block, Table) and block.number:
            yield Numbered(block.number, section, block.caption)


def _words(lines: Iterable[Line]) -> str:
    return " ".join("".join(span.text for span in line) for line in lines).strip()
