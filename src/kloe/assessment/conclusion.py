"""From the steps reached to a suggestion: the lowest stands, limits hold it down, with reasons."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kloe.assessment.limits import Limited
from kloe.assessment.needs import Climb, Unit, held, in_the_way
from kloe.assessment.profile import GradeSpread, Profile
from kloe.assessment.suggestion import Side, Suggestion
from kloe.core.messages import Message, _
from kloe.frameworks.model import Framework, Scale


@dataclass(frozen=True, slots=True)
class Part:
    """A climb up a ladder; with a name where a theme is graded in sides."""

    climb: Climb
    unit: Unit
    name: Message | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """What is graded, on which scale, by which ladder of which edition."""

    id: str
    framework: Framework
    scale: Scale
    ladder: str

    def rule(self, grade: str) -> str:
        """The identifier of the step of this ladder for a grade."""
        return f"{self.framework.id}/rules/{self.scale.judgement}/{self.ladder}/{grade}"


def conclude(
    subject: Subject,
    profile: Profile | GradeSpread,
    parts: Sequence[Part],
    limited: Limited,
    short: Iterable[Message],
    *,
    why: Iterable[Message] = (),
    notes: Iterable[Message] = (),
    sides: tuple[Side, ...] = (),
) -> Suggestion:
    """The lowest of the parts, held down by the limits, with its reasons."""
    scale, short = subject.scale, tuple(short)
    spoken = profile.words() if isinstance(profile, Profile) else profile.words(scale)
    notes = (*notes, *limited.untested)

    def suggestion(**more: object) -> Suggestion:
        return Suggestion(
            subject=subject.id,
            judgement=scale.judgement,
            framework=subject.framework.id,
            digest=subject.framework.digest,
            profile=profile,
            limits=limited.applied,
            short=short,
            notes=notes,
            sides=sides,
            **more,  # type: ignore[arg-type]
        )

    if short or not parts:
        return suggestion(rule="", grade=None, label=None, uncapped=None, why=(spoken,))
    lowest = min(scale.grade(part.climb.step.grade).rank for part in parts)
    uncapped = scale.by_rank(lowest)
    grade = scale.by_rank(limited.cap(lowest))
    capped = grade.rank < uncapped.rank
    steps = [part for part in parts if scale.grade(part.climb.step.grade).rank == lowest]
    binding = [limit for limit in limited.applied if limit.rank <= grade.rank]
    higher = [limit.words for limit in binding]
    holding = [limit.of for limit in binding]
    if not capped:
        for part in steps:
            higher.extend(_higher(part, scale))
            for finding in part.climb.failed:
                holding.extend(item.id for item in finding.blocking)
    if grade is scale.grades[0]:
        higher.append(_("“%(grade)s” is the highest grade of the scale.", grade=grade.label))
    return suggestion(
        rule=subject.rule(uncapped.key),
        grade=grade.key,
        label=grade.label,
        uncapped=uncapped.key,
        why=(
            spoken,
            *why,
            _(
                "“%(grade)s” is the highest grade all of whose needs are met.",
                grade=uncapped.label,
            ),
            *(limit.words for limit in limited.applied if limit.rank < uncapped.rank),
        ),
        why_not_higher=tuple(higher),
        why_not_lower=_lower(parts, lowest, scale, capped=capped, last=grade.rank == 1),
        holding_back=tuple(dict.fromkeys(id for id in holding if id)),
    )


def _higher(part: Part, scale: Scale) -> Iterable[Message]:
    """What the next step lacks."""
    climbed = part.climb
    if climbed.above is None:
        return
    label = scale.grade(climbed.above.grade).label
    for finding in climbed.failed:
        yield _named(part.name, in_the_way(finding, label, part.unit))


def _lower(
    parts: Sequence[Part], lowest: int, scale: Scale, *, capped: bool, last: bool
) -> tuple[Message, ...]:
    """The needs that keep the grade from being lower.

    Where sides climb apart, each keeps it up: one higher than the grade is said to be so.
    """
    if last:
        return (_("“%(grade)s” is the lowest grade of the scale.", grade=scale.by_rank(1).label),)
    reasons = []
    if capped:
        label = scale.by_rank(lowest).label
        reasons.append(_("Without the limit it would be “%(grade)s”.", grade=label))
    for part in parts:
        grade = scale.grade(part.climb.step.grade)
        if grade.rank > lowest and part.name is not None:
            reasons.append(
                _("On %(side)s alone it would be “%(grade)s”.", side=part.name, grade=grade.label)
            )
            continue
        reasons.extend(
            _named(part.name, held(finding, grade.label, part.unit))
            for finding in part.climb.findings
        )
    return tuple(reasons)


def _named(name: Message | None, sentence: Message) -> Message:
    """The sentence, with the side it speaks of."""
    if name is None:
        return sentence
    return _("On %(side)s: %(sentence)s", side=name, sentence=sentence)
