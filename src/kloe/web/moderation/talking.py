"""The discussion of a judgement: numbered entries that nobody changes, each written once."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import IntegrityError, transaction

from kloe.assessment.moderating import Act
from kloe.core.errors import InvalidInput
from kloe.core.messages import _
from kloe.web.assessments.models import Assessment
from kloe.web.assessments.saving import StaleWrite, Write
from kloe.web.assessments.trail import trace
from kloe.web.judgements.writing import stage_of, text_within
from kloe.web.moderation.models import Entry

MAX_WORDS = 10_000
#: What the audit trail says of each; of a proposal and of agreement the judgement's own event
#: says it.
VERBS: dict[Act, str] = {
    Act.CHANGED: "changed proposal",
    Act.ASKED: "questioned judgement",
    Act.ANSWERED: "answered question",
    Act.REOPENED: "opened judgement again",
    Act.OVERRODE: "overrode limit",
    Act.RESTORED: "let limit hold again",
}


class Overtaken(StaleWrite):
    """Somebody wrote in the discussion first: what they wrote, and what was to be written."""

    def __init__(self, *, mine: dict[str, str], since: Sequence[Entry]) -> None:
        super().__init__(mine=mine, current=since[-1] if since else None)
        self.since = tuple(since)


def words_of(text: str) -> str:
    """Words within bounds.

    :raises InvalidInput: where there are none, or too many.
    """
    return text_within(text, MAX_WORDS, _("text"))


def inspected(assessment: Assessment) -> str:
    """The stage of an inspection.

    :raises InvalidInput: where an assessment is none.
    """
    stage = stage_of(assessment)
    if not stage:
        raise InvalidInput(
            _("This assessment is no inspection."),
            _("Grades are proposed and moderated in inspections."),
            _("Agree the grade on the page where it was judged."),
        )
    return stage


def thread(assessment: Assessment, subject: str) -> list[Entry]:
    """The discussion of a judgement, the first entry first: one query."""
    return list(
        Entry.objects.filter(assessment=assessment, subject=subject)
        .select_related("by")
        .order_by("number")
    )


def sent_before(write: Write, assessment: Assessment) -> Entry | None:
    """The entry that this very write made, if it was sent before."""
    return Entry.objects.filter(assessment=assessment, write_id=write.id).first()


def last_number(assessment: Assessment, subject: str) -> int:
    """The number of the last entry; 0 before the first."""
    numbers = Entry.objects.filter(assessment=assessment, subject=subject)
    return numbers.order_by("-number").values_list("number", flat=True).first() or 0


def check_seen(assessment: Assessment, subject: str, seen: int, mine: dict[str, str]) -> int:
    """Refuse to write on what somebody has not seen; gives the number of the entry that follows.

    Where somebody writes between this and :func:`say`, they take that number.

    :param seen: the number of the last entry on the page they wrote on.
    :raises Overtaken: where more was written since.
    :raises InvalidInput: for a number that no entry has.
    """
    entries = thread(assessment, subject)
    if seen > (entries[-1].number if entries else 0):
        raise InvalidInput(
            _("The page names an entry of the discussion that is not there."),
            _("It names the last one that was seen."),
            _("Load the page again."),
        )
    since = [e for e in entries if e.number > seen]
    if since:
        raise Overtaken(mine=mine, since=since)
    return seen + 1


def say(
    *,
    assessment: Assessment,
    subject: str,
    act: Act,
    text: str,
    write: Write,
    before: str = "",
    grade: str = "",
    limit: str = "",
    number: int | None = None,
) -> Entry:
    """Add an entry. Call within the transaction of what it tells of.

    :param number: as :func:`check_seen` gave it; else it follows whatever is there.
    :raises Overtaken: where somebody wrote at the very same moment.
    """
    if number is None:
        number = last_number(assessment, subject) + 1
    entry = Entry(
        assessment=assessment, subject=subject, number=number, act=act.value, text=text,
        before=before, grade=grade, limit=limit, write_id=write.id, by=write.by,
    )  # fmt: skip
    try:
        with transaction.atomic():
            entry.save(force_insert=True)
    except IntegrityError:
        raise Overtaken(
            mine={"act": act.value, "text": text},
            since=[e for e in thread(assessment, subject) if e.number >= number],
        ) from None
    if act in VERBS:
        said = {"grade": grade, "text": text, "limit": limit}
        trace(
            assessment,
            write.by,
            VERBS[act],
            "judgement",
            subject,
            before={"grade": before} if before else None,
            after={name: value for name, value in said.items() if value} or None,
            request_id=write.request_id,
        )
    return entry
