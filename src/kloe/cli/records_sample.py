"""``kloe records frames | sample | samples``: random samples of records, drawn and kept."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kloe.cli.common import DataOption, Format, FormatOption, data_dir, print_rows, say
from kloe.core.errors import InvalidInput
from kloe.core.messages import Message, _

if TYPE_CHECKING:
    from kloe.core.periods import Period
    from kloe.measures.framing import Drawable
    from kloe.measures.samples import Kept, Size
    from kloe.records.store import RecordSet

CONFIDENCES = (90, 95, 99)
_HUNDRED = Decimal(100)


def register(app: typer.Typer) -> None:
    """Add the commands to the group ``kloe records``."""
    app.command("frames")(frames)
    app.command("sample")(sample)
    app.command("samples")(samples)


def frames(format: FormatOption = Format.TABLE, data: DataOption = None) -> None:
    """What samples are commonly drawn from: each frame, its table, its days, its strata.

    Besides these any table of the layouts is a frame, and any measure.

    kloe records frames
    """
    from kloe.records.frames import frames as there

    rows: list[tuple[Any, ...]] = [
        (
            name,
            str(f.title),
            f.table,
            f.on or " – ".join(f.open or ()),
            " ".join(c.words for c in f.where),
            list(f.by),
            str(f.about),
        )
        for name, f in there().items()
    ]
    columns: tuple[str, ...] = ("frame", "title", "table", "days", "where", "by", "about")
    if format is Format.TABLE:
        # What fits a terminal.
        columns, rows = ("frame", "title", "by"), [(r[0], r[1], r[5]) for r in rows]
    print_rows(columns, rows, format)


def sample(
    ctx: typer.Context,
    frame: Annotated[
        str | None,
        typer.Argument(
            metavar="[FRAME]",
            help="A frame of `kloe records frames`, a table of the layouts, or a measure.",
            show_default=False,
        ),
    ] = None,
    at_fault: Annotated[
        bool, typer.Option("--at-fault", help="Of a measure, only its cases at fault.")
    ] = False,
    period: Annotated[
        str | None,
        typer.Option(
            "--period",
            metavar="PERIOD",
            help="2025/26, 2025-06, or the last complete year, quarter or month; else the year.",
            show_default=False,
        ),
    ] = None,
    first: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="From this day.")
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", metavar="DATE", help="Up to this day.")
    ] = None,
    on: Annotated[
        str | None,
        typer.Option("--on", metavar="COLUMN", help="The column of days the period is about."),
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(
            "--where",
            metavar="COLUMN=VALUE",
            help="Only such rows: column=value, column=a,b, column!=a, column= (empty); may be"
            " given again.",
            show_default=False,
        ),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option("--by", metavar="COLUMN", help="Stratified: from each in proportion."),
    ] = None,
    size: Annotated[
        int | None, typer.Option("--size", metavar="N", help="How many to draw.")
    ] = None,
    margin: Annotated[
        str | None,
        typer.Option(
            "--margin", metavar="POINTS", help="Or as many as this margin needs; else 5 points."
        ),
    ] = None,
    confidence: Annotated[
        int, typer.Option("--confidence", metavar="PERCENT", help="90, 95 or 99.")
    ] = 95,
    expected: Annotated[
        str, typer.Option("--expected", metavar="PERCENT", help="The rate expected, if any is.")
    ] = "50",
    least: Annotated[
        int, typer.Option("--least", metavar="N", help="At least so many from each stratum.")
    ] = 0,
    reserve: Annotated[
        int, typer.Option("--reserve", metavar="N", help="Stand-ins to keep for each stratum.")
    ] = 0,
    seed: Annotated[
        str | None,
        typer.Option("--seed", metavar="S", help="Agreed beforehand; else one nobody chose."),
    ] = None,
    again: Annotated[
        str | None,
        typer.Option("--again", metavar="ID", help="Draw a kept sample again and compare."),
    ] = None,
    records: Annotated[
        Path | None,
        typer.Option(
            "--records",
            metavar="DIR",
            help="A set of records; else those loaded into the data directory.",
            show_default=False,
        ),
    ] = None,
    format: FormatOption = Format.TABLE,
    data: DataOption = None,
) -> None:
    """Draw a random sample of records or cases, and keep it so that it can be drawn again.

    The seed is made before the frame is looked at; the same frame and seed give the same cases
    anywhere. Without a size, as many are drawn as a margin of five points needs.

        kloe records sample re-lets --period 2025/26 --by area

        kloe records sample repair_job --where status=completed --on completed_at --period month

        kloe records sample rents/accounts-before-start --at-fault --size 20

        kloe records sample --again 20260331-1a2b3c4d
    """
    from kloe.cli.measures_run import records_named
    from kloe.measures import samples as keeping

    home = data_dir(ctx)
    if again is not None:
        if frame is not None or size is not None or margin is not None or where or by:
            raise InvalidInput(
                _("--again stands beside a frame, a size or conditions."),
                _("A kept sample says itself what it was drawn from, and how."),
                _("Leave the others out."),
            )
        kept = keeping.sample_named(home, again)
        opened = records_named(ctx, records)
        told = keeping.again(opened, kept)
        _print(kept, format)
        say(told)
        return
    if frame is None:
        raise InvalidInput(
            _("No frame is given."),
            _("A frame of “kloe records frames”, a table, or a measure; or --again ID."),
        )
    opened = records_named(ctx, records)
    wanted = _wanted(frame, opened, at_fault, _period(period, first, last, opened), on, where, by)
    kept = keeping.draw(
        opened,
        wanted,
        _size(size, margin, confidence, expected),
        seed=seed,
        least=least,
        reserve=reserve,
    )
    _print(kept, format)
    if kept.sample.cases:
        _tell(kept, keeping.keep(home, kept))


def samples(
    ctx: typer.Context, format: FormatOption = Format.TABLE, data: DataOption = None
) -> None:
    """The samples that are kept, the newest first.

    kloe records samples --format csv
    """
    from kloe.measures.samples import kept_samples

    rows: list[tuple[Any, ...]] = [
        (
            k.id, k.drawn_at, k.landlord, k.of,
            "/".join(k.drawn_from["period"] or ()), k.drawn_from["by"],
            k.sample.cases, k.sample.size, k.sample.seed,
        )
        for k in kept_samples(data_dir(ctx, create=False))
    ]  # fmt: skip
    columns: tuple[str, ...] = (
        "id", "drawn_at", "landlord", "of", "period", "by", "cases", "size", "seed",
    )  # fmt: skip
    if format is Format.TABLE:
        columns, rows = (columns[0], *columns[3:8]), [(r[0], *r[3:8]) for r in rows]
    print_rows(columns, rows, format, empty=_("No sample has been drawn yet."))


def _wanted(
    name: str,
    records: RecordSet,
    fault: bool,
    period: Period | None,
    on: str | None,
    where: list[str] | None,
    by: str | None,
) -> Drawable:
    from kloe.measures.catalogue import catalogue
    from kloe.measures.framing import Drawable
    from kloe.measures.spans import last_complete
    from kloe.records.frames import frame

    if "/" in name:
        if on or where:
            raise InvalidInput(
                _("--on or --where stands beside a measure."),
                _("A measure says itself which cases it counts."),
                _("Leave them out, or name a table."),
            )
        source = catalogue().source(name)
        usual = period or last_complete(source.usual, records.as_at)
        return Drawable(source=source, fault=fault, period=usual, by=by)
    if fault:
        raise InvalidInput(
            _("--at-fault stands beside the frame “%(name)s”.", name=name),
            _("Cases at fault are those of a measure, as rents/accounts-before-start."),
        )
    found = frame(name).narrowed(where or (), on)
    if not found.dated:
        if period is not None:
            raise InvalidInput(
                _("A period of “%(name)s”, which has no day to it.", name=name),
                _("The column of days is named with --on."),
                _("Name one, or leave the period out."),
            )
        return Drawable(frame=found, by=by)
    return Drawable(frame=found, period=period or _year(records), by=by)


def _year(records: RecordSet) -> Period:
    from kloe.measures.definitions import Usual
    from kloe.measures.spans import last_complete

    return last_complete(Usual.YEAR, records.as_at)


def _period(
    words: str | None, first: str | None, last: str | None, records: RecordSet
) -> Period | None:
    from datetime import date

    from kloe.core.periods import Period
    from kloe.measures.spans import parse_period

    if words is not None:
        if first or last:
            raise InvalidInput(_("--period stands beside --from or --to."), _("Give one."))
        return parse_period(words, records.as_at)
    if not first and not last:
        return None
    try:
        start = date.fromisoformat(first) if first else date.min
        return Period(start, date.fromisoformat(last) if last else records.as_at)
    except ValueError:
        raise InvalidInput(
            _("“%(first)s” to “%(last)s” are no days.", first=first or "", last=last or ""),
            _("A day is given as 2026-03-31."),
        ) from None


def _size(size: int | None, margin: str | None, confidence: int, expected: str) -> Size:
    from kloe.measures.samples import Size

    if size is not None and margin is not None:
        raise InvalidInput(_("--size stands beside --margin."), _("Give one of the two."))
    if confidence not in CONFIDENCES:
        raise InvalidInput(
            _("A confidence of %(n)d per cent.", n=confidence), _("It is 90, 95 or 99.")
        )
    share = _points(expected, "--expected")
    if size is not None:
        return Size(size, None, confidence, share)
    return Size(None, _points(margin or "5", "--margin"), confidence, share)


def _points(given: str, option: str) -> Decimal:
    try:
        found = Decimal(given)
    except InvalidOperation:
        found = Decimal(-1)
    if not found.is_finite() or not 0 < found < _HUNDRED:
        raise InvalidInput(
            _("%(option)s is “%(given)s”.", option=option, given=given),
            _("A number between 0 and 100, as 5 or 2.5."),
        )
    return found / _HUNDRED


def _print(kept: Kept, format: Format) -> None:
    rows: list[tuple[Any, ...]] = []
    for stratum in kept.sample.strata:
        rows += [(kept.id, stratum.name, n, r, False) for n, r in enumerate(stratum.drawn, 1)]
        rows += [(kept.id, stratum.name, n, r, True) for n, r in enumerate(stratum.reserve, 1)]
    columns = ("sample", "stratum", "place", "case", "stand_in")
    # As a table the identifier stands below, once.
    skip = 1 if format is Format.TABLE else 0
    shown = [row[skip:] for row in rows]
    print_rows(columns[skip:], shown, format, empty=_("There were no cases to draw from."))


def _tell(kept: Kept, path: Path) -> None:
    drawn = kept.sample
    say(
        Message(
            "%(n)d case of %(cases)s (%(of)s), seed %(seed)s.",
            plural="%(n)d cases of %(cases)s (%(of)s), seed %(seed)s.",
            n=drawn.size,
            cases=f"{drawn.cases:,}",
            of=kept.of,
            seed=drawn.seed,
        )
    )
    if kept.margin is not None:
        say(
            _(
                "A rate found in it holds for all within %(margin)s points either way, at"
                " %(confidence)d per cent confidence.",
                margin=f"{(kept.margin * _HUNDRED).quantize(Decimal('0.1')):f}",
                confidence=kept.size["confidence"],
            )
        )
    say(_("Kept as %(id)s in %(path)s.", id=kept.id, path=path))
