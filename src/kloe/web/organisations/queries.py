"""Reading organisations and their members."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import (
    Case,
    CharField,
    Count,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Lower, NullIf

from kloe.assessment.permissions import ORGANISATION_ROLES, Role
from kloe.core.errors import InvalidInput, NotFound
from kloe.core.messages import _
from kloe.web.access import visible_organisations
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment
from kloe.web.organisations.models import Membership, Organisation

#: Roles in their order of standing, for sorting.
STANDING = {role.value: n for n, role in enumerate(ORGANISATION_ROLES)}


def listed(user: User) -> QuerySet[Organisation]:
    """A person's organisations, each with the person's role and what there is in it."""
    mine = Membership.objects.filter(organisation=OuterRef("pk"), user=user).values("role")[:1]
    members = (
        Membership.objects.filter(organisation=OuterRef("pk"))
        .order_by()
        .values("organisation")
        .annotate(n=Count("pk"))
        .values("n")
    )
    assessments = (
        Assessment.objects.filter(organisation=OuterRef("pk"))
        .order_by()
        .values("organisation")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return (
        visible_organisations(user)
        .annotate(
            my_role=Subquery(mine),
            members=Coalesce(Subquery(members), 0),
            assessed=Coalesce(Subquery(assessments), 0),
        )
        .order_by(Lower("name"), "pk")
    )


@dataclass(frozen=True)
class MembersAsked:
    """What a list of members is asked for, by its address."""

    words: str = ""
    role: str = ""
    sort: str = "name"


_SORTS = {"name": "sort_name", "email": "user__email", "role": "standing", "since": "since"}


def members(organisation: Organisation, asked: MembersAsked) -> QuerySet[Membership]:
    """Members of an organisation, filtered and sorted."""
    found = (
        Membership.objects.filter(organisation=organisation)
        .select_related("user")
        .annotate(
            sort_name=Lower(
                Coalesce(NullIf("user__name", Value("")), "user__email", output_field=CharField())
            ),
            standing=Case(
                *(When(role=r, then=Value(n)) for r, n in STANDING.items()),
                default=Value(len(STANDING)),
                output_field=IntegerField(),
            ),
        )
    )
    if asked.words:
        found = found.filter(
            Q(user__name__icontains=asked.words) | Q(user__email__icontains=asked.words)
        )
    if asked.role in STANDING:
        found = found.filter(role=asked.role)
    field = _SORTS.get(asked.sort.lstrip("-"), "sort_name")
    return found.order_by(f"-{field}" if asked.sort.startswith("-") else field, "sort_name", "pk")


def member(organisation: Organisation, person: UUID) -> Membership:
    """One member.

    :raises NotFound: if the person does not belong to the organisation.
    """
    found = (
        Membership.objects.select_related("user", "organisation")
        .filter(organisation=organisation, user=person)
        .first()
    )
    if found is None:
        raise NotFound(
            _("This person does not belong to %(name)s.", name=organisation.name),
            "",
            _("Go back to the list of members; somebody may have removed them."),
        )
    return found


def is_last_administrator(membership: Membership) -> bool:
    """Whether nobody else administers the organisation."""
    return (
        membership.role == Role.ADMINISTRATOR.value
        and not Membership.objects.filter(
            organisation=membership.organisation_id,
            role=Role.ADMINISTRATOR.value,
            user__is_active=True,
        )
        .exclude(pk=membership.pk)
        .exists()
    )


def may_have_link(membership: Membership) -> bool:
    """Whether an administrator may hand this person a link to set a password.

    Only for somebody who has never been able to sign in, and who belongs to nobody else: a link
    is a key to everything the person may see.
    """
    person = membership.user
    return (
        person.is_active
        and person.last_login is None
        and not person.has_usable_password()
        and not Membership.objects.filter(user=person).exclude(pk=membership.pk).exists()
        and not person.participations.exists()
    )


def assessments_of(organisation: Organisation) -> QuerySet[Assessment]:
    """What has been assessed here, newest first."""
    return Assessment.objects.filter(
        Q(organisation=organisation) | Q(conducted_by=organisation)
    ).select_related("organisation", "lead")


def by_name(name: str) -> Organisation:
    """An organisation by its name, without regard to case, or its identifier.

    :raises NotFound: if there is none.
    :raises InvalidInput: if several have this name.
    """
    try:
        found = list(Organisation.objects.filter(pk=UUID(name)))
    except ValueError:
        found = list(Organisation.objects.filter(name__iexact=name.strip(), named_by=None)[:3])
    if len(found) == 1:
        return found[0]
    if found:
        raise InvalidInput(
            _("Several organisations are called “%(name)s”.", name=name),
            _("Their identifiers: %(ids)s.", ids=", ".join(str(o.pk) for o in found)),
            _("Give the identifier instead of the name."),
        )
    names = list(
        Organisation.objects.filter(named_by=None)
        .order_by("name")
        .values_list("name", flat=True)[:10]
    )
    raise NotFound(
        _("There is no organisation “%(name)s”.", name=name),
        _("There are: %(names)s.", names=", ".join(names)) if names else _("There is none yet."),
        _("Correct the name; “kloe users list” shows who belongs where."),
    )
