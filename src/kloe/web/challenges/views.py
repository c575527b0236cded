"""The draft report: where it is, its chapters, what changed, as PDF; issuing it, and its time."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kloe.assessment.challenges import LABELS, Place
from kloe.assessment.permissions import Permission
from kloe.core.errors import Conflict, InvalidInput, NotFound
from kloe.core.messages import Message
from kloe.web.access import AssessmentAccess, in_assessment
from kloe.web.audit import wording
from kloe.web.challenges import answering, issuing, queries, reading
from kloe.web.challenges.forms import ExtendForm, IssueForm
from kloe.web.challenges.models import Draft
from kloe.web.inspections import queries as inspections
from kloe.web.inspections.views import base_version, see
from kloe.web.jobs import actions as jobs
from kloe.web.site.wording import day


def context_of(access: AssessmentAccess, here: str, **more: Any) -> dict[str, Any]:
    """What every page of the draft report shows."""
    pk = access.assessment.pk
    return {
        "assessment": access.assessment,
        "nav": "inspection",
        "tabs": inspections.nav(access, "draft"),
        "subtabs": [
            {"url": reverse("draft", args=[pk]), "label": _("Draft"), "current": here == "draft"},
            {
                "url": reverse("challenges", args=[pk]),
                "label": _("Challenges"),
                "current": here == "challenges",
            },
        ],
        "landlords": queries.of_the_landlord(access),
        **more,
    }


def address_of(request: HttpRequest, access: AssessmentAccess, route: str = "draft") -> str:
    """Where people are led by mail."""
    return request.build_absolute_uri(reverse(route, args=[access.assessment.pk]))


def newest(access: AssessmentAccess) -> Draft:
    """The draft before the landlord.

    :raises NotFound: if none was issued.
    """
    inspections.inspection_of(access.assessment)
    found = issuing.latest(access.assessment)
    if found is None:
        raise NotFound(
            Message("No draft of the report has been issued."),
            Message("It is issued at the stage factual accuracy."),
            Message("The page of the draft report says where it is."),
        )
    found.assessment = access.assessment
    return found


@in_assessment(Permission.DRAFT_VIEW)
@require_safe
def show(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Which draft is before the landlord, how long, what came of it; its chapters."""
    inspection = inspections.inspection_of(access.assessment)
    drafts = queries.drafts_of(access.assessment)
    draft = drafts[0] if drafts else None
    state = queries.state_of(draft) if draft else None
    chapters = list(draft.chapters.defer("content", "anchors")) if draft else []
    counts = queries.counts_by_chapter(access, draft, chapters) if draft else {}
    return render(
        request,
        "challenges/draft.html",
        context_of(
            access,
            "draft",
            inspection=inspection,
            drafts=drafts,
            draft=draft,
            state=state,
            chapters=[(one, counts.get(one.n, 0)) for one in chapters],
            figures=queries.figures(access),
            place=queries.place_of(access.assessment),
            places=[(p.value, LABELS[p]) for p in Place],
            facts=queries.facts(access.assessment),
            running=access.assessment.jobs.filter(
                kind="issue-draft", state__in=["waiting", "running"]
            ).first(),
        ),
    )


@in_assessment(Permission.DRAFT_VIEW)
@require_safe
def chapter(request: HttpRequest, access: AssessmentAccess, version: int, n: int) -> HttpResponse:
    """A chapter, paragraph by paragraph, with the challenges to each."""
    inspections.inspection_of(access.assessment)
    draft = issuing.draft_of(access.assessment, version)
    draft.assessment = access.assessment
    newest_ = issuing.latest(access.assessment)
    current = newest_ is not None and newest_.pk == draft.pk
    state = queries.state_of(draft)
    found = reading.chapter_of(draft, n)
    chapters = list(draft.chapters.defer("content", "anchors"))
    counts = queries.counts_by_chapter(access, draft, chapters)
    at = [one.n for one in chapters].index(found.n)
    writing = current and queries.may_write(access, state)
    return render(
        request,
        "challenges/chapter.html",
        context_of(
            access,
            "draft",
            draft=draft,
            state=state,
            current=current,
            newest=newest_,
            chapter=found,
            chapters=[(one, counts.get(one.n, 0)) for one in chapters],
            before=chapters[at - 1] if at else None,
            after=chapters[at + 1] if at + 1 < len(chapters) else None,
            writing=writing,
            body=reading.body(
                draft,
                found,
                queries.by_paragraph(access, draft, found.first, found.last),
                writing=writing,
            ),
        ),
    )


@in_assessment(Permission.DRAFT_VIEW)
@require_safe
def changes(request: HttpRequest, access: AssessmentAccess, version: int) -> HttpResponse:
    """What a draft says otherwise than the one before."""
    inspections.inspection_of(access.assessment)
    draft = issuing.draft_of(access.assessment, version)
    draft.assessment = access.assessment
    found = [
        {**one, "pieces": pieces(one["before"], one["after"])}
        for one in draft.changes
        if isinstance(one, dict)
    ]
    return render(
        request,
        "challenges/changes.html",
        context_of(
            access,
            "draft",
            draft=draft,
            grades=[c for c in found if c["kind"] == "grade"],
            changes=[c for c in found if c["kind"] != "grade"],
        ),
    )


def pieces(before: str, after: str) -> tuple[wording.Piece, ...]:
    """Two texts as runs of words that stayed, went and came."""
    found = wording.changes({"text": before}, {"text": after})
    return found[0].pieces if found else (wording.Piece("same", after),)


@in_assessment(Permission.DRAFT_VIEW)
@require_safe
def pdf(request: HttpRequest, access: AssessmentAccess, version: int) -> HttpResponseBase:
    """A draft as PDF, as it was issued."""
    draft = issuing.draft_of(access.assessment, version)
    path = issuing.pdf_path(draft)
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise NotFound(
            Message("The PDF of draft %(n)d is not in the data directory.", n=version),
            Message("It was made when the draft was issued."),
            Message("Read it on its page; ask whoever keeps the backups for the file."),
        ) from None
    name = _("draft-report-%(n)d.pdf") % {"n": version}
    response = FileResponse(file, filename=name, content_type="application/pdf")
    response["Cache-Control"] = "private, no-store"
    return response


# Issuing and time ----------------------------------------------------------------------------


@in_assessment(Permission.DRAFT_ISSUE)
@require_http_methods(["GET", "HEAD", "POST"])
def issue(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Issue the draft: checked here, made in the background."""
    inspection = inspections.inspection_of(access.assessment)
    there = issuing.latest(access.assessment)
    base = there.version if there else 0
    until, _days = issuing.deadline_for(None, None)
    form = IssueForm(
        request.POST if request.method == "POST" else None,
        initial={"deadline": until, "base": base},
    )
    status = 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            issuing.deadline_for(None, said["deadline"])
            issuing.check_issuable(inspection, said["base"])
        except (InvalidInput, Conflict) as error:
            form.add_error("deadline" if isinstance(error, InvalidInput) else None, str(error))
            status = 409 if isinstance(error, Conflict) else 422
        else:
            job = jobs.enqueue(
                kind="issue-draft",
                by=access.user,
                assessment=access.assessment,
                payload={
                    "base": said["base"],
                    "deadline": said["deadline"].isoformat(),
                    "note": said["note"],
                    "address": address_of(request, access),
                },
                once=True,
                request_id=getattr(request, "id", ""),
            )
            return redirect("job", job.pk)
    hindrance = ""
    if request.method != "POST":
        try:
            issuing.check_issuable(inspection, base)
        except Conflict as error:
            hindrance = str(error)
    return render(
        request,
        "challenges/issue.html",
        context_of(
            access,
            "draft",
            form=form,
            before=there,
            hindrance=hindrance,
            days=issuing.working_days(),
            looked_until=issuing.looked_until(inspection),
        ),
        status=status,
    )


@in_assessment(Permission.DRAFT_ISSUE)
@require_http_methods(["GET", "HEAD", "POST"])
def extend(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Give the landlord more time."""
    draft = newest(access)
    state = queries.state_of(draft)
    form = ExtendForm(
        request.POST if request.method == "POST" else None,
        initial={"base": state.times[-1].n if state.times else 0},
    )
    status = 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        try:
            issuing.extend(
                draft=draft,
                by=access.user,
                address=address_of(request, access),
                **form.cleaned_data,
            )
        except (InvalidInput, Conflict) as error:
            form.add_error(None, str(error))
            status = 409 if isinstance(error, Conflict) else 422
        else:
            until = day(form.cleaned_data["deadline"])
            messages.success(request, _("The landlord has until %(day)s.") % {"day": until})
            return see("draft", access.assessment.pk)
    return render(
        request,
        "challenges/extend.html",
        context_of(access, "draft", form=form, draft=draft, state=state),
        status=status,
    )


@in_assessment(Permission.CHALLENGE_SEND)
@require_POST
def close(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """The landlord has no more to say."""
    issuing.close(draft=newest(access), base=base_version(request), by=access.user)
    messages.success(request, _("The inspectors know that you have no more to say."))
    return see("draft", access.assessment.pk)


@in_assessment(Permission.DRAFT_ISSUE)
@require_POST
def place(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Whether the challenges are an appendix or an annex of the report."""
    inspections.inspection_of(access.assessment)
    issuing.set_place(
        assessment=access.assessment, place=request.POST.get("place", ""), by=access.user
    )
    messages.success(request, _("Saved."))
    return see("draft", access.assessment.pk)


@in_assessment(Permission.DRAFT_ISSUE)
@require_POST
def tell(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Tell the landlord's people the answers."""
    inspections.inspection_of(access.assessment)
    n = answering.tell_answers(
        assessment=access.assessment,
        by=access.user,
        address=address_of(request, access, "challenges"),
    )
    told = ngettext("%(n)d answer is told.", "%(n)d answers are told.", n) % {"n": n}
    messages.success(request, told)
    return see("challenges", access.assessment.pk)


@in_assessment(Permission.DRAFT_ISSUE)
@require_POST
def return_grades(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Back to moderation with the grades that challenges move."""
    inspection = inspections.inspection_of(access.assessment)
    subjects = answering.return_grades(
        inspection=inspection,
        reason=request.POST.get("reason", ""),
        base_version=base_version(request),
        by=access.user,
    )
    n = len(subjects)
    told = ngettext(
        "The inspection is back at moderation with %(n)d grade.",
        "The inspection is back at moderation with %(n)d grades.",
        n,
    )
    messages.success(request, told % {"n": n})
    return see("inspection", access.assessment.pk)
