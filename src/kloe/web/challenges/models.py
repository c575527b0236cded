"""Drafts as they were issued, the landlord's time, its challenges and what was answered."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from kloe.assessment.challenges import ChallengeKind, ChallengeState, Ground, Outcome, Place
from kloe.assessment.vocabulary import EvidenceKind
from kloe.web.ids import new_id

USER = settings.AUTH_USER_MODEL
_STATES = [s.value for s in ChallengeState]


class Draft(models.Model):
    """A version of the draft report as the landlord got it. Append-only by trigger."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    assessment = models.ForeignKey(
        "assessments.Assessment", on_delete=models.CASCADE, related_name="drafts"
    )
    version = models.PositiveIntegerField()
    #: The whole report document, and the digest of its canonical JSON.
    document = models.JSONField()
    digest = models.CharField(max_length=64)
    #: The same as PDF, kept in the data directory by this digest.
    pdf = models.CharField(max_length=64)
    #: What became of it since the version before, as ``reports.drafting`` tells it.
    changes = models.JSONField(default=list)
    #: The last day for challenges, as it was set when it was issued, and the working days given.
    deadline = models.DateField()
    days = models.PositiveIntegerField()
    #: The last day on which the inspectors looked: what existed by then counts for the service.
    looked_until = models.DateField()
    #: Words to the landlord.
    note = models.TextField(blank=True)
    by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["version"]
        constraints = [
            models.UniqueConstraint(fields=["assessment", "version"], name="draft_version_once")
        ]

    def __str__(self) -> str:
        return f"Draft {self.version}"


class DraftChapter(models.Model):
    """A chapter of a draft, cut from the document for its page. Append-only by trigger."""

    id = models.BigAutoField(primary_key=True)
    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="chapters")
    n = models.PositiveIntegerField()
    number = models.CharField(max_length=40, blank=True)
    title = models.CharField(max_length=300)
    content = models.JSONField()
    #: The numbers of its paragraphs.
    first = models.PositiveIntegerField()
    last = models.PositiveIntegerField()
    #: What can be led to in it, besides its paragraphs.
    anchors = models.JSONField(default=list)

    class Meta:
        ordering = ["n"]
        constraints = [models.UniqueConstraint(fields=["draft", "n"], name="draft_chapter_once")]

    def __str__(self) -> str:
        return f"{self.number} {self.title}".strip()


class DraftParagraph(models.Model):
    """A numbered paragraph of a draft, in plain words. Append-only by trigger."""

    id = models.BigAutoField(primary_key=True)
    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="paragraphs")
    number = models.PositiveIntegerField()
    section = models.CharField(max_length=400, blank=True)
    text = models.TextField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["draft", "number"], name="draft_paragraph_once")
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.text[:60]}"


class DraftTime(models.Model):
    """A change of the landlord's time: more of it, or no more to say. Append-only by trigger."""

    class Kind(models.TextChoices):
        EXTENDED = "extended"
        CLOSED = "closed"

    id = models.BigAutoField(primary_key=True)
    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="times")
    #: 1, 2, ...: of two at once one is refused.
    n = models.PositiveIntegerField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    deadline = models.DateField()
    reason = models.TextField(blank=True)
    by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["n"]
        constraints = [
            models.UniqueConstraint(fields=["draft", "n"], name="draft_time_once"),
            models.CheckConstraint(
                condition=~Q(kind="extended") | ~Q(reason=""), name="extension_needs_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.deadline}"


class Challenge(models.Model):
    """What the landlord says of a paragraph, and what the inspectors answer."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    assessment = models.ForeignKey(
        "assessments.Assessment", on_delete=models.CASCADE, related_name="challenges"
    )
    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="challenges")
    #: CH1, CH2, ... given when it is sent; none before.
    number = models.PositiveIntegerField(null=True)
    #: 0 where the paragraph is not in a later draft any more, and has to be chosen anew.
    paragraph = models.PositiveIntegerField()
    section = models.CharField(max_length=400, blank=True)
    #: The paragraph as the draft has it.
    text = models.TextField()
    kind = models.CharField(max_length=20, choices=[(k.value, k.value) for k in ChallengeKind])
    #: The words challenged, where they are not the whole paragraph.
    quote = models.TextField(blank=True)
    #: What the landlord says is so.
    claim = models.TextField()
    state = models.CharField(
        max_length=10,
        choices=[(s.value, s.value) for s in ChallengeState],
        default=ChallengeState.WRITING.value,
    )
    written_by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    written_at = models.DateTimeField(default=timezone.now)
    sent_by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    sent_at = models.DateTimeField(null=True)
    outcome = models.CharField(
        max_length=20, blank=True, choices=[(o.value, o.value) for o in Outcome]
    )
    ground = models.CharField(
        max_length=40, blank=True, choices=[(g.value, g.value) for g in Ground]
    )
    reason = models.TextField(blank=True)
    #: The paragraph as it will read.
    new_text = models.TextField(blank=True)
    #: Subjects of judgements whose grade it moves.
    moves = models.JSONField(default=list)
    answered_by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    answered_at = models.DateTimeField(null=True)
    #: When the landlord was told the answer that stands here.
    told_at = models.DateTimeField(null=True)
    #: When the grades it moves went back to moderation.
    returned_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["number", "paragraph", "written_at"]
        constraints = [
            models.UniqueConstraint(fields=["assessment", "number"], name="challenge_number_once"),
            models.CheckConstraint(condition=Q(state__in=_STATES), name="challenge_state_known"),
            models.CheckConstraint(
                condition=Q(state="writing", number=None) | (~Q(state="writing") & ~Q(number=None)),
                name="challenge_numbered_when_sent",
            ),
            models.CheckConstraint(
                condition=~Q(state="answered") | ~Q(outcome=""), name="answer_has_outcome"
            ),
            models.CheckConstraint(
                condition=~Q(outcome="rejected") | ~Q(ground=""), name="rejected_needs_ground"
            ),
        ]
        indexes = [models.Index(fields=["assessment", "state"], name="challenge_state")]

    def __str__(self) -> str:
        return f"{self.name} {self.claim[:60]}"

    @property
    def name(self) -> str:
        """CH3: how people speak of it once it is sent."""
        return f"CH{self.number}" if self.number else ""


class LateEvidence(models.Model):
    """What the landlord gives for a challenge: a file or a link, and since when it exists.

    It becomes an item of evidence of the inspection when the challenge is sent.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    challenge = models.ForeignKey(Challenge, on_delete=models.CASCADE, related_name="evidence")
    title = models.CharField(max_length=300)
    kind = models.CharField(max_length=20, choices=[(k.value, k.value) for k in EvidenceKind])
    #: Since when it exists, or when it was done.
    when = models.DateField()
    url = models.URLField(max_length=1000, blank=True)
    file = models.ForeignKey(
        "evidence.StoredFile", null=True, on_delete=models.PROTECT, related_name="+"
    )
    file_name = models.CharField(max_length=255, blank=True)
    counts = models.CharField(max_length=10)
    item = models.OneToOneField(
        "evidence.EvidenceItem", null=True, on_delete=models.SET_NULL, related_name="late"
    )
    by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(url="") | Q(file=None), name="late_evidence_file_or_link"
            )
        ]

    def __str__(self) -> str:
        return self.title


class ChallengesPlace(models.Model):
    """Whether the list of challenges is an appendix or an annex of an inspection's report."""

    assessment = models.OneToOneField(
        "assessments.Assessment",
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="challenges_place",
    )
    place = models.CharField(
        max_length=10,
        choices=[(p.value, p.value) for p in Place],
        default=Place.APPENDIX.value,
    )

    def __str__(self) -> str:
        return self.place
