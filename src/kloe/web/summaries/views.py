"""The page on which the tenants' summary is written, part by part."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from kloe.assessment.permissions import Permission
from kloe.assessment.plain_words import LONG_SENTENCE, MOST, Part
from kloe.web.access import AssessmentAccess, in_assessment
from kloe.web.assessments.saving import StaleWrite, Write
from kloe.web.assessments.views_theme import conflict, saved_answer
from kloe.web.reporting.snapshot import take
from kloe.web.summaries import actions, queries


def _address(access: AssessmentAccess, part: Part) -> str:
    return reverse("tenants-summary", args=[access.assessment.pk]) + f"#part-{part.value}"


def _context(access: AssessmentAccess, **more: Any) -> dict[str, Any]:
    return {"assessment": access.assessment, "nav": "report", "most": MOST,
            "long_sentence": LONG_SENTENCE, **more}  # fmt: skip


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_GET
def summary(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Every part with how it reads; with ``?check=1`` whether they fit two pages."""
    snapshot = take(access.assessment)
    parts = queries.shown(access.assessment, snapshot)
    checked = queries.fits(snapshot) if request.GET.get("check") else None
    return render(
        request,
        "summaries/summary.html",
        _context(
            access,
            pages=[(n, [p for p in parts if p.about.page == n]) for n in (1, 2)],
            long_parts=queries.long_parts(parts),
            written=sum(1 for p in parts if p.own),
            total=len(parts),
            checked=checked,
        ),
    )


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_GET
def reads(request: HttpRequest, access: AssessmentAccess, part: str) -> HttpResponse:
    """How one part reads, fetched anew once it is saved."""
    wanted = queries.part_of(part)
    one = queries.one(access.assessment, wanted)
    return render(request, "summaries/_reads.html", _context(access, p=one))


@in_assessment(Permission.FINDING_WRITE)
@require_POST
def save(request: HttpRequest, access: AssessmentAccess, part: str) -> HttpResponse:
    """Save one part; without words it is filled in again."""
    wanted = queries.part_of(part)
    back = _address(access, wanted)
    try:
        saved = actions.save(
            assessment=access.assessment, part=wanted, text=request.POST.get("text", ""),
            filled=request.POST.get("filled", ""), write=Write.of(request),
        )  # fmt: skip
    except StaleWrite as stale:
        return conflict(
            request,
            stale,
            current=queries.row_of(access.assessment, wanted),
            back=back,
            post_to=reverse("tenants-summary-save", args=[access.assessment.pk, wanted.value]),
            labels={"text": _("Text")},
        )
    return saved_answer(request, saved, back)
