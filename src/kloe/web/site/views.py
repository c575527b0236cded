"""Home, and the choices a browser keeps: colours and language."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.views.decorators.http import require_GET, require_POST

from kloe.assessment.permissions import Permission, permissions_of
from kloe.core.errors import InvalidInput
from kloe.core.messages import _
from kloe.web.access import public, signed_in
from kloe.web.organisations.queries import listed
from kloe.web.site import queries
from kloe.web.site.templatetags.kloe import SCHEMES

YEAR = 365 * 24 * 60 * 60


@signed_in
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Where a person lands: what waits for them, their assessments, their organisations."""
    user = request.user
    organisations = list(listed(user))  # type: ignore[arg-type]
    context = {
        "nav": "home",
        "home": queries.home(user),  # type: ignore[arg-type]
        "organisations": organisations,
        "may_create": any(
            Permission.ASSESSMENT_CREATE in permissions_of(o.my_role)  # type: ignore[attr-defined]
            for o in organisations
        ),
    }
    return render(request, "site/home.html", context)


def _back(request: HttpRequest) -> HttpResponseRedirect:
    """To the page the form stood on, if it is one of ours."""
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        target = resolve_url("home")
    # Not redirect(): that takes words without a slash for the name of a route.
    response = HttpResponseRedirect(target)
    response.status_code = 303
    return response


def _keep(response: HttpResponse, name: str, value: str) -> HttpResponse:
    response.set_cookie(
        name, value, max_age=YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )
    return response


@public
@require_POST
def scheme(request: HttpRequest) -> HttpResponse:
    """Choose light, dark or the system's colours; kept in a cookie."""
    chosen = request.POST.get("scheme", "")
    if chosen not in SCHEMES:
        raise InvalidInput(
            _("There are no colours called “%(name)s”.", name=chosen[:20]),
            _("There are: %(names)s.", names=", ".join(SCHEMES)),
            _("Choose one of them."),
        )
    return _keep(_back(request), "kloe_scheme", chosen)


@public
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Choose the language of the pages; kept in a cookie."""
    chosen = request.POST.get("language", "")
    if chosen not in dict(settings.LANGUAGES) or not check_for_language(chosen):
        raise InvalidInput(
            _("There are no pages in the language “%(name)s”.", name=chosen[:20]),
            _("There are: %(names)s.", names=", ".join(dict(settings.LANGUAGES))),
            _("Choose one of them."),
        )
    return _keep(_back(request), settings.LANGUAGE_COOKIE_NAME, chosen)
