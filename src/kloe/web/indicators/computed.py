"""Computing indicators from an organisation's records, for an assessment.

Each measure is written as soon as it is computed, in a transaction of its own. Rows say what
may be shown and nothing else; the plan for that is made here, once for all pages.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from kloe.core.disk import DiskFull
from kloe.core.errors import InvalidInput, KloeError, NotFound
from kloe.core.messages import _
from kloe.core.periods import Period
from kloe.core.progress import Progress, Silent
from kloe.measures import groups as grouping
from kloe.measures import outlook
from kloe.measures.catalogue import Catalogue, Source, catalogue
from kloe.measures.computing import Computing, Wanted
from kloe.measures.definitions import Measure
from kloe.measures.outlook import Aim, Figure
from kloe.measures.results import Missing, plain
from kloe.records.store import RecordSet
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment
from kloe.web.audit.actions import record
from kloe.web.indicators import case_lists
from kloe.web.indicators.computed_rows import Measured, Spans, measured
from kloe.web.indicators.holdings import records_of
from kloe.web.indicators.models import ComputedPlacing, ComputedResult, ComputedSummary
from kloe.web.library import store
from kloe.web.library.store import Pinned
from kloe.web.plans import publishing

log = logging.getLogger(__name__)
INTEGRITY = "integrity/"


@dataclass
class Done:
    """What came of computing."""

    measures: int = 0
    computable: int = 0
    new: int = 0
    failed: dict[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return {
            "measures": self.measures,
            "computable": self.computable,
            "new": self.new,
            "failed": self.failed,
        }


def required_records(assessment: Assessment) -> RecordSet:
    """The records of the organisation assessed.

    :raises NotFound: if there are none.
    """
    records = records_of(assessment.landlord_id)
    if records is None:
        raise NotFound(
            _("No records of this organisation are loaded."),
            _("Indicators are computed from tenancies, repairs, complaints and the like."),
            _("Bring in an extract of the organisation's systems first."),
        )
    return records


def compute(
    *,
    assessment: Assessment,
    by: User | None,
    measures: Iterable[str] = (),
    records: RecordSet | None = None,
    measures_from: Catalogue | None = None,
    progress: Progress | None = None,
) -> Done:
    """Compute measures for an assessment; all of them where none is named.

    May be stopped and run again: what is there already stands, and is not written twice.

    :raises NotFound: without records, or for a measure there is not.
    """
    known = measures_from or catalogue()
    if records is None:
        # What the plan holds goes to the engine first: the measures of improvement rest on it.
        publishing.publish(organisation=assessment.landlord, by=by)
        records = required_records(assessment)
    spans = Spans.of(assessment, records.as_at)
    # What tests the records comes first: what rests on them says so.
    wanted = sorted(known.match(measures), key=lambda s: not s.id.startswith(INTEGRITY))
    tell, done, doubtful = progress or Silent(), Done(), set[str]()
    implied = grouping.pieces(spans.shown)
    pinned = store.pinned(assessment)
    with Computing(records, Wanted(tuple(sorted((*spans.shown, *implied))))) as computing:
        for at, source in enumerate(wanted):
            tell.step(at, len(wanted), str(source.measure.title))
            try:
                made = measured(computing, source, spans, implied, assessment)
            except InvalidInput as error:
                done.failed[source.id] = str(error)
                continue
            doubts = [s.id for s in known.integrity_of(source) if s.id in doubtful]
            with transaction.atomic():
                if not done.measures:
                    _trace(assessment, by, records, spans, len(wanted))
                new, summary = _write(assessment, pinned, source.measure, spans, made, doubts)
            _list(computing, source, summary.result)
            if source.id.startswith(INTEGRITY) and summary.aim in (Aim.OFF, Aim.CHANCE):
                doubtful.add(source.id)
            done.measures += 1
            done.new += new
            done.computable += not summary.result.missing
    tell.step(len(wanted), len(wanted))
    return done


def _list(computing: Computing, source: Source, row: ComputedResult) -> None:
    """Keep the cases behind a figure beside it. No figure depends on a list."""
    try:
        case_lists.keep(computing, source, row)
    except (InvalidInput, DiskFull):
        log.exception("The cases of %s could not be listed.", source.id)


def _trace(
    assessment: Assessment, by: User | None, records: RecordSet, spans: Spans, number: int
) -> None:
    record(
        by=by,
        verb="computed indicators",
        subject_kind="records",
        subject_id=records.folder.name,
        organisation_id=assessment.organisation_id,
        assessment_id=assessment.pk,
        after={
            "period": [spans.period.start.isoformat(), spans.period.end.isoformat()],
            "data": records.digest,
            "measures": number,
        },
    )


# Writing


_SAME = (
    "measure", "period_start", "period_end", "grouping", "group", "definition_digest",
    "data_digest", "engine", "threshold",
)  # fmt: skip


def _write(
    assessment: Assessment,
    pinned: Pinned,
    measure: Measure,
    spans: Spans,
    made: Measured,
    doubts: list[str],
) -> tuple[int, ComputedSummary]:
    here = made.wholes[spans.period]
    mine = ComputedResult.objects.filter(
        organisation=assessment.landlord_id,
        measure=measure.id,
        definition_digest=here.definition,
        data_digest=here.data,
        engine=here.engine,
        threshold=made.threshold,
    )
    there = set(mine.values_list(*_SAME))
    rows = [
        r
        for r in (*made.rows, *made.parts)
        if tuple(getattr(r, name) for name in _SAME) not in there
    ]
    ComputedResult.objects.bulk_create(rows, batch_size=200, ignore_conflicts=True)
    wholes = {Period(r.period_start, r.period_end): r for r in mine.filter(grouping="")}
    return len(rows), _summarise(assessment, pinned, measure, spans, wholes, doubts)


def figure_of(row: ComputedResult) -> Figure:
    """What may be shown of a row."""

    def number(text: str) -> Decimal | None:
        return Decimal(text) if text else None

    return Figure(
        Period(row.period_start, row.period_end),
        number(row.value),
        number(row.numerator),
        number(row.denominator),
        row.n,
    )


def figures_of(rows: Mapping[Period, ComputedResult], periods: Sequence[Period]) -> list[Figure]:
    """What may be shown of periods, the earliest first, from the first that has a figure."""
    found = [figure_of(rows[p]) if p in rows else Figure(p) for p in periods]
    while found and found[0].value is None:
        found.pop(0)
    return found


def _summarise(
    assessment: Assessment,
    pinned: Pinned,
    measure: Measure,
    spans: Spans,
    wholes: Mapping[Period, ComputedResult],
    doubts: list[str],
) -> ComputedSummary:
    row = wholes[spans.period]
    series = figures_of(wholes, spans.trend_of(measure))
    chart = outlook.chart_of(measure, series)
    hidden = row.level != ComputedResult.Level.ALL
    why = "; ".join(str(Missing(*m).words) for m in row.missing)
    seen = outlook.attention(
        measure,
        figure_of(row),
        chart,
        hidden=hidden,
        missing=_("Not computable: %(why)s.", why=why) if why else None,
        doubts=len(doubts),
    )
    summary, _new = ComputedSummary.objects.update_or_create(
        assessment=assessment,
        measure=measure.id,
        defaults={
            "result": row,
            "told": _told(measure),
            "aim": outlook.aim_of(measure, seen).value,
            "verdict": chart.verdict.value if chart else "",
            "points": seen.points,
            "distance": float(min(seen.distance, Decimal(10**6))),
            "reasons": [r.message.as_dict() for r in seen.reasons],
            "series": [
                [outlook.quarter_label(f.period), None if f.value is None else plain(f.value)]
                for f in series
            ],
            "doubts": doubts,
            "updated_at": timezone.now(),
        },
    )
    summary.placings.all().delete()
    ComputedPlacing.objects.bulk_create(
        ComputedPlacing(
            summary=summary,
            assessment=assessment,
            theme=theme,
            criterion=criterion,
            bearing=p.bearing,
            side=p.side or "",
            place=place,
        )
        for place, p in enumerate(measure.criteria)
        for theme, criterion in [_place(pinned, p.ref)]
        if theme
    )
    return summary


def _told(measure: Measure) -> dict[str, Any]:
    """What lists say of a measure beside its figure."""
    target = measure.target
    bounds = [] if target is None else [target.value, target.low, target.high]
    return {
        "title": dict(measure.title.by_language),
        "basis": dict(target.basis.by_language) if target else {},
        "target": [None if b is None else plain(b) for b in bounds],
        "direction": measure.direction.value,
    }


def _place(pinned: Pinned, ref: str) -> tuple[str, str]:
    """Theme and criterion of a placing; nothing where the pinned editions lack it."""
    try:
        if ref.count("/") == 2:
            return pinned.theme(ref).id, ""
        found = pinned.criterion(ref)
    except KloeError:
        return "", ""
    return found.theme_id, found.id
