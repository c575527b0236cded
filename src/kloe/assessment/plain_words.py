"""The tenants' summary: its parts and how much room each has; and how easily a text reads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from kloe.core.messages import Message, _

#: Words from which a sentence is long, and letters from which a word is.
LONG_SENTENCE, LONG_WORD = 20, 12
#: A part holds this many characters at most: far more than two pages.
MOST = 6000


class Part(StrEnum):
    """The parts of the summary, in the order they stand on its two pages."""

    LOOKED = "looked"
    GRADES = "grades"
    GOOD = "good"
    BETTER = "better"
    MEANS = "means"
    NEXT = "next"
    SAY = "say"


@dataclass(frozen=True, slots=True)
class About:
    """A part: its heading, what it is for, on which page, and the words it has room for."""

    title: Message
    help: Message
    page: int
    room: int


PARTS: dict[Part, About] = {
    Part.LOOKED: About(
        _("What we looked at"),
        _("Which services, when, and how: what was read, who was asked, what was seen."),
        1,
        85,
    ),
    Part.GRADES: About(
        _("What the grades mean"),
        _("The grades stand above these words. Say what they mean in plain words."),
        1,
        55,
    ),
    Part.GOOD: About(
        _("What is good"),
        _("What tenants can rely on. One line for each, beginning with a hyphen."),
        1,
        120,
    ),
    Part.BETTER: About(
        _("What must get better, and by when"),
        _("What has to change, and the day by which. One line for each, beginning with a hyphen."),
        2,
        170,
    ),
    Part.MEANS: About(
        _("What this means for you"),
        _("What a tenant will notice: what stays, what changes, where there may still be trouble."),
        2,
        90,
    ),
    Part.NEXT: About(
        _("What happens next"),
        _("Who does what now, and when somebody looks again."),
        2,
        60,
    ),
    Part.SAY: About(
        _("How to have your say"),
        _("Whom to tell or ask, and how: name, telephone, address. And where to complain."),
        2,
        90,
    ),
}


def words(text: str) -> list[str]:
    """The words of a text; what has no letter or digit is none."""
    return re.findall(r"[^\W_]+(?:[-'’][^\W_]+)*", text)


@dataclass(frozen=True, slots=True)
class Reading:
    """How a text reads. ``long_sentences`` and ``long_words`` as they stand in it, each once."""

    words: int
    sentences: int
    long_sentences: tuple[str, ...]
    long_words: tuple[str, ...]

    @property
    def average(self) -> float:
        """Words in a sentence."""
        return self.words / self.sentences if self.sentences else 0.0

    @property
    def easy(self) -> bool:
        return not self.long_sentences and self.average <= LONG_SENTENCE * 0.75


_END = re.compile(r"(?<=[.!?…])[\"”’)]*\s+(?=[\"“‘(]?[^\W\d_a-z])|\n+")
_ITEM = re.compile(r"^\s*[-–•*]\s+", re.MULTILINE)


def sentences(text: str) -> list[str]:
    """The sentences of a text: a line ends one, so does a full stop before a capital."""
    found = _END.split(_ITEM.sub("", text))
    return [s.strip() for s in found if words(s)]


def read(text: str) -> Reading:
    """How easily a text reads."""
    parts = sentences(text)
    counted = [(s, len(words(s))) for s in parts]
    every = words(text)
    return Reading(
        len(every),
        len(parts),
        tuple(dict.fromkeys(s for s, n in counted if n > LONG_SENTENCE)),
        tuple(dict.fromkeys(w for w in every if len(w) >= LONG_WORD and w.isalpha())),
    )


@dataclass(frozen=True, slots=True)
class TooLong:
    """A part with more words than it has room for."""

    part: Part
    words: int

    @property
    def over(self) -> int:
        return self.words - PARTS[self.part].room


def too_long(texts: Mapping[Part, str]) -> tuple[TooLong, ...]:
    """The parts to shorten, the longest excess first."""
    found = [TooLong(part, len(words(text))) for part, text in texts.items()]
    return tuple(sorted((t for t in found if t.over > 0), key=lambda t: -t.over))


def shortening(parts: Iterable[TooLong]) -> str:
    """What to shorten, in words: the heading and by how many words."""
    told = (
        str(_("“%(title)s” by %(n)d words", title=str(PARTS[t.part].title), n=t.over))
        for t in parts
    )
    return "; ".join(told)
