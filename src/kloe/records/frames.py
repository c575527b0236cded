"""Frames: the records a sample is drawn from, named as data or put together of simple conditions.

A frame is a table of the layouts with conditions on its columns, and the days it speaks of: rows
dated in a period, or those open on its last day. Those commonly wanted are content
(``content/frames/<id>.yaml``); any other is a table with ``--where``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from typing import Any

from kloe.core.digest import value_digest
from kloe.core.errors import InvalidInput, NotFound
from kloe.core.messages import Message, Text, _
from kloe.core.periods import Period
from kloe.records.layouts import Column, Layout, Type, layout, table_names
from kloe.records.reading import Block, only, read, text, words

CONTENT = Path(__file__).resolve().parent.parent / "content" / "frames"
_FRAME = ("title", "about", "table", "on", "open", "where", "by")
_ID = re.compile(r"[a-z][a-z]*(-[a-z]+)*")
_ENDS = 2
DATED = (Type.DATE, Type.DATETIME)
_TRUTH = {"true": True, "yes": True, "false": False, "no": False}


@dataclass(frozen=True, slots=True)
class Condition:
    """A column has one of some values, or (``negated``) none of them. None is *empty*."""

    column: str
    values: tuple[str | None, ...]
    negated: bool = False

    def as_list(self) -> list[Any]:
        """For storage."""
        return [self.column, list(self.values), self.negated]

    @property
    def words(self) -> str:
        """As it is written with ``--where``."""
        told = ",".join("" if v is None else v for v in self.values)
        return f"{self.column}{'!=' if self.negated else '='}{told}"


@dataclass(frozen=True, slots=True)
class Frame:
    """What a sample can be drawn from.

    :param on: the column whose day has to lie in the period; none for every row.
    :param open: in place of it two columns, begun and ended: open on the period's last day.
    :param by: columns by which it is commonly stratified.
    """

    table: str
    id: str = ""
    title: Text = field(default_factory=lambda: Text({}))
    about: Text = field(default_factory=lambda: Text({}))
    on: str | None = None
    open: tuple[str, str] | None = None
    where: tuple[Condition, ...] = ()
    by: tuple[str, ...] = ()

    @property
    def dated(self) -> bool:
        """Whether it speaks of a period."""
        return self.on is not None or self.open is not None

    @property
    def columns(self) -> frozenset[str]:
        """The columns it reads."""
        days = {self.on} if self.on else set(self.open or ())
        return frozenset({*layout(self.table).key, *days, *(c.column for c in self.where)})

    @property
    def digest(self) -> str:
        """Digest of what decides which rows belong to it."""
        return value_digest(self.as_dict())

    def as_dict(self) -> dict[str, Any]:
        """What decides which rows belong to it, for storage."""
        return {
            "table": self.table,
            "on": self.on,
            "open": list(self.open) if self.open else None,
            "where": [c.as_list() for c in self.where],
        }

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any], id: str = "") -> Frame:
        """As it was stored."""
        return cls(
            table=raw["table"],
            id=id,
            on=raw["on"],
            open=tuple(raw["open"]) if raw["open"] else None,
            where=tuple(Condition(c, tuple(v), bool(n)) for c, v, n in raw["where"]),
        )

    def narrowed(self, where: Sequence[str] = (), on: str | None = None) -> Frame:
        """With further conditions, as people write them, and another column of days.

        :raises InvalidInput: for what is no condition, or a value the column cannot hold.
        :raises NotFound: for a column the table does not have.
        """
        found = replace(self, where=(*self.where, *(condition(self.table, w) for w in where)))
        if on is None:
            return found
        column = layout(self.table).column(on)
        if column.type not in DATED:
            raise InvalidInput(
                _("%(table)s.%(column)s is no day.", table=self.table, column=on),
                _("Days are in: %(all)s.", all=", ".join(days_of(layout(self.table))) or "–"),
            )
        return replace(found, on=on, open=None)

    def sql(self, period: Period | None, alias: str = "m") -> str:
        """The condition its rows meet, in SQL that every engine reads alike."""
        plan = layout(self.table)
        said = [_said(plan.column(c.column), c, alias) for c in self.where]
        if period is not None and self.on is not None:
            said.append(
                f"CAST({alias}.{self.on} AS DATE) BETWEEN {_day(period.start)}"
                f" AND {_day(period.end)}"
            )
        if period is not None and self.open is not None:
            begun, ended = self.open
            last = _day(period.end)
            said.append(
                f"CAST({alias}.{begun} AS DATE) <= {last} AND ({alias}.{ended} IS NULL"
                f" OR CAST({alias}.{ended} AS DATE) > {last})"
            )
        said += [f"{alias}.{key} IS NOT NULL" for key in plan.key]
        return " AND ".join(said)


def days_of(plan: Layout) -> tuple[str, ...]:
    """The columns of a table that hold days."""
    return tuple(c.name for c in plan.columns if c.type in DATED)


def frame_of_table(table: str) -> Frame:
    """Every row of a table.

    :raises NotFound: where there is no such table.
    """
    plan = layout(table)
    return Frame(table=table, title=plan.title, about=plan.about)


def condition(table: str, given: str) -> Condition:
    """A condition as people write it: ``column=value``, ``column=a,b``, ``column!=a``; nothing
    after the sign is *empty*.

    :raises InvalidInput: where it is none, or the column cannot hold the value.
    :raises NotFound: where the table has no such column.
    """
    name, equals, value = given.partition("=")
    if not equals or not name.strip("! "):
        raise InvalidInput(
            _("“%(one)s” is no condition.", one=given),
            _("As in status=completed, priority=emergency,urgent, closed_on= or status!=open."),
        )
    negated = name.endswith("!")
    column = layout(table).column(name.rstrip("! ").strip())
    parts = [part.strip() for part in value.split(",")]
    return Condition(column.name, tuple(_value(column, p) for p in parts), negated)


def _value(column: Column, given: Any) -> str | None:
    """A value as stored: held to what the column can hold."""
    if given is None or given == "":
        return None
    said = str(given).lower() if isinstance(given, bool) else str(given)
    if column.type is Type.CODE and said not in column.codes:
        raise InvalidInput(
            _("“%(value)s” is no code of %(column)s.", value=said, column=column.name),
            _("There are: %(all)s.", all=", ".join(column.codes)),
        )
    try:
        _literal(column, said)
    except (ValueError, InvalidOperation):
        raise InvalidInput(
            _("“%(value)s” does not fit %(column)s.", value=said, column=column.name),
            _("The column holds: %(type)s.", type=column.type.value),
        ) from None
    return said


def _literal(column: Column, value: str) -> str:
    if column.type is Type.BOOLEAN:
        if value.lower() not in _TRUTH:
            raise ValueError(value)
        return "TRUE" if _TRUTH[value.lower()] else "FALSE"
    if column.type is Type.INTEGER:
        return str(int(value))
    if column.type in (Type.MONEY, Type.DECIMAL):
        number = Decimal(value)
        if not number.is_finite():
            raise ValueError(value)
        return format(number, "f")
    if column.type is Type.DATE:
        return _day(date.fromisoformat(value))
    if column.type is Type.DATETIME:
        return f"TIMESTAMP '{datetime.fromisoformat(value).isoformat(' ')}'"
    return "'" + value.replace("'", "''") + "'"


def _day(day: date) -> str:
    return f"DATE '{day.isoformat()}'"


def _said(column: Column, one: Condition, alias: str) -> str:
    name = f"{alias}.{column.name}"
    values = [_literal(column, v) for v in one.values if v is not None]
    empty = len(values) < len(one.values)
    any_of = []
    if values:
        any_of.append(f"COALESCE({name} IN ({', '.join(values)}), FALSE)")
    if empty:
        any_of.append(f"{name} IS NULL")
    said = f"({' OR '.join(any_of)})"
    return f"NOT {said}" if one.negated else said


# Those that come along


@lru_cache(maxsize=4)
def frames(folder: Path = CONTENT) -> Mapping[str, Frame]:
    """Every frame that comes along, by its name.

    :raises InvalidInput: naming file and line of what is not as it has to be.
    """
    return {path.stem: _frame(path) for path in sorted(folder.glob("*.yaml"))}


def frame(name: str) -> Frame:
    """A frame by its name, or all rows of a table by the table's.

    :raises NotFound: where there is neither.
    """
    if name in frames():
        return frames()[name]
    if name in table_names():
        return frame_of_table(name)
    raise NotFound(
        _("There is no frame “%(name)s”.", name=name),
        _("There are: %(all)s; or any table of the layouts.", all=", ".join(frames())),
        _("“kloe records frames” says what each is."),
    )


def _frame(path: Path) -> Frame:
    block = read(path, f"frames/{path.name}")
    only(block, _FRAME, ("title", "about", "table"))
    if not _ID.fullmatch(path.stem) or path.stem in table_names():
        raise block.fault(_("“%(name)s” cannot be a frame's name.", name=path.stem))
    table = str(block["table"])
    where = block.get("where") or {}
    if not isinstance(where, dict):
        raise block.fault(_("“where” is a mapping from column to value or values."))
    opened = words(block, "open")
    if opened and (len(opened) != _ENDS or block.get("on")):
        raise block.fault(_("“open” names two columns, begun and ended, in place of “on”."))
    plan = layout(table)
    for day in (*opened, *([block["on"]] if block.get("on") else [])):
        if plan.column(day).type not in DATED:
            raise block.fault(_("%(column)s is no day.", column=day))
    return Frame(
        table=table,
        id=path.stem,
        title=text(block, "title"),
        about=text(block, "about"),
        on=block.get("on"),
        open=(opened[0], opened[1]) if opened else None,
        where=tuple(_given(block, plan, name, value) for name, value in where.items()),
        by=words(block, "by"),
    )


def _given(block: Block, plan: Layout, name: str, value: Any) -> Condition:
    values = value if isinstance(value, list) else [value]
    try:
        column = plan.column(name)
        return Condition(name, tuple(_value(column, v) for v in values))
    except (InvalidInput, NotFound) as error:
        raise block.fault(Message("%(error)s", error=str(error))) from error
