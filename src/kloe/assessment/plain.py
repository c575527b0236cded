"""Frozen dataclasses to plain JSON values and back, by their type hints.

What is written can be read again to an equal value. Texts and messages stay by language, so
that one stored value is read in any. A union of dataclasses is told apart by ``KIND``.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from kloe.assessment.wording import words_from_json, words_to_json
from kloe.core.errors import InvalidInput
from kloe.core.messages import Message, Text, _

T = TypeVar("T")
Reader = Callable[[Any], Any]
_AS_IT_IS = frozenset({type(None), bool, int, float})


def to_json(value: Any) -> Any:
    """A value as what ``json.dumps`` takes."""
    kind: Any = type(value)
    if kind is str:
        return value if value.isascii() else _whole(value)
    if kind in _AS_IT_IS:
        return value
    if kind is tuple or kind is list:
        return [to_json(v) for v in value]
    if is_dataclass(value):
        tag, names = _shape(kind)
        out = {name: to_json(getattr(value, name)) for name in names}
        return {"kind": tag, **out} if tag else out
    if isinstance(value, Text):
        return {"text": {k: _whole(v) for k, v in value.by_language.items()}}
    if isinstance(value, Message):
        return _clean(words_to_json(value))
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return _whole(value)
    if isinstance(value, Mapping):
        return {str(k): to_json(v) for k, v in value.items()}
    raise TypeError(f"{kind.__name__} is no value of a snapshot or report")


def _whole(text: str) -> str:
    """The text without halves of characters, which no file can hold."""
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return text.encode("utf-8", "replace").decode()
    return str(text)


def from_json(cls: type[T], data: Any) -> T:
    """The value of this class that ``to_json`` made ``data`` of.

    :raises InvalidInput: where ``data`` is not that.
    """
    try:
        return cast("T", _reader(cast("Any", cls))(data))
    except (KeyError, TypeError, ValueError, InvalidOperation, AttributeError) as error:
        raise InvalidInput(
            _(
                "This is no %(what)s that can be read here: %(error)s.",
                what=cls.__name__,
                error=repr(error),
            ),
            _("It must be JSON as this version of the program writes it."),
            _("Make it again from the assessment."),
        ) from error


@cache
def _names(cls: type) -> tuple[str, ...]:
    return tuple(f.name for f in fields(cls) if f.init)


@cache
def _shape(cls: type) -> tuple[str, tuple[str, ...]]:
    """What tells a class from others of a union, and its fields."""
    return getattr(cls, "KIND", ""), _names(cls)


@cache
def _reader(hint: Any) -> Reader:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return _union(get_args(hint))
    if origin is tuple:
        of = _reader(get_args(hint)[0])
        return lambda data: tuple(of(v) for v in _is(data, list))
    if origin is not None and issubclass(origin, Mapping):
        values = _reader(get_args(hint)[1])
        return lambda data: {k: values(v) for k, v in _is(data, dict).items()}
    if is_dataclass(hint):
        return _dataclass(cast("type", hint))
    if hint is Decimal:
        return lambda data: Decimal(_is(data, str))
    if hint is datetime:
        return lambda data: datetime.fromisoformat(_is(data, str))
    if hint is date:
        return lambda data: date.fromisoformat(_is(data, str))
    if hint is Text:
        return lambda data: Text(dict(data["text"]))
    if hint is Message:
        return _message
    if hint is float:
        return lambda data: float(_is(data, int | float))
    return lambda data: _is(data, hint)


def _message(data: Any) -> Message:
    """A message with what stands in it, which may be texts and messages again."""
    return cast("Message", words_from_json({"plural": None, "params": {}, **_is(data, dict)}))


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return _whole(value)
    if isinstance(value, dict):
        return {k: _clean(v) for k, v in value.items()}
    return [_clean(v) for v in value] if isinstance(value, list) else value


def _is(data: Any, kind: Any) -> Any:
    if not isinstance(data, kind) or (kind is int and isinstance(data, bool)):
        raise TypeError(f"{data!r:.60} where {getattr(kind, '__name__', kind)} is expected")
    return data


def _union(options: tuple[Any, ...]) -> Reader:
    """``X | None``, ``str | Text | Message``, or dataclasses told apart by ``KIND``."""
    rest = tuple(o for o in options if o is not type(None))
    if len(rest) < len(options):
        inner = _reader(rest[0]) if len(rest) == 1 else _union(rest)
        return lambda data: None if data is None else inner(data)
    if str in rest:

        def said(data: Any) -> Any:
            if isinstance(data, str):
                return data
            return Text(dict(data["text"])) if "text" in data else _message(data)

        return said
    # Classes of a union may hold the union itself, so readers are made when first needed.
    kinds = {o.KIND: o for o in rest}
    return lambda data: _reader(kinds[data["kind"]])(data)


def _dataclass(cls: type) -> Reader:
    readers: dict[str, Reader] = {}

    def read(data: Any) -> Any:
        if not readers:
            hints = get_type_hints(cls)
            readers.update({name: _reader(hints[name]) for name in _names(cls)})
        unknown = _is(data, dict).keys() - readers.keys() - {"kind"}
        if unknown:
            raise TypeError(f"{cls.__name__} has no {', '.join(sorted(unknown))}")
        return cls(
            **{name: readers[name](value) for name, value in data.items() if name in readers}
        )

    return read
