"""Every measure on generated records: the engine against a second computation in plain Python."""

from __future__ import annotations

import importlib
import pkgutil
from collections import Counter
from collections.abc import Iterator
from datetime import date

import pytest

import recompute
from kloe.core.periods import Period
from kloe.measures.catalogue import catalogue
from kloe.measures.compose import Query, sql_of
from kloe.measures.computing import Computing, Wanted
from kloe.measures.definitions import Kind, Unit
from kloe.measures.results import Result
from kloe.records import generator
from kloe.records.store import RecordSet
from recompute.exceptions import FLAT
from recompute.ground import ALL, Case, Numbers, Records, added, recomputed

for found in pkgutil.iter_modules(recompute.__path__):
    if not found.name.startswith("test_"):
        importlib.import_module(f"recompute.{found.name}")

YEAR = Period(date(2025, 4, 1), date(2026, 3, 31))
#: Not the last quarter: there are records of the time after it.
QUARTER = Period(date(2025, 7, 1), date(2025, 9, 30))
PERIODS = (YEAR, QUARTER)
SHOWN = 8
#: Faults of extracts that are too rare among so few homes to tell anything.
MORE_FAULTS = """\
repair-completed-before-report: 0.02
tenancy-overlaps: 0.3
void-default-date: 0.2
void-first-of-month: 0.3
"""
IDS = list(catalogue().sources)


class Ground:
    """One landlord's records, for the engine and as plain rows."""

    def __init__(self, made: RecordSet, computing: Computing) -> None:
        self.made, self.computing = made, computing
        self.records = Records(made.folder)
        self._results: dict[str, dict[Period, list[Result]]] = {}

    def results(self, id_: str) -> dict[Period, list[Result]]:
        """What the engine finds, by period: the whole first, then the groups."""
        if id_ not in self._results:
            found: dict[Period, list[Result]] = {period: [] for period in PERIODS}
            for result in self.computing.results(catalogue().source(id_)):
                found[result.period].append(result)
            self._results[id_] = found
        return self._results[id_]

    def rows(self, id_: str, period: Period) -> list[Case]:
        """What the SQL itself returns, row by row, to find a difference by."""
        query = Query.of(catalogue().get(id_))
        engine = self.computing.engine(query.needs, [period])
        groups = query.measure.kind.groups
        found = []
        for values in engine.run(sql_of(query.with_settings(), "duckdb")):
            row = dict(zip(query.columns, values, strict=True))
            out = row.get("excluded")
            amounts = [None if out else row.get(k) for k in ("numerator", "denominator", "value")]
            found.append(Case(row["case_ref"], *amounts, out, tuple(row[g] for g in groups)))
        return found


@pytest.fixture(scope="session")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    folder = tmp_path_factory.mktemp("recompute")
    faults = folder / "faults.yaml"
    faults.write_text(MORE_FAULTS)
    wanted = generator.Wanted(homes=600, years=2, seed=13, faults=faults)
    made = generator.generate(wanted, folder / "records").records
    with Computing(made, Wanted(periods=PERIODS)) as computing:
        yield Ground(made, computing)


def seen(result: Result, own: Numbers, kind: Kind) -> tuple[dict, dict]:
    """The same numbers of both, to be set against each other."""
    ours = {"n": own.n, "excluded": dict(own.excluded)}
    theirs = {"n": result.n, "excluded": dict(result.excluded)}
    if kind is Kind.DISTRIBUTION:
        return ours, theirs
    ours |= {"numerator": own.numerator, "denominator": own.denominator}
    theirs |= {"numerator": result.numerator, "denominator": result.denominator}
    return ours, theirs


@pytest.mark.parametrize("period", PERIODS, ids=["year", "quarter"])
@pytest.mark.parametrize("id_", IDS)
def test_both_computations_agree(ground: Ground, id_: str, period: Period) -> None:
    kind = catalogue().get(id_).kind
    results = ground.results(id_)[period]
    assert not [m for m in results[0].missing if m.table], results[0].reason
    cases = recomputed(id_, ground.records, period)
    rows = ground.rows(id_, period)
    own = added(cases, count=kind is Kind.COUNT)
    if kind.groups:
        pairs = [(r.group, r, own.pop(r.group, Numbers())) for r in results if r.group]
        assert not own, f"groups the engine does not know: {sorted(own, key=str)}"
    else:
        pairs = [((), results[0], own.get((), Numbers()))]
    for group, result, numbers in pairs:
        ours, theirs = seen(result, numbers, kind)
        assert ours == theirs, f"{group}\n{difference(cases, rows)}"
    if kind is Kind.DISTRIBUTION:
        values = Counter(one.value for one in rows if one.excluded is None)
        assert own.get((), Numbers()).values == values, difference(cases, rows)


def difference(ours: list[Case], theirs: list[Case]) -> str:
    """Some of the cases that differ and add anything."""
    mine, other = (Counter(one for one in all_ if one[1:3] != (0, 0)) for all_ in (ours, theirs))
    lines = [f"recomputed: {one} x{n}" for one, n in list((mine - other).items())[:SHOWN]]
    lines += [f"engine:     {one} x{n}" for one, n in list((other - mine).items())[:SHOWN]]
    return "\n".join([f"{len(mine - other)} and {len(other - mine)} cases differ", *lines])


@pytest.mark.parametrize("id_", IDS)
def test_generated_records_leave_something_to_compute(ground: Ground, id_: str) -> None:
    """A rate of none or all would agree with many a wrong computation."""
    kind, unit = catalogue().get(id_).kind, catalogue().get(id_).unit
    whole, *groups = ground.results(id_)[YEAR]
    own = added(recomputed(id_, ground.records, YEAR))
    if kind is Kind.DISTRIBUTION:
        telling = len(own.get((), Numbers()).values) > 1
    elif kind.groups:
        telling = len({g.group for g in groups if g.numerator and g.denominator}) > 1
    elif kind is Kind.COUNT:
        telling = whole.numerator > 0
    else:
        telling = whole.numerator != 0 and 0 < whole.denominator != whole.numerator
        telling = telling and (unit is not Unit.PERCENT or 0 < whole.numerator < whole.denominator)
    shown = f"{whole.numerator} of {whole.denominator} ({whole.n})"
    if id_ in FLAT:
        assert not telling, f"{id_} is no longer an exception: {shown}"
    else:
        assert telling, shown


def test_every_measure_is_recomputed() -> None:
    assert set(ALL) == set(catalogue().sources)
    assert not set(FLAT) - set(ALL)
