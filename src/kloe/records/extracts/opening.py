"""Opening an extract, whatever it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from kloe.core.messages import Message
from kloe.records.extracts.excel import ExcelExtract
from kloe.records.extracts.files import Kind, SourceFile
from kloe.records.extracts.names import Wanted
from kloe.records.extracts.parquet import ParquetExtract
from kloe.records.extracts.pieces import Piece
from kloe.records.extracts.text import TextExtract
from kloe.records.mapping_model import SourceMap


class Extract(Protocol):
    """What every kind of extract gives."""

    file: SourceFile
    names: tuple[str, ...]
    #: Whether days and numbers come as such, so that they need no form.
    typed: bool
    remarks: list[Message]

    @property
    def size(self) -> int:
        """Bytes of the file, for progress."""

    def pieces(self) -> Iterator[Piece]:
        """The records in pieces, to be read once."""


def open_extract(file: SourceFile, source: SourceMap, work: Path) -> Extract:
    """Open a file as a source says; ``work`` is a folder for what has to be written meanwhile.

    :raises Unreadable: where it cannot be read at all.
    """
    wanted = Wanted.of(source)
    if file.kind is Kind.EXCEL:
        return ExcelExtract(file, source, wanted, work)
    if file.kind is Kind.PARQUET:
        return ParquetExtract(file, source)
    return TextExtract(file, source, wanted, work)
