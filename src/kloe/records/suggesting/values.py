"""What a proposal is: sources, their columns with candidates, certainty, samples and reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kloe.core.messages import Message
from kloe.records.suggesting.codes import CodeMatch


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another column that could be meant, and how likely it is beside the one proposed."""

    name: str
    score: float


@dataclass(frozen=True, slots=True)
class ProposedColumn:
    """Where the values of one of our columns come from.

    :param settings: as in the mapping file: ``dates``, ``codes``, ``sign``, ``negative``,
        ``numbers``, ``yes``, ``no``, ``part``, ``join``, ``constant``, ``less``, ``every``.
    :param sure: whether nobody has to look; every reason against it stands in ``reasons``.
    :param alternatives: columns of the file that could be meant instead.
    :param instead: our columns for which the same column of the file could be meant.
    """

    name: str
    sources: tuple[str, ...]
    certainty: float
    sure: bool
    settings: Mapping[str, Any] = field(default_factory=dict)
    reasons: tuple[Message, ...] = ()
    samples: tuple[str, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    instead: tuple[Alternative, ...] = ()
    codes: tuple[CodeMatch, ...] = ()
    headings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A column of the file that is not taken over.

    :param personal: what kind of personal data it looks like.
    :param sure: whether that is certain, or a person should look.
    """

    name: str
    sure: bool
    reason: Message
    personal: str | None = None
    samples: tuple[str, ...] = ()
    candidates: tuple[Alternative, ...] = ()
    headings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wide:
    """Columns side by side that become rows."""

    columns: tuple[str, ...]
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class ProposedSource:
    """Files of one form, and the table they are taken to feed."""

    files: tuple[str, ...]
    table: str
    sure: bool
    certainty: float
    columns: tuple[ProposedColumn, ...]
    left_out: tuple[LeftOut, ...] = ()
    kind: str = "csv"
    sheet: str | None = None
    delimiter: str | None = None
    encoding: str | None = None
    header: tuple[int, ...] = (1,)
    names: int | None = 1
    data: int = 2
    wide: Wide | None = None
    repeats: str = "reject"
    missing: tuple[str, ...] = ()
    reasons: tuple[Message, ...] = ()
    tables: tuple[Alternative, ...] = ()
    sampled: bool = False
    rows: int = 0

    @property
    def unsure(self) -> tuple[str, ...]:
        """Our columns somebody has to look at."""
        return tuple(c.name for c in self.columns if not c.sure)


@dataclass(frozen=True, slots=True)
class NotTaken:
    """A file or sheet that holds none of the tables."""

    title: str
    reason: Message


@dataclass(frozen=True, slots=True)
class Place:
    """Files of one form, or one sheet of them, with the columns they have."""

    files: tuple[str, ...]
    sheet: str | None
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed for all files given together."""

    sources: tuple[ProposedSource, ...]
    not_taken: tuple[NotTaken, ...] = ()
    #: Mappings that come with kloe and were made for files like these.
    shipped: tuple[str, ...] = ()
    #: Everything that was looked at, whatever became of it.
    places: tuple[Place, ...] = ()

    @property
    def sure(self) -> bool:
        """Whether nothing has to be looked at."""
        return all(s.sure and not s.unsure for s in self.sources)
