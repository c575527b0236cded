"""Reading drafts and challenges: for their pages, for the report, for the table of stages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils import timezone

from kloe.assessment import challenges as rules
from kloe.assessment.challenges import ChallengeKind, ChallengeState, Clock, Outcome
from kloe.assessment.permissions import LANDLORD_ROLES, Permission
from kloe.assessment.stages import TOLD
from kloe.assessment.vocabulary import InspectionStage as Stage
from kloe.core.messages import Message
from kloe.web.access import AssessmentAccess
from kloe.web.assessments.models import Assessment
from kloe.web.challenges.models import (
    Challenge,
    ChallengesPlace,
    Draft,
    DraftTime,
    LateEvidence,
)
from kloe.web.inspections.models import StageMove
from kloe.web.site.wording import day

_LANDLORDS = frozenset(r.value for r in LANDLORD_ROLES)


# What a person sees --------------------------------------------------------------------------


def of_the_landlord(access: AssessmentAccess) -> bool:
    """Whether somebody comes as one of the landlord's people."""
    return access.role in _LANDLORDS


def visible(access: AssessmentAccess) -> QuerySet[Challenge]:
    """The challenges a person sees: what is not sent is the landlord's own."""
    found = Challenge.objects.filter(assessment=access.assessment)
    if of_the_landlord(access):
        return found
    return found.exclude(state=ChallengeState.WRITING)


def answer_seen(access: AssessmentAccess, row: Challenge) -> bool:
    """Whether a person sees the answer: the landlord's people once they are told."""
    if row.state != ChallengeState.ANSWERED:
        return False
    return not of_the_landlord(access) or row.told_at is not None or access.stage in set(TOLD)


@dataclass(frozen=True)
class Piece:
    """Evidence of a challenge as a page shows it, with what it counts for and why."""

    row: LateEvidence
    counts: Message | str
    why: Message


@dataclass(frozen=True)
class Shown:
    """A challenge as a page shows it to a person."""

    row: Challenge
    kind: Message | str
    state: Message | str
    outcome: Message | str
    ground: Message | str
    answered: bool
    pieces: list[Piece]

    @property
    def name(self) -> str:
        return self.row.name

    @property
    def shade(self) -> int:
        """Colour step of the answer."""
        steps = {Outcome.ACCEPTED: 4, Outcome.PART: 3, Outcome.REJECTED: 1}
        return steps.get(Outcome(self.row.outcome), 0) if self.answered else 0


def show(access: AssessmentAccess, row: Challenge) -> Shown:
    """A challenge with its evidence; the answer where this person may see it."""
    answered = answer_seen(access, row)
    state = row.state if answered or row.state == ChallengeState.WRITING else ChallengeState.SENT
    return Shown(
        row=row,
        kind=rules.label(row.kind, ChallengeKind),
        state=rules.label(state, ChallengeState),
        outcome=rules.label(row.outcome, Outcome) if answered else "",
        ground=rules.label(row.ground, rules.Ground) if answered else "",
        answered=answered,
        pieces=[piece(one, row.draft.looked_until) for one in row.evidence.all()],
    )


def piece(one: LateEvidence, cutoff: date) -> Piece:
    """Evidence with the rule applied to it, in words."""
    weighed = rules.weigh(one.when, cutoff, day(one.when), day(cutoff))
    return Piece(one, rules.LABELS[weighed.counts], weighed.why)


def with_everything(rows: QuerySet[Challenge]) -> QuerySet[Challenge]:
    """What showing challenges needs, in two queries."""
    return (
        rows.select_related("draft", "written_by", "answered_by", "sent_by")
        .defer("draft__document", "draft__changes")
        .prefetch_related(Prefetch("evidence", LateEvidence.objects.select_related("item")))
    )


# A draft -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DraftState:
    """The draft before the landlord, with its time."""

    draft: Draft
    clock: Clock
    times: list[DraftTime]
    today: date

    @property
    def open(self) -> bool:
        return self.clock.is_open(self.today)

    @property
    def days_left(self) -> int:
        return self.clock.days_left(self.today)


def drafts_of(assessment: Assessment) -> list[Draft]:
    """Every version issued, the newest first."""
    return list(
        Draft.objects.filter(assessment=assessment)
        .select_related("by")
        .defer("document", "changes")
        .order_by("-version")
    )


def state_of(draft: Draft) -> DraftState:
    """A draft with its time: one query."""
    times = list(draft.times.select_related("by"))
    last = times[-1] if times else None
    clock = (
        Clock(last.deadline, closed=last.kind == DraftTime.Kind.CLOSED)
        if last
        else Clock(draft.deadline)
    )
    return DraftState(draft, clock, times, timezone.localdate())


def before_the_landlord(assessment: Assessment) -> DraftState | None:
    """The newest draft with its time, if there is one."""
    found = (
        Draft.objects.filter(assessment=assessment)
        .defer("document", "changes")
        .order_by("-version")
        .first()
    )
    return state_of(found) if found else None


def place_of(assessment: Assessment) -> str:
    """Whether the list of challenges is an appendix or an annex of the report."""
    found = ChallengesPlace.objects.filter(assessment=assessment).first()
    return found.place if found else rules.Place.APPENDIX.value


def by_paragraph(
    access: AssessmentAccess, draft: Draft, first: int, last: int
) -> dict[int, list[Challenge]]:
    """The challenges to the paragraphs of a chapter, by number of the paragraph."""
    found: dict[int, list[Challenge]] = {}
    rows = visible(access).filter(draft=draft, paragraph__gte=first, paragraph__lte=last)
    for row in rows:
        found.setdefault(row.paragraph, []).append(row)
    return found


def counts_by_chapter(
    access: AssessmentAccess, draft: Draft, chapters: list[Any]
) -> dict[int, int]:
    """How many challenges are to each chapter: one query."""
    numbers = visible(access).filter(draft=draft).values_list("paragraph", flat=True)
    found: dict[int, int] = {}
    for number in numbers:
        for one in chapters:
            if one.first <= number <= one.last:
                found[one.n] = found.get(one.n, 0) + 1
    return found


def figures(access: AssessmentAccess) -> dict[str, int]:
    """How many challenges there are in which state, as this person sees it: one query."""
    untold = Q(state=ChallengeState.ANSWERED, told_at=None)
    found = visible(access).aggregate(
        all=Count("pk"),
        writing=Count("pk", filter=Q(state=ChallengeState.WRITING)),
        sent=Count("pk", filter=Q(state=ChallengeState.SENT)),
        answered=Count("pk", filter=Q(state=ChallengeState.ANSWERED)),
        untold=Count("pk", filter=untold),
        moving=Count("pk", filter=Q(returned_at=None) & ~Q(moves=[])),
        lost=Count("pk", filter=Q(state=ChallengeState.WRITING, paragraph=0)),
    )
    if of_the_landlord(access) and access.stage not in set(TOLD):
        found["sent"] += found["untold"]
        found["answered"] -= found["untold"]
    return found


def may_write(access: AssessmentAccess, state: DraftState | None) -> bool:
    """Whether a person can say something of the draft now."""
    return state is not None and state.open and access.may(Permission.CHALLENGE)


# The table of stages -------------------------------------------------------------------------


def facts(assessment: Assessment) -> dict[str, int]:
    """What moves of an inspection ask: four queries."""
    counted = Challenge.objects.filter(assessment=assessment).aggregate(
        open=Count("pk", filter=Q(state=ChallengeState.SENT)),
        moving=Count("pk", filter=Q(returned_at=None) & ~Q(moves=[])),
    )
    draft = (
        Draft.objects.filter(assessment=assessment)
        .only("pk", "at", "deadline", "assessment_id")
        .order_by("-version")
        .first()
    )
    came = (
        StageMove.objects.filter(inspection=assessment.pk, after=Stage.FACTUAL_ACCURACY)
        .order_by("-id")
        .values_list("at", flat=True)
        .first()
    )
    unissued = draft is None or (came is not None and draft.at < came)
    return {
        "challenges_open": counted["open"],
        "grades_moving": counted["moving"],
        "draft_unissued": int(unissued),
        "draft_days_left": state_of(draft).days_left if draft and not unissued else 0,
    }
