"""kloe benchmarks: what it prints, where it keeps it, how it fails."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from decimal import Decimal

import pytest
from typer.testing import CliRunner

from kloe.cli.main import app
from kloe.core.errors import KloeError
from tsm_books import Book


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cli")
    truth = Book(landlords=40).write(folder / "tsm.xlsx")
    changes = {
        ("4002", "BS01", "all"): truth["4002", "BS01", "all"][0] + 1,
        ("4004", "BS02", "all"): "[E]",
    }
    expected = Book(landlords=40, changes=changes).write(folder / "tsm.xlsx")
    done = run("benchmarks", "import", folder / "tsm.xlsx", "--data", folder / "data")
    assert done.exit_code == 0, done.stderr
    return folder, expected, done


def run(*args):
    return CliRunner().invoke(app, [str(arg) for arg in args])


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_import_prints_the_id_alone_and_tells_the_rest_on_the_side(ground):
    _folder, _expected, done = ground
    assert done.stdout == "tsm-2024-25\n"
    assert "TSM25_LCRA_Perception: 39 landlords" in done.stderr
    assert "40 landlords, 26 measures" in done.stderr
    assert "1 figure does not agree" in done.stderr


def test_import_again(ground):
    folder, _expected, _done = ground
    again = run("benchmarks", "import", folder / "tsm.xlsx", "--data", folder / "data")
    assert (again.exit_code, again.stdout) == (0, "tsm-2024-25\n")
    assert "here already, imported from tsm.xlsx" in again.stderr
    told = run(
        "benchmarks", "import", folder / "tsm.xlsx", "--data", folder / "data", "--format", "json"
    )
    assert json.loads(told.stdout)[0]["id"] == "tsm-2024-25"
    assert json.loads(told.stdout)[0]["repeated"] is True


def test_data_directory_before_and_after_the_subcommand(ground, tmp_path, monkeypatch):
    folder, _expected, _done = ground
    data = folder / "data"
    for args in (
        ("--data", data, "benchmarks", "list", "--format", "csv"),
        ("benchmarks", "--data", data, "list", "--format", "csv"),
        ("benchmarks", "list", "--format", "csv", "--data", data),
        ("--data", tmp_path, "benchmarks", "list", "--data", data, "--format", "csv"),
    ):
        (row,) = rows_of(run(*args).stdout)
        assert row["id"] == "tsm-2024-25"
    monkeypatch.setenv("KLOE_DATA", str(data))
    assert len(rows_of(run("benchmarks", "list", "--format", "csv").stdout)) == 1


def test_list_has_the_id_first(ground):
    folder, _expected, _done = ground
    text = run("benchmarks", "list", "--format", "csv", "--data", folder / "data").stdout
    assert text.startswith("id,")
    (row,) = rows_of(text)
    assert (row["landlords"], row["measures"], row["disagreements"]) == ("40", "26", "1")
    assert (row["period_start"], row["file"]) == ("2024-04-01", "tsm.xlsx")


def test_list_of_nothing(tmp_path):
    done = run("benchmarks", "list", "--data", tmp_path / "none")
    assert "kloe benchmarks import FILE" in done.stdout
    assert not (tmp_path / "none").exists()
    assert rows_of(run("benchmarks", "list", "--data", tmp_path, "--format", "csv").stdout) == []


def quartiles(ground, *more):
    folder, _expected, _done = ground
    done = run(
        "benchmarks",
        "quartiles",
        "tsm-2024-25",
        "--data",
        folder / "data",
        "--format",
        "csv",
        *more,
    )
    assert done.exit_code == 0, done.exception
    return rows_of(done.stdout)


def test_quartiles(ground):
    rows = quartiles(ground)
    assert list(rows[0]) == ["measure", "population", "n", "q1", "median", "q3"]
    assert len(rows) == 12 + 9 + 10 + 8
    assert {r["population"] for r in rows} == {"LCRA", "LCHO", "all"}
    one = next(r for r in rows if (r["measure"], r["population"]) == ("TP01", "LCRA"))
    values = sorted(v for (_l, m, p), (v, *_x) in ground[1].items() if (m, p) == ("TP01", "LCRA"))
    assert one["n"] == str(len(values)) == "39"
    assert Decimal(one["median"]) == values[19]


def test_quartiles_of_some(ground):
    assert {r["population"] for r in quartiles(ground, "--population", "lcho")} == {"LCHO"}
    rows = quartiles(ground, "--measure", "rp02-1", "--type", "LA", "--region", "north")
    assert [r["measure"] for r in rows] == ["RP02 1"]
    assert rows[0]["n"] == "7"
    assert quartiles(ground, "--measure", "TP02", "--population", "LCHO") == []


def show(ground, *more):
    folder, _expected, _done = ground
    done = run("benchmarks", "show", "tsm-2024-25", *more, "--data", folder / "data",
               "--format", "csv")  # fmt: skip
    assert done.exit_code == 0, done.exception
    return rows_of(done.stdout)


def test_show(ground):
    rows = show(ground, "L4007")
    found = {(r["measure"], r["population"]): r for r in rows}
    for (landlord, measure, population), (value, numerator, denominator, _m) in ground[1].items():
        if landlord == "L4007":
            row = found[measure, population]
            assert Decimal(row["value"]) == value
            assert Decimal(row["numerator"]) == numerator
            assert Decimal(row["denominator"]) == denominator
            assert row["cell"].startswith("TSM25_")
            assert Decimal(row["min"]) <= Decimal(row["q1"]) <= Decimal(row["median"])
            assert 1 <= int(row["rank"]) <= int(row["n"])
    assert {r["landlord"] for r in rows} == {"L4007"}


def test_show_gives_the_reason_where_there_is_no_figure(ground):
    rows = show(ground, "Landlord 04", "--measure", "bs02")
    assert [(r["value"], r["marker"], r["reason"]) for r in rows] == [
        ("", "E", "left out by the regulator")
    ]


def test_show_against_other_peers(ground):
    whole = show(ground, "L4007", "--measure", "TP01", "--peers", "all")
    assert (whole[0]["n"], whole[0]["peers"]) == ("39", "all landlords")
    (one,) = show(ground, "L4007", "--measure", "TP01", "--type", "LA")
    assert one["peers"] == "councils"
    (lcho,) = show(ground, "L4003", "--measure", "TP01", "--population", "LCHO")
    assert lcho["n"] == "6"


def test_show_to_read(ground):
    folder, _expected, _done = ground
    done = run("benchmarks", "show", "tsm-2024-25", "Landlord 04", "--data", folder / "data")
    assert "Landlord 04 (4004)" in done.stdout
    assert "BS02: left out by the regulator." in done.stderr
    assert "Compared with:" in done.stderr
    assert "Source: Regulator of Social Housing" in done.stderr


def test_landlords(ground):
    folder, _expected, _done = ground
    base = ("benchmarks", "landlords", "tsm-2024-25", "--data", folder / "data")
    rows = rows_of(run(*base, "--format", "csv").stdout)
    assert len(rows) == 40
    assert list(rows[0])[:5] == ["code", "name", "type", "size", "region"]
    assert rows[3]["homes_all"] != rows[3]["homes_lcra"]
    some = rows_of(run(*base, "--format", "csv", "--type", "LA", "--name", "lord 1").stdout)
    assert [r["code"] for r in some] == ["4012", "L4015", "4018"]
    assert "Landlord 39" in run(*base).stdout


def test_check_lists_what_does_not_agree(ground):
    folder, expected, _done = ground
    base = ("benchmarks", "check", "tsm-2024-25", "--data", folder / "data")
    (row,) = rows_of(run(*base, "--format", "csv").stdout)
    assert (row["landlord"], row["measure"], row["fault"]) == ("4002", "BS01", "rate")
    assert Decimal(row["published"]) == expected["4002", "BS01", "all"][0]
    assert abs(Decimal(row["recomputed"]) + 1 - Decimal(row["published"])) <= Decimal("0.05")
    table = run(*base)
    assert "Landlord 02" in table.stdout
    assert "rate: The published rate is not what numerator and denominator give." in table.stderr


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (("show", "tsm-1999-00", "x"), 5, "There are: tsm-2024-25"),
        (("show", "tsm-2024-25", "Nobody"), 5, "no landlord"),
        (("show", "tsm-2024-25", "Landlord 1"), 3, "Give the code"),
        (("show", "tsm-2024-25", "L4007", "--peers", "colour"), 3, "type, size and region"),
        (("show", "tsm-2024-25", "L4007", "--measure", "TP99"), 5, "TP01"),
        (("quartiles", "tsm-2024-25", "--population", "many"), 3, "LCRA"),
        (("quartiles", "tsm-2024-25", "--size", "huge"), 3, "<5,000; >40,000"),
        (("quartiles", "../x"), 5, "no dataset"),
        (("check", "x"), 5, "no dataset"),
        (("import", "nothing.xlsx"), 5, "There is no file"),
        (("import", __file__), 3, "a text file"),
    ],
)
def test_errors_have_their_class_and_words(ground, args, code, words):
    folder, _expected, _done = ground
    done = run("benchmarks", *args, "--data", folder / "data")
    assert isinstance(done.exception, KloeError)
    assert done.exception.exit_code == code
    assert words in str(done.exception)
    assert done.stdout == ""


def test_every_command_explains_itself_with_an_example():
    assert run("benchmarks").exit_code in (0, 2)
    for command in ("import", "list", "quartiles", "show", "landlords", "check"):
        done = run("benchmarks", command, "--help")
        assert done.exit_code == 0
        assert f"kloe benchmarks {command}" in " ".join(done.stdout.split())


def kloe(*args, **env):
    return subprocess.run(
        [sys.executable, "-c", "from kloe.cli.main import run; run()", *map(str, args)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **env},
    )


def test_exit_codes_of_the_program(ground, tmp_path):
    folder, _expected, _done = ground
    good = kloe("benchmarks", "list", "--data", folder / "data", "--format", "csv")
    assert (good.returncode, good.stderr) == (0, "")
    wrong = tmp_path / "wrong.xlsx"
    wrong.write_text("a,b\n")
    bad = kloe("benchmarks", "import", wrong, "--data", tmp_path / "d")
    assert bad.returncode == 3
    assert bad.stderr.startswith("kloe: wrong.xlsx is a text file")
    assert "Traceback" not in bad.stderr
    told = kloe("benchmarks", "import", wrong, "--data", tmp_path / "d", KLOE_ERRORS="json")
    assert json.loads(told.stderr)["exit_code"] == 3
    assert kloe("benchmarks", "show", "x", "y", "--data", tmp_path).returncode == 5
    assert kloe("benchmarks", "show").returncode == 2


def test_changed_files_end_with_code_four(tmp_path):
    Book(landlords=8).write(tmp_path / "tsm.xlsx")
    run("benchmarks", "import", tmp_path / "tsm.xlsx", "--data", tmp_path)
    path = tmp_path / "benchmarks" / "tsm-2024-25" / "values.parquet"
    path.write_bytes(path.read_bytes()[:-1])
    done = kloe("benchmarks", "check", "tsm-2024-25", "--data", tmp_path)
    assert done.returncode == 4
    assert "is not what was imported" in done.stderr


def test_django_is_not_loaded(ground):
    folder, _expected, _done = ground
    code = (
        "import sys; from kloe.measures.dataset import open_dataset; from pathlib import Path;"
        f"d = open_dataset(Path({str(folder / 'data')!r}), 'tsm-2024-25');"
        "d.positions(d.landlord('L4007'));"
        "sys.exit('django' in sys.modules or 'pandas' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
