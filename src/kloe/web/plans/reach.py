"""What of other apps a plan may rest on: findings, evidence and assessments of the organisation.

The one place that says so: a landlord's plan reaches its own assessments, and what an inspection
of it has published; never what inspectors are still writing.
"""

from __future__ import annotations

from django.db.models import Q, QuerySet

from kloe.assessment.stages import TOLD
from kloe.assessment.vocabulary import Confidentiality, FindingKind
from kloe.web.assessments.models import Assessment
from kloe.web.evidence.models import EvidenceItem
from kloe.web.judgements.models import Finding
from kloe.web.organisations.models import Organisation


def assessments_of(organisation: Organisation) -> QuerySet[Assessment]:
    """Assessments whose findings may become part of the organisation's plan."""
    return Assessment.objects.filter(_own(organisation))


def _own(organisation: Organisation) -> Q:
    own = Q(organisation=organisation) & (Q(subject=None) | Q(subject=organisation))
    of_others = Q(subject=organisation, final_at__isnull=False, inspection=None)
    inspected = Q(inspection__stage__in=TOLD)
    return (own & Q(inspection=None)) | of_others | (inspected & (own | Q(subject=organisation)))


def findings_of(organisation: Organisation) -> QuerySet[Finding]:
    """Findings of any of its assessments."""
    return Finding.objects.filter(assessment__in=assessments_of(organisation)).select_related(
        "assessment"
    )


def improvements_of(organisation: Organisation) -> QuerySet[Finding]:
    """Areas for improvement of any of its assessments, those that matter most first."""
    return findings_of(organisation).filter(kind=FindingKind.IMPROVEMENT.value)


def evidence_of(organisation: Organisation, *, restricted: bool) -> QuerySet[EvidenceItem]:
    """Evidence of its own assessments that may be put to an action."""
    found = EvidenceItem.objects.filter(
        organisation=organisation,
        assessment__in=assessments_of(organisation).filter(organisation=organisation),
        deleted_at=None,
    ).select_related("assessment")
    if not restricted:
        found = found.exclude(confidentiality=Confidentiality.RESTRICTED.value)
    return found
