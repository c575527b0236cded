"""Results beside an assessment: immutable rows that say how they came about."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

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
