"""Actions of the plan: adding, changing, moving from one state to the next, telling of progress."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kloe.assessment import plan, smart
from kloe.assessment.plan import Outcome, Status
from kloe.core.errors import Conflict
from kloe.core.messages import _
from kloe.web.accounts.models import User
from kloe.web.ids import new_id
from kloe.web.organisations.models import Membership, Organisation
from kloe.web.plans.models import Action, Entry, Milestone
from kloe.web.plans.writing import (
    ChangedMeanwhile,
    FieldFault,
    changed,
    checked,
    known_fields,
    lock,
    next_reference,
    reference_free,
    today_or_before,
    trace,
)

FIELDS = frozenset(
    {
        "reference", "title", "detail", "origin", "source", "recommendation", "finding", "owner",
        "owner_name", "agreed", "agreed_with", "realistic", "realistic_why", "measure",
        "indicator", "target", "resources", "needs_money", "budget", "spend", "made_on",
        "start_on", "due_on", "risk", "risk_note", "outcome", "outcome_groups",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """A milestone as it is typed in."""

    text: str
    due_on: date | None = None
    done_on: date | None = None


def stated(row: Action, milestones: Sequence[date | None]) -> smart.Stated:
    """What an action says of itself, for the SMART check."""
    return smart.Stated(
        what=row.title,
        owner=row.answers,
        outcome=row.outcome,
        measure=row.measure,
        indicator=row.indicator,
        target=row.target,
        agreed=row.agreed,
        agreed_with=row.agreed_with,
        realistic=row.realistic,
        needs_money=row.needs_money,
        budget=row.budget,
        start_on=row.start_on,
        due_on=row.due_on,
        milestones=tuple(milestones),
    )


def smart_of(row: Action) -> smart.Smart:
    """The SMART check of an action as it is saved."""
    return smart.check(stated(row, [m.due_on for m in row.milestones.all()]))


def _sound(row: Action) -> None:
    checked(row)
    if row.start_on is not None and row.due_on is not None and row.start_on > row.due_on:
        raise FieldFault(
            "due_on",
            _("It would be due before it starts."),
            _("It starts on %(day)s.", day=row.start_on.isoformat()),
            _("Correct one of the two days."),
        )
    for name in ("budget", "spend"):
        amount = getattr(row, name)
        if amount is not None and amount < 0:
            raise FieldFault(
                name, _("%(amount)s is less than nothing.", amount=amount), _("Pounds from 0 on.")
            )
    if row.recommendation is not None:
        if row.recommendation.organisation_id != row.organisation_id:
            raise FieldFault("recommendation", _("There is no such recommendation here."))
        if row.recommendation.accepted is False:
            raise FieldFault(
                "recommendation",
                _("%(ref)s was not accepted.", ref=row.recommendation.reference),
                _("Actions come from recommendations that were."),
                _("Accept it first, or choose another origin."),
            )
    if row.owner is not None and not _belongs(row):
        raise FieldFault(
            "owner",
            _("%(name)s does not belong to this organisation.", name=str(row.owner)),
            _("Whoever answers for an action with an account is a member."),
            _("Choose a member, or write the name of somebody without an account."),
        )


def _belongs(row: Action) -> bool:
    return Membership.objects.filter(organisation=row.organisation_id, user=row.owner_id).exists()


def add(
    *,
    organisation: Organisation,
    by: User | None,
    milestones: Sequence[Step] = (),
    id: UUID | None = None,
    request_id: str = "",
    **values: Any,
) -> Action:
    """Add an action, as a proposal. Sent twice under one ``id``, it stands once.

    :raises InvalidInput: for what is not allowed.
    """
    found = known_fields(values, FIELDS)
    with transaction.atomic():
        lock(organisation)
        if id is not None:
            earlier = Action.objects.filter(pk=id).first()
            if earlier is not None and earlier.organisation_id == organisation.pk:
                return earlier
            id = None if earlier is not None else id
        found["made_on"] = found.get("made_on") or timezone.localdate()
        found["reference"] = found.get("reference") or next_reference(organisation, Action, "A")
        row = Action(id=id or new_id(), organisation=organisation, created_by=by, **found)
        _sound(row)
        reference_free(row, row.reference)
        row.smart = smart.check(stated(row, [s.due_on for s in milestones])).met
        row.save(force_insert=True)
        _milestones(row, milestones)
        trace(
            organisation, by, "added action", "action", row,
            after={k: v for k, v in found.items() if v not in (None, "")}, request_id=request_id,
        )  # fmt: skip
    return row


def _milestones(row: Action, steps: Sequence[Step]) -> None:
    for step in steps:
        one = Milestone(
            action=row, text=step.text.strip(), due_on=step.due_on, done_on=step.done_on
        )
        if not one.text or len(one.text) > 300 or "\x00" in one.text:
            raise FieldFault(
                "milestones",
                _("“%(text)s” is no milestone.", text=one.text[:40].replace("\x00", "")),
                _("A milestone is said in 1 to 300 characters."),
                _("Shorten it, or take it away."),
            )
        one.save(force_insert=True)


def edit(
    *,
    action: Action,
    by: User | None,
    base_version: int,
    milestones: Sequence[Step] | None = None,
    reason: str = "",
    request_id: str = "",
    **values: Any,
) -> Action:
    """Change an action. A day that is moved to a later one asks why.

    :param reason: why the day it is due moves.
    :raises ChangedMeanwhile: if it is not at ``base_version`` any more.
    :raises FieldFault: for a value that is not allowed, or a slip without its reason.
    """
    found = known_fields(values, FIELDS)
    with transaction.atomic():
        row = Action.objects.select_for_update().get(pk=action.pk)
        found["reference"] = found.get("reference") or row.reference
        if "made_on" in found:
            found["made_on"] = found["made_on"] or row.made_on
        before = changed(row, found)
        steps = _steps(row)
        new_steps = None if milestones is None else list(milestones)
        if not before and new_steps in (None, steps):
            return row
        if row.version != base_version:
            raise ChangedMeanwhile(row)
        for name in before:
            setattr(row, name, found[name])
        _sound(row)
        reference_free(row, row.reference)
        if "due_on" in before:
            _due_moved(row, before["due_on"], reason, by)
        if new_steps is not None and new_steps != steps:
            row.milestones.all().delete()
            _milestones(row, new_steps)
        row.smart = smart_of(row).met
        _save(row, *before, "smart", "first_due_on")
        trace(
            row.organisation_id, by, "changed action", "action", row,
            before=before, after={k: found[k] for k in before}, request_id=request_id,
        )  # fmt: skip
    return row


def _steps(row: Action) -> list[Step]:
    return [Step(m.text, m.due_on, m.done_on) for m in row.milestones.all()]


def _save(row: Action, *fields: str) -> None:
    row.version += 1
    row.updated_at = timezone.now()
    row.save(update_fields=[*dict.fromkeys(fields), "version", "updated_at"])


def _due_moved(row: Action, was: date | None, reason: str, by: User | None) -> None:
    """What moving the day costs: a reason, once the action is part of the plan."""
    if row.status not in plan.IN_PLAN:
        return
    row.first_due_on = row.first_due_on or was or row.due_on
    if not plan.is_slip(was, row.due_on):
        return
    if not reason.strip():
        raise FieldFault(
            "reason",
            _("The day is moved, and it is not said why."),
            _("It was promised for %(day)s.", day=was.isoformat() if was else ""),
            _("Say in a sentence why it slips."),
        )
    Entry.objects.create(
        action=row, kind=Entry.Kind.SLIP, text=reason.strip(), due=was, now=row.due_on, by=by
    )


def move(
    *,
    action: Action,
    to: str,
    by: User | None,
    reason: str = "",
    done_on: date | None = None,
    spend: Decimal | None = None,
    request_id: str = "",
) -> Action:
    """Take an action from its state to another (see ``plan.MOVES``). Done twice, it stands once.

    :param done_on: the day it was completed; today where none is given.
    :raises InvalidInput: for a step there is not, or without what it asks for.
    """
    reason = reason.strip()
    with transaction.atomic():
        row = Action.objects.select_for_update().get(pk=action.pk)
        if row.status == to:
            return row
        step = plan.move(row.status, to)
        _allowed(row, step, reason)
        before: dict[str, Any] = {"status": row.status}
        row.status = step.to.value
        touched = ["status", "first_due_on", "done_on", "dropped_on"]
        if step.to is Status.AGREED:
            row.first_due_on = row.first_due_on or row.due_on
        row.dropped_on = timezone.localdate() if step.to is Status.DROPPED else None
        if step.to is Status.COMPLETED:
            _complete(row, done_on or timezone.localdate(), reason, by)
            if spend is not None:
                before["spend"], row.spend = row.spend, spend
                touched.append("spend")
                _sound(row)
        elif row.done_on is not None:
            row.done_on, row.outcome_state = None, Outcome.OPEN.value
            touched.append("outcome_state")
        Entry.objects.create(
            action=row, kind=Entry.Kind.STATUS, status=row.status, text=reason, by=by
        )
        _save(row, *touched)
        trace(
            row.organisation_id, by, "moved action", "action", row, before=before,
            after={k: getattr(row, k) for k in before} | {"reason": reason}, request_id=request_id,
        )  # fmt: skip
    return row


def _allowed(row: Action, step: plan.Move, reason: str) -> None:
    if step.reason and not reason:
        raise FieldFault(
            "reason",
            _("It is not said why."),
            _("“%(step)s” asks for a reason.", step=str(step.words)),
            _("Say it in a sentence."),
        )
    if step.agreed and not (row.agreed and row.agreed_with):
        raise FieldFault(
            "agreed",
            _("Nobody has said that %(ref)s is agreed, and with whom.", ref=row.reference),
            _("Only what is agreed becomes part of the plan."),
            _("Change the action, and say with whom it is agreed."),
        )


def _complete(row: Action, done_on: date, reason: str, by: User | None) -> None:
    today_or_before(done_on, timezone.localdate(), "done_on")
    if done_on < row.made_on:
        raise FieldFault(
            "done_on",
            _("It would be done before it was set."),
            _("It was set on %(day)s.", day=row.made_on.isoformat()),
            _("Correct the day."),
        )
    if row.due_on is not None and done_on > row.due_on:
        if not reason:
            raise FieldFault(
                "reason",
                _("It was done after the day it was due, and it is not said why."),
                _("It was due on %(day)s.", day=row.due_on.isoformat()),
                _("Say in a sentence why it was late."),
            )
        Entry.objects.create(
            action=row, kind=Entry.Kind.SLIP, text=reason, due=row.due_on, now=done_on, by=by
        )
    row.done_on = done_on


def tell(
    *,
    action: Action,
    text: str,
    by: User | None,
    spend: Decimal | None = None,
    request_id: str = "",
) -> Entry:
    """Tell how an action goes, and what was spent so far.

    :raises FieldFault: where nothing is told.
    """
    text = text.strip()
    if not text or len(text) > 5000 or "\x00" in text:
        raise FieldFault(
            "text",
            _("A note of progress has 1 to 5,000 characters."),
            "",
            _("Say in a sentence or two how it goes."),
        )
    with transaction.atomic():
        row = Action.objects.select_for_update().get(pk=action.pk)
        before: dict[str, Any] = {}
        if spend is not None and spend != row.spend:
            before["spend"], row.spend = row.spend, spend
            _sound(row)
            _save(row, "spend")
        entry = Entry.objects.create(action=row, kind=Entry.Kind.NOTE, text=text, by=by)
        trace(
            row.organisation_id, by, "told of action", "action", row, before=before or None,
            after={"text": text, **{k: getattr(row, k) for k in before}}, request_id=request_id,
        )  # fmt: skip
    return entry


def milestone_done(
    *, milestone: Milestone, on: date | None, by: User | None, request_id: str = ""
) -> Milestone:
    """Say on which day a milestone was reached; ``None`` takes it back."""
    if on is not None:
        today_or_before(on, timezone.localdate(), "done_on")
    with transaction.atomic():
        row = Milestone.objects.select_for_update().get(pk=milestone.pk)
        if row.done_on == on:
            return row
        before, row.done_on = {"done_on": row.done_on}, on
        row.save(update_fields=["done_on"])
        action = Action.objects.get(pk=row.action_id)
        trace(
            action.organisation_id, by, "reached milestone", "action", action,
            before=before, after={"milestone": row.text, "done_on": on}, request_id=request_id,
        )  # fmt: skip
    return row


def remove(*, action: Action, by: User | None, request_id: str = "") -> None:
    """Take away a proposal that was added by mistake.

    :raises Conflict: for an action that is, or was, part of the plan.
    """
    with transaction.atomic():
        row = Action.objects.select_for_update().get(pk=action.pk)
        if row.status != Status.PROPOSED or row.entries.exclude(kind=Entry.Kind.NOTE).exists():
            raise Conflict(
                _("%(ref)s is, or was, part of the plan.", ref=row.reference),
                _("Only a proposal is taken away."),
                _("Drop it, and say why."),
            )
        trace(
            row.organisation_id, by, "removed action", "action", row,
            before={"title": row.title}, request_id=request_id,
        )  # fmt: skip
        row.delete()
