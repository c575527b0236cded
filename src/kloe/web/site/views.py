"""Home."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kloe.web.access import signed_in, visible_assessments


@signed_in
def home(request: HttpRequest) -> HttpResponse:
    """Where a person lands: their assessments, and what waits for them."""
    return render(
        request, "site/home.html", {"assessments": visible_assessments(request.user)[:20]}
    )
