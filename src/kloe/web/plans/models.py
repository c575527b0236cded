"""Recommendations made to an organisation, and the actions of its improvement plan."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from kloe.assessment.plan import LedBy, Level, MadeBy, Outcome, Shows, Status
from kloe.web.ids import new_id

USER = settings.AUTH_USER_MODEL
LEVELS = [(w.value, w.value) for w in Level]


class Recommendation(models.Model):
    """What somebody says the organisation should do, and what it made of it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.CASCADE, related_name="recommendations"
    )
    #: R1, R2, ... or the reference it bears where it was made.
    reference = models.CharField(max_length=40)
    what = models.TextField()
    why = models.TextField(blank=True)
    benefit = models.TextField(blank=True)
    findings = models.ManyToManyField("judgements.Finding", related_name="recommendations")
    impact = models.CharField(max_length=6, blank=True, choices=LEVELS)
    cost = models.CharField(max_length=6, blank=True, choices=LEVELS)
    due_on = models.DateField(null=True, blank=True)
    origin = models.CharField(max_length=20, choices=[(w.value, w.value) for w in MadeBy])
    #: By whom and in which document, where it was made elsewhere.
    source = models.CharField(max_length=300, blank=True)
    made_on = models.DateField()
    #: None until the organisation has decided.
    accepted = models.BooleanField(null=True, blank=True)
    decision = models.TextField(blank=True)
    decided_on = models.DateField(null=True, blank=True)
    implemented_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["made_on", "reference"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "reference"], name="recommendation_reference_once"
            ),
            models.CheckConstraint(condition=~Q(what=""), name="recommendation_says_what"),
            models.CheckConstraint(
                condition=Q(accepted=None) | Q(accepted=True) | ~Q(decision=""),
                name="rejecting_needs_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.what[:60]}"


class Action(models.Model):
    """One action of the plan. Its lists sort and filter by columns, whatever its size."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.CASCADE, related_name="actions"
    )
    reference = models.CharField(max_length=40)
    title = models.CharField(max_length=300)
    detail = models.TextField(blank=True)
    origin = models.CharField(max_length=20, choices=[(w.value, w.value) for w in LedBy])
    source = models.CharField(max_length=300, blank=True)
    recommendation = models.ForeignKey(
        Recommendation, null=True, blank=True, on_delete=models.SET_NULL, related_name="actions"
    )
    finding = models.ForeignKey(
        "judgements.Finding", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    #: Who answers for it: somebody with an account, or a name.
    owner = models.ForeignKey(
        USER, null=True, blank=True, on_delete=models.SET_NULL, related_name="owned_actions"
    )
    owner_name = models.CharField(max_length=200, blank=True)
    #: Statements people make, never guessed from words.
    agreed = models.BooleanField(null=True, blank=True)
    agreed_with = models.CharField(max_length=300, blank=True)
    realistic = models.BooleanField(null=True, blank=True)
    realistic_why = models.CharField(max_length=500, blank=True)
    measure = models.TextField(blank=True)
    #: A measure of kloe (its identifier) or the organisation's own reference of an indicator.
    indicator = models.CharField(max_length=100, blank=True)
    target = models.CharField(max_length=300, blank=True)
    resources = models.TextField(blank=True)
    needs_money = models.BooleanField(null=True, blank=True)
    budget = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    spend = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    made_on = models.DateField()
    start_on = models.DateField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    #: The day first promised: kept when the day is moved.
    first_due_on = models.DateField(null=True, blank=True)
    done_on = models.DateField(null=True, blank=True)
    dropped_on = models.DateField(null=True, blank=True)
    risk = models.CharField(max_length=6, blank=True, choices=LEVELS)
    risk_note = models.TextField(blank=True)
    status = models.CharField(
        max_length=12, choices=[(w.value, w.value) for w in Status], default=Status.PROPOSED.value
    )
    #: What service users will notice, and for which groups it matters most (one a line).
    outcome = models.TextField(blank=True)
    outcome_groups = models.TextField(blank=True)
    outcome_state = models.CharField(
        max_length=12, choices=[(w.value, w.value) for w in Outcome], default=Outcome.OPEN.value
    )
    outcome_note = models.TextField(blank=True)
    #: How many letters of SMART lack nothing, kept at each save so that lists can sort by it.
    smart = models.PositiveSmallIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    created_by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["due_on", "reference"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "reference"], name="action_reference_once"
            ),
            models.CheckConstraint(condition=~Q(title=""), name="action_says_what"),
            models.CheckConstraint(
                condition=~Q(status=Status.COMPLETED.value) | Q(done_on__isnull=False),
                name="completed_action_has_its_day",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.COMPLETED.value) | Q(done_on=None),
                name="only_completed_actions_are_done",
            ),
            models.CheckConstraint(
                condition=Q(done_on=None) | Q(done_on__gte=models.F("made_on")),
                name="action_done_after_it_was_set",
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "status", "due_on"], name="action_by_status"),
            models.Index(fields=["organisation", "due_on"], name="action_by_due"),
            models.Index(fields=["owner", "status", "due_on"], name="action_by_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    @property
    def answers(self) -> str:
        """Who answers for it, in words."""
        return str(self.owner) if self.owner_id else self.owner_name


class Milestone(models.Model):
    """A step on the way."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    action = models.ForeignKey(Action, on_delete=models.CASCADE, related_name="milestones")
    text = models.CharField(max_length=300)
    due_on = models.DateField(null=True, blank=True)
    done_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["due_on", "id"]

    def __str__(self) -> str:
        return self.text


class Entry(models.Model):
    """What was told of an action's progress: a note, a step, a day that was moved and why."""

    class Kind(models.TextChoices):
        NOTE = "note"
        STATUS = "status"
        SLIP = "slip"

    id = models.BigAutoField(primary_key=True)
    action = models.ForeignKey(Action, on_delete=models.CASCADE, related_name="entries")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    text = models.TextField(blank=True)
    status = models.CharField(max_length=12, blank=True)
    due = models.DateField(null=True)
    now = models.DateField(null=True)
    by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(kind="slip") | ~Q(text=""), name="slip_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.text[:60]}"


class ActionEvidence(models.Model):
    """An item of evidence put to an action: that it was done, or what came of it for whom."""

    id = models.BigAutoField(primary_key=True)
    action = models.ForeignKey(Action, on_delete=models.CASCADE, related_name="evidence")
    item = models.ForeignKey(
        "evidence.EvidenceItem", on_delete=models.CASCADE, related_name="shown_for_actions"
    )
    shows = models.CharField(max_length=12, choices=[(w.value, w.value) for w in Shows])
    group = models.CharField(max_length=100, blank=True)
    by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["action", "item", "shows", "group"], name="evidence_once_for_an_action"
            )
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.shows}"


class Reminder(models.Model):
    """That somebody was reminded of an action, so that nobody is reminded twice."""

    id = models.BigAutoField(primary_key=True)
    action = models.ForeignKey(Action, on_delete=models.CASCADE, related_name="reminders")
    user = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=[("soon", "soon"), ("overdue", "overdue")])
    due_on = models.DateField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["action", "user", "kind", "due_on"], name="reminded_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.due_on}"
