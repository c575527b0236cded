"""What the landlord does: writing challenges, giving evidence for them, sending them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext

from kloe.assessment import challenges as rules
from kloe.assessment.challenges import ChallengeKind, ChallengeState
from kloe.assessment.permissions import Role
from kloe.core.errors import Conflict, InvalidInput
from kloe.core.given import one_of, within
from kloe.core.messages import _
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Participation
from kloe.web.challenges.giving import Given, bring_in, forget, give
from kloe.web.challenges.holding import (
    ChangedMeanwhile,
    Refused,
    note,
    opened,
    paragraph_of,
    unsent,
)
from kloe.web.challenges.models import Challenge, Draft
from kloe.web.inspections.team import tell

MOST_WORDS = 5000
MOST_EVIDENCE = 30
SAID = ("kind", "quote", "claim")


@dataclass(frozen=True, slots=True)
class Words:
    """What a challenge says. Checks itself."""

    kind: str
    claim: str
    quote: str = ""

    def __post_init__(self) -> None:
        one_of(self.kind, ChallengeKind, _("kind of challenge"))
        claim = within(self.claim, MOST_WORDS, _("challenge"))
        if not claim:
            raise InvalidInput(
                _("It is not said what is so."),
                _("A challenge says what the landlord holds to be so."),
                _("Say it in a sentence or two."),
            )
        object.__setattr__(self, "claim", claim)
        object.__setattr__(self, "quote", within(self.quote, MOST_WORDS, _("passage")))


def _same(draft: Draft, paragraph: int, words: Words, but: UUID | None) -> None:
    """:raises Conflict: if the same was said of the same paragraph already."""
    for other in draft.challenges.filter(paragraph=paragraph, kind=words.kind):
        if other.pk != but and rules.same_words(other.claim, words.claim):
            raise Conflict(
                _(
                    "The same is said of paragraph %(n)d already: %(name)s.",
                    n=paragraph,
                    name=other.name or _("not sent yet"),
                ),
                _("A paragraph is challenged once for one thing."),
                _("Change that challenge, or say what is different here."),
            )


# Writing -------------------------------------------------------------------------------------


def write(
    *,
    draft: Draft,
    paragraph: int,
    words: Words,
    by: User | None,
    given: Given | None = None,
    id: UUID | None = None,
) -> Challenge:
    """Write a challenge; it is seen by the landlord's people until it is sent.

    :param id: made by the form; sent twice, it stands once.
    :raises TooLate: after the deadline, leaving an audit event.
    :raises NotFound: for a paragraph there is not.
    :raises Conflict: if the same was said, or a newer draft was issued.
    """
    with Refused(draft.assessment, by, words.claim), transaction.atomic():
        if id is not None and (there := Challenge.objects.filter(pk=id).first()) is not None:
            if there.draft_id == draft.pk and rules.same_words(there.claim, words.claim):
                return there
            # Of another inspection, or other words on a page gone back to: a row of its own.
            id = None
        draft = opened(draft)
        found = paragraph_of(draft, paragraph)
        _same(draft, paragraph, words, None)
        row = Challenge(
            assessment=draft.assessment,
            draft=draft,
            paragraph=found.number,
            section=found.section,
            text=found.text,
            kind=words.kind,
            quote=words.quote,
            claim=words.claim,
            written_by=by,
        )
        if id is not None:
            row.pk = id
        row.save(force_insert=True)
        note(
            row,
            by,
            "wrote challenge",
            after={
                "paragraph": found.number,
                "version": draft.version,
                **{k: getattr(words, k) for k in SAID if getattr(words, k)},
            },
        )
        if given is not None:
            give(row, given, by)
        return row


def change(
    *,
    challenge: Challenge,
    words: Words,
    base_version: int,
    by: User | None,
    paragraph: int | None = None,
    given: Given | None = None,
) -> Challenge:
    """Change a challenge that is not sent yet, or give evidence for it.

    :param paragraph: where it belongs to another paragraph than it did.
    :raises ChangedMeanwhile: if it is not at ``base_version`` any more.
    """
    with Refused(challenge.assessment, by, words.claim), transaction.atomic():
        draft = opened(challenge.draft)
        row = unsent(challenge)
        if row.version != base_version:
            raise ChangedMeanwhile(row)
        number = row.paragraph if paragraph is None else paragraph
        found = paragraph_of(draft, number)
        _same(draft, number, words, row.pk)
        after: dict[str, Any] = {k: getattr(words, k) for k in SAID}
        after |= {"paragraph": number, "section": found.section, "text": found.text}
        before = {k: getattr(row, k) for k in after if getattr(row, k) != after[k]}
        if before:
            for name in before:
                setattr(row, name, after[name])
            row.version += 1
            row.save(update_fields=["version", *before])
            told = [k for k in before if k not in ("text", "section")]
            note(
                row,
                by,
                "changed challenge",
                before={k: before[k] for k in told},
                after={k: after[k] for k in told},
            )
        if given is not None:
            give(row, given, by)
        return row


@transaction.atomic
def remove(*, challenge: Challenge, by: User | None) -> None:
    """Take a challenge away that is not sent yet.

    :raises Conflict: if it was sent.
    """
    row = unsent(challenge)
    files = [e.file_id for e in row.evidence.all() if e.file_id]
    note(row, by, "removed challenge", before={"paragraph": row.paragraph, "claim": row.claim})
    row.delete()
    forget(files)


# Sending -------------------------------------------------------------------------------------


def send(
    *, draft: Draft, challenges: Iterable[Challenge] | None, by: User | None, address: str
) -> list[Challenge]:
    """Send challenges to the inspectors, one by one or all that are written.

    :param challenges: those to send; all that are not sent yet where none are named.
    :param address: of the page where the inspectors read them.
    :raises TooLate: after the deadline, leaving an audit event.
    :raises Conflict: if nothing is to be sent, or a paragraph has to be chosen anew.
    """
    with Refused(draft.assessment, by, str(_("sending challenges"))), transaction.atomic():
        draft = opened(draft)
        waiting = draft.challenges.select_for_update(of=("self",)).filter(
            state=ChallengeState.WRITING
        )
        if challenges is not None:
            waiting = waiting.filter(pk__in=[c.pk for c in challenges])
        rows = list(waiting.order_by("paragraph", "written_at"))
        if not rows:
            raise Conflict(
                _("Nothing is written that could be sent."),
                _("A challenge is sent once."),
                _("Write one first, or look at the list."),
            )
        if lost := [r for r in rows if not r.paragraph]:
            raise Conflict(
                _(
                    "%(n)d challenge is of a paragraph that the new draft has not.",
                    plural="%(n)d challenges are of a paragraph that the new draft has not.",
                    n=len(lost),
                ),
                _("A challenge is of a paragraph of the draft before the landlord."),
                _("Choose its paragraph anew, or take it away."),
            )
        sent = _send(draft, rows, by)
        _tell_inspectors(draft, sent, address)
        return sent


def _send(draft: Draft, rows: list[Challenge], by: User | None) -> list[Challenge]:
    taken = Challenge.objects.filter(assessment=draft.assessment_id)
    number = taken.aggregate(n=Max("number"))["n"] or 0
    now = timezone.now()
    for row in rows:
        number += 1
        row.draft, row.assessment = draft, draft.assessment
        row.number, row.state, row.sent_by, row.sent_at = number, ChallengeState.SENT, by, now
        row.version += 1
        row.save(update_fields=["number", "state", "sent_by", "sent_at", "version"])
        bring_in(row, by)
        note(
            row,
            by,
            "sent challenge",
            after={"paragraph": row.paragraph, "version": draft.version, "claim": row.claim},
        )
    return rows


def _tell_inspectors(draft: Draft, rows: list[Challenge], address: str) -> None:
    leads = Participation.objects.filter(
        assessment=draft.assessment_id, role=Role.LEAD_INSPECTOR.value, user__is_active=True
    ).values_list("user__email", flat=True)
    tell(
        list(leads),
        gettext("kloe: challenges to the draft report on %(name)s")
        % {"name": draft.assessment.landlord},
        "challenges/email/sent.txt",
        {"assessment": draft.assessment, "rows": rows, "address": address},
    )
