"""Organisations and memberships."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kloe.assessment.permissions import ORGANISATION_ROLES
from kloe.measures.suppression import LEAST_THRESHOLD, MOST_THRESHOLD, THRESHOLD
from kloe.web.ids import new_id


class Organisation(models.Model):
    """A body that assesses itself or others. Invisible to people of other organisations."""

    class Kind(models.TextChoices):
        ASSOCIATION = "housing association", _("Housing association")
        COUNCIL = "council", _("Council")
        ARMS_LENGTH = "arm's-length body", _("Arm's-length body")
        INSPECTORATE = "inspectorate", _("Inspectorate, regulator or consultant")

    class Jurisdiction(models.TextChoices):
        WALES = "wales", _("Wales")
        ENGLAND = "england", _("England")
        SCOTLAND = "scotland", _("Scotland")
        NORTHERN_IRELAND = "northern-ireland", _("Northern Ireland")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=40, choices=Kind.choices, default=Kind.ASSOCIATION)
    jurisdiction = models.CharField(
        max_length=20, choices=Jurisdiction.choices, default=Jurisdiction.WALES
    )
    homes = models.PositiveIntegerField(null=True, blank=True)
    #: Code under which published data sets know it.
    landlord_code = models.CharField(max_length=40, blank=True)
    #: Groups and numbers below this are not shown of what is computed from its records.
    small_number = models.PositiveSmallIntegerField(
        default=THRESHOLD,
        validators=[MinValueValidator(LEAST_THRESHOLD), MaxValueValidator(MOST_THRESHOLD)],
    )
    #: Made by the project for demonstration; every page and report says so.
    invented = models.BooleanField(default=False)
    #: The inspecting organisation that entered this landlord by name, to inspect it. Nobody
    #: belongs to such an entry, and it is seen by that organisation alone.
    named_by = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="entries"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """What a person is in an organisation."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="memberships"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=20, choices=[(r.value, r.value) for r in ORGANISATION_ROLES])
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "user"], name="one_membership_per_person"
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=[r.value for r in ORGANISATION_ROLES]),
                name="membership_role_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} {self.organisation_id}"
