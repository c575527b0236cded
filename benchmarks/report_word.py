"""How long the full report takes as Word, all ten lines of enquiry with 2,000 evidence items.

    python benchmarks/report_word.py [--runs 3] [--evidence 2000] [--format table|json]

From a snapshot in memory to the bytes of the document, each run in a fresh process, its pictures
drawn in a child of it. Machines are noisy and noise only ever adds, so the lowest time is held
against the limit; the median stands beside. The same is told of the other editions.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from report_pdf import peak, snapshot

LIMIT_SECONDS = 10.0
VIEWS = ("full", "large", "board", "tenants")


def ours(stored: Path, view: str) -> dict[str, float]:
    """From the snapshot to the document."""
    from kloe.assessment.snapshot import Snapshot
    from kloe.reports.document import build
    from kloe.reports.render import render

    taken = Snapshot.from_json(json.loads(stored.read_bytes()))
    start = time.perf_counter()
    made = render(build(taken, view=view), "docx")
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "kilobytes": len(made) / 1000, "megabytes": peak("RUSAGE_SELF")}


def measure(runs: int, evidence: int) -> dict[str, float]:
    """Every edition, run by run."""
    found: dict[str, float] = {"evidence": evidence}
    with tempfile.TemporaryDirectory() as folder:
        stored = Path(folder) / "snapshot.json"
        stored.write_text(json.dumps(snapshot(evidence).to_json()), encoding="utf-8")
        for view in VIEWS:
            made = [fresh(stored, view) for _run in range(runs)]
            found[f"{view} seconds"] = min(m["seconds"] for m in made)
            found[f"{view} median"] = statistics.median(m["seconds"] for m in made)
            found[f"{view} kilobytes"] = made[0]["kilobytes"]
            found[f"{view} megabytes"] = max(m["megabytes"] for m in made)
    return found


def fresh(stored: Path, view: str) -> dict[str, float]:
    """One edition in a process of its own."""
    made = subprocess.run(
        [sys.executable, __file__, "--view", view, str(stored)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    found: dict[str, float] = json.loads(made.stdout)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--evidence", type=int, default=2000)
    parser.add_argument("--format", choices=("table", "json"), default="table")
    parser.add_argument("--view", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.view:
        view, stored = given.view
        print(json.dumps(ours(Path(stored), view)))
        return 0
    found = measure(given.runs, given.evidence)
    kept = found["full seconds"] <= LIMIT_SECONDS
    if given.format == "json":
        print(json.dumps({**found, "kept": kept}, indent=1))
    else:
        for name, value in found.items():
            print(f"{name:24}{value:12,.2f}" if value < 100 else f"{name:24}{value:12,.0f}")
        print(f"{'limit':24}{LIMIT_SECONDS:>12} seconds: {'kept' if kept else 'MISSED'}")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
