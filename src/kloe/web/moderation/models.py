"""What is said in moderation, and what a moderator decides. Grades stand with judgements."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from kloe.assessment.moderating import Act
from kloe.web.ids import new_id

USER = settings.AUTH_USER_MODEL


class Entry(models.Model):
    """Something said or done in the discussion of one judgement. Append-only by trigger.

    Numbered within its subject: whoever writes names the last number seen, and of two at once
    one is shown what the other wrote.
    """

    id = models.BigAutoField(primary_key=True)
    assessment = models.ForeignKey(
        "assessments.Assessment", on_delete=models.CASCADE, related_name="discussion"
    )
    #: As of a judgement: a theme, KLOE or main question, ``service`` or ``prospects``.
    subject = models.CharField(max_length=120)
    number = models.PositiveIntegerField()
    act = models.CharField(max_length=12, choices=[(a.value, a.value) for a in Act])
    text = models.TextField(blank=True)
    #: The grade before and after, where it says one.
    before = models.CharField(max_length=40, blank=True)
    grade = models.CharField(max_length=40, blank=True)
    #: Of a limit overridden: which.
    limit = models.CharField(max_length=120, blank=True)
    write_id = models.UUIDField(unique=True)
    by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "subject", "number"], name="entry_number_once"
            ),
            models.CheckConstraint(
                condition=Q(act=Act.AGREED.value) | ~Q(text=""), name="entry_needs_words"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.number} {self.act}"


class LimitOverride(models.Model):
    """A limit that a moderator lets a grade pass, for one failing fact, with the reason."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    assessment = models.ForeignKey(
        "assessments.Assessment", on_delete=models.CASCADE, related_name="limit_overrides"
    )
    subject = models.CharField(max_length=120)
    limit = models.CharField(max_length=120)
    #: The limit as it applied then: source, date and the fact that set it off.
    applied = models.JSONField()
    #: What of it makes it this fact and no other (``moderating.fact_of``).
    fact = models.JSONField()
    reason = models.TextField()
    by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "subject", "limit"], name="limit_overridden_once"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="override_needs_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.limit}"


class Exemption(models.Model):
    """What a moderator says to a criterion that was said not to apply: agreed or refused.

    It counts for the reason it was decided on: rewritten, the criterion waits anew.
    """

    class Decision(models.TextChoices):
        AGREED = "agreed"
        REFUSED = "refused"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    assessment = models.ForeignKey(
        "assessments.Assessment", on_delete=models.CASCADE, related_name="exemptions"
    )
    criterion = models.CharField(max_length=160)
    decision = models.CharField(max_length=8, choices=Decision.choices)
    words = models.TextField(blank=True)
    #: The team's reason that was decided on.
    reason = models.TextField()
    version = models.PositiveIntegerField(default=1)
    by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assessment", "criterion"], name="one_exemption"),
            models.CheckConstraint(
                condition=Q(decision="agreed") | ~Q(words=""), name="refusal_needs_words"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.criterion} {self.decision}"


class Feedback(models.Model):
    """Emerging findings as they are prepared; what was told stands in :class:`GivenFeedback`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    assessment = models.ForeignKey(
        "assessments.Assessment", on_delete=models.CASCADE, related_name="feedback"
    )
    number = models.PositiveIntegerField()
    held_on = models.DateField()
    place = models.CharField(max_length=200, blank=True)
    spoke = models.TextField()
    heard = models.TextField()
    #: By theme, ``""`` for what is of none: points said, and how they took it.
    said: models.JSONField[Any, Any] = models.JSONField(default=list)
    reaction = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)
    updated_by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["assessment", "number"], name="feedback_number_once")
        ]

    def __str__(self) -> str:
        return f"F{self.number} {self.held_on}"


class GivenFeedback(models.Model):
    """Emerging findings as they were told: the landlord's people read these words and no others.

    Append-only by trigger, with the digest of its content.
    """

    feedback = models.OneToOneField(
        Feedback, on_delete=models.CASCADE, primary_key=True, related_name="given"
    )
    assessment = models.ForeignKey(
        "assessments.Assessment", on_delete=models.CASCADE, related_name="given_feedback"
    )
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["feedback__number"]

    def __str__(self) -> str:
        return f"{self.feedback_id} {self.digest[:12]}"


class FeedbackWaived(models.Model):
    """Why no emerging findings were fed back."""

    assessment = models.OneToOneField(
        "assessments.Assessment",
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="feedback_waived",
    )
    reason = models.CharField(max_length=500)
    by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.reason[:60]
