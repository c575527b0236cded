"""What every action on evidence needs: a trace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kloe.web.accounts.models import User
from kloe.web.audit.actions import record
from kloe.web.evidence.models import EvidenceItem


def trace(
    verb: str,
    item: EvidenceItem,
    by: User | None,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    request_id: str = "",
) -> None:
    """An audit event of an item of evidence. Its subject begins with the item's number."""
    record(
        by=by,
        verb=verb,
        subject_kind="evidence",
        subject_id=f"E{item.number} {item.pk}",
        organisation_id=item.organisation_id,
        assessment_id=item.assessment_id,
        before=_plain(before),
        after=_plain(after),
        request_id=request_id,
    )


def _plain(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if values is None:
        return None
    return {k: v if isinstance(v, int | None) else str(v) for k, v in values.items()}
