"""The ground of the recomputations: records as plain lists of dicts, and how a measure is told.

One file for each area, ``recompute/<area>.py``; it is found by its being there. In it, for each
measure, a function that is given the records and a period and yields one thing for each case:

.. code-block:: python

    @measure("rents/days-to-first-action")
    def days_to_first_action(records: Records, period: Period, *, days: int) -> Cases:
        for row in records.rows("arrears_case"):
            if period.start <= row["opened_on"] <= period.end:
                yield value(row["case_ref"], 3)  # a case of a distribution
                yield left_out(row["case_ref"], "no-action")  # a case excluded, by its key
                yield case(row["case_ref"], 0, 1)  # a case of any other kind
                yield case(row["case_ref"], 0, 1, "ethnicity", "arab")  # one of a group

Written from the words of ``measure.yaml`` (title, numerator, denominator, exclusions, settings,
notes) and the layouts alone; nobody looks at ``measure.sql`` before there is a difference. Then
whoever is wrong is corrected, and where it was the SQL or the words, a case is added to
``cases.yaml`` that would have caught it.

- Parameters after ``*`` are the settings of the measure, by name, at their own values.
- A group is (characteristic, grp) of a gap or representation, (stratum,) of an adequacy.
- A rate per thousand homes yields (ref, 1, 0) for each case and (ref, 0, 1) for each home.
- Amounts are int or Decimal, never float; days count at both ends of a period.
- ``records.rows(table)``, ``records.by(table, column)`` (rows by value) and
  ``records.one(table, column)`` (the only row of each value) are read once and kept; what is made
  of them once for several measures goes through ``records.kept(name, make)``.
- Rows of the table are dicts by column name, None where nothing is recorded.

``recompute/exceptions.py`` names what is 0 or 100 per cent on generated records, each with its
reason.
"""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq

from kloe.core.periods import Period
from kloe.measures.catalogue import catalogue
from kloe.records.layouts import layout

Row = dict[str, Any]
Group = tuple[str | None, ...]


class Case(NamedTuple):
    """What one case adds."""

    ref: str
    numerator: int | Decimal | None = None
    denominator: int | Decimal | None = None
    value: int | Decimal | None = None
    excluded: str | None = None
    group: Group = ()


Cases = Iterator[Case]
Recomputation = Callable[..., Iterable[Case]]


def case(
    ref: str, numerator: int | Decimal, denominator: int | Decimal, *group: str | None
) -> Case:
    """A case that is counted."""
    return Case(ref, numerator=numerator, denominator=denominator, group=group)


def value(ref: str, amount: int | Decimal, *group: str | None) -> Case:
    """A case of a distribution."""
    return Case(ref, value=amount, group=group)


def left_out(ref: str, key: str, *group: str | None) -> Case:
    """A case that is excluded."""
    return Case(ref, excluded=key, group=group)


#: The recomputations by the identifier of their measure.
ALL: dict[str, Recomputation] = {}


def measure(id_: str) -> Callable[[Recomputation], Recomputation]:
    """Register a function as the recomputation of a measure."""

    def register(function: Recomputation) -> Recomputation:
        assert id_ not in ALL, f"{id_} is recomputed twice"
        ALL[id_] = function
        return function

    return register


class Records:
    """A set of records, each table read when it is first wanted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._kept: dict[Any, Any] = {}

    def kept(self, name: Any, make: Callable[[], Any]) -> Any:
        """What was made under this name; made now if it never was."""
        if name not in self._kept:
            self._kept[name] = make()
        return self._kept[name]

    def rows(self, table: str) -> list[Row]:
        """All rows of a table."""

        def read() -> list[Row]:
            path = self.folder / f"{table}.parquet"
            names = [c.name for c in layout(table).columns]
            return pq.read_table(path, columns=names).to_pylist() if path.is_file() else []

        return self.kept(table, read)

    def by(self, table: str, column: str) -> dict[Any, list[Row]]:
        """The rows of a table by the value of a column; those without a value are left out."""

        def make() -> dict[Any, list[Row]]:
            found: dict[Any, list[Row]] = {}
            for row in self.rows(table):
                if row[column] is not None:
                    found.setdefault(row[column], []).append(row)
            return found

        return self.kept((table, column), make)

    def one(self, table: str, column: str) -> dict[Any, Row]:
        """The only row of a table for each value of a column that is its key."""

        def make() -> dict[Any, Row]:
            found = self.by(table, column)
            assert all(len(rows) == 1 for rows in found.values()), f"{table}.{column} is no key"
            return {key: rows[0] for key, rows in found.items()}

        return self.kept((table, column, "one"), make)


def within(day: date | None, period: Period) -> bool:
    """Whether a day is known and lies in the period."""
    return day is not None and period.start <= day <= period.end


def in_force(row: Row, day: date, start: str = "start_on", end: str = "end_on") -> bool:
    """Whether what has a first and last day lasts on a day; an empty last day is still to come."""
    return row[start] is not None and row[start] <= day and (row[end] is None or row[end] >= day)


def since(first: date, last: date) -> int:
    """Days from one to the other."""
    return (last - first).days


def months_before(day: date, months: int) -> date:
    """The same day some months before, or the last of that month."""
    count = day.year * 12 + day.month - 1 - months
    year, month = divmod(count, 12)
    first_of_next = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), first_of_next - _DAY)


def year_of(day: date) -> int:
    """The financial year a day lies in, by its first calendar year."""
    return day.year if day.month >= 4 else day.year - 1


_DAY = timedelta(days=1)


@dataclass
class Numbers:
    """What cases add up to."""

    numerator: Decimal = Decimal(0)
    denominator: Decimal = Decimal(0)
    n: int = 0
    excluded: Counter[str] = field(default_factory=Counter)
    values: Counter[Decimal] = field(default_factory=Counter)

    def add(self, one: Case, *, count: bool) -> None:
        """One case more."""
        if one.excluded is not None:
            self.excluded[one.excluded] += 1
        elif one.value is not None:
            self.values[Decimal(one.value)] += 1
            self.n += 1
        else:
            numerator, denominator = Decimal(one.numerator), Decimal(one.denominator)
            self.numerator += numerator
            self.denominator += denominator
            self.n += denominator != 0 or (count and numerator != 0)


def recomputed(id_: str, records: Records, period: Period) -> list[Case]:
    """The cases of one measure, as its recomputation tells them."""
    told = ALL[id_]
    settings = catalogue().get(id_).setting_values()
    wanted = {
        name: settings[name]
        for name, parameter in inspect.signature(told).parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    }
    return list(told(records, period, **wanted))


def added(cases: Iterable[Case], *, count: bool = False) -> dict[Group, Numbers]:
    """Cases added up by group.

    :param count: whether the measure is a bare count, which also counts cases out of nothing.
    """
    found: dict[Group, Numbers] = {}
    for one in cases:
        found.setdefault(one.group, Numbers()).add(one, count=count)
    return found
