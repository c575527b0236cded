"""The demonstration landlord's improvement plan, made through the actions everybody uses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from kloe.assessment.plan import LedBy
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment
from kloe.web.evidence.models import EvidenceItem
from kloe.web.judgements.models import Finding
from kloe.web.organisations.models import Organisation
from kloe.web.plans import acting, outcomes, recommending
from kloe.web.plans.acting import Step
from kloe.web.plans.models import Action, Recommendation

#: Under which word the file says why.
_WHY = {"completed": "late", "on hold": "hold", "dropped": "dropped"}
#: The way to each state, beginning with the proposal.
WAYS: Mapping[str, tuple[str, ...]] = {
    "proposed": (),
    "agreed": ("agreed",),
    "under way": ("agreed", "under way"),
    "on hold": ("agreed", "under way", "on hold"),
    "completed": ("agreed", "under way", "completed"),
    "dropped": ("agreed", "dropped"),
}


def build(
    *,
    assessment: Assessment,
    people: Mapping[str, User],
    said: Mapping[str, Any],
    items: Mapping[str, EvidenceItem],
) -> None:
    """Recommendations and actions in every state."""
    organisation = assessment.organisation
    lead = people["mair"]
    made: dict[str, Recommendation] = {}
    for one in said["recommendations"]:
        made[one["key"]] = _recommendation(organisation, assessment, one, people)
    for one in said["actions"]:
        _action(organisation, assessment, one, people, made, items, lead)


def follow(
    organisation: Organisation,
    found: Sequence[Finding],
    said: Iterable[Mapping[str, Any]],
    by: User,
) -> None:
    """Take over what an inspection found, and begin to do it.

    :param found: the inspection's findings, in the order the file says them.
    """
    today = timezone.localdate()
    for n, one in enumerate(said, 1):
        row = recommending.from_finding(
            organisation=organisation, finding=found[one["finding"]], by=by
        )
        recommending.decide(recommendation=row, accepted=True, reason=one["reason"], by=by)
        action = acting.add(
            organisation=organisation,
            by=by,
            reference=f"I-{n}",
            title=one["title"],
            origin=LedBy.RECOMMENDATION.value,
            recommendation=row,
            owner=by,
            outcome=one["outcome"],
            measure=one["measure"],
            target=one["target"],
            agreed=True,
            agreed_with="Homes board",
            realistic=True,
            realistic_why="The contract provides for it.",
            made_on=today,
            start_on=today,
            due_on=today + timedelta(days=150),
        )
        for to in WAYS[one["status"]]:
            action = acting.move(action=action, to=to, by=by)


def _finding(assessment: Assessment, said: Mapping[str, str]) -> Finding:
    framework = assessment.leading
    return Finding.objects.get(
        assessment=assessment,
        theme=f"{framework}/{said['theme']}",
        text__startswith=said["text"],
    )


def _recommendation(
    organisation: Organisation,
    assessment: Assessment,
    said: Mapping[str, Any],
    people: Mapping[str, User],
) -> Recommendation:
    lead = people["mair"]
    if "from" in said:
        finding = _finding(assessment, said["from"])
        row = recommending.from_finding(organisation=organisation, finding=finding, by=lead)
        row = recommending.edit(
            recommendation=row,
            by=lead,
            base_version=row.version,
            made_on=assessment.period_end,
            **{k: said[f] for f, k in _PLACES if f in said},
        )
    else:
        row = recommending.add(
            organisation=organisation,
            by=lead,
            reference=said["reference"],
            what=said["what"],
            origin=said["origin"],
            source=said["source"],
            made_on=said["made"],
            **{k: said[f] for f, k in _PLACES if f in said},
        )
    for key, accepted in (("accepted", True), ("rejected", False)):
        if decided := said.get(key):
            row = recommending.decide(
                recommendation=row,
                accepted=accepted,
                reason=decided["reason"],
                by=people[decided["by"]],
            )
    if "implemented" in said:
        row = recommending.implemented(recommendation=row, on=said["implemented"], by=lead)
    return row


_PLACES = (
    ("why", "why"),
    ("benefit", "benefit"),
    ("impact", "impact"),
    ("cost", "cost"),
    ("due", "due_on"),
)


def _action(
    organisation: Organisation,
    assessment: Assessment,
    said: Mapping[str, Any],
    people: Mapping[str, User],
    made: Mapping[str, Recommendation],
    items: Mapping[str, EvidenceItem],
    lead: User,
) -> None:
    owner = people.get(said.get("owner", ""))
    recommendation = made.get(said.get("recommendation", ""))
    finding = _finding(assessment, said["finding"]) if "finding" in said else None
    origin = said.get("origin") or (LedBy.FINDING if finding else LedBy.RECOMMENDATION).value
    row = acting.add(
        organisation=organisation,
        by=lead,
        reference=said["ref"],
        title=said["title"],
        origin=origin,
        source=said.get("source", ""),
        recommendation=recommendation,
        finding=finding,
        owner=owner,
        owner_name=said.get("owner_name", ""),
        outcome=said.get("outcome", ""),
        outcome_groups=said.get("groups", ""),
        measure=said.get("measure", ""),
        indicator=said.get("indicator", ""),
        target=str(said.get("target", "")),
        agreed=True if "agreed" in said else None,
        agreed_with=said.get("agreed", ""),
        realistic=True if "realistic" in said else None,
        realistic_why=said.get("realistic", ""),
        needs_money=said.get("money", True if "budget" in said else None),
        budget=_pounds(said.get("budget")),
        made_on=said["set"],
        start_on=said.get("start"),
        due_on=said.get("due"),
        risk=said.get("risk", ""),
        risk_note=said.get("risk_note", ""),
        milestones=[Step(text, due, *done) for due, text, *done in said.get("milestones") or ()],
    )
    row = _moved_on(row, said, owner or lead)
    _shown(row, said, items, owner or lead)


def _pounds(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _moved_on(row: Action, said: Mapping[str, Any], by: User) -> Action:
    for to in WAYS[said["status"]]:
        done: date | None = said.get("done") if to == "completed" else None
        row = acting.move(
            action=row,
            to=to,
            by=by,
            # On a day before it was done the action is not done yet: today at the latest.
            done_on=min(done, timezone.localdate()) if done else None,
            spend=_pounds(said.get("spend")) if to == "completed" else None,
            reason=said.get(_WHY.get(to, ""), ""),
        )
    if moved := said.get("moved"):
        row = acting.edit(
            action=row,
            by=by,
            base_version=row.version,
            due_on=moved["to"],
            reason=moved["why"],
        )
    if told := said.get("told"):
        acting.tell(action=row, text=told, spend=_pounds(said.get("spend")), by=by)
        row.refresh_from_db()
    return row


def _shown(
    row: Action, said: Mapping[str, Any], items: Mapping[str, EvidenceItem], by: User
) -> None:
    for one in said.get("evidence") or ():
        outcomes.put_evidence(
            action=row,
            item=items[one["item"]],
            shows=one["shows"],
            group=one.get("group", ""),
            by=by,
        )
    for key, state in (("evidenced", "evidenced"), ("not_seen", "not seen")):
        if key in said:
            outcomes.say_outcome(action=row, state=state, note=said[key], by=by)
