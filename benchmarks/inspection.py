"""An inspection of full size: its pages, saving, search, report and package, beside references.

    python benchmarks/inspection.py [--runs 40] [--pages 50] [--format table|json]

One inspection with all ten KLOEs in scope, 8 assessors with 3,000 ratings between them, 5,000
items of evidence (1,000 of them documents of 50 pages), 400 reality checks; beside it one with a
tenth of that. Theme page and overview are asked for in turn with an ordinary page of the same
size (see reference_site.py): at most 2.5 times as long, at most 25 queries, and as many for the
tenth. Saving has the bounds of web_pages.py, search that of evidence_search.py, the report those
of report_pdf.py and report_word.py; the data of both packages and their seals at most 30 seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import evidence_search
import ground
import report_pdf
import report_word
import web_pages
from web_pages import timed

LIMIT_PAGES, LIMIT_QUERIES = 2.5, 25


def queries(assessment: Any, person: Any) -> dict[str, int]:
    """How many queries each page asks, once it is warm."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    found = {}
    for name, path in web_pages.addresses(assessment):
        client.get(path)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(path).status_code == 200, path
        found[name] = len(asked)
    return found


def searching(assessment: Any, person: Any, runs: int) -> dict[str, float]:
    """The 95th percentile over the fixed list of searches."""
    from kloe.assessment.permissions import Permission
    from kloe.web.access import fetch_assessment

    access = fetch_assessment(person, assessment.pk, Permission.ASSESSMENT_VIEW)
    took = evidence_search.measured(assessment, access, runs)
    return {
        "search p95, ms (under 150)": evidence_search.p95(took["ours"]),
        "the bare index p95, ms": evidence_search.p95(took["reference"]),
    }


def reporting(assessment: Any, folder: Path, runs: int = 3) -> dict[str, float]:
    """The report as PDF beside Typst's own time, and as Word."""
    from kloe.web.reporting.snapshot import take

    stored, document = folder / "snapshot.json", folder / "document.json"
    stored.write_text(json.dumps(take(assessment).to_json()), encoding="utf-8")
    pairs = [
        (
            report_pdf.fresh("ours", str(stored), str(document)),
            report_pdf.fresh("reference", str(document)),
        )
        for _run in range(runs)
    ]
    ours, typst = (min(p[n]["seconds"] for p in pairs) for n in (0, 1))
    return {
        "report as PDF, pages": pairs[0][0]["pages"],
        "report as PDF, s": ours,
        "Typst's own time, s": typst,
        "PDF / Typst (at most 1.5)": ours / typst,
        "report as PDF, MB": max(p[0]["megabytes"] for p in pairs),
        "report as Word, s (under 10)": min(word(stored) for _run in range(runs)),
    }


class Marks:
    """A progress that keeps when each step began."""

    def __init__(self) -> None:
        self.begun: dict[int, tuple[float, str]] = {}

    def step(self, done: int, total: int, what: Any = "") -> None:
        self.begun.setdefault(done, (time.perf_counter(), str(what)))

    def seconds(self, *wanted: str) -> float:
        """How long the steps of these names took together."""
        steps = [*self.begun.values(), (time.perf_counter(), "")]
        return sum(b[0] - a[0] for a, b in pairwise(steps) if a[1] in wanted)


def packing(assessment: Any) -> dict[str, float]:
    """Everything that publishing makes: of it the data and sealing of both packages."""
    from django.utils import timezone

    from kloe.assessment.snapshot_publication import Publication as Version
    from kloe.web.publication import making, publishing
    from kloe.web.reporting.snapshot import take

    marks, at = Marks(), timezone.now()
    start = time.perf_counter()
    making.make(
        assessment,
        making.final(take(assessment), Version(1, at), at),
        last_event=publishing.last_event(assessment),
        at=at,
        progress=marks,
    )
    whole = time.perf_counter() - start
    return {
        "both packages, data and sealing, s (under 30)": marks.seconds(
            "The data behind the report", "Sealing the package"
        ),
        "everything published, s": whole,
    }


def word(stored: Path) -> float:
    """Seconds from the snapshot to a Word file, in a fresh process."""
    return report_word.fresh(stored, "full")["seconds"]


def measure(data: Path, runs: int, pages: int) -> dict[str, float]:
    """Everything, in one data directory."""
    os.environ["KLOE_SECRET_KEY"] = "for-the-benchmark-" + "x" * 40
    from kloe.web import boot

    boot.start(data)
    organisation, people = ground.organisation_with_people(ground.ASSESSORS)
    one = ground.small(people, organisation)
    made: dict[str, Any] = {}
    figures: dict[str, float] = {}
    for name, share in (("a tenth", 0.1), ("the whole", 1.0)):

        def fill(name: str = name, share: float = share) -> None:
            made[name] = ground.inspection(people, organisation, share=share, pages=pages)

        figures[f"filled, {name}, s"] = timed(fill) / 1000
    whole = made["the whole"]
    for name, assessment in made.items():
        for page, count in queries(assessment, people[0]).items():
            figures[f"{page}, queries, {name} (at most {LIMIT_QUERIES})"] = count
    with web_pages.served(data, people[0]) as client:
        figures |= web_pages.pages(client, runs, whole, LIMIT_PAGES)
        figures |= web_pages.saving(client, runs, whole, one)
    if pages:
        figures |= searching(whole, people[1], 3)
    figures |= reporting(whole, data)
    figures |= packing(whole)
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--pages", type=int, default=ground.PAGES)
    parser.add_argument("--format", choices=("table", "json"), default="table")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder), given.runs, given.pages)
    if given.format == "json":
        print(json.dumps(figures, indent=2))
    else:
        for name, value in figures.items():
            print(f"{name:52} {value:10.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
