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
from rent_extracts import TRANSACTIONS

TENANCIES = """
  - files: t.csv
    table: tenancy
    columns: {tenancy_ref: ref, property_ref: prop}
"""


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
