"""What forms of judgements need besides."""

from __future__ import annotations

from typing import Any

from django import template

from kloe.web.ids import new_id
from kloe.web.judgements import judges as who

register = template.Library()


@register.simple_tag
def fresh() -> str:
    """An identifier for a write to come, so that a form sent twice adds once."""
    return str(new_id())


@register.simple_tag(takes_context=True)
def judges(context: template.Context, subject: Any) -> bool:
    """Whether the reader judges a subject: ``{% judges judging.subject as judge %}``."""
    access = context.get("access")
    return access is not None and who.judges(access, subject.id)
