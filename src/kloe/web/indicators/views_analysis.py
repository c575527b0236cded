"""The analysis page: all computed indicators, those to look at first on top."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from kloe.assessment.permissions import Permission
from kloe.measures.areas import AREAS
from kloe.measures.outlook import Aim
from kloe.measures.spc import Verdict
from kloe.measures.suppression import THRESHOLD
from kloe.web.access import AssessmentAccess, in_assessment
from kloe.web.indicators import actions, computed_queries
from kloe.web.indicators.computed_queries import Line
from kloe.web.indicators.holdings import records_of
from kloe.web.library import store
from kloe.web.sent import words_asked

#: What can be asked for: label, and whether a line belongs.
SHOW: dict[str, tuple[Any, Callable[[Line], bool]]] = {
    "off": (gettext_lazy("Off target"), lambda x: x.aim is Aim.OFF),
    "chance": (gettext_lazy("Off target by chance at most"), lambda x: x.aim is Aim.CHANCE),
    "on": (gettext_lazy("On target"), lambda x: x.aim is Aim.ON),
    "change": (gettext_lazy("Really changed"), lambda x: x.change and not x.hidden),
    "hidden": (gettext_lazy("Hidden for small numbers"), lambda x: x.hidden),
    "missing": (gettext_lazy("Not computable"), lambda x: not x.computable),
}
#: Real changes first, then noise, then too few points to tell.
_VERDICTS = {Verdict.CHANGE.value: 0, Verdict.NOISE.value: 1}
SORTS: dict[str, Callable[[Line], Any]] = {
    "title": lambda x: x.title.casefold(),
    "area": lambda x: (str(AREAS.get(x.area, x.area)), x.title.casefold()),
    # Figures of one unit stand together, since others do not compare.
    "figure": lambda x: (not x.value or x.hidden, x.stored.unit, x.amount, x.title.casefold()),
    "aim": lambda x: (x.shade or 9, x.title.casefold()),
    "trend": lambda x: (
        _VERDICTS.get(x.stored.verdict, 2) if x.verdict else 3,
        -x.moved,
        x.title.casefold(),
    ),
    "why": lambda x: (-x.stored.points, x.title.casefold()),
    "theme": lambda x: ([_natural(t.number) for t in x.themes] or [[10**6]], x.title.casefold()),
}


def _natural(number: str) -> list[int]:
    """The number of a theme in the order people count."""
    return [int(part) for part in re.findall(r"\d+", number)]


@dataclass(frozen=True)
class AreaLine:
    """How the indicators of an area stand, with a bar of it."""

    key: str
    label: str
    total: int
    off: int
    chance: int
    on: int

    @property
    def parts(self) -> list[tuple[str, str, str]]:
        """Class, begin and width of each part of the bar, out of 100."""
        found, begun = [], 0.0
        for shade, n in (("g1", self.off), ("g2", self.chance), ("g4", self.on)):
            width = 100 * n / self.total if self.total else 0.0
            if n:
                found.append((shade, f"{begun:.2f}", f"{width:.2f}"))
            begun += width
        return found


def _areas(every: list[Line]) -> list[AreaLine]:
    """The areas that have any indicator, in their order."""
    found = []
    for key, label in AREAS.items():
        lines = [x for x in every if x.area == key]
        aims = Counter(x.aim for x in lines)
        if lines:
            found.append(
                AreaLine(key, str(label), len(lines), aims[Aim.OFF], aims[Aim.CHANCE], aims[Aim.ON])
            )
    return found


@in_assessment(Permission.ASSESSMENT_VIEW)
@require_GET
def page(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Every computed indicator, filtered and sorted by the address."""
    assessment = access.assessment
    every = computed_queries.everything(assessment, store.pinned(assessment))
    words, area, show = words_asked(request), request.GET.get("area"), request.GET.get("show")
    lines = [
        x
        for x in every
        if (not words or words.casefold() in f"{x.title} {x.measure}".casefold())
        and (area not in AREAS or x.area == area)
        and (show not in SHOW or SHOW[show][1](x))
    ]
    sort = request.GET.get("sort", "")
    if sort.lstrip("-") in SORTS:
        lines.sort(key=SORTS[sort.lstrip("-")], reverse=sort.startswith("-"))
    shown = Paginator(lines, settings.PAGE_SIZE).get_page(request.GET.get("page"))
    records = records_of(assessment.landlord_id)
    return render(
        request,
        "indicators/analysis.html",
        {
            "assessment": assessment,
            "lines": shown,
            "any": bool(every),
            "areas": _areas(every),
            "shows": [(key, label) for key, (label, _test) in SHOW.items()],
            "wanted": {"words": words, "area": area, "show": show},
            "counts": [
                (key, label, sum(1 for x in every if test(x)))
                for key, (label, test) in SHOW.items()
                if key in ("off", "change", "on", "missing")
            ],
            "total": sum(1 for x in every if x.computable),
            "first": every[0] if every else None,
            "records": records,
            "running": assessment.jobs.filter(
                kind="compute-indicators", state__in=["waiting", "running"]
            ),
            "some_hidden": any(x.hidden for x in shown),
            "hidden_words": computed_queries.hidden_words(
                max((x.stored.threshold for x in shown), default=THRESHOLD)
            ),
            "nav": "indicators",
        },
    )


@in_assessment(Permission.ASSESSMENT_MANAGE)
@require_POST
def compute(request: HttpRequest, access: AssessmentAccess) -> HttpResponse:
    """Have all indicators computed in the background."""
    job = actions.compute_in_background(
        assessment=access.assessment, by=access.user, request_id=getattr(request, "id", "")
    )
    return redirect("job", job.pk)
