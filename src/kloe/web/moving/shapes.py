"""How the fields of a table are written and read: what each of them points to."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any

from django.apps import apps
from django.db import models

from kloe.web.moving.tables import TABLES, Table


class Kind(StrEnum):
    """What a field holds, as a file has it."""

    PLAIN = "plain"
    #: The assessment itself: never written, filled in on arrival.
    SELF = "self"
    PERSON = "person"
    #: Owner, conductor or landlord of the assessment.
    PARTY = "party"
    EDITION = "edition"
    FILE = "file"
    #: A row of another table of the file.
    ROW = "row"


@dataclass(frozen=True)
class Column:
    """A field of a table that travels."""

    field: Any
    kind: Kind
    #: The table a ``ROW`` points to.
    to: str = ""

    @property
    def name(self) -> str:
        return str(self.field.name)


@dataclass(frozen=True)
class Shape:
    """A table with its fields."""

    table: Table
    model: type[models.Model]
    columns: tuple[Column, ...]
    #: Fields with many rows or people each, written as a list in the row.
    many: tuple[Column, ...]
    #: Whether the primary key is a number given out by the database.
    numbered: bool
    after: frozenset[str] = field(default_factory=frozenset)

    @property
    def name(self) -> str:
        return self.table.name

    @property
    def entry(self) -> str:
        """Where its rows lie in the file."""
        return f"rows/{self.table.name}.jsonl"


def stands_for_assessment(model: type[models.Model]) -> bool:
    """Whether a row of this model is the assessment, or one with it by its key."""
    from kloe.web.assessments.models import Assessment

    key = model._meta.pk
    return model is Assessment or (
        isinstance(key, models.OneToOneField) and stands_for_assessment(key.related_model)
    )


_FIXED = {
    "accounts.User": Kind.PERSON,
    "organisations.Organisation": Kind.PARTY,
    "library.FrameworkEdition": Kind.EDITION,
    "evidence.StoredFile": Kind.FILE,
}


def _column(one: Any, names: dict[str, str], table: Table) -> Column:
    if not one.is_relation:
        return Column(one, Kind.PLAIN)
    target = one.related_model
    if one.name == table.loose:
        return Column(one, Kind.PLAIN)
    if stands_for_assessment(target):
        return Column(one, Kind.SELF)
    label = target._meta.label
    if label in _FIXED:
        return Column(one, _FIXED[label])
    if label in names:
        return Column(one, Kind.ROW, names[label])
    raise LookupError(f"{table.model}.{one.name} points to {label}, which does not travel")


def shape_of(table: Table) -> Shape:
    """The fields of a table, and to what they point.

    :raises LookupError: where one points to something that does not travel.
    """
    model = apps.get_model(table.model)
    names = {t.model: t.name for t in TABLES}
    numbered = isinstance(model._meta.pk, models.AutoField)
    columns = tuple(
        _column(f, names, table)
        for f in model._meta.concrete_fields
        if f.name not in table.without and not (f.primary_key and numbered)
    )
    many = tuple(_column(f, names, table) for f in model._meta.many_to_many)
    needs = frozenset(c.to for c in (*columns, *many) if c.kind is Kind.ROW)
    return Shape(table, model, columns, many, numbered, needs - {table.name})


@cache
def shapes() -> tuple[Shape, ...]:
    """All tables, each after those it points to."""
    waiting = {t.name: shape_of(t) for t in TABLES}
    placed: dict[str, Shape] = {}
    while waiting:
        ready = [s for s in waiting.values() if s.after <= placed.keys()]
        if not ready:
            raise LookupError(f"tables point to each other in a circle: {sorted(waiting)}")
        for one in ready:
            placed[one.name] = waiting.pop(one.name)
    return tuple(placed.values())
