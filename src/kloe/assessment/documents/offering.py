"""Which passages of a document seem to speak to which criteria.

BM25 the other way round: the criteria are what is searched (the words of title and descriptors,
in every language the edition has, and terms that mean nearly the same), and a passage is what is
asked. So a passage is set beside the criteria once, when it is read, whatever else there is to
read; no other document has to be looked at again. The score says that words agree, nothing more:
a person says whether the passage speaks to the criterion, and what it shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
import yaml

from kloe.assessment.documents.asking import words_of
from kloe.core.digest import sha256_hex
from kloe.core.messages import Text
from kloe.frameworks.model import Criterion
from kloe.frameworks.search import STOP, fold, stem

K1, B = 1.2, 0.5
#: A passage is a few sentences: long enough to say something, short enough to quote.
LEAST_WORDS, ENOUGH_WORDS, MOST_WORDS = 8, 40, 120
#: Fewer words in common, or commoner ones, are chance.
LEAST_SHARED, LEAST_SCORE = 4, 14.0
#: Of one passage, criteria that fit nearly as well as the best, since many share their wording.
NEARLY, MOST_CRITERIA = 0.85, 6


@lru_cache(maxsize=1)
def synonyms() -> dict[tuple[str, ...], str]:
    """Terms of the field as stems, and the sign of the group they belong to."""
    source = (files("kloe") / "content" / "evidence" / "synonyms.yaml").read_text("utf-8")
    found: dict[tuple[str, ...], str] = {}
    for n, group in enumerate(yaml.safe_load(source)["groups"]):
        for term in group:
            found.setdefault(tuple(stem(w) for w in words_of(str(term))), f"={n}")
    return found


def terms_of(text: str) -> list[str]:
    """The terms of a text: stems, with those that mean nearly the same made one.

    Stems here only: to be offered one passage too many costs a glance, and in a search it would
    cost trust.
    """
    stems = [stem(w) for w in words_of(text)]
    known, found, at = synonyms(), list[str](), 0
    while at < len(stems):
        for size in (4, 3, 2, 1):
            sign = known.get(tuple(stems[at : at + size]))
            if sign is not None and at + size <= len(stems):
                found.append(sign)
                at += size
                break
        else:
            if stems[at] not in STOP and len(stems[at]) > 2 and not stems[at].isdigit():
                found.append(stems[at])
            at += 1
    return found


def _said(text: Text) -> str:
    return " ".join(text.by_language.values())


@dataclass(frozen=True, slots=True)
class Offer:
    """A passage, and a criterion it seems to speak to."""

    criterion: str
    page: int
    first: int
    last: int
    text: str
    score: float

    @property
    def digest(self) -> str:
        """Of the words, whatever stands between them."""
        return sha256_hex(" ".join(fold(self.text).split()).encode())


@dataclass(frozen=True, slots=True)
class Span:
    """Paragraphs of one page that belong together."""

    first: int
    last: int
    text: str


def spans(page: str) -> Iterator[Span]:
    """The passages of a page: paragraphs of some length, short ones with what follows them."""
    held: list[str] = []
    first = words = 0
    for number, paragraph in enumerate(page.split("\n"), 1):
        count = paragraph.count(" ") + 1
        if held and (words >= ENOUGH_WORDS or words + count > MOST_WORDS):
            yield Span(first, number - 1, "\n".join(held))
            held, words = [], 0
        if not held:
            first = number
        held.append(paragraph)
        words += count
    if held and words >= LEAST_WORDS:
        yield Span(first, first + len(held) - 1, "\n".join(held))


class Criteria:
    """The criteria of some editions, weighed so that passages can be set beside them."""

    def __init__(self, criteria: Iterable[Criterion]) -> None:
        self.ids: list[str] = []
        counts: list[dict[str, int]] = []
        for criterion in criteria:
            of_it: dict[str, int] = {}
            texts = [criterion.title, criterion.title, *(d.text for d in criterion.descriptors)]
            for text in texts:
                for term in terms_of(_said(text)):
                    of_it[term] = of_it.get(term, 0) + 1
            self.ids.append(criterion.id)
            counts.append(of_it)
        self.terms = {t: n for n, t in enumerate(sorted({t for c in counts for t in c}))}
        self.weights = self._weighed(counts)

    def _weighed(self, counts: Sequence[dict[str, int]]) -> Any:
        weights = np.zeros((len(self.terms), len(counts)), dtype=np.float32)
        for n, of_it in enumerate(counts):
            for term, count in of_it.items():
                weights[self.terms[term], n] = count
        if not counts:
            return weights
        lengths = weights.sum(axis=0)
        within = (weights > 0).sum(axis=1)
        rarity = np.log(1 + (len(counts) - within + 0.5) / (within + 0.5))
        long = K1 * (1 - B + B * lengths / max(1.0, float(lengths.mean())))
        return (rarity[:, None] * weights * (K1 + 1) / (weights + long[None, :])).astype(np.float32)

    def fitting(self, text: str) -> list[tuple[str, float]]:
        """The criteria a passage seems to speak to, with scores, best first."""
        rows = sorted({self.terms[t] for t in terms_of(text) if t in self.terms})
        if len(rows) < LEAST_SHARED:
            return []
        part = self.weights[rows]
        scores = part.sum(axis=0)
        best = float(scores.max())
        if best < LEAST_SCORE:
            return []
        near = np.flatnonzero(scores >= max(LEAST_SCORE, NEARLY * best))
        shared = (part[:, near] > 0).sum(axis=0)
        found = [
            (self.ids[n], float(scores[n]))
            for n, count in zip(near, shared, strict=True)
            if count >= LEAST_SHARED
        ]
        return sorted(found, key=lambda f: (-f[1], f[0]))[:MOST_CRITERIA]

    def offers(self, pages: Iterable[tuple[int, str]]) -> list[Offer]:
        """What to offer of a document's pages (number, text)."""
        return [
            Offer(criterion, number, span.first, span.last, span.text, score)
            for number, page in pages
            for span in spans(page)
            for criterion, score in self.fitting(span.text)
        ]
