"""What is asked of a search over documents: words, words in quotes, words that must not be there.

No stemming: what shortens English words spoils Welsh ones, and nobody says in which language a
document is. Capitals and accents do not count (*ty* finds *tŷ*); a star at the end of a word
finds all words that begin so. Whatever is typed means something or nothing, and never fails.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from kloe.frameworks.search import fold

MOST_TERMS, LONGEST_WORD = 16, 60
_WORD = re.compile(r"[^\W_]+")
_QUOTES = '"“”„«»'
_TERM = re.compile(
    rf"(?P<minus>(?<!\S)[-−–])?(?:[{_QUOTES}](?P<quoted>[^{_QUOTES}]*)[{_QUOTES}]?"
    rf"|(?P<plain>[^\s{_QUOTES}]+))"
)


def words_of(text: str) -> list[str]:
    """The words of a text as they are compared."""
    return [w[:LONGEST_WORD] for w in _WORD.findall(fold(text))]


@dataclass(frozen=True, slots=True)
class Term:
    """A word, or words that follow each other.

    :param open: whether the last word may go on.
    :param without: whether a page that has it is not wanted.
    """

    words: tuple[str, ...]
    open: bool = False
    without: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page must have, and must not have."""

    terms: tuple[Term, ...] = ()

    @property
    def wanted(self) -> tuple[Term, ...]:
        return tuple(t for t in self.terms if not t.without)

    @property
    def unwanted(self) -> tuple[Term, ...]:
        return tuple(t for t in self.terms if t.without)

    def __bool__(self) -> bool:
        """Whether something can be found: what only leaves out finds nothing."""
        return bool(self.wanted)


@lru_cache(maxsize=256)
def asked(given: str) -> Asked:
    """What somebody typed, as far as it makes sense."""
    found: dict[Term, None] = {}
    for match in _TERM.finditer(given[:1000]):
        said = match["quoted"] if match["quoted"] is not None else match["plain"]
        words = tuple(words_of(said))
        if not words:
            continue
        open_end = said.rstrip().endswith("*") and len(words[-1]) > 1
        found[Term(words, open_end, bool(match["minus"]))] = None
    return Asked(tuple(found)[:MOST_TERMS])


def marked(text: str, wanted: tuple[Term, ...]) -> list[tuple[int, int]]:
    """Where a text has what was asked for: places in order, none within another."""
    # Of plain letters the whole text is folded at once: places stay the same.
    plain = text.isascii()
    tokens = [(m.start(), m.end()) for m in _WORD.finditer(text)]
    low = text.lower() if plain else text
    folded = [low[a:b] if plain else fold(text[a:b]) for a, b in tokens]
    found: list[tuple[int, int]] = []
    for term in wanted:
        words, size = term.words, len(term.words)
        starts = (
            [n for n, w in enumerate(folded) if w.startswith(words[0])]
            if term.open and size == 1
            else [n for n, w in enumerate(folded) if w[:LONGEST_WORD] == words[0]]
        )
        for n in starts:
            part = folded[n : n + size]
            if len(part) < size or tuple(w[:LONGEST_WORD] for w in part[:-1]) != words[:-1]:
                continue
            last = part[-1]
            if last.startswith(words[-1]) if term.open else last[:LONGEST_WORD] == words[-1]:
                found.append((tokens[n][0], tokens[n + size - 1][1]))
    merged: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a snippet, and whether it is what was asked for."""

    text: str
    hit: bool = False


def snippet(text: str, wanted: tuple[Term, ...], *, around: int = 240) -> list[Piece]:
    """The part of a text that has most of what was asked for, in pieces."""
    text = " ".join(text.split())
    places = marked(text, wanted)
    start = 0
    if places:
        best = max(places, key=lambda p: (_held(places, p[0], around), -p[0]))
        start = max(0, best[0] - around // 4)
        if start:
            start = text.find(" ", start) + 1 or start
    end = min(len(text), start + around)
    if end < len(text):
        end = max(text.rfind(" ", start, end), start + around // 2)
    pieces, at = [], start
    if start:
        pieces.append(Piece("… "))
    for a, b in places:
        if a < at or b > end:
            continue
        if a > at:
            pieces.append(Piece(text[at:a]))
        pieces.append(Piece(text[a:b], True))
        at = b
    if at < end:
        pieces.append(Piece(text[at:end]))
    if end < len(text):
        pieces.append(Piece(" …"))
    return pieces


def _held(places: list[tuple[int, int]], start: int, around: int) -> int:
    return sum(1 for a, _b in places if start <= a < start + around)
