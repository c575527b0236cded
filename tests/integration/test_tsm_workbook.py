"""The regulator's real workbook, imported, and every figure recomputed by other means.

The other means: the sheets' XML read with the standard library, headings matched by the words
of the published workbook rather than by our rules, quartiles by ``statistics``.
"""

from __future__ import annotations

import csv
import io
import re
import statistics
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
import zipfile
from collections import Counter, defaultdict
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from kloe.measures.benchmarks import import_workbook
from kloe.measures.dataset import open_dataset
from kloe.measures.headers import Population

pytestmark = pytest.mark.shared

WORKBOOK = Path(__file__).resolve().parents[3] / "shared" / "data" / "tsm_2025_full.xlsx"
NS = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
NUMBERS = ("Number", "Total")
REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def raw_sheets(path: Path) -> dict[str, dict[int, dict[str, str | float]]]:
    """Every sheet as rows of cells by column letters, by the standard library alone."""
    with zipfile.ZipFile(path) as archive:
        strings = [
            "".join(t.text or "" for t in si.iter(f"{{{NS['m']}}}t"))
            for si in ET.fromstring(archive.read("xl/sharedStrings.xml"))
        ]
        targets = {
            r.get("Id"): r.get("Target")
            for r in ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
        }
        book = ET.fromstring(archive.read("xl/workbook.xml"))
        found = {}
        for sheet in book.find("m:sheets", NS):
            rows: dict[int, dict[str, str | float]] = defaultdict(dict)
            xml = ET.fromstring(archive.read(f"xl/{targets[sheet.get(REL)]}"))
            for cell in xml.iter(f"{{{NS['m']}}}c"):
                value = cell.find("m:v", NS)
                if value is None:
                    continue
                letters, number = re.fullmatch(r"([A-Z]+)(\d+)", cell.get("r")).groups()
                rows[int(number)][letters] = (
                    strings[int(value.text)] if cell.get("t") == "s"
                    else value.text if cell.get("t") == "str"
                    else float(value.text)
                )  # fmt: skip
            found[sheet.get("name")] = dict(rows)
    return found


def number(cell: object) -> Decimal | None:
    return Decimal(repr(cell)) if isinstance(cell, float) else None


def code_of(cell: object) -> str:
    return str(int(cell)) if isinstance(cell, float) else str(cell).strip()


class Raw:
    """The published figures as these tests read them, knowing this one workbook's layout."""

    def __init__(self, path: Path) -> None:
        self.sheets = raw_sheets(path)
        self.figures: dict[tuple[str, str, str], tuple] = {}
        self.facts: dict[str, tuple] = {}
        for name, heading, population in (
            ("TSM25_LCRA_Perception", 11, "LCRA"),
            ("TSM25_LCHO_Perception", 10, "LCHO"),
            ("TSM25_Combined_Perception", 10, "combined"),
        ):
            self._perception(self.sheets[name], heading, population)
        self._management(self.sheets["TSM25_Management_Info"], 10)

    def _rows(self, sheet, heading):
        for at in sorted(sheet):
            row = sheet[at]
            if at > heading and row.get("B") and row.get("A"):
                code = code_of(row["B"])
                self.facts.setdefault(code, (row["A"], row["C"], row["E"], row["F"]))
                yield at, code, row

    def _perception(self, sheet, heading, population):
        heads = sheet[heading]
        for at, code, row in self._rows(sheet, heading):
            for n in range(1, 13):
                measure = f"TP{n:02d}"
                mine = [c for c, h in heads.items() if f"({measure})" in h]
                rate = [
                    c for c in mine
                    if heads[c].startswith("Proportion of respondents who report")
                    and "method" not in heads[c]
                ]  # fmt: skip
                if not rate:
                    continue
                answers = [
                    c for c in mine
                    if re.match(r"Number of respondents who report that they are", heads[c])
                    and "live" not in heads[c]
                ]  # fmt: skip
                assert (len(rate), len(answers)) == (1, 5), (measure, population)
                counts = [number(row.get(c)) for c in answers]
                whole = None not in counts
                self.figures[code, measure, population] = (
                    number(row.get(rate[0])),
                    sum(counts[:2]) if whole else None,
                    sum(counts) if whole else None,
                    row.get(rate[0]),
                    at,
                )

    def _management(self, sheet, heading):
        heads = sheet[heading]
        for at, code, row in self._rows(sheet, heading):
            for column, head in heads.items():
                found = re.match(r"(?:(LCRA|LCHO|Combined) - )?(?:Proportion|Number)", head)
                named = re.search(r"\(((?:BS|NM|RP|CH)\d\d(?: \d)?)\)\s*\d?\s*$", head)
                if not found or not named:
                    continue
                parts = [
                    next(
                        row.get(c) for c, h in heads.items()
                        if f"({named[1]} {part})" in h and h.startswith(found[1] or NUMBERS)
                    )
                    for part in ("Numerator", "Denominator")
                ]  # fmt: skip
                population = {"Combined": "combined", None: "all"}.get(found[1], found[1])
                key = (code, named[1], population)
                assert key not in self.figures
                self.figures[key] = (
                    number(row.get(column)), *map(number, parts), row.get(column), at,
                )  # fmt: skip


@pytest.fixture(scope="module")
def raw() -> Raw:
    return Raw(WORKBOOK)


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    data = tmp_path_factory.mktemp("tsm")
    start = time.perf_counter()
    done = import_workbook(WORKBOOK, data)
    took = time.perf_counter() - start
    return done.info, open_dataset(data, done.info.id), data, took


@pytest.fixture(scope="module")
def dataset(ground):
    return ground[1]


def test_what_the_workbook_holds(ground):
    info, _dataset, _data, _took = ground
    assert info.id == "tsm-2024-25"
    assert info.sheets == {
        "TSM25_LCRA_Perception": 353,
        "TSM25_LCHO_Perception": 59,
        "TSM25_Combined_Perception": 2,
        "TSM25_Management_Info": 359,
    }
    assert info.counts == {
        "landlords": 360,
        "listed": 363,
        "measures": 26,
        "values": 10005,
        "without value": 2684,
        "disagreements": 0,
    }
    assert info.markers == {"E": 11, "U": 2673}
    assert info.remarks == ()


def test_import_takes_no_more_than_a_few_seconds(ground):
    assert ground[3] < 10


def test_every_figure_is_the_workbooks(raw, dataset):
    found = {(v.landlord, v.measure, v.population.value): v for v in dataset.values()}
    assert set(found) == set(raw.figures)
    for key, (value, numerator, denominator, cell, row) in raw.figures.items():
        mine = found[key]
        assert (mine.value, mine.numerator, mine.denominator, mine.row) == (
            value,
            numerator,
            denominator,
            row,
        ), key
        if value is None:
            assert mine.marker == re.fullmatch(r"\[([A-Z])\]", cell)[1]
        else:
            assert mine.marker == ""


def test_every_rate_agrees_when_recomputed_another_way(raw):
    per_1000 = ("NM01", "CH01")
    checked = 0
    for (_code, measure, _homes), (value, numerator, denominator, *_) in raw.figures.items():
        if value is None:
            continue
        factor = 1000 if measure.startswith(per_1000) else 100
        rate = Fraction(numerator) * factor / Fraction(denominator)
        assert abs(rate - Fraction(value)) <= Fraction(1, 20), (measure, value)
        checked += 1
    assert checked == 10005


def test_every_cell_reference_leads_back_to_its_figure(raw, dataset):
    for v in dataset.values()[::37]:
        cell = raw.sheets[v.sheet][v.row][v.column]
        assert cell == f"[{v.marker}]" if v.value is None else number(cell) == v.value


def test_landlords_are_the_workbooks(raw, dataset):
    listed = {x.code: x for x in dataset.landlords()}
    assert len(raw.facts) == 360
    for code, (name, kind, size, region) in raw.facts.items():
        x = listed[code]
        assert (x.name, x.type, x.size, x.region) == (
            " ".join(name.split()), kind, size, region,
        )  # fmt: skip
    assert {x.name for x in dataset.landlords() if not dataset.values(x)} == {
        "Grainger Trust Limited", "ReSI Homes Limited", "The Abbeyfield Society",
    }  # fmt: skip
    with_results = [x for x in listed.values() if x.code in raw.facts]
    assert Counter(x.type for x in with_results) == {"PRP": 200, "LA": 160}
    assert Counter(x.region for x in with_results) == {
        "South": 135, "North": 91, "Midlands": 66, "London": 53, "Mixed": 15,
    }  # fmt: skip


def test_quartiles_by_the_standard_library(raw, dataset, ground):
    values = defaultdict(list)
    for (_code, measure, population), (value, *_rest) in raw.figures.items():
        if value is not None:
            values[measure, population].append(Fraction(value))
    printed = subprocess.run(
        [sys.executable, "-c", "from kloe.cli.main import run; run()", "benchmarks", "quartiles",
         "tsm-2024-25", "--format", "csv", "--data", str(ground[2])],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    rows = {(r["measure"], r["population"]): r for r in csv.DictReader(io.StringIO(printed.stdout))}
    assert set(rows) == set(values)
    assert len(rows) == 12 + 9 + 12 + 10 + 12
    for key, found in values.items():
        row = rows[key]
        assert int(row["n"]) == len(found)
        wanted = statistics.quantiles(found, n=4, method="inclusive")
        assert [Fraction(row[q]) for q in ("q1", "median", "q3")] == wanted, key


@pytest.mark.parametrize(
    ("code", "measure", "population", "value", "numerator", "denominator"),
    [
        # read off the workbook by eye
        ("45UB", "BS03", "all", "47.6", "1189", "2498"),
        ("45UB", "RP02 2", "all", "60.7", "2936", "4834"),
        ("L4240", "BS01", "all", "96.9", None, None),
        ("45UB", "CH02 2", "LCRA", "25.8", "8", "31"),
        ("LH3859", "CH01 1", "combined", "32.0", "34", "1063"),
    ],
)
def test_spot_values(dataset, code, measure, population, value, numerator, denominator):
    p = dataset.position(dataset.landlord(code), measure, Population(population))
    assert p.value == Decimal(value)
    if numerator:
        assert (p.numerator, p.denominator) == (Decimal(numerator), Decimal(denominator))


def test_weighted_counts_stay_fractions(raw, dataset):
    fractional = [
        v for v in dataset.values() if v.numerator is not None and v.numerator != int(v.numerator)
    ]
    assert {v.measure[:2] for v in fractional} == {"TP"}
    assert len({v.landlord for v in fractional}) > 40


def test_reasons(dataset):
    def reason(name: str, measure: str) -> str:
        return str(dataset.position(dataset.landlord(name), measure).reason)

    assert "RP02_1 (non emergency repairs) has been excluded" in reason("Adur", "RP02 1")
    assert "wording differed" in reason("Cannock Chase", "TP05")
    assert "nothing to divide by" in reason("Heylo", "RP01")
    assert "kinds of homes" in reason("Heylo", "TP02")
    assert "data quality assurance" in reason("Tandridge", "BS01")
    assert "not in the published table" in reason("Abbeyfield", "TP01")


def test_a_position_recomputed(raw, dataset):
    """Rank and quarter of one landlord among councils of its size in its region."""
    p = dataset.position(dataset.landlord("45UB"), "TP01")
    peers = [
        raw.figures[code, "TP01", "LCRA"][0]
        for code, (_name, kind, size, region) in raw.facts.items()
        if (kind, size, region) == ("LA", "<5,000", "South")
        and (code, "TP01", "LCRA") in raw.figures
    ]
    own = raw.figures["45UB", "TP01", "LCRA"][0]
    assert (p.n, p.value) == (len(peers), own)
    assert p.rank == 1 + sum(value > own for value in peers)
    q1 = statistics.quantiles(map(Fraction, peers), n=4, method="inclusive")[0]
    assert (p.standing == "worst") == (Fraction(own) < q1)
    assert p.peers.widened == ()


def test_every_landlord_has_a_position_or_a_reason_on_every_measure(dataset):
    codes = {m.code for m in dataset.book.measures}
    for landlord in dataset.landlords():
        positions = dataset.positions(landlord)
        assert {p.measure.code for p in positions} == codes
        for p in positions:
            assert (p.value is None) == (p.reason is not None)
            if p.value is not None:
                assert 1 <= p.rank <= p.n
                assert p.standing
                assert p.spread.least <= p.value <= p.spread.most
                assert p.peers.has(landlord)
                assert p.n > 10 or p.peers.by == ()


def test_a_published_rate_made_wrong_is_found(raw):
    """What the check would say if the regulator had rounded one figure the other way."""
    value, numerator, denominator, *_rest = raw.figures["45UB", "BS03", "all"]
    rounded = (numerator / denominator * 100).quantize(Decimal("0.1"), ROUND_HALF_UP)
    assert rounded == value
    assert abs(numerator / denominator * 100 - (value + Decimal("0.1"))) > Decimal("0.05")
