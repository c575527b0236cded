"""``kloe records check``, ``load``, ``loads`` and ``undo``: extracts into records, and back."""

from __future__ import annotations

import getpass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kloe.cli.common import DataOption, Format, FormatOption, data_dir, print_rows, say
from kloe.cli.waiting import Bar
from kloe.core.errors import InvalidInput, NotFound
from kloe.core.messages import _

if TYPE_CHECKING:
    from kloe.records.loading import Result
    from kloe.records.mapping import RecordMapping

MappingArgument = Annotated[
    str,
    typer.Argument(
        metavar="MAPPING",
        help="A mapping (YAML), or the name of one that comes with kloe: core-lettings-2026.",
    ),
]
FolderOption = Annotated[
    Path | None,
    typer.Option(
        "--folder",
        metavar="DIR",
        help="Where the files lie; else beside the mapping.",
        show_default=False,
    ),
]
LandlordOption = Annotated[
    str | None,
    typer.Option("--landlord", metavar="CODE", help="Whose records; else as the mapping says."),
]
AsAtOption = Annotated[
    str | None,
    typer.Option("--as-at", metavar="DAY", help="Day of the extract; else as the mapping says."),
]
PersonalOption = Annotated[
    bool,
    typer.Option("--without-personal", help="Leave out every column that tells about a person."),
]
MostOption = Annotated[
    int,
    typer.Option(
        "--most-rejects",
        metavar="N",
        min=0,
        max=100,
        help="How many of a hundred rows of a table may be rejected before nothing is loaded.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands to the group ``kloe records``."""
    app.command("check")(check)
    app.command("load")(load)
    app.command("loads")(loads)
    app.command("undo")(undo)


def check(
    ctx: typer.Context,
    mapping: MappingArgument,
    folder: FolderOption = None,
    landlord: LandlordOption = None,
    as_at: AsAtOption = None,
    without_personal: PersonalOption = False,
    most_rejects: MostOption = 10,
    rejects: Annotated[
        Path | None,
        typer.Option(
            "--rejects",
            metavar="DIR",
            help="List every rejected row with its reason, a file for each table, in this folder.",
            show_default=False,
        ),
    ] = None,
    format: FormatOption = Format.TABLE,
    data: DataOption = None,
) -> None:
    """Read files as a mapping says, with every rule, and say what is wrong; load nothing.

    Says for each rule how many rows break it, and where the first of them stands. Ends with 3
    where **kloe records load** would refuse.

        kloe records check acme.yaml --folder extract --rejects rejects
    """
    from kloe.records.loading import check_records

    directory = data_dir(ctx)
    found, place = _mapping(mapping, folder)
    with Bar() as bar:
        result = check_records(
            directory,
            found,
            place,
            landlord=landlord,
            as_at=_day(as_at),
            without_personal=without_personal,
            most_rejects=most_rejects,
            rejects=rejects,
            progress=bar,
        )
    _findings(result, format)
    _warnings(result)
    if result.rejects is not None:
        say(_("Rejected and marked rows are listed in %(path)s.", path=result.rejects))
    if result.refusal is not None:
        raise result.refusal


def load(
    ctx: typer.Context,
    mapping: MappingArgument,
    folder: FolderOption = None,
    landlord: LandlordOption = None,
    as_at: AsAtOption = None,
    without_personal: PersonalOption = False,
    most_rejects: MostOption = 10,
    by: Annotated[
        str | None,
        typer.Option("--by", metavar="NAME", help="Who loads; else the user of the machine."),
    ] = None,
    format: FormatOption = Format.TABLE,
    data: DataOption = None,
) -> None:
    """Load files as a mapping says: all of them, or nothing.

    What was loaded before stays in use until the new version is complete, and is kept for
    **kloe records undo**. Tables the mapping does not feed are carried over. The same files with
    the same mapping change nothing. Rows that break a rule are listed with their reason beside
    the records.

        kloe records load acme.yaml --folder extract

        kloe records load core-lettings-2026 --folder core --landlord acme --as-at 2026-03-31
    """
    from kloe.records.loading import load_records

    directory = data_dir(ctx)
    found, place = _mapping(mapping, folder)
    with Bar() as bar:
        result = load_records(
            directory,
            found,
            place,
            by=by or _user(),
            landlord=landlord,
            as_at=_day(as_at),
            without_personal=without_personal,
            most_rejects=most_rejects,
            progress=bar,
        )
    if not result.changed:
        say(_("These files are loaded already, with this mapping: nothing changed."))
    columns = ("table", "rows", "rejects", "merged", "files", "marked")
    rows = [(t.table, t.rows, t.rejects, t.merged, t.files, t.marked) for t in result.tables]
    print_rows(columns, rows, format)
    if format is Format.TABLE and result.findings:
        _findings(result, format)
    _warnings(result)
    if result.carried:
        say(_("Carried over from the load before: %(all)s.", all=", ".join(result.carried)))
    if result.rejects is not None:
        say(_("Rejected and marked rows are listed in %(path)s.", path=result.rejects))


def loads(
    ctx: typer.Context,
    landlord: Annotated[
        str | None, typer.Argument(metavar="[LANDLORD]", help="Whose; else of all.")
    ] = None,
    format: FormatOption = Format.TABLE,
    data: DataOption = None,
) -> None:
    """List what was loaded and undone: when, by whom, from which files, with how many rows.

    The version in use is marked; those still kept can be gone back to with **kloe records undo**.

    Example: `kloe records loads acme`
    """
    from kloe.records.versions import Shelf, landlords

    directory = data_dir(ctx, create=False)
    rows: list[tuple[Any, ...]] = []
    for code in [landlord] if landlord else landlords(directory):
        shelf = Shelf(directory, code)
        current, kept = shelf.current_id, shelf.kept()
        for entry in shelf.history():
            tables = entry.get("tables", {})
            state = "in use" if entry["version"] == current else ""
            if not state and entry["event"] == "load":
                state = "kept" if entry["version"] in kept else "gone"
            rows.append(
                (
                    code,
                    entry["at"],
                    entry["event"],
                    entry["by"],
                    entry["version"] if entry["event"] == "load" else entry["undone"],
                    state,
                    sum(t["rows"] for t in tables.values()),
                    sum(t["rejects"] for t in tables.values()),
                    ", ".join(tables),
                    ", ".join(dict.fromkeys(f["file"] for f in entry.get("files", ()))),
                )
            )
    if landlord and not rows:
        raise NotFound(
            _("There are no records of %(landlord)s.", landlord=landlord),
            "",
            _("“kloe records load” loads some."),
        )
    columns = (
        "landlord", "at", "event", "by", "version", "state", "rows", "rejects", "tables", "files",
    )  # fmt: skip
    if format is Format.TABLE:
        columns = ("landlord", "when, by whom", "what", "rows", "rejects", "tables")  # type: ignore[assignment]
        rows = [
            (r[0], f"{r[1][:16]}\n{r[3]}", f"{r[2]}\n{r[5]}", f"{r[6]:,}", f"{r[7]:,}", r[8])
            for r in rows
        ]
    print_rows(columns, rows, format, empty=_("Nothing has been loaded yet."))


def undo(
    ctx: typer.Context,
    landlord: Annotated[str, typer.Argument(metavar="LANDLORD", help="Whose records.")],
    by: Annotated[
        str | None,
        typer.Option("--by", metavar="NAME", help="Who undoes; else the user of the machine."),
    ] = None,
    data: DataOption = None,
) -> None:
    """Go back to the records as they were before the last load.

    kloe records undo acme
    """
    from kloe.records.versions import Shelf

    before = Shelf(data_dir(ctx, create=False), landlord).undo(by or _user())
    if before is None:
        say(_("That was the first load: %(landlord)s has no records now.", landlord=landlord))
    else:
        say(_("In use again: version %(version)s.", version=before))


# What the commands share


def _mapping(name: str, folder: Path | None) -> tuple[RecordMapping, Path]:
    from kloe.records.mapping import read_mapping, shipped

    found = read_mapping(name)
    beside = Path() if name in shipped() and not Path(name).exists() else Path(name).parent
    return found, folder or beside


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day, no time
    except ValueError as error:
        raise InvalidInput(
            _("“%(text)s” is no day.", text=text), _("It is written as in 2026-03-31.")
        ) from error


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "?"


def _findings(result: Result, format: Format) -> None:
    columns = ("table", "column", "rows", "rule", "file", "line", "value", "reason", "kept")
    rows = [
        (f.table, f.column, f.rows, f.rule, f.file, f.line, f.value[:40], f.words, f.kept)
        for f in result.findings
    ]
    if format is Format.TABLE:
        columns = ("table", "column", "rows", "what is wrong", "first")  # type: ignore[assignment]
        rows = [
            (f.table, f.column, f.rows, f.words, f"{f.file}:{f.line} {f.value[:40]}")  # type: ignore[misc]
            for f in result.findings
        ]
    empty = _("All %(n)s rows keep every rule.", n=f"{result.rows:,}")
    print_rows(columns, rows, format, empty=empty)


def _warnings(result: Result) -> None:
    for warning in result.warnings:
        say(_("Note: %(warning)s", warning=warning))
