"""Reading the audit trail."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from kloe.frameworks import library
from kloe.web.audit.models import AuditEvent, AuditSeal
from kloe.web.jobs.models import Job
from kloe.web.library.store import Pinned

FILTERS = ("who", "verb", "kind", "subject", "from", "to")


@dataclass(frozen=True)
class Asked:
    """What a trail is asked for, by its address; ``faults`` names what could not be read."""

    who: str = ""
    verb: str = ""
    kind: str = ""
    subject: str = ""
    first: date | None = None
    last: date | None = None
    given: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Asked:
        """From the address; a date that is none is told beside its field and left out."""
        given = {name: query.get(name, "").strip()[:200] for name in FILTERS}
        days: dict[str, date | None] = {}
        faults = {}
        for name in ("from", "to"):
            try:
                days[name] = parse_date(given[name]) if given[name] else None
            except ValueError:
                days[name] = None
            if given[name] and days[name] is None:
                faults[name] = _("“%(given)s” is no date. Write it as 2026-05-03.") % {
                    "given": given[name]
                }
        first, last = days["from"], days["to"]
        if first and last and last < first:
            faults["to"] = _("The last day comes before the first. Choose a later one.")
            last = None
        return cls(
            who=given["who"],
            verb=given["verb"],
            kind=given["kind"],
            subject=given["subject"],
            first=first,
            last=last,
            given=given,
            faults=faults,
        )


def of_assessment(assessment: UUID) -> QuerySet[AuditEvent]:
    """Everything done in an assessment, newest first."""
    return AuditEvent.objects.filter(assessment_id=assessment).order_by("-id")


def came(assessment: UUID) -> AuditEvent | None:
    """When an assessment was brought in from another kloe, if it was."""
    return of_assessment(assessment).filter(verb="imported assessment").first()


def of_organisation(organisation: UUID) -> QuerySet[AuditEvent]:
    """Everything done in an organisation and its assessments, newest first."""
    return AuditEvent.objects.filter(organisation_id=organisation).order_by("-id")


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def asked_for(trail: QuerySet[AuditEvent], asked: Asked) -> QuerySet[AuditEvent]:
    """The part of a trail that was asked for."""
    if asked.who:
        trail = trail.filter(actor=asked.who)
    if asked.verb:
        trail = trail.filter(verb=asked.verb)
    if asked.kind:
        trail = trail.filter(subject_kind=asked.kind)
    if asked.subject:
        # JSON keeps what is not ASCII escaped; look for both spellings.
        kept = json.dumps(asked.subject)[1:-1]
        trail = trail.annotate(
            was=Cast("before", TextField()), now=Cast("after", TextField())
        ).filter(
            Q(subject_id__icontains=asked.subject)
            | Q(was__icontains=asked.subject)
            | Q(now__icontains=asked.subject)
            | Q(was__icontains=kept)
            | Q(now__icontains=kept)
        )
    if asked.first:
        trail = trail.filter(at__gte=_midnight(asked.first))
    if asked.last and asked.last < date.max:
        trail = trail.filter(at__lt=_midnight(asked.last + timedelta(days=1)))
    return trail


@dataclass(frozen=True)
class Choices:
    """What there is to choose from in a trail."""

    people: list[str]
    verbs: list[str]
    kinds: list[str]


def choices(trail: QuerySet[AuditEvent]) -> Choices:
    """People, verbs and kinds of subject of a whole trail: one pass over it."""
    rows = trail.order_by().values_list("actor", "verb", "subject_kind").distinct()
    people, verbs, kinds = set(), set(), set()
    for actor, verb, kind in rows:
        people.add(actor)
        verbs.add(verb)
        kinds.add(kind)
    return Choices(sorted(people), sorted(verbs), sorted(kinds))


def current_names() -> Pinned:
    """The editions of the package, to name what identifiers of several assessments mean."""
    return Pinned(library.load_all(), "")


#: The work that checks every seal.
CHECK = "check-seals"
#: So many seals (of up to a thousand events each) are checked while a person waits.
FEW = 20


@dataclass(frozen=True)
class Checked:
    """What a check of all seals found: how many, and the events of those that are broken."""

    at: datetime
    seals: int
    broken: int
    events: list[list[int]]


def last_check(*, organisation: UUID | None, assessment: UUID | None) -> Job | None:
    """The check asked for last on this page, whatever became of it."""
    asked = Job.objects.filter(kind=CHECK, assessment=assessment)
    if assessment is None:
        asked = asked.filter(organisation=organisation)
    return asked.order_by("-created_at").first()


def found_by(job: Job | None) -> Checked | None:
    """What a check found, if it has ended."""
    if job is None or job.state != Job.State.DONE or job.finished_at is None:
        return None
    found = job.result
    return Checked(job.finished_at, found["seals"], found["broken"], found["events"])


@dataclass(frozen=True)
class Seals:
    """How far the trail is sealed."""

    sealed: int
    last_event: int
    at: datetime | None


def seals() -> Seals:
    """The last seal: events up to it cannot be changed without it showing."""
    last = AuditSeal.objects.order_by("-id").first()
    if last is None:
        return Seals(0, 0, None)
    return Seals(AuditSeal.objects.count(), last.last_event, last.sealed_at)
