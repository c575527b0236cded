"""Urgent risks: raising one, the list, telling again, answering."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kloe.assessment.checks import words
from kloe.assessment.permissions import Permission
from kloe.core.errors import InvalidInput, KloeError
from kloe.core.messages import Message
from kloe.web.access import AssessmentAccess, in_assessment
from kloe.web.assessments.saving import Write
from kloe.web.checks import queries, risks
from kloe.web.checks.forms import AnswerForm, ContactForm, RiskForm
from kloe.web.checks.models import UrgentRisk
from kloe.web.checks.views import check_url
from kloe.web.checks.writing import found_in
from kloe.web.evidence.views import see_other
from kloe.web.ids import new_id

STATES = ("open", "overdue", "answered")


def address_of(request: HttpRequest) -> str:
    """Where this kloe is reached, for a link in an e-mail."""
    return f"{request.scheme}://{request.get_host()}"


def risk_url(risk: UrgentRisk) -> str:
    return reverse("risk", args=[risk.assessment_id, risk.pk])


def _risk(access: AssessmentAccess, pk: UUID) -> UrgentRisk:
    """A risk this person may see, or raised."""
    rows = queries.risks(access)
    if not access.may(Permission.RISKS_VIEW):
        rows = rows.filter(raised_by=access.user)
    return found_in(rows, pk, Message("urgent risk"))


def _after(access: AssessmentAccess, risk: UrgentRisk) -> str:
    """Where somebody looks after a press: at the risk, or at their check."""
    if access.may(Permission.RISKS_VIEW):
        return risk_url(risk)
    return (
        check_url(risk.check_of)
        if risk.check_of
        else reverse("checks", args=[access.assessment.pk])
    )


@in_assessment(Permission.RISKS_VIEW)
@require_safe
def index(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """The urgent risks of an assessment, the most pressing first."""
    only = request.GET.get("only", "")
    rows = queries.risks(access, only=only if only in STATES else "")
    return render(
        request,
        "checks/risks.html",
        {
            "assessment": access.assessment,
            "nav": "risks",
            "page": Paginator(rows, settings.PAGE_SIZE).get_page(request.GET.get("page")),
            "only": only,
            "now": timezone.now(),
            "contact": risks.contact_of(access.assessment),
            "form": RiskForm(auto_id="risk-%s"),
            "risk_id": new_id(),
            "risk_kinds": words.choices(words.RiskKind),
        },
    )


@in_assessment(Permission.RISKS_RAISE)
@require_POST
def raise_risk(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Raise an urgent risk; the named contact is told at once."""
    form = RiskForm(request.POST)
    if not form.is_valid():
        raise InvalidInput(
            "; ".join(str(e) for errors in form.errors.values() for e in errors),
            "",
            Message("Correct it and press again; nothing was sent yet."),
        )
    check = None
    if given := request.POST.get("check", ""):
        try:
            check = queries.one(access, UUID(given))
        except ValueError:
            raise InvalidInput(
                Message("The page sent an identifier that cannot be read."),
                "",
                Message("Load the page again."),
            ) from None
    risk = risks.raise_risk(
        assessment=access.assessment,
        check=check,
        write=Write.of(request),
        address=address_of(request),
        located=request.POST.get("located", ""),
        **form.cleaned_data,
    )
    risk.refresh_from_db()
    _say_told(request, risk)
    return see_other(_after(access, risk))


def _say_told(request: HttpRequest, risk: UrgentRisk) -> None:
    if risk.not_told or not risk.told_to:
        messages.error(
            request,
            _("U%(n)d is kept, but nobody was told: %(why)s. Ring somebody now.")
            % {"n": risk.number, "why": risk.not_told or _("the e-mail did not go")},
        )
    else:
        messages.success(
            request,
            _("U%(n)d is raised. Told: %(who)s.") % {"n": risk.number, "who": risk.told_to},
        )


def _page(
    request: HttpRequest, access: AssessmentAccess, risk: UrgentRisk, form: AnswerForm
) -> HttpResponse:
    return render(
        request,
        "checks/risk.html",
        {
            "assessment": access.assessment,
            "nav": "risks",
            "risk": risk,
            "late": risk.answered_at is None and risk.answer_by < timezone.now(),
            "contact": risks.contact_of(access.assessment),
            "form": form,
        },
        status=422 if form.is_bound else 200,
    )


@in_assessment(Permission.RISKS_VIEW)
@require_safe
def show(request: HttpRequest, access: AssessmentAccess, risk: UUID) -> HttpResponse:
    """An urgent risk, whom it was told to, and its answer."""
    return _page(request, access, _risk(access, risk), AnswerForm())


@in_assessment(Permission.RISKS_RAISE)
@require_POST
def describe(request: HttpRequest, access: AssessmentAccess, risk: UUID) -> HttpResponse:
    """Say more of a risk."""
    found = risks.describe(
        risk=_risk(access, risk),
        text=request.POST.get("text", ""),
        place=request.POST.get("place", ""),
        by=access.user,
    )
    messages.success(request, _("Saved."))
    return see_other(_after(access, found))


@in_assessment(Permission.RISKS_RAISE)
@require_POST
def tell(request: HttpRequest, access: AssessmentAccess, risk: UUID) -> HttpResponse:
    """Send it to the named contact again."""
    found = risks.tell(risk=_risk(access, risk), by=access.user, address=address_of(request))
    _say_told(request, found)
    return see_other(_after(access, found))


@in_assessment(Permission.RISKS_ANSWER, when_published=True)
@require_POST
def answer(request: HttpRequest, access: AssessmentAccess, risk: UUID) -> HttpResponse:
    """Keep what was done about it."""
    found = _risk(access, risk)
    form = AnswerForm(request.POST)
    if form.is_valid():
        risks.answer(
            risk=found,
            text=form.cleaned_data["answer"],
            answered_for=form.cleaned_data["answered_for"],
            by=access.user,
        )
        messages.success(request, _("The answer is kept."))
        return see_other(risk_url(found))
    return _page(request, access, found, form)


@in_assessment(Permission.CHECKS_EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Whom to tell of an urgent risk."""
    there = risks.contact_of(access.assessment)
    fields = ("name", "email", "telephone", "hours")
    form = ContactForm(
        request.POST if request.method == "POST" else None,
        initial={f: getattr(there, f) for f in fields} if there else None,
    )
    if request.method == "POST" and form.is_valid():
        try:
            risks.set_contact(assessment=access.assessment, by=access.user, **form.cleaned_data)
        except KloeError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Urgent risks are told to %(who)s from now on.") % {
                "who": form.cleaned_data["name"]})  # fmt: skip
            return see_other(reverse("risks", args=[access.assessment.pk]))
    return render(
        request,
        "checks/contact.html",
        {"assessment": access.assessment, "nav": "risks", "form": form, "contact": there},
        status=422 if form.is_bound else 200,
    )
