"""Blind second readings: what is proposed and why, the random sample, who is asked."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from kloe.assessment.permissions import Permission
from kloe.assessment.readings import USUAL_SHARE
from kloe.core.errors import InvalidInput
from kloe.core.messages import Message
from kloe.web.access import AssessmentAccess, in_assessment
from kloe.web.inspections.queries import inspection_of
from kloe.web.inspections.views import see
from kloe.web.library import store
from kloe.web.readings import asking
from kloe.web.readings.models import Calibration
from kloe.web.readings.views import context


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_GET
def second(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Criteria for which a second reading is proposed or was asked, each with the reason."""
    inspection_of(access.assessment)
    pinned = store.pinned(access.assessment)
    themes = asking.proposals(access.assessment, pinned)
    draws = list(Calibration.objects.filter(assessment=access.assessment).select_related("by"))
    shown = [t for t in themes if t.proposals]
    return render(
        request,
        "readings/second.html",
        context(
            access,
            themes=shown,
            open_ones=sum(len(t.open_ones) for t in shown),
            people=asking.raters(access.assessment),
            draws=draws,
            share=draws[0].share if draws else USUAL_SHARE,
        ),
    )


@in_assessment(Permission.INSPECTION_MANAGE)
@require_POST
def draw(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Draw criteria at random."""
    inspection_of(access.assessment)
    given = request.POST.get("share", "")
    try:
        share = int(given)
    except ValueError:
        raise InvalidInput(
            Message("“%(given)s” is no share.", given=given[:20]),
            Message("Between 1 and 100 of a hundred criteria are drawn."),
            Message("Write a whole number."),
        ) from None
    row = asking.draw(
        assessment=access.assessment,
        pinned=store.pinned(access.assessment),
        share=share,
        by=access.user,
    )
    n = len(row.criteria)
    messages.success(
        request, ngettext("%(n)d criterion is drawn.", "%(n)d criteria are drawn.", n) % {"n": n}
    )
    return see("readings-asked", access.assessment.pk)


@in_assessment(Permission.INSPECTION_MANAGE)
@require_POST
def ask(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Ask somebody to rate the chosen criteria unseen: one person for each theme."""
    inspection_of(access.assessment)
    wanted: dict[str, UUID] = {}
    for criterion in request.POST.getlist("criterion"):
        given = request.POST.get(f"reader:{criterion.rpartition('/')[0]}", "")
        try:
            wanted[criterion] = UUID(given)
        except ValueError:
            raise InvalidInput(
                Message("Nobody is chosen to read %(id)s.", id=criterion[:160]),
                Message("Each theme names who is asked."),
                Message("Choose somebody beside the theme."),
            ) from None
    if not wanted:
        raise InvalidInput(
            Message("No criterion is chosen."),
            Message("A second reading is asked for criterion by criterion."),
            Message("Tick those you want, then ask."),
        )
    made = asking.ask(
        assessment=access.assessment,
        pinned=store.pinned(access.assessment),
        wanted=wanted,
        by=access.user,
    )
    n = len(made)
    messages.success(
        request,
        ngettext(
            "A second reading of %(n)d criterion is asked for.",
            "A second reading of %(n)d criteria is asked for.",
            n,
        )
        % {"n": n},
    )
    return see("readings-asked", access.assessment.pk)


@in_assessment(Permission.INSPECTION_MANAGE)
@require_POST
def take_back(request: HttpRequest, access: AssessmentAccess, pk: UUID) -> HttpResponse:
    """Take a request back."""
    asking.take_back(assessment=access.assessment, pk=pk, by=access.user)
    messages.success(request, _("Taken back."))
    return see("readings-asked", access.assessment.pk)
