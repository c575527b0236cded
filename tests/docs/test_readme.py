"""The README's promises: two commands that work alone, and what CI runs is what it says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from docs_pages import README, ROOT, blocks, text_of

DEMO = "python3 -m pip install uv && python3 -m uv run kloe demo"
TEST = "python3 -m pip install uv && python3 -m uv run pytest"


def test_the_two_commands_stand_there_word_for_word_each_alone() -> None:
    alone = [block.lines for block in blocks(README)]
    assert (DEMO,) in alone
    assert (TEST,) in alone


def test_ci_runs_the_test_command_word_for_word() -> None:
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert TEST in lines
    assert lines[-1] == TEST, "nothing after it can hide how it ended"
    assert "set -euo pipefail" in lines
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_contributing_says_the_same() -> None:
    page = ROOT / "CONTRIBUTING.md"
    said = "\n".join(line for block in blocks(page) for line in block.lines)
    assert "python3 -m uv run pytest" in said


def test_a_line_for_systems_whose_python_refuses_pip() -> None:
    assert "python3 -m venv" in text_of(README)


def test_the_commands_mean_what_is_installed() -> None:
    """``uv run kloe`` and ``uv run pytest`` are there after a plain sync."""
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["scripts"]["kloe"] == "kloe.cli.main:run"
    assert any(d.startswith("pytest>") for d in project["dependency-groups"]["dev"])
    assert (ROOT / "uv.lock").is_file()
    least = project["project"]["requires-python"].removeprefix(">=")
    assert f"Python {least} or newer" in text_of(README)


def test_the_licence_is_that_of_the_project() -> None:
    assert "MIT" in text_of(README)
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith("MIT License")


def test_counts_of_the_readme_are_those_of_the_library() -> None:
    from kloe.frameworks import library
    from kloe.measures.catalogue import catalogue

    frameworks = library.load_all()
    kloes = [k for f in frameworks for k in f.kloes]
    assert len(kloes) == 10
    questions = sum(len(k.questions) for k in kloes)
    restated = len({(f.id, ref) for f in frameworks for c in f.criteria() for ref in c.sources})
    page = text_of(README)
    assert f"{questions} questions" in page
    assert f"{restated} statements" in page
    assert f"{len(catalogue().sources)} measures" in page


def test_every_figure_of_speed_has_its_command() -> None:
    section = text_of(README).partition("## Speed")[2].partition("\n## ")[0]
    named = re.findall(r"benchmarks/[\w]+\.py", section)
    for one in named:
        assert (ROOT / one).is_file(), one


@pytest.mark.parametrize("name", ["benchmarks"])
def test_scripts_named_can_be_read(name: str) -> None:
    for path in sorted((ROOT / name).glob("*.py")):
        compile(path.read_text(encoding="utf-8"), str(path), "exec")


def test_the_program_answers_as_the_readme_calls_it(tmp_path: Path) -> None:
    """The installed script, not the module."""
    script = Path(sys.executable).parent / "kloe"
    done = subprocess.run(
        [script, "--version"], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"kloe \d+\.\d+\.\d+\n", done.stdout)
