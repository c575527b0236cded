"""The report document: a frozen, JSON-able tree of blocks that every renderer lays out.

Everything a reader sees is in it, in one language, with numbers already formatted. Renderers
add only what belongs to their medium: page numbers, contents, styles.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from kloe.assessment.plain import from_json, to_json

FORMAT = "kloe-report/1"


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of running text. ``style``: strong, emphasis, published, quiet, or nothing.

    ``link`` is an anchor of this document (``#e-12``) or an address (``https://...``).
    """

    text: str
    style: str = ""
    link: str = ""


Line = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A grade or position as a coloured label; the word is always there, the colour helps.

    ``shade`` is 4 (best) to 1 (worst), 0 for none of these. ``steps`` of ``of`` are filled in
    the small scale beside a grade; ``of`` 0 draws none.
    """

    label: str
    shade: int
    steps: int = 0
    of: int = 0


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text. ``style``: body, lead, small, label, question, source, detail, quote.

    ``number`` is that of :mod:`kloe.reports.numbering`; 0 for none.
    """

    KIND: ClassVar[str] = "paragraph"
    line: Line
    style: str = "body"
    number: int = 0


@dataclass(frozen=True, slots=True)
class ItemList:
    """A list. ``style``: plain, strength, improvement or practice.

    ``numbers``, ``anchors`` and ``nested`` have one for each item, or are empty; ``nested`` is
    the list that stands within an item.
    """

    KIND: ClassVar[str] = "list"
    items: tuple[tuple[Line, ...], ...]
    ordered: bool = False
    style: str = "plain"
    numbers: tuple[int, ...] = ()
    anchors: tuple[str, ...] = ()
    nested: tuple[ItemList | None, ...] = ()

    def within(self, place: int) -> ItemList | None:
        """The list within an item."""
        return self.nested[place] if self.nested else None

    def anchor(self, place: int) -> str:
        """What leads to an item."""
        return self.anchors[place] if self.anchors else ""

    def numbered_items(self) -> tuple[tuple[int, tuple[Line, ...]], ...]:
        """Each item with its number, 0 where it has none."""
        numbers = self.numbers or (0,) * len(self.items)
        return tuple(zip(numbers, self.items, strict=True))


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing as SVG, with the words that stand for it.

    ``width`` is the part of the line it takes. Its table or words stand beside it in the text.
    """

    KIND: ClassVar[str] = "picture"
    svg: str
    title: str
    alt: str
    width: float = 1.0
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; ``width`` is its share, ``align`` start, end or centre."""

    title: str
    width: float = 1.0
    align: str = "start"


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in one place of a table."""

    lines: tuple[Line, ...] = ()
    mark: Mark | None = None
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table. ``group``: its one cell heads the rows that follow."""

    cells: tuple[Cell, ...]
    group: bool = False
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a header row. ``style``: rules, facts (no visible header), small,
    register (thousands of rows) or entries (each row a record, in large print)."""

    KIND: ClassVar[str] = "table"
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    caption: str = ""
    style: str = "rules"
    number: int = 0


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """A number worth showing large, with what it is of."""

    value: str
    label: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """A row of key figures."""

    KIND: ClassVar[str] = "figures"
    items: tuple[KeyFigure, ...]


@dataclass(frozen=True, slots=True)
class GradeMark:
    """A judgement: what was judged, the grade, and where it lies on its scale."""

    KIND: ClassVar[str] = "grade"
    subject: str
    mark: Mark
    note: str = ""
    large: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """Something to know before reading on. ``style``: draft, invented or note."""

    KIND: ClassVar[str] = "note"
    title: str
    lines: tuple[Line, ...]
    style: str = "note"


@dataclass(frozen=True, slots=True)
class Side:
    """One column of a criterion: its label and descriptors."""

    label: str
    shade: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A labelled part of a record."""

    label: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """A criterion: title, reference, placing, its two sides next to each other, what follows."""

    KIND: ClassVar[str] = "record"
    title: str
    reference: str
    mark: Mark
    sides: tuple[Side, ...]
    parts: tuple[Part, ...]
    level: int
    anchor: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it, sections among it.

    ``contents``: whether it stands in the table of contents; ``bookmark``: in the outline a
    reader program shows. ``new_page``: begins one.
    """

    KIND: ClassVar[str] = "section"
    title: str
    level: int
    blocks: tuple[Block, ...]
    number: str = ""
    anchor: str = ""
    contents: bool = False
    bookmark: bool = False
    new_page: bool = False


@dataclass(frozen=True, slots=True)
class Columns:
    """Blocks next to each other where there is room, else under each other."""

    KIND: ClassVar[str] = "columns"
    columns: tuple[tuple[Block, ...], ...]
    widths: tuple[float, ...] = ()


Block = (
    Paragraph | ItemList | Picture | Table | Figures | GradeMark | Note | Record | Section | Columns
)


@dataclass(frozen=True, slots=True)
class Tag:
    """Words in the running header of every page: a draft, an invented organisation."""

    text: str
    style: str


@dataclass(frozen=True, slots=True)
class Labels:
    """Words the renderers put around the text, in its language."""

    contents: str
    page: str
    of: str
    continued: str
    skip: str


@dataclass(frozen=True, slots=True)
class Cover:
    """The first page: what this is, of whom, and the two judgements."""

    kicker: str
    title: str
    subtitle: str
    grades: tuple[GradeMark, ...]
    facts: tuple[tuple[str, ...], ...]
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class ReportDocument:
    """A whole report. ``view`` is full, board or tenants: one page, two pages, no contents.

    ``large``: rearranged for large print (``kloe.reports.large``), to be set in 18 point.
    """

    title: str
    language: str
    view: str
    author: str
    made: str
    subject: str
    running: str
    tags: tuple[Tag, ...]
    labels: Labels
    cover: Cover
    blocks: tuple[Block, ...]
    footer: str = ""
    large: bool = False
    format: str = FORMAT

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        value: dict[str, Any] = to_json(self)
        return value

    @classmethod
    def from_json(cls, data: Any) -> ReportDocument:
        """The document that ``to_json`` made ``data`` of."""
        return from_json(cls, data)
