"""Samples drawn from frames of records for an assessment, kept beside those of cases.

A frame is one of those that come along, over the assessment's own period and without strata: what
is said of it is how many there are altogether, never how many of a group.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from kloe.core.errors import Conflict, InvalidInput
from kloe.core.messages import _
from kloe.core.periods import Period
from kloe.measures.computing import missing
from kloe.measures.framing import Drawable, cases
from kloe.measures.samples import Size
from kloe.records import sampling
from kloe.records.frames import Frame, frame, frames
from kloe.records.store import RecordSet
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment
from kloe.web.audit.actions import record
from kloe.web.indicators.computed import required_records
from kloe.web.indicators.models import CaseSample

MOST_DRAWN = 1000
#: How a sample of records says in its place for a measure that it is none.
NO_MEASURE = ""


@dataclass(frozen=True)
class Offered:
    """A frame, and what the records lack for it."""

    frame: Frame
    lacking: str

    @property
    def columns(self) -> str:
        """The days it goes by."""
        return self.frame.on or ", ".join(self.frame.open or ())


def offered(records: RecordSet | None) -> list[Offered]:
    """Every frame by its title, with what the records lack for it."""
    found = []
    for one in frames().values():
        gone = missing(records, {one.table: one.columns}) if records is not None else ()
        found.append(Offered(one, "; ".join(str(m.words) for m in gone)))
    return sorted(found, key=lambda o: (bool(o.lacking), str(o.frame.title)))


def kept(assessment: Assessment) -> list[CaseSample]:
    """Samples of records drawn for an assessment, the newest first."""
    return list(
        CaseSample.objects.filter(assessment=assessment, measure=NO_MEASURE).select_related("by")
    )


def frame_of(sample: Mapping[str, object]) -> Frame | None:
    """The frame a kept sample was drawn from; None where it is not there any more."""
    return frames().get(str(sample["frame"]))


def draw(*, assessment: Assessment, name: str, size: int | None, by: User | None) -> CaseSample:
    """Draw a sample of records and keep it; without a size, as a margin of five points needs.

    :raises NotFound: for a frame there is not, or without records.
    :raises Conflict: where so few records are in the frame that their number would tell of people.
    """
    if name not in frames():
        name = name[:60]
        # A table by its bare name is for the command line, where conditions go with it.
        raise InvalidInput(
            _("A sample was asked of “%(frame)s”.", frame=name),
            _("There are: %(all)s.", all=", ".join(frames())),
            _("Choose one of them."),
        )
    if size is not None and not 1 <= size <= MOST_DRAWN:
        raise InvalidInput(
            _("A sample of %(n)d case.", plural="A sample of %(n)d cases.", n=size),
            _("From 1 to %(most)d.", most=MOST_DRAWN),
            _("Ask for another number."),
        )
    seed = sampling.new_seed()
    records = required_records(assessment)
    period = Period(assessment.period_start, assessment.period_end)
    one = frame(name)
    wanted = Drawable(frame=one, period=period if one.dated else None)
    found = cases(records, wanted)
    least = assessment.landlord.small_number
    if len(found) < least:
        raise Conflict(
            _("Fewer than %(n)d records are in “%(frame)s”.", n=least, frame=one.title),
            _("So few tell of people; there is nothing to draw from where all could be named."),
            _("Look at all of them where they are kept."),
        )
    number = size or Size().of(len(found))
    made = sampling.draw(found, number, seed=seed, frame=name, reserve=max(3, number // 4))
    with transaction.atomic():
        stored = CaseSample.objects.create(
            assessment=assessment,
            measure=NO_MEASURE,
            period_start=period.start,
            period_end=period.end,
            sample=made.as_dict(),
            data_digest=wanted.data(records),
            definition_digest=wanted.digest,
            by=by,
        )
        record(
            by=by,
            verb="drew sample",
            subject_kind="frame",
            subject_id=name,
            organisation_id=assessment.organisation_id,
            assessment_id=assessment.pk,
            after={"cases": made.cases, "size": made.size, "seed": seed},
        )
    return stored
