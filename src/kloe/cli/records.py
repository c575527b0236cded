"""``kloe records``: a landlord's records: extracts brought in, or invented."""

from __future__ import annotations

import typer

from kloe.cli import records_generate, records_suggest

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help=(
        "A landlord's own records: bring extracts in, or invent some to try.\n\n"
        "    kloe records generate --homes 500 --years 2 --out invented"
    ),
)


@app.callback()
def records() -> None:
    """Everything that stands before the subcommand."""


records_generate.register(app)
records_suggest.register(app)
