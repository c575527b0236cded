"""Evidence: what shows how things are, and what it shows."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from kloe.assessment.vocabulary import Confidentiality, Direction, EvidenceKind, Origin
from kloe.web.ids import new_id

USER = settings.AUTH_USER_MODEL


class StoredFile(models.Model):
    """The bytes at ``files/<organisation>/<sha256>``, once for each organisation."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    stored_at = models.DateTimeField(default=timezone.now)
    #: Set when the last item using it was deleted and the bytes were removed.
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "sha256"], name="file_once_per_organisation"
            )
        ]

    def __str__(self) -> str:
        return self.sha256


class EvidenceItem(models.Model):
    """A file, a link or a note. Deleting leaves a tombstone."""

    class Form(models.TextChoices):
        FILE = "file"
        LINK = "link"
        NOTE = "note"
        RESULT = "result"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    assessment = models.ForeignKey(
        "assessments.Assessment", on_delete=models.CASCADE, related_name="evidence"
    )
    #: E1, E2, ...: how people speak of it.
    number = models.PositiveIntegerField()
    form = models.CharField(max_length=8, choices=Form.choices)
    title = models.CharField(max_length=300)
    kind = models.CharField(max_length=20, choices=[(k.value, k.value) for k in EvidenceKind])
    origin = models.CharField(max_length=20, choices=[(o.value, o.value) for o in Origin])
    period_start = models.DateField(null=True, blank=True)
    period_end = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=300, blank=True)
    confidentiality = models.CharField(
        max_length=12,
        choices=[(c.value, c.value) for c in Confidentiality],
        default=Confidentiality.INTERNAL.value,
    )
    text = models.TextField(blank=True)
    url = models.URLField(max_length=1000, blank=True)
    file = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="items")
    file_name = models.CharField(max_length=255, blank=True)
    media_type = models.CharField(max_length=120, blank=True)
    added_by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)
    deleted_at = models.DateTimeField(null=True)
    deleted_by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    deleted_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["assessment", "number"], name="evidence_number_once"),
            models.CheckConstraint(
                condition=Q(period_start=None)
                | Q(period_end=None)
                | Q(period_end__gte=models.F("period_start")),
                name="evidence_period_in_order",
            ),
        ]
        indexes = [models.Index(fields=["assessment", "kind"], name="evidence_kind")]

    def __str__(self) -> str:
        return f"E{self.number} {self.title}"


class EvidenceLink(models.Model):
    """What an item says of a descriptor, and where in it.

    ``criterion``, ``theme``, ``side`` and ``polarity`` repeat what the pinned edition says of
    the descriptor, which never changes, so that a page needs no second look-up.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    item = models.ForeignKey(EvidenceItem, on_delete=models.CASCADE, related_name="links")
    assessment = models.ForeignKey(
        "assessments.Assessment", on_delete=models.CASCADE, related_name="links"
    )
    descriptor = models.CharField(max_length=180)
    criterion = models.CharField(max_length=160)
    theme = models.CharField(max_length=100)
    side = models.CharField(max_length=5)
    polarity = models.CharField(max_length=10)
    direction = models.CharField(max_length=20, choices=[(d.value, d.value) for d in Direction])
    #: Page, row, minute; or a page and the passage quoted from it.
    locator = models.CharField(max_length=500, blank=True)
    note = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["item", "descriptor"], name="one_link_per_descriptor")
        ]
        indexes = [
            models.Index(fields=["assessment", "theme", "criterion"], name="link_theme"),
            models.Index(fields=["assessment", "criterion"], name="link_criterion"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.direction} {self.descriptor}"
