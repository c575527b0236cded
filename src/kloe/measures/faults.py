"""The cases behind a number: those at fault, page by page, and how the number came about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kloe.core.errors import InvalidInput
from kloe.core.messages import _
from kloe.core.periods import Period
from kloe.measures.catalogue import Source
from kloe.measures.compose import Query, at_fault, listing, sql_of, sums
from kloe.measures.computing import Computing, missing
from kloe.measures.results import Missing


@dataclass(frozen=True, slots=True)
class Cases:
    """A page of the cases at fault, and how many there are altogether."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    total: int


@dataclass(frozen=True, slots=True)
class Input:
    """A column that a measure reads, and what the records hold of it."""

    table: str
    column: str
    given: bool
    values: int
    rows: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a number comes about: the SQL as run, what it reads, and what was left out before."""

    sql: str
    inputs: tuple[Input, ...]
    settings: Mapping[str, Any]
    dropped: Mapping[str, int]
    missing: tuple[Missing, ...]


def cases_at_fault(
    computing: Computing,
    source: Source,
    period: Period,
    *,
    landlord: str | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> Cases:
    """The cases at fault in a period, in the order of their references.

    :raises InvalidInput: where the measure's claim is not about every case, or the records lack
        what it needs.
    """
    query = Query.of(source.measure)
    settings = {
        k: v for k, v in (computing.wanted.settings or {}).items() if k in source.measure.settings
    }
    where = at_fault(query, settings)
    gone = missing(computing.records, query.needs, source.measure.optional)
    if gone:
        raise InvalidInput(
            _("%(id)s cannot be computed: %(why)s.", id=source.id,
              why="; ".join(str(one.words) for one in gone)),
            "",
            _("Load the records again with these columns."),
        )  # fmt: skip
    if landlord is not None:
        where += " AND m.landlord = '" + landlord.replace("'", "''") + "'"
    engine = computing.engine(query.needs, [period])
    inner = sql_of(query.with_settings(settings), engine.name)
    counted = f"SELECT COUNT(*)\nFROM (\n{inner}\n) AS m\nWHERE {where}"
    total = int(engine.run(counted)[0][0])
    rows = engine.run(listing(query, inner, where=where, limit=limit, offset=offset))
    left_out = {"period_id", *(["excluded"] if "excluded" in query.columns else [])}
    places = [n for n, column in enumerate(query.columns) if column not in left_out]
    return Cases(
        tuple(query.columns[n] for n in places),
        tuple(tuple(row[n] for n in places) for row in rows),
        total,
    )


def explain(computing: Computing, source: Source) -> Explanation:
    """How a measure's number comes about over these records, on the engine wanted."""
    from kloe.measures.breakdowns import split

    query = Query.of(source.measure)
    how = split(query, computing.wanted.by)
    settings = {
        k: v for k, v in (computing.wanted.settings or {}).items() if k in source.measure.settings
    }
    inner = sql_of(query.with_settings(settings), computing.wanted.engine)
    tables = computing.records.tables
    inputs = []
    for table, columns in query.needs.items():
        held = tables.get(table)
        for column in sorted(columns):
            filled = held.columns.get(column) if held else None
            inputs.append(
                Input(
                    table,
                    column,
                    bool(filled and filled.given),
                    filled.values if filled else 0,
                    held.rows if held else 0,
                )
            )
    return Explanation(
        sql=sums(query, inner, how.own, joins=how.joins, named=how.named),
        inputs=tuple(inputs),
        settings=source.measure.setting_values(settings),
        dropped={t: tables[t].rejects for t in query.needs if t in tables and tables[t].rejects},
        missing=missing(computing.records, query.needs, source.measure.optional),
    )
