"""``kloe measures run --assessment``: the same as the analysis page has done."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from computed_ground import invented

GROUND = """
import sys, datetime
from pathlib import Path
from kloe.web import boot
boot.start(Path(sys.argv[1]))
from kloe.web.assessments import actions
from kloe.web.organisations.models import Organisation
org = Organisation.objects.create(name="Tai", jurisdiction="wales")
made = actions.create(organisation=org, frameworks=["wao-housing-2005"], kind="self-assessment",
    title="One", period_start=datetime.date(2025, 4, 1), period_end=datetime.date(2026, 3, 31),
    by=None)
print(made.pk)
"""
COUNT = """
import sys
from pathlib import Path
from kloe.web import boot
boot.start(Path(sys.argv[1]))
from kloe.web.audit.models import AuditEvent
from kloe.web.indicators.models import ComputedResult, ComputedSummary
print(ComputedResult.objects.count(), ComputedSummary.objects.get().measure,
    AuditEvent.objects.get(verb="computed indicators").actor)
"""


def test_the_command_writes_the_same_results(tmp_path: Path) -> None:
    env = {k: v for k, v in os.environ.items() if not k.startswith(("KLOE_", "DJANGO_"))}
    data = tmp_path / "data"

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, env=env, capture_output=True, text=True, check=False)

    made = run(sys.executable, "-c", GROUND, str(data))
    assert made.returncode == 0, made.stderr
    pk = made.stdout.split()[-1]
    kloe = (sys.executable, "-c", "from kloe.cli.main import run; run()")
    common = ("--assessment", pk, "--data", str(data))
    without = run(*kloe, "measures", "run", "repairs/on-time", *common)
    assert without.returncode == 5
    assert "No records of this organisation are loaded" in without.stderr
    done = run(
        *kloe, "measures", "run", "repairs/on-time", *common,
        "--records", str(invented()),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "1 measure for" in done.stderr + done.stdout
    # A trend, in each language.
    assert len(list((data / "charts").glob("*.svg"))) >= 2
    assert "charts drawn" in done.stderr + done.stdout
    told = run(sys.executable, "-c", COUNT, str(data))
    count, measure, actor = told.stdout.split()
    assert int(count) > 16
    assert (measure, actor) == ("repairs/on-time", "kloe")
    refused = run(*kloe, "measures", "run", *common, "--trend", "3")
    assert refused.returncode == 3
    assert "Leave the others out" in refused.stderr
