"""A publishing worker that dies at any moment leaves the inspection as it was."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from kloe.reports import verifying

HERE = Path(__file__).resolve().parent
SEED = 20261122


@pytest.mark.skipif(not hasattr(os, "fork"), reason="children are made by fork")
def test_killed_at_random_steps_nothing_is_published_and_then_it_is(tmp_path: Path) -> None:
    data = tmp_path / "data"
    steps = [1, *sorted(random.Random(SEED).sample(range(2, 70), 4))]
    done = subprocess.run(
        [sys.executable, str(HERE / "killed_publishing.py"), str(data), *map(str, steps), "0"],
        capture_output=True, text=True, check=False,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": f"{HERE}{os.pathsep}{HERE.parents[1]}"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    *died, whole = json.loads(done.stdout.splitlines()[-1])
    assert len(died) == len(steps)
    for step, found in zip(steps, died, strict=True):
        nothing = {
            "code": 9, "stage": "factual accuracy", "versions": [], "pages": 0, "final": False,
        }  # fmt: skip
        assert found == nothing, step
    assert (whole["code"], whole["stage"], whole["pages"]) == (0, "published", 1)
    # What the dead left is under names that nobody serves or backs up, until it is swept.
    left = [p.name for p in (data / "publications").glob("*/*")]
    [version] = whole["versions"]
    assert [name for name in left if not name.startswith(".new-")] == [version]
    assert len(left) > 1
    package = next(data.glob(f"publications/*/{version}/public/package.zip"))
    assert verifying.verify(package).whole
