"""What people write for the report, one text for each of its parts."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from kloe.web.ids import new_id


class Text(models.Model):
    """A text in Markdown: of the summary, the context, a KLOE, a main question or a theme."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    assessment = models.ForeignKey(
        "assessments.Assessment", on_delete=models.CASCADE, related_name="texts"
    )
    subject = models.CharField(max_length=120)
    text = models.TextField(blank=True)
    #: How many it has, so that the list of all needs no texts.
    words = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=0)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assessment", "subject"], name="one_text_of_a_part")
        ]

    def __str__(self) -> str:
        return self.subject
