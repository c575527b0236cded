"""Context and what is known, as evidence: so that they are cited like anything else."""

from __future__ import annotations

from django.utils.translation import gettext as _

from kloe.assessment.vocabulary import EvidenceKind, Origin
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment, ContextRecord, KnownFact
from kloe.web.evidence import actions as evidence
from kloe.web.evidence.checks import MAX_TITLE, Details
from kloe.web.evidence.models import EvidenceItem


def _keep(
    item: EvidenceItem | None, *, assessment: Assessment, details: Details, by: User | None
) -> EvidenceItem:
    if item is None or item.deleted_at is not None:
        return evidence.add_note(assessment=assessment, details=details, by=by)
    return evidence.edit(item=item, details=details, by=by, base_version=item.version)


def known(*, fact: KnownFact, by: User | None) -> EvidenceItem:
    """The item that stands for something known; made or brought up to date."""
    title = fact.source if len(fact.source) <= MAX_TITLE else f"{fact.source[: MAX_TITLE - 1]}…"
    details = Details(
        title=title,
        kind=EvidenceKind.DOCUMENT.value,
        origin=Origin.THIRD_PARTY.value,
        period_start=fact.date,
        period_end=fact.date,
        source=fact.source,
        text=fact.text,
    )
    fact.evidence = _keep(fact.evidence, assessment=fact.assessment, details=details, by=by)
    fact.save(update_fields=["evidence"])
    return fact.evidence


def context(*, assessment: Assessment, record: ContextRecord, by: User | None) -> None:
    """The item that stands for the context record, once something is written in it."""
    parts = [getattr(record, name).strip() for name in ContextRecord.FIELDS]
    if not any(parts):
        return
    details = Details(
        title=_("Context of the organisation"),
        kind=EvidenceKind.DOCUMENT.value,
        origin=Origin.LANDLORD.value,
        period_start=assessment.period_start,
        period_end=assessment.period_end,
        text="\n\n".join(part for part in parts if part),
    )
    record.evidence = _keep(record.evidence, assessment=assessment, details=details, by=by)
    record.save(update_fields=["evidence"])
