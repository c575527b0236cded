"""Texts of the report: the list of all, and the page on which one is written."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from kloe.assessment.permissions import Permission
from kloe.core.errors import InvalidInput
from kloe.core.messages import Message
from kloe.web.access import AssessmentAccess, in_assessment
from kloe.web.assessments.saving import StaleWrite, Write
from kloe.web.assessments.themepage import said_when
from kloe.web.assessments.views_theme import conflict, saved_answer
from kloe.web.judgements import queries as judgements
from kloe.web.library import store
from kloe.web.sent import words_asked
from kloe.web.texts import actions, queries
from kloe.web.texts.parts import Part, part_of
from kloe.web.texts.previewing import preview as laid_out


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_GET
def index(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Every part of the report that is written, and how far each is."""
    rows = queries.rows(access.assessment, store.pinned(access.assessment))
    return render(
        request,
        "texts/index.html",
        {
            "assessment": access.assessment,
            "rows": rows,
            "written": sum(1 for r in rows if r.words),
            "words": sum(r.words for r in rows),
            "nav": "texts",
        },
    )


def _page(
    request: HttpRequest, access: AssessmentAccess, part: Part, *, unsaved: str | None = None
) -> HttpResponse:
    pinned = store.pinned(access.assessment)
    row = queries.text_of(access.assessment, part)
    shown = row.text if unsaved is None else unsaved
    judged = judgements.rows_of(access.assessment, [part.id]).get(part.id, [])
    return render(
        request,
        "texts/text.html",
        {
            "assessment": access.assessment,
            "part": part,
            "row": row,
            "text": shown,
            "unsaved": unsaved is not None,
            "said": said_when(row.updated_at, str(row.updated_by or "")) if row.version else "",
            "preview": laid_out(access.assessment, pinned, shown),
            "rail": queries.rows(access.assessment, pinned, here=part.id),
            "hand": queries.at_hand(access, pinned, part, words_asked(request)),
            "judged": judged[-1] if judged else None,
            "judged_url": part.subject.url(access.assessment.pk) if part.subject else "",
            "nav": "texts",
        },
    )


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_GET
def text(request: HttpRequest, access: AssessmentAccess, part: str) -> HttpResponse:
    """The text of a part, with what belongs to it beside."""
    return _page(request, access, part_of(store.pinned(access.assessment), part))


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_GET
def at_hand(request: HttpRequest, access: AssessmentAccess, part: str) -> HttpResponse:
    """What lies beside the text, fetched anew for other words."""
    pinned = store.pinned(access.assessment)
    found = part_of(pinned, part)
    if not request.headers.get("HX-Request"):
        address = found.url(access.assessment.pk)
        return redirect(f"{address}?{request.GET.urlencode()}" if request.GET else address)
    hand = queries.at_hand(access, pinned, found, words_asked(request))
    return render(
        request,
        "texts/_at_hand.html",
        {"assessment": access.assessment, "part": found, "hand": hand},
    )


@in_assessment(Permission.FINDING_WRITE)
@require_POST
def save(request: HttpRequest, access: AssessmentAccess, part: str) -> HttpResponse:
    """Save the text of a part."""
    return _saved(request, access, part, undo=False)


@in_assessment(Permission.FINDING_WRITE)
@require_POST
def undo(request: HttpRequest, access: AssessmentAccess, part: str) -> HttpResponse:
    """Go back to the version before."""
    return _saved(request, access, part, undo=True)


def _saved(
    request: HttpRequest, access: AssessmentAccess, part: str, *, undo: bool
) -> HttpResponse:
    pinned = store.pinned(access.assessment)
    found = part_of(pinned, part)
    here: dict[str, Any] = {
        "assessment": access.assessment, "pinned": pinned, "part": found.id,
        "write": Write.of(request),
    }  # fmt: skip
    try:
        if undo:
            saved = actions.undo(**here)
        else:
            saved = actions.save(**here, text=request.POST.get("text", ""))
    except StaleWrite as stale:
        return conflict(
            request,
            stale,
            current=queries.text_of(access.assessment, found),
            back=found.url(access.assessment.pk),
            post_to=reverse("text-save", args=[access.assessment.pk, found.id]),
            labels={"text": _("Text")},
        )
    if saved is None:
        raise InvalidInput(
            Message("There is nothing to undo."),
            Message("Nothing was written here yet."),
        )
    more = {"values": {"text": saved.row.text}} if undo else {}
    return saved_answer(request, saved, found.url(access.assessment.pk), **more)


@in_assessment(Permission.FINDING_WRITE)
@require_POST
def preview(request: HttpRequest, access: AssessmentAccess, part: str) -> HttpResponse:
    """The text as it would stand in the report; nothing is saved."""
    pinned = store.pinned(access.assessment)
    found = part_of(pinned, part)
    given = actions.cleaned(request.POST.get("text", ""))
    if not request.headers.get("HX-Request"):
        return _page(request, access, found, unsaved=given)
    shown = laid_out(access.assessment, pinned, given)
    return render(request, "texts/_preview.html", {"preview": shown})
