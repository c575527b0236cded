"""What of a plan waits for a person: their open actions that are due soon or overdue."""

from __future__ import annotations

from collections.abc import Sequence

from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment
from kloe.web.site.waiting import Waiting


def waiting(user: User, assessments: Sequence[Assessment]) -> list[Waiting]:
    """Nothing yet."""
    return []
