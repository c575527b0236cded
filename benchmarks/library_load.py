"""How long the library takes to load, beside Python's own start and a plain JSON reading.

    python benchmarks/library_load.py [--runs 25] [--format table|json]

Each run is a fresh process. What counts is the time beyond an empty process of the same
Python in the same minute: machines are noisy, so lowest and median are both given. Search is
measured in one process: the first call (which gathers the texts) and the calls after it.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

EMPTY = "pass"
PARSE = """
import json
from pathlib import Path
import importlib.util
root = Path(importlib.util.find_spec("kloe").origin).parent / "content" / "frameworks"
for path in root.glob("*.json"):
    json.loads(path.read_bytes())
"""
IMPORT = "from kloe.frameworks import library"
LOAD = "from kloe.frameworks import library; library.load_all()"
WORDS = (
    "arrears",
    "gas servicing",
    "tenants' views",
    "cost per unit compared",
    "domestic violence",
)


def _once(code: str, environment: dict[str, str]) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)
    return (time.perf_counter() - start) * 1000


def processes(runs: int) -> dict[str, dict[str, float]]:
    """As :func:`_processes`, with byte code kept as it is where a package is installed."""
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": cache}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        for code in (EMPTY, PARSE, IMPORT, LOAD):
            _once(code, environment)
        return _processes(runs, environment)


def _processes(runs: int, environment: dict[str, str]) -> dict[str, dict[str, float]]:
    """Milliseconds beyond an empty process: lowest and median, interleaved run by run."""
    codes = {"empty process": EMPTY, "parse JSON only": PARSE, "import": IMPORT, "load": LOAD}
    times: dict[str, list[float]] = {name: [] for name in codes}
    for _run in range(runs):
        for name, code in codes.items():
            times[name].append(_once(code, environment))
    low, mid = min(times["empty process"]), statistics.median(times["empty process"])
    found = {"empty process": {"lowest_ms": low, "median_ms": mid}}
    for name in list(codes)[1:]:
        found[name] = {
            "lowest_ms": min(times[name]) - low,
            "median_ms": statistics.median(times[name]) - mid,
        }
    return found


def searches(runs: int) -> dict[str, dict[str, float]]:
    """Milliseconds of a search over all frameworks, first and following."""
    from kloe.frameworks import library
    from kloe.frameworks.search import search

    frameworks = library.load_all()
    start = time.perf_counter()
    search(WORDS[0], frameworks)
    first = (time.perf_counter() - start) * 1000
    times = []
    for _run in range(runs):
        for words in WORDS:
            start = time.perf_counter()
            search(words, frameworks)
            times.append((time.perf_counter() - start) * 1000)
    return {
        "first search": {"lowest_ms": first, "median_ms": first},
        "search": {"lowest_ms": min(times), "median_ms": statistics.median(times)},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=25)
    parser.add_argument("--format", choices=("table", "json"), default="table")
    given = parser.parse_args()
    found = processes(given.runs) | searches(given.runs)
    if given.format == "json":
        json.dump(found, sys.stdout, indent=2)
        print()
        return
    print(f"{'':<18}{'lowest':>10}{'median':>10}  (ms; beyond the empty process, where one starts)")
    for name, value in found.items():
        print(f"{name:<18}{value['lowest_ms']:>10.1f}{value['median_ms']:>10.1f}")


if __name__ == "__main__":
    main()
