"""Reading the text of evidence, in the background: what waits in one assessment."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy

from kloe.assessment.documents.outcome import Reading, Reason
from kloe.assessment.documents.reading import read
from kloe.core.messages import _
from kloe.core.progress import Progress
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment
from kloe.web.documents import actions, passages
from kloe.web.documents.models import Document
from kloe.web.evidence.models import EvidenceItem
from kloe.web.evidence.storage import path_of
from kloe.web.jobs.models import Job
from kloe.web.jobs.registry import job


@job(actions.KIND, title=gettext_lazy("Reading of evidence"))
def read_evidence(one: Job, progress: Progress) -> dict[str, Any]:
    """Read every document that waits, then set what is new beside the criteria."""
    assessment = Assessment.objects.get(jobs=one.pk)
    done = read_waiting(assessment, by=one.by, progress=progress)
    passages.offer_all(assessment, progress=progress)
    return {
        "read": done,
        "url": reverse("evidence-search", args=[assessment.pk]),
        "label": str(_("Search the evidence")),
    }


def read_waiting(assessment: Assessment, *, by: User | None, progress: Progress) -> int:
    """Read what waits, those uploaded before there was a search too; gives how many."""
    _catch_up(assessment)
    done = 0
    while ids := list(
        Document.objects.filter(
            assessment=assessment, state__in=[Document.State.WAITING, Document.State.READING]
        )
        .order_by("id")
        .values_list("pk", flat=True)
    ):
        for pk in ids:
            _read_one(pk, by=by, progress=progress, at=(done, done + len(ids)))
            done += 1
    return done


def _catch_up(assessment: Assessment) -> None:
    """Items without a document: from before documents were read, or from a backup."""
    while True:
        with transaction.atomic():
            items = list(
                EvidenceItem.objects.filter(
                    assessment=assessment, deleted_at=None, document=None
                ).select_related("file")[:100]
            )
            for item in items:
                actions.put_words(item)
        if not items:
            return


def _read_one(pk: int, *, by: User | None, progress: Progress, at: tuple[int, int]) -> None:
    document = actions.take_up(pk)
    if document is None:
        return
    item = document.item
    # Not its title: who sees the job may not see the item.
    what = _("Reading E%(n)d", n=item.number)
    try:
        progress.step(*at, what)
        if item.file is None or item.file.removed_at is not None:
            reading = Reading(reason=Reason.MISSING)
        else:
            path = path_of(item.organisation_id, item.file.sha256)
            reading = read(
                path, item.file_name, limits=actions.limits(), progress=progress, at=at, what=what
            )
    except BaseException:
        actions.give_back(document)
        raise
    actions.keep(document=document, reading=reading, by=by)
