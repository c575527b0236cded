"""Reading jobs: one that a person may see, those of an assessment."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse

from kloe.assessment.permissions import Permission
from kloe.core.errors import NotFound, PermissionRefused
from kloe.core.messages import _
from kloe.web.access import fetch_assessment, fetch_organisation
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment
from kloe.web.jobs import registry
from kloe.web.jobs.models import Job

SORTS = {
    "kind": ("kind", "-created_at"),
    "-kind": ("-kind", "-created_at"),
    "state": ("state", "-created_at"),
    "-state": ("-state", "-created_at"),
    "by": ("by__name", "by__email", "-created_at"),
    "-by": ("-by__name", "-by__email", "-created_at"),
    "created": ("created_at", "pk"),
    "-created": ("-created_at", "-pk"),
}


def _missing() -> NotFound:
    return NotFound(
        _("There is no such job here, or none that you may see."),
        "",
        _("Check the address, or ask whoever sent it to you."),
    )


def _may(user: User, job: Job, in_assessment: Permission, in_organisation: Permission) -> bool:
    """Whether a person has a permission where a job belongs; of one that belongs nowhere, no."""
    try:
        if job.assessment_id is not None:
            fetch_assessment(user, job.assessment_id, in_assessment)
        elif job.organisation_id is not None:
            fetch_organisation(user, job.organisation_id, in_organisation)
        else:
            return False
    except (NotFound, PermissionRefused):
        return False
    return True


def _sees(user: User, job: Job) -> bool:
    """Who may see the thing it is about; its starter too, while they belong there."""
    kind = registry.find(job.kind)
    asked = kind.see if kind else None
    manage = asked or Permission.ORGANISATION_MANAGE
    if job.by_id == user.pk:
        if job.assessment_id is None and job.organisation_id is None:
            return True
        manage = Permission.ORGANISATION_VIEW
    return _may(user, job, asked or Permission.ASSESSMENT_VIEW, manage)


def fetch_job(user: User, pk: UUID) -> Job:
    """A job for the person who started it, or for who may see what it is about.

    :raises NotFound: for anybody else.
    """
    job = Job.objects.select_related("assessment", "organisation", "by").filter(pk=pk).first()
    if job is None or not _sees(user, job):
        raise _missing()
    return job


def may_start(user: User, job: Job) -> bool:
    """Whether a person may begin such work; of their own that belongs nowhere, always."""
    if job.assessment_id is None and job.organisation_id is None:
        return job.by_id == user.pk
    kind = registry.find(job.kind)
    asked = kind.start if kind else None
    return _may(
        user,
        job,
        asked or Permission.ASSESSMENT_MANAGE,
        asked or Permission.ORGANISATION_MANAGE,
    )


def may_cancel(user: User, job: Job) -> bool:
    """Whoever started a job, may start such work, or manages its assessment."""
    return (
        job.by_id == user.pk
        or may_start(user, job)
        or _may(user, job, Permission.ASSESSMENT_MANAGE, Permission.ORGANISATION_MANAGE)
    )


def may_retry(user: User, job: Job) -> bool:
    """Whether a job failed that can be begun again, by a person who may."""
    kind = registry.find(job.kind)
    return (
        job.state == Job.State.FAILED
        and kind is not None
        and not job.result.get("again")
        and kind.possible(job)
        and may_start(user, job)
    )


def begun_again(job: Job) -> str:
    """The address of the job that took the place of one that failed."""
    follower = job.result.get("again", "")
    return reverse("job", args=[follower]) if follower else ""


def jobs_of(
    assessment: Assessment, *, state: str = "", kind: str = "", sort: str = ""
) -> QuerySet[Job]:
    """The jobs of an assessment, newest first unless sorted otherwise."""
    found = Job.objects.filter(assessment=assessment).select_related("by")
    if state in Job.State.values:
        found = found.filter(state=state)
    if kind:
        found = found.filter(kind=kind)
    return found.order_by(*SORTS.get(sort, SORTS["-created"]))


def kinds_of(assessment: Assessment) -> list[tuple[str, str]]:
    """The kinds of jobs an assessment has had, with their titles."""
    found = Job.objects.filter(assessment=assessment).order_by("kind")
    names = found.values_list("kind", flat=True).distinct()
    return [(name, registry.title(name)) for name in names]


def result_link(job: Job) -> str:
    """Where the result is, if the function named an address of this site."""
    url = job.result.get("url", "") if job.state == Job.State.DONE else ""
    inside = isinstance(url, str) and url.startswith("/") and not url.startswith(("//", "/\\"))
    return url if inside else ""


def as_dict(job: Job) -> dict[str, Any]:
    """A job as scripts read it."""

    def when(value: Any) -> str | None:
        return value.isoformat() if value else None

    return {
        "id": str(job.pk),
        "url": reverse("job", args=[job.pk]),
        "kind": job.kind,
        "title": registry.title(job.kind),
        "assessment": str(job.assessment_id) if job.assessment_id else None,
        "state": job.state,
        "finished": job.finished,
        "done": job.done,
        "total": job.total,
        "what": job.what,
        "error": job.error,
        "result": job.result,
        "result_url": result_link(job) or None,
        "again_url": begun_again(job) or None,
        "cancel_requested": job.cancel_requested,
        "attempts": job.attempts,
        "created_at": when(job.created_at),
        "started_at": when(job.started_at),
        "finished_at": when(job.finished_at),
    }
