"""Altering a measure's SQL in one place: what a mistake in it would look like.

Each operator looks at one node of the tree and says what it could be turned into. Ties between
tables by landlord are never touched: the linter holds them, not the cases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from sqlglot import exp

from kloe.measures.compose import PERIOD

#: What a node is turned into, and in which words; ``None`` in place of a node drops it.
Change = tuple[str, Callable[[Any], None]]


def is_tie(node: Any) -> bool:
    """Whether a condition ties two tables by landlord."""
    return isinstance(node, exp.EQ) and any(
        isinstance(side, exp.Column) and side.name == "landlord"
        for side in (node.this, node.expression)
    )


def holds_tie(node: Any) -> bool:
    """Whether a tie by landlord stands in a condition, outside subqueries."""
    if is_tie(node):
        return True
    if isinstance(node, exp.And | exp.Or | exp.Paren):
        return any(holds_tie(child) for child in node.iter_expressions())
    return False


def changes(node: Any) -> Iterator[Change]:
    """Everything one node could be turned into."""
    for operator in _OPERATORS:
        yield from operator(node)


def shown(node: Any) -> str:
    """A node on one line."""
    return " ".join(node.sql(dialect="duckdb", comments=False).split())


def _swap(old: Any, new: Callable[[Any], Any]) -> Change:
    """A change that puts another node in place."""
    return (
        f"`{shown(old)}` becomes `{shown(new(old.copy()))}`",
        lambda node: node.replace(new(node.copy())) and None,
    )


_COMPARED: dict[Any, Any] = {
    exp.LT: exp.LTE,
    exp.LTE: exp.LT,
    exp.GT: exp.GTE,
    exp.GTE: exp.GT,
    exp.EQ: exp.NEQ,
    exp.NEQ: exp.EQ,
}
_EXCHANGED: dict[Any, Any] = {
    exp.Min: exp.Max,
    exp.Max: exp.Min,
    exp.Add: exp.Sub,
    exp.Sub: exp.Add,
    exp.Lag: exp.Lead,
    exp.Lead: exp.Lag,
    exp.Greatest: exp.Least,
    exp.Least: exp.Greatest,
}


def _comparison(node: Any) -> Iterator[Change]:
    other = _COMPARED.get(type(node))
    if other is not None and not is_tie(node):
        yield _swap(node, lambda n: other(this=n.this, expression=n.expression))


def _exchange(node: Any) -> Iterator[Change]:
    other = _EXCHANGED.get(type(node))
    if other is not None:
        yield _swap(node, lambda n: other(**n.args))


def _between(node: Any) -> Iterator[Change]:
    if not isinstance(node, exp.Between):
        return
    wholes: list[Callable[[Any], Any]] = [
        lambda n: exp.and_(exp.GT(this=n.this.copy(), expression=n.args["low"]),
                           exp.LTE(this=n.this, expression=n.args["high"]), copy=False),
        lambda n: exp.and_(exp.GTE(this=n.this.copy(), expression=n.args["low"]),
                           exp.LT(this=n.this, expression=n.args["high"]), copy=False),
        lambda n: exp.LTE(this=n.this, expression=n.args["high"]),
        lambda n: exp.GTE(this=n.this, expression=n.args["low"]),
    ]  # fmt: skip
    for whole in wholes:
        yield _swap(node, lambda n, whole=whole: exp.Paren(this=whole(n)))  # type: ignore[misc]


def _connected(node: Any) -> Iterator[Change]:
    if isinstance(node, exp.And) and not holds_tie(node):
        yield _swap(node, lambda n: exp.Paren(this=exp.Or(this=n.this, expression=n.expression)))
    elif isinstance(node, exp.Or):
        yield _swap(node, lambda n: exp.And(this=exp.paren(n.this), expression=n.expression))


def _dropped(node: Any) -> Iterator[Change]:
    """A condition that no longer counts: TRUE among others that must hold, FALSE among choices."""
    parent = node.parent
    if isinstance(node, exp.And | exp.Boolean) or holds_tie(node):
        return
    if isinstance(parent, exp.And | exp.Where | exp.Having) or (
        isinstance(parent, exp.Join) and node.arg_key == "on"
    ):
        yield f"`{shown(node)}` dropped", lambda n: n.replace(exp.true()) and None
    elif isinstance(parent, exp.Or) and not isinstance(node, exp.Or):
        yield f"`{shown(node)}` dropped", lambda n: n.replace(exp.false()) and None


def _negation(node: Any) -> Iterator[Change]:
    if isinstance(node, exp.Not):
        yield _swap(node, lambda n: n.this)
    elif isinstance(node, exp.Is | exp.Exists | exp.In) and not isinstance(node.parent, exp.Not):
        yield _swap(node, lambda n: exp.Not(this=n))


def _constant(node: Any) -> Iterator[Change]:
    for name, change in _constants(node):
        yield f"{name} in `{shown(node.parent)}`" if node.parent else name, change


def _constants(node: Any) -> Iterator[Change]:
    if isinstance(node, exp.Placeholder):
        yield _swap(node, lambda n: exp.Paren(this=exp.Add(this=n, expression=_number(1))))
        yield _swap(node, lambda n: exp.Paren(this=exp.Sub(this=n, expression=_number(1))))
        return
    parent = node.parent
    if not isinstance(node, exp.Literal) or node.find_ancestor(exp.DataType):
        return
    if isinstance(parent, exp.Select) and isinstance(parent.parent, exp.Exists):
        return
    whole = node.this.lstrip("-").isdigit()
    if (not node.is_string or isinstance(parent, exp.Interval)) and whole:
        compared = isinstance(parent, (*_COMPARED, exp.Between, exp.Interval))
        for step in (1, -1) if compared or int(node.this) > 1 else (1,):
            text = str(int(node.this) + step)
            yield _swap(node, lambda n, text=text: exp.Literal(this=text, is_string=n.is_string))  # type: ignore[misc]
    elif not node.is_string:
        yield _swap(node, lambda n: exp.Paren(this=exp.Add(this=n, expression=_number(1))))
    elif isinstance(parent, exp.Cast) and parent.to.is_type("date"):
        day = date.fromisoformat(node.this)
        for step in (1, -1):
            text = (day + timedelta(days=step)).isoformat()
            yield _swap(node, lambda n, text=text: exp.Literal.string(text))  # type: ignore[misc]
    elif isinstance(parent, (exp.EQ, exp.NEQ, exp.Like, exp.If, exp.Case)):
        yield _swap(node, lambda n: exp.Literal.string(n.this + "~"))


def _number(n: int) -> Any:
    return exp.Literal.number(n)


def _listed(node: Any) -> Iterator[Change]:
    if isinstance(node, exp.In) and len(node.expressions) > 1:
        for place, one in enumerate(node.expressions):

            def drop(n: Any, place: int = place) -> None:
                n.set("expressions", [e for i, e in enumerate(n.expressions) if i != place])

            yield f"`{shown(one)}` dropped from `{shown(node)}`", drop


def _joined(node: Any) -> Iterator[Change]:
    if not isinstance(node, exp.Join) or not isinstance(node.this, exp.Table | exp.Subquery):
        return
    if node.side == "LEFT":
        yield f"`{shown(node)}` becomes an inner join", lambda n: n.set("side", None)
    elif (
        not node.side
        and node.kind in ("", "INNER")
        and node.args.get("on") is not None
        and node.this.name != PERIOD
        and not _asked_again(node)
    ):
        yield f"`{shown(node)}` becomes a left join", _to_left


def _to_left(node: Any) -> None:
    node.set("kind", None)
    node.set("side", "LEFT")


def _asked_again(join: Any) -> bool:
    """Whether a later condition would drop the rows that a left join leaves without a match."""
    alias, select = join.this.alias_or_name, join.parent
    later = select.args.get("joins") or []
    conditions = [j.args.get("on") for j in later[join.index + 1 :] if j.side != "LEFT"]
    conditions.append(select.args.get("where"))
    return any(
        column.table == alias
        for condition in conditions
        if condition is not None
        for column in condition.find_all(exp.Column)
    )


def _instead(node: Any) -> Iterator[Change]:
    """COALESCE without its other values; CASE with a branch never or always taken."""
    if isinstance(node, exp.Coalesce) and node.expressions:
        yield _swap(node, lambda n: n.this)
    elif isinstance(node, exp.If) and isinstance(node.parent, exp.Case):
        case = shown(node.parent)

        def never(n: Any) -> None:
            n.set("this", exp.false())

        def always(n: Any) -> None:
            n.set("this", exp.true())

        yield f"`{shown(node.this)}` never in `{case}`", never
        yield f"`{shown(node.this)}` always in `{case}`", always
    elif isinstance(node, exp.Case) and not isinstance(node.args.get("default"), _NOTHING):

        def without(n: Any) -> None:
            n.set("default", None)

        yield f"ELSE dropped from `{shown(node)}`", without


def _gathered(node: Any) -> Iterator[Change]:
    if isinstance(node, exp.Sum):
        yield _swap(node, lambda n: exp.Sum(this=exp.Neg(this=exp.paren(n.this))))
    elif isinstance(node, exp.Count) and isinstance(node.this, exp.Distinct):
        yield _swap(node, lambda n: exp.Count(this=n.this.expressions[0]))
    elif isinstance(node, exp.Select) and node.args.get("distinct"):

        def repeat(n: Any) -> None:
            n.set("distinct", None)

        yield f"DISTINCT dropped from `{shown(node)[:60]}`", repeat
    elif isinstance(node, exp.Union):
        yield f"first part of `{shown(node)[:60]}` dropped", lambda n: _part(n, n.expression)
        yield f"second part of `{shown(node)[:60]}` dropped", lambda n: _part(n, n.this)
    elif isinstance(node, exp.Ordered) and node.find_ancestor(exp.Window):

        def turned(n: Any) -> None:
            n.set("desc", not n.args.get("desc"))

        yield f"`{shown(node)}` the other way round", turned


def _part(union: Any, part: Any) -> None:
    """One part of a union in place of the whole, with the union's own common tables."""
    part = part.copy()
    with_ = union.args.get("with_") or union.args.get("with")
    if with_ is not None:
        part.set("with_" if "with_" in part.arg_types else "with", with_.copy())
    union.replace(part)


def _windowed(node: Any) -> Iterator[Change]:
    if not isinstance(node, exp.Window):
        return
    keys = node.args.get("partition_by") or []
    for place, key in enumerate(keys):
        if key.name == "landlord":
            continue

        def drop(n: Any, place: int = place) -> None:
            n.set("partition_by", [k for i, k in enumerate(n.args["partition_by"]) if i != place])

        yield f"`{shown(key)}` dropped from `{shown(node)}`", drop


_NOTHING = (type(None), exp.Null)

_OPERATORS: tuple[Callable[[Any], Iterator[Change]], ...] = (
    _comparison,
    _exchange,
    _between,
    _connected,
    _dropped,
    _negation,
    _constant,
    _listed,
    _joined,
    _instead,
    _gathered,
    _windowed,
)
