"""Who may do what: one enum of permissions, roles as data over it.

``web/access.py`` is the only place that decides; everything else names a permission.
"""

from __future__ import annotations

from enum import StrEnum

from kloe.core.messages import Message, _


class Permission(StrEnum):
    """One thing a person may be allowed to do."""

    # Belonging to an organisation
    ORGANISATION_VIEW = "organisation.view"
    ORGANISATION_MANAGE = "organisation.manage"
    ASSESSMENT_CREATE = "assessment.create"
    RECORDS_VIEW = "records.view"
    RECORDS_LOAD = "records.load"
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
    COMMENT = "comment.write"
    REPORT = "report.make"
    AUDIT_VIEW = "audit.view"
    CASES_VIEW = "cases.view"


class Role(StrEnum):
    """What a person is in an organisation, or in one assessment of it."""

    ADMINISTRATOR = "administrator"
    LEAD = "lead"
    ASSESSOR = "assessor"
    CONTRIBUTOR = "contributor"
    READER = "reader"


ROLE_NAMES: dict[Role, Message] = {
    Role.ADMINISTRATOR: _("Administrator"),
    Role.LEAD: _("Lead"),
    Role.ASSESSOR: _("Assessor"),
    Role.CONTRIBUTOR: _("Contributor"),
    Role.READER: _("Reader"),
}

ROLE_WORDS: dict[Role, Message] = {
    Role.ADMINISTRATOR: _("Manages the organisation and its members; may do everything."),
    Role.LEAD: _("Creates and leads assessments: scope, judgements, report."),
    Role.ASSESSOR: _("Places the organisation on criteria, answers questions, writes findings."),
    Role.CONTRIBUTOR: _("Adds evidence and drafts answers; does not place or judge."),
    Role.READER: _("Reads everything that is not restricted; changes nothing."),
}

_READ = frozenset(
    {
        Permission.ORGANISATION_VIEW,
        Permission.ASSESSMENT_VIEW,
        Permission.COMMENT,
        Permission.REPORT,
    }
)
_CONTRIBUTE = _READ | {Permission.EVIDENCE_ADD, Permission.ANSWER}
_ASSESS = _CONTRIBUTE | {
    Permission.RATE,
    Permission.FINDING_WRITE,
    Permission.RECORD_WRITE,
    Permission.EVIDENCE_MANAGE,
    Permission.EVIDENCE_RESTRICTED,
    Permission.RECORDS_VIEW,
    Permission.CASES_VIEW,
}
_LEAD = _ASSESS | {
    Permission.ASSESSMENT_CREATE,
    Permission.ASSESSMENT_MANAGE,
    Permission.SCOPE_SET,
    Permission.JUDGE,
    Permission.AUDIT_VIEW,
    Permission.RECORDS_LOAD,
}
# A reader reads: what they think of the framework's wording is welcome, nothing else is written.
ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.READER: _READ,
    Role.CONTRIBUTOR: _CONTRIBUTE,
    Role.ASSESSOR: _ASSESS,
    Role.LEAD: _LEAD,
    Role.ADMINISTRATOR: _LEAD | {Permission.ORGANISATION_MANAGE},
}


def permissions_of(*roles: str | None) -> frozenset[Permission]:
    """What a person with these roles may do; roles that are None or unknown give nothing."""
    found: frozenset[Permission] = frozenset()
    known = {r.value for r in Role}
    for role in roles:
        if role in known:
            found |= ROLE_PERMISSIONS[Role(role)]
    return found
