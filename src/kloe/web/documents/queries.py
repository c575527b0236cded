"""Reading documents: how far one is read, its pages, the passage chosen on one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.http import QueryDict
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from kloe.assessment.documents.asking import asked, marked
from kloe.assessment.documents.outcome import NOTE_WORDS, REASON_WORDS, Note, Reason
from kloe.core.errors import NotFound
from kloe.core.messages import Message
from kloe.web.access import AssessmentAccess
from kloe.web.assessments.models import Assessment
from kloe.web.documents import actions
from kloe.web.documents.models import Document, DocumentPage
from kloe.web.documents.places import place, quotation
from kloe.web.evidence.models import EvidenceItem
from kloe.web.evidence.queries import may_see
from kloe.web.library import store

State = Document.State


def unread(assessment: Assessment) -> dict[str, int]:
    """How many documents wait to be read, and how many could not be: one query."""
    return Document.objects.filter(assessment=assessment, item__deleted_at=None).aggregate(
        waiting=Count("pk", filter=Q(state__in=[State.WAITING, State.READING])),
        failed=Count("pk", filter=Q(state=State.FAILED)),
    )


@dataclass(frozen=True, slots=True)
class Status:
    """How far the text of an item is read, in words."""

    state: str
    pages: int
    words: str
    remedy: str
    notes: list[str]
    again: bool

    @property
    def readable(self) -> bool:
        return self.state == State.READ


def status_of(item: EvidenceItem, access: AssessmentAccess) -> Status | None:
    """How far the text of an item's file is read: one query.

    Nothing for items without a file, and for those a person does not see.
    """
    if not item.file_id or not may_see(access, item.confidentiality, item.added_by_id):
        return None
    document = Document.objects.filter(item=item).first()
    if document is None:
        return Status(State.WAITING, 0, gettext("The text is not read yet."), "", [], True)
    notes = [str(NOTE_WORDS[Note(n)]) for n in document.notes if n in set(Note)]
    if document.state == State.FAILED:
        words, remedy = REASON_WORDS[Reason(document.reason or Reason.CORRUPT)]
        repeat = actions.may_repeat(document)
        return Status(State.FAILED, 0, str(words), str(remedy), notes, repeat)
    if document.state == State.READ:
        return Status(State.READ, document.pages, "", "", notes, False)
    words_now = {
        State.WAITING: gettext("The text waits to be read; it is done in the background."),
        State.READING: gettext("The text is being read."),
    }
    return Status(document.state, 0, words_now[State(document.state)], "", notes, False)


# The reader ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of a page."""

    number: int
    text: str
    shown: SafeString
    chosen: bool


def highlighted(text: str, words: str) -> SafeString:
    """A text with the words asked for marked; all of it escaped."""
    pieces: list[tuple[str, str, str]] = []
    at = 0
    for start, end in marked(text, asked(words).wanted) if words else ():
        pieces.append((text[at:start], text[start:end], ""))
        at = end
    said = format_html_join("", "{}<mark>{}</mark>{}", pieces)
    return SafeString(said + format_html_join("", "{}", [(text[at:],)]))


def chosen(given: QueryDict | Mapping[str, Any], count: int) -> tuple[int, int] | None:
    """The first and last paragraph that were ticked."""
    ticked = given.getlist("p") if isinstance(given, QueryDict) else []
    numbers = sorted(
        {int(p) for p in ticked if p.isascii() and p.isdigit() and len(p) < 6}
        & set(range(1, count + 1))
    )
    return (numbers[0], numbers[-1]) if numbers else None


def reader(access: AssessmentAccess, item: EvidenceItem, given: QueryDict) -> dict[str, Any]:
    """One page of a document as a person reads it: three queries.

    :raises NotFound: if there is no such page, or nothing was read.
    """
    document = Document.objects.filter(item=item).first()
    number = _number(given.get("page", ""))
    least = 1 if document is not None and document.pages else 0
    number = max(least, number)
    page = DocumentPage.objects.filter(document=document, number=number).first()
    if document is None or page is None:
        raise NotFound(
            Message("E%(n)d has no page %(page)d that was read.", n=item.number, page=number),
            Message("It has %(pages)d.", pages=document.pages if document else 0),
            Message("The page of the item says how far its text is read."),
        )
    lines = page.text.split("\n")
    part = chosen(given, len(lines))
    words = given.get("q", "")[:200]
    where = place(document.unit, page.number, page.label)
    shown = [
        Paragraph(n, line, highlighted(line, words), bool(part and part[0] <= n <= part[1]))
        for n, line in enumerate(lines, 1)
    ]
    quoted = "\n".join(lines[part[0] - 1 : part[1]]) if part else ""
    pinned = store.pinned(access.assessment)
    theme, criterion = given.get("theme", ""), given.get("criterion", "")
    return {
        "item": item,
        "document": document,
        "page": page,
        "where": where,
        "paragraphs": shown,
        "words": words,
        "previous": number - 1 if number > least else None,
        "next": number + 1 if number < document.pages else None,
        "quoted": quoted,
        "locator": quotation(where, quoted) if quoted else "",
        "themes": pinned.themes(),
        "theme": pinned.theme(theme) if theme else None,
        "criterion": pinned.criterion(criterion) if criterion else None,
    }


def _number(given: str) -> int:
    return int(given) if given.isascii() and given.isdigit() and len(given) < 7 else 0
