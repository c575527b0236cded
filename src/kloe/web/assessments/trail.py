"""Events of an assessment in the audit trail."""

from __future__ import annotations

from typing import Any

from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment
from kloe.web.audit.actions import record


def trace(
    assessment: Assessment, by: User | None, verb: str, kind: str, subject: object, **values: Any
) -> None:
    """An audit event of this assessment.

    :param kind: of what it was done to.
    """
    record(
        by=by,
        verb=verb,
        subject_kind=kind,
        subject_id=subject,
        organisation_id=assessment.organisation_id,
        assessment_id=assessment.pk,
        **values,
    )
