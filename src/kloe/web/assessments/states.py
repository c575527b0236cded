"""What each criterion comes to, kept current by every write that touches it.

A write refreshes one row; nothing walks the assessment. ``rebuild`` makes all rows anew from
ratings and links, and a test holds the two equal. A criterion without a row comes to nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import connection, transaction

from kloe.assessment.triangulation import Link, summarise
from kloe.assessment.vocabulary import EvidenceKind, Origin
from kloe.web.assessments.models import Assessment, CriterionState, Rating
from kloe.web.evidence.models import EvidenceLink
from kloe.web.prepared import Prepared, key_of

FIELDS = ("position", "evidence", "kinds", "origins", "triangulated", "contradicted")
_LINK = (
    "item_id",
    "descriptor",
    "direction",
    "side",
    "polarity",
    "item__kind",
    "item__origin",
    "item__period_start",
    "item__period_end",
)
_BATCH = 500
#: A bit for each kind and origin of evidence, so that one number says which there are.
KIND_BITS = {kind: 1 << n for n, kind in enumerate(EvidenceKind)}
ORIGIN_BITS = {origin: 1 << n for n, origin in enumerate(Origin)}


def _state(
    assessment: Assessment, criterion: str, position: str, links: Sequence[Link]
) -> CriterionState:
    rests = summarise(links, position)
    return CriterionState(
        assessment=assessment,
        criterion=criterion,
        theme=criterion.rpartition("/")[0],
        position=position,
        evidence=rests.evidence,
        kinds=sum(KIND_BITS[EvidenceKind(kind)] for kind in rests.kinds),
        origins=sum(ORIGIN_BITS[Origin(origin)] for origin in rests.origins),
        triangulated=rests.triangulated,
        contradicted=rests.contradicted,
    )


_OF_ONE = Prepared(
    lambda assessment, criterion: (
        EvidenceLink.objects.filter(
            assessment=assessment, item__deleted_at=None, criterion=criterion
        )
        .order_by()
        .values_list(*_LINK)
    ),
    UUID,
    str,
)


def _facts_of(assessment: Assessment, criterion: str) -> list[Link]:
    """What live links say of one criterion: one query."""
    return [Link(str(item), *said) for item, *said in _OF_ONE(assessment.pk, criterion)]


def _facts(assessment: Assessment, **which: object) -> dict[str, list[Link]]:
    """What live links say, by criterion: one query."""
    rows = (
        EvidenceLink.objects.filter(assessment=assessment, item__deleted_at=None, **which)
        .order_by()
        .values_list("criterion", *_LINK)
    )
    found: dict[str, list[Link]] = {}
    for criterion, item, *said in rows:
        found.setdefault(criterion, []).append(Link(str(item), *said))
    return found


def _positions(assessment: Assessment, **which: object) -> dict[str, str]:
    """Positions of the team's ratings, by criterion: one query."""
    ratings = Rating.objects.filter(assessment=assessment, author=None, **which)
    return dict(ratings.values_list("criterion", "position"))


def _store(states: list[CriterionState], *, fields: tuple[str, ...] = FIELDS) -> None:
    CriterionState.objects.bulk_create(
        states,
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=["assessment", "criterion"],
        update_fields=["theme", *fields],
    )


_UPSERT = """
INSERT INTO assessments_criterionstate
    (assessment_id, criterion, theme, position, evidence, kinds, origins, triangulated,
     contradicted)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (assessment_id, criterion) DO UPDATE SET
    theme = excluded.theme, position = excluded.position, evidence = excluded.evidence,
    kinds = excluded.kinds, origins = excluded.origins, triangulated = excluded.triangulated,
    contradicted = excluded.contradicted
"""


def _store_one(state: CriterionState) -> None:
    """Store one row, as every save does: the statement is written out, see ``prepared``."""
    values = [getattr(state, name) for name in ("criterion", "theme", *FIELDS)]
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT, [key_of(state.assessment_id), *values])


def _hold(assessment: Assessment, criteria: Iterable[str]) -> None:
    """Keep other writers of these rows waiting until the transaction ends.

    Otherwise of two that touch one criterion at once, each would count without the other.
    SQLite has one writer at a time anyway, and is spared the statement.
    """
    if connection.features.has_select_for_update:
        _store([_state(assessment, c, "", ()) for c in criteria], fields=())


def refresh(assessment: Assessment, criterion_id: str, position: str | None = None) -> None:
    """Bring one criterion's row up to date: three queries, or two where ``position`` is given.

    Call it in the transaction of the write it follows.

    :param position: of the team's rating, where the caller just wrote it.
    """
    _hold(assessment, [criterion_id])
    if position is None:
        position = _positions(assessment, criterion=criterion_id).get(criterion_id, "")
    _store_one(_state(assessment, criterion_id, position, _facts_of(assessment, criterion_id)))


def refresh_many(assessment: Assessment, criteria: Iterable[str]) -> None:
    """Bring several criteria up to date, such as all that an item is linked to: three queries."""
    wanted = sorted(set(criteria))
    if not wanted:
        return
    _hold(assessment, wanted)
    positions = _positions(assessment, criterion__in=wanted)
    facts = _facts(assessment, criterion__in=wanted)
    _store([_state(assessment, c, positions.get(c, ""), facts.get(c, [])) for c in wanted])


def rebuild(assessment: Assessment) -> int:
    """Make every row of an assessment anew from its ratings and links; gives how many."""
    with transaction.atomic():
        positions, facts = _positions(assessment), _facts(assessment)
        known = CriterionState.objects.filter(assessment=assessment)
        wanted = sorted({*known.values_list("criterion", flat=True), *facts, *positions})
        _store([_state(assessment, c, positions.get(c, ""), facts.get(c, [])) for c in wanted])
    return len(wanted)
