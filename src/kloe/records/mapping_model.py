"""What a mapping says, as frozen values; :mod:`kloe.records.mapping` reads them from its file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Numbers:
    """How numbers are written: ``1.234,50`` has decimal ``,`` and thousands ``.``."""

    decimal: str = "."
    thousands: str = ""


@dataclass(frozen=True, slots=True)
class Csv:
    """How a text file is written; what is ``None`` is found in the file."""

    delimiter: str | None = None
    encoding: str | None = None
    quote: str | None = None


@dataclass(frozen=True, slots=True)
class Header:
    """Which rows (counted from 1) name the columns, and where the data begins.

    ``names``: the row whose cells are the names, or ``None`` for the cells of all header rows
    one after the other, as with headings over groups of columns.
    """

    rows: tuple[int, ...] = (1,)
    names: int | None = 1
    data: int = 2


@dataclass(frozen=True, slots=True)
class Every:
    """Counted days: the number 1 is ``first``, each further one ``days`` later."""

    first: date
    days: int


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows to take: those whose column is (not) one of some values, or is (not) filled."""

    column: str
    is_: tuple[str, ...] = ()
    is_not: tuple[str, ...] = ()
    filled: bool | None = None


@dataclass(frozen=True, slots=True)
class Unpivot:
    """Columns side by side that become rows.

    ``columns`` are names or patterns with one ``*``; ``name`` is what the new column is called
    that holds the part of the name the star stood for (the whole name without a star), ``value``
    the one that holds the cell. Cells that are empty, or one of ``drop``, become no row.
    """

    columns: tuple[str, ...]
    name: str
    value: str
    drop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Where the values of one of our columns come from, and how they are written there.

    :param sources: columns of the file; several are joined by ``join`` (all must be filled).
    :param constant: one value for every row instead.
    :param leave_out: the column is not taken over.
    :param pseudonymise: take a keyed hash instead of the value.
    :param dates: forms as of ``strptime``, tried in turn; without one, year-month-day.
    :param every: counted days, as for the week numbers of a wide layout.
    :param part: ``year``: the year of a date.
    :param age_at: the value is an age in years on the day in this column; gives a year of birth.
    :param days: days to add to a date.
    :param codes: our code by theirs; without, theirs have to be ours.
    :param otherwise: what a code not listed becomes: ``reject``, ``empty`` or a code.
    :param flags: our code by the column that flags it (with one of ``flagged``).
    :param separator: what stands between several codes in one cell.
    :param empty: values that mean nothing was recorded.
    :param sign: ``reverse`` where a charge is below zero.
    :param negative: how amounts below zero are marked.
    :param credit: the suffix of amounts below zero, ``debit`` that of those above.
    :param less: the column to subtract, where credits stand in their own.
    :param divide: by how much to divide: 100 for pence.
    """

    name: str
    sources: tuple[str, ...] = ()
    join: str = "-"
    constant: str | None = None
    leave_out: bool = False
    pseudonymise: bool = False
    dates: tuple[str, ...] = ()
    every: Every | None = None
    part: str | None = None
    age_at: str | None = None
    days: int = 0
    codes: Mapping[str, str] = field(default_factory=dict)
    otherwise: str = "reject"
    flags: Mapping[str, str] = field(default_factory=dict)
    flagged: tuple[str, ...] = ("1",)
    separator: str = ";"
    empty: tuple[str, ...] = ()
    sign: str = "none"
    negative: str = "minus"
    credit: str = "CR"
    debit: str = "DR"
    less: str | None = None
    divide: int = 1
    numbers: Numbers | None = None
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
    note: str = ""

    @property
    def reads(self) -> tuple[str, ...]:
        """Every column of the file it looks at."""
        more = tuple(c for c in (self.less, self.age_at) if c)
        return (*self.sources, *self.flags, *more)


@dataclass(frozen=True, slots=True)
class SourceMap:
    """Files of one form, and the table they feed. One file may stand in several sources."""

    files: tuple[str, ...]
    table: str
    columns: Mapping[str, ColumnMap]
    csv: Csv = Csv()
    sheet: str | None = None
    header: Header = Header()
    numbers: Numbers = Numbers()
    where: tuple[Filter, ...] = ()
    unpivot: Unpivot | None = None
    repeats: str = "reject"
    unsure: tuple[str, ...] = ()
    confirmed: bool = False
    unused: tuple[str, ...] = ()
    note: str = ""
    line: int = 0

    @property
    def reads(self) -> tuple[str, ...]:
        """Every column of the files it looks at, each once."""
        made = {self.unpivot.name, self.unpivot.value} if self.unpivot else set()
        named = [c for m in self.columns.values() if not m.leave_out for c in m.reads]
        named += [f.column for f in self.where]
        return tuple(c for c in dict.fromkeys(named) if c not in made)


@dataclass(frozen=True, slots=True)
class RecordMapping:
    """A whole mapping. Landlord and day may be left to the command, as in the shipped ones."""

    sources: tuple[SourceMap, ...]
    landlord: str | None = None
    as_at: date | None = None
    title: str = ""
    #: Tables whose references are replaced by keyed hashes, wherever they stand.
    pseudonymise: tuple[str, ...] = ()
    digest: str = ""
    file: str = ""

    @property
    def tables(self) -> tuple[str, ...]:
        """Every table it feeds, each once."""
        return tuple(dict.fromkeys(s.table for s in self.sources))
