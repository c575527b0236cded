"""What every expression is read with: columns, settings, conditions, and choices among values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlglot import exp

from kloe.core.messages import Message, _
from kloe.measures.portable.notes import Notes, shown
from kloe.measures.portable.values import (
    ANY,
    BIGINT,
    BOOLEAN,
    DATE,
    DATETIME,
    INTEGER,
    NULL,
    TEXT,
    Family,
    Scope,
    Value,
    decimal,
)

F = Family

Subquery = Callable[[exp.Expr, Scope, str], list[Value]]


class Ground:
    """Reads leaves and conditions, noting what is outside the subset.

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

    def read(self, node: exp.Expr, scope: Scope) -> Value:
        """The value an expression gives."""
        raise NotImplementedError

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


def value_of(setting: Any) -> Value:
    """The value a setting of a measure stands for; a list stands for its members, within IN."""
    if isinstance(setting, list | tuple):
        return value_of(setting[0]) if setting else ANY
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
