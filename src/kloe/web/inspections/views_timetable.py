"""The timetable of fieldwork."""

from __future__ import annotations

from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kloe.assessment.permissions import Permission
from kloe.core import icalendar
from kloe.core.errors import Conflict, InvalidInput
from kloe.web.access import AssessmentAccess, in_assessment
from kloe.web.assessments.actions import people_of
from kloe.web.ids import new_id
from kloe.web.inspections import fieldwork, queries
from kloe.web.inspections.forms_enquiry import BuildForm, VisitForm
from kloe.web.inspections.models import Inspection, Visit
from kloe.web.inspections.views import see
from kloe.web.inspections.views_enquiry import context
from kloe.web.library import store


def _page(
    request: HttpRequest, access: AssessmentAccess, inspection: Inspection, form: BuildForm
) -> HttpResponse:
    visits = list(inspection.visits.prefetch_related("people"))
    pinned = store.pinned(access.assessment)
    clashing = fieldwork.clashes(visits)
    rows: list[dict[str, Any]] = [
        {
            "visit": v,
            "clash": v.pk in clashing,
            "theme": pinned.theme(v.theme) if v.theme else None,
        }
        for v in visits
    ]
    days = [(day, list(part)) for day, part in groupby(rows, key=lambda r: r["visit"].day)]
    return render(
        request,
        "inspections/timetable.html",
        context(access, "timetable", days=days, form=form, clashes=len(clashing)),
        status=422 if form.is_bound else 200,
    )


def _build_form(inspection: Inspection, data: Any = None) -> BuildForm:
    planned = dict(inspection.planned.values_list("stage", "date"))
    return BuildForm(
        data, initial={"first": planned.get("fieldwork"), "last": planned.get("drafting")}
    )


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_GET
def timetable(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Days, people and places."""
    inspection = queries.inspection_of(access.assessment)
    return _page(request, access, inspection, _build_form(inspection))


@in_assessment(Permission.ENQUIRY_PLAN)
@require_POST
def build(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Put what the plan asks for into days."""
    inspection = queries.inspection_of(access.assessment)
    form = _build_form(inspection, request.POST)
    if form.is_valid():
        try:
            built = fieldwork.build(inspection=inspection, by=access.user, **form.cleaned_data)
        except InvalidInput as error:
            form.add_error(None, str(error))
        else:
            messages.success(
                request,
                ngettext("%(n)d entry was added.", "%(n)d entries were added.", built.added)
                % {"n": built.added},
            )
            if built.left:
                messages.warning(
                    request, _("No room was found for: %(all)s.") % {"all": "; ".join(built.left)}
                )
            return see("timetable", access.assessment.pk)
    return _page(request, access, inspection, form)


@in_assessment(Permission.ENQUIRY_PLAN)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Put an entry into the timetable."""
    return _edit(request, access, None)


@in_assessment(Permission.ENQUIRY_PLAN)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, access: AssessmentAccess, pk: UUID) -> HttpResponse:
    """Change an entry."""
    inspection = queries.inspection_of(access.assessment)
    return _edit(request, access, fieldwork.visit_of(inspection, pk))


def _edit(request: HttpRequest, access: AssessmentAccess, visit: Visit | None) -> HttpResponse:
    inspection = queries.inspection_of(access.assessment)
    themes = [(t.id, f"{t.number} {t.title}") for t in store.pinned(access.assessment).themes()]
    initial: dict[str, Any] = (
        {n: getattr(visit, n) for n in fieldwork.FIELDS}
        | {"people": list(visit.people.all()), "base_version": visit.version}
        if visit
        else {"row": new_id()}
    )
    form = VisitForm(
        request.POST or None,
        people=people_of(access.assessment),
        themes=themes,
        initial=initial,
    )
    status = 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            if visit is None:
                fieldwork.add(
                    inspection=inspection, entry=form.entry(), by=access.user, id=said["row"]
                )
            else:
                fieldwork.change(
                    visit=visit,
                    entry=form.entry(),
                    base_version=said["base_version"] or 0,
                    by=access.user,
                )
        except (InvalidInput, Conflict) as error:
            form.add_error(None, str(error))
            status = 409 if isinstance(error, Conflict) else 422
        else:
            return see("timetable", access.assessment.pk)
    return render(
        request,
        "inspections/visit.html",
        context(access, "timetable", form=form, visit=visit),
        status=status,
    )


@in_assessment(Permission.ENQUIRY_PLAN)
@require_POST
def remove(request: HttpRequest, access: AssessmentAccess, pk: UUID) -> HttpResponse:
    """Take an entry out."""
    inspection = queries.inspection_of(access.assessment)
    fieldwork.remove(visit=fieldwork.visit_of(inspection, pk), by=access.user)
    messages.success(request, _("The entry is taken out."))
    return see("timetable", access.assessment.pk)


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_GET
def calendar(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """The timetable as a calendar file; ``?mine`` for one's own part."""
    inspection = queries.inspection_of(access.assessment)
    text = fieldwork.calendar(
        inspection,
        who=access.user if "mine" in request.GET else None,
        address=request.build_absolute_uri(reverse("timetable", args=[access.assessment.pk])),
    )
    return HttpResponse(
        text,
        content_type=icalendar.MEDIA_TYPE,
        headers={"Content-Disposition": 'attachment; filename="timetable.ics"'},
    )
