"""Issuing a draft as work for the background."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kloe.assessment.permissions import Permission
from kloe.core.progress import Progress
from kloe.web.challenges import issuing
from kloe.web.challenges.models import Draft
from kloe.web.inspections.models import Inspection
from kloe.web.jobs.models import Job
from kloe.web.jobs.registry import job


@job(
    "issue-draft",
    title=gettext_lazy("Draft report to the landlord"),
    see=Permission.DRAFT_ISSUE,
    start=Permission.DRAFT_ISSUE,
)
def issue(one: Job, progress: Progress) -> dict[str, Any]:
    """Issue the draft report. Begun again after a crash, it stands once."""
    said = one.payload
    inspection = Inspection.objects.select_related("assessment").get(assessment=one.assessment_id)
    version = int(said["base"]) + 1
    draft = Draft.objects.filter(assessment=one.assessment_id, version=version, by=one.by).first()
    if draft is None:
        draft = issuing.issue(
            inspection=inspection,
            by=one.by,
            address=str(said["address"]),
            base=int(said["base"]),
            deadline=date.fromisoformat(said["deadline"]),
            note=str(said["note"]),
            progress=progress,
        )
    return {
        "version": draft.version,
        "url": reverse("draft", args=[one.assessment_id]),
        "label": _("Look at the draft"),
    }
