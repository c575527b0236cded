"""Lists, making an assessment, the map, scope, context, what is known, who leads what."""

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
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kloe.assessment.permissions import Permission
from kloe.core.errors import NotFound, PermissionRefused
from kloe.core.messages import Message
from kloe.web.access import (
    AssessmentAccess,
    in_assessment,
    organisations_where,
    signed_in,
    visible_assessments,
)
from kloe.web.assessments import actions, overview, queries
from kloe.web.assessments.forms import AssignForm, CreateForm, DetailsForm, KnownForm
from kloe.web.assessments.models import Answer, ContextRecord
from kloe.web.assessments.saving import StaleWrite, Write
from kloe.web.assessments.views_theme import _conflict, _saved
from kloe.web.evidence.models import EvidenceItem
from kloe.web.library import store

SORTS = {
    "title": ("title", "id"),
    "organisation": ("organisation__name", "title", "id"),
    "period": ("-period_end", "id"),
    "created": ("-created_at", "id"),
}

FILTER_LABELS = {
    "": gettext_lazy("All themes"),
    "mine": gettext_lazy("Led by me"),
    "open": gettext_lazy("Not all placed"),
    "unevidenced": gettext_lazy("Placed without evidence"),
    "single": gettext_lazy("One kind of evidence only"),
    "contradicted": gettext_lazy("Evidence contradicts"),
    "worst": gettext_lazy("Results in the worst quarter"),
}


@signed_in
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The assessments a person may see, searchable and sortable."""
    found = visible_assessments(request.user).select_related("organisation", "lead")
    words = request.GET.get("q", "").strip()
    if words:
        found = found.filter(title__icontains=words) | found.filter(
            organisation__name__icontains=words
        )
    if kind := request.GET.get("kind", ""):
        found = found.filter(kind=kind)
    sort = request.GET.get("sort", "created")
    found = found.order_by(*SORTS.get(sort, SORTS["created"])).distinct()
    page = Paginator(found, settings.PAGE_SIZE).get_page(request.GET.get("page"))
    may_create = organisations_where(request.user, Permission.ASSESSMENT_CREATE).exists()
    return render(
        request,
        "assessments/index.html",
        {"page": page, "q": words, "kind": kind, "sort": sort, "may_create": may_create},
    )


@signed_in
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Open a new assessment for an organisation in which the person may."""
    organisations = organisations_where(request.user, Permission.ASSESSMENT_CREATE)
    if not organisations.exists():
        raise PermissionRefused(
            Message("You lead no organisation's assessments."),
            Message("Leads and administrators create assessments."),
            Message("Ask an administrator of your organisation for the role."),
        )
    form = CreateForm(
        request.POST or None,
        organisations=organisations,
        initial={"organisation": request.GET.get("organisation"), "lead": request.user.pk},
    )
    if request.method == "POST" and form.is_valid():
        made = actions.create(by=request.user, **form.cleaned_data)
        for warning in warnings_for(made):
            messages.warning(request, str(warning))
        return redirect("scope", made.pk)
    status = 422 if form.is_bound else 200
    return render(request, "assessments/create.html", {"form": form}, status=status)


def warnings_for(assessment: Any) -> list[Message]:
    """What stands out about the choice of editions: overlaps, and the wrong country."""
    pinned = store.pinned(assessment)
    found: list[Message] = []
    ids = {t.id for t in pinned.themes()}
    pairs: dict[tuple[str, str], int] = {}
    for framework in pinned.frameworks:
        for overlap in framework.overlaps:
            if overlap.theme in ids and overlap.other in ids:
                pair = (overlap.theme.rpartition("/")[0], overlap.other.rpartition("/")[0])
                pairs[tuple(sorted(pair))] = pairs.get(tuple(sorted(pair)), 0) + 1  # type: ignore[index]
    for (one, other), n in sorted(pairs.items()):
        found.append(
            Message(
                "KLOE %(one)s and KLOE %(other)s ask about the same in %(n)d themes: consider "
                "leaving one of the two out.",
                one=one.rpartition("/")[2],
                other=other.rpartition("/")[2],
                n=n,
            )
        )
    where = assessment.organisation.jurisdiction
    for framework in pinned.frameworks:
        if framework.jurisdiction != where:
            found.append(
                Message(
                    "%(title)s was written for %(there)s; the organisation is in %(here)s. Laws "
                    "and bodies it names may not apply: the register beside each criterion says "
                    "what has taken their place.",
                    title=str(framework.title),
                    there=framework.jurisdiction.title(),
                    here=assessment.organisation.get_jurisdiction_display(),
                )
            )
    return found


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_GET
def show(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """The overview."""
    by = "strand" if request.GET.get("by") == "strand" else "kloe"
    wanted = request.GET.get("show", "")
    wanted = wanted if wanted in overview.FILTERS else ""
    view = overview.build(access, store.pinned(access.assessment), by=by, wanted=wanted)
    return render(
        request,
        "assessments/overview.html",
        {
            "assessment": access.assessment,
            "view": view,
            "filters": FILTER_LABELS.items(),
            "nav": "overview",
        },
    )


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_GET
def enquiry(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """The first theme with something left to place, or the first in scope."""
    pinned = store.pinned(access.assessment)
    progress = queries.progress_by_theme(access.assessment, pinned)
    works = [w for w in queries.works_of(access.assessment) if w.in_scope]
    if not works:
        return redirect("scope", access.assessment.pk)
    mine = [w for w in works if w.lead_id == access.user.pk]
    for work in [*mine, *works]:
        if progress[work.theme].placed < progress[work.theme].base:
            return redirect("theme", access.assessment.pk, work.theme)
    return redirect("theme", access.assessment.pk, works[0].theme)


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_GET
def scope(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Which KLOEs and themes are in, and why the others are not."""
    return _scope_page(request, access)


def _scope_page(
    request: HttpRequest,
    access: AssessmentAccess,
    typed: dict[str, tuple[bool, str]] | None = None,
    errors: list[Any] | None = None,
) -> HttpResponse:
    pinned = store.pinned(access.assessment)
    progress = queries.progress_by_theme(access.assessment, pinned)
    works = {w.theme: w for w in queries.works_of(access.assessment)}
    kloes = []
    for kloe in pinned.kloes():
        rows = []
        for theme in kloe.themes:
            work = works[theme.id]
            in_scope, reason = (typed or {}).get(theme.id, (work.in_scope, work.reason))
            rows.append(
                {
                    "theme": theme,
                    "work": work,
                    "in_scope": in_scope,
                    "reason": reason,
                    "progress": progress[theme.id],
                    "error": any(theme.id == e[0] for e in errors or []),
                }
            )
        kloes.append({"kloe": kloe, "framework": pinned.framework_of(kloe.id), "rows": rows})
    return render(
        request,
        "assessments/scope.html",
        {
            "assessment": access.assessment,
            "kloes": kloes,
            "warnings": warnings_for(access.assessment),
            "people": actions.people_of(access.assessment),
            "errors": errors,
            "nav": "scope",
        },
        status=422 if errors else 200,
    )


@in_assessment(Permission.SCOPE_SET)
@require_POST
def set_scope(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Save the scope as a whole."""
    chosen = set(request.POST.getlist("in"))
    works = queries.works_of(access.assessment)
    everywhere = request.POST.get("reason_all", "").strip()
    choices: dict[str, tuple[bool, str]] = {}
    errors = []
    for work in works:
        inside = work.theme in chosen
        reason = request.POST.get(f"reason:{work.theme}", "").strip()
        if not inside:
            reason = reason or everywhere
            if not reason:
                errors.append((work.theme, _("Say why it is left out.")))
        choices[work.theme] = (inside, reason)
    if errors:
        return _scope_page(request, access, choices, errors)
    n = actions.set_scope(assessment=access.assessment, choices=choices, by=access.user)
    messages.success(request, _("Scope saved: %(n)d themes changed.") % {"n": n})
    return redirect("scope", access.assessment.pk)


@in_assessment(Permission.SCOPE_SET)
@require_POST
def assign(request: HttpRequest, access: AssessmentAccess, theme: str) -> HttpResponse:
    """Who leads a theme, by when."""
    form = AssignForm(request.POST, people=actions.people_of(access.assessment))
    if not form.is_valid():
        messages.error(request, " ".join(e for errs in form.errors.values() for e in errs))
        return redirect("scope", access.assessment.pk)
    work = actions.assign_theme(
        assessment=access.assessment,
        theme=theme,
        lead=form.cleaned_data["lead"],
        due=form.cleaned_data["due"],
        by=access.user,
    )
    if request.headers.get("HX-Request"):
        return render(
            request,
            "assessments/_assigned.html",
            {
                "assessment": access.assessment,
                "row": {"work": work, "theme": store.pinned(access.assessment).theme(theme)},
                "people": actions.people_of(access.assessment),
                "done": True,
            },
        )
    messages.success(request, _("Saved."))
    return redirect("scope", access.assessment.pk)


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_GET
def mine(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """What waits for this person here."""
    return render(
        request,
        "assessments/mine.html",
        {
            "assessment": access.assessment,
            "waiting": queries.waiting_for(access.user, [access.assessment]),
            "nav": "mine",
        },
    )


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
        {"fact": f, "themes": [pinned.theme(t) for t in f.themes if t.split("/")[0] in pinned.by_id]}
        for f in access.assessment.known.select_related("added_by")
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
    from django.urls import reverse

    back = reverse("context", args=[access.assessment.pk])
    try:
        saved = actions.save_context(
            assessment=access.assessment,
            values={name: request.POST.get(name, "") for name in ContextRecord.FIELDS},
            write=Write.of(request),
        )
    except StaleWrite as stale:
        current = ContextRecord.objects.get(assessment=access.assessment)
        return _conflict(request, stale, current=current, back=back, post_to=request.path)
    return _saved(request, saved, back)


def _theme_choices(access: AssessmentAccess) -> list[tuple[str, str]]:
    return [
        (t.id, f"{t.number} {t.title}") for t in store.pinned(access.assessment).themes()
    ]


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
    form = KnownForm(
        request.POST or None, instance=fact, theme_choices=_theme_choices(access)
    )
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


@in_assessment(Permission.ASSESSMENT_MANAGE)
@require_http_methods(["GET", "POST"])
def details(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Title, period, lead."""
    form = DetailsForm(
        request.POST or None,
        instance=access.assessment,
        people=actions.people_of(access.assessment),
    )
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        access.assessment.refresh_from_db()
        actions.change_details(assessment=access.assessment, by=access.user, values=values)
        messages.success(request, _("Saved."))
        return redirect("overview", access.assessment.pk)
    return render(
        request,
        "assessments/details.html",
        {"assessment": access.assessment, "form": form, "nav": "details"},
        status=422 if form.is_bound else 200,
    )


@in_assessment(Permission.ASSESSMENT_MANAGE)
@require_POST
def finish(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Mark the report final, or a draft again."""
    actions.finish(
        assessment=access.assessment, final=request.POST.get("final") == "yes", by=access.user
    )
    return redirect(request.POST.get("next") or "overview", access.assessment.pk)


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
    from kloe.web.assessments.models import Rating
    from kloe.web.evidence import queries as evidence

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
            "offered": evidence.offered_by_common(access.assessment, found),
            "nav": "enquiry",
        },
    )


@in_assessment(Permission.ANSWER)
@require_http_methods(["GET", "POST"])
def cites(request: HttpRequest, access: AssessmentAccess, question: str) -> HttpResponse:
    """Choose what an answer cites."""
    from kloe.web.assessments import ratings
    from kloe.web.assessments.views_theme import _cited, _theme_url

    pinned = store.pinned(access.assessment)
    theme = pinned.theme(question.rpartition("/")[0])
    asked = {q.id: q for q in (*theme.questions, *theme.detailed_questions)}
    if question not in asked:
        raise NotFound(Message("This theme has no such question."))
    answer = Answer.objects.filter(assessment=access.assessment, question=question).first()
    if request.method == "POST":
        write = Write.of(request)
        ratings.cite(
            assessment=access.assessment,
            question=question,
            theme=theme.id,
            cites=_cited(request),
            by=write.by,
        )
        return redirect(_theme_url(access, theme.id, f"q-{question.rpartition('/')[2]}"))
    items = EvidenceItem.objects.filter(assessment=access.assessment, deleted_at=None)
    if words := request.GET.get("q", "").strip():
        items = items.filter(title__icontains=words)
    chosen = set(answer.cites.values_list("pk", flat=True)) if answer else set()
    page = Paginator(items.order_by("number"), settings.PAGE_SIZE).get_page(
        request.GET.get("page")
    )
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
