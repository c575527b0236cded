"""Reading an inspection for its pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from kloe.assessment import stages
from kloe.assessment.permissions import ROLE_NAMES, Permission, Role
from kloe.assessment.stages import Missing, Move
from kloe.assessment.vocabulary import LABELS, AssessmentKind
from kloe.assessment.vocabulary import InspectionStage as Stage
from kloe.core.errors import NotFound
from kloe.core.messages import Message, _
from kloe.web.access import AssessmentAccess
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment, Participation
from kloe.web.inspections import actions, facts
from kloe.web.inspections.models import Inspection, StageMove
from kloe.web.site import navigation


def inspection_of(assessment: Assessment) -> Inspection:
    """What an assessment has as an inspection.

    :raises NotFound: if it is none.
    """
    found = Inspection.objects.filter(assessment=assessment).first()
    if found is None:
        raise NotFound(
            _("This assessment is no inspection."),
            _("Inspections have stages, a team and a plan."),
            _("Go to its overview."),
        )
    found.assessment = assessment
    return found


@dataclass(frozen=True)
class Step:
    """A stage as the page shows it."""

    stage: Stage
    label: Message
    planned: date | None
    began: datetime | None
    #: done, here or ahead.
    state: str
    late: bool


@dataclass(frozen=True)
class Way:
    """A move as the page offers it."""

    move: Move
    label: Message
    missing: tuple[Missing, ...]
    may: bool
    roles: str

    @property
    def lacking(self) -> dict[str, Missing]:
        """What is missing, by condition."""
        return {m.condition.key: m for m in self.missing}

    @property
    def open(self) -> bool:
        return self.may and not self.missing


def steps(inspection: Inspection, moves: list[StageMove]) -> list[Step]:
    """Every stage with its planned and actual date."""
    planned = dict(inspection.planned.values_list("stage", "date"))
    began: dict[str, datetime] = {}
    for one in moves:
        began[one.after] = one.at
    here = stages.ORDER.index(Stage(inspection.stage))
    today = timezone.localdate()
    found = []
    for n, stage in enumerate(stages.ORDER):
        day = planned.get(stage)
        when = began.get(stage) if n <= here else None
        state = "here" if n == here else "done" if n < here else "ahead"
        actual = timezone.localtime(when).date() if when else today
        late = day is not None and actual > day and (when is not None or state == "ahead")
        found.append(Step(stage, LABELS[stage], day, when, state, late))
    return found


def ways_on(inspection: Inspection, access: AssessmentAccess) -> list[Way]:
    """The moves from here: what stands in their way, and whether this person makes them."""
    known = facts.gather(inspection)
    mine = actions.roles_of(inspection.assessment, access.user)
    return [
        Way(
            move,
            LABELS[move.after],
            stages.missing_for(move, known),
            bool(mine.intersection(move.roles)) and access.may(Permission.STAGE_MOVE),
            actions.who_makes(move),
        )
        for move in stages.moves_from(inspection.stage)
    ]


def history(inspection: Inspection) -> list[StageMove]:
    """Every change of stage, the first one first."""
    return list(inspection.moves.select_related("by"))


def labels() -> dict[str, Message]:
    """The words of stages, by value."""
    return {s.value: LABELS[s] for s in Stage}


# The team ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TeamMember:
    """Somebody of the team."""

    user: User
    role: Role
    label: Message


_ORDER = {role.value: n for n, role in enumerate(Role)}


def team(assessment: Assessment) -> list[TeamMember]:
    """Everybody of the team, by role and name."""
    found = Participation.objects.filter(assessment=assessment).select_related("user")
    rows = sorted(found, key=lambda p: (_ORDER[p.role], str(p.user).casefold()))
    return [TeamMember(p.user, Role(p.role), ROLE_NAMES[Role(p.role)]) for p in rows]


def inspectors(assessment: Assessment) -> QuerySet[User]:
    """Those of the team who inspect: they lead themes, answer questions, go on visits."""
    roles = (Role.LEAD_INSPECTOR, Role.INSPECTOR, Role.SPECIALIST, Role.TENANT_INSPECTOR)
    return (
        User.objects.filter(
            participations__assessment=assessment,
            participations__role__in=[r.value for r in roles],
        )
        .order_by("name", "email")
        .distinct()
    )


def nav(access: AssessmentAccess, here: str) -> list[dict[str, Any]]:
    """The ways between the pages of an inspection that are open to this person."""
    again = (
        (("comparison", _("Comparison"), Permission.ASSESSMENT_VIEW),)
        if access.assessment.kind == AssessmentKind.RE_INSPECTION
        else ()
    )
    found = (
        ("inspection", _("Stage"), Permission.INSPECTION_VIEW),
        ("inspection-team", _("Team"), Permission.INSPECTION_VIEW),
        ("documents", _("Documents"), Permission.DOCUMENT_VIEW),
        ("inspection-self-assessment", _("Self-assessment"), Permission.DOCUMENT_VIEW),
        ("enquiry-plan", _("Plan of enquiry"), Permission.ASSESSMENT_VIEW),
        ("claims", _("Claims to test"), Permission.ASSESSMENT_VIEW),
        ("timetable", _("Timetable"), Permission.ASSESSMENT_VIEW),
        ("feedback", _("Emerging findings"), Permission.FEEDBACK_VIEW),
        ("moderation", _("Moderation"), Permission.ASSESSMENT_VIEW),
        *again,
        ("readings", _("Readings"), Permission.ASSESSMENT_VIEW),
        ("draft", _("Draft report"), Permission.DRAFT_VIEW),
        ("publication", _("Publication"), Permission.DRAFT_VIEW),
    )
    pk = access.assessment.pk
    return [
        {"url": url, "label": label, "current": route == here}
        for route, label, permission in found
        if access.may(permission) and (url := navigation.address(route, pk))
    ]
