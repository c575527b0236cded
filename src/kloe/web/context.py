"""What every template may use."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from kloe import __version__
from kloe.assessment.permissions import Permission


def site(request: HttpRequest) -> dict[str, Any]:
    """The version, the access of the page, and what it permits by name."""
    access = getattr(request, "access", None)
    return {
        "version": __version__,
        "access": access,
        "may": {p.name.lower(): access.may(p) for p in Permission} if access else {},
    }
