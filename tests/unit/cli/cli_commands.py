"""Every command of the program, and ways to run one within this process and in its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner, Result

from kloe.cli import main

#: Every command with the least it must be given.
LEAST: dict[str, tuple[str, ...]] = {
    "assessments create": (),
    "assessments export": (),
    "assessments import": ("assessment.zip",),
    "assessments list": (),
    "assessments show": (),
    "backup": ("--output", "kloe.zip"),
    "benchmarks check": ("tsm",),
    "plan export": ("Tai",),
    "plan import": ("Tai", "plan.xlsx"),
    "plan remind": (),
    "plan show": ("Tai",),
    "benchmarks import": ("tsm.xlsx",),
    "benchmarks landlords": ("tsm",),
    "benchmarks list": (),
    "benchmarks quartiles": ("tsm",),
    "benchmarks show": ("tsm", "45UC"),
    "demo": ("--no-serve",),
    "evidence index": (),
    "evidence search": ("gas",),
    "frameworks check": (),
    "frameworks compare": ("wao-housing-2005", "wao-housing-2005"),
    "frameworks compile": (),
    "frameworks export": (),
    "frameworks list": (),
    "frameworks search": ("gas",),
    "frameworks show": ("1.5/6",),
    "measures cases-at-fault": ("rents/accounts-before-start",),
    "measures explain": ("rents/accounts-before-start",),
    "measures list": (),
    "measures run": ("rents/accounts-before-start",),
    "measures show": ("rents/accounts-before-start",),
    "measures test": ("rents/accounts-before-start",),
    "package": (),
    "records check": ("mapping.yaml",),
    "records frames": (),
    "records generate": ("--homes", "100", "--years", "1", "--out", "invented"),
    "records load": ("mapping.yaml",),
    "records loads": (),
    "records sample": ("re-lets",),
    "records samples": (),
    "records suggest-mapping": ("extract.csv",),
    "records undo": ("acme",),
    "report": (),
    "restore": ("kloe.zip",),
    "scope": (),
    "serve": (),
    "users activate": ("a@example.org",),
    "users add": ("a@example.org",),
    "users deactivate": ("a@example.org",),
    "users list": (),
    "users password": ("a@example.org", "--link"),
    "users remove": ("a@example.org", "--organisation", "X"),
    "verify": ("package.zip",),
}
#: Commands that look at nothing in the data directory.
WITHOUT_DATA = {name for name in LEAST if name.startswith("frameworks ")} | {
    "measures list",
    "measures show",
    "measures test",
    "records frames",
    "records generate",
    "records suggest-mapping",
    "verify",
}


def commands() -> Iterator[tuple[str, Any]]:
    def walk(command: Any, path: list[str]) -> Iterator[tuple[str, Any]]:
        below = getattr(command, "commands", {})
        if not below:
            yield " ".join(path), command
        for name, one in below.items():
            yield from walk(one, [*path, name])

    yield from walk(get_command(main.app), [])


ALL = dict(commands())
GROUPS = sorted({name.split()[0] for name in ALL if " " in name})


def invoke(*words: str | Path) -> Result:
    """The command within this process."""
    return CliRunner().invoke(main.app, [str(word) for word in words])


def kloe(*words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The whole program in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "kloe.cli.main", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | environment,
    )


def ended(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, str, str]:
    """How the program ends within this process: exit code, standard output, standard error."""
    with pytest.raises(SystemExit) as stop:
        main.run([str(word) for word in words])
    out, err = capsys.readouterr()
    return int(stop.value.code or 0), out, err
