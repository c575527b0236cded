"""A figure computed from an organisation's own records, as a snapshot holds it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from kloe.core.messages import Message, Text
from kloe.core.periods import Period

__all__ = ["Computed"]


@dataclass(frozen=True, slots=True)
class Computed:
    """One computed indicator: a figure, or that it is hidden, or why there is none.

    What may not be shown is not here: a hidden figure has neither value nor numerator.
    """

    measure: str
    title: Text
    #: As the measure has it: percent, days, money and so on.
    unit: str
    period: Period
    #: The day the records were taken.
    as_at: date
    version: int = 1
    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    n: int | None = None
    hidden: bool = False
    missing: tuple[Message, ...] = ()
    #: The target: a value, or bounds. ``direction`` says which way is better.
    direction: str = ""
    target: Decimal | None = None
    target_low: Decimal | None = None
    target_high: Decimal | None = None
    #: On, off, off by no more than chance, or empty.
    aim: str = ""
    numerator_words: str | Text = ""
    denominator_words: str | Text = ""
    themes: tuple[str, ...] = ()
    #: Where it is evidence: the item's number, and the criteria it speaks to.
    evidence: int | None = None
    criteria: tuple[str, ...] = ()
    definition: str = ""
    data: str = ""
    engine: str = ""

    @property
    def area(self) -> str:
        """The area of the service it is of."""
        return self.measure.partition("/")[0]

    @property
    def used(self) -> bool:
        """Whether it is evidence of a criterion."""
        return self.evidence is not None and bool(self.criteria)
