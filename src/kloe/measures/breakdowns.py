"""Breakdowns, defined once: by which column of which table a measure's cases can be split.

A measure returns the key (the home, the person, the tenancy) of each case; the join that brings
in the column is written here, the same for all, in SQL that every engine reads alike. By a
tenancy, people stand for their first tenant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kloe.core.errors import InvalidInput
from kloe.core.messages import Message, _
from kloe.measures.compose import Query


@dataclass(frozen=True, slots=True)
class Dimension:
    """One way to split: the table, the expression over it (as ``b``), and columns it needs."""

    name: str
    words: Message
    table: str
    expression: str
    columns: tuple[str, ...]


_BANDS = ((25, "under 25"), (35, "25-34"), (45, "35-44"), (55, "45-54"), (65, "55-64"),
          (75, "65-74"))  # fmt: skip


def _age() -> str:
    age = "EXTRACT(YEAR FROM bp.end_on) - b.birth_year"
    bands = " ".join(f"WHEN {age} < {below} THEN '{name}'" for below, name in _BANDS)
    return f"CASE WHEN b.birth_year IS NULL THEN NULL {bands} ELSE '75 and over' END"


def _plain(table: str, name: str, words: Message) -> Dimension:
    return Dimension(name, words, table, f"b.{name}", (name,))


DIMENSIONS: Mapping[str, Dimension] = {
    d.name: d
    for d in (
        _plain("property", "area", _("area")),
        _plain("property", "estate", _("estate")),
        _plain("property", "property_type", _("kind of home")),
        Dimension("bedrooms", _("bedrooms"), "property", "CAST(b.bedrooms AS VARCHAR(20))",
                  ("bedrooms",)),
        _plain("property", "needs_type", _("whom the home is meant for")),
        _plain("property", "tenure_type", _("terms on which the home is let")),
        _plain("tenancy", "tenure", _("kind of tenancy")),
        _plain("person", "ethnicity", _("ethnic group")),
        _plain("person", "gender", _("gender")),
        _plain("person", "disability", _("disability")),
        _plain("person", "language", _("language")),
        _plain("person", "religion", _("religion or belief")),
        _plain("person", "sexual_orientation", _("sexual orientation")),
        Dimension("age_band", _("age"), "person", _age(), ("birth_year",)),
        Dimension(
            "vulnerability", _("vulnerability"), "person",
            "CASE WHEN b.vulnerability IS NULL THEN NULL WHEN b.vulnerability = 'none'"
            " THEN 'none' ELSE 'recorded' END", ("vulnerability",),
        ),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Split:
    """How one measure is split one way: its own columns, or joins and an expression."""

    by: str | None = None
    own: tuple[str, ...] = ()
    joins: str = ""
    named: Mapping[str, str] = field(default_factory=dict)
    needs: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def width(self) -> int:
        """How many columns the split adds."""
        return len(self.own) + len(self.named)


_TIED = "b.landlord = {from_}.landlord AND b.{key} = {from_}.{key}"
_LEADS = (
    "(SELECT bm.landlord, bm.tenancy_ref, MIN(bm.person_ref) AS person_ref"
    " FROM tenancy_member AS bm WHERE bm.role = 'lead' GROUP BY bm.landlord, bm.tenancy_ref)"
)
_KEY = {"property": "property_ref", "person": "person_ref", "tenancy": "tenancy_ref"}


def split(query: Query, by: str | None) -> Split:
    """How a measure is split; by nothing, only as its kind asks.

    :raises InvalidInput: where the measure cannot be split so.
    """
    always = query.measure.kind.groups
    if by is None:
        return Split(own=always)
    if by in query.own_groups:
        return Split(by, (*always, *(() if by in always else (by,))))
    dimension, keys = DIMENSIONS.get(by), query.keys
    if dimension is not None:
        key = _KEY[dimension.table]
        joins, needs = "", {dimension.table: frozenset({*dimension.columns, key})}
        source = "m" if key in keys else ""
        if not source and "tenancy_ref" in keys:
            source, tie = "bt", "bt.landlord = m.landlord AND bt.tenancy_ref = m.tenancy_ref"
            if dimension.table == "property":
                joins = f"\nLEFT JOIN tenancy AS bt ON {tie}"
                needs["tenancy"] = frozenset({"tenancy_ref", "property_ref"})
            else:
                joins = f"\nLEFT JOIN {_LEADS} AS bt ON {tie}"
                needs["tenancy_member"] = frozenset({"tenancy_ref", "person_ref", "role"})
        if source:
            joins += f"\nLEFT JOIN {dimension.table} AS b ON " + _TIED.format(from_=source, key=key)
            if "bp." in dimension.expression:
                joins += "\nJOIN period AS bp ON bp.period_id = m.period_id"
            return Split(by, always, joins, {by: dimension.expression}, needs)
    raise InvalidInput(
        _("%(id)s cannot be broken down by “%(by)s”.", id=query.measure.id, by=by),
        _("It can be by: %(all)s.", all=", ".join(possible(query)) or "nothing"),
    )


def possible(query: Query) -> tuple[str, ...]:
    """Everything a measure can be broken down by."""
    tables = {"property_ref": ("property",), "person_ref": ("person",),
              "tenancy_ref": ("tenancy", "property", "person")}  # fmt: skip
    opened = {table for key in query.keys for table in tables[key]}
    named = [name for name, d in DIMENSIONS.items() if d.table in opened]
    return tuple(dict.fromkeys([*query.own_groups, *named]))
