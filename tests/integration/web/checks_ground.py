"""Ground for tests of reality checks: a check in a theme, and people around it."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from kloe.web.assessments.saving import Write
from kloe.web.checks import actions, own_templates
from kloe.web.checks.actions import Plan
from kloe.web.checks.models import Check

THEME = "wao-housing-2005/1.5/5"
CRITERIA = [f"{THEME}/relet-standard", f"{THEME}/relet-standard-achieved"]
TEMPLATE = "empty-home-visit"
#: A name that must stand nowhere else.
SECRET = "Gwenllian Unigryw"


def planned(assessment: Any, by: Any, **changes: Any) -> Check:
    """A check as it is planned."""
    values: dict[str, Any] = {
        "title": "Homes ready to let",
        "claim": "Every home is let as promised.",
        "theme": THEME,
        "criteria": CRITERIA,
        "assigned": by.pk,
    }
    template = changes.pop("template", TEMPLATE)
    return actions.plan_check(
        assessment=assessment,
        template=own_templates.row_for(assessment.organisation_id, template),
        plan=Plan(**(values | changes)),
        by=by,
    )


def write(by: Any, base: int = 0, id: UUID | None = None) -> Write:
    """A write from a page."""
    return Write(id=id or uuid4(), base_version=base, by=by)


def finished(check: Check, by: Any, result: str = "confirms") -> Check:
    """The check with its conclusion, done."""
    actions.save_outcome(
        check=check, result=result, conclusion="As claimed.", notes="", done_on="2026-01-15",
        write=write(by),
    )  # fmt: skip
    return actions.move(check=Check.objects.get(pk=check.pk), to="done", by=by)
