"""Ratings people make for themselves: why a blind second one is asked for, how they compare.

What contests a criterion is data: a fact, and the words for it. None of them looks at what
readers have said for themselves, for the reason given would tell of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from kloe.assessment.agreement import between_assessors
from kloe.assessment.positions import PLACINGS
from kloe.core.messages import Message, _

#: A theme with so many contested criteria is contested as a whole.
THEME_CONTESTED_FROM = 2
#: Share of criteria drawn for calibration unless somebody says otherwise, of a hundred.
USUAL_SHARE = 10
#: Steps between the landlord's placing and the team's from which they differ.
FAR = 2


class Why(StrEnum):
    """Why a blind second reading is asked for."""

    LIMIT = "limit"
    CONTESTED = "contested"
    THEME = "contested theme"
    SAMPLE = "calibration sample"


WHY: dict[Why, Message] = {
    Why.LIMIT: _("It carries a limit."),
    Why.CONTESTED: _("It is contested."),
    Why.THEME: _("Its theme is contested."),
    Why.SAMPLE: _("It was drawn for calibration."),
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a criterion without asking its readers."""

    form: str
    #: The landlord's own placing, and the team's where there is one already.
    theirs: str = ""
    ours: str = ""
    #: Computed figures that are on target, and off it by more than chance.
    on: int = 0
    off: int = 0
    #: Evidence speaks against itself, or against the landlord's own placing.
    contradicted: bool = False
    theirs_contradicted: bool = False

    def _step(self, position: str) -> int | None:
        order = [p.value for p in PLACINGS[self.form]]
        return order.index(position) if position in order else None

    @property
    def highest(self) -> bool:
        """Whether the landlord places itself as high as the form goes."""
        return self._step(self.theirs) == 0

    @property
    def low(self) -> bool:
        """Whether the landlord places itself in the lower half."""
        step = self._step(self.theirs)
        return step is not None and 2 * step >= len(PLACINGS[self.form])

    @property
    def apart(self) -> int:
        """Steps between the landlord's placing and the team's."""
        one, other = self._step(self.theirs), self._step(self.ours)
        return 0 if one is None or other is None else abs(one - other)


@dataclass(frozen=True)
class Contest:
    """Something that makes a criterion contested."""

    key: str
    words: Message
    holds: Callable[[Facts], bool]


CONTESTS: tuple[Contest, ...] = (
    Contest("evidence", _("Evidence contradicts itself."), lambda f: f.contradicted),
    Contest(
        "own-evidence",
        _("The landlord's own evidence contradicts its placing."),
        lambda f: f.theirs_contradicted,
    ),
    Contest(
        "figures-worse",
        _("The landlord places itself highest; a computed figure is off target."),
        lambda f: f.highest and f.off > 0,
    ),
    Contest(
        "figures-better",
        _("The landlord places itself low; the computed figures are on target."),
        lambda f: f.low and f.on > 0 and f.off == 0,
    ),
    Contest(
        "team",
        _("The landlord's placing and the team's lie two steps apart or more."),
        lambda f: f.apart >= FAR,
    ),
)
CONTEST_WORDS: dict[str, Message] = {c.key: c.words for c in CONTESTS}


def contests(facts: Facts) -> tuple[str, ...]:
    """What makes a criterion contested, by key; nothing where it is not."""
    return tuple(c.key for c in CONTESTS if c.holds(facts))


def reasons(
    facts: Mapping[str, Facts], *, limits: Mapping[str, str], sampled: Sequence[str] = ()
) -> dict[str, tuple[str, ...]]:
    """Why a blind second reading of each criterion of one theme is asked for.

    :param facts: of every criterion of the theme.
    :param limits: by criterion, the identifier of the limit it carries.
    :return: by criterion, reasons as ``why`` or ``why:which``; only criteria that have one.
    """
    contested = {c: keys for c, f in facts.items() if (keys := contests(f))}
    whole = len(contested) >= THEME_CONTESTED_FROM
    drawn = set(sampled)
    found = {}
    for criterion in facts:
        why = []
        if criterion in limits:
            why.append(f"{Why.LIMIT}:{limits[criterion]}")
        why += [f"{Why.CONTESTED}:{key}" for key in contested.get(criterion, ())]
        if whole and criterion not in contested:
            why.append(Why.THEME.value)
        if criterion in drawn:
            why.append(Why.SAMPLE.value)
        if why:
            found[criterion] = tuple(why)
    return found


def words_of(reason: str) -> Message:
    """A reason as a sentence; a limit is named by whoever knows it."""
    why, _colon, which = reason.partition(":")
    if why == Why.CONTESTED and which in CONTEST_WORDS:
        return CONTEST_WORDS[which]
    return WHY[Why(why)]


def width(form: str, placings: Mapping[str, str]) -> tuple[int, int]:
    """How wide a difference is, to put the widest first: (steps, people who did not place it).

    Somebody who finds it open where another placed it differs more than by one step, and less
    than by two.
    """
    found = between_assessors(form, placings)
    if found.apart > 1:
        return found.apart + 1, found.unplaced
    if found.placed and found.unplaced:
        return 2, found.unplaced
    return found.apart, found.unplaced
