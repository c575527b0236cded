"""Criteria said not to apply: the list of those that wait, and the moderator's word on each."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from kloe.assessment.permissions import Permission
from kloe.core.errors import InvalidInput, NotFound
from kloe.web.access import AssessmentAccess, in_assessment
from kloe.web.assessments.saving import StaleWrite, Write
from kloe.web.inspections.queries import inspection_of, nav
from kloe.web.judgements.answering import Differing, SeeOther, conflict, done
from kloe.web.library import store
from kloe.web.moderation import exempting, queries
from kloe.web.moderation.models import Exemption


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_GET
def index(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Criteria that the team says do not apply."""
    return _page(request, access)


def _page(
    request: HttpRequest, access: AssessmentAccess, failed: dict[str, Any] | None = None
) -> HttpResponse:
    inspection_of(access.assessment)
    found = queries.exempted(access.assessment, store.pinned(access.assessment))
    return render(
        request,
        "moderation/exemptions.html",
        {
            "assessment": access.assessment,
            "page": Paginator(found, settings.PAGE_SIZE).get_page(request.GET.get("page")),
            "waiting": sum(not one.decision for one in found),
            "refused": sum(one.decision == "refused" for one in found),
            "failed": failed or {},
            "tabs": nav(access, "moderation"),
            "nav": "inspection",
        },
        status=422 if failed else 200,
    )


@in_assessment(Permission.MODERATE)
@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, access: AssessmentAccess, criterion: str) -> HttpResponse:
    """Agree that a criterion does not apply, or refuse."""
    found = store.pinned(access.assessment).criterion(criterion)
    back = reverse("exemptions", args=[access.assessment.pk])
    if request.method != "POST":
        return SeeOther(back)
    typed = {name: request.POST.get(name, "") for name in ("decision", "words", "reason")}
    try:
        exempting.decide(
            assessment=access.assessment, criterion=found, write=Write.of(request), **typed
        )
    except StaleWrite as stale:
        return _decided_first(request, access, found.id, stale, back, typed["reason"])
    except (InvalidInput, NotFound) as error:
        return _page(request, access, {**typed, "criterion": found.id, "error": str(error)})
    done(request, _("Decided."))
    return SeeOther(back)


def _decided_first(
    request: HttpRequest,
    access: AssessmentAccess,
    criterion: str,
    stale: StaleWrite,
    back: str,
    reason: str,
) -> HttpResponse:
    row = Exemption.objects.get(assessment=access.assessment, criterion=criterion)
    labels = dict(Exemption.Decision.choices)
    mine = stale.mine
    return conflict(
        request,
        access,
        stale,
        fields=[
            Differing(
                "decision",
                _("Decision"),
                labels.get(row.decision, row.decision),
                labels.get(mine["decision"], mine["decision"]),
                [mine["decision"]],
            ),
            Differing("words", _("Words"), row.words, mine["words"], [mine["words"]], long=True),
            Differing("reason", "", "", "", [reason], hidden=True),
        ],
        row=row,
        kind="exemption",
        subject=criterion,
        back=back,
        nav="inspection",
    )
