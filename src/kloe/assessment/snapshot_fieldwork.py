"""The part of a snapshot that tells of fieldwork: checks that were done, and people seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class CheckDone:
    """A reality check as a report lists it: no names, no references of cases.

    Of one whose result is restricted, the number, the kind, the theme and the day are here.
    """

    number: int
    kind: str
    theme: str = ""
    done_on: date | None = None
    title: str = ""
    claim: str = ""
    method: str = ""
    frame: str = ""
    cases: int = 0
    result: str = ""
    conclusion: str = ""


@dataclass(frozen=True, slots=True)
class PeopleSeen:
    """So many people of a role, in groups nobody can be picked out of.

    An empty role stands for several together; without a count there were too few to tell of.
    """

    role: str
    group: str
    count: int | None
