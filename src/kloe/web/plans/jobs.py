"""Bringing in a workbook that was looked at, as work for the background: all of it, or nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy

from kloe.assessment.permissions import Permission
from kloe.core.errors import InvalidInput
from kloe.core.messages import _
from kloe.core.progress import Progress
from kloe.web.access import fetch_organisation
from kloe.web.audit.models import AuditEvent
from kloe.web.jobs.models import Job
from kloe.web.jobs.registry import job
from kloe.web.plans import importing
from kloe.web.plans.importing import Outcome

IMPORT = "import-plan"
#: Faults named in a message; the page of the import lists them all.
NAMED = 3


def workbook_of(user: UUID, organisation: UUID, token: str) -> Path:
    """Where a workbook waits between looking and bringing in: found by its sender only, here."""
    folder = Path(settings.DATA_DIR) / "tmp" / "plans"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{user}-{organisation}-{UUID(token).hex}.xlsx"


def gone() -> InvalidInput:
    """The workbook that was looked at is not there any more."""
    return InvalidInput(
        _("The workbook is not there any more."),
        _("It is kept for a day after you looked at it, and until it is brought in."),
        _("Send it again."),
    )


def _place(one: Job) -> Path:
    if one.by_id is None or one.organisation_id is None:
        raise gone()
    return workbook_of(one.by_id, one.organisation_id, one.payload["token"])


def _waits(one: Job) -> bool:
    return one.by_id is not None and _place(one).is_file()


@job(
    IMPORT,
    title=gettext_lazy("Bringing in a plan"),
    see=Permission.PLAN_EDIT,
    start=Permission.PLAN_EDIT,
    possible=_waits,
)
def bring_in(one: Job, progress: Progress) -> dict[str, Any]:
    """Bring the workbook in; one that is wrong by now changes nothing."""
    place = _place(one)
    home = {"url": reverse("plan", args=[one.organisation_id])}
    # Brought in already, by a worker that died before it could say so.
    if not AuditEvent.objects.filter(verb="imported plan", request=str(one.pk)).exists():
        if one.by is None or one.organisation_id is None or not place.is_file():
            raise gone()
        access = fetch_organisation(one.by, one.organisation_id, Permission.PLAN_EDIT)
        outcome = importing.bring_in(
            place,
            organisation=access.organisation,
            by=one.by,
            trial=False,
            request_id=str(one.pk),
            progress=progress,
        )
        if outcome.faults:
            place.unlink(missing_ok=True)
            raise _wrong(outcome)
        home |= {"label": told(outcome)}
    place.unlink(missing_ok=True)
    return {"label": gettext("Look at the plan")} | home


def told(outcome: Outcome) -> str:
    """What was brought in, in a line."""
    return gettext("Look at the plan: %(new)d new, %(changed)d changed, %(same)d as they were") % {
        "new": sum(outcome.new.values()),
        "changed": sum(outcome.changed.values()),
        "same": sum(outcome.same.values()),
    }


def _wrong(outcome: Outcome) -> InvalidInput:
    words = "; ".join(
        f"{f.sheet}, {f.row}, {f.column or '–'}: {f.words}" for f in outcome.faults[:NAMED]
    )
    return InvalidInput(
        _("The plan changed since you looked, and the workbook does not fit it now: %(words)s",
          words=words),
        _("Nothing was changed."),
        _("Correct these cells and send the workbook again."),
    )  # fmt: skip
