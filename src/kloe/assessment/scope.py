"""A proposal of what to look at: themes and KLOEs ranked by points, each point with its reason.

Every reason gives its weight (see ``scope_weights``) and points only ever add up: what speaks
for a theme never makes up for what speaks against it, since an enquiry looks where something
may be wrong. Of indicators, known facts, overrated and contradicted criteria the strongest
:data:`COUNTED` count, so that an area with many measures does not lead for having many; the
others are named all the same. Ties keep the published order. People decide; the proposal is
never the scope.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from kloe.assessment.positions import Position
from kloe.assessment.scope_weights import Weights
from kloe.assessment.vocabulary import LABELS, KnownKind
from kloe.assessment.wording import Several, Words, words_to_json
from kloe.core.messages import Message, _

#: How many facts of one sort count at most.
COUNTED = 3
_TENTH = Decimal("0.1")
_DAYS_A_YEAR = Fraction(36525, 100)
_HIGH = frozenset({Position.UPPER, Position.MET})


class Why(StrEnum):
    """The sorts of reason, in the order they are given."""

    OVERRATED = "overrated"
    INDICATORS = "indicators"
    KNOWN = "known"
    CONTRADICTED = "contradicted"
    LAST = "weak last time"
    COVERAGE = "coverage"
    NEVER = "never assessed"
    LONG = "not assessed for long"


@dataclass(frozen=True, slots=True)
class IndicatorFact:
    """A measure's place among peers: ``quarter`` is best, second, third or worst, or empty.

    ``criteria`` are those it speaks to.
    """

    measure: str
    title: Words
    quarter: str
    criteria: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownFact:
    """Something known from elsewhere; ``tone`` is for, neutral or against."""

    kind: str
    source: str
    date: date
    tone: str


@dataclass(frozen=True, slots=True)
class LastTime:
    """A theme that was weak in the inspection looked at again: the grade it had then, if any,
    and how many of the criteria placed stood on the lower side."""

    on: date
    grade: Words | None
    low: int
    placed: int


@dataclass(frozen=True, slots=True)
class ThemeFacts:
    """What is known of a theme before its scope is set.

    :param theme: its identifier; ``kloe`` that of its KLOE, ``order`` its published place.
    :param placings: the self-assessment's, by criterion, as far as there is one.
    :param titles: of its criteria, to name them by.
    :param placed: criteria the self-assessment has placed; none where there is none,
    :param in_scope: of how many.
    :param contradicted: criteria whose rating evidence contradicts.
    :param last_assessed: when it was last assessed; none if never.
    :param weak_last_time: of a re-inspection, that it was weak in the last one.
    """

    theme: str
    kloe: str
    order: int
    title: Words
    kloe_title: Words
    indicators: tuple[IndicatorFact, ...] = ()
    known: tuple[KnownFact, ...] = ()
    placings: Mapping[str, Position | str | None] = field(default_factory=dict)
    titles: Mapping[str, Words] = field(default_factory=dict)
    placed: int | None = None
    in_scope: int = 0
    contradicted: tuple[str, ...] = ()
    last_assessed: date | None = None
    weak_last_time: LastTime | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason with its points and its sentence."""

    why: Why
    points: Decimal
    words: Message

    def to_json(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {
            "why": self.why.value,
            "points": str(self.points),
            "words": words_to_json(self.words),
        }


@dataclass(frozen=True, slots=True)
class Proposal:
    """A theme in the ranking; ``rank`` counts from 1."""

    rank: int
    theme: str
    kloe: str
    title: Words
    score: Decimal
    reasons: tuple[Reason, ...]
    proposed: bool
    threshold: int

    @property
    def words(self) -> Message:
        """The reason a theme stands in or out of the proposal, as one sentence."""
        if self.proposed:
            return _("Proposed: %(score)s points.", score=plainly(self.score))
        return _(
            "Not proposed: %(score)s points, under the %(threshold)d asked for.",
            score=plainly(self.score),
            threshold=self.threshold,
        )

    def to_json(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {
            "rank": self.rank,
            "theme": self.theme,
            "kloe": self.kloe,
            "title": words_to_json(self.title),
            "score": str(self.score),
            "proposed": self.proposed,
            "threshold": self.threshold,
            "reasons": [reason.to_json() for reason in self.reasons],
        }


@dataclass(frozen=True, slots=True)
class KloeProposal:
    """A KLOE in the ranking: as high as its highest theme, so that long KLOEs do not lead."""

    rank: int
    kloe: str
    title: Words
    score: Decimal
    themes: int
    proposed_themes: int
    words: Message

    @property
    def proposed(self) -> bool:
        """Whether any of its themes is proposed."""
        return self.proposed_themes > 0

    def to_json(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {
            "rank": self.rank,
            "kloe": self.kloe,
            "title": words_to_json(self.title),
            "score": str(self.score),
            "themes": self.themes,
            "proposed_themes": self.proposed_themes,
            "proposed": self.proposed,
            "words": words_to_json(self.words),
        }


@dataclass(frozen=True, slots=True)
class ScopeProposal:
    """The whole proposal, with the weights it was made with."""

    themes: tuple[Proposal, ...]
    kloes: tuple[KloeProposal, ...]
    weights: Weights
    on: date

    def to_json(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {
            "on": self.on.isoformat(),
            "weights": self.weights.to_json(),
            "kloes": [row.to_json() for row in self.kloes],
            "themes": [row.to_json() for row in self.themes],
        }


def propose(
    facts: Iterable[ThemeFacts], *, on: date, weights: Weights | None = None
) -> ScopeProposal:
    """Rank themes and KLOEs by what is known of them on a day.

    The order the facts come in makes no difference.
    """
    weights = weights or Weights()
    rows: list[tuple[ThemeFacts, tuple[Reason, ...], Decimal]] = []
    for theme in sorted(facts, key=lambda f: (f.order, f.theme)):
        reasons = reasons_for(theme, on=on, weights=weights)
        rows.append((theme, reasons, sum((r.points for r in reasons), Decimal("0.0"))))
    ranked = sorted(rows, key=lambda row: -row[2])  # stable: ties keep the published order
    themes = tuple(
        Proposal(
            rank=n,
            theme=theme.theme,
            kloe=theme.kloe,
            title=theme.title,
            score=score,
            reasons=reasons,
            proposed=score >= weights.threshold,
            threshold=weights.threshold,
        )
        for n, (theme, reasons, score) in enumerate(ranked, 1)
    )
    titles = {row[0].kloe: row[0].kloe_title for row in rows}
    return ScopeProposal(themes, _kloes(themes, titles), weights, on)


def _kloes(themes: Iterable[Proposal], titles: Mapping[str, Words]) -> tuple[KloeProposal, ...]:
    """KLOEs by their highest theme, then by how many are proposed, then as published."""
    of: dict[str, list[Proposal]] = {kloe: [] for kloe in titles}
    for row in themes:
        of[row.kloe].append(row)
    proposed = {kloe: sum(t.proposed for t in rows) for kloe, rows in of.items()}
    ranked = sorted(of, key=lambda kloe: (-of[kloe][0].score, -proposed[kloe]))
    return tuple(
        KloeProposal(
            rank=n,
            kloe=kloe,
            title=titles[kloe],
            score=of[kloe][0].score,
            themes=len(of[kloe]),
            proposed_themes=proposed[kloe],
            words=_kloe_words(of[kloe], proposed[kloe]),
        )
        for n, kloe in enumerate(ranked, 1)
    )


def _kloe_words(themes: list[Proposal], proposed: int) -> Message:
    if not proposed:
        return _(
            "None of its %(total)d themes reaches %(threshold)d points; the highest has %(score)s.",
            total=len(themes),
            threshold=themes[0].threshold,
            score=plainly(themes[0].score),
        )
    return _(
        "Proposed: %(n)d of %(total)d themes, first “%(title)s” with %(score)s points.",
        n=proposed,
        total=len(themes),
        title=themes[0].title,
        score=plainly(themes[0].score),
    )


def reasons_for(facts: ThemeFacts, *, on: date, weights: Weights) -> tuple[Reason, ...]:
    """The reasons to look at a theme, those that give points only, in fixed order."""
    found = (
        _overrated(facts, weights),
        _indicators(facts, weights),
        _known(facts, on, weights),
        _contradicted(facts, weights),
        _last_time(facts, weights),
        _coverage(facts, weights),
        _assessed(facts, on, weights),
    )
    return tuple(reason for reason in found if reason is not None and reason.points > 0)


def _strongest(points: Iterable[Fraction | int]) -> Decimal:
    """The sum of the strongest few, to a tenth."""
    return _points(sum(sorted(map(Fraction, points), reverse=True)[:COUNTED], Fraction(0)))


def _points(exact: Fraction) -> Decimal:
    value = Decimal(exact.numerator) / Decimal(exact.denominator)
    return value.quantize(_TENTH, ROUND_HALF_UP)


def plainly(points: Decimal) -> str:
    """Points as people write them: 30 and 12.5."""
    return f"{points:f}".removesuffix(".0")


def _by_measure(fact: IndicatorFact) -> tuple[bool, str, str]:
    """An order of indicators that owes nothing to the order they came in, the worst first."""
    return fact.quarter != "worst", fact.measure, str(fact.title)


def _overrated(facts: ThemeFacts, weights: Weights) -> Reason | None:
    """Criteria placed high while an indicator that speaks to them is in the worst quarter."""
    worst: dict[str, Words] = {}
    for indicator in sorted(facts.indicators, key=_by_measure):
        if indicator.quarter == "worst":
            for criterion in indicator.criteria:
                worst.setdefault(criterion, indicator.title)
    high = sorted(c for c in worst if facts.placings.get(c) in _HIGH)
    if not high:
        return None
    pairs = [
        _(
            "“%(criterion)s” against “%(measure)s”",
            criterion=facts.titles.get(criterion, criterion),
            measure=worst[criterion],
        )
        for criterion in high
    ]
    return Reason(
        Why.OVERRATED,
        _strongest([weights.overrated] * len(high)),
        _(
            "Placed like the upper column while the figures are in the worst quarter of "
            "peers: %(pairs)s.",
            pairs=Several(pairs, most=COUNTED),
        ),
    )


def _indicators(facts: ThemeFacts, weights: Weights) -> Reason | None:
    """Indicators in the worst quarter of peers, and in the quarter before it."""
    quarters = {"worst": weights.worst_quarter, "third": weights.third_quarter}
    # One measure counts once, by the worse of its populations. What gives no points is no
    # reason, and is not named.
    points: dict[str, int] = {}
    named: dict[str, dict[str, Words]] = {"worst": {}, "third": {}}
    for fact in sorted(facts.indicators, key=_by_measure):
        weight = quarters.get(fact.quarter, 0)
        if weight and fact.measure not in points:
            named[fact.quarter][fact.measure] = fact.title
        if weight:
            points[fact.measure] = max(weight, points.get(fact.measure, 0))
    worst, third = named["worst"], named["third"]
    if not points:
        return None
    if not third:
        words = _(
            "In the worst quarter of peers: %(worst)s.", worst=Several(worst.values(), COUNTED)
        )
    elif not worst:
        words = _(
            "In the second-worst quarter of peers: %(third)s.",
            third=Several(third.values(), COUNTED),
        )
    else:
        words = _(
            "In the worst quarter of peers: %(worst)s; in the second-worst: %(third)s.",
            worst=Several(worst.values(), COUNTED),
            third=Several(third.values(), COUNTED),
        )
    return Reason(Why.INDICATORS, _strongest(points.values()), words)


def _recency(fact: KnownFact, on: date) -> Fraction:
    """How much of its weight a fact still has: fades with time, never to nothing."""
    years = Fraction((on - fact.date).days) / _DAYS_A_YEAR
    if years <= 1:
        return Fraction(1)
    return Fraction(1, 2) if years <= 3 else Fraction(1, 4)


def _known(facts: ThemeFacts, on: date, weights: Weights) -> Reason | None:
    """What is known from elsewhere and speaks against the service."""
    against = sorted(
        (f for f in facts.known if f.tone == "against"),
        key=lambda f: (-f.date.toordinal(), f.source, f.kind),
    )
    if not against:
        return None
    labels = {kind.value: LABELS[kind] for kind in KnownKind}
    sources = [
        _(
            "%(source)s (%(kind)s, %(date)s)",
            source=f.source,
            kind=labels.get(f.kind, f.kind),
            date=f.date.isoformat(),
        )
        for f in against
    ]
    return Reason(
        Why.KNOWN,
        _strongest(_recency(f, on) * weights.known_against for f in against),
        _("Known from elsewhere, against: %(sources)s.", sources=Several(sources, most=COUNTED)),
    )


def _contradicted(facts: ThemeFacts, weights: Weights) -> Reason | None:
    criteria = sorted(set(facts.contradicted))
    if not criteria:
        return None
    titles = [facts.titles.get(c, c) for c in criteria]
    return Reason(
        Why.CONTRADICTED,
        _strongest([weights.contradicted] * len(criteria)),
        _("Evidence contradicts: %(criteria)s.", criteria=Several(titles, most=COUNTED)),
    )


def _last_time(facts: ThemeFacts, weights: Weights) -> Reason | None:
    """The inspection looked at again found it weak."""
    last = facts.weak_last_time
    if last is None:
        return None
    day = last.on.isoformat()
    if last.grade is None:
        words = _(
            "Weak in the inspection looked at again (%(date)s): %(low)d of %(placed)d criteria "
            "on the lower side.",
            date=day, low=last.low, placed=last.placed,
        )  # fmt: skip
    else:
        words = _(
            "Weak in the inspection looked at again (%(date)s): %(grade)s, with %(low)d of "
            "%(placed)d criteria on the lower side.",
            date=day, grade=last.grade, low=last.low, placed=last.placed,
        )  # fmt: skip
    return Reason(Why.LAST, _points(Fraction(weights.weak_last_time)), words)


def _coverage(facts: ThemeFacts, weights: Weights) -> Reason | None:
    if facts.placed is None or facts.placed >= facts.in_scope:
        return None
    missing = Fraction(facts.in_scope - facts.placed, facts.in_scope)
    return Reason(
        Why.COVERAGE,
        _points(missing * weights.low_coverage),
        _(
            "Placed so far: %(n)d of %(total)d criteria.",
            n=facts.placed,
            total=facts.in_scope,
        ),
    )


def _assessed(facts: ThemeFacts, on: date, weights: Weights) -> Reason | None:
    last = facts.last_assessed
    if last is None:
        return Reason(Why.NEVER, _points(Fraction(weights.never_assessed)), _("Never assessed."))
    years = Fraction((on - last).days) / _DAYS_A_YEAR
    if years < weights.long_years:
        return None
    return Reason(
        Why.LONG,
        _points(Fraction(weights.not_for_long)),
        _(
            "Last assessed on %(date)s, longer ago than %(years)d years.",
            date=last.isoformat(),
            years=weights.long_years,
        ),
    )
