"""The progress review, and using it as evidence."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kloe.assessment.permissions import Permission
from kloe.assessment.track_record import direction_allowed
from kloe.assessment.vocabulary import LABELS, Direction
from kloe.core.errors import InvalidInput, KloeError
from kloe.core.messages import Message
from kloe.core.periods import Period
from kloe.web.access import OrganisationAccess, fetch_assessment, in_organisation
from kloe.web.plans import reviewing
from kloe.web.plans.views import context_of


def _asked(query: Any) -> tuple[Period, Period, list[str]]:
    """Period and baseline from the address; what cannot be read is told and left out."""
    usual, before = reviewing.usual(timezone.localdate())
    faults: list[str] = []
    period = _period(query, "from", "to", usual, faults)
    if (period, faults) != (usual, []) and "baseline_from" not in query:
        before = Period(
            period.start.replace(year=period.start.year - 1)
            if (period.start.month, period.start.day) != (2, 29)
            else date(period.start.year - 1, 2, 28),
            date.fromordinal(period.start.toordinal() - 1),
        )
    baseline = _period(query, "baseline_from", "baseline_to", before, faults)
    return period, baseline, faults


def _period(query: Any, first: str, last: str, usual: Period, faults: list[str]) -> Period:
    days = []
    for name, else_ in ((first, usual.start), (last, usual.end)):
        given = query.get(name, "").strip()[:40]
        try:
            found = parse_date(given) if given else else_
        except ValueError:
            found = None
        if found is None or not 1990 <= found.year <= 2200:
            faults.append(_("“%(given)s” is no date. Write it as 2026-05-03.") % {"given": given})
            found = else_
        days.append(found)
    try:
        return Period(days[0], days[1])
    except InvalidInput as error:
        faults.append(str(error))
        return usual


@in_organisation(Permission.PLAN_VIEW)
@require_safe
def review(request: HttpRequest, access: OrganisationAccess) -> HttpResponse:
    """What became of the plan in a period: on time, to budget, with the outcome; what slipped."""
    period, baseline, faults = _asked(request.GET)
    found = reviewing.review(access.organisation, period, baseline)
    assessments = reviewing.candidates(access.organisation)
    wanted = request.GET.get("assessment", "")
    chosen = next((a for a in assessments if str(a.pk) == wanted), None) or (
        assessments[0] if assessments else None
    )
    context = context_of(
        access,
        "review",
        review=found,
        faults=faults,
        assessments=assessments,
        picked=chosen,
        told=reviewing.baseline_told(chosen) if chosen else "",
        may_show=direction_allowed(found.record.completed, found.record.with_outcome.part),
        directions=[(d.value, str(LABELS[d])) for d in Direction],
        statements=_statements(request, chosen),
    )
    return render(request, "plans/review.html", context, status=422 if faults else 200)


def _statements(request: HttpRequest, chosen: Any) -> list[dict[str, Any]]:
    if chosen is None or not _may_use(request, chosen.pk):
        return []
    return reviewing.statements(reviewing.themes(chosen), reviewing.used_in(chosen))


def _may_use(request: HttpRequest, assessment: UUID) -> bool:
    try:
        fetch_assessment(request.user, assessment, Permission.EVIDENCE_ADD)  # type: ignore[arg-type]
    except KloeError:
        return False
    return True


@in_organisation(Permission.PLAN_VIEW)
@require_POST
def use(request: HttpRequest, access: OrganisationAccess) -> HttpResponse:
    """Let the review speak to a statement, with one press; asks for leave to add evidence there."""
    try:
        wanted = UUID(request.POST.get("assessment", ""))
    except ValueError:
        raise InvalidInput(
            Message("It is not said in which assessment the review is evidence."),
            "",
            Message("Choose one on the page of the review."),
        ) from None
    there = fetch_assessment(access.user, wanted, Permission.EVIDENCE_ADD)
    period, baseline, faults = _asked(request.POST)
    if faults:
        raise InvalidInput(faults[0])
    descriptor, _space, direction = request.POST.get("says", "").partition(" ")
    item = reviewing.use_as_evidence(
        organisation=access.organisation,
        assessment=there.assessment,
        found=reviewing.review(access.organisation, period, baseline),
        descriptor=descriptor,
        direction=direction,
        by=access.user,
    )
    messages.success(request, _("The track record is evidence now: E%(n)d.") % {"n": item.number})
    query = QueryDict(mutable=True)
    query.update(
        {
            "from": period.start.isoformat(),
            "to": period.end.isoformat(),
            "baseline_from": baseline.start.isoformat(),
            "baseline_to": baseline.end.isoformat(),
            "assessment": str(wanted),
        }
    )
    response = redirect(
        reverse("plan-review", args=[access.organisation.pk]) + f"?{query.urlencode()}"
    )
    response.status_code = 303
    return response
