"""The shapes of conditions, groups and orders, apart from what they speak of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlglot import exp

from kloe.measures.portable.expressions import AGGREGATES
from kloe.measures.portable.values import ANY, Relation, Scope, Value


def conjuncts(node: exp.Expr | None) -> Iterable[exp.Expr]:
    """The conditions joined by AND, brackets taken off."""
    while isinstance(node, exp.Paren):
        node = node.this
    if isinstance(node, exp.And):
        yield from conjuncts(node.this)
        yield from conjuncts(node.expression)
    elif node is not None:
        yield node


class Open(Relation):
    """A table nobody knows: any column is taken for granted, so that one fault is told once."""

    def __init__(self) -> None:
        super().__init__(_Anything())


class _Anything(dict[str, Value]):
    def get(self, _key: str, _default: Any = None) -> Value:
        return ANY

    def __contains__(self, _key: object) -> bool:
        return True


def own_nodes(node: exp.Expr) -> Iterable[exp.Expr]:
    """The nodes of an expression, not those of queries inside it (but the queries themselves)."""
    yield node
    if isinstance(node, exp.Query) and not isinstance(node, exp.Subquery):
        return
    for child in node.iter_expressions():
        yield from own_nodes(child)


def outside(node: exp.Expr, groups: list[exp.Expr]) -> Iterable[exp.Expr]:
    """The nodes that are neither part of a group expression nor of an aggregate."""
    if any(node == one for one in groups):
        return
    if isinstance(node, tuple(AGGREGATES)) and not isinstance(node.parent, exp.Window):
        return
    if isinstance(node, exp.Query):
        return
    yield node
    for child in node.iter_expressions():
        yield from outside(child, groups)


def tied(condition: exp.Expr | None, these: set[str], those: set[str]) -> bool:
    """Whether a condition sets the landlord of one of these equal to one of those."""
    for one in conjuncts(condition):
        if isinstance(one, exp.EQ):
            a, b = one.this, one.expression
            if (
                isinstance(a, exp.Column)
                and isinstance(b, exp.Column)
                and a.name == b.name == "landlord"
                and ({a.table, b.table} & these and {a.table, b.table} & those)
                and a.table != b.table
            ):
                return True
    return False


def total(
    given: list[exp.Expr],
    last: exp.Expr,
    scope: Scope,
    groups: list[exp.Expr] | None,
) -> bool:
    """Whether an order leaves no two rows equal, as far as the keys tell."""
    columns = {(c.table, c.name) for c in given if isinstance(c, exp.Column)}
    if groups:
        return all(
            isinstance(g, exp.Column) and ((g.table, g.name) in columns or g.name == "landlord")
            for g in groups
        )
    sources = [s for s in scope.sources.values() if not s.period]
    if len(sources) == 1 and sources[0].relation.keys:
        only = sources[0]
        return all((only.alias, key) in columns for key in only.relation.keys)
    source = scope.sources.get(last.table) if isinstance(last, exp.Column) else None
    return source is not None and last.name in source.relation.marks
