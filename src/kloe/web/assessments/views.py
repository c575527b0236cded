"""Lists, making an assessment, the map, scope, context, what is known, who leads what."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kloe.assessment.permissions import Permission
from kloe.core.errors import PermissionRefused
from kloe.core.messages import Message
from kloe.web.access import (
    AssessmentAccess,
    in_assessment,
    organisations_where,
    person,
    signed_in,
    visible_assessments,
)
from kloe.web.assessments import actions, overview, queries
from kloe.web.assessments.forms import CreateForm, DetailsForm
from kloe.web.assessments.warnings import warnings_for
from kloe.web.library import store
from kloe.web.plans.waiting import planned
from kloe.web.readings.waiting import readings
from kloe.web.sent import words_asked
from kloe.web.site.waiting import in_order

SORTS = {
    "title": ("title", "id"),
    "organisation": ("organisation__name", "title", "id"),
    "period": ("-period_end", "id"),
    "created": ("-created_at", "id"),
}

FILTER_LABELS = {
    "": gettext_lazy("All themes"),
    "mine": gettext_lazy("Led by me"),
    "open": gettext_lazy("Not all placed"),
    "unevidenced": gettext_lazy("Placed without evidence"),
    "single": gettext_lazy("One kind of evidence only"),
    "contradicted": gettext_lazy("Evidence contradicts"),
    "worst": gettext_lazy("Results in the worst quarter"),
}


@signed_in
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The assessments a person may see, searchable and sortable."""
    found = visible_assessments(person(request)).select_related("organisation", "subject", "lead")
    words = words_asked(request)
    if words:
        found = found.filter(
            Q(title__icontains=words)
            | Q(subject__name__icontains=words)
            | Q(organisation__name__icontains=words)
        )
    if kind := request.GET.get("kind", ""):
        found = found.filter(kind=kind)
    sort = request.GET.get("sort", "created")
    found = found.order_by(*SORTS.get(sort, SORTS["created"])).distinct()
    page = Paginator(found, settings.PAGE_SIZE).get_page(request.GET.get("page"))
    may_create = organisations_where(person(request), Permission.ASSESSMENT_CREATE).exists()
    return render(
        request,
        "assessments/index.html",
        {"page": page, "q": words, "kind": kind, "sort": sort, "may_create": may_create},
    )


@signed_in
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Open a new assessment for an organisation in which the person may."""
    organisations = organisations_where(person(request), Permission.ASSESSMENT_CREATE)
    if not organisations.exists():
        raise PermissionRefused(
            Message("You lead no organisation's assessments."),
            Message("Leads and administrators create assessments."),
            Message("Ask an administrator of your organisation for the role."),
        )
    form = CreateForm(
        request.POST or None,
        organisations=organisations,
        initial={"organisation": request.GET.get("organisation"), "lead": person(request).pk},
    )
    if request.method == "POST" and form.is_valid():
        made = actions.create(by=person(request), **form.cleaned_data)
        for warning in warnings_for(made):
            messages.warning(request, str(warning))
        return redirect("scope", made.pk)
    status = 422 if form.is_bound else 200
    return render(request, "assessments/create.html", {"form": form}, status=status)


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_GET
def show(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """The overview."""
    by = "strand" if request.GET.get("by") == "strand" else "kloe"
    wanted = request.GET.get("show", "")
    wanted = wanted if wanted in overview.FILTERS else ""
    view = overview.build(access, store.pinned(access.assessment), by=by, wanted=wanted)
    return render(
        request,
        "assessments/overview.html",
        {
            "assessment": access.assessment,
            "view": view,
            "filters": FILTER_LABELS.items(),
            "here": request.path,
            "nav": "overview",
        },
    )


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_GET
def enquiry(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """The first theme with something left to place, or the first in scope."""
    pinned = store.pinned(access.assessment)
    progress = queries.progress_by_theme(access.assessment, pinned)
    works = [w for w in queries.works_of(access.assessment) if w.in_scope]
    if not works:
        return redirect("scope", access.assessment.pk)
    mine = [w for w in works if w.lead_id == access.user.pk]
    for work in [*mine, *works]:
        if progress[work.theme].placed < progress[work.theme].base:
            return redirect("theme", access.assessment.pk, work.theme)
    return redirect("theme", access.assessment.pk, works[0].theme)


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_GET
def mine(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """What waits for this person here."""
    return render(
        request,
        "assessments/mine.html",
        {
            "assessment": access.assessment,
            "waiting": queries.waiting_for(access.user, [access.assessment]),
            "readings": in_order(readings(access.user, [access.assessment])),
            "planned": planned(access.user, access.assessment.landlord_id),
            "today": timezone.localdate(),
            "nav": "mine",
        },
    )


@in_assessment(Permission.ASSESSMENT_MANAGE)
@require_http_methods(["GET", "POST"])
def details(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Title, period, lead."""
    form = DetailsForm(
        request.POST or None,
        instance=access.assessment,
        people=actions.people_of(access.assessment),
    )
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        access.assessment.refresh_from_db()
        actions.change_details(assessment=access.assessment, by=access.user, values=values)
        messages.success(request, _("Saved."))
        return redirect("overview", access.assessment.pk)
    return render(
        request,
        "assessments/details.html",
        {"assessment": access.assessment, "form": form, "nav": "details"},
        status=422 if form.is_bound else 200,
    )


@in_assessment(Permission.ASSESSMENT_MANAGE)
@require_POST
def finish(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Mark the report final, or a draft again."""
    actions.finish(
        assessment=access.assessment, final=request.POST.get("final") == "yes", by=access.user
    )
    return redirect("report", access.assessment.pk)
