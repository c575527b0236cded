"""All rent measures over a sector's ledgers, beside queries written by hand, and beside pandas.

    uv run --group benchmarks python benchmarks/rent_measures.py [--transactions 10000000]
        [--records DIR] [--runs 2] [--parts 1000000,10000000] [--pandas] [--format table|json]

Measured are the measures that read rent transactions. The reference is
``reference/rents.sql``: the same questions, written by hand for DuckDB before the measures were,
run over the same Parquet files with the same threads and memory; numerator, denominator and n of
every landlord have to be equal. Each of the two runs in a fresh process, one after the other in
each run; the lowest times are compared, since noise only ever adds. ``--parts`` runs both on
parts of the sector too and says the exponent with which time grows from one to the next.
``--pandas`` sets ``reference/rents_pandas.py`` beside the first part (or the whole).
``--records`` takes a sector generated before (100 million transactions take a quarter of an hour).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from decimal import Decimal
from functools import partial
from itertools import pairwise
from math import log
from pathlib import Path
from typing import Any

import sector
from load_records import measured

LIMIT_RATIO, LIMIT_MEGABYTES, LIMIT_PANDAS = 1.3, 2000, 8
Numbers = dict[str, dict[str, list[str]]]


def number(value: Any) -> str:
    """A number as text that equal numbers share."""
    return str(Decimal(value or 0).normalize() + 0)


def reference(folder: Path) -> Numbers:
    """The queries written by hand, each for itself."""
    import duckdb

    from kloe.measures.engines.duckdb import THREADS
    from kloe.records.store import RecordSet

    records, found = RecordSet.open(folder), {}
    with tempfile.TemporaryDirectory() as spill:
        con = duckdb.connect(config={"threads": THREADS, "temp_directory": spill})
        con.execute("SET preserve_insertion_order = false")
        con.execute("SET memory_limit = '1GB'")
        asked = sector.queries()
        for table in sorted(sector.tables_of(" ".join(asked.values()))):
            files = [str(path) for path in records.paths(table)]
            con.execute(f"CREATE VIEW {table} AS FROM read_parquet({files})")
        for name, sql in asked.items():
            rows = con.execute(sql).fetchall()
            found[name] = {row[0]: [number(v) for v in row[1:]] for row in rows}
        con.close()
    return found


def ours(folder: Path) -> Numbers:
    """The measures, each for itself, with nothing kept from before."""
    from kloe.core.periods import Period
    from kloe.measures.catalogue import catalogue
    from kloe.measures.computing import Computing, Wanted
    from kloe.measures.keeping import Kept
    from kloe.records.store import RecordSet

    wanted = Wanted(periods=(Period(sector.START, sector.END),))
    found: Numbers = {}
    with Computing(RecordSet.open(folder), wanted, kept=Kept(None)) as computing:
        for name in sector.queries():
            results = computing.results(catalogue().source(name))
            parts = [r for r in results if r.group] or results
            found[name] = {}
            for result in parts:
                held = found[name].setdefault(result.landlord, ["0", "0", "0"])
                for n, value in enumerate((result.numerator, result.denominator, result.n)):
                    held[n] = number(Decimal(held[n]) + Decimal(value or 0))
    return found


def with_pandas(folder: Path, *, shared: bool = False) -> Numbers:
    """The same in pandas, each for itself; or with what was read and made kept for the others."""
    sys.path.insert(0, str(sector.REFERENCE))
    from rents_pandas import compute

    return {
        name: {landlord: [number(v) for v in row] for landlord, row in rows.items()}
        for name, rows in compute(folder, sector.START, sector.END, shared=shared).items()
    }


WAYS = {
    "reference": reference,
    "ours": ours,
    "pandas": with_pandas,
    "pandas-shared": partial(with_pandas, shared=True),
}


def child(way: str, folder: Path, out: Path) -> None:
    """One of them in this process; what it found goes to a file."""
    found: Numbers = {}
    told = measured(lambda: found.update(WAYS[way](folder)))
    out.write_text(json.dumps({**told, "found": found}))


def once(way: str, folder: Path) -> dict[str, Any]:
    """One of them in a fresh process."""
    with tempfile.TemporaryDirectory() as own:
        out = Path(own) / "told.json"
        command = [sys.executable, __file__, "--child", way, "--records", str(folder)]
        subprocess.run([*command, "--out", str(out)], check=True)
        told: dict[str, Any] = json.loads(out.read_text())
    return told


def differences(one: Numbers, other: Numbers) -> list[str]:
    """Where two ways do not find the same. Landlords for whom nothing counts may be missing."""
    nothing = ["0", "0", "0"]
    return [
        f"{name}, {landlord}: {a} and {b}"
        for name in one
        for landlord in sorted({*one[name], *other.get(name, {})})
        if (a := one[name].get(landlord, nothing))
        != (b := other.get(name, {}).get(landlord, nothing))
    ]


def compare(folder: Path, runs: int) -> dict[str, Any]:
    """Both ways over one set, the lowest of so many runs."""
    told: dict[str, list[dict[str, Any]]] = {"reference": [], "ours": []}
    for _ in range(runs):
        for way, results in told.items():
            results.append(once(way, folder))
    wrong = differences(told["reference"][0]["found"], told["ours"][0]["found"])
    if wrong:
        sys.exit("The measures and the reference differ:\n" + "\n".join(wrong[:20]))
    best = {way: min(r["seconds"] for r in results) for way, results in told.items()}
    return {
        "transactions": sector.transactions_in(folder),
        "measures": len(sector.queries()),
        "reference_seconds": best["reference"],
        "seconds": best["ours"],
        "ratio": best["ours"] / best["reference"],
        "megabytes": max(r["megabytes"] for r in told["ours"]),
        "reference_megabytes": max(r["megabytes"] for r in told["reference"]),
    }


def beside_pandas(folder: Path, runs: int) -> dict[str, Any]:
    """Ours beside pandas over one set."""
    ways = ("ours", "pandas", "pandas-shared")
    told = {way: [once(way, folder) for _ in range(runs)] for way in ways}
    for way in ways[1:]:
        wrong = differences(told[way][0]["found"], told["ours"][0]["found"])
        if wrong:
            sys.exit("The measures and pandas differ:\n" + "\n".join(wrong[:20]))
    best = {way: min(r["seconds"] for r in results) for way, results in told.items()}
    return {
        "transactions": sector.transactions_in(folder),
        "pandas_megabytes": max(r["megabytes"] for r in told["pandas"]),
        "times": best["pandas"] / best["ours"],
        "times_shared": best["pandas-shared"] / best["ours"],
    }


def run(args: argparse.Namespace, scratch: Path) -> dict[str, Any]:
    """All that was asked for."""
    whole = args.records
    if whole is None:
        whole = scratch / "sector"
        start = time.perf_counter()
        sector.generate(whole, args.transactions)
        print(f"generated in {time.perf_counter() - start:.0f} s", file=sys.stderr)
    folders = []
    for size in args.parts:
        folders.append(scratch / f"part-{size}")
        sector.part(whole, folders[-1], size)
    told: dict[str, Any] = {"sizes": [compare(f, args.runs) for f in (*folders, whole)]}
    sizes = told["sizes"]
    told["exponents"] = [
        log(b["seconds"] / a["seconds"]) / log(b["transactions"] / a["transactions"])
        for a, b in pairwise(sizes)
    ]
    if args.pandas:
        told["pandas"] = beside_pandas(folders[-1] if folders else whole, args.runs)
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--transactions", type=int, default=10_000_000)
    parser.add_argument("--records", type=Path)
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument(
        "--parts", type=lambda s: [int(n) for n in s.split(",") if n], default=[1_000_000]
    )
    parser.add_argument("--pandas", action="store_true")
    parser.add_argument("--format", choices=("table", "json"), default="table")
    parser.add_argument("--child", choices=tuple(WAYS), help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        child(args.child, args.records, args.out)
        return
    with tempfile.TemporaryDirectory(dir=args.records and args.records.parent) as scratch:
        told = run(args, Path(scratch))
    if args.format == "json":
        print(json.dumps(told, indent=1))
        return
    for size in told["sizes"]:
        print(
            f"{size['transactions']:>12,} transactions, {size['measures']} measures: "
            f"{size['seconds']:.1f} s, {size['ratio']:.2f} times the reference "
            f"({size['reference_seconds']:.1f} s; at most {LIMIT_RATIO}), "
            f"{size['megabytes']:.0f} MB (at most {LIMIT_MEGABYTES})"
        )
    for exponent in told["exponents"]:
        print(f"time grows with rows to the power of {exponent:.2f}")
    if args.pandas:
        p = told["pandas"]
        print(
            f"pandas, {p['transactions']:,} transactions: {p['times']:.1f} times as long "
            f"(at least {LIMIT_PANDAS}), {p['pandas_megabytes']:.0f} MB; with everything kept in "
            f"memory for the next question {p['times_shared']:.1f} times"
        )


if __name__ == "__main__":
    main()
