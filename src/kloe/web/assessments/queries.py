"""Reading an assessment: progress by theme, what waits for a person, comments and their counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count, Q

from kloe.assessment.positions import PLACED, Position
from kloe.frameworks.model import Kloe, Theme
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment, CriterionState, FrameworkComment, ThemeWork
from kloe.web.library.store import Pinned
from kloe.web.prepared import Prepared

_PLACED = [p.value for p in PLACED]


@dataclass(frozen=True)
class Progress:
    """How far a theme, KLOE or assessment is, in criteria."""

    total: int = 0
    placed: int = 0
    evidenced: int = 0
    triangulated: int = 0
    contradicted: int = 0
    not_applicable: int = 0
    #: Placed and evidenced both: what share of placings rests on something.
    supported: int = 0

    def __add__(self, other: Progress) -> Progress:
        return Progress(
            self.total + other.total,
            self.placed + other.placed,
            self.evidenced + other.evidenced,
            self.triangulated + other.triangulated,
            self.contradicted + other.contradicted,
            self.not_applicable + other.not_applicable,
            self.supported + other.supported,
        )

    @property
    def base(self) -> int:
        """Criteria that can be placed: all but those not applicable."""
        return self.total - self.not_applicable

    @property
    def unsupported(self) -> int:
        """Placed without evidence that shows anything."""
        return max(0, self.placed - self.supported)

    @property
    def percent(self) -> int:
        return round(100 * self.placed / self.base) if self.base else 0

    @property
    def percent_triangulated(self) -> int:
        return round(100 * self.triangulated / self.base) if self.base else 0

    @property
    def percent_evidenced(self) -> int:
        return round(100 * self.evidenced / self.base) if self.base else 0


def sum_of(parts: Iterable[Progress]) -> Progress:
    """Progress over several themes."""
    return sum(parts, Progress())


_PROGRESS = Prepared(
    lambda assessment: (
        CriterionState.objects.filter(assessment=assessment)
        .order_by()
        .values("theme")
        .annotate(
            placed=Count("id", filter=Q(position__in=_PLACED)),
            out=Count("id", filter=Q(position=Position.NOT_APPLICABLE.value)),
            evidenced=Count("id", filter=Q(evidence__gt=0)),
            supported=Count("id", filter=Q(evidence__gt=0, position__in=_PLACED)),
            tri=Count("id", filter=Q(triangulated=True)),
            contra=Count("id", filter=Q(contradicted=True)),
        )
        .values_list("theme", "placed", "out", "evidenced", "supported", "tri", "contra")
    ),
    UUID,
)


def progress_by_theme(assessment: Assessment, pinned: Pinned) -> dict[str, Progress]:
    """Progress of every theme, in one query whatever the number of ratings and evidence."""
    found = {row[0]: row[1:] for row in _PROGRESS(assessment.pk)}
    progress = {}
    for theme in pinned.themes():
        placed, out, evidenced, supported, tri, contra = found.get(theme.id, (0,) * 6)
        progress[theme.id] = Progress(
            total=len(theme.criteria),
            placed=placed,
            evidenced=evidenced,
            triangulated=tri,
            contradicted=contra,
            not_applicable=out,
            supported=supported,
        )
    return progress


@dataclass(frozen=True)
class RailTheme:
    """A theme in the list at the left."""

    theme: Theme
    progress: Progress
    here: bool = False


@dataclass(frozen=True)
class RailKloe:
    kloe: Kloe
    themes: list[RailTheme] = field(default_factory=list)
    here: bool = False


def rail(
    works: Iterable[Work],
    pinned: Pinned,
    progress: dict[str, Progress],
    here: str = "",
) -> list[RailKloe]:
    """The themes in scope under their KLOEs, the current KLOE first."""
    in_scope = {w.theme for w in works if w.in_scope}
    found = []
    for kloe in pinned.kloes():
        themes = [
            RailTheme(t, progress[t.id], t.id == here) for t in kloe.themes if t.id in in_scope
        ]
        if themes:
            found.append(RailKloe(kloe, themes, any(t.here for t in themes)))
    return sorted(found, key=lambda k: not k.here)


class Work(NamedTuple):
    """A theme in an assessment, as pages read it: in or out and why, who leads it, by when."""

    theme: str
    kloe: str
    strand: str
    in_scope: bool
    reason: str
    due: date | None
    lead_id: UUID | None
    lead_name: str | None
    lead_email: str | None

    @property
    def lead(self) -> str:
        """Who leads it, by name."""
        return self.lead_name or self.lead_email or ""


_WORKS = Prepared(
    lambda assessment: ThemeWork.objects.filter(assessment=assessment)
    .order_by("id")
    .values_list(
        "theme", "kloe", "strand", "in_scope", "reason", "due", "lead_id", "lead__name",
        "lead__email",
    ),
    UUID,
)  # fmt: skip


def works_of(assessment: Assessment) -> list[Work]:
    """Every theme of the assessment with its lead, in published order: one query."""
    return [Work(*row) for row in _WORKS(assessment.pk)]


def waiting_for(user: User, assessments: Iterable[Assessment]) -> list[dict[str, Any]]:
    """Themes this person leads that are in scope, soonest due first, with how far they are.

    Themes read by two are left out: what waits in them is said by readings.
    """
    from kloe.web.library import store

    by_id = {a.pk: a for a in assessments}
    works = (
        ThemeWork.objects.filter(assessment__in=by_id, lead=user, in_scope=True)
        .exclude(second__isnull=False, assessment__inspection__isnull=False)
        .order_by("due", "id")
    )
    found: list[dict[str, Any]] = []
    progress: dict[Any, dict[str, Progress]] = {}
    for work in works:
        assessment = by_id[work.assessment_id]
        pinned = store.pinned(assessment)
        if assessment.pk not in progress:
            progress[assessment.pk] = progress_by_theme(assessment, pinned)
        done = progress[assessment.pk][work.theme]
        found.append(
            {
                "assessment": assessment,
                "work": work,
                "theme": pinned.theme(work.theme),
                "kloe": pinned.kloe(work.kloe),
                "progress": done,
                "open": done.base - done.placed,
            }
        )
    return sorted(found, key=lambda w: (w["work"].due is None, w["work"].due or 0, w["open"] == 0))


def comments_on_framework(assessments: Iterable[Assessment]) -> list[dict[str, Any]]:
    """Comments on criteria with their counts, for those who revise the framework."""
    rows = (
        FrameworkComment.objects.filter(assessment__in=list(assessments))
        .order_by("criterion", "kind")
        .values("criterion", "kind")
        .annotate(n=Count("id"))
    )
    texts: dict[tuple[str, str], list[str]] = {}
    for c in FrameworkComment.objects.filter(assessment__in=list(assessments)).exclude(text=""):
        texts.setdefault((c.criterion, c.kind), []).append(c.text)
    return [{**row, "texts": texts.get((row["criterion"], row["kind"]), [])} for row in rows]
