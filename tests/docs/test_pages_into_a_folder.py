"""The modules that write pages of the reference take a folder, and nothing else."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from kloe.core.pages import FOLDER, write_pages

MODULES = ("kloe.cli", "kloe.records", "kloe.measures", "kloe.assessment.checks")
ROOT = Path(__file__).resolve().parents[2]


def made() -> dict[str, str]:
    return {"one.md": "# One\n", "more/two.md": "# Two\n"}


@pytest.mark.parametrize("module", MODULES)
def test_each_names_pages_that_are_there(module: str) -> None:
    for name in import_module(f"{module}.reference").pages():
        assert (ROOT / FOLDER / name).is_file()


def test_pages_are_written_into_the_folder_that_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_pages("kloe.some", made, [str(tmp_path)])
    assert (tmp_path / "one.md").read_text() == "# One\n"
    assert (tmp_path / "more" / "two.md").read_text() == "# Two\n"
    assert capsys.readouterr().out.split() == [str(tmp_path / name) for name in made()]


@pytest.mark.parametrize(
    ("given", "code", "says"),
    [
        (["--help"], 0, "usage: python -m kloe.some"),
        (["--nonsense"], 2, "--nonsense"),
        (["docs/nowhere"], 2, "There is no folder docs/nowhere"),
        ([".", "more"], 2, "more"),
        ([], 2, f"There is no folder {FOLDER}"),
    ],
)
def test_whatever_else_is_given_is_told_and_nothing_written(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    given: list[str],
    code: int,
    says: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        write_pages("kloe.some", made, given)
    assert ended.value.code == code
    said = capsys.readouterr()
    assert says in said.out + said.err
    assert list(tmp_path.iterdir()) == []
