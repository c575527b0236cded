"""Extracts in the styles of five invented vendors, written from invented records.

``vendors.txt`` says how each heads its columns; here stands how each writes dates, money, truth
values and codes. Three of them use names that no layout has in ``seen_as``.
"""

from __future__ import annotations

import csv
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from kloe.records.layouts import Column, Type, layout

VENDORS = ("lower", "camel", "upper", "coded", "wide")
TEXT = Path(__file__).with_name("vendors.txt")
ROWS = 160
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Headed:
    """One table as one vendor heads it."""

    table: str
    file: str
    columns: dict[str, str]  # theirs -> ours, or [kind] of what is none of ours


def headings(vendor: str) -> list[Headed]:
    """Every table of a vendor."""
    at = VENDORS.index(vendor)
    found: list[Headed] = []
    for line in TEXT.read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or not line.strip():
            continue
        if match := re.match(r"\[(\w+)\] +(.+\|.+)", line):
            names = [p.strip() for p in match[2].split("|")]
            if len(names) == 5 and match[1] in _TABLES:
                found.append(Headed(match[1], names[at], {}))
                continue
        parts = [p.strip() for p in line.split("|")]
        if parts[at + 1] != "-":
            found[-1].columns[parts[at + 1]] = parts[0]
    return found


_TABLES = (
    "property", "person", "tenancy", "rent_account", "rent_transaction", "rent_statement", "void",
    "application", "offer", "repair_job", "compliance_certificate", "complaint", "asb_case",
    "arrears_action", "tenancy_member",
)  # fmt: skip


# Records in the layouts


def records(seed: int = 7) -> dict[str, Rows]:
    """Invented records of every table the vendors have, references among them whole."""
    rng = random.Random(seed)
    made: dict[str, Rows] = {}
    for n, table in enumerate(_TABLES):
        made[table] = [_row(rng, table, n, i, made) for i in range(ROWS)]
    return made


def generated(folder: Path) -> dict[str, Rows]:
    """Records of an invented landlord from the generator, some of every table."""
    import pyarrow.parquet as pq

    from kloe.records.generator import Wanted, generate
    from kloe.records.store import RecordSet

    generate(Wanted(homes=600, years=2, seed=7), folder / "set")
    found = RecordSet.open(folder / "set")
    return {
        table: [row for path in found.paths(table) for row in pq.read_table(path).to_pylist()][:700]
        for table in _TABLES
    }


def _row(rng: random.Random, table: str, n: int, i: int, made: dict[str, Rows]) -> dict[str, Any]:
    ours = layout(table)
    row: dict[str, Any] = {}
    day = date(2023, 4, 1) + timedelta(days=rng.randrange(900))
    for column in ours.columns:
        if column.name in ours.key and column.of is None and column.type is Type.REF:
            row[column.name] = f"{100000 * (n + 1) + 37 * i}"
            continue
        if not column.required and rng.random() < _EMPTY.get(column.name, 0.08):
            row[column.name] = None
            continue
        if column.type in (Type.DATE, Type.DATETIME):
            day += timedelta(days=rng.randrange(1, 20))
        row[column.name] = _value(rng, table, column, day, made)
    if table == "rent_transaction":
        credit = row["kind"] in ("payment", "hb", "uc_apa", "write_off")
        row["amount"] = -abs(row["amount"]) if credit else abs(row["amount"])
    return row


_EMPTY = {"end_on": 0.7, "end_reason": 0.7, "closed_on": 0.4, "to_on": 0.8, "refusal_reason": 0.5}


def _value(rng: random.Random, table: str, column: Column, day: date, made: dict[str, Rows]) -> Any:
    name = column.name
    if column.of in made or name == "asset_ref":
        of = column.of or "property"
        return rng.choice(made[of])[layout(of).key[0]]
    if name in ("build_year", "birth_year"):
        return rng.randrange(1930, 2004)
    if name == "uprn":
        return str(10_000_000_000 + rng.randrange(10**9))
    if name == "postcode":
        inward = rng.choice("ABDEF") + rng.choice("GHJLN")
        return f"CF{rng.randrange(10, 48)} {rng.randrange(1, 9)}{inward}"
    if name == "estate":
        return rng.choice(("Brynteg", "Heol Fawr", "Maes y Coed", "Glanrafon", "The Willows"))
    if name in ("contractor", "block_ref"):
        return rng.choice(("K01", "K02", "K07", "K11", "K15", "K20"))
    if column.type is Type.CODE:
        return rng.choice([c for c in column.codes if c not in ("other", "not_said")])
    if column.type is Type.DATE:
        return day
    if column.type is Type.DATETIME:
        return datetime(day.year, day.month, day.day, rng.randrange(8, 18), rng.randrange(60))
    if column.type is Type.MONEY:
        return Decimal(rng.randrange(1_000, 250_000)) / 100
    if column.type is Type.INTEGER:
        return rng.randrange(0, 6)
    if column.type is Type.BOOLEAN:
        return rng.random() < 0.4
    if column.type is Type.TEXT:
        return rng.choice(("Weekly charge", "Paid by card", "Correction", "Benefit received"))
    return f"R{rng.randrange(10_000)}"


# How a vendor writes


@dataclass(frozen=True)
class Style:
    """How values are written."""

    day: Callable[[date], str]
    moment: Callable[[datetime], str]
    money: Callable[[Decimal], str]
    truth: tuple[str, str]
    code: Callable[[Column, str], str]


_SHORT = {
    "house": "HSE", "flat": "FLT", "maisonette": "MAIS", "bungalow": "BUNG", "bedsit": "BST",
    "garage": "GAR", "social_rent": "SR", "affordable_rent": "AR", "general_needs": "GN",
    "direct_debit": "DD", "standing_order": "STO", "cheque": "CHQ", "telephone": "TEL",
    "female": "F", "male": "M", "emergency": "EM", "urgent": "URG", "routine": "RTN",
    "occupied": "OCC", "void": "VAC", "secure": "SEC", "starter": "INT", "gas": "LGSR",
    "electrical": "EICR", "fire": "FRA", "energy": "EPC",
}  # fmt: skip


def _label(column: Column, code: str) -> str:
    return column.codes[code].get("en")


def _mixed(value: Decimal) -> str:
    return f"({-value:,.2f})" if value < 0 else f"{value:,.2f}"


def _crdr(value: Decimal) -> str:
    return f"{abs(value):.2f} {'CR' if value < 0 else 'DR'}"


def _german(value: Decimal) -> str:
    return f"{value:,.2f}".replace(",", "_").replace(".", ",").replace("_", ".")


STYLES = {
    "lower": Style(
        lambda d: f"{d:%Y-%m-%d} 00:00:00", lambda m: f"{m:%Y-%m-%d %H:%M:%S}",
        lambda v: f"{v:.2f}", ("Y", "N"), lambda c, v: _SHORT.get(v, v[:4].upper()),
    ),
    "camel": Style(
        lambda d: f"{d:%Y-%m-%d}", lambda m: f"{m:%Y-%m-%dT%H:%M:%S}", str,
        ("True", "False"),
        lambda c, v: "".join(w.capitalize() for w in _label(c, v).replace(",", "").split()),
    ),
    "upper": Style(
        lambda d: f"{d:%d/%m/%Y}", lambda m: f"{m:%d/%m/%Y %H:%M}", _mixed, ("Yes", "No"),
        lambda c, v: _label(c, v).upper(),
    ),
    "coded": Style(
        lambda d: f"{d:%d.%m.%Y}", lambda m: f"{m:%d.%m.%Y %H:%M}", _german, ("1", "0"),
        lambda c, v: str(list(c.codes).index(v) + 1),
    ),
    "wide": Style(
        lambda d: f"{d:%d %b %Y}", lambda m: f"{m:%d %b %Y %H:%M}",
        _crdr, ("Yes", "No"), _label,
    ),
}  # fmt: skip


def cell(style: Style, column: Column, value: Any) -> str:
    """A value as this vendor writes it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return style.truth[0] if value else style.truth[1]
    if isinstance(value, datetime):
        return style.moment(value)
    if isinstance(value, date):
        return style.day(value)
    if isinstance(value, Decimal):
        return style.money(value)
    if column.type is Type.CODE:
        return style.code(column, value)
    return str(value)


def _foreign(kind: str, i: int) -> str:
    rng = random.Random(i)
    first = rng.choice(("Anwen", "Rhys", "Sian", "Owain", "Priya", "Tomos", "Grace", "Idris"))
    last = rng.choice(("Morgan", "Pritchard", "Khan", "Bevan", "Okafor", "Lloyd", "Nowak"))
    return {
        "name": f"{first} {last}{'son' if i % 3 else 'ley'}",
        "email": f"{first}.{last}{i}@example.org".lower(),
        "phone": f"07700 9{i:05d}",
        "nino": f"AB{i:06d}C",
        "address": f"{i + 1} Heol y Bont",
        "user": f"{first} {last}",
        "notes": f"{rng.choice(('Tap leaks', 'Door broken', 'Socket loose'))}, no {i}",
    }[kind]


def write(vendor: str, folder: Path, made: dict[str, Rows]) -> dict[str, Headed]:
    """Write a vendor's files; what truth is, by file (or sheet)."""
    style, tables = STYLES[vendor], headings(vendor)
    book: dict[str, list[list[str]]] = {}
    truth: dict[str, Headed] = {}
    for one in tables:
        theirs = list(one.columns)
        rng = random.Random(one.file)
        rng.shuffle(theirs)
        rows = [
            [
                _foreign(one.columns[t][1:-1], i) if one.columns[t].startswith("[")
                else cell(style, layout(one.table).column(one.columns[t]), row[one.columns[t]])
                for t in theirs
            ]
            for i, row in enumerate(made[one.table])
        ]  # fmt: skip
        if vendor == "wide":
            book[one.file] = [[f"{one.file}, as at 31 March 2026"], [], theirs, *rows]
            truth[one.file] = one
            continue
        head = [theirs]
        columns = one.columns
        if vendor == "coded":
            number = int(one.file[1:])
            codes = [f"F{number + 1 + i:05d}" for i in range(len(theirs))]
            columns = {c: one.columns[t] for c, t in zip(codes, theirs, strict=True)}
            head = [codes, theirs]
        suffix = {"lower": "txt", "camel": "csv", "upper": "csv", "coded": "csv"}[vendor]
        name = f"{one.file}.{suffix}"
        encoding = {"camel": "utf-8-sig", "coded": "cp1252"}.get(vendor, "utf-8")
        delimiter = {"lower": "|", "coded": ";"}.get(vendor, ",")
        with (folder / name).open("w", encoding=encoding, newline="") as stream:
            csv.writer(stream, delimiter=delimiter).writerows([*head, *rows])
        truth[name] = Headed(one.table, name, columns)
    if vendor == "wide":
        import xlsxwriter

        with xlsxwriter.Workbook(str(folder / "housing.xlsx")) as workbook:
            for sheet, lines in book.items():
                page = workbook.add_worksheet(sheet)
                for r, line in enumerate(lines):
                    page.write_row(r, 0, line)
    return truth
