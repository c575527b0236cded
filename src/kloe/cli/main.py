"""``kloe``: one program, one place where errors become messages and exit codes."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Annotated

import typer
from typer.exceptions import TyperException

from kloe import __version__
from kloe.cli.common import DataOption, fail
from kloe.core.disk import full
from kloe.core.errors import Cancelled, EnvironmentFault, KloeError, UsageError
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
GROUPS = (
    "frameworks",
    "benchmarks",
    "records",
    "measures",
    "users",
    "assessments",
    "evidence",
    "plan",
)
SINGLE = ("serve", "demo", "scope", "report", "verify", "backup")


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


def _before_subcommand(data: DataOption = None) -> None:
    """Everything that stands between a group and its subcommand."""


def _assemble() -> None:
    for name in GROUPS:
        module = import_module(f"kloe.cli.{name}")
        if module.app.registered_callback is None:
            module.app.callback()(_before_subcommand)
        app.add_typer(module.app, name=name)
    for name in SINGLE:
        import_module(f"kloe.cli.{name}").register(app)


_assemble()


def run(args: list[str] | None = None) -> None:
    """Entry point: run a command, end with the exit code of what went wrong."""
    as_json = os.environ.get("KLOE_ERRORS") == "json"
    try:
        code = app(args, prog_name="kloe", standalone_mode=False) or 0
        sys.stdout.flush()
        if code == Cancelled.exit_code:
            fail(Cancelled(_("Stopped.")), as_json=as_json)
    except KloeError as error:
        code = fail(error, as_json=as_json)
    except (KeyboardInterrupt, typer.Abort):
        code = fail(Cancelled(_("Stopped.")), as_json=as_json)
    except TyperException as error:
        code = _misused(error, as_json=as_json)
    except BrokenPipeError:
        code = _nobody_reads()
    except SystemExit as stop:
        # Typer and rich end with 1 where the reader of the output has gone.
        if not isinstance(stop.__context__, BrokenPipeError):
            raise
        code = _nobody_reads()
    except OSError as error:
        code = fail(
            EnvironmentFault(
                _("The machine refused: %(error)s.", error=_what_and_where(error)),
                "",
                _("Check the path, its permissions and the space left on the disk."),
            ),
            as_json=as_json,
        )
    except Exception as error:
        # The database has its own words for a full disk.
        if (fault := full(error)) is None:
            raise
        code = fail(fault, as_json=as_json)
    raise SystemExit(code)


def _misused(error: TyperException, *, as_json: bool) -> int:
    """Say which word of a command was wrong, as Typer draws it or in the shape of our errors."""
    if as_json:
        ctx = getattr(error, "ctx", None)
        path = ctx.command_path if ctx else "kloe"
        said = error.format_message() or str(_("The command is not complete."))
        return fail(
            UsageError(said, ctx.get_usage() if ctx else "", _("“%(path)s --help”", path=path)),
            as_json=True,
        )
    from typer.rich_utils import rich_format_error

    rich_format_error(error)  # type: ignore[arg-type]
    return error.exit_code


def _what_and_where(error: OSError) -> str:
    """The words of the machine, with the path they are about."""
    words = error.strerror or str(error)
    return f"{words} ({error.filename})" if error.filename else words


def _nobody_reads() -> int:
    """The reader (head, less) has enough: nothing went wrong."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


if __name__ == "__main__":
    run()
