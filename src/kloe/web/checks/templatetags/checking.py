"""Words and marks of checks for templates."""

from __future__ import annotations

from django import template

from kloe.assessment.checks import words

register = template.Library()
SHADES = {"confirms": 4, "mixed": 2, "contradicts": 1}


@register.filter
def check_word(value: str | None) -> str:
    """The label of a state, result, answer, role or kind of checks."""
    return words.label(value) if value else ""


@register.filter
def spaced(value: str) -> str:
    """The name of a column, to read."""
    return value.replace("_", " ")


@register.filter
def check_shade(value: str | None) -> int:
    """The colour step of a result."""
    return SHADES.get(value or "", 0)
