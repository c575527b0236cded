"""The text of evidence, by pages; and passages that seem to speak to criteria.

All of it is made from the evidence and can be made again: a backup that lost it loses nothing
but the passages somebody dismissed.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from kloe.assessment.documents.outcome import Unit
from kloe.web.ids import new_id

#: A page's identifier is its document's, and its number in these bits: a search then needs no
#: page to know whose it is.
PAGE_BITS = 20


class Document(models.Model):
    """How far the text of an item of evidence is read."""

    class State(models.TextChoices):
        #: It has no file: what people wrote about it is all there is.
        WORDS = "words"
        WAITING = "waiting"
        READING = "reading"
        READ = "read"
        FAILED = "failed"

    id = models.BigAutoField(primary_key=True)
    item = models.OneToOneField(
        "evidence.EvidenceItem", on_delete=models.CASCADE, related_name="document"
    )
    assessment = models.ForeignKey(
        "assessments.Assessment", on_delete=models.CASCADE, related_name="documents"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.WORDS)
    #: Why there is no text, and what is worth saying of it: words of ``documents.outcome``.
    reason = models.CharField(max_length=20, blank=True)
    notes = models.JSONField(default=list, blank=True)
    unit = models.CharField(max_length=10, default=Unit.PAGE.value)
    pages = models.PositiveIntegerField(default=0)
    characters = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    #: Whether its passages were set beside the criteria.
    offered = models.BooleanField(default=False)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["assessment", "state"], name="document_state")]

    def __str__(self) -> str:
        return f"{self.item_id} {self.state}"


class DocumentPage(models.Model):
    """A page, sheet, slide or section; number 0 is what people wrote about the item.

    The full-text index is built over these rows: by triggers on SQLite, in a column of its own
    on PostgreSQL (see ``search``).
    """

    id = models.BigIntegerField(primary_key=True)
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="of_it")
    number = models.PositiveIntegerField()
    label = models.CharField(max_length=120, blank=True)
    #: The assessment, as a word of the index: a search never looks at the words of others.
    scope = models.CharField(max_length=32)
    text = models.TextField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.document_id} {self.number}"


class Passage(models.Model):
    """A passage that seems to speak to a criterion, until a person says whether it does."""

    class State(models.TextChoices):
        OFFERED = "offered"
        ACCEPTED = "accepted"
        DISMISSED = "dismissed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    assessment = models.ForeignKey(
        "assessments.Assessment", on_delete=models.CASCADE, related_name="passages"
    )
    item = models.ForeignKey(
        "evidence.EvidenceItem", on_delete=models.CASCADE, related_name="passages"
    )
    criterion = models.CharField(max_length=160)
    theme = models.CharField(max_length=100)
    page = models.PositiveIntegerField()
    label = models.CharField(max_length=120, blank=True)
    first = models.PositiveIntegerField()
    last = models.PositiveIntegerField()
    text = models.TextField()
    #: Of the words: the same words on another page are the same passage.
    digest = models.CharField(max_length=64)
    score = models.FloatField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OFFERED)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item", "criterion", "digest"], name="one_offer_of_a_passage"
            )
        ]
        indexes = [
            models.Index(fields=["assessment", "theme", "state"], name="passage_theme"),
            models.Index(
                fields=["assessment", "criterion", "state", "-score"], name="passage_criterion"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.criterion} {self.item_id} {self.page}"
