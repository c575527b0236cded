"""Between server and views: the reader's language, and errors as answers rather than crashes."""

from __future__ import annotations

import logging
from collections.abc import Callable
from uuid import uuid4

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import get_language

from kloe.core.errors import (
    Conflict,
    EnvironmentFault,
    InvalidInput,
    KloeError,
    NotFound,
    PermissionRefused,
)
from kloe.core.messages import _, speaking
from kloe.web.reading import refuse_nul

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


STATUS = {NotFound: 404, PermissionRefused: 403, Conflict: 409, EnvironmentFault: 503}
#: PostgreSQL: somebody else's transaction stood in the way of this one.
IN_THE_WAY = {"40001", "40P01", "55P03"}


class ErrorsMiddleware:
    """A ``KloeError`` is an answer: what was given, what is allowed, what to do."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        if answer.status_code == 405 and not answer.content:
            error = InvalidInput(
                _("This address cannot be opened like that."),
                _("It takes: %(methods)s.", methods=answer.headers.get("Allow", "")),
                _("Go back to the page you came from and use its buttons."),
            )
            allow = answer.headers.get("Allow", "")
            answer = self._answer(request, error, status=405)
            answer.headers["Allow"] = allow
        return answer

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponse | None:
        # Views that take files read their form themselves, and look there.
        try:
            refuse_nul(request, body=not getattr(view, "csrf_exempt", False))
        except KloeError as error:
            return self._answer(request, error)
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, OperationalError) and _in_the_way(error):
            log.warning("a request gave way to others: %s", error)
            error = EnvironmentFault(
                _("Too many people are saving at this moment."),
                _("Nothing of this was saved."),
                _("Try again."),
            )
        return self._answer(request, error) if isinstance(error, KloeError) else None

    def _answer(self, request: HttpRequest, error: KloeError, *, status: int = 0) -> HttpResponse:
        status = status or next((s for kind, s in STATUS.items() if isinstance(error, kind)), 400)
        if request.headers.get("Accept", "").startswith("application/json"):
            return JsonResponse(error.as_dict(), status=status)
        template = "site/error_fragment.html" if request.htmx else "site/error.html"  # type: ignore[attr-defined]
        return render(request, template, {"error": error, "status": status}, status=status)


def _in_the_way(error: OperationalError) -> bool:
    """Whether the database gave up on a transaction because of others, on SQLite by waiting."""
    return (
        getattr(error.__cause__, "sqlstate", None) in IN_THE_WAY
        or "database is locked" in str(error)
        or "database table is locked" in str(error)
    )
