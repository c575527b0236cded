"""Cases: what differs is told, what is not as it has to be is refused."""

from __future__ import annotations

import pytest
from measure_folders import Alter, alter

from kloe.measures.engines.named import engine
from kloe.measures.examining import examine

__all__ = ["alter"]


def faults(alter: Alter, file: str, *pairs: tuple[str, str]) -> str:
    """What examining the altered measure finds."""
    source = alter(file, *pairs)
    with engine("duckdb") as running:
        return "\n".join(map(str, examine(source, running).faults))


def test_the_measure_as_it_is_passes(alter: Alter) -> None:
    assert faults(alter, "cases.yaml") == ""


def test_a_wrong_number_is_told_with_the_rows(alter: Alter) -> None:
    said = faults(alter, "cases.yaml", ("      numerator: 1\n", "      numerator: 2\n"))
    assert "numerator: expected 2, found 1" in said
    assert "row: case_ref=T1, numerator=1, denominator=1" in said
    assert "cases.yaml:3" in said


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("excluded: {not-rented: 2}, ", "", "excluded: expected none, found not-rented: 2"),
        ("excluded: {not-rented: 2}", "excluded: {rented: 2}", "no exclusion"),
        ("      faults: [T2]", "      faults: [T1]", "faults: expected T1, found T2"),
        ("faults: [T1, T2, T3]", "faults: []", "faults: expected none, found T1, T2, T3"),
        ("tenure: secure, numerator: 1,", "tenure: secure, numerator: 0,",
         "secure: numerator: expected 0, found 1"),
        ("        - {tenure: starter, numerator: 0, denominator: 1}\n", "",
         "starter: expected no such group"),
        ("{tenure: starter, numerator", "{banding: starter, numerator", "Groups of one case"),
        ("tenure: starter, start_on", "tenure: stater, start_on", "tenure is “stater”"),
        ("2025-06-01}", "1 June 2025}", "opened_on is “1 June 2025”"),
        ("opened_on: 2025-06-01}", "open_on: 2025-06-01}", "no column “open_on”"),
        ("      rent_account:\n        - {account_ref: A2, ten",
         "      rent_acount:\n        - {account_ref: A2, ten", "no table “rent_acount”"),
        ("expect: {numerator: 0, denominator: 0, n: 0}", "expect: {denominator: 0}", "numerator"),
        ("    expect: {numerator: 0, denominator: 0, n: 0}",
         "    expects: {numerator: 0, denominator: 0, n: 0}", "expects"),
        ("end: 2026-03-31}", "end: 2026-02-31}", "no day of the calendar"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_the_cases_is_told(alter: Alter, old: str, new: str, said: str) -> None:
    assert said in faults(alter, "cases.yaml", (old, new))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    t.tenancy_ref AS case_ref,", "    t.tenancy_ref AS case,", "case"),
        ("a.opened_on", "a.opened_at", "no column “opened_at”"),
        ("<= t.start_on THEN 1 ELSE 0", "<= t.start_on THEN 1 ELSE NULL", "have no amount"),
    ],
)
def test_what_is_wrong_in_the_sql_is_told(alter: Alter, old: str, new: str, said: str) -> None:
    assert said in faults(alter, "measure.sql", (old, new))


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ("breakdowns: [band]", "names “band” in “breakdowns”"),
        ("optional: [tenancy.end_on]", "names “tenancy.end_on” in “optional”"),
    ],
)
def test_what_the_words_name_has_to_be_there(alter: Alter, new: str, said: str) -> None:
    old = "breakdowns: [area, estate, property_type, tenure]"
    assert said in faults(alter, "measure.yaml", (old, new))


def test_a_tie_that_forgets_the_landlord_shows(alter: Alter) -> None:
    """All cases use the same references, so another landlord's rows come in."""
    from kloe.measures.cases import Runner, load_cases
    from kloe.measures.compose import Query

    source = alter("measure.sql", ("a.landlord = t.landlord", "a.landlord >= t.landlord"))
    query = Query.of(source.measure)
    with engine("duckdb") as running:
        outcomes = Runner(query, load_cases(source.cases, source.measure), running).run()
    assert not all(o.passed for o in outcomes)
