"""All measures over one landlord's records, from the command line: the first run and the second.

    python benchmarks/all_measures.py [--homes 5000] [--years 3] [--runs 3] [--format table|json]

Each run starts ``kloe measures run`` afresh over generated records with nothing kept: when the
first line of a result comes, and when the last. Then again with unchanged data, when every result
is kept and no engine may be loaded. Start-up is the same command for a single measure whose
result is kept. The reference, in the same run, is DuckDB reading every column of every table
once. The lowest times are compared, since noise only ever adds.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

LIMIT_ALL, LIMIT_FIRST, LIMIT_AGAIN = 15, 2, 0.3
KLOE = [sys.executable, "-c", "from kloe.cli.main import run; run()"]
ONE = "rents/accounts-before-start"


def timed(folder: Path, *which: str) -> dict[str, Any]:
    """Seconds until the first result and until the end, and what was printed."""
    command = [*KLOE, "measures", "run", *which, "--records", str(folder), "--format", "csv"]
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        header = process.stdout.readline()
        first = process.stdout.readline()
        shown = time.perf_counter() - start
        rest = process.stdout.read()
    assert process.returncode == 0
    return {"first": shown, "all": time.perf_counter() - start, "text": header + first + rest}


def reference(folder: Path) -> float:
    """DuckDB reading every column of every table once, in a process that has started."""
    import duckdb

    from kloe.measures.engines.duckdb import THREADS
    from kloe.records.layouts import layout
    from kloe.records.store import RecordSet

    records = RecordSet.open(folder)
    start = time.perf_counter()
    with duckdb.connect(config={"threads": THREADS}) as con:
        for table in records.tables:
            files = [str(path) for path in records.paths(table)]
            columns = ", ".join(f'count(DISTINCT hash("{c}"))' for c in layout(table).types)
            con.execute(f"SELECT {columns} FROM read_parquet({files})").fetchall()
    return time.perf_counter() - start


def forget(folder: Path) -> None:
    """Throw away what is kept of earlier runs."""
    import shutil

    shutil.rmtree(folder.parent / f"{folder.name}.results", ignore_errors=True)


def compare(folder: Path, runs: int) -> dict[str, Any]:
    """The lowest of so many runs."""
    told: dict[str, list[float]] = {
        name: [] for name in ("start", "first", "all", "again", "reference")
    }
    for _ in range(runs):
        forget(folder)
        fresh = timed(folder)
        again = timed(folder)
        if fresh["text"] != again["text"]:
            sys.exit("The second run shows other results than the first.")
        told["start"].append(timed(folder, ONE)["all"])
        told["first"].append(fresh["first"])
        told["all"].append(fresh["all"])
        told["again"].append(again["all"])
        told["reference"].append(reference(folder))
    best = {name: min(seconds) for name, seconds in told.items()}
    return {
        "results": fresh["text"].count("\n") - 1,
        "start_seconds": best["start"],
        "first_seconds": best["first"] - best["start"],
        "all_seconds": best["all"],
        "again_seconds": best["again"] - best["start"],
        "ratio": best["all"] / best["reference"],
        "reference_seconds": best["reference"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--homes", type=int, default=5000)
    parser.add_argument("--years", type=int, default=3)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--format", choices=("table", "json"), default="table")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "landlord"
        shape = ["--homes", str(args.homes), "--years", str(args.years), "--out", str(folder)]
        subprocess.run(
            [*KLOE, "records", "generate", *shape], check=True, stdout=subprocess.DEVNULL
        )
        told = compare(folder, args.runs)
    if args.format == "json":
        print(json.dumps(told, indent=1))
        return
    print(
        f"{args.homes:,} homes, {args.years} years, {told['results']} results: "
        f"{told['all_seconds']:.1f} s (at most {LIMIT_ALL}), {told['ratio']:.1f} times reading "
        f"every column once ({told['reference_seconds']:.1f} s)\n"
        f"first result {told['first_seconds']:.2f} s after start-up (at most {LIMIT_FIRST})\n"
        f"second run {told['again_seconds']:.2f} s after start-up (at most {LIMIT_AGAIN}); "
        f"start-up {told['start_seconds']:.2f} s"
    )


if __name__ == "__main__":
    main()
