"""Leaving a trace, and sealing it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from kloe.core.digest import canonical_json, sha256_hex
from kloe.core.messages import _
from kloe.core.progress import Progress, Silent
from kloe.web.accounts.models import User
from kloe.web.audit.models import AuditEvent, AuditSeal
from kloe.web.prepared import Insert

BATCH = 1000
_EVENT = Insert(AuditEvent)


def record(
    *,
    by: User | None,
    verb: str,
    subject_kind: str,
    subject_id: object,
    organisation_id: UUID | None = None,
    assessment_id: UUID | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    request_id: str = "",
) -> None:
    """Add one event. Called by every action, inside its transaction."""
    if not connection.in_atomic_block:
        raise RuntimeError("an audit event belongs into the transaction of what it records")
    _EVENT(
        at=timezone.now(),
        actor=by.email if by else "kloe",
        actor_id=by.pk if by else None,
        organisation_id=organisation_id,
        assessment_id=assessment_id,
        verb=verb,
        subject_kind=subject_kind,
        subject_id=str(subject_id)[:200],
        before=before,
        after=after,
        request=request_id,
    )


def _line(event: AuditEvent) -> bytes:
    return canonical_json(
        {
            "id": event.id,
            "at": event.at.isoformat(),
            "actor": event.actor,
            "verb": event.verb,
            "subject": [event.subject_kind, event.subject_id],
            "organisation": str(event.organisation_id or ""),
            "assessment": str(event.assessment_id or ""),
            "before": event.before,
            "after": event.after,
        }
    )


def _digest(previous: str, events: list[AuditEvent]) -> str:
    return sha256_hex(previous.encode() + b"\n" + b"\n".join(map(_line, events)))


def seal(*, batch: int = BATCH) -> int:
    """Seal the events added since the last seal; gives how many. Runs off the saving path."""
    sealed = 0
    while True:
        with transaction.atomic():
            last = AuditSeal.objects.order_by("-id").first()
            events = list(
                AuditEvent.objects.filter(id__gt=last.last_event if last else 0).order_by("id")[
                    :batch
                ]
            )
            if not events:
                return sealed
            previous = last.digest if last else ""
            AuditSeal.objects.create(
                first_event=events[0].id,
                last_event=events[-1].id,
                previous=previous,
                digest=_digest(previous, events),
                sealed_at=timezone.now(),
            )
            sealed += len(events)


def broken_seals(progress: Progress | None = None) -> list[AuditSeal]:
    """Seals that do not fit their events any more: the trail was changed behind the program."""
    tell, total = progress or Silent(), AuditSeal.objects.count()
    previous, broken = "", []
    for n, one in enumerate(AuditSeal.objects.order_by("id")):
        tell.step(n, max(total, n + 1), _("Seal of events up to %(n)d", n=one.last_event))
        events = list(
            AuditEvent.objects.filter(id__gte=one.first_event, id__lte=one.last_event).order_by(
                "id"
            )
        )
        if one.previous != previous or one.digest != _digest(previous, events):
            broken.append(one)
        previous = one.digest
    tell.step(total, total)
    return broken
