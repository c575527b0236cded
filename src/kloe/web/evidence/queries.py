"""Reading evidence."""

from __future__ import annotations

from typing import Any


def links_for_theme(
    assessment: Any, theme_id: str, *, per_criterion: int = 5
) -> dict[str, tuple[list[Any], int]]:
    """The first links of each criterion of a theme, and how many there are."""
    return {}


def offered_by_common(assessment: Any, criterion: Any) -> list[Any]:
    """Items linked to the same aspect in other themes."""
    return []
