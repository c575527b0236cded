"""Who may do what: one enum of permissions, roles as data over it.

``web/access.py`` is the only place that decides; everything else names a permission.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from kloe.assessment.vocabulary import InspectionStage as Stage
from kloe.core.messages import Message, _


class Permission(StrEnum):
    """One thing a person may be allowed to do."""

    # Belonging to an organisation
    ORGANISATION_VIEW = "organisation.view"
    ORGANISATION_MANAGE = "organisation.manage"
    ASSESSMENT_CREATE = "assessment.create"
    RECORDS_VIEW = "records.view"
    RECORDS_LOAD = "records.load"
    # Its improvement plan: without PLAN_EDIT one tells of the actions one answers for
    PLAN_VIEW = "plan.view"
    PLAN_TELL = "plan.tell"
    PLAN_EDIT = "plan.edit"
    PLAN_DECIDE = "plan.decide"
    # In an assessment
    ASSESSMENT_VIEW = "assessment.view"
    ASSESSMENT_MANAGE = "assessment.manage"
    SCOPE_SET = "scope.set"
    RECORD_WRITE = "record.write"
    RATE = "rating.write"
    ANSWER = "answer.write"
    EVIDENCE_ADD = "evidence.add"
    EVIDENCE_MANAGE = "evidence.manage"
    EVIDENCE_RESTRICTED = "evidence.restricted"
    FINDING_WRITE = "finding.write"
    JUDGE = "judgement.write"
    # In an inspection: without JUDGE, of the themes one leads
    PROPOSE = "judgement.propose"
    COMMENT = "comment.write"
    REPORT = "report.make"
    AUDIT_VIEW = "audit.view"
    CASES_VIEW = "cases.view"
    # Reality checks: without CHECKS_ALL one sees those given to oneself
    CHECKS_VIEW = "checks.view"
    CHECKS_ALL = "checks.all"
    CHECKS_DO = "checks.do"
    CHECKS_EDIT = "checks.edit"
    CHECK_PEOPLE = "checks.people"
    CHECK_TEMPLATES = "checks.templates"
    RISKS_VIEW = "risks.view"
    RISKS_RAISE = "risks.raise"
    RISKS_ANSWER = "risks.answer"
    # In an inspection
    INSPECTION_VIEW = "inspection.view"
    INSPECTION_MANAGE = "inspection.manage"
    STAGE_MOVE = "stage.move"
    ENQUIRY_PLAN = "enquiry.plan"
    DOCUMENT_VIEW = "document.view"
    DOCUMENT_ASK = "document.ask"
    DOCUMENT_GIVE = "document.give"
    HAND_OVER = "assessment.hand-over"
    MODERATE = "moderation.write"
    # Emerging findings: landlords read what was told, inspectors prepare it too
    FEEDBACK_VIEW = "feedback.view"
    DRAFT_VIEW = "draft.view"
    PUBLISH = "publication.write"
    BOARD_RESPONSE = "response.write"
    DRAFT_ISSUE = "draft.issue"
    CHALLENGE = "challenge.write"
    CHALLENGE_SEND = "challenge.send"
    CHALLENGE_ANSWER = "challenge.answer"


class Role(StrEnum):
    """What a person is in an organisation, in one assessment of it, or in an inspection's team."""

    ADMINISTRATOR = "administrator"
    LEAD = "lead"
    ASSESSOR = "assessor"
    CONTRIBUTOR = "contributor"
    READER = "reader"
    # In the team of an inspection
    LEAD_INSPECTOR = "lead inspector"
    INSPECTOR = "inspector"
    SPECIALIST = "specialist"
    MODERATOR = "moderator"
    TENANT_INSPECTOR = "tenant inspector"
    LANDLORD_LEAD = "landlord's lead"
    LANDLORD_CONTRIBUTOR = "landlord's contributor"
    OBSERVER = "observer"


#: What somebody can be in an organisation.
ORGANISATION_ROLES = (
    Role.ADMINISTRATOR, Role.LEAD, Role.ASSESSOR, Role.CONTRIBUTOR, Role.READER,
)  # fmt: skip
#: What somebody can be in the team of an inspection; it counts there and nothing else does.
TEAM_ROLES = tuple(role for role in Role if role not in ORGANISATION_ROLES)
#: People of the landlord inspected.
LANDLORD_ROLES = (Role.LANDLORD_LEAD, Role.LANDLORD_CONTRIBUTOR)


ROLE_NAMES: dict[Role, Message] = {
    Role.ADMINISTRATOR: _("Administrator"),
    Role.LEAD: _("Lead"),
    Role.ASSESSOR: _("Assessor"),
    Role.CONTRIBUTOR: _("Contributor"),
    Role.READER: _("Reader"),
    Role.LEAD_INSPECTOR: _("Lead inspector"),
    Role.INSPECTOR: _("Inspector"),
    Role.SPECIALIST: _("Specialist"),
    Role.MODERATOR: _("Moderator"),
    Role.TENANT_INSPECTOR: _("Tenant inspector"),
    Role.LANDLORD_LEAD: _("Landlord's lead"),
    Role.LANDLORD_CONTRIBUTOR: _("Landlord's contributor"),
    Role.OBSERVER: _("Observer"),
}

ROLE_WORDS: dict[Role, Message] = {
    Role.ADMINISTRATOR: _("Manages the organisation and its members; may do everything."),
    Role.LEAD: _("Creates and leads assessments: scope, judgements, report."),
    Role.ASSESSOR: _("Places the organisation on criteria, answers questions, writes findings."),
    Role.CONTRIBUTOR: _("Adds evidence and drafts answers; does not place or judge."),
    Role.READER: _("Reads everything that is not restricted; changes nothing."),
    Role.LEAD_INSPECTOR: _("Leads the inspection: team, scope, plan, judgements, report, stages."),
    Role.INSPECTOR: _("Enquires, adds evidence, places the landlord, writes findings."),
    Role.SPECIALIST: _("Enquires and adds evidence in their field; does not judge."),
    Role.MODERATOR: _("Reads everything, questions the grades proposed, and agrees them."),
    Role.TENANT_INSPECTOR: _("Carries out the checks given to them; sees nothing else."),
    Role.LANDLORD_LEAD: _("Speaks for the landlord: hands over, sends documents, answers drafts."),
    Role.LANDLORD_CONTRIBUTOR: _("Sends the documents asked for on the landlord's behalf."),
    Role.OBSERVER: _("Reads what is not restricted; changes nothing."),
}

_CHECKS = frozenset({Permission.CHECKS_VIEW, Permission.CHECKS_ALL})
#: What it takes to carry out a check that was given to somebody.
_CARRY_OUT = frozenset(
    {
        Permission.CHECKS_VIEW,
        Permission.CHECKS_DO,
        Permission.CHECK_PEOPLE,
        Permission.RISKS_RAISE,
    }
)
_READ = _CHECKS | frozenset(
    {
        Permission.ORGANISATION_VIEW,
        Permission.PLAN_VIEW,
        Permission.ASSESSMENT_VIEW,
        Permission.COMMENT,
        Permission.REPORT,
        Permission.INSPECTION_VIEW,
        Permission.DOCUMENT_VIEW,
        Permission.DRAFT_VIEW,
        Permission.FEEDBACK_VIEW,
    }
)
_CONTRIBUTE = (
    _READ
    | _CARRY_OUT
    | {
        Permission.EVIDENCE_ADD,
        Permission.ANSWER,
        Permission.RISKS_VIEW,
        Permission.PLAN_TELL,
    }
)
_ASSESS = _CONTRIBUTE | {
    Permission.PLAN_EDIT,
    Permission.CHECKS_EDIT,
    Permission.RISKS_ANSWER,
    Permission.RATE,
    Permission.FINDING_WRITE,
    Permission.RECORD_WRITE,
    Permission.EVIDENCE_MANAGE,
    Permission.EVIDENCE_RESTRICTED,
    Permission.RECORDS_VIEW,
    Permission.CASES_VIEW,
    Permission.CHALLENGE_ANSWER,
}
_LEAD = _ASSESS | {
    Permission.PLAN_DECIDE,
    Permission.CHECK_TEMPLATES,
    Permission.ASSESSMENT_CREATE,
    Permission.ASSESSMENT_MANAGE,
    Permission.SCOPE_SET,
    Permission.JUDGE,
    Permission.PROPOSE,
    Permission.AUDIT_VIEW,
    Permission.RECORDS_LOAD,
    Permission.INSPECTION_MANAGE,
    Permission.STAGE_MOVE,
    Permission.PUBLISH,
    Permission.ENQUIRY_PLAN,
    Permission.DOCUMENT_ASK,
    Permission.DOCUMENT_GIVE,
    Permission.DRAFT_ISSUE,
}
_OF_AN_ORGANISATION = {
    Permission.ORGANISATION_VIEW,
    Permission.ASSESSMENT_CREATE,
    Permission.RECORDS_VIEW,
    Permission.RECORDS_LOAD,
    Permission.CHECK_TEMPLATES,
    Permission.PLAN_VIEW,
    Permission.PLAN_TELL,
    Permission.PLAN_EDIT,
    Permission.PLAN_DECIDE,
}
_INSPECT = (_ASSESS - _OF_AN_ORGANISATION) | {
    Permission.ENQUIRY_PLAN,
    Permission.DOCUMENT_ASK,
    Permission.DOCUMENT_GIVE,
}
_OBSERVE = _CHECKS | frozenset(
    {
        Permission.ASSESSMENT_VIEW,
        Permission.INSPECTION_VIEW,
        Permission.DOCUMENT_VIEW,
        Permission.DRAFT_VIEW,
        Permission.FEEDBACK_VIEW,
    }
)
_LANDLORD = frozenset(
    {
        Permission.INSPECTION_VIEW,
        Permission.DOCUMENT_VIEW,
        Permission.DOCUMENT_GIVE,
        Permission.DRAFT_VIEW,
        Permission.FEEDBACK_VIEW,
    }
)
# A reader reads: what they think of the framework's wording is welcome, nothing else is written.
ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.READER: _READ,
    Role.CONTRIBUTOR: _CONTRIBUTE,
    Role.ASSESSOR: _ASSESS,
    Role.LEAD: _LEAD,
    Role.ADMINISTRATOR: _LEAD | {Permission.ORGANISATION_MANAGE},
    Role.LEAD_INSPECTOR: _LEAD - _OF_AN_ORGANISATION,
    Role.INSPECTOR: _INSPECT | {Permission.PROPOSE},
    Role.SPECIALIST: _INSPECT - {Permission.RATE},
    Role.MODERATOR: _OBSERVE
    | {
        Permission.COMMENT,
        Permission.REPORT,
        Permission.EVIDENCE_RESTRICTED,
        Permission.AUDIT_VIEW,
        Permission.STAGE_MOVE,
        Permission.MODERATE,
    },
    Role.TENANT_INSPECTOR: _CARRY_OUT | {Permission.INSPECTION_VIEW},
    Role.LANDLORD_LEAD: _LANDLORD
    | {
        Permission.HAND_OVER,
        Permission.CHALLENGE,
        Permission.CHALLENGE_SEND,
        Permission.BOARD_RESPONSE,
        Permission.RISKS_VIEW,
        Permission.RISKS_ANSWER,
    },
    Role.LANDLORD_CONTRIBUTOR: _LANDLORD | {Permission.CHALLENGE},
    Role.OBSERVER: _OBSERVE,
}


@dataclass(frozen=True)
class Limit:
    """Permissions that hold at these stages of an inspection only: for all, or for some roles."""

    permissions: frozenset[Permission]
    stages: tuple[Stage, ...]
    roles: tuple[Role, ...] = ()


_STAGES = tuple(Stage)


def _until(last: Stage) -> tuple[Stage, ...]:
    return _STAGES[: _STAGES.index(last) + 1]


def _since(first: Stage) -> tuple[Stage, ...]:
    return _STAGES[_STAGES.index(first) :]


#: What a role may do changes with the stage here and nowhere else.
STAGE_LIMITS: tuple[Limit, ...] = (
    # What was judged rests while the landlord reads the draft, and for good once it is published.
    Limit(
        frozenset({Permission.RATE, Permission.JUDGE, Permission.PROPOSE, Permission.MODERATE}),
        _until(Stage.MODERATION),
    ),
    Limit(frozenset({Permission.SCOPE_SET, Permission.ENQUIRY_PLAN}), _until(Stage.FIELDWORK)),
    Limit(
        frozenset(
            {
                Permission.ANSWER,
                Permission.RECORD_WRITE,
                Permission.EVIDENCE_ADD,
                Permission.EVIDENCE_MANAGE,
                Permission.FINDING_WRITE,
                Permission.CHECKS_DO,
                Permission.CHECKS_EDIT,
                Permission.DOCUMENT_ASK,
                Permission.DOCUMENT_GIVE,
                Permission.DRAFT_ISSUE,
                Permission.CHALLENGE_ANSWER,
            }
        ),
        _until(Stage.FACTUAL_ACCURACY),
    ),
    Limit(frozenset({Permission.HAND_OVER}), _until(Stage.FIELDWORK)),
    Limit(frozenset({Permission.CHALLENGE, Permission.CHALLENGE_SEND}), (Stage.FACTUAL_ACCURACY,)),
    # What is published rests for good. Whatever else writes is refused by web/access.py.
    Limit(
        frozenset({Permission.ASSESSMENT_MANAGE, Permission.COMMENT, Permission.RISKS_RAISE}),
        _until(Stage.FACTUAL_ACCURACY),
    ),
    # The board answers the draft; what it says later stands in the next version.
    Limit(frozenset({Permission.BOARD_RESPONSE}), _since(Stage.FACTUAL_ACCURACY)),
    # The landlord's people see nothing the inspectors wrote before the draft report is theirs.
    Limit(frozenset({Permission.DRAFT_VIEW}), _since(Stage.FACTUAL_ACCURACY), LANDLORD_ROLES),
)


def permissions_of(*roles: str | None) -> frozenset[Permission]:
    """What a person with these roles may do; roles that are None or unknown give nothing."""
    found: frozenset[Permission] = frozenset()
    known = {r.value for r in Role}
    for role in roles:
        if role in known:
            found |= ROLE_PERMISSIONS[Role(role)]
    return found


def permissions_at(
    stage: str, *, team: str | None, member: Iterable[str | None] = ()
) -> frozenset[Permission]:
    """What a person may do in an assessment, which is at a stage if it is an inspection.

    A role in the team of an inspection decides alone; other roles add up.

    :param stage: empty where there are no stages.
    :param team: the role in this assessment.
    :param member: roles in the organisations it belongs to.
    """
    roles = [team] if stage and team in _TEAM else [*member, team]
    found = permissions_of(*roles)
    if not stage:
        return found
    for limit in STAGE_LIMITS:
        if stage not in limit.stages and (not limit.roles or team in limit.roles):
            found -= limit.permissions
    return found


_TEAM = frozenset(role.value for role in TEAM_ROLES)
