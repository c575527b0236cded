"""Workbooks: one sheet as pieces of text, with the row each record stands on.

Values of formulas are taken as the spreadsheet last computed them. Cells with errors (#REF!) are
given as what they show, so that they are rejected: the reader itself would show them as empty.
"""

from __future__ import annotations

import csv
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from kloe.core.messages import Message, _
from kloe.records.extracts.files import SourceFile
from kloe.records.extracts.names import Wanted
from kloe.records.extracts.pieces import LINE, Piece, Unreadable, quoted
from kloe.records.extracts.text import joined_names
from kloe.records.mapping_model import SourceMap

#: What a workbook may hold; beyond, it is saved as CSV instead.
INFLATED = 512 << 20
RATIO = 200
SMALL = 16 << 20
CELLS = 8_000_000
PARTS = 2_000
#: Rows in a piece.
ROWS = 100_000
_BLOCK = 1 << 18
_LOCAL = struct.Struct("<4s5H3I2H")
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]{0,400})>")
_PLACE = re.compile(rb"\br\s*=\s*[\"']([A-Z]{1,3})([0-9]{1,7})[\"']")
_ERROR = re.compile(rb"\bt\s*=\s*[\"']e[\"']")
_SHOWN = re.compile(rb"<(?:\w+:)?v>([^<]{1,40})</")
_OVERLAP = 4096


class ExcelExtract:
    """A sheet of a workbook, opened."""

    def __init__(self, file: SourceFile, source: SourceMap, wanted: Wanted, work: Path) -> None:
        self.file = file
        self.work = work
        self.remarks: list[Message] = []
        self.typed = True
        self._decimal = source.numbers.decimal
        self._header = source.header
        parts = _proved(file)
        sheet = self._open(source.sheet, wanted)
        self._errors = parts.get(self._part(), {})
        self._rows = enumerate(self._cells(sheet), start=1)
        head: dict[int, list[str]] = {}
        last = self._header.data - 1
        for n, row in self._rows:
            head[n] = row
            if n == last:
                break
        rows = [head[n] for n in self._header.rows if n in head]
        if not any(any(row) for row in head.values()):
            raise Unreadable(self._where, _("The sheet is empty."), _("Name another with “sheet”."))
        names = joined_names(rows, self._header) if rows else ()
        while names and not names[-1]:
            names = names[:-1]
        self.names = names

    @property
    def size(self) -> int:
        """Bytes of the file, for progress."""
        return self.file.size

    @property
    def _where(self) -> str:
        return f"{self.file.shown} [{self.sheet}]"

    def _open(self, name: str | None, wanted: Wanted) -> Any:
        from python_calamine import CalamineWorkbook

        try:
            book = CalamineWorkbook.from_path(str(self.file.path))
            names = [m.name for m in book.sheets_metadata if "WorkSheet" in str(m.typ)]
            if name is None and len(names) > 1:
                raise Unreadable(
                    self.file.shown,
                    _("It has several sheets: %(all)s.", all=", ".join(names)),
                    _("Name the one to read in the mapping: “sheet: ...”."),
                )
            self.sheet = name if name is not None else (names or [""])[0]
            if self.sheet not in names:
                raise Unreadable(
                    self.file.shown,
                    _("It has no sheet “%(name)s”, but: %(all)s.", name=self.sheet,
                      all=", ".join(names)),
                    _("Correct “sheet” in the mapping."),
                )  # fmt: skip
            sheet = book.get_sheet_by_name(self.sheet)
        except (Unreadable, KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # the reader's own panics are no Exceptions
            raise _damaged(self.file, error) from error
        if sheet.total_height * max(sheet.total_width, 1) > CELLS:
            raise _too_large(self.file)
        self._offset = sheet.start[1] if sheet.start else 0
        return sheet

    def _part(self) -> str:
        """The part of the zip that holds the sheet."""
        try:
            with zipfile.ZipFile(self.file.path) as book:
                return _part_of(book, self.sheet)
        except (KeyError, ParseError, zipfile.BadZipFile) as error:
            raise _damaged(self.file, error) from error

    def _cells(self, sheet: Any) -> Iterator[list[str]]:
        for n, row in enumerate(sheet.iter_rows(), start=1):
            cells = [self._text(v) for v in row]
            for column, shown in self._errors.get(n, ()):
                at = column - self._offset
                if 0 <= at < len(cells):
                    cells[at] = shown
            yield cells

    def _text(self, value: Any) -> str:
        """A cell's value as text: whole numbers without a point, days as year-month-day."""
        if isinstance(value, str):
            return value
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, float):
            text = str(int(value)) if value.is_integer() else repr(value)
            return text.replace(".", self._decimal)
        if isinstance(value, datetime):
            return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
        if isinstance(value, date):
            return value.isoformat()
        return "" if value is None else str(value)

    def pieces(self) -> Iterator[Piece]:
        """The rows in pieces, each in a file of its own that is taken away when it is done."""
        width = len(self.names)
        total = 0
        for number in range(1, 1 << 30):
            path = self.work / f"rows-{number}.csv"
            count = seen = 0
            with path.open("w", encoding="utf-8", newline="") as out:
                writer = csv.writer(out, lineterminator="\n")
                for n, row in self._rows:
                    seen += 1
                    cells = [*row[:width], *([""] * (width - len(row)))]
                    if any(cells):
                        writer.writerow((n, *cells))
                        count += 1
                    if seen == ROWS:
                        break
            total += count
            if count:
                columns = [f"'{LINE}': 'BIGINT'", *(f"'c{n}': 'VARCHAR'" for n in range(width))]
                yield Piece(
                    relation=(
                        f"read_csv({quoted(str(path))}, header = false, auto_detect = false,"
                        " delim = ',', quote = '\"', escape = '\"', max_line_size = 8388608,"
                        f" buffer_size = 16777216, columns = {{{', '.join(columns)}}})"
                    ),
                    first=1,
                    lined=True,
                    bytes=0,
                    records=count,
                    done=partial(path.unlink, missing_ok=True),
                )
            if seen < ROWS:
                break
        if not total:
            raise Unreadable(
                self._where,
                _("The sheet has a header but no rows."),
                _("Export it again, or take it out of the folder."),
            )


def _damaged(file: SourceFile, error: BaseException) -> Unreadable:
    words = " ".join(str(error).split())[:200] or type(error).__name__
    return Unreadable(
        file.shown,
        _("The workbook cannot be read (%(words)s).", words=words),
        _("Open it in a spreadsheet, remove a password, and save it again as .xlsx."),
    )


def _too_large(file: SourceFile) -> Unreadable:
    return Unreadable(
        file.shown,
        _("The workbook holds more than kloe takes from one, or is a trap."),
        _("Save the sheet as CSV: that may have any size."),
    )


def _proved(file: SourceFile) -> dict[str, dict[int, list[tuple[int, str]]]]:
    """Unpack every part under a limit before a reader does; give the cells with errors by part."""
    found: dict[str, dict[int, list[tuple[int, str]]]] = {}
    grown = 0
    try:
        with zipfile.ZipFile(file.path) as book, file.path.open("rb") as raw:
            entries = book.infolist()
            if len(entries) > PARTS:
                raise _too_large(file)
            for entry in entries:
                cells: dict[int, list[tuple[int, str]]] = {}
                tail = b""
                sheet = "worksheets/" in entry.filename
                for block in _inflated(raw, entry):
                    grown += len(block)
                    if grown > INFLATED or grown > max(SMALL, RATIO * file.size):
                        raise _too_large(file)
                    if sheet:
                        tail = _find_errors(tail + block, cells)
                if sheet:
                    _find_errors(tail + b" " * _OVERLAP * 2, cells)
                found[entry.filename] = cells
    except (zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError) as error:
        raise _damaged(file, error) from error
    return found


def _inflated(raw: Any, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The bytes of a part, however many its header claims."""
    raw.seek(entry.header_offset)
    fields = _LOCAL.unpack(raw.read(_LOCAL.size))
    raw.seek(fields[9] + fields[10], 1)
    left = entry.compress_size
    if entry.flag_bits & 1 or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise zipfile.BadZipFile("encrypted or packed in an unknown way")
    unpack = zlib.decompressobj(-15) if entry.compress_type == zipfile.ZIP_DEFLATED else None
    while left > 0 and (block := raw.read(min(_BLOCK, left))):
        left -= len(block)
        if unpack is None:
            yield block
            continue
        while block and not unpack.eof:
            yield unpack.decompress(block, _BLOCK)
            block = unpack.unconsumed_tail


def _find_errors(data: bytes, cells: dict[int, list[tuple[int, str]]]) -> bytes:
    """Note the cells with errors in a block; give what has to be looked at with the next."""
    end = max(len(data) - _OVERLAP, 0)
    if b'"e"' in data or b"'e'" in data:
        for cell in _CELL.finditer(data):
            if cell.start() >= end:
                break
            if _ERROR.search(cell[1]) and (place := _PLACE.search(cell[1])):
                shown = _SHOWN.search(data, cell.end(), cell.end() + _OVERLAP // 2)
                column = 0
                for letter in place[1]:
                    column = column * 26 + letter - 64
                words = shown[1].decode("utf-8", "replace") if shown else "#ERROR"
                cells.setdefault(int(place[2]), []).append((column - 1, words))
    return data[end:]


def _part_of(book: zipfile.ZipFile, sheet: str) -> str:
    from xml.etree.ElementTree import fromstring

    relation = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
    strict = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
    workbook = fromstring(_small(book, "xl/workbook.xml"))  # noqa: S314 - no definitions in it
    wanted = next(
        (
            e.get(relation) or e.get(strict)
            for e in workbook.iter()
            if e.tag.endswith("}sheet") and e.get("name") == sheet
        ),
        None,
    )
    for e in fromstring(_small(book, "xl/_rels/workbook.xml.rels")).iter():  # noqa: S314
        if e.get("Id") == wanted:
            target = e.get("Target", "")
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    raise KeyError(sheet)


def _small(book: zipfile.ZipFile, name: str) -> bytes:
    """A part that lists others: small, and without definitions that could grow."""
    data = book.read(name)
    if len(data) > SMALL or b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise zipfile.BadZipFile("a part with definitions of its own")
    return data
