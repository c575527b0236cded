"""An inspection as a process: its stage, its dates, its team, what the landlord gives."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from kloe.assessment.permissions import TEAM_ROLES
from kloe.assessment.vocabulary import InspectionStage
from kloe.web.ids import new_id

USER = settings.AUTH_USER_MODEL
_STAGES = [s.value for s in InspectionStage]


class Inspection(models.Model):
    """What an inspection has besides an assessment. Whoever has this row is inspected."""

    assessment = models.OneToOneField(
        "assessments.Assessment",
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="inspection",
    )
    stage = models.CharField(max_length=20, default=InspectionStage.PREPARING.value)
    #: Of a re-inspection: the inspection it looks at again.
    again = models.ForeignKey(
        "assessments.Assessment", null=True, on_delete=models.SET_NULL, related_name="looked_at_by"
    )
    #: Why there is no self-assessment to begin from, where there is none.
    no_self_assessment = models.CharField(max_length=500, blank=True)
    #: Grows with every change of stage, dates or settings: of two at once one is refused.
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(stage__in=_STAGES), name="inspection_stage_known")
        ]

    def __str__(self) -> str:
        return f"{self.assessment_id} {self.stage}"


class PlannedDate(models.Model):
    """When a stage is planned to begin."""

    id = models.BigAutoField(primary_key=True)
    inspection = models.ForeignKey(Inspection, on_delete=models.CASCADE, related_name="planned")
    stage = models.CharField(max_length=20, choices=[(s, s) for s in _STAGES])
    date = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["inspection", "stage"], name="one_date_per_stage")
        ]

    def __str__(self) -> str:
        return f"{self.stage} {self.date}"


class StageMove(models.Model):
    """A change of stage. Append-only by trigger."""

    id = models.BigAutoField(primary_key=True)
    inspection = models.ForeignKey(Inspection, on_delete=models.CASCADE, related_name="moves")
    before = models.CharField(max_length=20, blank=True)
    after = models.CharField(max_length=20)
    reason = models.TextField(blank=True)
    by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"


class Invitation(models.Model):
    """A way into the team, by mail: good once, until a day. The token itself is kept nowhere."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    inspection = models.ForeignKey(Inspection, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    name = models.CharField(max_length=120, blank=True)
    role = models.CharField(max_length=30, choices=[(r.value, r.value) for r in TEAM_ROLES])
    token_hash = models.CharField(max_length=64, unique=True)
    sent_by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    sent_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-sent_at", "id"]

    def __str__(self) -> str:
        return f"{self.email} {self.role}"

    @property
    def state(self) -> str:
        """open, accepted, revoked or expired."""
        if self.accepted_at:
            return "accepted"
        if self.revoked_at:
            return "revoked"
        return "open" if self.expires_at > timezone.now() else "expired"


class DocumentRequest(models.Model):
    """Something the inspectors want to see: what, why, by when, and whether it has come."""

    class State(models.TextChoices):
        OPEN = "open"
        RECEIVED = "received"
        WITHDRAWN = "withdrawn"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    inspection = models.ForeignKey(Inspection, on_delete=models.CASCADE, related_name="requests")
    number = models.PositiveIntegerField()
    what = models.CharField(max_length=300)
    why = models.CharField(max_length=500, blank=True)
    theme = models.CharField(max_length=100, blank=True)
    due = models.DateField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    #: Said by the landlord, such as that there is no such document.
    answer = models.CharField(max_length=500, blank=True)
    asked_by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    received_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["inspection", "number"], name="request_number_once")
        ]

    def __str__(self) -> str:
        return f"D{self.number} {self.what}"


class GivenDocument(models.Model):
    """A file that came for a request, as the item of evidence it became."""

    id = models.BigAutoField(primary_key=True)
    request = models.ForeignKey(DocumentRequest, on_delete=models.CASCADE, related_name="given")
    item = models.OneToOneField(
        "evidence.EvidenceItem", on_delete=models.CASCADE, related_name="given_for"
    )
    by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.request_id} {self.item_id}"


class BroughtIn(models.Model):
    """A self-assessment as it was handed over: never changed, pinned by digest."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    inspection = models.OneToOneField(
        Inspection, on_delete=models.CASCADE, related_name="brought_in"
    )
    #: Of the assessment it was taken from; no key, for it belongs to another organisation.
    source = models.UUIDField()
    title = models.CharField(max_length=200)
    #: The whole snapshot, canonical, and its digest.
    snapshot = models.JSONField()
    digest = models.CharField(max_length=64)
    by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.title} {self.digest[:12]}"


class BroughtTheme(models.Model):
    """What the self-assessment says of one theme, cut from the snapshot for its page."""

    id = models.BigAutoField(primary_key=True)
    brought_in = models.ForeignKey(BroughtIn, on_delete=models.CASCADE, related_name="themes")
    assessment = models.ForeignKey(
        "assessments.Assessment", on_delete=models.CASCADE, related_name="+"
    )
    theme = models.CharField(max_length=100)
    content = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assessment", "theme"], name="brought_theme_once")
        ]

    def __str__(self) -> str:
        return self.theme


class BroughtItem(models.Model):
    """An item of evidence that came with the self-assessment: nobody changes it here."""

    id = models.BigAutoField(primary_key=True)
    brought_in = models.ForeignKey(BroughtIn, on_delete=models.CASCADE, related_name="items")
    item = models.OneToOneField(
        "evidence.EvidenceItem", on_delete=models.CASCADE, related_name="brought"
    )
    #: Its number in the self-assessment.
    number = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"E{self.number}"


class PlannedQuestion(models.Model):
    """What becomes of a question in this inspection: asked as it is, tailored, added, dropped."""

    class State(models.TextChoices):
        ASKED = "asked"
        TAILORED = "tailored"
        ADDED = "added"
        DROPPED = "dropped"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    assessment = models.ForeignKey(
        "assessments.Assessment", on_delete=models.CASCADE, related_name="planned_questions"
    )
    theme = models.CharField(max_length=100)
    #: The question of the framework; empty for one that was added.
    question = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    #: The words where they differ from the framework's.
    text = models.TextField(blank=True)
    #: Why it was dropped.
    reason = models.CharField(max_length=500, blank=True)
    who = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    #: How it is answered: one of ``assessment.enquiry.Method``.
    how = models.CharField(max_length=20, blank=True)
    #: Whom to ask, or what to look at.
    whom = models.CharField(max_length=200, blank=True)
    due = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["theme", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "question"],
                condition=~Q(question=""),
                name="question_planned_once",
            ),
            models.CheckConstraint(
                condition=~Q(state="dropped") | ~Q(reason=""), name="dropped_needs_reason"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["added", "tailored"]) | ~Q(text=""),
                name="own_question_needs_words",
            ),
        ]
        indexes = [models.Index(fields=["assessment", "theme"], name="planned_theme")]

    def __str__(self) -> str:
        return self.question or self.text[:60]


class Visit(models.Model):
    """An entry of the timetable: a day, from when to when, where, what, who."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    inspection = models.ForeignKey(Inspection, on_delete=models.CASCADE, related_name="visits")
    day = models.DateField()
    start = models.TimeField()
    end = models.TimeField()
    what = models.CharField(max_length=200)
    place = models.CharField(max_length=200, blank=True)
    how = models.CharField(max_length=20, blank=True)
    theme = models.CharField(max_length=100, blank=True)
    people: models.ManyToManyField[Any, Any] = models.ManyToManyField(USER, related_name="+")
    note = models.CharField(max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["day", "start", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(end__gt=models.F("start")), name="visit_in_order")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.what}"
