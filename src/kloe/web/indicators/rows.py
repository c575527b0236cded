"""From a position among peers to an immutable row, and back to what a page shows."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from kloe.core.digest import value_digest
from kloe.core.messages import Message, Text, language
from kloe.core.periods import Period
from kloe.measures import spread
from kloe.measures.headers import Population
from kloe.measures.peers import Landlord, PeerGroup
from kloe.measures.positions import Position, Spread, Standing
from kloe.measures.published import Measure, register
from kloe.web.indicators.models import IndicatorResult

FIELDS = 120


def _text(number: Decimal | None) -> str:
    return "" if number is None else format(number, "f")


def _number(text: str) -> Decimal | None:
    return Decimal(text) if text else None


@lru_cache(maxsize=128)
def definition_digest(measure: Measure) -> str:
    """Digest of what a measure is; its placings may change without changing the figure."""
    return value_digest(
        {
            "code": measure.code,
            "unit": measure.unit.value,
            "direction": measure.direction.value,
            "numerator": dict(measure.numerator.by_language),
            "denominator": dict(measure.denominator.by_language),
            "decimals": measure.decimals,
        }
    )


def _words(value: Text | Message) -> dict[str, Any]:
    if isinstance(value, Text):
        return {"text": dict(value.by_language)}
    return {"message": value.as_dict()}


def _from_words(value: dict[str, Any]) -> Text | Message:
    if "text" in value:
        return Text(value["text"])
    return Message.from_dict(value["message"])


def row_of(position: Position, *, assessment: Any, digest: str, engine: str) -> IndicatorResult:
    """The row, unsaved, that keeps a position."""
    landlord = asdict(position.landlord)
    landlord["homes"] = [[p.value, n] for p, n in position.landlord.homes]
    return IndicatorResult(
        assessment=assessment,
        measure=position.measure.code,
        population=position.population.value,
        value=_text(position.value),
        numerator=_text(position.numerator),
        denominator=_text(position.denominator),
        reason=position.reason.as_dict() if position.reason else None,
        peers={
            "landlord": landlord,
            "group": asdict(position.peers),
            "values": [_text(v) for v in position.spread.values] if position.spread else [],
            "rank": position.rank,
            "marker": position.marker,
            "cell": [position.sheet, position.row, position.column],
            "notes": [_words(n) for n in position.not_like_for_like],
            "source": position.source.as_dict(),
        },
        quarter=position.standing.value if position.standing else "",
        period=f"{position.period.start.isoformat()}/{position.period.end.isoformat()}",
        source=str(position.source)[:300],
        dataset=position.dataset,
        data_digest=digest,
        definition_digest=definition_digest(position.measure),
        engine=engine,
    )


def position_of(row: IndicatorResult) -> Position:
    """The position a row keeps."""
    peers = row.peers
    landlord = dict(peers["landlord"])
    landlord["homes"] = tuple((Population(p), n) for p, n in landlord["homes"])
    landlord["notes"] = tuple(landlord["notes"])
    landlord["not_included"] = tuple(tuple(x) for x in landlord["not_included"])
    group = dict(peers["group"])
    group["widened"] = tuple(group.get("widened", ()))
    start, _slash, end = row.period.partition("/")
    sheet, line, column = peers["cell"]
    return Position(
        dataset=row.dataset,
        landlord=Landlord(**landlord),
        measure=register().measure(row.measure),
        population=Population(row.population),
        value=_number(row.value),
        numerator=_number(row.numerator),
        denominator=_number(row.denominator),
        marker=peers["marker"],
        reason=Message.from_dict(row.reason) if row.reason else None,
        sheet=sheet,
        row=line,
        column=column,
        period=Period(date.fromisoformat(start), date.fromisoformat(end)),
        source=Message.from_dict(peers["source"]),
        peers=PeerGroup(**group),
        spread=Spread.of([Decimal(v) for v in peers["values"]]),
        rank=peers["rank"],
        standing=Standing(row.quarter) if row.quarter else None,
        not_like_for_like=tuple(_from_words(n) for n in peers["notes"]),
    )


_strips: dict[tuple[str, str], str] = {}


def strip_of(row_id: object, position: Position) -> str:
    """The picture of a position, drawn once for each row and language in a process."""
    key = (str(row_id), language.get())
    if key not in _strips:
        if len(_strips) > FIELDS * 40:
            _strips.clear()
        _strips[key] = spread.strip(position, key=f"s{str(row_id)[-12:]}")
    return _strips[key]
