"""How the pages of judgements answer: elsewhere after a save, both versions after a conflict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme

from kloe.core.errors import InvalidInput
from kloe.core.messages import _
from kloe.web.access import AssessmentAccess
from kloe.web.assessments.models import Revision
from kloe.web.assessments.saving import Saved, StaleWrite
from kloe.web.assessments.views_theme import said_at, wants_json


class SeeOther(HttpResponseRedirect):
    """After a write, the page is fetched anew."""

    status_code = 303


def done(request: HttpRequest, words: str) -> None:
    """Say that it was saved; the page then forgets what it kept of the form (``drafts.js``)."""
    messages.success(request, words, extra_tags="kept")


def back_to(request: HttpRequest, otherwise: str) -> str:
    """Where the form came from, if it says so and that is here."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return wanted
    return otherwise


@dataclass(frozen=True)
class Differing:
    """One field of two versions, in words and as the form sends it."""

    name: str
    label: Any
    theirs: Any
    mine: Any
    #: What is sent when this version is saved.
    values: list[str] = field(default_factory=list)
    #: A text that may be written anew from the two.
    long: bool = False
    #: Sent along and not shown.
    hidden: bool = False

    @property
    def same(self) -> bool:
        return str(self.theirs) == str(self.mine)


def conflict(
    request: HttpRequest,
    access: AssessmentAccess,
    stale: StaleWrite,
    *,
    fields: Sequence[Differing],
    row: Any,
    kind: str,
    subject: str,
    back: str,
    nav: str = "judgements",
) -> HttpResponse:
    """Both versions, for the person to choose: a page, or a part of one for the script.

    :param row: as it stands now.
    :param kind: and ``subject``: how its versions are named.
    """
    latest = (
        Revision.objects.filter(
            assessment=access.assessment, subject_kind=kind, subject=subject, version=row.version
        )
        .select_related("by")
        .first()
    )
    context = {
        "assessment": access.assessment,
        "fields": fields,
        "row_version": row.version,
        "latest": latest,
        "post_to": request.path,
        "back": back,
        "nav": nav,
        "next": request.POST.get("next", ""),
    }
    if wants_json(request):
        return JsonResponse(
            {
                **stale.as_dict(),
                "html": render_to_string("judgements/_conflict.html", context, request),
                "values": {name: _sent(getattr(row, name)) for name in stale.mine},
                "version": row.version,
                "said": said_at(latest.at if latest else None),
            },
            status=409,
        )
    return render(request, "judgements/conflict.html", context, status=409)


def _sent(value: Any) -> str:
    """A value as a form's control holds it."""
    if isinstance(value, bool):
        return "on" if value else ""
    return str(value)


def saved(request: HttpRequest, outcome: Saved, back: str) -> HttpResponse:
    """Saved: the page anew, or the new version for the script."""
    if wants_json(request):
        return JsonResponse({"version": outcome.version, "said": said_at()})
    return SeeOther(back)


def refused(request: HttpRequest, errors: Sequence[str]) -> HttpResponse:
    """A save that the script sent cannot be taken; what was typed stays where it is."""
    error = InvalidInput("; ".join(errors))
    return JsonResponse(error.as_dict(), status=422)


def whole(number: str | None) -> int:
    """A version from a form.

    :raises InvalidInput: where it is none.
    """
    try:
        return int(number or 0)
    except ValueError:
        raise InvalidInput(
            _("The page sent a version that cannot be read."),
            _("A version is a number."),
            _("Load the page again."),
        ) from None


def uuids(values: Sequence[str]) -> list[UUID]:
    """Identifiers from a form; what is none of one is left out."""
    found = []
    for value in values:
        try:
            found.append(UUID(value))
        except ValueError:
            continue
    return found
