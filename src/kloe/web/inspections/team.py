"""The team of an inspection: invitations by mail, joining, leaving, tying the landlord."""

from __future__ import annotations

import hashlib
import logging
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from kloe.assessment.permissions import LANDLORD_ROLES, ROLE_NAMES, TEAM_ROLES, Permission, Role
from kloe.core.errors import Conflict, InvalidInput, KloeError, NotFound, PermissionRefused
from kloe.core.messages import _
from kloe.web.access import organisations_where
from kloe.web.accounts import actions as accounts
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment, Participation
from kloe.web.inspections.actions import trace
from kloe.web.inspections.models import Inspection, Invitation
from kloe.web.mailing import Posted
from kloe.web.organisations.models import Organisation

log = logging.getLogger("kloe.web")
#: Days for which an invitation is good.
DAYS = 14
MOST_DAYS = 60


@dataclass(frozen=True)
class Invited:
    """An invitation with its link, which is given out once and kept nowhere."""

    invitation: Invitation
    posted: Posted

    @property
    def link(self) -> str:
        return self.posted.link


def team_role(role: str) -> Role:
    """:raises InvalidInput: unless it is a role in a team."""
    found = next((r for r in TEAM_ROLES if r.value == role), None)
    if found is None:
        raise InvalidInput(
            _("There is no role “%(role)s” in the team of an inspection.", role=role[:40]),
            _("There are: %(roles)s.", roles=", ".join(r.value for r in TEAM_ROLES)),
            _("Choose one of them."),
        )
    return found


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def tell(people: list[str], subject: str, template: str, context: dict[str, Any]) -> None:
    """Mail after the transaction. A mail server that is away stops nothing.

    :param subject: made one line, whatever a name holds.
    """
    text = render_to_string(template, context)
    line = " ".join(subject.split())

    def send() -> None:
        for address in people:
            try:
                send_mail(line, text, None, [address])
            except OSError:
                log.exception("a mail of an inspection could not be sent")

    transaction.on_commit(send)


@transaction.atomic
def invite(
    *,
    inspection: Inspection,
    email: str,
    role: str,
    by: User | None,
    address: str,
    name: str = "",
    days: int = DAYS,
) -> Invited:
    """Invite somebody into the team by mail.

    :param address: where this kloe is reached (``https://kloe.example.org``).
    :raises Conflict: if they are of the team, or an invitation to them is open.
    :raises InvalidInput: for an address, role or number of days that is not allowed.
    """
    known = team_role(role)
    email = accounts.clean_email(email)
    if not 1 <= days <= MOST_DAYS:
        raise InvalidInput(
            _("The invitation was to be good for %(n)d days.", n=days),
            _("From 1 to %(most)d.", most=MOST_DAYS),
            _("Choose a number between them."),
        )
    Inspection.objects.select_for_update().get(pk=inspection.pk)
    if Participation.objects.filter(
        assessment=inspection.assessment_id, user__email=email
    ).exists():
        raise Conflict(
            _("%(email)s is of the team already.", email=email),
            _("A person has one role in a team."),
            _("Take them out first to give them another role."),
        )
    if any(i.state == "open" for i in inspection.invitations.filter(email=email)):
        raise Conflict(
            _("An invitation to %(email)s is open.", email=email),
            _("One invitation at a time is good."),
            _("Revoke it, then invite again."),
        )
    token = secrets.token_urlsafe(32)
    made = Invitation.objects.create(
        inspection=inspection,
        email=email,
        name=name.strip()[:120],
        role=known.value,
        token_hash=_hash(token),
        sent_by=by,
        expires_at=timezone.now() + timedelta(days=days),
    )
    link = address.rstrip("/") + reverse("invitation", args=[token])
    trace(
        inspection.assessment,
        by,
        "invited to team",
        kind="invitation",
        subject=made.pk,
        after={"email": email, "role": known.value, "until": made.expires_at.date().isoformat()},
    )
    assessment = inspection.assessment
    subject = gettext("kloe: an invitation to the inspection of %(name)s") % {
        "name": assessment.landlord
    }
    text = render_to_string(
        "inspections/email/invitation.txt",
        {"assessment": assessment, "role": ROLE_NAMES[known], "by": by, "link": link, "made": made},
    )
    posted = Posted(email, link)
    transaction.on_commit(lambda: posted.send(subject, text))
    return Invited(made, posted)


@transaction.atomic
def revoke(*, invitation: Invitation, by: User | None) -> None:
    """Take an invitation back.

    :raises Conflict: if it was accepted.
    """
    row = Invitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
    if row.accepted_at:
        raise Conflict(
            _("%(email)s accepted this invitation.", email=row.email),
            _("An accepted invitation cannot be revoked."),
            _("Take the person out of the team instead."),
        )
    if row.revoked_at:
        return
    row.revoked_at = timezone.now()
    row.save(update_fields=["revoked_at"])
    trace(
        row.inspection.assessment,
        by,
        "revoked invitation",
        kind="invitation",
        subject=row.pk,
        before={"email": row.email, "role": row.role},
    )


def invitation_of(token: str) -> Invitation:
    """The invitation a link belongs to, whatever became of it.

    :raises NotFound: if there is none.
    """
    found = (
        Invitation.objects.select_related(
            "inspection__assessment__organisation", "inspection__assessment__subject", "sent_by"
        )
        .filter(token_hash=_hash(token))
        .first()
    )
    if found is None:
        raise NotFound(
            _("This invitation does not exist."),
            _("The link is the one in the mail, whole."),
            _("Copy it again from the mail, or ask for a new invitation."),
        )
    return found


def check_open(invitation: Invitation) -> None:
    """:raises Conflict: if the invitation was used, revoked, or is too old."""
    if invitation.state == "accepted":
        raise Conflict(
            _("This invitation was used already."),
            _("An invitation is good once."),
            _("Sign in: the inspection is on your home page. If it was not you, tell the lead."),
        )
    if invitation.state == "revoked":
        raise Conflict(
            _("This invitation was taken back."),
            _("Whoever sent it decides who joins."),
            _("Ask the lead inspector for a new one."),
        )
    if invitation.state == "expired":
        raise Conflict(
            _("This invitation has expired."),
            _("It was good until %(day)s.", day=timezone.localdate(invitation.expires_at)),
            _("Ask the lead inspector for a new one."),
        )


def accept(
    *,
    invitation: Invitation,
    by: User | None,
    name: str = "",
    password: str | None = None,
) -> User:
    """Join the team: somebody signed in, or a new person with name and password.

    What is refused leaves an audit event.

    :raises Conflict: if the invitation is not open any more, or they are of the team.
    :raises PermissionRefused: if it was sent to somebody else.
    """
    try:
        return _accept(invitation, by, name, password)
    except KloeError as error:
        with transaction.atomic():
            trace(
                invitation.inspection.assessment,
                by,
                "could not accept invitation",
                kind="invitation",
                subject=invitation.pk,
                after={"email": invitation.email, "reason": str(error.given)},
            )
        raise


@transaction.atomic
def _accept(invitation: Invitation, by: User | None, name: str, password: str | None) -> User:
    row = (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("inspection__assessment")
        .get(pk=invitation.pk)
    )
    check_open(row)
    if by is None:
        if User.objects.filter(email=row.email).exists():
            raise Conflict(
                _("There is an account for %(email)s already.", email=row.email),
                _("Whoever has an account signs in to accept."),
                _("Sign in, then open the link again."),
            )
        by = accounts.add_person(email=row.email, by=None, name=name, password=password)
    elif by.email.lower() != row.email.lower():
        raise PermissionRefused(
            _("This invitation was sent to %(email)s.", email=row.email),
            _("You are signed in as %(mine)s.", mine=by.email),
            _("Sign out and in again with that address, or ask for an invitation to yours."),
        )
    row.accepted_at, row.accepted_by = timezone.now(), by
    row.save(update_fields=["accepted_at", "accepted_by"])
    join(inspection=row.inspection, person=by, role=row.role, by=by)
    return by


@transaction.atomic
def join(*, inspection: Inspection, person: User, role: str, by: User | None) -> Participation:
    """Make somebody part of the team.

    :raises Conflict: if they are part of it.
    """
    known = team_role(role)
    made, new = Participation.objects.get_or_create(
        assessment_id=inspection.assessment_id, user=person, defaults={"role": known.value}
    )
    if not new:
        raise Conflict(
            _("%(who)s is of the team already.", who=person),
            _("A person has one role in a team."),
            _("Take them out first to give them another role."),
        )
    trace(
        inspection.assessment,
        by,
        "joined team",
        kind="person",
        subject=person.pk,
        after={"email": person.email, "role": known.value},
    )
    return made


@transaction.atomic
def leave(*, inspection: Inspection, person: User, by: User | None) -> None:
    """Take somebody out of the team; what they wrote stays.

    :raises NotFound: if they are not part of it.
    :raises Conflict: if nobody would lead it.
    """
    Inspection.objects.select_for_update().get(pk=inspection.pk)
    parts = Participation.objects.filter(assessment=inspection.assessment_id)
    row = parts.filter(user=person).first()
    if row is None:
        raise NotFound(_("This person is not of the team."), "", _("Load the team's page again."))
    leads = parts.filter(role=Role.LEAD_INSPECTOR.value)
    if row.role == Role.LEAD_INSPECTOR and leads.count() == 1:
        raise Conflict(
            _("%(who)s is the only lead inspector.", who=person),
            _("An inspection keeps at least one."),
            _("Invite another lead inspector first."),
        )
    row.delete()
    trace(
        inspection.assessment,
        by,
        "left team",
        kind="person",
        subject=person.pk,
        before={"email": person.email, "role": row.role},
    )


# The landlord --------------------------------------------------------------------------------


def landlords_people(assessment: Assessment) -> list[str]:
    """Addresses of the landlord's people in the team."""
    found = Participation.objects.filter(
        assessment=assessment, role__in=[r.value for r in LANDLORD_ROLES], user__is_active=True
    )
    return list(found.values_list("user__email", flat=True))


def may_be_tied(assessment: Assessment) -> bool:
    """Whether the landlord stands as a name only, and can still say which organisation it is."""
    landlord = assessment.subject
    return landlord is not None and landlord.named_by_id is not None


@transaction.atomic
def tie_landlord(*, inspection: Inspection, organisation: Organisation, by: User) -> Assessment:
    """The landlord's lead says which organisation here is the one inspected.

    From then on the inspectors compute on its records: the consent lies with the landlord.

    :raises PermissionRefused: unless the person leads assessments of that organisation.
    :raises Conflict: if it is tied already.
    """
    assessment = Assessment.objects.select_for_update(of=("self",)).get(pk=inspection.assessment_id)
    if not may_be_tied(assessment):
        raise Conflict(
            _("It is settled which organisation is inspected: %(name)s.", name=assessment.landlord),
            _("An inspection is tied to its landlord once."),
            _("If that is wrong, ask the lead inspector."),
        )
    if (
        not organisations_where(by, Permission.ASSESSMENT_CREATE)
        .filter(pk=organisation.pk)
        .exists()
        or organisation.pk == assessment.organisation_id
    ):
        raise PermissionRefused(
            _("You do not lead assessments of that organisation."),
            _("Its leads and administrators may tie an inspection to it."),
            _("Choose one of yours, or ask one of them to accept an invitation."),
        )
    before = str(assessment.landlord)
    assessment.subject = organisation
    assessment.save(update_fields=["subject"])
    trace(
        assessment,
        by,
        "tied landlord",
        before={"landlord": before},
        after={"landlord": organisation.name},
    )
    return assessment
