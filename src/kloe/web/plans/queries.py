"""Reading a plan: lists that sort and filter by the address, and what stands behind a row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.expressions import OrderBy
from django.db.models.functions import Lower
from django.utils import timezone

from kloe.assessment.plan import LED_BY, LEVELS, MADE_BY, OPEN, OUTCOMES, STATUSES, Outcome, Status
from kloe.assessment.track_record import Fact, Moved
from kloe.core.errors import NotFound
from kloe.core.messages import _
from kloe.web.accounts.models import User
from kloe.web.indicators import computed_queries
from kloe.web.indicators.computed_queries import Line
from kloe.web.indicators.models import ComputedSummary
from kloe.web.organisations.models import Organisation
from kloe.web.plans.models import Action, ActionEvidence, Entry, Recommendation
from kloe.web.plans.reach import assessments_of

#: An action is due soon when its day is at most so many days off.
SOON_DAYS = 30
LATE = {
    "overdue": _("Overdue"),
    "soon": _("Due within 30 days"),
    "slipped": _("Slipped at some time"),
    "context": _("Completed, outcome not evidenced"),
}
FILTERS = ("q", "status", "origin", "owner", "risk", "late", "outcome")
OPEN_STATES = [s.value for s in OPEN]
#: What counts as owed: a proposal is not promised yet.
OWED = [s.value for s in OPEN if s is not Status.PROPOSED]
_SORTS: dict[str, tuple[Any, ...]] = {
    "reference": ("reference",),
    "title": (Lower("title"),),
    "owner": (Lower("owner__name"), Lower("owner_name")),
    "due": (F("due_on").asc(nulls_last=True),),
    "status": ("status",),
    "risk": ("risk",),
    "smart": ("smart",),
    "budget": (F("budget").asc(nulls_last=True),),
}


@dataclass(frozen=True)
class Asked:
    """What a list of actions is asked for, by its address; what it does not know is left out."""

    given: Mapping[str, str] = field(default_factory=dict)
    sort: str = "due"

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Asked:
        """From the address."""
        allowed: dict[str, Any] = {
            "status": {*STATUSES, "open"},
            "origin": set(LED_BY),
            "risk": set(LEVELS),
            "late": set(LATE),
            "outcome": set(OUTCOMES),
        }
        given = {name: query.get(name, "").strip()[:200] for name in FILTERS}
        for name, words in allowed.items():
            if given[name] not in words:
                given[name] = ""
        sort = query.get("sort", "")
        return cls(given, sort if sort.lstrip("-") in _SORTS else "due")

    @property
    def filtered(self) -> bool:
        """Whether anything is left out."""
        return any(self.given.values())


def actions(organisation: Organisation, asked: Asked) -> QuerySet[Action]:
    """Actions of a plan, filtered and sorted by columns with an index, however many."""
    given, today = asked.given, timezone.localdate()
    found = Action.objects.filter(organisation=organisation).select_related(
        "owner", "recommendation"
    )
    if words := given.get("q"):
        found = found.filter(
            Q(title__icontains=words) | Q(detail__icontains=words) | Q(reference__iexact=words)
        )
    if given.get("status") == "open":
        found = found.filter(status__in=OPEN_STATES)
    elif given.get("status"):
        found = found.filter(status=given["status"])
    for name in ("origin", "risk"):
        if given.get(name):
            found = found.filter(**{name: given[name]})
    if given.get("outcome"):
        found = found.filter(outcome_state=given["outcome"])
    if owner := given.get("owner"):
        found = found.filter(_owned_by(owner))
    late = given.get("late")
    if late == "overdue":
        found = found.filter(status__in=OWED, due_on__lt=today)
    elif late == "soon":
        soon = today + timedelta(days=SOON_DAYS)
        found = found.filter(status__in=OWED, due_on__range=(today, soon))
    elif late == "slipped":
        slipped = Entry.objects.filter(kind=Entry.Kind.SLIP, action__organisation=organisation)
        found = found.filter(pk__in=slipped.values("action"))
    elif late == "context":
        found = found.filter(status=Status.COMPLETED.value).exclude(
            outcome_state=Outcome.EVIDENCED.value
        )
    return found.order_by(*_order(asked.sort), "reference", "pk")


def _owned_by(owner: str) -> Q:
    try:
        return Q(owner=UUID(owner))
    except ValueError:
        return Q(owner=None, owner_name__iexact=owner)


def _order(sort: str) -> list[Any]:
    keys = _SORTS[sort.lstrip("-")]
    if not sort.startswith("-"):
        return list(keys)
    found: list[Any] = []
    for key in keys:
        if isinstance(key, str):
            found.append(F(key).desc())
        elif isinstance(key, OrderBy):
            found.append(OrderBy(key.expression, descending=True, nulls_last=True))
        else:
            found.append(key.desc())
    return found


def owners(organisation: Organisation) -> list[tuple[str, str]]:
    """Who answers for any action, to choose from."""
    rows = (
        Action.objects.filter(organisation=organisation)
        .order_by()
        .values_list("owner", "owner__name", "owner__email", "owner_name")
        .distinct()
    )
    found = {
        (str(pk), name or email) if pk else (typed, typed)
        for pk, name, email, typed in rows
        if pk or typed
    }
    return sorted(found, key=lambda o: o[1].casefold())


@dataclass(frozen=True)
class Figures:
    """A plan in figures."""

    all: int
    proposed: int
    owed: int
    overdue: int
    soon: int
    completed: int
    evidenced: int
    smart: int

    @property
    def context(self) -> int:
        """Completed, and nothing shown for it yet."""
        return self.completed - self.evidenced


def figures(organisation: Organisation) -> Figures:
    """One query over the whole plan."""
    today = timezone.localdate()
    soon = today + timedelta(days=SOON_DAYS)
    owed = Q(status__in=OWED)
    done = Q(status=Status.COMPLETED.value)
    return Figures(
        **Action.objects.filter(organisation=organisation).aggregate(
            all=Count("pk"),
            proposed=Count("pk", filter=Q(status=Status.PROPOSED.value)),
            owed=Count("pk", filter=owed),
            overdue=Count("pk", filter=owed & Q(due_on__lt=today)),
            soon=Count("pk", filter=owed & Q(due_on__range=(today, soon))),
            completed=Count("pk", filter=done),
            evidenced=Count("pk", filter=done & Q(outcome_state=Outcome.EVIDENCED.value)),
            smart=Count("pk", filter=Q(status__in=OPEN_STATES, smart=5)),
        )
    )


def action(organisation: Organisation, pk: UUID) -> Action:
    """One action.

    :raises NotFound: if the organisation has none such.
    """
    found = (
        Action.objects.filter(organisation=organisation, pk=pk)
        .select_related("owner", "recommendation", "finding__assessment", "organisation")
        .prefetch_related(
            "milestones",
            Prefetch("entries", Entry.objects.select_related("by")),
            Prefetch("evidence", ActionEvidence.objects.select_related("item__assessment", "by")),
        )
        .first()
    )
    if found is None:
        raise _gone(_("action"))
    return found


def recommendation(organisation: Organisation, pk: UUID) -> Recommendation:
    """One recommendation.

    :raises NotFound: if the organisation has none such.
    """
    found = Recommendation.objects.filter(organisation=organisation, pk=pk).first()
    if found is None:
        raise _gone(_("recommendation"))
    return found


def _gone(what: object) -> NotFound:
    return NotFound(
        _("This plan has no such %(what)s.", what=str(what)),
        "",
        _("Go back to the plan; somebody may have taken it away."),
    )


RECOMMENDATION_STATES = {
    "undecided": _("Not decided yet"),
    "accepted": _("Accepted, not carried out"),
    "implemented": _("Carried out"),
    "rejected": _("Not accepted"),
    "unplanned": _("Accepted, without an action"),
}


def recommendations(
    organisation: Organisation,
    *,
    words: str = "",
    origin: str = "",
    state: str = "",
    sort: str = "",
) -> QuerySet[Recommendation]:
    """Recommendations, filtered and sorted, each with how many actions come from it."""
    many = (
        Action.objects.filter(recommendation=OuterRef("pk"))
        .order_by()
        .values("recommendation")
        .annotate(n=Count("pk"))
        .values("n")
    )
    found = Recommendation.objects.filter(organisation=organisation).annotate(
        planned=Subquery(many)
    )
    if words:
        found = found.filter(
            Q(what__icontains=words) | Q(source__icontains=words) | Q(reference__iexact=words)
        )
    if origin in MADE_BY:
        found = found.filter(origin=origin)
    if state == "undecided":
        found = found.filter(accepted=None)
    elif state == "accepted":
        found = found.filter(accepted=True, implemented_on=None)
    elif state == "implemented":
        found = found.filter(implemented_on__isnull=False)
    elif state == "rejected":
        found = found.filter(accepted=False)
    elif state == "unplanned":
        found = found.filter(accepted=True, actions=None)
    orders: dict[str, Any] = {
        "reference": F("reference"),
        "made": F("made_on"),
        "due": F("due_on"),
        "impact": F("impact"),
        "cost": F("cost"),
    }
    key = orders.get(sort.lstrip("-"), orders["made"])
    down = sort.startswith("-") or sort == ""
    return found.order_by(
        key.desc(nulls_last=True) if down else key.asc(nulls_last=True), "reference", "pk"
    )


def facts(organisation: Organisation) -> list[Fact]:
    """The plan as the track record counts it: three queries, however many actions."""
    from kloe.web.plans.publishing import planned

    moved: dict[UUID, list[Moved]] = {}
    for entry in Entry.objects.filter(
        action__organisation=organisation, kind=Entry.Kind.SLIP
    ).order_by("id"):
        if entry.due is not None:
            moved.setdefault(entry.action_id, []).append(
                Moved(timezone.localdate(entry.at), entry.due, entry.now, entry.text)
            )
    return [
        Fact(
            ref=row.reference,
            title=row.title,
            due_on=row.due_on,
            first_due_on=row.first_due_on,
            done_on=row.done_on,
            budget=row.budget,
            spend=row.spend,
            outcome=row.outcome_state == Outcome.EVIDENCED,
            moved=tuple(moved.get(row.pk, ())),
        )
        for row in planned(organisation)
    ]


def indicator_of(organisation: Organisation, measure: str) -> tuple[Line, Any] | None:
    """Where an indicator stands now: in the newest assessment it was computed for."""
    if "/" not in measure:
        return None
    row = (
        ComputedSummary.objects.filter(assessment__in=assessments_of(organisation), measure=measure)
        .select_related("assessment")
        .order_by("-result__period_end", "-updated_at")
        .first()
    )
    line = computed_queries.one(row.assessment, measure) if row else None
    return (line, row.assessment) if row and line else None


def due_for(user: User, today: date) -> QuerySet[Action]:
    """Open actions a person answers for that are due soon or overdue."""
    soon = today + timedelta(days=SOON_DAYS)
    return (
        Action.objects.filter(owner=user, status__in=OWED, due_on__lte=soon)
        .select_related("organisation")
        .order_by("due_on", "reference")
    )
