"""Which measures can be computed from a set of records, and what the others lack.

Answered from the manifest and the measures' SQL: no record is read. The SQL of a measure is taken
apart once in a process.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from kloe.core.errors import KloeError
from kloe.core.messages import Message, _
from kloe.measures.areas import AREAS
from kloe.measures.catalogue import Source, catalogue
from kloe.measures.compose import Query
from kloe.measures.computing import missing
from kloe.measures.results import Missing
from kloe.records.layouts import layouts
from kloe.records.store import RecordSet


@dataclass(frozen=True, slots=True)
class Measurable:
    """One measure, and what the records lack for it; nothing where it can be computed."""

    id: str
    title: str
    area: str
    lacking: tuple[Message | str, ...]

    @property
    def area_name(self) -> str:
        """The area in words."""
        return str(AREAS.get(self.area, self.area))

    @property
    def can(self) -> bool:
        """Whether it can be computed."""
        return not self.lacking


@lru_cache(maxsize=2048)
def _needs(id_: str, digest: str) -> tuple[Mapping[str, frozenset[str]], tuple[str, ...]]:
    measure = catalogue().get(id_)
    return Query.of(measure).needs, tuple(measure.optional)


def measurable(records: RecordSet | None) -> list[Measurable]:
    """Every measure by area, and what it lacks."""
    return [_measurable(source, records) for source in catalogue().sources.values()]


def _measurable(source: Source, records: RecordSet | None) -> Measurable:
    measure = source.measure
    lacking: Sequence[Message | str]
    try:
        needs, optional = _needs(source.id, source.digest)
    except KloeError as error:
        lacking = [str(error)]
    else:
        if records is None:
            lacking = [_lack(Missing(table)) for table in needs]
        else:
            lacking = [_lack(one) for one in missing(records, needs, optional)]
    return Measurable(source.id, str(measure.title), measure.area, tuple(lacking))


def _lack(one: Missing) -> Message:
    layout = layouts().get(one.table)
    table = str(layout.title) if layout else one.table
    if not one.column:
        if one.empty:
            return _("%(table)s: no row", table=table)
        return _("%(table)s: not loaded", table=table)
    if one.empty:
        return _("%(table)s: no value in %(column)s", table=table, column=one.column)
    return _("%(table)s: no column %(column)s", table=table, column=one.column)


@dataclass(frozen=True, slots=True)
class Area:
    """An area of measures: how many of all can be computed."""

    key: str
    name: str
    can: int
    all: int


@dataclass(frozen=True, slots=True)
class Share:
    """How many measures can be computed."""

    can: int
    all: int
    areas: tuple[Area, ...]


def share(found: Sequence[Measurable]) -> Share:
    """Counts, in all and by area."""
    areas = tuple(
        Area(
            key,
            str(AREAS.get(key, key)),
            sum(o.can for o in found if o.area == key),
            sum(o.area == key for o in found),
        )
        for key in dict.fromkeys(o.area for o in found)
    )
    return Share(sum(o.can for o in found), len(found), areas)
