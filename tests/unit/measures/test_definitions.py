"""Definitions are read strictly: what is wrong is named with file and line."""

from __future__ import annotations

import pytest
from measure_folders import ID, Alter, alter

from kloe.core.errors import InvalidInput, NotFound
from kloe.measures.catalogue import Catalogue, catalogue, check_placings
from kloe.measures.definitions import Fault, Kind

__all__ = ["alter"]

FAULTY = [
    ("kind: ratio", "kind: rate", "rate"),
    ("unit: percent", "unit: per cent", "per cent"),
    ("usual: year", "usual: week", "week"),
    ("fault: numerator_zero", "fault: zero", "zero"),
    ("fault: numerator_zero\n", "", "does not say which are at fault"),
    ("fault: numerator_zero", "fault: value_over", "does not name the setting"),
    ("next_review: 2027-11", "next_review: 2027-13", "next_review"),
    ("indicators: [K1.2-08]", "indicators: [1.2-08]", "no indicator"),
    ("compare: [own-target,", "compare: [target,", "target"),
    ("bearing: direct", "bearing: much", "much"),
    ("side: both", "side: top", "top"),
    ("version: 1", "version: one", "whole number"),
    ("every: true", "every: perhaps", "true or false"),
    ("title:", "titel:", "titel"),
    ("author: kloe\n", "", "author"),
    ("denominator: Tenancies", "denominater: Tenancies", "denominater"),
    ("target: {value: 100,", "target: {value: all,", "number"),
    ("title:", "title: x\ntitle:", "given twice"),
    ("author:", "tests: [tenancy]\nauthor:", "and no other"),
]


@pytest.mark.parametrize(("old", "new", "said"), FAULTY, ids=[f"{o}-{n}" for o, n, _ in FAULTY])
def test_what_is_wrong_is_named(alter: Alter, old: str, new: str, said: str) -> None:
    with pytest.raises(InvalidInput) as error:
        _ = alter("measure.yaml", (old, new)).measure
    assert said in str(error.value)
    assert f"{ID}/measure.yaml:" in str(error.value)


def test_the_digest_follows_words_and_sql_not_cases(alter: Alter) -> None:
    first = catalogue().source(ID).digest
    assert alter("cases.yaml", ("T1", "T7")).digest == first
    second = alter("measure.yaml", ("version: 1", "version: 2")).digest
    third = alter("measure.sql", ("One row", "A row")).digest
    assert len({first, second, third}) == 3


def test_a_limit_can_be_a_setting(alter: Alter) -> None:
    settings = "settings:\n  days: {value: 7, words: Days, basis: convention}\n"
    source = alter(
        "measure.yaml", ("fault: numerator_zero", "fault: {value_over: days}\n" + settings)
    )
    assert source.measure.fault == Fault("value_over", "days")
    assert source.measure.setting_values({"days": 9}) == {"days": 9}
    with pytest.raises(InvalidInput, match="no setting “weeks”"):
        source.measure.setting_values({"weeks": 1})


def test_criteria_are_held_to_the_frameworks(alter: Alter) -> None:
    check_placings(catalogue().get(ID))
    source = alter("measure.yaml", ("account-set-up", "account-set-down"))
    with pytest.raises(InvalidInput, match="account-set-down"):
        check_placings(source.measure)


def test_what_is_told_without_reading_agrees_with_what_is_read() -> None:
    from kloe.measures.compose import Query

    for source in catalogue().sources.values():
        assert source.usual is source.measure.usual, source.id
        assert source.tests == source.measure.tests, source.id
        assert set(Query.of(source.measure).needs) <= set(source.tables), source.id
        assert source.digest == source.measure.digest


def test_tests_of_extracts_stand_beside_every_measure_of_the_tables_they_test() -> None:
    from kloe.measures.compose import Query

    held = catalogue()
    tests = [s for s in held.sources.values() if s.measure.tests]
    assert [s.id for s in tests] == [i for i in held.sources if i.startswith("integrity/")]
    for source in held.sources.values():
        needs = set(Query.of(source.measure).needs)
        if source in tests:
            assert set(source.tests) <= needs, source.id
            assert held.integrity_of(source) == ()
        else:
            beside = [s for s in tests if needs & set(s.tests)]
            assert set(beside) <= set(held.integrity_of(source)), source.id
    arrears = held.integrity_of(held.source("rents/current-tenant-arrears"))
    assert "integrity/account-balances-off" in {s.id for s in arrears}


def test_a_test_of_extracts_names_what_it_tests(alter: Alter) -> None:
    folder = alter("measure.yaml").folder
    folder.parent.rename(folder.parent.parent / "integrity")
    with pytest.raises(InvalidInput, match="tables that an integrity test tests"):
        _ = Catalogue(folder.parent.parent).get("integrity/accounts-before-start")


def test_measures_are_found_by_area_wildcard_and_short_name() -> None:
    held = catalogue()
    everything = {s.id for s in held.match(())}
    rents = {id_ for id_ in everything if id_.startswith("rents/")}
    assert {s.id for s in held.match(["rents"])} == rents
    assert {s.id for s in held.match(["*/accounts-before-start"])} == {ID}
    assert [s.id for s in held.match(["accounts-before-start"])] == [ID]
    with pytest.raises(NotFound, match=f"Near to it: {ID}"):
        held.match(["homes/accounts-before-start"])


def test_an_area_that_is_none_is_refused(alter: Alter) -> None:
    folder = alter("measure.yaml").folder
    folder.parent.rename(folder.parent.parent / "rent")
    with pytest.raises(InvalidInput, match="no area “rent”"):
        _ = Catalogue(folder.parent.parent).get("rent/accounts-before-start")


def test_kinds_name_their_own_columns() -> None:
    assert [k.groups for k in (Kind.RATIO, Kind.GAP, Kind.ADEQUACY)] == [
        (), ("characteristic", "grp"), ("stratum",)
    ]  # fmt: skip
