"""The progress review: the track record of a period, what slipped and why, what came of it.

As evidence it speaks to the themes *track record* and *service user benefits* of the line of
enquiry into improvement. Of service users' benefits it shows nothing but context until an outcome
is evidenced.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from kloe.assessment.plan import Outcome, Shows, Status
from kloe.assessment.track_record import (
    Against,
    TrackRecord,
    against,
    direction_allowed,
    track_record,
    years_back,
)
from kloe.assessment.vocabulary import Direction, EvidenceKind, Origin
from kloe.core.digest import value_digest
from kloe.core.errors import Conflict, InvalidInput, NotFound
from kloe.core.messages import _
from kloe.core.periods import Period
from kloe.frameworks.model import Theme
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment, ContextRecord
from kloe.web.evidence import actions as evidence
from kloe.web.evidence.checks import Details
from kloe.web.evidence.models import EvidenceItem
from kloe.web.library import store
from kloe.web.organisations.models import Organisation
from kloe.web.plans import queries
from kloe.web.plans.models import Action
from kloe.web.plans.reach import assessments_of
from kloe.web.site.wording import day, period

#: Where a track record is asked for.
FRAMEWORK = "wao-housing-2005"
TRACK_RECORD, BENEFITS = f"{FRAMEWORK}/2.10/1", f"{FRAMEWORK}/2.10/2"
YEARS = 3
#: Outcomes named in an item of evidence; the rest is counted.
NAMED = 25
_ITEMS = UUID("0b1f4ad4-8f2c-4f58-9a6e-0e2b7a3c61d5")


@dataclass(frozen=True)
class Benefit:
    """What service users got from one action, and who of those for whom it matters."""

    action: Action
    groups: tuple[tuple[str, bool], ...]


@dataclass(frozen=True)
class Review:
    """Everything a progress review says."""

    period: Period
    baseline: Period
    record: TrackRecord
    then: TrackRecord
    compared: tuple[Against, ...]
    over: tuple[TrackRecord, ...]
    benefits: tuple[Benefit, ...]
    context: tuple[Action, ...]


def review(organisation: Organisation, period: Period, baseline: Period) -> Review:
    """The review of a period beside a baseline, in a fixed number of queries."""
    facts = queries.facts(organisation)
    record, then = track_record(facts, period), track_record(facts, baseline)
    done = (
        Action.objects.filter(
            organisation=organisation,
            status=Status.COMPLETED.value,
            done_on__range=(period.start, period.end),
        )
        .select_related("owner")
        .prefetch_related("evidence__item")
        .order_by("done_on", "reference")
    )
    benefits, context = [], []
    for action in done:
        if action.outcome_state == Outcome.EVIDENCED:
            benefits.append(Benefit(action, _groups(action)))
        else:
            context.append(action)
    return Review(
        period=period,
        baseline=baseline,
        record=record,
        then=then,
        compared=against(record, then),
        over=tuple(track_record(facts, p) for p in years_back(period.end, YEARS)),
        benefits=tuple(benefits),
        context=tuple(context),
    )


def _groups(action: Action) -> tuple[tuple[str, bool], ...]:
    from kloe.web.plans.outcomes import groups_of

    shown = {
        e.group
        for e in action.evidence.all()
        if e.shows == Shows.OUTCOME and e.item.deleted_at is None
    }
    return tuple((g, g in shown) for g in groups_of(action))


def usual(today: date) -> tuple[Period, Period]:
    """The last twelve months, and those before as the baseline."""
    before, last = years_back(today, 2)
    return last, before


def candidates(organisation: Organisation) -> list[Assessment]:
    """Assessments of the organisation that ask for a track record, newest first."""
    found = assessments_of(organisation).filter(
        organisation=organisation, editions__framework=FRAMEWORK, themes__theme=TRACK_RECORD
    )
    return list(found.distinct().order_by("-period_end", "-created_at")[:20])


def baseline_told(assessment: Assessment) -> str:
    """What the context record of an assessment says of the baseline."""
    found = ContextRecord.objects.filter(assessment=assessment).values_list("baseline", flat=True)
    return found.first() or ""


def themes(assessment: Assessment) -> list[Theme]:
    """The two themes to which a review speaks."""
    pinned = store.pinned(assessment)
    return [pinned.theme(TRACK_RECORD), pinned.theme(BENEFITS)]


def use_as_evidence(
    *,
    organisation: Organisation,
    assessment: Assessment,
    found: Review,
    descriptor: str,
    direction: str,
    by: User | None,
) -> EvidenceItem:
    """Let a review speak to a statement of the two themes. Said twice, it stands once.

    :raises Conflict: of service users' benefits, beyond context, while no outcome is evidenced.
    """
    if assessment.landlord_id != organisation.pk:
        raise NotFound(_("This assessment is not of the organisation whose plan this is."))
    if not descriptor.startswith((f"{TRACK_RECORD}/", f"{BENEFITS}/")):
        raise InvalidInput(
            _("A progress review does not speak to %(descriptor)s.", descriptor=descriptor[:120]),
            _("It speaks to the themes track record and service user benefits."),
            _("Choose a statement of one of them."),
        )
    record = found.record
    allowed = direction_allowed(record.completed, record.with_outcome.part)
    if descriptor.startswith(f"{BENEFITS}/") and direction != Direction.CONTEXT and not allowed:
        raise Conflict(
            _("No outcome of a completed action is evidenced in this period."),
            _("Until one is, completed actions are context for what service users got."),
            _("Use it as context, or put evidence of outcomes to the actions first."),
        )
    with transaction.atomic():
        item = _item(organisation, assessment, found, by)
        evidence.link(item=item, descriptor=descriptor, direction=direction, by=by)
    return item


def _item(
    organisation: Organisation, assessment: Assessment, found: Review, by: User | None
) -> EvidenceItem:
    text = words(found)
    pk = uuid5(_ITEMS, f"{assessment.pk} {value_digest([found.period.start.isoformat(), text])}")
    earlier = EvidenceItem.objects.filter(pk=pk).first()
    if earlier is not None and earlier.deleted_at is None:
        return earlier
    return evidence.add_result(
        assessment=assessment,
        details=Details(
            title=gettext("Track record of the improvement plan, %(period)s")
            % {"period": period(found.period)},
            kind=EvidenceKind.DATA.value,
            origin=Origin.SYSTEM.value,
            period_start=found.period.start,
            period_end=found.period.end,
            source=gettext("improvement plan of %(name)s, as on %(day)s")
            % {"name": organisation.name[:200], "day": day(timezone.localdate())},
            text=text,
        ),
        by=by,
        id=None if earlier is not None else pk,
    )


def words(found: Review) -> str:
    """The review as the text of an item of evidence."""
    lines = [
        gettext("%(name)s: %(part)d of %(of)d.") % {"name": name, "part": s.part, "of": s.of}
        for _key, name, s in found.record.shares
    ]
    lines.append(
        gettext("Completed, with no outcome evidenced (context): %(n)d.")
        % {"n": found.record.context_only}
    )
    lines.append(
        gettext("Before, in the baseline %(period)s:") % {"period": period(found.baseline)}
    )
    lines += [f"- {c.name}: {c.then.part}/{c.then.of}. {c.words}" for c in found.compared]
    if found.record.slipped:
        lines.append(gettext("Moved to a later day, and why:"))
        lines += [
            f"- {f.ref} {f.title}: {m.reason}"
            for f in found.record.slipped[:NAMED]
            for m in f.moved
        ]
    if found.benefits:
        lines.append(gettext("What service users got:"))
        lines += [_benefit(b) for b in found.benefits[:NAMED]]
    return "\n".join(lines)


def _benefit(one: Benefit) -> str:
    said = one.action.outcome_note or one.action.outcome
    shown = [g for g, there in one.groups if there]
    missing = [g for g, there in one.groups if not there]
    parts = [f"- {one.action.reference} {one.action.title}: {said}"]
    if shown:
        parts.append(gettext("Shown for: %(groups)s.") % {"groups": ", ".join(shown)})
    if missing:
        parts.append(gettext("Not shown for: %(groups)s.") % {"groups": ", ".join(missing)})
    return " ".join(parts)


def statements(found: Sequence[Theme], used: dict[str, str]) -> list[dict[str, Any]]:
    """The statements of the themes, each with what was said of it already."""
    return [
        {
            "theme": theme,
            "benefits": theme.id == BENEFITS,
            "criteria": [
                {"criterion": c, "descriptors": [(d, used.get(d.id, "")) for d in c.descriptors]}
                for c in theme.criteria
            ],
        }
        for theme in found
    ]


def used_in(assessment: Assessment) -> dict[str, str]:
    """What reviews of the plan say already of the statements, by descriptor."""
    from kloe.web.evidence.models import EvidenceLink

    rows = EvidenceLink.objects.filter(
        assessment=assessment,
        theme__in=(TRACK_RECORD, BENEFITS),
        item__form=EvidenceItem.Form.RESULT.value,
        item__deleted_at=None,
        item__title__startswith=gettext("Track record of the improvement plan, %(period)s").split(
            "%"
        )[0],
    )
    return dict(rows.values_list("descriptor", "direction"))
