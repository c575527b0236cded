"""Exporting and importing as work for the background."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy

from kloe.assessment.permissions import Permission
from kloe.core.errors import InvalidInput
from kloe.core.messages import _
from kloe.core.progress import Progress
from kloe.web.access import fetch_assessment, fetch_organisation
from kloe.web.assessments.models import Assessment
from kloe.web.audit.models import AuditEvent
from kloe.web.jobs.models import Job
from kloe.web.jobs.registry import job
from kloe.web.moving import arriving, packing, places

EXPORT, IMPORT = "export-assessment", "import-assessment"


@job(
    EXPORT,
    title=gettext_lazy("Export of the assessment"),
    see=Permission.ASSESSMENT_MANAGE,
    start=Permission.ASSESSMENT_MANAGE,
)
def export(one: Job, progress: Progress) -> dict[str, Any]:
    """Write the assessment into a file for whoever asked."""
    if one.by is None or one.assessment_id is None:
        raise InvalidInput(_("Nobody asked for this export."), "", _("Export it anew."))
    # Their part in it may have ended since they asked.
    assessment = fetch_assessment(
        one.by, one.assessment_id, Permission.ASSESSMENT_MANAGE
    ).assessment
    name = places.export_name(assessment)
    manifest = packing.export(
        assessment=assessment,
        output=places.exports(assessment, one.by) / name,
        by=one.by,
        progress=progress,
        request_id=str(one.pk),
    )
    return {
        "digest": manifest.digest,
        "left_out": list(manifest.left_out),
        "url": reverse("assessment-export-file", args=[assessment.pk, name]),
        "label": gettext("Download the file"),
    }


def _waits(one: Job) -> bool:
    """Whether the file is still there that was sent in."""
    return places.incoming(one.payload["file"]).is_file()


@job(
    IMPORT,
    title=gettext_lazy("Bringing in an assessment"),
    see=Permission.ORGANISATION_MANAGE,
    start=Permission.ORGANISATION_MANAGE,
    possible=_waits,
)
def bring_in(one: Job, progress: Progress) -> dict[str, Any]:
    """Bring the assessment in: all of it, or nothing."""
    if one.by is None or one.organisation_id is None:
        raise InvalidInput(_("Nobody asked for this import."), "", _("Send the file anew."))
    # It may have been brought in already, by a worker that died before it could say so.
    done = AuditEvent.objects.filter(verb="imported assessment", request=str(one.pk)).first()
    place = places.incoming(one.payload["file"])
    if done is None:
        access = fetch_organisation(one.by, one.organisation_id, Permission.ORGANISATION_MANAGE)
        if not place.is_file():
            raise InvalidInput(
                _("The file is not there any more."),
                _("It is kept for a day after it was sent."),
                _("Send it again."),
            )
        arrived = arriving.bring_in(
            place,
            by=one.by,
            into=access.organisation,
            progress=progress,
            request_id=str(one.pk),
        )
        result = {
            "rows": arrived.rows,
            "people": arrived.people,
            "notes": [str(note) for note in arrived.notes],
        }
        pk = arrived.assessment.pk
    else:
        result, pk = {}, Assessment.objects.get(pk=UUID(done.subject_id)).pk
    place.unlink(missing_ok=True)
    return {
        **result,
        "url": reverse("overview", args=[pk]),
        "label": gettext("Open the assessment"),
    }
