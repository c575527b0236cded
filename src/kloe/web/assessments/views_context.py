"""The context record, what is known from elsewhere, comments on the framework, common criteria."""

from __future__ import annotations

import csv
import json
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kloe.assessment.permissions import Permission
from kloe.core.errors import NotFound
from kloe.core.messages import Message
from kloe.web.access import AssessmentAccess, in_assessment
from kloe.web.assessments import actions, queries, ratings
from kloe.web.assessments.forms import KnownForm
from kloe.web.assessments.models import Answer, ContextRecord, Rating
from kloe.web.assessments.saving import StaleWrite, Write
from kloe.web.assessments.themepage import questions_of
from kloe.web.assessments.views_theme import cited, conflict, saved_answer, theme_url
from kloe.web.evidence import queries as evidence
from kloe.web.evidence.models import EvidenceItem
from kloe.web.library import store
from kloe.web.sent import words_asked

CONTEXT_FIELDS = {
    "baseline": (
        gettext_lazy("Baseline"),
        gettext_lazy("Where performance stood when the period began, with figures and dates."),
    ),
    "stock": (
        gettext_lazy("Stock"),
        gettext_lazy("Homes by kind, age and condition; what was bought, sold, transferred."),
    ),
    "area": (
        gettext_lazy("Area"),
        gettext_lazy("The communities served: demand, income, languages, health."),
    ),
    "constraints": (
        gettext_lazy("Constraints"),
        gettext_lazy("What limits the organisation: finance, law, covenants, geography."),
    ),
    "policy_choices": (
        gettext_lazy("Policy choices"),
        gettext_lazy("What was decided to do more of, or less, and by whom."),
    ),
}


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_GET
def context(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """The context record and what is known from elsewhere."""
    record = ContextRecord.objects.get(assessment=access.assessment)
    fields = [
        {"name": name, "label": label, "hint": hint, "value": getattr(record, name)}
        for name, (label, hint) in CONTEXT_FIELDS.items()
    ]
    pinned = store.pinned(access.assessment)
    known = [
        {
            "fact": f,
            "themes": [pinned.theme(t) for t in f.themes if t.split("/")[0] in pinned.by_id],
        }
        for f in access.assessment.known.select_related("added_by", "evidence")
    ]
    return render(
        request,
        "assessments/context.html",
        {
            "assessment": access.assessment,
            "record": record,
            "fields": fields,
            "known": known,
            "nav": "context",
        },
    )


@in_assessment(Permission.RECORD_WRITE)
@require_POST
def save_context(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Save the context record."""
    back = reverse("context", args=[access.assessment.pk])
    try:
        saved = actions.save_context(
            assessment=access.assessment,
            values={name: request.POST.get(name, "") for name in ContextRecord.FIELDS},
            write=Write.of(request),
        )
    except StaleWrite as stale:
        current = ContextRecord.objects.get(assessment=access.assessment)
        return conflict(
            request,
            stale,
            current=current,
            back=back,
            post_to=request.path,
            labels={name: label for name, (label, _hint) in CONTEXT_FIELDS.items()},
        )
    return saved_answer(request, saved, back)


def _theme_choices(access: AssessmentAccess) -> list[tuple[str, str]]:
    return [(t.id, f"{t.number} {t.title}") for t in store.pinned(access.assessment).themes()]


@in_assessment(Permission.RECORD_WRITE)
@require_http_methods(["GET", "POST"])
def known_add(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Add something known from elsewhere."""
    return _known_form(request, access, None)


@in_assessment(Permission.RECORD_WRITE)
@require_http_methods(["GET", "POST"])
def known_edit(request: HttpRequest, access: AssessmentAccess, pk: UUID) -> HttpResponse:
    """Change it."""
    return _known_form(request, access, pk)


def _fact(access: AssessmentAccess, pk: UUID) -> Any:
    fact = access.assessment.known.filter(pk=pk).first()
    if fact is None:
        raise NotFound(Message("This is not among what is known in this assessment."))
    return fact


def _known_form(request: HttpRequest, access: AssessmentAccess, pk: UUID | None) -> HttpResponse:
    fact = _fact(access, pk) if pk else None
    form = KnownForm(request.POST or None, instance=fact, theme_choices=_theme_choices(access))
    if request.method == "POST" and form.is_valid():
        if fact is not None:
            fact.refresh_from_db()
        actions.save_known(
            assessment=access.assessment, by=access.user, values=form.cleaned_data, fact=fact
        )
        return redirect("context", access.assessment.pk)
    return render(
        request,
        "assessments/known.html",
        {"assessment": access.assessment, "form": form, "fact": fact, "nav": "context"},
        status=422 if form.is_bound else 200,
    )


@in_assessment(Permission.RECORD_WRITE)
@require_POST
def known_remove(request: HttpRequest, access: AssessmentAccess, pk: UUID) -> HttpResponse:
    """Take it away."""
    actions.remove_known(assessment=access.assessment, fact=_fact(access, pk), by=access.user)
    messages.success(request, _("Removed; what it said stays in the audit trail."))
    return redirect("context", access.assessment.pk)


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_GET
def comments(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Comments on the framework itself with their counts; as csv or json for its editors."""
    pinned = store.pinned(access.assessment)
    rows = [
        {**row, "title": str(pinned.criterion(row["criterion"]).title)}
        for row in queries.comments_on_framework([access.assessment])
    ]
    wanted = request.GET.get("format")
    if wanted == "json":
        return JsonResponse(rows, safe=False, json_dumps_params={"ensure_ascii": False})
    if wanted == "csv":
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="comments.csv"'
        writer = csv.writer(response, lineterminator="\n")
        writer.writerow(["criterion", "title", "kind", "count", "comments"])
        for row in rows:
            texts = json.dumps(row["texts"], ensure_ascii=False)
            writer.writerow([row["criterion"], row["title"], row["kind"], row["n"], texts])
        return response
    return render(
        request,
        "assessments/comments.html",
        {"assessment": access.assessment, "rows": rows, "nav": "comments"},
    )


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_GET
def common(request: HttpRequest, access: AssessmentAccess, criterion: str) -> HttpResponse:
    """The same aspect in other themes: wording and evidence used there, never the placing."""
    pinned = store.pinned(access.assessment)
    found = pinned.criterion(criterion)
    twins = [
        c
        for t in pinned.themes()
        for c in t.criteria
        if found.common and c.common == found.common and c.id != found.id
    ]
    reasons = dict(
        Rating.objects.filter(
            assessment=access.assessment, criterion__in=[c.id for c in twins], author=None
        )
        .exclude(reason="")
        .values_list("criterion", "reason")
    )
    return render(
        request,
        "assessments/common.html",
        {
            "assessment": access.assessment,
            "criterion": found,
            "theme": pinned.theme(found.theme_id),
            "twins": [
                {"criterion": c, "theme": pinned.theme(c.theme_id), "reason": reasons.get(c.id, "")}
                for c in twins
            ],
            "offered": evidence.offered_by_common(access.assessment, found, access=access),
            "nav": "enquiry",
        },
    )


@in_assessment(Permission.ANSWER)
@require_http_methods(["GET", "POST"])
def cites(request: HttpRequest, access: AssessmentAccess, question: str) -> HttpResponse:
    """Choose what an answer cites."""
    pinned = store.pinned(access.assessment)
    theme = pinned.theme(question.rpartition("/")[0])
    asked = questions_of(theme)
    if question not in asked:
        raise NotFound(Message("This theme has no such question."))
    answer = Answer.objects.filter(assessment=access.assessment, question=question).first()
    if request.method == "POST":
        write = Write.of(request)
        ratings.cite(
            assessment=access.assessment,
            question=question,
            theme=theme.id,
            cites=cited(request),
            by=write.by,
        )
        return redirect(theme_url(access, theme.id, f"q-{question.rpartition('/')[2]}"))
    items = EvidenceItem.objects.filter(assessment=access.assessment, deleted_at=None)
    if words := words_asked(request):
        items = items.filter(title__icontains=words)
    items = items.exclude(evidence.hidden_from(access))
    chosen = set(answer.cites.values_list("pk", flat=True)) if answer else set()
    page = Paginator(items.order_by("number"), settings.PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "assessments/cites.html",
        {
            "assessment": access.assessment,
            "theme": theme,
            "question": asked[question],
            "page": page,
            "chosen": chosen,
            "kept": [str(pk) for pk in chosen - {i.pk for i in page.object_list}],
            "q": words,
            "nav": "enquiry",
        },
    )
