"""What the linter tells, and what it knows of a value: its family, and where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from kloe.core.messages import Message


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a measure's SQL that is outside the portable subset.

    :param line: line of the SQL, from 1; None where it cannot be told.
    """

    line: int | None
    found: Message
    allowed: Message | str
    remedy: Message | str

    def __str__(self) -> str:
        parts = (self.found, self.allowed, self.remedy)
        words = " ".join(str(part) for part in parts if str(part))
        return words if self.line is None else f"{self.line}: {words}"

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "line": self.line,
            "found": str(self.found),
            "allowed": str(self.allowed),
            "remedy": str(self.remedy),
        }


class Family(StrEnum):
    """Kinds of values that both engines treat alike among themselves."""

    INTEGER = "whole number"
    DECIMAL = "decimal"
    TEXT = "text"
    DATE = "date"
    DATETIME = "date and time"
    BOOLEAN = "boolean"
    NULL = "NULL"
    #: DATE plus INTERVAL: a timestamp on DuckDB, a date on Spark.
    SHIFTED = "date plus INTERVAL"
    INTERVAL = "INTERVAL"
    #: Not known, after a problem already told or for a setting of unknown type.
    ANY = "anything"

    @property
    def number(self) -> bool:
        """Whether one can reckon with it."""
        return self in (Family.INTEGER, Family.DECIMAL, Family.NULL, Family.ANY)


@dataclass(frozen=True, slots=True)
class Value:
    """Family of an expression, and its digits where it is a number."""

    family: Family
    precision: int = 0
    scale: int = 0

    @property
    def sql(self) -> str:
        """The name of its type, as a reader knows it."""
        if self.family is Family.DECIMAL:
            return f"DECIMAL({self.precision},{self.scale})"
        return str(self.family)


ANY = Value(Family.ANY)
NULL = Value(Family.NULL)
TEXT = Value(Family.TEXT)
DATE = Value(Family.DATE)
DATETIME = Value(Family.DATETIME)
BOOLEAN = Value(Family.BOOLEAN)
SHIFTED = Value(Family.SHIFTED)
INTERVAL = Value(Family.INTERVAL)
#: INTEGER holds 10 digits, BIGINT 19.
INTEGER = Value(Family.INTEGER, 10)
BIGINT = Value(Family.INTEGER, 19)

_NAMES = {
    "INTEGER": INTEGER, "INT": INTEGER, "BIGINT": BIGINT, "VARCHAR": TEXT, "TEXT": TEXT,
    "DATE": DATE, "TIMESTAMP": DATETIME, "BOOLEAN": BOOLEAN,
}  # fmt: skip


def of_sql(name: str) -> Value:
    """The value a column of an SQL type holds: ``VARCHAR``, ``DECIMAL(14,2)``."""
    head, _, digits = name.upper().replace(" ", "").rstrip(")").partition("(")
    if head == "DECIMAL":
        precision, _, scale = digits.partition(",")
        return Value(Family.DECIMAL, int(precision), int(scale or 0))
    return _NAMES[head]


def decimal(precision: int, scale: int) -> Value:
    """A decimal of at most 38 digits."""
    return Value(Family.DECIMAL, min(precision, 38), scale)


@dataclass(frozen=True, slots=True)
class Relation:
    """A table, a CTE, a subquery or the table of periods, as the query around it sees it.

    :param columns: what it returns.
    :param keys: columns that, with the landlord, tell its rows apart; empty where not known.
    :param marks: columns that are part of a key somewhere.
    """

    columns: Mapping[str, Value]
    keys: frozenset[str] = frozenset()
    marks: frozenset[str] = frozenset()

    @property
    def landlord(self) -> bool:
        """Whether its rows belong to landlords."""
        return "landlord" in self.columns


PERIOD = Relation(
    {"period_id": INTEGER, "start_on": DATE, "end_on": DATE},
    frozenset({"period_id"}),
    frozenset({"period_id"}),
)


@dataclass(slots=True)
class Source:
    """A relation under its alias in one SELECT."""

    alias: str
    relation: Relation
    period: bool = False
    #: From the right-hand side of a LEFT JOIN: its columns may be NULL.
    outer: bool = False


@dataclass(slots=True)
class Scope:
    """What the columns of one SELECT may refer to."""

    sources: dict[str, Source] = field(default_factory=dict)
    around: Scope | None = None

    def records(self) -> list[Source]:
        """Sources whose rows belong to landlords."""
        return [s for s in self.sources.values() if s.relation.landlord]
