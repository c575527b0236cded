"""``kloe assessments create --kind inspection``: the same as the page, as owner or ``--as``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

KLOE = (sys.executable, "-c", "from kloe.cli.main import run; run()")


def test_inspections_on_the_command_line(tmp_path: Path) -> None:
    env = {k: v for k, v in os.environ.items() if not k.startswith(("KLOE_", "DJANGO_"))}

    def kloe(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*KLOE, *words, "--data", str(tmp_path)],
            env=env, capture_output=True, text=True, check=False,
        )  # fmt: skip

    create = ("assessments", "create", "--organisation", "Arolygiaeth", "--framework",
              "wao-housing-2005")  # fmt: skip
    for email, name in (("ann@example.org", "Arolygiaeth"), ("bob@example.org", "Tai Bob")):
        assert kloe("users", "add", email, "--organisation", name).returncode == 0
    made = kloe(
        *create, "--kind", "inspection", "--about", "tai bob", "--title", "First",
        "--lead", "ann@example.org", "--as", "ann@example.org", "--format", "json",
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout)[0]["organisation"] == "tai bob"
    # Bob's organisation is not Ann's to name: what she wrote is an entry of her own.
    seen = kloe("assessments", "list", "--as", "bob@example.org", "--format", "json")
    assert "First" not in seen.stdout
    again = kloe(*create, "--kind", "re-inspection", "--again", "First", "--title", "Second")
    assert again.returncode == 0, again.stderr
    assert (
        "Stage: Preparing"
        in kloe("assessments", "show", "Second").stdout
        + kloe("assessments", "show", "Second").stderr
    )
    for words in (
        ("--kind", "inspection"),
        ("--about", "Tai Bob"),
        ("--kind", "inspection", "--about", "Arolygiaeth"),
        ("--kind", "re-inspection", "--about", "Tai Bob"),
    ):
        refused = kloe(*create, *words)
        assert refused.returncode == 3, words
        assert "Traceback" not in refused.stderr
