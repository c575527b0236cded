"""Grading rules as data: what a framework says about getting from placings to grades.

Nothing here grades: the rules are read by ``kloe.assessment.grading``. What is here is each
rule's one question, so that every reader of a rule understands it alike. Every kind of need
is monotone: a better placing can never undo it. See ``docs/reference/framework-format.md``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kloe.core.errors import InvalidInput
from kloe.core.messages import Text, _
from kloe.frameworks.value import Value
from kloe.frameworks.words import FORMS, POSITIONS

SHARE_AT_LEAST, SHARE_AT_MOST, SHARE_UNDER = "share_at_least", "share_at_most", "share_under"
NONE_AT, NONE_BELOW = "none_at", "none_below"
NEEDS = (SHARE_AT_LEAST, SHARE_AT_MOST, SHARE_UNDER, NONE_AT, NONE_BELOW)
SHARES = (SHARE_AT_LEAST, SHARE_AT_MOST, SHARE_UNDER)


class Share(Value):
    """An exact fraction between nothing and all."""

    numerator: int
    denominator: int

    def __post_init__(self) -> None:
        if not 0 <= self.numerator <= self.denominator or not self.denominator:
            raise InvalidInput(
                _("A rule has the share %(n)d/%(d)d.", n=self.numerator, d=self.denominator),
                _("A share lies between 0 and 1."),
                _("Correct rules.yaml and compile the framework again."),
            )

    def compare(self, count: int, total: int) -> int:
        """-1, 0 or 1: whether ``count`` of ``total`` is less than, equal to, more than this."""
        left, right = count * self.denominator, self.numerator * total
        return (left > right) - (left < right)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Share) and self.compare(other.numerator, other.denominator) == 0

    def __hash__(self) -> int:
        return hash(float(self))

    def __float__(self) -> float:
        return self.numerator / self.denominator

    def __str__(self) -> str:
        if 100 % self.denominator == 0:
            return f"{self.numerator * 100 // self.denominator}%"
        return f"{self.numerator}/{self.denominator}"


class Need(Value):
    """One thing a step asks of the placings (or grades) under it.

    ``at`` is a level for placings and a rank for grades; ``grade`` names the latter. ``of``
    are the forms of criteria it looks at; empty means all.
    """

    kind: str
    at: int
    share: Share | None = None
    grade: str | None = None
    of: tuple[str, ...] = ()

    def counts(self, values: Iterable[tuple[str, int]]) -> tuple[int, int]:
        """How many of how many ``(form, level or rank)`` lie where this need looks."""
        seen = [value for form, value in values if not self.of or form in self.of]
        if self.kind == SHARE_AT_LEAST:
            return sum(value >= self.at for value in seen), len(seen)
        if self.kind == NONE_BELOW:
            return sum(value < self.at for value in seen), len(seen)
        return sum(value <= self.at for value in seen), len(seen)

    def holds(self, values: Iterable[tuple[str, int]]) -> bool:
        """Whether the need is met.

        Of nothing at all, no share is reached (absence is never excellence) and none is
        exceeded.
        """
        count, total = self.counts(values)
        if self.share is None:
            return count == 0
        if self.kind == SHARE_AT_LEAST:
            return total > 0 and self.share.compare(count, total) >= 0
        if self.kind == SHARE_AT_MOST:
            return self.share.compare(count, total) <= 0
        return total == 0 or self.share.compare(count, total) < 0


class Step(Value):
    """A grade and what it needs; the lowest grade of a ladder needs nothing."""

    grade: str
    needs: tuple[Need, ...]


class Ladder(Value):
    """Steps from the highest grade down: the first whose needs all hold is suggested."""

    least_coverage: Share
    steps: tuple[Step, ...]

    def enough(self, placed: int, base: int) -> bool:
        """Whether ``placed`` of ``base`` reach the least coverage; of nothing, never."""
        return placed > 0 and base > 0 and self.least_coverage.compare(placed, base) >= 0

    def step_for(self, values: Sequence[tuple[str, int]]) -> Step:
        """The step these values reach. Coverage is the caller's to see to first."""
        for step in self.steps:
            if all(need.holds(values) for need in step.needs):
                return step
        return self.steps[-1]


class Apart(Value):
    """A strand whose criteria are graded in separate sides; the lowest of the grades stands.

    For value for money the sides are cost and quality (``Criterion.weighs``): never averaged.
    """

    strand: str
    sides: tuple[str, ...]
    least_coverage: Share
    reason: Text


class WeaknessRule(Value):
    """A cap that the table of weaknesses puts on prospects.

    It applies if any weakness has every one of the answers in ``when`` (``serious``,
    ``known``, ``planned``, ``resourced``: true or false).
    """

    id: str
    when: Mapping[str, bool]
    at: str
    reason: Text
    source: Text

    def applies(self, weakness: Mapping[str, bool]) -> bool:
        """Whether one weakness has these answers; an answer not given is none of them."""
        return all(weakness.get(key) is value for key, value in self.when.items())


class JudgementRules(Value):
    """The ladders of one judgement.

    Service: theme, then kloe, then judgement. Prospects: theme, then main question, then
    judgement, which its weaknesses may cap; there is no ladder for the KLOE, whose grade is
    the judgement itself.
    """

    judgement: str
    theme: Ladder
    kloe: Ladder | None
    main_question: Ladder | None
    overall: Ladder
    apart: Mapping[str, Apart]
    weaknesses: tuple[WeaknessRule, ...]


class Limit(Value):
    """A rule that caps a grade.

    Either a criterion placed at or below a level, or a theme or KLOE graded below a grade
    (``kind`` says which, ``of`` is its whole identifier, ``at`` the level or the rank),
    holds the grade of ``caps_id`` (a theme, KLOE, or the judgement's name) at ``grade``.
    """

    id: str
    kind: str
    of: str
    at: int
    below: str | None
    caps: str
    caps_id: str
    grade: str
    reason: Text
    source: Text
    refs: tuple[str, ...]

    def applies(self, level_or_rank: int) -> bool:
        """Whether this level (of the criterion) or rank (of the grade given) sets it off."""
        return level_or_rank <= self.at if self.kind == "criterion" else level_or_rank < self.at


class Rules(Value):
    """All grading rules of a framework. They are ours, not the publisher's."""

    about: Text
    levels: Mapping[str, Mapping[str, int]]
    judgements: Mapping[str, JudgementRules]
    limits: tuple[Limit, ...]
    data: Mapping[str, Any]

    def __post_init__(self) -> None:
        for form in FORMS:
            found = self.levels.get(form, {})
            if set(found) != set(POSITIONS[form]):
                raise InvalidInput(
                    _(
                        "The levels of the form “%(form)s” are %(found)s.",
                        form=form,
                        found=sorted(found),
                    ),
                    _("Its positions: %(all)s.", all=", ".join(POSITIONS[form])),
                    _("Correct rules.yaml and compile the framework again."),
                )

    def level(self, form: str, position: str) -> int | None:
        """The level of a position on a criterion of this form; none if it places nothing."""
        return self.levels[form].get(position)

    def limits_on(self, id: str) -> tuple[Limit, ...]:
        """The limits that cap this theme, KLOE or judgement."""
        return tuple(limit for limit in self.limits if limit.caps_id == id)
