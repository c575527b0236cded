"""What each criterion comes to, kept current by every write that touches it.

A write refreshes one row; nothing walks the assessment. ``rebuild`` makes all rows anew from
ratings and links, and a test holds the two equal. A criterion without a row comes to nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection, transaction

from kloe.assessment.positions import PAIRED, Position
from kloe.assessment.vocabulary import Direction
from kloe.web.assessments.models import Assessment, CriterionState, Rating
from kloe.web.evidence.models import EvidenceLink

#: Kind and origin of an item, and direction, side and polarity of its link.
Fact = tuple[str, str, str, str, str]
FIELDS = ("position", "evidence", "kinds", "origins", "triangulated", "contradicted")
_BATCH = 500


def _state(
    assessment: Assessment, criterion: str, position: str, facts: Iterable[Fact]
) -> CriterionState:
    showing = [f for f in facts if f[2] != Direction.CONTEXT.value]
    kinds, origins = {f[0] for f in showing}, {f[1] for f in showing}
    return CriterionState(
        assessment=assessment,
        criterion=criterion,
        theme=criterion.rpartition("/")[0],
        position=position,
        evidence=len(showing),
        kinds=len(kinds),
        origins=len(origins),
        triangulated=len(kinds) > 1 and len(origins) > 1,
        contradicted=any(_against(position, f) for f in showing),
    )


def _against(position: str, fact: Fact) -> bool:
    __, __, direction, side, __ = fact
    if position not in {p.value for p in PAIRED}:
        return False
    shown = direction == Direction.SHOWS.value
    if position == Position.UPPER.value:
        return shown == (side == "lower")
    return position in {Position.LOWER.value, Position.WORSE.value} and shown == (side == "upper")


def _facts(assessment: Assessment, **which: object) -> dict[str, list[Fact]]:
    """What live links say, by criterion: one query."""
    rows = (
        EvidenceLink.objects.filter(assessment=assessment, item__deleted_at=None, **which)
        .order_by()
        .values_list("criterion", "item__kind", "item__origin", "direction", "side", "polarity")
    )
    found: dict[str, list[Fact]] = {}
    for criterion, kind, origin, direction, side, polarity in rows:
        found.setdefault(criterion, []).append((kind, origin, direction, side, polarity))
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
    facts = _facts(assessment, criterion=criterion_id).get(criterion_id, [])
    _store([_state(assessment, criterion_id, position, facts)])


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
