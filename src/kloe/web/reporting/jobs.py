"""The report as work for the background."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy

from kloe.assessment.permissions import Permission
from kloe.core.progress import Progress
from kloe.web.assessments.models import Assessment
from kloe.web.jobs.models import Job
from kloe.web.jobs.registry import job
from kloe.web.reporting import actions


@job("report", title=gettext_lazy("Report"), start=Permission.REPORT)
def report(one: Job, progress: Progress) -> dict[str, Any]:
    """Make and keep a report."""
    assessment = Assessment.objects.select_related("organisation", "conducted_by", "lead").get(
        jobs=one.pk
    )
    wanted = {k: str(one.payload[k]) for k in ("format", "view", "order")}
    data = actions.make(assessment, progress=progress, **wanted)
    kept = actions.keep(assessment=assessment, data=data, by=one.by, **wanted)
    return {
        **kept,
        "url": reverse("report-file", args=[assessment.pk, kept["name"]]),
        "label": str(gettext_lazy("Open the report")),
    }
