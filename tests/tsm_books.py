"""Workbooks of Tenant Satisfaction Measures made for tests: any year's shape, known figures."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import xlsxwriter

TP = tuple(f"TP{n:02d}" for n in range(1, 13))
NOT_LCHO = ("TP02", "TP03", "TP04")
WHOLE = ("BS01", "BS02", "BS03", "BS04", "BS05", "NM01 1", "NM01 2", "RP01", "RP02 1", "RP02 2")
COMPLAINTS = ("CH01 1", "CH02 1", "CH01 2", "CH02 2")
PER_1000 = ("NM01 1", "NM01 2", "CH01 1", "CH01 2")
SIZES, REGIONS = ("<5,000", "5,000-40,000", ">40,000"), ("North", "South", "London")
Expected = dict[tuple[str, str, str], tuple[Decimal | None, Decimal | None, Decimal | None, str]]


def as_published(code: str) -> str:
    return f"({code})"


def dashed(code: str) -> str:
    return code.replace("TP", "TP-").replace("BS", "BS-").replace(" ", "_") + " -"


def with_parts(code: str) -> str:
    head, _space, part = code.partition(" ")
    return f"[{head} (pt{part})]" if part else f"[{head[:2].lower()} {head[2:]}]"


@dataclass
class Book:
    """What a test wants of a workbook; ``write`` makes it and gives what must be read from it."""

    landlords: int = 24
    seed: int = 1
    prefix: str = "TSM25"
    sentence: str = "The reporting year 1 April 2024 to 31 March 2025."
    above: int = 9
    style: Callable[[str], str] = as_published
    shuffled: bool = False
    odd_spaces: bool = True
    blank_rows: int = 3
    fractions: bool = False
    changes: dict[tuple[str, str, str], Any] = field(default_factory=dict)

    def write(self, path: Path) -> Expected:
        rng = random.Random(self.seed)
        expected: Expected = {}
        book = xlsxwriter.Workbook(str(path))
        front = book.add_worksheet("Introduction")
        front.write(0, 0, f"Tenant Satisfaction Measures. {self.sentence}")
        people = [self._landlord(i) for i in range(self.landlords)]
        self._sheet(book, "LCRA_Perception", people[1:], self._answers(TP), rng, expected, "LCRA")
        lcho = [code for code in TP if code not in NOT_LCHO]
        self._sheet(book, "LCHO_Perception", people[:6], self._answers(lcho), rng, expected, "LCHO")
        self._sheet(book, "Management_Info", people, self._counts(), rng, expected, "all")
        notes = book.add_worksheet(f"{self.prefix}_Perception_Not_Inc")
        for row, cells in enumerate(
            [
                ("Not included",),
                (),
                ("Landlord name", "Landlord code", "Notes from RSH following TSM review"),
                ("Landlord 00", 4000, "The wording differed."),
            ]
        ):
            notes.write_row(row, 0, cells)
        book.close()
        return expected

    def _landlord(self, i: int) -> list[Any]:
        # Every other code is a number, as in the published workbook.
        code = 4000 + i if i % 2 == 0 else f"L{4000 + i}"
        kind = "LA" if i % 3 == 0 else "PRP"
        return [f"Landlord {i:02d}", code, kind, SIZES[i % 3], REGIONS[i % 2]]

    def _answers(self, codes: list[str] | tuple[str, ...]) -> list[tuple[str, str, str]]:
        grades = ("very satisfied", "fairly satisfied", "neither satisfied nor dissatisfied",
                  "fairly dissatisfied", "very dissatisfied")  # fmt: skip
        columns = []
        for code in codes:
            c = self.style(code)
            columns.append((f"Proportion of respondents who are satisfied {c}5", code, "value"))
            columns.append((f"Proportion who had a repair ({code} responses)", code, "noise"))
            columns.append(
                (f"Proportion satisfied {c} for each survey method - SMS", code, "noise")
            )
            columns.append((f"Proportion (unweighted) who are satisfied {c}", code, "noise"))
            columns += [(f"Number of respondents who are {g} {c}", code, g) for g in grades]
            columns.append(
                (f"Number of respondents who report 'not applicable' {c}", code, "noise")
            )
        return columns

    def _counts(self) -> list[tuple[str, str, str]]:
        columns = []
        for code in (*WHOLE, *(f"{p}|{c}" for p in ("LCRA", "LCHO") for c in COMPLAINTS)):
            population, _bar, bare = code.rpartition("|")
            first = f"{population} - " if population else ""
            c = self.style(bare)
            how = "Number per 1,000 homes" if bare in PER_1000 else "Proportion"
            columns.append((f"Did you own homes to which this applies? {c}", code, "noise"))
            columns.append((f"{first}{how} of things {c}", code, "value"))
            columns.append(
                (f"{first}Number of things {c[:-1]} Numerator{c[-1]}3", code, "numerator")
            )
            columns.append(
                (f"{first}Number (LCRA + LCHO) {c[:-1]} Denominator{c[-1]}", code, "denominator")
                if not population
                else (f"{first}Number {c[:-1]} Denominator{c[-1]}", code, "denominator")
            )
        columns.append(("What is your (maximum) target timescale for non-emergency repairs used"
                        " to calculate RP02 (1)?\u200b", "RP02 1", "target"))  # fmt: skip
        return columns

    def _sheet(
        self,
        book: Any,
        name: str,
        people: list[list[Any]],
        columns: list[tuple[str, str, str]],
        rng: random.Random,
        expected: Expected,
        population: str,
    ) -> None:
        sheet = book.add_worksheet(f"{self.prefix}_{name}")
        sheet.write(0, 0, name)
        headings = ["Landlord name", "Landlord code", "Landlord type",
                    "Landlord group size (homes owned, LCRA and LCHO combined)",
                    "Landlord predominant region"]  # fmt: skip
        if self.odd_spaces:
            headings[0] = "Landlord\u00a0name\u200b"
            headings[3] += "1,2"
        order = list(range(len(headings) + len(columns)))
        if self.shuffled:
            random.Random(self.seed + 1).shuffle(order)
        place = {what: at for at, what in enumerate(order)}
        for i, heading in enumerate(headings + [c[0] for c in columns]):
            sheet.write(self.above, place[i], heading)
        for r, person in enumerate(people, self.above + 1):
            for i, fact in enumerate(person):
                sheet.write(r, place[i], fact)
            figures = self._figures(str(person[1]), columns, rng, expected, population)
            for i, cell in enumerate(figures, len(headings)):
                sheet.write(r, place[i], cell)
        for r in range(self.blank_rows):
            sheet.write(self.above + 1 + len(people) + r, 0, " ")
            sheet.write(self.above + 1 + len(people) + r, 1, "")

    def _figures(
        self,
        code: str,
        columns: list[tuple[str, str, str]],
        rng: random.Random,
        expected: Expected,
        population: str,
    ) -> list[Any]:
        cells: dict[tuple[str, str], Any] = {}
        for measure in dict.fromkeys(c[1] for c in columns):
            of, _bar, bare = measure.rpartition("|")
            whose = of or population
            value, numerator, denominator, marker, parts = self._one(bare, rng)
            key = (code, bare, whose)
            if key in self.changes:
                value, marker = None, str(self.changes[key])
                if isinstance(self.changes[key], Decimal):
                    value, marker = self.changes[key], ""
            expected[key] = (value, numerator, denominator, _letter(marker))
            published = value / 100 if value is not None and self._as_fraction(bare) else value
            cells[measure, "value"] = marker if published is None else float(published)
            cells |= {(measure, role): float(number) for role, number in parts.items()}
        return [
            cells.get((measure, role), 28 if role == "target" else "77.7")
            for _heading, measure, role in columns
        ]

    def _as_fraction(self, measure: str) -> bool:
        return self.fractions and measure not in PER_1000

    def _one(
        self, measure: str, rng: random.Random
    ) -> tuple[Decimal | None, Decimal, Decimal, str, dict[str, Decimal]]:
        if measure in TP:
            answers = [Decimal(rng.randint(5, 4000)) / 10 for _ in range(5)]
            names = ("very satisfied", "fairly satisfied", "neither satisfied nor dissatisfied",
                     "fairly dissatisfied", "very dissatisfied")  # fmt: skip
            numerator, denominator = sum(answers[:2], Decimal(0)), sum(answers, Decimal(0))
            parts = dict(zip(names, answers, strict=True))
        else:
            denominator = Decimal(rng.randint(900, 40000))
            numerator = Decimal(rng.randint(1, int(denominator)))
            parts = {"numerator": numerator, "denominator": denominator}
        factor = 1000 if measure in PER_1000 else 100
        value = (numerator / denominator * factor).quantize(Decimal("0.1"), ROUND_HALF_UP)
        return value, numerator, denominator, "", parts


def _letter(marker: str) -> str:
    return marker.strip("[] ").upper() if marker.startswith("[") else marker
