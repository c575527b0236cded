"""``kloe records``: a landlord's records: extracts brought in, or invented."""

from __future__ import annotations

import typer

from kloe.cli import records_generate, records_load, records_sample, records_suggest
from kloe.cli.common import DataOption

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help=(
        "A landlord's own records: bring extracts in, or invent some to try.\n\n"
        "    kloe records generate --homes 500 --years 2 --out invented\n\n"
        "    kloe records suggest-mapping extract/*.csv --landlord acme --out acme.yaml\n\n"
        "    kloe records check acme.yaml --folder extract\n\n"
        "    kloe records load acme.yaml --folder extract\n\n"
        "    kloe records sample re-lets --period 2025/26 --margin 5"
    ),
)


@app.callback()
def records(data: DataOption = None) -> None:
    """Everything that stands before the subcommand."""


records_generate.register(app)
records_suggest.register(app)
records_load.register(app)
records_sample.register(app)
