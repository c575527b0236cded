"""Publishing the plan to the engine, so that the measures of improvement compute from it.

A proposal is not part of a plan yet and is not published; what was dropped before it fell due is
no longer owed, what was dropped after that counts as not done.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from kloe.assessment.plan import LedBy, MadeBy, Outcome, Status
from kloe.core.digest import sha256_hex
from kloe.records import application
from kloe.records.application import Published
from kloe.web.accounts.models import User
from kloe.web.checks import queries as checks
from kloe.web.indicators.holdings import shelf_of
from kloe.web.organisations.models import Organisation
from kloe.web.plans.models import Action, Recommendation
from kloe.web.plans.writing import trace

#: What leads to an action, in the codes of the layout.
_LED_BY = {
    LedBy.RECOMMENDATION: "recommendation",
    LedBy.COMPLAINT: "complaint",
    LedBy.SURVEY: "survey",
    LedBy.STAFF: "staff",
    LedBy.RESIDENTS: "residents",
    LedBy.BOARD: "board",
}
_MADE_BY = {
    MadeBy.INSPECTION: "inspection",
    MadeBy.SELF_ASSESSMENT: "self_assessment",
    MadeBy.AUDITOR: "audit",
    MadeBy.PEER_REVIEW: "peer_review",
    MadeBy.OMBUDSMAN: "ombudsman",
    MadeBy.RESIDENTS: "residents",
}


def recommendations(organisation: Organisation) -> Iterator[dict[str, Any]]:
    """The rows of the table ``recommendation``."""
    for row in Recommendation.objects.filter(organisation=organisation).iterator():
        yield {
            "recommendation_ref": row.reference,
            "origin": _MADE_BY.get(MadeBy(row.origin), "other"),
            "made_on": row.made_on,
            "accepted": row.accepted,
            "implemented_on": row.implemented_on,
        }


def planned(organisation: Organisation) -> QuerySet[Action]:
    """The actions that count: agreed at some time, and not dropped before they fell due."""
    return (
        Action.objects.filter(organisation=organisation)
        .exclude(status=Status.PROPOSED.value)
        .exclude(pk__in=_excused(organisation))
    )


def _excused(organisation: Organisation) -> list[Any]:
    return [
        row.pk
        for row in Action.objects.filter(
            organisation=organisation, status=Status.DROPPED.value
        ).only("pk", "due_on", "dropped_on", "first_due_on")
        if row.first_due_on is None
        or row.due_on is None
        or row.dropped_on is None
        or row.dropped_on <= row.due_on
    ]


def actions(organisation: Organisation) -> Iterator[dict[str, Any]]:
    """The rows of the table ``action``."""
    for row in planned(organisation).select_related("owner", "recommendation").iterator():
        yield {
            "action_ref": row.reference,
            "origin": _LED_BY.get(LedBy(row.origin), "other"),
            "recommendation_ref": row.recommendation.reference if row.recommendation else None,
            "indicator_ref": row.indicator or None,
            "owner": _reference(row),
            "made_on": row.made_on,
            "due_on": row.due_on,
            "done_on": row.done_on,
            "needs_money": row.needs_money,
            "budget": row.budget,
            "spend": row.spend,
            "measure": row.measure or row.indicator or None,
            "target": row.target or None,
            "outcome_evidenced": row.outcome_state == Outcome.EVIDENCED,
        }


def _reference(row: Action) -> str | None:
    """Who answers for an action: records carry references, not names."""
    if row.owner_id is not None:
        return str(row.owner_id)
    return sha256_hex(row.owner_name.encode())[:12] if row.owner_name else None


def check_results(organisation: Organisation) -> Iterator[Mapping[str, Any]]:
    """The rows of the table ``check_result``: what reality checks of the organisation found."""
    return checks.published(organisation)


def last(organisation: Organisation) -> Published | None:
    """What was published last, if anything was."""
    return application.published(shelf_of(organisation))


def publish(
    *, organisation: Organisation, by: User | None, request_id: str = ""
) -> tuple[Published, bool]:
    """Publish recommendations, actions and results of checks; gives whether anything is new.

    Publishing unchanged data again gives the same digest, and leaves no trace.
    """
    shelf = shelf_of(organisation)
    before = application.published(shelf)
    tables: dict[str, Sequence[Mapping[str, Any]]] = {
        "recommendation": list(recommendations(organisation)),
        "action": list(actions(organisation)),
        "check_result": list(check_results(organisation)),
    }
    if before is None and not any(tables.values()):
        return Published(dict.fromkeys(tables, 0), {}, "", "", shelf.current_id), False
    made = application.publish(shelf, tables, timezone.localdate())
    new = before is None or before.digest != made.digest
    if new:
        with transaction.atomic():
            trace(
                organisation, by, "published plan", "plan", organisation,
                after={"rows": dict(made.rows), "data": made.digest}, request_id=request_id,
            )  # fmt: skip
    return made, new
