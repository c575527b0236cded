"""What the report tells of readings."""

from __future__ import annotations

from kloe.assessment.readings import Why
from kloe.assessment.snapshot_readings import Readings
from kloe.web.assessments.models import Assessment
from kloe.web.inspections.models import Inspection
from kloe.web.library.store import Pinned
from kloe.web.readings import queries
from kloe.web.readings.models import BlindRequest, Opening, RatingDissent


def for_report(assessment: Assessment, pinned: Pinned) -> Readings:
    """Readings as a snapshot holds them: one query, and six in an inspection."""
    if not Inspection.objects.filter(assessment=assessment).exists():
        return Readings()
    scoped = set(assessment.themes.filter(in_scope=True).values_list("theme", flat=True))
    opened = set(Opening.objects.filter(assessment=assessment).values_list("theme", flat=True))
    readers: dict[str, set[str]] = {}
    for one in (every := queries.said(assessment, pinned)):
        readers.setdefault(one.criterion.rpartition("/")[0], set()).add(one.by)
    # A theme opened after one reader alone was not read by two.
    read = {t for t in scoped & opened if len(readers.get(t, ())) > 1}
    said = [s for s in every if s.criterion.rpartition("/")[0] in read]
    found = queries.reliability(said)
    asked: dict[str, list[str]] = {}
    for criterion, theme, reasons in BlindRequest.objects.filter(assessment=assessment).values_list(
        "criterion", "theme", "reasons"
    ):
        if theme in read:
            asked.setdefault(criterion, []).extend(reasons)
    dissents = (
        RatingDissent.objects.filter(assessment=assessment, withdrawn_at=None, theme__in=read)
        .order_by()
        .values("criterion")
        .distinct()
    )
    return Readings(
        themes=len(scoped),
        read=len(read),
        shared=found.shared,
        pairs=found.pairs,
        same=found.same,
        one_apart=found.steps.get(1, 0),
        wider=found.wider,
        mixed=found.mixed,
        unplaced=found.unplaced,
        alpha="" if found.alpha is None else f"{found.alpha:.2f}",
        asked=len(asked),
        drawn=sum(1 for reasons in asked.values() if Why.SAMPLE.value in reasons),
        dissents=dissents.count(),
    )
