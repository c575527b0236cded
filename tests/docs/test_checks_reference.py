"""The page of templates says what the templates say."""

from __future__ import annotations

from pathlib import Path

from kloe.assessment.checks import reference
from kloe.assessment.checks.templates import shipped

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "checks.md"


def test_the_templates_are_described_as_they_are() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference.markdown(), (
        "run: python -m kloe.assessment.checks.reference (from the root of the checkout)"
    )


def test_every_template_and_item_is_there() -> None:
    page = reference.markdown()
    for template in shipped():
        section = page.split(f"### {template.title}\n", 1)[1].split("\n### ", 1)[0]
        assert f"`{template.id}`" in section
        for item in template.items:
            assert item.ask in section
