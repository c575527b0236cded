"""kloe frameworks: what it prints, and how it ends."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from kloe.cli.frameworks import app
from kloe.core.errors import InvalidInput, NotFound, UsageError, VerificationFailed
from kloe.frameworks import library
from kloe.frameworks.export import COLUMNS

WELSH = "wao-housing-2005"


def run(*words: str) -> Result:
    """The command within this process; errors come out as they are raised."""
    result = CliRunner().invoke(app, list(words))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def rows(result: Result) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(result.stdout)))


def kloe(*words: str, stdin: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    """The whole program in a process of its own."""
    code = "from kloe.cli.main import run; run()"
    return subprocess.run(
        [sys.executable, "-c", code, *words], input=stdin, capture_output=True, check=False
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of a framework's source and its compiled file."""
    folder = tmp_path / "frameworks" / WELSH
    shutil.copytree(library.CONTENT / WELSH, folder)
    shutil.copy(library.compiled_path(WELSH), folder.parent)
    return folder


class TestList:
    def test_table(self) -> None:
        shown = run("list").stdout
        assert "Letting Housing" in shown
        assert "2.10 / 2.11" in shown
        assert shown.index(WELSH) < shown.index("hi-cross-cutting-2005")

    def test_csv(self) -> None:
        found = rows(run("list", "--format", "csv"))
        assert [r["kloe"] for r in found] == [
            "1.2",
            "1.3",
            "1.4",
            "1.5",
            "2.2",
            "2.3",
            "2.10",
            "30",
            "31",
            "32",
        ]
        assert sum(int(r["questions"]) for r in found) == 176
        assert found[0]["status"] == "Draft for consultation"
        assert found[0]["digest"] == library.load(WELSH).digest

    def test_json(self) -> None:
        found = json.loads(run("list", "--format", "json").stdout)
        assert found[0]["themes"] == 6


class TestShow:
    def test_theme_side_by_side(self) -> None:
        shown = run("show", "1.5/6").stdout
        for words in ("Gas servicing", "Excellent", "Satisfactory", "1.5/6/E1", "reality checks"):
            assert words in shown

    def test_kloe_under_main_questions(self) -> None:
        shown = run("show", "2.11").stdout
        assert "What is the evidence of service improvements?" in shown
        assert "2.10/10" in shown

    def test_criterion_with_framework(self) -> None:
        shown = run("show", f"{WELSH}/1.2/3/account-set-up").stdout
        assert "account-set-up" in shown
        assert "arrears-identified-by-cause" not in shown

    def test_json(self) -> None:
        found = json.loads(run("show", "1.2/3", "--format", "json").stdout)
        assert found["kloe"] == "1.2"
        (theme,) = found["themes"]
        assert theme["number"] == "1.2/3"
        first = theme["criteria"][0]
        assert {d["side"] for d in first["descriptors"]} == {"upper", "lower"}
        assert len(theme["reality_checks"]) >= 3

    def test_csv(self) -> None:
        found = rows(run("show", "1.2/3", "--format", "csv"))
        assert {r["theme"] for r in found} == {"1.2/3"}
        one = rows(run("show", "1.2/3/account-set-up", "--format", "csv"))
        assert {r["criterion"] for r in one} == {"account-set-up"}

    @pytest.mark.parametrize("name", ["9.9", "1.2/99", "1.2/3/nothing", "nothing-2005/1.2", ""])
    def test_unknown(self, name: str) -> None:
        with pytest.raises(NotFound, match="kloe frameworks list"):
            run("show", name)


class TestSearch:
    def test_table(self) -> None:
        shown = " ".join(run("search", "gas", "servicing").stdout.split())
        assert "1.5/6" in shown
        assert "ervicing" in shown

    def test_csv_ranked(self) -> None:
        found = rows(run("search", "gas servicing", "--format", "csv"))
        assert all("gas servicing" in r["text"].lower() for r in found)
        found = rows(run("search", "gas", "servicing", "--format", "csv", "--limit", "5"))
        assert len(found) == 5
        assert found[0]["id"] == f"{WELSH}/1.5/6"
        scores = [float(r["score"]) for r in found]
        assert scores == sorted(scores, reverse=True)

    def test_only_a_kind_in_a_framework(self) -> None:
        found = rows(
            run(
                "search",
                "harassment",
                "--kind",
                "question",
                "--framework",
                WELSH,
                "--format",
                "csv",
            )
        )
        assert {(r["kind"], r["framework"]) for r in found} == {("question", WELSH)}

    def test_nothing_found(self) -> None:
        assert "Nothing has “xylophone”" in run("search", "xylophone").stdout

    def test_unknown_kind_or_framework(self) -> None:
        with pytest.raises(UsageError, match="criterion"):
            run("search", "gas", "--kind", "pipe")
        with pytest.raises(NotFound, match=WELSH):
            run("search", "gas", "--framework", "wao")


class TestCheck:
    def test_library(self) -> None:
        result = run("check")
        assert "No faults." in result.stderr
        found = rows(run("check", "--format", "csv"))
        assert sum(int(r["restated"]) for r in found) == 942
        assert sum(int(r["themes"]) for r in found) == 62

    def test_folder(self, copy: Path) -> None:
        assert WELSH in run("check", str(copy)).stdout
        assert WELSH in run("check", str(copy.parent)).stdout

    def test_faults_are_named(self, copy: Path) -> None:
        path = copy / "1.5.yaml"
        path.write_text(path.read_text().replace("strand: access", "strand: acess"))
        with pytest.raises(InvalidInput, match=r"1\.5\.yaml:\d+: “strand” is “acess”.*Use one of"):
            run("check", str(copy))

    def test_compiled_out_of_date(self, copy: Path) -> None:
        path = copy / "framework.yaml"
        path.write_text(path.read_text().replace("leading: true", "leading: false"))
        with pytest.raises(VerificationFailed, match="kloe frameworks compile"):
            run("check", str(copy))
        assert "wrote wao-housing-2005.json" in run("compile", str(copy)).stderr
        assert "already up to date" in run("compile", str(copy)).stderr
        run("check", str(copy))

    def test_no_such_folder(self, tmp_path: Path) -> None:
        with pytest.raises(NotFound, match="no folder"):
            run("check", str(tmp_path / "nowhere"))
        with pytest.raises(NotFound, match="no framework source"):
            run("check", str(tmp_path))


class TestCompile:
    def test_elsewhere(self, copy: Path, tmp_path: Path) -> None:
        run("compile", str(copy), "--output", str(tmp_path))
        assert (tmp_path / f"{WELSH}.json").read_bytes() == library.compiled(WELSH)
        with pytest.raises(InvalidInput, match="no folder"):
            run("compile", str(copy), "--output", str(tmp_path / "nowhere"))


class TestExport:
    def test_csv(self) -> None:
        result = run("export")
        assert tuple(next(csv.reader(io.StringIO(result.stdout)))) == COLUMNS
        found = rows(result)
        assert {r["kind"] for r in found} == {"question", "descriptor"}
        assert {r["framework"] for r in found} == set(library.available())

    def test_json_to_a_file(self, tmp_path: Path) -> None:
        path = tmp_path / "kloes.json"
        result = run("export", "--format", "json", "--output", str(path), "--framework", WELSH)
        assert "Wrote" in result.stderr
        found = json.loads(path.read_text(encoding="utf-8"))
        assert {r["framework"] for r in found} == {WELSH}
        assert tuple(found[0]) == COLUMNS

    def test_csv_to_a_file(self, tmp_path: Path) -> None:
        path = tmp_path / "kloes.csv"
        run("export", "--output", str(path))
        assert path.read_text(encoding="utf-8") == run("export").stdout

    def test_workbook(self, tmp_path: Path) -> None:
        path = tmp_path / "kloes.xlsx"
        run("export", "--format", "xlsx", "--output", str(path))
        assert path.read_bytes()[:2] == b"PK"
        with pytest.raises(UsageError, match="--output"):
            run("export", "--format", "xlsx")


class TestCompare:
    def test_frameworks(self) -> None:
        shown = run("compare", "hi-cross-cutting-2005", WELSH).stdout
        assert "criterion" in shown
        found = rows(run("compare", "hi-cross-cutting-2005", WELSH, "--format", "csv"))
        assert {r["change"] for r in found} == {"added", "removed", "changed"}

    def test_with_itself(self) -> None:
        assert "No difference." in run("compare", WELSH, WELSH).stdout
        found = rows(run("compare", WELSH, WELSH, "--all", "--format", "csv"))
        assert {r["change"] for r in found} == {"same"}

    def test_folder_and_file(self, copy: Path) -> None:
        path = copy / "1.5.yaml"
        text = path.read_text()
        path.write_text(text.replace("title: Gas servicing", "title: Servicing of gas"))
        compiled = str(library.compiled_path(WELSH))
        (changed,) = rows(run("compare", compiled, str(copy), "--format", "csv"))
        assert (changed["change"], changed["kind"]) == ("changed", "theme")
        assert changed["text_after"] == "Servicing of gas (service)"

    def test_unknown(self) -> None:
        with pytest.raises(NotFound, match="compiled file"):
            run("compare", WELSH, "nothing")


class TestProgram:
    """In a process of its own: exit codes, streams, no Django."""

    def test_exit_codes(self, copy: Path) -> None:
        assert kloe("frameworks", "list").returncode == 0
        missing = kloe("frameworks", "show", "9.9")
        assert (missing.returncode, missing.stdout) == (5, b"")
        assert missing.stderr.startswith(b"kloe: There is no KLOE")
        assert kloe("frameworks", "export", "--format", "pdf").returncode == 2
        assert kloe("frameworks", "export", "--format", "xlsx").returncode == 2
        path = copy / "framework.yaml"
        path.write_text(path.read_text().replace("leading: true", "leading: false"))
        assert kloe("frameworks", "check", str(copy)).returncode == 4
        path.write_text(path.read_text().replace("leading: false", "leading: perhaps"))
        wrong = kloe("frameworks", "check", str(copy))
        assert wrong.returncode == 3
        assert b"framework.yaml:" in wrong.stderr

    def test_data_is_accepted_on_either_side(self, tmp_path: Path) -> None:
        data = tmp_path / "data"
        for words in (
            ("--data", str(data), "frameworks", "list"),
            ("frameworks", "list", "--data", str(data)),
        ):
            assert kloe(*words).returncode == 0
        assert not data.exists()

    def test_help_teaches(self) -> None:
        for command in ("list", "show", "search", "check", "export", "compare", "compile"):
            shown = run(command, "--help").stdout
            assert "Example" in shown, command
            assert f"kloe frameworks {command}" in " ".join(shown.split()), command
            assert "--data" in shown, command

    def test_needs_no_database(self) -> None:
        code = (
            "import sys; from kloe.cli.frameworks import app; app(['list'], standalone_mode=False);"
            "assert 'django' not in sys.modules and 'duckdb' not in sys.modules"
        )
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
