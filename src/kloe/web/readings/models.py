"""Who has read a theme for themselves, since when it is open, who was asked besides, dissent.

What a person rated for themselves is a ``Rating`` with an author; here stands what decides who
sees it.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from kloe.assessment.positions import Position
from kloe.web.ids import new_id

USER = settings.AUTH_USER_MODEL


class Reading(models.Model):
    """A person said that they are done with a theme; taking it back deletes the row."""

    id = models.BigAutoField(primary_key=True)
    assessment = models.ForeignKey(
        "assessments.Assessment", on_delete=models.CASCADE, related_name="readings"
    )
    theme = models.CharField(max_length=100)
    reader = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    done_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "theme", "reader"], name="one_reading_of_a_theme"
            )
        ]

    def __str__(self) -> str:
        return f"{self.theme} {self.reader_id}"


class Opening(models.Model):
    """Since when what readers rated for themselves is seen by the team. Never taken back."""

    id = models.BigAutoField(primary_key=True)
    assessment = models.ForeignKey(
        "assessments.Assessment", on_delete=models.CASCADE, related_name="openings"
    )
    theme = models.CharField(max_length=100)
    #: Who opened it before all were done, and why; nobody where all were.
    by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assessment", "theme"], name="theme_opened_once"),
            models.CheckConstraint(
                condition=Q(by=None) | ~Q(reason=""), name="opening_early_needs_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.theme


class BlindRequest(models.Model):
    """A criterion somebody is asked to rate unseen, and why."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    assessment = models.ForeignKey(
        "assessments.Assessment", on_delete=models.CASCADE, related_name="blind_requests"
    )
    criterion = models.CharField(max_length=160)
    theme = models.CharField(max_length=100)
    reader = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    #: Reasons as ``assessment.readings`` writes them.
    reasons = models.JSONField(default=list)
    asked_by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["asked_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "criterion", "reader"], name="asked_once_of_a_reader"
            )
        ]
        indexes = [models.Index(fields=["assessment", "theme"], name="blind_theme")]

    def __str__(self) -> str:
        return f"{self.criterion} {self.reader_id}"


class Calibration(models.Model):
    """A random sample of criteria for a second reading. Each draw is kept; the last one counts."""

    id = models.BigAutoField(primary_key=True)
    assessment = models.ForeignKey(
        "assessments.Assessment", on_delete=models.CASCADE, related_name="calibrations"
    )
    #: Of a hundred criteria that could be drawn.
    share = models.PositiveSmallIntegerField()
    #: Seed, frame and cases, as ``records.sampling`` writes them.
    sample = models.JSONField()
    criteria = models.JSONField(default=list)
    by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(share__gte=1) & Q(share__lte=100), name="calibration_share_of_hundred"
            )
        ]

    def __str__(self) -> str:
        return f"{self.assessment_id} {self.share} %"


class RatingDissent(models.Model):
    """Somebody does not agree with the team's rating: their placing and why. It stays visible."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    assessment = models.ForeignKey(
        "assessments.Assessment", on_delete=models.CASCADE, related_name="rating_dissents"
    )
    criterion = models.CharField(max_length=160)
    theme = models.CharField(max_length=100)
    by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    position = models.CharField(max_length=20, choices=[(p.value, p.value) for p in Position])
    reason = models.TextField()
    #: The team's placing they spoke against.
    against = models.CharField(max_length=20)
    at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "criterion", "by"],
                condition=Q(withdrawn_at=None),
                name="one_dissent_from_a_rating",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="rating_dissent_needs_reason"),
        ]
        indexes = [models.Index(fields=["assessment", "theme"], name="rating_dissent_theme")]

    def __str__(self) -> str:
        return f"{self.criterion} {self.by_id}"
