"""What one need of a grading rule finds among placings or grades, and how that is said.

A need looks at values (levels of placings, ranks of grades) and holds or does not. For people
the other half matters as much: how many more it would take, what stands in the way, and how
much there is to spare. Figures are counts; no percentage is rounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kloe.assessment.wording import Several, Words
from kloe.core.messages import Message, Text, _
from kloe.frameworks.model import Scale
from kloe.frameworks.rules import (
    NONE_BELOW,
    SHARE_AT_LEAST,
    SHARE_AT_MOST,
    SHARE_UNDER,
    Ladder,
    Need,
    Step,
)


@dataclass(frozen=True, slots=True)
class Item:
    """A placed criterion, or a graded theme, KLOE or main question, as a ladder sees it.

    ``value`` is its level or rank, ``best`` the highest its form or scale allows, ``stands``
    the label of its position or grade.
    """

    id: str
    title: Text | str
    form: str
    value: int
    best: int
    stands: Words

    @property
    def words(self) -> Message:
        """Its title with where it stands."""
        return _("%(title)s (%(stands)s)", title=self.title, stands=self.stands)


@dataclass(frozen=True, slots=True)
class Unit:
    """What a ladder counts, put into words: placings, or grades of a scale."""

    plural: Message
    scale: Scale | None = None


CRITERIA = Unit(_("the criteria placed"))

_FORMS: dict[tuple[str, ...], Message] = {
    ("paired",): _("the paired criteria placed"),
    ("upper only",): _("the criteria placed that have an upper column only"),
    ("lower only",): _("the criteria placed that have a lower column only"),
    ("paired", "upper only"): _("the criteria placed that have an upper column"),
    ("lower only", "paired"): _("the criteria placed that have a lower column"),
}

_OR_BETTER: dict[int, Message] = {
    4: _("like the upper column"),
    3: _("between the columns or better"),
    2: _("like the lower column or better"),
    1: _("placed anywhere"),
}
_OR_WORSE: dict[int, Message] = {
    4: _("placed anywhere"),
    3: _("short of the upper column"),
    2: _("like the lower column or worse"),
    1: _("worse than the lower column"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What a need finds.

    ``count`` of ``total`` lie where it looks, ``bound`` is the least or the most allowed.
    ``change`` items have to get better for it to hold (0 where it does); ``spare`` is how
    many could get worse before it fails. ``blocking`` are the items whose betterment moves
    the count, worst first: an item that its form or scale keeps from mattering is not named.
    """

    need: Need
    count: int
    total: int
    bound: int
    holds: bool
    blocking: tuple[Item, ...]

    @property
    def change(self) -> int:
        return 0 if self.holds else max(1, abs(self.count - self.bound))

    @property
    def spare(self) -> int:
        return abs(self.count - self.bound) if self.holds and self.total else 0

    @property
    def reachable(self) -> bool:
        """Whether bettering what is placed could make it hold."""
        return self.holds or self.change <= len(self.blocking)


def find(need: Need, items: Sequence[Item]) -> Finding:
    """Apply a need to the items."""
    values = [(item.form, item.value) for item in items]
    count, total = need.counts(values)
    return Finding(
        need, count, total, _bound(need, total), need.holds(values), _blocking(need, items)
    )


def _bound(need: Need, total: int) -> int:
    """The least count (of a share to be reached) or the most (of all others) that holds."""
    if need.share is None:
        return 0
    exact = need.share.numerator * total
    floor, rest = divmod(exact, need.share.denominator)
    if need.kind == SHARE_AT_MOST:
        return floor
    ceiling = floor + (rest > 0)
    if need.kind == SHARE_UNDER:
        return ceiling - 1
    # Of nothing no share is reached, not even one of nothing.
    return ceiling if total else 1


def _blocking(need: Need, items: Sequence[Item]) -> tuple[Item, ...]:
    """Items on the wrong side of what the need looks at, that could come to the right one."""
    # The first value that is right.
    right = need.at if need.kind in (SHARE_AT_LEAST, NONE_BELOW) else need.at + 1
    wrong = [
        item
        for item in items
        if (not need.of or item.form in need.of) and item.value < right <= item.best
    ]
    return tuple(sorted(wrong, key=lambda item: item.value))


def _standing(need: Need, unit: Unit) -> Message:
    """Where the need looks, in words."""
    if unit.scale is None:
        if need.kind == SHARE_AT_LEAST:
            return _OR_BETTER.get(need.at, _OR_BETTER[4])
        at = need.at - 1 if need.kind == NONE_BELOW else need.at
        return _OR_WORSE.get(at, _OR_WORSE[1])
    grade = unit.scale.by_rank(need.at).label
    if need.kind == SHARE_AT_LEAST:
        return _("graded “%(grade)s” or better", grade=grade)
    if need.kind == NONE_BELOW:
        return _("graded below “%(grade)s”", grade=grade)
    return _("graded “%(grade)s” or worse", grade=grade)


def _of_what(need: Need, unit: Unit) -> Message:
    if not need.of:
        return unit.plural
    return _FORMS.get(tuple(sorted(need.of)), unit.plural)


def asked(finding: Finding, unit: Unit) -> Message:
    """What the need asks, and what there is."""
    need = finding.need
    params = {
        "share": str(need.share),
        "what": _of_what(need, unit),
        "standing": _standing(need, unit),
        "bound": finding.bound,
        "total": finding.total,
        "n": finding.count,
    }
    if need.kind == SHARE_AT_LEAST:
        if not finding.total:
            return _(
                "at least %(share)s of %(what)s must be %(standing)s, and there are none yet",
                **params,
            )
        return _(
            "at least %(share)s of %(what)s must be %(standing)s: %(bound)d of %(total)d. "
            "Now: %(n)d",
            **params,
        )
    if need.kind == SHARE_AT_MOST:
        return _(
            "at most %(share)s of %(what)s may be %(standing)s: %(bound)d of %(total)d. Now: %(n)d",
            **params,
        )
    if need.kind == SHARE_UNDER:
        return _(
            "fewer than %(share)s of %(what)s may be %(standing)s. Now: %(n)d of %(total)d",
            **params,
        )
    return _("none of %(what)s may be %(standing)s. Now: %(n)d of %(total)d", **params)


def in_the_way(finding: Finding, grade: Words, unit: Unit) -> Message:
    """Why the grade is not reached: the need, its figures, and what holds it back."""
    need = asked(finding, unit)
    if not finding.reachable:
        return _(
            "For “%(grade)s”, %(need)s. Bettering what is there would not be enough by itself.",
            grade=grade,
            need=need,
        )
    return _(
        "For “%(grade)s”, %(need)s; %(change)d must get better. In the way: %(items)s.",
        grade=grade,
        need=need,
        change=finding.change,
        items=Several(item.words for item in finding.blocking),
    )


def held(finding: Finding, grade: Words, unit: Unit) -> Message:
    """What keeps the grade from being lower: a need that holds, and by how much."""
    need = asked(finding, unit)
    if not finding.spare:
        return _("For “%(grade)s”, %(need)s: met, with none to spare.", grade=grade, need=need)
    return _(
        "For “%(grade)s”, %(need)s: met, with %(spare)d to spare.",
        grade=grade,
        need=need,
        spare=finding.spare,
    )


@dataclass(frozen=True, slots=True)
class Climb:
    """How far up a ladder the items come: the step reached, and what the next one lacks."""

    step: Step
    findings: tuple[Finding, ...]
    above: Step | None
    failed: tuple[Finding, ...]


def climb(ladder: Ladder, items: Sequence[Item]) -> Climb:
    """The first step from the top whose needs all hold. Coverage is the caller's to see to."""
    above: Step | None = None
    failed: tuple[Finding, ...] = ()
    for step in ladder.steps:
        findings = tuple(find(need, items) for need in step.needs)
        if all(finding.holds for finding in findings) or step is ladder.steps[-1]:
            return Climb(step, findings, above, failed)
        above, failed = step, tuple(f for f in findings if not f.holds)
    raise AssertionError("a ladder has steps")  # pragma: no cover
