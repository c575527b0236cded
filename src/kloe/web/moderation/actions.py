"""Moderating: proposing a grade, questioning and agreeing it, overriding a limit, beginning anew.

What does not apply and what is fed back have modules of their own.
"""

from __future__ import annotations

from dataclasses import replace

from django.db import transaction

from kloe.assessment import moderating
from kloe.assessment.limits import AppliedLimit
from kloe.assessment.moderating import Act
from kloe.assessment.vocabulary import LABELS, InspectionStage, Stage
from kloe.core.errors import InvalidInput, NotFound, PermissionRefused
from kloe.core.messages import _
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment
from kloe.web.assessments.saving import Saved, Write
from kloe.web.ids import new_id
from kloe.web.judgements import actions as judgements
from kloe.web.judgements.models import Judgement
from kloe.web.judgements.subjects import (
    KLOE,
    MAIN_QUESTION,
    OVERALL,
    THEME,
    Subject,
    subject_of,
    subjects_of,
)
from kloe.web.judgements.suggesting import suggest
from kloe.web.library import store
from kloe.web.library.store import Pinned
from kloe.web.moderation.models import Entry, LimitOverride
from kloe.web.moderation.talking import check_seen, inspected, say, sent_before, words_of

__all__ = ["agree", "answer", "ask", "hold_again", "override", "propose", "reopen"]

#: A grade may be opened again until the report is published.
REOPENS = (InspectionStage.MODERATION, InspectionStage.FACTUAL_ACCURACY)
#: Kinds of subjects: each may rest on those before it.
_HIGHER = (THEME, MAIN_QUESTION, KLOE, OVERALL)


def _standing(assessment: Assessment, subject: str, stage: Stage) -> Judgement | None:
    return (
        Judgement.objects.select_for_update(of=("self",))
        .select_related("by")
        .filter(assessment=assessment, subject=subject, stage=stage.value)
        .first()
    )


def _not_agreed(assessment: Assessment, subject: Subject) -> None:
    """:raises InvalidInput: where it is agreed: what is agreed rests until it is opened again."""
    if _standing(assessment, subject.id, Stage.AGREED) is not None:
        raise InvalidInput(
            _("The grade of “%(name)s” is agreed.", name=subject.name),
            _("What is agreed rests; a moderator may open it again, with a reason."),
            _("Ask the moderator to open it again."),
        )


# Proposing -----------------------------------------------------------------------------------


def propose(
    *,
    assessment: Assessment,
    pinned: Pinned,
    subject: str,
    grade: str,
    reasons: str,
    why: str = "",
    write: Write,
) -> Saved:
    """Propose a grade with its reasons, or another one than before, and say why.

    :param why: what made one change the grade; asked for where it changes.
    :raises InvalidInput: as a judgement is refused; where the grade changes without a reason;
        where it is agreed already.
    :raises StaleWrite: if somebody else proposed another one first.
    """
    with transaction.atomic():
        inspected(assessment)
        found = subject_of(pinned, subject)
        # Held first: whoever agrees it holds it until it is agreed.
        standing = _standing(assessment, found.id, Stage.PROPOSED)
        _not_agreed(assessment, found)
        before = standing.grade if standing else ""
        changes = bool(before) and before != grade
        current = standing is not None and standing.version == write.base_version
        if changes and current and not why.strip():
            raise InvalidInput(
                _("The grade changes, and nothing says why."),
                _("Who reads the discussion later sees what made you change it."),
                _("Write what made you change the grade."),
            )
        saved = judgements.save_proposed(
            assessment=assessment,
            pinned=pinned,
            subject=found.id,
            grade=grade,
            reasons=reasons,
            write=write,
        )
        if saved.changed:
            act = Act.CHANGED if changes else Act.REWORDED if before else Act.PROPOSED
            say(
                assessment=assessment,
                subject=found.id,
                act=act,
                text=words_of(why) if changes else saved.row.reasons,
                before=before if changes else "",
                grade=grade,
                write=replace(write, id=new_id()),
            )
        return saved


# Questioning and agreeing --------------------------------------------------------------------


def ask(
    *, assessment: Assessment, pinned: Pinned, subject: str, text: str, seen: int, write: Write
) -> Entry:
    """Question a proposal.

    :param seen: the number of the last entry on the page one wrote on.
    :raises Overtaken: where more was written since; nothing is lost.
    """
    return _say(assessment, pinned, subject, Act.ASKED, text, seen, write)


def answer(
    *, assessment: Assessment, pinned: Pinned, subject: str, text: str, seen: int, write: Write
) -> Entry:
    """Answer what was asked; raises as :func:`ask`."""
    return _say(assessment, pinned, subject, Act.ANSWERED, text, seen, write)


def _say(
    assessment: Assessment,
    pinned: Pinned,
    subject: str,
    act: Act,
    text: str,
    seen: int,
    write: Write,
) -> Entry:
    with transaction.atomic():
        inspected(assessment)
        found = subject_of(pinned, subject)
        text = words_of(text)
        if there := sent_before(write, assessment):
            return there
        number = check_seen(assessment, found.id, seen, {"act": act.value, "text": text})
        return say(
            assessment=assessment, subject=found.id, act=act, text=text, write=write, number=number
        )


def agree(
    *,
    assessment: Assessment,
    pinned: Pinned,
    subject: str,
    seen: int,
    write: Write,
    text: str = "",
) -> Saved:
    """Agree the grade proposed: it stands from now on, with the reasons it was proposed with.

    :param seen: the number of the last entry on the page one agreed on.
    :param text: what the moderator has to say with it, if anything.
    :raises InvalidInput: before anything is proposed, before moderation, and where a limit
        holds a lower grade.
    :raises PermissionRefused: to whoever proposed it.
    :raises Overtaken: where more was written since.
    """
    with transaction.atomic():
        stage = inspected(assessment)
        found = subject_of(pinned, subject)
        text = text.strip() and words_of(text)
        agreed = _standing(assessment, found.id, Stage.AGREED)
        if agreed is not None and sent_before(write, assessment):
            return Saved(agreed, changed=False, replayed=True)
        number = check_seen(assessment, found.id, seen, {"act": Act.AGREED.value, "text": text})
        _not_agreed(assessment, found)
        _at_moderation(stage)
        proposed = _standing(assessment, found.id, Stage.PROPOSED)
        if proposed is None:
            raise InvalidInput(
                _("No grade is proposed for “%(name)s”.", name=found.name),
                _("The lead inspector, or the lead of a theme, proposes."),
                _("Ask them to propose a grade."),
            )
        if proposed.by_id == write.by.pk:
            raise PermissionRefused(
                _("You proposed this grade yourself."),
                _("A moderator who did not propose it agrees it."),
                _("Ask another moderator."),
            )
        _within_limits(assessment, pinned, found, proposed)
        saved = judgements.save_agreed(
            assessment=assessment,
            pinned=pinned,
            proposed=proposed,
            write=replace(write, id=new_id(), base_version=0),
        )
        say(
            assessment=assessment,
            subject=found.id,
            act=Act.AGREED,
            text=text,
            grade=proposed.grade,
            write=write,
            number=number,
        )
        return saved


def _at_moderation(stage: str) -> None:
    if stage != InspectionStage.MODERATION:
        raise InvalidInput(
            _(
                "The inspection is at: %(stage)s.",
                stage=str(LABELS[InspectionStage(stage)]).lower(),
            ),
            _("Grades are agreed at the stage “moderation”."),
            _("Move the inspection there first; questions may be asked before."),
        )


def _within_limits(
    assessment: Assessment, pinned: Pinned, subject: Subject, proposed: Judgement
) -> None:
    """:raises InvalidInput: where a limit that nobody overrode holds a lower grade."""
    limits = suggest(assessment, pinned, subject).limits
    overridden = dict(
        LimitOverride.objects.filter(assessment=assessment, subject=subject.id).values_list(
            "limit", "fact"
        )
    )
    rank = subject.grade(proposed.grade).rank
    if held := moderating.holding(limits, rank, overridden):
        raise InvalidInput(
            held[0].words,
            _("A grade above a limit stands only where the moderator overrides the limit."),
            _("Override it with a reason, or ask for another grade."),
        )


# Limits --------------------------------------------------------------------------------------


def override(
    *,
    assessment: Assessment,
    pinned: Pinned,
    subject: str,
    limit: str,
    reason: str,
    seen: int,
    write: Write,
) -> LimitOverride:
    """Let a grade pass a limit that applies, for the fact that set it off, with the reason.

    :raises NotFound: where no such limit applies now.
    :raises Overtaken: where more was written in the discussion since.
    """
    with transaction.atomic():
        inspected(assessment)
        found = subject_of(pinned, subject)
        reason = words_of(reason)
        there = LimitOverride.objects.filter(
            assessment=assessment, subject=found.id, limit=limit[:120]
        )
        if sent_before(write, assessment) and (row := there.first()):
            return row
        number = check_seen(
            assessment, found.id, seen, {"act": Act.OVERRODE.value, "text": reason, "limit": limit}
        )
        _not_agreed(assessment, found)
        applied = _applied(assessment, pinned, found, limit)
        there.delete()
        made = LimitOverride.objects.create(
            assessment=assessment,
            subject=found.id,
            limit=applied.id,
            applied=applied.to_json(),
            fact=moderating.fact_of(applied),
            reason=reason,
            by=write.by,
        )
        say(
            assessment=assessment,
            subject=found.id,
            act=Act.OVERRODE,
            text=reason,
            limit=applied.id,
            write=write,
            number=number,
        )
        return made


def _applied(assessment: Assessment, pinned: Pinned, subject: Subject, limit: str) -> AppliedLimit:
    for one in suggest(assessment, pinned, subject).limits:
        if one.id == limit:
            return one
    raise NotFound(
        _("No limit “%(id)s” applies to “%(name)s” now.", id=limit[:120], name=subject.name),
        _("A limit is overridden while it applies."),
        _("Load the page again; what set it off may have changed."),
    )


def hold_again(
    *,
    assessment: Assessment,
    pinned: Pinned,
    subject: str,
    limit: str,
    reason: str,
    seen: int,
    write: Write,
) -> None:
    """Take an override back, with a reason; the limit holds again.

    :raises NotFound: where there is none.
    :raises Overtaken: where more was written in the discussion since.
    """
    with transaction.atomic():
        inspected(assessment)
        found = subject_of(pinned, subject)
        reason = words_of(reason)
        if sent_before(write, assessment):
            return
        number = check_seen(
            assessment, found.id, seen, {"act": Act.RESTORED.value, "text": reason, "limit": limit}
        )
        _not_agreed(assessment, found)
        there = LimitOverride.objects.filter(
            assessment=assessment, subject=found.id, limit=limit[:120]
        )
        if not there.delete()[0]:
            raise NotFound(
                _("The limit “%(id)s” is not overridden.", id=limit[:120]),
                _("An override is taken back by the moderator."),
                _("Load the page again."),
            )
        say(
            assessment=assessment,
            subject=found.id,
            act=Act.RESTORED,
            text=reason,
            limit=limit,
            write=write,
            number=number,
        )


# Beginning anew ------------------------------------------------------------------------------


def reopen(*, judgement: Judgement, reason: str, by: User) -> list[str]:
    """Open a judgement again: it is to be proposed and agreed anew.

    So is every agreed judgement that rests on it: of its main question, its KLOE, the whole.
    What stood stays in the discussion and in the history.

    :param judgement: agreed or proposed; what is proposed only is taken back likewise.
    :raises InvalidInput: without a reason, for another judgement, and outside moderation and
        factual accuracy.
    :return: the subjects opened again, the judgement's own first.
    """
    assessment = judgement.assessment
    with transaction.atomic():
        stage = inspected(assessment)
        reason = words_of(reason)
        if stage not in REOPENS:
            raise InvalidInput(
                _(
                    "The inspection is at: %(stage)s.",
                    stage=str(LABELS[InspectionStage(stage)]).lower(),
                ),
                _("A judgement is opened again at moderation, or while the landlord answers."),
                _("Move the inspection there first."),
            )
        if judgement.stage not in {Stage.AGREED, Stage.PROPOSED}:
            raise InvalidInput(
                _("This judgement is neither proposed nor agreed."),
                _("Opened again is what was proposed or agreed."),
                _("Choose another."),
            )
        pinned = store.pinned(assessment)
        first = subject_of(pinned, judgement.subject)
        opened = [first.id] if _open_again(assessment, first, reason, by) else []
        for other in resting_on(pinned, first):
            because = _("It rests on “%(name)s”, which was opened again.", name=first.name)
            if _standing(assessment, other.id, Stage.AGREED) is not None:
                _open_again(assessment, other, f"{because} {reason}", by)
                opened.append(other.id)
    return opened


def resting_on(pinned: Pinned, subject: Subject) -> list[Subject]:
    """The subjects whose grade rests on this one's: main question, KLOE, overall."""
    rank, inside = _HIGHER.index(subject.kind), set(subject.themes)
    return [
        other
        for other in subjects_of(pinned).values()
        if other.judgement == subject.judgement
        and _HIGHER.index(other.kind) > rank
        and inside <= set(other.themes)
    ]


def _open_again(assessment: Assessment, subject: Subject, reason: str, by: User) -> bool:
    rows = [
        row
        for stage in (Stage.AGREED, Stage.PROPOSED)
        if (row := _standing(assessment, subject.id, stage)) is not None
    ]
    if not rows:
        return False
    for row in rows:
        row.assessment = assessment
        judgements.take_back(judgement=row, reason=reason, by=by)
    say(
        assessment=assessment,
        subject=subject.id,
        act=Act.REOPENED,
        text=reason,
        before=rows[0].grade,
        write=Write(id=new_id(), base_version=0, by=by),
    )
    return True
