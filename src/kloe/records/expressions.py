"""What a mapping means in SQL: for each of our columns its value, and what is wrong with it.

All rules are one statement over a piece of an extract, so that they cost little more than reading
it. A value that cannot be had is NULL, and its fault stands in the list ``_faults`` of its row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kloe.core.errors import InvalidInput
from kloe.core.messages import Message, _
from kloe.records import values
from kloe.records.extracts.pieces import LINE, Piece, quoted
from kloe.records.layouts import Column, Layout, Type
from kloe.records.mapping_model import ColumnMap, SourceMap
from kloe.records.values import DECIMAL, ERRORS, enumerated, ident, keyed_hash, listed

YES = ("y", "yes", "true", "t", "1")
NO = ("n", "no", "false", "f", "0")
_SPACES = " \t\u00a0\u200b\ufeff"

#: Rules whose rows are kept and marked, for the tests of the records to count.
KEPT = frozenset({"odd order"})

#: What a rule says of a value, by its name in the rejects.
RULES: Mapping[str, Message] = {
    "required": _("There has to be a value."),
    "date": _("It is no day in the form the mapping says."),
    "datetime": _("It is no time in the form the mapping says."),
    "number": _("It is no number in the form the mapping says."),
    "thousands": _("It has a thousands separator that the mapping does not name."),
    "whole number": _("It is no whole number."),
    "two decimals": _("It is no amount in pounds and pence."),
    "code": _("The mapping does not list this code."),
    "yes or no": _("It is neither yes nor no."),
    "spreadsheet error": _("The spreadsheet shows an error here."),
    "order": _("The days are not in their order."),
    "odd order": _("The days are not in their order; the row is kept and marked."),
    "duplicate key": _("Another row before it has the same key."),
    "too few values": _("The row has fewer values than the header has names."),
    "too many values": _("The row has more values than the header has names."),
    "line too long": _("The line is too long to be a row."),
}


@dataclass(frozen=True, slots=True)
class Options:
    """What is decided for a whole load."""

    #: Columns that tell about a person are left out.
    without_personal: bool = False
    #: Tables whose references are hashed.
    pseudonymise: tuple[str, ...] = ()


def given_columns(source: SourceMap, layout: Layout, options: Options) -> tuple[Column, ...]:
    """The columns of the table that a source fills."""
    found = []
    for column in layout.columns:
        mapped = source.columns.get(column.name)
        if mapped is None or mapped.leave_out:
            continue
        if options.without_personal and column.personal and column.name not in layout.key:
            continue
        found.append(column)
    return tuple(found)


def require(source: SourceMap, layout: Layout, file: str) -> None:
    """Hold a source to the columns its table cannot be without.

    :raises InvalidInput: naming those that are not mapped.
    """
    missing = [
        c.name
        for c in layout.columns
        if c.required and (c.name not in source.columns or source.columns[c.name].leave_out)
    ]
    if missing:
        raise InvalidInput(
            f"{file}:{source.line}: "
            + str(
                _(
                    "The mapping does not say where %(missing)s of %(table)s comes from.",
                    missing=", ".join(f"“{m}”" for m in missing),
                    table=layout.table,
                )
            ),
            _("The table cannot be without."),
            _("Name a column for each, or give all rows one value with “constant”."),
        )


@dataclass(slots=True)
class _One:
    """The SQL of one column: the text it is made from, steps between, value and fault."""

    raw: str
    steps: list[tuple[str, str]] = field(default_factory=list)
    value: str = "NULL"
    #: SQL of the rule broken where there is text but no value; empty where that is no fault.
    rule: str = ""


class Statement:
    """The statement that brings a piece of an extract into the form of a table."""

    def __init__(
        self,
        source: SourceMap,
        layout: Layout,
        at: Mapping[str, int],
        wide: Sequence[tuple[int, str]],
        *,
        typed: bool,
        options: Options,
    ) -> None:
        self.source = source
        self.layout = layout
        self.at = at
        self.wide = wide
        self.typed = typed
        self.options = options
        self.columns = given_columns(source, layout, options)
        self._ones = {c.name: self._one(c, source.columns[c.name]) for c in self.columns}

    def select(self, piece: Piece) -> str:
        """The rows of a piece: our columns, ``_taken``, ``_faults``, ``_marks``, ``_line``."""
        inner, lined = self._raw(piece)
        line = f"{LINE}, " if lined else ""
        names = [ident(c.name) for c in self.columns]
        raws = [f"{one.raw} AS {ident('s:' + name)}" for name, one in self._ones.items()]
        sql = f"SELECT *, {', '.join(raws)} FROM ({inner})"  # noqa: S608 - all of it quoted
        depth = max((len(one.steps) for one in self._ones.values()), default=0)
        for n in range(depth):
            steps = [
                f"{one.steps[n][1]} AS {ident(one.steps[n][0])}"
                for one in self._ones.values()
                if n < len(one.steps)
            ]
            sql = f"SELECT *, {', '.join(steps)} FROM ({sql})"  # noqa: S608
        values = [f"{one.value} AS {ident(name)}" for name, one in self._ones.items()]
        taken = f"{self._taken()} AS _taken"
        sql = f"SELECT *, {', '.join(values)}, {taken} FROM ({sql})"  # noqa: S608
        return (
            f"SELECT {line}{', '.join(names)}, _taken, {self._faults()} AS _faults,"  # noqa: S608
            f" {self._marks()} AS _marks FROM ({sql})"
        )

    def written(self, column: Column) -> str:
        """A column of the table from the rows of a piece, as it is written to Parquet.

        Few texts that are known beforehand are written as an enumeration, which skips gathering
        them; in the file they are texts like others.
        """
        if column.name not in self._ones:
            return f"CAST(NULL AS {column.type.sql}) AS {ident(column.name)}"
        if column.type is Type.CODE:
            found = values.outcomes(self.source.columns[column.name], column)
            return f"{enumerated(ident(column.name), found)} AS {ident(column.name)}"
        return ident(column.name)

    # The text of the file

    def _raw(self, piece: Piece) -> tuple[str, bool]:
        def norm(column: str) -> str:
            if not piece.trim:
                return column
            return f"nullif(trim({column}, {quoted(_SPACES)}), '')"

        columns = [f"{norm(f'c{n}')} AS {ident('r:' + name)}" for name, n in self.at.items()]
        unpivot = self.source.unpivot
        if unpivot is None:
            line = [LINE] if piece.lined else []
            every = ", ".join([*line, *columns]) or "1 AS _one"
            return f"SELECT {every} FROM {piece.relation}", piece.lined  # noqa: S608
        line_sql = LINE if piece.lined else f"row_number() OVER () + {piece.first - 1} AS {LINE}"
        names = ", ".join(quoted(part) for _n, part in self.wide)
        cells = ", ".join(norm(f"c{n}") for n, _part in self.wide)
        name, value = ident("r:" + unpivot.name), ident("r:" + unpivot.value)
        rows = (
            f"SELECT {', '.join([line_sql, *columns])}, unnest([{names}]) AS {name},"  # noqa: S608
            f" unnest([{cells}]) AS {value} FROM {piece.relation}"
        )
        drop = f" AND {value} NOT IN {listed(unpivot.drop)}" if unpivot.drop else ""
        return f"SELECT * FROM ({rows}) WHERE {value} IS NOT NULL{drop}", True  # noqa: S608

    def _taken(self) -> str:
        tests = []
        for one in self.source.where:
            column = ident("r:" + one.column)
            if one.filled is not None:
                tests.append(f"{column} IS {'NOT ' if one.filled else ''}NULL")
            elif one.is_:
                tests.append(f"coalesce({column}, '') IN {listed(one.is_)}")
            else:
                tests.append(f"coalesce({column}, '') NOT IN {listed(one.is_not)}")
        return " AND ".join(f"({t})" for t in tests) or "true"

    def _source_text(self, mapped: ColumnMap) -> str:
        """The text a value is made from: one column, several joined, without what means empty."""
        if mapped.constant is not None:
            return quoted(mapped.constant)
        if mapped.flags:
            flags = [
                f"CASE WHEN {ident('r:' + theirs)} IN {listed(mapped.flagged)}"
                f" THEN {quoted(ours)} END"
                for theirs, ours in mapped.flags.items()
            ]
            return f"nullif(concat_ws(';', {', '.join(flags)}), '')"
        columns = [ident("r:" + name) for name in mapped.sources]
        nothing = (*mapped.empty, *(c for c, ours in mapped.codes.items() if ours == "empty" and c))
        if nothing:
            columns = [f"CASE WHEN {c} NOT IN {listed(nothing)} THEN {c} END" for c in columns]
        if len(columns) == 1:
            return columns[0]
        joined = f" || {quoted(mapped.join)} || ".join(columns)
        return f"({joined})"

    # One column

    def _one(self, column: Column, mapped: ColumnMap) -> _One:
        raw = self._source_text(mapped)
        text = ident("s:" + column.name)
        one = _One(raw)
        match column.type:
            case Type.REF | Type.TEXT:
                words = values.words(text, mapped)
                one.value = f"CASE WHEN {values.no_error(text)} THEN {words} END"
                one.rule = quoted("spreadsheet error")
                if mapped.pseudonymise or self._hashed(column):
                    one.value = f"CASE WHEN {values.no_error(text)} THEN {keyed_hash(text)} END"
            case Type.CODE:
                one.value = values.code(text, mapped, column)
                one.rule = "" if mapped.otherwise != "reject" else quoted("code")
            case Type.CODES:
                self._codes(one, text, mapped, column)
            case Type.BOOLEAN:
                yes = listed([w.lower() for w in mapped.yes or YES])
                no = listed([w.lower() for w in mapped.no or NO])
                one.value = (
                    f"CASE WHEN lower({text}) IN {yes} THEN true"
                    f" WHEN lower({text}) IN {no} THEN false END"
                )
                one.rule = "" if mapped.otherwise == "empty" else quoted("yes or no")
            case Type.DATE:
                self._date(one, text, mapped, column)
                one.rule = quoted("date")
            case Type.DATETIME:
                one.value = f"{self._moment(text, mapped)}::TIMESTAMP"
                one.rule = quoted("datetime")
            case _:
                self._number(one, text, mapped, column)
        return one

    def _hashed(self, column: Column) -> bool:
        tables = self.options.pseudonymise
        own = column.name in self.layout.key and column.of is None and column.type is Type.REF
        return column.of in tables or (own and self.layout.table in tables)

    def _codes(self, one: _One, text: str, mapped: ColumnMap, column: Column) -> None:
        if mapped.flags:
            one.value = text
            return
        each = values.code("trim(x)", mapped, column)
        step = f"d:{column.name}"
        many = f"string_split({text}, {quoted(mapped.separator)})"
        one.steps.append((step, f"list_transform({many}, lambda x: {each})"))
        got = ident(step)
        joined = f"nullif(array_to_string(list_sort(list_distinct({got})), ';'), '')"
        if mapped.otherwise == "reject":
            one.value = (
                f"CASE WHEN len(list_filter({got}, lambda x: x IS NULL)) = 0 THEN {joined} END"
            )
            one.rule = quoted("code")
        else:
            one.value = joined

    def _moment(self, text: str, mapped: ColumnMap) -> str:
        """A day or time in the forms the mapping says; without one, year-month-day."""
        iso = f"CASE WHEN {text} < 'A' THEN TRY_CAST({text} AS TIMESTAMP) END"
        if not mapped.dates:
            return f"({iso})"
        forms = "[" + ", ".join(quoted(f) for f in mapped.dates) + "]"
        if len(mapped.dates) == 1:
            forms = quoted(mapped.dates[0])
        read = f"try_strptime({text}, {forms})"
        return f"coalesce({read}, {iso})" if self.typed else read

    def _day(self, text: str, mapped: ColumnMap) -> str:
        if mapped.every:
            number = f"TRY_CAST({text} AS INTEGER)"
            return (
                f"CASE WHEN {number} BETWEEN 0 AND 100000 THEN DATE '{mapped.every.first}'"
                f" + ({number} - 1) * {mapped.every.days} END"
            )
        if mapped.dates:
            day = f"CAST({self._moment(text, mapped)} AS DATE)"
        else:
            day = f"CASE WHEN {text} < 'A' THEN TRY_CAST({text} AS DATE) END"
        return f"({day}) + {mapped.days}" if mapped.days else day

    def _date(self, one: _One, text: str, mapped: ColumnMap, column: Column) -> None:
        step = f"d:{column.name}"
        one.steps.append((step, self._day(text, mapped)))
        one.value = values.within(ident(step), ident(step))

    def _number(self, one: _One, text: str, mapped: ColumnMap, column: Column) -> None:
        step = f"d:{column.name}"
        got = ident(step)
        if mapped.part == "year":
            one.steps.append((step, self._day(text, mapped)))
            one.value = values.within(got, f"CAST(year({got}) AS BIGINT)")
            one.rule = quoted("date")
            return
        if mapped.age_at:
            at = ident("r:" + mapped.age_at)
            one.steps.append((step, f"TRY_CAST({text} AS INTEGER)"))
            one.value = (
                f"CASE WHEN {got} BETWEEN 0 AND 130 THEN"
                f" CAST(year(TRY_CAST({at} AS DATE)) - {got} AS BIGINT) END"
            )
            one.rule = quoted("whole number")
            return
        numbers = mapped.numbers or self.source.numbers
        amount = values.amount(text, mapped, numbers)
        if mapped.less:
            less = ident("r:" + mapped.less)
            one.raw = f"coalesce({one.raw}, CASE WHEN {less} IS NOT NULL THEN '0' END)"
            taken = values.amount(less, mapped, numbers)
            amount = f"({amount}) - CASE WHEN {less} IS NULL THEN 0 ELSE {taken} END"
        if mapped.divide > 1:
            zeros = len(str(mapped.divide)) - 1
            amount = f"({amount}) * 0.{'0' * (zeros - 1)}1"
        if mapped.sign == "reverse":
            amount = f"-({amount})"
        if mapped.less or mapped.divide > 1 or mapped.sign == "reverse":
            amount = f"TRY_CAST({amount} AS {DECIMAL})"
        one.steps.append((step, amount))
        grouped = r"[-+(£]*\d{1,3}([., '\x{a0}]\d{3})+([.,]\d+)?\D*"
        wrong = (
            f"CASE WHEN regexp_full_match({text}, {quoted(grouped)})"
            " THEN 'thousands' ELSE 'number' END"
        )
        if column.type is Type.MONEY:
            pounds = f"CAST({got} AS DECIMAL(14,2))"
            one.value = f"CASE WHEN {got} = {pounds} THEN {pounds} END"
            one.rule = f"CASE WHEN {got} IS NULL THEN {wrong} ELSE 'two decimals' END"
        elif column.type is Type.INTEGER:
            one.value = f"CASE WHEN {got} = CAST({got} AS BIGINT) THEN CAST({got} AS BIGINT) END"
            one.rule = f"CASE WHEN {got} IS NULL THEN {wrong} ELSE 'whole number' END"
        else:
            one.value = got
            one.rule = wrong

    # What is wrong

    def _faults(self) -> str:
        tests: list[str] = []
        items: list[str] = []
        for column in self.columns:
            one = self._ones[column.name]
            name, text = ident(column.name), ident("s:" + column.name)
            required = column.required or column.name in self.layout.key
            if not required and not one.rule:
                continue
            tests.append(
                f"{name} IS NULL" if required else f"({name} IS NULL AND {text} IS NOT NULL)"
            )
            rule = "'required'"
            if one.rule:
                rule = (
                    f"CASE WHEN {text} IS NULL THEN 'required' WHEN {text} IN {listed(ERRORS)}"
                    f" THEN 'spreadsheet error' ELSE {one.rule} END"
                )
            items.append(
                f"CASE WHEN {tests[-1]} THEN"
                f" struct_pack(c := {quoted(column.name)}, v := {text}, r := {rule}) END"
            )
        return _listed(*self._order(tests, items, "order", kept=False))

    def _marks(self) -> str:
        """What is odd about a row that is kept."""
        return _listed(*self._order([], [], "odd order", kept=True))

    def _order(
        self, tests: list[str], items: list[str], rule: str, *, kept: bool
    ) -> tuple[list[str], list[str]]:
        for first, second in self._orders(kept=kept):
            a, b = ident(first), ident(second)
            tests.append(f"coalesce({b} < {a}, false)")
            items.append(
                f"CASE WHEN {tests[-1]} THEN struct_pack(c := {quoted(second)},"
                f" v := CAST({a} AS VARCHAR) || ' – ' || CAST({b} AS VARCHAR),"
                f" r := {quoted(rule)}) END"
            )
        return tests, items

    def _orders(self, *, kept: bool) -> list[tuple[str, str]]:
        here = {c.name for c in self.columns}
        return [
            (a, b)
            for rule in self.layout.rules
            if rule.kind == "order" and bool(rule.found_by) == kept
            for a, b in zip(rule.columns, rule.columns[1:], strict=False)
            if a in here and b in here
        ]


def _listed(tests: list[str], items: list[str]) -> str:
    """What is wrong with a row that is taken, as a list; NULL where nothing is."""
    if not tests:
        return "NULL::STRUCT(c VARCHAR, v VARCHAR, r VARCHAR)[]"
    found = f"list_filter([{', '.join(items)}], lambda x: x IS NOT NULL)"
    return f"CASE WHEN _taken AND ({' OR '.join(tests)}) THEN {found} END"
