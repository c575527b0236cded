"""The reference is complete: commands, settings, exit codes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from kloe.cli import reference
from kloe.core import errors

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "kloe"
DOCS = ROOT / "docs"
NAME = re.compile(r"KLOE_[A-Z_]+")


def test_the_commands_are_described_as_they_are() -> None:
    page = (DOCS / "reference" / "commands.md").read_text(encoding="utf-8")
    assert page == reference.markdown(), (
        "run: python -m kloe.cli.reference (from the root of the checkout)"
    )


@pytest.mark.parametrize("command", ["serve", "backup", "restore", "demo", "frameworks list"])
def test_every_command_is_there(command: str) -> None:
    page = reference.markdown()
    assert f"# kloe {command}\n" in page


def test_every_command_and_option_has_its_words() -> None:
    page = reference.markdown()
    for line in page.splitlines():
        if line.startswith(("| `", "| --")):
            cells = [c.strip() for c in re.split(r"(?<!\\)\|", line)[1:-1]]
            assert cells[1], f"no help: {line}"
    sections = re.split(r"^#{2,} ", page, flags=re.MULTILINE)[1:]
    for section in sections:
        _title, _blank, words = section.split("\n", 2)
        assert not words.startswith("```\nkloe"), f"no help: {section[:80]}"


def _constants() -> Iterator[tuple[str, Path]]:
    """Every name of a variable that the source reads or sets."""
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            value = node.value if isinstance(node, ast.Constant) else None
            if isinstance(value, str) and NAME.fullmatch(value):
                yield value, path


def _documented() -> set[str]:
    page = (DOCS / "reference" / "settings.md").read_text(encoding="utf-8")
    return set(re.findall(r"^\| `(KLOE_[A-Z_]+)` \|", page, flags=re.MULTILINE))


def test_every_setting_is_documented() -> None:
    missing = {name: path for name, path in _constants() if name not in _documented()}
    assert not missing


def test_no_setting_is_documented_that_nothing_reads() -> None:
    assert not _documented() - {name for name, _path in _constants()}


def test_defaults_of_settings_are_those_of_the_source() -> None:
    page = (DOCS / "reference" / "settings.md").read_text(encoding="utf-8")
    source = (SOURCE / "web" / "settings.py").read_text(encoding="utf-8")
    checked = 0
    for call in ast.walk(ast.parse(source)):
        if not (isinstance(call, ast.Call) and len(call.args) == 2):
            continue
        first, second = call.args
        if not (isinstance(first, ast.Constant) and isinstance(second, ast.Constant)):
            continue
        if not (isinstance(first.value, str) and NAME.fullmatch(first.value)):
            continue
        if not (isinstance(second.value, str) and second.value):
            continue
        row = next(line for line in page.splitlines() if line.startswith(f"| `{first.value}` |"))
        assert f"`{second.value.removeprefix('./')}`" in row.replace("`./", "`"), row
        checked += 1
    assert checked >= 6


def _classes(kind: type[errors.KloeError]) -> Iterator[type[errors.KloeError]]:
    yield kind
    for one in kind.__subclasses__():
        yield from _classes(one)


def test_every_exit_code_is_documented() -> None:
    page = (DOCS / "reference" / "exit-codes.md").read_text(encoding="utf-8")
    rows = {}
    for line in page.splitlines():
        cells = [c.strip() for c in line.split("|")[1:-1]]
        if len(cells) == 5 and cells[0].isdigit():
            rows[int(cells[0])] = (cells[1].strip("`"), cells[2].strip("`"))
    named = {kind for kind in vars(errors).values() if isinstance(kind, type)}
    for kind in _classes(errors.KloeError):
        if kind not in named:
            # A narrower class elsewhere keeps the code of the class it narrows.
            assert kind.exit_code in rows
            continue
        assert rows[kind.exit_code] == (kind.code, kind.__name__)
    assert set(rows) == {0} | {k.exit_code for k in _classes(errors.KloeError)}


def test_links_between_pages_lead_somewhere() -> None:
    broken = []
    for page in DOCS.rglob("*.md"):
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
            if "://" not in target and not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)}: {target}")
    assert not broken
