"""Measures over a set of records: numbers, reasons for none, breakdowns, kept results."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kloe.core.errors import InvalidInput
from kloe.core.periods import Period
from kloe.measures import faults
from kloe.measures.catalogue import catalogue
from kloe.measures.computing import Computing, Wanted
from kloe.measures.engines.duckdb import DuckDB
from kloe.measures.keeping import Kept
from kloe.measures.results import Missing, Result
from kloe.records.store import RecordSet, write_manifest
from record_sets import make_set

MEASURE = catalogue().source("rents/accounts-before-start")
YEAR = Period(date(2025, 4, 1), date(2026, 3, 31))
BEFORE = Period(date(2024, 4, 1), date(2025, 3, 31))


def tenancy(ref: str, start: date, tenure: str = "secure", home: str = "P1") -> dict[str, Any]:
    return {"tenancy_ref": ref, "property_ref": home, "tenure": tenure, "start_on": start}


def account(ref: str, opened: date | None) -> dict[str, Any]:
    return {
        "account_ref": f"A{ref}", "tenancy_ref": ref, "account_type": "rent", "opened_on": opened
    }  # fmt: skip


TABLES: dict[str, list[dict[str, Any]]] = {
    "tenancy": [
        tenancy("T1", date(2025, 5, 1), home="P1"),
        tenancy("T2", date(2025, 6, 2), home="P2"),
        tenancy("T3", date(2025, 7, 7), "leaseholder", home="P2"),
        tenancy("T4", date(2024, 7, 1), home="P1"),
    ],
    "rent_account": [
        account("T1", date(2025, 5, 1)),
        account("T2", date(2025, 6, 9)),
        account("T4", date(2024, 7, 9)),
    ],
    "property": [{"property_ref": "P1", "area": "North"}, {"property_ref": "P2", "area": None}],
    "tenancy_member": [
        {"tenancy_ref": "T1", "person_ref": "H1", "role": "lead"},
        {"tenancy_ref": "T1", "person_ref": "H2", "role": "joint"},
        {"tenancy_ref": "T2", "person_ref": "H3", "role": "lead"},
    ],
    "person": [
        {"person_ref": "H1", "birth_year": 2001, "ethnicity": "arab"},
        {"person_ref": "H2", "birth_year": 1950, "ethnicity": "mixed"},
        {"person_ref": "H3", "birth_year": 1950, "ethnicity": "mixed"},
    ],
}


@pytest.fixture
def records(tmp_path: Path) -> RecordSet:
    return make_set(tmp_path / "set", TABLES, rejects={"tenancy": 3, "person": 5})


Run = Callable[..., list[Result]]


@pytest.fixture
def run(records: RecordSet) -> Iterator[Run]:
    opened: list[Computing] = []

    def results(given: RecordSet | None = None, **wanted: Any) -> list[Result]:
        computing = Computing(given or records, Wanted(**wanted))
        opened.append(computing)
        return computing.results(MEASURE)

    yield results
    for computing in opened:
        computing.__exit__()


def test_a_number_with_all_that_is_said_beside_it(run: Run, records: RecordSet) -> None:
    (result,) = run()
    assert (result.period, result.landlord) == (YEAR, "L1")
    assert (result.numerator, result.denominator, result.n) == (1, 2, 2)
    assert result.value == Decimal(50)
    assert result.excluded == {"not-rented": 1}
    assert result.dropped == {"tenancy": 3}, "rows dropped from tables it does not read are no loss"
    assert result.definition == MEASURE.digest
    assert result.engine.startswith("duckdb ")
    assert result.complete
    assert Result.from_dict(result.as_dict()) == result


def test_several_periods_are_one_query(records: RecordSet) -> None:
    with Computing(records, Wanted(trend=3)) as computing:
        found = computing.results(MEASURE)
        assert computing.executed == 1
    assert [r.period for r in found][1:] == [BEFORE, YEAR]
    assert [(r.numerator, r.denominator) for r in found] == [(0, 0), (0, 1), (1, 2)]
    assert not found[0].computable
    assert found[0].value is None
    assert str(found[0].reason) == "not computable: no cases in the period"


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("area", {"North": (1, 1), None: (0, 1)}),
        ("tenure", {"leaseholder": (0, 0), "secure": (1, 2)}),
        ("ethnicity", {"arab": (1, 1), "mixed": (0, 1), None: (0, 0)}),
        ("age_band", {"25-34": (1, 1), "75 and over": (0, 1), None: (0, 0)}),
    ],
)
def test_groups_add_up_to_the_whole(run: Run, by: str, expected: dict[str | None, Any]) -> None:
    whole, *groups = run(by=by)
    assert whole.by is None
    assert {r.group[0]: (r.numerator, r.denominator) for r in groups} == expected
    assert sum(r.n for r in groups) == whole.n
    assert sum(r.excluded.get("not-rented", 0) for r in groups) == 1


def test_a_breakdown_that_cannot_be_says_which_can(run: Run) -> None:
    with pytest.raises(InvalidInput, match=r"by “band”.* area"):
        run(by="band")


@pytest.mark.parametrize(
    ("without", "said"),
    [
        ("rent_account", "the table rent_account is missing"),
        ("rent_account.opened_on", "the column rent_account.opened_on is missing"),
        ("=rent_account.opened_on", "rent_account.opened_on holds no value"),
        ("=rent_account", "the table rent_account holds no rows"),
    ],
)
def test_what_is_missing_is_never_nought(run: Run, tmp_path: Path, without: str, said: str) -> None:
    tables = {name: [dict(row) for row in rows] for name, rows in TABLES.items()}
    table, _dot, column = without.strip("=").partition(".")
    if without == "=rent_account":
        tables[table] = []
    elif not column:
        del tables[table]
    for row in tables.get(table, ()) if column else ():
        if without.startswith("="):
            row[column] = None
        else:
            del row[column]
    (result,) = run(make_set(tmp_path / "other", tables))
    assert str(result.reason) == f"not computable: {said}"
    assert result.value is None
    assert result.numerator is None


def test_a_second_run_executes_nothing_until_data_it_reads_change(
    records: RecordSet, tmp_path: Path
) -> None:
    with Computing(records, Wanted()) as computing:
        first = computing.results(MEASURE)
    refuse: Any = None
    with Computing(records, Wanted(), make_engine=refuse) as computing:
        assert computing.results(MEASURE) == first
        assert computing.executed == 0
    tables = {**TABLES, "person": []}
    unread = make_set(records.folder, tables, rejects={"tenancy": 3})
    with Computing(unread, Wanted(), make_engine=refuse) as computing:
        assert computing.results(MEASURE) == first
    tables["tenancy"] = TABLES["tenancy"][1:]
    changed = make_set(records.folder, tables)
    with Computing(changed, Wanted()) as computing:
        assert [r.denominator for r in computing.results(MEASURE)] == [1]
        assert computing.executed == 1


def test_a_damaged_kept_result_is_computed_anew(records: RecordSet) -> None:
    with Computing(records, Wanted()) as computing:
        first = computing.results(MEASURE)
    kept = list(records.folder.parent.glob("set.results/*/*.json"))
    assert kept
    for path in kept:
        path.write_text("[{")
    with Computing(records, Wanted()) as computing:
        assert computing.results(MEASURE) == first
        assert computing.executed == 1


def test_a_second_run_loads_no_engine(records: RecordSet) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from kloe.measures.catalogue import catalogue\n"
        "from kloe.measures.computing import Computing, Wanted\n"
        "from kloe.records.store import RecordSet\n"
        "records = RecordSet.open(Path(sys.argv[1]))\n"
        "with Computing(records, Wanted()) as c:\n"
        "    c.results(catalogue().source('rents/accounts-before-start'))\n"
        "print(c.executed, sorted({'duckdb', 'sqlglot', 'yaml'} & set(sys.modules)))\n"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", code, str(records.folder)],
            capture_output=True, text=True, check=True,
        ).stdout.split(maxsplit=1)
        for _ in range(2)
    ]  # fmt: skip
    assert said[0][0] == "1"
    assert said[1][0] == "0"
    assert "duckdb" not in said[1][1]
    assert "sqlglot" not in said[1][1]


def test_cases_at_fault_come_in_pages(records: RecordSet) -> None:
    with Computing(records, Wanted()) as computing:
        found = faults.cases_at_fault(computing, MEASURE, YEAR)
        place = found.columns.index("case_ref")
        assert [row[place] for row in found.rows] == ["T2"]
        assert found.total == 1
        beyond = faults.cases_at_fault(computing, MEASURE, YEAR, limit=5, offset=1)
        assert (beyond.rows, beyond.total) == ((), 1)
        elsewhere = faults.cases_at_fault(computing, MEASURE, YEAR, landlord="L2")
        assert elsewhere.total == 0


def test_an_explanation_names_inputs_and_sql(records: RecordSet) -> None:
    with Computing(records, Wanted(by="area")) as computing:
        told = faults.explain(computing, MEASURE)
    assert {(i.table, i.column, i.values) for i in told.inputs} >= {
        ("rent_account", "opened_on", 3), ("tenancy", "start_on", 4),
    }  # fmt: skip
    assert "GROUP BY m.landlord, m.period_id, m.excluded, b.area" in told.sql
    assert told.dropped == {"tenancy": 3}


# Several landlords


def several(folder: Path, *, named: bool) -> RecordSet:
    """One with cases in both years, one with them in one, one with homes and nothing else."""
    other = [
        {**tenancy("T9", date(2025, 8, 1), home="P9"), "landlord": "L2"},
    ]
    made = make_set(
        folder,
        {
            **TABLES,
            "tenancy": [*TABLES["tenancy"], *other],
            "rent_account": [
                *TABLES["rent_account"],
                {**account("T9", date(2025, 8, 1)), "landlord": "L2"},
                # Somebody whose accounts came and whose tenancies did not.
                {**account("T8", date(2025, 8, 1)), "landlord": "L4"},
            ],
            "property": [*TABLES["property"], {"property_ref": "P7", "landlord": "L3"}],
        },
        landlord="sector",
    )
    if not named:
        return made
    return write_manifest(
        folder,
        landlord="sector",
        as_at=made.as_at,
        tables=list(made.tables.values()),
        landlords=("L3", "sector", "L2", "L4"),
    )


@pytest.mark.parametrize("named", [True, False])
def test_of_several_landlords_each_has_a_result(tmp_path: Path, run: Run, named: bool) -> None:
    found = run(several(tmp_path / "sector", named=named), periods=(BEFORE, YEAR))
    told = {(r.landlord, r.period): r for r in found}
    # A landlord that only the manifest names cannot be known without it.
    there = ["L2", "L3", "L4", "sector"] if named else ["L2", "L4", "sector"]
    assert sorted(told) == [(landlord, p) for landlord in there for p in (BEFORE, YEAR)]
    assert len(found) == len(told)
    assert (told["L2", YEAR].numerator, told["L2", YEAR].denominator) == (1, 1)
    assert (told["sector", YEAR].numerator, told["sector", YEAR].denominator) == (1, 2)
    without = [("L2", BEFORE), ("L4", BEFORE), ("L4", YEAR)]
    for landlord, period in without + ([("L3", YEAR), ("L3", BEFORE)] if named else []):
        one = told[landlord, period]
        assert one.missing == (Missing(),)
        assert (one.value, one.numerator, one.n) == (None, None, 0)


def test_the_landlords_named_are_part_of_what_a_kept_result_rests_on(tmp_path: Path) -> None:
    folder = tmp_path / "sector"
    with Computing(several(folder, named=False), Wanted((YEAR,))) as computing:
        assert len(computing.results(MEASURE)) == 3
        assert computing.executed == 1
    with Computing(several(folder, named=True), Wanted((YEAR,))) as computing:
        assert len(computing.results(MEASURE)) == 4
        assert computing.executed == 1
    with Computing(RecordSet.open(folder), Wanted((YEAR,))) as computing:
        assert len(computing.results(MEASURE)) == 4
        assert computing.executed == 0


def test_who_is_in_a_sector_is_asked_once_for_each_table_and_told_in_few_rows(
    tmp_path: Path,
) -> None:
    asked: list[tuple[str, int]] = []

    class Counting(DuckDB):
        def run(self, sql: str) -> list[tuple[Any, ...]]:
            rows = super().run(sql)
            asked.append((sql, len(rows)))
            return rows

    wanted, records = Wanted((YEAR,)), several(tmp_path / "sector", named=False)
    with Computing(records, wanted, kept=Kept(None), make_engine=lambda _name: Counting()) as run:
        first = run.results(MEASURE)
        assert run.results(MEASURE) == first
    told = [(sql.split(" FROM ")[1], rows) for sql, rows in asked if "DISTINCT t." in sql]
    assert sorted(told) == [("rent_account AS t", 3), ("tenancy AS t", 2)]
