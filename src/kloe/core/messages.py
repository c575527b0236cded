"""Messages and texts in the reader's language, without a web framework.

A *message* is a sentence of the program: a msgid with parameters, translated when it is
shown. A *text* is a sentence of the content (a descriptor, a title), held by language.
One catalogue (``src/kloe/locale``) serves commands, pages and reports.
"""

from __future__ import annotations

import gettext as _gettext
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Any

DEFAULT_LANGUAGE = "en"
LOCALE_DIR = Path(__file__).resolve().parent.parent / "locale"

language: ContextVar[str] = ContextVar("kloe_language", default=DEFAULT_LANGUAGE)


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Render messages and texts in ``code`` within the block."""
    token = language.set(code)
    try:
        yield
    finally:
        language.reset(token)


@lru_cache(maxsize=8)
def _catalogue(code: str) -> _gettext.NullTranslations:
    return _gettext.translation("django", str(LOCALE_DIR), languages=[code], fallback=True)


def translate(msgid: str) -> str:
    """The sentence in the current language; the msgid itself where there is no translation."""
    return _catalogue(language.get()).gettext(msgid) if msgid else ""


class Message:
    """A sentence of the program and its parameters, rendered when shown.

    ``Message("%(n)d of %(total)d criteria are placed", n=3, total=9)``. For a sentence
    that depends on a number give ``plural`` and let ``n`` be that number.
    """

    __slots__ = ("msgid", "params", "plural")

    def __init__(self, msgid: str, *, plural: str | None = None, **params: Any) -> None:
        self.msgid = msgid
        self.plural = plural
        self.params = params

    def __str__(self) -> str:
        if self.plural is not None:
            n = int(self.params["n"])
            sentence = _catalogue(language.get()).ngettext(self.msgid, self.plural, n)
        else:
            sentence = translate(self.msgid)
        return sentence % self.params if self.params else sentence

    def __repr__(self) -> str:
        return f"Message({self.msgid!r}, {self.params!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Message) and (self.msgid, self.plural, self.params) == (
            other.msgid,
            other.plural,
            other.params,
        )

    def __hash__(self) -> int:
        return hash((self.msgid, self.plural, repr(sorted(self.params.items()))))

    def as_dict(self) -> dict[str, Any]:
        """For storage: rendered later, in whichever language is wanted."""
        params = {k: v if isinstance(v, int | float) else str(v) for k, v in self.params.items()}
        return {"msgid": self.msgid, "plural": self.plural, "params": params}

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Message:
        return cls(value["msgid"], plural=value.get("plural"), **value.get("params", {}))


def _(msgid: str, **params: Any) -> Message:
    """Mark a sentence for translation and give it as a message."""
    return Message(msgid, **params)


class Text:
    """A sentence of the content by language; ``str()`` gives the reader's, else English."""

    __slots__ = ("by_language",)

    def __init__(self, by_language: Mapping[str, str]) -> None:
        self.by_language = by_language

    def __str__(self) -> str:
        texts = self.by_language
        return (
            texts.get(language.get()) or texts.get(DEFAULT_LANGUAGE) or next(iter(texts.values()))
        )

    def __repr__(self) -> str:
        return f"Text({dict(self.by_language)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Text) and self.by_language == other.by_language

    def __hash__(self) -> int:
        return hash(tuple(sorted(self.by_language.items())))

    def __bool__(self) -> bool:
        return bool(self.by_language)

    def get(self, code: str, default: str = "") -> str:
        """The text in one language, without falling back."""
        return self.by_language.get(code, default)
