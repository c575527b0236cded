"""Having the text of evidence read, and keeping what was read.

What people write about an item (page 0) is kept with every save of the item; the text of a file
comes later, from the worker, by a process of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from kloe.assessment.documents.outcome import AGAIN, Page, Reading, Reason
from kloe.assessment.documents.reading import Limits
from kloe.core.errors import Conflict
from kloe.core.messages import _
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment
from kloe.web.documents import search
from kloe.web.documents.models import PAGE_BITS, Document, DocumentPage, Passage
from kloe.web.evidence.models import EvidenceItem
from kloe.web.evidence.writing import trace
from kloe.web.jobs.actions import enqueue
from kloe.web.jobs.models import Job

State = Document.State
KIND = "read-evidence"
#: Taken up this often where the worker itself was killed over a document.
MOST_ATTEMPTS = 3


def limits() -> Limits:
    """What reading one document may cost here."""
    return Limits(settings.READ_SECONDS, settings.READ_MEGABYTES)


def _pages(document: Document, pages: Sequence[Page], first: int) -> list[DocumentPage]:
    return [
        DocumentPage(
            id=(document.pk << PAGE_BITS) + n,
            document=document,
            number=n,
            label=page.label[:120],
            scope=document.assessment_id.hex,
            text=page.text,
        )
        for n, page in enumerate(pages, first)
    ]


def own_words(item: EvidenceItem) -> str:
    """What people wrote about an item, a paragraph on each line."""
    return "\n".join(filter(None, (item.title, item.source, item.file_name, item.url, item.text)))


def put_words(item: EvidenceItem) -> Document:
    """Keep what people wrote about an item for the search. Call with each save of it."""
    waits = item.file_id is not None
    document, new = Document.objects.get_or_create(
        item=item,
        defaults={
            "assessment_id": item.assessment_id,
            "state": State.WAITING if waits else State.WORDS,
        },
    )
    if not new:
        search.take(DocumentPage.objects.filter(document=document, number=0))
        if not waits:
            Document.objects.filter(pk=document.pk).update(offered=False)
    search.put(_pages(document, [Page(own_words(item))], 0))
    return document


def begin(item: EvidenceItem, by: User | None) -> Document:
    """An item is new, or back: keep its words and have its file read."""
    document = put_words(item)
    if item.file_id is not None:
        if document.state != State.WAITING:
            Document.objects.filter(pk=document.pk).update(state=State.WAITING, attempts=0)
        ask(assessment=item.assessment, by=by)
    return document


def ask(*, assessment: Assessment, by: User | None) -> Job:
    """Have what waits in an assessment read; one job does it all."""
    waiting = Job.objects.filter(
        kind=KIND, assessment=assessment, state=Job.State.WAITING, cancel_requested=False
    ).first()
    return waiting or enqueue(kind=KIND, by=by, assessment=assessment)


def ask_for_all() -> int:
    """Have everything read that waits and that no job is at; gives for how many assessments."""
    waits = Q(document=None) | Q(document__state__in=[State.WAITING, State.READING])
    waits |= Q(document__offered=False)
    at_it = Job.objects.filter(kind=KIND, state__in=[Job.State.WAITING, Job.State.RUNNING])
    found = Assessment.objects.filter(
        pk__in=EvidenceItem.objects.filter(waits, deleted_at=None).values("assessment")
    ).exclude(pk__in=at_it.values("assessment"))
    for assessment in found:
        ask(assessment=assessment, by=None)
    return len(found)


def forget(item: EvidenceItem) -> None:
    """An item was deleted: its text goes as its bytes do, and nothing of it is offered."""
    Passage.objects.filter(item=item, state=Passage.State.OFFERED).delete()
    for document in Document.objects.filter(item=item):
        search.take(DocumentPage.objects.filter(document=document))
        document.delete()


@transaction.atomic
def again(*, item: EvidenceItem, by: User | None, request_id: str = "") -> Document:
    """Have the text of an item read once more.

    :raises Conflict: if it has no file, or was read.
    """
    document = Document.objects.select_for_update().filter(item=item).first()
    if item.file_id is None or item.deleted_at is not None:
        raise Conflict(
            _("E%(n)d has no file to read.", n=item.number),
            "",
            _("Add the file as evidence first."),
        )
    if document is not None and document.state == State.READING:
        raise Conflict(
            _("The text of E%(n)d is being read.", n=item.number),
            "",
            _("Load the page again in a moment."),
        )
    if document is None:
        document = put_words(item)
    Document.objects.filter(pk=document.pk).update(
        state=State.WAITING, reason="", attempts=0, changed_at=timezone.now()
    )
    trace("asked to read evidence again", item, by, request_id=request_id)
    ask(assessment=item.assessment, by=by)
    return document


def take_up(document_id: int) -> Document | None:
    """Begin with a document: whoever else would begin with it does not.

    One over which workers died again and again is not taken up any more.
    """
    with transaction.atomic():
        document = (
            Document.objects.select_for_update(of=("self",))
            .select_related("item__file", "item__assessment")
            .filter(pk=document_id, state__in=[State.WAITING, State.READING])
            .first()
        )
        if document is None:
            return None
        if document.attempts >= MOST_ATTEMPTS:
            _end(document, Reading(reason=Reason.KILLED), None)
            return None
        document.state = State.READING
        document.attempts += 1
        document.changed_at = timezone.now()
        document.save(update_fields=["state", "attempts", "changed_at"])
    return document


@transaction.atomic
def keep(*, document: Document, reading: Reading, by: User | None) -> bool:
    """Store what was read, in place of what was there; false if the item is gone meanwhile."""
    current = (
        Document.objects.select_for_update(of=("self",))
        .select_related("item")
        .filter(pk=document.pk, item__deleted_at=None)
        .first()
    )
    if current is None:
        return False
    _end(current, reading, by)
    return True


def _end(document: Document, reading: Reading, by: User | None) -> None:
    search.take(DocumentPage.objects.filter(document=document, number__gt=0))
    search.put(_pages(document, reading.pages, 1))
    document.state = State.FAILED if reading.reason else State.READ
    document.reason = reading.reason.value if reading.reason else ""
    document.notes = [n.value for n in reading.notes]
    document.unit = reading.unit.value
    document.pages, document.characters = len(reading.pages), reading.characters
    document.offered = False
    document.changed_at = timezone.now()
    document.save()
    item = document.item
    verb = "could not read evidence" if reading.reason else "read evidence"
    after: dict[str, Any] = {"pages": document.pages}
    if reading.reason:
        after = {"reason": document.reason}
    if document.notes:
        after["notes"] = ", ".join(document.notes)
    trace(verb, item, by, after=after)


def give_back(document: Document) -> None:
    """The work was called off in the middle: the document waits again."""
    Document.objects.filter(pk=document.pk, state=State.READING).update(
        state=State.WAITING, attempts=0
    )


def may_repeat(document: Document) -> bool:
    """Whether reading it once more may come out otherwise."""
    return document.state == State.FAILED and document.reason in {r.value for r in AGAIN}
