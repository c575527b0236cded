"""Pages of organisations and their members."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kloe.assessment.permissions import ORGANISATION_ROLES, ROLE_NAMES, Permission
from kloe.core.errors import Conflict, InvalidInput
from kloe.web.access import OrganisationAccess, in_organisation, signed_in
from kloe.web.mailing import Posted
from kloe.web.organisations import actions, queries
from kloe.web.organisations.forms import AddMemberForm, OrganisationForm, RoleForm
from kloe.web.sent import words_asked

read_or_post = require_http_methods(["GET", "HEAD", "POST"])


def _see(route: str, *args: Any) -> HttpResponse:
    response = redirect(route, *args)
    response.status_code = 303
    return response


def _address(request: HttpRequest) -> str:
    return request.build_absolute_uri("/")


@signed_in
@require_GET
def organisations(request: HttpRequest) -> HttpResponse:
    """The organisations a person belongs to."""
    page = Paginator(queries.listed(request.user), settings.PAGE_SIZE).get_page(  # type: ignore[arg-type]
        request.GET.get("page")
    )
    return render(request, "organisations/list.html", {"nav": "organisations", "page": page})


@in_organisation(Permission.ORGANISATION_VIEW)
@require_GET
def organisation(request: HttpRequest, access: OrganisationAccess) -> HttpResponse:
    """One organisation: what it is, its assessments, its people."""
    asked = queries.MembersAsked(
        words=words_asked(request),
        role=request.GET.get("role", ""),
        sort=request.GET.get("sort", "name"),
    )
    members = Paginator(queries.members(access.organisation, asked), settings.PAGE_SIZE)
    return render(
        request,
        "organisations/organisation.html",
        {
            "nav": "organisations",
            "organisation": access.organisation,
            "assessments": queries.assessments_of(access.organisation)[:10],
            "members": members.get_page(request.GET.get("page")),
            "asked": asked,
            "roles": [(r.value, ROLE_NAMES[r]) for r in ORGANISATION_ROLES],
        },
    )


@in_organisation(Permission.ORGANISATION_MANAGE)
@read_or_post
def edit(request: HttpRequest, access: OrganisationAccess) -> HttpResponse:
    """Change what is said of an organisation."""
    title = access.organisation.name
    form = OrganisationForm(request.POST or None, instance=access.organisation)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                actions.update(
                    organisation=access.organisation,
                    values=form.cleaned_data,
                    by=access.user,
                    request_id=getattr(request, "id", ""),
                )
            except Conflict as error:
                form.add_error("small_number", str(error))
            else:
                messages.success(request, _("Saved."))
                return _see("organisation", access.organisation.pk)
        status = 422
    context = {"nav": "organisations", "form": form, "title": title, "pk": access.organisation.pk}
    return render(request, "organisations/edit.html", context, status=status)


@in_organisation(Permission.ORGANISATION_MANAGE)
@read_or_post
def member_add(request: HttpRequest, access: OrganisationAccess) -> HttpResponse:
    """Add somebody by e-mail address."""
    form = AddMemberForm(request.POST or None)
    context = {"nav": "organisations", "form": form, "organisation": access.organisation}
    if request.method != "POST":
        return render(request, "organisations/member_add.html", context)
    if form.is_valid():
        try:
            added = actions.add_member(
                organisation=access.organisation,
                by=access.user,
                address=_address(request),
                request_id=getattr(request, "id", ""),
                **form.cleaned_data,
            )
        except (Conflict, InvalidInput) as error:
            form.add_error("email", str(error))
        else:
            if added.link:
                return _link_sent(request, access, added.membership.user, added.posted)
            messages.success(
                request,
                _("%(name)s belongs to %(organisation)s now; mail tells them.")
                % {"name": added.membership.user, "organisation": access.organisation},
            )
            return _see("organisation", access.organisation.pk)
    return render(request, "organisations/member_add.html", context, status=422)


def _link_sent(
    request: HttpRequest, access: OrganisationAccess, person: object, posted: Posted
) -> HttpResponse:
    """What became of a link. Where no mail brings it, it is shown, once: it is kept nowhere,
    neither here nor by the browser.
    """
    context = {
        "nav": "organisations",
        "organisation": access.organisation,
        "person": person,
        "posted": posted,
    }
    response = render(request, "organisations/link.html", context)
    response["Cache-Control"] = "no-store"
    return response


@in_organisation(Permission.ORGANISATION_MANAGE)
@read_or_post
def member(request: HttpRequest, access: OrganisationAccess, person: UUID) -> HttpResponse:
    """One member: their role, and taking them out."""
    membership = queries.member(access.organisation, person)
    last = queries.is_last_administrator(membership)
    form = RoleForm(request.POST or None, initial={"role": membership.role})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                actions.change_role(
                    membership=membership,
                    role=form.cleaned_data["role"],
                    by=access.user,
                    request_id=getattr(request, "id", ""),
                )
            except Conflict as error:
                form.add_error("role", str(error))
            else:
                messages.success(request, _("Saved."))
                return _see("organisation", access.organisation.pk)
    context = {
        "nav": "organisations",
        "organisation": access.organisation,
        "membership": membership,
        "form": form,
        "last": last,
        "may_have_link": queries.may_have_link(membership),
    }
    return render(request, "organisations/member.html", context, status=status)


@in_organisation(Permission.ORGANISATION_MANAGE)
@require_POST
def member_remove(request: HttpRequest, access: OrganisationAccess, person: UUID) -> HttpResponse:
    """Take somebody out of the organisation."""
    membership = queries.member(access.organisation, person)
    name, own = str(membership.user), membership.user_id == access.user.pk
    actions.remove_member(
        membership=membership, by=access.user, request_id=getattr(request, "id", "")
    )
    messages.success(
        request,
        _("%(name)s no longer belongs to %(organisation)s. What they wrote stays.")
        % {"name": name, "organisation": access.organisation},
    )
    return _see("organisations") if own else _see("organisation", access.organisation.pk)


@in_organisation(Permission.ORGANISATION_MANAGE)
@require_POST
def member_link(request: HttpRequest, access: OrganisationAccess, person: UUID) -> HttpResponse:
    """A new link to set a password, for somebody who has never signed in."""
    membership = queries.member(access.organisation, person)
    posted = actions.renew_link(
        membership=membership,
        by=access.user,
        address=_address(request),
        request_id=getattr(request, "id", ""),
    )
    return _link_sent(request, access, membership.user, posted)
