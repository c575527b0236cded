"""Where one landlord's figure lies among its peers'."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

from kloe.core.messages import Message, Text, _
from kloe.core.periods import Period
from kloe.core.stats import quantile
from kloe.measures.headers import Population
from kloe.measures.peers import Landlord, PeerGroup
from kloe.measures.published import Direction, Measure, Unit

QUARTER, HALF, THREE_QUARTERS = Decimal("0.25"), Decimal("0.5"), Decimal("0.75")


class Standing(StrEnum):
    """In which quarter of its peers a landlord lies, by what is better."""

    BEST = "best"
    BETTER = "better"
    WORSE = "worse"
    WORST = "worst"
    # Where neither more nor less is better, only by size.
    HIGHEST = "highest"
    HIGHER = "higher"
    LOWER = "lower"
    LOWEST = "lowest"
    SAME = "same"

    @property
    def words(self) -> Message:
        return _STANDINGS[self]

    @property
    def short(self) -> Message:
        """In a word or two, for a table."""
        return _SHORT[self]


_STANDINGS = {
    Standing.BEST: _("in the best quarter"),
    Standing.BETTER: _("at the median or better, not in the best quarter"),
    Standing.WORSE: _("short of the median, not in the worst quarter"),
    Standing.WORST: _("in the worst quarter"),
    Standing.HIGHEST: _("in the highest quarter"),
    Standing.HIGHER: _("at the median or above, not in the highest quarter"),
    Standing.LOWER: _("below the median, not in the lowest quarter"),
    Standing.LOWEST: _("in the lowest quarter"),
    Standing.SAME: _("the same as at all its peers"),
}
_SHORT = {
    Standing.BEST: _("best quarter"),
    Standing.BETTER: _("better half"),
    Standing.WORSE: _("worse half"),
    Standing.WORST: _("worst quarter"),
    Standing.HIGHEST: _("highest quarter"),
    Standing.HIGHER: _("higher half"),
    Standing.LOWER: _("lower half"),
    Standing.LOWEST: _("lowest quarter"),
    Standing.SAME: _("all the same"),
}
_MARKERS = {
    "X": _("left blank by the landlord"),
    "Z": _("not required of this landlord"),
    "E": _("left out by the regulator"),
    "U": _("no rate, since there is nothing to divide by"),
    "S": _("suppressed, since too few answers stand behind it"),
    "blank": _("nothing is published"),
}


@dataclass(frozen=True, slots=True)
class Spread:
    """The published values of a group, and what divides them into quarters."""

    values: tuple[Decimal, ...]
    q1: Decimal
    median: Decimal
    q3: Decimal

    @property
    def n(self) -> int:
        return len(self.values)

    @property
    def least(self) -> Decimal:
        return self.values[0]

    @property
    def most(self) -> Decimal:
        return self.values[-1]

    @classmethod
    def of(cls, values: Sequence[Decimal]) -> Spread | None:
        """The spread of some values in any order; None of none."""
        if not values:
            return None
        ordered = tuple(sorted(values))
        q1, median, q3 = (quantile(ordered, q) for q in (QUARTER, HALF, THREE_QUARTERS))
        return cls(ordered, q1, median, q3)


@dataclass(frozen=True, slots=True)
class Position:
    """A landlord's figure for one measure and population, among its peers.

    Where there is no figure, ``reason`` says why, and ``value``, ``rank`` and ``standing`` are
    None; the peers' spread may still be there.
    """

    dataset: str
    landlord: Landlord
    measure: Measure
    population: Population
    value: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    marker: str
    reason: Message | None
    sheet: str
    row: int
    column: str
    period: Period
    source: Message
    peers: PeerGroup
    spread: Spread | None
    rank: int | None
    standing: Standing | None
    not_like_for_like: tuple[Text | Message, ...]

    @property
    def n(self) -> int:
        """How many landlords are compared, this one among them."""
        return self.spread.n if self.spread else 0

    @property
    def tied(self) -> int:
        """How many landlords of the group have the very same value, this one among them."""
        return self.spread.values.count(self.value) if self.spread and self.value is not None else 0

    @property
    def worst(self) -> bool:
        """Whether it lies in the worst quarter; never so where no way is better."""
        return self.standing is Standing.WORST

    @property
    def sentence(self) -> Message:
        """The position in one sentence, for those who read and those who listen."""
        if self.value is None or self.spread is None or self.standing is None:
            return _("No figure: %(reason)s.", reason=self.reason or _MARKERS["blank"])
        if self.standing is Standing.BEST and self.tied * 4 > self.n:
            return _(
                "%(value)s, the best value, which %(tied)d of %(n)d have (%(peers)s).",
                value=shown(self.value, self.measure),
                tied=self.tied,
                n=self.n,
                peers=self.peers.words,
            )
        return _(
            "%(value)s, %(standing)s of %(n)d (%(peers)s).",
            value=shown(self.value, self.measure),
            standing=self.standing.words,
            n=self.n,
            peers=self.peers.words,
        )

    def as_dict(self) -> dict[str, Any]:
        """For a snapshot or JSON: numbers as text, sentences rendered in the current language."""
        spread = self.spread
        return {
            "dataset": self.dataset,
            "landlord": self.landlord.code,
            "measure": self.measure.code,
            "title": str(self.measure.title),
            "unit": self.measure.unit.value,
            "direction": self.measure.direction.value,
            "population": self.population.value,
            "value": _plain(self.value),
            "numerator": _plain(self.numerator),
            "denominator": _plain(self.denominator),
            "marker": self.marker,
            "reason": str(self.reason) if self.reason else "",
            "n": self.n,
            **{
                key: _plain(getattr(spread, key)) if spread else None
                for key in ("least", "q1", "median", "q3", "most")
            },
            "rank": self.rank,
            "standing": self.standing.value if self.standing else None,
            "sentence": str(self.sentence),
            "peers": str(self.peers.words),
            "peers_by": list(self.peers.by),
            "period": [self.period.start.isoformat(), self.period.end.isoformat()],
            "source": str(self.source),
            "cell": f"{self.sheet}!{self.column}{self.row}" if self.sheet else "",
            "not_like_for_like": [str(words) for words in self.not_like_for_like],
        }


def standing_of(value: Decimal, spread: Spread, direction: Direction) -> Standing:
    """The quarter a value lies in.

    A value at a quartile belongs to the better side of it, so that a landlord is called
    among the worst only where it truly falls beyond.
    """
    if spread.least == spread.most:
        return Standing.SAME
    if direction is Direction.LOWER:
        bounds = (value <= spread.q1, value <= spread.median, value <= spread.q3)
    else:
        bounds = (value >= spread.q3, value >= spread.median, value >= spread.q1)
    names = (
        (Standing.HIGHEST, Standing.HIGHER, Standing.LOWER, Standing.LOWEST)
        if direction is Direction.NONE
        else (Standing.BEST, Standing.BETTER, Standing.WORSE, Standing.WORST)
    )
    return names[bounds.index(True)] if True in bounds else names[3]


def rank_of(value: Decimal, spread: Spread, direction: Direction) -> int:
    """1 for the best (or, where no way is better, the highest); equal values share a rank."""
    if direction is Direction.LOWER:
        return 1 + sum(1 for other in spread.values if other < value)
    return 1 + sum(1 for other in spread.values if other > value)


def reason_for(landlord: Landlord, measure: Measure, marker: str) -> Message:
    """Why a landlord has no figure: the marker's meaning, and the regulator's note."""
    meaning = _MARKERS.get(marker) or _("published as “%(words)s”", words=marker)
    notes = _notes_on(landlord, measure) if marker == "E" else ()
    if notes:
        return _(
            "%(meaning)s (“%(note)s”)", meaning=meaning, note="; ".join(map(_short_note, notes))
        )
    return meaning


def reason_for_absence(landlord: Landlord, measure: Measure, *, others: bool) -> Message:
    """Why a landlord has no row at all for a measure.

    :param others: whether it publishes other measures of the kind.
    """
    for kind, note in landlord.not_included:
        if kind == measure.kind:
            return _("left out by the regulator (“%(note)s”)", note=_short_note(note))
    if others:
        return _("not published for the kinds of homes this landlord has")
    return _("this landlord is not in the published table")


def _notes_on(landlord: Landlord, measure: Measure) -> tuple[str, ...]:
    """The regulator's notes that name the measure; all of them where none does."""
    bare = measure.code[:4]
    naming = tuple(note for note in landlord.notes if bare in note.replace("-", ""))
    return naming or landlord.notes


def _short_note(note: str) -> str:
    """A note of the regulator's without the sentence that ends them all, and its full stop."""
    return re.sub(r"\s*We will use this information in [^.]*\.?\s*$", "", note).rstrip(". ")


def shown(value: Decimal, measure: Measure) -> str:
    """A value as people read it: rounded half up to the measure's decimals, with its unit."""
    number = rounded(value, measure.decimals)
    return f"{number} %" if measure.unit is Unit.PERCENT else f"{number} {measure.unit.words}"


def rounded(value: Decimal, decimals: int) -> str:
    """Rounded half up, with commas between thousands."""
    return f"{value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP):,}"


def count(value: Decimal) -> str:
    """A count: whole as it is, weighted to one decimal."""
    return f"{int(value):,}" if value == int(value) else rounded(value, 1)


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else format(value.normalize(), "f")
