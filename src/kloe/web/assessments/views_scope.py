"""Which themes are in scope and why the others are not; who leads what."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from kloe.assessment.permissions import Permission
from kloe.web.access import AssessmentAccess, in_assessment
from kloe.web.assessments import actions, queries
from kloe.web.assessments.forms import AssignForm
from kloe.web.assessments.warnings import warnings_for
from kloe.web.library import store


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
    messages.success(
        request,
        ngettext("Scope saved: %(n)d theme changed.", "Scope saved: %(n)d themes changed.", n)
        % {"n": n},
    )
    return redirect("scope", access.assessment.pk)


@in_assessment(Permission.SCOPE_SET)
@require_POST
def assign(request: HttpRequest, access: AssessmentAccess, theme: str) -> HttpResponse:
    """Who leads a theme, by when."""
    form = AssignForm(request.POST, people=actions.people_of(access.assessment))
    if not form.is_valid():
        messages.error(request, " ".join(str(e) for errs in form.errors.values() for e in errs))
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
