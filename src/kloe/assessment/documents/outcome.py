"""What came of reading a document: its pages, or why there are none, in words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kloe.core.messages import Message, _


class Unit(StrEnum):
    """What a document is made of."""

    PAGE = "page"
    SHEET = "sheet"
    SLIDE = "slide"
    SECTION = "section"


class Reason(StrEnum):
    """Why no text was read."""

    ENCRYPTED = "encrypted"
    CORRUPT = "corrupt"
    BOMB = "bomb"
    HOSTILE = "hostile"
    UNKNOWN = "unknown"
    OLD = "old"
    EMPTY = "empty"
    SLOW = "slow"
    MEMORY = "memory"
    KILLED = "killed"
    MISSING = "missing"


class Note(StrEnum):
    """What is worth saying of a document that was read."""

    MACROS = "macros"
    CUT = "cut"
    OTHERWISE = "otherwise"
    DAMAGED = "damaged"


#: What was found, and what a person can do about it. The file is never changed.
REASON_WORDS: dict[Reason, tuple[Message, Message]] = {
    Reason.ENCRYPTED: (
        _("The file is encrypted, so its text could not be read."),
        _("Save it without a password and add it again, if it may be kept so."),
    ),
    Reason.CORRUPT: (
        _("The file is damaged or not what its name says, so its text could not be read."),
        _("Open it on your computer; if it opens, save it anew and add it again."),
    ),
    Reason.BOMB: (
        _("The file unpacks to far more than a document holds, so it was not unpacked."),
        _("Save it anew as PDF, or in parts, and add it again."),
    ),
    Reason.HOSTILE: (
        _("The file holds XML that defines entities, which documents have no use for."),
        _("It was not read. Ask where it comes from; save it anew before adding it again."),
    ),
    Reason.UNKNOWN: (
        _("No text is read from files of this kind."),
        _("PDF, Word, Excel, PowerPoint, HTML and plain text are read."),
    ),
    Reason.OLD: (
        _("The file has an old format of Office, from which no text is read."),
        _("Save it as .docx, .pptx or PDF and add it again."),
    ),
    Reason.EMPTY: (
        _("The file holds no text: its pages may be pictures from a scanner."),
        _("Add a version with text, or write what it says into its description."),
    ),
    Reason.SLOW: (
        _("Reading the text took too long and was stopped."),
        _("Try once more, or add the document in parts."),
    ),
    Reason.MEMORY: (
        _("Reading the text needed too much memory and was stopped."),
        _("Try once more, or add the document in parts."),
    ),
    Reason.KILLED: (
        _("Reading the text was stopped from outside before it was done."),
        _("Try once more. If it happens again, the machine may be short of memory."),
    ),
    Reason.MISSING: (
        _("The bytes of the file are not kept any more."),
        _("Add the file again."),
    ),
}
NOTE_WORDS: dict[Note, Message] = {
    Note.MACROS: _("The file holds macros. kloe never runs them; your computer may ask to."),
    Note.CUT: _("The document is very long: only its beginning can be searched."),
    Note.OTHERWISE: _("The content is not of the kind its name says; it was read as what it is."),
    Note.DAMAGED: _("Parts of the document could not be read."),
}
#: What may come out otherwise when it is done again.
AGAIN = frozenset({Reason.SLOW, Reason.MEMORY, Reason.KILLED, Reason.MISSING})


class Unreadable(Exception):
    """The document gives no text, for this reason."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Page:
    """One page, sheet, slide or section: a paragraph on each line."""

    text: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of it: pages, or the reason why there are none."""

    pages: tuple[Page, ...] = ()
    unit: Unit = Unit.PAGE
    reason: Reason | None = None
    notes: tuple[Note, ...] = ()

    @property
    def characters(self) -> int:
        return sum(len(page.text) for page in self.pages)
