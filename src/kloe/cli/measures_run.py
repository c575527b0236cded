"""Running measures over a landlord's records, and looking behind their numbers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kloe.cli.acting import AsOption
from kloe.cli.common import DataOption, Format, FormatOption, data_dir, print_rows, say
from kloe.cli.waiting import Bar
from kloe.core.errors import InvalidInput, NotFound
from kloe.core.messages import Message, _

if TYPE_CHECKING:
    from kloe.core.periods import Period
    from kloe.measures.catalogue import Catalogue, Source
    from kloe.measures.computing import Computing
    from kloe.measures.results import Result
    from kloe.records.store import RecordSet

MeasureArgument = Annotated[
    str,
    typer.Argument(metavar="ID", help="The measure, as `list` shows it."),
]  # fmt: skip
MeasuresArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[ID]...", help="Measures, areas or wildcards (repairs, “rents/*”); else all."
    ),
]
EngineOption = Annotated[
    str, typer.Option("--engine", metavar="NAME", help="duckdb, or spark where it is installed.")
]
MasterOption = Annotated[
    str | None,
    typer.Option(
        "--master",
        metavar="URL",
        help="Spark's master, as in spark://host:7077; else on this machine.",
        show_default=False,
    ),
]
FromOption = Annotated[
    Path | None,
    typer.Option(
        "--from", metavar="DIR", help="Measures of this folder in place of those that come along."
    ),
]


RecordsOption = Annotated[
    Path | None,
    typer.Option(
        "--records",
        metavar="DIR",
        help="A set of records; else those loaded into the data directory.",
        show_default=False,
    ),
]
PeriodsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--period",
        metavar="PERIOD",
        help="2025/26, 2025-06, 2025-04-01/2026-03-31, or the last complete year, quarter or"
        " month; may be given again. Else the usual period of each measure.",
        show_default=False,
    ),
]
PeriodOption = Annotated[
    str | None,
    typer.Option(
        "--period", metavar="PERIOD", help="As for `run`: 2025/26, quarter ...", show_default=False
    ),
]
ByOption = Annotated[
    str | None,
    typer.Option(
        "--by",
        metavar="GROUP",
        help="Broken down: area, estate, tenure, ethnicity ... as `show` lists for the measure.",
        show_default=False,
    ),
]
SettingOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="A setting other than the measure's own; may be given again.",
        show_default=False,
    ),
]
COLUMNS = (
    "measure", "title", "landlord", "period_start", "period_end", "by", "group", "value", "unit",
    "direction", "numerator", "denominator", "n", "excluded", "dropped", "reason", "complete",
    "spread", "version", "definition", "data", "engine",
)  # fmt: skip


def run(
    ctx: typer.Context,
    ids: MeasuresArgument = None,
    records: RecordsOption = None,
    period: PeriodsOption = None,
    trend: Annotated[
        int, typer.Option("--trend", metavar="N", help="This many periods, the last one last.")
    ] = 1,
    by: ByOption = None,
    engine: EngineOption = "duckdb",
    master: MasterOption = None,
    settings: SettingOption = None,
    again: Annotated[
        bool, typer.Option("--again", help="Compute anew even what was computed before.")
    ] = False,
    show_small: Annotated[
        bool,
        typer.Option(
            "--show-small",
            help="Small groups too, and what would tell of them: not to be passed on.",
        ),
    ] = False,
    source: FromOption = None,
    assessment: Annotated[
        str | None,
        typer.Option(
            "--assessment",
            metavar="ID",
            help="Compute for this assessment as its analysis page does: results and charts.",
            show_default=False,
        ),
    ] = None,
    as_: AsOption = "",
    format: FormatOption = Format.TABLE,
    data: DataOption = None,
) -> None:
    """Compute measures over records: number, numerator and denominator, or why there is none.

    What was computed before over the same data is kept and shown at once. Groups of fewer than
    ten are hidden, and so is what would tell of them within what one call prints.

    kloe measures run

    kloe measures run rents --period 2025/26 --by area

    kloe measures run repairs/completed-on-target --period month --trend 12 --format csv

    kloe measures run --assessment "Self-assessment 2026"
    """
    if assessment is not None:
        _for_assessment(ctx, assessment, ids, records, period, trend, by, settings, source, as_)
        return
    if trend < 1:
        raise InvalidInput(_("A trend of %(n)d periods.", n=trend), _("One or more."))
    sources = _catalogue(source).match(ids or ())
    opened = records_named(ctx, records)
    with _computing(
        opened, period, trend, by, engine, settings, master=master, again=again
    ) as computing:
        results = _results(computing, sources, show_small=show_small)
        if format is Format.TABLE:
            _print_lines(results)
        else:
            with Bar() as bar:
                print_rows(COLUMNS, _rows(results, len(sources), bar), format)


def cases_at_fault(
    ctx: typer.Context,
    id: MeasureArgument,
    records: RecordsOption = None,
    period: PeriodOption = None,
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", help="At most this many cases.")
    ] = None,
    offset: Annotated[int, typer.Option("--offset", metavar="N", help="Leave out the first.")] = 0,
    engine: EngineOption = "duckdb",
    master: MasterOption = None,
    settings: SettingOption = None,
    source: FromOption = None,
    format: FormatOption = Format.TABLE,
    data: DataOption = None,
) -> None:
    """The cases at fault: those of which the measure's claim does not hold.

    kloe measures cases-at-fault rents/accounts-before-start --period 2025/26 --format csv
    """
    from kloe.measures import faults

    if (limit is not None and limit < 0) or offset < 0:
        raise InvalidInput(_("“--limit” and “--offset” count cases."), _("From 0 upwards."))
    one = _catalogue(source).source(id)
    opened = records_named(ctx, records)
    periods = [period] if period else None
    with _computing(opened, periods, 1, None, engine, settings, master=master) as computing:
        wanted = computing.wanted.periods_of(one, opened)[-1]
        found = faults.cases_at_fault(computing, one, wanted, limit=limit, offset=offset)
    print_rows(found.columns, found.rows, format, empty=_("No case is at fault."))
    say(
        Message(
            "%(n)d case at fault from %(start)s to %(end)s.",
            plural="%(n)d cases at fault from %(start)s to %(end)s.",
            n=found.total,
            start=wanted.start,
            end=wanted.end,
        )
    )


def explain(
    ctx: typer.Context,
    id: MeasureArgument,
    records: RecordsOption = None,
    by: ByOption = None,
    engine: EngineOption = "duckdb",
    settings: SettingOption = None,
    source: FromOption = None,
    format: FormatOption = Format.TABLE,
    data: DataOption = None,
) -> None:
    """How a number comes about: the SQL as run, what it reads, what was left out before.

    kloe measures explain rents/accounts-before-start --engine spark
    """
    from kloe.measures import faults

    one = _catalogue(source).source(id)
    opened = records_named(ctx, records)
    with _computing(opened, None, 1, by, engine, settings) as computing:
        told = faults.explain(computing, one)
    measure = one.measure
    rows: list[tuple[str, str, Any]] = [
        ("input", f"{i.table}.{i.column}", _filled(i.given, i.values, i.rows)) for i in told.inputs
    ]
    rows += [("setting", name, value) for name, value in told.settings.items()]
    rows += [("exclusion", key, str(words)) for key, words in measure.exclusions.items()]
    rows += [("rows dropped on loading", table, n) for table, n in told.dropped.items()]
    rows += [("missing", "", str(m.words)) for m in told.missing]
    if format is not Format.TABLE:
        print_rows(("what", "name", "words"), [*rows, ("sql", engine, told.sql)], format)
        return
    print_rows(("what", "name", "words"), rows)
    typer.echo(told.sql)


def _filled(given: bool, values: int, rows: int) -> str:
    if not given:
        return str(_("missing"))
    return str(_("%(values)d of %(rows)d rows have a value", values=values, rows=rows))


def _for_assessment(
    ctx: typer.Context,
    wanted: str,
    ids: list[str] | None,
    records: Path | None,
    *others: object,
) -> None:
    """Run for an assessment, whose period decides; what would say otherwise is refused."""
    from kloe.cli.measures_assess import for_assessment

    period, trend, by, settings, source, email = others
    if period or trend != 1 or by or settings or source:
        raise InvalidInput(
            _("--assessment stands beside --period, --trend, --by, --set or --from."),
            _("An assessment's own period and all its trends and breakdowns are computed."),
            _("Leave the others out."),
        )
    for_assessment(data_dir(ctx), wanted, ids or (), records=records, email=str(email))


# What the commands share


def _catalogue(source: Path | None) -> Catalogue:
    from kloe.measures.catalogue import catalogue

    return catalogue(source.resolve()) if source else catalogue()


def records_named(ctx: typer.Context, folder: Path | None) -> RecordSet:
    """The set given, or the one in the data directory."""
    from kloe.records.application import whole
    from kloe.records.store import APPLICATION, CURRENT, MANIFEST

    if folder is not None:
        return whole(folder.expanduser().resolve())
    held = data_dir(ctx, create=False) / "records"
    found = sorted(
        p
        for p in held.glob("*")
        if any((p / name).is_file() for name in (CURRENT, MANIFEST, f"{APPLICATION}/{CURRENT}"))
    )
    if len(found) == 1:
        return whole(found[0])
    if not found:
        raise NotFound(
            _("There are no records in %(folder)s.", folder=held),
            "",
            _("Load some with “kloe records load”, or name a set with --records DIR."),
        )
    raise InvalidInput(
        _("There are records of %(n)d landlords.", n=len(found)),
        _("There are: %(all)s.", all=", ".join(p.name for p in found)),
        _("Name one with --records %(folder)s/...", folder=held),
    )


def _computing(
    records: RecordSet,
    periods: list[str] | None,
    trend: int,
    by: str | None,
    engine: str,
    settings: list[str] | None,
    *,
    master: str | None = None,
    again: bool = False,
) -> Computing:
    from kloe.measures.computing import Computing, Wanted
    from kloe.measures.engines.named import ENGINES
    from kloe.measures.engines.named import engine as make_engine
    from kloe.measures.keeping import Kept
    from kloe.measures.spans import parse_period

    if engine not in ENGINES:
        raise InvalidInput(
            _("There is no engine “%(name)s”.", name=engine),
            _("There are: %(all)s.", all=", ".join(ENGINES)),
        )
    wanted: tuple[Period, ...] = tuple(parse_period(p, records.as_at) for p in periods or ())
    if trend > 1 and len(wanted) > 1:
        raise InvalidInput(_("A trend counts back from one period."), "", _("Give one --period."))
    return Computing(
        records,
        Wanted(wanted, trend, by, engine, _settings(settings or [])),
        kept=Kept(None) if again else None,
        make_engine=lambda name: make_engine(name, master=master),
    )


def _settings(given: list[str]) -> dict[str, Any]:
    from kloe.records.reading import parse

    found = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or not name:
            raise InvalidInput(_("“%(one)s” sets nothing.", one=one), _("As in --set days=14."))
        found[name.strip()] = parse(value, "--set")
    return found


def _results(
    computing: Computing, sources: tuple[Source, ...], *, show_small: bool = False
) -> Iterator[list[Result]]:
    """Results measure by measure. What fails of several is told, and the others go on."""
    from kloe.measures.veiling import veiled

    by = computing.wanted.by
    whole = failed = 0
    for source in sources:
        try:
            found = computing.results(source)
            yield found if show_small else veiled(computing, source, found)
        except InvalidInput as error:
            # Of several measures some cannot be broken down so; the one named should.
            if len(sources) == 1:
                raise
            if by is not None and _cannot_split(computing, source):
                whole += 1
            else:
                failed += 1
                say(f"{source.id}: {error}")
    if whole:
        say(
            Message(
                "%(n)d measure cannot be broken down by %(by)s.",
                plural="%(n)d measures cannot be broken down by %(by)s.",
                n=whole,
                by=by,
            )
        )
    if failed:
        raise InvalidInput(
            Message(
                "%(n)d measure could not be run.",
                plural="%(n)d measures could not be run.",
                n=failed,
            ),
            "",
            _("“kloe measures test” tells what is wrong with a measure."),
        )


def _cannot_split(computing: Computing, source: Source) -> bool:
    from kloe.measures.breakdowns import possible
    from kloe.measures.compose import Query

    try:
        return computing.wanted.by not in possible(Query.of(source.measure))
    except InvalidInput:
        return False


def _rows(found: Iterator[list[Result]], total: int, bar: Bar) -> Iterator[tuple[Any, ...]]:
    for done, results in enumerate(found, 1):
        bar.step(done, total, results[0].measure if results else "")
        for r in results:
            yield _row(r)


def _row(r: Result) -> tuple[Any, ...]:
    from kloe.measures.results import plain
    from kloe.measures.suppression_search import Level

    def number(value: Any) -> Any:
        return None if value is None else plain(value)

    hidden = r.level is not Level.ALL

    return (
        r.measure, r.title, r.landlord, r.period.start, r.period.end, r.by, list(r.group),
        number(r.value), r.unit.value, r.direction, number(r.numerator), number(r.denominator),
        None if r.level is Level.NOTHING else r.n, [f"{k}={v}" for k, v in r.excluded.items()],
        [f"{k}={v}" for k, v in r.dropped.items()], _("hidden") if hidden else r.reason,
        r.complete,
        [f"{k}={plain(v)}" for k, v in r.spread.items()], r.version, r.definition, r.data,
        r.engine,
    )  # fmt: skip


def _print_lines(found: Iterator[list[Result]]) -> None:
    """Each measure's lines as soon as they are there."""
    from kloe.measures.results import plain, shown
    from kloe.measures.spans import shown as span
    from kloe.measures.suppression_search import Level

    hidden = 0
    for results in found:
        hidden += sum(r.level is not Level.ALL for r in results)
        before = ""
        for r in results:
            if r.measure != before:
                typer.echo(f"{r.measure}  {r.title}")
                before = r.measure
            if r.level is not Level.ALL:
                said = str(_("hidden"))
                if r.level is Level.SIZE:
                    said += "  " + str(_("n %(n)d", n=r.n))
            elif r.missing and not (r.cases or r.columns):
                said = str(r.reason)
            else:
                said = shown(r.value, r.unit) if r.value is not None else str(r.reason or "")
                if r.numerator is not None and r.denominator:
                    parts = (plain(r.numerator), plain(r.denominator))
                    said += "  " + str(_("%(a)s of %(b)s", a=parts[0], b=parts[1]))
                said += "  " + str(_("n %(n)d", n=r.n))
            group = " / ".join(
                g if g is not None else str(_("not recorded")) for g in r.group or r.leading
            )
            marks = []
            if r.excluded:
                marks.append(str(_("%(n)d excluded", n=sum(r.excluded.values()))))
            if r.dropped:
                marks.append(str(_("%(n)d rows dropped on loading", n=sum(r.dropped.values()))))
            if not r.complete:
                marks.append(str(_("period not over")))
            line = f"  {span(r.period):<10} {group + '  ' if group else ''}{said}"
            typer.echo(line + (f"  ({'; '.join(marks)})" if marks else ""))
    if hidden:
        say(
            Message(
                "%(n)d figure is hidden, because it would show a small number, here or by"
                " subtraction; --show-small shows all to those who may see them.",
                plural="%(n)d figures are hidden, because they would show small numbers, here or"
                " by subtraction; --show-small shows all to those who may see them.",
                n=hidden,
            )
        )
