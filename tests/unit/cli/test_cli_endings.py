"""How commands end: exit codes, messages, JSON, a reader that has gone; never a traceback."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from cli_commands import ALL, GROUPS, LEAST, ended, kloe

from kloe.cli import main


class TestEnds:
    """Exit codes by class, messages that say what to do, and never a traceback."""

    @pytest.mark.parametrize("name", sorted(ALL))
    def test_unknown_option(self, name: str, capsys: pytest.CaptureFixture[str]) -> None:
        code, out, err = ended(capsys, *name.split(), *LEAST[name], "--no-such-option")
        assert (code, out) == (2, "")
        assert "No such option" in err
        assert f"{name} -h" in " ".join(err.split())

    @pytest.mark.parametrize("words", [["nothing"], *([group, "nothing"] for group in GROUPS)])
    def test_unknown_command(self, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        code, out, err = ended(capsys, *words)
        assert (code, out) == (2, "")
        assert "No such command" in err

    @pytest.mark.parametrize(
        "name", sorted(n for n, c in ALL.items() if any(p.required for p in c.params))
    )
    def test_missing_argument(self, name: str, capsys: pytest.CaptureFixture[str]) -> None:
        code, out, err = ended(capsys, *name.split())
        assert (code, out) == (2, "")
        assert "Missing" in err

    @pytest.mark.parametrize(
        ("words", "code", "said"),
        [
            ("frameworks search gas --kind pipe", 2, "no kind “pipe”"),
            ("frameworks list --format pdf", 2, "'table', 'csv', 'json'"),
            ("benchmarks import here.txt", 3, "text file"),
            ("restore here.txt", 3, "not a backup"),
            ("benchmarks list --data changed", 4, "cannot be understood"),
            ("frameworks show 9.9", 5, "KLOEs: 1.2"),
            ("benchmarks import nowhere.xlsx", 5, "no file"),
            ("backup --output x.zip --data nowhere", 5, "no data of kloe"),
            ("benchmarks list --data here.txt", 8, "lies in, a file"),
            ("frameworks export --output nowhere/x.csv", 8, "nowhere/x.csv"),
        ],
    )
    def test_exit_codes(
        self,
        words: str,
        code: int,
        said: str,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "here.txt").write_text("some words")
        broken = tmp_path / "changed" / "benchmarks" / "tsm"
        broken.mkdir(parents=True)
        (broken / "dataset.json").write_text("{")
        found, out, err = ended(capsys, *shlex.split(words))
        assert (found, out) == (code, "")
        assert said in " ".join(err.replace("│", " ").split())
        assert "Traceback" not in err

    @pytest.mark.django_db
    def test_refused_and_conflict(
        self,
        assessment: Any,
        user_with: Callable[..., Any],
        data_root: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setenv("KLOE_DATA", str(data_root))
        reader = user_with("reader", assessment.organisation)
        code, out, err = ended(capsys, "scope", "--accept", "--as", reader.email)
        assert (code, out) == (6, "")
        assert "another role" in err
        code, out, err = ended(capsys, "users", "add", reader.email)
        assert (code, out) == (7, "")
        assert "There is an account" in err

    @pytest.mark.parametrize("stop", [KeyboardInterrupt, typer.Abort, EOFError])
    def test_stopped_by_a_person(
        self,
        stop: type[BaseException],
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        def refuse(*_args: Any, **_kwargs: Any) -> None:
            raise stop

        monkeypatch.setattr("kloe.cli.frameworks._frameworks", refuse)
        code, out, err = ended(capsys, "frameworks", "list")
        assert (code, out) == (130, "")
        assert err.strip().endswith("Stopped.")

    def test_what_the_machine_refuses_names_the_path(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def refuse(*_args: Any, **_kwargs: Any) -> None:
            raise OSError(28, "No space left on device", "/media/disk")

        monkeypatch.setattr("kloe.cli.frameworks._frameworks", refuse)
        code, _out, err = ended(capsys, "frameworks", "list")
        assert code == 8
        assert "No space left on device (/media/disk)" in err

    def test_a_fault_of_the_program_is_not_hidden(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_args: Any, **_kwargs: Any) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr("kloe.cli.frameworks._frameworks", fail)
        with pytest.raises(ZeroDivisionError):
            main.run(["frameworks", "list"])

    @pytest.mark.parametrize(
        ("words", "code", "name"),
        [
            (["nothing"], 2, "usage"),
            ([], 2, "usage"),
            (["frameworks", "list", "--format", "pdf"], 2, "usage"),
            (["frameworks", "show"], 2, "usage"),
            (["frameworks", "show", "9.9"], 5, "not-found"),
            (["frameworks", "export", "--format", "xlsx"], 2, "usage"),
            (["frameworks", "export", "--output", "nowhere/x.csv"], 8, "environment"),
        ],
    )
    def test_errors_as_json(
        self,
        words: list[str],
        code: int,
        name: str,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("KLOE_ERRORS", "json")
        found, _out, err = ended(capsys, *words)
        assert found == code
        told = json.loads(err)
        assert set(told) == {"error", "exit_code", "given", "allowed", "remedy"}
        assert (told["error"], told["exit_code"]) == (name, code)
        assert told["given"]
        assert err.count("\n") == 1

    @pytest.mark.parametrize(
        "words",
        [
            ["--help"],
            ["frameworks", "list"],
            ["frameworks", "list", "--format", "csv"],
            ["frameworks", "export"],
            ["frameworks", "export", "--format", "json"],
        ],
    )
    def test_nobody_reads_what_is_printed(self, words: list[str]) -> None:
        read, write = os.pipe()
        os.close(read)
        done = subprocess.run(
            [sys.executable, "-m", "kloe.cli.main", *words],
            stdout=write,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        os.close(write)
        assert (done.returncode, done.stderr) == (0, "")

    def test_in_a_process_of_its_own(self) -> None:
        done = kloe("frameworks", "show", "9.9")
        assert (done.returncode, done.stdout) == (5, "")
        assert done.stderr.startswith("kloe: There is no KLOE")
        told = kloe("frameworks", "nothing", KLOE_ERRORS="json")
        assert json.loads(told.stderr)["remedy"] == "“kloe frameworks --help”"
