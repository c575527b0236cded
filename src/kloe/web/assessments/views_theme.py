"""The theme page, and what is saved from it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kloe.assessment.permissions import Permission
from kloe.assessment.positions import LABELS, PLACED
from kloe.assessment.vocabulary import CommentKind, choices
from kloe.core.errors import InvalidInput, NotFound
from kloe.core.messages import Message
from kloe.frameworks.model import Criterion
from kloe.web.access import AssessmentAccess, in_assessment
from kloe.web.accounts.models import User
from kloe.web.assessments import actions, ratings, themepage
from kloe.web.assessments.models import Answer, Rating
from kloe.web.assessments.saving import Saved, StaleWrite, Write
from kloe.web.ids import new_id
from kloe.web.library import store
from kloe.web.readings import seats


def said_at(when: datetime | None = None) -> str:
    """What is said of a save: *Saved 14:02*."""
    local = timezone.localtime(when or timezone.now())
    return _("Saved %(time)s") % {"time": date_format(local, "H:i")}


def wants_json(request: HttpRequest) -> bool:
    return bool(request.headers.get("X-Kloe-Write"))


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_GET
def theme(request: HttpRequest, access: AssessmentAccess, theme: str) -> HttpResponse:
    """Questions with their answers, criteria with their two descriptors, evidence at hand."""
    pinned = store.pinned(access.assessment)
    page = themepage.build(access, pinned, pinned.theme(theme))
    return render(
        request,
        "assessments/theme.html",
        {
            "assessment": access.assessment,
            "page": page,
            "nav": "enquiry",
            "jurisdiction": access.landlord.jurisdiction,
            "here": reverse("overview", args=[access.assessment.pk]),
        },
    )


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_GET
def theme_so_far(request: HttpRequest, access: AssessmentAccess, theme: str) -> HttpResponse:
    """The panel with the spread of positions, fetched anew after a rating."""
    pinned = store.pinned(access.assessment)
    found = pinned.theme(theme)
    placings = themepage.placings(access, found, seats.of_theme(access, found.id))
    return render(
        request,
        "assessments/_so_far.html",
        {
            "assessment": access.assessment,
            "theme": found,
            **themepage.so_far(found, [p.position for p in placings.values()]),
        },
    )


def conflict(
    request: HttpRequest,
    stale: StaleWrite,
    *,
    current: Any,
    back: str,
    post_to: str,
    labels: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Both versions, for the person to choose.

    :param labels: by name, what the fields of a record of several texts are called.
    """
    context = {
        "mine": stale.mine,
        "labels": labels or {},
        "fields": [
            {"label": label, "theirs": getattr(current, name, ""), "mine": stale.mine[name]}
            for name, label in (labels or {}).items()
            if getattr(current, name, "") != stale.mine[name]
        ],
        "current": current,
        "position_labels": {p.value: label for p, label in LABELS.items()},
        "post_to": post_to,
        "back": back,
        "error": stale,
    }
    if wants_json(request):
        values = {k: getattr(current, k) for k in stale.mine} if current else {}
        return JsonResponse(
            {
                **stale.as_dict(),
                "html": render_to_string("assessments/_conflict.html", context, request),
                "values": values,
                "mine": stale.mine,
                "version": current.version if current else 0,
                "said": said_at(current.updated_at) if current else "",
            },
            status=409,
        )
    return render(request, "assessments/conflict.html", context, status=409)


def saved_answer(request: HttpRequest, saved: Saved, back: str, **more: Any) -> HttpResponse:
    if not wants_json(request):
        return redirect(back)
    return JsonResponse({"version": saved.version, "said": said_at(saved.row.updated_at), **more})


def theme_url(access: AssessmentAccess, theme_id: str, anchor: str) -> str:
    return reverse("theme", args=[access.assessment.pk, theme_id]) + f"#{anchor}"


@in_assessment(Permission.RATE)
@require_POST
def rate(request: HttpRequest, access: AssessmentAccess, criterion: str) -> HttpResponse:
    """Save a placing and its reason."""
    pinned = store.pinned(access.assessment)
    found = pinned.criterion(criterion)
    back = theme_url(access, found.theme_id, f"c-{found.key}")
    author = _as_whom(request, access, found)
    try:
        saved = ratings.rate(
            assessment=access.assessment,
            pinned=pinned,
            criterion=found,
            position=request.POST.get("position", ""),
            reason=request.POST.get("reason", ""),
            write=Write.of(request),
            author=author,
        )
    except StaleWrite as stale:
        current = _standing(access, found, author)
        post_to = request.get_full_path()
        return conflict(request, stale, current=current, back=back, post_to=post_to)
    return saved_answer(
        request, saved, back, placed=saved.row.position in {p.value for p in PLACED}
    )


def _as_whom(request: HttpRequest, access: AssessmentAccess, criterion: Criterion) -> User | None:
    """As whom a rating is saved: the team, or in an inspection a reader for themselves."""
    seat = seats.of_criterion(access, criterion.theme_id, criterion.id)
    author = seats.author(seat, access.user, criterion.id)
    if author is None and request.GET.get("own"):
        raise seats.opened_meanwhile()
    return author


def _standing(access: AssessmentAccess, criterion: Criterion, author: User | None) -> Rating | None:
    return (
        Rating.objects.filter(assessment=access.assessment, criterion=criterion.id, author=author)
        .select_related("updated_by")
        .first()
    )


@in_assessment(Permission.RATE)
@require_POST
def undo_rating(request: HttpRequest, access: AssessmentAccess, criterion: str) -> HttpResponse:
    """Go back to the version before."""
    pinned = store.pinned(access.assessment)
    found = pinned.criterion(criterion)
    back = theme_url(access, found.theme_id, f"c-{found.key}")
    author = _as_whom(request, access, found)
    try:
        saved = ratings.undo(
            assessment=access.assessment,
            pinned=pinned,
            criterion=found,
            write=Write.of(request),
            author=author,
        )
    except StaleWrite as stale:
        current = _standing(access, found, author)
        post_to = request.get_full_path()
        return conflict(request, stale, current=current, back=back, post_to=post_to)
    if saved is None:
        raise InvalidInput(
            Message("There is nothing to undo."),
            Message("This criterion was not rated yet."),
        )
    return saved_answer(
        request,
        saved,
        back,
        values={"position": saved.row.position, "reason": saved.row.reason},
        undone=True,
    )


def cited(request: HttpRequest) -> list[UUID]:
    try:
        return [UUID(given) for given in request.POST.getlist("cites") if given]
    except ValueError:
        raise InvalidInput(
            Message("A cited item cannot be read."),
            Message("An answer cites evidence of this assessment."),
            Message("Load the page again and choose from the list."),
        ) from None


@in_assessment(Permission.ANSWER)
@require_POST
def answer(request: HttpRequest, access: AssessmentAccess, question: str) -> HttpResponse:
    """Save the answer to a question."""
    pinned = store.pinned(access.assessment)
    theme_id, _slash, key = question.rpartition("/")
    found = pinned.theme(theme_id)
    if question not in themepage.questions_of(found):
        raise NotFound(Message("This theme has no question %(key)s.", key=key))
    back = theme_url(access, found.id, f"q-{key}")
    try:
        saved = ratings.answer(
            assessment=access.assessment,
            question=question,
            theme=found.id,
            text=request.POST.get("text", ""),
            write=Write.of(request),
        )
    except StaleWrite as stale:
        current = (
            Answer.objects.filter(assessment=access.assessment, question=question)
            .select_related("updated_by")
            .first()
        )
        return conflict(request, stale, current=current, back=back, post_to=request.path)
    return saved_answer(request, saved, back)


@in_assessment(Permission.COMMENT)
@require_http_methods(["GET", "POST"])
def comment(request: HttpRequest, access: AssessmentAccess, criterion: str) -> HttpResponse:
    """Say something of the criterion itself, for those who revise the framework."""
    found = store.pinned(access.assessment).criterion(criterion)
    back = theme_url(access, found.theme_id, f"c-{found.key}")
    if request.method == "POST":
        kind = request.POST.get("kind", "")
        if kind not in {k.value for k in CommentKind}:
            raise InvalidInput(
                Message("“%(kind)s” is no kind of comment.", kind=kind[:40]),
                Message("Allowed: %(all)s.", all=", ".join(k.value for k in CommentKind)),
                Message("Choose one of them."),
            )
        actions.comment(
            assessment=access.assessment,
            criterion=found.id,
            kind=kind,
            text=request.POST.get("text", ""),
            write=Write.of(request),
        )
        messages.success(request, _("Thank you: your comment is kept with the criterion."))
        return redirect(back)
    return render(
        request,
        "assessments/comment.html",
        {
            "assessment": access.assessment,
            "criterion": found,
            "kinds": choices(CommentKind),
            "write_id": new_id(),
            "back": back,
            "nav": "enquiry",
        },
    )
