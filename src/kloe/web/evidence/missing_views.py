"""The page of what is missing."""

from __future__ import annotations

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kloe.assessment.permissions import Permission
from kloe.web.access import AssessmentAccess, in_assessment
from kloe.web.evidence import missing
from kloe.web.library import store

FILTERS = ("lack", "kloe", "theme", "placed")


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_safe
def page(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Criteria without evidence, or with evidence that does not carry; filtered by address."""
    pinned = store.pinned(access.assessment)
    wanted = missing.Wanted(**{name: request.GET.get(name, "") for name in FILTERS})
    found = missing.missing(access.assessment, pinned, wanted)
    return render(
        request,
        "evidence/missing.html",
        {
            "assessment": access.assessment,
            "nav": "missing",
            "found": found,
            "page": Paginator(found.rows, settings.PAGE_SIZE).get_page(request.GET.get("page")),
            "wanted": wanted,
            "lacks": [
                (value, words, found.counts[value])
                for value, words in missing.choices_of(missing.Lack)
            ],
            "kloes": pinned.kloes(),
            "themes": [t for t in pinned.themes() if wanted.kloe in ("", t.kloe_id)],
            "filtered": any(getattr(wanted, name) for name in FILTERS),
        },
    )
