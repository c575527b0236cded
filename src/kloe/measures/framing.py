"""The cases of a frame: records with simple conditions, or the cases of a measure, by stratum.

One place decides what a sample is drawn from, for the command line and the browser alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from kloe.core.errors import InvalidInput
from kloe.core.messages import Message, _
from kloe.core.periods import Period
from kloe.measures.breakdowns import DIMENSIONS, split
from kloe.measures.catalogue import Source
from kloe.measures.compose import Query, at_fault, sql_of
from kloe.measures.computing import Computing, Wanted, missing, needs_together
from kloe.measures.definitions import Kind
from kloe.measures.engines.base import Engine
from kloe.measures.keeping import Kept, data_digest
from kloe.records.frames import Frame
from kloe.records.layouts import layout
from kloe.records.store import RecordSet

PROPERTY = "property"
LANDLORD = "landlord"
#: Between the parts of a reference made of several columns.
BETWEEN = " / "


@dataclass(frozen=True, slots=True)
class Drawable:
    """What is drawn from: a frame of records, or the cases of a measure.

    :param source: the measure; with ``fault`` only its cases at fault.
    :param by: what the cases are parted into strata by.
    """

    frame: Frame | None = None
    source: Source | None = None
    fault: bool = False
    period: Period | None = None
    by: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def words(self) -> Message:
        """What it is, in words."""
        if self.source is not None:
            title = self.source.measure.title
            return (
                _("cases at fault: %(title)s", title=title)
                if self.fault
                else _("cases counted: %(title)s", title=title)
            )
        assert self.frame is not None
        return _("%(title)s", title=self.frame.title or self.frame.table)

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables that decide which cases belong to it."""
        if self.source is not None:
            return tuple(sorted(self.source.tables))
        assert self.frame is not None
        home = self.by in DIMENSIONS and self.by not in layout(self.frame.table).by_name
        return tuple(sorted({self.frame.table, *([PROPERTY] if home else [])}))

    @property
    def digest(self) -> str:
        """Digest of the definition."""
        if self.source is not None:
            return self.source.digest
        assert self.frame is not None
        return self.frame.digest

    def as_dict(self) -> dict[str, Any]:
        """All that is needed to find the same cases again."""
        period = self.period
        return {
            "measure": self.source.id if self.source else None,
            "fault": self.fault,
            "frame": self.frame.as_dict() if self.frame else None,
            "id": self.frame.id if self.frame else "",
            "period": [period.start.isoformat(), period.end.isoformat()] if period else None,
            "by": self.by,
            "settings": {name: str(value) for name, value in sorted(self.settings.items())},
            "definition": self.digest,
        }

    def data(self, records: RecordSet) -> str:
        """Digest of the records it is found in."""
        return data_digest(records, self.tables)


def period_of(raw: Sequence[str] | None) -> Period | None:
    """A period as :meth:`Drawable.as_dict` keeps it."""
    return Period(date.fromisoformat(raw[0]), date.fromisoformat(raw[1])) if raw else None


def cases(records: RecordSet, wanted: Drawable) -> list[tuple[str, str]]:
    """Every case once, with its stratum (empty without one), in order.

    :raises InvalidInput: where the records lack what is needed, or it cannot be stratified so.
    """
    with Computing(records, Wanted(settings=wanted.settings), kept=Kept(None)) as computing:
        if wanted.source is not None:
            rows = _of_measure(computing, wanted, wanted.source)
        else:
            rows = _of_frame(computing, wanted)
    several = len({row[0] for row in rows}) > 1 and wanted.by != LANDLORD
    found: dict[str, str] = {}
    for landlord, stratum, *parts in rows:
        ref = BETWEEN.join(str(p) for p in ([landlord] if several else []) + parts)
        name = "" if stratum is None else str(stratum)
        # A case that stands in several strata is drawn from the first, so that it stands once.
        found[ref] = min(found.get(ref, name), name)
    return sorted((name, ref) for ref, name in found.items())


def _of_frame(computing: Computing, wanted: Drawable) -> Sequence[Sequence[Any]]:
    frame, by = wanted.frame, wanted.by
    assert frame is not None
    plan = layout(frame.table)
    needs: dict[str, frozenset[str]] = {frame.table: frame.columns}
    join, stratum = "", "NULL"
    if by is not None and (by == LANDLORD or by in plan.by_name):
        stratum = f"m.{by}"
        needs[frame.table] |= {by} - {LANDLORD}
    elif by is not None:
        dimension = DIMENSIONS.get(by)
        if dimension is None or dimension.table != PROPERTY or "property_ref" not in plan.by_name:
            raise InvalidInput(
                _("%(table)s cannot be parted by “%(by)s”.", table=frame.table, by=by),
                _("It can be by: %(all)s.", all=", ".join(strata_of(frame))),
            )
        join = (
            "\nLEFT JOIN property AS b ON b.landlord = m.landlord"
            " AND b.property_ref = m.property_ref"
        )
        stratum = dimension.expression
        needs = needs_together(
            needs,
            {
                frame.table: frozenset({"property_ref"}),
                PROPERTY: frozenset({*dimension.columns, "property_ref"}),
            },
        )
    engine = _opened(computing, needs, wanted, ())
    keys = ", ".join(f"m.{key}" for key in plan.key)
    return engine.run(
        f"SELECT m.landlord, CAST({stratum} AS VARCHAR) AS stratum, {keys}\n"
        f"FROM {frame.table} AS m{join}\nWHERE {frame.sql(wanted.period)}"
    )


def _of_measure(computing: Computing, wanted: Drawable, source: Source) -> Sequence[Sequence[Any]]:
    query = Query.of(source.measure)
    how = split(query, wanted.by)
    settings = {k: v for k, v in wanted.settings.items() if k in source.measure.settings}
    where = [at_fault(query, settings)] if wanted.fault else []
    if not wanted.fault and "excluded" in query.columns:
        where.append("m.excluded IS NULL")
    if not wanted.fault and source.measure.kind is not Kind.DISTRIBUTION:
        where.append("m.denominator <> 0")
    stratum = "NULL"
    if wanted.by is not None:
        stratum = how.named.get(wanted.by) or f"m.{wanted.by}"
    needs = needs_together(query.needs, how.needs)
    engine = _opened(computing, needs, wanted, source.measure.optional)
    inner = sql_of(query.with_settings(settings), engine.name)
    return engine.run(
        f"SELECT m.landlord, CAST({stratum} AS VARCHAR) AS stratum, m.case_ref\n"
        f"FROM (\n{inner}\n) AS m{how.joins}\nWHERE {' AND '.join(where) or 'TRUE'}"
    )


def _opened(
    computing: Computing,
    needs: Mapping[str, frozenset[str]],
    wanted: Drawable,
    optional: Iterable[str],
) -> Engine:
    """The engine over the tables needed, once it is sure that they hold what is read."""
    gone = missing(computing.records, needs, tuple(optional))
    if gone:
        raise InvalidInput(
            _("The frame cannot be read: %(why)s.", why="; ".join(str(m.words) for m in gone)),
            "",
            _("Load the records again with these columns, or ask for another frame."),
        )
    return computing.engine(needs, [wanted.period] if wanted.period else [])


def strata_of(frame: Frame) -> tuple[str, ...]:
    """Everything a frame of records can be stratified by: its codes and those of its homes."""
    plan = layout(frame.table)
    own = tuple(c.name for c in plan.columns if c.codes)
    home = tuple(n for n, d in DIMENSIONS.items() if d.table == PROPERTY)
    known = home if "property_ref" in plan.by_name else ()
    return tuple(dict.fromkeys([*frame.by, *own, *known, LANDLORD]))
