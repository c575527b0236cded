"""The bytes of a text file as UTF-8, unpacked, proved and in blocks, whatever it was written in."""

from __future__ import annotations

import codecs
import zlib
from collections.abc import Iterator

from kloe.core.messages import Message, _
from kloe.records.extracts.files import Kind, SourceFile
from kloe.records.extracts.pieces import Unreadable

BLOCK = 1 << 20
#: A gzip file may grow this much; rows of ledgers grow ten- to thirtyfold.
RATIO = 200
#: Below this size growth is not looked at.
SMALL = 64 << 20
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def blocks(file: SourceFile, encoding: str | None) -> Iterator[bytes]:
    """The file as blocks of UTF-8 without byte-order mark.

    Without an encoding, that of the byte-order mark, else UTF-8: nothing else is guessed.

    :raises Unreadable: where the bytes are not in that encoding, or the file is not text.
    """
    raw = _raw(file)
    first = next(raw, b"")
    marked = next((name for mark, name in _MARKS if first.startswith(mark)), None)
    name = marked or codecs.lookup(encoding or "utf-8").name
    if name in ("utf-8", "ascii"):
        yield from _proved(file, first.removeprefix(codecs.BOM_UTF8), raw, encoding)
    else:
        yield from _changed(file, first, raw, name)


def _raw(file: SourceFile) -> Iterator[bytes]:
    with file.path.open("rb") as source:
        if file.kind is not Kind.GZIP:
            while block := source.read(BLOCK):
                yield block
            return
        unpack = zlib.decompressobj(wbits=31)
        read = grown = 0
        try:
            while block := source.read(BLOCK):
                read += len(block)
                while block:
                    out = unpack.decompress(block, BLOCK)
                    grown += len(out)
                    if grown > max(SMALL, RATIO * read):
                        raise Unreadable(
                            file.shown,
                            _("It grows more than %(n)d-fold when it is unpacked.", n=RATIO),
                            _("If it is no trap, unpack it yourself and name the unpacked file."),
                        )
                    yield out
                    block = unpack.unconsumed_tail
                    if unpack.eof:
                        block = unpack.unused_data
                        if block:
                            unpack = zlib.decompressobj(wbits=31)
        except zlib.error as error:
            raise _damaged(file) from error
        if not unpack.eof:
            raise _damaged(file)


def _damaged(file: SourceFile) -> Unreadable:
    return Unreadable(
        file.shown,
        _("The archive is damaged or cut off."),
        _("Export or copy the file again."),
    )


def _no_text(file: SourceFile, line: int) -> Unreadable:
    return Unreadable(
        f"{file.shown}:{line}",
        _("There is a NUL byte: the file is not text, or is UTF-16."),
        _("If it is UTF-16, say so in the mapping: “csv: {encoding: utf-16}”."),
    )


def _proved(
    file: SourceFile, first: bytes, raw: Iterator[bytes], said: str | None
) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder("utf-8")()
    before = 0
    block = first
    while True:
        if b"\0" in block:
            raise _no_text(file, _line_at(file, before + block.index(b"\0")))
        following = next(raw, None)
        try:
            if decoder.getstate()[0] or not block.isascii():
                decoder.decode(block, final=following is None)
        except UnicodeDecodeError as error:
            at = _line_at(file, before + max(error.start, 0))
            raise Unreadable(
                f"{file.shown}:{at}",
                _("It is not %(encoding)s.", encoding=said or "UTF-8"),
                _likely(block[max(error.start - 2000, 0) : error.start + 2000]),
            ) from error
        if block:
            yield block
        before += len(block)
        if following is None:
            return
        block = following


def _line_at(file: SourceFile, offset: int) -> int:
    """The line of a byte, counted only where it is needed for a message."""
    line = 1
    for block in _raw(file):
        line += block.count(b"\n", 0, max(offset, 0))
        offset -= len(block)
        if offset <= 0:
            break
    return line


def _likely(sample: bytes) -> Message:
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_isolation=["cp1252", "cp1250", "latin_1", "cp850"]).best()
    name = best.encoding if best else "cp1252"
    return _(
        "Say the encoding in the mapping: “csv: {encoding: %(name)s}” looks likely.", name=name
    )


def _changed(file: SourceFile, first: bytes, raw: Iterator[bytes], name: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(name)()
    line = 1
    wide = name.startswith(("utf-16", "utf-32"))
    #: Whether everything that is not ASCII would be UTF-8 too: then it was not cp1252.
    doubtful: bool | None = None
    block: bytes | None = first
    while block is not None:
        if not wide and b"\0" in block:
            raise _no_text(file, line + block[: block.index(b"\0")].count(b"\n"))
        following = next(raw, None)
        try:
            text = decoder.decode(block, final=following is None)
        except UnicodeDecodeError as error:
            at = line + (0 if wide else block[: error.start].count(b"\n"))
            raise Unreadable(
                f"{file.shown}:{at}",
                _("It is not %(encoding)s.", encoding=name),
                _("Say the right encoding in the mapping, or leave it out for UTF-8."),
            ) from error
        if not wide and doubtful is not False and not block.isascii():
            doubtful = _utf8(block)
        line += text.count("\n")
        if "\0" in text:
            raise _no_text(file, line)
        if text:
            yield text.encode()
        block = following
    if doubtful:
        raise Unreadable(
            file.shown,
            _("The mapping says %(encoding)s, but the file is UTF-8.", encoding=name),
            _("Leave “encoding” out of the mapping, or say utf-8."),
        )


def _utf8(block: bytes) -> bool:
    """Whether a block is UTF-8, but for a character cut at either end."""
    body = block.lstrip(bytes(range(0x80, 0xC0)))[:-3] if len(block) > 8 else block
    try:
        codecs.getincrementaldecoder("utf-8")().decode(body)
    except UnicodeDecodeError:
        return False
    return True
