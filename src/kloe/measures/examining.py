"""Testing measures with their cases: what an author runs, and what the tests run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from kloe.core.errors import InvalidInput, KloeError
from kloe.core.messages import Message, _
from kloe.measures.breakdowns import possible
from kloe.measures.cases import Outcome, Runner, load_cases
from kloe.measures.catalogue import Source, check_placings
from kloe.measures.compose import Query
from kloe.measures.definitions import WORDS
from kloe.measures.engines.base import Engine
from kloe.measures.engines.named import engine
from kloe.records.layouts import layout


@dataclass(slots=True)
class Report:
    """How one measure came through."""

    id: str
    faults: list[str | Message] = field(default_factory=list)
    cases: int = 0
    mutants: int = 0
    survivors: int = 0

    @property
    def summary(self) -> str:
        """“6 cases, 23 mutants found”."""
        said = str(Message("%(n)d case", plural="%(n)d cases", n=self.cases))
        if self.mutants:
            said += str(_(", %(n)d mutants found", n=self.mutants - self.survivors))
        if self.survivors:
            said += str(_(", %(n)d known to change nothing", n=self.survivors))
        return said


def examine_all(
    sources: Iterable[Source],
    engine_name: str = "duckdb",
    *,
    master: str | None = None,
    mutants: bool = False,
) -> Iterator[Report]:
    """Test measures one after the other on one engine."""
    with engine(engine_name, master=master) as running:
        for source in sources:
            yield examine(source, running, mutants=mutants)


def examine(source: Source, running: Engine, *, mutants: bool = False) -> Report:
    """Everything about one measure that a machine can tell: words, SQL, cases and mutants."""
    report = Report(source.id)
    try:
        measure = source.measure
        check_placings(measure)
        query = Query.of(measure)
        check_columns_exist(query)
        check_names(query)
        report.faults += lint(query)
        file = load_cases(source.cases, measure)
        report.cases = len(file.cases)
        runner = Runner(query, file, running)
        for outcome in runner.run():
            if not outcome.passed:
                report.faults.append(told(outcome))
        if mutants and not report.faults:
            from kloe.measures.mutants import find_out

            tested = find_out(runner)
            report.mutants, report.survivors = tested.made, tested.known
            report.faults += tested.faults
    except KloeError as error:
        report.faults.append(str(error))
    return report


def told(outcome: Outcome) -> str:
    """A failed case in words, with the rows that the SQL returned for it."""
    lines = [f"{outcome.case.name} (cases.yaml:{outcome.case.line})"]
    lines += [f"  {difference}" for difference in outcome.differences]
    if not outcome.rows:
        lines.append("  " + str(_("The SQL returned no row for this case.")))
    for row in outcome.rows:
        shown = (f"{k}={v}" for k, v in row.items() if k not in ("landlord", "period_id"))
        lines.append("  " + str(_("row: ")) + ", ".join(shown))
    return "\n".join(lines)


def check_columns_exist(query: Query) -> None:
    """Hold the tables and columns that are read to the layouts.

    :raises NotFound: naming the first that is not laid out.
    """
    for table, columns in query.needs.items():
        for column in sorted(columns):
            layout(table).column(column)


def check_names(query: Query) -> None:
    """Hold the breakdowns, optional columns and tables tested to what the SQL gives or reads.

    :raises InvalidInput: naming the first that it does not.
    """
    measure = query.measure
    read = {*query.needs, *(f"{t}.{c}" for t, columns in query.needs.items() for c in columns)}
    for key, allowed in (
        ("breakdowns", possible(query)),
        ("optional", tuple(sorted(read))),
        ("tests", tuple(sorted(query.needs))),
    ):
        for name in getattr(measure, key):
            if name not in allowed:
                raise InvalidInput(
                    _(
                        "%(file)s names “%(name)s” in “%(key)s”.",
                        file=f"{measure.id}/{WORDS}",
                        name=name,
                        key=key,
                    ),
                    _("The SQL gives: %(all)s.", all=", ".join(allowed) or "none"),
                )


def lint(query: Query) -> list[str | Message]:
    """What the linter of the portable subset has to say."""
    from kloe.measures.portable import problems

    measure = query.measure
    tables = {table: layout(table) for table in query.needs}
    found = problems(
        query.tree,
        tables,
        settings=measure.setting_values(),
        kind=measure.kind.value,
        exclusions=tuple(measure.exclusions),
    )
    return [str(problem) for problem in found]
