"""The main job from the command line, in processes of its own: real workbook, demonstration."""

from __future__ import annotations

import csv
import io
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pikepdf
import pytest
import yaml

from kloe.assessment.vocabulary import InspectionStage
from kloe.records import store

DEMONSTRATION = Path(store.__file__).parents[1] / "content" / "demonstration"


def kloe(data: Path, *words: str, code: int = 0, env: dict[str, str] | None = None) -> str:
    """Run the program; gives its standard output."""
    done = subprocess.run(
        [sys.executable, "-m", "kloe.cli.main", *words],
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            "KLOE_DATA": str(data),
            **(env or {}),
        },
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout if code == 0 else done.stderr


def rows(printed: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(printed)))


@pytest.mark.shared
def test_the_main_job_on_the_published_workbook(tmp_path: Path, shared: Path) -> None:
    """Import, create, propose, report: for a landlord of the real data set."""
    workbook = shared / "data" / "tsm_2025_full.xlsx"
    kloe(tmp_path, "benchmarks", "import", str(workbook))
    dataset = next(iter(rows(kloe(tmp_path, "benchmarks", "list", "--format", "csv"))[0].values()))
    landlord = rows(kloe(tmp_path, "benchmarks", "landlords", dataset, "--format", "csv"))[40]
    name, code = landlord["name"], landlord["code"]
    made = rows(
        kloe(
            tmp_path, "assessments", "create", "--dataset", dataset, "--landlord", code,
            "--format", "csv",
        )
    )[0]  # fmt: skip
    assert made["organisation"] == name
    assert (made["from"], made["to"]) == ("2024-04-01", "2025-03-31")
    proposed = rows(kloe(tmp_path, "scope", made["id"], "--format", "csv"))
    assert len(proposed) == 62
    points = [Decimal(r["points"]) for r in proposed]
    assert points == sorted(points, reverse=True)
    assert any("worst quarter" in r["reasons"] or "second-worst" in r["reasons"] for r in proposed)
    kloe(tmp_path, "scope", made["id"], "--accept", "--format", "csv")
    report = tmp_path / "out" / "report.pdf"
    report.parent.mkdir()
    kloe(tmp_path, "report", made["id"], "--format", "pdf", "--output", str(report))
    with pikepdf.open(report) as pdf:
        assert name in str(pdf.docinfo.get("/Title", "")) or pdf.Root.MarkInfo.Marked
        assert len(pdf.pages) > 3
    # Every figure of the landlord in the report is one of the workbook's.
    shown = json.loads(kloe(tmp_path, "benchmarks", "show", dataset, code, "--format", "json"))
    text = kloe(tmp_path, "report", made["id"], "--format", "json", "--output", "-")
    published = {str(r["value"]) for r in shown if r.get("value") not in (None, "")}
    assert published
    found = {v for v in published if f"{Decimal(v):,.1f}" in text}
    assert found == published
    again = kloe(tmp_path, "assessments", "list", "--format", "csv")
    assert rows(again)[0]["dataset"] == dataset


def test_the_demonstration_is_made_once_and_reported_each_time(tmp_path: Path) -> None:
    said = kloe(tmp_path, "demo", "--no-serve")
    assert "Sign in as mair@porth-arian.example" in said
    report = tmp_path / "reports" / "demo.pdf"
    with pikepdf.open(report) as pdf:
        assert "Tai Porth Arian" in str(pdf.docinfo["/Title"])
        assert pdf.Root.MarkInfo.Marked
        pages = len(pdf.pages)
    assert pages > 60
    before = rows(kloe(tmp_path, "assessments", "list", "--format", "csv"))
    report.unlink()
    again = kloe(tmp_path, "demo", "--no-serve")
    assert "was here already" in again
    assert report.exists()
    assert rows(kloe(tmp_path, "assessments", "list", "--format", "csv")) == before
    assert [r["kind"] for r in before].count("self-assessment") == 1
    the_demonstration_is_inspected_in_every_stage(tmp_path)
    # Under way: much placed, not all; evidence of every kind; contradictions and gaps.
    themes = rows(kloe(tmp_path, "assessments", "show", "--format", "csv"))
    placed = sum(int(r["placed"]) for r in themes)
    criteria = sum(int(r["criteria"]) for r in themes)
    assert 0.5 < placed / criteria < 0.9
    assert sum(int(r["contradicted"]) for r in themes) >= 5
    assert {r["in_scope"] for r in themes} == {"yes", "no"}
    assert any(r["grade"] for r in themes)
    outside = {p.name for p in tmp_path.iterdir()}
    assert outside <= {
        "kloe.sqlite3", "kloe.sqlite3-wal", "kloe.sqlite3-shm", "secret-key", "files",
        "benchmarks", "reports", "tmp", "frameworks", "records", "charts", "cases", "packages",
        "publications", "signing-key.pem",
    }  # fmt: skip
    the_demonstration_has_records(tmp_path)


def the_demonstration_is_inspected_in_every_stage(data: Path) -> None:
    with closing(sqlite3.connect(data / "kloe.sqlite3")) as db:
        stages = [row[0] for row in db.execute("SELECT stage FROM inspections_inspection")]
        public = db.execute("SELECT count(*) FROM publication_publishedpage WHERE open").fetchone()
        drafts = db.execute("SELECT count(DISTINCT assessment_id) FROM challenges_draft").fetchone()
        actions = db.execute(
            "SELECT count(*) FROM plans_action a JOIN plans_recommendation r"
            " ON a.recommendation_id = r.id WHERE r.origin = 'inspection'"
        ).fetchone()
    assert sorted(stages) == sorted(s.value for s in InspectionStage)
    assert public == (2,)
    assert drafts == (4,)
    assert actions[0] >= 2
    package = data / "packages" / "demo.zip"
    told = kloe(data, "verify", str(package), "--format", "json")
    assert "Inspection of gas servicing 2026" in told
    changed = bytearray(package.read_bytes())
    changed[len(changed) // 2] ^= 1
    beside = data / "tmp" / "changed.zip"
    beside.write_bytes(changed)
    kloe(data, "verify", str(beside), code=4)


def the_demonstration_has_records(data: Path) -> None:
    """Records of its size, figures of them as evidence, the rest for the background to do."""
    said = yaml.safe_load((DEMONSTRATION / "computed.yaml").read_text("utf-8"))
    (place,) = (data / "records").iterdir()
    records = store.RecordSet.open(place)
    assert records.tables["property"].rows >= said["records"]["homes"]
    assert records.landlord == place.name
    used = {use["measure"] for use in said["used"]}
    with closing(sqlite3.connect(data / "kloe.sqlite3")) as database:

        def column(sql: str) -> list[Any]:
            return [row[0] for row in database.execute(sql)]

        # An inspection of the same landlord has figures of its own.
        ours = (
            "FROM indicators_computedsummary s"
            " JOIN assessments_assessment a ON a.id = s.assessment_id"
            " AND a.kind = 'self-assessment'"
        )
        assert set(column(f"SELECT s.measure {ours}")) == used
        figures = column(
            f"SELECT r.value {ours} JOIN indicators_computedresult r ON r.id = s.result_id"
        )
        assert all(figures)
        links = set(
            database.execute(
                "SELECT l.descriptor, l.direction FROM evidence_evidencelink l"
                " JOIN evidence_evidenceitem i ON i.id = l.item_id"
                " JOIN assessments_assessment a ON a.id = l.assessment_id"
                " WHERE i.form = 'result' AND i.origin = 'system' AND a.kind = 'self-assessment'"
            )
        )
        assert links == {(use["of"], use["says"]) for use in said["used"]}
        waiting = column("SELECT state FROM jobs_job WHERE kind = 'compute-indicators'")
        assert waiting == ["waiting"]
    # One trend at least is drawn for each that has one.
    assert len(list((data / "charts").glob("*.svg"))) >= len(used) // 2
    report = kloe(data, "report", "--format", "json", "--output", "-")
    assert "Computed from its own records" in report
    assert "Results from its own records" in report
    assert "Invented organisation" in report


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("scope",), 5, "no assessment yet"),
        (("report",), 5, "no assessment yet"),
        (("assessments", "create"), 3, "not said whose"),
        (("assessments", "create", "--dataset", "x"), 3, "Only one of"),
        (("assessments", "create", "--dataset", "x", "--landlord", "y"), 5, "x"),
        (("assessments", "create", "--organisation", "Nobody"), 5, "Nobody"),
        (("assessments", "list", "--as", "who@example.org"), 5, "who@example.org"),
        (("report", "--format", "odt"), 2, "odt"),
        (("no-such-command",), 2, "no-such-command"),
    ],
)
def test_what_cannot_be_done_is_told_with_an_exit_code(
    tmp_path: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    assert said in kloe(tmp_path, *words, code=code)
