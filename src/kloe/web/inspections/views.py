"""Opening an inspection; its page; its dates; moving it on."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kloe.assessment.permissions import Permission
from kloe.assessment.stages import PLANNED_STAGES
from kloe.assessment.vocabulary import LABELS
from kloe.assessment.vocabulary import InspectionStage as Stage
from kloe.core.errors import Conflict, InvalidInput, NotFound, PermissionRefused
from kloe.core.messages import Message
from kloe.web.access import (
    AssessmentAccess,
    in_assessment,
    organisations_where,
    person,
    signed_in,
)
from kloe.web.challenges import queries as drafts
from kloe.web.inspections import actions, queries
from kloe.web.inspections.forms import CreateForm, DatesForm
from kloe.web.organisations.models import Organisation


def base_version(request: HttpRequest) -> int:
    """The version a form started from.

    :raises InvalidInput: if it is no number.
    """
    try:
        return int(request.POST.get("base_version") or 0)
    except ValueError:
        raise InvalidInput(
            Message("The page sent a version that cannot be read."),
            Message("It is a number."),
            Message("Load the page again."),
        ) from None


def see(route: str, *args: object) -> HttpResponse:
    """After a POST, look there: 303."""
    response = redirect(route, *args)
    response.status_code = 303
    return response


@signed_in
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Open an inspection by an organisation in which the person may."""
    by = person(request)
    organisations = organisations_where(by, Permission.ASSESSMENT_CREATE)
    if not organisations.exists():
        raise PermissionRefused(
            Message("You lead no organisation's assessments."),
            Message("Leads and administrators open inspections."),
            Message("Ask an administrator of your organisation for the role."),
        )
    # Those each may name, and themselves: a mock inspection may be of one's own.
    may_name = {o.pk for one in organisations for o in (one, *actions.nameable(by, one))}
    form = CreateForm(
        request.POST or None,
        organisations=organisations,
        landlords=Organisation.objects.filter(pk__in=may_name),
        initial={"organisation": request.GET.get("organisation"), "lead": by.pk},
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        name = said.pop("name")
        said["landlord"] = said["landlord"] or name
        try:
            made = actions.create(by=by, **said)
        except (InvalidInput, NotFound, PermissionRefused) as error:
            form.add_error(None, str(error))
        else:
            return see("inspection", made.pk)
    status = 422 if form.is_bound else 200
    return render(request, "inspections/create.html", {"form": form}, status=status)


@in_assessment(Permission.INSPECTION_VIEW)
@require_GET
def show(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Where the inspection is, when stages began or are due, what is missing to move on."""
    inspection = queries.inspection_of(access.assessment)
    moves = queries.history(inspection)
    inside = access.may(Permission.ASSESSMENT_VIEW)
    return render(
        request,
        "inspections/inspection.html",
        {
            "assessment": access.assessment,
            "inspection": inspection,
            "nav": "inspection",
            "tabs": queries.nav(access, "inspection"),
            "stage": LABELS[Stage(inspection.stage)],
            "steps": queries.steps(inspection, moves),
            # What is missing tells of the inspectors' work.
            "ways": queries.ways_on(inspection, access) if inside else [],
            "moves": list(reversed(moves)),
            "labels": queries.labels(),
            "inside": inside,
            **_draft(access),
        },
    )


def _draft(access: AssessmentAccess) -> dict[str, Any]:
    """The draft before the landlord and how many challenges there are, for those who see it."""
    if not access.may(Permission.DRAFT_VIEW):
        return {}
    return {
        "draft": drafts.before_the_landlord(access.assessment),
        "challenges": drafts.figures(access),
        "landlords": drafts.of_the_landlord(access),
    }


@in_assessment(Permission.INSPECTION_MANAGE)
@require_http_methods(["GET", "POST"])
def dates(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """When stages are planned to begin."""
    inspection = queries.inspection_of(access.assessment)
    planned = dict(inspection.planned.values_list("stage", "date"))
    initial = {f"stage{n}": planned.get(s) for n, s in enumerate(PLANNED_STAGES)}
    form = DatesForm(request.POST or None, initial=initial | {"base_version": inspection.version})
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_dates(
                inspection=inspection,
                dates=form.dates(),
                base_version=form.cleaned_data["base_version"],
                by=access.user,
            )
        except (InvalidInput, Conflict) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved."))
            return see("inspection", access.assessment.pk)
    return render(
        request,
        "inspections/dates.html",
        {
            "assessment": access.assessment,
            "form": form,
            "nav": "inspection",
            "tabs": queries.nav(access, "inspection"),
        },
        status=422 if form.is_bound else 200,
    )


@in_assessment(Permission.STAGE_MOVE, when_published=True)
@require_POST
def move(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Move the inspection to another stage."""
    inspection = queries.inspection_of(access.assessment)
    moved = actions.move(
        inspection=inspection,
        to=request.POST.get("to", ""),
        base_version=base_version(request),
        reason=request.POST.get("reason", ""),
        by=access.user,
    )
    messages.success(
        request, _("The inspection is now at: %(stage)s.") % {"stage": LABELS[Stage(moved.stage)]}
    )
    return see("inspection", access.assessment.pk)
