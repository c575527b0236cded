"""Making organisations, and saying who belongs to them. Every change leaves an audit event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.utils.translation import gettext

from kloe.assessment.permissions import ORGANISATION_ROLES, ROLE_NAMES, Role
from kloe.core.errors import Conflict, InvalidInput, PermissionRefused
from kloe.core.messages import _
from kloe.web.accounts import actions as accounts
from kloe.web.accounts.models import User
from kloe.web.audit.actions import record
from kloe.web.mailing import Posted
from kloe.web.organisations.models import Membership, Organisation
from kloe.web.organisations.queries import is_last_administrator, may_have_link

FIELDS = ("name", "kind", "jurisdiction", "homes", "landlord_code", "small_number")


@dataclass(frozen=True)
class Added:
    """A member who was added; with a link to set a password where the account is new."""

    membership: Membership
    new_person: bool
    posted: Posted

    @property
    def link(self) -> str:
        return self.posted.link


def _checked(organisation: Organisation) -> Organisation:
    try:
        organisation.full_clean(validate_unique=False)
    except ValidationError as error:
        raise InvalidInput(
            " ".join(f"{field}: {' '.join(m)}" for field, m in error.message_dict.items()),
            "",
            _("Correct it and try again."),
        ) from None
    return organisation


def _role(role: str) -> Role:
    found = next((r for r in ORGANISATION_ROLES if r.value == role), None)
    if found is None:
        raise InvalidInput(
            _("There is no role “%(role)s”.", role=role),
            _("There are: %(roles)s.", roles=", ".join(r.value for r in ORGANISATION_ROLES)),
            _("Choose one of them."),
        )
    return found


@transaction.atomic
def create(*, by: User | None, request_id: str = "", **values: Any) -> Organisation:
    """A new organisation; ``values`` are fields of ``Organisation``.

    :raises InvalidInput: if one of them is not allowed.
    """
    organisation = _checked(Organisation(**values))
    organisation.save(force_insert=True)
    record(
        by=by,
        verb="created organisation",
        subject_kind="organisation",
        subject_id=organisation.pk,
        organisation_id=organisation.pk,
        after={k: getattr(organisation, k) for k in FIELDS},
        request_id=request_id,
    )
    return organisation


@transaction.atomic
def update(
    *, organisation: Organisation, values: dict[str, Any], by: User | None, request_id: str = ""
) -> bool:
    """Change what is said of an organisation; gives whether anything changed.

    Another least number has its indicators computed anew.

    :raises Conflict: if the least number would go down where figures are out already.
    """
    row = Organisation.objects.select_for_update().get(pk=organisation.pk)
    changed = {k: v for k, v in values.items() if k in FIELDS and getattr(row, k) != v}
    if not changed:
        return False
    before = {k: getattr(row, k) for k in changed}
    for key, value in changed.items():
        setattr(row, key, value)
    figures = "small_number" in changed and _figures_out(row)
    if figures and row.small_number < before["small_number"]:
        raise Conflict(
            _(
                "Numbers below %(old)d are hidden, and were to be shown from %(new)d.",
                old=before["small_number"],
                new=row.small_number,
            ),
            _("Once figures are out it can only be raised: two of them would tell by subtraction."),
            _("Choose %(old)d or more.", old=before["small_number"]),
        )
    _checked(row).save(update_fields=list(changed))
    record(
        by=by,
        verb="changed organisation",
        subject_kind="organisation",
        subject_id=row.pk,
        organisation_id=row.pk,
        before=before,
        after=changed,
        request_id=request_id,
    )
    if figures:
        _compute_anew(row, by, request_id)
    return True


def _figures_out(organisation: Organisation) -> bool:
    """Whether anything was computed from its records."""
    from kloe.web.indicators.models import ComputedResult

    return ComputedResult.objects.filter(organisation=organisation).exists()


def _compute_anew(organisation: Organisation, by: User | None, request_id: str) -> None:
    from kloe.web.indicators import actions as indicators
    from kloe.web.indicators.holdings import records_of

    if records_of(organisation) is not None:
        indicators.compute(organisation=organisation, by=by, request_id=request_id)


def _tell(
    organisation: Organisation, person: User, role: Role, by: User | None, posted: Posted
) -> None:
    """Mail to somebody who was added."""
    context = {
        "organisation": organisation,
        "person": person,
        "role": ROLE_NAMES[role],
        "by": by,
        "link": posted.link,
    }
    subject = gettext("kloe: you belong to %(name)s now") % {"name": organisation.name}
    posted.send(subject, render_to_string("organisations/email/added.txt", context))


@transaction.atomic
def add_member(
    *,
    organisation: Organisation,
    email: str,
    role: str,
    by: User | None,
    name: str = "",
    password: str | None = None,
    address: str = "",
    request_id: str = "",
) -> Added:
    """Add somebody to an organisation, with an account if they have none.

    :param address: where this kloe is reached (``https://kloe.example.org``); with it, a new
        person is sent a link to set a password.
    :raises Conflict: if they belong to it already, or their account is closed.
    """
    known_role = _role(role)
    email = accounts.clean_email(email)
    person = User.objects.filter(email=email).first()
    new = person is None
    if person is None:
        person = accounts.add_person(
            email=email, name=name, password=password, by=by, request_id=request_id
        )
    elif not person.is_active:
        raise Conflict(
            _("The account of %(email)s is closed.", email=email),
            _("Only people who may sign in can be added."),
            _("Whoever runs this kloe opens it again with: kloe users activate."),
        )
    try:
        with transaction.atomic():
            membership = Membership.objects.create(
                organisation=organisation, user=person, role=known_role.value
            )
    except IntegrityError:
        raise Conflict(
            _("%(email)s belongs to %(name)s already.", email=email, name=organisation.name),
            _("A person has one role in an organisation."),
            _("Change their role in the list of members."),
        ) from None
    record(
        by=by,
        verb="added member",
        subject_kind="person",
        subject_id=person.pk,
        organisation_id=organisation.pk,
        after={"email": email, "role": known_role.value},
        request_id=request_id,
    )
    posted = Posted(email)
    if address:
        if new and password is None:
            posted.link = address.rstrip("/") + accounts.set_password_path(person)
        transaction.on_commit(lambda: _tell(organisation, person, known_role, by, posted))
    return Added(membership, new, posted)


def _locked(membership: Membership) -> Membership:
    """The row as it is now, while nobody else changes who administers the organisation."""
    Organisation.objects.select_for_update().get(pk=membership.organisation_id)
    return Membership.objects.select_related("user", "organisation").get(pk=membership.pk)


def _keep_one(membership: Membership) -> None:
    if is_last_administrator(membership):
        raise Conflict(
            _("%(name)s is the last administrator.", name=str(membership.user)),
            _("An organisation keeps at least one."),
            _("Make somebody else administrator first."),
        )


@transaction.atomic
def change_role(
    *, membership: Membership, role: str, by: User | None, request_id: str = ""
) -> bool:
    """Give a member another role; gives whether it is another.

    :raises Conflict: if the organisation would be left without an administrator.
    """
    new, row = _role(role), _locked(membership)
    if row.role == new.value:
        return False
    _keep_one(row)
    before, row.role = row.role, new.value
    row.save(update_fields=["role"])
    record(
        by=by,
        verb="changed role",
        subject_kind="person",
        subject_id=row.user_id,
        organisation_id=row.organisation_id,
        before={"email": row.user.email, "role": before},
        after={"email": row.user.email, "role": new.value},
        request_id=request_id,
    )
    return True


@transaction.atomic
def remove_member(*, membership: Membership, by: User | None, request_id: str = "") -> None:
    """Take somebody out of an organisation; what they wrote stays.

    :raises Conflict: if the organisation would be left without an administrator.
    """
    row = _locked(membership)
    _keep_one(row)
    record(
        by=by,
        verb="removed member",
        subject_kind="person",
        subject_id=row.user_id,
        organisation_id=row.organisation_id,
        before={"email": row.user.email, "role": row.role},
        request_id=request_id,
    )
    row.delete()


@transaction.atomic
def renew_link(*, membership: Membership, by: User, address: str, request_id: str = "") -> Posted:
    """A new link to set a password, sent.

    :raises PermissionRefused: for anybody who has signed in before or belongs to others too.
    """
    if not may_have_link(membership):
        raise PermissionRefused(
            _("%(name)s can ask for a link themselves.", name=str(membership.user)),
            _("A link is given out only to somebody who has never signed in."),
            _("Ask them to choose “Forgotten your password?” on the sign-in page."),
        )
    person = membership.user
    posted = Posted(person.email, address.rstrip("/") + accounts.set_password_path(person))
    record(
        by=by,
        verb="made link to set a password",
        subject_kind="person",
        subject_id=person.pk,
        organisation_id=membership.organisation_id,
        after={"email": person.email},
        request_id=request_id,
    )
    role = Role(membership.role)
    organisation = membership.organisation
    transaction.on_commit(lambda: _tell(organisation, person, role, by, posted))
    return posted
