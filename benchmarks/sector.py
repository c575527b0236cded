"""Sets of records for the benchmarks: a generated sector, and a part of it with fewer landlords."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kloe.records.store import DataFile

REFERENCE = Path(__file__).with_name("reference")
#: The year the benchmarks ask about: the last that generated records hold whole.
START, END = date(2025, 4, 1), date(2026, 3, 31)
#: Transactions of a home in three years, roughly, and homes of a landlord in the middle.
PER_HOME, PER_LANDLORD = 109, 2680


def generate(folder: Path, transactions: int) -> None:
    """A sector with about so many rent transactions over three years."""
    homes = max(transactions // PER_HOME, 100)
    landlords = max(homes // PER_LANDLORD, 2)
    command = ["records", "generate", "--homes", str(homes), "--landlords", str(landlords)]
    command += ["--years", "3", "--seed", "1", "--out", str(folder)]
    subprocess.run(
        [sys.executable, "-c", "from kloe.cli.main import run; run()", *command],
        check=True,
        stdout=subprocess.DEVNULL,
    )


def transactions_in(folder: Path) -> int:
    """How many rent transactions a set holds."""
    from kloe.records.store import RecordSet

    return RecordSet.open(folder).table("rent_transaction").rows


def part(folder: Path, into: Path, transactions: int) -> int:
    """A set of as many landlords as have about so many transactions together.

    Files are linked, not copied. Says how many transactions there are.
    """
    from kloe.records.store import RecordSet, write_manifest

    whole = RecordSet.open(folder)
    chosen = landlords(whole.table("rent_transaction").files, transactions)
    tables = []
    for table in whole.tables.values():
        files = tuple(f for f in table.files if Path(f.path).stem in chosen)
        for file in files:
            target = into / file.path
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(folder / file.path, target)
            except OSError:
                shutil.copyfile(folder / file.path, target)
        tables.append(replace(table, files=files))
    made = write_manifest(into, landlord=whole.landlord, as_at=whole.as_at, tables=tables)
    return made.table("rent_transaction").rows


def landlords(files: tuple[DataFile, ...], transactions: int) -> set[str]:
    """Names of files whose rows come to about so many, in their order as long as they fit."""
    chosen, held = set(), 0
    for file in files:
        if held + file.rows <= transactions * 1.02:
            chosen.add(Path(file.path).stem)
            held += file.rows
    return chosen


def queries() -> dict[str, str]:
    """The reference queries by measure, with the period put in."""
    text = (REFERENCE / "rents.sql").read_text(encoding="utf-8")
    found = {}
    for block in re.split(r"^-- measure: ", text, flags=re.MULTILINE)[1:]:
        name, sql = block.split("\n", 1)
        sql = sql.replace(":start_on", f"DATE '{START}'").replace(":end_on", f"DATE '{END}'")
        found[name.strip()] = sql
    return found


def tables_of(sql: str) -> set[str]:
    """The tables of records that a query names."""
    from kloe.records.layouts import layouts

    return set(re.findall(r"[a-z_]+", sql)) & set(layouts())
