"""The one place that decides who may do what. Fetching and authorising are one function.

A view names the permission it needs by its decorator; the decorator fetches what the address
names and refuses before the view runs. What a person may not see does not exist for them (404);
what they may see but not do is refused (403). The decorator leaves its ``rule`` on the view, and
a test holds every route against the access matrix.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from kloe.assessment.permissions import (
    ORGANISATION_ROLES,
    ROLE_NAMES,
    ROLE_PERMISSIONS,
    TEAM_ROLES,
    Permission,
    Role,
    permissions_at,
    permissions_of,
)
from kloe.assessment.stages import TOLD
from kloe.assessment.vocabulary import LABELS, InspectionStage
from kloe.core.errors import NotFound, PermissionRefused
from kloe.core.messages import _
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment, Participation
from kloe.web.organisations.models import Membership, Organisation
from kloe.web.prepared import key_of

P = ParamSpec("P")
#: Ways of asking that write nothing.
READING = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Access:
    """A person and what they may do where they came to."""

    user: User
    permissions: frozenset[Permission]

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions

    def demand(self, permission: Permission) -> None:
        """:raises PermissionRefused: without this permission."""
        if permission not in self.permissions:
            raise PermissionRefused(
                _("Your role does not allow this (%(permission)s).", permission=permission.value),
                _("Reading stays possible."),
                _("Ask an administrator of the organisation for another role."),
            )


@dataclass(frozen=True)
class OrganisationAccess(Access):
    """Access to an organisation."""

    organisation: Organisation
    assessment: None = None


@dataclass(frozen=True)
class AssessmentAccess(Access):
    """Access to one assessment; its organisation is read when a page asks for it."""

    assessment: Assessment
    #: The person's role in this assessment, and the stage of an inspection; else empty.
    role: str = ""
    stage: str = ""

    @property
    def organisation(self) -> Organisation:
        return self.assessment.organisation

    def demand(self, permission: Permission) -> None:
        """:raises PermissionRefused: without this permission, saying what the stage closes."""
        if permission in self.permissions or not self.stage:
            super().demand(permission)
            return
        raise PermissionRefused(
            _(
                "This is not open to you while the inspection is at: %(stage)s.",
                stage=str(LABELS[InspectionStage(self.stage)]).lower(),
            ),
            _("Your role: %(role)s.", role=str(ROLE_NAMES[Role(self.role)]))
            if self.role
            else _("What a role allows depends on the stage (%(name)s).", name=permission.value),
            _("The inspection's page says where it stands and what is open to whom."),
        )

    @property
    def landlord(self) -> Organisation:
        """The organisation assessed, which in an inspection is not the owner."""
        return self.assessment.landlord


Anywhere = OrganisationAccess | AssessmentAccess


def _missing(what: object) -> NotFound:
    return NotFound(
        _("There is no %(what)s here, or none that you may see.", what=str(what)),
        "",
        _("Check the address, or ask whoever sent it to you."),
    )


#: Roles in a team that see the inspection's page and what is theirs, not the inspectors' work.
CLOSED_ROLES = tuple(
    r.value for r in TEAM_ROLES if Permission.ASSESSMENT_VIEW not in ROLE_PERMISSIONS[r]
)


def closed_to(user: User) -> QuerySet[Participation]:
    """A person's parts in inspections whose working papers they do not see."""
    return Participation.objects.filter(user=user, role__in=CLOSED_ROLES)


def visible_assessments(user: User) -> QuerySet[Assessment]:
    """The assessments a person may see: as a member of an organisation, or taking part.

    Of an inspection in which the person is of the landlord or a tenant inspector (``closed``),
    they see that it is there, and its own page.
    """
    member = Membership.objects.filter(user=user).values("organisation")
    return (
        Assessment.objects.filter(
            Q(organisation__in=member)
            | Q(conducted_by__in=member)
            | Q(pk__in=Participation.objects.filter(user=user).values("assessment"))
        )
        .annotate(closed=Exists(closed_to(user).filter(assessment=OuterRef("pk"))))
        .select_related("organisation", "subject")
    )


def visible_organisations(user: User) -> QuerySet[Organisation]:
    """The organisations a person belongs to."""
    return Organisation.objects.filter(memberships__user=user)


# Every page and every save of an assessment begins with this: written out, since composing it
# from parts costs more than running it.
_ASSESSMENT = """
SELECT a.*,
    (SELECT role FROM organisations_membership m
        WHERE m.organisation_id = a.organisation_id AND m.user_id = %s) AS role_here,
    (SELECT role FROM organisations_membership m
        WHERE m.organisation_id = a.conducted_by_id AND m.user_id = %s) AS role_conducting,
    (SELECT role FROM assessments_participation p
        WHERE p.assessment_id = a.id AND p.user_id = %s) AS role_taking_part,
    (SELECT stage FROM inspections_inspection i WHERE i.assessment_id = a.id) AS stage
FROM assessments_assessment a WHERE a.{} = %s
"""
_ONE, _OF_AN_ORGANISATION = _ASSESSMENT.format("id"), _ASSESSMENT.format("organisation_id")


def fetch_assessment(user: User, pk: UUID, permission: Permission) -> AssessmentAccess:
    """One query: the assessment and the person's roles in it.

    :raises NotFound: if there is none, or the person may not see it.
    :raises PermissionRefused: if they may see it but lack ``permission``.
    """

    assessment = next(
        iter(Assessment.objects.raw(_ONE, [*[key_of(user.pk)] * 3, key_of(pk)])), None
    )
    if assessment is None:
        raise _missing(_("assessment"))
    access = _access(user, assessment)
    if not access.permissions:
        raise _missing(_("assessment"))
    access.demand(permission)
    return access


def demand_of_owner(pk: UUID, permission: Permission) -> None:
    """The data directory's owner may do everything, except what the stage closes to everybody.

    :raises PermissionRefused: if nobody has the permission at this stage any more.
    """
    from kloe.web.inspections.models import Inspection

    stage = Inspection.objects.filter(pk=pk).values_list("stage", flat=True).first() or ""
    if stage in TOLD and not any(permission in permissions_at(stage, team=role) for role in Role):
        raise PermissionRefused(
            _(
                "This is not open to anybody while the inspection is at: %(stage)s.",
                stage=str(LABELS[InspectionStage(stage)]).lower(),
            ),
            _("What a role allows depends on the stage (%(name)s).", name=permission.value),
            _("The inspection's page says where it stands and what is open to whom."),
        )


def _access(user: User, at: Any) -> AssessmentAccess:
    """What a person may do in an assessment that was read with their roles."""
    stage, role = at.stage or "", at.role_taking_part or ""
    return AssessmentAccess(
        user=user,
        permissions=permissions_at(stage, team=role, member=(at.role_here, at.role_conducting)),
        assessment=at,
        role=role,
        stage=stage,
    )


def fetch_assessments(
    user: User, organisation: UUID, permission: Permission
) -> list[AssessmentAccess]:
    """One query: the assessments of an organisation in which a person has a permission."""
    rows = Assessment.objects.raw(
        _OF_AN_ORGANISATION, [*[key_of(user.pk)] * 3, key_of(organisation)]
    )
    return [access for row in rows if (access := _access(user, row)).may(permission)]


def fetch_organisation(user: User, pk: UUID, permission: Permission) -> OrganisationAccess:
    """The organisation and the person's role in it, or the errors of ``fetch_assessment``."""
    membership = (
        Membership.objects.select_related("organisation").filter(organisation=pk, user=user).first()
    )
    if membership is None:
        raise _missing(_("organisation"))
    access = OrganisationAccess(
        user=user,
        organisation=membership.organisation,
        permissions=permissions_of(membership.role),
    )
    access.demand(permission)
    return access


def organisations_where(user: User, permission: Permission) -> QuerySet[Organisation]:
    """The organisations in which a person has a permission."""
    roles = [r.value for r in ORGANISATION_ROLES if permission in permissions_of(r.value)]
    return Organisation.objects.filter(memberships__user=user, memberships__role__in=roles)


def person(request: HttpRequest) -> User:
    """Whoever is signed in; for views behind one of the decorators below."""
    if not isinstance(request.user, User):
        raise PermissionRefused(_("Nobody is signed in."), "", _("Sign in first."))
    return request.user


@dataclass(frozen=True)
class Rule:
    """What a route asks for; the access matrix repeats it in words."""

    kind: str
    permission: Permission | None = None
    #: Of an assessment: whether it writes after publication too.
    when_published: bool = False


View = Callable[..., HttpResponseBase]


def _sign_in(request: HttpRequest) -> HttpResponse:
    if getattr(request, "htmx", False) or request.headers.get("X-Kloe-Write"):
        # The page keeps what was typed and says that the session ended.
        return HttpResponse(status=401, headers={"X-Kloe-Sign-In": "1"})
    return redirect_to_login(request.get_full_path())


def _somebody_else(request: HttpRequest) -> bool:
    """Whether a page sends what one person wrote while another is signed in by now."""
    writer = request.headers.get("X-Kloe-Write", "1")
    return writer not in {"1", str(request.user.pk)}


def _kept_nowhere(response: HttpResponseBase) -> HttpResponseBase:
    """A page of an assessment is fetched anew when one goes back to it: its versions move on."""
    if response.headers.get("Content-Type", "").startswith("text/html"):
        response.headers.setdefault("Cache-Control", "private, no-store")
    return response


def public(view: View) -> View:
    """Anybody may come, signed in or not."""
    view.rule = Rule("public")  # type: ignore[attr-defined]
    return view


def signed_in(view: View) -> View:
    """Anybody with an account."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated or _somebody_else(request):
            return _sign_in(request)
        return view(request, *args, **kwargs)

    guarded.rule = Rule("signed in")  # type: ignore[attr-defined]
    return guarded


def refuse_published(access: AssessmentAccess) -> None:
    """What is published rests: nothing of it is written any more.

    :raises PermissionRefused: from publication on.
    """
    if access.stage and access.stage in TOLD:
        raise PermissionRefused(
            _(
                "The report is published (stage: %(stage)s): the assessment is not changed any "
                "more.",
                stage=str(LABELS[InspectionStage(access.stage)]).lower(),
            ),
            _("The improvement plan stays open; a correction of the report is a new version."),
            _("Go to the publication's page to correct it, or to the landlord's plan."),
        )


def in_assessment(
    permission: Permission, *, when_published: bool = False
) -> Callable[
    [Callable[Concatenate[HttpRequest, AssessmentAccess, P], HttpResponseBase]],
    Callable[..., HttpResponseBase],
]:
    """A view under ``<uuid:assessment>``: gets the access in place of the identifier.

    :param when_published: what it writes is no part of what was published, so that it goes on
        afterwards; every other view then only reads.
    """

    def decorate(
        view: Callable[Concatenate[HttpRequest, AssessmentAccess, P], HttpResponseBase],
    ) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def guarded(
            request: HttpRequest, assessment: UUID, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponseBase:
            if not request.user.is_authenticated or _somebody_else(request):
                return _sign_in(request)
            access = fetch_assessment(person(request), assessment, permission)
            request.access = access  # type: ignore[attr-defined]
            if request.method not in READING and not when_published:
                refuse_published(access)
            return _kept_nowhere(view(request, access, *args, **kwargs))

        guarded.rule = Rule("assessment", permission, when_published)  # type: ignore[attr-defined]
        return guarded

    return decorate


def in_organisation(
    permission: Permission,
) -> Callable[
    [Callable[Concatenate[HttpRequest, OrganisationAccess, P], HttpResponseBase]],
    Callable[..., HttpResponseBase],
]:
    """A view under ``<uuid:organisation>``: gets the access in place of the identifier."""

    def decorate(
        view: Callable[Concatenate[HttpRequest, OrganisationAccess, P], HttpResponseBase],
    ) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def guarded(
            request: HttpRequest, organisation: UUID, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _sign_in(request)
            access = fetch_organisation(person(request), organisation, permission)
            request.access = access  # type: ignore[attr-defined]
            return view(request, access, *args, **kwargs)

        guarded.rule = Rule("organisation", permission)  # type: ignore[attr-defined]
        return guarded

    return decorate
