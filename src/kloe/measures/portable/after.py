"""Looking once more at what was written for Spark, read again as Spark would read it."""

from __future__ import annotations

from sqlglot import exp

from kloe.core.messages import _
from kloe.measures.portable.notes import Notes, shown
from kloe.measures.portable.values import Problem

#: Nodes that a transpiled measure may hold besides those of the linter's expressions.
_ALLOWED: frozenset[type[exp.Expr]] = frozenset((
    exp.Select, exp.Subquery, exp.Union, exp.With, exp.CTE, exp.From, exp.Join, exp.Where,
    exp.Group, exp.Having, exp.Distinct, exp.Alias, exp.TableAlias, exp.Table, exp.Identifier,
    exp.Column, exp.Literal, exp.Null, exp.Boolean, exp.Paren, exp.Neg, exp.And, exp.Or, exp.Not,
    exp.Is, exp.In, exp.Between, exp.Exists, exp.Like, exp.Case, exp.If, exp.Coalesce, exp.Nullif,
    exp.Least, exp.Greatest, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod, exp.Abs,
    exp.Interval, exp.DateDiff, exp.Extract, exp.Cast, exp.DPipe, exp.Lower, exp.Upper, exp.Trim,
    exp.Length, exp.Substring, exp.Window, exp.WindowSpec, exp.Order, exp.Ordered, exp.Count,
    exp.Sum, exp.Min, exp.Max, exp.RowNumber, exp.Lag, exp.Lead, exp.FirstValue, exp.EQ, exp.NEQ,
    exp.LT, exp.LTE, exp.GT, exp.GTE, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Var, exp.DataType,
    exp.DataTypeParam, exp.Star, exp.Placeholder, exp.TryCast, exp.TsOrDsToDate,
))  # fmt: skip
_TYPES = frozenset({"INT", "BIGINT", "DECIMAL", "DATE", "TEXT", "VARCHAR", "TIMESTAMPNTZ",
                    "TIMESTAMP", "BOOLEAN"})  # fmt: skip


def spark_problems(tree: exp.Expr) -> list[Problem]:
    """What in a tree read from transpiled Spark SQL was not there before, or differs.

    :param tree: ``sqlglot.parse_one(transpile(tree, "spark"), read="spark")``.
    """
    notes = Notes()
    for node in tree.walk():
        name = type(node).__name__
        if type(node) not in _ALLOWED:
            notes.tell(node, _("Written for Spark it holds “%(what)s” (%(name)s).",
                               what=shown(node), name=name),
                       _("Nothing outside the portable subset may come in."))  # fmt: skip
        elif isinstance(node, exp.Cast):
            _cast(notes, node)
        elif isinstance(node, exp.Div):
            _division(notes, node)
        elif isinstance(node, exp.Ordered):
            if node.args.get("nulls_first") is None:
                notes.tell(node, _("Written for Spark the order leaves open where NULL goes."))
        elif isinstance(node, exp.DateDiff):
            unit = node.args.get("unit")
            if unit is not None and unit.name.upper() != "DAY":
                notes.tell(node, _("Written for Spark it counts %(unit)s.", unit=unit.name))
        elif isinstance(node, exp.Interval) and not isinstance(node.this, exp.Literal):
            notes.tell(node, _("Written for Spark an INTERVAL is reckoned."))
    return notes.all()


def _cast(notes: Notes, node: exp.Cast) -> None:
    """Spark's CAST is read as TRY_CAST, because without ANSI mode it gives NULL; ours has it."""
    kind = node.to.this.name if isinstance(node.to.this, exp.DataType.Type) else str(node.to.this)
    if kind not in _TYPES:
        notes.tell(node, _("Written for Spark it casts to %(type)s.", type=kind))


def _division(notes: Notes, node: exp.Div) -> None:
    """A division by a number written out, whose result is cut to a whole number, is exact."""
    outer = node.parent
    while isinstance(outer, exp.Paren):
        outer = outer.parent
    cut = isinstance(outer, exp.Cast) and outer.to.this in (
        exp.DataType.Type.BIGINT,
        exp.DataType.Type.INT,
    )
    if not cut or not isinstance(node.expression, exp.Literal):
        notes.tell(node, _("Written for Spark it divides: “%(what)s”.", what=shown(node)))
