"""What a snapshot tells of moderation: limits overridden, what does not apply, what was told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kloe.core.messages import Message, Text

__all__ = ["Exempt", "FedBack", "Moderation", "Overridden"]

Said = str | Text | Message


@dataclass(frozen=True, slots=True)
class Overridden:
    """A limit that the moderator let a grade pass.

    ``subject`` is what was judged; ``title`` and ``stands`` are the fact that set the limit off,
    ``since`` the day from which it stood.
    """

    subject: str
    title: Said
    stands: Said
    about: Said
    source: Said
    reason: str
    since: date | None = None
    decided_on: date | None = None


@dataclass(frozen=True, slots=True)
class Exempt:
    """A criterion said not to apply: why, and whether the moderator agreed (else it waits)."""

    criterion: str
    reason: str
    decision: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class FedBack:
    """A feedback of emerging findings: when, on how many themes; who was there is not told."""

    number: int
    held_on: date
    themes: int = 0


@dataclass(frozen=True, slots=True)
class Moderation:
    """How the grades of an inspection came to stand; nothing of it in other assessments."""

    #: Grades proposed and agreed by two people, questions asked, and grades changed on the way.
    agreed: int = 0
    questions: int = 0
    changed: int = 0
    overridden: tuple[Overridden, ...] = ()
    exempt: tuple[Exempt, ...] = ()
    fed_back: tuple[FedBack, ...] = ()
    #: Why nothing was fed back.
    not_fed_back: str = ""

    @property
    def silent(self) -> bool:
        """Whether there is nothing to tell."""
        return self == Moderation()

    def passed(self, subject: str) -> tuple[Overridden, ...]:
        """The limits a grade was let pass."""
        return tuple(o for o in self.overridden if o.subject == subject)
