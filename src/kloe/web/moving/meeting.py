"""Who the people and organisations of a file are here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from kloe.assessment.permissions import Permission
from kloe.core.errors import InvalidInput, KloeError, PermissionRefused
from kloe.core.messages import _
from kloe.web.access import organisations_where
from kloe.web.accounts import actions as accounts
from kloe.web.accounts.models import User
from kloe.web.inspections import actions as inspections
from kloe.web.moving import form
from kloe.web.moving.gathering import PARTY
from kloe.web.moving.unpacking import Package, fault
from kloe.web.organisations import actions as organisations
from kloe.web.organisations.models import Organisation


class People:
    """People by address: those who are here, and accounts nobody can sign in to for the others."""

    def __init__(self, package: Package, by: User | None, request_id: str) -> None:
        self._names: dict[str, str] = {}
        for number, row in package.rows(form.PEOPLE):
            email, name = row.get("email"), row.get("name")
            if not isinstance(email, str) or not isinstance(name, str):
                raise fault(form.PEOPLE, number, _("it names nobody"))
            self._names[email] = name
        self._known: dict[str, User] = {}
        self._by, self._request = by, request_id
        self.made: list[User] = []

    def find(self, email: Any) -> User:
        """The person of this address.

        :raises ValueError: where the file does not say who that is.
        """
        if not isinstance(email, str) or email not in self._names:
            raise ValueError(str(email)[:80])
        if email not in self._known:
            self._known[email] = self._person(email)
        return self._known[email]

    def _person(self, email: str) -> User:
        if there := User.objects.filter(email=email).first():
            return there
        try:
            made = accounts.add_person(
                email=email, name=self._names[email], by=self._by, request_id=self._request
            )
        except KloeError as error:
            raise ValueError(str(error.given)) from error
        if made.email != email:
            raise ValueError(email[:80])
        accounts.set_active(person=made, active=False, by=self._by)
        self.made.append(made)
        return made


@dataclass(frozen=True)
class Party:
    """An organisation as a file tells of it."""

    role: str
    id: UUID
    name: str
    entry: bool
    values: dict[str, Any]


def parties_of(package: Package) -> dict[str, Party]:
    """The organisations of a file by their role.

    :raises InvalidInput: where the owner is missing.
    """
    found: dict[str, Party] = {}
    for number, row in package.rows(form.PARTIES):
        try:
            one = Party(
                role=row["role"],
                id=UUID(row["id"]),
                name=str(row["name"]),
                entry=row["entry"] is True,
                values={name: row[name] for name in PARTY},
            )
        except (KeyError, ValueError, TypeError, AttributeError):
            raise fault(form.PARTIES, number, _("it tells of no organisation")) from None
        found[one.role] = one
    if "owner" not in found:
        raise fault(form.PARTIES, 0, _("the owner of the assessment is missing"))
    return found


@dataclass
class Parties:
    """Who is meant, here; and whether the landlord's own tables may be written."""

    owner: Organisation
    conductor: Organisation
    landlord: Organisation
    made: list[Organisation]
    may_write_landlord: bool

    def of(self, role: Any) -> Organisation:
        """:raises ValueError: for a role there is not."""
        roles = {"owner": self.owner, "conductor": self.conductor, "landlord": self.landlord}
        if not isinstance(role, str) or role not in roles:
            raise ValueError(str(role)[:40])
        return roles[role]


def _named(name: str) -> Iterator[Organisation]:
    yield from Organisation.objects.filter(named_by=None, name__iexact=name).order_by("created_at")


def meet(
    package: Package, *, into: Organisation | None, by: User | None, request_id: str
) -> Parties:
    """Find or make the organisations of a file.

    :param into: the organisation somebody brings it into.
    :raises InvalidInput: where the file is of another organisation.
    :raises PermissionRefused: where the person does not manage the organisation.
    """
    told = parties_of(package)
    made: list[Organisation] = []
    owner = _owner(told["owner"], into=into, by=by, made=made, request_id=request_id)
    landlord = owner
    if "landlord" in told:
        landlord = _other(told["landlord"], owner, by, made)
    conductor = owner
    if "conductor" in told:
        conductor = _other(told["conductor"], owner, by, made)
    plans = by is None or landlord in made or landlord.named_by_id == owner.pk
    if by is not None and not plans:
        plans = organisations_where(by, Permission.PLAN_EDIT).filter(pk=landlord.pk).exists()
    return Parties(owner, conductor, landlord, made, plans)


def _owner(
    told: Party,
    *,
    into: Organisation | None,
    by: User | None,
    made: list[Organisation],
    request_id: str,
) -> Organisation:
    there = Organisation.objects.filter(pk=told.id, named_by=None).first()
    if there is None or there.name != told.name:
        there = next(_named(told.name), there)
    if into is not None and into.name.casefold() == told.name.casefold():
        there = into
    if into is not None and there != into:
        raise InvalidInput(
            _("The assessment is of “%(whose)s”.", whose=told.name),
            _("It is brought into the organisation it is of; this is “%(here)s”.", here=into.name),
            _("Bring it in there, or give the organisation that name first."),
        )
    if by is not None:
        managed = organisations_where(by, Permission.ORGANISATION_MANAGE)
        if there is None or not managed.filter(pk=there.pk).exists():
            raise PermissionRefused(
                _("%(who)s may not bring assessments into “%(whose)s”.", who=by, whose=told.name),
                _("Administrators of the organisation may."),
                _("Act as one of them, or as the data directory's owner."),
            )
    if there is None:
        there = organisations.create(by=by, name=told.name, request_id=request_id, **told.values)
        made.append(there)
    return there


def _other(
    told: Party, owner: Organisation, by: User | None, made: list[Organisation]
) -> Organisation:
    """A landlord or conductor: one that may be named here, or an entry by name."""
    nameable = inspections.nameable(by, owner)
    there = nameable.filter(pk=told.id, name=told.name).first()
    there = there or nameable.filter(name__iexact=told.name).order_by("created_at").first()
    if there is None:
        there = inspections.enter_landlord(
            inspecting=owner,
            name=told.name,
            by=by,
            jurisdiction=str(told.values["jurisdiction"]),
            homes=told.values["homes"] if isinstance(told.values["homes"], int) else None,
        )
        kept = ("kind", "landlord_code", "small_number")
        organisations.update(
            organisation=there, values={name: told.values[name] for name in kept}, by=by
        )
        made.append(there)
    return there
