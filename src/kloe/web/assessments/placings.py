"""Ratings as pages read them: where a criterion is placed, since when, and who said so last."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from kloe.web.assessments.models import Rating
from kloe.web.prepared import Prepared


class Placing(NamedTuple):
    """The team's rating of a criterion, or a reader's own."""

    criterion: str
    position: str
    reason: str
    version: int
    updated_at: datetime
    name: str | None
    email: str | None

    @property
    def who(self) -> str:
        """Who saved it last, if they are still known."""
        return self.name or self.email or ""


class Placed:
    """A criterion on a page, with its rating or none yet."""

    rating: Placing | None

    @property
    def position(self) -> str:
        return self.rating.position if self.rating else ""

    @property
    def reason(self) -> str:
        return self.rating.reason if self.rating else ""

    @property
    def version(self) -> int:
        return self.rating.version if self.rating else 0


_COLUMNS = (
    "criterion", "position", "reason", "version", "updated_at", "updated_by__name",
    "updated_by__email",
)  # fmt: skip
_TEAM = Prepared(
    lambda assessment, theme: Rating.objects.filter(
        assessment=assessment, theme=theme, author=None
    ).values_list(*_COLUMNS),
    UUID,
    str,
)
_OWN = Prepared(
    lambda assessment, theme, author: Rating.objects.filter(
        assessment=assessment, theme=theme, author=author
    ).values_list(*_COLUMNS),
    UUID,
    str,
    UUID,
)


def of_team(assessment: UUID, theme: str) -> dict[str, Placing]:
    """The team's ratings of a theme by criterion: one query."""
    return {row[0]: Placing(*row) for row in _TEAM(assessment, theme)}


def of_reader(assessment: UUID, theme: str, author: UUID) -> dict[str, Placing]:
    """What one person rated of a theme for themselves, by criterion: one query."""
    return {row[0]: Placing(*row) for row in _OWN(assessment, theme, author)}
