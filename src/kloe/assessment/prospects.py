"""Prospects for improvement: no profile, but what becomes of each weakness.

The grade rests on the answers to the main questions. The table of weaknesses can only hold
it down: a weakness that was not known, stands in no plan, or is beyond the capacity there is.
An answer *in part* holds nothing down by itself, nor does one not given yet; both are said.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from kloe.assessment.conclusion import Subject
from kloe.assessment.grading import (
    KLOES,
    MAIN_QUESTIONS,
    from_grades,
    leader_of,
    overall_limits,
    parts_of_judgement,
)
from kloe.assessment.limits import AppliedLimit, Grades, Limited
from kloe.assessment.profile import Placings
from kloe.assessment.suggestion import Suggestion
from kloe.assessment.wording import Several
from kloe.core.errors import InvalidInput
from kloe.core.messages import Message, _
from kloe.frameworks.model import Framework, Scale

YES, IN_PART, NO, OPEN = "yes", "in part", "no", ""
ANSWERS = (YES, IN_PART, NO, OPEN)
PROSPECTS = "prospects"


@dataclass(frozen=True, slots=True)
class Weakness:
    """A weakness found, and whether they knew it, plan to mend it and have the capacity to.

    Answers are ``yes``, ``in part``, ``no``, or empty while nobody has answered.
    """

    text: str
    serious: bool = False
    known: str = OPEN
    planned: str = OPEN
    capacity: str = OPEN
    id: str = ""

    def __post_init__(self) -> None:
        for what in (self.known, self.planned, self.capacity):
            if what not in ANSWERS:
                raise InvalidInput(
                    _("A weakness has the answer “%(answer)s”.", answer=what),
                    _("Allowed: yes, in part, no, or nothing yet."),
                    _("Choose one of these."),
                )

    def answers(self) -> Mapping[str, bool]:
        """The plain answers, as a rule asks for them; in part and not given are left out."""
        given = {"known": self.known, "planned": self.planned, "resourced": self.capacity}
        plain = {key: answer == YES for key, answer in given.items() if answer in (YES, NO)}
        return {"serious": self.serious, **plain}

    @property
    def answered(self) -> bool:
        """Whether all three answers are given."""
        return OPEN not in (self.known, self.planned, self.capacity)


def suggest_prospects(
    frameworks: Sequence[Framework],
    leading: str,
    grades: Grades,
    weaknesses: Iterable[Weakness],
    *,
    themes: Collection[str] | None = None,
    placings: Placings | None = None,
) -> Suggestion:
    """What the rules make of the answers to the main questions and of the weaknesses.

    :param grades: keys by main question (and theme, for limits), as judged.
    :param themes: identifiers of the themes in scope; none means all.
    :raises NotFound: where no framework assessed serves prospects.
    """
    leader = leader_of(frameworks, leading, PROSPECTS)
    scale = leader.scales[PROSPECTS]
    rules = leader.rules.judgements[PROSPECTS]
    found = tuple(weaknesses)
    limited = overall_limits(
        frameworks, PROSPECTS, scale, placings=placings, grades=grades, themes=themes
    )
    caps = weakness_limits(leader, found)
    limited = Limited(
        tuple(sorted((*limited.applied, *caps), key=lambda a: (a.rank, a.id))), limited.untested
    )
    parts = parts_of_judgement(frameworks, PROSPECTS, grades, themes)
    asked = any(k.main_questions for f in frameworks for k in f.kloes if k.judgement == PROSPECTS)
    return from_grades(
        Subject(PROSPECTS, leader, scale, "overall"),
        rules.overall,
        parts,
        limited=limited,
        counted=MAIN_QUESTIONS if asked else KLOES,
        notes=_notes(found),
    )


def weakness_limits(framework: Framework, weaknesses: Sequence[Weakness]) -> list[AppliedLimit]:
    """The caps that a table of weaknesses sets off, one for each rule."""
    scale: Scale = framework.scales[PROSPECTS]
    limits = []
    for rule in framework.rules.judgements[PROSPECTS].weaknesses:
        causes = [w for w in weaknesses if rule.applies(w.answers())]
        if causes:
            grade = scale.grade(rule.at)
            limits.append(
                AppliedLimit(
                    rule.id,
                    grade.rank,
                    grade.label,
                    rule.reason,
                    rule.source,
                    min(w.id for w in causes),
                    _("Weaknesses"),
                    Several(sorted(w.text for w in causes), most=3),
                )
            )
    return limits


def _notes(weaknesses: Sequence[Weakness]) -> tuple[Message, ...]:
    """How the table of weaknesses stands."""
    if not weaknesses:
        return (_("No weakness is listed: nothing was tested against what they know and plan."),)

    def count(what: str, answer: str) -> int:
        return sum(getattr(w, what) == answer for w in weaknesses)

    notes = [
        _(
            "Weaknesses: %(total)d, of them serious: %(serious)d. Known: %(known)d, in part "
            "%(known_part)d. Planned for: %(planned)d, in part %(planned_part)d. With the "
            "capacity: %(capacity)d, in part %(capacity_part)d.",
            total=len(weaknesses),
            serious=sum(w.serious for w in weaknesses),
            known=count("known", YES),
            planned=count("planned", YES),
            capacity=count("capacity", YES),
            known_part=count("known", IN_PART),
            planned_part=count("planned", IN_PART),
            capacity_part=count("capacity", IN_PART),
        )
    ]
    unanswered = sorted(w.text for w in weaknesses if not w.answered)
    if unanswered:
        notes.append(
            _(
                "Answers are missing, and the suggestion may fall once they are given: "
                "%(weaknesses)s.",
                weaknesses=Several(unanswered, most=3),
            )
        )
    return tuple(notes)
