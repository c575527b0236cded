"""A plan to test with: one of everything, and who may tell of it."""

from __future__ import annotations

from datetime import date
from typing import Any

#: Routes on which one tells of an action: of one's own, or of any with PLAN_EDIT.
TOLD_OF = frozenset(
    {
        "action-move", "action-tell", "action-milestone", "action-evidence",
        "action-evidence-take", "action-outcome",
    }
)  # fmt: skip


def routes(org: Any, lead: Any, finding: Any) -> dict[str, list[Any]]:
    """Arguments for every route of the plan; what they name is made in this organisation."""
    from kloe.web.plans import acting, recommending

    recommendation = recommending.add(
        organisation=org, by=lead, what="Answer in time", origin="auditor", source="Audit, 4"
    )
    action = acting.add(
        organisation=org,
        by=lead,
        title="Answer in time",
        origin="board",
        milestones=[acting.Step("Letter written", date(2026, 6, 30))],
    )
    o = org.pk
    given: dict[str, list[Any]] = {"recommendation-from-finding": [o, finding.pk]}
    for name in ("", "-edit", "-decide", "-implemented", "-remove"):
        given[f"recommendation{name}"] = [o, recommendation.pk]
    for name in ("", "-edit", "-move", "-tell", "-evidence", "-outcome", "-remove"):
        given[f"action{name}"] = [o, action.pk]
    given["action-milestone"] = [o, action.pk, action.milestones.get().pk]
    given["action-evidence-take"] = [o, action.pk, 1]
    return given
