"""What all commands share: where data lies, what they print, how they help."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer
from cli_commands import ALL, GROUPS, LEAST, WITHOUT_DATA, invoke, kloe
from typer.main import get_command

from kloe.cli import main
from kloe.cli.common import Format, data_dir, print_rows
from kloe.core import errors
from kloe.core.messages import _


def test_every_command_is_held_here() -> None:
    assert set(LEAST) == set(ALL)


class TestData:
    """--data before and after the subcommand, KLOE_DATA, ./kloe-data: the nearest wins."""

    @pytest.fixture(autouse=True)
    def _here(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        monkeypatch.delenv("KLOE_DATA")

    @staticmethod
    def used(*words: str) -> str:
        """The data directory a command says it looked into."""
        done = invoke(*words)
        assert isinstance(done.exception, errors.NotFound), done.output
        found = re.search(r"in (\S+)/benchmarks", str(done.exception))
        assert found
        return Path(found.group(1)).name

    def test_default(self) -> None:
        assert self.used("benchmarks", "check", "x") == "kloe-data"

    def test_variable(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("KLOE_DATA", "from-variable")
        assert self.used("benchmarks", "check", "x") == "from-variable"

    @pytest.mark.parametrize(
        ("words", "wins"),
        [
            (["--data", "a", "benchmarks", "check", "x"], "a"),
            (["benchmarks", "--data", "b", "check", "x"], "b"),
            (["benchmarks", "check", "x", "--data", "c"], "c"),
            (["benchmarks", "check", "--data", "c", "x"], "c"),
            (["--data", "a", "benchmarks", "--data", "b", "check", "x"], "b"),
            (["--data", "a", "benchmarks", "check", "x", "--data", "c"], "c"),
            (["--data", "a", "benchmarks", "--data", "b", "check", "x", "--data", "c"], "c"),
        ],
    )
    def test_nearest_wins_over_variable(
        self, words: list[str], wins: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("KLOE_DATA", "from-variable")
        assert self.used(*words) == wins

    @pytest.mark.parametrize("name", sorted(ALL))
    def test_every_command_takes_it(self, name: str) -> None:
        assert "--data" in {o for p in ALL[name].params for o in p.opts}

    @pytest.mark.parametrize("group", GROUPS)
    def test_every_group_takes_it(self, group: str) -> None:
        assert "--data" in {o for p in get_command(main.app).commands[group].params for o in p.opts}  # type: ignore[attr-defined]

    def test_a_tilde_is_the_home(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HOME", str(tmp_path / "at-home"))
        assert self.used("--data", "~", "benchmarks", "check", "x") == "at-home"

    def test_reading_makes_no_directory(self, tmp_path: Path) -> None:
        assert invoke("benchmarks", "list", "--data", tmp_path / "none").exit_code == 0
        assert not (tmp_path / "none").exists()

    def test_writing_makes_it_and_nothing_elsewhere(self, tmp_path: Path) -> None:
        done = kloe("users", "--data", tmp_path / "a" / "b", "list", "--format", "csv")
        assert done.returncode == 0, done.stderr
        assert (tmp_path / "a" / "b" / "kloe.sqlite3").exists()
        assert [p.name for p in tmp_path.iterdir()] == ["a"]

    @pytest.mark.parametrize("name", sorted(ALL.keys() - WITHOUT_DATA))
    def test_a_file_or_a_path_through_one(self, name: str, tmp_path: Path) -> None:
        file = tmp_path / "tsm.xlsx"
        file.write_text("not a folder")
        for data in (file, file / "below"):
            done = invoke(*name.split(), *LEAST[name], "--data", data)
            if name == "restore":
                # What it restores is looked at first, and is no backup.
                assert isinstance(done.exception, errors.KloeError)
                continue
            assert isinstance(done.exception, errors.EnvironmentFault), done.output
            assert "is, or lies in, a file" in str(done.exception)
        assert file.read_text() == "not a folder"

    @pytest.mark.parametrize("create", [True, False])
    def test_a_directory_that_may_not_be_used(
        self, create: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ctx = typer.Context(get_command(main.app))
        ctx.meta["kloe.data"] = tmp_path
        monkeypatch.setattr(os, "access", lambda path, mode: False)
        with pytest.raises(errors.EnvironmentFault, match="--data DIR"):
            data_dir(ctx, create=create)


class TestFormats:
    """csv and json: standard output holds the data and nothing else."""

    @pytest.fixture
    def ground(
        self, db: None, assessment: Any, data_root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> Path:
        monkeypatch.setenv("KLOE_DATA", str(data_root))
        return data_root

    #: Commands that print data, and how many rows at least there are.
    PRINTED: tuple[tuple[str, int], ...] = (
        ("frameworks list", 10),
        ("frameworks show 1.5/6", 5),
        ("frameworks search gas", 5),
        ("frameworks check", 2),
        ("frameworks export", 1000),
        ("frameworks compare wao-housing-2005 hi-cross-cutting-2005", 100),
        ("benchmarks list", 0),
        ("measures list", 1),
        ("measures show rents/accounts-before-start", 10),
        ("users list", 1),
        ("users add new@example.org", 1),
        ("assessments list", 1),
        ("assessments show", 40),
        ("scope", 40),
        ("scope --weights", 8),
    )
    #: Held by tests of their own (or without data here), in tests/unit/cli/test_benchmarks_cli.py,
    #: test_measures_cli.py, tests/integration/records and tests/integration/test_main_job.py.
    ELSEWHERE = frozenset(
        {f"benchmarks {x}" for x in ("import", "quartiles", "show", "landlords", "check")}
        | {f"measures {x}" for x in ("run", "cases-at-fault", "explain")}
        | {f"records {x}" for x in ("check", "load", "loads", "generate")}
        | {f"records {x}" for x in ("sample", "samples", "frames")}
        | {"assessments create", "plan show", "evidence search", "verify"}
        | {"assessments export", "assessments import"}
    )

    def test_all_that_have_formats_are_here(self) -> None:
        having = {
            name
            for name, command in ALL.items()
            for p in command.params
            if p.name == "format" and name != "report"
        }
        here = {
            name
            for name in having
            if any(line == name or line.startswith(f"{name} ") for line, _least in self.PRINTED)
        }
        assert having - here == self.ELSEWHERE

    @pytest.mark.django_db
    @pytest.mark.parametrize(("line", "least"), PRINTED)
    def test_csv(self, ground: Path, line: str, least: int) -> None:
        done = invoke(*shlex.split(line), "--format", "csv")
        assert done.exit_code == 0, done.output
        header, *rows = csv.reader(io.StringIO(done.stdout))
        assert len(rows) >= least
        assert {len(row) for row in rows} <= {len(header)}
        assert all(re.fullmatch(r"[a-z][a-z0-9_]*", word) for word in header)
        assert "\r" not in done.stdout

    @pytest.mark.django_db
    @pytest.mark.parametrize(("line", "least"), PRINTED)
    def test_json(self, ground: Path, line: str, least: int) -> None:
        done = invoke(*shlex.split(line), "--format", "json")
        assert done.exit_code == 0, done.output
        found = json.loads(done.stdout)
        rows = found if isinstance(found, list) else found["themes"][0]["criteria"]
        assert len(rows) >= min(least, 2 if isinstance(found, dict) else least)
        assert done.stdout.endswith("\n")

    @pytest.mark.django_db
    @pytest.mark.parametrize(
        "line",
        [
            line
            for line, _least in PRINTED
            # An export is no table, and the link to set a password is one word.
            if not line.startswith(("frameworks export", "users add"))
        ],
    )
    def test_table_fits_a_terminal(self, ground: Path, line: str) -> None:
        done = invoke(*shlex.split(line))
        assert done.exit_code == 0, done.output
        assert all(len(row) <= 80 for row in done.stdout.splitlines())

    @pytest.mark.django_db
    def test_identifiers_in_tables_can_be_copied(self, ground: Path, assessment: Any) -> None:
        assert str(assessment.pk) in invoke("assessments", "list").stdout

    def test_cells(self) -> None:
        rows = [(None, True, ["a", "b"], _("words %(n)d", n=3), "a,b [x]")]
        columns = ("none", "yes", "several", "message", "text")
        written = io.StringIO()
        print_rows(columns, rows, Format.CSV, out=written)
        assert written.getvalue().splitlines()[1] == ',yes,a b,words 3,"a,b [x]"'
        written = io.StringIO()
        print_rows(columns, rows, Format.JSON, out=written)
        assert json.loads(written.getvalue()) == [
            {"none": None, "yes": True, "several": ["a", "b"], "message": "words 3",
             "text": "a,b [x]"}
        ]  # fmt: skip
        written = io.StringIO()
        print_rows(columns, rows, out=written)
        assert "[x]" in written.getvalue()

    def test_nothing_is_an_empty_list(self) -> None:
        for format, printed in ((Format.CSV, "a,b\n"), (Format.JSON, "[]\n")):
            written = io.StringIO()
            print_rows(("a", "b"), [], format, empty="Nothing.", out=written)
            assert written.getvalue() == printed
        written = io.StringIO()
        print_rows(("a", "b"), [], empty="Nothing.", out=written)
        assert written.getvalue() == "Nothing.\n"


class TestHelp:
    """--help teaches."""

    def test_all_commands_are_listed(self) -> None:
        shown = invoke("--help").stdout
        for name in {name.split()[0] for name in ALL}:
            assert re.search(rf"^│ {name}\s+\S", shown, flags=re.M), name
        assert "kloe demo" in shown
        for group in GROUPS:
            below = invoke(group, "--help").stdout
            for name in ALL:
                if name.startswith(f"{group} "):
                    assert re.search(rf"^│ {name.split()[1]}\s+\S", below, flags=re.M), name

    def test_short_form_and_version(self) -> None:
        assert invoke("-h").stdout == invoke("--help").stdout
        assert re.fullmatch(r"kloe \d+\.\d+\.\d+\n", invoke("--version").stdout)

    @pytest.mark.parametrize("name", sorted(ALL))
    def test_help_of_each(self, name: str) -> None:
        done = invoke(*name.split(), "--help")
        assert done.exit_code == 0
        assert done.stderr == ""
        shown = " ".join(done.stdout.split())
        assert re.match(rf"Usage: (kloe|root) {name} ", shown)
        assert not re.search(r"TODO|FIXME|XXX|lorem", shown, flags=re.I)
        assert all(len(line) <= 80 for line in done.stdout.splitlines())
        words = str(ALL[name].help)
        assert re.match(r"[A-Z][^.]*\.", words), "a first sentence that can stand alone"

    @pytest.mark.parametrize("name", sorted(ALL))
    def test_an_example_that_is_true(self, name: str) -> None:
        examples = examples_in(str(ALL[name].help))
        mine = [e for e in examples if e.startswith(f"kloe {name}")]
        assert mine, examples
        for example in examples:
            words = shlex.split(example.partition(" > ")[0])[1:]
            done = invoke(*words, "--help")
            assert done.exit_code == 0, f"{example}: {done.output}"

    @pytest.mark.parametrize("name", sorted(ALL))
    def test_every_option_has_its_words(self, name: str) -> None:
        for parameter in ALL[name].params:
            assert parameter.help, f"{name} {parameter.name}"

    def test_nothing_at_all_shows_the_help(self) -> None:
        for words in ([], *([group] for group in GROUPS)):
            done = invoke(*words)
            assert done.exit_code == 2
            assert "Usage:" in done.stdout + done.stderr


def examples_in(words: str) -> list[str]:
    """The commands that a help text shows: in backticks, in bold, or on lines of their own."""
    flat = " ".join(words.split())
    marked = re.findall(r"(?:`|\*\*)(kloe [^`*]+)(?:`|\*\*)", flat)
    alone = re.findall(r"^\s*(kloe .+)$", words, flags=re.M)
    cleaned = [e.strip().rstrip(".") for e in marked + [a for a in alone if "*" not in a]]
    return [e.replace("FILE.zip", "x.zip") for e in cleaned]
