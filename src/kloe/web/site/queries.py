"""What the home page reads: a fixed number of queries, however many assessments there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kloe.assessment.positions import PLACED, Position
from kloe.web.access import visible_assessments
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment, CriterionState, PinnedEdition, ThemeWork
from kloe.web.library import store
from kloe.web.library.store import Pinned
from kloe.web.site.waiting import Waiting, in_order, registered

#: Assessments the home page shows; the rest are behind "all".
SHOWN = 12
_PLACED = [p.value for p in PLACED]


@dataclass(frozen=True)
class Card:
    """An assessment on the home page."""

    assessment: Assessment
    frameworks: tuple[str, ...]
    #: Criteria in scope that can be placed, and those that are.
    base: int
    placed: int
    evidenced: int
    triangulated: int
    contradicted: int
    themes: int
    themes_done: int

    @property
    def percent(self) -> int:
        return round(100 * self.placed / self.base) if self.base else 0


@dataclass(frozen=True)
class Home:
    """Everything on the home page."""

    cards: list[Card]
    #: Inspections whose working papers are not for this person.
    parts: list[Assessment]
    more: bool
    waiting: list[Waiting]
    today: object


def home(user: User) -> Home:
    """A person's assessments with how far they are, and what waits for the person."""
    found = list(visible_assessments(user).distinct()[: SHOWN + 1])
    shown = found[:SHOWN]
    pinned = pinned_of(shown)
    works: dict[UUID, list[ThemeWork]] = defaultdict(list)
    for work in ThemeWork.objects.filter(assessment__in=shown, in_scope=True):
        works[work.assessment_id].append(work)
    states: dict[tuple[UUID, str], Any] = {
        (row["assessment"], row["theme"]): row
        for row in CriterionState.objects.filter(assessment__in=shown)
        .order_by()
        .values("assessment", "theme")
        .annotate(
            placed=Count("id", filter=Q(position__in=_PLACED)),
            out=Count("id", filter=Q(position=Position.NOT_APPLICABLE.value)),
            evidenced=Count("id", filter=Q(evidence__gt=0)),
            triangulated=Count("id", filter=Q(triangulated=True)),
            contradicted=Count("id", filter=Q(contradicted=True)),
        )
    }
    cards, waiting = [], []
    for assessment in shown:
        if assessment.closed:  # type: ignore[attr-defined]
            continue
        editions = pinned[assessment.pk]
        total: dict[str, int] = defaultdict(int)
        for work in works[assessment.pk]:
            row = states.get((assessment.pk, work.theme), {})
            theme = editions.theme(work.theme)
            base = len(theme.criteria) - row.get("out", 0)
            placed = row.get("placed", 0)
            total["base"] += base
            total["done"] += placed >= base
            for name in ("placed", "evidenced", "triangulated", "contradicted"):
                total[name] += row.get(name, 0)
            # A theme read by two waits for its readers: readings say how.
            if work.lead_id == user.pk and work.second_id is None and placed < base:
                waiting.append(
                    Waiting(
                        what=f"{theme.number} {theme.title}",
                        url=reverse("theme", args=[assessment.pk, work.theme]),
                        assessment=assessment,
                        left=_("%(open)d of %(base)d criteria to place")
                        % {"open": base - placed, "base": base},
                        due=work.due,
                    )
                )
        cards.append(
            Card(
                assessment=assessment,
                frameworks=tuple(str(f.title) for f in editions.frameworks),
                base=total["base"],
                placed=total["placed"],
                evidenced=total["evidenced"],
                triangulated=total["triangulated"],
                contradicted=total["contradicted"],
                themes=len(works[assessment.pk]),
                themes_done=total["done"],
            )
        )
    waiting += registered(user, shown)
    parts = [a for a in shown if a.closed]  # type: ignore[attr-defined]
    return Home(cards, parts, len(found) > SHOWN, in_order(waiting), timezone.localdate())


def pinned_of(assessments: Sequence[Assessment]) -> dict[UUID, Pinned]:
    """The editions of several assessments: one query, then memory."""
    digests: dict[UUID, list[str]] = defaultdict(list)
    rows = PinnedEdition.objects.filter(assessment__in=assessments).values_list(
        "assessment", "edition"
    )
    for assessment, digest in rows.order_by("assessment", "order"):
        digests[assessment].append(digest)
    return {a.pk: Pinned([store.edition(d) for d in digests[a.pk]], a.leading) for a in assessments}
