"""Between server and views: the reader's language, and errors as answers rather than crashes."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from uuid import uuid4

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.defaults import server_error

from kloe.core.disk import DiskFull, full
from kloe.core.errors import (
    Conflict,
    EnvironmentFault,
    InvalidInput,
    KloeError,
    NotFound,
    PermissionRefused,
)
from kloe.core.messages import _, speaking
from kloe.web.sent import refuse_nul

log = logging.getLogger("kloe.web")
Handler = Callable[[HttpRequest], HttpResponse]


class SpeakMiddleware:
    """Content and messages of the pure packages come in the language of the page."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.id = uuid4().hex[:16]  # type: ignore[attr-defined]
        with speaking((get_language() or "en").split("-")[0]):
            return self.get_response(request)


STATUS = {
    NotFound: 404,
    PermissionRefused: 403,
    Conflict: 409,
    DiskFull: 507,
    EnvironmentFault: 503,
}
#: PostgreSQL: somebody else's transaction stood in the way of this one.
IN_THE_WAY = {"40001", "40P01", "55P03"}


class ErrorsMiddleware:
    """A ``KloeError`` is an answer: what was given, what is allowed, what to do."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 405 and not response.content:
            error = InvalidInput(
                _("This address cannot be opened like that."),
                _("It takes: %(methods)s.", methods=response.headers.get("Allow", "")),
                _("Go back to the page you came from and use its buttons."),
            )
            allow = response.headers.get("Allow", "")
            response = answer(request, error, status=405)
            response.headers["Allow"] = allow
        return response

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponse | None:
        # Views that take files read their form themselves, and look there.
        try:
            refuse_nul(request, body=not getattr(view, "csrf_exempt", False))
        except KloeError as error:
            return answer(request, error)
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if (fault := full(error)) is not None:
            log.error("the disk is full: %s", error)
            return answer(request, fault)
        if isinstance(error, OperationalError) and _in_the_way(error):
            log.warning("a request gave way to others: %s", error)
            error = EnvironmentFault(
                _("Too many people are saving at this moment."),
                _("Nothing of this was saved."),
                _("Try again."),
            )
        return answer(request, error) if isinstance(error, KloeError) else None


def answer(request: HttpRequest, error: KloeError, *, status: int = 0) -> HttpResponse:
    """What a person or program is told of an error."""
    status = status or next((s for kind, s in STATUS.items() if isinstance(error, kind)), 400)
    if request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse(error.as_dict(), status=status)
    template = "site/error_fragment.html" if getattr(request, "htmx", False) else "site/error.html"
    return render(request, template, {"error": error, "status": status}, status=status)


def unexpected(request: HttpRequest) -> HttpResponse:
    """What went wrong outside the views: a full disk is told, all else is a fault of ours."""
    fault = full(sys.exc_info()[1])
    return answer(request, fault) if fault is not None else server_error(request)


def _in_the_way(error: OperationalError) -> bool:
    """Whether the database gave up on a transaction because of others, on SQLite by waiting."""
    return (
        getattr(error.__cause__, "sqlstate", None) in IN_THE_WAY
        or "database is locked" in str(error)
        or "database table is locked" in str(error)
    )
