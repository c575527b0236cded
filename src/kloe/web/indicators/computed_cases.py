"""The cases behind a computed figure: those at fault, to page through or take away; samples.

Nothing is listed of a figure that is hidden, nor over records other than those it was computed
from; columns by which a hidden group could be counted are left out.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from kloe.core.errors import Conflict, InvalidInput, NotFound
from kloe.core.messages import _
from kloe.core.periods import Period
from kloe.measures import faults
from kloe.measures.catalogue import Source
from kloe.measures.compose import Query, listing, sql_of
from kloe.measures.computing import Computing, Wanted
from kloe.measures.definitions import Kind
from kloe.measures.groups import about_people
from kloe.measures.keeping import data_digest
from kloe.records import sampling
from kloe.records.store import RecordSet
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment
from kloe.web.audit.actions import record
from kloe.web.indicators.computed import required_records
from kloe.web.indicators.models import CaseSample, ComputedResult, ComputedSummary

MOST_DRAWN = 1000
FAULT, ALL = "fault", "all"
FRAMES = (FAULT, ALL)
#: What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Listed:
    """A page of cases, and how many there are altogether."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    total: int


def listable(assessment: Assessment, source: Source) -> tuple[ComputedResult, RecordSet]:
    """The result whose cases may be listed, and the records it was computed from.

    :raises NotFound: if the measure was not computed.
    :raises Conflict: if its figure is hidden, or the records or the definition are others now.
    """
    summary = (
        ComputedSummary.objects.filter(assessment=assessment, measure=source.id)
        .select_related("result")
        .first()
    )
    if summary is None:
        raise NotFound(
            _("%(measure)s was not computed for this assessment.", measure=source.id),
            "",
            _("Compute the indicators first."),
        )
    row = summary.result
    if row.level != ComputedResult.Level.ALL or row.missing:
        raise Conflict(
            _("No cases of %(measure)s are listed.", measure=source.id),
            _("What is hidden to protect small numbers, or not computable, has no list."),
        )
    records = required_records(assessment)
    same = data_digest(records, source.tables) == row.data_digest
    # Where a breakdown reads further tables, those of the measure itself decide.
    if not same or source.digest != row.definition_digest:
        raise Conflict(
            _("The records or the definition have changed since %(m)s was computed.", m=source.id),
            _("A list of cases fits the figure beside it."),
            _("Compute the indicators anew."),
        )
    return row, records


def _left_out(row: ComputedResult, query: Query) -> frozenset[str]:
    """Columns by which something hidden could be counted, and those that say nothing."""
    out = {"landlord"}
    if query.measure.fault and query.measure.fault.test == "numerator_zero":
        out |= {"numerator", "denominator"}
    if not about_people(query):
        return frozenset(out)
    levels: dict[str, set[str]] = {}
    for grouping, level in (
        ComputedResult.objects.filter(
            organisation=row.organisation_id,
            measure=row.measure,
            period_start=row.period_start,
            period_end=row.period_end,
            definition_digest=row.definition_digest,
            data_digest=row.data_digest,
            engine=row.engine,
        )
        .exclude(grouping="")
        .values_list("grouping", "level")
    ):
        levels.setdefault(grouping, set()).add(level)
    out |= {c for c in query.own_groups if levels.get(c) != {ComputedResult.Level.ALL.value}}
    return frozenset(out)


def cases_at_fault(
    assessment: Assessment, source: Source, *, limit: int | None = None, offset: int = 0
) -> Listed:
    """Cases of which the measure's claim does not hold, in the assessment's period.

    :raises InvalidInput: if its claim is not about every case.
    """
    row, records = listable(assessment, source)
    query = Query.of(source.measure)
    with Computing(records, Wanted()) as computing:
        found = faults.cases_at_fault(
            computing,
            source,
            Period(row.period_start, row.period_end),
            landlord=records.landlord,
            limit=limit,
            offset=offset,
        )
    out = _left_out(row, query)
    places = [n for n, column in enumerate(found.columns) if column not in out]
    return Listed(
        tuple(found.columns[n] for n in places),
        tuple(tuple(one[n] for n in places) for one in found.rows),
        found.total,
    )


def as_csv(listed: Listed) -> bytes:
    """The cases as a file; what a spreadsheet would run is made text."""

    def plain(value: Any) -> Any:
        text = value if isinstance(value, str) else ""
        return f"'{text}" if text.startswith(_FORMULA) else value

    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(listed.columns)
    writer.writerows([plain(v) for v in row] for row in listed.rows)
    return out.getvalue().encode("utf-8-sig")


def take_away(*, assessment: Assessment, source: Source, by: User | None) -> bytes:
    """All cases at fault as CSV; that somebody took them is kept."""
    listed = cases_at_fault(assessment, source)
    with transaction.atomic():
        record(
            by=by,
            verb="looked at cases",
            subject_kind="measure",
            subject_id=source.id,
            organisation_id=assessment.organisation_id,
            assessment_id=assessment.pk,
            after={"cases": listed.total},
        )
    return as_csv(listed)


def _references(
    assessment: Assessment, source: Source, frame: str, records: RecordSet, row: ComputedResult
) -> list[str]:
    """Every case of a frame, once."""
    if frame == FAULT:
        found = cases_at_fault(assessment, source)
        at = found.columns.index("case_ref")
        return sorted({str(one[at]) for one in found.rows})
    query = Query.of(source.measure)
    where = ["m.landlord = '" + records.landlord.replace("'", "''") + "'"]
    if "excluded" in query.columns:
        where.append("m.excluded IS NULL")
    if query.measure.kind is not Kind.DISTRIBUTION:
        where.append("m.denominator <> 0")
    with Computing(records, Wanted()) as computing:
        engine = computing.engine(query.needs, [Period(row.period_start, row.period_end)])
        inner = sql_of(query.with_settings(), engine.name)
        rows: Sequence[Sequence[Any]] = engine.run(listing(query, inner, where=" AND ".join(where)))
    at = query.columns.index("case_ref")
    return sorted({str(one[at]) for one in rows})


def draw_sample(
    *, assessment: Assessment, source: Source, frame: str, size: int, by: User | None
) -> CaseSample:
    """Draw a random sample of cases and keep it, with all that is needed to draw it again.

    The seed is made before the cases are looked at.

    :raises InvalidInput: for another frame, or fewer than one or too many cases.
    """
    if frame not in FRAMES or (frame == FAULT and source.measure.fault is None):
        raise InvalidInput(
            _("A sample was asked of “%(frame)s”.", frame=frame[:40]),
            _("It may be of the cases at fault, where a measure has such, or of all counted."),
            _("Choose one of them."),
        )
    if not 1 <= size <= MOST_DRAWN:
        raise InvalidInput(
            _("A sample of %(n)d cases.", n=size),
            _("From 1 to %(most)d.", most=MOST_DRAWN),
            _("Ask for another number."),
        )
    seed = sampling.new_seed()
    row, records = listable(assessment, source)
    refs = _references(assessment, source, frame, records, row)
    made = sampling.draw(
        refs, size, seed=seed, frame=f"{source.id} {frame}", reserve=max(3, size // 4)
    )
    with transaction.atomic():
        kept = CaseSample.objects.create(
            assessment=assessment,
            measure=source.id,
            period_start=row.period_start,
            period_end=row.period_end,
            sample=made.as_dict(),
            data_digest=row.data_digest,
            definition_digest=row.definition_digest,
            by=by,
        )
        record(
            by=by,
            verb="drew sample",
            subject_kind="measure",
            subject_id=source.id,
            organisation_id=assessment.organisation_id,
            assessment_id=assessment.pk,
            after={"cases": made.cases, "size": made.size, "seed": seed},
        )
    return kept
