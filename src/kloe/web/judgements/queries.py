"""Reading judgements and findings."""

from __future__ import annotations

from typing import Any

from kloe.frameworks.model import Grade, Theme
from kloe.web.assessments.models import Assessment
from kloe.web.library.store import Pinned


def for_theme(assessment: Assessment, pinned: Pinned, theme: Theme) -> dict[str, Any]:
    """Judgements and findings of a theme: two queries."""
    return {}


def grades(assessment: Assessment, pinned: Pinned) -> dict[str, tuple[Grade, str]]:
    """The grade that stands for each subject, and its stage: one query."""
    return {}
