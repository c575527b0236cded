"""What people give, held to what can be kept."""

from __future__ import annotations

from enum import StrEnum

from kloe.core.errors import InvalidInput
from kloe.core.messages import Message, _

SHORTEN = _("Shorten it.")
#: For texts behind which there may be a document.
OR_CITE = _("Shorten it, or add the long text as evidence and cite it.")


def one_of(given: str, words: type[StrEnum], what: Message) -> str:
    """:raises InvalidInput: unless ``given`` is one of the words."""
    if given not in {w.value for w in words}:
        raise InvalidInput(
            _("“%(given)s” is no %(what)s.", given=given[:60], what=str(what)),
            _("Allowed: %(allowed)s.", allowed=", ".join(w.value for w in words)),
            _("Choose one of these."),
        )
    return given


def within(
    given: str, most: int, what: Message, *, needed: bool = False, remedy: Message = SHORTEN
) -> str:
    """The text without space around it.

    :param remedy: what to do with one that is too long.
    :raises InvalidInput: if it is longer than ``most`` characters, holds a NUL, or is empty while
        ``needed``.
    """
    text = given.strip()
    if needed and not text:
        raise InvalidInput(
            _("The %(what)s is empty.", what=str(what)),
            _("It says something in words."),
            _("Write it, then save again."),
        )
    if len(text) > most:
        raise InvalidInput(
            _("The %(what)s has %(n)d characters.", what=str(what), n=len(text)),
            _("At most %(most)d fit.", most=most),
            remedy,
        )
    if "\x00" in text:
        raise InvalidInput(
            _("The %(what)s holds a character that cannot be stored (NUL).", what=str(what)),
            "",
            _("Type it again rather than pasting it."),
        )
    return text
