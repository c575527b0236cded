"""Text with delimiters: its header, and its records in pieces that end where a record ends.

DuckDB reads each piece whole. Where it cannot, or finds another number of records than there are
lines (quoted line ends, blank lines, rows too short or too long), the piece is read again record
by record, so that every record keeps its true line and what is wrong with it is said.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kloe.core.messages import Message, _
from kloe.records.extracts.files import SourceFile
from kloe.records.extracts.names import Wanted, tidy
from kloe.records.extracts.pieces import LINE, Fault, Piece, Unreadable, quoted
from kloe.records.extracts.stream import blocks
from kloe.records.mapping_model import Header, SourceMap

PIECE = 64 << 20
#: With columns that become rows a piece grows; so it begins smaller.
UNPIVOTED = 8 << 20
HEAD = 4 << 20
#: What the engine reads at once by each thread.
BUFFER = 8 << 20
#: Longer lines are no records.
LONGEST = 1 << 20
_DELIMITERS = (",", ";", "\t", "|", "~", "^")
_SHOWN = 200
#: Spaces that are no ASCII: no-break and zero-width space.
WIDE_SPACES = (b"\xc2\xa0", b"\xe2\x80\x8b", b"\xef\xbb\xbf")
#: Looked at at once: what fits beside its results into the second cache.
_SLICE = 1 << 17


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the records are written."""

    delimiter: str
    quote: str

    def reader(self, lines: Iterator[str]) -> Iterator[list[str]]:
        """Records of some lines, by the rules of the Python library."""
        return csv.reader(lines, delimiter=self.delimiter, quotechar=self.quote)

    def ends_open(self, text: str) -> bool:
        """Whether a record ends within quotes."""
        try:
            for _record in csv.reader(
                io.StringIO(text, newline=""),
                delimiter=self.delimiter,
                quotechar=self.quote,
                strict=True,
            ):
                pass
        except csv.Error as error:
            return "unexpected end" in str(error)
        return False


class TextExtract:
    """A text file, opened: names of its columns, and pieces to read once."""

    def __init__(self, file: SourceFile, source: SourceMap, wanted: Wanted, work: Path) -> None:
        self.file = file
        self.work = work
        self.remarks: list[Message] = []
        self._size = UNPIVOTED if source.unpivot else PIECE
        self._blocks = blocks(file, source.csv.encoding)
        head = bytearray()
        while len(head) < HEAD and (block := next(self._blocks, None)):
            head += block
        if not head.strip():
            raise Unreadable(
                file.shown, _("The file is empty."), _("Export it again, or take it away.")
            )
        self._bare = b"\n" not in head and b"\r" in head
        if self._bare:
            head = bytearray(bytes(head).replace(b"\r", b"\n"))
        text = bytes(head).decode("utf-8", "ignore")
        self.dialect = _dialect(text, source, wanted)
        self.names, at, self._line = _header(file, text, source.header, self.dialect)
        self._rest = bytes(head)[at:]
        self.typed = False

    @property
    def size(self) -> int:
        """Bytes of the file, for progress."""
        return self.file.size

    def pieces(self) -> Iterator[Piece]:
        """The records in pieces, each in a file of its own that is taken away when it is done."""
        line = self._line
        number = 0
        for data, ends, last in _cut(self._all(), self._size, self.dialect, self.file, line):
            if data and not data.isspace():
                number += 1
                yield self._piece(data, ends, line, number, last)
            line += ends
        if not number:
            raise Unreadable(
                self.file.shown,
                _("The file has a header but no rows."),
                _("Export it again, or take it out of the folder."),
            )

    def _all(self) -> Iterator[bytes]:
        yield self._rest
        self._rest = b""
        for block in self._blocks:
            yield block.replace(b"\r", b"\n") if self._bare else block

    def _piece(self, data: bytes, ends: int, line: int, number: int, last: bool) -> Piece:
        path = self.work / f"piece-{number}.csv"
        path.write_bytes(data)
        plain = b"\r" not in data or data.count(b"\r") == data.count(b"\r\n")
        records = ends + (not data.endswith(b"\n"))
        if last and not data.endswith(b"\n"):
            self.remarks.append(
                _(
                    "%(file)s does not end with a line end: its last row may be cut off.",
                    file=self.file.shown,
                )
            )

        def exact() -> Piece:
            return self._exact(path, line, len(data), last)

        if not plain or len(self.names) == 1:
            return exact()
        return Piece(
            relation=_relation(path, len(self.names), self.dialect),
            first=line,
            lined=False,
            bytes=len(data),
            records=records,
            trim=_spaced(data, self.dialect),
            exact=exact,
            done=lambda: path.unlink(missing_ok=True),
        )

    def _exact(self, path: Path, first: int, size: int, last: bool) -> Piece:
        """The same piece with the line before each record, those that cannot be read set aside."""
        clean = path.with_suffix(".lines.csv")
        faults: list[Fault] = []
        width = len(self.names)
        csv.field_size_limit(4 * LONGEST)
        with (
            path.open(encoding="utf-8", newline="") as lines,
            clean.open("w", encoding="utf-8", newline="") as out,
        ):
            writer = csv.writer(out, lineterminator="\n")
            for line, record, open_end in self._records(lines, first, faults):
                if len(record) == width and not open_end:
                    writer.writerow((line, *record))
                elif last and open_end is not None and (open_end or len(record) < width):
                    raise Unreadable(
                        f"{self.file.shown}:{line}",
                        _("The file ends within quotation marks: it is cut off, or one is missing.")
                        if open_end
                        else _("The file ends in the middle of a row: it is cut off."),
                        _("Export or copy the file again; nothing of it was loaded."),
                    )
                else:
                    rule = "too few values" if len(record) < width else "too many values"
                    shown = self.dialect.delimiter.join(record)[:_SHOWN]
                    faults.append(Fault(line, rule, shown))
        path.unlink(missing_ok=True)
        return Piece(
            relation=_relation(clean, width, Dialect(",", '"'), lined=True),
            first=first,
            lined=True,
            bytes=size,
            faults=tuple(faults),
            done=lambda: clean.unlink(missing_ok=True),
        )

    def _records(
        self, lines: io.TextIOBase | io.TextIOWrapper, first: int, faults: list[Fault]
    ) -> Iterator[tuple[int, list[str], bool | None]]:
        """Line, values, and for the very last record whether it ends within quotes.

        The last entry is ``None`` for a record that ends with a line end of its own.
        """
        begun = first
        count = first - 1
        raw: list[str] = []

        def fed() -> Iterator[str]:
            nonlocal count
            for line in lines:
                count += 1
                if len(line) > LONGEST:
                    faults.append(Fault(count, "line too long", line[:_SHOWN]))
                    continue
                raw.append(line)
                yield line

        for record in self.dialect.reader(fed()):
            text = "".join(raw)
            raw.clear()
            complete = text.endswith(("\n", "\r"))
            many = count > begun
            ended: bool | None = None
            if not complete or many:
                open_end = self.dialect.ends_open(text)
                ended = open_end if (open_end or not complete) else None
            if record:
                yield begun, record, ended
            begun = count + 1


def _relation(path: Path, width: int, dialect: Dialect, *, lined: bool = False) -> str:
    columns = ([f"'{LINE}': 'BIGINT'"] if lined else []) + [
        f"'c{n}': 'VARCHAR'" for n in range(width)
    ]
    return (
        f"read_csv({quoted(str(path))}, header = false, auto_detect = false,"
        f" delim = {quoted(dialect.delimiter)}, quote = {quoted(dialect.quote)},"
        f" escape = {quoted(dialect.quote)}, max_line_size = {8 * LONGEST},"
        f" buffer_size = {BUFFER}, columns = {{{', '.join(columns)}}})"
    )


def _spaced(data: bytes, dialect: Dialect) -> bool:
    """Whether any value may begin or end with a space.

    Most extracts have none, and taking off what is not there would cost a third of the reading.
    """
    import numpy as np

    if not data.isascii() and any(mark in data for mark in WIDE_SPACES):
        return True
    if data[:1] in (b" ", b"\t") or data[-1:] in (b" ", b"\t"):
        return True
    delimiter, quote = ord(dialect.delimiter), ord(dialect.quote)
    every = np.frombuffer(data, dtype=np.uint8)
    for start in range(0, len(every), _SLICE):
        part = every[start : start + _SLICE + 1]
        space = part == 32
        if delimiter != 9:
            space |= part == 9
        if not space.any():
            continue
        edge = (part == delimiter) | (part == 10) | (part == 13) | (part == quote)
        if (space[1:] & edge[:-1]).any() or (space[:-1] & edge[1:]).any():
            return True
    return False


def _dialect(text: str, source: SourceMap, wanted: Wanted) -> Dialect:
    quote = source.csv.quote or '"'
    if source.csv.delimiter:
        return Dialect(source.csv.delimiter, quote)
    best, score = ",", (-1, -1)
    for delimiter in _DELIMITERS:
        rows = _rows(text, source.header, Dialect(delimiter, quote))
        names = _names(rows, source.header) if rows else ()
        found = (wanted.among(names), len(names))
        if found > score:
            best, score = delimiter, found
    return Dialect(best, quote)


def _rows(text: str, header: Header, dialect: Dialect) -> list[list[str]]:
    rows: list[list[str]] = []
    try:
        for row in dialect.reader(iter(io.StringIO(text, newline=""))):
            rows.append(row)
            if len(rows) >= header.data - 1:
                break
    except csv.Error:
        return []
    return rows


def _names(rows: list[list[str]], header: Header) -> tuple[str, ...]:
    return joined_names([rows[n - 1] for n in header.rows if n <= len(rows)], header)


def joined_names(rows: list[list[str]], header: Header) -> tuple[str, ...]:
    """Names of the columns from the cells of the header rows."""
    if header.names is not None:
        at = header.rows.index(header.names)
        return tuple(tidy(cell) for cell in rows[at]) if at < len(rows) else ()
    width = max((len(r) for r in rows), default=0)
    above: list[list[str]] = []
    for row in rows:
        cells = [tidy(cell) for cell in row] + [""] * (width - len(row))
        if row is not rows[-1]:
            # A heading over several columns stands in the first of them only.
            for n in range(1, width):
                cells[n] = cells[n] or cells[n - 1]
        above.append(cells)
    return tuple(" ".join(filter(None, cells)) for cells in zip(*above, strict=True))


def _header(
    file: SourceFile, text: str, header: Header, dialect: Dialect
) -> tuple[tuple[str, ...], int, int]:
    """Names, the byte at which the data begins, and its line."""
    lines = io.StringIO(text, newline="")
    read = 0

    def fed() -> Iterator[str]:
        nonlocal read
        for line in lines:
            if len(line) > LONGEST:
                raise Unreadable(
                    file.shown,
                    _("The header is longer than %(n)d characters.", n=LONGEST),
                    _("The file is no table of rows, or its line ends are missing."),
                )
            read += 1
            yield line

    rows: list[list[str]] = []
    csv.field_size_limit(4 * LONGEST)
    for row in dialect.reader(fed()):
        rows.append(row)
        if len(rows) == header.data - 1:
            break
    if len(rows) < header.rows[-1]:
        raise Unreadable(
            file.shown,
            _("The header should stand in row %(n)d; the file ends before.", n=header.rows[-1]),
            _("Correct “header: {rows: [...]}” in the mapping."),
        )
    at = 0
    lines.seek(0)
    for _n in range(read):
        at += len(lines.readline().encode())
    return _names(rows, header), at, read + 1


# Cutting where a record ends


def _cut(
    source: Iterator[bytes], size: int, dialect: Dialect, file: SourceFile, line: int
) -> Iterator[tuple[bytes, int, bool]]:
    """Blocks gathered to pieces of about ``size`` that end with a record, their line ends counted.

    The third entry says of the last piece that it is.

    Quotes come in pairs, so a line end after an even number of them ends a record. Where stray
    quotes break that, the records are counted one by one.
    """
    quote = dialect.quote.encode()
    held: list[bytes] = []
    length = quotes = 0
    for block in source:
        held.append(block)
        length += len(block)
        quotes += _count(block, quote)
        if length < size:
            continue
        # Nearly always the last block has such a line end: then nothing is copied twice.
        at = _even(block, quote, quotes)
        if at:
            data, rest = b"".join([*held[:-1], memoryview(block)[:at]]), block[at:]
        else:
            data = b"".join(held)
            at = _even(data, quote, quotes) or _counted(data, dialect)
            data, rest = data[:at], data[at:]
        if at:
            ends = data.count(b"\n")
            yield data, ends, False
            line += ends
        elif length > 2 * size + HEAD:
            raise Unreadable(
                f"{file.shown}:{line}",
                _("The row that begins here does not end within %(n)d bytes.", n=length),
                _("A quotation mark is missing, or the file is no table of rows."),
            )
        held, length, quotes = [rest], len(rest), _count(rest, quote)
    data = b"".join(held)
    yield data, data.count(b"\n"), True


def _count(data: bytes, mark: bytes) -> int:
    # To find that there is none is five times as fast as to count none.
    return data.count(mark) if mark in data else 0


def _even(data: bytes, quote: bytes, total: int) -> int:
    """After which line end of ``data`` an even number of the ``total`` quotes up to its end lies.

    Nought where none of its last thousand is such.
    """
    at = len(data)
    after = 0
    for _n in range(1000):
        end = at
        at = data.rfind(b"\n", 0, end)
        if at < 0:
            return 0
        after += data.count(quote, at + 1, end)
        if (total - after) % 2 == 0:
            return at + 1
    return 0


def _counted(data: bytes, dialect: Dialect) -> int:
    """Where the last record but one ends, reading one by one."""
    text = data.decode("utf-8", "ignore")
    ends: list[int] = [0, 0]
    read = 0

    def fed() -> Iterator[str]:
        nonlocal read
        for line in io.StringIO(text, newline=""):
            read += len(line.encode())
            yield line

    csv.field_size_limit(1 << 31)
    for _record in dialect.reader(fed()):
        ends = [ends[1], read]
    return ends[0]
