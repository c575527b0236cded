"""Search over titles, questions and descriptors, ranked.

The whole library is some three thousand short texts: a scan of them in memory answers in
milliseconds, in any language, with nothing to build or keep up to date.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import log

from kloe.core.messages import Text, language
from kloe.frameworks.model import Framework, Kloe, Theme

# How much a hit in each kind of text counts for.
WEIGHTS = {
    "kloe": 8.0,
    "theme": 6.0,
    "criterion": 4.0,
    "question": 3.0,
    "descriptor": 2.0,
    "detailed question": 1.0,
}
# Endings taken off the words asked for, so that "repairs" finds "repair" and "repairing".
_ENDINGS = ("ies", "ing", "ied", "es", "ed", "s", "y")
_SHORTEST_STEM = 4
STOP = frozenset(
    {"a", "an", "and", "are", "as", "at", "be", "by", "do", "does", "for", "from", "has", "have"}
    | {"how", "in", "is", "it", "its", "of", "on", "or", "so", "than", "that", "the", "their"}
    | {"them", "they", "this", "to", "was", "were", "what", "when", "which", "who", "with"}
)
_WORD = re.compile(r"\d+(?:[./]\d+)+|\w+")
# What counts as a whole hit is the word or its plural; a longer word that begins with it
# ("viewing" for "views"), or one that only the headings above a text have, counts for less.
_BEGINS, _ABOVE = 0.3, 0.25


@dataclass(frozen=True, slots=True)
class Hit:
    """One text found: what it is, where it stands, how well it fits."""

    kind: str
    id: str
    framework: str
    kloe: str
    theme: str
    title: str
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class _Entry:
    kind: str
    id: str
    framework: str
    kloe: str
    theme: str
    title: str
    text: str
    folded: str
    above: str
    length: int


def fold(text: str) -> str:
    """Lower case without accents (ŵ finds w), as words are compared."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text).replace("’", "'")
    return "".join(c for c in parts if not unicodedata.combining(c)).lower()


def stem(word: str) -> str:
    """The beginning that the forms of a word share."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return word[: -len(ending)]
    return word


def search(
    words: str,
    frameworks: Framework | Iterable[Framework],
    *,
    kinds: Iterable[str] = (),
    limit: int = 50,
) -> list[Hit]:
    """The texts that fit ``words``, best first.

    Rare words and titles count for more, and so does having every word. A word in double
    quotes, or several, is looked for as it stands.
    """
    asked = _asked(words)
    if not asked:
        return []
    wanted = frozenset(kinds) or frozenset(WEIGHTS)
    given = (frameworks,) if isinstance(frameworks, Framework) else tuple(frameworks)
    entries = [e for f in given for e in _entries(f, language.get()) if e.kind in wanted]
    found: list[tuple[_Entry, list[float]]] = []
    spread = [0] * len(asked)
    above: dict[str, list[bool]] = {}
    for entry in entries:
        counts = [word.count(entry.folded) for word in asked]
        if not any(counts):
            continue
        if entry.above not in above:
            above[entry.above] = [word.count(entry.above) > 0 for word in asked]
        for n, count in enumerate(counts):
            if count:
                spread[n] += 1
            elif above[entry.above][n]:
                counts[n] = _ABOVE
        found.append((entry, counts))
    rarity = [log(1 + len(entries) / (1 + n)) for n in spread]
    ranked = sorted(
        ((_score(entry, counts, rarity), entry) for entry, counts in found),
        key=lambda r: (-r[0], r[1].id),
    )
    return [
        Hit(e.kind, e.id, e.framework, e.kloe, e.theme, e.title, e.text, round(score, 3))
        for score, e in ranked[:limit]
    ]


def _score(entry: _Entry, counts: list[float], rarity: list[float]) -> float:
    # Repeats count ever less, and long texts for less than short ones (as BM25 has it).
    long = 0.5 + 0.5 * entry.length / 20
    value = sum(r * c * 2.2 / (c + 1.2 * long) for r, c in zip(rarity, counts, strict=True) if c)
    # What has every word comes before what has one of them often.
    covered = sum(0.5 * (c > 0) + 0.5 * (c >= 1) for c in counts) / len(counts)
    return value * WEIGHTS[entry.kind] * covered**2


class _Asked:
    """A word (or quoted words) asked for."""

    __slots__ = ("begins", "is_it", "stem")

    def __init__(self, word: str, *, exact: bool) -> None:
        self.stem = word if exact else stem(word)
        self.begins = re.compile(rf"\b{re.escape(self.stem)}")
        singular = word if exact else re.sub(r"(?<=\w{3})s$", "", word)
        endings = "" if exact else r"(?:'?s|es)?"
        self.is_it = re.compile(rf"\b{re.escape(singular)}{endings}\b")

    def count(self, folded: str) -> float:
        if self.stem not in folded:
            return 0.0
        whole = len(self.is_it.findall(folded))
        return float(whole) or _BEGINS * len(self.begins.findall(folded))


def _asked(words: str) -> list[_Asked]:
    exact = [fold(q).strip() for q in re.findall(r'"([^"]+)"', words)]
    rest = _WORD.findall(fold(re.sub(r'"[^"]*"|[\'’]s\b', " ", words)))
    kept = [w for w in rest if w not in STOP and (len(w) > 1 or w.isdigit())]
    if not kept and not exact:
        kept = rest
    return [_Asked(w, exact=True) for w in dict.fromkeys(exact) if w] + [
        _Asked(w, exact=False) for w in dict.fromkeys(kept)
    ]


@lru_cache(maxsize=16)
def _entries(framework: Framework, spoken: str) -> tuple[_Entry, ...]:
    """Every text that can be found, as read in the language spoken now."""
    return tuple(_walk(framework))


def _walk(framework: Framework) -> Iterator[_Entry]:
    for kloe in framework.kloes:

        def entry(
            kind: str, id: str, theme: Theme | None, title: Text, text: Text, *, kloe: Kloe = kloe
        ) -> _Entry:
            said, number = str(text), theme.number if theme else ""
            # A KLOE or theme is found by its number too.
            named = kind in {"kloe", "theme"}
            folded = fold(f"{number or kloe.label} {said}" if named else said)
            over = fold(f"{kloe.title} {theme.title}" if theme else str(kloe.title))
            length = said.count(" ") + 1
            shown = str(title)
            return _Entry(
                kind, id, framework.id, kloe.number, number, shown, said, folded, over, length
            )

        yield entry("kloe", kloe.id, None, kloe.title, kloe.title)
        for theme in kloe.themes:
            yield entry("theme", theme.id, theme, theme.title, theme.title)
            for question in theme.questions:
                yield entry("question", question.id, theme, theme.title, question.text)
            for detail in theme.detailed_questions:
                yield entry("detailed question", detail.id, theme, theme.title, detail.text)
            for criterion in theme.criteria:
                yield entry("criterion", criterion.id, theme, criterion.title, criterion.title)
                for descriptor in criterion.descriptors:
                    yield entry(
                        "descriptor", descriptor.id, theme, criterion.title, descriptor.text
                    )
