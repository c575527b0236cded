"""Pages of readings: who is how far, a theme side by side, what is saved from there."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from kloe.assessment.permissions import Permission
from kloe.assessment.positions import LABELS, offered
from kloe.assessment.reliability import Reliability, reliability
from kloe.core.errors import Conflict, InvalidInput
from kloe.core.messages import Message
from kloe.frameworks.model import Theme
from kloe.web.access import AssessmentAccess, in_assessment
from kloe.web.assessments.themepage import ladder, said_when
from kloe.web.evidence import queries as evidence
from kloe.web.inspections.queries import inspection_of, nav
from kloe.web.inspections.views import see
from kloe.web.library import store
from kloe.web.readings import actions, queries, seats
from kloe.web.readings.asking import words_of

FORMS = ("paired", "upper only", "lower only")
#: What of a theme is shown: everything, where readers differ, where nothing is agreed, dissents.
SHOWS = ("", "differ", "open", "dissent")


def context(access: AssessmentAccess, **more: Any) -> dict[str, Any]:
    """What every page of readings has."""
    return {
        "assessment": access.assessment,
        "nav": "inspection",
        "tabs": nav(access, "readings"),
    } | more


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_GET
def index(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Themes read by two, how far each reader is, and how far they agree where it is open."""
    inspection_of(access.assessment)
    pinned = store.pinned(access.assessment)
    lines = queries.lines_of([access.assessment], {access.assessment.pk: pinned})
    said = queries.said(access.assessment, pinned)
    by_form = [(form, reliability(s for s in said if s.form == form)) for form in FORMS]
    by_theme: dict[str, Reliability] = {
        line.theme.id: reliability(
            s for s in said if s.criterion.rpartition("/")[0] == line.theme.id
        )
        for line in lines[access.assessment.pk]
        if line.opening
    }
    return render(
        request,
        "readings/index.html",
        context(
            access,
            lines=lines[access.assessment.pk],
            agreement=reliability(said),
            by_form=[(form, one) for form, one in by_form if one.shared],
            by_theme=by_theme,
        ),
    )


def _page(
    request: HttpRequest, access: AssessmentAccess, theme: str, *, status: int = 200, **more: Any
) -> HttpResponse:
    assessment = access.assessment
    inspection_of(assessment)
    pinned = store.pinned(assessment)
    found = pinned.theme(theme)
    line = queries.line_of(assessment, pinned, found.id)
    if line is None:
        raise InvalidInput(
            Message("The theme %(number)s is not read by two people.", number=found.number),
            Message("Its lead and its second reader rate it for themselves."),
            Message("Name both in the plan of enquiry first."),
        )
    seat = seats.of_theme(access, found.id)
    parts: dict[str, Any] = {
        "theme": found,
        "line": line,
        "seat": seat,
        "mine": line.of(access.user),
    }
    if line.opening:
        parts |= _side_by_side(request, access, found, seat)
    return render(request, "readings/reading.html", context(access, **parts) | more, status=status)


def _side_by_side(
    request: HttpRequest, access: AssessmentAccess, theme: Theme, seat: seats.Seat
) -> dict[str, Any]:
    pinned = store.pinned(access.assessment)
    links = evidence.links_for_theme(access.assessment, theme.id, per_criterion=5, access=access)
    rows = queries.rows(access.assessment, theme, links)
    shown = request.GET.get("show", "")
    shown = shown if shown in SHOWS else ""
    wanted = {
        "differ": lambda r: r.differs,
        "open": lambda r: not r.position,
        "dissent": lambda r: bool(r.read.standing),
    }.get(shown, lambda r: True)
    may = access.may(Permission.RATE)
    scale = pinned.framework_of(theme.id).scales[pinned.kloe(theme.kloe_id).judgement]
    return {
        "rows": [
            {
                "row": row,
                # What the form of a placing wants.
                "card": {
                    "rungs": ladder(row.criterion.form),
                    "position": row.position,
                    "reason": row.reason,
                    "version": row.version,
                    "said": said_when(row.rating.updated_at, row.rating.who) if row.rating else "",
                },
                "choices": [(p.value, LABELS[p]) for p in offered(row.criterion.form)],
                "asked": [words_of(pinned, reason) for reason in row.asked],
                "dissents": may
                and bool(row.position)
                and all(d.by_id != access.user.pk for d in row.read.standing),
            }
            for row in rows
            if wanted(row)
        ],
        "agreement": queries.agreement(access.assessment, pinned, theme.id),
        "shown": shown,
        "alike": sum(1 for r in rows if r.alike and not r.position),
        "writes": may and seat.agrees,
        "upper": scale.describing("upper"),
        "lower": scale.describing("lower"),
        "here": reverse("overview", args=[access.assessment.pk]),
    }


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_GET
def reading(request: HttpRequest, access: AssessmentAccess, theme: str) -> HttpResponse:
    """A theme: who is how far while it is closed, all side by side once it is open."""
    return _page(request, access, theme)


@in_assessment(Permission.RATE)
@require_POST
def done(request: HttpRequest, access: AssessmentAccess, theme: str) -> HttpResponse:
    """Say that one is done with a theme, or take it back."""
    found = store.pinned(access.assessment).theme(theme)
    if request.POST.get("done") == "no":
        actions.not_done(assessment=access.assessment, theme=found, by=access.user)
        messages.success(request, _("You may rate on."))
        return see("reading", access.assessment.pk, found.id)
    opened = actions.done(assessment=access.assessment, theme=found, by=access.user)
    messages.success(
        request,
        _("All readers are done: the theme is open.")
        if opened
        else _("Kept. The theme opens when its other readers are done."),
    )
    return see("reading", access.assessment.pk, found.id)


@in_assessment(Permission.INSPECTION_MANAGE)
@require_POST
def open_early(request: HttpRequest, access: AssessmentAccess, theme: str) -> HttpResponse:
    """Open a theme before all its readers are done."""
    found = store.pinned(access.assessment).theme(theme)
    reason = request.POST.get("reason", "")
    try:
        actions.open_early(assessment=access.assessment, theme=found, reason=reason, by=access.user)
    except InvalidInput as error:
        if queries.line_of(access.assessment, store.pinned(access.assessment), found.id) is None:
            raise
        return _page(request, access, theme, status=422, error=error, typed=reason)
    messages.success(request, _("The theme is open."))
    return see("reading", access.assessment.pk, found.id)


@in_assessment(Permission.RATE)
@require_POST
def alike(request: HttpRequest, access: AssessmentAccess, theme: str) -> HttpResponse:
    """Make what all readers gave alike the team's rating."""
    pinned = store.pinned(access.assessment)
    found = pinned.theme(theme)
    seat = seats.of_theme(access, found.id)
    if seat.opened and not seat.agrees:
        seats.author(seat, access.user, "")
    n = actions.agree_alike(access=access, pinned=pinned, theme=found, by=access.user)
    messages.success(
        request,
        ngettext("%(n)d rating is agreed.", "%(n)d ratings are agreed.", n) % {"n": n},
    )
    return see("reading", access.assessment.pk, found.id)


@in_assessment(Permission.RATE)
@require_POST
def dissent(request: HttpRequest, access: AssessmentAccess, criterion: str) -> HttpResponse:
    """Record that one does not agree with the team's rating."""
    found = store.pinned(access.assessment).criterion(criterion)
    position, reason = request.POST.get("position", ""), request.POST.get("reason", "")
    try:
        actions.dissent(
            assessment=access.assessment,
            criterion=found,
            position=position,
            reason=reason,
            by=access.user,
        )
    except (InvalidInput, Conflict) as error:
        if not seats.of_theme(access, found.theme_id).opened:
            raise
        return _page(
            request, access, found.theme_id, status=422,
            error=error, at=found.id, typed=reason, chosen=position,
        )  # fmt: skip
    messages.success(request, _("Your dissent is recorded."))
    return _back(access, found.theme_id, found.key)


@in_assessment(Permission.RATE)
@require_POST
def withdraw(request: HttpRequest, access: AssessmentAccess, pk: UUID) -> HttpResponse:
    """Take one's own dissent back."""
    row = actions.withdraw_dissent(assessment=access.assessment, pk=pk, by=access.user)
    messages.success(request, _("Withdrawn; it stays to be read."))
    return _back(access, row.theme, row.criterion.rpartition("/")[2])


def _back(access: AssessmentAccess, theme: str, key: str) -> HttpResponse:
    response = see("reading", access.assessment.pk, theme)
    response["Location"] += f"#c-{key}"
    return response
