"""Pages of emerging findings: prepared by inspectors, given once, read by the landlord's people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kloe.assessment.permissions import Permission
from kloe.core.errors import Conflict, InvalidInput, NotFound
from kloe.core.messages import Message, Text
from kloe.web.access import AssessmentAccess, in_assessment
from kloe.web.assessments.saving import StaleWrite, Write
from kloe.web.inspections.queries import inspection_of, nav
from kloe.web.inspections.views import base_version, see
from kloe.web.judgements.answering import Differing, conflict, done
from kloe.web.judgements.models import Finding
from kloe.web.library import store
from kloe.web.moderation import queries, telling
from kloe.web.moderation.forms import FeedbackForm
from kloe.web.moderation.models import Feedback


def _context(access: AssessmentAccess) -> dict[str, Any]:
    return {
        "assessment": access.assessment,
        "tabs": nav(access, "feedback"),
        "nav": "inspection",
        "inside": access.may(Permission.ASSESSMENT_VIEW),
    }


@in_assessment(Permission.FEEDBACK_VIEW)
@require_GET
def index(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """What was fed back; to inspectors what is prepared too."""
    return _list(request, access)


def _list(
    request: HttpRequest, access: AssessmentAccess, failed: Mapping[str, str] | None = None
) -> HttpResponse:
    inspection_of(access.assessment)
    context = _context(access)
    if context["inside"]:
        rows = queries.feedbacks_of(access.assessment)
        context |= {"waived": queries.waived_of(access.assessment)}
    else:
        rows = [r for r in queries.feedbacks_of(access.assessment) if hasattr(r, "given")]
    context |= {"rows": rows, "failed": failed or {}}
    return render(request, "moderation/feedbacks.html", context, status=422 if failed else 200)


@in_assessment(Permission.FEEDBACK_VIEW)
@require_GET
def show(request: HttpRequest, access: AssessmentAccess, pk: UUID) -> HttpResponse:
    """One feedback to read and print: as it was given, or as it is prepared."""
    inspection_of(access.assessment)
    row = queries.feedback_of(access.assessment, pk)
    given = getattr(row, "given", None)
    if given is None and not access.may(Permission.ASSESSMENT_VIEW):
        raise NotFound(
            Message("This inspection has no such feedback."),
            "",
            Message("Emerging findings that were given are listed."),
        )
    content = given.content if given else telling.content_of(row, store.pinned(access.assessment))
    themes = [{**theme, "title": Text(theme["title"])} for theme in content["themes"]]
    return render(
        request,
        "moderation/feedback.html",
        _context(access) | {"feedback": row, "given": given, "content": content, "themes": themes},
    )


def _form(access: AssessmentAccess, feedback: Feedback | None, data: Any = None) -> FeedbackForm:
    pinned = store.pinned(access.assessment)
    themes = {t.id: t for t in pinned.themes()}
    places = {t: n for n, t in enumerate(themes)}
    findings = sorted(
        Finding.objects.filter(assessment=access.assessment),
        key=lambda f: (places.get(f.theme, 0), *telling.in_order(f)),
    )
    return FeedbackForm(data, findings=findings, themes=themes, feedback=feedback)


@in_assessment(Permission.FINDING_WRITE)
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Prepare a feedback from chosen findings."""
    inspection_of(access.assessment)
    return _write(request, access, None)


@in_assessment(Permission.FINDING_WRITE)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, access: AssessmentAccess, pk: UUID) -> HttpResponse:
    """Change what is prepared."""
    inspection_of(access.assessment)
    row = queries.feedback_of(access.assessment, pk)
    if hasattr(row, "given"):
        return see("feedback-show", access.assessment.pk, row.pk)
    return _write(request, access, row)


def _write(
    request: HttpRequest, access: AssessmentAccess, feedback: Feedback | None
) -> HttpResponse:
    posted = request.method == "POST"
    form = _form(access, feedback, request.POST if posted else None)
    if posted and form.is_valid():
        write, pinned = Write.of(request), store.pinned(access.assessment)
        try:
            if feedback is None:
                saved = telling.prepare(
                    assessment=access.assessment, pinned=pinned, told=form.told(), write=write
                )
            else:
                saved = telling.change(
                    feedback=feedback, pinned=pinned, told=form.told(), write=write
                )
        except StaleWrite as stale:
            return _written_first(request, access, form, stale)
        except (InvalidInput, Conflict) as error:
            form.add_error(None, str(error))
        else:
            done(request, _("Saved."))
            return see("feedback-show", access.assessment.pk, saved.row.pk)
    return render(
        request,
        "moderation/feedback_edit.html",
        _context(access) | {"form": form, "feedback": feedback},
        status=422 if form.is_bound else 200,
    )


def _written_first(
    request: HttpRequest, access: AssessmentAccess, form: FeedbackForm, stale: StaleWrite
) -> HttpResponse:
    """Both versions: what cannot be shown field by field is sent along as it was typed."""
    pk = request.resolver_match.kwargs["pk"]  # type: ignore[union-attr]
    row = queries.feedback_of(access.assessment, pk)
    fields = [
        Differing(
            name,
            str(form.fields[name].label),
            getattr(row, name),
            form.cleaned_data[name],
            [request.POST.get(name, "")],
            long=name not in {"held_on", "place"},
        )
        for name in ("held_on", "place", "spoke", "heard", "reaction")
    ]
    fields += [
        Differing(name, "", "", "", [request.POST[name]], hidden=True)
        for name in request.POST
        if name[:2] in {"f-", "t-", "r-"}
    ]
    return conflict(
        request,
        access,
        stale,
        fields=fields,
        row=row,
        kind="feedback",
        subject=str(row.pk),
        back=request.path,
        nav="inspection",
    )


@in_assessment(Permission.INSPECTION_MANAGE)
@require_POST
def give(request: HttpRequest, access: AssessmentAccess, pk: UUID) -> HttpResponse:
    """Freeze it as it was told."""
    inspection_of(access.assessment)
    row = queries.feedback_of(access.assessment, pk)
    telling.give(
        feedback=row,
        pinned=store.pinned(access.assessment),
        base_version=base_version(request),
        by=access.user,
    )
    done(request, _("Given: the landlord's people can read it now."))
    return see("feedback-show", access.assessment.pk, row.pk)


@in_assessment(Permission.INSPECTION_MANAGE)
@require_POST
def waive(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Say why nothing is fed back."""
    inspection_of(access.assessment)
    reason = request.POST.get("reason", "")
    try:
        telling.waive(assessment=access.assessment, reason=reason, by=access.user)
    except InvalidInput as error:
        return _list(request, access, {"error": str(error), "reason": reason})
    done(request, _("Saved."))
    return see("feedback", access.assessment.pk)
