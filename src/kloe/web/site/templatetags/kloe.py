"""Template tags of kloe."""

from __future__ import annotations

from typing import Any

from django import template

register = template.Library()


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """An entry of a mapping whose key is a variable; nothing if there is none."""
    return mapping.get(key) if mapping else None
