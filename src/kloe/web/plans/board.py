"""The plan on a page for the board: what is promised, what is late, what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Sum

from kloe.assessment.plan import Level, Outcome, Status
from kloe.assessment.track_record import TrackRecord, track_record, years_back
from kloe.web.organisations.models import Organisation
from kloe.web.plans import queries
from kloe.web.plans.models import Action

#: So many of a list fit the page; the rest is said as a number.
LINES = 8


@dataclass(frozen=True)
class Money:
    """Budget and spend of what is, or was, in the plan."""

    budget: Decimal
    spend: Decimal


@dataclass(frozen=True)
class Board:
    """Everything on the page."""

    figures: queries.Figures
    by_status: list[tuple[str, int]]
    money: Money
    overdue: list[Action]
    more_overdue: int
    next: list[Action]
    more_next: int
    risky: list[Action]
    benefits: list[Action]
    undecided: int
    record: TrackRecord


def of(organisation: Organisation, today: date) -> Board:
    """The page, in a fixed number of queries, however large the plan."""
    counted = dict(
        Action.objects.filter(organisation=organisation)
        .order_by()
        .values_list("status")
        .annotate(n=Count("pk"))
    )
    sums = (
        Action.objects.filter(organisation=organisation)
        .exclude(status__in=[Status.PROPOSED.value, Status.DROPPED.value])
        .aggregate(budget=Sum("budget"), spend=Sum("spend"))
    )
    owed = Action.objects.filter(organisation=organisation, status__in=queries.OWED).select_related(
        "owner"
    )
    overdue = list(owed.filter(due_on__lt=today).order_by("due_on")[: LINES * 20])
    coming = list(owed.filter(due_on__gte=today).order_by("due_on")[: LINES * 20])
    shown = Action.objects.filter(
        organisation=organisation,
        status=Status.COMPLETED.value,
        outcome_state=Outcome.EVIDENCED.value,
    ).order_by("-done_on")
    undecided = queries.recommendations(organisation, state="undecided").count()
    (last,) = years_back(today, 1)
    return Board(
        figures=queries.figures(organisation),
        by_status=[(s.value, counted.get(s.value, 0)) for s in Status],
        money=Money(sums["budget"] or Decimal(0), sums["spend"] or Decimal(0)),
        overdue=overdue[:LINES],
        more_overdue=max(len(overdue) - LINES, 0),
        next=coming[:LINES],
        more_next=max(len(coming) - LINES, 0),
        risky=list(owed.filter(risk=Level.HIGH.value).order_by("due_on")[:LINES]),
        benefits=list(shown[:LINES]),
        undecided=undecided,
        record=track_record(queries.facts(organisation), last),
    )
