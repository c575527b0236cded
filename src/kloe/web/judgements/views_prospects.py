"""What prospects rest on: main questions answered, weaknesses, drivers and barriers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from kloe.assessment.permissions import Permission
from kloe.core.errors import NotFound
from kloe.core.messages import Message
from kloe.web.access import AssessmentAccess, in_assessment
from kloe.web.assessments import ratings
from kloe.web.assessments.models import Answer
from kloe.web.assessments.saving import StaleWrite, Write
from kloe.web.assessments.views_theme import wants_json
from kloe.web.judgements import actions
from kloe.web.judgements import queries_findings as reading
from kloe.web.judgements.answering import (
    Differing,
    SeeOther,
    back_to,
    conflict,
    done,
    refused,
    saved,
)
from kloe.web.judgements.forms import ANSWERS, FactorForm, WeaknessForm
from kloe.web.judgements.subjects import MAIN_QUESTION, PROSPECTS, subject_of
from kloe.web.judgements.views import overall_page
from kloe.web.judgements.writing import gone
from kloe.web.library import store


def _page(access: AssessmentAccess, anchor: str) -> str:
    return reverse("overall-judgement", args=[access.assessment.pk, PROSPECTS]) + f"#{anchor}"


def _words(form: Any) -> list[str]:
    return [str(e) for errors in form.errors.values() for e in errors]


# Main questions ------------------------------------------------------------------------------


@in_assessment(Permission.ANSWER)
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, access: AssessmentAccess, question: str) -> HttpResponse:
    """Save the answer to a main question."""
    pinned = store.pinned(access.assessment)
    found = subject_of(pinned, question)
    if found.kind != MAIN_QUESTION or found.kloe is None:
        raise NotFound(Message("This is no main question of the assessment."))
    back = back_to(request, found.url(access.assessment.pk))
    if request.method != "POST":
        return SeeOther(back)
    try:
        outcome = ratings.answer(
            assessment=access.assessment,
            question=found.id,
            theme=found.kloe.id,
            text=request.POST.get("text", ""),
            write=Write.of(request),
        )
    except StaleWrite as stale:
        row = Answer.objects.filter(assessment=access.assessment, question=found.id).first()
        if row is None:
            raise gone() from stale
        mine = stale.mine["text"]
        return conflict(
            request,
            access,
            stale,
            fields=[Differing("text", _("Answer"), row.text, mine, [mine], long=True)],
            row=row,
            kind="answer",
            subject=found.id,
            back=back,
        )
    return saved(request, outcome, back)


# Weaknesses ----------------------------------------------------------------------------------


@in_assessment(Permission.JUDGE)
@require_http_methods(["GET", "POST"])
def weakness_add(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Add a weakness of one's own."""
    if request.method != "POST":
        return SeeOther(_page(access, "weaknesses"))
    form = WeaknessForm(request.POST)
    if not form.is_valid():
        return overall_page(request, access, PROSPECTS, forms={"new_weakness": form}, status=422)
    made = actions.add_weakness(
        assessment=access.assessment,
        pinned=store.pinned(access.assessment),
        write=Write.of(request),
        **form.cleaned_data,
    )
    done(request, _("Added."))
    return SeeOther(_page(access, f"weakness-{made.row.pk}"))


@in_assessment(Permission.JUDGE)
@require_POST
def weakness_take(request: HttpRequest, access: AssessmentAccess, finding: UUID) -> HttpResponse:
    """Take an area for improvement over as a weakness."""
    found = reading.finding_of(access.assessment, finding)
    made = actions.take_over(
        assessment=access.assessment,
        pinned=store.pinned(access.assessment),
        finding=found,
        by=access.user,
        request_id=getattr(request, "id", ""),
    )
    done(request, _("Taken over. Now say what becomes of it."))
    return SeeOther(back_to(request, _page(access, f"weakness-{made.pk}")))


@in_assessment(Permission.JUDGE)
@require_http_methods(["GET", "POST"])
def weakness_edit(request: HttpRequest, access: AssessmentAccess, pk: UUID) -> HttpResponse:
    """Save a weakness and what becomes of it."""
    back = _page(access, f"weakness-{pk}")
    weakness = reading.weakness_of(access.assessment, pk)
    if request.method != "POST":
        return SeeOther(back)
    form = WeaknessForm(request.POST, instance=reading.weakness_of(access.assessment, pk))
    if not form.is_valid():
        if wants_json(request):
            return refused(request, _words(form))
        weaknesses = [
            form if w.pk == pk else WeaknessForm(instance=w)
            for w in reading.weaknesses_of(access.assessment)
        ]
        return overall_page(
            request, access, PROSPECTS, forms={"weaknesses": weaknesses}, status=422
        )
    try:
        outcome = actions.edit_weakness(
            assessment=access.assessment,
            weakness=weakness,
            values=form.cleaned_data,
            write=Write.of(request),
        )
    except StaleWrite as stale:
        return _weakness_conflict(request, access, pk, stale, back)
    return saved(request, outcome, back)


def _weakness_conflict(
    request: HttpRequest, access: AssessmentAccess, pk: UUID, stale: StaleWrite, back: str
) -> HttpResponse:
    row = reading.weakness_of(access.assessment, pk)
    answers = {value: str(label) for value, label in ANSWERS}
    labels = WeaknessForm.Meta.labels
    yes_no = {True: _("Yes"), False: _("No")}
    fields = []
    for name, mine in stale.mine.items():
        theirs: Any = getattr(row, name)
        if name == "serious":
            values = ["on"] if mine else []
            field = Differing(name, labels[name], yes_no[theirs], yes_no[mine], values)
        elif name in {"known", "planned", "capacity"}:
            field = Differing(name, labels[name], answers[theirs], answers[mine], [mine])
        else:
            field = Differing(name, labels[name], theirs, mine, [mine], long=True)
        fields.append(field)
    return conflict(
        request,
        access,
        stale,
        fields=fields,
        row=row,
        kind="weakness",
        subject=str(pk),
        back=back,
    )


@in_assessment(Permission.JUDGE)
@require_POST
def weakness_remove(request: HttpRequest, access: AssessmentAccess, pk: UUID) -> HttpResponse:
    """Take a weakness away."""
    actions.remove_weakness(
        assessment=access.assessment,
        weakness=reading.weakness_of(access.assessment, pk),
        by=access.user,
    )
    done(request, _("Removed; what it said stays in the audit trail."))
    return SeeOther(_page(access, "weaknesses"))


# Drivers and barriers ------------------------------------------------------------------------


@in_assessment(Permission.JUDGE)
@require_http_methods(["GET", "POST"])
def factor_add(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Add a driver or a barrier."""
    if request.method != "POST":
        return SeeOther(_page(access, "factors"))
    form = FactorForm(request.POST, kind=request.POST.get("kind", ""))
    if not form.is_valid():
        name = "new_barrier" if request.POST.get("kind") == "barrier" else "new_driver"
        return overall_page(request, access, PROSPECTS, forms={name: form}, status=422)
    actions.add_factor(
        assessment=access.assessment,
        pinned=store.pinned(access.assessment),
        write=Write.of(request),
        **form.cleaned_data,
    )
    done(request, _("Added."))
    return SeeOther(_page(access, "factors"))


@in_assessment(Permission.JUDGE)
@require_http_methods(["GET", "POST"])
def factor_edit(request: HttpRequest, access: AssessmentAccess, pk: UUID) -> HttpResponse:
    """Save the words of a driver or barrier."""
    back = _page(access, "factors")
    factor = reading.factor_of(access.assessment, pk)
    if request.method != "POST":
        return SeeOther(back)
    data = request.POST.copy()
    data["kind"] = factor.kind
    form = FactorForm(data, instance=reading.factor_of(access.assessment, pk))
    if not form.is_valid():
        if wants_json(request):
            return refused(request, _words(form))
        name = f"{factor.kind}s"
        found = reading.factors_of(access.assessment)[factor.kind]
        forms = [form if f.pk == pk else FactorForm(instance=f) for f in found]
        return overall_page(request, access, PROSPECTS, forms={name: forms}, status=422)
    try:
        outcome = actions.edit_factor(
            assessment=access.assessment,
            factor=factor,
            text=form.cleaned_data["text"],
            write=Write.of(request),
        )
    except StaleWrite as stale:
        row = reading.factor_of(access.assessment, pk)
        mine = stale.mine["text"]
        return conflict(
            request,
            access,
            stale,
            fields=[Differing("text", _("In words"), row.text, mine, [mine], long=True)],
            row=row,
            kind="factor",
            subject=str(pk),
            back=back,
        )
    return saved(request, outcome, back)


@in_assessment(Permission.JUDGE)
@require_POST
def factor_remove(request: HttpRequest, access: AssessmentAccess, pk: UUID) -> HttpResponse:
    """Take a driver or barrier away."""
    actions.remove_factor(
        assessment=access.assessment,
        factor=reading.factor_of(access.assessment, pk),
        by=access.user,
    )
    done(request, _("Removed; what it said stays in the audit trail."))
    return SeeOther(_page(access, "factors"))
