"""A table with the values that engines are known to quarrel over, and rows compared exactly."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from kloe.core.messages import Text
from kloe.core.periods import Period
from kloe.measures.catalogue import Catalogue
from kloe.measures.compose import Query, periods_table, sql_of, sums
from kloe.measures.engines.base import Engine, Held
from kloe.records.layouts import Column, Layout, Type, layout
from kloe.records.store import RecordSet

YEARS = (
    Period(date(2024, 4, 1), date(2025, 3, 31)),
    Period(date(2025, 4, 1), date(2026, 3, 31)),
)

#: pyspark leaves the sockets its rows come through to the garbage collector.
QUIET = [
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.xdist_group("spark"),
    pytest.mark.slow,
]

_COLUMNS = {
    "k": Type.INTEGER, "d1": Type.DATE, "d2": Type.DATE, "t1": Type.DATETIME, "t2": Type.DATETIME,
    "m": Type.MONEY, "q": Type.DECIMAL, "i": Type.INTEGER, "b": Type.BOOLEAN, "x": Type.TEXT,
    "y": Type.CODES,
}  # fmt: skip
_NOTHING = Text({})
_MADE = tuple(Column(name, type_, _NOTHING) for name, type_ in _COLUMNS.items())
LAYOUT = Layout(
    table="t",
    title=_NOTHING,
    about=_NOTHING,
    group="core",
    key=("k",),
    columns=_MADE,
    by_name={c.name: c for c in _MADE},
)
#: Leap days, month ends, the default date of spreadsheets; seconds either side of an hour;
#: halves to round; text in other alphabets, with spaces, a tab, wildcards, nothing.
ROWS: list[list[Any]] = [
    ["a", 1, date(2024, 1, 31), date(2024, 2, 29), datetime(2024, 1, 31, 23, 59, 59),
     datetime(2024, 2, 1, 0, 0, 1), Decimal("12.34"), Decimal("1.5"), 7, True, " Ŵyn x ",
     "damp;roof"],
    ["a", 2, date(2024, 2, 29), date(2023, 2, 28), datetime(2024, 3, 31, 0, 30),
     datetime(2024, 3, 31, 3, 29, 59, 999000), Decimal("-12.35"), Decimal("-1.499999"), -7, False,
     "ÉA_%", "ROOF"],
    ["b", 3, date(2023, 12, 31), date(2024, 1, 1), datetime(2023, 12, 31, 12, 0, 0, 500000),
     datetime(2024, 1, 1, 11, 59, 59, 400000), Decimal("0.01"), Decimal("0.5"), 2147483647, None,
     "", "12"],
    ["b", 4, None, date(1899, 12, 30), None, datetime(1900, 1, 1), None, None, None, True, None,
     None],
    ["b", 5, date(2025, 5, 5), None, datetime(2025, 5, 5, 10), None, Decimal("999999999999.99"),
     Decimal("2.5"), 5_000_000_000, False, "łódź\t", "zebra"],
    ["b", 6, date(2025, 5, 5), date(2025, 5, 5), datetime(2025, 5, 5, 10), datetime(2025, 5, 5, 10),
     Decimal("0.00"), Decimal("0.005"), 0, None, "damp", "damp"],
]  # fmt: skip


def table() -> dict[str, Held]:
    """The table, as engines hold it, and one period over it."""
    added = [[row[0], None, None, *row[1:]] for row in ROWS]
    return {
        "t": Held(LAYOUT.types, added),
        "period": Held(
            {"period_id": "INTEGER", "start_on": "DATE", "end_on": "DATE"},
            [(1, date(2023, 4, 1), date(2024, 3, 31)), (2, date(2024, 4, 1), date(2025, 5, 5))],
        ),
    }


def exact(value: Any) -> Any:
    """A value with its type, a decimal with all its places."""
    if isinstance(value, Decimal):
        return ("Decimal", str(value))
    return (type(value).__name__, value)


def exactly(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows with the types of their values, in an order of their own."""
    return sorted((tuple(exact(v) for v in row) for row in rows), key=repr)


def computed(
    records: RecordSet, engine: Engine, ids: list[str]
) -> dict[str, list[tuple[Any, ...]]]:
    """The rows that each measure's query gives over a set of records, for two years at once."""
    engine.hold({"period": periods_table(YEARS)})
    opened: set[str] = set()
    found = {}
    catalogue = Catalogue()
    for id_ in ids:
        query = Query.of(catalogue.get(id_))
        engine.open(records, sorted(set(query.needs) - opened))
        opened |= set(query.needs)
        if opened - set(records.tables):
            engine.hold({n: Held(layout(n).types) for n in opened - set(records.tables)})
        inner = sql_of(query.with_settings(), engine.name)
        found[id_] = exactly(engine.run(sums(query, inner, query.own_groups)))
    return found
