"""Opening an inspection, saying when its stages are due, and moving it from one to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from kloe.assessment import stages
from kloe.assessment.permissions import Permission, Role
from kloe.assessment.stages import Move
from kloe.assessment.vocabulary import INSPECTION_KINDS, LABELS, AssessmentKind
from kloe.assessment.vocabulary import InspectionStage as Stage
from kloe.core.errors import Conflict, InvalidInput, KloeError, NotFound, PermissionRefused
from kloe.core.given import within
from kloe.core.messages import Message, _
from kloe.web.access import organisations_where
from kloe.web.accounts.models import User
from kloe.web.assessments import actions as assessments
from kloe.web.assessments import trail
from kloe.web.assessments.models import Assessment, Participation
from kloe.web.inspections import facts
from kloe.web.inspections.models import Inspection, PlannedDate, StageMove
from kloe.web.organisations import actions as organisations
from kloe.web.organisations.models import Membership, Organisation


class TooEarly(Conflict):
    """A move whose conditions do not hold; ``missing`` says which."""

    def __init__(self, move: Move, missing: Sequence[stages.Missing]) -> None:
        super().__init__(
            _(
                "The inspection cannot go on to “%(stage)s” yet: %(missing)s",
                stage=str(LABELS[move.after]).lower(),
                missing=" ".join(str(m.words) for m in missing),
            ),
            _("Every condition of a stage holds before it begins."),
            _("Put right what is missing, then move it."),
        )
        self.missing = tuple(missing)


def trace(
    assessment: Assessment,
    by: User | None,
    verb: str,
    *,
    kind: str = "inspection",
    subject: object = None,
    **values: Any,
) -> None:
    """An audit event about an inspection, or about something of it."""
    trail.trace(assessment, by, verb, kind, subject or assessment.pk, **values)


# Opening -------------------------------------------------------------------------------------


def nameable(by: User | None, inspecting: Organisation) -> Any:
    """Landlords that somebody may name for an inspection: organisations whose assessments they
    may open, and those the inspecting organisation entered by name. Nobody finds out who else
    is here."""
    if by is None:
        return Organisation.objects.exclude(pk=inspecting.pk).filter(
            Q(named_by=None) | Q(named_by=inspecting)
        )
    own = organisations_where(by, Permission.ASSESSMENT_CREATE).values("pk")
    return Organisation.objects.exclude(pk=inspecting.pk).filter(
        Q(pk__in=own) | Q(named_by=inspecting)
    )


def enter_landlord(
    *,
    inspecting: Organisation,
    name: str,
    by: User | None,
    jurisdiction: str = "",
    homes: int | None = None,
) -> Organisation:
    """The landlord of this name as the inspecting organisation has it, entered if need be.

    :raises InvalidInput: without a name.
    """
    name = " ".join(name.split())
    if not name:
        raise InvalidInput(
            _("No landlord is named."),
            _("An inspection is of a landlord."),
            _("Choose one, or write its name."),
        )
    there = Organisation.objects.filter(named_by=inspecting, name__iexact=name).first()
    return there or organisations.create(
        by=by,
        name=name,
        jurisdiction=jurisdiction or inspecting.jurisdiction,
        homes=homes,
        named_by=inspecting,
        invented=inspecting.invented,
    )


def _landlord(
    inspecting: Organisation,
    landlord: Organisation | str,
    again: Assessment | None,
    by: User | None,
    **entered: Any,
) -> Organisation:
    if isinstance(landlord, str):
        return enter_landlord(inspecting=inspecting, name=landlord, by=by, **entered)
    if nameable(by, inspecting).filter(pk=landlord.pk).exists():
        return landlord
    if again is not None and again.subject_id == landlord.pk:
        # Its landlord agreed to that inspection; to this one it agrees anew.
        return enter_landlord(
            inspecting=inspecting,
            name=landlord.name,
            by=by,
            jurisdiction=landlord.jurisdiction,
            homes=landlord.homes,
        )
    raise PermissionRefused(
        _("That landlord cannot be named here."),
        _("You may name organisations whose assessments you open, or write a name."),
        _("Write its name; its lead ties the inspection to the organisation when they join."),
    )


@transaction.atomic
def create(
    *,
    organisation: Organisation,
    landlord: Organisation | str,
    kind: str,
    frameworks: Sequence[str],
    title: str,
    period_start: date,
    period_end: date,
    by: User | None,
    lead: User | None = None,
    leading: str = "",
    again: Assessment | None = None,
    jurisdiction: str = "",
    homes: int | None = None,
    at: datetime | None = None,
) -> Assessment:
    """Open an inspection of a landlord, owned by the inspecting organisation.

    :param landlord: an organisation the person may name, or a name to enter.
    :param again: of a re-inspection, the inspection it looks at again.
    :param at: when it was opened, where that is recorded afterwards.
    :raises InvalidInput: for another kind, or a re-inspection that does not say of which.
    :raises PermissionRefused: for a landlord the person may not name.
    """
    if kind not in {k.value for k in INSPECTION_KINDS}:
        raise InvalidInput(
            _("“%(kind)s” is no kind of inspection.", kind=kind),
            _("Allowed: %(kinds)s.", kinds=", ".join(k.value for k in INSPECTION_KINDS)),
            _("Choose one of them."),
        )
    if (kind == AssessmentKind.RE_INSPECTION) != (again is not None):
        raise InvalidInput(
            _("It is not said which inspection is looked at again.")
            if again is None
            else _("Only a re-inspection looks at an earlier inspection again."),
            _("A re-inspection names one earlier inspection by the same organisation."),
            _("Choose the earlier inspection, or another kind."),
        )
    if again is not None and (
        again.organisation_id != organisation.pk
        or not Inspection.objects.filter(assessment=again).exists()
    ):
        raise NotFound(
            _("There is no such inspection to look at again."),
            _("It is one by the same organisation."),
            _("Choose one from the list."),
        )
    if landlord == organisation:
        if kind != AssessmentKind.MOCK_INSPECTION:
            raise InvalidInput(
                _("%(name)s would inspect itself.", name=organisation.name),
                _("An organisation makes mock inspections of itself, and nothing else."),
                _("Name another landlord, or open a mock inspection."),
            )
        about = None
    else:
        about = _landlord(organisation, landlord, again, by, jurisdiction=jurisdiction, homes=homes)
    assessment = assessments.create(
        organisation=organisation,
        subject=about,
        frameworks=frameworks,
        kind=kind,
        title=title,
        period_start=period_start,
        period_end=period_end,
        by=by,
        lead=lead,
        leading=leading,
    )
    inspection = Inspection.objects.create(assessment=assessment, again=again)
    StageMove.objects.create(
        inspection=inspection, after=inspection.stage, by=by, at=at or timezone.now()
    )
    if lead is not None:
        Participation.objects.create(
            assessment=assessment, user=lead, role=Role.LEAD_INSPECTOR.value
        )
    return assessment


# Dates ---------------------------------------------------------------------------------------


def locked(inspection: Inspection, base_version: int) -> Inspection:
    """The row, held, if it is still at the version somebody started from.

    :raises Conflict: if somebody else was first.
    """
    row = (
        Inspection.objects.select_for_update(of=("self",))
        .select_related("assessment")
        .get(pk=inspection.pk)
    )
    if row.version != base_version:
        raise Conflict(
            _(
                "Somebody else changed the inspection while you looked at it; it is now at: "
                "%(stage)s.",
                stage=str(LABELS[Stage(row.stage)]).lower(),
            ),
            _("Nothing was overwritten."),
            _("Look at the page as it is now, and decide again."),
        )
    return row


@transaction.atomic
def set_dates(
    *,
    inspection: Inspection,
    dates: Mapping[str, date | None],
    base_version: int,
    by: User | None,
) -> bool:
    """Say when stages are planned to begin; gives whether anything changed.

    :raises InvalidInput: where a stage would begin before an earlier one.
    """
    row = locked(inspection, base_version)
    there = {p.stage: p.date for p in row.planned.all()}
    after = {**there, **dates}
    last: tuple[Stage, date] | None = None
    for stage in stages.ORDER:
        day = after.get(stage)
        if day is None:
            continue
        if last is not None and day < last[1]:
            raise InvalidInput(
                _(
                    "“%(later)s” would begin before “%(earlier)s”.",
                    later=str(LABELS[stage]),
                    earlier=str(LABELS[last[0]]),
                ),
                _("Stages follow one another."),
                _("Give a later day, or put the earlier stage forward."),
            )
        last = (stage, day)
    changed = {s: d for s, d in dates.items() if there.get(s) != d}
    if not changed:
        return False
    for stage_name, day in changed.items():
        if day is None:
            row.planned.filter(stage=stage_name).delete()
        else:
            PlannedDate.objects.update_or_create(
                inspection=row, stage=Stage(stage_name).value, defaults={"date": day}
            )
    _grown(row)
    trace(
        row.assessment,
        by,
        "planned stages",
        before={s: there[s].isoformat() for s in changed if s in there},
        after={s: d.isoformat() for s, d in changed.items() if d},
    )
    return True


def _grown(row: Inspection, *fields: str) -> None:
    row.version += 1
    row.save(update_fields=["version", *fields])


# Stages --------------------------------------------------------------------------------------


def roles_of(assessment: Assessment, by: User | None) -> set[Role]:
    """What somebody is in an inspection: their role in its team, else in its organisation."""
    if by is None:
        return set(Role)
    team = Participation.objects.filter(assessment=assessment, user=by).first()
    if team is not None:
        return {Role(team.role)}
    found = Membership.objects.filter(organisation=assessment.organisation_id, user=by)
    return {Role(m.role) for m in found}


def move(
    *,
    inspection: Inspection,
    to: str,
    base_version: int,
    by: User | None,
    reason: str = "",
    at: datetime | None = None,
) -> Inspection:
    """Move an inspection to another stage.

    What is refused leaves an audit event, and changes nothing.

    :param at: when it was moved, where that is recorded afterwards.

    :raises InvalidInput: where no move leads there, or one back has no reason.
    :raises PermissionRefused: if the person's role does not make this move.
    :raises TooEarly: if a condition does not hold.
    :raises Conflict: if somebody else moved it first.
    """
    try:
        reason = within(reason.replace("\r\n", "\n"), 5000, _("reason"))
        return _move(inspection, to, base_version, by, reason, at)
    except KloeError as error:
        with transaction.atomic():
            trace(
                inspection.assessment,
                by,
                "could not move stage",
                after={"stage": to[:20], "reason": str(error.given)},
            )
        raise


@transaction.atomic
def _move(
    inspection: Inspection,
    to: str,
    base_version: int,
    by: User | None,
    reason: str,
    at: datetime | None,
) -> Inspection:
    row = locked(inspection, base_version)
    found = stages.move_between(row.stage, to)
    if found is None:
        raise InvalidInput(
            _(
                "No way leads from “%(here)s” to “%(there)s”.",
                here=str(LABELS[Stage(row.stage)]),
                there=str(LABELS[Stage(to)]) if to in set(Stage) else to[:40],
            ),
            _(
                "From here: %(all)s.",
                all=", ".join(str(LABELS[m.after]) for m in stages.moves_from(row.stage)) or "–",
            ),
            _("Choose one of them."),
        )
    if not roles_of(row.assessment, by).intersection(found.roles):
        raise PermissionRefused(
            _("You may not make this move."),
            _("It is made by: %(roles)s.", roles=who_makes(found)),
            _("Ask one of them; the team's page says who they are."),
        )
    if found.needs_reason and not reason:
        raise InvalidInput(
            _("The inspection was to go back without a reason."),
            _("The reason stands in the history."),
            _("Say in a sentence why."),
        )
    if missing := stages.missing_for(found, facts.gather(row)):
        raise TooEarly(found, missing)
    before, row.stage = row.stage, found.after.value
    _grown(row, "stage")
    StageMove.objects.create(
        inspection=row,
        before=before,
        after=row.stage,
        reason=reason,
        by=by,
        at=at or timezone.now(),
    )
    trace(
        row.assessment,
        by,
        "moved stage",
        before={"stage": before},
        after={"stage": row.stage, "reason": reason},
    )
    return row


def who_makes(found: Move) -> str:
    """The roles that make a move, in words."""
    from kloe.assessment.permissions import ROLE_NAMES

    names: list[Message] = [ROLE_NAMES[r] for r in found.roles]
    return ", ".join(str(n) for n in names).lower()
