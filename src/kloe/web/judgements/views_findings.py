"""Findings: the list of all, and adding, changing, removing and ordering them in a theme."""

from __future__ import annotations

from dataclasses import fields
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kloe.assessment.permissions import Permission
from kloe.assessment.vocabulary import FindingKind
from kloe.core.errors import InvalidInput
from kloe.frameworks.model import Theme
from kloe.frameworks.words import STRANDS
from kloe.web.access import AssessmentAccess, in_assessment
from kloe.web.assessments.saving import StaleWrite, Write
from kloe.web.ids import new_id
from kloe.web.judgements import actions
from kloe.web.judgements import queries_findings as reading
from kloe.web.judgements.answering import Differing, SeeOther, back_to, conflict, done, uuids
from kloe.web.judgements.findings import Said
from kloe.web.judgements.forms import PRIORITIES, FindingForm
from kloe.web.judgements.models import Finding
from kloe.web.judgements.subjects import Subject, check_in_scope, subject_of, themes_in_scope
from kloe.web.library import store
from kloe.web.sent import words_asked

KINDS = {k.value for k in FindingKind}
SAID = tuple(f.name for f in fields(Said))


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_GET
def index(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """All findings, sorted and filtered by address."""
    pinned = store.pinned(access.assessment)
    wanted = reading.Wanted(
        words=words_asked(request),
        kind=request.GET.get("kind", ""),
        kloe=request.GET.get("kloe", ""),
        strand=request.GET.get("strand", ""),
        priority=request.GET.get("priority", ""),
        sort=request.GET.get("sort", "theme"),
    )
    found = reading.findings(access.assessment, pinned, wanted).select_related("by", "weakness")
    page = Paginator(found, settings.PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "judgements/findings.html",
        {
            "assessment": access.assessment,
            "page": page,
            "rows": reading.shown_findings(page.object_list, pinned, access),
            "wanted": wanted,
            "kinds": reading.PLURALS.items(),
            "kloes": pinned.kloes(),
            "strands": STRANDS,
            "priorities": PRIORITIES,
            "prospects": any(k.judgement == "prospects" for k in pinned.kloes()),
            "nav": "findings",
        },
    )


def _theme_url(access: AssessmentAccess, subject: Subject) -> str:
    return subject.url(access.assessment.pk).partition("#")[0] + "#findings"


def _form_page(
    request: HttpRequest,
    access: AssessmentAccess,
    subject: Subject,
    form: FindingForm,
    *,
    finding: Finding | None = None,
) -> HttpResponse:
    # On the theme page the form opens in its place; leaving it, that page is fetched anew.
    part = bool(request.headers.get("HX-Request")) and request.method == "GET"
    theme = _theme_url(access, subject)
    return render(
        request,
        "judgements/_finding_form.html" if part else "judgements/finding.html",
        {
            "assessment": access.assessment,
            "subject": subject,
            "form": form,
            "finding": finding,
            "write_id": request.POST.get("write_id") or new_id(),
            "back": back_to(request, theme.partition("#")[0] if part else theme),
            "part": part,
            "suggested": reading.strength_suggested(finding) if finding else None,
            "next": request.POST.get("next") or request.GET.get("next") or "",
            "nav": "enquiry",
        },
        status=422 if form.is_bound else 200,
    )


def _form(
    access: AssessmentAccess, theme: Theme, data: Any, *, chosen: list[Any], **kwargs: Any
) -> FindingForm:
    ticked = uuids(data.getlist("evidence")) if data is not None else chosen
    return FindingForm(
        data,
        criteria=[(c.id, str(c.title)) for c in theme.criteria],
        evidence=reading.evidence_choices(access.assessment, theme, access, ticked),
        **kwargs,
    )


@in_assessment(Permission.FINDING_WRITE)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, access: AssessmentAccess, theme: str) -> HttpResponse:
    """Say what was found in a theme."""
    pinned = store.pinned(access.assessment)
    subject = subject_of(pinned, pinned.theme(theme).id)
    check_in_scope(subject, themes_in_scope(access.assessment))
    kind = request.GET.get("kind", "")
    form = _form(
        access,
        pinned.theme(subject.id),
        request.POST if request.method == "POST" else None,
        chosen=[],
        initial={
            "kind": kind if kind in KINDS else FindingKind.STRENGTH.value,
            "criteria": request.GET.getlist("criterion"),
            "priority": "medium",
            "base_version": 0,
        },
    )
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        values.pop("base_version")
        try:
            actions.add_finding(
                assessment=access.assessment,
                pinned=pinned,
                theme=subject.id,
                write=Write.of(request),
                **values,
            )
        except InvalidInput as error:
            form.add_error(None, str(error))
        else:
            done(request, _("Added."))
            return SeeOther(back_to(request, _theme_url(access, subject)))
    return _form_page(request, access, subject, form)


@in_assessment(Permission.FINDING_WRITE)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, access: AssessmentAccess, pk: UUID) -> HttpResponse:
    """Change a finding."""
    pinned = store.pinned(access.assessment)
    finding = reading.finding_of(access.assessment, pk)
    subject = subject_of(pinned, finding.theme)
    chosen = list(finding.evidence.filter(deleted_at=None).values_list("pk", flat=True))
    form = _form(
        access,
        pinned.theme(subject.id),
        request.POST if request.method == "POST" else None,
        chosen=chosen,
        initial={
            **{name: getattr(finding, name) for name in SAID},
            "criteria": finding.criteria,
            "evidence": [str(pk) for pk in chosen],
            "base_version": finding.version,
        },
    )
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        values.pop("base_version")
        back = back_to(request, _theme_url(access, subject))
        try:
            actions.edit_finding(
                assessment=access.assessment,
                pinned=pinned,
                finding=finding,
                write=Write.of(request),
                **values,
            )
        except StaleWrite as stale:
            return _changed_first(request, access, pinned, finding.pk, stale, back)
        except InvalidInput as error:
            form.add_error(None, str(error))
        else:
            done(request, _("Saved."))
            return SeeOther(back)
    return _form_page(request, access, subject, form, finding=finding)


def _changed_first(
    request: HttpRequest,
    access: AssessmentAccess,
    pinned: store.Pinned,
    pk: UUID,
    stale: StaleWrite,
    back: str,
) -> HttpResponse:
    row = reading.finding_of(access.assessment, pk)
    theirs = reading.shown_findings([row], pinned, access)[0]
    mine = stale.mine
    titles = {c.id: str(c.title) for c in theirs.theme.criteria}
    labels = dict(
        reading.evidence_choices(access.assessment, theirs.theme, access, mine["evidence"])
    )

    def lines(values: list[str]) -> str:
        return "\n".join(values) or "–"

    differing = [
        Differing(
            "kind",
            _("Kind"),
            reading.PLURALS[row.kind],
            reading.PLURALS[mine["kind"]],
            [mine["kind"]],
        ),
        Differing("text", _("Finding"), row.text, mine["text"], [mine["text"]], long=True),
        *(
            Differing(
                name,
                FindingForm.base_fields[name].label,
                getattr(row, name) or "–",
                mine[name] or "–",
                [mine[name]],
            )
            for name in ("strength", "priority", "impact", "cost", "due_on")
        ),
        *(
            Differing(
                name,
                FindingForm.base_fields[name].label,
                getattr(row, name),
                mine[name],
                [mine[name]],
                long=True,
            )
            for name in ("draft", "recommendation", "benefit")
        ),
        Differing(
            "criteria",
            _("Criteria"),
            lines([str(c.title) for c in theirs.criteria]),
            lines([titles[c] for c in mine["criteria"]]),
            mine["criteria"],
        ),
        Differing(
            "evidence",
            _("Evidence"),
            lines([labels.get(str(e.pk), f"E{e.number}") for e in theirs.evidence]),
            lines([labels.get(pk, pk) for pk in mine["evidence"]]),
            mine["evidence"],
        ),
    ]
    return conflict(
        request,
        access,
        stale,
        fields=differing,
        row=row,
        kind="finding",
        subject=str(row.pk),
        back=back,
        nav="enquiry",
    )


@in_assessment(Permission.FINDING_WRITE)
@require_POST
def remove(request: HttpRequest, access: AssessmentAccess, pk: UUID) -> HttpResponse:
    """Take a finding away."""
    pinned = store.pinned(access.assessment)
    finding = reading.finding_of(access.assessment, pk)
    subject = subject_of(pinned, finding.theme)
    actions.remove_finding(assessment=access.assessment, finding=finding, by=access.user)
    done(request, _("Removed; what it said stays in the audit trail."))
    return SeeOther(back_to(request, _theme_url(access, subject)))


@in_assessment(Permission.FINDING_WRITE)
@require_POST
def move(request: HttpRequest, access: AssessmentAccess, pk: UUID) -> HttpResponse:
    """Put a finding one place up or down among those of its kind."""
    pinned = store.pinned(access.assessment)
    finding = reading.finding_of(access.assessment, pk)
    down = request.POST.get("to") == "down"
    rows = list(
        Finding.objects.filter(assessment=access.assessment, theme=finding.theme).order_by(
            "order", "id"
        )
    )
    kin = [r.pk for r in rows if r.kind == finding.kind]
    here = kin.index(finding.pk)
    there = here + (1 if down else -1)
    if 0 <= there < len(kin):
        order = [r.pk for r in rows]
        one, other = order.index(kin[here]), order.index(kin[there])
        order[one], order[other] = order[other], order[one]
        actions.reorder_findings(
            assessment=access.assessment, theme=finding.theme, order=order, by=access.user
        )
    subject = subject_of(pinned, finding.theme)
    return SeeOther(_theme_url(access, subject).partition("#")[0] + f"#finding-{finding.pk}")
