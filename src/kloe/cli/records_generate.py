"""``kloe records generate``: an invented landlord of any size."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from kloe.cli.common import DataOption, say
from kloe.cli.waiting import Bar
from kloe.core.errors import InvalidInput
from kloe.core.messages import _


def register(app: typer.Typer) -> None:
    """Add the command to the group ``kloe records``."""
    app.command("generate")(generate)


def generate(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="New folder to write.")],
    homes: Annotated[
        int, typer.Option("--homes", metavar="N", help="Rented homes, of all landlords together.")
    ] = 5000,
    years: Annotated[int, typer.Option("--years", metavar="Y", help="Whole years.")] = 3,
    seed: Annotated[
        int, typer.Option("--seed", metavar="S", help="The same seed gives the same records.")
    ] = 1,
    format: Annotated[
        str, typer.Option("--format", help="parquet, csv, or both with a comma.")
    ] = "parquet",
    faults: Annotated[
        Path | None,
        typer.Option("--faults", metavar="FILE", help="YAML with other shares of faults."),
    ] = None,
    landlords: Annotated[
        int, typer.Option("--landlords", metavar="K", help="That many landlords of varying size.")
    ] = 1,
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="DATE", help="Last day; else 2026-03-31."),
    ] = None,
    data: DataOption = None,
) -> None:
    """Invent the records of a landlord, or of many, with faults planted and listed.

    All tables fit together: ledgers add up, homes stand empty between tenancies, checks belong
    to homes that need them. `manifest-faults.csv` names every fault planted on purpose.

        kloe records generate --homes 500 --years 2 --seed 7 --out invented

        kloe records generate --homes 5000 --out invented --format parquet,csv
    """
    from kloe.records.generator import FAULTS, Wanted
    from kloe.records.generator import generate as make
    from kloe.records.generator.run import UNTIL

    wanted = Wanted(
        homes=homes,
        years=years,
        seed=seed,
        landlords=landlords,
        until=_day(until) if until else UNTIL,
        formats=tuple(dict.fromkeys(f.strip() for f in format.split(",") if f.strip())),
        faults=faults,
    )
    with Bar() as bar:
        made = make(wanted, out, bar)
    say(
        _(
            "%(rows)s rows in %(folder)s; %(faults)s faults planted, listed in %(list)s.",
            rows=f"{made.rows:,}",
            folder=made.folder,
            faults=f"{made.faults:,}",
            list=FAULTS,
        )
    )


def _day(given: str) -> date:
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise InvalidInput(
            _("“%(given)s” is no day.", given=given),
            _("A day is given as 2026-03-31."),
        ) from None
