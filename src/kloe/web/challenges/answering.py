"""What the inspectors do: answering challenges, telling the answers, going back to moderation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from kloe.assessment import challenges as rules
from kloe.assessment.challenges import ChallengeState, Outcome
from kloe.assessment.vocabulary import InspectionStage, Stage
from kloe.core.errors import Conflict, InvalidInput
from kloe.core.given import within
from kloe.core.messages import _
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment
from kloe.web.challenges.holding import note
from kloe.web.challenges.models import Challenge
from kloe.web.inspections import actions as inspections
from kloe.web.inspections.actions import trace
from kloe.web.inspections.models import Inspection
from kloe.web.inspections.team import landlords_people, tell
from kloe.web.judgements.models import Judgement

MOST_WORDS = 5000
MOST_TEXT = 20_000
SAID = ("outcome", "ground", "reason", "new_text", "moves")


class AnsweredMeanwhile(Conflict):
    """Somebody answered the challenge first; ``current`` is what they answered."""

    def __init__(self, current: Challenge) -> None:
        super().__init__(
            _("Somebody else answered %(name)s while you were writing.", name=current.name),
            _("Both answers are shown; nothing was overwritten."),
            _("Compare them, and save again what should stand."),
        )
        self.current = current


@dataclass(frozen=True, slots=True)
class Answer:
    """What the inspectors say to a challenge."""

    outcome: str
    ground: str = ""
    reason: str = ""
    #: The paragraph as it will read; empty where it stays.
    new_text: str = ""
    #: Subjects of the judgements whose grade it moves.
    moves: tuple[str, ...] = ()


def _checked(row: Challenge, answer: Answer) -> dict[str, Any]:
    reason = within(answer.reason, MOST_WORDS, _("reason"))
    text = within(answer.new_text, MOST_TEXT, _("paragraph"))
    rules.check_answer(
        outcome=answer.outcome,
        ground=answer.ground,
        reason=reason,
        new_text=text,
        old_text=row.text,
    )
    rejected = answer.outcome == Outcome.REJECTED
    moves = sorted(set(answer.moves))
    if moves and rejected:
        raise InvalidInput(
            _("The challenge is rejected, and moves a grade."),
            _("A grade moves where a challenge is accepted, at least in part."),
            _("Accept it in part, or leave the grades as they are."),
        )
    known = set(
        Judgement.objects.filter(assessment=row.assessment_id).values_list("subject", flat=True)
    )
    if unknown := [m for m in moves if m not in known]:
        raise InvalidInput(
            _("There is no judgement on “%(subject)s”.", subject=unknown[0][:80]),
            _("A challenge moves a grade that was given."),
            _("Choose among those on the page."),
        )
    if rejected or rules.same_words(text, row.text):
        text = ""
    ground = "" if answer.outcome == Outcome.ACCEPTED else answer.ground
    return {
        "outcome": Outcome(answer.outcome).value,
        "ground": ground,
        "reason": reason,
        "new_text": text,
        "moves": moves,
    }


@transaction.atomic
def answer(
    *, challenge: Challenge, answer: Answer, base_version: int, by: User | None
) -> Challenge:
    """Answer a challenge, or change the answer to it.

    :raises AnsweredMeanwhile: if it is not at ``base_version`` any more.
    :raises InvalidInput: where the answer does not say why, or what changes.
    :raises Conflict: if it was not sent yet.
    """
    row = (
        Challenge.objects.select_for_update(of=("self",))
        .select_related("assessment", "answered_by")
        .get(pk=challenge.pk)
    )
    if row.state == ChallengeState.WRITING:
        raise Conflict(
            _("This challenge has not been sent."),
            _("The landlord's people are still writing it."),
            _("Wait until it is sent."),
        )
    if row.version != base_version:
        raise AnsweredMeanwhile(row)
    after = _checked(row, answer)
    before = {k: getattr(row, k) for k in SAID if getattr(row, k) != after[k]}
    first = row.state == ChallengeState.SENT
    if not before and not first:
        return row
    for name, value in after.items():
        setattr(row, name, value)
    row.state = ChallengeState.ANSWERED
    row.answered_by, row.answered_at, row.told_at = by, timezone.now(), None
    if "moves" in before:
        row.returned_at = None
    row.version += 1
    row.save(
        update_fields=[
            *after, "state", "answered_by", "answered_at", "told_at", "returned_at", "version",
        ]
    )  # fmt: skip
    note(
        row,
        by,
        "answered challenge" if first else "changed answer to challenge",
        before=None if first else before,
        after={k: v for k, v in after.items() if v and (first or k in before)},
    )
    return row


@transaction.atomic
def tell_answers(*, assessment: Assessment, by: User | None, address: str) -> int:
    """Tell the landlord's people the answers that stand; gives how many they had not heard.

    :raises Conflict: if there is none.
    """
    Inspection.objects.select_for_update(of=("self",)).get(pk=assessment.pk)
    rows = Challenge.objects.filter(
        assessment=assessment, state=ChallengeState.ANSWERED, told_at=None
    )
    names = [row.name for row in rows]
    if not names:
        raise Conflict(
            _("There is no answer that the landlord has not been told."),
            _("An answer is told once, and again when it was changed."),
            _("Answer a challenge first."),
        )
    rows.update(told_at=timezone.now())
    trace(
        assessment,
        by,
        "told answers",
        kind="challenge",
        after={"challenges": names},
    )
    tell(
        landlords_people(assessment),
        gettext("kloe: answers to your challenges, inspection of %(name)s")
        % {"name": assessment.landlord},
        "challenges/email/answered.txt",
        {"assessment": assessment, "names": names, "address": address},
    )
    return len(names)


@transaction.atomic
def return_grades(*, inspection: Inspection, reason: str, base_version: int, by: User) -> list[str]:
    """Send the grades that challenges move back to moderation; gives their subjects.

    The inspection goes back with them; the judgements are proposed and agreed anew.

    :raises Conflict: if no challenge moves a grade, or somebody else moved the inspection.
    :raises PermissionRefused: if the person does not make this move.
    """
    # Loaded when needed: moderation knows challenges too.
    from kloe.web.moderation.actions import reopen

    assessment = inspection.assessment
    rows = list(
        Challenge.objects.select_for_update(of=("self",))
        .filter(assessment=assessment, state=ChallengeState.ANSWERED, returned_at=None)
        .exclude(moves=[])
        .order_by("number")
    )
    if not rows:
        raise Conflict(
            _("No challenge moves a grade that has not been back to moderation."),
            _("An answer says which grades a challenge moves."),
            _("Say it in the answer first."),
        )
    names = ", ".join(row.name for row in rows)
    why = within(reason, MOST_WORDS, _("reason")) or str(_("Challenges: %(names)s", names=names))
    inspections.move(
        inspection=inspection,
        to=InspectionStage.MODERATION.value,
        base_version=base_version,
        reason=why,
        by=by,
    )
    subjects = sorted({subject for row in rows for subject in row.moves})
    for judgement in Judgement.objects.filter(
        assessment=assessment, subject__in=subjects, stage=Stage.AGREED.value
    ):
        reopen(judgement=judgement, reason=why, by=by)
    now = timezone.now()
    for row in rows:
        row.returned_at = now
        row.version += 1
        row.save(update_fields=["returned_at", "version"])
        note(row, by, "returned grades", after={"grades": row.moves, "reason": why})
    return subjects
