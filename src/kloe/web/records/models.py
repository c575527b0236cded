"""Extracts on their way in. What is loaded lies in files, not in the database."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from kloe.web.ids import new_id

USER = settings.AUTH_USER_MODEL


class RecordDraft(models.Model):
    """Files that were sent, the mapping proposed and corrected for them, what a check found.

    The files lie in ``uploads/<id>/files`` and go when they are loaded or the draft is discarded;
    so do the samples taken from them.
    """

    class State(models.TextChoices):
        OPEN = "open"
        LOADED = "loaded"
        DISCARDED = "discarded"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.CASCADE, related_name="+"
    )
    by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    #: ``[{"name", "size", "sha256"}]``, as they lie in the folder.
    files = models.JSONField(default=list)
    #: The day of the extract.
    as_at = models.DateField(null=True, blank=True)
    #: Columns that tell about a person are left out.
    without_personal = models.BooleanField(default=False)
    #: How many of a hundred rows of a table may be rejected.
    most_rejects = models.PositiveSmallIntegerField(default=10)
    #: The mapping as the command line reads it; version 0 is none yet.
    mapping = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=0)
    #: What was seen of the files: samples, certainties, alternatives (see ``proposals``).
    proposal = models.JSONField(default=dict)
    #: What the last check found, and of which version; empty without one.
    checked = models.JSONField(default=dict)
    #: What came of loading.
    loaded = models.JSONField(default=dict)
    #: The work under way, or the last there was.
    job = models.ForeignKey("jobs.Job", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["organisation", "state"], name="record_draft_state")]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.state} {self.created_at:%Y-%m-%d}"

    @property
    def busy(self) -> bool:
        """Whether work on it waits or runs."""
        return self.job is not None and not self.job.finished

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(int(f["size"]) for f in self.files)
