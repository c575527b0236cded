"""The cases behind a computed figure: those at fault, to page through or take away; samples.

Nothing is listed of a figure that is hidden, nor over records other than those it was computed
from; columns by which a hidden group could be counted are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from kloe.core.errors import Conflict, InvalidInput, NotFound
from kloe.core.messages import _
from kloe.core.tables import comma_separated
from kloe.measures import case_files
from kloe.measures.catalogue import Source
from kloe.measures.compose import Query, at_fault
from kloe.measures.computing import Computing, Wanted
from kloe.measures.groups import about_people
from kloe.measures.keeping import data_digest
from kloe.records import sampling
from kloe.records.store import RecordSet
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment
from kloe.web.audit.actions import record
from kloe.web.indicators import case_lists
from kloe.web.indicators.computed import required_records
from kloe.web.indicators.models import CaseSample, ComputedResult, ComputedSummary
from kloe.web.jobs import actions as jobs
from kloe.web.jobs.models import Job

MOST_DRAWN = 1000
#: The work that makes a list.
LIST = "list-cases"
FAULT, ALL = "fault", "all"
FRAMES = (FAULT, ALL)


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
    least = assessment.landlord.small_number
    if row.threshold < least:
        raise Conflict(
            _("Numbers below %(n)d are hidden now; %(m)s was computed before.", n=least,
              m=source.id),
            _("A list of cases shows no more than the figure beside it may."),
            _("Compute the indicators anew."),
        )  # fmt: skip
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
            threshold=row.threshold,
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

    Read from the file made with the figure: nothing is computed.

    :raises InvalidInput: if its claim is not about every case.
    :raises NotMade: if there is no such file.
    """
    row, _records = listable(assessment, source)
    at_fault(Query.of(source.measure))
    kept = case_lists.found(row)
    total = kept.faults
    out = _left_out(row, Query.of(source.measure))
    columns = kept.columns
    places = [n for n, column in enumerate(columns) if column not in out]
    return Listed(
        tuple(columns[n] for n in places),
        tuple(tuple(one[n] for n in places) for one in kept.at_fault(limit, offset, total=total)),
        total,
    )


def make_list(assessment: Assessment, source: Source) -> bool:
    """Make the list of cases behind a figure where it is missing; whether it was made.

    :raises Conflict: if the figure is hidden, or the records are others now.
    """
    row, records = listable(assessment, source)
    with Computing(records, Wanted()) as computing:
        return case_lists.keep(computing, source, row)


def make_in_background(
    *, assessment: Assessment, source: Source, by: User | None, request_id: str = ""
) -> Job:
    """Have the background make the list of cases behind a figure."""
    listable(assessment, source)
    return jobs.enqueue(
        kind=LIST,
        by=by,
        assessment=assessment,
        payload={"measure": source.id},
        once=True,
        request_id=request_id,
    )


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
    return comma_separated(listed.columns, listed.rows)


def draw_sample(
    *, assessment: Assessment, source: Source, frame: str, size: int, by: User | None
) -> CaseSample:
    """Draw a random sample of cases and keep it, with all that is needed to draw it again.

    The seed is made before the cases are looked at.

    :raises InvalidInput: for another frame, or fewer than one or too many cases.
    :raises NotMade: if the cases are not listed yet.
    """
    if frame not in FRAMES or (frame == FAULT and source.measure.fault is None):
        raise InvalidInput(
            _("A sample was asked of “%(frame)s”.", frame=frame[:40]),
            _("It may be of the cases at fault, where a measure has such, or of all counted."),
            _("Choose one of them."),
        )
    if not 1 <= size <= MOST_DRAWN:
        raise InvalidInput(
            _("A sample of %(n)d case.", plural="A sample of %(n)d cases.", n=size),
            _("From 1 to %(most)d.", most=MOST_DRAWN),
            _("Ask for another number."),
        )
    seed = sampling.new_seed()
    row, _records = listable(assessment, source)
    flag = case_files.FAULT if frame == FAULT else case_files.COUNTED
    refs = case_lists.found(row).references(flag)
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
