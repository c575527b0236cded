"""Opening an Excel workbook that came from somebody else, without trusting it.

A workbook is a zip of XML. Before a reader is let loose on it, its parts are inflated piece
by piece under a limit (sizes stated in a zip may lie), and the area its cells span and the
text they repeat are measured, since a file of a few kilobytes can claim a sheet of
seventeen thousand million cells.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from kloe.core.errors import EnvironmentFault, InvalidInput, NotFound
from kloe.core.messages import Message, _

FILE_LIMIT = 64 << 20
INFLATED_LIMIT = 192 << 20
PARTS_LIMIT = 2_000
CELLS_LIMIT = 4_000_000
TEXT_LIMIT = 256 << 20
PIECE = 1 << 18

_CELL = re.compile(rb"""<(?:\w+:)?c\b[^>]*?\br\s*=\s*["']([A-Z]{1,3})([0-9]{1,7})["']""")
_ROW = re.compile(rb"""<(?:\w+:)?row\b[^>]*?\br\s*=\s*["']([0-9]{1,7})["']""")
_SHARED = re.compile(rb"""\bt\s*=\s*["']s["'][^>]*>\s*<(?:\w+:)?v>\s*([0-9]{1,9})""")
_SHARED_END = re.compile(rb"</(?:\w+:)?si>")
_LOCAL_HEADER = struct.Struct("<4s5H3I2H")

_OTHER_FORMATS = (
    (b"%PDF", _("a PDF document")),
    (b"PAR1", _("a Parquet file")),
    (b"\x89PNG", _("a picture")),
    (b"\xff\xd8\xff", _("a picture")),
    (b"\x1f\x8b", _("a gzip archive")),
    (b"{\\rtf", _("a rich text document")),
    (b"<", _("a web page or XML document")),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet's name and its rows from the very first, so that row numbers are Excel's."""

    name: str
    rows: list[list[Any]]


def read_sheets(path: Path) -> list[Sheet]:
    """Every sheet of the workbook, in its order.

    :raises NotFound: where there is no such file.
    :raises InvalidInput: where the file is no workbook, is locked, or is built to do harm.
    """
    _check_file(path)
    from python_calamine import CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(str(path))
        return [
            Sheet(name, book.get_sheet_by_name(name).to_python(skip_empty_area=False))
            for name in book.sheet_names
        ]
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:  # the reader's own panics are no Exceptions
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise _damaged(path, reason) from error


def _check_file(path: Path) -> None:
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise _not_a_workbook(path, _("a folder"))
        with path.open("rb") as file:
            head = file.read(1 << 16)
    except FileNotFoundError as error:
        raise NotFound(
            _("There is no file %(path)s.", path=path),
            "",
            _("Check the path and the spelling of the name."),
        ) from error
    except OSError as error:
        raise EnvironmentFault(
            _("The file %(path)s cannot be read: %(why)s.", path=path, why=error.strerror or error),
            "",
            _("Check its permissions, and that no other program has locked it."),
        ) from error
    if size == 0:
        raise _not_a_workbook(path, _("an empty file"))
    if size > FILE_LIMIT:
        raise _too_large(path, _("%(n)d MB on disk", n=size >> 20))
    _check_kind(path, head)
    try:
        with zipfile.ZipFile(path) as archive, path.open("rb") as raw:
            _check_parts(path, archive, raw)
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError) as error:
        raise _damaged(path, str(error)) from error


def _check_kind(path: Path, head: bytes) -> None:
    if head.startswith(b"PK\x03\x04"):
        return
    if head.startswith(_OLE):
        # Excel wraps a workbook with a password in the container of its older format.
        if "EncryptedPackage".encode("utf-16-le") in head or _holds(path, "EncryptedPackage"):
            raise InvalidInput(
                _("The workbook %(name)s is locked with a password.", name=path.name),
                _("kloe reads the workbook as the regulator publishes it, unlocked."),
                _("Open it in Excel, remove the password, save it, and import that file."),
            )
        raise _not_a_workbook(path, _("an older Excel file (.xls)"))
    stripped = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    for start, words in _OTHER_FORMATS:
        if stripped.startswith(start):
            raise _not_a_workbook(path, words)
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.end < len(head) - 4 or b"\x00" in head:
            raise _not_a_workbook(path, _("a file of another kind")) from error
    if b"\x00" in head:
        raise _not_a_workbook(path, _("a file of another kind"))
    raise _not_a_workbook(path, _("a text file, perhaps CSV"))


def _holds(path: Path, words: str) -> bool:
    return words.encode("utf-16-le") in path.read_bytes()


def _check_parts(path: Path, archive: zipfile.ZipFile, raw: BinaryIO) -> None:
    parts = archive.infolist()
    names = {part.filename for part in parts}
    if len(parts) > PARTS_LIMIT:
        raise _too_large(path, _("%(n)d parts", n=len(parts)))
    if "xl/workbook.xml" not in names:
        kind = (
            _("a Word document")
            if "word/document.xml" in names
            else _("an OpenDocument file")
            if "mimetype" in names
            else _("a binary Excel file (.xlsb)")
            if "xl/workbook.bin" in names
            else _("a zip archive")
        )
        raise _not_a_workbook(path, kind)
    total = 0
    lengths: list[int] = []
    repeated: list[bytes] = []
    for part in parts:
        if part.flag_bits & 1:
            raise _damaged(path, f"{part.filename} is encrypted")
        kept: list[bytes] = []
        for piece in _inflate(part, raw):
            total += len(piece)
            if total > INFLATED_LIMIT:
                raise _too_large(path, _("more than %(n)d MB once unpacked", n=total >> 20))
            kept.append(piece)
        # A workbook may keep its sheets and texts in parts of any name: all are looked at.
        xml = b"".join(kept)
        if xml[:2] in (b"\xff\xfe", b"\xfe\xff"):
            xml = xml.decode("utf-16", errors="replace").encode()
        ends = _SHARED_END.split(xml)
        if len(ends) > len(lengths):
            lengths = [len(text) for text in ends]
        _check_area(path, part.filename, xml)
        repeated += _SHARED.findall(xml)
    text = sum(lengths[i] for i in map(int, repeated) if i < len(lengths))
    if text > TEXT_LIMIT:
        raise _too_large(path, _("%(n)d MB of text in its cells", n=text >> 20))


def _inflate(part: zipfile.ZipInfo, raw: BinaryIO) -> Iterator[bytes]:
    """The part's content in pieces, however much it says it holds."""
    raw.seek(part.header_offset)
    header = _LOCAL_HEADER.unpack(raw.read(_LOCAL_HEADER.size))
    if header[0] != b"PK\x03\x04":
        raise zipfile.BadZipFile("a part does not begin where the list of parts says")
    raw.seek(header[9] + header[10], 1)
    left = part.compress_size
    if part.compress_type == zipfile.ZIP_STORED:
        while left > 0 and (data := raw.read(min(PIECE, left))):
            left -= len(data)
            yield data
        return
    if part.compress_type != zipfile.ZIP_DEFLATED:
        raise zipfile.BadZipFile("a part is packed in a way Excel does not use")
    unpack = zlib.decompressobj(-15)
    while left > 0 and not unpack.eof and (data := raw.read(min(PIECE, left))):
        left -= len(data)
        while data and not unpack.eof:
            yield unpack.decompress(data, PIECE)
            data = unpack.unconsumed_tail
    yield unpack.flush()


def _check_area(path: Path, part: str, xml: bytes) -> None:
    cells = _CELL.findall(xml)
    columns = max(
        (column_number(c.decode()) for c in {letters for letters, _row in cells}), default=1
    )
    rows = max((int(row) for row in [*(row for _c, row in cells), *_ROW.findall(xml)]), default=1)
    if rows * columns > CELLS_LIMIT:
        found = _(
            "%(rows)d rows by %(columns)d columns in %(part)s",
            rows=rows,
            columns=columns,
            part=part,
        )
        raise _too_large(path, found)


def column_number(letters: str) -> int:
    """1 for A, 27 for AA."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(number: int) -> str:
    """A for 1, AA for 27."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _not_a_workbook(path: Path, found: Message) -> InvalidInput:
    return InvalidInput(
        _("%(name)s is %(found)s.", name=path.name or path, found=found),
        _("An Excel workbook (.xlsx) with the Tenant Satisfaction Measures is looked for."),
        _("Give the full data set as the Regulator of Social Housing publishes it."),
    )


def _damaged(path: Path, why: str) -> InvalidInput:
    return InvalidInput(
        _("The workbook %(name)s cannot be read: %(why)s.", name=path.name, why=why.rstrip(".")),
        _("An Excel workbook (.xlsx) with the Tenant Satisfaction Measures is looked for."),
        _("Fetch the file again; a download may have broken off."),
    )


def _too_large(path: Path, found: Message) -> InvalidInput:
    return InvalidInput(
        _("The workbook %(name)s is too large: %(found)s.", name=path.name, found=found),
        _(
            "At most %(disk)d MB on disk, %(inflated)d MB unpacked and %(cells)d cells a sheet are"
            " read, far more than the published workbook has.",
            disk=FILE_LIMIT >> 20,
            inflated=INFLATED_LIMIT >> 20,
            cells=CELLS_LIMIT,
        ),
        _("Give the full data set as the Regulator of Social Housing publishes it."),
    )
