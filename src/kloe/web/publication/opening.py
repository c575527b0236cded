"""Opening and withdrawing the public page of a report."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from kloe.core.errors import Conflict, InvalidInput, NotFound
from kloe.core.messages import _
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment
from kloe.web.inspections.actions import trace
from kloe.web.publication.models import PublishedPage


@transaction.atomic
def set_open(
    *, assessment: Assessment, open: bool, reason: str, base_version: int, by: User | None
) -> PublishedPage:
    """Let anybody read the report, or nobody without an account any more.

    :raises NotFound: if nothing is published.
    :raises InvalidInput: if it is withdrawn without a reason.
    :raises Conflict: if somebody else changed it first.
    """
    row = PublishedPage.objects.select_for_update().filter(assessment=assessment).first()
    if row is None:
        raise NotFound(
            _("Nothing is published yet."),
            _("The page comes with the first version."),
            _("Publish the report first."),
        )
    if row.version != base_version:
        raise Conflict(
            _("Somebody else opened the public page while you looked at it.")
            if row.open
            else _("Somebody else withdrew the public page while you looked at it: “%(why)s”",
                   why=row.reason),
            _("Nothing was overwritten."),
            _("Look at the page as it is now, and decide again."),
        )  # fmt: skip
    reason = " ".join(reason.split())
    if not open and not reason:
        raise InvalidInput(
            _("The page was to be withdrawn without a reason."),
            _("Whoever comes to the address reads why the report is not there."),
            _("Say in a sentence why."),
        )
    if len(reason) > 500:
        raise InvalidInput(
            _("The reason has %(n)d characters.", n=len(reason)),
            _("It has at most 500."),
            _("Say it shorter."),
        )
    if row.open == open:
        return row
    row.open, row.reason = open, "" if open else reason
    row.changed_by, row.changed_at = by, timezone.now()
    row.version += 1
    row.save()
    trace(
        assessment, by, "opened public page" if open else "withdrew public page",
        kind="publication", after={"address": row.slug, "reason": reason},
    )  # fmt: skip
    return row
