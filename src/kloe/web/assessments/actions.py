"""Making an assessment and setting what it covers, who leads what and by when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction

from kloe.assessment.vocabulary import INSPECTION_KINDS, AssessmentKind
from kloe.core.errors import InvalidInput, NotFound
from kloe.core.given import within
from kloe.core.messages import _
from kloe.core.periods import Period
from kloe.web.accounts.models import User
from kloe.web.assessments import citable
from kloe.web.assessments.models import (
    Assessment,
    ContextRecord,
    FrameworkComment,
    KnownFact,
    PinnedEdition,
    ThemeWork,
)
from kloe.web.assessments.saving import Saved, Write, save_versioned
from kloe.web.assessments.trail import trace
from kloe.web.audit.actions import record
from kloe.web.evidence import actions as evidence
from kloe.web.ids import new_id
from kloe.web.library import store
from kloe.web.organisations.models import Membership, Organisation

#: What fits, as the pages' fields say.
MOST_REASON, MOST_COMMENT = 500, 5000


def create(
    *,
    organisation: Organisation,
    frameworks: Sequence[str],
    kind: str,
    title: str,
    period_start: date,
    period_end: date,
    by: User | None,
    lead: User | None = None,
    leading: str = "",
    dataset: str = "",
    landlord_code: str = "",
    subject: Organisation | None = None,
) -> Assessment:
    """Open an assessment with everything in scope, pinning the editions it uses.

    :param frameworks: identifiers of editions, the leading one first unless ``leading`` says.
    :param subject: the landlord, where it is not the owner; inspections have one.
    :raises InvalidInput: without a framework, with an unknown kind, a period the wrong way
        round, or a lead who does not belong to the organisation.
    """
    chosen = list(dict.fromkeys(frameworks))
    if not chosen:
        raise InvalidInput(
            _("No framework was chosen."),
            _("An assessment is made against one or more editions."),
            _("Choose at least one."),
        )
    if kind not in {k.value for k in AssessmentKind}:
        raise InvalidInput(
            _("“%(kind)s” is no kind of assessment.", kind=kind),
            _("Allowed: %(kinds)s.", kinds=", ".join(k.value for k in AssessmentKind)),
        )
    if subject is not None and kind not in INSPECTION_KINDS:
        raise InvalidInput(
            _("A %(kind)s is of the organisation that makes it.", kind=kind),
            _("An inspection is of a landlord by another organisation."),
            _("Open it as an inspection, or for the landlord itself."),
        )
    Period(period_start, period_end)
    if (
        lead is not None
        and not Membership.objects.filter(organisation=organisation, user=lead).exists()
    ):
        raise InvalidInput(
            _("%(who)s does not belong to %(organisation)s.", who=lead, organisation=organisation),
            _("The lead is one of its members."),
            _("Add the person to the organisation first, or choose another."),
        )
    with transaction.atomic():
        editions = [store.pin(framework) for framework in chosen]
        assessment = Assessment.objects.create(
            organisation=organisation,
            conducted_by=organisation,
            subject=subject,
            kind=kind,
            title=title,
            period_start=period_start,
            period_end=period_end,
            lead=lead,
            leading=leading if leading in chosen else chosen[0],
            dataset=dataset,
            landlord_code=landlord_code,
            created_by=by,
        )
        PinnedEdition.objects.bulk_create(
            PinnedEdition(
                assessment=assessment, edition=edition, framework=edition.framework, order=n
            )
            for n, edition in enumerate(editions)
        )
        ThemeWork.objects.bulk_create(
            ThemeWork(assessment=assessment, theme=theme.id, kloe=kloe.id, strand=theme.strand)
            for kloe in store.pinned(assessment).kloes()
            for theme in kloe.themes
        )
        ContextRecord.objects.create(assessment=assessment)
        record(
            by=by,
            verb="created assessment",
            subject_kind="assessment",
            subject_id=assessment.pk,
            organisation_id=organisation.pk,
            assessment_id=assessment.pk,
            after={
                "title": title,
                "kind": kind,
                "period": [period_start.isoformat(), period_end.isoformat()],
                "editions": {e.framework: e.digest for e in editions},
                "dataset": dataset,
                "landlord": subject.name if subject else landlord_code,
            },
        )
    return assessment


def set_scope(
    *, assessment: Assessment, choices: Mapping[str, tuple[bool, str]], by: User | None
) -> int:
    """Set themes in or out; gives how many changed.

    :param choices: theme identifier to (in scope, reason); a reason is needed for each left out.
    :raises InvalidInput: for a theme left out without reason, or one the assessment lacks.
    """
    with transaction.atomic():
        works = {w.theme: w for w in assessment.themes.select_for_update()}
        changed: list[ThemeWork] = []
        before: dict[str, Any] = {}
        for theme, (in_scope, given) in choices.items():
            work = works.get(theme)
            if work is None:
                raise NotFound(_("This assessment has no theme %(id)s.", id=theme))
            reason = within(given, MOST_REASON, _("reason"))
            if not in_scope and not reason:
                raise InvalidInput(
                    _("%(theme)s is left out without a reason.", theme=theme),
                    _("Each theme left out needs one: it stands in the report."),
                    _("Write a reason, or leave the theme in."),
                )
            if (work.in_scope, work.reason) != (in_scope, reason):
                before[theme] = {"in_scope": work.in_scope, "reason": work.reason}
                work.in_scope, work.reason = in_scope, reason
                changed.append(work)
        if changed:
            ThemeWork.objects.bulk_update(changed, ["in_scope", "reason"])
            trace(
                assessment,
                by,
                "set scope",
                "scope",
                assessment.pk,
                before=before,
                after={w.theme: {"in_scope": w.in_scope, "reason": w.reason} for w in changed},
            )
    return len(changed)


def assign_theme(
    *, assessment: Assessment, theme: str, lead: User | None, due: date | None, by: User | None
) -> ThemeWork:
    """Say who leads a theme and by when.

    :raises InvalidInput: if the person has no part in the assessment.
    """
    with transaction.atomic():
        work = assessment.themes.select_for_update().filter(theme=theme).first()
        if work is None:
            raise NotFound(_("This assessment has no theme %(id)s.", id=theme))
        if lead is not None and not people_of(assessment).filter(pk=lead.pk).exists():
            raise InvalidInput(
                _("%(who)s has no part in this assessment.", who=lead),
                _("A theme is led by a member of the organisation or somebody taking part."),
                _("Choose one of them."),
            )
        before = {"lead": str(work.lead or ""), "due": work.due and work.due.isoformat()}
        work.lead, work.due = lead, due
        work.save(update_fields=["lead", "due"])
        trace(
            assessment,
            by,
            "assigned theme",
            "theme",
            theme,
            before=before,
            after={"lead": str(lead or ""), "due": due and due.isoformat()},
        )
    return work


def people_of(assessment: Assessment) -> Any:
    """Everybody who may be named in an assessment: members, and those taking part."""
    return (
        User.objects.filter(memberships__organisation=assessment.organisation_id)
        | User.objects.filter(participations__assessment=assessment)
    ).distinct()


def save_context(*, assessment: Assessment, values: Mapping[str, str], write: Write) -> Saved:
    """Save the context record.

    :raises StaleWrite: if somebody else saved it first.
    """
    with transaction.atomic():
        row = ContextRecord.objects.select_for_update().get(assessment=assessment)
        clean = {k: values.get(k, "").strip() for k in ContextRecord.FIELDS}
        saved = save_versioned(
            assessment=assessment,
            row=row,
            values=clean,
            write=write,
            verb="saved context",
            subject_kind="context",
            subject=str(assessment.pk),
            new=False,
        )
        if saved.changed:
            citable.context(assessment=assessment, record=row, by=write.by)
        return saved


def save_known(
    *,
    assessment: Assessment,
    by: User | None,
    values: Mapping[str, Any],
    fact: KnownFact | None = None,
) -> KnownFact:
    """Add something that is known from elsewhere, or change it."""
    fields = ("kind", "date", "source", "text", "url", "themes", "tone")
    with transaction.atomic():
        new = fact is None
        fact = fact or KnownFact(assessment=assessment, added_by=by)
        before = None if new else {k: str(getattr(fact, k)) for k in fields}
        for name in fields:
            if name in values:
                setattr(fact, name, values[name])
        fact.save()
        citable.known(fact=fact, by=by)
        trace(
            assessment,
            by,
            "added what is known" if new else "changed what is known",
            "known",
            fact.pk,
            before=before,
            after={k: str(getattr(fact, k)) for k in fields},
        )
    return fact


def remove_known(*, assessment: Assessment, fact: KnownFact, by: User | None) -> None:
    """Take something known away; what it said stays in the audit trail."""
    with transaction.atomic():
        if KnownFact.objects.select_for_update().filter(pk=fact.pk).first() is None:
            return
        trace(
            assessment,
            by,
            "removed what is known",
            "known",
            fact.pk,
            before={"kind": fact.kind, "source": fact.source, "text": fact.text},
        )
        if fact.evidence is not None and fact.evidence.deleted_at is None:
            evidence.delete(
                item=fact.evidence, reason=str(_("No longer among what is known.")), by=by
            )
        fact.delete()


def comment(
    *, assessment: Assessment, criterion: str, kind: str, text: str, write: Write
) -> FrameworkComment:
    """Say something of a criterion of the framework itself. Sent twice, it stands once.

    :raises InvalidInput: for more than fits.
    """
    text = within(text.replace("\r\n", "\n"), MOST_COMMENT, _("comment"))
    found = store.pinned(assessment).criterion(criterion)
    values: dict[str, Any] = {
        "assessment": assessment,
        "criterion": found.id,
        "theme": found.theme_id,
        "kind": kind,
        "text": text,
        "by": write.by,
    }
    with transaction.atomic():
        made, new = FrameworkComment.objects.get_or_create(pk=write.id, defaults=values)
        if not new:
            if all(getattr(made, name) == value for name, value in values.items()):
                return made
            # The same form with other words, or one of another criterion: another comment.
            made = FrameworkComment.objects.create(id=new_id(), **values)
        trace(
            assessment,
            write.by,
            "commented on criterion",
            "criterion",
            found.id,
            after={"kind": kind, "text": made.text},
        )
    return made


def finish(*, assessment: Assessment, final: bool, by: User | None) -> None:
    """Mark the report final, or a draft again."""
    from django.utils import timezone

    with transaction.atomic():
        assessment.final_at = timezone.now() if final else None
        assessment.save(update_fields=["final_at"])
        trace(
            assessment,
            by,
            "marked final" if final else "marked draft",
            "assessment",
            assessment.pk,
        )


def change_details(
    *, assessment: Assessment, by: User | None, values: Mapping[str, Any]
) -> Assessment:
    """Change title, period, lead, dataset, landlord code or scope weights."""
    allowed = {
        "title",
        "period_start",
        "period_end",
        "lead",
        "dataset",
        "landlord_code",
        "scope_weights",
    }
    with transaction.atomic():
        before = {k: str(getattr(assessment, k)) for k in values if k in allowed}
        for name, value in values.items():
            if name in allowed:
                setattr(assessment, name, value)
        Period(assessment.period_start, assessment.period_end)
        assessment.save(update_fields=[k for k in values if k in allowed])
        trace(
            assessment,
            by,
            "changed assessment",
            "assessment",
            assessment.pk,
            before=before,
            after={k: str(getattr(assessment, k)) for k in before},
        )
    return assessment
