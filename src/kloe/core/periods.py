"""Periods of time that figures, evidence and assessments speak for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kloe.core.errors import InvalidInput
from kloe.core.messages import _


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """From a first day to a last day, both included."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise InvalidInput(
                _(
                    "The period runs from %(start)s to %(end)s.",
                    start=self.start.isoformat(),
                    end=self.end.isoformat(),
                ),
                _("The last day must not come before the first."),
                _("Change one of the two dates."),
            )

    def overlaps(self, other: Period) -> bool:
        """Whether the two share at least one day."""
        return self.start <= other.end and other.start <= self.end

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1
