"""Reading an assessment for its file: rows as canonical JSON lines, in an order of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Model, QuerySet

from kloe.core.errors import Conflict
from kloe.core.messages import _
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment
from kloe.web.audit import queries
from kloe.web.audit.models import AuditEvent
from kloe.web.evidence.models import StoredFile
from kloe.web.moving.models import EarlierEvent, LooseEnd
from kloe.web.moving.shapes import Column, Kind, Shape, shapes
from kloe.web.moving.tables import OWN_SUBJECTS, OWN_VERBS
from kloe.web.moving.values import written
from kloe.web.organisations.models import Organisation

#: Rows fetched at a time.
AT_ONCE = 500
EVENT = ("at", "actor", "actor_id", "verb", "subject_kind", "subject_id", "before", "after",
         "request")  # fmt: skip
PARTY = ("kind", "jurisdiction", "homes", "landlord_code", "small_number", "invented")


@contextmanager
def one_moment() -> Iterator[None]:
    """Read everything as it stood at one moment, holding nobody up."""
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "sqlite":
        # A transaction of Django takes the right to write at once; this one only looks.
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("COMMIT")
    else:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            yield


class Gathered:
    """One assessment, read table by table."""

    def __init__(self, assessment: Assessment, parts: frozenset[str]) -> None:
        self.assessment = assessment
        self.parts = parts
        self.people: dict[UUID, User] = {}
        self.files: dict[UUID, StoredFile] = {}
        self._keys: dict[str, dict[Any, Any]] = {}
        self._targets = {
            c.to for s in shapes() for c in (*s.columns, *s.many) if c.kind is Kind.ROW
        }

    # What it consists of

    def itself(self) -> dict[str, Any]:
        """The assessment's own row."""
        one = self.assessment
        plain = ("id", "kind", "title", "period_start", "period_end", "leading", "dataset",
                 "landlord_code", "scope_weights", "final_at", "created_at")  # fmt: skip
        return {name: written(getattr(one, name)) for name in plain} | {
            "organisation": one.organisation.name,
            "conducted_by": one.conducted_by.name,
            "subject": one.subject.name if one.subject else None,
            "lead": self.person(one.lead_id),
            "created_by": self.person(one.created_by_id),
        }

    def parts_left_out(self) -> set[str]:
        """Parts whose tables are not read."""
        return {s.table.part for s in shapes() if s.table.part} - self.parts

    def tables(self) -> Iterator[Shape]:
        """The tables that are read, each after those it points to."""
        return (s for s in shapes() if not s.table.part or s.table.part in self.parts)

    def rows(self, shape: Shape) -> Iterator[dict[str, Any]]:
        """The rows of a table; those it points to are read already."""
        keys = self._keys.setdefault(shape.name, {})
        remembered = shape.name in self._targets
        found = self._found(shape)
        number = 0
        for chunk in _chunks(found.iterator(chunk_size=AT_ONCE), AT_ONCE):
            lists = {c.name: self._many(c, [row.pk for row in chunk]) for c in shape.many}
            for row in chunk:
                number += 1
                said = {c.name: self._said(c, row, shape) for c in shape.columns}
                if remembered:
                    keys[row.pk] = self._key(shape, row, number, said)
                said |= {name: sorted(of.get(row.pk, ())) for name, of in lists.items()}
                yield said

    def _found(self, shape: Shape) -> QuerySet[Any]:
        manager = shape.model._default_manager
        inside = manager.filter(shape.table.where(self.assessment)).order_by()
        found = manager.filter(pk__in=inside.values("pk"))
        return found.order_by(*(shape.table.natural or ("pk",)))

    def _key(self, shape: Shape, row: Model, number: int, said: dict[str, Any]) -> Any:
        if shape.table.natural:
            return [said[name] for name in shape.table.natural]
        return number if shape.numbered else str(row.pk)

    def _said(self, column: Column, row: Any, shape: Shape) -> Any:
        value = getattr(row, column.field.attname)
        if column.kind is Kind.PLAIN:
            if column.name == shape.table.loose:
                return self._loose(shape, column, value)
            return written(value)
        if value is None:
            return None
        if column.kind is Kind.SELF:
            if value != self.assessment.pk:
                raise AssertionError(f"{shape.table.model}.{column.name} is of another assessment")
            return "self"
        if column.kind is Kind.PERSON:
            return self.person(value)
        if column.kind is Kind.PARTY:
            return self._party(value, shape, column)
        if column.kind is Kind.FILE:
            return self._file(value)
        if column.kind is Kind.ROW:
            # What points out of the assessment stays behind with the assessment it is of.
            return self._keys.get(column.to, {}).get(value)
        return str(value)

    def _loose(self, shape: Shape, column: Column, value: Any) -> str | None:
        if value is not None:
            return str(value)
        place = f"{shape.name}.{column.name}"
        end = LooseEnd.objects.filter(assessment=self.assessment, place=place).first()
        return str(end.target) if end else None

    def _many(self, column: Column, rows: list[Any]) -> dict[Any, list[Any]]:
        through = column.field.remote_field.through._default_manager
        here = column.field.m2m_column_name()
        there = column.field.m2m_reverse_name()
        found: dict[Any, list[Any]] = {}
        for one, other in through.filter(**{f"{here}__in": rows}).values_list(here, there):
            said = self.person(other) if column.kind is Kind.PERSON else None
            if column.kind is Kind.ROW:
                said = self._keys.get(column.to, {}).get(other)
            if said is not None:
                found.setdefault(one, []).append(said)
        return found

    # What it points to

    def person(self, pk: UUID | None) -> str | None:
        """A person, as the file names them: by address."""
        if pk is None:
            return None
        if pk not in self.people:
            self.people[pk] = User.objects.get(pk=pk)
        return self.people[pk].email

    def _party(self, pk: UUID, shape: Shape, column: Column) -> str:
        roles = self.roles()
        if pk not in roles:
            raise Conflict(
                _(
                    "A row of %(table)s belongs to an organisation with no part in the assessment.",
                    table=f"{shape.name} ({column.name})",
                ),
                _("What travels belongs to the owner, the conductor or the landlord."),
                _("Tell whoever runs this kloe: the row was changed behind the program."),
            )
        return roles[pk]

    def roles(self) -> dict[UUID, str]:
        """The organisations that have a part, and which."""
        one = self.assessment
        return {
            one.landlord_id: "landlord",
            one.conducted_by_id: "conductor",
            one.organisation_id: "owner",
        }

    def _file(self, pk: UUID) -> str:
        if pk not in self.files:
            self.files[pk] = StoredFile.objects.get(pk=pk)
        return self.files[pk].sha256

    def parties(self) -> list[dict[str, Any]]:
        """What is known of the organisations that have a part."""
        found = Organisation.objects.in_bulk(list(self.roles()))
        return [
            {"role": role, "id": str(pk), "name": found[pk].name,
             "entry": found[pk].named_by_id == self.assessment.organisation_id}
            | {name: getattr(found[pk], name) for name in PARTY}
            for pk, role in sorted(self.roles().items(), key=lambda one: one[1])
        ]  # fmt: skip

    def known_people(self) -> list[dict[str, str]]:
        """Everybody the rows name, by address."""
        found = sorted(self.people.values(), key=lambda one: one.email)
        return [{"email": one.email, "name": one.name} for one in found]

    def events(self) -> Iterator[dict[str, Any]]:
        """The trail: what came along from elsewhere, then what happened here."""
        here = AuditEvent.objects.filter(assessment_id=self.assessment.pk)
        came = queries.came(self.assessment.pk)
        own = here.exclude(verb__in=OWN_VERBS).exclude(subject_kind__in=OWN_SUBJECTS)
        if came is not None:
            # What was done before that is told by what it brought.
            own = own.filter(pk__gt=came.pk)
        earlier = EarlierEvent.objects.filter(assessment=self.assessment)
        for trail in (earlier, own):
            for event in trail.order_by("pk").iterator(chunk_size=AT_ONCE):
                yield {name: written(getattr(event, name)) for name in EVENT}


def _chunks(rows: Iterable[Any], size: int) -> Iterator[list[Any]]:
    rows = iter(rows)
    while chunk := list(islice(rows, size)):
        yield chunk
