"""One recommendation: adding, changing, deciding, saying that it was carried out."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kloe.assessment.permissions import Permission
from kloe.assessment.plan import MadeBy
from kloe.core.errors import Conflict, InvalidInput, NotFound
from kloe.core.messages import Message
from kloe.web.access import OrganisationAccess, in_organisation
from kloe.web.ids import new_id
from kloe.web.plans import queries, recommending
from kloe.web.plans.forms import DecideForm, RecommendationForm
from kloe.web.plans.models import Recommendation
from kloe.web.plans.reach import findings_of, improvements_of
from kloe.web.plans.views import context_of, see_other
from kloe.web.plans.views_actions import fault_of, read_or_post
from kloe.web.plans.writing import ChangedMeanwhile

#: Findings offered beside those it rests on already.
OFFERED = 60
PLAIN = (
    "what", "why", "benefit", "impact", "cost", "due_on", "origin", "source", "made_on",
    "reference",
)  # fmt: skip


@in_organisation(Permission.PLAN_VIEW)
@require_safe
def show(request: HttpRequest, access: OrganisationAccess, pk: UUID) -> HttpResponse:
    """One recommendation, what it rests on, and what came of it."""
    return _page(request, access, queries.recommendation(access.organisation, pk))


def _page(
    request: HttpRequest, access: OrganisationAccess, row: Recommendation, status: int = 200,
    **more: Any,
) -> HttpResponse:  # fmt: skip
    decided = {True: "yes", False: "no", None: ""}[row.accepted]
    context = context_of(
        access,
        "recommendations",
        recommendation=row,
        findings=list(row.findings.select_related("assessment")),
        actions=list(row.actions.select_related("owner").order_by("due_on", "reference")),
        **({"decide": DecideForm(initial={"accepted": decided, "reason": row.decision})} | more),
    )
    return render(request, "plans/recommendation.html", context, status=status)


def _form(
    access: OrganisationAccess, data: Any, initial: dict[str, Any], chosen: list[str]
) -> RecommendationForm:
    offered = improvements_of(access.organisation).order_by(
        "-assessment__created_at", "theme", "order"
    )
    rows = {str(f.pk): f for f in findings_of(access.organisation).filter(pk__in=chosen)}
    rows |= {str(f.pk): f for f in offered[:OFFERED]}
    choices = [(pk, f"{f.text[:160]} ({f.assessment.title})") for pk, f in rows.items()]
    return RecommendationForm(data, initial=initial, findings=choices)


@in_organisation(Permission.PLAN_EDIT)
@read_or_post
def add(request: HttpRequest, access: OrganisationAccess) -> HttpResponse:
    """A recommendation of one's own, or one made elsewhere."""
    initial = {
        "id": new_id(),
        "made_on": timezone.localdate(),
        "origin": MadeBy.AUDITOR.value,
    }
    form = _form(access, request.POST or None, initial, [])
    if request.method == "POST" and form.is_valid():
        try:
            row = recommending.add(
                organisation=access.organisation, by=access.user, id=form.cleaned_data["id"],
                request_id=getattr(request, "id", ""), **_values(form),
            )  # fmt: skip
        except InvalidInput as error:
            fault_of(form, error)
        else:
            messages.success(request, _("%(ref)s is added.") % {"ref": row.reference})
            return see_other("recommendation", access.organisation.pk, row.pk)
    return _form_page(request, access, form)


def _values(form: RecommendationForm) -> dict[str, Any]:
    values = form.values()
    return values | {"findings": [UUID(pk) for pk in values.pop("findings", [])]}


def _form_page(
    request: HttpRequest,
    access: OrganisationAccess,
    form: RecommendationForm,
    row: Recommendation | None = None,
) -> HttpResponse:
    context = context_of(access, "recommendations", form=form, recommendation=row)
    return render(
        request, "plans/recommendation_form.html", context, status=422 if form.is_bound else 200
    )


@in_organisation(Permission.PLAN_EDIT)
@read_or_post
def edit(request: HttpRequest, access: OrganisationAccess, pk: UUID) -> HttpResponse:
    """Change a recommendation."""
    row = queries.recommendation(access.organisation, pk)
    chosen = [str(pk) for pk in row.findings.values_list("pk", flat=True)]
    initial = {name: getattr(row, name) for name in PLAIN}
    initial |= {"findings": chosen, "base_version": row.version}
    form = _form(access, request.POST or None, initial, chosen)
    if request.method == "POST" and form.is_valid():
        try:
            recommending.edit(
                recommendation=row, by=access.user,
                base_version=form.cleaned_data["base_version"] or 0,
                request_id=getattr(request, "id", ""), **_values(form),
            )  # fmt: skip
        except ChangedMeanwhile as error:
            form.add_error(None, str(error))
            data = request.POST.copy()
            data["base_version"] = str(error.current.version)
            form.data = data
            row = error.current
        except InvalidInput as error:
            fault_of(form, error)
        else:
            messages.success(request, _("Saved."))
            return see_other("recommendation", access.organisation.pk, row.pk)
    return _form_page(request, access, form, row)


@in_organisation(Permission.PLAN_DECIDE)
@require_POST
def decide(request: HttpRequest, access: OrganisationAccess, pk: UUID) -> HttpResponse:
    """Accept it, or say why not."""
    row = queries.recommendation(access.organisation, pk)
    form = DecideForm(request.POST)
    if form.is_valid():
        try:
            recommending.decide(
                recommendation=row,
                accepted=form.cleaned_data["accepted"] == "yes",
                reason=form.cleaned_data["reason"],
                by=access.user,
                request_id=getattr(request, "id", ""),
            )
        except (InvalidInput, Conflict) as error:
            fault_of(form, error)
        else:
            messages.success(request, _("Saved."))
            return see_other("recommendation", access.organisation.pk, row.pk)
    return _page(request, access, row, status=422, decide=form)


@in_organisation(Permission.PLAN_EDIT)
@require_POST
def implemented(request: HttpRequest, access: OrganisationAccess, pk: UUID) -> HttpResponse:
    """Say on which day it was carried out; nothing takes that back."""
    row = queries.recommendation(access.organisation, pk)
    given = request.POST.get("implemented_on", "").strip()
    fault = ""
    try:
        on = parse_date(given) if given else None
        if given and on is None:
            raise ValueError
    except ValueError:
        fault = _("“%(given)s” is no date. Write it as 2026-05-03.") % {"given": given[:40]}
    else:
        try:
            recommending.implemented(
                recommendation=row, on=on, by=access.user, request_id=getattr(request, "id", "")
            )
        except (InvalidInput, Conflict) as error:
            fault = str(error)
        else:
            messages.success(request, _("Saved."))
            return see_other("recommendation", access.organisation.pk, row.pk)
    return _page(request, access, row, status=422, implemented_fault=fault, implemented_given=given)


@in_organisation(Permission.PLAN_EDIT)
@require_POST
def remove(request: HttpRequest, access: OrganisationAccess, pk: UUID) -> HttpResponse:
    """Take away what was added by mistake."""
    row = queries.recommendation(access.organisation, pk)
    recommending.remove(recommendation=row, by=access.user, request_id=getattr(request, "id", ""))
    messages.success(request, _("%(ref)s is taken away.") % {"ref": row.reference})
    return see_other("plan-recommendations", access.organisation.pk)


@in_organisation(Permission.PLAN_EDIT)
@require_POST
def from_finding(request: HttpRequest, access: OrganisationAccess, finding: UUID) -> HttpResponse:
    """A recommendation from an area for improvement, with one press."""
    found = findings_of(access.organisation).filter(pk=finding).first()
    if found is None:
        raise NotFound(
            Message("This organisation has no such finding."),
            "",
            Message("Go back to the findings; somebody may have removed it."),
        )
    row = recommending.from_finding(
        organisation=access.organisation, finding=found, by=access.user,
        request_id=getattr(request, "id", ""),
    )  # fmt: skip
    messages.success(request, _("The finding is recommendation %(ref)s.") % {"ref": row.reference})
    return see_other("recommendation", access.organisation.pk, row.pk)
