"""Rows of a file becoming rows of the database: each field held to what it may be."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Model

from kloe.core.messages import Message, _
from kloe.web.assessments.models import Assessment
from kloe.web.evidence.models import StoredFile
from kloe.web.moving.already import already_here, free_reference
from kloe.web.moving.meeting import Parties, People
from kloe.web.moving.models import LooseEnd
from kloe.web.moving.shapes import Column, Kind, Shape, shapes
from kloe.web.moving.tables import PATTERNS
from kloe.web.moving.unpacking import fault
from kloe.web.moving.values import NoSuchValue, read

AT_ONCE = 500
Row = tuple[int, dict[str, Any]]


class Rows:
    """What the rows of a file become, table by table, each after those it points to."""

    def __init__(
        self,
        assessment: Assessment,
        parties: Parties,
        people: People,
        file: Callable[[Any], StoredFile],
        notes: list[Message],
    ) -> None:
        self.assessment = assessment
        self.parties = parties
        self.people = people
        self.file = file
        self.notes = notes
        #: By table, the key a row has in the file, and its key here.
        self._keys: dict[str, dict[Any, Any]] = {}
        #: Rows that were here already, by table.
        self._known: dict[str, set[Any]] = {}
        self._editions = set[str]()
        self._targets = {
            c.to for s in shapes() for c in (*s.columns, *s.many) if c.kind is Kind.ROW
        }

    def bring_in(self, shape: Shape, rows: Iterator[Row]) -> int:
        """Write the rows of a table; gives how many.

        :raises InvalidInput: at the first that is not what it has to be.
        """
        keys = self._keys.setdefault(shape.name, {})
        count = 0
        waiting: list[tuple[Any, Any, dict[str, list[Any]]]] = []
        for number, said in rows:
            count += 1
            try:
                made = self._made(shape, said)
                lists = self._lists(shape, said)
            except NoSuchValue as error:
                raise fault(shape.entry, number, str(error)) from None
            if made is None:
                continue
            key = self._key(shape, said, number)
            there = already_here(made, self.parties.owner)
            if there is not None:
                keys[key] = there
                self._known.setdefault(shape.name, set()).add(there)
                self._link(shape, [(there, lists)])
                continue
            if note := free_reference(made):
                self.notes.append(note)
            waiting.append((key, made, lists))
            if len(waiting) >= AT_ONCE:
                self._write(shape, waiting)
        self._write(shape, waiting)
        return count

    def _key(self, shape: Shape, said: dict[str, Any], number: int) -> Any:
        if shape.table.natural:
            return tuple(said.get(name) for name in shape.table.natural)
        return number if shape.numbered else said.get(shape.model._meta.pk.name)

    def _write(self, shape: Shape, waiting: list[tuple[Any, Any, dict[str, list[Any]]]]) -> None:
        shape.model._default_manager.bulk_create([made for _key, made, _lists in waiting])
        if shape.name in self._targets:
            self._keys[shape.name].update({key: made.pk for key, made, _lists in waiting})
        self._link(shape, [(made.pk, lists) for _key, made, lists in waiting])
        waiting.clear()

    def _link(self, shape: Shape, rows: list[tuple[Any, dict[str, list[Any]]]]) -> None:
        for column in shape.many:
            through = column.field.remote_field.through
            here = f"{column.field.m2m_field_name()}_id"
            there = f"{column.field.m2m_reverse_field_name()}_id"
            through._default_manager.bulk_create(
                [
                    through(**{here: pk, there: other})
                    for pk, lists in rows
                    for other in lists[column.name]
                ],
                ignore_conflicts=True,
            )

    # One row

    def _made(self, shape: Shape, said: dict[str, Any]) -> Model | None:
        names = {c.name for c in (*shape.columns, *shape.many)}
        if unknown := sorted(said.keys() - names):
            raise NoSuchValue(
                str(_("“%(name)s” is no field of this kloe, which is older", name=unknown[0][:60]))
            )
        values: dict[str, Any] = {}
        for column in shape.columns:
            if column.name not in said:
                # A field that came with a later kloe than the one that wrote the file.
                values |= _default(column)
                continue
            try:
                values[column.field.attname] = self._value(shape, column, said[column.name])
            except (NoSuchValue, ValueError) as error:
                raise NoSuchValue(
                    str(_("%(name)s cannot be “%(given)s”", name=column.name, given=error))
                ) from None
            told_of = values[column.field.attname] if column.to == "actions" else None
            if told_of in self._known.get("actions", ()):
                # What is told of an action that is here already is here already too.
                return None
        return shape.model(**values)

    def _value(self, shape: Shape, column: Column, given: Any) -> Any:
        if column.kind is Kind.PLAIN:
            if column.name == shape.table.loose:
                return self._loose(shape, column, given)
            pattern = PATTERNS.get(f"{shape.table.model}.{column.name}")
            if pattern and not re.fullmatch(pattern, str(given)):
                raise NoSuchValue(repr(given)[:60])
            return read(column.field, given)
        if given is None:
            if column.field.null:
                return None
            raise NoSuchValue("nothing")
        if column.kind is Kind.SELF:
            if given != "self":
                raise NoSuchValue(str(given)[:60])
            return self.assessment.pk
        if column.kind is Kind.PERSON:
            return self.people.find(given).pk
        if column.kind is Kind.PARTY:
            return self.parties.of(given).pk
        if column.kind is Kind.FILE:
            return self.file(given).pk
        if column.kind is Kind.EDITION:
            return self._edition(given)
        return self._row(column, given)

    def _row(self, column: Column, given: Any) -> Any:
        """A row of another table of the file, never one of somebody else's."""
        key = tuple(given) if isinstance(given, list) else given
        keys = self._keys.get(column.to)
        if keys is None and column.field.null:
            # A table that stayed behind.
            return None
        try:
            return (keys or {})[key]
        except (KeyError, TypeError):
            raise NoSuchValue(str(given)[:60]) from None

    def _edition(self, given: Any) -> str:
        from kloe.web.library.models import FrameworkEdition

        if not isinstance(given, str) or not FrameworkEdition.objects.filter(pk=given).exists():
            raise NoSuchValue(str(given)[:60])
        return given

    def _lists(self, shape: Shape, said: dict[str, Any]) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = {}
        for column in shape.many:
            given = said.get(column.name, [])
            if not isinstance(given, list):
                raise NoSuchValue(f"{column.name}: {str(given)[:60]}")
            try:
                if column.kind is Kind.PERSON:
                    found[column.name] = [self.people.find(one).pk for one in given]
                else:
                    found[column.name] = [self._row(column, one) for one in given]
            except ValueError as error:
                raise NoSuchValue(f"{column.name}: {error}") from None
        return found

    # What points to other assessments

    def _loose(self, shape: Shape, column: Column, given: Any) -> UUID | None:
        if given is None:
            return None
        try:
            target = UUID(given)
        except (ValueError, AttributeError, TypeError):
            raise NoSuchValue(str(given)[:60]) from None
        if Assessment.objects.filter(pk=target, organisation=self.parties.owner).exists():
            return target
        LooseEnd.objects.create(
            assessment=self.assessment, place=f"{shape.name}.{column.name}", target=target
        )
        return None

    def finish(self) -> None:
        """Tie what other assessments of the organisation have loose for this one."""
        by_name = {s.name: s for s in shapes()}
        ends = LooseEnd.objects.filter(
            target=self.assessment.pk, assessment__organisation=self.parties.owner
        )
        for end in ends:
            table, _dot, field = end.place.partition(".")
            model = by_name[table].model
            model._default_manager.filter(pk=end.assessment_id).update(
                **{f"{field}_id": end.target}
            )
            end.delete()


def _default(column: Column) -> dict[str, Any]:
    field = column.field
    if field.has_default() and not field.primary_key:
        return {}
    if field.null:
        return {field.attname: None}
    if isinstance(field, models.CharField | models.TextField) and field.blank:
        return {field.attname: ""}
    raise NoSuchValue(str(_("%(name)s is missing", name=column.name)))
