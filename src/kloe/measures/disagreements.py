"""Where a published figure does not agree with what stands beside it.

Every rate is recomputed from its numerator and denominator in Decimal. A rate agrees when it
lies within half a unit of the last place it is published with.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from kloe.core.messages import Message, _
from kloe.measures.headers import Population
from kloe.measures.published import Measure, Register, Unit
from kloe.measures.workbook import Contents, Figure

SLACK = Decimal("1E-9")


class Kind(StrEnum):
    """In which way a figure does not agree."""

    RATE = "rate"
    NO_DENOMINATOR = "no denominator"
    TOO_MANY = "numerator above denominator"
    OUT_OF_RANGE = "out of range"
    NOT_PUBLISHED = "computable but not published"

    @property
    def words(self) -> Message:
        return _KINDS[self]


_KINDS = {
    Kind.RATE: _("The published rate is not what numerator and denominator give."),
    Kind.NO_DENOMINATOR: _("A rate is published although its denominator is zero."),
    Kind.TOO_MANY: _("The numerator is larger than the denominator."),
    Kind.OUT_OF_RANGE: _("The rate lies outside what is possible."),
    Kind.NOT_PUBLISHED: _("Numerator and denominator are there, but no rate is published."),
}


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One figure that does not agree, with what was published and what comes out."""

    landlord: str
    name: str
    measure: str
    population: str
    kind: Kind
    published: Decimal | None
    recomputed: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    source: str

    def as_dict(self) -> dict[str, Any]:
        """As it is stored; Decimals as text."""
        return {k: str(v) if isinstance(v, Decimal) else v for k, v in asdict(self).items()}

    @classmethod
    def from_dict(cls, told: dict[str, Any]) -> Disagreement:
        numbers = {
            key: None if told[key] is None else Decimal(told[key])
            for key in ("published", "recomputed", "numerator", "denominator")
        }
        return cls(**{**told, "kind": Kind(told["kind"]), **numbers})


def disagreements_of(contents: Contents, book: Register) -> tuple[Disagreement, ...]:
    """All that does not agree, in the order of landlords and measures."""
    places = {population: i for i, population in enumerate(Population)}
    figures = sorted(
        contents.figures.values(),
        key=lambda x: (x.landlord, book.order(x.measure), places[x.population]),
    )
    measures = {measure.code: measure for measure in book.measures}
    return tuple(
        Disagreement(
            landlord=figure.landlord,
            name=contents.landlords[figure.landlord].name,
            measure=figure.measure,
            population=figure.population.value,
            kind=kind,
            published=figure.value,
            recomputed=None if rate is None else round(rate, 4),
            numerator=figure.numerator,
            denominator=figure.denominator,
            source=str(figure.source),
        )
        for figure in figures
        for kind, rate in _faults(figure, measures[figure.measure])
    )


def _faults(figure: Figure, measure: Measure) -> Iterator[tuple[Kind, Decimal | None]]:
    value, numerator, denominator = figure.value, figure.numerator, figure.denominator
    percent = measure.unit is Unit.PERCENT
    if value is not None and (value < 0 or (percent and value > 100)):
        yield Kind.OUT_OF_RANGE, None
    if numerator is None or denominator is None:
        return
    if percent and numerator > denominator:
        yield Kind.TOO_MANY, None
    if denominator == 0:
        if value is not None:
            yield Kind.NO_DENOMINATOR, None
        return
    rate = measure.rate(numerator, denominator)
    if value is None:
        # What the regulator left out, suppressed or did not ask for is meant to be missing.
        if figure.marker not in ("E", "S", "Z"):
            yield Kind.NOT_PUBLISHED, rate
        return
    if abs(rate - value) > _half_a_unit(value, measure.decimals) + SLACK:
        yield Kind.RATE, rate


def _half_a_unit(value: Decimal, decimals: int) -> Decimal:
    """Half a unit of the last place published: at least as fine as the measure's own."""
    exponent = value.as_tuple().exponent
    places = max(decimals, -exponent if isinstance(exponent, int) else 0)
    return Decimal(5).scaleb(-places - 1)
