"""Framework editions kept in the database by digest, so that an assessment outlives the package."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class FrameworkEdition(models.Model):
    """One edition in its compiled form. Never changed, never deleted while pinned."""

    digest = models.CharField(max_length=64, primary_key=True)
    framework = models.CharField(max_length=100)
    title = models.CharField(max_length=300)
    edition = models.CharField(max_length=200)
    compiled = models.BinaryField()
    added_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.framework} {self.digest[:12]}"
