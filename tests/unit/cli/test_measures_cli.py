"""``kloe measures``: what a person sees of measures and their results."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import date
from pathlib import Path

import pytest
from cli_commands import ended

from record_sets import make_set

ID = "rents/accounts-before-start"
Ended = tuple[int, str, str]


@pytest.fixture
def records(tmp_path: Path) -> Path:
    home = {"property_ref": "P1", "tenure": "secure"}
    make_set(
        tmp_path / "data" / "records" / "l1",
        {
            "tenancy": [
                {**home, "tenancy_ref": "T1", "start_on": date(2025, 5, 1)},
                {**home, "tenancy_ref": "T2", "start_on": date(2025, 6, 2)},
                {**home, "tenancy_ref": "T3", "start_on": date(2025, 6, 3), "tenure": "starter"},
            ],
            "rent_account": [
                {
                    "account_ref": f"A{n}", "tenancy_ref": f"T{n}", "account_type": "rent",
                    "opened_on": date(2025, 6, 2),
                }
                for n in (2, 3)
            ],
        },
        rejects={"tenancy": 4},
    )  # fmt: skip
    return tmp_path / "data"


def test_a_run_shows_number_parts_and_what_was_dropped(
    capsys: pytest.CaptureFixture[str], records: Path
) -> None:
    code, out, _err = ended(capsys, "measures", "run", ID, "--show-small", "--data", records)
    assert code == 0
    assert "2025/26    66.7 %  2 of 3  n 3  (4 rows dropped on loading)" in out


def test_a_run_as_csv_and_json_says_the_same(
    capsys: pytest.CaptureFixture[str], records: Path
) -> None:
    words = ("measures", "run", ID, "--show-small", "--by", "tenure", "--data", records, "--format")
    _code, out, _err = ended(capsys, *words, "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [(r["group"], r["numerator"], r["denominator"]) for r in rows] == [
        ("", "2", "3"), ("secure", "1", "2"), ("starter", "1", "1"),
    ]  # fmt: skip
    assert {r["dropped"] for r in rows} == {"tenancy=4"}
    _code, out, _err = ended(capsys, *words, "json")
    assert [r["numerator"] for r in json.loads(out)] == ["2", "1", "1"]
    assert all(len(r["definition"]) == len(r["data"]) == 64 for r in json.loads(out))


def test_a_trend_and_periods_are_told(capsys: pytest.CaptureFixture[str], records: Path) -> None:
    words = ("measures", "run", ID, "--show-small", "--data", records)
    _code, out, _err = ended(capsys, *words, "--trend", "2", "--period", "2025-06")
    assert "2025-05    0.0 %  0 of 1" in out
    assert "2025-06    100.0 %  2 of 2" in out
    code, _out, err = ended(capsys, *words, "--period", "next")
    assert code == 3
    assert "“next” is no period" in err
    code, _out, err = ended(
        capsys, *words, "--trend", "2", "--period", "2025/26", "--period", "2024/25"
    )
    assert code == 3
    assert "counts back from one period" in err


def test_what_cannot_be_computed_says_why(
    capsys: pytest.CaptureFixture[str], records: Path
) -> None:
    code, out, _err = ended(capsys, "measures", "run", "--data", records)
    assert code == 0
    assert "not computable: the table repair_job is missing" in out


def test_several_landlords_have_to_be_told_apart(
    capsys: pytest.CaptureFixture[str], records: Path
) -> None:
    make_set(records / "records" / "l2", {"property": [{"property_ref": "P1"}]})
    code, _out, err = ended(capsys, "measures", "run", ID, "--show-small", "--data", records)
    assert code == 3
    assert "l1, l2" in err
    chosen = records / "records" / "l1"
    code, out, _err = ended(capsys, "measures", "run", ID, "--show-small", "--records", chosen)
    assert code == 0
    assert "2 of 3" in out


def test_no_records_say_how_to_get_some(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, _out, err = ended(capsys, "measures", "run", "--data", tmp_path)
    assert code == 5
    assert "--records DIR" in err


def test_cases_at_fault_are_listed_and_counted(
    capsys: pytest.CaptureFixture[str], records: Path
) -> None:
    words = ("measures", "cases-at-fault", ID, "--data", records, "--format", "csv")
    code, out, err = ended(capsys, *words)
    assert code == 0
    assert [r["case_ref"] for r in csv.DictReader(io.StringIO(out))] == ["T1"]
    assert "1 case at fault from 2025-04-01 to 2026-03-31." in err
    _code, out, err = ended(capsys, *words, "--offset", "1")
    assert list(csv.DictReader(io.StringIO(out))) == []
    assert "1 case at fault" in err


def test_an_explanation_shows_inputs_and_sql(
    capsys: pytest.CaptureFixture[str], records: Path
) -> None:
    code, out, _err = ended(capsys, "measures", "explain", ID, "--data", records)
    assert code == 0
    assert "3 of 3 rows have a value" in out
    assert "GROUP BY m.landlord, m.period_id, m.excluded" in out


def test_a_measure_is_shown_with_all_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _err = ended(capsys, "measures", "show", ID, "--format", "json")
    assert code == 0
    told = {row["what"]: row["words"] for row in json.loads(out)}
    assert told["checked by"] == "nobody yet"
    assert told["target"].startswith("100 (")
    assert "rent_account: account_type, opened_on, tenancy_ref" in told["reads"]


def test_measures_are_listed_and_tested(capsys: pytest.CaptureFixture[str]) -> None:
    _code, out, _err = ended(capsys, "measures", "list", "rents", "--every", "--format", "csv")
    assert ID in out
    code, out, err = ended(capsys, "measures", "test", ID, "--mutants")
    assert code == 0
    assert re.search(rf"{ID}: \d+ cases, \d+ mutants found", out)
    assert "1 measure passes." in err


def test_a_case_that_fails_ends_with_its_code(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    import shutil

    from kloe.measures.catalogue import CONTENT

    shutil.copytree(CONTENT / ID, tmp_path / ID)
    path = tmp_path / ID / "cases.yaml"
    path.write_text(path.read_text().replace("      numerator: 1\n", "      numerator: 2\n"))
    code, out, err = ended(capsys, "measures", "test", "--from", tmp_path)
    assert code == 4
    assert "numerator: expected 2, found 1" in out
    assert "1 measure fails." in err
