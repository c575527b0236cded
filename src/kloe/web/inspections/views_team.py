"""The team's page, inviting, accepting, leaving, tying the landlord."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kloe.assessment.permissions import LANDLORD_ROLES, ROLE_NAMES, Permission, Role
from kloe.core.errors import Conflict, InvalidInput, NotFound
from kloe.core.messages import Message
from kloe.web.access import AssessmentAccess, in_assessment, organisations_where, public
from kloe.web.accounts.models import User
from kloe.web.inspections import queries, team
from kloe.web.inspections.forms_team import InviteForm, JoinForm, TieForm
from kloe.web.inspections.models import Invitation
from kloe.web.inspections.views import see

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@in_assessment(Permission.INSPECTION_VIEW)
@require_GET
def members(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Who is of the team, and who is invited."""
    inspection = queries.inspection_of(access.assessment)
    manages = access.may(Permission.INSPECTION_MANAGE)
    return render(
        request,
        "inspections/team.html",
        {
            "assessment": access.assessment,
            "inspection": inspection,
            "team": queries.team(access.assessment),
            "invitations": inspection.invitations.select_related("sent_by") if manages else [],
            "tie": access.may(Permission.HAND_OVER) and team.may_be_tied(access.assessment),
            "nav": "inspection",
            "tabs": queries.nav(access, "inspection-team"),
        },
    )


@in_assessment(Permission.INSPECTION_MANAGE, when_published=True)
@require_http_methods(["GET", "POST"])
def invite(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Invite somebody by mail."""
    inspection = queries.inspection_of(access.assessment)
    form = InviteForm(request.POST or None)
    context = {
        "assessment": access.assessment,
        "form": form,
        "nav": "inspection",
        "tabs": queries.nav(access, "inspection-team"),
    }
    if request.method == "POST" and form.is_valid():
        try:
            invited = team.invite(
                inspection=inspection,
                by=access.user,
                address=request.build_absolute_uri("/"),
                **form.cleaned_data,
            )
        except (Conflict, InvalidInput) as error:
            form.add_error("email", str(error))
        else:
            response = render(request, "inspections/invited.html", context | {"invited": invited})
            response["Cache-Control"] = "no-store"
            return response
    status = 422 if form.is_bound else 200
    return render(request, "inspections/invite.html", context, status=status)


@in_assessment(Permission.INSPECTION_MANAGE, when_published=True)
@require_POST
def revoke(request: HttpRequest, access: AssessmentAccess, pk: UUID) -> HttpResponse:
    """Take an invitation back."""
    inspection = queries.inspection_of(access.assessment)
    found = inspection.invitations.filter(pk=pk).first()
    if found is None:
        raise NotFound(
            Message("There is no such invitation."), "", Message("Load the team's page again.")
        )
    team.revoke(invitation=found, by=access.user)
    messages.success(request, _("The invitation to %(email)s is revoked.") % {"email": found.email})
    return see("inspection-team", access.assessment.pk)


@in_assessment(Permission.INSPECTION_MANAGE, when_published=True)
@require_POST
def remove(request: HttpRequest, access: AssessmentAccess, person: UUID) -> HttpResponse:
    """Take somebody out of the team."""
    inspection = queries.inspection_of(access.assessment)
    found = User.objects.filter(pk=person, participations__assessment=access.assessment).first()
    if found is None:
        raise NotFound(
            Message("This person is not of the team."), "", Message("Load the team's page again.")
        )
    team.leave(inspection=inspection, person=found, by=access.user)
    messages.success(request, _("%(who)s is no longer of the team.") % {"who": found})
    return see("inspection-team", access.assessment.pk)


@in_assessment(Permission.HAND_OVER)
@require_http_methods(["GET", "POST"])
def tie(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """The landlord's lead says which organisation is inspected."""
    inspection = queries.inspection_of(access.assessment)
    own = organisations_where(access.user, Permission.ASSESSMENT_CREATE).exclude(
        pk=access.assessment.organisation_id
    )
    form = TieForm(request.POST or None, organisations=own)
    if request.method == "POST" and form.is_valid():
        team.tie_landlord(
            inspection=inspection, organisation=form.cleaned_data["organisation"], by=access.user
        )
        messages.success(request, _("The inspection is tied to your organisation."))
        return see("inspection-self-assessment", access.assessment.pk)
    return render(
        request,
        "inspections/tie.html",
        {
            "assessment": access.assessment,
            "form": form,
            "any": own.exists(),
            "open": team.may_be_tied(access.assessment),
            "nav": "inspection",
            "tabs": queries.nav(access, "inspection-team"),
        },
        status=422 if form.is_bound else 200,
    )


@public
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Look at an invitation, and accept it: signed in, or with a new account."""
    found = team.invitation_of(token)
    user = request.user if isinstance(request.user, User) else None
    known = User.objects.filter(email=found.email).exists()
    form = None if user or known else JoinForm(request.POST or None, name=found.name)
    if request.method == "POST":
        if user is None and known:
            return redirect_to_login(request.get_full_path())
        if user is not None or (form is not None and form.is_valid()):
            try:
                said = form.cleaned_data if form is not None else {}
                joined = team.accept(invitation=found, by=user, **said)
            except InvalidInput as error:
                assert form is not None
                form.add_error("password", str(error))
            else:
                if user is None:
                    login(request, joined, backend=BACKEND)
                messages.success(request, _("You are of the team now."))
                return see("inspection", found.inspection_id)
    else:
        team.check_open(found)
    return _page(request, found, user, form, known=known)


def _page(
    request: HttpRequest,
    found: Invitation,
    user: User | None,
    form: JoinForm | None,
    *,
    known: bool,
) -> HttpResponse:
    role = Role(found.role)
    response = render(
        request,
        "inspections/invitation.html",
        {
            "found": found,
            "assessment": found.inspection.assessment,
            "role": ROLE_NAMES[role],
            "of_landlord": role in LANDLORD_ROLES,
            "other": user is not None and user.email.lower() != found.email.lower(),
            "known": known,
            "form": form,
            "here": request.get_full_path(),
        },
        status=422 if form is not None and form.is_bound else 200,
    )
    response["Cache-Control"] = "private, no-store"
    # No token of an address reaches anybody; without an origin browsers could send no form.
    response["Referrer-Policy"] = "strict-origin"
    return response
