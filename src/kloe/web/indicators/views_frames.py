"""Random samples of records: frames to draw from, for those who may see cases."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from kloe.assessment.permissions import Permission
from kloe.core.errors import InvalidInput
from kloe.core.messages import Message
from kloe.web.access import AssessmentAccess, in_assessment
from kloe.web.evidence.views import see_other
from kloe.web.indicators import frame_samples
from kloe.web.indicators.holdings import records_of

DIGITS = 6


@in_assessment(Permission.CASES_VIEW)
@require_GET
def page(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """What can be drawn from, and what was drawn."""
    records = records_of(access.assessment.landlord_id)
    return render(
        request,
        "indicators/frames.html",
        {
            "assessment": access.assessment,
            "records": records,
            "frames": frame_samples.offered(records),
            "wanted": request.GET.get("frame", ""),
            "samples": [
                (one, frame_samples.frame_of(one.sample))
                for one in frame_samples.kept(access.assessment)
            ],
            "most": frame_samples.MOST_DRAWN,
            "nav": "indicators",
        },
    )


@in_assessment(Permission.CASES_VIEW)
@require_POST
def draw(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Draw a sample of records, and keep it."""
    given = request.POST.get("size", "").strip()
    if given and (not (given.isascii() and given.isdigit()) or len(given) > DIGITS):
        raise InvalidInput(
            Message("A sample of “%(n)s” cases.", n=given[:20]),
            Message("A whole number of 1 or more."),
            Message("Ask for another number."),
        )
    kept = frame_samples.draw(
        assessment=access.assessment,
        name=request.POST.get("frame", ""),
        size=int(given) if given else None,
        by=access.user,
    )
    return see_other(reverse("case-sample", args=[access.assessment.pk, kept.pk]))
