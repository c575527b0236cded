"""Reckoning with numbers, days and hours, and casting one into another."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from sqlglot import exp

from kloe.core.messages import Message, _
from kloe.measures.portable.ground import Ground
from kloe.measures.portable.notes import shown
from kloe.measures.portable.values import (
    ANY,
    BIGINT,
    BOOLEAN,
    DATE,
    DATETIME,
    INTEGER,
    INTERVAL,
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


class Reckoning(Ground):
    """Reads sums, products, lengths of time and casts."""

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

    def _interval(self, node: exp.Interval, scope: Scope) -> Value:
        amount = node.this
        while isinstance(amount, exp.Paren):
            amount = amount.this
        if isinstance(amount, exp.Placeholder):
            value = self.read(amount, scope)
            plain = value.family in (F.INTEGER, F.ANY)
        else:
            plain = isinstance(amount, exp.Literal) and amount.name.isdigit()
        if not plain or not node.args.get("unit"):
            self.notes.tell(
                node,
                _("“%(what)s” is not written out.", what=shown(node)),
                "",
                _("Write INTERVAL 28 DAY, INTERVAL :days DAY, or n * INTERVAL 1 DAY."),
            )
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


def _is_time(text: str, goal: Value) -> bool:
    """Whether a text is a day, or a day and a time, as both engines read it."""
    pattern = r"\d{4}-\d\d-\d\d" + ("" if goal is DATE else r" \d\d:\d\d:\d\d")
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return re.fullmatch(pattern, text) is not None
