"""An assessment and what people write in it.

Criteria, questions and themes are named by the identifiers of the pinned framework edition;
``theme`` stands on every row that belongs to one, so that a page reads only its own theme.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from kloe.assessment.permissions import Role
from kloe.assessment.positions import Position
from kloe.assessment.vocabulary import AssessmentKind, CommentKind, KnownKind
from kloe.web.ids import new_id

if TYPE_CHECKING:
    from kloe.web.organisations.models import Organisation

USER = settings.AUTH_USER_MODEL


class Assessment(models.Model):
    """One go at one organisation against one or more framework editions."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    #: The organisation assessed, and the one that conducts the assessment (here the same).
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="assessments"
    )
    conducted_by = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="conducted"
    )
    #: The landlord, where it is not the owner: the owner of an inspection is who inspects.
    subject = models.ForeignKey(
        "organisations.Organisation", null=True, on_delete=models.PROTECT, related_name="inspected"
    )
    kind = models.CharField(max_length=20, default=AssessmentKind.SELF_ASSESSMENT.value)
    title = models.CharField(max_length=200)
    period_start = models.DateField()
    period_end = models.DateField()
    lead = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    #: The framework whose scale the overall judgements use.
    leading = models.CharField(max_length=100)
    #: Published results this assessment is set beside: a dataset and the landlord's code in it.
    dataset = models.CharField(max_length=100, blank=True)
    landlord_code = models.CharField(max_length=40, blank=True)
    #: Weights of the scope proposal, where they differ from the defaults.
    scope_weights = models.JSONField(default=dict, blank=True)
    #: When the report stopped being a draft.
    final_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(period_end__gte=models.F("period_start")),
                name="assessment_period_in_order",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[k.value for k in AssessmentKind]),
                name="assessment_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def landlord(self) -> Organisation:
        """The organisation assessed: records, indicators and published results are its."""
        return self.subject or self.organisation

    @property
    def landlord_id(self) -> UUID:
        """The identifier of :attr:`landlord`, without reading it."""
        return self.subject_id or self.organisation_id


class PinnedEdition(models.Model):
    """An assessment holds on to this edition, by digest, for ever."""

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="editions")
    edition = models.ForeignKey("library.FrameworkEdition", on_delete=models.PROTECT)
    framework = models.CharField(max_length=100)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "framework"], name="one_edition_of_a_framework"
            )
        ]

    def __str__(self) -> str:
        return self.framework


class Participation(models.Model):
    """A person of another organisation who takes part in this assessment."""

    assessment = models.ForeignKey(
        Assessment, on_delete=models.CASCADE, related_name="participations"
    )
    user = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="participations")
    role = models.CharField(max_length=30, choices=[(r.value, r.value) for r in Role])

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assessment", "user"], name="one_participation")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"


class ThemeWork(models.Model):
    """A theme in an assessment: in or out of scope and why, who leads it, by when."""

    id = models.BigAutoField(primary_key=True)
    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="themes")
    theme = models.CharField(max_length=100)
    kloe = models.CharField(max_length=100)
    strand = models.CharField(max_length=20)
    in_scope = models.BooleanField(default=True)
    reason = models.CharField(max_length=500, blank=True)
    lead = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    #: In an inspection: who reads and rates it besides.
    second = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    due = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["assessment", "theme"], name="theme_once"),
            models.CheckConstraint(
                condition=Q(in_scope=True) | ~Q(reason=""), name="theme_out_needs_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.theme


class ContextRecord(models.Model):
    """Baseline, stock, area, constraints and policy choices, citable as context."""

    assessment = models.OneToOneField(Assessment, on_delete=models.CASCADE, related_name="context")
    baseline = models.TextField(blank=True)
    stock = models.TextField(blank=True)
    area = models.TextField(blank=True)
    constraints = models.TextField(blank=True)
    policy_choices = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField(default=timezone.now)
    #: The item by which answers and findings cite it.
    evidence = models.ForeignKey(
        "evidence.EvidenceItem", null=True, on_delete=models.SET_NULL, related_name="+"
    )

    FIELDS = ("baseline", "stock", "area", "constraints", "policy_choices")

    def __str__(self) -> str:
        return str(self.assessment_id)


class KnownFact(models.Model):
    """Something known from elsewhere: dated, sourced, citable."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="known")
    kind = models.CharField(max_length=40, choices=[(k.value, k.value) for k in KnownKind])
    date = models.DateField()
    source = models.CharField(max_length=300)
    text = models.TextField()
    url = models.URLField(max_length=500, blank=True)
    #: Identifiers of the themes it bears on.
    themes = models.JSONField(default=list)
    #: Whether it speaks for or against the service; ``against`` weighs in the scope proposal.
    tone = models.CharField(
        max_length=10, default="neutral", choices=[(t, t) for t in ("for", "neutral", "against")]
    )
    #: The item by which answers and findings cite it.
    evidence = models.ForeignKey(
        "evidence.EvidenceItem", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    added_by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-date", "id"]

    def __str__(self) -> str:
        return f"{self.date} {self.source}"


class Answer(models.Model):
    """A short answer to a published or detailed question, citing evidence."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="answers")
    question = models.CharField(max_length=120)
    theme = models.CharField(max_length=100)
    text = models.TextField(blank=True)
    cites = models.ManyToManyField("evidence.EvidenceItem", related_name="cited_by_answers")
    version = models.PositiveIntegerField(default=0)
    updated_by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assessment", "question"], name="one_answer")
        ]
        indexes = [models.Index(fields=["assessment", "theme"], name="answer_theme")]

    def __str__(self) -> str:
        return self.question


class Rating(models.Model):
    """A placing on one criterion: one for each assessor, and the team's (no author)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="ratings")
    criterion = models.CharField(max_length=160)
    theme = models.CharField(max_length=100)
    author = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    #: Empty while only a reason stands.
    position = models.CharField(
        max_length=20, blank=True, choices=[(p.value, p.value) for p in Position]
    )
    reason = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)
    updated_by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "criterion"],
                condition=Q(author=None),
                name="one_team_rating",
            ),
            models.UniqueConstraint(
                fields=["assessment", "criterion", "author"],
                condition=~Q(author=None),
                name="one_rating_per_assessor",
            ),
            models.CheckConstraint(
                condition=~Q(position=Position.NOT_APPLICABLE.value) | ~Q(reason=""),
                name="not_applicable_needs_reason",
            ),
            models.CheckConstraint(
                condition=Q(position="") | Q(position__in=[p.value for p in Position]),
                name="rating_position_known",
            ),
        ]
        indexes = [models.Index(fields=["assessment", "theme"], name="rating_theme")]

    def __str__(self) -> str:
        return f"{self.criterion} {self.position}"


class CriterionState(models.Model):
    """What a criterion comes to, kept current by each write that touches it.

    The overview adds these up in one query; without them its cost would grow with ratings
    times evidence. Rebuilt by ``actions.states.rebuild``; a test holds the two equal.
    """

    id = models.BigAutoField(primary_key=True)
    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="states")
    criterion = models.CharField(max_length=160)
    theme = models.CharField(max_length=100)
    position = models.CharField(max_length=20, blank=True)
    #: Links that show something, one way or the other.
    evidence = models.PositiveIntegerField(default=0)
    kinds = models.PositiveSmallIntegerField(default=0)
    origins = models.PositiveSmallIntegerField(default=0)
    triangulated = models.BooleanField(default=False)
    contradicted = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assessment", "criterion"], name="one_state")
        ]
        indexes = [models.Index(fields=["assessment", "theme"], name="state_theme")]

    def __str__(self) -> str:
        return self.criterion


class Revision(models.Model):
    """Every version of everything that is saved from a page: history, undo, replay, conflict.

    ``write_id`` is made by the client, so that the same write sent twice changes nothing.
    Append-only by trigger.
    """

    id = models.BigAutoField(primary_key=True)
    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="revisions")
    subject_kind = models.CharField(max_length=20)
    subject = models.CharField(max_length=200)
    version = models.PositiveIntegerField()
    values = models.JSONField()
    write_id = models.UUIDField(unique=True)
    by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    client_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "subject_kind", "subject", "version"],
                name="one_revision_per_version",
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject_kind} {self.subject} v{self.version}"


class FrameworkComment(models.Model):
    """What a person says of a criterion of the framework itself, for those who revise it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    assessment = models.ForeignKey(
        Assessment, on_delete=models.CASCADE, related_name="framework_comments"
    )
    criterion = models.CharField(max_length=160)
    theme = models.CharField(max_length=100)
    kind = models.CharField(max_length=30, choices=[(k.value, k.value) for k in CommentKind])
    text = models.TextField(blank=True)
    by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.criterion} {self.kind}"
