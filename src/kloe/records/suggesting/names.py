"""How like a heading of an extract is to the name of a column: by words, not by letters alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from kloe.records.layouts import Column, Layout, Type, layouts
from kloe.records.suggesting.words import EMPTY, MEANINGS, WEAK, WHOLE

_SPLIT = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
#: Two words with the same meaning, and words that only look alike.
SAME = 0.95
ALIKE = 0.8
SHORTENED = 0.75
CONTEXT = 0.15  # weight of a word that only repeats the table's name


@lru_cache(maxsize=40_000)
def flat(name: str) -> str:
    """A name without case and separators, to compare as a whole."""
    return "".join(ch for ch in name.lower() if ch.isalnum())


@lru_cache(maxsize=20_000)
def tokens(name: str) -> tuple[str, ...]:
    """The words of a name: ``PropertyRef``, ``property_ref`` and ``Property Ref.`` are alike."""
    words: list[str] = []
    for part in _SPLIT.findall(name.replace("'", "")):
        word = part.lower()
        words.extend(WHOLE[word].split() if word in WHOLE else (word,))
    return tuple(dict.fromkeys(w for w in words if w not in EMPTY)) or tuple(words)


@lru_cache(maxsize=200_000)
def likeness(a: str, b: str) -> float:
    """How far two words say the same, from 0 to 1."""
    if a == b:
        return 1.0
    if MEANINGS.get(a, frozenset()) & MEANINGS.get(b, frozenset()):
        return SAME
    short, long = sorted((a, b), key=len)
    if short[0] != long[0] or short.isdigit() or long.isdigit():
        return 0.0
    if long in (short + "s", short + "d", short + "ed", short + "ing"):
        return SAME
    if len(short) <= 3 and short in MEANINGS:
        return 0.0
    if len(short) >= 3 and long.startswith(short):
        return ALIKE
    if len(short) >= 3 and _shortens(short, long):
        return SHORTENED
    if len(short) >= 5 and fuzz.ratio(a, b) >= 84:
        return ALIKE
    return 0.0


def _shortens(short: str, long: str) -> bool:
    """Whether letters were left out (``appt`` of ``appointment``), the first one kept."""
    if short[0] != long[0] or len(short) > len(long) * (0.7 if len(short) == 3 else 0.85):
        return False
    if len(short) == 3 and sum(ch in "aeiou" for ch in short) > 1:
        return False
    rest = iter(long)
    return all(ch in rest for ch in short)


def _weight(word: str, context: frozenset[str]) -> float:
    if word in context:
        return CONTEXT
    means = MEANINGS.get(word, frozenset())
    return 0.3 if word in WEAK or means & WEAK else 1.0


def agreement(heading: Iterable[str], name: Iterable[str], context: frozenset[str]) -> float:
    """How far the words of a heading and of a name agree, each word by its weight."""
    theirs, ours = tuple(heading), tuple(name)
    if not theirs or not ours:
        return 0.0
    said = total = 0.0
    for word in theirs:
        weight = _weight(word, context)
        total += weight
        said += weight * max(likeness(word, other) for other in ours)
    precision = said / total
    meant = whole = 0.0
    for word in ours:
        weight = _weight(word, context)
        whole += weight
        meant += weight * max(likeness(other, word) for other in theirs)
    recall = meant / whole
    if precision + recall == 0:
        return 0.0
    strong = any(
        _weight(w, context) >= 1.0 and max(likeness(w, o) for o in ours) >= SHORTENED
        for w in theirs
    )
    score = 2 * precision * recall / (precision + recall)
    return score if strong or total < 1.0 else score * 0.5


@dataclass(frozen=True, slots=True)
class Known:
    """The names a column goes by: its own, those seen in real systems, and what it is about."""

    own: tuple[str, ...]
    seen: tuple[tuple[str, ...], ...]
    about: tuple[str, ...]
    whole: Mapping[str, float]
    words: frozenset[str]


@lru_cache(maxsize=4_000)
def _known(name: str, seen_as: tuple[str, ...], about: str) -> Known:
    whole = {flat(s): 0.99 for s in seen_as}
    whole[flat(name)] = 1.0
    own, seen, said = tokens(name), tuple(tokens(s) for s in seen_as), tokens(about)
    return Known(own, seen, said, whole, frozenset((*own, *said, *(w for s in seen for w in s))))


def known(column: Column) -> Known:
    """What a column is known as."""
    return _known(column.name, column.seen_as, column.about.get("en") if column.about else "")


@lru_cache(maxsize=20_000)
def _near(word: str) -> frozenset[str]:
    """The words of all layouts that a word is like."""
    return frozenset(w for w in _vocabulary() if likeness(word, w) > 0)


@lru_cache(maxsize=1)
def _vocabulary() -> frozenset[str]:
    return frozenset(
        w for layout in layouts().values() for c in layout.columns for w in known(c).words
    )


@lru_cache(maxsize=256)
def context_of(table: str) -> frozenset[str]:
    """Words that, within this table, only say which table it is."""
    found: set[str] = set()
    for word in tokens(table):
        found.add(word)
        meanings = MEANINGS.get(word, frozenset())
        found |= {w for w, m in MEANINGS.items() if meanings & m and word in (*m, w)}
    return frozenset(found)


#: What a type word in a heading says about the type of its column.
_TYPED = {
    "date": (Type.DATE, Type.DATETIME),
    "time": (Type.DATETIME,),
    "flag": (Type.BOOLEAN, Type.CODE),
    "yn": (Type.BOOLEAN, Type.CODE),
    "amount": (Type.MONEY, Type.DECIMAL),
    "balance": (Type.MONEY,),
}


#: Longer headings are sentences, which say a bit of everything.
LONGEST = 9


def name_score(heading: str, column: Column, layout: Layout) -> float:
    """How like a heading is to a column of a table, from 0 to 1; 1 is the very name."""
    return _name_score(
        heading,
        column.name,
        column.seen_as,
        column.about.get("en") if column.about else "",
        column.type,
        layout.table,
        column.name in layout.key,
    )


@lru_cache(maxsize=600_000)
def _name_score(
    heading: str, name: str, seen_as: tuple[str, ...], about: str, type_: Type, table: str,
    is_key: bool,
) -> float:  # fmt: skip
    names = _known(name, seen_as, about)
    exact = names.whole.get(flat(heading))
    if exact is not None:
        return exact
    words = tokens(heading)
    if len(words) > LONGEST or all(names.words.isdisjoint(_near(w)) for w in words):
        return 0.0
    context = frozenset() if is_key else context_of(table)
    best = agreement(words, names.own, context)
    for seen in names.seen:
        best = max(best, agreement(words, seen, context) * 0.97)
    if names.about:
        said = _precision(words, names.own + names.about, context)
        best = max(best, said * 0.62)
    for word in words:
        expected = next((_TYPED[m] for m in sorted(MEANINGS.get(word, (word,))) if m in _TYPED), ())
        if expected and type_ not in expected:
            best *= 0.8
            break
    return min(best, 0.95)


def _precision(heading: tuple[str, ...], ours: tuple[str, ...], context: frozenset[str]) -> float:
    weights = [_weight(w, context) for w in heading]
    if sum(weights) < 0.9:
        return 0.0
    said = sum(w * max(likeness(h, o) for o in ours) for w, h in zip(weights, heading, strict=True))
    return said / sum(weights)
