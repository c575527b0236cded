"""The plan from the command line: shown, taken out, brought in, reminded of."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from kloe.cli import main
from kloe.core.errors import InvalidInput, NotFound, PermissionRefused
from kloe.web.plans import acting
from kloe.web.plans.models import Action

pytestmark = pytest.mark.django_db


def run(*words: object) -> Result:
    return CliRunner().invoke(main.app, ["plan", *map(str, words)])


@pytest.fixture
def action(org: Any, lead: Any) -> Action:
    return acting.add(
        organisation=org, by=lead, title="Write letters", origin="board", owner=lead,
        due_on="2026-12-01",
    )  # fmt: skip


def test_shown_as_table_csv_and_json(org: Any, action: Action) -> None:
    done = run("show", org.name)
    assert done.exit_code == 0, done.output
    assert "Write letters" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    (row,) = csv.DictReader(io.StringIO(run("show", org.name, "--format", "csv").stdout))
    assert (row["reference"], row["status"], row["due"]) == ("A1", "proposed", "2026-12-01")
    (row,) = json.loads(run("show", org.pk, "--format", "json").stdout)
    assert row["smart"] == action.smart
    assert json.loads(run("show", org.name, "--overdue", "--format", "json").stdout) == []


def test_out_and_in_again(org: Any, lead: Any, action: Action, tmp_path: Path) -> None:
    file = tmp_path / "plan.xlsx"
    assert run("export", org.name, "-o", file).exit_code == 0
    assert file.read_bytes()[:2] == b"PK"
    Action.objects.all().delete()
    trial = run("import", org.name, file, "--dry-run", "--as", lead.email)
    assert trial.exit_code == 0, trial.output
    assert "It would be: 1 new" in trial.stderr
    assert not Action.objects.exists()
    done = run("import", org.name, file, "--as", lead.email)
    assert "Brought in: 1 new" in done.stderr
    assert Action.objects.get().created_by == lead
    assert "1 as they were" in run("import", org.name, file).stderr


def test_what_is_wrong_is_said_and_ends_with_its_code(
    org: Any, user_with: Any, action: Action, tmp_path: Path
) -> None:
    file = tmp_path / "plan.xlsx"
    assert isinstance(run("import", org.name, file).exception, NotFound)
    file.write_text("Action\nWrite\n")
    assert isinstance(run("import", org.name, file).exception, InvalidInput)
    assert isinstance(run("show", "Nobody").exception, NotFound)
    assert isinstance(run("export", org.name, "-o", tmp_path).exception, InvalidInput)
    reader = user_with("reader", org)
    assert run("show", org.name, "--as", reader.email).exit_code == 0
    refused = run("import", org.name, file, "--as", reader.email)
    assert isinstance(refused.exception, PermissionRefused)


def test_reminding_says_how_many(org: Any, action: Action) -> None:
    done = run("remind")
    assert done.exit_code == 0, done.output
    assert "0 people were reminded of 0 actions." in done.stderr
