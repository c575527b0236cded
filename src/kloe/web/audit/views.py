"""Pages of the audit trail: who did what, when, and how it was before."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from kloe.assessment.permissions import Permission
from kloe.web.access import AssessmentAccess, OrganisationAccess, in_assessment, in_organisation
from kloe.web.audit import queries, wording
from kloe.web.audit.actions import broken_seals
from kloe.web.audit.models import AuditEvent
from kloe.web.jobs import actions as jobs
from kloe.web.library import store
from kloe.web.library.store import Pinned


def _trail(
    request: HttpRequest,
    trail: QuerySet[AuditEvent],
    pinned: Pinned | None,
    *,
    organisation: UUID | None = None,
    assessment: UUID | None = None,
) -> dict[str, Any]:
    asked = queries.Asked.of(request.GET)
    found = queries.choices(trail)
    page = Paginator(queries.asked_for(trail, asked), settings.PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    seals = queries.seals()
    checked = None
    check = queries.last_check(organisation=organisation, assessment=assessment)
    if request.GET.get("seals") == "check" and seals.sealed <= queries.FEW:
        broken = broken_seals()
        events = [[one.first_event, one.last_event] for one in broken]
        checked = queries.Checked(timezone.now(), seals.sealed, len(broken), events)
    return {
        "nav": "audit",
        "page": page,
        "lines": [wording.line(event, pinned) for event in page],
        "asked": asked,
        "people": found.people,
        "verbs": sorted(((v, wording.verb(v)) for v in found.verbs), key=lambda c: c[1]),
        "kinds": sorted(((k, wording.subject_kind(k)) for k in found.kinds), key=lambda c: c[1]),
        "seals": seals,
        "many": seals.sealed > queries.FEW,
        "check": check,
        "checked": checked or queries.found_by(check),
    }


@in_assessment(Permission.AUDIT_VIEW)
@require_GET
def assessment(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """What was done in one assessment."""
    context = _trail(
        request,
        queries.of_assessment(access.assessment.pk),
        store.pinned(access.assessment),
        assessment=access.assessment.pk,
    )
    context["check_url"] = reverse("audit-assessment-seals", args=[access.assessment.pk])
    context["came"] = queries.came(access.assessment.pk)
    return render(request, "audit/assessment.html", context)


@in_organisation(Permission.AUDIT_VIEW)
@require_GET
def organisation(request: HttpRequest, access: OrganisationAccess) -> HttpResponse:
    """What was done in an organisation: members, and all its assessments."""
    context = _trail(
        request,
        queries.of_organisation(access.organisation.pk),
        queries.current_names(),
        organisation=access.organisation.pk,
    )
    context["check_url"] = reverse("audit-organisation-seals", args=[access.organisation.pk])
    context |= {"nav": "organisations", "organisation": access.organisation}
    return render(request, "audit/organisation.html", context)


@in_assessment(Permission.AUDIT_VIEW, when_published=True)
@require_POST
def check_from_assessment(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Have every seal checked in the background."""
    job = jobs.enqueue(
        kind=queries.CHECK,
        by=access.user,
        assessment=access.assessment,
        once=True,
        request_id=getattr(request, "id", ""),
    )
    return redirect("job", job.pk)


@in_organisation(Permission.AUDIT_VIEW)
@require_POST
def check_from_organisation(request: HttpRequest, access: OrganisationAccess) -> HttpResponse:
    """Have every seal checked in the background."""
    job = jobs.enqueue(
        kind=queries.CHECK,
        by=access.user,
        organisation=access.organisation,
        once=True,
        request_id=getattr(request, "id", ""),
    )
    return redirect("job", job.pk)
