"""The landlord's self-assessment: handing it over, and looking at what was."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kloe.assessment.permissions import Permission
from kloe.core.errors import Conflict, InvalidInput
from kloe.web.access import AssessmentAccess, in_assessment
from kloe.web.inspections import handover, queries, team
from kloe.web.inspections.forms_handover import HandOverForm
from kloe.web.inspections.models import BroughtIn
from kloe.web.inspections.views import base_version, see


@in_assessment(Permission.DOCUMENT_VIEW)
@require_GET
def self_assessment(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """What was handed over, when, by whom, under which digest."""
    inspection = queries.inspection_of(access.assessment)
    brought = (
        BroughtIn.objects.filter(inspection=inspection)
        .defer("snapshot")
        .select_related("by")
        .first()
    )
    return render(
        request,
        "inspections/self_assessment.html",
        {
            "assessment": access.assessment,
            "inspection": inspection,
            "brought": brought,
            "items": brought.items.count() if brought else 0,
            "tied": not team.may_be_tied(access.assessment),
            "inside": access.may(Permission.ASSESSMENT_VIEW),
            "nav": "inspection",
            "tabs": queries.nav(access, "inspection-self-assessment"),
        },
    )


@in_assessment(Permission.HAND_OVER)
@require_http_methods(["GET", "POST"])
def hand_over(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """The landlord's lead hands a self-assessment over."""
    inspection = queries.inspection_of(access.assessment)
    found = handover.candidates(inspection, access.user)
    form = HandOverForm(request.POST or None, assessments=found)
    if request.method == "POST" and form.is_valid():
        try:
            handover.hand_over(
                inspection=inspection, source=form.cleaned_data["source"], by=access.user
            )
        except (Conflict, InvalidInput) as error:
            form.add_error("source", str(error))
        else:
            messages.success(request, _("The self-assessment is handed over."))
            return see("inspection-self-assessment", access.assessment.pk)
    return render(
        request,
        "inspections/hand_over.html",
        {
            "assessment": access.assessment,
            "form": form,
            "any": found.exists(),
            "nav": "inspection",
            "tabs": queries.nav(access, "inspection-self-assessment"),
        },
        status=422 if form.is_bound else 200,
    )


@in_assessment(Permission.INSPECTION_MANAGE)
@require_POST
def none(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Say why there is no self-assessment."""
    handover.say_none(
        inspection=queries.inspection_of(access.assessment),
        reason=request.POST.get("reason", ""),
        base_version=base_version(request),
        by=access.user,
    )
    messages.success(request, _("Saved."))
    return see("inspection-self-assessment", access.assessment.pk)
