"""What an author wrote for the tenants' summary, part by part."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from kloe.assessment.plain_words import PARTS
from kloe.web.ids import new_id

_KEYS = [part.value for part in PARTS]


class SummaryPart(models.Model):
    """A part of the summary in somebody's words; without words it is filled in."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    assessment = models.ForeignKey(
        "assessments.Assessment", on_delete=models.CASCADE, related_name="summary_parts"
    )
    key = models.CharField(max_length=20)
    text = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=0)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assessment", "key"], name="summary_part_once"),
            models.CheckConstraint(condition=Q(key__in=_KEYS), name="summary_part_known"),
        ]

    def __str__(self) -> str:
        return self.key
