"""The audit trail: plain columns, no foreign keys, append-only by trigger, sealed in batches."""

from __future__ import annotations

from django.db import models


class Event(models.Model):
    """What is kept of a thing somebody did, wherever it was done."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=254)
    actor_id = models.UUIDField(null=True)
    verb = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=200)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    request = models.CharField(max_length=40, blank=True)

    class Meta:
        abstract = True
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor} {self.verb} {self.subject_id}"


class AuditEvent(Event):
    """One thing somebody did here. Rows are added, never changed or removed."""

    organisation_id = models.UUIDField(null=True)
    assessment_id = models.UUIDField(null=True)

    class Meta(Event.Meta):
        indexes = [
            models.Index(fields=["assessment_id", "id"], name="audit_by_assessment"),
            models.Index(fields=["organisation_id", "id"], name="audit_by_organisation"),
        ]


class AuditSeal(models.Model):
    """Digest over a batch of events and the seal before it: a changed past shows."""

    id = models.BigAutoField(primary_key=True)
    first_event = models.BigIntegerField(unique=True)
    last_event = models.BigIntegerField(unique=True)
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.first_event}-{self.last_event} {self.digest[:12]}"
