"""An inspection beside the one it looks at again: read for the page, the report and the scope."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kloe.assessment.comparison import (
    CHANGES,
    Change,
    Comparison,
    Graded,
    Level,
    Row,
    Standing,
    Stood,
    compare,
    weak_last_time,
)
from kloe.assessment.permissions import Permission
from kloe.assessment.positions import SHADES, Position
from kloe.assessment.scope import LastTime
from kloe.assessment.stages import TOLD
from kloe.assessment.vocabulary import AssessmentKind
from kloe.core.errors import NotFound
from kloe.core.messages import Message, _
from kloe.web.access import AssessmentAccess, fetch_assessment
from kloe.web.assessments.models import Assessment, Rating
from kloe.web.inspections.models import Inspection
from kloe.web.judgements.standing import grades
from kloe.web.judgements.subjects import subjects_of
from kloe.web.library import store

#: The levels a page shows together: grades, or the placings beneath them.
GRADES = (Level.OVERALL, Level.KLOE, Level.MAIN_QUESTION, Level.THEME)
SORTS = ("order", "change", "title")
_TONES = {Change.BETTER: 4, Change.SAME: 0, Change.WORSE: 1}


def earlier_of(access: AssessmentAccess) -> Assessment:
    """The inspection this one looks at again, if the person may see it too.

    :raises NotFound: where there is none, or none they may see.
    """
    pk = (
        Inspection.objects.filter(assessment=access.assessment)
        .values_list("again", flat=True)
        .first()
    )
    if pk is None:
        raise NotFound(
            _("This is not looking at an earlier inspection again."),
            _("Re-inspections name the inspection they look at again."),
            _("Go to the inspection's page."),
        )
    return fetch_assessment(access.user, pk, Permission.ASSESSMENT_VIEW).assessment


def standing_of(assessment: Assessment) -> Standing:
    """What an inspection found so far; three queries."""
    pinned = store.pinned(assessment)
    subjects = subjects_of(pinned)
    graded = {
        subject: Graded(grade.label, grade.rank, len(subjects[subject].scale.grades))
        for subject, (grade, _stage) in grades(assessment, pinned).items()
    }
    positions = Rating.objects.filter(assessment=assessment, author=None)
    scope = assessment.themes.filter(in_scope=True).order_by()
    return Standing(
        title=assessment.title,
        on=assessment.period_end,
        frameworks=pinned.frameworks,
        scope=frozenset(scope.values_list("theme", flat=True)),
        grades=graded,
        positions=dict(positions.values_list("criterion", "position")),
    )


def _told_before(assessment: Assessment) -> Assessment | None:
    """The published inspection that a re-inspection looks at again."""
    if assessment.kind != AssessmentKind.RE_INSPECTION:
        return None
    return Assessment.objects.filter(
        looked_at_by__assessment=assessment, inspection__stage__in=[s.value for s in TOLD]
    ).first()


def for_report(assessment: Assessment) -> Comparison | None:
    """The comparison a report tells of: with an earlier inspection that is published."""
    earlier = _told_before(assessment)
    return compare(standing_of(earlier), standing_of(assessment)) if earlier else None


def last_times(assessment: Assessment) -> dict[str, LastTime]:
    """Themes that were weak in the published inspection this one looks at again."""
    earlier = _told_before(assessment)
    if earlier is None:
        return {}
    return weak_last_time(standing_of(earlier), store.pinned(assessment).frameworks)


@dataclass(frozen=True)
class Shown:
    """A row as the page shows it."""

    row: Row
    before: tuple[int, str] | None
    after: tuple[int, str] | None
    change: Message
    tone: int

    @property
    def title(self) -> str:
        return str(self.row.title)


def _mark(stood: Stood | None) -> tuple[int, str] | None:
    """Colour step and word."""
    if stood is None:
        return None
    if stood.position:
        return SHADES.get(Position(stood.position), 0), str(stood.label)
    return min(4, max(1, round(1 + 3 * (stood.rank - 1) / max(1, stood.of - 1)))), str(stood.label)


def shown(rows: Iterable[Row]) -> list[Shown]:
    """The rows with their marks and words."""
    return [
        Shown(
            row,
            _mark(row.before),
            _mark(row.after),
            CHANGES[Change(row.change)],
            _TONES.get(Change(row.change), 0),
        )
        for row in rows
    ]


@dataclass(frozen=True)
class Wanted:
    """What of a comparison a page asks for; what it does not know it leaves out."""

    level: str = ""
    change: str = ""
    kloe: str = ""
    sort: str = ""

    def of(self, comparison: Comparison) -> list[Row]:
        """The rows asked for, in the order asked for."""
        levels = (self.level,) if self.level else GRADES
        rows = [
            r
            for r in comparison.of(*levels)
            if (not self.change or r.change == self.change)
            and (not self.kloe or r.kloe == self.kloe)
        ]
        key, down = self.sort.removeprefix("-"), self.sort.startswith("-")
        if key == "change":
            place = {c.value: n for n, c in enumerate(Change)}
            # Within a change the longest steps first.
            rows.sort(key=lambda r: (place[r.change], -abs(r.steps or 0)))
        elif key == "title":
            rows.sort(key=lambda r: str(r.title).casefold())
        return rows[::-1] if down and key in SORTS else rows
