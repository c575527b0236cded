"""Checks and urgent risks among what waits for a person on the home page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kloe.assessment.checks.words import CheckState, label
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment
from kloe.web.checks.models import Check
from kloe.web.site.waiting import Waiting

#: The nearest ones; the list of checks has them all.
MOST = 20


def waiting(user: User, assessments: Sequence[Assessment]) -> Iterable[Waiting]:
    """The checks given to somebody that are not done. One query."""
    by_pk = {a.pk: a for a in assessments}
    rows = Check.objects.filter(
        assigned=user,
        assessment__in=list(by_pk),
        state__in=[CheckState.PLANNED, CheckState.UNDER_WAY],
    ).order_by("planned_at", "number")
    for check in rows.defer("sample", "claim")[:MOST]:
        yield Waiting(
            what=_("Check C%(n)d: %(title)s") % {"n": check.number, "title": check.title},
            url=reverse("check", args=[check.assessment_id, check.pk]),
            assessment=by_pk[check.assessment_id],
            left=label(check.state).lower(),
            due=timezone.localdate(check.planned_at) if check.planned_at else None,
        )
