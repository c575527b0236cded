"""Reading checks, their results, and urgent risks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from kloe.assessment.checks.results import Tally, tally
from kloe.assessment.checks.templates import Item, Template
from kloe.assessment.checks.words import (
    LAYOUT_KINDS,
    LAYOUT_RESULTS,
    CheckResult,
    CheckState,
    SampleMethod,
)
from kloe.assessment.permissions import Permission
from kloe.assessment.stages import TOLD
from kloe.core.errors import NotFound
from kloe.core.messages import _
from kloe.records.sampling import Sample
from kloe.web.access import AssessmentAccess
from kloe.web.assessments.models import Assessment
from kloe.web.checks.actions import template_of
from kloe.web.checks.models import Check, CheckCase, CheckEntry, UrgentRisk
from kloe.web.evidence.models import EvidenceItem
from kloe.web.evidence.queries import may_see
from kloe.web.organisations.models import Organisation
from kloe.web.prepared import Prepared

SORTS = {
    "number": "number",
    "title": "title",
    "kind": "kind",
    "theme": "theme",
    "when": "planned_at",
    "who": "assigned__name",
    "state": "state",
    "result": "outcome__result",
}


def visible(access: AssessmentAccess) -> QuerySet[Check]:
    """The checks a person may see: all, or those given to them."""
    rows = Check.objects.filter(assessment=access.assessment)
    if not access.may(Permission.CHECKS_ALL):
        mine = Q(assigned=access.user.pk) | Q(
            pk__in=Check.doers.through.objects.filter(user_id=access.user.pk).values("check_id")
        )
        rows = rows.filter(mine)
    return rows


def one(access: AssessmentAccess, pk: UUID) -> Check:
    """A check with what its page needs.

    :raises NotFound: where there is none, or this person may not see it.
    """
    check = (
        visible(access)
        .select_related("template", "outcome", "assigned", "assessment", "evidence")
        .filter(pk=pk)
        .first()
    )
    if check is None:
        raise NotFound(
            _("There is no check here, or none that you may see."),
            "",
            _("Check the address, or ask whoever sent it to you."),
        )
    return check


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the list is asked for, as the address has it."""

    words: str = ""
    kind: str = ""
    theme: str = ""
    state: str = ""
    result: str = ""
    who: str = ""
    sort: str = ""


def listed(access: AssessmentAccess, wanted: Wanted) -> QuerySet[Check]:
    """The checks asked for, in the order asked for."""
    rows = visible(access).select_related("assigned", "outcome").defer("sample", "outcome__notes")
    if wanted.words:
        number = wanted.words.lstrip("Cc")
        found = Q(title__icontains=wanted.words) | Q(claim__icontains=wanted.words)
        found |= Q(place__icontains=wanted.words)
        if number.isascii() and number.isdigit() and len(number) < 7:
            found |= Q(number=int(number))
        rows = rows.filter(found)
    for name, field in (("kind", "kind"), ("theme", "theme"), ("state", "state")):
        if value := getattr(wanted, name):
            rows = rows.filter(**{field: value})
    if wanted.result:
        rows = rows.filter(outcome__result=wanted.result)
    if wanted.who == "me":
        rows = rows.filter(Q(assigned=access.user) | Q(doers=access.user)).distinct()
    elif wanted.who == "nobody":
        rows = rows.filter(assigned=None)
    name = wanted.sort.lstrip("-")
    field = SORTS.get(name, "number")
    order: Any = F(field)
    down = wanted.sort.startswith("-") and name in SORTS
    order = order.desc(nulls_last=True) if down else order.asc(nulls_last=True)
    return rows.order_by(order, "number")


def counts(access: AssessmentAccess) -> dict[str, int]:
    """How many checks are in which state."""
    found = visible(access).order_by().values_list("state").annotate(n=Count("pk"))
    return dict(found)


class ThemeCheck(NamedTuple):
    """A check beside its theme."""

    id: UUID
    number: int
    title: str
    kind: str
    state: str
    result: str
    assigned: UUID | None
    planned_at: datetime | None

    @property
    def shade(self) -> int:
        """The colour step of its result."""
        return {CheckResult.CONFIRMS: 4, CheckResult.CONTRADICTS: 1, CheckResult.MIXED: 2}.get(
            CheckResult(self.result) if self.result else CheckResult.NOTHING, 0
        )


_OF_THEME = Prepared(
    lambda assessment, theme: (
        Check.objects.filter(assessment=assessment, theme=theme)
        .exclude(state="withdrawn")
        .order_by("number")
        .values_list(
            "id", "number", "title", "kind", "state", "outcome__result", "assigned_id", "planned_at"
        )
    ),
    UUID,
    str,
)


def for_theme(access: AssessmentAccess, theme: str) -> list[ThemeCheck]:
    """The checks of a theme: one query, none for those who may not see checks."""
    if not (access.may(Permission.CHECKS_VIEW) and access.may(Permission.CHECKS_ALL)):
        return []
    return [ThemeCheck(*row) for row in _OF_THEME(access.assessment.pk, theme)]


# The page of a check -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class File:
    """A photograph or other file of a check; without its title where that is restricted."""

    evidence_id: UUID
    number: int
    title: str


@dataclass(frozen=True, slots=True)
class Line:
    """An item of the checklist on a page, for one case or the whole check."""

    item: Item
    entry: CheckEntry | None
    files: tuple[File, ...] = ()

    @property
    def version(self) -> int:
        return self.entry.version if self.entry else 0


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is answered on one page: the whole check, or one of its cases."""

    template: Template
    lines: tuple[Line, ...]
    cases: tuple[CheckCase, ...]
    case: CheckCase | None
    #: Cases with every item answered, by place.
    complete: frozenset[int]
    previous: CheckCase | None = None
    next: CheckCase | None = None


def _placed(check: Check, cases: Sequence[CheckCase], place: int) -> CheckCase:
    found = next((c for c in cases if c.place == place), None)
    if found is None:
        raise NotFound(
            _("C%(n)d has no case %(place)d.", n=check.number, place=place),
            _("It has %(n)d.", n=len(cases)),
            _("Choose one of the list."),
        )
    return found


def case(check: Check, place: int) -> CheckCase:
    """The case of a check at its place.

    :raises NotFound: where there is none.
    """
    return _placed(check, list(check.cases.all()), place)


def _file(access: AssessmentAccess, item: EvidenceItem) -> File:
    seen = may_see(access, item.confidentiality, item.added_by_id)
    return File(item.pk, item.number, item.title if seen else "")


def sheet(access: AssessmentAccess, check: Check, place: int | None = None) -> Sheet:
    """The checklist to be answered: of the case at ``place``, or of the check as a whole.

    Three queries, whatever the number of items and cases.

    :raises NotFound: where there is no such case.
    """
    template = template_of(check.template)
    cases = tuple(check.cases.all())
    chosen = None if place is None else _placed(check, cases, place)
    entries = list(CheckEntry.objects.filter(check_of=check).select_related("updated_by"))
    files: dict[tuple[str, UUID | None], list[File]] = defaultdict(list)
    for file in check.files.select_related("evidence").filter(evidence__deleted_at=None):
        files[(file.item, file.case_id)].append(_file(access, file.evidence))
    mine = {e.item: e for e in entries if e.case_id == (chosen.pk if chosen else None)}
    per_case = [i for i in template.items if i.per_case]
    # Without cases everything is answered once.
    items = per_case if chosen else [i for i in template.items if not (cases and i.per_case)]
    answered: dict[UUID, int] = defaultdict(int)
    for entry in entries:
        if entry.case_id and entry.answer:
            answered[entry.case_id] += 1
    live = [c for c in cases if not c.not_found]
    here = live.index(chosen) if chosen in live else -1
    return Sheet(
        template=template,
        lines=tuple(
            Line(i, mine.get(i.id), tuple(files.get((i.id, chosen.pk if chosen else None), ())))
            for i in items
        ),
        cases=cases,
        case=chosen,
        complete=frozenset(c.place for c in cases if answered[c.pk] >= len(per_case) > 0),
        previous=live[here - 1] if here > 0 else None,
        next=live[here + 1] if 0 <= here < len(live) - 1 else None,
    )


@dataclass(frozen=True, slots=True)
class Told:
    """What one item of the checklist came to."""

    item: Item
    tally: Tally


def tallies(check: Check) -> list[Told]:
    """What every item came to, over all cases looked at."""
    template = template_of(check.template)
    sample = None
    if check.sample and check.method in {SampleMethod.RANDOM, SampleMethod.STRATIFIED}:
        sample = Sample.from_dict(check.sample)
    found: dict[str, list[tuple[str | None, str]]] = defaultdict(list)
    rows = CheckEntry.objects.filter(check_of=check, case__not_found="") | (
        CheckEntry.objects.filter(check_of=check, case=None)
    )
    for item, reference, answer in rows.values_list("item", "case__reference", "answer"):
        found[item].append((reference, answer))
    return [
        Told(item, tally(found[item.id], check.method if item.per_case else "", sample))
        for item in template.items
    ]


# Urgent risks --------------------------------------------------------------------------------


def risks(access: AssessmentAccess, *, only: str = "") -> QuerySet[UrgentRisk]:
    """The urgent risks of an assessment, those without an answer first, the most pressing first.

    :param only: ``open``, ``overdue`` or ``answered``.
    """
    rows = UrgentRisk.objects.filter(assessment=access.assessment).select_related(
        "check_of", "raised_by", "answered_by"
    )
    if only == "open":
        rows = rows.filter(answered_at=None)
    elif only == "overdue":
        rows = rows.filter(answered_at=None, answer_by__lt=timezone.now())
    elif only == "answered":
        rows = rows.exclude(answered_at=None)
    return rows.order_by(F("answered_at").asc(nulls_first=True), "answer_by", "number")


def overdue(assessment: Assessment) -> int:
    """How many urgent risks have no answer though it is due."""
    return UrgentRisk.objects.filter(
        assessment=assessment, answered_at=None, answer_by__lt=timezone.now()
    ).count()


# For the calendar and for measures -----------------------------------------------------------


def planned(access: AssessmentAccess) -> QuerySet[Check]:
    """Checks with a time that are still to come or under way."""
    return (
        visible(access)
        .exclude(planned_at=None)
        .filter(state__in=[CheckState.PLANNED, CheckState.UNDER_WAY])
        .select_related("assigned")
        .order_by("planned_at", "number")
    )


def published(organisation: Organisation) -> Iterator[dict[str, Any]]:
    """The checks done in an organisation's own assessments, by columns of ``check_result``."""
    own = Q(assessment__subject=None) | Q(assessment__subject=organisation)
    # What inspectors found is told when the inspection is, a mock inspection too.
    told = Q(assessment__inspection=None) | Q(assessment__inspection__stage__in=TOLD)
    rows = (
        Check.objects.filter(own, told, organisation=organisation, state=CheckState.DONE)
        .select_related("outcome")
        .defer("sample")
        .order_by("assessment_id", "number")
    )
    for check in rows.iterator(chunk_size=500):
        yield {
            "check_ref": str(check.pk),
            "kind": LAYOUT_KINDS[check.kind],
            "on_date": date.fromisoformat(check.outcome.done_on),
            "theme": check.theme,
            "result": LAYOUT_RESULTS.get(check.outcome.result),
        }


@dataclass(frozen=True, slots=True)
class Undertaken:
    """A check that was done, as a report lists it: no names, no references of cases."""

    number: int
    title: str
    kind: str
    theme: str
    claim: str
    method: str
    frame: str
    cases: int
    done_on: str
    result: str
    conclusion: str


def undertaken(assessment: Assessment) -> list[Undertaken]:
    """The checks done in an assessment, by number. One query."""
    rows = (
        Check.objects.filter(assessment=assessment, state=CheckState.DONE)
        .annotate(looked_at=Count("cases", filter=Q(cases__not_found="")))
        .order_by("number")
        .values_list(
            "number", "title", "kind", "theme", "claim", "method", "frame", "looked_at",
            "outcome__done_on", "outcome__result", "outcome__conclusion",
        )
    )  # fmt: skip
    return [Undertaken(*row) for row in rows]
