"""Reading moderation: the list of all grades, the page of one, what waits, what is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kloe.assessment import moderating
from kloe.assessment.limits import AppliedLimit
from kloe.assessment.moderating import ACTS, STATES, Act, State
from kloe.assessment.positions import Position
from kloe.assessment.vocabulary import Stage
from kloe.core.errors import NotFound
from kloe.core.messages import Message, _
from kloe.frameworks.model import Criterion, Grade, Theme
from kloe.web.assessments.models import Assessment, Rating, Revision
from kloe.web.judgements.judging import Spread, show, stored_suggestion
from kloe.web.judgements.models import Judgement
from kloe.web.judgements.subjects import Subject, subjects_of, themes_in_scope
from kloe.web.library.store import Pinned
from kloe.web.moderation.models import (
    Entry,
    Exemption,
    Feedback,
    FeedbackWaived,
    GivenFeedback,
    LimitOverride,
)

# The list of all grades ----------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """A judgement on its way, as the list shows it."""

    subject: Subject
    state: State
    place: int
    grade: Grade | None = None
    suggested: Grade | None = None
    spread: Spread = field(default_factory=list)
    #: Which step of the rules was reached, and what the next one lacks.
    rule: Any = ""
    lacks: Any = ""
    limits: tuple[AppliedLimit, ...] = ()
    overridden: int = 0
    questions: int = 0
    entries: int = 0
    by: Any = None

    @property
    def label(self) -> Message:
        return STATES[self.state]

    @property
    def differs(self) -> int:
        """How many grades lie between the one proposed and the one suggested."""
        if self.grade is None or self.suggested is None:
            return 0
        return abs(self.grade.rank - self.suggested.rank)

    @property
    def higher(self) -> bool:
        return bool(self.differs and self.grade and self.suggested
                    and self.grade.rank > self.suggested.rank)  # fmt: skip


def _judgements(assessment: Assessment) -> dict[str, dict[str, Judgement]]:
    """What stands by subject and stage: one query."""
    found: dict[str, dict[str, Judgement]] = {}
    rows = Judgement.objects.filter(assessment=assessment).exclude(stage=Stage.DISSENT.value)
    for row in rows.select_related("by"):
        found.setdefault(row.subject, {})[row.stage] = row
    return found


def _acts(assessment: Assessment) -> dict[str, list[str]]:
    """What was said of each subject, in order: one query."""
    found: dict[str, list[str]] = {}
    rows = Entry.objects.filter(assessment=assessment).order_by("subject", "number")
    for subject, act in rows.values_list("subject", "act"):
        found.setdefault(subject, []).append(act)
    return found


def state_of(stages: Mapping[str, Judgement], acts: Iterable[str]) -> State:
    """Where a judgement is on its way."""
    if Stage.AGREED.value in stages:
        return State.AGREED
    if Stage.PROPOSED.value in stages:
        return State.QUESTIONED if moderating.questions_open(acts) else State.PROPOSED
    return State.PROVISIONAL if stages else State.NOT_JUDGED


def rows_of(assessment: Assessment, pinned: Pinned) -> list[Row]:
    """Every subject in scope, or judged, in published order: four queries."""
    in_scope = themes_in_scope(assessment)
    judged, acts = _judgements(assessment), _acts(assessment)
    overrides: dict[str, int] = {}
    for name in LimitOverride.objects.filter(assessment=assessment).values_list(
        "subject", flat=True
    ):
        overrides[name] = overrides.get(name, 0) + 1
    found = []
    for place, subject in enumerate(subjects_of(pinned).values()):
        stages = judged.get(subject.id, {})
        if not stages and not any(t in in_scope for t in subject.themes):
            continue
        found.append(
            _row(subject, place, stages, acts.get(subject.id, []), overrides.get(subject.id, 0))
        )
    return found


def _row(
    subject: Subject, place: int, stages: Mapping[str, Judgement], acts: list[str], overrides: int
) -> Row:
    standing = next(
        (stages[s] for s in (Stage.AGREED, Stage.PROPOSED, Stage.PROVISIONAL) if s in stages), None
    )
    row = Row(
        subject,
        state_of(stages, acts),
        place,
        overridden=overrides,
        questions=moderating.questions_open(acts),
        entries=len(acts),
    )
    if standing is None:
        return row
    keys = {g.key: g for g in subject.scale.grades}
    stored = stored_suggestion(standing)
    shown = show(stored, subject) if stored else None
    return Row(
        subject,
        row.state,
        place,
        grade=keys.get(standing.grade),
        suggested=shown.grade if shown else None,
        spread=shown.spread if shown else [],
        rule=shown.why[-1] if shown and shown.why and shown.grade else "",
        lacks=next(iter(shown.why_not_higher), "") if shown and shown.grade else "",
        limits=shown.holding if shown else (),
        overridden=overrides,
        questions=row.questions,
        entries=row.entries,
        by=standing.by,
    )


def counts_of(rows: Iterable[Row]) -> dict[State, int]:
    """How many are at each point of the way, every point present."""
    found = dict.fromkeys(State, 0)
    for row in rows:
        found[row.state] += 1
    return found


def differences_first(rows: Iterable[Row]) -> list[Row]:
    """What asks for the moderator most, first: questions, then the widest difference."""
    order = {State.QUESTIONED: 0, State.PROPOSED: 0, State.PROVISIONAL: 1, State.NOT_JUDGED: 2,
             State.AGREED: 3}  # fmt: skip
    return sorted(rows, key=lambda r: (order[r.state], -r.differs, -len(r.limits), r.place))


def neighbours(rows: list[Row], subject: Subject) -> tuple[Subject | None, Subject | None]:
    """The one before and the one after in a list."""
    at = next((n for n, r in enumerate(rows) if r.subject.id == subject.id), -1)
    if at < 0:
        return None, rows[0].subject if rows else None
    before = rows[at - 1].subject if at else None
    return before, rows[at + 1].subject if at + 1 < len(rows) else None


def last_proposed(assessment: Assessment, subject: str) -> dict[str, Any] | None:
    """What was proposed last, though it was taken back: one query."""
    last = (
        Revision.objects.filter(
            assessment=assessment,
            subject_kind="judgement",
            subject__startswith=f"{subject}|{Stage.PROPOSED.value}|",
        )
        .order_by("-id")
        .values_list("values", flat=True)
        .first()
    )
    return dict(last) if last else None


# One judgement -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Said:
    """An entry of a discussion, with its grades."""

    entry: Entry
    label: Message
    before: Grade | None
    grade: Grade | None


def told(subject: Subject, entries: Iterable[Entry]) -> list[Said]:
    """The discussion as a page shows it."""
    keys = {g.key: g for g in subject.scale.grades}
    return [Said(e, ACTS[Act(e.act)], keys.get(e.before), keys.get(e.grade)) for e in entries]


@dataclass(frozen=True)
class HeldBy:
    """A limit that applies now, whether it holds the grade, and who let the grade pass."""

    limit: AppliedLimit
    holds: bool
    override: LimitOverride | None = None


def limits_of(
    assessment: Assessment, subject: Subject, limits: Iterable[AppliedLimit], grade: Grade | None
) -> list[HeldBy]:
    """The limits on a subject with their overrides: one query."""
    overrides = {
        o.limit: o
        for o in LimitOverride.objects.filter(
            assessment=assessment, subject=subject.id
        ).select_related("by")
    }
    found = []
    for limit in limits:
        override = overrides.get(limit.id)
        if override is not None and override.fact != moderating.fact_of(limit):
            override = None
        above = grade is not None and limit.rank < grade.rank
        found.append(HeldBy(limit, above and override is None, override))
    return found


# Not applicable ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Exempted:
    """A criterion said not to apply, and what the moderator says to that."""

    criterion: Criterion
    theme: Theme
    rating: Rating
    decided: Exemption | None

    @property
    def decision(self) -> str:
        """``agreed``, ``refused``, or empty while it waits."""
        if self.decided is None or self.decided.reason != self.rating.reason:
            return ""
        return self.decided.decision


def exemptions_of(assessment: Assessment) -> list[tuple[Rating, Exemption | None]]:
    """Criteria in scope that are said not to apply, with what was decided: three queries."""
    rows = list(
        Rating.objects.filter(
            assessment=assessment, author=None, position=Position.NOT_APPLICABLE.value
        ).select_related("updated_by")
    )
    if not rows:
        return []
    in_scope = themes_in_scope(assessment)
    decided = {
        e.criterion: e for e in Exemption.objects.filter(assessment=assessment).select_related("by")
    }
    return [(r, decided.get(r.criterion)) for r in rows if r.theme in in_scope]


def exempted(assessment: Assessment, pinned: Pinned) -> list[Exempted]:
    """The criteria said not to apply: those that wait, then those refused, then those agreed."""
    places = {c.id: n for n, c in enumerate(c for t in pinned.themes() for c in t.criteria)}
    found = [
        Exempted(pinned.criterion(r.criterion), pinned.theme(r.theme), r, e)
        for r, e in exemptions_of(assessment)
    ]
    order = {"": 0, "refused": 1, "agreed": 2}
    return sorted(found, key=lambda x: (order[x.decision], places.get(x.criterion.id, 0)))


# Emerging findings ---------------------------------------------------------------------------


def feedback_of(assessment: Assessment, pk: Any) -> Feedback:
    """A feedback of this inspection, with what was given of it.

    :raises NotFound: if it has none of this identifier.
    """
    row = Feedback.objects.filter(assessment=assessment, pk=pk).select_related("given").first()
    if row is None:
        raise NotFound(
            _("This inspection has no such feedback."),
            _("Emerging findings that were given are listed."),
            _("Choose one from the list."),
        )
    row.assessment = assessment
    return row


def given_of(assessment: Assessment) -> list[GivenFeedback]:
    """What was told, in order: one query."""
    return list(GivenFeedback.objects.filter(assessment=assessment).select_related("by"))


def feedbacks_of(assessment: Assessment) -> list[Feedback]:
    """Everything prepared or given, in order: one query."""
    return list(
        Feedback.objects.filter(assessment=assessment).select_related(
            "given", "given__by", "updated_by"
        )
    )


def waived_of(assessment: Assessment) -> FeedbackWaived | None:
    """Why none was given, where that was said."""
    return FeedbackWaived.objects.filter(assessment=assessment).select_related("by").first()


# What a move asks ----------------------------------------------------------------------------


def facts_of(assessment: Assessment) -> dict[str, int]:
    """What moderation counts for the conditions of moves: at most five queries."""
    rows = exemptions_of(assessment)
    states = ["" if e is None or e.reason != r.reason else e.decision for r, e in rows]
    fed = (
        GivenFeedback.objects.filter(assessment=assessment).exists()
        or FeedbackWaived.objects.filter(assessment=assessment).exists()
    )
    return {
        "exemptions_open": sum(s != "agreed" for s in states),
        "exemptions_refused": sum(s == "refused" for s in states),
        "feedback_missing": int(not fed),
    }
