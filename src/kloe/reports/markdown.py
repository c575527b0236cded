"""Texts people write for the report: a safe subset of CommonMark, read into blocks.

Headings of two levels, lists, emphasis, links, quotations and tables; references such as
``[E12]``, ``[F3]`` and ``[I:rents/arrears]`` become what they stand for. Nothing else gets
through: what is not among these stays as it was typed, or loses its form, and is named with its
line and what to write instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Protocol

from kloe.core.messages import Message, _
from kloe.reports.blocks import Block, Cell, Column, ItemList, Line, Paragraph, Row, Section, Span
from kloe.reports.blocks import Table as TableBlock
from kloe.reports.phrases import clean, clean_inner, printable, safe_link

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

#: Characters a text may have; a theme of a published report has fewer than 20,000.
MOST = 60_000
#: How deep lists and quotations may stand in each other.
DEEP = 12
#: How deep a list may stand in a list and still be one.
LISTS_DEEP = 3
#: Faults named; a text with more of them is looked at again when these are mended.
MOST_FAULTS = 50
_ESCAPED = "\ue000"
_REFERENCE = re.compile(r"\[(?:E(\d{1,7})|F(\d{1,7})|I:([a-z0-9][a-z0-9/._-]{0,120}))\]", re.I)
_HTML = re.compile(r"</?[A-Za-z][A-Za-z0-9-]*(\s[^<>]*)?/?>|<!--")


@dataclass(frozen=True, slots=True)
class Fault:
    """Something a text may not hold: its line, what it is, and what to write instead."""

    line: int
    said: Message
    remedy: Message


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a text says, and what of it could not be taken as it was meant."""

    blocks: tuple[Block, ...]
    faults: tuple[Fault, ...] = ()


class References(Protocol):
    """What the references of a text lead to; None for what is not there."""

    def evidence(self, number: int) -> Span | None:
        """Evidence by its number: E12."""

    def finding(self, number: int) -> Span | None:
        """A finding by its number: F3."""

    def indicator(self, measure: str) -> Span | None:
        """An indicator with its value."""


class Nowhere:
    """References of a text that is read without its assessment: they stay as they are."""

    def evidence(self, number: int) -> Span | None:
        return Span(f"E{number}", "strong")

    def finding(self, number: int) -> Span | None:
        return Span(f"F{number}", "strong")

    def indicator(self, measure: str) -> Span | None:
        return Span(measure, "strong")


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    made = MarkdownIt("commonmark", {"html": False, "maxNesting": DEEP})
    made.enable("table").disable(["html_block", "html_inline", "code", "reference", "text_join"])
    # What an address may be is decided here, and said; the parser would leave it as typed.
    made.validateLink = lambda url: True  # type: ignore[method-assign]
    return made


def parse(text: str, level: int = 4, references: References | None = None) -> Parsed:
    """The blocks of a text.

    :param level: what a heading of the first level becomes.
    """
    text = printable(text).replace("\x00", "").replace(_ESCAPED, "")[:MOST]
    reader = _Reader(references or Nowhere(), level)
    tokens = _parser().parse(text)
    blocks = reader.read(tokens)
    return Parsed(blocks, tuple(reader.faults[:MOST_FAULTS]))


def words_of(text: str) -> int:
    """How many words a text has, as it is typed."""
    return len(text.split())


@dataclass
class _Reader:
    references: References
    level: int
    faults: list[Fault] = field(default_factory=list)

    def fault(self, line: int, said: Message, remedy: Message) -> None:
        self.faults.append(Fault(line, said, remedy))

    def read(self, tokens: list[Token]) -> tuple[Block, ...]:
        self.tokens, self.at = tokens, 0
        for token, following in pairwise(tokens):
            # The parser reads no deeper and leaves what it does not read empty.
            if token.level == DEEP - 1 and token.nesting == 1 and following.nesting == -1:
                self.fault(
                    _line_of(token),
                    _("What stands here is nested more than %(n)d deep and is left out.", n=DEEP),
                    _("Write it as a paragraph or a list of its own."),
                )
        return self._nested(list(self._blocks(len(tokens))))

    # ---- Blocks -----------------------------------------------------------------------------

    def _blocks(self, end: int) -> Iterator[Block | tuple[int, str]]:
        """Blocks in order; a heading as its level and words."""
        while self.at < end:
            token = self.tokens[self.at]
            kind = token.type
            if kind == "heading_open":
                yield from self._heading(token)
            elif kind == "paragraph_open":
                yield from self._paragraph("body")
            elif kind in {"bullet_list_open", "ordered_list_open"}:
                yield self._list(1)
            elif kind == "blockquote_open":
                yield from self._quote()
            elif kind == "table_open":
                yield self._table()
            elif kind in {"fence", "code_block"}:
                yield from self._code(token)
            else:
                if kind == "hr":
                    self._no_rule(token)
                self.at += 1

    def _heading(self, token: Token) -> Iterator[Block | tuple[int, str]]:
        depth = int(token.tag[1])
        inline = self.tokens[self.at + 1]
        self.at += 3
        lines = self._lines(inline)
        words = clean(" ".join(_plain(line) for line in lines))
        if not words:
            return
        if depth > 2:
            self.fault(
                _line_of(token),
                _("“%(words)s” is a heading of level %(n)d.", words=words[:60], n=depth),
                _("Two levels are read: begin the line with # or ##."),
            )
            yield Paragraph((Span(words, "strong"),))
        else:
            yield depth, words

    def _nested(self, flat: list[Block | tuple[int, str]]) -> tuple[Block, ...]:
        """Headings with what stands under them; never a level left out."""
        out: list[Any] = []
        upper: list[Any] | None = None
        lower: list[Any] | None = None
        for block in flat:
            if isinstance(block, tuple):
                depth, words = block
                if depth == 2 and upper is not None:
                    lower = []
                    upper.append((words, self.level + 1, lower))
                else:
                    upper, lower = [], None
                    out.append((words, self.level, upper))
                continue
            target = lower if lower is not None else upper if upper is not None else out
            target.append(block)
        return tuple(_section(b) for b in out)

    def _paragraph(self, style: str) -> Iterator[Paragraph]:
        inline = self.tokens[self.at + 1]
        self.at += 3
        for line in self._lines(inline):
            if any(s.text.strip() for s in line):
                yield Paragraph(line, style)

    def _quote(self) -> Iterator[Block]:
        end = self._closing()
        self.at += 1
        for block in self._blocks(end):
            if isinstance(block, tuple):
                yield Paragraph((Span(block[1], "strong"),), "quote")
            elif isinstance(block, Paragraph):
                yield replace(block, style="quote")
            else:
                yield block
        self.at = end + 1

    def _list(self, depth: int) -> ItemList:
        token, end = self.tokens[self.at], self._closing()
        ordered = token.type == "ordered_list_open"
        start = token.attrGet("start")
        if ordered and start not in (None, 1, "1"):
            self.fault(
                _line_of(token),
                _("This list begins with %(n)s.", n=str(start)),
                _("Numbered lists begin with 1 in the report."),
            )
        self.at += 1
        items: list[tuple[Line, ...]] = []
        inner: list[ItemList | None] = []
        while self.at < end:
            lines, below = self._item(depth)
            items.append(lines)
            inner.append(below)
        self.at = end + 1
        nested = tuple(inner) if any(inner) else ()
        return ItemList(tuple(items), ordered=ordered, nested=nested)

    def _item(self, depth: int) -> tuple[tuple[Line, ...], ItemList | None]:
        end = self._closing()
        self.at += 1
        lines: list[Line] = []
        below: ItemList | None = None
        while self.at < end:
            token = self.tokens[self.at]
            if token.type == "paragraph_open":
                lines += [p.line for p in self._paragraph("body")]
            elif token.type in {"bullet_list_open", "ordered_list_open"}:
                found = self._list(depth + 1)
                if depth < LISTS_DEEP and below is None:
                    below = found
                else:
                    self._too_deep(token)
                    lines += _flat(found)
            else:
                line = _line_of(token)
                before = len(self.faults)
                for block in self._one_block():
                    lines += _flat(block)
                if len(self.faults) == before:
                    self.fault(
                        line,
                        _("A list holds something that is neither words nor a list."),
                        _("Put quotations, tables and headings outside the list."),
                    )
        self.at = end + 1
        return tuple(lines), below

    def _one_block(self) -> list[Any]:
        """What begins here, as blocks; the place moves behind it."""
        token = self.tokens[self.at]
        end = self._closing() if token.nesting == 1 else self.at
        return [
            Paragraph((Span(b[1], "strong"),)) if isinstance(b, tuple) else b
            for b in self._blocks(end + 1)
        ]

    def _too_deep(self, token: Token) -> None:
        self.fault(
            _line_of(token),
            _("A list stands more than %(n)d deep, or beside another in one item.", n=LISTS_DEEP),
            _("Write the inner ones as a list of their own."),
        )

    def _table(self) -> TableBlock:
        end = self._closing()
        head: list[Column] = []
        rows: list[Row] = []
        cells: list[Cell] = []
        while self.at < end:
            token = self.tokens[self.at]
            if token.type in {"th_open", "td_open"}:
                lines = tuple(self._lines(self.tokens[self.at + 1]))
                if token.type == "th_open":
                    head.append(Column(" ".join(map(_plain, lines)), 1.0, _side(token)))
                else:
                    cells.append(Cell(lines))
            elif token.type == "tr_close" and cells:
                rows.append(Row(tuple(cells)))
                cells = []
            self.at += 1
        self.at = end + 1
        return TableBlock(_sized(head, rows), tuple(rows))

    def _code(self, token: Token) -> Iterator[Paragraph]:
        self.at += 1
        self.fault(
            _line_of(token),
            _("Code is set here, which a report has not."),
            _("Write it as words, or as a table; for a quotation begin its lines with >."),
        )
        for words in token.content.splitlines():
            if clean(words):
                yield Paragraph((Span(clean(words)),))

    def _no_rule(self, token: Token) -> None:
        self.fault(
            _line_of(token),
            _("A line across the page is left out."),
            _("Begin a new part with a heading: # or ##."),
        )

    def _closing(self) -> int:
        """Where what opens here closes."""
        depth = 0
        for i in range(self.at, len(self.tokens)):
            depth += self.tokens[i].nesting
            if depth == 0:
                return i
        return len(self.tokens) - 1

    # ---- Running text -----------------------------------------------------------------------

    def _lines(self, inline: Token) -> list[Line]:
        """Running text; a hard break begins another line."""
        return _Inline(self, _line_of(inline)).read(inline.children or [])


class _Inline:
    """Spans of one piece of running text."""

    def __init__(self, reader: _Reader, line: int) -> None:
        self.reader, self.line = reader, line
        self.lines: list[Line] = []
        self.spans: list[Span] = []
        self.text = ""
        self.strong = self.emphasis = 0
        self.link = ""

    def read(self, tokens: Iterable[Token]) -> list[Line]:
        for token in tokens:
            self._take(token)
        self._break()
        return self.lines

    def _take(self, token: Token) -> None:
        kind = token.type
        if kind == "text":
            self.text += token.content
        elif kind == "text_special":
            self.text += token.content.replace("[", _ESCAPED)
        elif kind == "softbreak":
            self.text += " "
            self._flush()
            self.line += 1
        elif kind == "hardbreak":
            self._break()
            self.line += 1
        elif kind in {"strong_open", "strong_close", "em_open", "em_close"}:
            self._flush()
            name = "strong" if kind.startswith("strong") else "emphasis"
            setattr(self, name, getattr(self, name) + token.nesting)
        elif kind == "link_open":
            self._flush()
            self.link = self._allowed(str(token.attrGet("href") or ""))
        elif kind == "link_close":
            self._flush()
            self.link = ""
        elif kind == "code_inline":
            self.reader.fault(
                self.line,
                _("Code is set here, which a report has not."),
                _("Take the backticks away: “%(words)s”.", words=token.content[:40]),
            )
            self.text += token.content.replace("[", _ESCAPED)
        elif kind == "image":
            self.reader.fault(
                self.line,
                _("A picture stands here; its words alone are taken."),
                _("Add the picture as evidence and refer to it, as in [E12]."),
            )
            self.text += token.content.replace("[", _ESCAPED)

    def _allowed(self, link: str) -> str:
        if safe_link(link):
            return link
        self.reader.fault(
            self.line,
            _("The link leads to “%(link)s”; its words alone are taken.", link=link[:60]),
            _("Links begin with https://, http:// or mailto:."),
        )
        return ""

    def _flush(self) -> None:
        text, self.text = self.text, ""
        if _HTML.search(text):
            self.reader.fault(
                self.line,
                _("HTML is not read: it stands in the report as it was typed."),
                _("Use the signs of the toolbar instead."),
            )
        at = 0
        for match in _REFERENCE.finditer(text):
            self._add(text[at : match.start()])
            self._refer(match)
            at = match.end()
        self._add(text[at:])

    def _add(self, text: str) -> None:
        text = clean_inner(text.replace(_ESCAPED, "["))
        if text:
            self.spans.append(Span(text, self._style(), self.link))

    def _style(self) -> str:
        return "strong" if self.strong else "emphasis" if self.emphasis else ""

    def _refer(self, match: re.Match[str]) -> None:
        known = self.reader.references
        if match[1]:
            found = known.evidence(int(match[1]))
        elif match[2]:
            found = known.finding(int(match[2]))
        else:
            found = known.indicator(match[3].lower())
        if found is None:
            self.reader.fault(
                self.line,
                _("%(what)s is not in this assessment.", what=match[0]),
                _("Choose one of those beside the text."),
            )
            self._add(match[0])
        else:
            self.spans.append(found)

    def _break(self) -> None:
        self._flush()
        if self.spans:
            self.lines.append(tuple(self.spans))
        self.spans = []


def _line_of(token: Token) -> int:
    return token.map[0] + 1 if token.map else 1


def _plain(line: Line) -> str:
    return clean("".join(span.text for span in line))


def _section(block: Any) -> Block:
    """A heading with what stands under it, or a block as it is."""
    if isinstance(block, tuple):
        title, level, blocks = block
        return Section(title, level, tuple(_section(b) for b in blocks))
    found: Block = block
    return found


def _flat(block: Any) -> list[Line]:
    """A block as lines of a list's item."""
    if isinstance(block, Paragraph):
        return [block.line]
    if isinstance(block, ItemList):
        found: list[Line] = []
        inner = block.nested or (None,) * len(block.items)
        for lines, below in zip(block.items, inner, strict=True):
            found += [(Span("– "), *line) if not i else line for i, line in enumerate(lines)]
            found += _flat(below) if below else []
        return found
    if isinstance(block, TableBlock):
        return [
            tuple(Span(" ".join(map(_plain, c.lines)) + "  ") for c in row.cells)
            for row in block.rows
        ]
    return []


def _side(token: Token) -> str:
    style = str(token.attrGet("style") or "")
    return {"text-align:right": "end", "text-align:center": "centre"}.get(style, "start")


def _sized(head: list[Column], rows: list[Row]) -> tuple[Column, ...]:
    """Columns as wide as what stands in them asks for, within reason."""
    out = []
    for i, column in enumerate(head):
        told = [len(_plain(line)) for r in rows if i < len(r.cells) for line in r.cells[i].lines]
        longest = max([len(column.title), *told])
        out.append(replace(column, width=min(40.0, max(6.0, float(longest)))))
    return tuple(out)
