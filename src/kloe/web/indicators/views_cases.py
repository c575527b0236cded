"""The cases behind a figure, for those who may see cases."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from kloe.assessment.permissions import Permission
from kloe.core.errors import InvalidInput
from kloe.core.messages import Message
from kloe.measures.catalogue import catalogue
from kloe.measures.definitions import Measure
from kloe.records.sampling import METHOD_IN_WORDS, Sample
from kloe.web.access import AssessmentAccess, in_assessment
from kloe.web.evidence.views import see_other
from kloe.web.indicators import computed_cases, frame_samples
from kloe.web.indicators.case_lists import NotMade
from kloe.web.indicators.models import CaseSample

#: What the columns of a list of cases are called.
COLUMNS = {
    "case_ref": gettext_lazy("Case"),
    "property_ref": gettext_lazy("Home"),
    "person_ref": gettext_lazy("Person"),
    "tenancy_ref": gettext_lazy("Tenancy"),
    "numerator": gettext_lazy("Numerator"),
    "denominator": gettext_lazy("Denominator"),
    "value": gettext_lazy("Value"),
}
#: Proposed where nothing else is asked for.
USUAL_SIZE = 20


def _heading(column: str) -> str:
    return str(COLUMNS.get(column) or column.replace("_", " ").capitalize())


@in_assessment(Permission.CASES_VIEW)
@require_GET
def cases(request: HttpRequest, access: AssessmentAccess, measure: str) -> HttpResponse:
    """The cases at fault, page by page."""
    source = catalogue().source(measure)
    size = settings.PAGE_SIZE
    try:
        number = min(max(int(request.GET.get("page") or 1), 1), 10**6)
    except ValueError:
        number = 1
    try:
        found = computed_cases.cases_at_fault(
            access.assessment, source, limit=size, offset=(number - 1) * size
        )
    except NotMade as error:
        return _not_made(request, access, source.measure, error, status=200)
    page = Paginator(range(found.total), size).get_page(number)
    if page.number != number:
        found = computed_cases.cases_at_fault(
            access.assessment, source, limit=size, offset=(page.number - 1) * size
        )
    return render(
        request,
        "indicators/cases.html",
        {
            "assessment": access.assessment,
            "measure": source.measure,
            "columns": [_heading(c) for c in found.columns],
            "rows": found.rows,
            "total": found.total,
            "page": page,
            "samples": CaseSample.objects.filter(assessment=access.assessment, measure=source.id),
            "usual_size": USUAL_SIZE,
            "most": computed_cases.MOST_DRAWN,
            "nav": "indicators",
        },
    )


def _not_made(
    request: HttpRequest, access: AssessmentAccess, measure: Measure, error: NotMade, *, status: int
) -> HttpResponse:
    """A plain page that says the list is not there, with a button to have it made."""
    running = access.assessment.jobs.filter(
        kind=computed_cases.LIST, state__in=["waiting", "running"]
    )
    return render(
        request,
        "indicators/cases_missing.html",
        {
            "assessment": access.assessment,
            "measure": measure,
            "error": error,
            "job": next((j for j in running if j.payload.get("measure") == measure.id), None),
            "nav": "indicators",
        },
        status=status,
    )


@in_assessment(Permission.CASES_VIEW)
@require_POST
def make_list(request: HttpRequest, access: AssessmentAccess, measure: str) -> HttpResponse:
    """Have the list of cases made in the background."""
    job = computed_cases.make_in_background(
        assessment=access.assessment,
        source=catalogue().source(measure),
        by=access.user,
        request_id=getattr(request, "id", ""),
    )
    return see_other(reverse("job", args=[job.pk]))


@in_assessment(Permission.CASES_VIEW)
@require_POST
def cases_file(request: HttpRequest, access: AssessmentAccess, measure: str) -> HttpResponse:
    """All cases at fault as a CSV file. It is kept that somebody took them."""
    source = catalogue().source(measure)
    try:
        data = computed_cases.take_away(assessment=access.assessment, source=source, by=access.user)
    except NotMade as error:
        return _not_made(request, access, source.measure, error, status=409)
    invented = "invented-" if access.landlord.invented else ""
    name = f"{invented}{source.id.replace('/', '-')}-cases.csv"
    return HttpResponse(
        data,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@in_assessment(Permission.CASES_VIEW)
@require_POST
def draw(request: HttpRequest, access: AssessmentAccess, measure: str) -> HttpResponse:
    """Draw a random sample of cases, and keep it."""
    given = request.POST.get("size", "")
    if not (given.isascii() and given.isdigit()) or len(given) > 6:
        raise InvalidInput(
            Message("A sample of “%(n)s” cases.", n=given[:20]),
            Message("A whole number of 1 or more."),
            Message("Ask for another number."),
        )
    source = catalogue().source(measure)
    try:
        kept = computed_cases.draw_sample(
            assessment=access.assessment,
            source=source,
            frame=request.POST.get("frame", ""),
            size=int(given),
            by=access.user,
        )
    except NotMade as error:
        return _not_made(request, access, source.measure, error, status=409)
    return see_other(reverse("case-sample", args=[access.assessment.pk, kept.pk]))


@in_assessment(Permission.CASES_VIEW)
@require_GET
def sample(request: HttpRequest, access: AssessmentAccess, sample: UUID) -> HttpResponse:
    """A sample as it was drawn, with what is needed to draw it again."""
    kept = get_object_or_404(
        CaseSample.objects.select_related("by"), assessment=access.assessment, pk=sample
    )
    drawn = Sample.from_dict(kept.sample)
    return render(
        request,
        "indicators/sample.html",
        {
            "assessment": access.assessment,
            "kept": kept,
            "sample": drawn,
            "fault": drawn.frame.endswith(" fault"),
            "method": METHOD_IN_WORDS,
            "measure": catalogue().source(kept.measure).measure if kept.measure else None,
            "frame": None if kept.measure else frame_samples.frame_of(kept.sample),
            "nav": "indicators",
        },
    )
