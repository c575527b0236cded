"""Measures that follow a published definition, against what every landlord has published.

The regulator's workbook has numerators and denominators. For every landlord that published both,
records are made that hold exactly so many homes, repairs, complaints and answers; the measure's SQL
over all of them together has to come to the same numbers, and to the rate as it was rounded.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from published_ground import (
    OWN,
    RENT,
    YEAR,
    Counts,
    Selects,
    answers,
    buildings,
    checks,
    complaints,
    failing,
    jobs,
    made,
    nuisance,
    survey,
)

from kloe.measures.catalogue import catalogue
from kloe.measures.computing import Computing, Wanted
from kloe.measures.disagreements import disagreements_of
from kloe.measures.outlook import Figure, interval_of
from kloe.measures.published import register
from kloe.measures.results import Result
from kloe.measures.workbook import Contents, read_workbook

pytestmark = pytest.mark.shared

HATE = "('X1', 'noise', TIMESTAMP '2024-06-03 12:00:00')"
EDGES = """
    ('X2', 'hate', TIMESTAMP '2024-03-31 23:59:00'),
    ('X3', 'hate', TIMESTAMP '2025-04-01 00:00:00')
"""
#: By measure: the code of the published one, and the records that hold it.
SAME: dict[str, tuple[str, Callable[[str], Selects]]] = {
    "safety/gas-checks": ("BS01", lambda _t: checks("gas")),
    "safety/fire-assessments": ("BS02", lambda _t: buildings("fire")),
    "safety/asbestos-surveys": ("BS03", lambda _t: buildings("asbestos")),
    "safety/legionella-assessments": ("BS04", lambda _t: checks("legionella")),
    "safety/lifts": ("BS05", lambda _t: buildings("lift")),
    "neighbourhoods/asb-per-thousand-homes": (
        "NM01 1",
        lambda _t: nuisance("CASE WHEN r.i % 9 = 0 THEN 'hate' ELSE 'noise' END", EDGES),
    ),
    "neighbourhoods/hate-incidents-per-thousand-homes": (
        "NM01 2",
        lambda _t: nuisance("'hate'", f"{HATE}, {EDGES}"),
    ),
    "homes/decent-homes-failing": ("RP01", lambda _t: failing()),
    "repairs/on-time-non-emergency": (
        "RP02 1",
        lambda _t: jobs("urgent", "routine", "INTERVAL 12 HOUR"),
    ),
    "repairs/on-time-emergency": (
        "RP02 2",
        lambda _t: jobs("emergency", "emergency", "INTERVAL 1 MINUTE"),
    ),
    "complaints/stage-one-per-thousand-homes": ("CH01 1", lambda tenure: complaints(1, tenure)),
    "complaints/stage-two-per-thousand-homes": ("CH01 2", lambda tenure: complaints(2, tenure)),
    "access/satisfaction-overall": ("TP01", lambda _t: survey("TP01")),
    "homes/satisfaction-well-maintained": ("TP04", lambda _t: survey("TP04")),
    "homes/satisfaction-safe": ("TP05", lambda _t: survey("TP05")),
    "access/satisfaction-fair-treatment": ("TP08", lambda _t: survey("TP08")),
    "neighbourhoods/satisfaction-contribution": ("TP11", lambda _t: survey("TP11")),
    "repairs/satisfaction-repairs-service": ("TP02", lambda _t: survey("TP02")),
    "repairs/satisfaction-time-taken": ("TP03", lambda _t: survey("TP03")),
    "involvement/satisfaction-listening": ("TP06", lambda _t: survey("TP06")),
    "access/satisfaction-kept-informed": ("TP07", lambda _t: survey("TP07")),
    "complaints/satisfaction-handling": ("TP09", lambda _t: survey("TP09")),
    "neighbourhoods/satisfaction-shared-parts": ("TP10", lambda _t: survey("TP10")),
    "neighbourhoods/satisfaction-asb-handling": ("TP12", lambda _t: survey("TP12")),
}
#: Measures that name a published one and do not come to its figure, and why.
NEAR: dict[str, str] = {
    "complaints/answered-in-time": "both stages together; by stage it is held below",
    "repairs/on-time": "both kinds together; each is held by itself",
    "diversity/harassment-first-contact": "another question about the same cases",
    "diversity/satisfaction-gap": "the regulator does not publish it by group",
    "involvement/days-since-survey": "a requirement of surveys, not a figure",
    "involvement/survey-sample-size": "a requirement of surveys, not a figure",
    "neighbourhoods/asb-first-contact": "another question about the same cases",
    "rents/satisfaction-rent-service": "another question of the same kind",
    "safety/asbestos-known": "of homes, not of the shared parts of buildings",
    "safety/gas-homes-registered": "whether the denominator is complete",
}
LEAST = 30
#: Homes or repairs of one figure that are made without picking landlords.
ROWS = 1_000_000
HALF, SLACK = Decimal("0.5"), Decimal("1E-9")
#: By the first two letters of a code: whose homes its figures are of.
POPULATIONS = {
    "BS": ("all",),
    "NM": ("all",),
    "RP": ("all",),
    "CH": ("LCRA", "LCHO", "combined"),
    "TP": ("LCRA", "LCHO", "combined"),
}
TENURES = {"LCHO": OWN}
#: Part-owners see to their own repairs and are not asked about them.
RENTED_ALONE = ("TP02", "TP03", "TP04")


@pytest.fixture(scope="module")
def workbook() -> Contents:
    shared = Path(__file__).resolve().parents[3] / "shared"
    return read_workbook(shared / "data" / "tsm_2025_full.xlsx")


def published(workbook: Contents, code: str, population: str = "") -> Counts:
    """What each landlord published that has both numbers, and has them agree with its rate."""
    besides = wrong(workbook)
    return {
        figure.landlord: (figure.numerator, figure.denominator)
        for figure in workbook.figures.values()
        if figure.measure == code
        and figure.population.value == (population or POPULATIONS[code[:2]][0])
        and figure.numerator is not None
        and figure.denominator
        and (figure.landlord, code, figure.population.value) not in besides
    }


def affordable(counts: Counts) -> Counts:
    """All of them, or of very many rows the largest, the smallest, those with none, and some."""
    order = sorted(counts, key=lambda landlord: (counts[landlord][1], landlord))
    step = math.ceil(sum(y for _x, y in counts.values()) / ROWS)
    kept = {*order[:LEAST], *order[::-1][::step], *(k for k in order if not counts[k][0])}
    return {landlord: counts[landlord] for landlord in order if landlord in kept}


def published_rates(workbook: Contents, code: str, population: str) -> dict[str, Decimal]:
    """The rates as they were published."""
    return {
        figure.landlord: figure.value
        for figure in workbook.figures.values()
        if (figure.measure, figure.population.value) == (code, population)
        and figure.value is not None
    }


def agrees(result: Result, pair: tuple[Decimal, Decimal], rate: Decimal | None, places: int) -> str:
    """What is wrong with a result beside what was published; empty where nothing is."""
    if (result.numerator, result.denominator) != pair:
        return f"{result.landlord}: {result.numerator} of {result.denominator}, published {pair}"
    if rate is None or result.value is None:
        return f"{result.landlord}: no rate"
    if abs(result.value - rate) > HALF.scaleb(-places) + SLACK:
        return f"{result.landlord}: {result.value}, published {rate}"
    return ""


def wrong(workbook: Contents) -> set[tuple[str, str, str]]:
    """Figures that do not agree with themselves as they were published."""
    return {(d.landlord, d.measure, d.population) for d in disagreements_of(workbook, register())}


def computed(
    folder: Path, id_: str, counts: Counts, selects: Selects, by: str | None = None
) -> dict[str, list[Result]]:
    """The results of every landlord over records that hold these counts."""
    records = made(folder, counts, selects.items())
    with Computing(records, Wanted(periods=(YEAR,), by=by)) as computing:
        found: dict[str, list[Result]] = {}
        for result in computing.results(catalogue().source(id_)):
            found.setdefault(result.landlord, []).append(result)
    return found


def held(
    workbook: Contents, code: str, population: str, results: dict[str, Result], counts: Counts
) -> None:
    """Hold each landlord's numerator, denominator and rounded rate to what it published."""
    places, rates = register().measure(code).decimals, published_rates(workbook, code, population)
    assert set(results) == set(counts)
    found = [
        agrees(results[landlord], pair, rates.get(landlord), places)
        for landlord, pair in sorted(counts.items())
    ]
    assert not any(found), "\n".join(filter(None, found))


CASES = [
    pytest.param(id_, population, id=f"{id_} {population}")
    for id_, (code, _selects) in SAME.items()
    for population in POPULATIONS[code[:2]]
    if population != "LCHO" or code not in RENTED_ALONE
]


@pytest.mark.parametrize(("id_", "population"), CASES)
def test_what_landlords_published_comes_out_again(
    workbook: Contents, tmp_path: Path, id_: str, population: str
) -> None:
    code, selects = SAME[id_]
    counts = affordable(published(workbook, code, population))
    assert len(counts) >= (LEAST if population != "combined" else 2)
    results = computed(tmp_path / "records", id_, counts, selects(TENURES.get(population, RENT)))
    held(workbook, code, population, {k: found[0] for k, found in results.items()}, counts)


@pytest.mark.parametrize("stage", [1, 2])
def test_complaints_answered_in_time_by_stage(
    workbook: Contents, tmp_path: Path, stage: int
) -> None:
    code, id_ = f"CH02 {stage}", "complaints/answered-in-time"
    counts = published(workbook, code, "LCRA")
    results = computed(tmp_path / "records", id_, counts, answers(stage), by="stage")
    of = {k: next(r for r in found if r.group == (str(stage),)) for k, found in results.items()}
    held(workbook, code, "LCRA", of, counts)


def test_the_margin_of_a_survey_is_what_the_formula_gives(
    workbook: Contents, tmp_path: Path
) -> None:
    """Wilson's interval, by hand; where answers are weighted it cannot be told from sums."""
    counts = published(workbook, "TP07", "LCRA")
    id_ = "access/satisfaction-kept-informed"
    results = computed(tmp_path / "records", id_, counts, survey("TP07"))
    told = 0
    for landlord, (x, y) in counts.items():
        one = results[landlord][0]
        figure = Figure(one.period, one.value, one.numerator, one.denominator, one.n)
        found = interval_of(catalogue().get(id_), figure)
        if x != int(x) or y != int(y):
            assert found is None, landlord
            continue
        told += 1
        n, p, z = float(y), float(x / y), 1.959963985
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
        assert found is not None
        assert found.low is not None
        assert found.high is not None
        assert abs(float(found.low) - 100 * (middle - half)) < 1e-6
        assert abs(float(found.high) - 100 * (middle + half)) < 1e-6
    assert told > LEAST


def test_the_figures_are_of_every_kind(workbook: Contents) -> None:
    """Small and large landlords, none and all: where definitions come apart, if they do."""
    pairs = [pair for code, _s in SAME.values() for pair in published(workbook, code).values()]
    assert any(x == 0 for x, _y in pairs)
    assert any(x == y for x, y in pairs)
    assert any(x != int(x) for x, _y in pairs)
    assert min(y for _x, y in pairs) < 20 < 200_000 < max(y for _x, y in pairs)


def test_every_measure_that_names_one_is_held_to_it_or_says_why_not() -> None:
    named = {m.id for m in catalogue().all() if any(p.source == "TSM" for p in m.published)}
    assert named == {*SAME, *NEAR}
    for id_, (code, _selects) in SAME.items():
        same = [p.same_as for p in catalogue().get(id_).published if p.source == "TSM"]
        assert same == [code], id_
    for id_ in NEAR:
        assert not any(p.same_as for p in catalogue().get(id_).published if p.source == "TSM"), id_
