"""What an organisation has made of its plans: done on time, to budget, with the outcome.

Counted as the measures of improvement count it: *on time* among the actions that fell due in a
period, *to budget* and *with the outcome* among those completed in it. Days that were moved are
besides held against the day first promised, so that moving a day makes nothing look better.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from kloe.core.messages import Message, _
from kloe.core.periods import Period

#: Below this many actions a share says little; the page says so.
FEW = 10
#: A difference from the baseline of fewer percentage points is called the same.
SAME = Decimal("2.5")


@dataclass(frozen=True, slots=True)
class Moved:
    """A day that was moved to a later one, and why."""

    on: date
    due: date
    now: date | None
    reason: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One action of the plan, as far as the track record goes.

    :param first_due_on: the day first promised.
    :param outcome: whether its outcome for service users is evidenced.
    """

    ref: str
    title: str = ""
    due_on: date | None = None
    first_due_on: date | None = None
    done_on: date | None = None
    budget: Decimal | None = None
    spend: Decimal | None = None
    outcome: bool = False
    moved: tuple[Moved, ...] = ()


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, with those that are not among them."""

    part: int
    of: int
    others: tuple[Fact, ...] = ()

    @property
    def percent(self) -> Decimal | None:
        """Hundredths, to one place; ``None`` of nothing."""
        if not self.of:
            return None
        return (Decimal(100) * self.part / self.of).quantize(Decimal("0.1"))

    @property
    def few(self) -> bool:
        """Whether there are too few to say much."""
        return 0 < self.of < FEW


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """The track record of one period.

    :param on_time: of the actions that fell due, those done by the day they were due.
    :param as_promised: of the actions first promised for a day in the period, those done by it.
    :param to_budget: of those completed with budget and cost known, those within budget.
    :param with_outcome: of those completed, those whose outcome is evidenced.
    :param context_only: completed, and nothing shown for it yet.
    """

    period: Period
    on_time: Share
    as_promised: Share
    to_budget: Share
    with_outcome: Share
    budget_unknown: int
    slipped: tuple[Fact, ...]

    @property
    def completed(self) -> int:
        """Actions completed in the period."""
        return self.with_outcome.of

    @property
    def context_only(self) -> int:
        """Completed actions that count as context: no outcome for service users is shown."""
        return self.with_outcome.of - self.with_outcome.part

    @property
    def shares(self) -> tuple[tuple[str, Message, Share], ...]:
        """The shares with their names, as pages and evidence list them."""
        return (
            ("on_time", _("Done by the day they were due"), self.on_time),
            ("as_promised", _("Done by the day first promised"), self.as_promised),
            ("to_budget", _("Within budget"), self.to_budget),
            ("with_outcome", _("With the outcome for service users evidenced"), self.with_outcome),
        )


def _within(period: Period, day: date | None) -> bool:
    return day is not None and period.start <= day <= period.end


def _share(facts: Sequence[Fact], good: Iterable[Fact]) -> Share:
    found = {id(f) for f in good}
    return Share(len(found), len(facts), tuple(f for f in facts if id(f) not in found))


def track_record(facts: Iterable[Fact], period: Period) -> TrackRecord:
    """The track record of a period; the order of the actions does not matter."""
    every = sorted(facts, key=lambda f: f.ref)
    due = [f for f in every if _within(period, f.due_on)]
    promised = [f for f in every if _within(period, f.first_due_on or f.due_on)]
    done = [f for f in every if _within(period, f.done_on)]
    costed = [f for f in done if f.budget is not None and f.spend is not None]
    return TrackRecord(
        period=period,
        on_time=_share(due, (f for f in due if _by(f.done_on, f.due_on))),
        as_promised=_share(
            promised, (f for f in promised if _by(f.done_on, f.first_due_on or f.due_on))
        ),
        to_budget=_share(costed, (f for f in costed if f.spend <= f.budget)),  # type: ignore[operator]
        with_outcome=_share(done, (f for f in done if f.outcome)),
        budget_unknown=len(done) - len(costed),
        slipped=tuple(f for f in every if any(_within(period, m.on) for m in f.moved)),
    )


def _by(done: date | None, due: date | None) -> bool:
    return done is not None and due is not None and done <= due


def years_back(last: date, years: int) -> tuple[Period, ...]:
    """Periods of twelve months ending on a day, the earliest first."""
    found = []
    for n in range(years):
        end = _years_before(last, n)
        found.append(Period(_years_before(last, n + 1) + timedelta(days=1), end))
    return tuple(reversed(found))


def _years_before(day: date, years: int) -> date:
    year = day.year - years
    # The last day of February stays the last day of February.
    if day.month == 2 and (day + timedelta(days=1)).month == 3:
        return date(year, 3, 1) - timedelta(days=1)
    return day.replace(year=year)


@dataclass(frozen=True, slots=True)
class Against:
    """One share beside that of the baseline."""

    key: str
    name: Message
    now: Share
    then: Share

    @property
    def change(self) -> Decimal | None:
        """Hundredths more than in the baseline; ``None`` where either has nothing to count."""
        if self.now.percent is None or self.then.percent is None:
            return None
        return self.now.percent - self.then.percent

    @property
    def words(self) -> Message:
        """The comparison in words."""
        if self.change is None:
            return _("There is nothing to compare with.")
        if self.now.few or self.then.few:
            return _("Too few actions to tell a change from chance.")
        if abs(self.change) < SAME:
            return _("About as in the baseline.")
        if self.change > 0:
            return _("Up %(points)s percentage points from the baseline.", points=self.change)
        return _("Down %(points)s percentage points from the baseline.", points=-self.change)


def against(now: TrackRecord, baseline: TrackRecord) -> tuple[Against, ...]:
    """A period beside the baseline, share by share."""
    return tuple(
        Against(key, name, share, then)
        for (key, name, share), (_key, _name, then) in zip(now.shares, baseline.shares, strict=True)
    )


def direction_allowed(completed: int, evidenced: int) -> bool:
    """Whether completed actions may show anything of service users' benefits.

    Until an outcome is evidenced, what was done is context: work done, not yet a benefit.
    """
    return completed > 0 and evidenced > 0
