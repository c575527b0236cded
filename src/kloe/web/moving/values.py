"""Single values: as a file has them, and back; what is no such value is refused by name."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models


class NoSuchValue(ValueError):
    """A value that its field cannot hold."""


def written(value: Any) -> Any:
    """A value of the database as JSON has it, the same everywhere."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    return value


def _datetime(given: str) -> datetime:
    found = datetime.fromisoformat(given)
    if found.tzinfo is None:
        raise ValueError("without a time zone")
    # A moment before the first year, or after the last, by the clock that databases keep.
    found.astimezone(UTC)
    return found


_READERS: tuple[tuple[type[models.Field[Any, Any]], type | tuple[type, ...], Any], ...] = (
    (models.DateTimeField, str, _datetime),
    (models.DateField, str, date.fromisoformat),
    (models.TimeField, str, time.fromisoformat),
    (models.UUIDField, str, UUID),
    (models.DecimalField, str, Decimal),
    (models.BooleanField, bool, bool),
    (models.IntegerField, int, int),
    (models.FloatField, (int, float), float),
    (models.CharField, str, str),
    (models.TextField, str, str),
)


def read(field: Any, given: Any) -> Any:
    """What a field is to hold.

    :raises NoSuchValue: where it cannot hold this.
    """
    if given is None:
        if field.null:
            return None
        raise NoSuchValue("nothing")
    if isinstance(field, models.JSONField):
        if _holds_nul(given):
            raise NoSuchValue("a character that no text has")
        return given
    for kind, wanted, reader in _READERS:
        if isinstance(field, kind):
            if not isinstance(given, wanted) or (isinstance(given, bool) and wanted is not bool):
                raise NoSuchValue(type(given).__name__)
            return _checked(field, given, reader)
    raise TypeError(f"no way to read {field!r}")


def _holds_nul(given: Any) -> bool:
    """Whether a text anywhere in it, or a name, holds what PostgreSQL keeps in no text."""
    waiting = [given]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str) and "\0" in one:
            return True
        if isinstance(one, list):
            waiting += one
        elif isinstance(one, dict):
            waiting += [*one, *one.values()]
    return False


def _checked(field: Any, given: Any, reader: Any) -> Any:
    try:
        value = reader(given)
        if isinstance(value, str) and "\0" in value:
            raise NoSuchValue("a character that no text has")
        field.run_validators(value)
    except (ValueError, InvalidOperation, ValidationError, OverflowError) as error:
        if isinstance(error, NoSuchValue):
            raise
        raise NoSuchValue(str(given)[:60]) from None
    known = [key for key, _label in field.flatchoices or ()]
    if known and value not in known and value != "":
        raise NoSuchValue(str(given)[:60])
    return value
