"""What waits for a person, over all their assessments.

Other apps add to it: ``waiting.register(source)``, called once when the app is ready. A source
takes the person and their assessments and gives what waits, in a fixed number of queries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from kloe.assessment.vocabulary import INSPECTION_KINDS
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment


@dataclass(frozen=True)
class Waiting:
    """One thing to do, and where."""

    what: str
    url: str
    assessment: Assessment | None
    #: How much of it is left, in a few words.
    left: str = ""
    due: date | None = None
    #: Where it is, for what belongs to no assessment.
    where: str = ""


Source = Callable[[User, Sequence[Assessment]], Iterable[Waiting]]
#: Sources, and whether they speak of inspections alone.
_sources: list[tuple[Source, bool]] = []


def register(source: Source, *, inspections: bool = False) -> None:
    """Let ``source`` add to what waits for a person.

    :param inspections: it speaks of inspections alone: it is given these, and where there are
        none it is not asked.
    """
    if (source, inspections) not in _sources:
        _sources.append((source, inspections))


def registered(user: User, assessments: Sequence[Assessment]) -> list[Waiting]:
    """What the registered sources say."""
    inspected = [a for a in assessments if a.kind in INSPECTION_KINDS]
    return [
        found
        for source, inspections in _sources
        if inspected or not inspections
        for found in source(user, inspected if inspections else assessments)
    ]


def in_order(found: Iterable[Waiting]) -> list[Waiting]:
    """Soonest due first; what has no date last."""
    return sorted(found, key=lambda w: (w.due is None, w.due or date.max, w.what))
