"""Publishing as work for the background: minutes long, with progress, to be called off."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy

from kloe.assessment.permissions import Permission
from kloe.core.progress import Progress
from kloe.web.assessments.models import Assessment
from kloe.web.jobs.models import Job
from kloe.web.jobs.registry import job
from kloe.web.publication import publishing
from kloe.web.publication.models import Publication


def _done(row: Publication) -> dict[str, Any]:
    return {
        "version": row.number,
        "url": reverse("publication", args=[row.assessment_id]),
        "label": str(gettext_lazy("What was published")),
    }


def _assessment(one: Job) -> Assessment:
    return Assessment.objects.select_related("organisation", "conducted_by", "subject", "lead").get(
        jobs=one.pk
    )


@job("publish", title=gettext_lazy("Publishing the report"), start=Permission.PUBLISH)
def publish(one: Job, progress: Progress) -> dict[str, Any]:
    """Publish the first version; begun again after it was written, it says so."""
    said = one.payload
    if there := Publication.objects.filter(pk=said["id"]).first():
        return _done(there)
    row = publishing.publish(
        assessment=_assessment(one),
        base_version=int(said["base_version"]),
        public=bool(said["public"]),
        slug=str(said.get("slug", "")),
        by=one.by,
        progress=progress,
        id=UUID(said["id"]),
    )
    return _done(row)


@job("correct", title=gettext_lazy("Publishing a correction"), start=Permission.PUBLISH)
def correct(one: Job, progress: Progress) -> dict[str, Any]:
    """Publish a later version; begun again after it was written, it says so."""
    said = one.payload
    if there := Publication.objects.filter(pk=said["id"]).first():
        return _done(there)
    row = publishing.correct(
        assessment=_assessment(one),
        base_number=int(said["base_number"]),
        was=str(said["was"]),
        now=str(said["now"]),
        reason=str(said["reason"]),
        by=one.by,
        progress=progress,
        id=UUID(said["id"]),
    )
    return _done(row)
