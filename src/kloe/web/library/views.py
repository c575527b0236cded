"""The lines of enquiry to read: for everybody who has signed in, whatever their organisation."""

from __future__ import annotations

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from kloe.frameworks import library
from kloe.frameworks.model import Framework
from kloe.web.access import signed_in
from kloe.web.library import queries
from kloe.web.sent import words_asked


def _framework(request: HttpRequest, identifier: str) -> tuple[Framework, str]:
    """The edition the address names, and what keeps links within it."""
    digest = request.GET.get("edition", "")
    source = queries.framework(identifier.split("/", 1)[0], digest)
    return source, f"?edition={source.digest}" if digest else ""


@signed_in
@require_GET
def editions(request: HttpRequest) -> HttpResponse:
    """Which editions there are."""
    current = library.load_all()
    context = {
        "nav": "library",
        "frameworks": current,
        "older": queries.older_editions(current),
    }
    return render(request, "library/editions.html", context)


@signed_in
@require_GET
def edition(request: HttpRequest, framework: str) -> HttpResponse:
    """One edition: where it comes from, its KLOEs, its scales."""
    source, suffix = _framework(request, framework)
    context = {"nav": "library", "framework": source, "suffix": suffix}
    return render(request, "library/edition.html", context)


@signed_in
@require_GET
def kloe(request: HttpRequest, kloe: str) -> HttpResponse:
    """One KLOE: what it asks about, and its themes."""
    source, suffix = _framework(request, kloe)
    found = source.kloe(kloe)
    context = {
        "nav": "library",
        "framework": source,
        "suffix": suffix,
        "kloe": found,
        "scale": source.scales[found.judgement],
        "parts": queries.parts(source, found),
    }
    return render(request, "library/kloe.html", context)


@signed_in
@require_GET
def theme(request: HttpRequest, theme: str) -> HttpResponse:
    """One theme: questions, and each criterion with its two columns."""
    source, suffix = _framework(request, theme)
    found = source.theme(theme)
    kloe = source.kloe_of(found.id)
    scale = source.scales[kloe.judgement]
    context = {
        "nav": "library",
        "framework": source,
        "suffix": suffix,
        "kloe": kloe,
        "theme": found,
        "cards": queries.cards(source, found),
        "upper": scale.describing("upper"),
        "lower": scale.describing("lower"),
        "overlaps": queries.overlaps_of(source, found),
        "beside": queries.neighbours(kloe, found),
    }
    return render(request, "library/theme.html", context)


@signed_in
@require_GET
def instruments(request: HttpRequest, framework: str) -> HttpResponse:
    """The laws, bodies and standards an edition names, and what became of them."""
    source, suffix = _framework(request, framework)
    asked = {
        "words": words_asked(request),
        "kind": request.GET.get("kind", ""),
        "jurisdiction": request.GET.get("in", ""),
    }
    page = Paginator(queries.register(source, **asked), settings.PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    context = {
        "nav": "library",
        "framework": source,
        "suffix": suffix,
        "page": page,
        "asked": asked,
        "kinds": queries.instrument_kinds(source),
        "jurisdictions": queries.jurisdictions(),
    }
    return render(request, "library/instruments.html", context)


@signed_in
@require_GET
def faults(request: HttpRequest, framework: str) -> HttpResponse:
    """Faults of the published texts, and how each is treated."""
    source, suffix = _framework(request, framework)
    context = {"nav": "library", "framework": source, "suffix": suffix}
    return render(request, "library/faults.html", context)


@signed_in
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Words in all lines of enquiry."""
    words = words_asked(request)
    kind, within = request.GET.get("kind", ""), request.GET.get("in", "")
    found = queries.find(words, kind=kind, within=within) if words else []
    page = Paginator(found, settings.PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "nav": "library",
        "words": words,
        "kind": kind,
        "within": within,
        "kinds": queries.KINDS,
        "frameworks": library.load_all(),
        "page": page,
        "most": queries.MOST,
    }
    return render(request, "library/search.html", context)
