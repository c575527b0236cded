"""Pages: an assessment out as a file, and one in."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.conf import settings
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kloe.assessment.permissions import Permission
from kloe.core.errors import KloeError
from kloe.core.progress import Silent
from kloe.web.access import AssessmentAccess, OrganisationAccess, in_assessment, in_organisation
from kloe.web.audit import wording
from kloe.web.evidence.storage import megabytes
from kloe.web.evidence.uploads import Limits, Upload, intake_of, receiving_within
from kloe.web.jobs import actions as jobs
from kloe.web.jobs.models import Job
from kloe.web.library import store
from kloe.web.moving import packing, places, unpacking
from kloe.web.moving.jobs import EXPORT, IMPORT
from kloe.web.moving.models import EarlierEvent
from kloe.web.moving.tables import PLAN

if TYPE_CHECKING:
    from kloe.web.audit.models import AuditEvent

FILES = Limits(
    file=lambda: int(settings.RECORDS_MAX_TOTAL),
    request=lambda: int(settings.RECORDS_MAX_TOTAL) + (1 << 20),
)


def _under_way(**where: object) -> list[Job]:
    states = [Job.State.WAITING, Job.State.RUNNING]
    return list(Job.objects.filter(state__in=states, **where))


@in_assessment(Permission.ASSESSMENT_MANAGE)
@require_GET
def page(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """What an export holds, and those made since yesterday."""
    one = access.assessment
    return render(
        request,
        "moving/export.html",
        {
            "assessment": one,
            "kept": places.kept(one, access.user),
            "running": _under_way(kind=EXPORT, assessment=one, by=access.user),
            "with_plan": PLAN in packing.parts_for(one, access.user),
            "events": EarlierEvent.objects.filter(assessment=one).count(),
            "nav": "details",
        },
    )


@in_assessment(Permission.ASSESSMENT_MANAGE)
@require_POST
def export(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Have the file written in the background."""
    job = jobs.enqueue(
        kind=EXPORT,
        by=access.user,
        assessment=access.assessment,
        once=True,
        request_id=getattr(request, "id", ""),
    )
    return redirect("job", job.pk)


@in_assessment(Permission.ASSESSMENT_MANAGE)
@require_GET
def file(request: HttpRequest, access: AssessmentAccess, name: str) -> HttpResponseBase:
    """A file that the person exported."""
    path = places.exports(access.assessment, access.user) / name
    if name not in {k.name for k in places.kept(access.assessment, access.user)}:
        raise packing.missing_kept(path)
    response = FileResponse(
        path.open("rb"), as_attachment=True, filename=name, content_type="application/zip"
    )
    response["Cache-Control"] = "private, no-store"
    return response


@in_assessment(Permission.AUDIT_VIEW)
@require_GET
def earlier(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """What was done in an assessment before it came here, as its file tells it."""
    events = EarlierEvent.objects.filter(assessment=access.assessment)
    found = Paginator(events, settings.PAGE_SIZE).get_page(request.GET.get("page"))
    pinned = store.pinned(access.assessment)
    context = {
        "assessment": access.assessment,
        "page": found,
        # It has every field of an event that a line is made of.
        "lines": [wording.line(cast("AuditEvent", event), pinned) for event in found],
        "nav": "audit",
    }
    return render(request, "moving/earlier.html", context)


@in_organisation(Permission.ORGANISATION_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
@receiving_within(FILES)
def bring_in(request: HttpRequest, access: OrganisationAccess) -> HttpResponse:
    """Send a file; what is no whole assessment is told at once, the rest goes on behind."""
    if request.method != "POST":
        return _form(request, access)
    intake = intake_of(request)
    if intake.refused:
        return _form(request, access, fault=intake.refused[0][1])
    if not intake.uploads:
        return _form(request, access, fault=_("Choose the file of an assessment (.zip)."))
    upload = intake.uploads[0]
    try:
        with unpacking.opened(upload.received.path, Silent()):
            pass
    except KloeError as error:
        return _form(request, access, fault=_as_sent(error, upload))
    token = places.keep_incoming(upload.received)
    job = jobs.enqueue(
        kind=IMPORT,
        by=access.user,
        organisation=access.organisation,
        payload={"file": token, "name": upload.name[:200]},
        request_id=getattr(request, "id", ""),
    )
    return redirect("job", job.pk)


def _as_sent(error: KloeError, upload: Upload) -> str:
    """The message with the name under which the file was sent."""
    return str(error).replace(upload.received.path.name, upload.name)


def _form(request: HttpRequest, access: OrganisationAccess, *, fault: str = "") -> HttpResponse:
    context = {
        "organisation": access.organisation,
        "fault": fault,
        "most": megabytes(FILES.file()),
        "running": _under_way(kind=IMPORT, organisation=access.organisation),
        "nav": "organisations",
    }
    return render(request, "moving/import.html", context, status=422 if fault else 200)
