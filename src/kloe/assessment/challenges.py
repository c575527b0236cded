"""The draft report before the landlord: its time, what may be challenged, what late evidence is.

Pure rules. Days are calendar days of the place where the inspection is; working days are Monday
to Friday.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from kloe.assessment.timetable import working_days
from kloe.core.errors import InvalidInput
from kloe.core.messages import Message, _

MOST_WORKING_DAYS = 260
_SATURDAY = 5


class ChallengeKind(StrEnum):
    """What is wrong with a paragraph, in the landlord's eyes."""

    WRONG = "fact wrong"
    MISSING = "fact missing"
    JUDGEMENT = "judgement"
    WORDING = "wording"
    CONFIDENTIAL = "confidentiality"


class ChallengeState(StrEnum):
    """How far a challenge is. One that is being written is seen by the landlord's people only."""

    WRITING = "writing"
    SENT = "sent"
    ANSWERED = "answered"


class Outcome(StrEnum):
    """What the inspectors make of a challenge."""

    ACCEPTED = "accepted"
    PART = "accepted in part"
    REJECTED = "rejected"


class Ground(StrEnum):
    """Why a challenge, or a part of it, is not accepted."""

    JUDGEMENT = "judgement, not fact"
    BORNE_OUT = "the evidence bears the report out"
    NOT_SHOWN = "not shown by evidence"
    SINCE = "done since"
    ELSEWHERE = "said elsewhere in the report"
    OTHER = "another reason"


class Counts(StrEnum):
    """What evidence that comes with a challenge counts for."""

    SERVICE = "service"
    PROSPECTS = "prospects"


class Place(StrEnum):
    """Where the list of challenges and answers stands."""

    APPENDIX = "appendix"
    ANNEX = "annex"


LABELS: dict[StrEnum, Message] = {
    ChallengeKind.WRONG: _("A fact is wrong"),
    ChallengeKind.MISSING: _("A fact is missing"),
    ChallengeKind.JUDGEMENT: _("We judge it otherwise"),
    ChallengeKind.WORDING: _("The wording misleads"),
    ChallengeKind.CONFIDENTIAL: _("Somebody could be known, or it is confidential"),
    ChallengeState.WRITING: _("Not sent yet"),
    ChallengeState.SENT: _("Waits for an answer"),
    ChallengeState.ANSWERED: _("Answered"),
    Outcome.ACCEPTED: _("Accepted"),
    Outcome.PART: _("Accepted in part"),
    Outcome.REJECTED: _("Rejected"),
    Ground.JUDGEMENT: _("It is a judgement, not a fact"),
    Ground.BORNE_OUT: _("The evidence bears out what the report says"),
    Ground.NOT_SHOWN: _("Nothing shows what is claimed"),
    Ground.SINCE: _("It was done since, and counts for the prospects for improvement"),
    Ground.ELSEWHERE: _("The report says it elsewhere"),
    Ground.OTHER: _("Another reason, given below"),
    Counts.SERVICE: _("Counts for how good the service is"),
    Counts.PROSPECTS: _("Counts for the prospects for improvement"),
    Place.APPENDIX: _("As an appendix of the report"),
    Place.ANNEX: _("As an annex behind the appendices"),
}


def label(word: str, words: type[StrEnum]) -> Message | str:
    """A fixed word as people read it; the word itself where it is none of them."""
    return LABELS[words(word)] if word in set(words) else word


# Time ----------------------------------------------------------------------------------------


def after_working_days(start: date, days: int) -> date:
    """The last of so many working days that begin on the day after ``start``.

    :raises InvalidInput: for fewer than one, or more than a year of them.
    """
    if not 1 <= days <= MOST_WORKING_DAYS:
        raise InvalidInput(
            _("The landlord would have %(n)d working days.", n=days),
            _("From 1 to %(most)d.", most=MOST_WORKING_DAYS),
            _("Choose a number between them."),
        )
    found = start
    left = days
    while left:
        found += timedelta(days=1)
        left -= found.weekday() < _SATURDAY
    return found


def working_days_between(start: date, end: date) -> int:
    """How many working days follow ``start`` up to ``end``, that day among them."""
    return len(working_days(start + timedelta(days=1), end))


@dataclass(frozen=True, slots=True)
class Clock:
    """The time a landlord has for a draft: up to the end of the last day, or until it is done."""

    deadline: date
    closed: bool = False

    def is_open(self, today: date) -> bool:
        """Whether something may still be said."""
        return not self.closed and today <= self.deadline

    def days_left(self, today: date) -> int:
        """Days on which something may still be said, today among them."""
        return (self.deadline - today).days + 1 if self.is_open(today) else 0


# Evidence that comes late --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a piece of late evidence counts for, and why."""

    counts: Counts
    why: Message


def weigh(when: date, cutoff: date, said: str = "", until: str = "") -> Weighed:
    """What evidence that comes with a challenge counts for.

    It counts for the service if it existed when the inspectors looked, for the prospects if it
    was done since.

    :param when: the day since which it exists, or on which it was done.
    :param cutoff: the last day on which the inspectors looked.
    :param said: ``when`` as the reader writes days; ``until`` likewise of ``cutoff``.
    """
    words = {"when": said or when.isoformat(), "until": until or cutoff.isoformat()}
    if when <= cutoff:
        return Weighed(
            Counts.SERVICE,
            _(
                "It dates from %(when)s and so existed when the inspectors looked (until "
                "%(until)s): it counts for how good the service is.",
                **words,
            ),
        )
    return Weighed(
        Counts.PROSPECTS,
        _(
            "It dates from %(when)s, after the inspectors looked (until %(until)s): it counts "
            "for the prospects for improvement, not for how good the service is.",
            **words,
        ),
    )


def check_date(when: date, today: date) -> date:
    """:raises InvalidInput: for a day that has not come."""
    if when > today:
        raise InvalidInput(
            _("The evidence is dated %(when)s, which has not come yet.", when=when.isoformat()),
            _("Evidence existed, or was done, by today."),
            _("Give the day since which it exists; what is planned belongs into the plan."),
        )
    return when


# What an answer needs ------------------------------------------------------------------------


def check_answer(*, outcome: str, ground: str, reason: str, new_text: str, old_text: str) -> None:
    """:raises InvalidInput: where an answer does not say why, or what changes."""
    if outcome not in set(Outcome):
        raise InvalidInput(
            _("“%(given)s” is no answer to a challenge.", given=outcome[:40]),
            _("Allowed: %(all)s.", all=", ".join(o.value for o in Outcome)),
            _("Choose one of them."),
        )
    if ground and ground not in set(Ground):
        raise InvalidInput(
            _("“%(given)s” is no reason there is.", given=ground[:40]),
            _("Allowed: %(all)s.", all=", ".join(g.value for g in Ground)),
            _("Choose one of them, or none."),
        )
    if outcome == Outcome.REJECTED and not ground:
        raise InvalidInput(
            _("The challenge was to be rejected without a reason."),
            _("The reason stands beside the challenge, in the report too."),
            _("Choose the reason."),
        )
    if outcome == Outcome.PART and not reason:
        raise InvalidInput(
            _("It is not said which part is accepted, and which is not."),
            _("The landlord and readers of the report learn it from here."),
            _("Say it in a sentence or two."),
        )
    if ground == Ground.OTHER and not reason:
        raise InvalidInput(
            _("The reason is another one, and it is not said which."),
            _("The reason stands beside the challenge, in the report too."),
            _("Say it in a sentence or two."),
        )
    changed = " ".join(new_text.split()) != " ".join(old_text.split()) and bool(new_text.strip())
    if outcome == Outcome.ACCEPTED and not changed and not reason:
        raise InvalidInput(
            _("The challenge is accepted, and nothing says what changes."),
            _("An accepted challenge changes the paragraph, or says what changes elsewhere."),
            _("Write the paragraph as it will read, or say what changes."),
        )


def same_words(one: str, other: str) -> bool:
    """Whether two texts say the same but for blanks and capitals."""
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()
