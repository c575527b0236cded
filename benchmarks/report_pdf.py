"""How long the full report takes as PDF, beside Typst's own time for the finished document.

    python benchmarks/report_pdf.py [--runs 5] [--evidence 2000] [--format table|json]

All ten lines of enquiry, invented placings, 2,000 evidence items. Both sides run in fresh
processes, one after the other in each run. Machines are noisy and noise only ever adds, so
the lowest times are compared; the median of the runs' own ratios stands beside. Ours is
everything from a snapshot in memory to the bytes of the PDF. The reference is Typst compiling
the finished document, and nothing else. Memory is the greatest resident size of our process
and of the child it lays out in, added.
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
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LIMIT_RATIO, LIMIT_MEGABYTES = 1.5, 600
FIXTURES = ROOT / "tests" / "unit" / "reports"


def peak(who: str) -> float:
    """Greatest resident size so far in megabytes, of this process or of its children."""
    import resource

    usage = resource.getrusage(getattr(resource, who)).ru_maxrss
    return usage / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def snapshot(evidence: int) -> Any:
    """The assessment reported on: every line of enquiry, filled by a seeded draw."""
    sys.path.insert(0, str(FIXTURES))
    from report_snapshots import snapshot_of

    from kloe.frameworks.library import load_all

    return snapshot_of(sorted(load_all(), key=lambda f: not f.leading), evidence=evidence)


def ours(stored: Path, out: Path) -> dict[str, float]:
    """From the snapshot to the PDF, as the program does it; leaves the finished document."""
    from kloe.assessment.snapshot import Snapshot
    from kloe.reports.document import build
    from kloe.reports.pdf import layout
    from kloe.reports.render import render

    taken = Snapshot.from_json(json.loads(stored.read_bytes()))
    start = time.perf_counter()
    document = build(taken)
    built = time.perf_counter()
    pdf = render(document, "pdf")
    end = time.perf_counter()
    memory = peak("RUSAGE_SELF") + peak("RUSAGE_CHILDREN")
    child = peak("RUSAGE_CHILDREN")
    out.write_text(layout(document), encoding="utf-8")
    return {
        "seconds": end - start,
        "building": built - start,
        "megabytes": memory,
        "child": child,
        "bytes": len(pdf),
        "pages": pdf.count(b"/Type/Page/") or pdf.count(b"/Type /Page\n"),
    }


def reference(document: Path) -> dict[str, float]:
    """Typst's own time for the finished document."""
    import typst

    from kloe.reports.typeset import CONTENT, STANDARDS

    fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(CONTENT / "fonts")])
    template = (CONTENT / "report.typ").read_bytes()
    text = document.read_text(encoding="utf-8")
    start = time.perf_counter()
    pdf = typst.compile(
        template,
        format="pdf",
        font_paths=fonts,
        pdf_standards=[*STANDARDS],
        sys_inputs={"document": text},
    )
    return {"seconds": time.perf_counter() - start, "bytes": len(pdf or b"")}


def fresh(side: str, *arguments: str) -> dict[str, float]:
    """One side in a process of its own."""
    made = subprocess.run(
        [sys.executable, __file__, "--side", side, *arguments],
        check=True,
        capture_output=True,
        text=True,
    )
    found: dict[str, float] = json.loads(made.stdout)
    return found


def measure(runs: int, evidence: int) -> dict[str, float]:
    """Both sides, run by run."""
    with tempfile.TemporaryDirectory() as folder:
        stored, document = Path(folder) / "snapshot.json", Path(folder) / "document.json"
        stored.write_text(json.dumps(snapshot(evidence).to_json()), encoding="utf-8")
        pairs = [
            (fresh("ours", str(stored), str(document)), fresh("reference", str(document)))
            for _run in range(runs)
        ]
    return {
        "evidence": evidence,
        "pages": pairs[0][0]["pages"],
        "report seconds": min(a["seconds"] for a, _ in pairs),
        "of it building": min(a["building"] for a, _ in pairs),
        "typst seconds": min(b["seconds"] for _, b in pairs),
        "ratio": min(a["seconds"] for a, _ in pairs) / min(b["seconds"] for _, b in pairs),
        "median ratio": statistics.median(a["seconds"] / b["seconds"] for a, b in pairs),
        "megabytes": max(a["megabytes"] for a, _ in pairs),
        "megabytes of the child": max(a["child"] for a, _ in pairs),
        "PDF kilobytes": pairs[0][0]["bytes"] / 1000,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--evidence", type=int, default=2000)
    parser.add_argument("--format", choices=("table", "json"), default="table")
    parser.add_argument("--side", nargs="+", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.side:
        side, *paths = given.side
        run = {"ours": ours, "reference": reference}[side]
        print(json.dumps(run(*map(Path, paths))))
        return 0
    found = measure(given.runs, given.evidence)
    kept = found["ratio"] <= LIMIT_RATIO and found["megabytes"] < LIMIT_MEGABYTES
    if given.format == "json":
        print(json.dumps({**found, "kept": kept}, indent=1))
    else:
        for name, value in found.items():
            print(f"{name:24}{value:12,.2f}" if value < 100 else f"{name:24}{value:12,.0f}")
        print(
            f"{'limits':24}{LIMIT_RATIO:>12} times, {LIMIT_MEGABYTES} MB: "
            f"{'kept' if kept else 'MISSED'}"
        )
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
