"""``kloe benchmarks``: published results of many landlords, and where one of them stands."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kloe.cli.common import DataOption, Format, FormatOption, data_dir, print_rows, say
from kloe.cli.waiting import Bar
from kloe.core.errors import InvalidInput
from kloe.core.messages import Message, _

if TYPE_CHECKING:
    from kloe.measures.dataset import Dataset
    from kloe.measures.headers import Population
    from kloe.measures.peers import Landlord, PeerGroup
    from kloe.measures.positions import Position

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help=(
        "Published results of many landlords: import them, and see where one stands.\n\n"
        "Begin with the regulator's workbook of Tenant Satisfaction Measures, as published:\n\n"
        "    kloe benchmarks import 2025_TSM_full_data.xlsx\n\n"
        "    kloe benchmarks show tsm-2024-25 Adur"
    ),
)

COUNTED = ("landlords", "measures", "values", "disagreements")

DatasetArgument = Annotated[
    str, typer.Argument(metavar="DATASET", help="The dataset's id, as `list` shows it.")
]
LandlordArgument = Annotated[
    str, typer.Argument(metavar="LANDLORD", help="Its code, its name, or part of its name.")
]
MeasureOption = Annotated[
    str | None,
    typer.Option("--measure", metavar="CODE", help="Only this measure: TP01, BS01, RP02_1 ..."),
]
PopulationOption = Annotated[
    str | None,
    typer.Option(
        "--population",
        metavar="NAME",
        help="Only figures for: LCRA (rented homes), LCHO (part-owned), combined, or all.",
    ),
]
TypeOption = Annotated[
    str | None, typer.Option("--type", help="Only landlords of this type: PRP or LA.")
]
SizeOption = Annotated[
    str | None, typer.Option("--size", help="Only landlords of this size, as in “5,000-40,000”.")
]
RegionOption = Annotated[
    str | None, typer.Option("--region", help="Only landlords mostly in this region: South ...")
]


@app.callback()
def benchmarks(data: DataOption = None) -> None:
    """Everything that stands before the subcommand."""


@app.command("import")
def import_(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The workbook (.xlsx).")],
    year: Annotated[
        str | None,
        typer.Option("--year", help="The financial year, where the workbook does not say it."),
    ] = None,
    format: FormatOption = Format.TABLE,
    data: DataOption = None,
) -> None:
    """Import the regulator's workbook of Tenant Satisfaction Measures.

    Reads any year's workbook as published, recomputes every rate from its numerator and
    denominator, and keeps the figures as a dataset. Importing the same figures again changes
    nothing and names the same dataset.

        kloe benchmarks import 2025_TSM_full_data.xlsx
    """
    from kloe.measures.benchmarks import import_workbook

    directory = data_dir(ctx)
    with Bar() as progress:
        done = import_workbook(file, directory, year=year, progress=progress)
    info = done.info
    if format is not Format.TABLE:
        columns = ("id", "repeated", *info.counts)
        print_rows(columns, [(info.id, done.repeated, *info.counts.values())], format)
        return
    if done.repeated:
        say(_("These figures are here already, imported from %(file)s.", file=info.file))
    for sheet, rows in info.sheets.items():
        say(_("%(sheet)s: %(rows)d landlords", sheet=sheet, rows=rows))
    say(
        _(
            "%(landlords)d landlords, %(measures)d measures, %(values)d figures; %(missing)d"
            " places without a figure, kept with their reason.",
            landlords=info.counts["landlords"],
            measures=info.counts["measures"],
            values=info.counts["values"],
            missing=info.counts["without value"],
        )
    )
    for remark in info.remarks:
        say(remark)
    if info.disagreements:
        say(
            Message(
                "%(n)d figure does not agree with its numerator and denominator; see:"
                " kloe benchmarks check %(id)s",
                plural="%(n)d figures do not agree with their numerators and denominators; see:"
                " kloe benchmarks check %(id)s",
                n=len(info.disagreements),
                id=info.id,
            )
        )
    else:
        say(_("Every rate agrees with its numerator and denominator."))
    typer.echo(info.id)


@app.command("list")
def list_(ctx: typer.Context, format: FormatOption = Format.TABLE, data: DataOption = None) -> None:
    """List the datasets there are, newest first.

    kloe benchmarks list --format csv
    """
    from kloe.measures.benchmarks import list_datasets

    found = list_datasets(data_dir(ctx, create=False))
    if format is Format.TABLE:
        columns: tuple[str, ...] = ("id", "what", "landlords", "values", "file")
        rows: list[tuple[Any, ...]] = [
            (x.id, x.title, x.counts["landlords"], x.counts["values"], x.file) for x in found
        ]
    else:
        columns = (
            "id",
            "title",
            "publisher",
            "period_start",
            "period_end",
            *COUNTED,
            "file",
            "sha256",
            "imported_at",
            "licence",
        )
        rows = [
            (
                x.id,
                x.title,
                x.publisher,
                x.period.start,
                x.period.end,
                *(x.counts[name] for name in COUNTED),
                x.file,
                x.sha256,
                x.imported_at,
                x.licence,
            )
            for x in found
        ]
    empty = _("No dataset yet. Import a workbook with: kloe benchmarks import FILE")
    print_rows(columns, rows, format, empty=empty)


@app.command("quartiles")
def quartiles(
    ctx: typer.Context,
    dataset: DatasetArgument,
    measure: MeasureOption = None,
    population: PopulationOption = None,
    type: TypeOption = None,
    size: SizeOption = None,
    region: RegionOption = None,
    format: FormatOption = Format.TABLE,
    data: DataOption = None,
) -> None:
    """Quartiles of every measure, over all landlords or a group of them.

    By linear interpolation, as spreadsheets' QUARTILE.INC has it, and not rounded.

        kloe benchmarks quartiles tsm-2024-25 --format csv

        kloe benchmarks quartiles tsm-2024-25 --type LA --region London --measure TP01
    """
    opened = _open(ctx, dataset)
    group = _group(opened, type, size, region)
    found = opened.quartiles(measure, _population(population), group)
    rows = [
        (q.measure, q.population.value, q.spread.n, *map(_number, (s.q1, s.median, s.q3)))
        for q in found
        for s in (q.spread,)
    ]
    title = _("%(title)s: %(peers)s", title=opened.info.title, peers=group.words)
    empty = _("No landlord of the group has a figure.")
    columns = ("measure", "population", "n", "q1", "median", "q3")
    print_rows(columns, rows, format, title=title, empty=empty)


@app.command("show")
def show(
    ctx: typer.Context,
    dataset: DatasetArgument,
    landlord: LandlordArgument,
    measure: MeasureOption = None,
    population: PopulationOption = None,
    peers: Annotated[
        str,
        typer.Option(
            "--peers", help="What peers have in common, as in “type,size”; “all” for none."
        ),
    ] = "type,size,region",
    type: TypeOption = None,
    size: SizeOption = None,
    region: RegionOption = None,
    format: FormatOption = Format.TABLE,
    data: DataOption = None,
) -> None:
    """A landlord's results, and where they lie among its peers'.

    Peers have the landlord's type, size and region in common; where fewer than ten others do,
    the group is widened, and it says so.

        kloe benchmarks show tsm-2024-25 Adur

        kloe benchmarks show tsm-2024-25 L4240 --peers type --format csv
    """
    opened = _open(ctx, dataset)
    found = opened.landlord(landlord)
    by = tuple(part.strip() for part in peers.split(",") if part.strip() not in ("", "all"))
    given = any(value is not None for value in (type, size, region))
    group = _group(opened, type, size, region) if given else by
    wanted = _population(population)
    code = opened.book.measure(measure).code if measure else None
    positions = [
        p
        for p in opened.positions(found, group, every_population=wanted is not None)
        if code in (None, p.measure.code) and wanted in (None, p.population)
    ]
    if format is Format.TABLE:
        _show_table(opened, found, positions)
        return
    columns = (
        "landlord", "name", "measure", "title", "population", "value", "unit", "direction",
        "numerator", "denominator", "n", "min", "q1", "median", "q3", "max", "rank", "standing",
        "peers", "marker", "reason", "period_start", "period_end", "source", "cell",
    )  # fmt: skip
    print_rows(columns, (_show_row(p) for p in positions), format)


@app.command("landlords")
def landlords(
    ctx: typer.Context,
    dataset: DatasetArgument,
    name: Annotated[
        str | None, typer.Option("--name", help="Only landlords with this in their name.")
    ] = None,
    type: TypeOption = None,
    size: SizeOption = None,
    region: RegionOption = None,
    format: FormatOption = Format.TABLE,
    data: DataOption = None,
) -> None:
    """The landlords of a dataset, with code, type, size and region.

    kloe benchmarks landlords tsm-2024-25 --region London --type LA
    """
    from kloe.measures.headers import Population

    opened = _open(ctx, dataset)
    group = _group(opened, type, size, region)
    listed = [x for x in opened.landlords(group) if name is None or name.lower() in x.name.lower()]
    if format is Format.TABLE:
        columns: tuple[str, ...] = ("code", "name", "type", "size", "region", "homes")
        rows: list[tuple[Any, ...]] = [
            (x.code, x.name, x.type, x.size, x.region, x.homes_of(Population.ALL)) for x in listed
        ]
    else:
        columns = (
            "code",
            "name",
            "type",
            "size",
            "region",
            "over_30_percent_supported",
            *(f"homes_{p.value.lower()}" for p in Population),
            "has_results",
        )
        rows = [
            (
                x.code,
                x.name,
                x.type,
                x.size,
                x.region,
                x.supported,
                *(x.homes_of(p) for p in Population),
                len(opened.populations(x)) > 0,
            )
            for x in listed
        ]
    print_rows(columns, rows, format, empty=_("No landlord is like that."))


@app.command("check")
def check(
    ctx: typer.Context,
    dataset: DatasetArgument,
    format: FormatOption = Format.TABLE,
    data: DataOption = None,
) -> None:
    """List the published figures that do not agree with their numerator and denominator.

    Also holds the dataset's files against the digests kept when it was imported.

        kloe benchmarks check tsm-2024-25
    """
    from kloe.measures.benchmarks import find_dataset, verify

    info = find_dataset(data_dir(ctx, create=False), dataset)
    verify(info)
    if format is Format.TABLE:
        columns: tuple[str, ...] = ("measure", "landlord", "published", "comes out", "fault")
        rows: list[tuple[Any, ...]] = [
            (
                f"{x.measure}\n{x.population}",
                f"{x.name} ({x.landlord})",
                x.published,
                f"{x.recomputed or ''}\n{x.numerator} / {x.denominator}",
                x.kind.value,
            )
            for x in info.disagreements
        ]
    else:
        columns = (
            "landlord", "name", "measure", "population", "fault", "published", "recomputed",
            "numerator", "denominator", "cell",
        )  # fmt: skip
        rows = [
            (
                x.landlord, x.name, x.measure, x.population, x.kind.value, x.published,
                x.recomputed, x.numerator, x.denominator, x.source,
            )
            for x in info.disagreements
        ]  # fmt: skip
    empty = _(
        "All %(n)d figures agree with their numerators and denominators, and the files are as"
        " they were imported.",
        n=info.counts["values"],
    )
    print_rows(columns, rows, format, empty=empty)
    if format is Format.TABLE:
        for kind in dict.fromkeys(x.kind for x in info.disagreements):
            say(_("%(fault)s: %(words)s", fault=kind.value, words=kind.words))
        for remark in info.remarks:
            say(remark)


# What the commands share


def _open(ctx: typer.Context, dataset: str) -> Dataset:
    from kloe.measures.dataset import open_dataset

    return open_dataset(data_dir(ctx, create=False), dataset)


def _group(opened: Dataset, type: str | None, size: str | None, region: str | None) -> PeerGroup:
    from kloe.measures.peers import group_of

    return group_of(opened.landlords(), type=type, size=size, region=region)


def _population(name: str | None) -> Population | None:
    from kloe.measures.headers import Population

    if name is None:
        return None
    for population in Population:
        if population.value.lower() == name.strip().lower():
            return population
    raise InvalidInput(
        _("There is no population “%(name)s”.", name=name),
        _("There are LCRA (rented homes), LCHO (part-owned homes), combined, and all."),
        _("Use one of these, or leave the option out for every one."),
    )


def _number(value: Decimal | None) -> str:
    if value is None:
        return ""
    return format(value.normalize() + 0, "f")


def _show_row(p: Position) -> tuple[Any, ...]:
    s = p.spread
    return (
        p.landlord.code, p.landlord.name, p.measure.code, p.measure.title, p.population.value,
        _number(p.value), p.measure.unit.value, p.measure.direction.value, _number(p.numerator),
        _number(p.denominator), p.n,
        *(_number(v) for v in ((s.least, s.q1, s.median, s.q3, s.most) if s else (None,) * 5)),
        p.rank, p.standing.value if p.standing else "", p.peers.words, p.marker, p.reason or "",
        p.period.start, p.period.end, p.source, f"{p.sheet}!{p.column}{p.row}" if p.sheet else "",
    )  # fmt: skip


def _show_table(opened: Dataset, landlord: Landlord, positions: list[Position]) -> None:
    from kloe.measures.positions import count, rounded, shown

    rows = []
    for p in positions:
        number = where = middle = ""
        if p.value is not None:
            number = shown(p.value, p.measure)
            if p.numerator is not None and p.denominator is not None:
                number += "\n" + str(
                    _("%(a)s of %(b)s", a=count(p.numerator), b=count(p.denominator))
                )
        if p.spread:
            parts = (p.spread.q1, p.spread.median, p.spread.q3)
            middle = " · ".join(rounded(v, p.measure.decimals) for v in parts)
        if p.standing and p.rank:
            where = f"{_('%(rank)d of %(n)d', rank=p.rank, n=p.n)}\n{p.standing.short}"
        rows.append((f"{p.measure.code}\n{p.population}", p.measure.title, number, middle, where))
    columns = ("measure", "what", "value", "q1 · median · q3", "among its peers")
    title = _(
        "%(name)s (%(code)s), %(title)s",
        name=landlord.name,
        code=landlord.code,
        title=opened.info.title,
    )
    print_rows(columns, rows, title=title, empty=_("No figure of that kind."))
    for p in positions:
        if p.reason:
            say(_("%(measure)s: %(reason)s.", measure=p.measure.code, reason=p.reason))
    for group in dict.fromkeys(p.peers for p in positions if p.spread):
        say(_("Compared with: %(peers)s.", peers=group.words))
        if group.widened_words:
            say(group.widened_words)
    say(
        _(
            "Source: %(source)s. %(licence)s.",
            source=opened.info.source,
            licence=opened.info.licence,
        )
    )
