"""Pages of jobs: one with its progress, the list of an assessment's."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from kloe.assessment.permissions import Permission
from kloe.core.errors import Conflict, PermissionRefused
from kloe.core.messages import _
from kloe.web.access import AssessmentAccess, in_assessment, signed_in
from kloe.web.jobs import actions, queries
from kloe.web.jobs.models import Job


def _wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")


@require_GET
@signed_in
def job(request: HttpRequest, job: UUID) -> HttpResponse:
    """How far a job is. Asked by htmx, only the part that changes; by scripts, JSON."""
    row = queries.fetch_job(request.user, job)  # type: ignore[arg-type]
    if _wants_json(request):
        return JsonResponse(queries.as_dict(row))
    seen = request.GET.get("seen", "")
    polled = bool(request.htmx)  # type: ignore[attr-defined]
    context = {
        "job": row,
        "link": queries.result_link(row),
        "polled": polled,
        # While nothing but the numbers changes, the buttons stay, and with them the focus.
        "changed": polled and seen != _phase(row),
        "phase": _phase(row),
        "may_cancel": not row.finished and queries.may_cancel(request.user, row),  # type: ignore[arg-type]
        "may_retry": queries.may_retry(request.user, row),  # type: ignore[arg-type]
        "again": queries.begun_again(row),
    }
    return render(request, "jobs/_job.html" if polled else "jobs/job.html", context)


def _phase(row: Job) -> str:
    return "stopping" if row.cancel_requested and not row.finished else row.state


@require_POST
@signed_in
def cancel(request: HttpRequest, job: UUID) -> HttpResponse:
    """Call a job off."""
    row = queries.fetch_job(request.user, job)  # type: ignore[arg-type]
    if not queries.may_cancel(request.user, row):  # type: ignore[arg-type]
        raise PermissionRefused(
            _("You may not cancel this job."),
            _("Whoever started it may, and whoever may start such work."),
            _("Ask one of them."),
        )
    try:
        row = actions.cancel(
            job=row,
            by=request.user,  # type: ignore[arg-type]
            request_id=getattr(request, "id", ""),
        )
    except Conflict as error:
        if _wants_json(request):
            raise
        # It ended while the person reached for the button: its page says how.
        messages.info(request, str(error.given))
    if _wants_json(request):
        return JsonResponse(queries.as_dict(row))
    return redirect("job", row.pk)


@require_POST
@signed_in
def retry(request: HttpRequest, job: UUID) -> HttpResponse:
    """Begin work again that failed."""
    row = queries.fetch_job(request.user, job)  # type: ignore[arg-type]
    if not queries.may_start(request.user, row):  # type: ignore[arg-type]
        raise PermissionRefused(
            _("You may not begin this job again."),
            _("Whoever may start such work may."),
            _("Ask one of them."),
        )
    follower = actions.retry(
        job=row,
        by=request.user,  # type: ignore[arg-type]
        request_id=getattr(request, "id", ""),
    )
    if _wants_json(request):
        return JsonResponse(queries.as_dict(follower))
    return redirect("job", follower.pk)


@require_GET
@in_assessment(Permission.ASSESSMENT_VIEW)
def assessment_jobs(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """The jobs of an assessment, a page at a time."""
    state, kind = request.GET.get("state", ""), request.GET.get("kind", "")
    found = queries.jobs_of(
        access.assessment, state=state, kind=kind, sort=request.GET.get("sort", "")
    )
    page = Paginator(found, settings.PAGE_SIZE).get_page(request.GET.get("page"))
    if _wants_json(request):
        return JsonResponse(
            {
                "count": page.paginator.count,
                "page": page.number,
                "pages": page.paginator.num_pages,
                "jobs": [queries.as_dict(row) for row in page.object_list],
            }
        )
    context = {
        "page": page,
        "state": state,
        "kind": kind,
        "states": Job.State.choices,
        "kinds": queries.kinds_of(access.assessment),
        "nav": "jobs",
    }
    return render(request, "jobs/list.html", context)
