"""From a measure's SQL, which returns one row for each case, to the queries that are run.

The SQL of a measure is read into a tree once; settings take the place of their names in it, and
the tables and columns it needs are read from it. The queries around it (sums, values and their
counts, lists of cases) are the same for every measure and written once, here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kloe.core.errors import InvalidInput
from kloe.core.messages import _
from kloe.core.periods import Period
from kloe.measures.definitions import SQL, Kind, Measure
from kloe.measures.engines.base import Held

if TYPE_CHECKING:
    from sqlglot import exp

PERIOD = "period"
FIXED = ("landlord", "period_id", "case_ref")
KEYS = ("property_ref", "person_ref", "tenancy_ref")
PERIOD_TYPES = {"period_id": "INTEGER", "start_on": "DATE", "end_on": "DATE"}


def periods_table(periods: Sequence[Period]) -> Held:
    """The table ``period``: one row for each, numbered from 1 in their order."""
    return Held(PERIOD_TYPES, [(n, p.start, p.end) for n, p in enumerate(periods, 1)])


@dataclass(frozen=True)
class Query:
    """A measure's SQL, taken apart."""

    measure: Measure
    tree: exp.Query

    @classmethod
    def of(cls, measure: Measure) -> Query:
        """Read the SQL of a measure, and hold its columns to its kind.

        :raises InvalidInput: where it cannot be read, or returns other columns.
        """
        from kloe.measures.portable import parse

        query = cls(measure, parse(measure.sql))
        query.check_columns()
        return query

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns returned, in their order."""
        return tuple(self.tree.named_selects)

    @cached_property
    def own_groups(self) -> tuple[str, ...]:
        """Columns of the measure's own to split by: those that are neither fixed nor keys."""
        amounts = amounts_of(self.measure.kind)
        fixed = {*FIXED, *amounts, *KEYS, "excluded"}
        return tuple(c for c in self.columns if c not in fixed)

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys returned that open breakdowns."""
        return tuple(c for c in self.columns if c in KEYS)

    def check_columns(self) -> None:
        """Hold the columns returned to what the measure's kind asks.

        :raises InvalidInput: naming what is missing or in another place.
        """
        wanted = (*FIXED, *amounts_of(self.measure.kind))
        if self.columns[: len(wanted)] != wanted:
            raise InvalidInput(
                _(
                    "%(file)s returns first: %(found)s.",
                    file=f"{self.measure.id}/{SQL}",
                    found=", ".join(self.columns[: len(wanted)]),
                ),
                _(
                    "A measure of kind %(kind)s returns first: %(wanted)s.",
                    kind=self.measure.kind.value,
                    wanted=", ".join(wanted),
                ),
                _("Name and order the columns of the outermost SELECT so."),
            )
        for column in self.measure.kind.groups:
            if column not in self.columns:
                raise InvalidInput(
                    _("%(file)s does not return “%(column)s”.",
                      file=f"{self.measure.id}/{SQL}", column=column)
                )  # fmt: skip
        if "excluded" in self.columns and not self.measure.exclusions:
            raise InvalidInput(
                _("%(id)s returns “excluded”, but its words name no exclusions.",
                  id=self.measure.id)
            )  # fmt: skip

    @cached_property
    def needs(self) -> dict[str, frozenset[str]]:
        """The tables read, each with the columns read of it (besides ``landlord``)."""
        return needs_of(self.tree)

    def with_settings(self, given: Mapping[str, Any] | None = None) -> exp.Expr:
        """The tree with the value of every setting in place of its name."""
        return put_settings(self.tree, self.measure.setting_values(given), self.measure.id)


def amounts_of(kind: Kind) -> tuple[str, ...]:
    """The columns that hold what a case adds."""
    return ("value",) if kind is Kind.DISTRIBUTION else ("numerator", "denominator")


def needs_of(tree: exp.Expr) -> dict[str, frozenset[str]]:
    """Tables and columns that a tree reads, leaving out periods and ``landlord``."""
    from sqlglot import exp
    from sqlglot.optimizer.scope import traverse_scope

    found: dict[str, set[str]] = {}
    for scope in traverse_scope(tree):
        tables = {
            alias: source.name
            for alias, source in scope.sources.items()
            if isinstance(source, exp.Table) and source.name != PERIOD
        }
        for name in tables.values():
            found.setdefault(name, set())
        for column in scope.columns:
            table = tables.get(column.table)
            if not column.table and len(scope.sources) == 1 and tables:
                table = next(iter(tables.values()))
            if table is not None and column.name != "landlord":
                found[table].add(column.name)
    return {table: frozenset(columns) for table, columns in sorted(found.items())}


def literal(value: Any) -> exp.Expr:
    """A value as a literal of the SQL."""
    from sqlglot import exp

    if isinstance(value, bool):
        return exp.Boolean(this=value)
    if isinstance(value, int | Decimal):
        number = exp.Literal.number(str(abs(value)))
        return exp.Neg(this=number) if value < 0 else number
    if isinstance(value, date):
        return exp.Cast(this=exp.Literal.string(value.isoformat()), to=exp.DataType.build("DATE"))
    return exp.Literal.string(str(value))


def put_settings(tree: exp.Expr, values: Mapping[str, Any], id_: str) -> exp.Expr:
    """The tree with values in place of the names of settings; a list opens up within IN.

    :raises InvalidInput: where a setting is named that the measure does not have.
    """
    from sqlglot import exp

    found = tree.copy()
    for place in list(found.find_all(exp.Placeholder)):
        if place.name not in values:
            raise InvalidInput(
                _("%(file)s speaks of “:%(name)s”, which is no setting.",
                  file=f"{id_}/{SQL}", name=place.name),
                _("There are: %(all)s.", all=", ".join(values) or "none"),
            )  # fmt: skip
        value = values[place.name]
        if isinstance(value, tuple | list):
            parent = place.parent
            if not isinstance(parent, exp.In):
                raise InvalidInput(
                    _("The setting “:%(name)s” is a list and can only stand in IN (...).",
                      name=place.name)
                )  # fmt: skip
            expressions = []
            for one in parent.expressions:
                expressions += [literal(v) for v in value] if one is place else [one]
            parent.set("expressions", expressions)
            continue
        whole = place.parent if isinstance(place.parent, exp.Paren) else place
        if isinstance(whole.parent, exp.Interval):
            whole.replace(exp.Literal.string(str(value)))
        else:
            place.replace(literal(value))
    return found


def sql_of(tree: exp.Expr, dialect: str) -> str:
    """A tree in an engine's SQL."""
    from kloe.measures.portable import transpile

    return transpile(tree, dialect, pretty=True)


def sums(
    query: Query,
    inner: str,
    groups: Sequence[str] = (),
    *,
    joins: str = "",
    named: Mapping[str, str] | None = None,
) -> str:
    """The query whose rows are added to by :func:`kloe.measures.results.add_up`.

    One row for each landlord, period, reason for exclusion and group: numerator, denominator,
    n, cases, and cases without an amount; of a distribution the value and how many have it.

    :param inner: the measure's SQL, settings in place, in the engine's dialect.
    :param groups: columns of the measure's own to split by.
    :param joins: joins that bring in further columns; ``named`` gives what to split by of them.
    """
    excluded = "m.excluded" if "excluded" in query.columns else "CAST(NULL AS VARCHAR(1))"
    of = [f"m.{g}" for g in groups]
    keys = ["m.landlord", "m.period_id", *([excluded] if excluded.startswith("m.") else []), *of]
    keys += (named or {}).values()
    shown = ["m.landlord", "m.period_id", f"{excluded} AS excluded", *of]
    shown += [f"{expression} AS {name}" for name, expression in (named or {}).items()]
    if query.measure.kind is Kind.DISTRIBUTION:
        shown += ["m.value", "COUNT(*) AS cases"]
        keys.append("m.value")
    else:
        shown += [
            "SUM(m.numerator) AS numerator",
            "SUM(m.denominator) AS denominator",
            f"SUM(CASE WHEN {_counts(query.measure.kind)} THEN 1 ELSE 0 END) AS n",
            "COUNT(*) AS cases",
            "SUM(CASE WHEN m.numerator IS NULL OR m.denominator IS NULL THEN 1 ELSE 0 END)"
            " AS without",
        ]
    return f"SELECT {', '.join(shown)}\nFROM (\n{inner}\n) AS m{joins}\nGROUP BY {', '.join(keys)}"


def _counts(kind: Kind) -> str:
    """Which rows count towards n: those in the denominator; of a bare count, those counted."""
    if kind is Kind.COUNT:
        return "m.numerator <> 0 OR m.denominator <> 0"
    return "m.denominator <> 0"


def listing(
    query: Query,
    inner: str,
    *,
    where: str = "",
    order: Iterable[str] = ("landlord", "period_id", "case_ref"),
    limit: int | None = None,
    offset: int = 0,
) -> str:
    """The query that lists cases, in a stated order, a page of them where wanted."""
    names = ", ".join(f"m.{c}" for c in query.columns)
    by = [f"m.{c}" for c in dict.fromkeys([*order, *query.columns])]
    sql = f"SELECT {names}\nFROM (\n{inner}\n) AS m"
    if where:
        sql += f"\nWHERE {where}"
    sql += f"\nORDER BY {', '.join(by)}"
    if limit is not None:
        sql += f"\nLIMIT {int(limit)}"
    return f"{sql}\nOFFSET {int(offset)}" if offset else sql


def at_fault(query: Query, settings: Mapping[str, Any] | None = None) -> str:
    """The condition on ``m`` that holds for the cases at fault.

    :raises InvalidInput: where the measure's claim is not about every case.
    """
    fault = query.measure.fault
    if fault is None:
        raise InvalidInput(
            _("The claim of %(id)s is not about every case.", id=query.measure.id),
            "",
            _("“kloe measures list --every” shows the measures that can list cases at fault."),
        )
    counted = "m.excluded IS NULL AND " if "excluded" in query.columns else ""
    if fault.test == "numerator_zero":
        return f"{counted}m.numerator = 0 AND m.denominator <> 0"
    if fault.test == "numerator_nonzero":
        return f"{counted}m.numerator <> 0"
    limit = query.measure.setting_values(settings)[str(fault.setting)]
    return f"{counted}m.value {'>' if fault.test == 'value_over' else '<'} {Decimal(limit)}"
