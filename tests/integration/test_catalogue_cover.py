"""The library held against the published register beside the checkout."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kloe.frameworks import library
from kloe.frameworks.export import grade_described
from kloe.frameworks.model import Framework

pytestmark = pytest.mark.shared


@pytest.fixture
def published(shared: Path) -> dict[str, dict[str, str]]:
    path = shared / "sources" / "register.tsv"
    with path.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["ref"]: row for row in rows}


def restatements() -> Iterator[tuple[str, str, str | None, str]]:
    """Theme, reference, common key and own text of every question and descriptor."""
    for framework in library.load_all():
        for theme in framework.themes():
            for question in theme.questions:
                for ref in question.sources:
                    yield theme.id, ref, None, str(question.text)
            for criterion in theme.criteria:
                for descriptor in criterion.descriptors:
                    for ref in descriptor.sources:
                        yield theme.id, ref, criterion.common, str(descriptor.text)


def test_cover_check_finds_no_fault(shared: Path) -> None:
    kloe = [sys.executable, "-c", "from kloe.cli.main import run; run()"]
    exported = subprocess.run(
        [*kloe, "frameworks", "export", "--format", "csv"], check=True, capture_output=True
    )
    checked = subprocess.run(
        [sys.executable, str(shared / "checks" / "catalogue_cover.py")],
        input=exported.stdout,
        capture_output=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout.decode()
    assert b"restate 1118 of 1118 published texts, 0 faults" in checked.stdout


def test_every_question_and_statement_is_restated(published: dict[str, dict[str, str]]) -> None:
    questions = {ref for ref in published if "/Q" in ref}
    assert (len(questions), len(published) - len(questions)) == (176, 942)
    assert {ref for _theme, ref, _common, _text in restatements()} == set(published)


def test_references_stand_in_their_theme_and_column(
    published: dict[str, dict[str, str]],
) -> None:
    for framework in library.load_all():
        for criterion in framework.criteria():
            for descriptor in criterion.descriptors:
                for ref in descriptor.sources:
                    assert ref.rpartition("/")[0] == framework.theme_of(criterion.id).number
                    assert published[ref]["kloe"] == framework.kloe_of(criterion.id).number
                    assert (ref.rpartition("/")[2][0] == "E") is (descriptor.side == "upper")


def test_columns_describe_the_register_s_levels(published: dict[str, dict[str, str]]) -> None:
    named = {"weak": "weaknesses"}
    for framework in library.load_all():
        for kloe in framework.kloes:
            for side, letter in (("upper", "E"), ("lower", "S")):
                levels = {
                    row["level"]
                    for ref, row in published.items()
                    if row["kloe"] == kloe.number and f"/{letter}" in ref
                }
                assert {named.get(x, x) for x in levels} == {grade_described(framework, kloe, side)}


def test_identical_published_texts_share_restatement_and_common(
    published: dict[str, dict[str, str]],
) -> None:
    """The same published words are restated alike wherever they stand, and joined by common."""
    found: dict[str, dict[str, set[tuple[str | None, str]]]] = {}
    for theme, ref, common, text in restatements():
        words = published[ref]["published_text"].strip()
        key = f"{'question' if '/Q' in ref else 'statement'}: {words}"
        found.setdefault(key, {}).setdefault(theme, set()).add((common, text))
    groups = {words: by for words, by in found.items() if len(by) > 1}
    assert len(groups) > 150
    for words, by_theme in groups.items():
        versions = list(by_theme.values())
        assert all(v == versions[0] for v in versions), (words, by_theme)
        if words.startswith("statement"):
            assert all(common for v in versions for common, _text in v), (words, by_theme)


def test_overlapping_themes_are_as_alike_as_they_say(
    published: dict[str, dict[str, str]],
) -> None:
    def texts(framework: Framework, theme: str) -> set[str]:
        number = framework.theme(theme).number
        return {
            row["published_text"] for ref, row in published.items() if ref.startswith(f"{number}/")
        }

    english, welsh = library.load_all()
    for overlap in english.overlaps:
        ours, theirs = texts(english, overlap.theme), texts(welsh, overlap.other)
        assert (ours == theirs) is (overlap.extent == "identical"), overlap.theme
        if overlap.extent == "nearly identical":
            assert len(ours & theirs) >= len(ours) / 2, overlap.theme


def test_themes_keep_their_published_counts(shared: Path) -> None:
    with (shared / "sources" / "themes.tsv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    themes = {t.number: t for f in library.load_all() for t in f.themes()}
    assert set(themes) == {row["ref"] for row in rows}
    for row in rows:
        theme = themes[row["ref"]]
        assert len(theme.questions) == int(row["questions"])
        for side, column in (("upper", "upper_statements"), ("lower", "lower_statements")):
            refs = {r for c in theme.criteria for d in getattr(c, side) for r in d.sources}
            assert len(refs) == int(row[column]), theme.id
