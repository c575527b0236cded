"""Reading a measure's SQL, and writing it for an engine."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, TokenError

from kloe.core.errors import InvalidInput
from kloe.core.messages import _

DIALECTS: Final = ("duckdb", "spark")
#: A Monday before any record: days are counted from it, so that none comes below zero.
MONDAY: Final = "1800-01-06"


def parse(sql: str) -> exp.Query:
    """The syntax tree of a measure's SQL: exactly one query.

    :raises InvalidInput: with the line, where it is not SQL.
    """
    try:
        found = [tree for tree in sqlglot.parse(sql, read="duckdb") if tree is not None]
    except (ParseError, TokenError) as error:
        raise _unreadable(error) from None
    if len(found) == 1 and isinstance(found[0], exp.Query):
        return found[0]
    raise InvalidInput(
        _("The SQL holds %(n)d statements.", n=len(found))
        if len(found) != 1
        else _("The SQL is no query."),
        _("It is one SELECT; CTEs may stand before it."),
    )


def _unreadable(error: ParseError | TokenError) -> InvalidInput:
    first = error.errors[0] if isinstance(error, ParseError) and error.errors else {}
    line = first.get("line")
    near = str(first.get("highlight") or "")
    if line is None:
        told = re.search(r"[Ll]ine (\d+)", str(error))
        line = int(told.group(1)) if told else None
    if line is None:
        found = _("The SQL cannot be read: %(error)s", error=error)
    elif near:
        found = _("Line %(line)s of the SQL cannot be read, near “%(near)s”.", line=line, near=near)
    else:
        found = _("Line %(line)s of the SQL cannot be read.", line=line)
    return InvalidInput(
        found,
        _("It is written in DuckDB's SQL."),
        _("Often a comma, a bracket or an END is missing before that place."),
    )


def _weekdays_before(day: exp.Expr) -> exp.Expr:
    """Days from Monday to Friday, from a Monday long ago up to and including ``day``."""
    days = f"DATE_DIFF('day', DATE '{MONDAY}', :day)"
    text = f"(({days} // 7) * 5 + CASE WHEN {days} % 7 >= 5 THEN 5 ELSE {days} % 7 + 1 END)"
    return _filled(text, day=day)


def _filled(text: str, **parts: exp.Expr) -> exp.Expr:
    tree = sqlglot.parse_one(text, read="duckdb")

    def put(node: exp.Expr) -> exp.Expr:
        return parts[node.name].copy() if isinstance(node, exp.Placeholder) else node

    return tree.transform(put)


def _weekdays(a: exp.Expr, b: exp.Expr) -> exp.Expr:
    return _filled("(:b - :a)", a=_weekdays_before(a), b=_weekdays_before(b))


def _minutes(a: exp.Expr, b: exp.Expr) -> exp.Expr:
    return _filled(
        "(DATE_DIFF('day', CAST(:a AS DATE), CAST(:b AS DATE)) * 1440"
        " + (EXTRACT(HOUR FROM :b) - EXTRACT(HOUR FROM :a)) * 60"
        " + EXTRACT(MINUTE FROM :b) - EXTRACT(MINUTE FROM :a))",
        a=a,
        b=b,
    )


#: Functions of our own: written out in each engine's SQL, because no engine has them alike.
OWN: Final[dict[str, Callable[[exp.Expr, exp.Expr], exp.Expr]]] = {
    "WEEKDAYS_BETWEEN": _weekdays,
    "MINUTES_BETWEEN": _minutes,
}


def expand(tree: exp.Expr) -> exp.Expr:
    """A copy in which the functions of our own are written out."""

    def write_out(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Anonymous) and node.name.upper() in OWN:
            a, b = (part.transform(write_out) for part in node.expressions)
            return OWN[node.name.upper()](a, b)
        return node

    return tree.transform(write_out)


def transpile(tree: exp.Expr, dialect: str, *, pretty: bool = False) -> str:
    """The SQL of a tree for an engine: ``duckdb`` or ``spark``.

    :raises InvalidInput: for another dialect.
    """
    if dialect not in DIALECTS:
        raise InvalidInput(
            _("There is no engine for the dialect “%(dialect)s”.", dialect=dialect),
            _("There are: %(all)s.", all=", ".join(DIALECTS)),
        )
    return expand(tree).sql(dialect=dialect, pretty=pretty, comments=pretty)
