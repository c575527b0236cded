"""What all commands share: where the data lies, how results are printed, how errors end."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Iterable, Sequence
from enum import StrEnum
from pathlib import Path
from time import monotonic
from typing import Annotated, Any, TextIO

import typer

from kloe.core.errors import EnvironmentFault, KloeError
from kloe.core.messages import Message, _

DEFAULT_DATA = "kloe-data"
UUID_LENGTH = 36
FLUSH_SECONDS = 0.2


class Format(StrEnum):
    """How a command prints data."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def _remember_data(ctx: typer.Context, value: Path | None) -> Path | None:
    """``--data`` counts wherever it stands; the one nearest to the command wins."""
    if value is not None:
        ctx.find_root().meta["kloe.data"] = value
    return value


DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="DIR",
        help="Data directory: database, files and Parquet. Else KLOE_DATA, else ./kloe-data.",
        callback=_remember_data,
        show_default=False,
    ),
]
FormatOption = Annotated[
    Format,
    typer.Option("--format", help="A table to read, or csv or json to pass on."),
]


def data_dir(ctx: typer.Context, *, create: bool = True) -> Path:
    """The data directory this call works in, made if it is not there yet.

    With ``create=False`` it may be missing, but what is there has to be a folder to read.
    """
    given = ctx.find_root().meta.get("kloe.data")
    path = Path(given or os.environ.get("KLOE_DATA") or DEFAULT_DATA).expanduser().resolve()
    beside = path.with_name(f".{path.name}.restoring.json")
    if beside.is_file() or (path / ".restoring.json").is_file():
        # A restore was stopped there, or is at work.
        from kloe.web.backup.swap import recover

        recover(path)
    try:
        if create:
            path.mkdir(parents=True, exist_ok=True)
        nearest = next(p for p in (path, *path.parents) if p.exists())
        if not nearest.is_dir():
            raise NotADirectoryError
        if not os.access(nearest, os.R_OK | os.X_OK | (os.W_OK if create else 0)):
            raise PermissionError
    except (FileExistsError, NotADirectoryError) as error:
        raise EnvironmentFault(
            _("The data directory %(path)s is, or lies in, a file.", path=path),
            _("kloe needs a folder in which it may create files."),
            _("Give another with --data DIR or KLOE_DATA."),
        ) from error
    except OSError as error:
        raise EnvironmentFault(
            _("The data directory %(path)s cannot be written.", path=path)
            if create
            else _("The data directory %(path)s cannot be read.", path=path),
            _("kloe needs a folder in which it may create files."),
            _("Give another with --data DIR, or change the folder's permissions."),
        ) from error
    return path


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple | set | frozenset):
        return " ".join(_cell(v) for v in value)
    return str(value)


def _plain(value: Any) -> Any:
    """A value as JSON has it: Decimals and dates as text, messages and texts rendered."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(v) for v in value]
    return str(value)


def print_rows(
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    format: Format = Format.TABLE,
    *,
    title: str | Message = "",
    empty: str | Message = "",
    out: TextIO | None = None,
) -> None:
    """Print rows under their columns; csv and json go to standard output bare."""
    stream = out or sys.stdout
    if format is Format.CSV:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        shown = -FLUSH_SECONDS
        for row in rows:
            writer.writerow([_cell(v) for v in row])
            # What takes long to come is seen as it comes.
            if monotonic() - shown > FLUSH_SECONDS:
                stream.flush()
                shown = monotonic()
        return
    if format is Format.JSON:
        found = [dict(zip(columns, map(_plain, row), strict=True)) for row in rows]
        json.dump(found, stream, ensure_ascii=False, indent=2)
        stream.write("\n")
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, title=str(title) or None, title_justify="left")
    cells = [[_cell(v) for v in row] for row in rows]
    for n, column in enumerate(columns):
        # A short identifier is there to be copied whole: other columns give way to it.
        whole = column == "id" and all(len(row[n]) <= UUID_LENGTH for row in cells)
        table.add_column(column.replace("_", " "), overflow="fold", no_wrap=whole)
    for row in cells:
        table.add_row(*(cell.replace("[", r"\[") for cell in row))
    console = Console(file=stream)
    if cells:
        console.print(table)
    elif empty:
        console.print(str(empty))


def say(sentence: str | Message) -> None:
    """A line for the person at the terminal, on standard error, so that data stays clean."""
    typer.echo(str(sentence), err=True)


def fail(error: KloeError, *, as_json: bool = False) -> int:
    """Print an error once, in one shape; give its exit code."""
    if as_json:
        typer.echo(json.dumps(error.as_dict(), ensure_ascii=False), err=True)
    else:
        typer.echo(f"kloe: {error}", err=True)
    return error.exit_code
