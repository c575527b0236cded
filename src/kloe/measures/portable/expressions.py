"""Which expressions both engines compute alike, and what family of value each gives.

Everything not named here is refused. What is named was seen to agree on both engines
(``tests/spec/test_agreement.py``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlglot import exp

from kloe.core.messages import Message, _
from kloe.measures.portable.notes import Notes, shown
from kloe.measures.portable.syntax import OWN
from kloe.measures.portable.values import (
    ANY,
    BIGINT,
    BOOLEAN,
    DATE,
    DATETIME,
    INTEGER,
    INTERVAL,
    NULL,
    SHIFTED,
    TEXT,
    Family,
    Scope,
    Value,
    decimal,
)

F = Family
_UNITS = {
    F.DATE: ("DAY", "WEEK", "MONTH", "YEAR"),
    F.DATETIME: ("MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "YEAR"),
}
_PARTS = {
    F.DATE: ("YEAR", "QUARTER", "MONTH", "DAY"),
    F.DATETIME: ("YEAR", "QUARTER", "MONTH", "DAY", "HOUR", "MINUTE"),
}
#: From which families a CAST may be made, by the family it leads to.
_CASTS: Mapping[Family, tuple[Family, ...]] = {
    F.DATE: (F.DATE, F.DATETIME, F.SHIFTED),
    F.DATETIME: (F.DATE, F.DATETIME, F.SHIFTED),
    F.INTEGER: (F.INTEGER,),
    F.DECIMAL: (F.INTEGER, F.DECIMAL),
    F.TEXT: (F.TEXT, F.INTEGER, F.DECIMAL, F.DATE, F.BOOLEAN),
    F.BOOLEAN: (F.BOOLEAN,),
}
_CAST_WORDS = _(
    "CAST leads to DATE (from a timestamp or date plus INTERVAL), TIMESTAMP (from a date), INTEGER"
    " and BIGINT (from whole numbers), DECIMAL(p,s) (from numbers), VARCHAR (not from timestamps)."
)
_TYPES: Mapping[str, Value] = {
    "INT": INTEGER, "BIGINT": BIGINT, "DATE": DATE, "TIMESTAMP": DATETIME, "TIMESTAMPNTZ": DATETIME,
    "VARCHAR": TEXT, "TEXT": TEXT, "BOOLEAN": BOOLEAN,
}  # fmt: skip
_COMPARE = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.NullSafeEQ, exp.NullSafeNEQ)
#: Aggregates, and which families each takes.
AGGREGATES: Mapping[type[exp.Expr], tuple[Family, ...]] = {
    exp.Count: tuple(F),
    exp.Sum: (F.INTEGER, F.DECIMAL),
    exp.Min: (F.INTEGER, F.DECIMAL, F.DATE, F.DATETIME, F.TEXT),
    exp.Max: (F.INTEGER, F.DECIMAL, F.DATE, F.DATETIME, F.TEXT),
}
#: Functions that only make sense over a window.
WINDOWED = (exp.RowNumber, exp.Lag, exp.Lead, exp.FirstValue)
#: What to write instead of something often tried.
_INSTEAD: Mapping[str, Message] = {
    "Div": _(
        "Return numerator and denominator; kloe divides. x // 7 divides whole numbers by a"
        " whole number written out."
    ),
    "Avg": _("Return each case's value; kloe computes the mean."),
    "Median": _("Return each case's value; kloe computes quantiles."),
    "Round": _("CAST(x AS DECIMAL(p,s)) rounds half up on both engines."),
    "TryCast": _("Write values as the layout types them; no cast may fail."),
    "Star": _("Name every column."),
    "ILike": _("LOWER(x) LIKE 'text%'."),
    "Filter": _("SUM(CASE WHEN … THEN 1 ELSE 0 END)."),
    "CurrentDate": _("Use p.end_on of the period."),
    "CurrentTimestamp": _("Use p.end_on of the period."),
    "TimestampTrunc": _("EXTRACT the year and the month."),
    "DateTrunc": _("EXTRACT the year and the month."),
    "LogicalOr": _("MAX(CASE WHEN … THEN 1 ELSE 0 END)."),
    "LogicalAnd": _("MIN(CASE WHEN … THEN 1 ELSE 0 END)."),
    "Rank": _("ROW_NUMBER() with an ORDER BY that ends with the key."),
    "DenseRank": _("ROW_NUMBER() with an ORDER BY that ends with the key."),
    "GroupConcat": _("Return the rows; kloe puts them together."),
    "Concat": _("a || b, with COALESCE where a part may be NULL."),
    "If": _("CASE WHEN … THEN … ELSE … END."),
}

Subquery = Callable[[exp.Expr, Scope, str], list[Value]]


class Expressions:
    """Reads the expressions of one measure, noting what is outside the subset.

    :param notes: where problems go.
    :param subquery: reads a query inside an expression, giving the values it returns.
    :param settings: values of the measure's settings; None where they are not known.
    """

    def __init__(
        self, notes: Notes, subquery: Subquery, settings: Mapping[str, Any] | None
    ) -> None:
        self.notes = notes
        self.subquery = subquery
        self.settings = settings
        self._readers: dict[type[exp.Expr], Callable[[Any, Scope], Value]] = {
            exp.Column: self._column,
            exp.Literal: self._literal,
            exp.Placeholder: self._setting,
            exp.Null: lambda _n, _s: NULL,
            exp.Boolean: lambda _n, _s: BOOLEAN,
            exp.Paren: lambda n, s: self.read(n.this, s),
            exp.Neg: self._negative,
            exp.And: self._logic,
            exp.Or: self._logic,
            exp.Not: self._logic,
            exp.Is: self._is,
            exp.In: self._in,
            exp.Between: self._between,
            exp.Exists: self._exists,
            exp.Like: self._like,
            exp.Case: self._case,
            exp.Coalesce: lambda n, s: self._alike(n, [n.this, *n.expressions], s),
            exp.Nullif: lambda n, s: self._alike(n, [n.this, n.expression], s),
            exp.Least: lambda n, s: self._alike(n, [n.this, *n.expressions], s),
            exp.Greatest: lambda n, s: self._alike(n, [n.this, *n.expressions], s),
            exp.Add: self._sum,
            exp.Sub: self._sum,
            exp.Mul: self._product,
            exp.IntDiv: self._whole_division,
            exp.Mod: self._whole_division,
            exp.Abs: self._abs,
            exp.Interval: self._interval,
            exp.DateDiff: self._days,
            exp.Extract: self._extract,
            exp.Cast: self._cast,
            exp.DPipe: self._texts,
            exp.Lower: self._texts,
            exp.Upper: self._texts,
            exp.Trim: self._trim,
            exp.Length: self._length,
            exp.Substring: self._substring,
            exp.Anonymous: self._own,
            exp.Window: self._window,
            exp.Subquery: self._scalar,
            **dict.fromkeys(_COMPARE, self._compare),
            **dict.fromkeys(AGGREGATES, self._aggregate),
        }

    def read(self, node: exp.Expr, scope: Scope) -> Value:
        """The value an expression gives."""
        reader = self._readers.get(type(node))
        if reader is None:
            name = node.sql_name() if isinstance(node, exp.Func) else type(node).__name__.upper()
            if isinstance(node, WINDOWED):
                self.notes.tell(
                    node, _("“%(name)s” stands without a window.", name=name), "",
                    _("Write OVER (PARTITION BY t.landlord … ORDER BY …)."),
                )  # fmt: skip
                return ANY
            self.notes.tell(
                node,
                _("“%(what)s”: %(name)s is not in the portable subset.", what=shown(node),
                  name=name),
                "",
                _INSTEAD.get(type(node).__name__, _("docs/reference/portable-sql.md lists it.")),
            )  # fmt: skip
            return ANY
        return reader(node, scope)

    def condition(self, node: exp.Expr, scope: Scope) -> None:
        """Read something that has to be true or false."""
        value = self.read(node, scope)
        if value.family not in (F.BOOLEAN, F.ANY, F.NULL):
            self.notes.tell(
                node,
                _("“%(what)s” is %(is)s, where true or false is needed.", what=shown(node),
                  **{"is": value.sql}),
                "", _("Compare it with something."),
            )  # fmt: skip

    # Leaves

    def _column(self, node: exp.Column, scope: Scope) -> Value:
        name = node.name
        if not node.table:
            self.notes.tell(
                node, _("The column “%(name)s” does not say whose it is.", name=name), "",
                _("Write its table's alias before it: t.%(name)s.", name=name),
            )  # fmt: skip
            return ANY
        source = scope.sources.get(node.table)
        if source is None and scope.around is not None:
            source = scope.around.sources.get(node.table)
        if source is None:
            far = scope.around.around if scope.around else None
            while far is not None and node.table not in far.sources:
                far = far.around
            self.notes.tell(
                node,
                _("“%(name)s” is no alias here.", name=node.table),
                _("There are: %(all)s.", all=", ".join(scope.sources) or "–"),
                _("A subquery sees only the query directly around it.") if far else "",
            )
            return ANY
        value = source.relation.columns.get(name)
        if value is None:
            self.notes.tell(
                node,
                _("“%(alias)s” has no column “%(name)s”.", alias=node.table, name=name),
                _("It has: %(all)s.", all=", ".join(source.relation.columns)),
            )
            return ANY
        return value

    def _literal(self, node: exp.Literal, _scope: Scope) -> Value:
        if node.is_string:
            if "\\" in node.this:
                self.notes.tell(
                    node, _("The text “%(text)s” holds a backslash.", text=node.this),
                    _("The engines read backslashes differently."),
                )  # fmt: skip
            return TEXT
        text = node.this.lower()
        if "e" in text:
            self.notes.tell(
                node, _("“%(text)s” is a double.", text=text), "",
                _("Write the digits out; with decimals it is a DECIMAL."),
            )  # fmt: skip
            return ANY
        whole, _dot, part = text.partition(".")
        if part or _dot:
            return decimal(len(whole.lstrip("0")) + len(part), len(part))
        if int(whole) >= 2**63:
            self.notes.tell(node, _("“%(text)s” is too long for a whole number.", text=text))
        return INTEGER if int(whole) < 2**31 else BIGINT

    def _setting(self, node: exp.Placeholder, _scope: Scope) -> Value:
        if not node.name or node.name == "?":
            self.notes.tell(node, _("“?” stands for nothing."), "", _("Name a setting: “:days”."))
            return ANY
        if self.settings is None:
            return ANY
        if node.name not in self.settings:
            self.notes.tell(
                node,
                _("“:%(name)s” is no setting of the measure.", name=node.name),
                _("It has: %(all)s.", all=", ".join(self.settings) or "–"),
                _("Lay it down under “settings” in measure.yaml."),
            )
            return ANY
        return value_of(self.settings[node.name])

    # Logic

    def _logic(self, node: exp.Expr, scope: Scope) -> Value:
        for part in filter(None, (node.this, node.args.get("expression"))):
            self.condition(part, scope)
        return BOOLEAN

    def _is(self, node: exp.Is, scope: Scope) -> Value:
        value = self.read(node.this, scope)
        right = node.expression
        if isinstance(right, exp.Boolean) and value.family not in (F.BOOLEAN, F.ANY):
            self.condition(node.this, scope)
        if not isinstance(right, exp.Null | exp.Boolean):
            self.notes.tell(node, _("“%(what)s” cannot be asked.", what=shown(node)),
                            _("IS is followed by NULL, TRUE or FALSE."))  # fmt: skip
        return BOOLEAN

    def _in(self, node: exp.In, scope: Scope) -> Value:
        query = node.args.get("query")
        if query is not None:
            if isinstance(node.parent, exp.Not):
                self.notes.tell(
                    node, _("NOT IN (SELECT …) finds nothing once the list holds a NULL."), "",
                    _("Write NOT EXISTS (SELECT 1 FROM … WHERE …)."),
                )  # fmt: skip
            value = self.read(node.this, scope)
            inner = query.this if isinstance(query, exp.Subquery) else query
            given = self.subquery(inner, scope, "in")
            if len(given) != 1:
                self.notes.tell(node, _("IN (SELECT …) returns %(n)d columns.", n=len(given)),
                                _("It returns one."))  # fmt: skip
            else:
                self._comparable(node, value, given[0])
            return BOOLEAN
        if not node.expressions:
            self.notes.tell(node, _("“%(what)s” is not in the portable subset.", what=shown(node)))
        if any(isinstance(one, exp.Null) for one in node.expressions):
            self.notes.tell(node, _("The list holds NULL, which equals nothing."), "",
                            _("Ask for it by IS NULL."))  # fmt: skip
        value = self.read(node.this, scope)
        for one in node.expressions:
            self._comparable(node, value, self.read(one, scope))
        return BOOLEAN

    def _between(self, node: exp.Between, scope: Scope) -> Value:
        value = self.read(node.this, scope)
        for part in ("low", "high"):
            self._comparable(node, value, self.read(node.args[part], scope))
        return BOOLEAN

    def _compare(self, node: exp.Binary, scope: Scope) -> Value:
        self._comparable(node, self.read(node.this, scope), self.read(node.expression, scope))
        return BOOLEAN

    def _exists(self, node: exp.Exists, scope: Scope) -> Value:
        self.subquery(node.this, scope, "exists")
        return BOOLEAN

    def _like(self, node: exp.Like, scope: Scope) -> Value:
        value = self.read(node.this, scope)
        pattern = node.expression
        if value.family not in (F.TEXT, F.ANY, F.NULL):
            self.notes.tell(node, _("“%(what)s” is %(is)s, not text.", what=shown(node.this),
                                    **{"is": value.sql}))  # fmt: skip
        if not (isinstance(pattern, exp.Placeholder) or pattern.is_string):
            self.notes.tell(node, _("The pattern of LIKE is not written out."), "",
                            _("Write a text or a setting: LIKE '%damp%'."))  # fmt: skip
        self.read(pattern, scope)
        return BOOLEAN

    def _comparable(self, node: exp.Expr, a: Value, b: Value) -> None:
        one, other = a.family, b.family
        if F.ANY in (one, other) or F.NULL in (one, other):
            if F.NULL in (one, other) and isinstance(node, exp.EQ | exp.NEQ):
                self.notes.tell(node, _("Nothing equals NULL."), "", _("Write IS NULL."))
            return
        if one == other and one not in (F.SHIFTED, F.INTERVAL):
            return
        if one.number and other.number:
            return
        remedy: Message | str = ""
        if F.SHIFTED in (one, other):
            remedy = _("Write CAST(d + INTERVAL … AS DATE).")
        elif {one, other} == {F.DATE, F.DATETIME}:
            remedy = _("CAST the timestamp to DATE, or the last day's afternoon is lost.")
        elif {one, other} == {F.DATE, F.TEXT}:
            remedy = _("Write a day as DATE '2024-01-31'.")
        self.notes.tell(
            node,
            _("“%(what)s” compares %(a)s with %(b)s.", what=shown(node), a=a.sql, b=b.sql),
            _("Only values of one family are compared."),
            remedy,
        )

    # Choosing

    def _case(self, node: exp.Case, scope: Scope) -> Value:
        default = node.args.get("default")
        if default is None:
            self.notes.tell(node, _("“%(what)s” has no ELSE.", what=shown(node)), "",
                            _("Write ELSE NULL where that is meant."))  # fmt: skip
        against = self.read(node.this, scope) if node.this is not None else None
        for one in node.args["ifs"]:
            if against is None:
                self.condition(one.this, scope)
            else:
                self._comparable(node, against, self.read(one.this, scope))
        results = [one.args["true"] for one in node.args["ifs"]]
        return self._alike(node, [*results, *([default] if default is not None else [])], scope)

    def _alike(self, node: exp.Expr, parts: list[exp.Expr], scope: Scope) -> Value:
        value = NULL
        for part in parts:
            value = self.together(node, value, self.read(part, scope))
        return value

    def together(self, node: exp.Expr, a: Value, b: Value) -> Value:
        """The value of what may be one or the other."""
        if a.family is F.NULL or b.family is F.NULL:
            return b if a.family is F.NULL else a
        if F.ANY in (a.family, b.family):
            return ANY
        if a.family is b.family is F.INTEGER:
            return max(a, b, key=lambda v: v.precision)
        if a.family.number and b.family.number:
            scale = max(a.scale, b.scale)
            return decimal(max(a.precision - a.scale, b.precision - b.scale) + scale, scale)
        if a.family is b.family and a.family is not F.SHIFTED:
            return a
        self.notes.tell(
            node,
            _("“%(what)s” may be %(a)s or %(b)s.", what=shown(node), a=a.sql, b=b.sql),
            _("All its values are of one family."),
            _("Write CAST(d + INTERVAL … AS DATE).") if F.SHIFTED in (a.family, b.family) else "",
        )
        return ANY

    # Reckoning

    def _number(self, node: exp.Expr, scope: Scope) -> Value:
        value = self.read(node, scope)
        if not value.family.number:
            self.notes.tell(node, _("“%(what)s” is %(is)s, not a number.", what=shown(node),
                                    **{"is": value.sql}))  # fmt: skip
            return ANY
        return value

    def _negative(self, node: exp.Neg, scope: Scope) -> Value:
        return self._number(node.this, scope)

    def _abs(self, node: exp.Abs, scope: Scope) -> Value:
        return self._number(node.this, scope)

    def _sum(self, node: exp.Binary, scope: Scope) -> Value:
        a, b = self.read(node.this, scope), self.read(node.expression, scope)
        if a.family in (F.DATE, F.DATETIME, F.SHIFTED):
            return self._moved(node, a, b)
        if F.ANY in (a.family, b.family):
            return ANY
        if not (a.family.number and b.family.number):
            remedy = _("Write the date first: d + INTERVAL …") if b.family in _UNITS else ""
            self.notes.tell(node, _("“%(what)s” reckons with %(a)s and %(b)s.", what=shown(node),
                                    a=a.sql, b=b.sql), _("One reckons with numbers."),
                            remedy)  # fmt: skip
            return ANY
        value = self.together(node, a, b)
        return value if value.family is not F.DECIMAL else decimal(value.precision + 1, value.scale)

    def _moved(self, node: exp.Binary, a: Value, b: Value) -> Value:
        if b.family is F.INTERVAL:
            units = _UNITS[F.DATETIME if a.family is F.DATETIME else F.DATE]
            interval = node.expression.find(exp.Interval)
            unit = str(interval.args.get("unit") or "").upper().rstrip("S") if interval else ""
            if unit not in units:
                self.notes.tell(node, _("“%(what)s” adds %(unit)s to %(a)s.", what=shown(node),
                                        unit=unit or "?", a=a.sql),
                                _("Allowed: %(all)s.", all=", ".join(units)))  # fmt: skip
            return a if a.family is F.DATETIME else SHIFTED
        if a.family is F.DATE and b.family in (F.INTEGER, F.ANY):
            if b == BIGINT:
                self.notes.tell(
                    node, _("“%(what)s” adds a BIGINT to a date.", what=shown(node)),
                    _("A date takes an INTEGER."),
                    _("Write CAST(d + n * INTERVAL 1 DAY AS DATE)."),
                )  # fmt: skip
            return DATE
        if b.family is F.ANY:
            return ANY
        remedy: Message | str = _("Write CAST(d + n * INTERVAL 1 DAY AS DATE).")
        if b.family in (F.DATE, F.DATETIME):
            remedy = _("Write DATE_DIFF('day', from, to), or MINUTES_BETWEEN(from, to).")
        self.notes.tell(node, _("“%(what)s” reckons with %(a)s and %(b)s.", what=shown(node),
                                a=a.sql, b=b.sql), "", remedy)  # fmt: skip
        return ANY

    def _product(self, node: exp.Mul, scope: Scope) -> Value:
        left, right = node.this, node.expression
        a, b = self.read(left, scope), self.read(right, scope)
        if b.family is F.INTERVAL:
            if not (a.family in (F.INTEGER, F.ANY) and right.this.name == "1"):
                self.notes.tell(node, _("“%(what)s” is no length of time.", what=shown(node)), "",
                                _("Write n * INTERVAL 1 DAY, with a whole number n."))  # fmt: skip
            return INTERVAL
        a, b = self._number(left, scope), self._number(right, scope)
        if F.ANY in (a.family, b.family):
            return ANY
        if a.family is b.family is F.INTEGER or F.NULL in (a.family, b.family):
            return self.together(node, a, b)
        digits, scale = a.precision + b.precision, a.scale + b.scale
        both = a.family is b.family is F.DECIMAL
        if (both and digits > 18 and max(a.precision, b.precision) <= 18) or (
            digits > 37 and scale > 6
        ):
            self.notes.tell(
                node,
                _("“%(what)s” multiplies %(a)s by %(b)s.", what=shown(node), a=a.sql, b=b.sql),
                _("DuckDB keeps 18 digits of such a product."),
                _("Write CAST(a AS DECIMAL(9,2)) * CAST(b AS DECIMAL(9,4))."),
            )
        return decimal(max(digits, 18), scale)

    def _whole_division(self, node: exp.Binary, scope: Scope) -> Value:
        value = self._number(node.this, scope)
        by = node.expression
        while isinstance(by, exp.Paren):
            by = by.this
        plain = isinstance(by, exp.Literal) and not by.is_string and by.this.isdigit()
        if value.family not in (F.INTEGER, F.NULL, F.ANY) or not plain or int(by.this) == 0:
            self.notes.tell(
                node, _("“%(what)s” divides otherwise on each engine.", what=shown(node)),
                _("// and % take a whole number, and one above zero written out."),
            )  # fmt: skip
        return value

    # Time

    def _interval(self, node: exp.Interval, _scope: Scope) -> Value:
        amount = node.this
        if not (isinstance(amount, exp.Literal) and amount.name.isdigit()) or not node.args.get(
            "unit"
        ):
            self.notes.tell(node, _("“%(what)s” is not written out.", what=shown(node)), "",
                            _("Write INTERVAL 28 DAY, or n * INTERVAL 1 DAY."))  # fmt: skip
        return INTERVAL

    def _date(self, node: exp.Expr, scope: Scope, family: Family = F.DATE) -> None:
        value = self.read(node, scope)
        if value.family not in (family, F.ANY, F.NULL):
            self.notes.tell(
                node,
                _("“%(what)s” is %(is)s, where a %(family)s is needed.", what=shown(node),
                  family=str(family), **{"is": value.sql}),
                "",
                _("Write CAST(x AS DATE).") if family is F.DATE else "",
            )  # fmt: skip

    def _days(self, node: exp.DateDiff, scope: Scope) -> Value:
        unit = node.args.get("unit")
        if unit is None or unit.name.upper() != "DAY":
            self.notes.tell(
                node,
                _("DATE_DIFF by “%(unit)s” differs between engines.", unit=unit and unit.name),
                _("DATE_DIFF counts days."),
                _("MINUTES_BETWEEN(a, b) counts minutes; months and years are compared by"
                  " CAST(d + INTERVAL 1 MONTH AS DATE)."),
            )  # fmt: skip
        for part in (node.this, node.expression):
            self._date(part, scope)
        return BIGINT

    def _extract(self, node: exp.Extract, scope: Scope) -> Value:
        value = self.read(node.expression, scope)
        if value.family is F.ANY:
            return BIGINT
        allowed = _PARTS.get(value.family, ())
        if node.name.upper() not in allowed:
            self.notes.tell(
                node, _("“%(what)s” takes %(part)s from %(a)s.", what=shown(node),
                        part=node.name.upper(), a=value.sql),
                _("Allowed: %(all)s.", all=", ".join(allowed)) if allowed else
                _("EXTRACT takes from dates."),
                _("WEEKDAYS_BETWEEN(a, b) counts working days.")
                if "DOW" in node.name.upper() else "",
            )  # fmt: skip
        return BIGINT

    def _cast(self, node: exp.Cast, scope: Scope) -> Value:
        if type(node) is not exp.Cast:
            return ANY
        to = node.to
        name = to.this.name if isinstance(to.this, exp.DataType.Type) else str(to.this)
        if name == "DECIMAL" and len(to.expressions) == 2:
            goal = decimal(*(int(one.name) for one in to.expressions))
        elif name in _TYPES and not to.expressions:
            goal = _TYPES[name]
        else:
            self.notes.tell(node, _("“%(what)s” casts to a type outside the subset.",
                                    what=shown(node)), _CAST_WORDS)  # fmt: skip
            return ANY
        if isinstance(node.this, exp.Literal) and node.this.is_string:
            if goal in (DATE, DATETIME) and _is_time(node.this.name, goal):
                return goal
            if goal is TEXT:
                return TEXT
        value = self.read(node.this, scope)
        if value.family not in (*_CASTS[goal.family], F.ANY, F.NULL):
            self.notes.tell(node, _("“%(what)s” casts %(a)s to %(b)s.", what=shown(node),
                                    a=value.sql, b=goal.sql), _CAST_WORDS)  # fmt: skip
        return goal

    # Text

    def _text(self, node: exp.Expr, scope: Scope) -> None:
        value = self.read(node, scope)
        if value.family not in (F.TEXT, F.ANY, F.NULL):
            self.notes.tell(node, _("“%(what)s” is %(is)s, not text.", what=shown(node),
                                    **{"is": value.sql}), "",
                            _("Write CAST(x AS VARCHAR)."))  # fmt: skip

    def _texts(self, node: exp.Expr, scope: Scope) -> Value:
        for part in filter(None, (node.this, node.args.get("expression"))):
            self._text(part, scope)
        return TEXT

    def _trim(self, node: exp.Trim, scope: Scope) -> Value:
        if node.args.get("expression") or node.args.get("position"):
            self.notes.tell(node, _("“%(what)s” trims other than spaces.", what=shown(node)),
                            _("TRIM(x) only."))  # fmt: skip
        self._text(node.this, scope)
        return TEXT

    def _length(self, node: exp.Length, scope: Scope) -> Value:
        self._text(node.this, scope)
        return BIGINT

    def _substring(self, node: exp.Substring, scope: Scope) -> Value:
        self._text(node.this, scope)
        bounds = [node.args.get("start"), node.args.get("length")]
        if not all(
            isinstance(one, exp.Literal) and one.name.isdigit() and int(one.name) > 0
            for one in bounds
            if one is not None
        ):
            self.notes.tell(node, _("“%(what)s” does not begin at a place written out.",
                                    what=shown(node)),
                            _("Places count from 1; zero differs between engines."))  # fmt: skip
        return TEXT

    # Functions of our own, aggregates, windows, subqueries

    def _own(self, node: exp.Anonymous, scope: Scope) -> Value:
        name = node.name.upper()
        if name not in OWN:
            self.notes.tell(node, _("The function “%(name)s” is not in the portable subset.",
                                    name=name), "",
                            _("docs/reference/portable-sql.md lists those that are."))  # fmt: skip
            return ANY
        if len(node.expressions) != 2:
            self.notes.tell(node, _("%(name)s takes two values: from and to.", name=name))
        for part in node.expressions:
            self._date(part, scope, F.DATE if name == "WEEKDAYS_BETWEEN" else F.DATETIME)
        return BIGINT

    def _aggregate(self, node: exp.AggFunc, scope: Scope) -> Value:
        inner = node.this
        if isinstance(node, exp.Count):
            if isinstance(inner, exp.Star) and not node.expressions:
                return BIGINT
            if isinstance(inner, exp.Distinct):
                if len(inner.expressions) != 1:
                    self.notes.tell(node, _("COUNT(DISTINCT …) counts one column."))
                inner = inner.expressions[0]
            self.read(inner, scope)
            return BIGINT
        if isinstance(inner, exp.Distinct) or node.expressions:
            self.notes.tell(node, _("“%(what)s” is not in the portable subset.", what=shown(node)),
                            _("DISTINCT stands in COUNT alone."))  # fmt: skip
            return ANY
        value = self.read(inner, scope)
        if value.family not in (*AGGREGATES[type(node)], F.ANY, F.NULL):
            self.notes.tell(node, _("“%(what)s” is taken over %(is)s.", what=shown(node),
                                    **{"is": value.sql}), "",
                            _("Take it over CASE WHEN … THEN 1 ELSE 0 END."))  # fmt: skip
        if isinstance(node, exp.Sum):
            return decimal(38, value.scale) if value.family is F.DECIMAL else BIGINT
        return value

    def _window(self, node: exp.Window, scope: Scope) -> Value:
        inner = node.this
        if isinstance(inner, exp.RowNumber):
            value = BIGINT
        elif isinstance(inner, exp.Lag | exp.Lead):
            offset, default = inner.args.get("offset"), inner.args.get("default")
            if offset is not None and not (offset.is_int and offset.name.isdigit()):
                self.notes.tell(node, _("LAG and LEAD look a written number of rows away."))
            value = self._alike(node, [inner.this, *([default] if default else [])], scope)
        elif isinstance(inner, exp.FirstValue):
            value = self.read(inner.this, scope)
        elif type(inner) in AGGREGATES:
            if isinstance(inner.this, exp.Distinct):
                self.notes.tell(node, _("No DISTINCT over a window."))
            value = self._aggregate(inner, scope)
        else:
            value = self.read(inner, scope)
        return value

    def _scalar(self, node: exp.Subquery, scope: Scope) -> Value:
        given = self.subquery(node.this, scope, "scalar")
        return given[0] if len(given) == 1 else ANY


def value_of(setting: Any) -> Value:
    """The value a setting of a measure stands for."""
    if isinstance(setting, bool):
        return BOOLEAN
    if isinstance(setting, int):
        return INTEGER if abs(setting) < 2**31 else BIGINT
    if isinstance(setting, float | Decimal):
        exponent = Decimal(str(setting)).as_tuple().exponent
        return decimal(18, -exponent if isinstance(exponent, int) and exponent < 0 else 0)
    if isinstance(setting, datetime):
        return DATETIME
    if isinstance(setting, date):
        return DATE
    return TEXT if isinstance(setting, str) else ANY


def _is_time(text: str, goal: Value) -> bool:
    """Whether a text is a day, or a day and a time, as both engines read it."""
    pattern = r"\d{4}-\d\d-\d\d" + ("" if goal is DATE else r" \d\d:\d\d:\d\d")
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return re.fullmatch(pattern, text) is not None


__all__ = ["AGGREGATES", "WINDOWED", "Expressions", "value_of"]
