"""Commands: kloe users."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from kloe.assessment.permissions import ORGANISATION_ROLES, Permission, Role
from kloe.cli.acting import AsOption, acting_as, begin
from kloe.cli.common import DataOption, Format, FormatOption, data_dir, print_rows, say
from kloe.core.errors import Conflict, InvalidInput, NotFound, PermissionRefused, UsageError
from kloe.core.messages import _

if TYPE_CHECKING:
    from kloe.web.accounts.models import User
    from kloe.web.organisations.models import Organisation

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help=(
        "Who may sign in, and where they belong.\n\n"
        "The first account of a new kloe, as administrator of its first organisation:\n\n"
        "`kloe users add you@example.org --organisation 'Tai Enghraifft'`\n\n"
        "Everybody else can be added in the browser, by an administrator."
    ),
)

EmailArgument = Annotated[
    str, typer.Argument(metavar="EMAIL", help="E-mail address of the account.", show_default=False)
]
OrganisationOption = Annotated[
    str,
    typer.Option("--organisation", metavar="NAME", help="Name or identifier.", show_default=False),
]
PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input, one line.")
]
AddressOption = Annotated[
    str,
    typer.Option("--address", metavar="URL", help="Where this kloe is reached, for the link."),
]
LOCAL = "http://localhost:8000"
ADDED = ("email", "name", "organisation", "role", "link")
LISTED = ("email", "name", "may_sign_in", "last_sign_in", "organisations")


def _person(email: str) -> User:
    from kloe.web.accounts.models import User

    found = User.objects.filter(email=email.strip().lower()).first()
    if found is None:
        raise NotFound(
            _("Nobody here has the address %(email)s.", email=email),
            "",
            _("“kloe users list” shows who has an account."),
        )
    return found


def _password() -> str:
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise InvalidInput(
            _("Standard input holds no password."),
            _("With --password-stdin the password is its first line."),
            _("For example: kloe users password EMAIL --password-stdin < file"),
        )
    return password


def _check_role(role: str) -> None:
    if role and role not in {r.value for r in ORGANISATION_ROLES}:
        raise InvalidInput(
            _("There is no role “%(role)s”.", role=role),
            _("There are: %(roles)s.", roles=", ".join(r.value for r in ORGANISATION_ROLES)),
            _("Choose one of them."),
        )


def _organisation(name: str, *, new: bool, jurisdiction: str) -> tuple[Organisation, bool]:
    """The organisation of this name, made where there is none; and whether it was made.

    A name that looks like one that is here is taken for a slip, not for another organisation.
    """
    from difflib import get_close_matches

    from kloe.web.organisations import actions, queries
    from kloe.web.organisations.models import Organisation

    try:
        return queries.by_name(name), False
    except NotFound:
        names = list(Organisation.objects.values_list("name", flat=True))
        folded = {n.casefold(): n for n in names}
        close = get_close_matches(name.casefold(), list(folded), n=1, cutoff=0.75)
        if close and not new:
            raise NotFound(
                _("There is no organisation “%(name)s”.", name=name),
                _("There is “%(close)s”.", close=folded[close[0]]),
                _("Correct the name, or say that it is another one with --new-organisation."),
            ) from None
    if jurisdiction not in Organisation.Jurisdiction.values:
        raise InvalidInput(
            _("There is no country “%(name)s”.", name=jurisdiction),
            _("There are: %(names)s.", names=", ".join(Organisation.Jurisdiction.values)),
            _("Choose one of them with --country."),
        )
    return actions.create(by=None, name=name, jurisdiction=jurisdiction), True


def _demand_manage(by: User | None, organisation: Organisation) -> None:
    from kloe.web.access import organisations_where

    if by is None:
        return
    if (
        not organisations_where(by, Permission.ORGANISATION_MANAGE)
        .filter(pk=organisation.pk)
        .exists()
    ):
        raise PermissionRefused(
            _("%(who)s does not administer %(name)s.", who=by, name=organisation.name),
            _("Its administrators say who belongs to it, and the data directory's owner."),
            _("Act as one of them, or leave out --as."),
        )


@app.command()
def add(
    ctx: typer.Context,
    email: EmailArgument,
    name: Annotated[str, typer.Option("--name", help="As it stands beside what they write.")] = "",
    organisation: OrganisationOption = "",
    role: Annotated[
        str,
        typer.Option(
            "--role",
            help="administrator, lead, assessor, contributor or reader. Else reader; "
            "administrator for the first member of a new organisation.",
            show_default=False,
        ),
    ] = "",
    new_organisation: Annotated[
        bool,
        typer.Option("--new-organisation", help="Make it, though one is called much the same."),
    ] = False,
    country: Annotated[
        str, typer.Option("--country", help="Of a new organisation: wales, england, ...")
    ] = "wales",
    password_stdin: PasswordStdin = False,
    address: AddressOption = LOCAL,
    acting: AsOption = "",
    data: DataOption = None,
    format: FormatOption = Format.TABLE,
) -> None:
    """Make an account, and say where it belongs.

    An organisation that is not here yet is made, with this person as its administrator.
    Without --password-stdin a link to set a password is printed: good once, for three days.

    Example: `kloe users add ann@example.org --name 'Ann Rees' --organisation 'Tai Enghraifft'`
    """
    begin(data_dir(ctx))
    from django.db import transaction

    from kloe.web.accounts import actions as accounts
    from kloe.web.accounts.models import User
    from kloe.web.organisations import actions

    by = acting_as(acting)
    if role and not organisation:
        raise UsageError(
            _("--role is given without --organisation."),
            _("A role is what somebody is in an organisation."),
            _("Give both, or neither."),
        )
    if by is not None and not organisation:
        raise PermissionRefused(
            _("%(who)s cannot make an account that belongs nowhere.", who=by),
            _("An administrator adds people to their organisation."),
            _("Give --organisation, or leave out --as."),
        )
    _check_role(role)
    email = accounts.clean_email(email)
    password = _password() if password_stdin else None
    link, place, shown_role = "", "", ""
    if organisation:
        with transaction.atomic():
            known = User.objects.filter(email=email).exists()
            where, made = _organisation(organisation, new=new_organisation, jurisdiction=country)
            _demand_manage(by, where)
            if known and password is not None:
                raise Conflict(
                    _("There is an account for %(email)s already.", email=email),
                    _("Its password is not changed by adding it to an organisation."),
                    _("Leave out --password-stdin, or use kloe users password."),
                )
            chosen = role or (Role.ADMINISTRATOR.value if made else Role.READER.value)
            if made and chosen != Role.ADMINISTRATOR.value:
                raise InvalidInput(
                    _(
                        "“%(name)s” is new, and its first member would be %(role)s.",
                        name=organisation,
                        role=chosen,
                    ),
                    _("The first member administers the organisation."),
                    _("Give --role administrator, or correct the name."),
                )
            added = actions.add_member(
                organisation=where, email=email, name=name, role=chosen, password=password, by=by
            )
        person, place, shown_role = added.membership.user, where.name, chosen
        if made:
            say(_("Made the organisation %(name)s.", name=where.name))
        needs_link = added.new_person and password is None
    else:
        person = accounts.add_person(email=email, name=name, password=password, by=by)
        needs_link = password is None
    if needs_link:
        link = address.rstrip("/") + accounts.set_password_path(person)
    if format is not Format.TABLE:
        print_rows(ADDED, [(email, person.name, place, shown_role, link)], format)
        return
    if place:
        say(_("%(email)s is %(role)s in %(name)s.", email=email, role=shown_role, name=place))
    else:
        say(_("%(email)s has an account.", email=email))
    if link:
        say(_("Link to set a password, good once, for three days:"))
        typer.echo(link)


@app.command("list")
def list_users(
    ctx: typer.Context,
    organisation: OrganisationOption = "",
    data: DataOption = None,
    format: FormatOption = Format.TABLE,
) -> None:
    """Who has an account, and where they belong.

    Example: `kloe users list --organisation 'Tai Enghraifft' --format csv`
    """
    begin(data_dir(ctx))
    from kloe.web.accounts.models import User
    from kloe.web.organisations import queries

    found = User.objects.prefetch_related("memberships__organisation").order_by("email")
    if organisation:
        found = found.filter(memberships__organisation=queries.by_name(organisation))
    print_rows(
        LISTED,
        (
            (
                user.email,
                user.name,
                user.is_active,
                user.last_login.isoformat(timespec="minutes") if user.last_login else None,
                "; ".join(f"{m.organisation.name}: {m.role}" for m in user.memberships.all()),
            )
            for user in found
        ),
        format,
        empty=_("Nobody has an account yet. Make the first with “kloe users add”."),
    )


@app.command()
def remove(
    ctx: typer.Context,
    email: EmailArgument,
    organisation: OrganisationOption,
    acting: AsOption = "",
    data: DataOption = None,
) -> None:
    """Take somebody out of an organisation. What they wrote stays, and so does the account.

    Example: `kloe users remove ann@example.org --organisation 'Tai Enghraifft'`
    """
    begin(data_dir(ctx))
    from kloe.web.organisations import actions, queries

    by, where, person = acting_as(acting), queries.by_name(organisation), _person(email)
    _demand_manage(by, where)
    actions.remove_member(membership=queries.member(where, person.pk), by=by)
    say(_("%(email)s no longer belongs to %(name)s.", email=person.email, name=where.name))


@app.command()
def deactivate(ctx: typer.Context, email: EmailArgument, data: DataOption = None) -> None:
    """Close an account: no more signing in, open sessions end. What they wrote stays.

    Example: `kloe users deactivate ann@example.org`
    """
    begin(data_dir(ctx))
    from kloe.web.accounts import actions

    person = _person(email)
    if actions.set_active(person=person, active=False, by=None):
        say(_("The account of %(email)s is closed.", email=person.email))
    else:
        say(_("The account of %(email)s was closed already.", email=person.email))


@app.command()
def activate(ctx: typer.Context, email: EmailArgument, data: DataOption = None) -> None:
    """Open a closed account again.

    Example: `kloe users activate ann@example.org`
    """
    begin(data_dir(ctx))
    from kloe.web.accounts import actions

    person = _person(email)
    if actions.set_active(person=person, active=True, by=None):
        say(_("%(email)s may sign in again.", email=person.email))
    else:
        say(_("%(email)s may sign in already.", email=person.email))


@app.command()
def password(
    ctx: typer.Context,
    email: EmailArgument,
    password_stdin: PasswordStdin = False,
    link: Annotated[
        bool, typer.Option("--link", help="Print a link at which they choose it themselves.")
    ] = False,
    address: AddressOption = LOCAL,
    data: DataOption = None,
) -> None:
    """Set a password, or print a link to set one. At a terminal it asks, unseen.

    Example: `kloe users password ann@example.org --link`
    """
    begin(data_dir(ctx))
    from kloe.web.accounts import actions

    person = _person(email)
    if link:
        if password_stdin:
            raise UsageError(
                _("Both --link and --password-stdin are given."),
                _("Either you set the password or they do."),
                _("Leave one out."),
            )
        typer.echo(address.rstrip("/") + actions.set_password_path(person))
        return
    if password_stdin:
        given = _password()
    elif sys.stdin.isatty():
        given = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        raise UsageError(
            _("There is no terminal to ask for the password."),
            _("A password comes from standard input, or they choose it by a link."),
            _("Give --password-stdin or --link."),
        )
    actions.set_password(person=person, password=given, by=None)
    say(_("The password of %(email)s is set.", email=person.email))
