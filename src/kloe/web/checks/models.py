"""Reality checks: what was to be tested, on which cases, what was found, and who was seen.

Names of people seen stand in ``CheckPerson`` and nowhere else: no other table, revision or audit
event repeats them.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from kloe.assessment.checks.words import (
    CheckResult,
    CheckState,
    ClaimSource,
    ItemAnswer,
    PeopleRole,
    RiskKind,
    SampleMethod,
)
from kloe.web.ids import new_id

USER = settings.AUTH_USER_MODEL


class CheckTemplate(models.Model):
    """A version of a template: the package's (no organisation), or an organisation's own.

    Written once; a change is a further version. Checks hold on to the version they were made
    from.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", null=True, on_delete=models.CASCADE, related_name="+"
    )
    key = models.CharField(max_length=80)
    version = models.PositiveIntegerField()
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    #: The package's version it was copied from.
    based_on = models.CharField(max_length=100, blank=True)
    by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["title", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "key", "version"],
                condition=~Q(organisation=None),
                name="template_version_once",
            ),
            models.UniqueConstraint(
                fields=["key", "digest"],
                condition=Q(organisation=None),
                name="shipped_template_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} v{self.version}"


class Check(models.Model):
    """A test of a claim, written down before it, against what happens."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    assessment = models.ForeignKey(
        "assessments.Assessment", on_delete=models.CASCADE, related_name="checks"
    )
    #: C1, C2, ...: how people speak of it.
    number = models.PositiveIntegerField()
    template = models.ForeignKey(CheckTemplate, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    claim = models.TextField()
    claim_source = models.CharField(
        max_length=12,
        choices=[(s.value, s.value) for s in ClaimSource],
        default=ClaimSource.OWN.value,
    )
    #: What the claim was taken from: a question, a finding, a theme of the framework.
    claim_ref = models.CharField(max_length=200, blank=True)
    theme = models.CharField(max_length=100)
    #: Identifiers of the criteria it tests.
    criteria = models.JSONField(default=list)
    assigned = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    #: Who takes part in it besides; with the assigned one, those who did the check.
    doers: models.ManyToManyField[Any, Any] = models.ManyToManyField(USER, related_name="+")
    planned_at = models.DateTimeField(null=True, blank=True)
    minutes = models.PositiveIntegerField(default=60)
    place = models.CharField(max_length=300, blank=True)
    state = models.CharField(
        max_length=12,
        choices=[(s.value, s.value) for s in CheckState],
        default=CheckState.PLANNED.value,
    )
    state_reason = models.CharField(max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)
    #: The sample: of what, how drawn, and all that is needed to draw it again.
    frame = models.CharField(max_length=300, blank=True)
    method = models.CharField(
        max_length=12, blank=True, choices=[(m.value, m.value) for m in SampleMethod]
    )
    sample = models.JSONField(null=True)
    case_sample = models.ForeignKey(
        "indicators.CaseSample", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    #: The item by which it is evidence, once somebody said what it shows.
    evidence = models.ForeignKey(
        "evidence.EvidenceItem", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["assessment", "number"], name="check_number_once"),
            models.CheckConstraint(
                condition=Q(state__in=[s.value for s in CheckState]), name="check_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state=CheckState.WITHDRAWN.value) | ~Q(state_reason=""),
                name="withdrawn_check_needs_reason",
            ),
        ]
        indexes = [models.Index(fields=["assessment", "theme"], name="check_theme")]

    def __str__(self) -> str:
        return f"C{self.number} {self.title}"


class CheckOutcome(models.Model):
    """What the whole check came to, saved as it is written."""

    check_of = models.OneToOneField(
        Check, primary_key=True, on_delete=models.CASCADE, related_name="outcome"
    )
    result = models.CharField(
        max_length=14, blank=True, choices=[(r.value, r.value) for r in CheckResult]
    )
    conclusion = models.TextField(blank=True)
    notes = models.TextField(blank=True)
    #: The day it was done, as its page sends it.
    done_on = models.CharField(max_length=10, blank=True)
    version = models.PositiveIntegerField(default=0)
    updated_by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    updated_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.check_of_id} {self.result}"


class CheckCase(models.Model):
    """One case of a check's sample, in the order drawn."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    check_of = models.ForeignKey(Check, on_delete=models.CASCADE, related_name="cases")
    place = models.PositiveIntegerField()
    reference = models.CharField(max_length=200)
    stratum = models.CharField(max_length=200, blank=True)
    #: Stands in for a case that could not be found.
    stands_in = models.BooleanField(default=False)
    #: Why this case could not be looked at.
    not_found = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["check_of", "place"], name="case_place_once"),
            models.UniqueConstraint(
                fields=["check_of", "stratum", "reference"], name="case_reference_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place} {self.reference}"


class CheckEntry(models.Model):
    """The answer to one item of the checklist, for one case or for the check as a whole."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    check_of = models.ForeignKey(Check, on_delete=models.CASCADE, related_name="entries")
    item = models.CharField(max_length=80)
    case = models.ForeignKey(CheckCase, null=True, on_delete=models.CASCADE, related_name="entries")
    answer = models.CharField(
        max_length=14, blank=True, choices=[(a.value, a.value) for a in ItemAnswer]
    )
    note = models.TextField(blank=True)
    #: When and where it was written down, as the device said.
    made_at = models.DateTimeField(null=True)
    located = models.CharField(max_length=60, blank=True)
    version = models.PositiveIntegerField(default=0)
    updated_by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["check_of", "item"], condition=Q(case=None), name="entry_once"
            ),
            models.UniqueConstraint(
                fields=["check_of", "item", "case"],
                condition=~Q(case=None),
                name="entry_once_per_case",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.answer}"


class CheckFile(models.Model):
    """A photograph or other file of a check: an item of evidence, and where it belongs."""

    id = models.BigAutoField(primary_key=True)
    check_of = models.ForeignKey(Check, on_delete=models.CASCADE, related_name="files")
    evidence = models.ForeignKey(
        "evidence.EvidenceItem", on_delete=models.CASCADE, related_name="check_files"
    )
    item = models.CharField(max_length=80, blank=True)
    case = models.ForeignKey(CheckCase, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(null=True)
    located = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["check_of", "evidence"], name="check_file_once")
        ]

    def __str__(self) -> str:
        return f"{self.check_of_id} {self.evidence_id}"


class CheckVisit(models.Model):
    """When somebody began and ended working on a check on site, as their device said.

    Each visit is its maker's alone, under an identifier their device made.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    check_of = models.ForeignKey(Check, on_delete=models.CASCADE, related_name="visits")
    by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    #: Where the device was, if it was allowed to say.
    located = models.CharField(max_length=60, blank=True)
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["began_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=models.F("began_at")),
                name="visit_ends_after_it_began",
            )
        ]

    def __str__(self) -> str:
        return str(self.began_at)


class PeopleSeen(models.Model):
    """How many people of what role and group were seen or heard. No names."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    check_of = models.ForeignKey(Check, on_delete=models.CASCADE, related_name="people_seen")
    role = models.CharField(max_length=30, choices=[(r.value, r.value) for r in PeopleRole])
    group = models.CharField(max_length=100, blank=True)
    count = models.PositiveIntegerField()

    class Meta:
        ordering = ["role", "group", "id"]
        constraints = [models.CheckConstraint(condition=Q(count__gte=1), name="somebody_was_seen")]

    def __str__(self) -> str:
        return f"{self.count} {self.role}"


class CheckPerson(models.Model):
    """Who somebody was, for those alone who did the check when it was written down.

    Read and written by ``people.py`` only; never exported, frozen, reported or told to the audit
    trail.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    check_of = models.ForeignKey(Check, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=200)
    contact = models.CharField(max_length=300, blank=True)
    note = models.CharField(max_length=500, blank=True)
    #: Identifiers of those who did the check when this was written down: who comes later, by
    #: their own hand or another's, does not see it.
    told_to = models.JSONField(default=list)
    added_by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["added_at", "id"]

    def __str__(self) -> str:
        return str(self.id)


class RiskContact(models.Model):
    """Whom to tell of an urgent risk found in an assessment, and how long they have."""

    assessment = models.OneToOneField(
        "assessments.Assessment", primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    name = models.CharField(max_length=200)
    email = models.EmailField(max_length=254)
    telephone = models.CharField(max_length=60, blank=True)
    hours = models.PositiveSmallIntegerField(default=24)

    def __str__(self) -> str:
        return self.name


class UrgentRisk(models.Model):
    """A danger found on the way, told the same day, outside the report's timetable."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    assessment = models.ForeignKey(
        "assessments.Assessment", on_delete=models.CASCADE, related_name="risks"
    )
    #: U1, U2, ...
    number = models.PositiveIntegerField()
    check_of = models.ForeignKey(Check, null=True, on_delete=models.SET_NULL, related_name="risks")
    kind = models.CharField(max_length=14, choices=[(k.value, k.value) for k in RiskKind])
    text = models.TextField(blank=True)
    place = models.CharField(max_length=300, blank=True)
    located = models.CharField(max_length=60, blank=True)
    raised_by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    raised_at = models.DateTimeField(default=timezone.now)
    client_at = models.DateTimeField(null=True)
    #: Whom it was sent to and when; empty where nobody could be told.
    told_to = models.CharField(max_length=300, blank=True)
    told_at = models.DateTimeField(null=True)
    #: Why nobody could be told.
    not_told = models.CharField(max_length=300, blank=True)
    answer_by = models.DateTimeField()
    answer = models.TextField(blank=True)
    answered_for = models.CharField(max_length=200, blank=True)
    answered_by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["assessment", "number"], name="risk_number_once"),
            models.CheckConstraint(
                condition=Q(answered_at=None) | ~Q(answer=""), name="answered_risk_has_answer"
            ),
        ]

    def __str__(self) -> str:
        return f"U{self.number} {self.kind}"
