"""Asking for work, and calling it off."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import get_language

from kloe.core.errors import Conflict
from kloe.core.messages import _
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment
from kloe.web.audit.actions import record
from kloe.web.jobs import registry
from kloe.web.jobs.models import Job
from kloe.web.organisations.models import Organisation


@transaction.atomic
def enqueue(
    *,
    kind: str,
    by: User | None,
    payload: dict[str, Any] | None = None,
    assessment: Assessment | None = None,
    organisation: Organisation | None = None,
    once: bool = False,
    request_id: str = "",
) -> Job:
    """Have something done by the worker. It sees the job when the caller's transaction commits.

    :param payload: what the function needs to know, JSON-able.
    :param once: give the job that already waits or runs with the same person, kind, assessment
        and payload, instead of a second one (a button pressed twice).
    :raises ValueError: if no app registered the kind.
    """
    if registry.find(kind) is None:
        raise ValueError(f"no app has a job {kind!r}; there are {registry.names()}")
    if organisation is None and assessment is not None:
        organisation = assessment.organisation
    values = payload or {}
    if once:
        same = Job.objects.filter(
            kind=kind,
            by=by,
            assessment=assessment,
            organisation=organisation,
            state__in=[Job.State.WAITING, Job.State.RUNNING],
            cancel_requested=False,
        )
        for one in same:
            if one.payload == values:
                return one
    job = Job.objects.create(
        kind=kind,
        payload=values,
        by=by,
        assessment=assessment,
        organisation=organisation,
        language=(get_language() or "en").split("-")[0],
    )
    record(
        by=by,
        verb="job.enqueue",
        subject_kind="job",
        subject_id=job.pk,
        organisation_id=organisation.pk if organisation else None,
        assessment_id=assessment.pk if assessment else None,
        after={"kind": kind, "payload": values},
        request_id=request_id,
    )
    return job


@transaction.atomic
def retry(*, job: Job, by: User | None, request_id: str = "") -> Job:
    """Begin work again that failed: a new job with the same values. Pressed twice, it is one.

    :raises Conflict: if it did not fail, or what it worked with is gone.
    """
    # Held until the end: the second of two presses finds what the first has made.
    Job.objects.select_for_update().filter(pk=job.pk).values_list("pk").first()
    job = Job.objects.select_related("assessment", "organisation").get(pk=job.pk)
    made = job.result.get("again")
    if made and (follower := Job.objects.filter(pk=made).first()) is not None:
        return follower
    kind = registry.find(job.kind)
    if job.state != Job.State.FAILED or kind is None or not kind.possible(job):
        raise Conflict(
            _("This job cannot be begun again."),
            _("Only work that failed can, while what it worked with is still there."),
            _("Start it anew from the page it belongs to."),
        )
    if kind.again is not None:
        follower = kind.again(job=job, by=by, request_id=request_id)
    else:
        follower = enqueue(
            kind=job.kind,
            by=by,
            payload=job.payload,
            assessment=job.assessment,
            organisation=job.organisation,
            request_id=request_id,
        )
    job.result = {**job.result, "again": str(follower.pk)}
    job.save(update_fields=["result"])
    record(
        by=by,
        verb="job.retry",
        subject_kind="job",
        subject_id=job.pk,
        organisation_id=job.organisation_id,
        assessment_id=job.assessment_id,
        after={"kind": job.kind, "again": str(follower.pk)},
        request_id=request_id,
    )
    return follower


@transaction.atomic
def cancel(*, job: Job, by: User | None, request_id: str = "") -> Job:
    """Call a job off: at once if it waits, at its next step if it runs.

    :raises Conflict: if it has ended already.
    """
    ended = Job.objects.filter(pk=job.pk, state=Job.State.WAITING).update(
        state=Job.State.CANCELLED, cancel_requested=True, finished_at=timezone.now()
    )
    asked = ended or Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).update(
        cancel_requested=True
    )
    job.refresh_from_db()
    if not asked:
        raise Conflict(
            _("This job has ended already."),
            _("Only work that waits or runs can be cancelled."),
            _("Load its page again to see what came of it."),
        )
    record(
        by=by,
        verb="job.cancel",
        subject_kind="job",
        subject_id=job.pk,
        organisation_id=job.organisation_id,
        assessment_id=job.assessment_id,
        after={"kind": job.kind, "state": job.state},
        request_id=request_id,
    )
    return job


@transaction.atomic
def forget(*, before: datetime, by: User | None, request_id: str = "") -> int:
    """Remove jobs that ended before a moment; gives how many.

    What they made (reports, results, records) and the events of the audit trail stay.
    """
    old = Job.objects.filter(finished_at__lt=before).exclude(
        state__in=[Job.State.WAITING, Job.State.RUNNING]
    )
    counts = dict(old.order_by("organisation").values_list("organisation").annotate(n=Count("pk")))
    old.delete()
    for organisation, number in counts.items():
        record(
            by=by,
            verb="job.forget",
            subject_kind="job",
            subject_id="",
            organisation_id=organisation,
            after={"jobs": number, "before": before.isoformat(timespec="seconds")},
            request_id=request_id,
        )
    return sum(counts.values())
