"""Passages that seem to speak to criteria: found beforehand, accepted or dismissed by people."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from kloe.assessment.documents.offering import Criteria, Offer
from kloe.assessment.documents.outcome import Unit
from kloe.core.errors import Conflict, NotFound
from kloe.core.messages import _
from kloe.core.progress import Progress
from kloe.frameworks.model import Criterion
from kloe.web.access import AssessmentAccess
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment
from kloe.web.documents.models import Document, DocumentPage, Passage
from kloe.web.documents.places import place, quotation
from kloe.web.evidence import actions as evidence
from kloe.web.evidence.models import EvidenceItem, EvidenceLink
from kloe.web.evidence.queries import hidden_from, may_see
from kloe.web.evidence.writing import trace
from kloe.web.library import store
from kloe.web.library.store import Pinned

#: Kept for a criterion, of them from one item, and shown at once.
KEPT, OF_ONE, SHOWN = 12, 3, 5
State = Passage.State


@lru_cache(maxsize=4)
def _criteria(pinned: Pinned) -> Criteria:
    return Criteria(c for f in pinned.frameworks for c in f.criteria())


def offer_all(assessment: Assessment, *, progress: Progress) -> int:
    """Set what was read since the last time beside the criteria; gives how many documents."""
    pinned = store.pinned(assessment)
    waiting = Document.objects.filter(
        assessment=assessment, offered=False, item__deleted_at=None
    ).exclude(state__in=[Document.State.WAITING, Document.State.READING])
    ids = list(waiting.order_by("pk").values_list("pk", flat=True))
    for n, pk in enumerate(ids):
        progress.step(n, len(ids), _("Looking for passages that speak to criteria"))
        document = Document.objects.select_related("item").filter(pk=pk).first()
        if document is not None:
            offer(document, pinned)
    return len(ids)


def offer(document: Document, pinned: Pinned) -> None:
    """Set the passages of one document beside the criteria, and keep the best."""
    pages = DocumentPage.objects.filter(document=document)
    # Rows of a sheet are figures: what they show is not in their words.
    lines = pages.none() if document.unit == Unit.SHEET and document.pages else pages
    if document.pages:
        lines = lines.filter(number__gt=0)
    rows = list(lines.values_list("number", "label", "text"))
    labels = {number: label for number, label, _text in rows}
    found = _criteria(pinned).offers((number, text) for number, _label, text in rows)
    best: dict[str, list[Offer]] = defaultdict(list)
    for one in sorted(found, key=lambda o: -o.score):
        held = best[one.criterion]
        if len(held) < OF_ONE and all(o.digest != one.digest for o in held):
            held.append(one)
    with transaction.atomic():
        item = EvidenceItem.objects.select_for_update().filter(pk=document.item_id).first()
        if item is None or item.deleted_at is not None:
            return
        Passage.objects.filter(item=item, state=State.OFFERED).delete()
        _merge(item, best, labels)
        Document.objects.filter(pk=document.pk).update(offered=True)


def _merge(item: EvidenceItem, best: dict[str, list[Offer]], labels: dict[int, str]) -> None:
    known: dict[str, list[Passage]] = defaultdict(list)
    said: set[tuple[str, str]] = set()
    rows = Passage.objects.filter(assessment=item.assessment_id, criterion__in=list(best))
    for row in rows.defer("text"):
        if row.state == State.OFFERED:
            known[row.criterion].append(row)
        # The same words in another file are the same passage: said once, said for good.
        said.add((row.criterion, row.digest))
    fresh: list[Passage] = []
    gone: list[UUID] = []
    for criterion, offers in best.items():
        made = [
            _passage(item, one, labels) for one in offers if (criterion, one.digest) not in said
        ]
        every = sorted([*known[criterion], *made], key=lambda p: -p.score)
        kept = {p.pk for p in every[:KEPT]}
        fresh += [p for p in made if p.pk in kept]
        gone += [p.pk for p in known[criterion] if p.pk not in kept]
    Passage.objects.filter(pk__in=gone).delete()
    Passage.objects.bulk_create(fresh, batch_size=200, ignore_conflicts=True)


def _passage(item: EvidenceItem, one: Offer, labels: dict[int, str]) -> Passage:
    return Passage(
        assessment_id=item.assessment_id,
        item=item,
        criterion=one.criterion,
        theme=one.criterion.rpartition("/")[0],
        page=one.page,
        label=labels.get(one.page, ""),
        first=one.first,
        last=one.last,
        text=one.text[:2000],
        digest=one.digest,
        score=one.score,
    )


# Reading -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shown:
    """A passage as the panel of a criterion shows it."""

    id: UUID
    item: EvidenceItem
    page: int
    paragraphs: range
    text: str
    where: str


def for_criterion(access: AssessmentAccess, criterion: Criterion) -> list[Shown]:
    """The best passages of evidence that a person sees in full and that is not used here yet.

    One query.
    """
    used = EvidenceLink.objects.filter(item=OuterRef("item"), criterion=criterion.id)
    items = EvidenceItem.objects.filter(assessment=access.assessment, deleted_at=None).exclude(
        hidden_from(access)
    )
    rows = (
        Passage.objects.filter(
            assessment=access.assessment,
            criterion=criterion.id,
            state=State.OFFERED,
            item__in=items,
        )
        .exclude(Exists(used))
        .select_related("item__document")
        .order_by("-score", "pk")[:SHOWN]
    )
    return [
        Shown(p.pk, p.item, p.page, range(p.first, p.last + 1), p.text, _where(p)) for p in rows
    ]


def _where(passage: Passage) -> str:
    return place(passage.item.document.unit, passage.page, passage.label)


def passage_of(access: AssessmentAccess, pk: UUID) -> Passage:
    """A passage of this assessment that a person sees.

    :raises NotFound: if there is none.
    """
    found = (
        Passage.objects.select_related("item__assessment", "item__document")
        .filter(pk=pk, assessment=access.assessment, item__deleted_at=None)
        .first()
    )
    if found is None or not may_see(access, found.item.confidentiality, found.item.added_by_id):
        raise NotFound(
            _("This passage is not offered any more."),
            "",
            _("Load the page again: it shows what is."),
        )
    return found


# Deciding ------------------------------------------------------------------------------------


def accept(
    *, passage: Passage, descriptor: str, direction: str, by: User, note: str = ""
) -> EvidenceLink:
    """A person says what a passage shows: it becomes the locator of a link.

    :raises Conflict: if somebody dismissed it, or the item already says something else.
    """
    with transaction.atomic():
        current = _undecided(passage)
        link = evidence.link(
            item=passage.item,
            descriptor=descriptor,
            direction=direction,
            by=by,
            locator=quotation(_where(passage), passage.text),
            note=note,
        )
        if current is not None:
            _decide(current, State.ACCEPTED, by)
    return link


@transaction.atomic
def dismiss(*, passage: Passage, by: User) -> None:
    """A person says that a passage does not speak to the criterion: not offered again."""
    current = _undecided(passage)
    if current is None:
        return
    _decide(current, State.DISMISSED, by)
    told = {"criterion": passage.criterion, "page": passage.page, "text": passage.text[:200]}
    trace("dismissed passage", passage.item, by, after=told)


def _undecided(passage: Passage) -> Passage | None:
    current = Passage.objects.select_for_update().filter(pk=passage.pk).first()
    if current is None:
        return None
    if current.state == State.OFFERED:
        return current
    if current.state == State.DISMISSED:
        raise Conflict(
            _("Somebody has dismissed this passage."),
            _("It is not offered any more."),
            _("Quote it from the page of the document, if it does speak to the criterion."),
        )
    return None


def _decide(passage: Passage, state: str, by: User) -> None:
    passage.state, passage.by, passage.at = state, by, timezone.now()
    passage.save(update_fields=["state", "by", "at"])
