"""Ground for tests of moving: a row in every table that travels, every field of it filled."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.db import models

from kloe.core.digest import sha256_hex
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment
from kloe.web.evidence import storage
from kloe.web.moving.shapes import Column, Kind, Shape, shapes

#: Where rules of the database want something other than the first value there is.
WANTED: dict[str, dict[str, Any]] = {
    "plans.Action": {"status": "completed"},
    "evidence.EvidenceItem": {"deleted_at": None, "deleted_by": None, "deleted_reason": ""},
    "documents.Passage": {"state": "accepted"},
    "challenges.Draft": {"pdf": "a" * 64},
    "challenges.LateEvidence": {"url": ""},
    "publication.PublishedFile": {"edition": "public", "name": "report.pdf"},
    "publication.PublishedPage": {"slug": "inspection-2026"},
    "checks.CheckTemplate": {"organisation": None},
    "inspections.Inspection": {"again": None, "stage": "drafting"},
}
PUBLISHED = {f"publication.{x}" for x in ("Publication", "PublishedFile", "PublishedPage")}
BYTES = b"bytes of evidence, the same everywhere"


def value_for(field: Any) -> Any:
    """A value that a field can hold and that is not its default."""
    if known := [key for key, _label in field.flatchoices or () if key != field.get_default()]:
        return known[0]
    for rule in field.model._meta.constraints:
        # What the database holds a field to: one of some words.
        for condition in getattr(getattr(rule, "condition", None), "children", ()):
            if len(rule.condition) == 1 and condition[0] == f"{field.name}__in":
                return list(condition[1])[-1]
    if isinstance(field, models.JSONField):
        return [{"größe": 1.5, "was": "ŵ", "leer": None}]
    if isinstance(field, models.DateTimeField):
        return datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)
    for kind, value in (
        (models.DateField, date(2026, 3, 4)),
        (models.TimeField, None),
        (models.UUIDField, uuid4()),
        (models.DecimalField, Decimal("1234.50")),
        (models.BooleanField, True),
        (models.IntegerField, 7),
        (models.FloatField, 0.1),
        (models.EmailField, "somebody@example.org"),
        (models.URLField, "https://example.org/x"),
    ):
        if isinstance(field, kind):
            return time(9 if field.name == "start" else 17, 30) if value is None else value
    return f"Ŵ {field.name}"[: field.max_length]


class Filler:
    """Makes one row in each table, and updates those an assessment has from its beginning."""

    def __init__(self, assessment: Assessment, person: User) -> None:
        self.assessment, self.person = assessment, person
        self.made: dict[str, Any] = {}
        received = storage.receive([BYTES])
        self.file = storage.keep(received, assessment.organisation_id)

    def fill(self, *, publish: bool = True) -> dict[str, Any]:
        """A row of every table, by the table's name.

        :param publish: what is published is never removed: leave it out to remove the assessment.
        """
        for shape in shapes():
            if not publish and shape.table.model in PUBLISHED:
                continue
            self.made[shape.name] = self._row(shape)
            for column in shape.many:
                to = self.person if column.kind is Kind.PERSON else self.made[column.to]
                getattr(self.made[shape.name], column.name).set([to])
        return self.made

    def _row(self, shape: Shape) -> Any:
        keys = {c.field.attname: self.assessment.pk for c in shape.columns if c.kind is Kind.SELF}
        single = any(c.kind is Kind.SELF and c.field.unique for c in shape.columns)
        there = shape.model._default_manager.filter(**keys).first() if single else None
        if shape.name == "editions":
            return shape.model._default_manager.filter(**keys).first()
        values = {
            c.field.attname: self._value(shape, c)
            for c in shape.columns
            if c.field.attname not in keys and not (there and c.field.primary_key)
        }
        if there is None:
            return shape.model._default_manager.create(**keys, **values)
        shape.model._default_manager.filter(pk=there.pk).update(**values)
        there.refresh_from_db()
        return there

    def _value(self, shape: Shape, column: Column) -> Any:
        wanted = WANTED.get(shape.table.model, {})
        if column.name in wanted:
            return wanted[column.name]
        if column.kind is Kind.PERSON:
            return self.person.pk
        if column.kind is Kind.PARTY:
            landlord = bool(shape.table.part)
            one = self.assessment.landlord if landlord else self.assessment.organisation
            return one.pk
        if column.kind is Kind.FILE:
            return self.file.pk
        if column.kind is Kind.ROW:
            return self.made[column.to].pk
        return value_for(column.field)


def everything(assessment: Assessment) -> dict[str, list[dict[str, Any]]]:
    """All rows of an assessment, read without the export: every field as Django has it."""
    found = {}
    for shape in shapes():
        rows = shape.model._default_manager.filter(shape.table.where(assessment)).distinct()
        names = [c.field.attname for c in shape.columns if not (c.field.primary_key)]
        found[shape.name] = sorted(
            ({n: _plain(v) for n, v in row.items()} for row in rows.values(*names)), key=repr
        )
    return found


def _plain(value: Any) -> Any:
    return sha256_hex(str(value).encode()) if isinstance(value, UUID) else value
