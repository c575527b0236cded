"""A piece of an extract: what DuckDB reads at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from kloe.core.errors import InvalidInput
from kloe.core.messages import Message

#: The column of a relation that holds the line, where it holds one.
LINE = "_line"


@dataclass(frozen=True, slots=True)
class Fault:
    """A record that cannot be read, with its line in the file and the beginning of what it is."""

    line: int
    rule: str
    value: str


@dataclass(frozen=True, slots=True)
class Piece:
    """Records that follow each other.

    :param relation: SQL that gives columns ``c0``, ``c1`` ... of text, and ``_line`` if ``lined``.
    :param first: the line of the first record; each further record stands one line further,
        unless ``lined``.
    :param records: how many there have to be; ``None`` where that needs no proof.
    :param trim: whether values may have spaces around them.
    :param bytes: size of what it was read from, for progress.
    :param faults: records left out because they cannot be read.
    :param exact: where the relation fails or gives another number of records: the same, read
        record by record.
    """

    relation: str
    first: int
    lined: bool
    bytes: int
    records: int | None = None
    trim: bool = True
    faults: tuple[Fault, ...] = ()
    exact: Callable[[], Piece] | None = None
    done: Callable[[], None] | None = field(default=None, compare=False)


class Unreadable(InvalidInput):
    """A file that cannot be read at all: nothing of it is loaded."""

    def __init__(self, file: str, given: Message | str, remedy: Message | str = "") -> None:
        super().__init__(f"{file}: {given}", "", remedy)


def quoted(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"
