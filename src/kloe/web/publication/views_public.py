"""What anybody reads without signing in: no session, no cookie, the same for everybody."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from kloe import __version__
from kloe.core.digest import value_digest
from kloe.core.errors import NotFound
from kloe.core.messages import Message
from kloe.reports.sealing import PUBLIC
from kloe.web.access import public
from kloe.web.publication import files, queries
from kloe.web.publication.models import PublishedPage

#: So long may a page or file be kept on the way: a withdrawal is to be seen soon.
SECONDS = 60


def _cached(response: HttpResponseBase, page: PublishedPage, etag: str) -> HttpResponseBase:
    response["Cache-Control"] = f"public, max-age={SECONDS}"
    response["ETag"] = f'"{etag}"'
    if not settings.PUBLISHED_INDEXED or page.assessment.landlord.invented:
        response["X-Robots-Tag"] = "noindex"
    return response


def _known(request: HttpRequest, etag: str) -> bool:
    """Whether whoever asks has this already."""
    found = get_conditional_response(request, etag=f'"{etag}"')
    return isinstance(found, HttpResponseNotModified)


@public
@require_safe
def published(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The published report: grades, files, versions, the board's response, how to verify."""
    page = queries.page_at(slug)
    language = get_language() or "en"
    etag = value_digest([str(page.pk), page.version, language, __version__, 0])
    if not page.open:
        text = render_to_string("publication/withdrawn.html", {"page": page})
        return _cached(HttpResponse(text, status=410), page, etag)
    versions = queries.versions(
        page.assessment_id, restricted=False, route="published-file", within=[slug]
    )
    etag = value_digest([str(page.pk), page.version, language, __version__, len(versions)])
    if _known(request, etag):
        return _cached(HttpResponseNotModified(), page, etag)
    text = render_to_string(
        "publication/public.html",
        {
            "page": page,
            "assessment": page.assessment,
            "landlord": page.assessment.landlord,
            "versions": versions,
            "standing": versions[0],
            "earlier": versions[1:],
            "address": request.build_absolute_uri(reverse("published", args=[slug])),
        },
    )
    return _cached(HttpResponse(text), page, etag)


@public
@require_safe
def published_file(request: HttpRequest, slug: str, number: int, name: str) -> HttpResponseBase:
    """A public file of a version, as it was published."""
    page = queries.page_at(slug)
    if not page.open:
        raise NotFound(
            Message("This report is not public any more."),
            "",
            Message("Its page says why."),
        )
    found = queries.file_of(page.assessment_id, number, PUBLIC, name)
    if _known(request, found.sha256):
        return _cached(HttpResponseNotModified(), page, found.sha256)
    return _cached(files.served(found), page, found.sha256)
