"""What of inspections waits for a person: documents that the landlord's people are to send."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Count, Min
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kloe.assessment.permissions import LANDLORD_ROLES
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment
from kloe.web.inspections.models import DocumentRequest
from kloe.web.site.waiting import Waiting


def documents(user: User, assessments: Sequence[Assessment]) -> Iterable[Waiting]:
    """Documents still to be sent, for people of the landlord: one query."""
    rows = (
        DocumentRequest.objects.filter(
            inspection__assessment__in=assessments,
            inspection__assessment__participations__user=user,
            inspection__assessment__participations__role__in=[r.value for r in LANDLORD_ROLES],
            state=DocumentRequest.State.OPEN,
        )
        .order_by()
        .values("inspection")
        .annotate(n=Count("pk", distinct=True), due=Min("due"))
    )
    by_id = {a.pk: a for a in assessments}
    for row in rows:
        yield Waiting(
            what=_("Documents for the inspectors"),
            url=reverse("documents", args=[row["inspection"]]),
            assessment=by_id[row["inspection"]],
            left=ngettext("%(n)d document to send", "%(n)d documents to send", row["n"])
            % {"n": row["n"]},
            due=row["due"],
        )
