"""From a laptop's database to a server's: an assessment from SQLite comes whole on PostgreSQL."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from inspection_ground import make_ground
from moving_ground import BYTES, Filler

from kloe.web.moving import packing
from kloe.web.moving.tables import TABLES
from postgres import Postgres, postgres  # noqa: F401


@pytest.mark.postgres
@pytest.mark.django_db
def test_an_assessment_from_sqlite_is_the_same_on_postgresql(
    postgres: Postgres,  # noqa: F811
    tmp_path: Path,
) -> None:
    ground = make_ground()
    Filler(ground.assessment, ground.chief).fill()
    first = packing.export(assessment=ground.assessment, output=tmp_path / "1.zip", by=None)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("KLOE_", "DJANGO_"))}
    there = {"KLOE_DATA": str(tmp_path / "there"), "KLOE_DATABASE_URL": postgres.new_database()}
    # And back: what PostgreSQL gave is taken by SQLite.
    back = {"KLOE_DATA": str(tmp_path / "back")}

    def kloe(database: dict[str, str], *words: str) -> Any:
        ran = subprocess.run(  # noqa: PLW1510
            [sys.executable, "-m", "kloe.cli.main", "assessments", *words, "--format", "json"],
            env=kept | database, cwd=tmp_path, capture_output=True, text=True, timeout=240,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr
        return json.loads(ran.stdout)

    (came,) = kloe(there, "import", "1.zip")
    assert (came["id"], came["digest"]) == (str(ground.assessment.pk), first.digest)
    (again,) = kloe(there, "export", "--output", "2.zip")
    assert again["digest"] == first.digest
    assert not (tmp_path / "there" / "kloe.sqlite3").exists()
    files = [p for p in (tmp_path / "there" / "files").rglob("*") if p.is_file()]
    assert [p.read_bytes() for p in files] == [BYTES]
    (returned,) = kloe(back, "import", "2.zip")
    assert returned["digest"] == first.digest
    # The test means something: every table that travels had a row in it.
    names = {f.path for f in first.files if f.path.startswith("rows/")}
    assert names == {f"rows/{t.name}.jsonl" for t in TABLES}
