"""Recommendations: adding, changing, deciding, saying that one was carried out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kloe.assessment.plan import Level, MadeBy
from kloe.assessment.vocabulary import FindingKind
from kloe.core.errors import Conflict, InvalidInput
from kloe.core.messages import _
from kloe.web.accounts.models import User
from kloe.web.ids import new_id
from kloe.web.judgements.models import Finding
from kloe.web.organisations.models import Organisation
from kloe.web.plans.models import Recommendation
from kloe.web.plans.reach import findings_of
from kloe.web.plans.writing import (
    ChangedMeanwhile,
    FieldFault,
    changed,
    checked,
    known_fields,
    lock,
    next_reference,
    reference_free,
    today_or_before,
    trace,
)

FIELDS = frozenset(
    {
        "reference", "what", "why", "benefit", "impact", "cost", "due_on", "origin", "source",
        "made_on",
    }
)  # fmt: skip
#: Made by somebody else: these say where.
ELSEWHERE = frozenset(set(MadeBy) - {MadeBy.SELF_ASSESSMENT, MadeBy.INSPECTION})


def add(
    *,
    organisation: Organisation,
    by: User | None,
    findings: Sequence[UUID] = (),
    id: UUID | None = None,
    request_id: str = "",
    **values: Any,
) -> Recommendation:
    """Add a recommendation. Sent twice under one ``id``, it stands once.

    :raises InvalidInput: for what is not allowed, or a finding of another organisation.
    """
    found = known_fields(values, FIELDS)
    with transaction.atomic():
        lock(organisation)
        if id is not None:
            earlier = Recommendation.objects.filter(pk=id).first()
            if earlier is not None and earlier.organisation_id == organisation.pk:
                return earlier
            id = None if earlier is not None else id
        found.setdefault("made_on", timezone.localdate())
        found["reference"] = found.get("reference") or next_reference(
            organisation, Recommendation, "R"
        )
        row = Recommendation(id=id or new_id(), organisation=organisation, created_by=by, **found)
        _sound(row)
        reference_free(row, row.reference)
        row.save(force_insert=True)
        row.findings.set(_findings(organisation, findings))
        trace(
            organisation, by, "added recommendation", "recommendation", row, after=found,
            request_id=request_id,
        )  # fmt: skip
    return row


def _sound(row: Recommendation) -> None:
    checked(row)
    if row.origin in ELSEWHERE and not row.source:
        raise FieldFault(
            "source",
            _("It is not said where this recommendation stands."),
            _("A recommendation made elsewhere names its document and who made it."),
            _("For instance: “Audit Wales, letter on repairs, recommendation 4”."),
        )
    if row.due_on is not None and row.due_on < row.made_on:
        raise FieldFault(
            "due_on",
            _("It would be due before it was made."),
            _("By when is a day after %(day)s.", day=row.made_on.isoformat()),
            _("Correct one of the two days."),
        )


def _findings(organisation: Organisation, wanted: Sequence[UUID]) -> list[Finding]:
    found = list(findings_of(organisation).filter(pk__in=wanted))
    if len(found) != len(set(wanted)):
        raise InvalidInput(
            _("Some of the findings are not there, or belong to another organisation."),
            _("A recommendation rests on findings of this organisation's assessments."),
            _("Load the page again and choose among what is there."),
        )
    return found


def edit(
    *,
    recommendation: Recommendation,
    by: User | None,
    base_version: int,
    findings: Sequence[UUID] | None = None,
    request_id: str = "",
    **values: Any,
) -> Recommendation:
    """Change a recommendation.

    :raises ChangedMeanwhile: if it is not at ``base_version`` any more.
    """
    found = known_fields(values, FIELDS)
    with transaction.atomic():
        row = Recommendation.objects.select_for_update().get(pk=recommendation.pk)
        found["reference"] = found.get("reference") or row.reference
        before = changed(row, found)
        now = None if findings is None else {str(f) for f in findings}
        was = {str(pk) for pk in row.findings.values_list("pk", flat=True)}
        if not before and now in (None, was):
            return row
        if row.version != base_version:
            raise ChangedMeanwhile(row)
        for name in before:
            setattr(row, name, found[name])
        _sound(row)
        reference_free(row, row.reference)
        _save(row, *before)
        if now is not None and now != was:
            row.findings.set(_findings(row.organisation, list(findings or ())))
        trace(
            row.organisation_id, by, "changed recommendation", "recommendation", row,
            before=before, after={k: found[k] for k in before}, request_id=request_id,
        )  # fmt: skip
    return row


def _save(row: Recommendation, *fields: str) -> None:
    row.version += 1
    row.updated_at = timezone.now()
    row.save(update_fields=[*fields, "version", "updated_at"])


def decide(
    *,
    recommendation: Recommendation,
    accepted: bool,
    reason: str,
    by: User | None,
    decided_on: date | None = None,
    request_id: str = "",
) -> Recommendation:
    """Accept a recommendation, or not; a refusal says why.

    :raises FieldFault: for a refusal without a reason.
    """
    reason = reason.strip()
    if not accepted and not reason:
        raise FieldFault(
            "reason",
            _("It is not said why it is not accepted."),
            _("A recommendation may be refused with a reason, which stands beside it."),
            _("Say it in a sentence."),
        )
    day = decided_on or timezone.localdate()
    today_or_before(day, timezone.localdate(), "decided_on")
    with transaction.atomic():
        row = Recommendation.objects.select_for_update().get(pk=recommendation.pk)
        if (row.accepted, row.decision) == (accepted, reason):
            return row
        if not accepted and row.implemented_on is not None:
            raise Conflict(
                _("%(ref)s is said to be carried out already.", ref=row.reference),
                _("What was carried out was accepted."),
                _("Take back first that it was carried out."),
            )
        before = {"accepted": row.accepted, "decision": row.decision}
        row.accepted, row.decision, row.decided_on = accepted, reason, day
        _save(row, "accepted", "decision", "decided_on")
        trace(
            row.organisation_id, by, "decided recommendation", "recommendation", row,
            before=before, after={"accepted": accepted, "decision": reason}, request_id=request_id,
        )  # fmt: skip
    return row


def implemented(
    *, recommendation: Recommendation, on: date | None, by: User | None, request_id: str = ""
) -> Recommendation:
    """Say on which day a recommendation was carried out; ``None`` takes it back.

    :raises Conflict: for one that is not accepted.
    :raises FieldFault: for a day before it was made, or that has not come.
    """
    with transaction.atomic():
        row = Recommendation.objects.select_for_update().get(pk=recommendation.pk)
        if row.implemented_on == on:
            return row
        if on is not None:
            if not row.accepted:
                raise Conflict(
                    _("%(ref)s is not accepted.", ref=row.reference),
                    _("Only what was accepted is carried out."),
                    _("Accept it first."),
                )
            today_or_before(on, timezone.localdate(), "implemented_on")
            if on < row.made_on:
                raise FieldFault(
                    "implemented_on",
                    _("It would be carried out before it was made."),
                    _("It was made on %(day)s.", day=row.made_on.isoformat()),
                    _("Correct the day."),
                )
        before = {"implemented_on": row.implemented_on}
        row.implemented_on = on
        _save(row, "implemented_on")
        trace(
            row.organisation_id, by, "carried out recommendation", "recommendation", row,
            before=before, after={"implemented_on": on}, request_id=request_id,
        )  # fmt: skip
    return row


def remove(*, recommendation: Recommendation, by: User | None, request_id: str = "") -> None:
    """Take a recommendation away that was added by mistake.

    :raises Conflict: if it was decided on, or actions rest on it.
    """
    with transaction.atomic():
        row = Recommendation.objects.select_for_update().get(pk=recommendation.pk)
        if row.accepted is not None or row.actions.exists():
            raise Conflict(
                _("%(ref)s was decided on, or actions rest on it.", ref=row.reference),
                _("Only a mistake is taken away."),
                _("Say that it is not accepted, and why."),
            )
        trace(
            row.organisation_id, by, "removed recommendation", "recommendation", row,
            before={"what": row.what, "source": row.source}, request_id=request_id,
        )  # fmt: skip
        row.delete()


def _still_to_come(day: str) -> date | None:
    """A day as a finding has it; none where it is past, which no recommendation can be due on."""
    found = date.fromisoformat(day) if day else None
    return found if found is not None and found >= timezone.localdate() else None


def from_finding(
    *, organisation: Organisation, finding: Finding, by: User | None, request_id: str = ""
) -> Recommendation:
    """A recommendation from an area for improvement, with one press; pressed twice, it is one.

    :raises InvalidInput: for a finding that is no area for improvement.
    """
    if finding.kind != FindingKind.IMPROVEMENT:
        raise InvalidInput(
            _("This finding is no area for improvement."),
            _("Recommendations come from areas for improvement."),
            _("Add a recommendation, and name the finding there."),
        )
    with transaction.atomic():
        lock(organisation)
        there = Recommendation.objects.filter(organisation=organisation, findings=finding).first()
        if there is not None:
            return there
        assessment = finding.assessment
        inspected = "inspection" in assessment.kind
        origin = MadeBy.INSPECTION if inspected else MadeBy.SELF_ASSESSMENT
        return add(
            organisation=organisation,
            by=by,
            findings=[finding.pk],
            what=finding.recommendation or finding.text,
            why=finding.text if finding.recommendation else "",
            benefit=finding.benefit,
            impact=finding.impact or (finding.priority if finding.priority in set(Level) else ""),
            cost=finding.cost,
            due_on=_still_to_come(finding.due_on),
            origin=origin.value,
            source=assessment.title[:300],
            made_on=timezone.localdate(),
            request_id=request_id,
        )
