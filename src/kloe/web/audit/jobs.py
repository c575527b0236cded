"""Checking every seal of the trail, as work for the background: a long trail takes a while."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy

from kloe.assessment.permissions import Permission
from kloe.core.progress import Progress
from kloe.web.audit.actions import broken_seals
from kloe.web.audit.models import AuditSeal
from kloe.web.audit.queries import CHECK
from kloe.web.jobs.models import Job
from kloe.web.jobs.registry import job

#: Broken seals that are named.
NAMED = 20


@job(
    CHECK,
    title=gettext_lazy("Check of all seals"),
    see=Permission.AUDIT_VIEW,
    start=Permission.AUDIT_VIEW,
)
def check_seals(one: Job, progress: Progress) -> dict[str, Any]:
    """Compute every seal anew; tells which do not fit."""
    broken = broken_seals(progress)
    home = (
        reverse("audit-assessment", args=[one.assessment_id])
        if one.assessment_id
        else reverse("audit-organisation", args=[one.organisation_id])
    )
    return {
        "seals": AuditSeal.objects.count(),
        "broken": len(broken),
        "events": [[b.first_event, b.last_event] for b in broken[:NAMED]],
        "url": f"{home}#seals",
        "label": gettext("Look at the trail"),
    }
