"""``kloe records suggest-mapping``: propose which columns of an extract become which of ours."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from kloe.cli.common import DataOption, Format, print_rows, say
from kloe.core.errors import Conflict, InvalidInput, NotFound
from kloe.core.messages import _


def register(app: typer.Typer) -> None:
    """Add the command to the group ``kloe records``."""
    app.command("suggest-mapping")(suggest_mapping)


def suggest_mapping(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Files of the extract, or folders.")
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="YAML", help="File to write; else standard output."),
    ] = None,
    table: Annotated[
        str | None, typer.Option("--table", metavar="T", help="The table all files feed.")
    ] = None,
    landlord: Annotated[
        str | None, typer.Option("--landlord", metavar="L", help="The landlord's code.")
    ] = None,
    as_at: Annotated[
        str | None, typer.Option("--as-at", metavar="DATE", help="Day of the extract.")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Write over a mapping that is there.")
    ] = False,
    data: DataOption = None,
) -> None:
    """Propose a mapping for the files of an extract, to correct and load.

    Columns are proposed by the likeness of their names and by what stands in them. What is not
    certain is marked “unsure”, with what speaks against it and what else could be meant. Give
    all files together: references are recognised by the keys of the other files.

        kloe records suggest-mapping extract/*.csv --landlord acme --out acme.yaml

        kloe records suggest-mapping rents.xlsx --table rent_transaction
    """
    from kloe.records.mapping import check_landlord
    from kloe.records.suggesting import mapping_yaml, propose

    if landlord is not None:
        check_landlord(landlord)
    if out is not None and out.exists() and not replace:
        raise Conflict(
            _("%(path)s is there already.", path=out),
            "",
            _("Give another name, or --replace to write over it."),
        )
    day = _day(as_at) if as_at else None
    proposal = propose(_files(files), table=table)
    text = mapping_yaml(proposal, landlord=landlord, as_at=day)
    if not proposal.sources:
        raise InvalidInput(
            _("None of the files looks like a table of records."),
            "",
            _("Say which table they feed with --table."),
        )
    if out is None:
        typer.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")
        rows = [
            (
                ", ".join(s.files) + (f"\n{s.sheet}" if s.sheet else ""),
                s.table if s.sure else f"{s.table} ?",
                f"{len(s.columns) - len(s.unsure)} of {len(s.columns)}",
                " ".join(s.unsure),
            )
            for s in proposal.sources
        ]
        print_rows(("file", "table", "columns_sure", "unsure"), rows, Format.TABLE)
    for name in proposal.shipped:
        say(
            _(
                "A mapping made for these files comes with kloe: “kloe records check %(name)s”.",
                name=name,
            )
        )
    for one in proposal.not_taken:
        say(_("%(file)s: %(why)s", file=one.title, why=one.reason))
    if out is not None:
        say(_("Written: %(path)s. Look at what is unsure, then “kloe records check”.", path=out))


_SUFFIXES = frozenset(
    {".csv", ".txt", ".tsv", ".xlsx", ".xls", ".xlsm", ".xlsb", ".ods", ".parquet", ".pq", ".dat"}
)


def _files(given: list[Path]) -> list[Path]:
    """Files, and those of folders, in the order of their names."""
    found: list[Path] = []
    for path in given:
        if path.is_dir():
            inside = sorted(p for p in path.iterdir() if p.suffix.lower() in _SUFFIXES)
            if not inside:
                raise NotFound(
                    _("The folder %(path)s holds no extract.", path=path),
                    _("Extracts end in: %(all)s.", all=", ".join(sorted(_SUFFIXES))),
                )
            found += inside
        else:
            found.append(path)
    return list(dict.fromkeys(found))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(
            _("“%(text)s” is no day.", text=text), _("A day is written as in 2026-03-31.")
        ) from error
