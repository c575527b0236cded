"""What holds before anything of a challenge is written: its draft, its time, its row."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from kloe.assessment.challenges import ChallengeState
from kloe.core.errors import Conflict, NotFound
from kloe.core.messages import _
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment
from kloe.web.challenges import issuing
from kloe.web.challenges.models import Challenge, Draft, DraftParagraph
from kloe.web.inspections.actions import trace
from kloe.web.inspections.models import Inspection
from kloe.web.site.wording import day


class TooLate(Conflict):
    """The landlord's time is over."""


class ChangedMeanwhile(Conflict):
    """Somebody saved the challenge first; ``current`` is what they saved."""

    def __init__(self, current: Challenge) -> None:
        super().__init__(
            _("Somebody else changed this challenge while you were writing."),
            _("Both versions are shown; nothing was overwritten."),
            _("Compare them, and save again what should stand."),
        )
        self.current = current


def opened(draft: Draft) -> Draft:
    """The draft while something may still be said of it, held until the transaction ends.

    :raises Conflict: if a newer one was issued.
    :raises TooLate: if the time is over.
    """
    Inspection.objects.select_for_update(of=("self",)).get(pk=draft.assessment_id)
    current = issuing.latest(draft.assessment)
    if current is None or current.pk != draft.pk:
        raise Conflict(
            _("Draft %(n)d is not the newest any more.", n=draft.version),
            _("Challenges are of the draft that was issued last."),
            _("Look at the newer draft; what you wrote is still here to be copied."),
        )
    clock = issuing.clock_of(current)
    if not clock.is_open(timezone.localdate()):
        raise TooLate(
            _("You said that there is no more to say.")
            if clock.closed
            else _("The time for challenges ended on %(day)s.", day=day(clock.deadline)),
            _("After it nothing is taken in, unless the lead inspector extends it."),
            _("Ask the lead inspector for more time, saying why."),
        )
    return current


class Refused:
    """Leaves an audit event where the time is over: what came too late is not forgotten."""

    def __init__(self, assessment: Assessment, by: User | None, what: str) -> None:
        self.assessment, self.by, self.what = assessment, by, what

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: object, _trace: object) -> None:
        if isinstance(error, TooLate):
            with transaction.atomic():
                trace(
                    self.assessment,
                    self.by,
                    "could not challenge",
                    kind="challenge",
                    after={"what": self.what[:200], "reason": str(error.given)},
                )


def paragraph_of(draft: Draft, number: int) -> DraftParagraph:
    """A paragraph of a draft.

    :raises NotFound: if it has none of this number.
    """
    found = draft.paragraphs.filter(number=number).first()
    if found is None:
        last = draft.paragraphs.aggregate(n=Max("number"))["n"] or 0
        raise NotFound(
            _("Draft %(v)d has no paragraph %(n)d.", v=draft.version, n=number),
            _("Its paragraphs have the numbers 1 to %(last)d.", last=last),
            _("Look for the paragraph in the draft."),
        )
    return found


def challenge_of(assessment: Assessment, pk: UUID) -> Challenge:
    """One challenge of this inspection, with its draft and people.

    :raises NotFound: if it has none such.
    """
    found = (
        Challenge.objects.filter(assessment=assessment, pk=pk)
        .select_related("draft", "written_by", "sent_by", "answered_by")
        .defer("draft__document", "draft__changes")
        .first()
    )
    if found is None:
        raise NotFound(
            _("This inspection has no such challenge."), "", _("Look for it in the list.")
        )
    found.assessment = found.draft.assessment = assessment
    return found


def note(row: Challenge, by: User | None, verb: str, **values: Any) -> None:
    subject = f"{row.name} {row.pk}".strip()
    trace(row.assessment, by, verb, kind="challenge", subject=subject, **values)


def unsent(challenge: Challenge) -> Challenge:
    """The row, held, while it is not sent yet.

    :raises Conflict: if it was sent, or taken away.
    """
    row = (
        Challenge.objects.select_for_update(of=("self",))
        .select_related("draft", "assessment")
        .defer("draft__document", "draft__changes")
        .filter(pk=challenge.pk)
        .first()
    )
    if row is None or row.state != ChallengeState.WRITING:
        raise Conflict(
            _("%(name)s was sent to the inspectors.", name=row.name)
            if row
            else _("This challenge was taken away."),
            _("What is sent stays as it is."),
            _("Write another challenge if there is more to say."),
        )
    return row
