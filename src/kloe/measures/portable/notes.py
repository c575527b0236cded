"""Collecting problems, each with the line of what it speaks of."""

from __future__ import annotations

from sqlglot import exp

from kloe.core.messages import Message
from kloe.measures.portable.values import Problem


def line_of(node: exp.Expr | None) -> int | None:
    """The line a node stands on: of its own first name, else of what is around it."""
    while node is not None:
        lines = [found.meta["line"] for found in node.walk() if "line" in found.meta]
        if lines:
            return int(min(lines))
        node = node.parent
    return None


def shown(node: exp.Expr, length: int = 70) -> str:
    """A node as SQL, shortened, for a message."""
    text = node.sql(dialect="duckdb", comments=False)
    return text if len(text) <= length else text[: length - 1] + "…"


class Notes:
    """The problems of one query, in the order of its lines, none told twice."""

    def __init__(self) -> None:
        self._found: dict[tuple[int | None, str], Problem] = {}

    def tell(
        self,
        node: exp.Expr | None,
        found: Message,
        allowed: Message | str = "",
        remedy: Message | str = "",
    ) -> None:
        """Note a problem."""
        line = line_of(node)
        self._found.setdefault((line, str(found)), Problem(line, found, allowed, remedy))

    def all(self) -> list[Problem]:
        """All problems by line."""
        return sorted(self._found.values(), key=lambda p: (p.line is None, p.line or 0))
