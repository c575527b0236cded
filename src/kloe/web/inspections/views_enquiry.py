"""The plan of enquiry: its themes, their questions, claims to test, guides to print."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kloe.assessment.permissions import Permission
from kloe.core.errors import Conflict, InvalidInput, NotFound
from kloe.core.messages import Message
from kloe.web.access import AssessmentAccess, in_assessment
from kloe.web.assessments.actions import people_of
from kloe.web.ids import new_id
from kloe.web.inspections import enquiry, planning, queries
from kloe.web.inspections.forms_enquiry import STATES, PeopleForm, QuestionForm, methods
from kloe.web.inspections.views import see
from kloe.web.library import store


def context(access: AssessmentAccess, here: str, **more: Any) -> dict[str, Any]:
    """What every page of the plan has."""
    return {
        "assessment": access.assessment,
        "nav": "inspection",
        "tabs": queries.nav(access, here),
    } | more


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_GET
def plan(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """The themes in scope: who leads and reads them, how far their questions are planned."""
    queries.inspection_of(access.assessment)
    pinned = store.pinned(access.assessment)
    return render(
        request,
        "inspections/plan.html",
        context(access, "enquiry-plan", lines=planning.themes(access.assessment, pinned)),
    )


def _theme_page(
    request: HttpRequest, access: AssessmentAccess, theme: str, **bound: Any
) -> HttpResponse:
    assessment = access.assessment
    found, work = enquiry.theme_in(assessment, theme)
    people = people_of(assessment)
    lines = enquiry.plan_of(assessment, found)
    pinned = store.pinned(assessment)
    status = bound.pop("status", 200)
    return render(
        request,
        "inspections/plan_theme.html",
        context(
            access,
            "enquiry-plan",
            theme=found,
            kloe=pinned.kloe(found.kloe_id),
            work=work,
            lines=lines,
            states=STATES,
            claims=planning.claims_of(assessment, pinned, found.id)[:5],
            people_form=PeopleForm(
                people=people, initial={"lead": work.lead, "second": work.second, "due": work.due}
            ),
        )
        | bound,
        status=status,
    )


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_GET
def theme(request: HttpRequest, access: AssessmentAccess, theme: str) -> HttpResponse:
    """A theme's plan."""
    queries.inspection_of(access.assessment)
    return _theme_page(request, access, theme)


@in_assessment(Permission.ENQUIRY_PLAN)
@require_POST
def people(request: HttpRequest, access: AssessmentAccess, theme: str) -> HttpResponse:
    """Say who leads a theme, who reads it, by when."""
    queries.inspection_of(access.assessment)
    form = PeopleForm(request.POST, people=people_of(access.assessment))
    if form.is_valid():
        try:
            enquiry.assign(
                assessment=access.assessment, theme=theme, by=access.user, **form.cleaned_data
            )
        except InvalidInput as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved."))
            return see("enquiry-theme", access.assessment.pk, theme)
    return _theme_page(request, access, theme, people_form=form, status=422)


@in_assessment(Permission.ENQUIRY_PLAN)
@require_POST
def adopt(request: HttpRequest, access: AssessmentAccess, theme: str) -> HttpResponse:
    """Take the published questions of a theme into the plan."""
    queries.inspection_of(access.assessment)
    n = enquiry.adopt(assessment=access.assessment, theme=theme, by=access.user)
    messages.success(
        request,
        ngettext("%(n)d question is planned.", "%(n)d questions are planned.", n) % {"n": n},
    )
    return see("enquiry-theme", access.assessment.pk, theme)


@in_assessment(Permission.ENQUIRY_PLAN)
@require_http_methods(["GET", "POST"])
def question(request: HttpRequest, access: AssessmentAccess, question: str) -> HttpResponse:
    """Say what becomes of a question of the framework."""
    queries.inspection_of(access.assessment)
    assessment = access.assessment
    found, work = enquiry.theme_in(assessment, question.rpartition("/")[0])
    line = next((n for n in enquiry.plan_of(assessment, found) if n.key == question), None)
    if line is None or line.question is None:
        raise NotFound(
            Message("This theme has no such question."), "", Message("Choose one on its page.")
        )
    row = line.row
    initial = {n: getattr(row, n) for n in enquiry.FIELDS} if row else {
        "state": "asked", "who": work.lead, "due": work.due,
    }  # fmt: skip
    form = QuestionForm(
        request.POST or None,
        people=people_of(assessment),
        own=False,
        initial=initial | {"base_version": line.version},
    )
    status = 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        try:
            enquiry.plan_question(
                assessment=assessment,
                question=question,
                wanted=form.wanted(),
                base_version=form.cleaned_data["base_version"] or 0,
                by=access.user,
            )
        except (InvalidInput, Conflict) as error:
            form.add_error(None, str(error))
            status = 409 if isinstance(error, Conflict) else 422
        else:
            return see("enquiry-theme", assessment.pk, found.id)
    return render(
        request,
        "inspections/plan_question.html",
        context(access, "enquiry-plan", form=form, theme=found, line=line),
        status=status,
    )


@in_assessment(Permission.ENQUIRY_PLAN)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, access: AssessmentAccess, theme: str) -> HttpResponse:
    """Add a question of the team's own."""
    return _own(request, access, theme, None)


@in_assessment(Permission.ENQUIRY_PLAN)
@require_http_methods(["GET", "POST"])
def own(request: HttpRequest, access: AssessmentAccess, pk: UUID) -> HttpResponse:
    """Change a question of the team's own, or drop it."""
    row = enquiry.own_question(access.assessment, pk)
    return _own(request, access, row.theme, row)


def _own(request: HttpRequest, access: AssessmentAccess, theme: str, row: Any) -> HttpResponse:
    queries.inspection_of(access.assessment)
    found, work = enquiry.theme_in(access.assessment, theme)
    initial = (
        {n: getattr(row, n) for n in enquiry.FIELDS} | {"base_version": row.version}
        if row
        else {"state": "added", "who": work.lead, "due": work.due, "row": new_id()}
    )
    form = QuestionForm(
        request.POST or None, people=people_of(access.assessment), own=True, initial=initial
    )
    status = 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            if row is None:
                enquiry.add_question(
                    assessment=access.assessment,
                    theme=found.id,
                    wanted=form.wanted(),
                    id=said["row"],
                    by=access.user,
                )
            else:
                enquiry.change_own(
                    row=row,
                    wanted=form.wanted(),
                    base_version=said["base_version"] or 0,
                    by=access.user,
                )
        except (InvalidInput, Conflict) as error:
            form.add_error(None, str(error))
            status = 409 if isinstance(error, Conflict) else 422
        else:
            return see("enquiry-theme", access.assessment.pk, found.id)
    return render(
        request,
        "inspections/plan_question.html",
        context(access, "enquiry-plan", form=form, theme=found, line=None, row=row),
        status=status,
    )


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_GET
def claims(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """The landlord's claims, the boldest with the weakest proof first."""
    inspection = queries.inspection_of(access.assessment)
    pinned = store.pinned(access.assessment)
    scoped = set(
        access.assessment.themes.filter(in_scope=True).order_by().values_list("theme", flat=True)
    )
    found = [c for c in planning.claims_of(access.assessment, pinned) if c.theme.id in scoped]
    return render(
        request,
        "inspections/claims.html",
        context(
            access,
            "claims",
            inspection=inspection,
            page=Paginator(found, settings.PAGE_SIZE).get_page(request.GET.get("page")),
        ),
    )


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_GET
def guides(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Guides and lists to print: what is asked of whom, in the order of the themes."""
    queries.inspection_of(access.assessment)
    how, who = request.GET.get("how", ""), request.GET.get("who", "")
    try:
        wanted = UUID(who) if who else None
    except ValueError:
        wanted = None
    how = how if how in enquiry.METHODS else ""
    return render(
        request,
        "inspections/guides.html",
        context(
            access,
            "enquiry-plan",
            guides=planning.guides(
                access.assessment, store.pinned(access.assessment), how=how, who=wanted
            ),
            methods=methods()[1:],
            people=people_of(access.assessment),
            how=how,
            who=str(wanted or ""),
        ),
    )
