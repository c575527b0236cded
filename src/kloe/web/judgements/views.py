"""Pages of judgements: the list, a KLOE, the overall judgements, one subject; and judging."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kloe.assessment.permissions import Permission
from kloe.assessment.vocabulary import LABELS, Stage
from kloe.core.errors import InvalidInput
from kloe.web.access import AssessmentAccess, in_assessment
from kloe.web.assessments.saving import Saved, StaleWrite, Write
from kloe.web.judgements import actions, pages, queries
from kloe.web.judgements.answering import Differing, SeeOther, conflict, done
from kloe.web.judgements.forms import JudgeForm
from kloe.web.judgements.judges import check_judges
from kloe.web.judgements.models import Judgement
from kloe.web.judgements.subjects import (
    KINDS,
    Subject,
    subject_of,
    subjects_of,
    themes_in_scope,
)
from kloe.web.judgements.writing import gone
from kloe.web.library import store
from kloe.web.library.store import Pinned
from kloe.web.sent import words_asked

STAGES = {
    "none": gettext_lazy("Not judged yet"),
    "provisional": LABELS[Stage.PROVISIONAL],
    "proposed": LABELS[Stage.PROPOSED],
    "agreed": LABELS[Stage.AGREED],
    "dissent": gettext_lazy("With dissent"),
}
SORTS: dict[str, Callable[[pages.SubjectRow], Any]] = {
    "subject": lambda r: r.place,
    "grade": lambda r: r.grade.rank if r.grade else 0,
    "stage": lambda r: (r.stage, r.place),
    "by": lambda r: (str(r.by or "").lower(), r.place),
    "when": lambda r: r.at.timestamp() if r.at else 0,
}


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_GET
def index(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Every subject with its grade, stage, person and day; sorted and filtered by address."""
    pinned = store.pinned(access.assessment)
    kind, stage = request.GET.get("kind", ""), request.GET.get("stage", "")
    kloe = request.GET.get("kloe", "")
    words = words_asked(request)
    rows = pages.subject_rows(access.assessment, pinned)
    total = len(rows)

    def wanted(row: pages.SubjectRow) -> bool:
        stages = {"none": not row.stage, "dissent": row.dissents > 0}
        return (
            (not kind or row.subject.kind == kind)
            and (not kloe or (row.subject.kloe is not None and row.subject.kloe.id == kloe))
            and (not stage or stages.get(stage, row.stage == stage))
            and (not words or words.lower() in row.subject.name.lower())
        )

    sort = request.GET.get("sort", "subject")
    key = SORTS.get(sort.removeprefix("-"), SORTS["subject"])
    rows = sorted(filter(wanted, rows), key=key, reverse=sort.startswith("-"))
    return render(
        request,
        "judgements/index.html",
        {
            "assessment": access.assessment,
            "page": Paginator(rows, settings.PAGE_SIZE).get_page(request.GET.get("page")),
            "total": total,
            "kinds": [(k, v) for k, v in KINDS.items() if _has(pinned, k)],
            "kind": kind,
            "stages": STAGES.items(),
            "stage": stage,
            "kloes": pinned.kloes(),
            "kloe": kloe,
            "q": words,
            "nav": "judgements",
        },
    )


def _has(pinned: Pinned, kind: str) -> bool:
    return any(s.kind == kind for s in subjects_of(pinned).values())


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_GET
def kloe(request: HttpRequest, access: AssessmentAccess, kloe: str) -> HttpResponse:
    """A KLOE: its themes as they stand, its findings, its judgement."""
    pinned = store.pinned(access.assessment)
    page = pages.kloe_page(access, pinned, pinned.kloe(kloe))
    return render(
        request,
        "judgements/kloe.html",
        {"assessment": access.assessment, "page": page, "nav": "judgements"},
    )


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_GET
def overall(request: HttpRequest, access: AssessmentAccess, judgement: str) -> HttpResponse:
    """How good is the service, or what are the prospects for improvement."""
    return overall_page(request, access, judgement)


def overall_page(
    request: HttpRequest,
    access: AssessmentAccess,
    judgement: str,
    *,
    forms: Mapping[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of an overall judgement; ``forms`` are those that came back with faults."""
    pinned = store.pinned(access.assessment)
    page = pages.overall_page(access, pinned, subject_of(pinned, judgement), forms=forms)
    return render(
        request,
        f"judgements/{'prospects' if page.subject.id == 'prospects' else 'overall'}.html",
        {
            "assessment": access.assessment,
            "page": page,
            "faults": list((forms or {}).values()),
            "nav": "judgements",
        },
        status=status,
    )


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_GET
def subject(request: HttpRequest, access: AssessmentAccess, subject: str) -> HttpResponse:
    """One subject by itself: how it is judged, and every version of that."""
    pinned = store.pinned(access.assessment)
    return _subject_page(request, access, pinned, subject_of(pinned, subject))


def _subject_page(
    request: HttpRequest,
    access: AssessmentAccess,
    pinned: Pinned,
    found: Subject,
    *,
    bound: Mapping[str, JudgeForm] | None = None,
) -> HttpResponse:
    in_scope = themes_in_scope(access.assessment)
    return render(
        request,
        "judgements/subject.html",
        {
            "assessment": access.assessment,
            "subject": found,
            "judging": queries.judging_of(
                access.assessment, pinned, found, bound=bound, in_scope=in_scope
            ),
            "in_scope": any(t in in_scope for t in found.themes),
            "history": queries.history(access.assessment, found),
            "back": found.url(access.assessment.pk),
            "fault": next(iter((bound or {}).values()), None),
            "nav": "judgements",
        },
        status=422 if bound else 200,
    )


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_GET
def suggested(request: HttpRequest, access: AssessmentAccess, subject: str) -> HttpResponse:
    """What the rules suggest now, fetched anew after a placing; nothing before one judged."""
    pinned = store.pinned(access.assessment)
    judging = queries.judging_of(access.assessment, pinned, subject_of(pinned, subject))
    if judging.now is None:
        return HttpResponse(status=204)
    return render(
        request,
        "judgements/_suggested.html",
        {"assessment": access.assessment, "judging": judging, "h": _level(request)},
    )


def _level(request: HttpRequest) -> str:
    return "h5" if request.GET.get("h") == "h5" else "h4"


# Judging -------------------------------------------------------------------------------------


def judge(
    request: HttpRequest,
    access: AssessmentAccess,
    identifier: str,
    stage: str,
    act: Callable[..., Saved],
    said: str,
) -> HttpResponse:
    """Save a grade with its reasons at a stage, by ``act``; what is refused comes back."""
    pinned = store.pinned(access.assessment)
    found = subject_of(pinned, identifier)
    back = found.url(access.assessment.pk)
    if request.method != "POST":
        # A session ended, and signing in again leads here.
        return SeeOther(back)
    again = stage == Stage.PROPOSED and "why" in request.POST
    form = JudgeForm(request.POST, subject=found, stage=stage, again=again)
    if form.is_valid():
        try:
            act(
                assessment=access.assessment,
                pinned=pinned,
                subject=found.id,
                grade=form.cleaned_data["grade"],
                reasons=form.cleaned_data["reasons"],
                write=Write.of(request),
                **({"why": form.cleaned_data["why"]} if again else {}),
            )
        except StaleWrite as stale:
            return _judged_first(request, access, found, stage, stale, back)
        except InvalidInput as error:
            if stage == Stage.AGREED and access.stage:
                # What was written to be agreed comes back as what can be proposed.
                stage = Stage.PROPOSED.value
                form = JudgeForm(request.POST, subject=found, stage=stage)
            form.add_error(None, str(error))
        else:
            done(request, said)
            return SeeOther(back)
    return _subject_page(request, access, pinned, found, bound={stage: form})


def _judged_first(
    request: HttpRequest,
    access: AssessmentAccess,
    found: Subject,
    stage: str,
    stale: StaleWrite,
    back: str,
) -> HttpResponse:
    rows = Judgement.objects.filter(assessment=access.assessment, subject=found.id, stage=stage)
    if stage == Stage.DISSENT:
        rows = rows.filter(by=access.user)
    row = rows.first()
    if row is None:
        raise gone() from stale
    mine, why = stale.mine, request.POST.get("why", "")
    also = [Differing("why", _("Why you change the grade"), "", why, [why], long=True)]
    return conflict(
        request,
        access,
        stale,
        fields=[
            Differing(
                "grade",
                _("Grade"),
                found.grade(row.grade).label,
                found.grade(mine["grade"]).label,
                [mine["grade"]],
            ),
            Differing(
                "reasons", _("Reasons"), row.reasons, mine["reasons"], [mine["reasons"]], long=True
            ),
            *(also if stage == Stage.PROPOSED else []),
        ],
        row=row,
        kind="judgement",
        subject=actions.versions_of(row),
        back=back,
    )


@in_assessment(Permission.PROPOSE)
@require_http_methods(["GET", "POST"])
def provisional(request: HttpRequest, access: AssessmentAccess, subject: str) -> HttpResponse:
    """Save a provisional grade with its reasons."""
    check_judges(access, subject)
    return judge(
        request,
        access,
        subject,
        "provisional",
        actions.save_provisional,
        _("Saved. What the rules suggest now stands beside it."),
    )


@in_assessment(Permission.JUDGE)
@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, access: AssessmentAccess, subject: str) -> HttpResponse:
    """Agree a grade."""
    return judge(request, access, subject, "agreed", actions.decide, _("The grade is agreed."))


@in_assessment(Permission.RATE)
@require_http_methods(["GET", "POST"])
def dissent(request: HttpRequest, access: AssessmentAccess, subject: str) -> HttpResponse:
    """Record that one does not agree."""
    return judge(
        request, access, subject, "dissent", actions.dissent, _("Your dissent is recorded.")
    )


@in_assessment(Permission.RATE)
@require_POST
def withdraw(request: HttpRequest, access: AssessmentAccess, subject: str) -> HttpResponse:
    """Take one's own dissent back."""
    pinned = store.pinned(access.assessment)
    found = subject_of(pinned, subject)
    if actions.withdraw_dissent(
        assessment=access.assessment, pinned=pinned, subject=found.id, by=access.user
    ):
        done(request, _("Withdrawn; it stays in the history."))
    return SeeOther(found.url(access.assessment.pk))
