"""Pages of the audit trail: who did what, when, and how it was before."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from kloe.assessment.permissions import Permission
from kloe.web.access import AssessmentAccess, OrganisationAccess, in_assessment, in_organisation
from kloe.web.audit import queries, wording
from kloe.web.audit.actions import broken_seals
from kloe.web.audit.models import AuditEvent
from kloe.web.library import store
from kloe.web.library.store import Pinned


def _trail(
    request: HttpRequest, trail: QuerySet[AuditEvent], pinned: Pinned | None
) -> dict[str, Any]:
    asked = queries.Asked.of(request.GET)
    found = queries.choices(trail)
    page = Paginator(queries.asked_for(trail, asked), settings.PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    checked = request.GET.get("seals") == "check"
    return {
        "nav": "audit",
        "page": page,
        "lines": [wording.line(event, pinned) for event in page],
        "asked": asked,
        "people": found.people,
        "verbs": sorted(((v, wording.verb(v)) for v in found.verbs), key=lambda c: c[1]),
        "kinds": sorted(((k, wording.subject_kind(k)) for k in found.kinds), key=lambda c: c[1]),
        "seals": queries.seals(),
        "checked": checked,
        "broken": broken_seals() if checked else [],
    }


@in_assessment(Permission.AUDIT_VIEW)
@require_GET
def assessment(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """What was done in one assessment."""
    context = _trail(
        request, queries.of_assessment(access.assessment.pk), store.pinned(access.assessment)
    )
    return render(request, "audit/assessment.html", context)


@in_organisation(Permission.AUDIT_VIEW)
@require_GET
def organisation(request: HttpRequest, access: OrganisationAccess) -> HttpResponse:
    """What was done in an organisation: members, and all its assessments."""
    context = _trail(
        request, queries.of_organisation(access.organisation.pk), queries.current_names()
    )
    context |= {"nav": "organisations", "organisation": access.organisation}
    return render(request, "audit/organisation.html", context)
