"""Reading findings, and what prospects rest on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet

from kloe.assessment import strength
from kloe.assessment.vocabulary import LABELS, Direction, FindingKind
from kloe.core.errors import NotFound
from kloe.core.messages import Message, _
from kloe.frameworks.model import Criterion, Theme
from kloe.frameworks.words import STRANDS
from kloe.web.access import AssessmentAccess
from kloe.web.assessments.models import Assessment, CriterionState
from kloe.web.evidence.models import EvidenceItem, EvidenceLink
from kloe.web.evidence.queries import may_see
from kloe.web.judgements.models import Factor, Finding, Weakness
from kloe.web.library.store import Pinned


@dataclass(frozen=True)
class Cited:
    """An evidence item as a finding names it."""

    pk: UUID
    number: int
    title: str
    hidden: bool


@dataclass(frozen=True)
class ShownFinding:
    """A finding with what it rests on."""

    row: Finding
    theme: Theme
    criteria: list[Criterion]
    evidence: list[Cited] = field(default_factory=list)

    @property
    def strength(self) -> Message | str:
        """How strong its evidence is, in words; nothing until somebody has decided."""
        return strength.SAID.get(self.row.strength, "")


@dataclass(frozen=True)
class FindingGroup:
    """The findings of one kind."""

    kind: str
    label: Message
    findings: list[ShownFinding]


PLURALS: dict[str, Message] = {
    FindingKind.STRENGTH.value: _("Strengths"),
    FindingKind.IMPROVEMENT.value: _("Areas for improvement"),
    FindingKind.PRACTICE.value: _("Positive practice"),
}

_ITEM = ("id", "number", "title", "confidentiality", "added_by_id", "deleted_at")
_OWN = (
    "id", "theme", "number", "kind", "text", "criteria", "strength", "recommendation", "priority",
    "version",
)  # fmt: skip


def _cited(row: tuple[Any, ...], access: AssessmentAccess | None) -> Cited | None:
    """An item as ``_ITEM`` names its fields; none where it was deleted, or there is none."""
    item, number, title, confidentiality, added_by, deleted = row
    if item is None or deleted is not None:
        return None
    seen = may_see(access, confidentiality, added_by)
    return Cited(item, number, title if seen else "", not seen)


def _shown(row: Finding, theme: Theme, evidence: Iterable[Cited]) -> ShownFinding:
    by_id = {c.id: c for c in theme.criteria}
    return ShownFinding(row, theme, [by_id[c] for c in row.criteria if c in by_id], list(evidence))


def of_theme(
    assessment: Assessment, theme: Theme, access: AssessmentAccess | None
) -> list[ShownFinding]:
    """The findings of a theme with their evidence, in one query: the theme page counts them."""
    rows = (
        Finding.objects.filter(assessment=assessment, theme=theme.id)
        .order_by("order", "id", "evidence__number")
        .values_list(*_OWN, *(f"evidence__{name}" for name in _ITEM))
    )
    found: dict[UUID, ShownFinding] = {}
    for row in rows:
        if row[0] not in found:
            found[row[0]] = _shown(Finding(**dict(zip(_OWN, row, strict=False))), theme, ())
        if cited := _cited(row[len(_OWN) :], access):
            found[row[0]].evidence.append(cited)
    return list(found.values())


def shown_findings(
    rows: Iterable[Finding], pinned: Pinned, access: AssessmentAccess | None
) -> list[ShownFinding]:
    """Findings with criteria and evidence: one query for these, one for all their evidence."""
    found = list(rows)
    cited: dict[UUID, list[Cited]] = {}
    if found:
        links = (
            Finding.evidence.through.objects.filter(finding__in=[f.pk for f in found])
            .order_by("evidenceitem__number")
            .values_list("finding_id", *(f"evidenceitem__{name}" for name in _ITEM))
        )
        for finding, *item in links:
            if one := _cited(tuple(item), access):
                cited.setdefault(finding, []).append(one)
    return [_shown(f, pinned.theme(f.theme), cited.get(f.pk, ())) for f in found]


def grouped(findings: Iterable[ShownFinding]) -> list[FindingGroup]:
    """Findings by kind, every kind present."""
    found = list(findings)
    return [
        FindingGroup(kind, label, [f for f in found if f.row.kind == kind])
        for kind, label in PLURALS.items()
    ]


def finding_of(assessment: Assessment, pk: UUID) -> Finding:
    """A finding of this assessment.

    :raises NotFound: if it has none of this identifier.
    """
    found = Finding.objects.filter(assessment=assessment, pk=pk).select_related("by").first()
    if found is None:
        raise NotFound(
            _("This assessment has no such finding."),
            "",
            _("Somebody may have removed it; what it said stays in the audit trail."),
        )
    return found


def strength_suggested(finding: Finding) -> strength.Suggested:
    """What triangulation makes of a finding: its own evidence and that of its criteria.

    Three queries.
    """
    here = {"assessment": finding.assessment_id, "criterion__in": finding.criteria}
    own = finding.evidence.filter(deleted_at=None).values_list("kind", "origin")
    links = EvidenceLink.objects.filter(**here, item__deleted_at=None).exclude(
        direction=Direction.CONTEXT.value
    )
    return strength.suggest(
        [*own, *links.values_list("item__kind", "item__origin").distinct()],
        CriterionState.objects.filter(**here, contradicted=True).count(),
    )


def evidence_choices(
    assessment: Assessment, theme: Theme, access: AssessmentAccess | None, chosen: Iterable[Any]
) -> list[tuple[str, str]]:
    """Items linked in a theme, and those chosen already, for a finding's form: one query."""
    items = (
        EvidenceItem.objects.filter(assessment=assessment, deleted_at=None)
        .filter(Q(links__theme=theme.id) | Q(pk__in=list(chosen)))
        .order_by("number")
        .distinct()
        .only("id", "number", "title", "kind", "confidentiality", "added_by_id")
    )
    found = []
    for item in items:
        title = (
            item.title
            if may_see(access, item.confidentiality, item.added_by_id)
            else str(_("Restricted"))
        )
        kind = str(LABELS.get(item.kind, item.kind)).lower()  # type: ignore[call-overload]
        found.append((str(item.pk), f"E{item.number} {title} ({kind})"))
    return found


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address of the list of findings asks for; empty asks for nothing."""

    words: str = ""
    kind: str = ""
    kloe: str = ""
    strand: str = ""
    priority: str = ""
    sort: str = "theme"


_PRIORITY = {"high": 1, "medium": 2, "low": 3}
SORTS = {"kind": "kind", "when": "updated_at", "priority": "rank"}


def findings(assessment: Assessment, pinned: Pinned, wanted: Wanted) -> QuerySet[Finding]:
    """Findings of an assessment, filtered and sorted; the caller takes a page of them."""
    from django.db.models import Case, IntegerField, Value, When

    themes = [t.id for t in pinned.themes()]
    found = Finding.objects.filter(assessment=assessment).select_related("by")
    if wanted.words:
        found = found.filter(
            Q(text__icontains=wanted.words) | Q(recommendation__icontains=wanted.words)
        )
    if wanted.kind in PLURALS:
        found = found.filter(kind=wanted.kind)
    if wanted.kloe:
        found = found.filter(theme__in=[t for t in themes if t.rpartition("/")[0] == wanted.kloe])
    if wanted.strand in STRANDS:
        found = found.filter(theme__in=[t.id for t in pinned.themes() if t.strand == wanted.strand])
    if wanted.priority in _PRIORITY:
        found = found.filter(priority=wanted.priority)
    place = Case(
        *(When(theme=theme, then=Value(n)) for n, theme in enumerate(themes)),
        default=Value(len(themes)),
        output_field=IntegerField(),
    )
    rank = Case(
        *(When(priority=p, then=Value(n)) for p, n in _PRIORITY.items()),
        default=Value(9),
        output_field=IntegerField(),
    )
    found = found.annotate(place=place, rank=rank)
    name, down = wanted.sort.removeprefix("-"), wanted.sort.startswith("-")
    first = F(SORTS.get(name, "place"))
    return found.order_by(first.desc() if down else first.asc(), "place", "kind", "order", "id")


def finding_counts(assessment: Assessment) -> dict[str, dict[str, int]]:
    """How many findings of each kind every theme has: one query."""
    found: dict[str, dict[str, int]] = {}
    rows = (
        Finding.objects.filter(assessment=assessment)
        .order_by()
        .values_list("theme", "kind")
        .annotate(n=Count("id"))
    )
    for theme, kind, n in rows:
        found.setdefault(theme, {})[kind] = n
    return found


# What prospects rest on ----------------------------------------------------------------------


def weaknesses_of(assessment: Assessment) -> list[Weakness]:
    """The weaknesses in their order, each with the finding it was taken from: one query."""
    return list(Weakness.objects.filter(assessment=assessment).select_related("finding"))


def weakness_of(assessment: Assessment, pk: UUID) -> Weakness:
    """A weakness of this assessment.

    :raises NotFound: if it has none of this identifier.
    """
    found = Weakness.objects.filter(assessment=assessment, pk=pk).first()
    if found is None:
        raise NotFound(
            _("This assessment has no such weakness."),
            "",
            _("Somebody may have removed it. Load the page again."),
        )
    return found


def not_taken_over(assessment: Assessment) -> QuerySet[Finding]:
    """Areas for improvement not among the weaknesses yet, the most pressing first."""
    from django.db.models import Case, IntegerField, Value, When

    rank = Case(
        *(When(priority=p, then=Value(n)) for p, n in _PRIORITY.items()),
        default=Value(9),
        output_field=IntegerField(),
    )
    return (
        Finding.objects.filter(
            assessment=assessment, kind=FindingKind.IMPROVEMENT.value, weakness=None
        )
        .annotate(rank=rank)
        .order_by("rank", "theme", "order", "id")
    )


def factors_of(assessment: Assessment) -> dict[str, list[Factor]]:
    """Drivers and barriers in their order: one query."""
    found: dict[str, list[Factor]] = {"driver": [], "barrier": []}
    for factor in Factor.objects.filter(assessment=assessment):
        found[factor.kind].append(factor)
    return found


def factor_of(assessment: Assessment, pk: UUID) -> Factor:
    """A driver or barrier of this assessment.

    :raises NotFound: if it has none of this identifier.
    """
    found = Factor.objects.filter(assessment=assessment, pk=pk).first()
    if found is None:
        raise NotFound(
            _("This assessment has no such driver or barrier."),
            "",
            _("Somebody may have removed it. Load the page again."),
        )
    return found
