"""Words and marks of checks for templates."""

from __future__ import annotations

from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, ngettext

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


#: Numbers whose forms stand for all others, in any language.
_NUMBERS = (0, 1, 2, 3, 4, 5, 6, 7, 11, 20)


def _forms(one: str, many: str) -> str:
    """The forms of a counted word by number: ``1|%(n)s change;;2|%(n)s changes``.

    The script finds the number that its own language counts alike.
    """
    return ";;".join(f"{n}|{ngettext(one, many, n)}" for n in _NUMBERS)


@register.simple_tag
def pocket_counts() -> dict[str, str]:
    """The counted words of what waits on a device."""
    return {
        "changes": _forms("%(n)s change", "%(n)s changes"),
        "photographs": _forms("%(n)s photograph", "%(n)s photographs"),
        "waits": _forms("%(what)s waits on this phone.", "%(what)s wait on this phone."),
        "risks": _forms("%(n)s urgent risk", "%(n)s urgent risks"),
    }


@lru_cache(maxsize=16)
def _everywhere(language: str) -> str:
    return render_to_string("checks/_pocket_everywhere.html")


@register.simple_tag
def pocket() -> str:
    """What every page of somebody signed in needs for what waits on their device; drawn once."""
    return mark_safe(_everywhere(get_language() or ""))  # noqa: S308
