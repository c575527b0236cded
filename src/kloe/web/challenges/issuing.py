"""Issuing the draft report to the landlord, and the time it has to answer."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext

from kloe.assessment import challenges as rules
from kloe.assessment.challenges import ChallengeState, Clock, Place
from kloe.assessment.vocabulary import InspectionStage as Stage
from kloe.assessment.withholding import for_landlord
from kloe.core.digest import canonical_json, sha256_hex
from kloe.core.errors import Conflict, InvalidInput, NotFound
from kloe.core.given import within
from kloe.core.messages import _
from kloe.core.progress import Progress, Silent
from kloe.reports import document, drafting
from kloe.reports.blocks import ReportDocument
from kloe.reports.render import render
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment
from kloe.web.challenges.models import (
    Challenge,
    ChallengesPlace,
    Draft,
    DraftChapter,
    DraftParagraph,
    DraftTime,
)
from kloe.web.challenges.queries import place_of
from kloe.web.inspections.actions import trace
from kloe.web.inspections.models import Inspection
from kloe.web.inspections.team import landlords_people, tell
from kloe.web.reporting.actions import write_whole
from kloe.web.reporting.snapshot import take

MOST_WORDS = 5000
BATCH = 500


def latest(assessment: Assessment) -> Draft | None:
    """The draft that is before the landlord, without its document."""
    return (
        Draft.objects.filter(assessment=assessment)
        .defer("document", "changes")
        .order_by("-version")
        .first()
    )


def clock_of(draft: Draft) -> Clock:
    """The landlord's time as it stands: what was said last counts."""
    last = draft.times.order_by("-n").first()
    if last is None:
        return Clock(draft.deadline)
    return Clock(last.deadline, closed=last.kind == DraftTime.Kind.CLOSED)


def pdf_path(draft: Draft) -> Path:
    """Where a draft lies as PDF."""
    folder = Path(settings.DATA_DIR) / "reports" / str(draft.assessment_id) / "drafts"
    return folder / f"draft-{draft.version}-{draft.pdf[:16]}.pdf"


def working_days() -> int:
    """The days a landlord has by the site's setting."""
    return int(settings.DRAFT_DAYS)


# Issuing -------------------------------------------------------------------------------------


def looked_until(inspection: Inspection) -> date:
    """The last day on which the inspectors looked: fieldwork ended, else the period did."""
    ended = inspection.moves.filter(before=Stage.FIELDWORK, after=Stage.DRAFTING).last()
    if ended is not None:
        return timezone.localdate(ended.at)
    return min(inspection.assessment.period_end, timezone.localdate())


def check_issuable(inspection: Inspection, base: int) -> None:
    """:raises Conflict: if no draft can be issued now, saying what stands in the way."""
    assessment = inspection.assessment
    if inspection.stage != Stage.FACTUAL_ACCURACY:
        raise Conflict(
            _("The draft report cannot be issued at this stage."),
            _("It is issued at the stage factual accuracy, once the grades are agreed."),
            _("The inspection's page says what is missing until then."),
        )
    there = Draft.objects.filter(assessment=assessment).aggregate(n=Max("version"))["n"] or 0
    if there != base:
        raise Conflict(
            _("Draft %(n)d was issued in the meantime.", n=there),
            _("One draft is before the landlord at a time."),
            _("Look at it first; issue another if something has changed since."),
        )
    waiting = Challenge.objects.filter(assessment=assessment)
    open_ = waiting.filter(state=ChallengeState.SENT).count()
    moving = waiting.filter(returned_at=None).exclude(moves=[]).count()
    if open_ or moving:
        raise Conflict(
            _("%(n)d challenge has no answer.", plural="%(n)d challenges have no answer.", n=open_)
            if open_
            else _(
                "%(n)d answer moves a grade that has not been back to moderation.",
                plural="%(n)d answers move a grade that has not been back to moderation.",
                n=moving,
            ),
            _("A new draft holds what came of the challenges to the last."),
            _("Answer them first.")
            if open_
            else _("Send the inspection back to moderation first."),
        )
    if not landlords_people(assessment):
        raise Conflict(
            _("Nobody of the landlord is of the team."),
            _("The draft goes to the landlord's people."),
            _("Invite the landlord's lead first."),
        )


def deadline_for(days: int | None, deadline: date | None) -> tuple[date, int]:
    """The last day for challenges, and how many working days that gives.

    :raises InvalidInput: for a day that leaves no time, or too many days.
    """
    today = timezone.localdate()
    if deadline is None:
        given = working_days() if days is None else days
        return rules.after_working_days(today, given), given
    if deadline <= today or deadline > today + timedelta(days=366):
        raise InvalidInput(
            _("The landlord was to answer by %(day)s.", day=deadline.isoformat()),
            _("A day after today, and within a year."),
            _("Choose a later day.") if deadline <= today else _("Choose an earlier day."),
        )
    return deadline, rules.working_days_between(today, deadline)


def issue(
    *,
    inspection: Inspection,
    by: User | None,
    address: str,
    base: int = 0,
    days: int | None = None,
    deadline: date | None = None,
    note: str = "",
    progress: Progress | None = None,
) -> Draft:
    """Issue the draft report as it is now: frozen, told by mail, open to challenges.

    Everything is made first; then one transaction writes it.

    :param address: of the page where it is read.
    :param base: the version before the landlord now, 0 for none: of two at once one is refused.
    :param days: working days for challenges; the setting where neither these nor a day are given.
    :raises Conflict: if something stands in the way, or another was issued in the meantime.
    """
    tell_ = progress or Silent()
    check_issuable(inspection, base)
    until, given = deadline_for(days, deadline)
    note = within(note, MOST_WORDS, _("words to the landlord"))
    tell_.step(0, 4, _("Reading the assessment"))
    before = latest(inspection.assessment)
    version = base + 1
    tell_.step(1, 4, _("Writing the report"))
    made = drafting.marked(
        document.build(for_landlord(take(inspection.assessment))),
        version=version,
        issued=timezone.localdate(),
        deadline=until,
    )
    then = ReportDocument.from_json(before.document) if before is not None else None
    changed = drafting.changes(then, made) if then is not None else ()
    plain = made.to_json()
    tell_.step(2, 4, _("Laying out the pages"))
    pdf = render(made, "pdf")
    tell_.step(3, 4, _("Issuing the draft"))
    draft = Draft(
        assessment=inspection.assessment,
        version=version,
        document=plain,
        digest=sha256_hex(canonical_json(plain)),
        pdf=sha256_hex(pdf),
        changes=[asdict(c) for c in changed],
        deadline=until,
        days=given,
        looked_until=looked_until(inspection),
        note=note,
        by=by,
    )
    path = pdf_path(draft)
    write_whole(path, pdf)
    try:
        _store(draft, made, inspection, base, by, address)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    tell_.step(4, 4, _("Done"))
    return draft


@transaction.atomic
def _store(
    draft: Draft,
    made: ReportDocument,
    inspection: Inspection,
    base: int,
    by: User | None,
    address: str,
) -> None:
    row = (
        Inspection.objects.select_for_update(of=("self",))
        .select_related("assessment")
        .get(pk=inspection.pk)
    )
    check_issuable(row, base)
    draft.save(force_insert=True)
    DraftChapter.objects.bulk_create(
        [DraftChapter(draft=draft, **asdict(chapter)) for chapter in drafting.chapters(made)],
        batch_size=BATCH,
    )
    said = drafting.everything(made)
    DraftParagraph.objects.bulk_create(
        [DraftParagraph(draft=draft, **asdict(one)) for one in said], batch_size=BATCH
    )
    assessment = row.assessment
    told = Challenge.objects.filter(
        assessment=assessment, state=ChallengeState.ANSWERED, told_at=None
    ).update(told_at=timezone.now())
    carried = _carry_over(assessment, draft, said)
    people = landlords_people(assessment)
    trace(
        assessment,
        by,
        "issued draft",
        kind="draft report",
        subject=draft.pk,
        after={
            "version": draft.version,
            "digest": draft.digest,
            "deadline": draft.deadline.isoformat(),
            "people": len(people),
            "paragraphs": len(said),
            "changes": len(draft.changes),
            "answers": told,
            "carried": carried,
        },
    )
    tell(
        people,
        gettext("kloe: the draft report of the inspection of %(name)s")
        % {"name": assessment.landlord},
        "challenges/email/issued.txt",
        {"assessment": assessment, "draft": draft, "address": address, "answers": told},
    )


def _carry_over(assessment: Assessment, draft: Draft, said: tuple[drafting.Said, ...]) -> int:
    """Take what is not sent yet along to the new draft, to the same paragraph if it is there."""
    sections = {one.number: one.section for one in said}
    rows = Challenge.objects.filter(assessment=assessment, state=ChallengeState.WRITING)
    for row in rows:
        row.draft = draft
        row.paragraph = drafting.where_now(row.paragraph, row.text, said)
        row.section = sections.get(row.paragraph, row.section)
        row.version += 1
        row.save(update_fields=["draft", "paragraph", "section", "version"])
    return len(rows)


# Time ----------------------------------------------------------------------------------------


def _held(draft: Draft, base: int) -> tuple[Draft, int]:
    """The draft while nobody else changes its time, and the number of the next change.

    :raises Conflict: if it is not the latest, or somebody changed its time first.
    """
    Inspection.objects.select_for_update(of=("self",)).get(pk=draft.assessment_id)
    current = latest(draft.assessment)
    if current is None or current.pk != draft.pk:
        raise Conflict(
            _("Draft %(n)d is not before the landlord any more.", n=draft.version),
            _("A newer draft was issued."),
            _("Look at the newer one."),
        )
    there = current.times.aggregate(n=Max("n"))["n"] or 0
    if there != base:
        raise Conflict(
            _("Somebody else changed the landlord's time while you looked at it."),
            _("Nothing was overwritten."),
            _("Look at the page as it is now, and decide again."),
        )
    return current, there + 1


@transaction.atomic
def extend(
    *, draft: Draft, deadline: date, reason: str, base: int, by: User | None, address: str
) -> DraftTime:
    """Give the landlord more time; opens again what was closed.

    :param base: how often its time was changed so far.
    :raises Conflict: if somebody else changed it first.
    :raises InvalidInput: without a reason, or for a day that gives no more time.
    """
    current, n = _held(draft, base)
    clock = clock_of(current)
    reason = within(reason, MOST_WORDS, _("reason"))
    if not reason:
        raise InvalidInput(
            _("The landlord's time was to be extended without a reason."),
            _("The reason stands in the history of the draft."),
            _("Say in a sentence why."),
        )
    until, _days = deadline_for(None, deadline)
    if until < clock.deadline or (until == clock.deadline and not clock.closed):
        raise InvalidInput(
            _("The landlord has until %(day)s already.", day=clock.deadline.isoformat()),
            _("Time is extended, not taken away."),
            _("Choose a later day."),
        )
    made = DraftTime.objects.create(
        draft=current, n=n, kind=DraftTime.Kind.EXTENDED, deadline=until, reason=reason, by=by
    )
    trace(
        draft.assessment,
        by,
        "extended draft",
        kind="draft report",
        subject=draft.pk,
        before={"deadline": clock.deadline.isoformat()},
        after={"deadline": until.isoformat(), "reason": reason},
    )
    tell(
        landlords_people(draft.assessment),
        gettext("kloe: more time for the draft report on %(name)s")
        % {"name": draft.assessment.landlord},
        "challenges/email/extended.txt",
        {"assessment": draft.assessment, "made": made, "address": address},
    )
    return made


@transaction.atomic
def close(*, draft: Draft, base: int, by: User | None) -> DraftTime:
    """The landlord has no more to say: its time is over early.

    :raises Conflict: if it is over already, something is not sent, or it was changed meanwhile.
    """
    current, n = _held(draft, base)
    clock = clock_of(current)
    if not clock.is_open(timezone.localdate()):
        raise Conflict(
            _("The time for challenges is over already."),
            _("It ended on %(day)s, or earlier.", day=clock.deadline.isoformat()),
            _("Nothing is to be done."),
        )
    unsent = current.challenges.filter(state=ChallengeState.WRITING).count()
    if unsent:
        raise Conflict(
            _(
                "%(n)d challenge is written and not sent.",
                plural="%(n)d challenges are written and not sent.",
                n=unsent,
            ),
            _("Whoever has no more to say has sent what was written, or taken it away."),
            _("Send them or remove them first."),
        )
    made = DraftTime.objects.create(
        draft=current, n=n, kind=DraftTime.Kind.CLOSED, deadline=clock.deadline, by=by
    )
    trace(
        draft.assessment,
        by,
        "closed draft",
        kind="draft report",
        subject=draft.pk,
        after={"version": current.version},
    )
    return made


# Appendix or annex ---------------------------------------------------------------------------


@transaction.atomic
def set_place(*, assessment: Assessment, place: str, by: User | None) -> None:
    """Choose whether the list of challenges is an appendix or an annex of the report.

    :raises InvalidInput: for another place.
    """
    if place not in set(Place):
        raise InvalidInput(
            _("“%(place)s” is no place for the challenges.", place=place[:20]),
            _("Allowed: %(all)s.", all=", ".join(p.value for p in Place)),
            _("Choose one of them."),
        )
    Inspection.objects.select_for_update(of=("self",)).get(pk=assessment.pk)
    before = place_of(assessment)
    if before == place:
        return
    ChallengesPlace.objects.update_or_create(
        assessment=assessment, defaults={"place": Place(place).value}
    )
    values: dict[str, Any] = {"before": {"place": before}, "after": {"place": place}}
    trace(assessment, by, "placed challenges", kind="draft report", **values)


def draft_of(assessment: Assessment, version: int) -> Draft:
    """A version of the draft, without its document.

    :raises NotFound: if there is none.
    """
    found = (
        Draft.objects.filter(assessment=assessment, version=version)
        .select_related("by")
        .defer("document")
        .first()
    )
    if found is None:
        raise NotFound(
            _("There is no draft %(n)d of this report.", n=version),
            _("Drafts are numbered from 1 as they are issued."),
            _("The page of the draft report lists those there are."),
        )
    return found
