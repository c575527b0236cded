"""The plan as a table, for the board, as a time line; what could become part of it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from kloe.assessment.permissions import Permission
from kloe.assessment.plan import LED_BY, LEVELS, MADE_BY, OUTCOMES, STATUSES
from kloe.web.access import OrganisationAccess, in_organisation
from kloe.web.plans import board, publishing, queries, sources, timeline
from kloe.web.plans.queries import Asked
from kloe.web.sent import words_asked

NAV = "organisations"
#: Bars that fit one picture and can still be read.
BARS = 40


def see_other(route: str, *args: Any) -> HttpResponse:
    """On to a page, after something was written."""
    response = redirect(route, *args)
    response.status_code = 303
    return response


def context_of(access: OrganisationAccess, tab: str, **more: Any) -> dict[str, Any]:
    """What every page of the plan shows."""
    return {
        "nav": NAV,
        "organisation": access.organisation,
        "tab": tab,
        "today": timezone.localdate(),
        "owed": queries.OWED,
        **more,
    }


def _choices(words: Any) -> list[tuple[str, str]]:
    return [(key, str(label)) for key, label in words.items()]


def _filters(access: OrganisationAccess, asked: Asked) -> dict[str, Any]:
    return {
        "asked": asked,
        "filter_names": queries.FILTERS,
        "statuses": _choices(STATUSES),
        "origins": _choices(LED_BY),
        "levels": _choices(LEVELS),
        "lates": _choices(queries.LATE),
        "outcomes": _choices(OUTCOMES),
        "owners": queries.owners(access.organisation),
    }


@in_organisation(Permission.PLAN_VIEW)
@require_safe
def plan(request: HttpRequest, access: OrganisationAccess) -> HttpResponse:
    """The plan as a table: sorted and filtered by the address, page by page."""
    asked = Asked.of(request.GET)
    found = Paginator(queries.actions(access.organisation, asked), settings.PAGE_SIZE)
    return render(
        request,
        "plans/plan.html",
        context_of(
            access,
            "plan",
            page=found.get_page(request.GET.get("page")),
            figures=queries.figures(access.organisation),
            published=publishing.last(access.organisation),
            **_filters(access, asked),
        ),
    )


@in_organisation(Permission.PLAN_VIEW)
@require_safe
def time_line(request: HttpRequest, access: OrganisationAccess) -> HttpResponse:
    """The plan on a time line, with its table."""
    asked = Asked.of(request.GET)
    found = Paginator(
        queries.actions(access.organisation, asked).prefetch_related("milestones"), BARS
    )
    page = found.get_page(request.GET.get("page"))
    return render(
        request,
        "plans/timeline.html",
        context_of(
            access,
            "timeline",
            page=page,
            picture=timeline.draw(list(page), timezone.localdate()),
            **_filters(access, asked),
        ),
    )


@in_organisation(Permission.PLAN_VIEW)
@require_safe
def for_the_board(request: HttpRequest, access: OrganisationAccess) -> HttpResponse:
    """The plan on a page, to print and lay before the board."""
    return render(
        request,
        "plans/board.html",
        context_of(access, "board", board=board.of(access.organisation, timezone.localdate())),
    )


@in_organisation(Permission.PLAN_VIEW)
@require_safe
def what_could_be(request: HttpRequest, access: OrganisationAccess) -> HttpResponse:
    """Areas for improvement, recommendations and indicators that no action answers yet."""
    return render(
        request,
        "plans/sources.html",
        context_of(access, "sources", sources=sources.of(access.organisation)),
    )


@in_organisation(Permission.PLAN_VIEW)
@require_safe
def recommendations(request: HttpRequest, access: OrganisationAccess) -> HttpResponse:
    """All recommendations made to the organisation, and what became of them."""
    origin, state = request.GET.get("origin", ""), request.GET.get("state", "")
    found = queries.recommendations(
        access.organisation,
        words=words_asked(request),
        origin=origin,
        state=state,
        sort=request.GET.get("sort", ""),
    )
    return render(
        request,
        "plans/recommendations.html",
        context_of(
            access,
            "recommendations",
            page=Paginator(found, settings.PAGE_SIZE).get_page(request.GET.get("page")),
            words=words_asked(request),
            origin=origin,
            state=state,
            origins=_choices(MADE_BY),
            states=_choices(queries.RECOMMENDATION_STATES),
        ),
    )


@in_organisation(Permission.PLAN_EDIT)
@require_POST
def publish(request: HttpRequest, access: OrganisationAccess) -> HttpResponse:
    """Give the plan to the indicators now; computing them does it by itself."""
    made, new = publishing.publish(
        organisation=access.organisation, by=access.user, request_id=getattr(request, "id", "")
    )
    rows = sum(made.rows.values())
    if new:
        messages.success(
            request,
            ngettext(
                "%(n)d row of the plan is where indicators are computed.",
                "%(n)d rows of the plan are where indicators are computed.",
                rows,
            )
            % {"n": rows},
        )
    else:
        messages.success(request, _("Nothing has changed since the plan was published."))
    return see_other("plan", access.organisation.pk)
