"""Changing a mapping where it stands: what is not changed keeps its place, words and comments.

The text is what counts, for a person may have written it. So a change replaces the lines of one
column, and leaves the rest of the file as it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import yaml

from kloe.core.errors import InvalidInput
from kloe.core.messages import _
from kloe.records.reading import Block, parse

WIDTH = 98
_BARE = re.compile(r"[A-Za-z][A-Za-z0-9_ ./()-]*[A-Za-z0-9_)]|[A-Za-z]")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n", "none"})

Value = str | Mapping[str, Any]


def columns_of(text: str, number: int) -> dict[str, Value]:
    """What stands for each column of a source (counted from 1): a name, or its settings."""
    found = parse(text, "mapping.yaml")["sources"][number - 1]["columns"]
    return {name: dict(v) if isinstance(v, Block) else v for name, v in found.items()}


def change(
    text: str,
    number: int,
    *,
    columns: Mapping[str, Value],
    unsure: Sequence[str] | None = None,
    confirmed: bool = False,
) -> str:
    """A mapping with other values for some columns of one of its sources.

    :param number: which source, counted from 1.
    :param columns: by our column: theirs, or settings as in the file.
    :param unsure: the columns still unsure; nothing leaves the list as it is.
    :param confirmed: write that somebody has looked at all of it.
    :raises InvalidInput: where there is no such source, or it is written on one line.
    """
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    sources = at(root, "sources")
    items = sources[1].value if sources else []
    if not 0 < number <= len(items):
        raise InvalidInput(_("The mapping has no source %(n)d.", n=number))
    source = items[number - 1]
    held = at(source, "columns")
    if source.flow_style or held is None:
        raise InvalidInput(
            _("This part of the mapping is written on one line."),
            _("Pages change mappings with a line for each key."),
            _("Download the mapping, change it, and upload it again."),
        )
    edits = _edits(text, held, dict(columns), columns_of(text, number))
    indent = held[0].start_mark.column
    before = at(source, "unsure")
    if unsure is not None and before is not None:
        edits.append((*span(before), f"unsure: [{', '.join(unsure)}]"))
    if confirmed:
        place = at(source, "confirmed")
        if place is not None:
            edits.append((*span(place), "confirmed: true"))
        else:
            start = held[0].start_mark.index
            edits.append((start, start, f"confirmed: true\n{' ' * indent}"))
    for start, end, words in sorted(edits, key=lambda e: e[:2], reverse=True):
        text = text[:start] + words + text[end:]
    return text


def _edits(
    text: str, held: tuple[Any, Any], columns: dict[str, Value], there: Mapping[str, Value]
) -> list[tuple[int, int, str]]:
    node = held[1]
    if node.flow_style:
        merged = {**there, **columns}
        return [(node.start_mark.index, node.end_mark.index, flow(merged))]
    edits = []
    indent = node.value[0][0].start_mark.column
    for key, value in node.value:
        name = str(key.value)
        if name in columns:
            words = _line(name, columns.pop(name), indent)
            edits.append((key.start_mark.index, _end(value), words))
    if columns:
        end = text.find("\n", _end(node))
        end = len(text) if end < 0 else end
        added = "".join(f"\n{' ' * indent}{_line(n, v, indent)}" for n, v in columns.items())
        edits.append((end, end, added))
    return edits


def at(node: Any, key: str) -> tuple[Any, Any] | None:
    """Key and value of a mapping node, if it has the key."""
    if not isinstance(node, yaml.MappingNode):
        return None
    return next(((k, v) for k, v in node.value if k.value == key), None)


def span(pair: tuple[Any, Any]) -> tuple[int, int]:
    """Where the words of a key and its value begin and end."""
    return pair[0].start_mark.index, _end(pair[1])


def _end(node: Any) -> int:
    """Where the words of a node end; of a block, YAML itself counts what follows as well."""
    if isinstance(node, yaml.ScalarNode) or node.flow_style or not node.value:
        return int(node.end_mark.index)
    last = node.value[-1]
    return _end(last[1] if isinstance(node, yaml.MappingNode) else last)


# Writing


def _line(name: str, value: Value, indent: int) -> str:
    if isinstance(value, str):
        return f"{name}: {_scalar(value)}"
    if list(value) == ["from"] and isinstance(value["from"], str):
        return f"{name}: {_scalar(value['from'])}"
    short = f"{name}: {flow(value)}"
    if "codes" not in value and indent + len(short) <= WIDTH:
        return short
    lines = [f"{name}:"]
    for key, one in value.items():
        if isinstance(one, Mapping) and one:
            lines.append(f"{' ' * (indent + 2)}{key}:")
            lines += [f"{' ' * (indent + 4)}{_scalar(k)}: {flow(v)}" for k, v in one.items()]
        else:
            lines.append(f"{' ' * (indent + 2)}{key}: {flow(one)}")
    return "\n".join(lines)


def flow(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_scalar(k)}: {flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(v) for v in value) + "]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    words = str(value)
    if _BARE.fullmatch(words) and words.lower() not in _WORDS and "  " not in words:
        return words
    return json.dumps(words, ensure_ascii=False)
