"""Pages of moderation: all grades on their way, the discussion of one, and what is done there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from kloe.assessment.moderating import STATES, Act, State
from kloe.assessment.permissions import Permission
from kloe.assessment.vocabulary import InspectionStage, Stage
from kloe.core.errors import InvalidInput, NotFound
from kloe.web.access import AssessmentAccess, in_assessment
from kloe.web.assessments.models import Assessment
from kloe.web.assessments.saving import Write
from kloe.web.inspections.queries import inspection_of, nav
from kloe.web.judgements import queries as judgements
from kloe.web.judgements.answering import SeeOther, done, whole
from kloe.web.judgements.forms import JudgeForm
from kloe.web.judgements.judges import check_judges, judges
from kloe.web.judgements.models import Judgement
from kloe.web.judgements.subjects import KINDS, Subject, subject_of, themes_in_scope
from kloe.web.judgements.views import judge
from kloe.web.library import store
from kloe.web.library.store import Pinned
from kloe.web.moderation import actions, comparing, queries
from kloe.web.moderation.models import Entry
from kloe.web.moderation.talking import Overtaken, thread
from kloe.web.sent import words_asked


def _ordered(request: HttpRequest, rows: list[queries.Row]) -> list[queries.Row]:
    return rows if request.GET.get("sort") == "subject" else queries.differences_first(rows)


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_GET
def index(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Every grade on its way: proposed beside suggested, what asks for the moderator first."""
    inspection = inspection_of(access.assessment)
    pinned = store.pinned(access.assessment)
    rows = queries.rows_of(access.assessment, pinned)
    state, kind = request.GET.get("state", ""), request.GET.get("kind", "")
    words = words_asked(request)
    shown = [
        r
        for r in rows
        if (not state or r.state == state)
        and (not kind or r.subject.kind == kind)
        and (not words or words.lower() in r.subject.name.lower())
    ]
    counts = queries.counts_of(rows)
    return render(
        request,
        "moderation/index.html",
        {
            "assessment": access.assessment,
            "inspection": inspection,
            "tabs": nav(access, "moderation"),
            "nav": "inspection",
            "page": Paginator(_ordered(request, shown), settings.PAGE_SIZE).get_page(
                request.GET.get("page")
            ),
            "total": len(rows),
            "counts": [(s, STATES[s], counts[s]) for s in State],
            "agreed": counts[State.AGREED],
            "states": [(s.value, label) for s, label in STATES.items()],
            "state": state,
            "kinds": [(k, v) for k, v in KINDS.items() if any(r.subject.kind == k for r in rows)],
            "kind": kind,
            "q": words,
            "at_moderation": inspection.stage == InspectionStage.MODERATION,
            "exemptions": queries.facts_of(access.assessment)["exemptions_open"],
        },
    )


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_GET
def subject(request: HttpRequest, access: AssessmentAccess, subject: str) -> HttpResponse:
    """One judgement: the proposal, its limits, what was said, earlier inspections beside it."""
    pinned = store.pinned(access.assessment)
    return _page(request, access, pinned, subject_of(pinned, subject))


def _page(
    request: HttpRequest,
    access: AssessmentAccess,
    pinned: Pinned,
    found: Subject,
    *,
    failed: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """The page; ``failed`` is what could not be done, with what was typed."""
    assessment = access.assessment
    inspection = inspection_of(assessment)
    rows = queries.rows_of(assessment, pinned)
    row = next((r for r in rows if r.subject.id == found.id), None)
    before, after = queries.neighbours(_ordered(request, rows), found)
    in_scope = themes_in_scope(assessment)
    entries = thread(assessment, found.id)
    judging = judgements.judging_of(
        assessment, pinned, found, in_scope=in_scope, bound=_anew(assessment, found, entries)
    )
    standing = judging.standing
    limits = judging.now.suggestion.limits if judging.now else ()
    grade = standing.grade if standing else None
    held_by = queries.limits_of(assessment, found, limits, grade)
    return render(
        request,
        "moderation/subject.html",
        {
            "assessment": assessment,
            "subject": found,
            "row": row,
            "previous": before,
            "following": after,
            "judging": judging,
            "in_scope": any(t in in_scope for t in found.themes),
            "entries": queries.told(found, entries),
            "seen": entries[-1].number if entries else 0,
            "limits": held_by,
            "held": any(one.holds for one in held_by),
            "groups": comparing.beside(access, found, grade) if grade else [],
            "judges": judges(access, found.id),
            "own": judging.proposed is not None and judging.proposed.row.by_id == access.user.pk,
            "at_moderation": inspection.stage == InspectionStage.MODERATION,
            "back": found.url(assessment.pk),
            "failed": failed or {},
            "tabs": nav(access, "moderation"),
            "nav": "inspection",
            "discussion": True,
            "order": request.GET.get("sort", ""),
        },
        status=422 if failed else 200,
    )


def _anew(
    assessment: Assessment, found: Subject, entries: Sequence[Entry]
) -> dict[str, JudgeForm] | None:
    """What was proposed before it was opened again, to begin from."""
    if not entries or entries[-1].act != Act.REOPENED:
        return None
    last = queries.last_proposed(assessment, found.id)
    if last is None:
        return None
    initial = {"base_version": 0, "grade": last["grade"], "reasons": last["reasons"]}
    return {"proposed": JudgeForm(subject=found, stage="proposed", initial=initial)}


# Doing ---------------------------------------------------------------------------------------


@in_assessment(Permission.PROPOSE)
@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest, access: AssessmentAccess, subject: str) -> HttpResponse:
    """Propose a grade, or another one."""
    check_judges(access, subject)
    return judge(
        request, access, subject, "proposed", actions.propose, _("Proposed to the moderator.")
    )


def _act(
    request: HttpRequest,
    access: AssessmentAccess,
    identifier: str,
    name: str,
    act: Callable[..., Any],
    said: str,
    *fields: str,
) -> HttpResponse:
    """Do something in the discussion; what others wrote meanwhile is shown before."""
    pinned = store.pinned(access.assessment)
    found = subject_of(pinned, identifier)
    back = reverse("moderation-judgement", args=[access.assessment.pk, found.id])
    if request.method != "POST":
        # A session ended, and signing in again leads here.
        return SeeOther(back)
    typed = {field: request.POST.get(field, "") for field in fields}
    try:
        act(
            assessment=access.assessment,
            pinned=pinned,
            subject=found.id,
            seen=whole(request.POST.get("seen")),
            write=Write.of(request),
            **typed,
        )
    except Overtaken as overtaken:
        return _overtaken(request, access, found, overtaken, typed, name)
    except (InvalidInput, NotFound) as error:
        failed = {**typed, "act": name, "error": str(error)}
        return _page(request, access, pinned, found, failed=failed)
    done(request, said)
    return SeeOther(f"{back}#discussion")


def _overtaken(
    request: HttpRequest,
    access: AssessmentAccess,
    found: Subject,
    overtaken: Overtaken,
    typed: Mapping[str, str],
    name: str,
) -> HttpResponse:
    return render(
        request,
        "moderation/overtaken.html",
        {
            "assessment": access.assessment,
            "subject": found,
            "entries": queries.told(found, overtaken.since),
            "seen": overtaken.since[-1].number if overtaken.since else 0,
            "typed": typed,
            "text_field": "reason" if "reason" in typed else "text",
            "text": typed.get("reason", typed.get("text", "")),
            "act": name,
            "post_to": request.path,
            "back": reverse("moderation-judgement", args=[access.assessment.pk, found.id]),
            "nav": "inspection",
        },
        status=409,
    )


@in_assessment(Permission.MODERATE)
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, access: AssessmentAccess, subject: str) -> HttpResponse:
    """Question a proposal."""
    return _act(request, access, subject, "ask", actions.ask, _("Your question stands."), "text")


@in_assessment(Permission.PROPOSE)
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, access: AssessmentAccess, subject: str) -> HttpResponse:
    """Answer the moderator."""
    return _act(
        request, access, subject, "answer", actions.answer, _("Your answer stands."), "text"
    )


@in_assessment(Permission.MODERATE)
@require_http_methods(["GET", "POST"])
def agree(request: HttpRequest, access: AssessmentAccess, subject: str) -> HttpResponse:
    """Agree the grade proposed."""
    return _act(request, access, subject, "agree", actions.agree, _("The grade is agreed."), "text")


@in_assessment(Permission.MODERATE)
@require_http_methods(["GET", "POST"])
def override(request: HttpRequest, access: AssessmentAccess, subject: str) -> HttpResponse:
    """Let a grade pass a limit."""
    return _act(
        request,
        access,
        subject,
        "override",
        actions.override,
        _("The limit is overridden; the report says so."),
        "limit",
        "reason",
    )


@in_assessment(Permission.MODERATE)
@require_http_methods(["GET", "POST"])
def hold_again(request: HttpRequest, access: AssessmentAccess, subject: str) -> HttpResponse:
    """Take an override back."""
    return _act(
        request,
        access,
        subject,
        "hold",
        actions.hold_again,
        _("The limit holds again."),
        "limit",
        "reason",
    )


@in_assessment(Permission.MODERATE)
@require_http_methods(["GET", "POST"])
def reopen(request: HttpRequest, access: AssessmentAccess, subject: str) -> HttpResponse:
    """Open what was agreed again."""

    def act(*, subject: str, reason: str, write: Write, **_rest: Any) -> None:
        row = (
            Judgement.objects.filter(
                assessment=access.assessment, subject=subject, stage=Stage.AGREED.value
            )
            .select_related("assessment")
            .first()
        )
        if row is not None:
            actions.reopen(judgement=row, reason=reason, by=write.by)

    return _act(
        request,
        access,
        subject,
        "reopen",
        act,
        _("It is to be proposed and agreed anew."),
        "reason",
    )
