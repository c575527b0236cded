"""A subject with its judgements as a page shows them.

The suggestion comes into being here only once a provisional judgement stands: what does not
exist cannot slip into a page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kloe.assessment.limits import AppliedLimit
from kloe.assessment.positions import LABELS, SHADES
from kloe.assessment.profile import GradeSpread, Profile
from kloe.assessment.suggestion import FORMAT, Suggestion
from kloe.assessment.vocabulary import Stage
from kloe.core.messages import Message, Text, _
from kloe.frameworks.model import Grade, Scale
from kloe.web.judgements.forms import JudgeForm
from kloe.web.judgements.models import Judgement
from kloe.web.judgements.subjects import PROSPECTS, THEME, Subject

#: (colour step, words, how many), best first.
Spread = list[tuple[int, Any, int]]
KEPT, CHANGED = "kept", "changed"


# What the rules make of it -------------------------------------------------------------------


@dataclass(frozen=True)
class ShownSide:
    """One side of a theme graded in sides."""

    name: Any
    grade: Grade | None
    spread: Spread
    words: Message


@dataclass(frozen=True)
class ShownSuggestion:
    """A suggestion made ready for a template, which cannot ask a profile itself."""

    suggestion: Suggestion
    grade: Grade | None
    uncapped: Grade | None
    spread: Spread
    holding: tuple[AppliedLimit, ...]
    besides: tuple[AppliedLimit, ...]
    #: How it comes about and why not higher, without the limits, which stand by themselves.
    why: tuple[Message, ...]
    why_not_higher: tuple[Message, ...]
    sides: list[ShownSide]
    about: Text

    @property
    def edition(self) -> str:
        """The edition whose rules these are, by identifier and the beginning of its digest."""
        return f"{self.suggestion.framework} {self.suggestion.digest[:12]}"


def _spread(profile: Profile | GradeSpread, scale: Scale) -> Spread:
    if isinstance(profile, GradeSpread):
        spread = [(rank, scale.by_rank(rank).label, n) for rank, n in profile.ranks.items()]
        left: Spread = [(0, _("No grade yet"), len(profile.ungraded))] if profile.ungraded else []
        return [*spread, *left]
    found: Spread = [(SHADES.get(p, 0), LABELS[p], n) for p, n in profile.counts.items()]
    return [*found, (0, _("Nothing said"), len(profile.unsaid))] if profile.unsaid else found


def show(suggestion: Suggestion, subject: Subject) -> ShownSuggestion:
    """A suggestion as a page shows it."""
    scale = subject.scale
    grade = subject.grade(suggestion.grade) if suggestion.grade else None
    uncapped = subject.grade(suggestion.uncapped) if suggestion.uncapped else None
    said = {limit.words for limit in suggestion.limits}
    holding = tuple(limit for limit in suggestion.limits if uncapped and limit.rank < uncapped.rank)
    return ShownSuggestion(
        suggestion=suggestion,
        grade=grade,
        uncapped=uncapped if suggestion.capped else None,
        spread=_spread(suggestion.profile, scale),
        holding=holding,
        besides=tuple(limit for limit in suggestion.limits if limit not in holding),
        why=tuple(m for m in suggestion.why if m not in said),
        why_not_higher=tuple(m for m in suggestion.why_not_higher if m not in said),
        sides=[
            ShownSide(
                side.name,
                subject.grade(side.grade) if side.grade else None,
                _spread(side.profile, scale),
                side.profile.words(),
            )
            for side in suggestion.sides
        ],
        about=subject.framework.rules.about,
    )


def basis(stored: Mapping[str, Any]) -> dict[str, Any]:
    """What of a stored suggestion tells whether the ground of a judgement has shifted."""
    return {
        "profile": stored.get("profile"),
        "grade": stored.get("grade"),
        "limits": [[x.get("id"), x.get("rank")] for x in stored.get("limits", ())],
        "holding_back": stored.get("holding_back"),
        "sides": [[x.get("grade"), x.get("profile")] for x in stored.get("sides", ())],
        "notes": stored.get("notes") if stored.get("subject") == PROSPECTS else None,
    }


# A subject and its judgements ----------------------------------------------------------------


@dataclass(frozen=True)
class Judged:
    """One judgement with its grade, and what became of the suggestion."""

    row: Judgement
    grade: Grade
    #: The grade the rules had suggested when it was saved, if any.
    suggested: Grade | None = None
    #: The provisional grade before it, for an agreed one.
    provisional: Grade | None = None
    #: ``kept`` or ``changed``; empty where nothing had been suggested.
    outcome: str = ""

    @property
    def moved(self) -> bool:
        """Whether the agreed grade is another than the provisional one."""
        return self.provisional is not None and self.provisional.key != self.grade.key


@dataclass(frozen=True)
class Judging:
    """All a page needs to show how a subject is judged, and to judge it."""

    subject: Subject
    provisional: Judged | None = None
    proposed: Judged | None = None
    agreed: Judged | None = None
    dissents: list[Judged] = field(default_factory=list)
    now: ShownSuggestion | None = None
    then: ShownSuggestion | None = None
    shifted: bool = False
    forms: dict[str, JudgeForm] = field(default_factory=dict)

    @property
    def standing(self) -> Judged | None:
        """The judgement that stands."""
        return self.agreed or self.proposed or self.provisional

    @property
    def shifted_words(self) -> Message:
        """What has changed since the judgement was agreed."""
        if self.subject.kind == THEME:
            return _("The placings have changed since this was agreed.")
        return _("What this rests on has changed since it was agreed.")

    @property
    def agree_form(self) -> JudgeForm:
        return self.forms["agreed"]

    @property
    def propose_form(self) -> JudgeForm:
        return self.forms["proposed"]

    @property
    def provisional_form(self) -> JudgeForm:
        return self.forms["provisional"]

    @property
    def dissent_form(self) -> JudgeForm:
        return self.forms["dissent"]


def stored_suggestion(row: Judgement) -> Suggestion | None:
    """The suggestion stored with a judgement, if it is in a format read here."""
    if not row.suggestion or row.suggestion.get("format") != FORMAT:
        return None
    return Suggestion.from_json(row.suggestion)


def outcome_of(row: Judgement) -> str:
    """What became of the suggestion when this was agreed: ``kept``, ``changed`` or nothing."""
    return str((row.suggestion or {}).get("outcome", ""))


def _known(subject: Subject, key: Any) -> Grade | None:
    return next((g for g in subject.scale.grades if g.key == key), None)


def judged(subject: Subject, row: Judgement) -> Judged | None:
    """A row with its grade; none where the scale in use has no such grade."""
    grade = _known(subject, row.grade)
    if grade is None:
        return None
    stored = row.suggestion or {}
    return Judged(
        row,
        grade,
        _known(subject, stored.get("grade")),
        _known(subject, stored.get("provisional")),
        outcome_of(row),
    )


def build(
    subject: Subject,
    rows: Iterable[Judgement],
    suggest: Callable[[], Suggestion],
    *,
    bound: Mapping[str, JudgeForm] | None = None,
) -> Judging:
    """Make ready what a page shows of a subject.

    :param rows: judgements on it, with their people.
    :param suggest: makes the suggestion; called only if a provisional judgement stands.
    :param bound: forms that came back with faults, by stage.
    """
    stages: dict[str, Judged] = {}
    dissents: list[Judged] = []
    for row in rows:
        found = judged(subject, row)
        if found is None:
            continue
        if row.stage == Stage.DISSENT:
            dissents.append(found)
        else:
            stages[row.stage] = found
    provisional = stages.get(Stage.PROVISIONAL)
    agreed = stages.get(Stage.AGREED)
    now = then = None
    shifted = False
    if provisional is not None or agreed is not None:
        suggestion = suggest()
        now = show(suggestion, subject)
        if agreed is not None:
            was = stored_suggestion(agreed.row)
            then = show(was, subject) if was else None
            shifted = was is not None and basis(suggestion.to_json()) != basis(was.to_json())
    return Judging(
        subject=subject,
        provisional=provisional,
        proposed=stages.get(Stage.PROPOSED),
        agreed=agreed,
        dissents=sorted(dissents, key=lambda d: d.row.at),
        now=now,
        then=then,
        shifted=shifted,
        forms={
            **_forms(subject, provisional, stages.get(Stage.PROPOSED), agreed),
            **(bound or {}),
        },
    )


def _forms(
    subject: Subject,
    provisional: Judged | None,
    proposed: Judged | None,
    agreed: Judged | None,
) -> dict[str, JudgeForm]:
    def initial(judged: Judged | None, base: Judged | None = None) -> dict[str, Any]:
        """What stands, and the version of what will be written over."""
        values: dict[str, Any] = {"base_version": base.row.version if base else 0}
        if judged is not None:
            values |= {"grade": judged.grade.key, "reasons": judged.row.reasons}
        return values

    return {
        "provisional": JudgeForm(
            subject=subject, stage="provisional", initial=initial(provisional, provisional)
        ),
        "proposed": JudgeForm(
            subject=subject,
            stage="proposed",
            again=proposed is not None,
            initial=initial(proposed or provisional, proposed),
        ),
        "agreed": JudgeForm(
            subject=subject, stage="agreed", initial=initial(agreed or provisional, agreed)
        ),
        "dissent": JudgeForm(subject=subject, stage="dissent", initial={"base_version": 0}),
    }
