"""What publishing adds to an assessment: the version, its corrections, the board's response."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

__all__ = ["Correction", "Publication", "Response"]


@dataclass(frozen=True, slots=True)
class Correction:
    """One thing that was wrong in an earlier version, and what the report says now."""

    #: The version in which it is put right.
    version: int
    at: date
    was: str
    now: str
    reason: str


@dataclass(frozen=True, slots=True)
class Response:
    """What the landlord's board says to the report. ``file``: the name of what it attached."""

    text: str = ""
    file: str = ""
    at: date | None = None

    @property
    def given(self) -> bool:
        return bool(self.text or self.file)


@dataclass(frozen=True, slots=True)
class Publication:
    """A published version; ``version`` 0 while nothing is published."""

    version: int = 0
    at: datetime | None = None
    corrections: tuple[Correction, ...] = ()
    response: Response = Response()
