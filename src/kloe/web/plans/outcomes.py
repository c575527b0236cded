"""What came of an action: evidence that it was done, and of what service users got from it."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from kloe.assessment.plan import Outcome, Shows, Status
from kloe.core.errors import Conflict
from kloe.core.messages import _
from kloe.web.accounts.models import User
from kloe.web.evidence.models import EvidenceItem
from kloe.web.plans.models import Action, ActionEvidence
from kloe.web.plans.writing import FieldFault, trace


def groups_of(action: Action) -> tuple[str, ...]:
    """The groups for which the outcome matters, as they are named one a line."""
    return tuple(dict.fromkeys(g.strip() for g in action.outcome_groups.splitlines() if g.strip()))


def put_evidence(
    *,
    action: Action,
    item: EvidenceItem,
    shows: str,
    by: User | None,
    group: str = "",
    request_id: str = "",
) -> ActionEvidence:
    """Let an item show that an action was done, or what came of it. Said twice, it stands once.

    :raises FieldFault: for an item of another organisation, or a group the action does not name.
    """
    if shows not in set(Shows):
        raise FieldFault(
            "shows",
            _("“%(shows)s” is nothing an item can show of an action.", shows=shows[:40]),
            _("It shows completion or outcome."),
        )
    if item.organisation_id != action.organisation_id or item.deleted_at is not None:
        raise FieldFault("item", _("There is no such evidence in this organisation."))
    group = group.strip()
    if group and (group not in groups_of(action) or shows != Shows.OUTCOME):
        raise FieldFault(
            "group",
            _("The action does not name the group “%(group)s”.", group=group[:60]),
            _("It names: %(groups)s.", groups=", ".join(groups_of(action)) or "–"),
            _("Add the group to the action first."),
        )
    with transaction.atomic():
        made, new = ActionEvidence.objects.get_or_create(
            action=action, item=item, shows=shows, group=group, defaults={"by": by}
        )
        if new:
            trace(
                action.organisation_id, by, "put evidence to action", "action", action,
                after={"evidence": item.title, "shows": shows, "group": group},
                request_id=request_id,
            )  # fmt: skip
    return made


def take_evidence(*, evidence: ActionEvidence, by: User | None, request_id: str = "") -> None:
    """Take evidence from an action; an outcome it alone stood for is open again."""
    with transaction.atomic():
        action = Action.objects.select_for_update().get(pk=evidence.action_id)
        gone, _by_model = ActionEvidence.objects.filter(pk=evidence.pk).delete()
        if not gone:
            return
        before = {"evidence": evidence.item.title, "shows": evidence.shows}
        after = {}
        if action.outcome_state == Outcome.EVIDENCED and not shown(action):
            action.outcome_state = Outcome.OPEN.value
            after["outcome_state"] = action.outcome_state
            action.version += 1
            action.save(update_fields=["outcome_state", "version"])
        trace(
            action.organisation_id, by, "took evidence from action", "action", action,
            before=before, after=after or None, request_id=request_id,
        )  # fmt: skip


def shown(action: Action) -> bool:
    """Whether any evidence stands for the outcome of an action."""
    return action.evidence.filter(shows=Shows.OUTCOME.value, item__deleted_at=None).exists()


def say_outcome(
    *, action: Action, state: str, note: str, by: User | None, request_id: str = ""
) -> Action:
    """Say whether service users got what an action was for.

    :raises Conflict: for *evidenced* before the action is completed, or without evidence.
    """
    if state not in set(Outcome):
        raise FieldFault("state", _("“%(state)s” is no answer.", state=state[:40]))
    note = note.strip()
    if len(note) > 5000 or "\x00" in note:
        raise FieldFault("note", _("A note has at most 5,000 characters."))
    if state == Outcome.NOT_SEEN and not note:
        raise FieldFault(
            "note",
            _("It is not said how one looked for the outcome."),
            _("“Looked for, not seen” says where."),
            _("Say it in a sentence."),
        )
    with transaction.atomic():
        row = Action.objects.select_for_update().get(pk=action.pk)
        if (row.outcome_state, row.outcome_note) == (state, note):
            return row
        if state != Outcome.OPEN and row.status != Status.COMPLETED:
            raise Conflict(
                _("%(ref)s is not completed.", ref=row.reference),
                _("What came of an action is said once it is done."),
                _("Mark it as completed first."),
            )
        if state == Outcome.EVIDENCED and not shown(row):
            raise Conflict(
                _("No evidence stands for the outcome of %(ref)s.", ref=row.reference),
                _("Without it, what was done is context: work done, not yet a benefit."),
                _("Put an item of evidence to it that shows what service users got."),
            )
        before = {"outcome_state": row.outcome_state, "outcome_note": row.outcome_note}
        row.outcome_state, row.outcome_note = state, note
        row.version += 1
        row.updated_at = timezone.now()
        row.save(update_fields=["outcome_state", "outcome_note", "version", "updated_at"])
        trace(
            row.organisation_id, by, "said outcome", "action", row, before=before,
            after={"outcome_state": state, "outcome_note": note}, request_id=request_id,
        )  # fmt: skip
    return row
