"""Building all that is made from evidence anew: pages, index, passages on offer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kloe.core.messages import _
from kloe.core.progress import Progress
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment
from kloe.web.documents import jobs, passages, search
from kloe.web.documents.models import Document, DocumentPage


@dataclass(frozen=True, slots=True)
class Told:
    """What was done."""

    read: int
    failed: int
    pages: int


def rebuild(
    assessments: Sequence[Assessment], *, by: User | None, again: bool, progress: Progress
) -> Told:
    """Read what waits (or everything), build the index, offer passages anew.

    What people accepted or dismissed stands. Can be stopped and begun again at any point.
    """
    read = 0
    documents = Document.objects.filter(assessment__in=assessments, item__deleted_at=None)
    if again:
        documents.exclude(item__file=None).update(state=Document.State.WAITING, attempts=0)
    for assessment in assessments:
        read += jobs.read_waiting(assessment, by=by, progress=progress)
    progress.step(0, 1, _("Building the index"))
    search.rebuild()
    documents.update(offered=False)
    for assessment in assessments:
        passages.offer_all(assessment, progress=progress)
    return Told(
        read=read,
        failed=documents.filter(state=Document.State.FAILED).count(),
        pages=DocumentPage.objects.filter(document__in=documents).count(),
    )
