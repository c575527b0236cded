"""A figure as a line of a table shows it."""

from __future__ import annotations

from dataclasses import dataclass

from kloe.core.stats import Interval
from kloe.web.indicators.computed_queries import rounded_words, value_words
from kloe.web.indicators.models import ComputedResult


@dataclass(frozen=True)
class Row:
    """A figure in a table: of a period or of a group."""

    words: str
    row: ComputedResult | None
    interval: str = ""
    gap: str = ""
    apart: bool = False
    limits: str = ""
    marks: tuple[str, ...] = ()
    current: bool = False
    #: Of a figure that is a group's: which group.
    note: str = ""
    #: Of a group: further cells, whether the last of them is loud, and its figures before.
    cells: tuple[str, ...] = ()
    loud: bool = False
    before: tuple[str, ...] = ()
    bounds: Interval | None = None

    @property
    def hidden(self) -> bool:
        return self.row is not None and self.row.level != ComputedResult.Level.ALL

    @property
    def value(self) -> str:
        return value_words(self.row.value, self.row.unit) if self.row else ""

    @property
    def parts(self) -> tuple[str, str] | None:
        r = self.row
        if r is None or not r.value or not r.numerator or not r.denominator:
            return None
        return rounded_words(r.numerator), rounded_words(r.denominator)

    @property
    def n(self) -> str:
        return "" if self.row is None or self.row.n is None else f"{self.row.n:,}"

    @property
    def complete(self) -> bool:
        return self.row is None or self.row.period_end <= self.row.as_at
