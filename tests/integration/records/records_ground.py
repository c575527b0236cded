"""Ground for tests of loading: a folder of extracts, a data directory, and a hand to load with."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kloe.core.errors import KloeError
from kloe.records.loading import Result, check_records, load_records
from kloe.records.mapping import parse_mapping
from kloe.records.store import RecordSet

HEADER = "transaction_ref,account_ref,posted_on,amount,kind,description"
TENANCIES = """
  - files: t.csv
    table: tenancy
    columns: {tenancy_ref: ref, property_ref: prop}
"""
TRANSACTIONS = """
  - files: {files}
    table: rent_transaction
    columns:
      transaction_ref: transaction_ref
      account_ref: account_ref
      posted_on: {{from: posted_on, dates: "%d/%m/%Y"}}
      amount: amount
      kind: {{from: kind, codes: {{RNT: charge, PAY: payment, ADJ: adjustment}}}}
      description: description
"""


def row(n: int, **other: str) -> str:
    """A row of a ledger, in order and clean but for what is given."""
    cells = {
        "ref": f"T{n}", "account": f"A{n % 7}", "day": f"{n % 28 + 1:02d}/04/2025",
        "amount": f"{n}.50", "kind": ("RNT", "PAY", "ADJ")[n % 3], "words": f"Week {n}",
    }  # fmt: skip
    return ",".join({**cells, **other}.values())


def ledger(count: int, *, start: int = 1) -> str:
    """An extract of so many clean rows."""
    return "\n".join([HEADER, *(row(n) for n in range(start, start + count))]) + "\n"


@dataclass
class Ground:
    """A folder of files and a data directory."""

    folder: Path
    data: Path

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def mapping(self, sources: str) -> Any:
        return parse_mapping(
            f"format: kloe-mapping/1\nlandlord: acme\nas_at: 2026-03-31\nsources:{sources}"
        )

    def load(self, sources: str, **more: Any) -> Result:
        more.setdefault("by", "tester")
        return load_records(self.data, self.mapping(sources), self.folder, **more)

    def check(self, sources: str, **more: Any) -> Result:
        return check_records(self.data, self.mapping(sources), self.folder, **more)

    def ledger(self, files: str = "rents.csv", **more: Any) -> Result:
        return self.load(TRANSACTIONS.format(files=files), **more)

    def refused(
        self, sources: str | None = None, files: str = "rents.csv", **more: Any
    ) -> KloeError:
        """The error a load ends with; nothing of it is left."""
        before = self.state()
        with pytest.raises(KloeError) as caught:
            self.load(sources or TRANSACTIONS.format(files=files), **more)
        assert self.state() == before, "something of a refused load is left"
        return caught.value

    def state(self) -> list[str]:
        """Every path in the data directory but locks and empty folders."""
        return sorted(
            p.relative_to(self.data).as_posix()
            for p in self.data.rglob("*")
            if p.is_file() and p.name != ".lock"
        )

    @property
    def current(self) -> RecordSet:
        return RecordSet.open(self.data / "records" / "acme")

    def rows(self, table: str, columns: str = "*", where: str = "true") -> list[tuple[Any, ...]]:
        import duckdb

        files = [str(p) for p in self.current.paths(table)]
        with duckdb.connect() as con:
            return con.execute(
                f"SELECT {columns} FROM read_parquet(?) WHERE {where}"
                " ORDER BY source_file, source_row",
                [files],
            ).fetchall()

    def rejects(self, table: str) -> list[dict[str, str]]:
        path = self.current.folder / "rejects" / f"{table}.csv"
        if not path.is_file():
            return []
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
