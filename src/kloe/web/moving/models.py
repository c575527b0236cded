"""What an assessment that came from elsewhere brings besides its rows."""

from __future__ import annotations

from django.db import models

from kloe.web.audit.models import Event


class EarlierEvent(Event):
    """An event of the audit trail of another installation, as its file tells it.

    It stands beside the trail, not in it: what happened here is sealed here, what a file says
    happened elsewhere is known by the digest of the file. Append-only by trigger.
    """

    assessment = models.ForeignKey(
        "assessments.Assessment", on_delete=models.CASCADE, related_name="earlier_events"
    )


class LooseEnd(models.Model):
    """A row of an assessment that pointed to another assessment, which is not here.

    It is tied when that one comes, if it belongs to the same organisation.
    """

    id = models.BigAutoField(primary_key=True)
    assessment = models.ForeignKey(
        "assessments.Assessment", on_delete=models.CASCADE, related_name="loose_ends"
    )
    #: Of which table and field; there is one such row in an assessment.
    place = models.CharField(max_length=60)
    target = models.UUIDField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assessment", "place"], name="loose_end_once")
        ]

    def __str__(self) -> str:
        return f"{self.place} {self.target}"
