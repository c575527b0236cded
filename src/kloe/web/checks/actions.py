"""Planning checks, moving them on, and saving what was found. Every change leaves a trace.

Whether the person may do it is settled by the view.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django.utils import timezone

from kloe.assessment.checks import states, templates
from kloe.assessment.checks.templates import Template
from kloe.assessment.checks.words import CheckResult, CheckState, ClaimSource, ItemAnswer
from kloe.core.errors import Conflict, InvalidInput
from kloe.core.messages import _
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment
from kloe.web.assessments.saving import Saved, Write, clashed, save_versioned
from kloe.web.checks.models import Check, CheckCase, CheckEntry, CheckOutcome, CheckTemplate
from kloe.web.checks.writing import MAX_TEXT, changeable, locked, text_within, trace
from kloe.web.ids import new_id
from kloe.web.library import store
from kloe.web.numbering import numbered

MAX_CLAIM, MAX_TITLE, MAX_PLACE, MAX_REASON = 4000, 200, 300, 500
MOST_MINUTES = 24 * 60
PLANNED = (
    "title", "claim", "claim_source", "claim_ref", "theme", "criteria", "planned_at", "minutes",
    "place",
)  # fmt: skip


class CheckChangedMeanwhile(Conflict):
    """Somebody saved the plan of a check first; ``current`` is what they saved."""

    def __init__(self, current: Check) -> None:
        super().__init__(
            _("Somebody else changed C%(n)d while you were writing.", n=current.number),
            _("Both versions are shown; nothing was overwritten."),
            _("Compare them, and save again what should stand."),
        )
        self.current = current


@dataclass(frozen=True, slots=True)
class Plan:
    """What is planned: which claim is tested, where it comes from, when, where and by whom."""

    title: str
    claim: str
    theme: str
    criteria: Sequence[str]
    claim_source: str = ClaimSource.OWN.value
    claim_ref: str = ""
    planned_at: datetime | None = None
    minutes: int = 60
    place: str = ""
    assigned: UUID | None = None
    doers: Sequence[UUID] = ()

    def checked(self, assessment: Assessment, template: Template) -> dict[str, Any]:
        """Its values by field of a check.

        :raises InvalidInput: for an empty claim, or criteria of another theme.
        :raises NotFound: for a theme that the assessment does not have.
        """
        pinned = store.pinned(assessment)
        theme = pinned.theme(self.theme)
        known = [c.id for c in theme.criteria]
        if strange := sorted(set(self.criteria) - set(known)):
            raise InvalidInput(
                _("The criterion %(id)s is not one of this theme.", id=strange[0][:180]),
                _("A check tests criteria of its own theme."),
                _("Choose among them."),
            )
        if not self.criteria:
            raise InvalidInput(
                _("No criterion is chosen."),
                _("A check tests a claim on one criterion at least."),
                _("Choose what it tests."),
            )
        if not 5 <= self.minutes <= MOST_MINUTES:
            raise InvalidInput(
                _("The check takes %(n)d minutes.", n=self.minutes),
                _("From 5 minutes to a day."),
                _("Plan a long check as several."),
            )
        title = text_within(" ".join(self.title.split()), MAX_TITLE, _("title"))
        return {
            "title": title or template.title,
            "claim": text_within(self.claim, MAX_CLAIM, _("claim"), needed=True),
            "claim_source": ClaimSource(self.claim_source).value,
            "claim_ref": self.claim_ref[:200],
            "theme": theme.id,
            "criteria": [c for c in known if c in set(self.criteria)],
            "planned_at": self.planned_at,
            "minutes": self.minutes,
            "place": text_within(self.place, MAX_PLACE, _("place")),
        }


def keep_template(template: Template) -> CheckTemplate:
    """The row of a template of the package, made where this version is used for the first time."""
    digest = template.digest
    made, _new = CheckTemplate.objects.get_or_create(
        organisation=None,
        key=template.id,
        digest=digest,
        defaults={
            "version": template.version,
            "kind": template.kind,
            "title": template.title,
            "content": template.as_dict(),
        },
    )
    return made


def template_of(row: CheckTemplate) -> Template:
    """The template a row keeps."""
    return templates.from_mapping(row.content, built=True)


def _shown(values: dict[str, Any]) -> dict[str, Any]:
    return {k: v.isoformat() if isinstance(v, date) else v for k, v in values.items()}


def plan_check(
    *,
    assessment: Assessment,
    template: CheckTemplate,
    plan: Plan,
    by: User,
    id: UUID | None = None,
) -> Check:
    """Plan a check.

    :param id: made by the form; sent twice, one check stands.
    """
    values = plan.checked(assessment, template_of(template))
    with transaction.atomic():
        pk = id or new_id()
        earlier = Check.objects.filter(pk=pk).first()
        if earlier is not None:
            if earlier.assessment_id == assessment.pk:
                return earlier
            pk = new_id()
        check = Check(
            id=pk,
            organisation_id=assessment.organisation_id,
            assessment=assessment,
            template=template,
            kind=template.kind,
            assigned_id=plan.assigned,
            created_by=by,
            **values,
        )
        if not numbered(check, Check.objects.filter(assessment=assessment)):
            return Check.objects.get(pk=pk)
        CheckOutcome.objects.create(check_of=check)
        check.doers.set(plan.doers)
        trace(check, by, "planned check", after=_told(check, values))
    return check


def _told(check: Check, values: dict[str, Any]) -> dict[str, Any]:
    return {"title": check.title, "number": f"C{check.number}", "kind": check.kind} | _shown(values)


def change_plan(*, check: Check, plan: Plan, by: User, base_version: int) -> Check:
    """Change what is planned.

    :raises CheckChangedMeanwhile: if the plan is not at ``base_version`` any more.
    :raises Conflict: if the check is done or withdrawn.
    """
    with transaction.atomic():
        check = locked(check)
        changeable(check)
        values = plan.checked(check.assessment, template_of(check.template))
        values["assigned_id"] = plan.assigned
        before = {k: getattr(check, k) for k in values if getattr(check, k) != values[k]}
        doers = dict(check.doers.values_list("pk", "email"))
        wanted = set(plan.doers)
        if not before and doers.keys() == wanted:
            return check
        if check.version != base_version:
            raise CheckChangedMeanwhile(check)
        for name in before:
            setattr(check, name, values[name])
        check.version += 1
        check.updated_at = timezone.now()
        check.save(update_fields=[*before, "version", "updated_at"])
        check.doers.set(wanted)
        # Who takes part sees names kept from then on, so the trail says who it was since when.
        took, takes = {}, {}
        if doers.keys() != wanted:
            took = {"doers": sorted(doers.values())}
            takes = {"doers": sorted(check.doers.values_list("email", flat=True))}

        def told(found: dict[str, Any]) -> dict[str, Any]:
            return {k: str(v) if isinstance(v, UUID) else v for k, v in _shown(found).items()}

        trace(
            check,
            by,
            "changed check",
            before=told(before) | took,
            after=told({k: values[k] for k in before}) | takes,
        )
    return check


def move(*, check: Check, to: str, by: User, reason: str = "") -> Check:
    """Move a check on: under way, done, withdrawn, open again.

    :raises InvalidInput: where something is missing, which the message names.
    :raises Conflict: where it cannot go there from where it is.
    """
    reason = text_within(reason, MAX_REASON, _("reason"))
    with transaction.atomic():
        check = locked(check)
        if check.state == to:
            return check
        outcome = CheckOutcome.objects.get(pk=check.pk)
        standing = states.Standing(
            check.state, outcome.result, outcome.conclusion, bool(outcome.done_on)
        )
        states.check_move(standing, to, reason)
        before = check.state
        check.state, check.state_reason = to, reason
        check.version += 1
        check.updated_at = timezone.now()
        check.save(update_fields=["state", "state_reason", "version", "updated_at"])
        trace(
            check,
            by,
            "moved check",
            before={"state": before},
            after={"title": check.title, "state": to} | ({"reason": reason} if reason else {}),
        )
    return check


def begin(check: Check, by: User) -> None:
    """The first thing written down in a check sets it under way."""
    if check.state == CheckState.PLANNED:
        move(check=check, to=CheckState.UNDER_WAY.value, by=by)


def save_outcome(
    *,
    check: Check,
    result: str,
    conclusion: str,
    notes: str,
    done_on: str,
    write: Write,
) -> Saved:
    """Save what the check came to, as it is written.

    :raises StaleWrite: if somebody saved it meanwhile.
    """
    if result and result not in {r.value for r in CheckResult}:
        raise InvalidInput(
            _("“%(given)s” is no result of a check.", given=result[:40]),
            _("Allowed: %(all)s.", all=", ".join(r.value for r in CheckResult)),
            _("Choose one of these."),
        )
    values = {
        "result": result,
        "conclusion": text_within(conclusion, MAX_TEXT, _("conclusion")),
        "notes": text_within(notes, MAX_TEXT, _("notes")),
        "done_on": _day(done_on),
    }
    with transaction.atomic():
        check = locked(check)
        row = CheckOutcome.objects.select_for_update().get(pk=check.pk)
        if {k: getattr(row, k) for k in values} != values:
            changeable(check)
        saved = save_versioned(
            assessment=check.assessment,
            row=row,
            values=values,
            write=write,
            verb="wrote conclusion",
            subject_kind="check outcome",
            subject=str(check.pk),
            new=False,
        )
        if saved.changed:
            begin(check, write.by)
    return saved


def _day(given: str) -> str:
    given = given.strip()
    if not given:
        return ""
    try:
        day = date.fromisoformat(given)
    except ValueError:
        raise InvalidInput(
            _("“%(given)s” is no day.", given=given[:20]),
            _("A day is written as 2026-05-31."),
            _("Choose it from the calendar."),
        ) from None
    if day > timezone.localdate():
        raise InvalidInput(
            _("The check was done on %(day)s, which is still to come.", day=given),
            _("A check is done today or before."),
            _("Correct the day."),
        )
    return day.isoformat()


def save_entry(
    *,
    check: Check,
    item: str,
    case: CheckCase | None,
    answer: str,
    note: str,
    write: Write,
    located: str = "",
) -> Saved:
    """Save the answer to one item of the checklist, as it is made.

    :param case: of the sample, for an item that is answered for each case.
    :param located: where it was written down, as the device said.
    :raises StaleWrite: if somebody saved it meanwhile.
    """
    found = template_of(check.template).item(item)
    if case is not None and not found.per_case:
        raise InvalidInput(
            _("“%(item)s” was answered for one case.", item=found.id),
            _("It is answered once, for the whole check."),
            _("Load the page again."),
        )
    if answer and answer not in {a.value for a in ItemAnswer}:
        raise InvalidInput(
            _("“%(given)s” is no answer.", given=answer[:40]),
            _("Allowed: %(all)s.", all=", ".join(a.value for a in ItemAnswer)),
            _("Choose one of these."),
        )
    values = {"answer": answer, "note": text_within(note, MAX_TEXT, _("note"))}
    subject = f"{check.pk}|{found.id}|{case.place if case else 0}"
    try:
        with transaction.atomic():
            check = locked(check)
            row = CheckEntry.objects.filter(check_of=check, item=found.id, case=case).first()
            new = row is None
            if row is None:
                row = CheckEntry(
                    id=uuid5(check.pk, subject), check_of=check, item=found.id, case=case
                )
                row.made_at, row.located = write.client_at, located[:60]
            if new or {k: getattr(row, k) for k in values} != values:
                changeable(check)
            saved = save_versioned(
                assessment=check.assessment,
                row=row,
                values=values,
                write=write,
                verb="answered item",
                subject_kind="check entry",
                subject=subject,
                new=new,
                savepoint=False,
            )
            if saved.changed and not new and write.client_at:
                CheckEntry.objects.filter(pk=row.pk).update(
                    made_at=write.client_at, located=located[:60]
                )
            if saved.changed:
                begin(check, write.by)
    except IntegrityError:
        standing = CheckEntry.objects.filter(check_of=check, item=found.id, case=case).first()
        return clashed(
            standing,
            values,
            write,
            assessment=check.assessment,
            subject_kind="check entry",
            subject=subject,
        )
    return saved
