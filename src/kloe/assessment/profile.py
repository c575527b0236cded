"""Profiles: how placings spread over the positions, and grades over a scale.

A profile counts; it never averages. What is not applicable leaves the base, what is
conflicting or cannot be told stays in it as not placed, so that doubt lowers coverage and
never a grade.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from kloe.assessment.positions import PLACED, PLACINGS, Position, offered
from kloe.assessment.wording import Several
from kloe.core.errors import InvalidInput
from kloe.core.messages import Message, _
from kloe.frameworks.model import Criterion, Scale
from kloe.frameworks.rules import Rules
from kloe.frameworks.words import FORMS, POSITIONS

#: A placing as it is held: a position, its value, or nothing.
Placing = Position | str | None
Placings = Mapping[str, Placing]

#: The rules' own word for a position, by form. Both lists hold the same positions, these from
#: the best down, those from the worst up.
_RULE_WORD: dict[tuple[str, Position], str] = {
    (form, position): word
    for form in FORMS
    for word, position in zip(POSITIONS[form], reversed(PLACINGS[form]), strict=True)
}

_COUNTED: dict[Position, Message] = {
    Position.UPPER: _("%(n)d upper"),
    Position.BETWEEN: _("%(n)d between"),
    Position.LOWER: _("%(n)d lower"),
    Position.WORSE: _("%(n)d worse than lower"),
    Position.MET: _("%(n)d met"),
    Position.PARTLY_MET: _("%(n)d met in part"),
    Position.NOT_MET: _("%(n)d not met"),
    Position.SO: _("%(n)d so"),
    Position.PARTLY_SO: _("%(n)d so in part"),
    Position.NOT_SO: _("%(n)d not so"),
    Position.CONFLICTING: _("%(n)d conflicting"),
    Position.CANNOT_TELL: _("%(n)d cannot tell"),
    Position.NOT_APPLICABLE: _("%(n)d not applicable"),
}


def position_of(criterion: Criterion, placing: Placing) -> Position | None:
    """The position a criterion is placed at; none where nothing is said.

    :raises InvalidInput: where a criterion of this form offers no such position.
    """
    if not placing:
        return None
    allowed = offered(criterion.form)
    if placing not in allowed:
        raise InvalidInput(
            _(
                "The criterion “%(title)s” is placed at “%(position)s”.",
                title=criterion.title,
                position=placing,
            ),
            _("It offers: %(allowed)s.", allowed=", ".join(allowed)),
            _("Choose one of these."),
        )
    return Position(placing)


def level_of(rules: Rules, form: str, position: Position | None) -> int | None:
    """The level of a position on a criterion of this form; none if it places nothing."""
    word = _RULE_WORD.get((form, position)) if position is not None else None
    return None if word is None else rules.level(form, word)


def best_level(rules: Rules, form: str) -> int:
    """The highest level a criterion of this form can reach."""
    return max(level for level in rules.levels[form].values())


@dataclass(frozen=True, slots=True)
class Profile:
    """The placings of a theme, a KLOE or any set of criteria, counted.

    ``counts`` is by position, ``forms`` the same for each form of criterion; positions that
    do not occur are left out. ``unsaid`` names the criteria nothing is said of.
    """

    counts: Mapping[Position, int]
    forms: Mapping[str, Mapping[Position, int]]
    unsaid: tuple[str, ...] = ()

    def __getitem__(self, position: Position) -> int:
        return self.counts.get(position, 0)

    @property
    def total(self) -> int:
        """All criteria."""
        return sum(self.counts.values()) + len(self.unsaid)

    @property
    def in_scope(self) -> int:
        """The base of coverage: all but what is not applicable."""
        return self.total - self[Position.NOT_APPLICABLE]

    @property
    def placed(self) -> int:
        """Criteria placed on one of the positions of their form."""
        return sum(n for position, n in self.counts.items() if position in PLACED)

    @property
    def conflicting(self) -> int:
        return self[Position.CONFLICTING]

    @property
    def cannot_tell(self) -> int:
        return self[Position.CANNOT_TELL]

    @property
    def not_applicable(self) -> int:
        return self[Position.NOT_APPLICABLE]

    @property
    def coverage(self) -> Fraction:
        """Placed of in scope, exactly; nothing of nothing is nothing."""
        return Fraction(self.placed, self.in_scope) if self.in_scope else Fraction(0)

    def words(self) -> Message:
        """The profile as a sentence: how many are placed, and where."""
        counted = [Message(_COUNTED[p].msgid, n=n) for p, n in self.counts.items()]
        if not self.in_scope:
            return _("No criterion is in scope.")
        if not counted:
            return _("Placed: none of %(total)d criteria in scope.", total=self.in_scope)
        return _(
            "Placed: %(placed)d of %(total)d criteria in scope (%(counts)s).",
            placed=self.placed,
            total=self.in_scope,
            counts=Several(counted, most=len(counted)),
        )

    def to_json(self) -> dict[str, Any]:
        """As JSON holds it. The figures that follow from the counts stand there to be read."""
        return {
            "counts": {p.value: n for p, n in self.counts.items()},
            "forms": {
                form: {p.value: n for p, n in counts.items()} for form, counts in self.forms.items()
            },
            "unsaid": list(self.unsaid),
            "total": self.total,
            "in_scope": self.in_scope,
            "placed": self.placed,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Profile:
        """What :meth:`to_json` gave."""
        forms = {form: _ordered(counts) for form, counts in value["forms"].items()}
        return cls(_ordered(value["counts"]), forms, tuple(value["unsaid"]))


def _ordered(counts: Mapping[Any, int]) -> dict[Position, int]:
    """The counts in the fixed order of positions, without those that are nothing."""
    return {p: counts[p] for p in Position if counts.get(p)}


def profile_of(criteria: Iterable[Criterion], placings: Placings) -> Profile:
    """Count the placings of these criteria; placings of others are left aside."""
    counts: dict[Position, int] = {}
    forms: dict[str, dict[Position, int]] = {}
    unsaid = []
    for criterion in criteria:
        position = position_of(criterion, placings.get(criterion.id))
        if position is None:
            unsaid.append(criterion.id)
            continue
        counts[position] = counts.get(position, 0) + 1
        form = forms.setdefault(criterion.form, {})
        form[position] = form.get(position, 0) + 1
    return Profile(
        _ordered(counts),
        {form: _ordered(forms[form]) for form in FORMS if form in forms},
        tuple(unsaid),
    )


def merged(profiles: Iterable[Profile]) -> Profile:
    """The profile of all together, as of a KLOE from its themes."""
    counts: dict[Position, int] = {}
    forms: dict[str, dict[Position, int]] = {}
    unsaid: list[str] = []
    for profile in profiles:
        unsaid.extend(profile.unsaid)
        for form, found in profile.forms.items():
            into = forms.setdefault(form, {})
            for position, n in found.items():
                into[position] = into.get(position, 0) + n
                counts[position] = counts.get(position, 0) + n
    return Profile(
        _ordered(counts),
        {form: _ordered(forms[form]) for form in FORMS if form in forms},
        tuple(unsaid),
    )


@dataclass(frozen=True, slots=True)
class GradeSpread:
    """The grades of themes, KLOEs or main questions, counted.

    ``ranks`` is by rank, highest first, for grades of different scales compare by rank.
    ``ungraded`` names what is in scope and has no grade yet.
    """

    ranks: Mapping[int, int]
    ungraded: tuple[str, ...] = ()

    @property
    def in_scope(self) -> int:
        """All that is to be graded."""
        return self.graded + len(self.ungraded)

    @property
    def graded(self) -> int:
        return sum(self.ranks.values())

    @property
    def coverage(self) -> Fraction:
        """Graded of in scope, exactly."""
        return Fraction(self.graded, self.in_scope) if self.in_scope else Fraction(0)

    def words(self, scale: Scale) -> Message:
        """The spread as a sentence."""
        if not self.graded:
            return _("Graded: none of %(total)d.", total=self.in_scope)
        counted = [
            _("%(n)d “%(grade)s”", n=n, grade=scale.by_rank(rank).label)
            for rank, n in self.ranks.items()
        ]
        return _(
            "Graded: %(graded)d of %(total)d (%(counts)s).",
            graded=self.graded,
            total=self.in_scope,
            counts=Several(counted, most=len(counted)),
        )

    def to_json(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {
            "ranks": {str(rank): n for rank, n in self.ranks.items()},
            "ungraded": list(self.ungraded),
            "in_scope": self.in_scope,
            "graded": self.graded,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> GradeSpread:
        """What :meth:`to_json` gave."""
        ranks = {int(rank): n for rank, n in value["ranks"].items()}
        return cls(dict(sorted(ranks.items(), reverse=True)), tuple(value["ungraded"]))


def spread_of(ranks: Collection[int], ungraded: Iterable[str] = ()) -> GradeSpread:
    """Count ranks."""
    counted = dict.fromkeys(sorted(set(ranks), reverse=True), 0)
    for rank in ranks:
        counted[rank] += 1
    return GradeSpread(counted, tuple(ungraded))
