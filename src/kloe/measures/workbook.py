"""The regulator's Tenant Satisfaction Measures workbook, read as published.

Nothing is taken for granted about where things stand: a table begins at the row that names a
landlord and a landlord's code; its columns are told apart by their headings; a sheet's name
or a heading's first word says which population it speaks for. What cannot be understood is
remarked on, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from kloe.core.errors import InvalidInput
from kloe.core.messages import Message, _
from kloe.core.periods import Period
from kloe.core.progress import Progress, Silent
from kloe.measures.headers import (
    ANSWERS,
    SATISFIED,
    Column,
    Population,
    Role,
    about_of,
    column_of,
    context_of,
    plain,
    population_of,
    says_rate,
)
from kloe.measures.xlsx import Sheet, column_letters, read_sheets
from kloe.measures.years import closing_year

HEADING_ROWS = 200
NOTES_COLUMNS = 8

_MARKER = re.compile(r"^\[\s*([A-Za-z])\s*\]$")
_NUMBER = re.compile(r"^-?\d[\d,]*(?:\.\d+)?\s*%?$")


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a figure stands in the workbook: sheet, Excel's row number, column letters."""

    sheet: str
    row: int
    column: str

    def __str__(self) -> str:
        return f"{self.sheet}!{self.column}{self.row}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One published result, or the marker that stands in its place."""

    landlord: str
    measure: str
    population: Population
    value: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    marker: str
    source: Cell


@dataclass(frozen=True, slots=True)
class Circumstance:
    """Something said about how a landlord's figures were made (sample, method, target)."""

    landlord: str
    population: Population
    item: str
    value: str


@dataclass(slots=True)
class Published:
    """A landlord as the workbook has it, put together from all its sheets."""

    code: str
    name: str
    type: str = ""
    size: str = ""
    region: str = ""
    supported: bool | None = None
    notes: list[str] = field(default_factory=list)
    not_included: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class Contents:
    """All that was read."""

    year: str
    period: Period
    landlords: dict[str, Published] = field(default_factory=dict)
    figures: dict[tuple[str, str, Population], Figure] = field(default_factory=dict)
    circumstances: list[Circumstance] = field(default_factory=list)
    sheets: dict[str, int] = field(default_factory=dict)
    remarks: list[Message] = field(default_factory=list)


@dataclass(slots=True)
class _Table:
    """A sheet's table of landlords: its heading row and what its columns are."""

    sheet: Sheet
    heading: int
    about: dict[str, int]
    columns: list[Column]
    context: dict[str, int]
    notes: int | None
    population: Population | None

    @property
    def rows(self) -> Iterable[tuple[int, Sequence[Any]]]:
        return enumerate(self.sheet.rows[self.heading + 1 :], self.heading + 2)


def read_workbook(
    path: Path, year: str | None = None, progress: Progress | None = None
) -> Contents:
    """Read the workbook at ``path``.

    :param year: ``2024-25``, where the workbook itself does not say it.
    :raises InvalidInput: where the file is not such a workbook; says what was looked for and
        what was found.
    """
    progress = progress or Silent()
    progress.step(0, 4, _("Opening the workbook"))
    sheets = read_sheets(path)
    progress.step(1, 4, _("Looking for the tables"))
    tables = [table for sheet in sheets if (table := _table(sheet))]
    results = [table for table in tables if any(c.role is Role.VALUE for c in table.columns)]
    if not results:
        raise _no_results(path, sheets, tables)
    closing = closing_year(path, sheets, year)
    contents = Contents(
        year=f"{closing - 1}-{closing % 100:02d}",
        period=Period(date(closing - 1, 4, 1), date(closing, 3, 31)),
    )
    for table in results:
        _read_results(table, contents)
        progress.step(2, 4, _("Read %(sheet)s", sheet=table.sheet.name))
    for table in tables:
        if table not in results:
            _read_notes(table, contents)
    progress.step(3, 4, _("Tables read"))
    if not any(figure.value is not None for figure in contents.figures.values()):
        raise _no_results(path, sheets, tables)
    return contents


# Finding the tables


def _table(sheet: Sheet) -> _Table | None:
    for number, row in enumerate(sheet.rows[:HEADING_ROWS]):
        about: dict[str, int] = {}
        for index, cell in enumerate(row):
            if isinstance(cell, str) and cell and (fact := about_of(cell)):
                about.setdefault(fact, index)
        if "name" not in about or "code" not in about:
            continue
        filled = [i for i, cell in enumerate(row) if plain(cell)]
        columns = [c for i in filled if (c := column_of(i, row[i]))]
        context: dict[str, int] = {}
        for i in filled:
            if item := context_of(row[i]):
                context.setdefault(item, i)
        notes = next((i for i in filled if plain(row[i]).lower().startswith("note")), None)
        return _Table(
            sheet=sheet,
            heading=number,
            about=about,
            columns=columns,
            context=context,
            notes=notes if len(filled) <= NOTES_COLUMNS else None,
            population=population_of(sheet.name) or _stated_population(row, context),
        )
    return None


def _stated_population(row: Sequence[Any], context: dict[str, int]) -> Population | None:
    """Some sheets say it only where they give the size of the population."""
    index = context.get("population")
    return None if index is None else population_of(plain(row[index]))


# Reading a table


def _read_results(table: _Table, contents: Contents) -> None:
    sheet = table.sheet.name
    groups = _groups(table, contents)
    factor = {key: _factor(table, parts) for key, parts in groups.items()}
    count = 0
    for number, row in table.rows:
        landlord = _landlord(table, number, row, contents)
        if landlord is None:
            continue
        count += 1
        for key, parts in groups.items():
            measure, population = key
            place = (landlord.code, measure, population)
            figure = _figure(place, parts, row, (sheet, number))
            if factor[key] != 1 and figure.value is not None:
                figure = _scaled(figure, factor[key])
            if place in contents.figures:
                earlier = contents.figures[place]
                if (earlier.value, earlier.marker) != (figure.value, figure.marker):
                    contents.remarks.append(
                        _(
                            "%(measure)s of %(landlord)s stands twice and differently, in %(a)s"
                            " and %(b)s; the first is kept.",
                            measure=measure,
                            landlord=landlord.name,
                            a=earlier.source,
                            b=figure.source,
                        )
                    )
                continue
            contents.figures[place] = figure
        for item, index in table.context.items():
            words = plain(_at(row, index))
            if words and not _MARKER.match(words):
                population = table.population or Population.ALL
                contents.circumstances.append(Circumstance(landlord.code, population, item, words))
    contents.sheets[sheet] = count


def _groups(table: _Table, contents: Contents) -> dict[tuple[str, Population], dict[Role, Column]]:
    """The columns by measure and population; only measures whose rate is published."""
    groups: dict[tuple[str, Population], dict[Role, Column]] = {}
    for column in table.columns:
        population = column.population or table.population or Population.ALL
        parts = groups.setdefault((column.measure, population), {})
        other = parts.get(column.role)
        if other is None:
            parts[column.role] = column
        elif (
            column.role is Role.VALUE and says_rate(column.heading) and not says_rate(other.heading)
        ):
            parts[Role.VALUE] = column
        elif not (
            column.role is Role.VALUE and says_rate(other.heading) and not says_rate(column.heading)
        ):
            contents.remarks.append(
                _(
                    "%(sheet)s has two columns for %(measure)s (%(role)s), %(a)s and %(b)s;"
                    " the first is read.",
                    sheet=table.sheet.name,
                    measure=column.measure,
                    role=column.role.value,
                    a=column_letters(other.index + 1),
                    b=column_letters(column.index + 1),
                )
            )
    return {key: parts for key, parts in groups.items() if Role.VALUE in parts}


def _landlord(
    table: _Table, number: int, row: Sequence[Any], contents: Contents
) -> Published | None:
    """The landlord of a row; None for a blank row or a note under the table."""
    code = plain(_at(row, table.about["code"])).upper()
    name = plain(_at(row, table.about["name"]))
    if not code or not name:
        if any(isinstance(_at(row, c.index), int | float) for c in table.columns):
            contents.remarks.append(
                _(
                    "Row %(row)d of %(sheet)s has figures but no landlord's name or code;"
                    " it is left out.",
                    row=number,
                    sheet=table.sheet.name,
                )
            )
        return None
    landlord = contents.landlords.setdefault(code, Published(code=code, name=name))
    for fact in ("type", "size", "region"):
        if fact not in table.about:
            continue
        words = plain(_at(row, table.about[fact]))
        before = getattr(landlord, fact)
        if not before and not _MARKER.match(words):
            setattr(landlord, fact, words)
        elif words and before and words != before and not _MARKER.match(words):
            contents.remarks.append(
                _(
                    "%(landlord)s has the %(fact)s “%(a)s” in one sheet and “%(b)s” in another;"
                    " the first is kept.",
                    landlord=name,
                    fact=fact,
                    a=before,
                    b=words,
                )
            )
    if "supported" in table.about and landlord.supported is None:
        words = plain(_at(row, table.about["supported"])).lower()
        landlord.supported = {"yes": True, "no": False}.get(words)
    if "note" in table.about and table.columns:
        words = plain(_at(row, table.about["note"]))
        if words and not _MARKER.match(words) and words not in landlord.notes:
            landlord.notes.append(words)
    return landlord


def _figure(
    place: tuple[str, str, Population],
    parts: dict[Role, Column],
    row: Sequence[Any],
    source: tuple[str, int],
) -> Figure:
    column = parts[Role.VALUE]
    value, marker = number_or_marker(_at(row, column.index))
    numerator = denominator = None
    if Role.NUMERATOR in parts and Role.DENOMINATOR in parts:
        numerator = number_or_marker(_at(row, parts[Role.NUMERATOR].index))[0]
        denominator = number_or_marker(_at(row, parts[Role.DENOMINATOR].index))[0]
    elif all(role in parts for role in ANSWERS):
        answers = {role: number_or_marker(_at(row, parts[role].index))[0] for role in ANSWERS}
        counts = [count for count in answers.values() if count is not None]
        if len(counts) == len(ANSWERS):
            numerator = sum((answers[role] or Decimal(0) for role in SATISFIED), Decimal(0))
            denominator = sum(counts, Decimal(0))
    cell = Cell(*source, column_letters(column.index + 1))
    return Figure(*place, value, numerator, denominator, marker, cell)


def _factor(table: _Table, parts: dict[Role, Column]) -> Decimal:
    """100 where a column of percentages is stored as fractions of one, else 1.

    Believed only where headings or cells cannot show it otherwise: no value above one, and
    the counts beside them give rates a hundred times as large.
    """
    one, hundred = Decimal(1), Decimal(100)
    if "1,000" in parts[Role.VALUE].heading or "1000" in parts[Role.VALUE].heading:
        return one
    proof = 0
    for number, row in table.rows:
        figure = _figure(("", "", Population.ALL), parts, row, (table.sheet.name, number))
        if figure.value is None:
            continue
        if figure.value > one:
            return one
        if figure.numerator and figure.denominator and figure.value > 0:
            rate = figure.numerator / figure.denominator
            proof += 1 if abs(rate - figure.value) < abs(rate * hundred - figure.value) else -1
    return hundred if proof > 0 else one


def _scaled(figure: Figure, factor: Decimal) -> Figure:
    assert figure.value is not None
    return replace(figure, value=figure.value * factor)


def number_or_marker(cell: Any) -> tuple[Decimal | None, str]:
    """A cell's number, or what stands in its place: a marker's letter, or the words as given.

    >>> number_or_marker("[ x ]"), number_or_marker("82.4%"), number_or_marker(None)
    ((None, 'X'), (Decimal('82.4'), ''), (None, 'blank'))
    """
    if isinstance(cell, bool):
        return None, str(cell)
    if isinstance(cell, int | float | Decimal):
        number = Decimal(str(cell))
        return (number, "") if number.is_finite() else (None, str(cell))
    words = plain(cell)
    if not words:
        return None, "blank"
    if found := _MARKER.match(words):
        return None, found[1].upper()
    if _NUMBER.match(words):
        try:
            return Decimal(words.rstrip("% ").replace(",", "")), ""
        except InvalidOperation:
            return None, words
    return None, words


def _at(row: Sequence[Any], index: int) -> Any:
    return row[index] if index < len(row) else ""


# Tables without results: who is not included, and why


def _read_notes(table: _Table, contents: Contents) -> None:
    kind = "perception" if "perception" in table.sheet.name.lower() else "management"
    for number, row in table.rows:
        landlord = _landlord(table, number, row, contents)
        if landlord is None or table.notes is None:
            continue
        note = plain(_at(row, table.notes))
        if note and not _MARKER.match(note):
            landlord.not_included.append((kind, note))


def _no_results(path: Path, sheets: list[Sheet], tables: list[_Table]) -> InvalidInput:
    names = ", ".join(sheet.name for sheet in sheets[:12]) or "-"
    if len(sheets) > 12:
        names += ", ..."
    found: Message
    if tables:
        found = _(
            "%(name)s has tables of landlords (%(tables)s) but no measure's results in them;"
            " its sheets: %(sheets)s.",
            name=path.name,
            tables=", ".join(table.sheet.name for table in tables),
            sheets=names,
        )
    else:
        found = _(
            "%(name)s is an Excel workbook without a table of landlords; its sheets: %(sheets)s.",
            name=path.name,
            sheets=names,
        )
    return InvalidInput(
        found,
        _(
            "Looked for: a heading row with “Landlord name” and “Landlord code”, and columns that"
            " name a measure (TP01 to TP12, RP01, RP02, BS01 to BS05, NM01, CH01, CH02), as in the"
            " sheets TSM25_LCRA_Perception and TSM25_Management_Info."
        ),
        _("Give the full data set of the Tenant Satisfaction Measures as published."),
    )
