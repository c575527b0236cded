"""What of a plan waits for a person: their open actions that are due soon or overdue."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment
from kloe.web.plans import queries
from kloe.web.plans.models import Action
from kloe.web.site.waiting import Waiting

#: So many stand on the home page; the rest is in the plan.
SHOWN = 20


def waiting(user: User, assessments: Sequence[Assessment]) -> list[Waiting]:
    """Actions a person answers for, due soon or overdue: one query."""
    return [_one(row) for row in mine(user)[:SHOWN]]


def mine(user: User) -> list[Action]:
    """A person's open actions that are due within thirty days, or overdue."""
    today = timezone.localdate()
    return list(
        queries.due_for(user, today).filter(organisation__memberships__user=user)[: SHOWN * 5]
    )


def planned(user: User, organisation: UUID) -> list[Action]:
    """Those of one organisation's plan."""
    return [row for row in mine(user) if row.organisation_id == organisation]


def _one(row: Action) -> Waiting:
    return Waiting(
        what=f"{row.reference} {row.title}",
        url=reverse("action", args=[row.organisation_id, row.pk]),
        assessment=None,
        left=_("action of the plan"),
        due=row.due_on,
        where=str(row.organisation),
    )
