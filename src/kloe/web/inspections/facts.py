"""What is so in an inspection: everything the conditions of its moves ask, in a few queries.

Other apps add what they count: ``facts.register(source)``, called once when the app is ready. A
source takes the assessment and gives numbers by name, such as ``{"challenges_open": 2}``; a
condition on a name nobody gives stops nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kloe.assessment.checks.words import CheckState
from kloe.assessment.permissions import Role
from kloe.assessment.stages import PLANNED_STAGES, Facts
from kloe.assessment.vocabulary import AssessmentKind, Stage
from kloe.web.assessments.models import Assessment, Participation
from kloe.web.assessments.queries import progress_by_theme, works_of
from kloe.web.inspections.models import BroughtIn, Inspection, PlannedQuestion
from kloe.web.judgements.standing import grades
from kloe.web.library import store
from kloe.web.organisations.models import Membership

Source = Callable[[Assessment], Mapping[str, int]]
_sources: list[Source] = []


def register(source: Source) -> None:
    """Let ``source`` add to what conditions can ask."""
    if source not in _sources:
        _sources.append(source)


def checks_open(assessment: Assessment) -> dict[str, int]:
    """Reality checks that are neither done nor withdrawn."""
    from kloe.web.checks.models import Check

    open_ = (CheckState.PLANNED.value, CheckState.UNDER_WAY.value)
    n = Check.objects.filter(assessment=assessment, state__in=open_).count()
    return {"checks_open": n}


def gather(inspection: Inspection) -> Facts:
    """The facts of an inspection as they are now."""
    assessment = inspection.assessment
    pinned = store.pinned(assessment)
    works = [w for w in works_of(assessment) if w.in_scope]
    scoped = {w.theme for w in works}
    seconds = set(
        assessment.themes.filter(in_scope=True)
        .exclude(second=None)
        .order_by()
        .values_list("theme", flat=True)
    )
    planned = set(
        PlannedQuestion.objects.filter(assessment=assessment)
        .exclude(state=PlannedQuestion.State.DROPPED)
        .order_by()
        .values_list("theme", flat=True)
    )
    progress = progress_by_theme(assessment, pinned)
    standing = grades(assessment, pinned)
    # A judgement of which nothing is in scope is not made.
    asked = {k.judgement for k in pinned.kloes() if scoped.intersection(t.id for t in k.themes)}
    overall = [judgement for judgement in pinned.leading.scales if judgement in asked]
    dated = set(inspection.planned.values_list("stage", flat=True))
    roles = set(Participation.objects.filter(assessment=assessment).values_list("role", flat=True))

    def agreed(subject: str) -> bool:
        return subject in standing and standing[subject][1] == Stage.AGREED

    more: dict[str, int] = {}
    for source in _sources:
        more |= source(assessment)
    return Facts(
        has_lead=Role.LEAD_INSPECTOR in roles,
        has_moderator=Role.MODERATOR in roles,
        landlord_named=assessment.subject_id is not None
        or assessment.kind == AssessmentKind.MOCK_INSPECTION,
        has_landlord_lead=Role.LANDLORD_LEAD in roles,
        landlord_agreed=_belongs_to_somebody(assessment),
        undated=tuple(s for s in PLANNED_STAGES if s not in dated),
        themes=len(works),
        brought_in=BroughtIn.objects.filter(inspection=inspection).exists(),
        no_self_assessment=bool(inspection.no_self_assessment),
        without_lead=sum(1 for w in works if w.lead_id is None),
        without_second=len(scoped - seconds),
        unplanned=len(scoped - planned),
        visits=inspection.visits.count(),
        requests_open=inspection.requests.filter(state="open").count(),
        criteria=sum(progress[t].base for t in scoped),
        placed=sum(progress[t].placed for t in scoped),
        unproposed=sum(
            1 for t in scoped if t not in standing or standing[t][1] == Stage.PROVISIONAL
        ),
        unagreed=sum(1 for t in scoped if not agreed(t)),
        overall_open=sum(1 for j in overall if not agreed(j)),
        more=more,
    )


def _belongs_to_somebody(assessment: Assessment) -> bool:
    return Membership.objects.filter(organisation=assessment.landlord_id).exists()
