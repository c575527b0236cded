"""On whose behalf a command acts, and which assessment it means."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from kloe.assessment.permissions import Permission
from kloe.core.errors import InvalidInput, NotFound
from kloe.core.messages import _

if TYPE_CHECKING:
    from kloe.web.accounts.models import User
    from kloe.web.assessments.models import Assessment

AsOption = Annotated[
    str,
    typer.Option(
        "--as",
        metavar="EMAIL",
        help="Act as this person, with their permissions; else as the data directory's owner.",
        show_default=False,
    ),
]
AssessmentArgument = Annotated[
    str,
    typer.Argument(
        metavar="[ASSESSMENT]",
        help="Identifier, the beginning of one, or a title; without it the newest assessment.",
        show_default=False,
    ),
]


def begin(data_dir: Path) -> None:
    """Start the web part on this data directory; commands that need no database never do."""
    from kloe.web import boot

    boot.start(data_dir)


def acting_as(email: str) -> User | None:
    """The person a command acts as; ``None`` is the data directory's owner.

    :raises NotFound: if nobody has this address.
    """
    if not email:
        return None
    from kloe.web.accounts.models import User

    user = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if user is None:
        raise NotFound(
            _("Nobody here has the address %(email)s.", email=email),
            "",
            _("“kloe users list” shows who has an account."),
        )
    return user


def find_assessment(wanted: str, *, by: User | None, permission: Permission) -> Assessment:
    """The assessment meant, if the person may do this to it.

    :raises NotFound: if there is none.
    :raises InvalidInput: if several fit.
    :raises PermissionRefused: if the person may not.
    """
    from kloe.web.access import demand_of_owner, fetch_assessment, visible_assessments
    from kloe.web.assessments.models import Assessment

    seen = visible_assessments(by) if by else Assessment.objects.select_related("organisation")
    found: list[Assessment]
    if not wanted:
        found = list(seen.order_by("-created_at")[:1])
    else:
        try:
            found = list(seen.filter(pk=UUID(wanted)))
        except ValueError:
            found = [a for a in seen if str(a.pk).startswith(wanted.lower()) or a.title == wanted]
    if not found:
        raise NotFound(
            _("There is no assessment “%(wanted)s”.", wanted=wanted)
            if wanted
            else _("There is no assessment yet."),
            _("Give its identifier, the beginning of it, or its title."),
            _("“kloe assessments list” shows all; “kloe assessments create” opens one."),
        )
    if len(found) > 1:
        raise InvalidInput(
            _("“%(wanted)s” fits %(n)d assessments.", wanted=wanted, n=len(found)),
            _("One is meant: %(all)s.", all=", ".join(str(a.pk) for a in found[:5])),
            _("Give the identifier."),
        )
    if by is not None:
        return fetch_assessment(by, found[0].pk, permission).assessment
    demand_of_owner(found[0].pk, permission)
    return found[0]
