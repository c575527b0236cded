"""Sentences that outlive the language they were made in.

A suggestion is stored beside a judgement and read later, perhaps in another language. So the
titles and labels in its sentences are kept as texts by language, not as words of the moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kloe.core.messages import Message, Text, _


class Several:
    """A list within a sentence, put into words when shown: “A, B and 3 more”."""

    __slots__ = ("items", "most")

    def __init__(self, items: Iterable[Words], most: int = 5) -> None:
        self.items = tuple(items)
        self.most = most

    def __str__(self) -> str:
        shown, left = self.items, 0
        if len(self.items) > self.most:
            shown, left = self.items[: self.most], len(self.items) - self.most
        # Within a sentence none of them ends it.
        words = [str(item).rstrip().rstrip(".") for item in shown]
        if left:
            return str(_("%(listed)s and %(n)d more", listed=", ".join(words), n=left))
        if len(words) < 2:
            return words[0] if words else ""
        return str(_("%(listed)s and %(last)s", listed=", ".join(words[:-1]), last=words[-1]))

    def __repr__(self) -> str:
        return f"Several({list(self.items)!r}, {self.most})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Several) and (self.items, self.most) == (other.items, other.most)

    def __hash__(self) -> int:
        return hash((self.items, self.most))


#: Something to be said.
Words = str | Text | Message | Several


def words_to_json(value: Any) -> Any:
    """A sentence, text or parameter in a form that JSON holds."""
    if isinstance(value, Message):
        params = {key: words_to_json(param) for key, param in value.params.items()}
        return {"msgid": value.msgid, "plural": value.plural, "params": params}
    if isinstance(value, Text):
        return {"text": dict(value.by_language)}
    if isinstance(value, Several):
        return {"several": [words_to_json(item) for item in value.items], "most": value.most}
    if value is None or isinstance(value, int | float):
        return value
    return str(value)


def words_from_json(value: Any) -> Any:
    """What :func:`words_to_json` was given."""
    if not isinstance(value, Mapping):
        return value
    if "msgid" in value:
        params = {key: words_from_json(param) for key, param in value["params"].items()}
        return Message(value["msgid"], plural=value["plural"], **params)
    if "text" in value:
        return Text(value["text"])
    return Several((words_from_json(item) for item in value["several"]), value["most"])


def all_to_json(messages: Sequence[Message]) -> list[Any]:
    """Several sentences for JSON."""
    return [words_to_json(message) for message in messages]


def all_from_json(values: Iterable[Any]) -> tuple[Message, ...]:
    """Several sentences from JSON."""
    return tuple(words_from_json(value) for value in values)
