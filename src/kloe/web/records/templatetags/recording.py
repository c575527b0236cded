"""Words for what records hold, and how sure a proposal is."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext_lazy as _

register = template.Library()

TYPES = {
    "ref": _("a reference"),
    "text": _("words"),
    "code": _("one of its codes"),
    "codes": _("several of its codes"),
    "integer": _("a whole number"),
    "money": _("pounds and pence"),
    "decimal": _("a number"),
    "date": _("a day"),
    "datetime": _("a day and time"),
    "boolean": _("yes or no"),
}


@register.filter
def record_type(value: str) -> str:
    """What a column of a type holds."""
    return str(TYPES.get(str(value), value))
