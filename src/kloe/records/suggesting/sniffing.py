"""What a file is like: encoding, delimiter, header rows, sheets, and some of its rows.

Of a large file blocks from its beginning, middle and end are read, never the whole.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kloe.core.errors import InvalidInput, NotFound
from kloe.core.messages import _
from kloe.records.suggesting.content import Profile, as_text, profile

WHOLE = 4_000_000  # bytes up to which a text file is read whole
BLOCK = 700_000  # bytes of each block of a larger one
ROWS = 12_000  # rows looked at
TOP = 40  # rows among which the header is looked for
DELIMITERS = (",", ";", "\t", "|", "^", "~")
EXCEL = frozenset({".xlsx", ".xls", ".xlsm", ".xlsb", ".ods"})
PARQUET = frozenset({".parquet", ".pq"})
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"),
         (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip

Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class File:
    """A file to look at, and the name under which it was given."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class Heading:
    """A column as the file names it: the name, and what stands in further header rows."""

    name: str
    more: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        """Every heading of the column."""
        return (self.name, *self.more)


@dataclass(frozen=True, slots=True)
class Extract:
    """One file or sheet: how it is written, its headings, and what its columns hold."""

    files: tuple[str, ...]
    kind: str  # csv, excel, parquet
    headings: tuple[Heading, ...]
    rows: tuple[tuple[str, ...], ...]
    profiles: tuple[Profile, ...]
    header: tuple[int, ...] = (1,)
    names: int | None = 1
    data: int = 2
    delimiter: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    sampled: bool = False

    @property
    def title(self) -> str:
        """File and sheet, for people."""
        return ", ".join(self.files) + (f" ({self.sheet})" if self.sheet else "")

    def column(self, name: str) -> int:
        """The number of a column."""
        return next(i for i, h in enumerate(self.headings) if h.name == name)

    def values(self, i: int) -> Iterator[str]:
        """The values of a column in the rows that were read."""
        return (row[i] for row in self.rows)


def sniff(file: File) -> tuple[Extract, ...]:
    """Every table of a file: one for text and Parquet, one for each sheet of a workbook.

    :raises NotFound: where there is no such file.
    :raises InvalidInput: where nothing can be read from it.
    """
    if not file.path.is_file():
        raise NotFound(_("There is no file %(path)s.", path=file.path))
    suffix = Path(file.name).suffix.lower()
    if suffix in EXCEL:
        found = list(_workbook(file))
    elif suffix in PARQUET:
        found = [_parquet(file)]
    else:
        found = [_text(file)]
    if not found:
        raise InvalidInput(
            _("%(name)s holds no table.", name=file.name),
            _("It needs a row of column names and rows below it."),
            _("Look whether the extract was written completely."),
        )
    return tuple(found)


# Text


def _text(file: File) -> Extract:
    size = file.path.stat().st_size
    with file.path.open("rb") as stream:
        head = stream.read(min(size, WHOLE if size <= WHOLE else BLOCK))
        blocks = [head]
        if size > WHOLE:
            for start in (size // 2, size - BLOCK):
                stream.seek(start + start % 2)
                blocks.append(stream.read(BLOCK))
    if not head.strip(b"\0\r\n\t ,;"):
        raise InvalidInput(
            _("%(name)s is empty.", name=file.name), "", _("Extract it again.")
        )  # fmt: skip
    encoding = _encoding(head, whole=size <= WHOLE)
    delimiter = _delimiter(_decoded(head, encoding)[:200_000])
    rows = _rows(blocks, encoding, delimiter)
    name = "utf-8" if encoding == "utf-8-sig" else encoding
    made = _extract(rows, (file.name,), "csv", sampled=size > WHOLE)
    if made is None:
        raise InvalidInput(
            _("%(name)s holds no table.", name=file.name),
            _("It needs a row of column names and rows below it."),
            _("Look whether the extract was written completely."),
        )
    return replace(made, delimiter=delimiter, encoding=name)


def _rows(blocks: Sequence[bytes], encoding: str, delimiter: str) -> list[list[str]]:
    rows: list[list[str]] = []
    for i, block in enumerate(blocks):
        text = _decoded(block, encoding if i == 0 or encoding != "utf-8-sig" else "utf-8")
        if i > 0:
            text = text.partition("\n")[2]
        if len(blocks) > 1:
            text = text.rpartition("\n")[0]
        room = ROWS if len(blocks) == 1 else ROWS // len(blocks)
        width = Counter(map(len, rows[TOP:])).most_common(1)
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if room == 0:
                break
            if i > 0 and width and len(row) != width[0][0]:
                continue
            rows.append(row)
            room -= 1
    return rows


def _encoding(head: bytes, *, whole: bool) -> str:
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name
    if head[1:200:2].count(0) > 0.8 * len(head[1:200:2]):
        return "utf-16-le"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final=whole)
    except UnicodeDecodeError:
        from charset_normalizer import from_bytes

        some = b"\n".join(line for line in head.splitlines() if not line.isascii())[:20_000]
        best = from_bytes(some, cp_isolation=["cp1252", "cp850", "mac_roman"]).best()
        return best.encoding if best is not None and best.encoding == "cp850" else "cp1252"
    return "utf-8"


def _decoded(block: bytes, encoding: str) -> str:
    return block.decode(encoding, errors="replace").replace("\0", "")


def _delimiter(text: str) -> str:
    lines = [line for line in text.splitlines()[:200] if line.strip()]
    best, found = 0.0, ","
    for delimiter in DELIMITERS:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter))
        widths.pop(0, None)
        if not widths:
            continue
        width, n = max(widths.items(), key=lambda w: (w[1] * (w[0] > 1), w[0]))
        score = n / len(lines) * min(width - 1, 8) ** 0.5 if width > 1 else 0.0
        if score > best:
            best, found = score, delimiter
    return found


# Workbooks and Parquet


def _workbook(file: File) -> Iterator[Extract]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(str(file.path))
        sheets = [
            (name, book.get_sheet_by_name(name).to_python(skip_empty_area=False))
            for name in book.sheet_names
        ]
    except (CalamineError, OSError, ValueError) as error:
        raise InvalidInput(
            _("The workbook %(name)s cannot be read (%(error)s).", name=file.name, error=error),
            "",
            _("Save it again as .xlsx, without a password."),
        ) from error
    for name, rows in sheets:
        made = _extract(rows[: ROWS + TOP], (file.name,), "excel", sampled=len(rows) > ROWS)
        if made is not None and len(made.headings) > 1:
            yield replace(made, sheet=name)


def _parquet(file: File) -> Extract:
    import pyarrow
    from pyarrow import parquet

    try:
        opened = parquet.ParquetFile(file.path)
        groups = opened.num_row_groups
        wanted = sorted({0, groups // 2, groups - 1}) if groups > 3 else range(groups)
        names = opened.schema_arrow.names
        rows: list[tuple[str, ...]] = []
        for group in wanted:
            batch = opened.read_row_group(group).slice(0, ROWS // 3).to_pydict()
            rows += zip(*([as_text(v) for v in batch[n]] for n in names), strict=True)
    except (pyarrow.ArrowException, OSError) as error:
        raise InvalidInput(
            _("The Parquet file %(name)s cannot be read (%(error)s).", name=file.name, error=error)
        ) from error
    return Extract(
        (file.name,), "parquet", tuple(Heading(n) for n in names), tuple(rows),
        tuple(profile(r[i] for r in rows) for i in range(len(names))), sampled=groups > 3,
    )  # fmt: skip


# Header rows


def _extract(
    raw: Sequence[Row], files: tuple[str, ...], kind: str, *, sampled: bool
) -> Extract | None:
    rows = [[as_text(c) for c in row] for row in raw]
    widths = Counter(_width(r) for r in rows if _width(r) > 1)
    if not widths:
        return None
    usual = max((w for w, n in widths.items() if n >= 0.05 * sum(widths.values())), default=0)
    top = next((i for i, r in enumerate(rows[:TOP]) if _is_header(r, usual)), None)
    if top is None:
        return None
    header = [top]
    below = next((i for i in range(top + 1, len(rows)) if any(rows[i])), None)
    if below is not None and _second_header(rows, top, below):
        header.append(below)
    elif top > 0 and _groups_over(rows[top - 1], rows[top]):
        header = [top - 1, top]
    data = header[-1] + 1
    while data < len(rows) and not any(rows[data]):
        data += 1
    width = max(len(rows[i]) for i in header)
    body = [tuple((r + [""] * width)[:width]) for r in rows[data:] if any(r)]
    named = [
        [*(" ".join(c.split()) for c in rows[i]), *[""] * (width - len(rows[i]))] for i in header
    ]
    headings, names = _headings(named, header, over=len(header) > 1 and header[0] < top)
    keep = [i for i in range(width) if headings[i].name or any(r[i] for r in body)]
    while keep and not headings[keep[-1]].name:
        keep.pop()
    return Extract(
        files=files,
        kind=kind,
        headings=tuple(headings[i] for i in keep),
        rows=tuple(tuple(r[i] for i in keep) for r in body),
        profiles=tuple(profile(r[i] for r in body) for i in keep),
        header=tuple(i + 1 for i in header),
        names=names,
        data=data + 1,
        sampled=sampled,
    )


def _headings(
    named: list[list[str]], header: list[int], *, over: bool
) -> tuple[list[Heading], int | None]:
    width = len(named[0])
    if over:
        groups, last = list(named[0]), ""
        for i, cell in enumerate(groups):
            last = cell or last
            groups[i] = last
        joined = [" ".join(p for p in (g, n) if p) for g, n in zip(groups, named[1], strict=True)]
        if len(set(named[1])) == len(named[1]):
            return [
                Heading(n, (j,)) for n, j in zip(named[1], joined, strict=True)
            ], header[1] + 1  # fmt: skip
        return [Heading(j) for j in joined], None
    chosen = max(
        range(len(named)),
        key=lambda k: (
            len({c for c in named[k] if c}),
            -sum(map(len, named[k])),
        ),
    )
    return [
        Heading(named[chosen][i], tuple(r[i] for k, r in enumerate(named) if k != chosen and r[i]))
        for i in range(width)
    ], header[chosen] + 1


def _width(row: Sequence[str]) -> int:
    return sum(bool(c) for c in row)


def _is_value(cell: str) -> bool:
    """Whether a cell reads as a number or a date."""
    found = profile((cell,))
    return found.numbers is not None or found.dates is not None


def _is_header(row: Sequence[str], usual: int) -> bool:
    filled = [c for c in row if c]
    if len(filled) < max(2, 0.7 * usual):
        return False
    values = sum(_is_value(c) for c in filled)
    return values <= 0.6 * len(filled) and not _is_value(filled[0]) and (
        len(set(filled)) >= 0.8 * len(filled) and values < len(filled) / 2
    )  # fmt: skip


def _second_header(rows: Sequence[Sequence[str]], top: int, below: int) -> bool:
    """Whether the row below the header names the columns as well."""
    first, second, data = rows[top], rows[below], rows[below + 1 : below + 200]
    filled = [c for c in second if c]
    if not data or len(filled) < 0.8 * _width(first) or len(set(filled)) < 0.95 * len(filled):
        return False
    if any(_is_value(c) for c in filled):
        return False
    seen = 0
    for i, cell in enumerate(second):
        beneath = [r[i] for r in data if i < len(r) and r[i]]
        if cell in beneath[:50]:
            return False
        seen += bool(beneath) and all(_is_value(c) for c in beneath[:20])
    return seen >= max(1, 0.1 * len(filled))


def _groups_over(above: Sequence[str], header: Sequence[str]) -> bool:
    """Whether the row above holds headings over groups of columns."""
    filled = [c for c in above if c]
    if len(filled) < 2 or len(filled) >= 0.8 * _width(header) or any(map(_is_value, filled)):
        return False
    return len(above) >= 0.5 * len(header)
