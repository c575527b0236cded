"""Results beside an assessment: immutable rows that say how they came about."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from kloe.measures.suppression import THRESHOLD
from kloe.web.ids import new_id


class IndicatorResult(models.Model):
    """One measure of one landlord for one period, with its place among its peers.

    Written once; a newer result is a new row (append-only by trigger). Exact values are kept
    as text, as they were computed in Decimal.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    assessment = models.ForeignKey(
        "assessments.Assessment", on_delete=models.CASCADE, related_name="results"
    )
    measure = models.CharField(max_length=60)
    population = models.CharField(max_length=20, blank=True)
    value = models.CharField(max_length=40, blank=True)
    numerator = models.CharField(max_length=40, blank=True)
    denominator = models.CharField(max_length=40, blank=True)
    #: Where there is no value: why not, as a message id with parameters.
    reason = models.JSONField(null=True)
    #: Place among peers: n, min, q1, median, q3, max, rank, quarter, how the group is made up.
    peers = models.JSONField(default=dict)
    quarter = models.CharField(max_length=10, blank=True)
    period = models.CharField(max_length=40)
    source = models.CharField(max_length=300)
    dataset = models.CharField(max_length=100)
    data_digest = models.CharField(max_length=64)
    definition_digest = models.CharField(max_length=64)
    engine = models.CharField(max_length=60)
    computed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["measure", "population", "-computed_at"]
        indexes = [models.Index(fields=["assessment", "measure"], name="result_measure")]
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "measure", "population", "data_digest", "definition_digest"],
                name="result_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.measure} {self.value}"


class ComputedResult(models.Model):
    """One measure computed from an organisation's records: for everybody or one group.

    Written once, as it may be shown: what would tell of a small group is not kept (``level``).
    Exact values are text, as they were computed. The same definition, data and engine give the
    same row again, so it stands once.
    """

    class Level(models.TextChoices):
        ALL = "all"
        SIZE = "size"
        NOTHING = "nothing"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.CASCADE, related_name="+"
    )
    measure = models.CharField(max_length=120)
    version = models.PositiveIntegerField()
    kind = models.CharField(max_length=20)
    unit = models.CharField(max_length=20)
    period_start = models.DateField()
    period_end = models.DateField()
    #: By what it is broken down; empty for everybody.
    grouping = models.CharField(max_length=60, blank=True)
    #: Which group; empty beside a grouping for *not recorded*.
    group = models.CharField(max_length=200, blank=True)
    level = models.CharField(max_length=8, choices=Level.choices, default=Level.ALL)
    #: The least number that was shown then: what ``level`` was planned with.
    threshold = models.PositiveSmallIntegerField(default=THRESHOLD)
    value = models.CharField(max_length=60, blank=True)
    numerator = models.CharField(max_length=60, blank=True)
    denominator = models.CharField(max_length=60, blank=True)
    n = models.BigIntegerField(null=True)
    #: Of a distribution its quartiles, nine in ten, least and most; of a gap its own rate.
    spread = models.JSONField(default=dict)
    #: Of a gap the group it is widest for.
    leading = models.JSONField(default=list)
    #: Where there is no value: tables and columns that lack, as [table, column, empty].
    missing = models.JSONField(default=list)
    excluded = models.JSONField(default=dict)
    dropped = models.JSONField(default=dict)
    as_at = models.DateField()
    data_digest = models.CharField(max_length=64)
    definition_digest = models.CharField(max_length=64)
    engine = models.CharField(max_length=60)
    computed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["measure", "grouping", "group", "period_start", "computed_at"]
        indexes = [
            models.Index(fields=["organisation", "measure"], name="computed_measure"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "organisation", "measure", "period_start", "period_end", "grouping", "group",
                    "definition_digest", "data_digest", "engine", "threshold",
                ],
                name="computed_once",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.measure} {self.period_start} {self.group} {self.value}"


class ComputedSummary(models.Model):
    """Where a measure stands in an assessment: the newest result and what it means.

    Made anew by every computing; everything in it follows from results and definitions.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    assessment = models.ForeignKey(
        "assessments.Assessment", on_delete=models.CASCADE, related_name="computed"
    )
    measure = models.CharField(max_length=120)
    result = models.ForeignKey(ComputedResult, on_delete=models.CASCADE, related_name="+")
    #: Of the definition, so that lists read no other: title and basis by language, target,
    #: direction.
    told = models.JSONField(default=dict)
    #: On target, off, off by chance, or empty.
    aim = models.CharField(max_length=10, blank=True)
    #: Real change, noise, or too few points.
    verdict = models.CharField(max_length=20, blank=True)
    points = models.IntegerField(default=0)
    distance = models.FloatField(default=0)
    #: What calls for attention, as messages.
    reasons = models.JSONField(default=list)
    #: Trend: label and value, the earliest first; null where there is none to show.
    series = models.JSONField(default=list)
    #: Integrity tests of its tables that found something.
    doubts = models.JSONField(default=list)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-points", "-distance", "measure"]
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "measure"], name="summary_once_per_measure"
            )
        ]

    def __str__(self) -> str:
        return self.measure


class ComputedPlacing(models.Model):
    """A theme or criterion of the pinned editions that a computed measure speaks to."""

    summary = models.ForeignKey(ComputedSummary, on_delete=models.CASCADE, related_name="placings")
    assessment = models.ForeignKey(
        "assessments.Assessment", on_delete=models.CASCADE, related_name="+"
    )
    theme = models.CharField(max_length=100)
    criterion = models.CharField(max_length=160, blank=True)
    bearing = models.CharField(max_length=10)
    side = models.CharField(max_length=5, blank=True)
    #: Its place among those of the measure.
    place = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["place"]
        indexes = [models.Index(fields=["assessment", "theme"], name="placing_theme")]

    def __str__(self) -> str:
        return f"{self.theme} {self.criterion}"


class CaseSample(models.Model):
    """A random sample of a measure's cases at fault, kept so that it can be drawn again."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    assessment = models.ForeignKey(
        "assessments.Assessment", on_delete=models.CASCADE, related_name="+"
    )
    measure = models.CharField(max_length=120)
    period_start = models.DateField()
    period_end = models.DateField()
    sample = models.JSONField()
    data_digest = models.CharField(max_length=64)
    definition_digest = models.CharField(max_length=64)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at"]
        indexes = [models.Index(fields=["assessment", "measure"], name="sample_measure")]

    def __str__(self) -> str:
        return f"{self.measure} {self.at:%Y-%m-%d}"
