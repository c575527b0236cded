"""Commands: kloe plan."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kloe.assessment.permissions import Permission
from kloe.cli.acting import AsOption, acting_as, begin
from kloe.cli.common import DataOption, Format, FormatOption, data_dir, print_rows, say
from kloe.core.errors import InvalidInput, NotFound
from kloe.core.messages import _

if TYPE_CHECKING:
    from kloe.web.accounts.models import User
    from kloe.web.organisations.models import Organisation
    from kloe.web.plans.importing import Outcome

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="An organisation's improvement plan: look at it, take it out, bring one in.",
)

OrganisationArgument = Annotated[
    str,
    typer.Argument(
        metavar="ORGANISATION", help="Name or identifier of the organisation.", show_default=False
    ),
]
SHOWN = (
    "reference", "action", "status", "who_answers", "due", "done", "first_promised", "budget",
    "spent", "risk", "smart", "outcome",
)  # fmt: skip


def _whose(name: str, email: str, permission: Permission) -> tuple[Organisation, User | None]:
    """The organisation meant, if the person may do this there."""
    from kloe.web.access import fetch_organisation
    from kloe.web.organisations.queries import by_name

    by = acting_as(email)
    found = by_name(name)
    if by is not None:
        found = fetch_organisation(by, found.pk, permission).organisation
    return found, by


@app.command()
def show(
    ctx: typer.Context,
    organisation: OrganisationArgument,
    late: Annotated[
        bool, typer.Option("--overdue", help="Only what is overdue.", show_default=False)
    ] = False,
    acting: AsOption = "",
    data: DataOption = None,
    format: FormatOption = Format.TABLE,
) -> None:
    """Show the actions of a plan, what is due first on top.

    Example: `kloe plan show "Tai Porth Arian" --overdue`
    """
    begin(data_dir(ctx))
    from kloe.web.plans import queries

    found, _by = _whose(organisation, acting, Permission.PLAN_VIEW)
    asked = queries.Asked.of({"late": "overdue"} if late else {})
    rows = [
        (
            a.reference,
            a.title,
            a.status,
            a.answers,
            a.due_on,
            a.done_on,
            a.first_due_on,
            a.budget,
            a.spend,
            a.risk,
            a.smart,
            a.outcome_state,
        )
        for a in queries.actions(found, asked)
    ]
    empty = _("Nothing is overdue.") if late else _("The plan is empty.")
    if format is Format.TABLE:
        # The rest is for programs; a terminal is eighty characters wide.
        short = [(ref, title, status, who, due) for ref, title, status, who, due, *_rest in rows]
        print_rows(SHOWN[:5], short, title=found.name, empty=empty)
        return
    print_rows(SHOWN, rows, format)


@app.command()
def export(
    ctx: typer.Context,
    organisation: OrganisationArgument,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The workbook to write (.xlsx).")
    ] = Path("plan.xlsx"),
    acting: AsOption = "",
    data: DataOption = None,
) -> None:
    """Write a plan as an Excel workbook, which “kloe plan import” reads again.

    Example: `kloe plan export "Tai Porth Arian" -o plan.xlsx`
    """
    begin(data_dir(ctx))
    from kloe.web.plans import sheets
    from kloe.web.reporting.actions import write_whole

    found, _by = _whose(organisation, acting, Permission.PLAN_VIEW)
    path = output.expanduser().resolve()
    if path.is_dir():
        raise InvalidInput(
            _("%(path)s is a folder.", path=path),
            _("A workbook is written to a file."),
            _("Give its name with --output."),
        )
    write_whole(path, sheets.workbook(found))
    say(_("The plan of %(name)s: %(path)s", name=found.name, path=path))


@app.command("import")
def import_(
    ctx: typer.Context,
    organisation: OrganisationArgument,
    workbook: Annotated[
        Path, typer.Argument(metavar="FILE", help="Excel workbook (.xlsx).", show_default=False)
    ],
    trial: Annotated[
        bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")
    ] = False,
    acting: AsOption = "",
    data: DataOption = None,
) -> None:
    """Bring in a plan from an Excel workbook: all of it, or nothing.

    A row with a reference that is there changes it; any other row is new.

    Example: `kloe plan import "Tai Porth Arian" plan.xlsx --dry-run`
    """
    begin(data_dir(ctx))
    from kloe.web.plans import importing

    found, by = _whose(organisation, acting, Permission.PLAN_EDIT)
    path = workbook.expanduser().resolve()
    if not path.exists():
        raise NotFound(_("There is no file %(path)s.", path=path), "", _("Correct its name."))
    outcome = importing.bring_in(path, organisation=found, by=by, trial=trial)
    _tell(outcome)
    if outcome.faults:
        raise InvalidInput(
            _("The workbook cannot be brought in: %(n)d cells are wrong.", n=len(outcome.faults)),
            _("Nothing was changed."),
            _("Correct the cells named above, and try again."),
        )


def _tell(outcome: Outcome) -> None:
    for fault in outcome.faults:
        say(
            _(
                "%(sheet)s, row %(row)d, %(column)s: %(words)s",
                sheet=fault.sheet,
                row=fault.row,
                column=fault.column or "–",
                words=fault.words,
            )
        )
    for one in outcome.ignored:
        say(_("Not taken: %(what)s", what=one))
    if not outcome.faults:
        counts = {
            "new": sum(outcome.new.values()),
            "changed": sum(outcome.changed.values()),
            "same": sum(outcome.same.values()),
        }
        said = (
            _("Brought in: %(new)d new, %(changed)d changed, %(same)d as they were.", **counts)
            if outcome.done
            else _("It would be: %(new)d new, %(changed)d changed, %(same)d as they are.", **counts)
        )
        say(said)


@app.command()
def remind(
    ctx: typer.Context,
    data: DataOption = None,
) -> None:
    """Remind people by e-mail of actions that are due soon or overdue, each once.

    The worker of a running server does this every day; repeating it sends nothing twice.

    Example: `kloe plan remind`
    """
    begin(data_dir(ctx))
    from kloe.web.plans import reminders

    sent = reminders.remind()
    say(
        _(
            "%(people)d people were reminded of %(actions)d actions.",
            people=sent.people,
            actions=sent.actions,
        )
    )
    if sent.failed:
        say(_("%(n)d mails could not be sent; they are tried again.", n=sent.failed))
