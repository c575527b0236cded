"""Reading the results beside an assessment."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from kloe.frameworks.model import Theme
from kloe.web.assessments.models import Assessment
from kloe.web.library.store import Pinned


@dataclass(frozen=True)
class Shown:
    """A result as a theme page shows it."""

    result: Any
    #: Criteria of the theme it speaks to; empty where it speaks to the theme as a whole.
    criteria: frozenset[str] = field(default_factory=frozenset)


def for_theme(assessment: Assessment, theme: Theme) -> list[Shown]:
    """The results that speak to a theme or its criteria: one query."""
    return []


def quarters_by_theme(assessment: Assessment, pinned: Pinned) -> dict[str, tuple[int, int]]:
    """How many results speak to each theme from the best and from the worst quarter of peers."""
    return {}
