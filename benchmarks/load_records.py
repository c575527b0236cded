"""How fast a ledger loads with every rule on, beside DuckDB's own COPY from CSV to Parquet.

    python benchmarks/load_records.py [--rows 3000000] [--runs 3] [--format table|json]

An invented ledger of rent, one row in ten thousand broken, is written once. Then, in fresh
processes and one after the other in each run: DuckDB copies the CSV to Parquet as it reads it by
itself (types found, nothing checked), and kloe loads it through a mapping with another form of
dates, three lists of codes, types, required values, unique keys, rejects, digests and everything
written to disk for good. Machines are noisy and noise only ever adds, so the lowest times are
compared; processor time stands beside, and memory is the greatest resident size.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LIMIT_RATIO, LIMIT_MEGABYTES = 0.35, 1000
MAPPING = """\
format: kloe-mapping/1
landlord: measured
as_at: 2026-03-31
sources:
  - files: ledger.csv
    table: rent_transaction
    columns:
      transaction_ref: Ref
      account_ref: TagRef
      posted_on: {from: PostDate, dates: "%d/%m/%Y"}
      amount: Value
      kind: {from: TransType, codes: {RNT: charge, PAY: payment, HB: hb, UC: uc_apa}}
      debt_type: {from: Debt, codes: {1: rent, 2: water, 3: garage}}
      method: {from: Method, codes: {DD: direct_debit, SO: standing_order, CSH: cash}}
      description: Narrative
"""


def write(folder: Path, rows: int) -> None:
    """The ledger and its mapping."""
    import duckdb

    (folder / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    with duckdb.connect() as con:
        con.execute(f"""
            COPY (SELECT 'T' || lpad(n::VARCHAR, 10, '0') AS "Ref",
                'A' || lpad((hash(n) % 100000)::VARCHAR, 7, '0') AS "TagRef",
                strftime(DATE '2023-04-01' + (n * 1000 // {rows})::INTEGER, '%d/%m/%Y')
                    AS "PostDate",
                CASE WHEN n % 10000 = 77 THEN 'n/k' ELSE
                    ((hash(n * 7) % 20000)::DECIMAL(18,0) * 0.01 - 100)::DECIMAL(14,2)::VARCHAR
                    END AS "Value",
                ['RNT', 'PAY', 'HB', 'UC'][(hash(n * 3) % 4)::INTEGER + 1] AS "TransType",
                ['1', '2', '3'][(hash(n * 5) % 3)::INTEGER + 1] AS "Debt",
                ['DD', 'SO', 'CSH'][(hash(n * 11) % 3)::INTEGER + 1] AS "Method",
                'Week ' || (n % 52) || ' of the year' AS "Narrative"
            FROM range({rows}) AS r(n)) TO '{folder}/ledger.csv' (HEADER)
        """)


def reference(folder: Path) -> dict[str, float]:
    """DuckDB by itself."""
    import duckdb

    target = folder / "reference.parquet"
    con = duckdb.connect()
    return measured(
        lambda: con.execute(f"COPY (FROM '{folder}/ledger.csv') TO '{target}' (FORMAT parquet)")
    )


def ours(folder: Path) -> dict[str, float]:
    """The load, into a data directory of its own."""
    from kloe.records.loading import load_records
    from kloe.records.mapping import read_mapping

    with tempfile.TemporaryDirectory(dir=folder) as data:
        mapping = read_mapping(folder / "mapping.yaml")
        return measured(lambda: load_records(Path(data), mapping, folder, by="benchmark"))


def measured(work: object) -> dict[str, float]:
    """Seconds by the clock and of the processor, and megabytes."""
    assert callable(work)
    before, start = os.times(), time.perf_counter()
    work()
    seconds, after = time.perf_counter() - start, os.times()
    spent = after.user + after.system - before.user - before.system
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "seconds": seconds,
        "processor": spent,
        "megabytes": peak / (1 << 20 if sys.platform == "darwin" else 1 << 10),
    }


def once(folder: Path, what: str) -> dict[str, float]:
    """One of the two in a fresh process."""
    done = subprocess.run(
        [sys.executable, __file__, "--child", what, "--folder", str(folder)],
        check=True,
        capture_output=True,
        text=True,
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=3_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--format", choices=("table", "json"), default="table")
    parser.add_argument("--child", choices=("reference", "ours"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        work = {"reference": reference, "ours": ours}[given.child]
        print(json.dumps(work(given.folder)))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, given.rows)
        runs = [(once(folder, "reference"), once(folder, "ours")) for _n in range(given.runs)]
    theirs = min(a["seconds"] for a, _b in runs)
    mine = min(b["seconds"] for _a, b in runs)
    found = {
        "rows": given.rows,
        "duckdb_copy_seconds": round(theirs, 2),
        "load_seconds": round(mine, 2),
        "ratio_of_rows_a_second": round(theirs / mine, 3),
        "ratio_by_processor_time": round(
            min(a["processor"] for a, _b in runs) / min(b["processor"] for _a, b in runs), 3
        ),
        "rows_a_second": round(given.rows / mine),
        "megabytes": round(max(b["megabytes"] for _a, b in runs)),
    }
    if given.format == "json":
        print(json.dumps(found, indent=2))
    else:
        for key, value in found.items():
            print(f"{key.replace('_', ' '):26}{value:>14,}")
        kept = (
            found["ratio_of_rows_a_second"] >= LIMIT_RATIO and found["megabytes"] < LIMIT_MEGABYTES
        )
        verdict = "kept" if kept else "MISSED"
        print(f"limit: at least {LIMIT_RATIO}, under {LIMIT_MEGABYTES} MB: {verdict}")


if __name__ == "__main__":
    main()
