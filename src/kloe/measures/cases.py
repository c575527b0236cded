"""Spec cases: small inputs with the result each must give, run on an engine as one query.

Every case is a landlord of its own, and all of them use the same references, so that a tie
between tables that forgets the landlord shows at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kloe.core.errors import InvalidInput, NotFound
from kloe.core.messages import _
from kloe.core.periods import Period
from kloe.measures.compose import (
    Query,
    at_fault,
    listing,
    periods_table,
    put_settings,
    sql_of,
    sums,
)
from kloe.measures.definitions import CASES, Kind, Measure
from kloe.measures.engines.base import Engine, Held
from kloe.measures.tally import Key, Tally, add_up, coarser
from kloe.records.layouts import Column, Type, layout
from kloe.records.reading import Block, listed, only, read

if TYPE_CHECKING:
    from sqlglot import exp

LEAST = 4
_AMOUNTS = ("numerator", "denominator", "n", "values", "excluded")
_EXPECT = (*_AMOUNTS, "groups", "faults")


@dataclass(frozen=True, slots=True)
class Case:
    """One small input and what must come of it."""

    number: int
    name: str
    line: int
    period: Period
    tables: Mapping[str, tuple[Mapping[str, Any], ...]]
    expect: Block
    settings: Mapping[str, Any]

    @property
    def landlord(self) -> str:
        """The landlord this case plays."""
        return f"case-{self.number:03d}"


@dataclass(frozen=True, slots=True)
class Survivor:
    """A mutant that changes nothing, and why it does not."""

    mutant: str
    why: str


@dataclass(frozen=True, slots=True)
class CaseFile:
    """The cases of a measure."""

    cases: tuple[Case, ...]
    survives: tuple[Survivor, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What came out otherwise than expected."""

    what: str
    expected: str
    found: str

    def __str__(self) -> str:
        return str(
            _("%(what)s: expected %(expected)s, found %(found)s",
              what=self.what, expected=self.expected, found=self.found)
        )  # fmt: skip


@dataclass(slots=True)
class Outcome:
    """A case as run: what differs, and the rows the SQL returned for it."""

    case: Case
    differences: list[Difference] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether everything came out as expected."""
        return not self.differences


def load_cases(path: Path, measure: Measure) -> CaseFile:
    """The cases of a file.

    :raises InvalidInput: naming file and line of what is not as it has to be.
    """
    shown = f"{measure.id}/{CASES}"
    if not path.is_file():
        raise InvalidInput(_("%(id)s has no %(file)s.", id=measure.id, file=CASES))
    block = read(path, shown)
    only(block, ("period", "cases", "survives"), ("period", "cases"))
    period = _period(block)
    found = listed(block, "cases", lambda c: isinstance(c, Block), _("cases"))
    if len(found) < LEAST:
        raise block.fault(
            _("There are %(n)d cases.", n=len(found)),
            _("A measure has %(n)d or more.", n=LEAST),
            _("Add an exclusion or empty value, a day on the boundary, and a denominator of 0."),
        )
    cases = tuple(_case(n, one, period, measure) for n, one in enumerate(found, 1))
    survives = []
    for one in listed(block, "survives", lambda c: isinstance(c, Block), _("mutants")):
        only(one, ("mutant", "why"), ("mutant", "why"))
        survives.append(Survivor(str(one["mutant"]), str(one["why"])))
    return CaseFile(cases, tuple(survives))


def _period(block: Block) -> Period:
    given = block["period"]
    if not isinstance(given, Block):
        raise block.fault(_("“period” has a start and an end."))
    only(given, ("start", "end"), ("start", "end"))
    if not all(type(given[k]) is date for k in ("start", "end")):
        raise given.fault(_("“start” and “end” are days."), _("As in 2025-04-01."))
    return Period(given["start"], given["end"])


def _case(number: int, block: Block, period: Period, measure: Measure) -> Case:
    only(block, ("name", "tables", "expect", "settings", "period"), ("name", "expect"))
    tables = block.get("tables") or Block(block.file, block.line)
    expect, settings = block["expect"], block.get("settings") or {}
    if not isinstance(tables, Block) or not isinstance(expect, Block):
        raise block.fault(_("“tables” and “expect” are mappings."))
    only(expect, _EXPECT)
    amounts = ("values",) if measure.kind is Kind.DISTRIBUTION else ("numerator", "denominator")
    for key in amounts if "groups" not in expect else ():
        if key not in expect:
            raise expect.fault(_("“expect” does not say “%(key)s”.", key=key))
    for key in expect.get("excluded") or ():
        if key not in measure.exclusions:
            raise expect.fault(
                _("“%(key)s” is no exclusion of the measure.", key=key),
                _("There are: %(all)s.", all=", ".join(measure.exclusions) or "none"),
            )
    try:
        measure.setting_values(settings)
        rows = {name: _rows(block, name, given) for name, given in tables.items()}
    except NotFound as error:
        raise block.fault(str(error)) from error
    return Case(
        number=number,
        name=str(block["name"]),
        line=block.line,
        period=_period(block) if "period" in block else period,
        tables=rows,
        expect=expect,
        settings={
            name: tuple(v) if isinstance(v, list) else v for name, v in settings.items()
        },
    )  # fmt: skip


def _rows(block: Block, name: str, given: Any) -> tuple[dict[str, Any], ...]:
    table = layout(name)
    if given is None:
        return ()
    if not isinstance(given, list) or not all(isinstance(r, Block) for r in given):
        raise block.fault(_("The table “%(name)s” is not a list of rows.", name=name))
    return tuple(
        {column: value_of(table.column(column), value, row) for column, value in row.items()}
        for row in given
    )


def value_of(column: Column, value: Any, block: Block) -> Any:
    """A value of a case as the column's type has it.

    :raises InvalidInput: where it is none of that type, or no code of the column.
    """
    if value is None:
        return None
    kind = column.type
    try:
        if kind.textual:
            words = value.isoformat() if isinstance(value, date) else str(value)
            codes = words.split(";") if kind is Type.CODES else [words]
            if column.codes and not all(c.strip() in column.codes for c in codes):
                raise ValueError
            return words
        if kind is Type.BOOLEAN:
            return {True: True, False: False, "yes": True, "no": False}[value]
        if kind is Type.INTEGER:
            return int(value)
        if kind in (Type.MONEY, Type.DECIMAL):
            return Decimal(str(value))
        if kind is Type.DATE:
            if isinstance(value, datetime):
                raise ValueError
            return value if isinstance(value, date) else date.fromisoformat(value)
        if isinstance(value, datetime):
            return value
        if isinstance(value, date):
            return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - no zone wanted
        return datetime.fromisoformat(value)
    except (ValueError, KeyError, TypeError, InvalidOperation) as error:
        raise block.fault(
            _("%(column)s is “%(value)s”.", column=column.name, value=value),
            _("It may be: %(all)s.", all=", ".join(column.codes))
            if column.codes
            else _("It is of type %(type)s.", type=kind.value),
        ) from error


class Runner:
    """Runs a measure's cases, and mutants of its SQL, over the same rows held once."""

    def __init__(self, query: Query, file: CaseFile, engine: Engine) -> None:
        self.query, self.file, self.engine = query, file, engine
        self._periods = tuple(dict.fromkeys(c.period for c in file.cases))
        names = {*query.needs, *(t for c in file.cases for t in c.tables)}
        held = {name: self._held(name) for name in sorted(names)}
        engine.hold({**held, "period": periods_table(self._periods)})

    def _held(self, name: str) -> Held:
        types = layout(name).types
        rows = [
            [c.landlord if column == "landlord" else row.get(column) for column in types]
            for c in self.file.cases
            for row in c.tables.get(name, ())
        ]
        return Held(types, rows)

    def run(self, tree: exp.Expr | None = None, *, rows: bool = True) -> list[Outcome]:
        """Every case as it comes out, with the measure's own tree or another in its place."""
        found: dict[int, Outcome] = {}
        settings: list[Mapping[str, Any]] = []
        for case in self.file.cases:
            if case.settings not in settings:
                settings.append(case.settings)
        for given in settings:
            cases = [c for c in self.file.cases if c.settings == given]
            for outcome in self._run(tree or self.query.tree, given, cases, rows):
                found[outcome.case.number] = outcome
        return [found[c.number] for c in self.file.cases]

    def _run(
        self, tree: exp.Expr, given: Mapping[str, Any], cases: Sequence[Case], rows: bool
    ) -> list[Outcome]:
        query, measure = self.query, self.query.measure
        put = put_settings(tree, measure.setting_values(given), measure.id)
        inner = sql_of(put, self.engine.name)
        groups = query.own_groups
        tallies = add_up(
            self.engine.run(sums(query, inner, groups)),
            measure.id,
            groups=len(groups),
            distribution=measure.kind is Kind.DISTRIBUTION,
        )
        faults: dict[tuple[str, int], list[str]] = {}
        if any("faults" in c.expect for c in cases):
            sql = listing(query, inner, where=at_fault(query, given))
            for row in self.engine.run(sql):
                faults.setdefault((row[0], row[1]), []).append(str(row[2]))
        outcomes = []
        for case in cases:
            period_id = self._periods.index(case.period) + 1
            outcome = Outcome(case)
            mine = {k: t for k, t in tallies.items() if k[:2] == (case.landlord, period_id)}
            outcome.differences = judge(case, mine, groups)
            if "faults" in case.expect:
                wanted = sorted(map(str, case.expect["faults"] or ()))
                got = sorted(faults.get((case.landlord, period_id), ()))
                if wanted != got:
                    outcome.differences.append(
                        Difference("faults", ", ".join(wanted) or "none", ", ".join(got) or "none")
                    )
            outcomes.append(outcome)
        if rows and not all(o.passed for o in outcomes):
            self._show(outcomes, inner)
        return outcomes

    def _show(self, outcomes: list[Outcome], inner: str) -> None:
        by_landlord = {o.case.landlord: o for o in outcomes if not o.passed}
        for row in self.engine.run(listing(self.query, inner)):
            if row[0] in by_landlord:
                by_landlord[row[0]].rows.append(dict(zip(self.query.columns, row, strict=True)))


def judge(case: Case, own: dict[Key, Tally], groups: Sequence[str]) -> list[Difference]:
    """What of a case's numbers is not as expected."""
    whole = Tally()
    for tally in own.values():
        whole.add(tally)
    found = _compare("", case.expect, whole)
    if "groups" in case.expect:
        found += _judge_groups(case, own, groups)
    return found


def _judge_groups(case: Case, own: dict[Key, Tally], groups: Sequence[str]) -> list[Difference]:
    entries = case.expect["groups"] or []
    if not isinstance(entries, list) or not all(isinstance(e, Block) for e in entries):
        raise case.expect.fault(_("“groups” is a list of groups with their numbers."))
    named = [k for k in (entries[0] if entries else ()) if k not in _AMOUNTS]
    for entry in entries:
        if [k for k in entry if k not in _AMOUNTS] != named or not set(named) <= set(groups):
            raise entry.fault(
                _("The group names: %(found)s.", found=", ".join(map(str, entry))),
                _("Groups of one case name the same columns, out of: %(all)s.",
                  all=", ".join(groups)),
            )  # fmt: skip
    merged = {
        k[2]: t
        for k, t in coarser(own, [list(groups).index(name) for name in named]).items()
        if t.n or t.numerator or t.denominator or t.excluded
    }
    found = []
    for entry in entries:
        key = tuple(None if entry[k] is None else str(entry[k]) for k in named)
        shown = " ".join(str(k) for k in key)
        found += _compare(f"{shown}: ", entry, merged.pop(key, Tally()))
    for key, tally in merged.items():
        shown = f"{tally.numerator}/{tally.denominator}, n {tally.n}"
        found.append(Difference(" ".join(map(str, key)), "no such group", shown))
    return found


def _compare(prefix: str, expect: Mapping[str, Any], tally: Tally) -> list[Difference]:
    found = []
    for key in ("numerator", "denominator", "n"):
        if key in expect:
            wanted, got = _decimal(expect[key]), Decimal(getattr(tally, key))
            if wanted != got:
                found.append(Difference(prefix + key, str(wanted), _plain(got)))
    if "values" in expect:
        wanted_values = {_decimal(k): int(v) for k, v in (expect["values"] or {}).items()}
        got_values = dict(tally.values)
        if wanted_values != got_values:
            found.append(Difference(prefix + "values", _counts(wanted_values), _counts(got_values)))
    wanted_out = {k: int(v) for k, v in (expect.get("excluded") or {}).items()}
    got_out = {k: v for k, v in tally.excluded.items() if v}
    if wanted_out != got_out and (not prefix or "excluded" in expect):
        found.append(Difference(prefix + "excluded", _counts(wanted_out), _counts(got_out)))
    return found


def _decimal(value: Any) -> Decimal:
    try:
        return Decimal(str(value))
    except InvalidOperation as error:
        raise InvalidInput(_("“%(value)s” is no number.", value=value)) from error


def _plain(value: Decimal) -> str:
    return format(value.normalize() + 0, "f")


def _counts(values: Mapping[Any, int]) -> str:
    shown = sorted(values.items(), key=lambda item: item[0])
    return (
        ", ".join(f"{_plain(k) if isinstance(k, Decimal) else k}: {v}" for k, v in shown) or "none"
    )
