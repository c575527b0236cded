"""Computing measures over a set of records: what is kept is shown, the rest is run.

One engine for all measures, several periods in one query, and results given out one measure at
a time, as they come. Neither the engine nor the SQL is loaded where everything is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kloe.core.periods import Period
from kloe.core.progress import Progress, Silent
from kloe.measures.catalogue import Source
from kloe.measures.engines.base import Engine
from kloe.measures.engines.named import engine as engine_named
from kloe.measures.engines.named import engine_release
from kloe.measures.keeping import Kept, data_digest, folder_of, key_of
from kloe.measures.results import Missing, Result, results_of
from kloe.measures.spans import last_complete, trend
from kloe.measures.tally import Group, Tally
from kloe.records.store import RecordSet

#: Tables that a breakdown may read besides the measure's own.
BREAKDOWN_TABLES = ("person", "property", "tenancy", "tenancy_member")

if TYPE_CHECKING:
    from kloe.measures.breakdowns import Split
    from kloe.measures.compose import Query


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to compute: for which periods, broken down how, on which engine."""

    #: Nothing is each measure's usual period, the last that was over when records were taken.
    periods: tuple[Period, ...] = ()
    #: How many periods, counting back from the last of ``periods``.
    trend: int = 1
    by: str | None = None
    engine: str = "duckdb"
    settings: Mapping[str, Any] | None = None

    def periods_of(self, source: Source, records: RecordSet) -> tuple[Period, ...]:
        """The periods of one measure, the earliest first."""
        periods = self.periods or (last_complete(source.usual, records.as_at),)
        if self.trend > 1:
            return trend(periods[-1], self.trend)
        return periods


class Computing:
    """Computes measures over one set of records; use within ``with``."""

    def __init__(
        self,
        records: RecordSet,
        wanted: Wanted,
        *,
        kept: Kept | None = None,
        make_engine: Callable[[str], Engine] = engine_named,
    ) -> None:
        self.records, self.wanted = records, wanted
        self.kept = kept or Kept(folder_of(records))
        self._make_engine = make_engine
        self._engine: Engine | None = None
        self._open: set[str] = set()
        #: By table: the landlords with rows in it.
        self._there: dict[str, frozenset[str]] = {}
        self._release = engine_release(wanted.engine)
        #: How many queries were run.
        self.executed = 0

    def __enter__(self) -> Computing:
        return self

    def beside(self, wanted: Wanted) -> Computing:
        """Another over the same records and engine, for other periods or groups."""
        return Computing(self.records, wanted, kept=self.kept, make_engine=self._make_engine)

    def __exit__(self, *stopped: object) -> None:
        if self._engine is not None:
            self._engine.close()
            self._engine = None

    def run(
        self, sources: Iterable[Source], progress: Progress | None = None
    ) -> Iterator[tuple[Source, list[Result]]]:
        """The results of each measure as they come, all its periods together."""
        sources = tuple(sources)
        progress = progress or Silent()
        for done, source in enumerate(sources):
            progress.step(done, len(sources), source.id)
            yield source, self.results(source)
        progress.step(len(sources), len(sources))

    def results(self, source: Source) -> list[Result]:
        """The results of one measure for all periods wanted."""
        periods = self.wanted.periods_of(source, self.records)
        tables = sorted({*source.tables, *(BREAKDOWN_TABLES if self.wanted.by else ())})
        data = data_digest(self.records, tables)
        keys = {
            period: key_of(
                source, data, self.records, period, self.wanted.by, self._release,
                self.wanted.settings,
            )
            for period in periods
        }  # fmt: skip
        found: dict[Period, list[Result]] = {}
        for period, key in keys.items():
            kept = self.kept.get(key)
            if kept is not None:
                found[period] = kept
        left = [period for period in periods if period not in found]
        if left:
            made = self._compute(source, left, data)
            for period in left:
                found[period] = made[period]
                self.kept.put(keys[period], made[period])
        return [result for period in periods for result in found[period]]

    def _compute(
        self, source: Source, periods: Sequence[Period], data: str
    ) -> dict[Period, list[Result]]:
        from kloe.measures.breakdowns import split
        from kloe.measures.compose import Query

        query = Query.of(source.measure)
        how = split(query, self.wanted.by)
        needs = needs_together(query.needs, how.needs)
        gone = missing(self.records, needs, source.measure.optional)
        base = {period: self._base(query, needs, period, data) for period in periods}
        if gone:
            return {
                period: [Result(**base[period], landlord=self.records.landlord, missing=gone)]
                for period in periods
            }
        tallies = self._tallies(query, how, needs, periods)
        columns = (*how.own, *how.named)
        landlords = self._landlords(needs, {landlord for landlord, _period in tallies})
        found: dict[Period, list[Result]] = {}
        for period_id, period in enumerate(periods, 1):
            found[period] = []
            for landlord in landlords:
                if len(landlords) > 1 and (landlord, period_id) not in tallies:
                    # Among several nobody can tell nothing to count from a table not sent.
                    none = {**base[period], "landlord": landlord}
                    found[period].append(Result(**none, missing=(Missing(),)))
                    continue
                parts = tallies.get((landlord, period_id), {})
                found[period] += results_of(
                    query.measure,
                    parts,
                    columns=columns,
                    by=self.wanted.by,
                    base={**base[period], "landlord": landlord},
                )
        return found

    def _landlords(self, needs: Iterable[str], seen: set[str]) -> tuple[str, ...]:
        """Whose results are told: every landlord of a set of several, with cases or without.

        Where the manifest does not name them, those with rows in the tables read.
        """
        alone = self.records.landlord
        if self.records.landlords:
            return tuple(sorted({*self.records.landlords, *seen}))
        if self._engine is None or not seen - {alone}:
            return (alone,)
        return tuple(sorted(seen.union(*(self._landlords_in(table) for table in needs))))

    def _landlords_in(self, table: str) -> frozenset[str]:
        """The landlords with rows in a table: read once, for a sector's tables are long."""
        if table not in self._there:
            assert self._engine is not None
            rows = self._engine.run(f"SELECT DISTINCT t.landlord FROM {table} AS t")  # noqa: S608
            self._there[table] = frozenset(str(row[0]) for row in rows)
        return self._there[table]

    def _base(
        self, query: Query, needs: Mapping[str, frozenset[str]], period: Period, data: str
    ) -> dict[str, Any]:
        measure, held = query.measure, self.records.tables
        return {
            "measure": measure.id,
            "version": measure.version,
            "title": measure.title,
            "kind": measure.kind,
            "unit": measure.unit,
            "direction": measure.direction.value,
            "period": period,
            "as_at": self.records.as_at,
            "dropped": {t: held[t].rejects for t in sorted(needs) if t in held and held[t].rejects},
            "definition": measure.digest,
            "data": data,
            "engine": self._release,
        }

    def _tallies(
        self,
        query: Query,
        how: Split,
        needs: Mapping[str, frozenset[str]],
        periods: Sequence[Period],
    ) -> dict[tuple[str, int], dict[Group, Tally]]:
        from kloe.measures.compose import sql_of, sums
        from kloe.measures.definitions import Kind
        from kloe.measures.tally import add_up

        engine = self.engine(needs, periods)
        inner = sql_of(query.with_settings(self._settings(query)), engine.name)
        sql = sums(query, inner, how.own, joins=how.joins, named=how.named)
        self.executed += 1
        rows = engine.run(sql)
        added = add_up(
            rows,
            query.measure.id,
            groups=how.width,
            distribution=query.measure.kind is Kind.DISTRIBUTION,
        )
        found: dict[tuple[str, int], dict[Group, Tally]] = {}
        for (landlord, period_id, group), tally in added.items():
            found.setdefault((landlord, period_id), {})[group] = tally
        return found

    def _settings(self, query: Query) -> dict[str, Any]:
        given = self.wanted.settings or {}
        return {k: v for k, v in given.items() if k in query.measure.settings}

    def engine(self, needs: Iterable[str], periods: Sequence[Period]) -> Engine:
        """The engine, with the tables opened and the periods in place."""
        from kloe.measures.compose import periods_table

        if self._engine is None:
            self._engine = self._make_engine(self.wanted.engine)
        engine = self._engine
        new = sorted(set(needs) - self._open)
        if new:
            engine.open(self.records, new)
            self._open.update(new)
        engine.hold({"period": periods_table(periods)})
        return engine


def needs_together(
    one: Mapping[str, frozenset[str]], other: Mapping[str, frozenset[str]]
) -> dict[str, frozenset[str]]:
    """Tables and columns needed by either."""
    return {
        table: one.get(table, frozenset()) | other.get(table, frozenset())
        for table in sorted({*one, *other})
    }


def missing(
    records: RecordSet, needs: Mapping[str, frozenset[str]], optional: Sequence[str] = ()
) -> tuple[Missing, ...]:
    """What a set of records lacks of the tables and columns needed.

    A column without any value counts as missing, and so does a table without any row, unless
    the measure names them as optional.
    """
    found = []
    for table, columns in needs.items():
        held = records.tables.get(table)
        if held is None:
            found.append(Missing(table))
        elif held.rows == 0:
            if table not in optional:
                found.append(Missing(table, empty=True))
        else:
            for column in sorted(columns):
                filled = held.columns.get(column)
                if f"{table}.{column}" in optional:
                    continue
                if filled is None or not filled.given:
                    found.append(Missing(table, column))
                elif filled.values == 0:
                    found.append(Missing(table, column, empty=True))
    return tuple(found)
