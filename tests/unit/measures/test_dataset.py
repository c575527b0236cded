"""Reading a dataset: landlords, peers, quartiles, positions."""

from __future__ import annotations

import json
import statistics
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kloe.core.errors import InvalidInput, NotFound, VerificationFailed
from kloe.core.messages import speaking
from kloe.measures.benchmarks import import_workbook
from kloe.measures.dataset import open_dataset
from kloe.measures.engines.duckdb import connection
from kloe.measures.headers import Population
from kloe.measures.peers import ALL, Landlord, PeerGroup, group_of, groups_for
from kloe.measures.positions import Standing
from tsm_books import Book

LCRA, LCHO, WHOLE = Population.LCRA, Population.LCHO, Population.ALL


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ground")
    changes = {
        ("4002", "BS01", "all"): "[E]",
        ("4004", "TP01", "LCRA"): "[X]",
        ("4006", "CH01 1", "LCHO"): "[U]",
    }
    expected = Book(landlords=60, changes=changes).write(folder / "tsm.xlsx")
    import_workbook(folder / "tsm.xlsx", folder / "data")
    return open_dataset(folder / "data", "tsm-2024-25"), expected, folder / "data"


@pytest.fixture(scope="module")
def dataset(ground):
    return ground[0]


def test_opened_once_in_a_process(ground):
    dataset, _expected, data = ground
    assert open_dataset(data, "tsm-2024-25") is dataset
    with pytest.raises(NotFound):
        open_dataset(data, "tsm-1999-00")


def test_damaged_columns_are_told(tmp_path):
    Book(landlords=10).write(tmp_path / "tsm.xlsx")
    import_workbook(tmp_path / "tsm.xlsx", tmp_path / "data")
    dataset = open_dataset(tmp_path / "data", "tsm-2024-25")
    for damage in (lambda p: p.write_bytes(b"PAR1 no more"), lambda p: p.unlink()):
        damage(dataset.info.folder / "values.parquet")
        with pytest.raises(VerificationFailed, match="import again"):
            dataset.values()


def test_every_value_comes_back_as_it_was(ground):
    dataset, expected, _data = ground
    found = {
        (v.landlord, v.measure, v.population.value): (
            v.value,
            v.numerator,
            v.denominator,
            v.marker,
        )
        for v in dataset.values()
    }
    assert found == expected
    assert all("E" not in str(v.value) for v in dataset.values())


def test_landlord_by_code_name_or_part_of_it(dataset):
    landlord = dataset.landlord("Landlord 07")
    assert dataset.landlord("l4007") is dataset.landlord("LANDLORD  07") is landlord
    assert dataset.landlord("lord 07") is landlord
    assert (landlord.code, landlord.type, landlord.size) == ("L4007", "PRP", "5,000-40,000")
    for population, measure in ((LCRA, "CH01 1"), (LCHO, "CH01 1"), (WHOLE, "NM01 1")):
        denominator = dataset.position(landlord, measure, population).denominator
        assert landlord.homes_of(population) == denominator
    assert landlord.homes_of(Population.COMBINED) is None
    assert dataset.values("L4007") == dataset.values(landlord)


def test_ambiguous_and_unknown_landlords(dataset):
    with pytest.raises(InvalidInput, match=r"10 landlords have “Landlord 1”.*L4011"):
        dataset.landlord("Landlord 1")
    with pytest.raises(NotFound, match=r"Near to it: .*Landlord 0"):
        dataset.landlord("Lanlord 07")
    with pytest.raises(NotFound, match="no landlord “”"):
        dataset.landlord(" ")


def test_quartiles_of_everybody_and_of_a_group(ground):
    dataset, expected, _data = ground
    found = {(q.measure, q.population.value): q.spread for q in dataset.quartiles()}
    wanted: dict = {}
    for (_landlord, measure, population), (value, *_rest) in expected.items():
        if value is not None:
            wanted.setdefault((measure, population), []).append(value)
    assert set(found) == set(wanted)
    for key, values in wanted.items():
        q1, median, q3 = statistics.quantiles(values, n=4, method="inclusive")
        assert (found[key].n, found[key].q1, found[key].median, found[key].q3) == (
            len(values), q1, median, q3,
        )  # fmt: skip
    councils = group_of(dataset.landlords(), type="la")
    (one,) = dataset.quartiles("tp-01", LCRA, councils)
    there = [
        expected[x.code, "TP01", "LCRA"][0]
        for x in dataset.landlords(councils)
        if x.code not in ("4000", "4004")
    ]
    assert list(one.spread.values) == sorted(v for v in there if v is not None)
    assert dataset.quartiles("TP02", LCHO) == ()


def test_measures_and_populations_come_in_the_registers_order(dataset):
    codes = [q.measure for q in dataset.quartiles()]
    order = [m.code for m in dataset.book.measures]
    assert codes == sorted(codes, key=order.index)


# Peers


def landlord(type_="LA", size="<5,000", region="North", code="A"):
    return Landlord(code, code, type_, size, region, None, (), (), ())


def test_groups_give_up_region_then_size_then_type():
    groups = groups_for(landlord())
    assert [g.by for g in groups] == [("type", "size", "region"), ("type", "size"), ("type",), ()]
    assert [g.widened for g in groups] == [
        (), ("region",), ("size", "region"), ("type", "size", "region"),
    ]  # fmt: skip
    assert all(g.has(landlord()) for g in groups)
    assert groups_for(landlord(), ()) == (ALL,)
    assert [g.by for g in groups_for(landlord(region=""), ("region", "type"))] == [("type",), ()]
    with pytest.raises(InvalidInput, match="by colour"):
        groups_for(landlord(), ("colour",))


def test_every_widening_has_its_words():
    for by in ((), ("type",), ("size",), ("region",), ("type", "size"), ("type", "region"),
               ("size", "region"), ("type", "size", "region")):  # fmt: skip
        for group in groups_for(landlord(), by):
            assert bool(group.widened_words) == bool(group.widened)
            assert str(group.words)


@pytest.mark.parametrize(
    ("group", "words"),
    [
        (ALL, "all landlords"),
        (PeerGroup("LA"), "councils"),
        (PeerGroup("PRP", "<5,000"), "housing associations, <5,000 homes"),
        (PeerGroup("LA", "<5,000", "South"), "councils, <5,000 homes, the South"),
        (PeerGroup(region="Wessex"), "all landlords, Wessex"),
        (PeerGroup("ALMO"), "landlords of the type ALMO"),
    ],
)
def test_groups_in_words(group, words):
    assert str(group.words) == words


def test_widened_until_ten_others_are_there(dataset):
    one = dataset.landlord("L4007")
    narrow = dataset.peer_group(one)
    others = [x for x in dataset.landlords(narrow) if x is not one]
    assert len(others) >= 10
    if narrow.widened:
        tighter = groups_for(one)[len(narrow.widened) - 1]
        assert len([x for x in dataset.landlords(tighter) if x is not one]) < 10
    # Only six landlords publish figures on part-owned homes: not even all of them are ten.
    wide = dataset.peer_group(dataset.landlord("4002"), measure="TP01", population=LCHO)
    assert wide.by == ()
    assert wide.widened == ("type", "size", "region")


def test_group_by_values_given(dataset):
    group = group_of(dataset.landlords(), type="prp", size="5000-40000", region="SOUTH")
    assert group == PeerGroup("PRP", "5,000-40,000", "South")
    with pytest.raises(InvalidInput, match="There are: North; South"):
        group_of(dataset.landlords(), region="Wales")


# Positions


def test_position(ground):
    dataset, expected, _data = ground
    one = dataset.landlord("L4007")
    p = dataset.position(one, "TP01", LCRA, ("type",))
    value, numerator, denominator, _marker = expected["L4007", "TP01", "LCRA"]
    assert (p.value, p.numerator, p.denominator) == (value, numerator, denominator)
    values = sorted(
        v
        for (code, m, pop), (v, *_rest) in expected.items()
        if (m, pop) == ("TP01", "LCRA") and v is not None and dataset.landlord(code).type == "PRP"
    )
    assert list(p.spread.values) == values
    assert (p.n, p.spread.least, p.spread.most) == (len(values), values[0], values[-1])
    assert p.rank == 1 + sum(v > value for v in values)
    assert p.tied == values.count(value)
    assert p.reason is None
    assert p.peers == PeerGroup("PRP")
    assert str(p.source) == "Regulator of Social Housing, Tenant Satisfaction Measures 2024/25"
    assert str(value) in str(p.sentence)
    assert f"{p.sheet}!{p.column}{p.row}".startswith("TSM25_LCRA_Perception!F")


def test_no_figure_has_a_reason_and_still_its_peers(dataset):
    p = dataset.position(dataset.landlord("4002"), "BS01")
    assert (p.value, p.rank, p.standing, p.marker) == (None, None, None, "E")
    assert str(p.sentence) == "No figure: left out by the regulator."
    assert p.n > 0
    assert not p.worst


def test_positions_cover_every_measure_once_for_what_is_reported(dataset):
    one = dataset.landlord("L4007")
    found = dataset.positions(one)
    codes = list(dict.fromkeys(p.measure.code for p in found))
    assert codes == [m.code for m in dataset.book.measures]
    assert {p.measure.code[:2] for p in found if p.population is LCHO} == {"CH"}
    both = dataset.positions(dataset.landlord("L4003"))
    assert len([p for p in both if p.measure.code == "TP01"]) == 2
    assert {p.population for p in both if p.measure.code == "CH01 1"} == {LCRA, LCHO}


def test_a_landlord_left_out_has_the_regulators_note(dataset):
    found = {p.measure.code: p for p in dataset.positions(dataset.landlord("4000"))}
    assert "The wording differed" in str(found["TP02"].reason)
    assert found["TP01"].population is LCHO
    assert found["BS01"].value is not None


def test_populations_not_reported_are_there_when_asked_for(dataset):
    one = dataset.landlord("4006")
    assert {p.population for p in dataset.positions(one)} == {LCRA, WHOLE, LCHO}
    every = dataset.positions(one, every_population=True)
    (missing,) = [p for p in every if p.measure.code == "CH01 1" and p.population is LCHO]
    assert missing.marker == "U"


def test_positions_are_quick_once_read(dataset):
    import time

    one = dataset.landlord("L4009")
    dataset.positions(one)
    start = time.perf_counter()
    dataset.positions(one)
    assert time.perf_counter() - start < 0.05


def test_position_as_plain_values(dataset):
    for p in dataset.positions(dataset.landlord("L4007")):
        told = p.as_dict()
        assert json.loads(json.dumps(told)) == told
        assert told["n"] == p.n
        assert told["not_like_for_like"]
        assert Decimal(told["q1"]) == p.spread.q1
    with speaking("cy"):
        assert dataset.position(dataset.landlord("L4007"), "TP01").as_dict()["sentence"]


def test_worst_only_where_a_way_is_better(dataset):
    for one in dataset.landlords():
        for p in dataset.positions(one, ()):
            if p.measure.direction == "none":
                assert not p.worst
            elif p.worst:
                assert p.standing is Standing.WORST
                beyond = p.spread.q3 if p.measure.direction == "lower" else p.spread.q1
                assert (p.value > beyond) == (p.measure.direction == "lower")


@given(st.lists(st.sampled_from(["type", "size", "region"]), max_size=3))
def test_the_landlord_is_always_among_its_peers(dataset, by):
    one = dataset.landlord("L4009")
    assert dataset.peer_group(one, tuple(by)).has(one)


def test_the_target_and_its_spread_are_told(dataset):
    p = dataset.position(dataset.landlord("L4007"), "RP02_1")
    assert "target for these repairs is 28 days" in str(p.not_like_for_like[0])


# The engine


def test_the_connection_reads_its_folder_and_no_other(ground, tmp_path):
    dataset, _expected, _data = ground
    (tmp_path / "secret.csv").write_text("a\n1\n")
    with connection(dataset.info.folder) as con:
        path = str(dataset.info.folder / "values.parquet")
        assert con.execute("SELECT count(*) FROM read_parquet(?)", [path]).fetchone()[0] > 0
        with pytest.raises(Exception, match="Permission"):
            con.execute("SELECT * FROM read_csv(?)", [str(tmp_path / "secret.csv")]).fetchall()
        with pytest.raises(Exception, match=r"lock|Permission|disabled|configuration"):
            con.execute("SET enable_external_access = true")
        with pytest.raises(Exception, match=r"Permission|disabled"):
            con.execute("INSTALL spatial")
