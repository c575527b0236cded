"""What was published: versions that never change, their files, the public page, the response."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from kloe.web.ids import new_id

USER = settings.AUTH_USER_MODEL


class PublishedPage(models.Model):
    """Where the report of an assessment is read without signing in, if anybody may."""

    assessment = models.OneToOneField(
        "assessments.Assessment",
        on_delete=models.PROTECT,
        primary_key=True,
        related_name="published_page",
    )
    #: Part of the address; stays when the page is withdrawn, so that it leads nowhere else.
    slug = models.SlugField(max_length=80, unique=True)
    open = models.BooleanField(default=False)
    #: Why it was withdrawn, or opened later.
    reason = models.CharField(max_length=500, blank=True)
    changed_by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)
    #: Grows with each change: of two at once one is refused.
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.slug


class Publication(models.Model):
    """One published version. Append-only by trigger."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    assessment = models.ForeignKey(
        "assessments.Assessment", on_delete=models.PROTECT, related_name="publications"
    )
    number = models.PositiveIntegerField()
    #: Of a later version: what was wrong, what it says now, and why.
    was = models.TextField(blank=True)
    now = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    #: The response of the landlord's board as it was then.
    response = models.TextField(blank=True)
    response_at = models.DateTimeField(null=True)
    #: In which language the report was written.
    language = models.CharField(max_length=10, default="en")
    #: Digests of the data behind it and of each framework edition, and the grades it gives.
    snapshot_digest = models.CharField(max_length=64)
    editions = models.JSONField(default=list)
    grades = models.JSONField(default=list)
    fingerprint = models.CharField(max_length=64)
    #: The last event of the audit trail that its package holds.
    last_event = models.BigIntegerField(default=0)
    by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "number"], name="publication_number_once"
            ),
            models.CheckConstraint(
                condition=Q(number=1) | ~Q(reason=""), name="later_version_needs_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assessment_id} {self.number}"


class PublishedFile(models.Model):
    """A file of a version, as it lies in the data directory. Append-only by trigger."""

    id = models.BigAutoField(primary_key=True)
    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="files")
    #: public or restricted: who may read it.
    edition = models.CharField(max_length=10)
    name = models.CharField(max_length=120)
    #: What it is: a key of ``files.KINDS``.
    kind = models.CharField(max_length=30)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["publication", "edition", "name"], name="published_name_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.edition}/{self.name}"


class BoardResponse(models.Model):
    """What the landlord's board says to the report: asked for, written, until it is published."""

    assessment = models.OneToOneField(
        "assessments.Assessment",
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="board_response",
    )
    due = models.DateField(null=True)
    asked_by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField(null=True)
    text = models.TextField(blank=True)
    file = models.ForeignKey(
        "evidence.StoredFile", null=True, on_delete=models.PROTECT, related_name="+"
    )
    file_name = models.CharField(max_length=255, blank=True)
    by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.assessment_id)

    @property
    def given(self) -> bool:
        """Whether there is one."""
        return bool(self.text or self.file_id)
