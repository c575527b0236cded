"""The list of documents asked for."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kloe.assessment.permissions import Permission
from kloe.core.errors import Conflict, InvalidInput
from kloe.web.access import AssessmentAccess, in_assessment
from kloe.web.evidence.adding import limit_words
from kloe.web.evidence.uploads import intake_of, receiving
from kloe.web.ids import new_id
from kloe.web.inspections import queries, requests
from kloe.web.inspections.forms_documents import GiveForm, RequestForm
from kloe.web.inspections.views import see
from kloe.web.library import store


@in_assessment(Permission.DOCUMENT_VIEW)
@require_GET
def documents(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """What is wanted, by when, what has come; overdue ones first."""
    inspection = queries.inspection_of(access.assessment)
    state = request.GET.get("state", "")
    found = requests.lines(inspection, state=state)
    return render(
        request,
        "inspections/documents.html",
        {
            "assessment": access.assessment,
            "page": Paginator(found, settings.PAGE_SIZE).get_page(request.GET.get("page")),
            "overdue": sum(1 for one in found if one.overdue),
            "open": sum(1 for one in found if one.row.state == "open"),
            "state": state,
            "inside": access.may(Permission.ASSESSMENT_VIEW),
            "nav": "inspection",
            "tabs": queries.nav(access, "documents"),
        },
    )


@in_assessment(Permission.DOCUMENT_ASK)
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Ask for a document."""
    return _edit(request, access, None)


@in_assessment(Permission.DOCUMENT_ASK)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, access: AssessmentAccess, pk: UUID) -> HttpResponse:
    """Change what is asked for."""
    return _edit(request, access, pk)


def _edit(request: HttpRequest, access: AssessmentAccess, pk: UUID | None) -> HttpResponse:
    inspection = queries.inspection_of(access.assessment)
    row = requests.request_of(inspection, pk) if pk else None
    themes = [(t.id, f"{t.number} {t.title}") for t in store.pinned(access.assessment).themes()]
    initial = {n: getattr(row, n) for n in requests.SAID} if row else {}
    form = RequestForm(
        request.POST or None,
        themes=themes,
        initial=initial | {"base_version": row.version if row else 0, "row": new_id()},
    )
    status = 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        base, made = said.pop("base_version"), said.pop("row")
        try:
            if row is None:
                requests.ask(inspection=inspection, by=access.user, id=made, **said)
            else:
                requests.change(request=row, by=access.user, base_version=base, **said)
        except (InvalidInput, Conflict) as error:
            form.add_error(None, str(error))
            status = 409 if isinstance(error, Conflict) else 422
        else:
            return see("documents", access.assessment.pk)
    return render(
        request,
        "inspections/document_ask.html",
        {
            "assessment": access.assessment,
            "form": form,
            "row": row,
            "nav": "inspection",
            "tabs": queries.nav(access, "documents"),
        },
        status=status,
    )


@in_assessment(Permission.DOCUMENT_ASK)
@require_POST
def settle(request: HttpRequest, access: AssessmentAccess, pk: UUID) -> HttpResponse:
    """Withdraw a request, tick it off, or open it again."""
    inspection = queries.inspection_of(access.assessment)
    row = requests.request_of(inspection, pk)
    requests.settle(
        request=row,
        state=request.POST.get("state", ""),
        answer=request.POST.get("answer", ""),
        by=access.user,
    )
    return see("documents", access.assessment.pk)


@in_assessment(Permission.DOCUMENT_GIVE)
@require_http_methods(["GET", "POST"])
@receiving
def give(request: HttpRequest, access: AssessmentAccess, pk: UUID) -> HttpResponse:
    """Send files for a request; or say why there is none."""
    inspection = queries.inspection_of(access.assessment)
    row = requests.request_of(inspection, pk)
    intake = intake_of(request)
    form = GiveForm(
        request.POST if request.method == "POST" else None, initial={"write_id": new_id()}
    )
    if request.method == "POST" and form.is_valid():
        for name, why in intake.refused:
            form.add_error(None, f"{name}: {why}")
        answer = form.cleaned_data["answer"]
        if not form.errors:
            try:
                if intake.uploads:
                    requests.give(
                        request=row,
                        uploads=intake.uploads,
                        by=access.user,
                        write_id=form.cleaned_data["write_id"],
                    )
                else:
                    requests.settle(request=row, state="received", answer=answer, by=access.user)
            except (InvalidInput, Conflict) as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, _("D%(n)d is ticked off.") % {"n": row.number})
                return see("documents", access.assessment.pk)
    return render(
        request,
        "inspections/document_give.html",
        {
            "assessment": access.assessment,
            "form": form,
            "row": row,
            "limit": limit_words(),
            "nav": "inspection",
            "tabs": queries.nav(access, "documents"),
        },
        status=422 if form.is_bound else 200,
    )


@in_assessment(Permission.DOCUMENT_ASK)
@require_POST
def remind(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Remind the landlord's people by mail."""
    inspection = queries.inspection_of(access.assessment)
    address = request.build_absolute_uri(reverse("documents", args=[access.assessment.pk]))
    n = requests.remind(inspection=inspection, by=access.user, address=address)
    messages.success(
        request,
        ngettext(
            "A reminder of %(n)d document is on its way.",
            "A reminder of %(n)d documents is on its way.",
            n,
        )
        % {"n": n},
    )
    return see("documents", access.assessment.pk)
