"""Every planted fault is found by the measures named for it, and they find no others.

The same landlord twice, with faults and without. Of the cases a measure counts, those at fault are
the planted ones and nothing else; where records without a planted fault have cases at fault too,
because it happens or was not yet due, ``NATURAL`` says why and only the planted are held.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

import pyarrow.parquet as pq
import pytest

from kloe.core.periods import Period
from kloe.measures.catalogue import catalogue
from kloe.measures.compose import Query, at_fault, sql_of
from kloe.measures.computing import Computing, Wanted
from kloe.records import generator
from kloe.records.generator import FAULTS
from kloe.records.generator.faults import load
from kloe.records.store import RecordSet

YEARS = tuple(Period(date(y, 4, 1), date(y + 1, 3, 31)) for y in (2023, 2024, 2025))
#: Kinds of fault by the measure that is to find them.
KINDS: dict[str, list[str]] = defaultdict(list)
for _slug, _fault in load().items():
    for _measure in _fault.found_by:
        KINDS[_measure].append(_slug)
#: Measures that find cases where nothing was planted, and why they do.
NATURAL: dict[str, str] = {
    "access/calls-answered-in-time": "abandoned calls are not answered in time either",
    "access/told-at-first-contact": "who abandons a call is told nothing",
    "complaints/lessons-acted-on": "some lessons are too new to have been acted on",
    "diversity/harassment-first-contact": "a day is less than landlords allow for some categories",
    "homes/surveyed-recently": "a survey of a sample leaves out most homes",
    "improvement/off-target-indicators-acted-on": "not every one gets an action",
    "involvement/consultations-reported": "the last was held too lately to be reported",
    "neighbourhoods/asb-resolved-in-time": "not every case is resolved",
    "rents/benefits-checked-at-start": "tenancies of the last days are not checked yet",
    "rents/contacts-in-time": "abandoned calls are not answered in time either",
    "rents/homelessness-referred": "some debts were paid before the household was referred",
    "safety/gas-remedials": "where nobody could get in, nothing was completed",
}
#: Measures that say by how much, not whether: planted faults change their cases, and no others.
AMOUNTS = ("money/budget-variance", "money/efficiency-gains-achieved", "tenancies/agreement-age")
WITH_FAULTS = [i for i in catalogue().sources if catalogue().get(i).fault and i not in AMOUNTS]
#: Measures of homes whose faults lie with buildings.
BY_HOMES = ("safety/legionella-assessments",)

Case = dict[str, Any]


class Side:
    """One landlord's records, and what measures find in them."""

    def __init__(self, records: RecordSet | None) -> None:
        assert records is not None
        self.records = records
        self.computing = Computing(records, Wanted(periods=YEARS))
        #: By kind, the case and the row of each fault.
        self._planted: dict[str, list[tuple[str, str]]] = defaultdict(list)
        with (records.folder / FAULTS).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                self._planted[row["fault"]].append((row["case_ref"], row["ref"]))
        self.homes: dict[str, set[str]] = defaultdict(set)
        for home in pq.read_table(records.folder / "property.parquet").to_pylist():
            self.homes[home["block_ref"]].add(home["property_ref"])

    def planted(self, slug: str, among: set[str], *, homes: bool = False) -> set[str]:
        """Which of some cases bear a fault: named as its case, or as its row.

        :param homes: whether a building stands for its homes.
        """
        found: set[str] = set()
        for case, row in self._planted[slug]:
            named = [self.homes[case]] if homes else [{case}, {row}]
            found |= next((its & among for its in named if its & among), set())
        return found

    def rows(self, id_: str) -> list[Case]:
        """Every case of a measure: in each year, or on the last day."""
        measure = catalogue().get(id_)
        query = Query.of(measure)
        periods = YEARS[-1:] if measure.period == "point" else YEARS
        engine = self.computing.engine(query.needs, periods)
        inner = sql_of(query.with_settings(), "duckdb")
        fault = at_fault(query, {}) if measure.fault else "FALSE"
        names = (*query.columns, "at_fault")
        found = engine.run(f"SELECT m.*, COALESCE({fault}, FALSE) FROM ({inner}) AS m")
        return [dict(zip(names, row, strict=True)) for row in found]


def counted(row: Case) -> bool:
    """Whether a case adds anything."""
    return not row.get("excluded") and (row.get("value") is not None or bool(row["denominator"]))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Side]:
    out = tmp_path_factory.mktemp("found") / "made"
    side = Side(generator.generate(generator.Wanted(homes=1500, years=3, seed=2), out).records)
    with side.computing:
        yield side


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Side]:
    folder = tmp_path_factory.mktemp("found")
    none = folder / "none.yaml"
    none.write_text("all: 0\n")
    wanted = generator.Wanted(homes=1500, years=3, seed=2, faults=none)
    side = Side(generator.generate(wanted, folder / "clean").records)
    with side.computing:
        yield side


def test_every_kind_is_found_by_a_measure() -> None:
    assert [slug for slug, fault in load().items() if not fault.found_by] == []
    assert set(KINDS) <= set(catalogue().sources)
    assert set(NATURAL) <= set(KINDS)


@pytest.mark.parametrize("id_", WITH_FAULTS)
def test_cases_at_fault_are_those_planted(made: Side, clean: Side, id_: str) -> None:
    rows = made.rows(id_)
    natural = {row["case_ref"] for row in clean.rows(id_) if row["at_fault"]}
    if natural and id_ not in KINDS:
        return  # Nothing is planted for it to find, and it finds what happens anyway.
    among = {row["case_ref"] for row in rows if counted(row)}
    found = {row["case_ref"] for row in rows if row["at_fault"]}
    homes = id_ in BY_HOMES
    planted = {slug: made.planted(slug, among, homes=homes) for slug in KINDS.get(id_, ())}
    refs = set().union(*planted.values())
    assert [slug for slug, its in planted.items() if not its] == [], "never among what it counts"
    assert not refs - found, "planted, and not found"
    if id_ in NATURAL:
        assert natural, "finds nothing where nothing is planted"
    else:
        assert not natural, "found where nothing is planted"
        assert not found - refs, "found, and not planted"


@pytest.mark.parametrize("id_", AMOUNTS)
def test_planted_amounts_change_their_cases(made: Side, clean: Side, id_: str) -> None:
    def told(side: Side) -> dict[str, Counter[tuple[Any, ...]]]:
        found: dict[str, Counter[tuple[Any, ...]]] = defaultdict(Counter)
        for row in filter(counted, side.rows(id_)):
            amounts = tuple(row.get(k) for k in ("period_id", "numerator", "denominator", "value"))
            found[row["case_ref"]][amounts] += 1
        return found

    with_, without = told(made), told(clean)
    changed = {ref for ref in {*with_, *without} if with_[ref] != without[ref]}
    planted = {slug: made.planted(slug, changed) for slug in KINDS[id_]}
    assert all(planted.values()), "never changes anything"
    assert changed == set().union(*planted.values())
