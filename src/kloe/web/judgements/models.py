"""Findings and judgements, and what prospects for improvement rest on."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from kloe.assessment.plan import Level
from kloe.assessment.strength import Strength
from kloe.assessment.vocabulary import FindingKind, Stage
from kloe.web.ids import new_id

USER = settings.AUTH_USER_MODEL
LEVELS = [(w.value, w.value) for w in Level]


class Finding(models.Model):
    """A strength, area for improvement or positive practice, with what it rests on."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    assessment = models.ForeignKey(
        "assessments.Assessment", on_delete=models.CASCADE, related_name="findings"
    )
    theme = models.CharField(max_length=100)
    #: F1, F2, ... within the assessment: how texts refer to it.
    number = models.PositiveIntegerField(default=0)
    kind = models.CharField(max_length=24, choices=[(k.value, k.value) for k in FindingKind])
    text = models.TextField()
    #: What the report is to say of it at more length, in Markdown.
    draft = models.TextField(blank=True)
    #: How strong the evidence is; empty until a person has decided.
    strength = models.CharField(
        max_length=8, blank=True, choices=[(s.value, s.value) for s in Strength]
    )
    #: Identifiers of the criteria it rests on.
    criteria = models.JSONField(default=list)
    evidence = models.ManyToManyField("evidence.EvidenceItem", related_name="findings")
    #: For an area for improvement: what should be done, and how much it matters.
    recommendation = models.TextField(blank=True)
    priority = models.CharField(
        max_length=6, blank=True, choices=[(p, p) for p in ("high", "medium", "low")]
    )
    #: What service users gain from the recommendation, how much it does, what it costs, by when.
    benefit = models.TextField(blank=True)
    impact = models.CharField(max_length=6, blank=True, choices=LEVELS)
    cost = models.CharField(max_length=6, blank=True, choices=LEVELS)
    due_on = models.CharField(max_length=10, blank=True)
    order = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["theme", "order", "id"]
        indexes = [models.Index(fields=["assessment", "theme"], name="finding_theme")]
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "number"],
                condition=Q(number__gt=0),
                name="one_finding_of_a_number",
            )
        ]

    def __str__(self) -> str:
        return self.text[:60]


class Judgement(models.Model):
    """A grade with its reasons, for a theme, a KLOE, a main question or an overall judgement.

    ``subject`` is the identifier of a theme, KLOE or main question of the pinned edition, or
    ``service`` or ``prospects``.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    assessment = models.ForeignKey(
        "assessments.Assessment", on_delete=models.CASCADE, related_name="judgements"
    )
    subject = models.CharField(max_length=120)
    stage = models.CharField(max_length=12, choices=[(s.value, s.value) for s in Stage])
    grade = models.CharField(max_length=40)
    reasons = models.TextField()
    #: What the rules suggested when this was saved, with the profile; never shown before a
    #: provisional judgement stands.
    suggestion = models.JSONField(null=True)
    version = models.PositiveIntegerField(default=1)
    by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "subject", "stage"],
                condition=~Q(stage=Stage.DISSENT.value),
                name="one_judgement_per_stage",
            ),
            models.UniqueConstraint(
                fields=["assessment", "subject", "by"],
                condition=Q(stage=Stage.DISSENT.value),
                name="one_dissent_per_person",
            ),
            models.CheckConstraint(condition=~Q(reasons=""), name="judgement_needs_reasons"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.stage} {self.grade}"


class Weakness(models.Model):
    """For the prospects: a weakness, and whether they knew it, plan it and have the capacity."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    assessment = models.ForeignKey(
        "assessments.Assessment", on_delete=models.CASCADE, related_name="weaknesses"
    )
    finding = models.OneToOneField(
        Finding, null=True, on_delete=models.SET_NULL, related_name="weakness"
    )
    text = models.TextField()
    serious = models.BooleanField(default=False)
    TERNARY = (("yes", "yes"), ("in part", "in part"), ("no", "no"), ("", ""))
    known = models.CharField(max_length=8, blank=True, choices=TERNARY)
    planned = models.CharField(max_length=8, blank=True, choices=TERNARY)
    capacity = models.CharField(max_length=8, blank=True, choices=TERNARY)
    note = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)
    order = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["order", "id"]

    def __str__(self) -> str:
        return self.text[:60]


class Factor(models.Model):
    """What drives improvement, or stands in its way."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    assessment = models.ForeignKey(
        "assessments.Assessment", on_delete=models.CASCADE, related_name="factors"
    )
    kind = models.CharField(max_length=8, choices=[("driver", "driver"), ("barrier", "barrier")])
    text = models.TextField()
    order = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["kind", "order", "id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.text[:60]}"
