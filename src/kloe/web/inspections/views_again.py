"""A re-inspection beside the inspection it looks at again."""

from __future__ import annotations

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from kloe.assessment.comparison import CHANGES, LEVELS, Change, Level, compare
from kloe.assessment.permissions import Permission
from kloe.web.access import AssessmentAccess, in_assessment
from kloe.web.inspections import again, queries
from kloe.web.library import store

#: Rows of a page: criteria of several lines of enquiry, so that a whole one prints at once.
ROWS = 5


def _one_of(given: str, allowed: set[str]) -> str:
    """What the address asks for; what is not known asks for nothing."""
    return given if given in allowed else ""


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_GET
def comparison(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Grade by grade, criterion by criterion: then, now, and what became of it."""
    earlier = again.earlier_of(access)
    kloes = store.pinned(access.assessment).kloes()
    wanted = again.Wanted(
        level=_one_of(request.GET.get("level", ""), {v.value for v in Level}),
        change=_one_of(request.GET.get("change", ""), {c.value for c in Change}),
        kloe=_one_of(request.GET.get("kloe", ""), {k.number for k in kloes}),
        sort=_one_of(
            request.GET.get("sort", ""), {f"{d}{s}" for s in again.SORTS for d in ("", "-")}
        ),
    )
    found = compare(again.standing_of(earlier), again.standing_of(access.assessment))
    rows = Paginator(wanted.of(found), settings.PAGE_SIZE * ROWS)
    page = rows.get_page(request.GET.get("page"))
    counted = [
        (LEVELS[level], found.counts(level), level.value) for level in Level if found.of(level)
    ]
    return render(
        request,
        "inspections/comparison.html",
        {
            "assessment": access.assessment,
            "earlier": earlier,
            "nav": "inspection",
            "tabs": queries.nav(access, "comparison"),
            "page": page,
            "rows": again.shown(page.object_list),
            "kloes": kloes,
            "changes": {c.value: words for c, words in CHANGES.items()},
            "counted": [
                (
                    label,
                    [
                        (n, CHANGES[Change(c)], "?" + urlencode({"level": level, "change": c}))
                        for c, n in counts.items()
                    ],
                )
                for label, counts, level in counted
            ],
            "levels": {level.value: words for level, words in LEVELS.items()},
            "wanted": wanted,
            "filtered": bool(wanted.change or wanted.kloe),
        },
    )
