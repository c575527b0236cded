"""Commands: kloe frameworks."""

from __future__ import annotations

import csv
import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kloe.cli.common import DataOption, Format, FormatOption, print_rows, say
from kloe.core.errors import InvalidInput, NotFound, UsageError
from kloe.core.messages import Message, _

if TYPE_CHECKING:
    from kloe.frameworks.model import Criterion, Framework, Kloe, Theme

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help=(
        "Read, search and check the library of Key Lines of Enquiry.\n\n"
        "Begin with **kloe frameworks list**, then **kloe frameworks show 1.2/3**. "
        "A KLOE, theme or criterion is named by its number, with the framework's name before it "
        "where two frameworks have it: *wao-housing-2005/1.2/3/account-set-up*."
    ),
)

FrameworkOption = Annotated[
    list[str] | None,
    typer.Option(
        "--framework",
        metavar="ID",
        help="Only this framework (may be given more than once). Else all.",
        show_default=False,
    ),
]


class ExportFormat(StrEnum):
    """How the library is exported."""

    CSV = "csv"
    JSON = "json"
    XLSX = "xlsx"


def _frameworks(ids: list[str] | None = None) -> tuple[Framework, ...]:
    from kloe.frameworks import library

    found = tuple(library.load(id) for id in ids) if ids else library.load_all()
    return tuple(sorted(found, key=lambda f: not f.leading))


@app.command("list")
def list_(format: FormatOption = Format.TABLE, data: DataOption = None) -> None:
    """List the frameworks and their KLOEs.

    Example: **kloe frameworks list --format csv**
    """
    frameworks = _frameworks()
    if format is Format.TABLE:
        for f in frameworks:
            print_rows(
                ("kloe", "title", "judgement", "themes", "questions", "criteria"),
                (
                    (
                        k.label,
                        k.title,
                        k.judgement,
                        len(k.themes),
                        len(k.questions),
                        len(k.criteria),
                    )
                    for k in f.kloes
                ),
                title=f"{f.id}: {f.title}. {f.publisher}, {f.edition} ({f.status})",
            )
        return
    columns = ("framework", "kloe", "title", "judgement", "themes", "questions", "criteria")
    about = ("descriptors", "publisher", "edition", "status", "jurisdiction", "digest")
    print_rows(
        (*columns, *about),
        (
            (
                f.id,
                k.number,
                k.title,
                k.judgement,
                len(k.themes),
                len(k.questions),
                len(k.criteria),
                sum(len(c.descriptors) for c in k.criteria),
                f.publisher,
                f.edition,
                f.status,
                f.jurisdiction,
                f.digest,
            )
            for f in frameworks
            for k in f.kloes
        ),
        format,
    )


@app.command()
def show(
    name: Annotated[
        str,
        typer.Argument(
            metavar="KLOE", help="A KLOE (1.2), theme (1.2/3) or criterion (1.2/3/account-set-up)."
        ),
    ],
    format: FormatOption = Format.TABLE,
    data: DataOption = None,
) -> None:
    """Show a KLOE, theme or criterion: its questions, and both sides of each criterion.

    Examples: **kloe frameworks show 1.2** and **kloe frameworks show 1.2/3 --format json**
    """
    framework, thing = _find(name)
    kloe = framework.kloe_of(thing.id)
    themes = _themes_of(framework, thing)
    only = thing.id if thing.id.count("/") == 3 else None
    if format is Format.JSON:
        from kloe.cli.frameworks_show import as_dict

        shown = as_dict(framework, kloe, themes, only)
        json.dump(shown, sys.stdout, ensure_ascii=False, indent=2)
        sys.stdout.write("\n")
    elif format is Format.CSV:
        from kloe.frameworks import export

        numbers = {t.number for t in themes}
        key = only.rpartition("/")[2] if only else None
        rows = export.rows((framework,), (kloe.id,))
        kept = (r for r in rows if r[2] in numbers and (key is None or r[4] == key))
        print_rows(export.COLUMNS, kept, format)
    else:
        from kloe.cli.frameworks_show import print_themes

        print_themes(framework, kloe, themes, only=only, whole=thing.id == kloe.id)


def _find(name: str) -> tuple[Framework, Kloe | Theme | Criterion]:
    frameworks = _frameworks()
    given = name.strip().strip("/")
    for framework in frameworks:
        number = given.removeprefix(f"{framework.id}/")
        if number != given or not any(given.startswith(f"{f.id}/") for f in frameworks):
            finders = (framework.kloe, framework.theme, framework.criterion)
            finder = finders[min(number.count("/"), 2)]
            try:
                return framework, finder(number)
            except NotFound:
                continue
    raise NotFound(
        _("There is no KLOE, theme or criterion “%(name)s”.", name=name),
        _(
            "KLOEs: %(numbers)s.",
            numbers=", ".join(k.number for f in frameworks for k in f.kloes),
        ),
        _("“kloe frameworks list” shows them; “kloe frameworks search WORDS” finds by words."),
    )


def _themes_of(framework: Framework, thing: Kloe | Theme | Criterion) -> tuple[Theme, ...]:
    depth = thing.id.count("/")
    if depth == 1:
        return framework.kloe(thing.id).themes
    return (framework.theme(thing.id) if depth == 2 else framework.theme_of(thing.id),)


@app.command()
def search(
    words: Annotated[list[str], typer.Argument(metavar="WORDS", help="What to look for.")],
    framework: FrameworkOption = None,
    kind: Annotated[
        list[str] | None,
        typer.Option(
            help="Only kloe, theme, question, criterion, descriptor or 'detailed question'.",
            show_default=False,
        ),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 20,
    format: FormatOption = Format.TABLE,
    data: DataOption = None,
) -> None:
    """Search titles, questions and descriptors, best match first.

    Words in double quotes are looked for as they stand.

    Examples: **kloe frameworks search rent arrears** and
    **kloe frameworks search '"last resort"' --kind descriptor**
    """
    from kloe.frameworks.search import WEIGHTS
    from kloe.frameworks.search import search as find

    wrong = sorted(set(kind or ()) - WEIGHTS.keys())
    if wrong:
        raise UsageError(
            _("There is no kind “%(kind)s”.", kind=wrong[0]),
            _("Kinds: %(kinds)s.", kinds=", ".join(WEIGHTS)),
        )
    asked = " ".join(f'"{w}"' if " " in w and '"' not in w else w for w in words)
    hits = find(asked, _frameworks(framework), kinds=kind or (), limit=limit)
    if format is Format.TABLE:
        columns: tuple[str, ...] = ("kind", "id", "text")
        rows: list[tuple[Any, ...]] = [(h.kind, h.id, h.text) for h in hits]
    else:
        columns = ("score", "kind", "id", "framework", "kloe", "theme", "title", "text")
        rows = [tuple(getattr(h, c) for c in columns) for h in hits]
    nothing = _("Nothing has “%(words)s”. Try fewer words, or their beginning.", words=asked)
    print_rows(columns, rows, format, empty=nothing)


@app.command()
def check(
    path: Annotated[
        Path | None,
        typer.Argument(
            metavar="[PATH]",
            help="Folder of a framework's YAML, or of several. Else the library's own.",
            show_default=False,
        ),
    ] = None,
    format: FormatOption = Format.TABLE,
    data: DataOption = None,
) -> None:
    """Check frameworks: their YAML, and that the compiled files are what it compiles to.

    Every fault is named with file, line and remedy; the exit code is then 3, or 4 where only
    a compiled file is out of date.

    Examples: **kloe frameworks check** and **kloe frameworks check my-frameworks/**
    """
    from kloe.frameworks.compile import compile_source, verify_compiled
    from kloe.frameworks.library import CONTENT, load_compiled
    from kloe.frameworks.loader import sources
    from kloe.frameworks.source import FrameworkFaults

    folders = sources(_existing(path) if path else CONTENT)
    faults: list[Any] = []
    rows: list[dict[str, Any]] = []
    for folder in folders:
        try:
            made = compile_source(folder)
        except FrameworkFaults as error:
            faults += error.faults
            continue
        name = f"{folder.name}.json"
        framework = load_compiled(made[name], [d for n, d in made.items() if n != name])
        rows.append(_counts(framework))
    if faults:
        raise FrameworkFaults(faults)
    for folder in folders:
        # A folder elsewhere need not have been compiled yet.
        if path is None or (folder.parent / f"{folder.name}.json").exists():
            verify_compiled(folder, folder.parent)
    columns = tuple(rows[0]) if rows else ()
    if format is Format.TABLE:
        # The rest is for programs; a terminal is eighty characters wide.
        columns = ("framework", "themes", "questions", "criteria", "restated")
    print_rows(columns, ([row[c] for c in columns] for row in rows), format)
    if format is Format.TABLE:
        say(_("No faults."))


def _existing(path: Path) -> Path:
    if not path.is_dir():
        raise NotFound(
            _("There is no folder %(path)s.", path=path),
            _("A framework is a folder with framework.yaml, rules.yaml and a file for each KLOE."),
            _("Give the path of such a folder, or of one that holds several."),
        )
    return path


def _counts(framework: Framework) -> dict[str, Any]:
    criteria = tuple(framework.criteria())
    return {
        "framework": framework.id,
        "kloes": len(framework.kloes),
        "themes": sum(1 for _theme in framework.themes()),
        "questions": sum(len(k.questions) for k in framework.kloes),
        "criteria": len(criteria),
        "descriptors": sum(len(c.descriptors) for c in criteria),
        "restated": len({ref for c in criteria for ref in c.sources}),
        "instruments": len(framework.instruments),
        "limits": len(framework.rules.limits),
        "digest": framework.digest,
    }


@app.command()
def export(
    format: Annotated[
        ExportFormat, typer.Option("--format", help="csv and json as rows; xlsx as a workbook.")
    ] = ExportFormat.CSV,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Write here. Else to standard output (not xlsx)."
        ),
    ] = None,
    framework: FrameworkOption = None,
    data: DataOption = None,
) -> None:
    """Export questions and descriptors, a row each; as a workbook, all of the library.

    Columns: framework, kloe, theme, kind (question or descriptor), criterion, grade (the one
    the column describes), polarity, source (references of the published texts), text.

    Examples: **kloe frameworks export --format csv > kloes.csv** and
    **kloe frameworks export --format xlsx --output kloes.xlsx**
    """
    from kloe.frameworks import export as exporting

    frameworks = _frameworks(framework)
    if format is ExportFormat.XLSX:
        if output is None:
            raise UsageError(
                _("A workbook is not printed."), "", _("Say where it goes: --output kloes.xlsx")
            )
        exporting.workbook(frameworks, output)
        say(_("Wrote %(path)s.", path=output))
        return
    stream = output.open("w", encoding="utf-8", newline="") if output else sys.stdout
    try:
        if format is ExportFormat.CSV:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(exporting.COLUMNS)
            writer.writerows(exporting.rows(frameworks))
        else:
            rows = [
                dict(zip(exporting.COLUMNS, r, strict=True)) for r in exporting.rows(frameworks)
            ]
            json.dump(rows, stream, ensure_ascii=False, indent=2)
            stream.write("\n")
    finally:
        if output:
            stream.close()
    if output:
        say(_("Wrote %(path)s.", path=output))


@app.command()
def compare(
    a: Annotated[str, typer.Argument(metavar="A", help="The earlier edition.")],
    b: Annotated[str, typer.Argument(metavar="B", help="The later edition.")],
    all_: Annotated[bool, typer.Option("--all", help="Also what is the same in both.")] = False,
    format: FormatOption = Format.TABLE,
    data: DataOption = None,
) -> None:
    """Compare two editions: what is added, removed, changed.

    An edition is a framework's name, a compiled file, or a folder of YAML. Things are matched
    by identifier, else where the frameworks overlap, else by common criterion.

    Example: **kloe frameworks compare hi-cross-cutting-2005 wao-housing-2005**
    """
    from kloe.frameworks import compare as comparing

    changes = comparing.compare(_edition(a), _edition(b))
    shown = [c for c in changes if all_ or c.change != comparing.SAME]
    if format is not Format.TABLE:
        print_rows(comparing.COLUMNS, (c.row() for c in shown), format)
        return
    table = comparing.counts(changes)
    words = (comparing.ADDED, comparing.REMOVED, comparing.CHANGED, comparing.SAME)
    print_rows(("kind", *words), ((kind, *(n[w] for w in words)) for kind, n in table.items()))
    print_rows(
        ("change", "kind", "before", "after"),
        ((c.change, c.kind, c.before, c.after) for c in shown),
        empty=_("No difference."),
    )


def _edition(name: str) -> Framework:
    from kloe.frameworks import library
    from kloe.frameworks.compile import compile_source

    path = Path(name)
    if name in library.available():
        return library.load(name)
    if (path / "framework.yaml").is_file():
        made = compile_source(path)
        return library.load_compiled(made[f"{path.resolve().name}.json"])
    if path.is_file():
        return library.load_compiled(path.read_bytes())
    raise NotFound(
        _("There is no framework, file or folder “%(name)s”.", name=name),
        _("Frameworks: %(ids)s.", ids=", ".join(library.available())),
        _("Give a framework's name, a compiled file, or a folder of YAML."),
    )


@app.command("compile")
def compile_(
    path: Annotated[
        Path | None,
        typer.Argument(
            metavar="[PATH]",
            help="Folder of a framework's YAML, or of several. Else the library's own.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="DIR", help="Write here. Else beside the folder."),
    ] = None,
    data: DataOption = None,
) -> None:
    """Compile YAML to the form that is loaded, whose digest names the edition.

    Example: **kloe frameworks compile** after changing a file of the library, and commit both.
    """
    from kloe.frameworks.compile import write_compiled
    from kloe.frameworks.library import CONTENT
    from kloe.frameworks.loader import sources

    if output is not None and not output.is_dir():
        raise InvalidInput(_("There is no folder %(path)s.", path=output), "", _("Make it first."))
    for folder in sources(_existing(path) if path else CONTENT):
        changed = write_compiled(folder, output or folder.parent)
        said: Message = (
            _("%(id)s: wrote %(files)s.", id=folder.name, files=", ".join(p.name for p in changed))
            if changed
            else _("%(id)s: already up to date.", id=folder.name)
        )
        say(said)
