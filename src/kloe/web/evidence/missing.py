"""What is missing: criteria without evidence, or with evidence that does not carry.

Read from what each criterion comes to (kept current by every save) and from one count of links by
period: as many queries for a large assessment as for a small one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Count, Q

from kloe.assessment.positions import Position
from kloe.assessment.vocabulary import Direction, EvidenceKind
from kloe.core.messages import Message, _
from kloe.frameworks.model import Criterion, Kloe, Theme
from kloe.web.assessments.models import Assessment, CriterionState
from kloe.web.assessments.queries import works_of
from kloe.web.assessments.states import KIND_BITS
from kloe.web.evidence.models import EvidenceLink
from kloe.web.library.store import Pinned


class Lack(StrEnum):
    """What a criterion lacks."""

    NONE = "none"
    SINGLE = "single"
    OUTDATED = "outdated"
    CONTRADICTED = "contradicted"


LACK_WORDS: dict[Lack, Message] = {
    Lack.NONE: _("No evidence"),
    Lack.SINGLE: _("One kind of evidence only"),
    Lack.OUTDATED: _("Only evidence from outside the period"),
    Lack.CONTRADICTED: _("Evidence contradicts"),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks for; empty asks for all."""

    lack: str = ""
    kloe: str = ""
    theme: str = ""
    #: Criteria the team has placed, or not yet.
    placed: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A criterion that lacks something."""

    kloe: Kloe
    theme: Theme
    criterion: Criterion
    position: str
    evidence: int
    kinds: tuple[str, ...]
    lacks: tuple[Lack, ...]

    @property
    def words(self) -> list[tuple[str, Message]]:
        return [(lack.value, LACK_WORDS[lack]) for lack in self.lacks]


@dataclass(frozen=True, slots=True)
class Missing:
    """The criteria that lack something, and how many lack what, whatever is shown."""

    rows: list[Row]
    counts: dict[str, int]
    criteria: int


def outdated(assessment: Assessment) -> set[str]:
    """Criteria for which every link that shows something speaks for another time: one query."""
    outside = Q(item__period_end__lt=assessment.period_start) | Q(
        item__period_start__gt=assessment.period_end
    )
    rows = (
        EvidenceLink.objects.filter(assessment=assessment, item__deleted_at=None)
        .exclude(direction=Direction.CONTEXT.value)
        .order_by()
        .values("criterion")
        .annotate(all=Count("pk"), outside=Count("pk", filter=outside))
        .values_list("criterion", "all", "outside")
    )
    return {criterion for criterion, every, out in rows if every == out}


def lacks_of(state: CriterionState | None, *, old: bool) -> tuple[Lack, ...]:
    """What a criterion lacks, the worst first."""
    if state is None or not state.evidence:
        return (Lack.NONE,)
    found = []
    if state.contradicted:
        found.append(Lack.CONTRADICTED)
    if old:
        found.append(Lack.OUTDATED)
    if state.kinds.bit_count() == 1:
        found.append(Lack.SINGLE)
    return tuple(found)


def missing(assessment: Assessment, pinned: Pinned, wanted: Wanted) -> Missing:
    """Every criterion in scope that lacks something, in published order: three queries.

    What is not applicable lacks nothing.
    """
    states = {s.criterion: s for s in CriterionState.objects.filter(assessment=assessment)}
    old = outdated(assessment)
    rows: list[Row] = []
    counts = dict.fromkeys((lack.value for lack in Lack), 0)
    criteria = 0
    for work in works_of(assessment):
        if not work.in_scope:
            continue
        theme, kloe = pinned.theme(work.theme), pinned.kloe(work.kloe)
        for criterion in theme.criteria:
            state = states.get(criterion.id)
            position = state.position if state else ""
            if position == Position.NOT_APPLICABLE.value:
                continue
            criteria += 1
            lacks = lacks_of(state, old=criterion.id in old)
            for lack in lacks:
                counts[lack.value] += 1
            row = Row(
                kloe, theme, criterion, position, state.evidence if state else 0,
                _kinds(state.kinds if state else 0), lacks,
            )  # fmt: skip
            if lacks and _fits(row, wanted):
                rows.append(row)
    return Missing(rows, counts, criteria)


def _kinds(bits: int) -> tuple[str, ...]:
    return tuple(kind.value for kind in EvidenceKind if bits & KIND_BITS[kind])


def _fits(row: Row, wanted: Wanted) -> bool:
    return (
        (not wanted.lack or wanted.lack in row.lacks)
        and (not wanted.kloe or wanted.kloe == row.kloe.id)
        and (not wanted.theme or wanted.theme == row.theme.id)
        and (not wanted.placed or (wanted.placed == "yes") == bool(row.position))
    )


def choices_of(rows: Iterable[Lack]) -> list[tuple[str, Message]]:
    """The lacks as choices of a filter."""
    return [(lack.value, LACK_WORDS[lack]) for lack in rows]
