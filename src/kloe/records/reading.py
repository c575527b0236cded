"""Strict reading of the content's YAML: layouts, mappings and measures.

Plain dicts, lists and scalars come out, but nothing is guessed: a key given twice is a fault,
a number with a point is a Decimal, only ``true`` and ``false`` are truth values (``yes``, ``no``
and ``on`` stay the words they are), and every mapping knows the line it stands on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from kloe.core.errors import InvalidInput
from kloe.core.messages import Message, Text, _

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WHOLE = re.compile(r"[-+]?(0|[1-9]\d*)")
_POINT = re.compile(r"[-+]?\d+\.\d+")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?")
_EMPTY = ("", "~", "null")
#: Quoted, or a block of text: the words as they stand.
_QUOTED = ("'", '"', "|", ">")


class Block(dict[str, Any]):
    """A mapping as read, which knows its file and line."""

    __slots__ = ("file", "line")

    def __init__(self, file: str, line: int) -> None:
        super().__init__()
        self.file = file
        self.line = line

    def fault(
        self, given: Message | str, allowed: Message | str = "", remedy: Message | str = ""
    ) -> InvalidInput:
        """The error that something in this block is not right, with its place."""
        return InvalidInput(f"{self.file}:{self.line}: {given}", allowed, remedy)


def parse(text: str, file: str) -> Any:
    """The value a YAML text holds.

    :raises InvalidInput: naming file and line, where it is not YAML or a key is given twice.
    """
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise InvalidInput(
            f"{file}:{line}: {getattr(error, 'problem', None) or error}",
            _("The file has to be YAML."),
            _("Look at the indentation and quotes around that line."),
        ) from error
    except RecursionError as error:
        raise _too_deep(file, 1) from error
    _check_shape(node, file)
    return _value(node, file)


#: Deeper than this nothing of ours is nested, and no file holds more parts, aliases written out.
_DEEPEST, _MOST = 40, 1_000_000


def _check_shape(root: Any, file: str) -> None:
    """Refuse what says more than it holds: aliases without end, and nesting."""
    waiting = [(root, 0)] if root is not None else []
    count = 0
    while waiting:
        node, depth = waiting.pop()
        if isinstance(node, yaml.ScalarNode):
            continue
        count += len(node.value)
        if depth > _DEEPEST or count > _MOST:
            raise _too_deep(file, node.start_mark.line + 1)
        inner = node.value
        if isinstance(node, yaml.MappingNode):
            inner = [one for _key, one in node.value]
        waiting += [(one, depth + 1) for one in inner]


def _too_deep(file: str, line: int) -> InvalidInput:
    return InvalidInput(
        f"{file}:{line}: " + str(_("Too much stands in each other.")),
        _("Nothing of ours is nested that deep."),
        _("Look at the indentation and brackets around that line."),
    )


def read(path: Path, shown: str | None = None) -> Block:
    """The mapping a YAML file holds; ``shown`` is the name used in messages."""
    file = shown or path.name
    found = parse(path.read_text(encoding="utf-8"), file)
    if not isinstance(found, Block):
        raise InvalidInput(
            _("%(file)s holds no mapping of keys to values.", file=file),
            "",
            _("Begin the file with a key, as in “title: ...”."),
        )
    return found


def _value(node: Any, file: str) -> Any:
    if node is None:
        return None
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node, file)
    if isinstance(node, yaml.SequenceNode):
        return [_value(one, file) for one in node.value]
    block = Block(file, node.start_mark.line + 1)
    for key_node, value_node in node.value:
        key = str(key_node.value)
        if key in block:
            raise InvalidInput(
                f"{file}:{key_node.start_mark.line + 1}: "
                + str(_("“%(key)s” is given twice.", key=key)),
                _("Each key may stand once in a block."),
                _("Leave one of the two out."),
            )
        block[key] = _value(value_node, file)
    return block


def _scalar(node: yaml.ScalarNode, file: str) -> Any:
    text = str(node.value)
    if node.style in _QUOTED:
        return text
    if text in _EMPTY:
        return None
    if text in ("true", "false"):
        return text == "true"
    if _WHOLE.fullmatch(text):
        return int(text)
    if _POINT.fullmatch(text):
        return Decimal(text)
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
        if _MOMENT.fullmatch(text):
            return datetime.fromisoformat(text)
    except ValueError as error:
        line = node.start_mark.line + 1
        raise InvalidInput(
            f"{file}:{line}: {_('“%(text)s” is no day of the calendar.', text=text)}"
        ) from error
    return text


def only(block: Block, allowed: Iterable[str], required: Iterable[str] = ()) -> None:
    """Hold a block to the keys it may and must have.

    :raises InvalidInput: naming the first that is too many or missing.
    """
    allowed = tuple(allowed)
    for key in block:
        if key not in allowed:
            raise block.fault(
                _("There is no key “%(key)s” here.", key=key),
                _("There are: %(all)s.", all=", ".join(allowed)),
            )
    for key in required:
        if block.get(key) is None:
            raise block.fault(_("“%(key)s” is missing.", key=key), "", _("Give it, however short."))


def one_of(block: Block, key: str, allowed: Sequence[str], default: str | None = None) -> str:
    """A word out of a list."""
    word = block.get(key, default)
    if word not in allowed:
        raise block.fault(
            _("“%(key)s” is “%(word)s”.", key=key, word=word),
            _("It may be: %(all)s.", all=", ".join(allowed)),
        )
    return str(word)


def listed(block: Block, key: str, each: Callable[[Any], bool], what: Message) -> tuple[Any, ...]:
    """The items of a list, each of the right form; nothing given is an empty list."""
    found = block.get(key)
    if found is None:
        return ()
    if not isinstance(found, list) or not all(each(one) for one in found):
        raise block.fault(
            _("“%(key)s” is not as it has to be.", key=key),
            _("It is a list of %(what)s.", what=what),
        )
    return tuple(found)


def words(block: Block, key: str) -> tuple[str, ...]:
    """A list of words."""
    return listed(block, key, lambda one: isinstance(one, str), _("words"))


def text(block: Block, key: str) -> Text:
    """A text by language; a plain string is English, nothing is an empty text."""
    return as_text(block, key, block.get(key))


def as_text(block: Block, key: str, value: Any) -> Text:
    """A value of the file as a text by language."""
    if value is None:
        return Text({})
    if isinstance(value, str):
        return Text({"en": " ".join(value.split())})
    if isinstance(value, Mapping) and value and all(isinstance(v, str) for v in value.values()):
        return Text({k: " ".join(v.split()) for k, v in value.items()})
    raise block.fault(
        _("“%(key)s” is not a text.", key=key),
        _("It is words, or words by language as in {en: ..., cy: ...}."),
        _("Put words that read as a number or date in quotes."),
    )
