"""Who may go where: every route of kloe in one table. The test holds the views to it.

``public``: anybody. ``signed in``: anybody with an account; what they see is theirs.
A permission: whoever has it in the organisation or assessment of the address. To somebody
with no part in it the address does not exist.
"""

from __future__ import annotations

from kloe.assessment.permissions import Permission as P

PUBLIC, SIGNED_IN = "public", "signed in"
READS, WRITES, BOTH = ("GET",), ("POST",), ("GET", "POST")

#: Route name: (rule, methods).
MATRIX: dict[str, tuple[str | P, tuple[str, ...]]] = {
    # Site
    "home": (SIGNED_IN, READS),
    "scheme": (PUBLIC, WRITES),
    "set_language": (PUBLIC, WRITES),
    "profile": (SIGNED_IN, BOTH),
    "library": (SIGNED_IN, READS),
    "library-search": (SIGNED_IN, READS),
    "library-edition": (SIGNED_IN, READS),
    "library-instruments": (SIGNED_IN, READS),
    "library-faults": (SIGNED_IN, READS),
    "library-kloe": (SIGNED_IN, READS),
    "library-theme": (SIGNED_IN, READS),
    "datasets": (SIGNED_IN, READS),
    "dataset": (SIGNED_IN, READS),
    # Administrators of any organisation: decided in the view, tested there.
    "dataset-import": (SIGNED_IN, WRITES),
    "organisations": (SIGNED_IN, READS),
    "assessments": (SIGNED_IN, READS),
    "assessment-create": (SIGNED_IN, BOTH),
    # A job is its starter's, or seen with its assessment: decided in the view, tested there.
    "job": (SIGNED_IN, READS),
    "job-cancel": (SIGNED_IN, WRITES),
    # An organisation
    "organisation": (P.ORGANISATION_VIEW, READS),
    "organisation-edit": (P.ORGANISATION_MANAGE, BOTH),
    "member-add": (P.ORGANISATION_MANAGE, BOTH),
    "member": (P.ORGANISATION_MANAGE, BOTH),
    "member-remove": (P.ORGANISATION_MANAGE, WRITES),
    "member-link": (P.ORGANISATION_MANAGE, WRITES),
    "audit-organisation": (P.AUDIT_VIEW, READS),
    # Records of an organisation
    "records": (P.RECORDS_VIEW, READS),
    "records-measures": (P.RECORDS_VIEW, READS),
    "records-layouts": (P.RECORDS_VIEW, READS),
    "records-layout": (P.RECORDS_VIEW, READS),
    "records-rejects": (P.RECORDS_VIEW, READS),
    "records-undo": (P.RECORDS_LOAD, BOTH),
    # An assessment
    "overview": (P.ASSESSMENT_VIEW, READS),
    "enquiry": (P.ASSESSMENT_VIEW, READS),
    "assessment-details": (P.ASSESSMENT_MANAGE, BOTH),
    "assessment-finish": (P.ASSESSMENT_MANAGE, WRITES),
    "assessment-jobs": (P.ASSESSMENT_VIEW, READS),
    "audit-assessment": (P.AUDIT_VIEW, READS),
    "scope": (P.ASSESSMENT_VIEW, READS),
    "scope-set": (P.SCOPE_SET, WRITES),
    "scope-proposal": (P.ASSESSMENT_VIEW, READS),
    "scope-accept": (P.SCOPE_SET, WRITES),
    "theme-assign": (P.SCOPE_SET, WRITES),
    "mine": (P.ASSESSMENT_VIEW, READS),
    "context": (P.ASSESSMENT_VIEW, READS),
    "context-save": (P.RECORD_WRITE, WRITES),
    "known-add": (P.RECORD_WRITE, BOTH),
    "known-edit": (P.RECORD_WRITE, BOTH),
    "known-remove": (P.RECORD_WRITE, WRITES),
    "comments": (P.ASSESSMENT_VIEW, READS),
    "theme": (P.ASSESSMENT_VIEW, READS),
    "theme-so-far": (P.ASSESSMENT_VIEW, READS),
    "rate": (P.RATE, WRITES),
    "rate-undo": (P.RATE, WRITES),
    "answer": (P.ANSWER, WRITES),
    "answer-cites": (P.ANSWER, BOTH),
    "criterion-common": (P.ASSESSMENT_VIEW, READS),
    "criterion-comment": (P.COMMENT, BOTH),
    # Evidence: what is somebody else's asks for EVIDENCE_MANAGE besides, tested there.
    "evidence-list": (P.ASSESSMENT_VIEW, READS),
    "evidence-add": (P.EVIDENCE_ADD, BOTH),
    "evidence-item": (P.ASSESSMENT_VIEW, READS),
    "evidence-file": (P.ASSESSMENT_VIEW, READS),
    "evidence-edit": (P.EVIDENCE_ADD, BOTH),
    "evidence-delete": (P.EVIDENCE_ADD, BOTH),
    "evidence-restore": (P.EVIDENCE_ADD, WRITES),
    "evidence-link": (P.EVIDENCE_ADD, BOTH),
    "evidence-unlink": (P.EVIDENCE_ADD, WRITES),
    "evidence-for": (P.EVIDENCE_ADD, BOTH),
    "evidence-choices": (P.EVIDENCE_ADD, READS),
    "evidence-more": (P.ASSESSMENT_VIEW, READS),
    # Results
    "indicators": (P.ASSESSMENT_VIEW, READS),
    "indicators-choose": (P.ASSESSMENT_MANAGE, READS),
    "indicators-set": (P.ASSESSMENT_MANAGE, WRITES),
    "indicator": (P.ASSESSMENT_VIEW, READS),
    "analysis": (P.ASSESSMENT_VIEW, READS),
    "analysis-compute": (P.ASSESSMENT_MANAGE, WRITES),
    # Judging
    "judgements": (P.ASSESSMENT_VIEW, READS),
    "overall-judgement": (P.ASSESSMENT_VIEW, READS),
    "kloe-judgement": (P.ASSESSMENT_VIEW, READS),
    "judgement": (P.ASSESSMENT_VIEW, READS),
    "judgement-suggested": (P.ASSESSMENT_VIEW, READS),
    "judgement-provisional": (P.JUDGE, BOTH),
    "judgement-decide": (P.JUDGE, BOTH),
    "judgement-dissent": (P.RATE, BOTH),
    "judgement-withdraw": (P.RATE, WRITES),
    "findings-list": (P.ASSESSMENT_VIEW, READS),
    "finding-add": (P.FINDING_WRITE, BOTH),
    "finding-edit": (P.FINDING_WRITE, BOTH),
    "finding-remove": (P.FINDING_WRITE, WRITES),
    "finding-move": (P.FINDING_WRITE, WRITES),
    "main-question-answer": (P.ANSWER, BOTH),
    "weakness-add": (P.JUDGE, BOTH),
    "weakness-take": (P.JUDGE, WRITES),
    "weakness-edit": (P.JUDGE, BOTH),
    "weakness-remove": (P.JUDGE, WRITES),
    "factor-add": (P.JUDGE, BOTH),
    "factor-edit": (P.JUDGE, BOTH),
    "factor-remove": (P.JUDGE, WRITES),
    # Report
    "report": (P.ASSESSMENT_VIEW, READS),
    "report-make": (P.REPORT, WRITES),
    "report-file": (P.REPORT, READS),
}
