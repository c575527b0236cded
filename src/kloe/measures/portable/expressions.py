"""Which expressions both engines compute alike, and what family of value each gives.

Everything not named here is refused. What is named was seen to agree on both engines
(``tests/spec/test_engines_agree.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlglot import exp

from kloe.core.messages import Message, _
from kloe.measures.portable.ground import Subquery
from kloe.measures.portable.notes import Notes, shown
from kloe.measures.portable.reckoning import Reckoning
from kloe.measures.portable.syntax import OWN
from kloe.measures.portable.values import (
    ANY,
    BIGINT,
    BOOLEAN,
    NULL,
    TEXT,
    Family,
    Scope,
    Value,
    decimal,
)

F = Family
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
    "NOW": _("Use p.end_on of the period."),
    "TODAY": _("Use p.end_on of the period."),
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


class Expressions(Reckoning):
    """Reads the expressions of one measure, noting what is outside the subset."""

    def __init__(
        self, notes: Notes, subquery: Subquery, settings: Mapping[str, Any] | None
    ) -> None:
        super().__init__(notes, subquery, settings)
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
            self.notes.tell(
                node,
                _("The function “%(name)s” is not in the portable subset.", name=name),
                "",
                _INSTEAD.get(name, _("docs/reference/portable-sql.md lists those that are.")),
            )
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
