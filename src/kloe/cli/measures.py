"""``kloe measures``: what is computed from a landlord's records, and how."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kloe.cli.common import DataOption, Format, FormatOption, print_rows, say
from kloe.cli.measures_run import (
    EngineOption,
    FromOption,
    MasterOption,
    MeasureArgument,
    MeasuresArgument,
    cases_at_fault,
    explain,
    run,
)
from kloe.core.errors import VerificationFailed
from kloe.core.messages import Message, _

if TYPE_CHECKING:
    from kloe.measures.catalogue import Catalogue
    from kloe.measures.definitions import Measure

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help=(
        "Measures computed from a landlord's records: what they say, their results, the cases"
        " behind them.\n\n"
        "Begin with what there is, then compute it all over the records in the data directory:\n\n"
        "    kloe measures list\n\n"
        "    kloe measures run"
    ),
)


@app.callback()
def measures(data: DataOption = None) -> None:
    """Everything that stands before the subcommand."""


@app.command("test")
def examine(
    ids: MeasuresArgument = None,
    mutants: Annotated[
        bool,
        typer.Option("--mutants", help="Also alter the SQL in many ways: each must fail a case."),
    ] = False,
    engine: EngineOption = "duckdb",
    master: MasterOption = None,
    source: FromOption = None,
    data: DataOption = None,
) -> None:
    """Run the small cases that each measure brings, and say what comes out otherwise.

    kloe measures test rents/accounts-before-start --mutants

    kloe measures test repairs safety --engine spark
    """
    from kloe.measures.examining import examine_all

    failed = passed = 0
    found = _catalogue(source).match(ids or ())
    for report in examine_all(found, engine, master=master, mutants=mutants):
        if report.faults:
            failed += 1
            typer.echo(f"{report.id}: " + str(_("fails")))
            for fault in report.faults:
                typer.echo("  " + str(fault).replace("\n", "\n  "))
        else:
            passed += 1
            typer.echo(f"{report.id}: {report.summary}")
    if failed:
        raise VerificationFailed(
            Message("%(n)d measure fails.", plural="%(n)d measures fail.", n=failed),
            "",
            _("Correct the SQL where it is wrong, the case where that is."),
        )
    say(Message("%(n)d measure passes.", plural="%(n)d measures pass.", n=passed))


@app.command("list")
def list_(
    ids: MeasuresArgument = None,
    every: Annotated[
        bool, typer.Option("--every", help="Only measures that can list the cases at fault.")
    ] = False,
    source: FromOption = None,
    format: FormatOption = Format.TABLE,
    data: DataOption = None,
) -> None:
    """The measures there are, by area.

    kloe measures list

    kloe measures list repairs --format csv
    """
    found = [s.measure for s in _catalogue(source).match(ids or ())]
    found = [m for m in found if m.every or not every]
    if format is Format.TABLE:
        print_rows(
            ("id", "title", "kind", "unit"),
            [(m.id, m.title, m.kind.value, m.unit.value) for m in found],
            empty=_("No measure is like that."),
        )
        return
    columns = (
        "id", "title", "kind", "unit", "direction", "usual", "every", "target", "breakdowns",
        "criteria", "published", "indicators", "author", "checked_by", "next_review", "version",
        "digest",
    )  # fmt: skip
    rows: list[tuple[Any, ...]] = [
        (
            m.id, m.title, m.kind.value, m.unit.value, m.direction.value, m.usual.value, m.every,
            m.target.value if m.target else None, m.breakdowns, [p.ref for p in m.criteria],
            [f"{p.source} {p.code}" for p in m.published], m.indicators, m.author, m.checked_by,
            m.next_review, m.version, m.digest,
        )
        for m in found
    ]  # fmt: skip
    print_rows(columns, rows, format)


@app.command("show")
def show(
    id: MeasureArgument,
    source: FromOption = None,
    format: FormatOption = Format.TABLE,
    data: DataOption = None,
) -> None:
    """Everything a measure says: numerator and denominator, exclusions, target, criteria, SQL.

    kloe measures show rents/accounts-before-start
    """
    from kloe.measures.breakdowns import possible
    from kloe.measures.compose import Query

    m = _catalogue(source).get(id)
    query = Query.of(m)
    settings = (f"{s.name} = {s.value} ({s.words}; {s.basis})" for s in m.settings.values())
    rows = [
        ("id", m.id),
        ("title", m.title),
        ("why it matters", m.matters),
        ("kind", m.kind.value),
        ("unit", f"{m.unit.value}, {m.direction.value}"),
        ("numerator", m.numerator),
        ("denominator", m.denominator),
        ("value", m.value),
        ("period", f"{m.period}, {m.usual.value}"),
        ("settings", "\n".join(settings)),
        ("exclusions", "\n".join(f"{key}: {words}" for key, words in m.exclusions.items())),
        ("breakdowns", ", ".join(possible(query))),
        ("target", _target(m)),
        ("not like for like", "\n".join(map(str, m.not_like_for_like))),
        ("criteria", "\n".join(f"{p.ref} ({p.bearing}): {p.how}" for p in m.criteria)),
        ("published", "\n".join(f"{p.source} {p.code}: {p.how}" for p in m.published)),
        ("indicators", ", ".join(m.indicators)),
        ("author", m.author),
        ("checked by", m.checked_by or str(_("nobody yet"))),
        ("next review", m.next_review),
        ("version", f"{m.version}, {m.digest}"),
        ("reads", "\n".join(f"{t}: {', '.join(sorted(c))}" for t, c in query.needs.items())),
        ("sql", m.sql.rstrip()),
    ]
    print_rows(("what", "words"), [row for row in rows if row[1]], format)


def _target(measure: Measure) -> str:
    target = measure.target
    if target is None:
        return ""
    value = target.value
    if target.low is not None or target.high is not None:
        return f"{target.low or ''}-{target.high or ''} ({target.basis})"
    return f"{value} ({target.basis})" if value is not None else str(target.basis)


# What the commands share


def _catalogue(source: Path | None) -> Catalogue:
    from kloe.measures.catalogue import catalogue

    return catalogue(source.resolve()) if source else catalogue()


for _name, _command in (("run", run), ("cases-at-fault", cases_at_fault), ("explain", explain)):
    app.command(_name)(_command)
