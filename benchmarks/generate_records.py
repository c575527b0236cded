"""How long inventing a landlord's records takes, and how much memory, in a process of its own.

    python benchmarks/generate_records.py [--homes 5000] [--years 3] [--landlords 1] [--runs 3]
                                          [--format table|json]

Each run is a fresh process that writes all tables as Parquet into a folder that is removed
afterwards. Beside it, in the same minute, a reference: the same number of bytes written and
digested without making anything, which is the least any generator has to do on this disk.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ONCE = """
import json, resource, sys, time
from pathlib import Path
from kloe.records.generator import Wanted, generate
if __name__ == "__main__":
    homes, years, landlords, out = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    began = time.perf_counter()
    made = generate(Wanted(homes=homes, years=years, seed=7, landlords=landlords), Path(out))
    taken = time.perf_counter() - began
    most = max(resource.getrusage(who).ru_maxrss
               for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(json.dumps({"seconds": taken, "rows": made.rows, "memory_mb": most // 1024,
                      "transactions": made.records.table("rent_transaction").rows}))
"""


def once(given: argparse.Namespace) -> dict[str, Any]:
    """One run and its reference."""
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "once.py"
        program.write_text(ONCE)
        out = Path(folder) / "out"
        words = [str(given.homes), str(given.years), str(given.landlords), str(out)]
        ran = subprocess.run(
            [sys.executable, str(program), *words], check=True, capture_output=True, text=True
        )
        found: dict[str, Any] = json.loads(ran.stdout)
        found["megabytes"] = sum(p.stat().st_size for p in out.rglob("*") if p.is_file()) / 1e6
        found["reference_seconds"] = _reference(Path(folder) / "bytes", found["megabytes"])
        return found


def _reference(path: Path, megabytes: float) -> float:
    block = os.urandom(1_000_000)
    began = time.perf_counter()
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for _number in range(max(1, round(megabytes))):
            file.write(block)
            digest.update(block)
        file.flush()
        os.fsync(file.fileno())
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--homes", type=int, default=5000)
    parser.add_argument("--years", type=int, default=3)
    parser.add_argument("--landlords", type=int, default=1)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--format", choices=("table", "json"), default="table")
    given = parser.parse_args()
    runs = [once(given) for _run in range(given.runs)]
    found = {
        "homes": given.homes,
        "years": given.years,
        "landlords": given.landlords,
        "rows": runs[0]["rows"],
        "transactions": runs[0]["transactions"],
        "megabytes": round(runs[0]["megabytes"], 1),
        "seconds_lowest": round(min(r["seconds"] for r in runs), 2),
        "seconds_median": round(statistics.median(r["seconds"] for r in runs), 2),
        "memory_mb": max(r["memory_mb"] for r in runs),
        "reference_seconds": round(min(r["reference_seconds"] for r in runs), 2),
    }
    if given.format == "json":
        json.dump(found, sys.stdout, indent=2)
        print()
        return
    for name, value in found.items():
        print(f"{name:<20}{value:>14,}")


if __name__ == "__main__":
    main()
