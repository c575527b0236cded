"""Between server and views: the reader's language, and errors as answers rather than crashes."""

from __future__ import annotations

import logging
from collections.abc import Callable
from uuid import uuid4

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import get_language

from kloe.core.errors import Conflict, EnvironmentFault, KloeError, NotFound, PermissionRefused
from kloe.core.messages import speaking

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


class ErrorsMiddleware:
    """A ``KloeError`` is an answer: what was given, what is allowed, what to do."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, KloeError):
            return None
        status = next((s for kind, s in STATUS.items() if isinstance(error, kind)), 400)
        if request.headers.get("Accept", "").startswith("application/json"):
            return JsonResponse(error.as_dict(), status=status)
        template = "site/error_fragment.html" if request.htmx else "site/error.html"  # type: ignore[attr-defined]
        return render(request, template, {"error": error, "status": status}, status=status)
