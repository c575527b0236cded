"""An invented sector to compare the demonstration landlord with.

A workbook in the shape the regulator publishes, with invented landlords whose figures spread
about as real ones do, imported like any other. It says of itself that it is invented.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import xlsxwriter

from kloe.measures.benchmarks import import_workbook

SEED = 20260331
LANDLORDS = 64
YEAR = "The reporting year 1 April 2025 to 31 March 2026. Invented for demonstration."
REGIONS = ("Invented coast", "Invented valleys", "Invented uplands")
SIZES = ("<5,000", "5,000-40,000")
ANSWERS = (
    "very satisfied",
    "fairly satisfied",
    "neither satisfied nor dissatisfied",
    "fairly dissatisfied",
    "very dissatisfied",
)
COMPLAINTS = ("CH01 (1)", "CH01 (2)", "CH02 (1)", "CH02 (2)")
#: Mean and spread of each rate over the sector, in per cent or per 1,000 homes.
USUAL: dict[str, tuple[float, float]] = {
    "TP01": (72, 8), "TP02": (74, 7), "TP03": (69, 8), "TP04": (72, 7), "TP05": (77, 6),
    "TP06": (61, 8), "TP07": (71, 7), "TP08": (78, 6), "TP09": (36, 8), "TP10": (66, 8),
    "TP11": (64, 7), "TP12": (59, 7),
    "RP01": (1.6, 2.2), "RP02 (1)": (82, 9), "RP02 (2)": (95, 4),
    "BS01": (99.7, 0.4), "BS02": (99.4, 1.2), "BS03": (98.9, 2.5), "BS04": (98.6, 3),
    "BS05": (98.4, 3.5), "NM01 (1)": (34, 16), "NM01 (2)": (0.6, 0.4),
    "CH01 (1)": (55, 22), "CH01 (2)": (8, 4), "CH02 (1)": (84, 12), "CH02 (2)": (82, 14),
}  # fmt: skip


def _landlords(rng: random.Random, own: Mapping[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {
            "name": own["organisation"]["name"],
            "code": own["organisation"]["code"],
            "size": SIZES[0],
            "region": REGIONS[0],
            "homes": own["organisation"]["homes"] - own["organisation"]["leasehold"],
            "own": own["published"],
        }
    ]
    for n in range(1, LANDLORDS):
        size = SIZES[0] if n % 8 else SIZES[1]
        homes = rng.randint(1200, 4900) if size == SIZES[0] else rng.randint(5200, 21_000)
        found.append(
            {
                "name": f"Invented landlord {n:02d}",
                "code": f"X{n:03d}",
                "size": size,
                "region": REGIONS[n % 3],
                "homes": homes,
                "own": {},
            }
        )
    return found


def _rate(rng: random.Random, measure: str) -> float:
    mean, spread = USUAL[measure]
    top = 100.0 if mean < 100 and not measure.startswith(("NM", "CH01")) else 400.0
    return min(top, max(0.0, rng.gauss(mean, spread)))


def _counts(rng: random.Random, measure: str, homes: int) -> tuple[int, int]:
    """Numerator and denominator of a rate drawn for a landlord of that many homes."""
    rate = _rate(rng, measure)
    if measure.startswith(("NM", "CH01")):
        return round(homes * rate / 1000), homes
    base = homes
    if measure.startswith("RP02"):
        base = round(homes * rng.uniform(1.2, 2.0) * (0.75 if measure == "RP02 (1)" else 0.35))
    elif measure.startswith("CH02"):
        base = max(4, round(homes * rng.uniform(0.004, 0.08)))
    elif measure.startswith("BS"):
        base = round(homes * rng.uniform(0.5, 0.98))
    return round(base * rate / 100), base


def _answers(rng: random.Random, rate: float, n: int) -> list[int]:
    satisfied = round(n * rate / 100)
    very = round(satisfied * rng.uniform(0.35, 0.55))
    rest = n - satisfied
    neither = round(rest * rng.uniform(0.3, 0.5))
    fairly = round((rest - neither) * rng.uniform(0.4, 0.6))
    return [very, satisfied - very, neither, fairly, rest - neither - fairly]


def write(path: Path, own: Mapping[str, Any]) -> None:
    """Write the workbook: the same bytes of figures at every call."""
    rng = random.Random(SEED)  # noqa: S311 - invented figures, meant to be the same each time
    landlords = _landlords(rng, own)
    book = xlsxwriter.Workbook(str(path), {"in_memory": True})
    front = book.add_worksheet("Introduction")
    front.write(0, 0, f"Tenant Satisfaction Measures. {YEAR}")
    _perception(book, rng, landlords)
    _management(book, rng, landlords)
    book.close()


HEADINGS = (
    "Landlord name",
    "Landlord code",
    "Landlord type",
    "Landlord group size (homes owned, LCRA and LCHO combined)",
    "Landlord predominant region",
)


def _facts(landlord: Mapping[str, Any]) -> list[Any]:
    return [landlord["name"], landlord["code"], "PRP", landlord["size"], landlord["region"]]


def _perception(book: Any, rng: random.Random, landlords: list[dict[str, Any]]) -> None:
    sheet = book.add_worksheet("TSM26_LCRA_Perception")
    sheet.write(0, 0, "LCRA perception measures, invented for demonstration")
    codes = [f"TP{n:02d}" for n in range(1, 13)]
    columns = [
        heading
        for code in codes
        for heading in (
            f"Proportion of respondents who are satisfied ({code})",
            *(f"Number of respondents who are {a} ({code})" for a in ANSWERS),
        )
    ]
    sheet.write_row(4, 0, [*HEADINGS, *columns])
    for row, landlord in enumerate(landlords, start=5):
        n = min(1200, round(landlord["homes"] * 0.28))
        cells: list[Any] = []
        for code in codes:
            given = landlord["own"].get(code)
            answers = given or _answers(rng, _rate(rng, code), n)
            share = round(100 * (answers[0] + answers[1]) / sum(answers), 1)
            cells += [share, *answers]
        sheet.write_row(row, 0, [*_facts(landlord), *cells])


def _management(book: Any, rng: random.Random, landlords: list[dict[str, Any]]) -> None:
    sheet = book.add_worksheet("TSM26_Management_Info")
    sheet.write(0, 0, "Management information, invented for demonstration")
    measures = [m for m in USUAL if not m.startswith("TP")]
    columns: list[str] = []
    for measure in measures:
        first = "LCRA - " if measure in COMPLAINTS else ""
        how = "Number per 1,000 homes" if measure.startswith(("NM", "CH01")) else "Proportion"
        code, _space, part = measure.partition(" ")
        tag = f"{code} {part}".strip()
        columns += [
            f"{first}{how} ({tag})",
            f"{first}Number ({tag} Numerator)",
            f"{first}Number ({tag} Denominator)",
        ]
    sheet.write_row(6, 0, [*HEADINGS, *columns])
    for row, landlord in enumerate(landlords, start=7):
        cells: list[Any] = []
        for measure in measures:
            given = landlord["own"].get(measure)
            numerator, base = given or _counts(rng, measure, landlord["homes"])
            factor = 1000 if measure.startswith(("NM", "CH01")) else 100
            cells += [round(factor * numerator / base, 1), numerator, base]
        sheet.write_row(row, 0, [*_facts(landlord), *cells])


def bring_in(data_dir: Path, own: Mapping[str, Any]) -> str:
    """Import the invented sector; gives the dataset's identifier. Safe to repeat."""
    with tempfile.TemporaryDirectory(dir=data_dir / "tmp") as folder:
        path = Path(folder) / "invented-sector.xlsx"
        write(path, own)
        return import_workbook(path, data_dir, invented=True).info.id
