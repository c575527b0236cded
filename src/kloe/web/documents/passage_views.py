"""Saying of an offered passage what it shows, or that it is about something else."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kloe.assessment.permissions import Permission
from kloe.assessment.vocabulary import Direction
from kloe.core.errors import InvalidInput
from kloe.core.messages import Message
from kloe.web.access import AssessmentAccess, in_assessment
from kloe.web.documents import passages
from kloe.web.evidence import adding, criterion_views
from kloe.web.evidence.views import see_other
from kloe.web.library import store


@in_assessment(Permission.EVIDENCE_ADD)
@require_POST
def accept(request: HttpRequest, access: AssessmentAccess, passage: UUID) -> HttpResponse:
    """Link a passage to a statement, as the person says."""
    found = passages.passage_of(access, passage)
    criterion = store.pinned(access.assessment).criterion(found.criterion)
    direction, _bar, descriptor = request.POST.get("says", "").partition("|")
    if descriptor not in {d.id for d in criterion.descriptors}:
        raise InvalidInput(
            Message("It is not said what the passage shows."),
            Message("It shows a statement of this criterion, shows otherwise, or is context."),
            Message("Go back and choose."),
        )
    passages.accept(passage=found, descriptor=descriptor, direction=direction, by=access.user)
    said = _("E%(n)d is linked with the passage.") % {"n": found.item.number}
    if criterion_views.by_htmx(request):
        return criterion_views.shown_list(request, access, criterion, said=said)
    messages.success(request, said)
    return see_other(adding.safe_next(request, criterion_views.theme_url(access, criterion.id)))


@in_assessment(Permission.EVIDENCE_ADD)
@require_POST
def dismiss(request: HttpRequest, access: AssessmentAccess, passage: UUID) -> HttpResponse:
    """Do not offer a passage again."""
    found = passages.passage_of(access, passage)
    pinned = store.pinned(access.assessment)
    criterion = pinned.criterion(found.criterion)
    passages.dismiss(passage=found, by=access.user)
    if not criterion_views.by_htmx(request):
        messages.success(request, _("The passage is not offered again."))
        return see_other(reverse("evidence-for", args=[access.assessment.pk, criterion.id]))
    return render(
        request,
        "documents/_passages.html",
        {
            "assessment": access.assessment,
            "criterion": criterion,
            "inline": True,
            "passages": passages.for_criterion(access, criterion),
            "columns": criterion_views.columns_of(pinned, criterion),
            "statements": [(d, None) for d in criterion.descriptors],
            "directions": [d.value for d in Direction],
        },
    )
