"""The page of a computed indicator, and how its figure comes about."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from kloe.assessment.permissions import Permission
from kloe.assessment.vocabulary import LABELS, Direction
from kloe.core.digest import sha256_hex
from kloe.measures import faults
from kloe.measures.areas import AREAS
from kloe.measures.cases import load_cases
from kloe.measures.catalogue import catalogue
from kloe.measures.computing import Computing, Wanted
from kloe.web.access import AssessmentAccess, in_assessment
from kloe.web.evidence.adding import safe_next
from kloe.web.evidence.views import see_other
from kloe.web.indicators import computed_evidence, measure_page
from kloe.web.indicators.holdings import records_of
from kloe.web.library import store


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_GET
def show(request: HttpRequest, access: AssessmentAccess, measure: str) -> HttpResponse:
    """One indicator: its figure with everything that must be said beside it."""
    source = catalogue().source(measure)
    return render(
        request,
        "indicators/computed.html",
        {
            "assessment": access.assessment,
            "page": measure_page.build(access, store.pinned(access.assessment), source),
            "area": AREAS.get(source.measure.area, source.measure.area),
            "directions": [(d.value, LABELS[d]) for d in Direction],
            "nav": "indicators",
        },
    )


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_GET
def how(request: HttpRequest, access: AssessmentAccess, measure: str) -> HttpResponse:
    """How a figure comes about: the SQL as it is run, what it reads, the cases it is held to."""
    source = catalogue().source(measure)
    records = records_of(access.assessment.landlord_id)
    told = None
    if records is not None:
        with Computing(records, Wanted()) as computing:
            told = faults.explain(computing, source)
    return render(
        request,
        "indicators/how.html",
        {
            "assessment": access.assessment,
            "measure": source.measure,
            "told": told,
            "sql": told.sql if told else source.measure.sql,
            "sql_digest": sha256_hex(source.measure.sql.encode()),
            "cases": load_cases(source.cases, source.measure).cases,
            "nav": "indicators",
        },
    )


@in_assessment(Permission.EVIDENCE_ADD)
@require_POST
def use(request: HttpRequest, access: AssessmentAccess, measure: str) -> HttpResponse:
    """Let a figure speak to a statement as evidence, in the direction a person confirmed."""
    descriptor, _space, direction = request.POST.get("says", "").partition(" ")
    item = computed_evidence.use_as_evidence(
        assessment=access.assessment,
        measure=catalogue().source(measure).id,
        descriptor=descriptor,
        direction=direction,
        by=access.user,
    )
    messages.success(request, _("The figure is evidence now: E%(n)d.") % {"n": item.number})
    back = reverse("measure", args=[access.assessment.pk, measure])
    return see_other(safe_next(request, back))
