"""The words of a plan, for templates."""

from __future__ import annotations

from django import template

from kloe.assessment.plan import LED_BY, LEVELS, MADE_BY, OUTCOMES, STATUSES

register = template.Library()
_SHADES = {
    "completed": 4,
    "under way": 3,
    "agreed": 2,
    "on hold": 1,
    "proposed": 0,
    "dropped": 0,
}


@register.filter
def status_word(value: str) -> str:
    """Where an action stands, in words."""
    return str(STATUSES.get(value, value))


@register.filter
def status_shade(value: str) -> int:
    """The colour step of a state."""
    return _SHADES.get(value, 0)


@register.filter
def led_by(value: str) -> str:
    """What led to an action, in words."""
    return str(LED_BY.get(value, value))


@register.filter
def made_by(value: str) -> str:
    """Who made a recommendation, in words."""
    return str(MADE_BY.get(value, value))


@register.filter
def level(value: str) -> str:
    """High, medium or low, in words."""
    return str(LEVELS.get(value, value))


@register.filter
def outcome_word(value: str) -> str:
    """Whether an outcome is shown, in words."""
    return str(OUTCOMES.get(value, value))


@register.filter
def truth(value: bool | None) -> str:
    """``yes``, ``no`` or nothing, as the forms have it."""
    return "" if value is None else "yes" if value else "no"


@register.filter
def pounds(value: object) -> str:
    """£12,500 or £12,500.50."""
    if value is None or value == "":
        return ""
    text = f"{value:,.2f}"
    return "£" + text.removesuffix(".00")
