"""Reading the library of evidence: the list with its filters, and an item with its uses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Lower

from kloe.assessment.agreement import Agreement, agreement
from kloe.assessment.positions import Position
from kloe.assessment.vocabulary import Direction
from kloe.frameworks.model import Criterion, Descriptor, Framework, Kloe, Theme
from kloe.web.access import AssessmentAccess
from kloe.web.assessments.models import Answer, Assessment, Rating
from kloe.web.evidence.models import EvidenceItem, EvidenceLink
from kloe.web.evidence.queries import RESTRICTED, hidden_from, matching, veiled
from kloe.web.library.store import Pinned


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address of the list asks for; empty asks for nothing."""

    words: str = ""
    kind: str = ""
    origin: str = ""
    form: str = ""
    confidentiality: str = ""
    when: str = ""
    start: date | None = None
    end: date | None = None
    used: str = ""
    theme: str = ""
    criterion: str = ""
    deleted: bool = False
    sort: str = "-number"


#: Sorting keys, and whether the field is one that restriction hides.
SORTS: dict[str, tuple[str, bool]] = {
    "number": ("number", False),
    "title": ("title", True),
    "kind": ("kind", False),
    "origin": ("origin", True),
    "period": ("period", True),
    "added": ("added_at", False),
    "used": ("uses", False),
}


def outside_period(assessment: Assessment) -> Q:
    """Items that speak for a time that shares no day with the period assessed."""
    return Q(period_end__lt=assessment.period_start) | Q(period_start__gt=assessment.period_end)


def is_outside(item: EvidenceItem, assessment: Assessment) -> bool:
    """The same of one item."""
    return (item.period_end is not None and item.period_end < assessment.period_start) or (
        item.period_start is not None and item.period_start > assessment.period_end
    )


def _used() -> Q:
    """Linked to a descriptor, or cited by an answer or a finding."""
    answers = EvidenceItem.cited_by_answers.through.objects.filter(evidenceitem=OuterRef("pk"))
    findings = EvidenceItem.findings.through.objects.filter(evidenceitem=OuterRef("pk"))
    links = EvidenceLink.objects.filter(item=OuterRef("pk"))
    return Q(Exists(links)) | Q(Exists(answers)) | Q(Exists(findings))


def _asked_of_hidden(wanted: Wanted, assessment: Assessment) -> Q:
    """Conditions on what restriction hides: a hidden item meets none of them."""
    condition = matching(wanted.words)
    if wanted.origin:
        condition &= Q(origin=wanted.origin)
    if wanted.form:
        condition &= Q(form=wanted.form)
    if wanted.when == "inside":
        condition &= ~Q(period_start=None, period_end=None) & ~outside_period(assessment)
    elif wanted.when == "outside":
        condition &= outside_period(assessment)
    elif wanted.when == "unstated":
        condition &= Q(period_start=None, period_end=None)
    if wanted.start:
        condition &= Q(period_end=None, period_start__isnull=False) | Q(
            period_end__gte=wanted.start
        )
    if wanted.end:
        condition &= Q(period_start=None, period_end__isnull=False) | Q(
            period_start__lte=wanted.end
        )
    return condition


def items_wanted(
    assessment: Assessment, wanted: Wanted, access: AssessmentAccess
) -> QuerySet[EvidenceItem]:
    """The items asked for, in the order asked for. What is hidden cannot be found by guessing."""
    items = EvidenceItem.objects.filter(
        assessment=assessment, deleted_at__isnull=not wanted.deleted
    )
    asked = _asked_of_hidden(wanted, assessment)
    if asked:
        items = items.filter(asked).exclude(hidden_from(access))
    for name in ("kind", "confidentiality"):
        if value := getattr(wanted, name):
            items = items.filter(**{name: value})
    for name in ("theme", "criterion"):
        if value := getattr(wanted, name):
            items = items.filter(
                Exists(EvidenceLink.objects.filter(item=OuterRef("pk"), **{name: value}))
            )
    if wanted.used:
        items = items.filter(_used() if wanted.used == "yes" else ~_used())
    return _sorted(items, wanted.sort, access)


def _sorted(
    items: QuerySet[EvidenceItem], sort: str, access: AssessmentAccess
) -> QuerySet[EvidenceItem]:
    key = sort.removeprefix("-")
    if key not in SORTS:
        key, sort = "number", "-number"
    name, hides = SORTS[key]
    by: Any = F(name)
    if key == "title":
        by = Lower("title")
    elif key == "period":
        by = Coalesce("period_start", "period_end")
    elif key == "used":
        count = (
            EvidenceLink.objects.filter(item=OuterRef("pk"))
            .order_by()
            .values("item")
            .annotate(n=Count("pk"))
            .values("n")
        )
        by = Coalesce(Subquery(count), 0)
    down = sort.startswith("-")
    order: list[Any] = []
    if hides:
        hidden = When(hidden_from(access), then=Value(1))
        items = items.annotate(veil=Case(hidden, default=Value(0)))
        # Sorted by what one may not see, an item would tell by its place: all hidden ones last.
        order.append("veil")
        by = Case(When(veil=0, then=by), default=None)
    ordered = by.desc(nulls_last=True) if down else by.asc(nulls_last=True)
    return items.order_by(*order, ordered, "-number")


@dataclass(frozen=True, slots=True)
class InTheme:
    """How an item speaks in one theme."""

    theme: str
    number: str
    title: str
    shows: int = 0
    otherwise: int = 0
    context: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One item of the list, as the person may see it."""

    item: EvidenceItem
    themes: list[InTheme]
    links: int
    outside: bool

    @property
    def first(self) -> list[InTheme]:
        return self.themes[:4]

    @property
    def rest(self) -> int:
        return len(self.themes) - 4


def rows(
    items: Iterable[EvidenceItem],
    assessment: Assessment,
    pinned: Pinned,
    access: AssessmentAccess,
) -> list[Row]:
    """Items of one page with how each is used: one query besides theirs."""
    shown = veiled(access, items)
    counts: dict[UUID, dict[str, dict[str, int]]] = {}
    links = (
        EvidenceLink.objects.filter(item__in=[i.pk for i in shown])
        .order_by()
        .values_list("item", "theme", "direction")
        .annotate(n=Count("pk"))
    )
    for item, theme, direction, n in links:
        counts.setdefault(item, {}).setdefault(theme, {})[direction] = n
    found = []
    for item in shown:
        themes = []
        for theme_id, by in sorted(counts.get(item.pk, {}).items()):
            theme = pinned.theme(theme_id)
            themes.append(
                InTheme(
                    theme=theme_id,
                    number=theme.number,
                    title=str(theme.title),
                    shows=by.get(Direction.SHOWS.value, 0),
                    otherwise=by.get(Direction.OTHERWISE.value, 0),
                    context=by.get(Direction.CONTEXT.value, 0),
                )
            )
        total = sum(t.shows + t.otherwise + t.context for t in themes)
        found.append(Row(item, themes, total, is_outside(item, assessment)))
    return found


def totals(assessment: Assessment) -> dict[str, int]:
    """Counts over all items of an assessment, whatever the filters say: one query."""
    live = Q(deleted_at=None)
    return EvidenceItem.objects.filter(assessment=assessment).aggregate(
        all=Count("pk", filter=live),
        unused=Count("pk", filter=live & ~_used()),
        restricted=Count("pk", filter=live & Q(confidentiality=RESTRICTED)),
        deleted=Count("pk", filter=~live),
    )


# One item ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Use:
    """A descriptor an item speaks to, with what is needed to read it there."""

    link: EvidenceLink
    framework: Framework
    kloe: Kloe
    theme: Theme
    criterion: Criterion
    descriptor: Descriptor
    position: str
    agreement: Agreement

    @property
    def column(self) -> str:
        """The grade the descriptor's column describes."""
        grade = self.framework.scales[self.kloe.judgement].describing(self.descriptor.side)
        return str(grade.label) if grade else self.descriptor.side


@dataclass(frozen=True, slots=True)
class Uses:
    """Everything that rests on an item."""

    links: list[Use] = field(default_factory=list)
    answers: list[tuple[Theme, Answer]] = field(default_factory=list)
    findings: list[tuple[Theme, Any]] = field(default_factory=list)
    same_file: list[EvidenceItem] = field(default_factory=list)


def uses_of(item: EvidenceItem, pinned: Pinned, access: AssessmentAccess) -> Uses:
    """Where an item is used and how it speaks there: five queries at most."""
    links = list(item.links.select_related("by").order_by("theme", "criterion", "descriptor"))
    positions = dict(
        Rating.objects.filter(
            assessment=item.assessment_id,
            author=None,
            criterion__in={link.criterion for link in links},
        ).values_list("criterion", "position")
    )
    same = EvidenceItem.objects.none()
    if item.file_id is not None:
        same = EvidenceItem.objects.filter(
            assessment=item.assessment_id, file=item.file_id, deleted_at=None
        ).exclude(pk=item.pk)
    return Uses(
        links=[_use(link, pinned, positions.get(link.criterion, "")) for link in links],
        answers=[(pinned.theme(a.theme), a) for a in item.cited_by_answers.order_by("theme")],
        findings=[(pinned.theme(f.theme), f) for f in item.findings.order_by("theme")],
        same_file=veiled(access, same),
    )


def _use(link: EvidenceLink, pinned: Pinned, position: str) -> Use:
    framework = pinned.framework_of(link.criterion)
    theme = framework.theme(link.theme)
    return Use(
        link=link,
        framework=framework,
        kloe=framework.kloe(theme.kloe_id),
        theme=theme,
        criterion=framework.criterion(link.criterion),
        descriptor=framework.descriptor(link.descriptor),
        position=position,
        agreement=agreement(
            link.direction, link.side, link.polarity, Position(position) if position else None
        ),
    )
