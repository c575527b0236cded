"""Queries composed once for each process.

Composing a query from its parts costs Django more than the database needs to answer it. What a
page asks at every view is composed at its first, and afterwards only given its values.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Model, QuerySet

_UUIDS = [UUID(int=(0xFEED << 112) + n) for n in range(8)]
_TEXTS = [f"\ufdd0{n}" for n in range(8)]


class Prepared:
    """A ``values_list`` query with values to be filled in.

    ``build`` gets a stand-in for each value and gives the query set; ``kinds`` says of which
    kind each is (``UUID`` or ``str``). Calling gives the rows, converted as Django would.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], *kinds: type) -> None:
        self.build, self.kinds = build, kinds
        self._made: dict[str, tuple[str, list[tuple[bool, Any]], Any, Any]] = {}

    def _compose(self) -> tuple[str, list[tuple[bool, Any]], Any, Any]:
        stand_ins = [_UUIDS[n] if kind is UUID else _TEXTS[n] for n, kind in enumerate(self.kinds)]
        query = self.build(*stand_ins).query
        compiler = query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        given = {key_of(value): n for n, value in enumerate(stand_ins)}
        places = [
            (True, given[p]) if isinstance(p, str | UUID) and p in given else (False, p)
            for p in params
        ]
        if {n for known, n in places if known} != set(range(len(stand_ins))):
            raise RuntimeError("a value of a prepared query is not among its parameters")
        converters = compiler.get_converters([part[0] for part in compiler.select])
        return sql, places, compiler, converters

    def __call__(self, *values: UUID | str) -> Sequence[Sequence[Any]]:
        made = self._made.get(connection.vendor)
        if made is None:
            made = self._made[connection.vendor] = self._compose()
        sql, places, compiler, converters = made
        filled = [key_of(values[p]) if known else p for known, p in places]
        with connection.cursor() as cursor:
            cursor.execute(sql, filled)
            rows = cursor.fetchall()
        return list(compiler.apply_converters(rows, converters)) if converters else rows


class Insert:
    """One row of a model, whose key the database makes, put into its table.

    The statement is composed once for each process; fields that are not given get their default.
    """

    def __init__(self, model: type[Model]) -> None:
        self.model = model
        self._made: dict[str, tuple[str, list[Any]]] = {}

    def _compose(self) -> tuple[str, list[Any]]:
        meta = self.model._meta
        fields = [f for f in meta.concrete_fields if not f.primary_key]
        quote = connection.ops.quote_name
        names = ", ".join(quote(str(f.column)) for f in fields)
        places = ", ".join(["%s"] * len(fields))
        return f"INSERT INTO {quote(meta.db_table)} ({names}) VALUES ({places})", fields  # noqa: S608

    def __call__(self, **values: Any) -> None:
        """:param values: by the name the model keeps them under, keys of other rows as ``x_id``."""
        made = self._made.get(connection.vendor)
        if made is None:
            made = self._made[connection.vendor] = self._compose()
        sql, fields = made
        row = [
            f.get_db_prep_save(
                values.pop(f.attname) if f.attname in values else f.get_default(), connection
            )
            for f in fields
        ]
        if values:
            raise TypeError(f"{self.model.__name__} has no field {', '.join(values)}")
        with connection.cursor() as cursor:
            cursor.execute(sql, row)


def key_of(value: UUID | str) -> UUID | str:
    """A value as the database keeps it."""
    if isinstance(value, UUID) and not connection.features.has_native_uuid_field:
        return value.hex
    return value
