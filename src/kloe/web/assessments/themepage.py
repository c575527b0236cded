"""Everything the theme page shows, read in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Prefetch
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from kloe.assessment.permissions import Permission
from kloe.assessment.positions import BESIDES, LABELS, PLACED, PLACINGS, SHADES, SHORT, Position
from kloe.core.messages import Message
from kloe.frameworks.model import Criterion, DetailedQuestion, Framework, Kloe, Question, Theme
from kloe.web.access import AssessmentAccess
from kloe.web.assessments.models import Answer, CriterionState
from kloe.web.assessments.placings import Placed, Placing, of_reader, of_team
from kloe.web.assessments.queries import (
    Progress,
    RailKloe,
    Work,
    progress_by_theme,
    rail,
    works_of,
)
from kloe.web.checks import queries as checks
from kloe.web.evidence import queries as evidence
from kloe.web.evidence.models import EvidenceItem
from kloe.web.indicators import computed_queries
from kloe.web.indicators import queries as indicators
from kloe.web.inspections import beside
from kloe.web.judgements import queries as judgements
from kloe.web.library.store import Pinned
from kloe.web.prepared import Prepared
from kloe.web.readings import queries as reading_queries
from kloe.web.readings import seats
from kloe.web.readings.seats import Seat

#: Keys for the positions every criterion offers besides its placings.
BESIDE_KEYS = {Position.CONFLICTING: "7", Position.CANNOT_TELL: "8", Position.NOT_APPLICABLE: "9"}


@dataclass(frozen=True)
class Rung:
    """One position of a criterion's ladder."""

    value: str
    label: Message
    key: str
    shade: int


@lru_cache(maxsize=8)
def ladder(form: str) -> tuple[Rung, ...]:
    """The positions a form offers, best first, with their keys."""
    placings = PLACINGS[form]
    top = len(placings)
    return tuple(
        Rung(p.value, SHORT[p], str(top - n), SHADES[p]) for n, p in enumerate(placings)
    ) + tuple(Rung(p.value, SHORT[p], BESIDE_KEYS[p], 0) for p in BESIDES)


class State(NamedTuple):
    """What a criterion comes to, as the page reads it."""

    criterion: str
    evidence: int
    kinds: int
    triangulated: bool
    contradicted: bool


_STATES = Prepared(
    lambda assessment, theme: CriterionState.objects.filter(
        assessment=assessment, theme=theme
    ).values_list("criterion", "evidence", "kinds", "triangulated", "contradicted"),
    UUID,
    str,
)


@dataclass(frozen=True)
class Card(Placed):
    """One criterion on the page."""

    criterion: Criterion
    index: int
    rungs: tuple[Rung, ...]
    rating: Placing | None
    links: list[Any]
    more: int
    state: State | None
    indicators: list[Any]
    computed: list[computed_queries.Line]
    instruments: tuple[Any, ...]
    decisive: tuple[str, ...]

    #: In an inspection: what the landlord says, and the gap.
    beside: Any

    #: *Saved 3 May 14:02, Mair Lewis*, or nothing.
    said: str

    #: Whether this person rates it here, and whether for themselves, unseen by others.
    writes: bool
    alone: bool
    #: Of a theme that is open: what each reader said, and who dissents from the team.
    read: reading_queries.Read | None


@dataclass(frozen=True)
class Asked:
    """A question, its answer and what that cites."""

    question: Question | DetailedQuestion
    answer: Answer | None
    cites: list[EvidenceItem]
    said: str
    detailed: tuple[Asked, ...] = ()

    @property
    def text(self) -> str:
        return self.answer.text if self.answer else ""

    @property
    def version(self) -> int:
        return self.answer.version if self.answer else 0

    @property
    def detailed_answered(self) -> int:
        return sum(1 for d in self.detailed if d.answer and d.answer.text)


@dataclass(frozen=True)
class ThemePage:
    theme: Theme
    kloe: Kloe
    framework: Framework
    work: Work
    questions: list[Asked]
    cards: list[Card]
    rail: list[RailKloe]
    progress: Progress
    theme_indicators: list[Any]
    theme_computed: list[computed_queries.Line]
    checks: list[checks.ThemeCheck]
    judgement: Any
    upper: Any
    lower: Any
    seat: Seat
    so_far: Mapping[str, Any]
    previous: Theme | None
    next: Theme | None


_PLACED = frozenset(p.value for p in PLACED)
_ORDER = {p.value: n for n, p in enumerate(Position)}


def spread_of(positions: list[str]) -> list[tuple[int, int, Message]]:
    """(shade, how many, label) for each position that occurs, best first."""
    counts: dict[tuple[int, Message], int] = {}
    for position in sorted(filter(None, positions), key=_ORDER.__getitem__):
        key = (SHADES.get(Position(position), 0), LABELS[Position(position)])
        counts[key] = counts.get(key, 0) + 1
    found = [(shade, n, label) for (shade, label), n in counts.items()]
    return sorted(found, key=lambda part: -part[0])


def so_far(theme: Theme, positions: list[str]) -> dict[str, Any]:
    """What the panel says of a theme's placings: their spread, and how many of how many."""
    return {
        "spread": spread_of(positions),
        "placed": sum(1 for p in positions if p in _PLACED),
        "base": len(theme.criteria) - positions.count(Position.NOT_APPLICABLE.value),
    }


def placings(access: AssessmentAccess, theme: Theme, seat: Seat) -> dict[str, Placing]:
    """The team's ratings of a theme; a reader's own where they read it unseen by others."""
    here = access.assessment.pk
    team = of_team(here, theme.id)
    if not (seat.closed and seat.reader):
        return team
    own = of_reader(here, theme.id, access.user.pk)
    found = ((c.id, (own if seat.alone(c.id) else team).get(c.id)) for c in theme.criteria)
    return {criterion: placing for criterion, placing in found if placing}


def said_when(when: datetime, who: str = "") -> str:
    """When something was saved, and by whom, as it stands beside it."""
    local = timezone.localtime(when)
    said = f"{local.day} {date_format(local, 'M')} {local:%H:%M}"
    return gettext("Saved %(when)s") % {"when": f"{said}, {who}" if who else said}


def _said(rating: Placing | None) -> str:
    return said_when(rating.updated_at, rating.who) if rating else ""


def questions_of(theme: Theme) -> dict[str, Question | DetailedQuestion]:
    """Every question of a theme, published and detailed, by identifier."""
    found: dict[str, Question | DetailedQuestion] = {q.id: q for q in theme.questions}
    found.update((d.id, d) for d in theme.detailed_questions)
    return found


def _asked(
    theme: Theme, answers: Mapping[str, Answer], cites: Mapping[Any, list[EvidenceItem]]
) -> list[Asked]:
    def one(question: Question | DetailedQuestion, detailed: tuple[Asked, ...] = ()) -> Asked:
        found = answers.get(question.id)
        when = said_when(found.updated_at) if found else ""
        return Asked(question, found, cites.get(found.pk, []) if found else [], when, detailed)

    return [
        one(q, tuple(one(d) for d in theme.detailed_questions if d.question == q.id))
        for q in theme.questions
    ]


def build(access: AssessmentAccess, pinned: Pinned, theme: Theme) -> ThemePage:
    """Read the page as this person may see it. The number of queries depends on nothing."""
    assessment = access.assessment
    framework = pinned.framework_of(theme.id)
    works = works_of(assessment)
    progress = progress_by_theme(assessment, pinned)
    seat = seats.of_theme(access, theme.id)
    ratings = placings(access, theme, seat)
    read = reading_queries.of_theme_page(assessment, theme.id) if seat.opened else {}
    answers = {
        a.question: a
        for a in Answer.objects.filter(assessment=assessment, theme=theme.id).prefetch_related(
            Prefetch("cites", EvidenceItem.objects.filter(deleted_at=None), to_attr="cited")
        )
    }
    cites = {a.pk: evidence.veiled(access, a.cited) for a in answers.values()}
    links = evidence.links_for_theme(assessment, theme.id, per_criterion=5, access=access)
    states = {row[0]: State(*row) for row in _STATES(assessment.pk, theme.id)}
    spoken = indicators.for_theme(assessment, theme)
    computed = computed_queries.for_theme(assessment, theme)
    theirs = beside.theme(
        access, theme.criteria, {c: r.position for c, r in ratings.items()}, theme.id
    )
    cards = []
    for n, criterion in enumerate(theme.criteria, start=1):
        shown, total = links.get(criterion.id, ([], 0))
        cards.append(
            Card(
                criterion=criterion,
                index=n,
                rungs=ladder(criterion.form),
                rating=ratings.get(criterion.id),
                links=shown,
                more=total - len(shown),
                state=states.get(criterion.id),
                indicators=[i for i in spoken if criterion.id in i.criteria],
                computed=[
                    replace(x, used=x.item in {link.item_id for link in shown})
                    for x in computed
                    if x.criterion is criterion
                ],
                instruments=tuple(framework.instruments[i] for i in criterion.instruments),
                beside=theirs.get(criterion.id),
                said=_said(ratings.get(criterion.id)),
                writes=access.may(Permission.RATE) and seat.writes(criterion.id),
                alone=seat.alone(criterion.id),
                read=read.get(criterion.id),
                decisive=tuple(
                    dict.fromkeys(d.decisive for d in criterion.descriptors if d.decisive)
                ),
            )
        )
    kloe = pinned.kloe(theme.kloe_id)
    scale = framework.scales[kloe.judgement]
    in_scope = [w.theme for w in works if w.in_scope]
    here = in_scope.index(theme.id) if theme.id in in_scope else -1
    return ThemePage(
        theme=theme,
        kloe=kloe,
        framework=framework,
        work=next(w for w in works if w.theme == theme.id),
        questions=_asked(theme, answers, cites),
        cards=cards,
        rail=rail(works, pinned, progress, theme.id),
        progress=progress[theme.id],
        seat=seat,
        so_far=so_far(theme, [c.position for c in cards]),
        theme_indicators=[i for i in spoken if not i.criteria],
        theme_computed=[x for x in computed if x.criterion is None],
        checks=checks.for_theme(access, theme.id),
        judgement=judgements.for_theme(assessment, pinned, theme, access=access),
        upper=scale.describing("upper"),
        lower=scale.describing("lower"),
        previous=pinned.theme(in_scope[here - 1]) if here > 0 else None,
        next=pinned.theme(in_scope[here + 1]) if 0 <= here < len(in_scope) - 1 else None,
    )
