"""Extracts nobody loads do not lie about for ever: they hold people's data."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from kloe.core.errors import Conflict
from kloe.web.records import actions, storage
from kloe.web.records.models import RecordDraft


def sweep() -> None:
    """Discard extracts beyond their days, and remove folders that belong to none."""
    oldest = timezone.now() - timedelta(days=settings.RECORDS_DRAFT_DAYS)
    waiting = RecordDraft.objects.filter(state=RecordDraft.State.OPEN)
    for draft in waiting.filter(created_at__lt=oldest):
        try:
            actions.discard(draft=draft, by=None)
        except Conflict:
            # Somebody works on it: next time.
            continue
    live = {str(pk) for pk in waiting.values_list("pk", flat=True)}
    for pk in storage.abandoned(live):
        storage.remove(pk)
