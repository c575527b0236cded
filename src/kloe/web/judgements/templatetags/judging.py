"""What forms of judgements need besides."""

from __future__ import annotations

from django import template

from kloe.web.ids import new_id

register = template.Library()


@register.simple_tag
def fresh() -> str:
    """An identifier for a write to come, so that a form sent twice adds once."""
    return str(new_id())
