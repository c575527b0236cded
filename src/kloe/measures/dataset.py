"""Reading a dataset: its landlords, their figures, quartiles and positions.

The columns are read once through DuckDB and kept as plain values; a dataset never changes,
so one reading serves a process. Quartiles are computed in Decimal, never by the engine.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from kloe.core.errors import InvalidInput, NotFound, VerificationFailed
from kloe.core.messages import Message, Text, _
from kloe.measures.benchmarks import Info, find_dataset
from kloe.measures.circumstances import Circumstances
from kloe.measures.engines.duckdb import select
from kloe.measures.headers import Population
from kloe.measures.peers import ALL, DIMENSIONS, LEAST_PEERS, Landlord, PeerGroup, groups_for
from kloe.measures.positions import (
    Position,
    Spread,
    rank_of,
    reason_for,
    reason_for_absence,
    standing_of,
)
from kloe.measures.published import Measure, Register, register

Key = tuple[str, Population]


@dataclass(frozen=True, slots=True)
class Value:
    """One published figure, or the marker that stands in its place."""

    landlord: str
    measure: str
    population: Population
    value: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    marker: str
    sheet: str
    row: int
    column: str


@dataclass(frozen=True, slots=True)
class Quartiles:
    """The quartiles of a measure over a group of landlords."""

    measure: str
    population: Population
    spread: Spread


class Dataset:
    """One imported dataset. Opened with :func:`open_dataset`."""

    def __init__(self, info: Info, book: Register | None = None) -> None:
        self.info = info
        self.book = book or register()
        self._groups: dict[tuple[str, tuple[str, ...], Key | None], PeerGroup] = {}
        self._counted: dict[Key | None, tuple[tuple[Landlord, int], ...]] = {}
        self._members: dict[PeerGroup, tuple[Landlord, ...]] = {}
        self._spreads: dict[tuple[Key, PeerGroup], Spread | None] = {}

    @property
    def id(self) -> str:
        return self.info.id

    def _read(self, file: str, columns: Sequence[str], order: str) -> list[tuple[Any, ...]]:
        """Columns of one file of the dataset.

        :raises VerificationFailed: if the file is missing or is not what was written.
        """
        import duckdb

        try:
            return select(self.info.folder, file, columns, order)
        except duckdb.Error as error:
            raise VerificationFailed(
                _(
                    "The file %(file)s of the dataset %(id)s cannot be read.",
                    file=file,
                    id=self.info.id,
                ),
                _("A dataset is read as it was imported; this file is missing or damaged."),
                _("Delete the folder %(path)s and import again.", path=self.info.folder),
            ) from error

    # Landlords

    @cached_property
    def _landlords(self) -> dict[str, Landlord]:
        homes = [f"homes_{p.value.lower()}" for p in Population]
        columns = ["code", "name", "type", "size", "region", "supported", "notes", "not_included"]
        rows = self._read("landlords.parquet", [*columns, *homes], "name, code")
        return {
            code: Landlord(
                code=code,
                name=name,
                type=type_,
                size=size,
                region=region,
                supported=supported,
                homes=tuple((p, n) for p, n in zip(Population, homes_, strict=True) if n),
                notes=tuple(json.loads(notes)),
                not_included=tuple((kind, note) for kind, note in json.loads(not_included)),
            )
            for code, name, type_, size, region, supported, notes, not_included, *homes_ in rows
        }

    def landlords(self, peers: PeerGroup = ALL) -> tuple[Landlord, ...]:
        """The landlords of a group, by name; also those listed without results."""
        if peers not in self._members:
            self._members[peers] = tuple(x for x in self._landlords.values() if peers.has(x))
        return self._members[peers]

    def landlord(self, wanted: str) -> Landlord:
        """The landlord with that code or name, or the only one with that in its name.

        :raises NotFound: where there is none; names those that come near.
        :raises InvalidInput: where several have it in their names.
        """
        words = " ".join(wanted.split())
        if found := self._landlords.get(words.upper()):
            return found
        low = words.lower()
        every = tuple(self._landlords.values())
        matches = [x for x in every if x.name.lower() == low] or [
            x for x in every if low and low in x.name.lower()
        ]
        if len(matches) == 1:
            return matches[0]
        if matches:
            names = "; ".join(f"{x.name} ({x.code})" for x in matches[:8])
            raise InvalidInput(
                _("%(n)d landlords have “%(words)s” in their name.", n=len(matches), words=words),
                _("Among them: %(names)s.", names=names),
                _("Give the code, or more of the name."),
            )
        lowered = {x.name.lower(): x for x in every}
        near = [lowered[name] for name in difflib.get_close_matches(low, lowered, n=3, cutoff=0.5)]
        raise NotFound(
            _("%(dataset)s has no landlord “%(words)s”.", dataset=self.id, words=words),
            _("Near to it: %(names)s.", names="; ".join(f"{x.name} ({x.code})" for x in near))
            if near
            else "",
            _("See them all with: kloe benchmarks landlords %(dataset)s", dataset=self.id),
        )

    # Figures

    @cached_property
    def _values(self) -> tuple[Value, ...]:
        columns = "landlord measure population value numerator denominator marker sheet row column"
        rows = self._read("values.parquet", columns.split(), "landlord")
        places = {p: i for i, p in enumerate(Population)}
        orders = {measure.code: i for i, measure in enumerate(self.book.measures)}
        populations = {p.value: p for p in Population}
        values = [
            Value(
                landlord=landlord,
                measure=measure,
                population=populations[population],
                value=_short(value),
                numerator=_short(numerator),
                denominator=_short(denominator),
                marker=marker,
                sheet=sheet,
                row=row,
                column=column,
            )
            for (
                landlord,
                measure,
                population,
                value,
                numerator,
                denominator,
                marker,
                sheet,
                row,
                column,
            ) in rows
            if measure in orders
        ]
        values.sort(key=lambda v: (v.landlord, orders[v.measure], places[v.population]))
        return tuple(values)

    @cached_property
    def _by_landlord(self) -> dict[str, dict[Key, Value]]:
        found: dict[str, dict[Key, Value]] = {}
        for value in self._values:
            found.setdefault(value.landlord, {})[value.measure, value.population] = value
        return found

    @cached_property
    def _by_key(self) -> dict[Key, list[tuple[Landlord, Decimal]]]:
        places = {p: i for i, p in enumerate(Population)}
        found: dict[Key, list[tuple[Landlord, Decimal]]] = {}
        for v in self._values:
            if v.value is not None:
                found.setdefault((v.measure, v.population), []).append(
                    (self._landlords[v.landlord], v.value)
                )
        order = {m.code: i for i, m in enumerate(self.book.measures)}
        return dict(sorted(found.items(), key=lambda i: (order[i[0][0]], places[i[0][1]])))

    @cached_property
    def _circumstances(self) -> Circumstances:
        columns = ["landlord", "population", "item", "value"]
        rows = self._read("circumstances.parquet", columns, "landlord, item")
        return Circumstances((row[0], Population(row[1]), row[2], row[3]) for row in rows)

    def values(self, landlord: Landlord | str | None = None) -> tuple[Value, ...]:
        """All published figures and markers, or those of one landlord."""
        if landlord is None:
            return self._values
        found = landlord if isinstance(landlord, Landlord) else self.landlord(landlord)
        return tuple(self._by_landlord.get(found.code, {}).values())

    def populations(self, landlord: Landlord) -> frozenset[Population]:
        """The populations for which a landlord publishes any figure at all."""
        values = self._by_landlord.get(landlord.code, {})
        return frozenset(p for (_m, p), v in values.items() if v.value is not None)

    # Quartiles and peers

    def quartiles(
        self,
        measure: str | None = None,
        population: Population | None = None,
        peers: PeerGroup = ALL,
    ) -> tuple[Quartiles, ...]:
        """Quartiles, by linear interpolation, of every measure and population or of those given."""
        code = self.book.measure(measure).code if measure else None
        found = []
        for m, p in self._by_key:
            if code in (None, m) and population in (None, p):
                spread = self._spread((m, p), peers)
                if spread:
                    found.append(Quartiles(m, p, spread))
        return tuple(found)

    def peer_group(
        self,
        landlord: Landlord,
        by: Sequence[str] = DIMENSIONS,
        *,
        measure: str | None = None,
        population: Population | None = None,
    ) -> PeerGroup:
        """The landlord's peers, widened until at least ten others are in the group.

        With ``measure`` and ``population`` only landlords with a figure for them count.
        """
        key = (self.book.measure(measure).code, population) if measure and population else None
        asked = (landlord.code, tuple(by), key)
        if asked not in self._groups:
            # One of each kind of landlord stands for all of its kind.
            kinds = self._kinds(key)
            groups = groups_for(landlord, by)
            enough = (
                group
                for group in groups
                if sum(n for x, n in kinds if group.has(x)) - self._counts(landlord, key)
                >= LEAST_PEERS
            )
            self._groups[asked] = next(enough, groups[-1])
        return self._groups[asked]

    def _kinds(self, key: Key | None) -> tuple[tuple[Landlord, int], ...]:
        """How many landlords with a figure there are of each type, size and region."""
        if key not in self._counted:
            candidates = (
                [x for x, _value in self._by_key.get(key, [])]
                if key
                else [x for x in self._landlords.values() if x.code in self._by_landlord]
            )
            found: dict[tuple[str, str, str], tuple[Landlord, int]] = {}
            for x in candidates:
                kind = (x.type, x.size, x.region)
                found[kind] = (x, found.get(kind, (x, 0))[1] + 1)
            self._counted[key] = tuple(found.values())
        return self._counted[key]

    def _counts(self, landlord: Landlord, key: Key | None) -> int:
        """1 where the landlord itself is among those with a figure."""
        values = self._by_landlord.get(landlord.code, {})
        if key is None:
            return 1 if values else 0
        return 1 if key in values and values[key].value is not None else 0

    # Positions

    def position(
        self,
        landlord: Landlord,
        measure: str,
        population: Population | None = None,
        peers: PeerGroup | Sequence[str] = DIMENSIONS,
    ) -> Position:
        """Where the landlord lies on one measure.

        :param population: by default the first it publishes of rented homes, both kinds
            combined, part-owned homes, and all homes.
        :param peers: a group, or by what to find one.
        """
        found = self.book.measure(measure)
        values = self._by_landlord.get(landlord.code, {})
        if population is None:
            population = self._main_population(found, values)
        value = values.get((found.code, population))
        return self._position(landlord, found, population, value, peers)

    def positions(
        self,
        landlord: Landlord,
        peers: PeerGroup | Sequence[str] = DIMENSIONS,
        *,
        every_population: bool = False,
    ) -> tuple[Position, ...]:
        """Where the landlord lies on every measure, for the populations it publishes.

        A measure without any figure is there once, with the reason.
        """
        values = self._by_landlord.get(landlord.code, {})
        reported = self.populations(landlord)
        found: list[Position] = []
        for measure in self.book.measures:
            keys = [
                (m, p)
                for m, p in values
                if m == measure.code and (every_population or p in reported)
            ]
            if not keys and any(m == measure.code for m, _p in self._by_key):
                keys = [(measure.code, self._main_population(measure, values))]
            found += [
                self._position(landlord, measure, p, values.get((m, p)), peers) for m, p in keys
            ]
        return tuple(found)

    def _main_population(self, measure: Measure, values: dict[Key, Value]) -> Population:
        order = (Population.LCRA, Population.COMBINED, Population.LCHO, Population.ALL)
        there = [p for p in order if (measure.code, p) in values]
        with_value = [p for p in there if values[measure.code, p].value is not None]
        published = [p for p in order if (measure.code, p) in self._by_key]
        return next(iter([*with_value, *there, *published]), Population.ALL)

    def _position(
        self,
        landlord: Landlord,
        measure: Measure,
        population: Population,
        value: Value | None,
        peers: PeerGroup | Sequence[str],
    ) -> Position:
        group = (
            peers
            if isinstance(peers, PeerGroup)
            else self.peer_group(landlord, peers, measure=measure.code, population=population)
        )
        spread = self._spread((measure.code, population), group)
        number = value.value if value else None
        reason: Message | None = None
        if value is None:
            kinds = {
                self.book.measure(m).kind for m, _p in self._by_landlord.get(landlord.code, ())
            }
            reason = reason_for_absence(landlord, measure, others=measure.kind in kinds)
        elif number is None:
            reason = reason_for(landlord, measure, value.marker)
        rank = standing = None
        if number is not None and spread is not None:
            rank = rank_of(number, spread, measure.direction)
            standing = standing_of(number, spread, measure.direction)
        notes: tuple[Text | Message, ...] = (
            *self._circumstances.notes(landlord, measure, population, group, self.landlords(group)),
            *measure.not_like_for_like,
        )
        return Position(
            dataset=self.id,
            landlord=landlord,
            measure=measure,
            population=population,
            value=number,
            numerator=value.numerator if value else None,
            denominator=value.denominator if value else None,
            marker=value.marker if value else "",
            reason=reason,
            sheet=value.sheet if value else "",
            row=value.row if value else 0,
            column=value.column if value else "",
            period=self.info.period,
            source=self.info.source,
            peers=group,
            spread=spread,
            rank=rank,
            standing=standing,
            not_like_for_like=notes,
        )

    def _spread(self, key: Key, peers: PeerGroup) -> Spread | None:
        if (key, peers) not in self._spreads:
            pairs = self._by_key.get(key, [])
            self._spreads[key, peers] = Spread.of([value for x, value in pairs if peers.has(x)])
        return self._spreads[key, peers]


def open_dataset(data_dir: Path, identifier: str) -> Dataset:
    """The dataset of that identifier, read once in a process.

    :raises NotFound: where there is none.
    """
    info = find_dataset(data_dir, identifier)
    return _opened(str(info.folder), info.digest, info.imported_at)


@lru_cache(maxsize=8)
def _opened(folder: str, digest: str, imported_at: str) -> Dataset:
    path = Path(folder)
    return Dataset(find_dataset(path.parent.parent, path.name))


def _short(number: Decimal | None) -> Decimal | None:
    """Without the zeros that storage adds: 96.9000000000 is 96.9."""
    if number is None:
        return None
    short = number.normalize()
    exponent = short.as_tuple().exponent
    return short.quantize(Decimal(1)) if isinstance(exponent, int) and exponent > 0 else short
