"""``kloe``: one program, one place where errors become messages and exit codes."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Annotated

import typer

from kloe import __version__
from kloe.cli.common import DataOption, fail
from kloe.core.errors import Cancelled, EnvironmentFault, KloeError
from kloe.core.messages import _

app = typer.Typer(
    name="kloe",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help=(
        "Assess a social landlord against published Key Lines of Enquiry.\n\n"
        "Start with **kloe demo**: an invented landlord, assessed, with its report, "
        "open in the browser. Everything kloe keeps lies in one data directory "
        "(**--data DIR**, else the variable KLOE_DATA, else ./kloe-data)."
    ),
)

# Modules with a Typer ``app`` (a group of commands) or functions to add (single commands).
GROUPS = ("frameworks", "benchmarks", "users", "assessments")
SINGLE = ("serve", "demo", "scope", "report", "backup")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"kloe {__version__}")
        raise typer.Exit()


@app.callback()
def root(
    ctx: typer.Context,
    data: DataOption = None,
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version and stop.", is_eager=True, callback=_version
        ),
    ] = False,
) -> None:
    """Everything that stands before the command."""


def _assemble() -> None:
    for name in GROUPS:
        module = import_module(f"kloe.cli.{name}")
        app.add_typer(module.app, name=name)
    for name in SINGLE:
        import_module(f"kloe.cli.{name}").register(app)


_assemble()


def run(args: list[str] | None = None) -> None:
    """Entry point: run a command, end with the exit code of what went wrong."""
    as_json = os.environ.get("KLOE_ERRORS") == "json"
    try:
        code = app(args, standalone_mode=True)
    except KloeError as error:
        code = fail(error, as_json=as_json)
    except KeyboardInterrupt:
        code = fail(Cancelled(_("Stopped.")), as_json=as_json)
    except BrokenPipeError:
        # The reader (head, less) has enough: nothing went wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except OSError as error:
        code = fail(
            EnvironmentFault(
                _("The machine refused: %(error)s.", error=error.strerror or error),
                "",
                _("Check the path, its permissions and the space left on the disk."),
            ),
            as_json=as_json,
        )
    raise SystemExit(code)


if __name__ == "__main__":
    run()
