"""What comes of a measure: a number with everything that must be said beside it.

Dividing happens here and nowhere else, in Decimal. *Not computable: missing X* is a result; a
nought that only means that nothing was recorded is not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from typing import Any

from kloe.core.messages import Message, Text, _
from kloe.core.periods import Period
from kloe.core.stats import Distribution
from kloe.measures.definitions import Kind, Measure, Unit
from kloe.measures.richer import Bar, bars, beside, reached
from kloe.measures.suppression_search import Level
from kloe.measures.tally import Group, Tally

DIGITS = 28
#: Below this many cases a group does not lead the headline of a gap.
LEAST = 10


@dataclass(frozen=True, slots=True)
class Missing:
    """Why a number cannot be computed: a table, a column of it, or cases in the period."""

    table: str = ""
    column: str = ""
    empty: bool = False

    @property
    def words(self) -> Message:
        """The reason in a few words."""
        name = f"{self.table}.{self.column}" if self.column else self.table
        if not self.table:
            return _("no cases in the period")
        if self.empty and self.column:
            return _("%(name)s holds no value", name=name)
        if self.empty:
            return _("the table %(name)s holds no rows", name=name)
        if self.column:
            return _("the column %(name)s is missing", name=name)
        return _("the table %(name)s is missing", name=name)


@dataclass(frozen=True, slots=True)
class Result:
    """One measure for one landlord, period and group."""

    measure: str
    version: int
    title: Text
    kind: Kind
    unit: Unit
    direction: str
    landlord: str
    period: Period
    as_at: date
    by: str | None = None
    #: Names of the group's columns and their values; empty for the whole.
    columns: tuple[str, ...] = ()
    group: Group = ()
    #: Of the whole of a gap: the group whose value it bears, the one furthest from all.
    leading: Group = ()
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    n: int = 0
    cases: int = 0
    value: Decimal | None = None
    #: Of a distribution: q1, median, q3, p90, mean, min, max. Of a group: its own rate.
    spread: Mapping[str, Decimal] = field(default_factory=dict)
    #: Of the whole of a distribution: how many cases by value.
    bars: tuple[Bar, ...] = ()
    excluded: Mapping[str, int] = field(default_factory=dict)
    dropped: Mapping[str, int] = field(default_factory=dict)
    missing: tuple[Missing, ...] = ()
    #: How much of it may be shown; what is hidden is not there. Never kept.
    level: Level = Level.ALL
    definition: str = ""
    data: str = ""
    engine: str = ""

    @property
    def computable(self) -> bool:
        """Whether there is a number."""
        return not self.missing

    @property
    def reason(self) -> Message | None:
        """Why there is none."""
        if not self.missing:
            return None
        return _("not computable: %(why)s", why="; ".join(str(m.words) for m in self.missing))

    @property
    def complete(self) -> bool:
        """Whether the period was over when the records were taken."""
        return self.period.end <= self.as_at

    def as_dict(self) -> dict[str, Any]:
        """As JSON: Decimals and days as text."""
        return {
            "measure": self.measure,
            "version": self.version,
            "title": dict(self.title.by_language),
            "kind": self.kind.value,
            "unit": self.unit.value,
            "direction": self.direction,
            "landlord": self.landlord,
            "period": [self.period.start.isoformat(), self.period.end.isoformat()],
            "as_at": self.as_at.isoformat(),
            "by": self.by,
            "columns": list(self.columns),
            "group": list(self.group),
            "leading": list(self.leading),
            "numerator": _text(self.numerator),
            "denominator": _text(self.denominator),
            "n": self.n,
            "cases": self.cases,
            "value": _text(self.value),
            "spread": {k: _text(v) for k, v in self.spread.items()},
            "bars": [bar.as_list() for bar in self.bars],
            "excluded": dict(self.excluded),
            "dropped": dict(self.dropped),
            "missing": [[m.table, m.column, m.empty] for m in self.missing],
            "definition": self.definition,
            "data": self.data,
            "engine": self.engine,
        }

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Result:
        """The result that :meth:`as_dict` gave."""
        start, end = map(date.fromisoformat, raw["period"])
        return cls(
            **{
                **raw,
                "title": Text(raw["title"]),
                "kind": Kind(raw["kind"]),
                "unit": Unit(raw["unit"]),
                "period": Period(start, end),
                "as_at": date.fromisoformat(raw["as_at"]),
                "columns": tuple(raw["columns"]),
                "group": tuple(raw["group"]),
                "leading": tuple(raw["leading"]),
                "numerator": _decimal(raw["numerator"]),
                "denominator": _decimal(raw["denominator"]),
                "value": _decimal(raw["value"]),
                "spread": {k: Decimal(v) for k, v in raw["spread"].items()},
                "bars": tuple(Bar.from_list(one) for one in raw["bars"]),
                "missing": tuple(Missing(*one) for one in raw["missing"]),
            }
        )


def _text(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


def _decimal(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def plain(value: Decimal) -> str:
    """A Decimal without exponent and without noughts at its end."""
    with localcontext() as context:
        context.prec = 50
        return format(value.normalize() + 0, "f")


def divided(numerator: Decimal | int, denominator: Decimal | int, factor: int = 1) -> Decimal:
    """An exact fraction as a Decimal of 28 digits."""
    exact = Fraction(numerator) * factor / Fraction(denominator)
    with localcontext() as context:
        context.prec = DIGITS
        return Decimal(exact.numerator) / Decimal(exact.denominator)


DECIMALS: Mapping[Unit, int] = {
    Unit.COUNT: 0,
    Unit.RATIO: 2,
    Unit.MONEY: 2,
    Unit.MONEY_PER: 2,
}


def shown(value: Decimal | None, unit: Unit) -> str:
    """A value as people read it: rounded half up, with its unit; empty without one."""
    if value is None:
        return ""
    places = Decimal(1).scaleb(-DECIMALS.get(unit, 1))
    text = format(value.quantize(places, rounding=ROUND_HALF_UP), ",f")
    words = {
        Unit.PERCENT: _("%(v)s %%", v=text),
        Unit.PER_THOUSAND: _("%(v)s per 1,000", v=text),
        Unit.DAYS: _("%(v)s days", v=text),
        Unit.WORKING_DAYS: _("%(v)s working days", v=text),
        Unit.HOURS: _("%(v)s hours", v=text),
        Unit.YEARS: _("%(v)s years", v=text),
        Unit.POINTS: _("%(v)s points", v=text),
        Unit.MONEY: _("£%(v)s", v=text),
        Unit.MONEY_PER: _("£%(v)s", v=text),
    }
    return str(words.get(unit, text))


_NO_CASES = (Missing(),)


@dataclass(frozen=True, slots=True)
class Number:
    """What is made of one tally."""

    value: Decimal | None = None
    spread: Mapping[str, Decimal] = field(default_factory=dict)
    missing: tuple[Missing, ...] = ()
    leading: Group = ()


def number(measure: Measure, tally: Tally) -> Number:
    """The value of a tally by itself, as the measure's kind and unit have it."""
    if measure.kind is Kind.DISTRIBUTION:
        return _distribution(tally)
    if measure.kind is Kind.COUNT:
        return Number(tally.numerator)
    if tally.denominator == 0:
        return Number(missing=_NO_CASES)
    return Number(divided(tally.numerator, tally.denominator, measure.unit.factor))


def _distribution(tally: Tally) -> Number:
    found = Distribution.of(tally.values.items())
    if not found.n:
        return Number(missing=_NO_CASES)
    spread = {
        "q1": found.quantile(Decimal("0.25")),
        "median": found.median,
        "q3": found.quantile(Decimal("0.75")),
        "p90": found.p90,
        "mean": found.mean,
        "min": found.counts[0][0],
        "max": found.counts[-1][0],
    }
    return Number(found.median, spread)


def numbers_of_groups(measure: Measure, parts: Mapping[Group, Tally]) -> dict[Group, Number]:
    """The value of every group: by itself, or for gaps and shares against all.

    The first columns of a group are those its kind asks for; all are those that share every
    other column (the characteristic, and the breakdown wanted).
    """
    if measure.kind is Kind.ADEQUACY:
        return {group: _adequacy(tally) for group, tally in parts.items()}
    if measure.kind not in (Kind.GAP, Kind.REPRESENTATION):
        return {group: number(measure, tally) for group, tally in parts.items()}
    wholes: dict[Group, Tally] = {}
    for group, tally in parts.items():
        wholes.setdefault((group[0], *group[2:]), Tally()).add(tally)
    return {
        group: _against(measure, tally, wholes[(group[0], *group[2:])])
        for group, tally in parts.items()
    }


def _against(measure: Measure, part: Tally, whole: Tally) -> Number:
    """A group's rate against that of all, or its share of those counted against its share."""
    pairs = ((part.numerator, part.denominator), (whole.numerator, whole.denominator))
    if measure.kind is Kind.REPRESENTATION:
        pairs = ((part.numerator, whole.numerator), (part.denominator, whole.denominator))
    if any(below == 0 for _above, below in pairs):
        return Number(missing=_NO_CASES)
    own, other = (Fraction(above) / Fraction(below) for above, below in pairs)
    spread = {
        "own": divided(*pairs[0], 100),
        "all": divided(*pairs[1], 100),
        **beside(measure, part, whole),
    }
    if measure.unit is Unit.POINTS:
        return Number(_exact((own - other) * 100), spread)
    if measure.unit is Unit.RATIO:
        return Number(_exact(own / other), spread) if other else Number(None, spread, _NO_CASES)
    return Number(_exact(own * measure.unit.factor), spread)


def _exact(value: Fraction) -> Decimal:
    with localcontext() as context:
        context.prec = DIGITS
        return Decimal(value.numerator) / Decimal(value.denominator)


def _adequacy(tally: Tally) -> Number:
    """How many were needed for 5 points at 95 %, and whether there were as many, in per cent."""
    homes = int(tally.denominator)
    if homes <= 0:
        return Number(missing=_NO_CASES)
    return Number(divided(tally.numerator, tally.denominator, 100), reached(tally.numerator, homes))


def headline(measure: Measure, whole: Tally, parts: Mapping[Group, Tally]) -> Number:
    """The one number of a measure: of gaps the widest, of samples the share that is adequate."""
    if measure.kind is Kind.ADEQUACY:
        strata = {g: _adequacy(t) for g, t in parts.items() if t.denominator > 0}
        if not strata:
            return Number(missing=_NO_CASES)
        met = sum(parts[g].numerator >= n.spread["needed"] for g, n in strata.items())
        spread = {"strata": Decimal(len(strata)), "adequate": Decimal(met)}
        value = divided(met, len(strata), 100) if measure.unit is Unit.PERCENT else None
        return Number(Decimal(len(strata) - met) if value is None else value, spread)
    if measure.kind not in (Kind.GAP, Kind.REPRESENTATION):
        return number(measure, whole)
    found = {
        group: n
        for group, n in numbers_of_groups(measure, parts).items()
        if n.value is not None and group[1] is not None and parts[group].denominator >= LEAST
    }
    if not found:
        return Number(missing=_NO_CASES)

    widest = max(found, key=lambda group: (apart(measure, found[group]), str(group)))
    return replace(found[widest], leading=widest)


def apart(measure: Measure, n: Number | Result) -> Decimal:
    """How far a group lies from all."""
    even = Decimal(1) if measure.unit is Unit.RATIO else Decimal(0)
    if measure.unit in (Unit.RATIO, Unit.POINTS):
        return abs((n.value or even) - even)
    return abs(n.spread["own"] - n.spread["all"])


def whole_of(measure: Measure, parts: Mapping[Group, Tally], leading: Group) -> Tally:
    """All parts together. A case stands under every characteristic, so of these one counts: that
    of the leading group, else the one with most cases."""
    if measure.kind in (Kind.GAP, Kind.REPRESENTATION) and parts:
        cases: Counter[str | None] = Counter()
        for group, tally in parts.items():
            cases[group[0]] += tally.cases
        one = leading[0] if leading else max(cases, key=lambda name: (cases[name], str(name)))
        parts = {group: tally for group, tally in parts.items() if group[0] == one}
    whole = Tally()
    for tally in parts.values():
        whole.add(tally)
    return whole


def results_of(
    measure: Measure,
    parts: Mapping[Group, Tally],
    *,
    columns: Sequence[str],
    by: str | None,
    base: Mapping[str, Any],
) -> list[Result]:
    """The results of one landlord and period: the whole first, then its groups in their order."""
    first = headline(measure, whole_of(measure, parts, ()), parts)
    every = whole_of(measure, parts, first.leading)
    found = [_result(measure, every, first, base, bars=bars(every.values))]
    if columns:
        numbers = numbers_of_groups(measure, parts)
        order = sorted(parts, key=lambda group: [(part is None, part or "") for part in group])
        found += [
            _result(measure, parts[g], numbers[g], base, by=by, columns=tuple(columns), group=g)
            for g in order
        ]
    return found


def _result(
    measure: Measure, tally: Tally, made: Number, base: Mapping[str, Any], **more: Any
) -> Result:
    amounts = measure.kind is not Kind.DISTRIBUTION
    return Result(
        **base,
        **more,
        numerator=tally.numerator if amounts else None,
        denominator=tally.denominator if amounts else None,
        n=tally.n,
        cases=tally.cases,
        value=made.value,
        spread=made.spread,
        leading=made.leading,
        excluded=dict(sorted(tally.excluded.items())),
        missing=made.missing,
    )
