"""Lint, types, layers, migrations and translated strings: each a failure of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "NO_COLOR": "1"},
    )


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]])
def test_ruff_finds_nothing(command: list[str]) -> None:
    done = run(str(BIN / "ruff"), *command, "src", "tests", "benchmarks")
    assert done.returncode == 0, done.stdout + done.stderr


def test_types_hold() -> None:
    done = run(str(BIN / "mypy"))
    assert done.returncode == 0, done.stdout + done.stderr


def test_imports_point_down_only() -> None:
    done = run(str(BIN / "lint-imports"), "--no-cache")
    assert done.returncode == 0, done.stdout + done.stderr


def test_models_and_migrations_agree() -> None:
    done = run(
        str(BIN / "django-admin"),
        "makemigrations",
        "--check",
        "--dry-run",
        "--settings",
        "kloe.web.settings",
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_modules_stay_under_five_hundred_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): n
        for folder in ("src", "benchmarks")
        for path in (ROOT / folder).rglob("*.py")
        if "migrations" not in path.parts and (n := len(path.read_text().splitlines())) >= 500
    }
    assert not long


def test_no_print_and_no_path_of_a_machine() -> None:
    """Nothing of the place where it was written goes along."""
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in [*(ROOT / "src").rglob("*.py"), *(ROOT / "docs").rglob("*.md")]
        for match in re.finditer(r"/(?:work|root|home)/[a-z]\w*", path.read_text())
    ]
    assert not found


# Template text that a reader sees must stand in a translation tag.
_TAGS = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.S)
_TRANSLATED = re.compile(
    r"\{% *blocktranslate.*?%\}.*?\{% *endblocktranslate *%\}"
    r"|\{% *comment.*?%\}.*?\{% *endcomment *%\}"
    r"|\{% *block \w*class\w* *%\}.*?\{% *endblock.*?%\}",
    re.S,
)
_SKIPPED = re.compile(r"<(script|style|svg|kbd|code)\b.*?</\1>", re.S | re.I)
_MARKUP = re.compile(r"<[^>]*>", re.S)
_ATTRIBUTES = re.compile(
    r"\b(?:aria-label|title|placeholder|alt)=\"([^\"{]*[A-Za-z]{3}[^\"{]*)\"", re.S
)
_LETTERS = re.compile(r"[A-Za-z]{2,}")
#: Names that are the same in every language.
_NAMES = {"kloe", "htmx", "csv", "json", "pdf", "html", "docx", "xlsx", "n", "of"}


def untranslated(source: str) -> list[str]:
    """Words of a template that stand outside translation tags."""
    text = _TRANSLATED.sub(" ", source)
    tagless = _TAGS.sub(" ", text)
    found = [m.group(1) for m in _ATTRIBUTES.finditer(tagless)]
    visible = _MARKUP.sub(" ", _SKIPPED.sub(" ", tagless))
    visible = re.sub(r"&[a-z]+;", " ", visible)
    found += [w for w in _LETTERS.findall(visible) if w.lower() not in _NAMES]
    return found


def test_the_check_for_untranslated_words_finds_them() -> None:
    assert untranslated("<p>Hello {{ name }}</p>") == ["Hello"]
    assert untranslated('<p title="Good day">{% translate "Hello" %}</p>') == ["Good day"]
    assert untranslated("{% blocktranslate %}Hello{% endblocktranslate %}<b>{{ x }}</b>") == []


def test_every_string_of_the_templates_is_translated() -> None:
    found = {
        str(path.relative_to(ROOT)): words
        for path in (ROOT / "src" / "kloe" / "web").rglob("templates/**/*.html")
        if (words := untranslated(path.read_text()))
    }
    assert not found


def test_no_two_test_modules_share_a_name() -> None:
    """Outside packages pytest knows a module by its file name alone; the second is never read."""
    names: dict[str, list[str]] = {}
    for path in (ROOT / "tests").rglob("*.py"):
        if path.name != "conftest.py" and not (path.parent / "__init__.py").exists():
            names.setdefault(path.name, []).append(str(path.relative_to(ROOT)))
    assert not {name: paths for name, paths in names.items() if len(paths) > 1}
