"""What authors wrote for the tenants' summary, as a snapshot holds it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["TenantsPart"]


@dataclass(frozen=True, slots=True)
class TenantsPart:
    """A part of the summary in the author's words; a part not written is filled in."""

    key: str
    text: str
