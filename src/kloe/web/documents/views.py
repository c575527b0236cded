"""Pages of documents: search, reading page by page, reading again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kloe.assessment.documents.asking import Asked, asked
from kloe.assessment.permissions import Permission
from kloe.core.errors import NotFound, PermissionRefused
from kloe.core.messages import Message
from kloe.web.access import (
    AssessmentAccess,
    OrganisationAccess,
    fetch_assessments,
    in_assessment,
    in_organisation,
)
from kloe.web.documents import actions, queries, search
from kloe.web.evidence import queries as evidence
from kloe.web.evidence.models import EvidenceItem
from kloe.web.evidence.views import item_url, see_other
from kloe.web.sent import words_asked

PAGE = 20


class _Pages(Paginator):
    """Pages of what was found, of which one is read."""

    def __init__(self, found: search.Found) -> None:
        super().__init__(range(found.total), PAGE)


def page_asked(request: HttpRequest) -> int:
    """The page an address asks for: a small number from 1, whatever is written there."""
    given = request.GET.get("page", "")
    sensible = given.isascii() and given.isdigit() and len(given) < 7
    return max(1, min(int(given), search.MOST)) if sensible else 1


def _searched(request: HttpRequest, accesses: list[AssessmentAccess]) -> dict[str, Any]:
    words = words_asked(request)
    wanted: Asked = asked(words)
    number = min(page_asked(request), search.MOST // PAGE)
    found = search.search(
        wanted,
        search.visible(accesses),
        [access.assessment.pk for access in accesses],
        first=(number - 1) * PAGE,
        count=PAGE,
    )
    page = _Pages(found).get_page(number)
    return {"words": words, "wanted": wanted, "found": found, "page": page}


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_safe
def search_assessment(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Search the text of all evidence of an assessment, as far as one may see it."""
    context = {
        "assessment": access.assessment,
        "nav": "evidence",
        "unread": queries.unread(access.assessment),
    }
    return render(request, "documents/search.html", context | _searched(request, [access]))


@in_organisation(Permission.ORGANISATION_VIEW)
@require_safe
def search_organisation(request: HttpRequest, access: OrganisationAccess) -> HttpResponse:
    """Search the evidence of all assessments of an organisation that one may see."""
    accesses = fetch_assessments(access.user, access.organisation.pk, Permission.ASSESSMENT_VIEW)
    context = {"organisation": access.organisation, "assessments": len(accesses)}
    return render(request, "documents/organisation.html", context | _searched(request, accesses))


def _seen(access: AssessmentAccess, pk: UUID) -> EvidenceItem:
    """An item this person sees in full, not deleted.

    :raises PermissionRefused: if it is restricted.
    :raises NotFound: if it was deleted.
    """
    found = evidence.item_of(access.assessment, pk)
    if not evidence.may_see(access, found.confidentiality, found.added_by_id):
        raise PermissionRefused(
            Message("E%(n)d is restricted.", n=found.number),
            Message("Assessors and leads may see restricted evidence."),
            Message("Ask the lead of the assessment."),
        )
    if found.deleted_at is not None:
        raise NotFound(
            Message("E%(n)d was deleted, and its text with it.", n=found.number),
            "",
            Message("Look at the item: it says what became of it."),
        )
    return found


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_safe
def text(request: HttpRequest, access: AssessmentAccess, item: UUID) -> HttpResponse:
    """The text of a document, a page at a time, from which a passage can be quoted."""
    found = _seen(access, item)
    return render(
        request,
        "documents/text.html",
        {"assessment": access.assessment, "nav": "evidence"}
        | queries.reader(access, found, request.GET),
    )


@in_assessment(Permission.EVIDENCE_ADD)
@require_POST
def again(request: HttpRequest, access: AssessmentAccess, item: UUID) -> HttpResponse:
    """Have a document read once more."""
    found = _seen(access, item)
    actions.again(item=found, by=access.user, request_id=getattr(request, "id", ""))
    messages.success(request, _("The text of E%(n)d is read again.") % {"n": found.number})
    return see_other(item_url(found))
