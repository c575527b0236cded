"""Reading the lines of enquiry: editions, what a criterion shares, what instruments became."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.html import conditional_escape, format_html_join
from django.utils.safestring import SafeString

from kloe.core.errors import NotFound
from kloe.core.messages import _
from kloe.frameworks import library, search
from kloe.frameworks.model import (
    Criterion,
    Framework,
    Instrument,
    Kloe,
    MainQuestion,
    Overlap,
    Replacement,
    Theme,
)
from kloe.frameworks.words import INSTRUMENT_KINDS, JURISDICTIONS
from kloe.web.library import store
from kloe.web.library.models import FrameworkEdition

#: Kinds of text one can search in, as the search knows them.
KINDS = tuple(search.WEIGHTS)
#: Most hits shown of one search.
MOST = 300


def framework(identifier: str, digest: str = "") -> Framework:
    """An edition: the one the package brings, or an older one that an assessment pinned.

    :raises NotFound: if there is none.
    """
    if not digest:
        return library.load(identifier)
    found = store.edition(digest)
    if found.id != identifier:
        raise NotFound(
            _("The edition %(digest)s is not one of %(id)s.", digest=digest[:12], id=identifier),
            _("It is one of %(id)s.", id=found.id),
            _("Start from the list of editions."),
        )
    return found


def older_editions(current: Iterable[Framework]) -> list[FrameworkEdition]:
    """Editions kept because an assessment pinned them, that the package brings no more."""
    digests = [f.digest for f in current]
    return list(
        FrameworkEdition.objects.exclude(digest__in=digests)
        .defer("compiled")
        .order_by("framework", "-added_at")
    )


@dataclass(frozen=True)
class Named:
    """An instrument named in a place, with what took its place there."""

    instrument: Instrument
    now: tuple[Replacement, ...]


@dataclass(frozen=True)
class Card:
    """A criterion as its page shows it."""

    criterion: Criterion
    instruments: tuple[Named, ...]
    elsewhere: tuple[tuple[Theme, Criterion], ...]


def named(source: Framework, keys: Iterable[str], jurisdiction: str) -> tuple[Named, ...]:
    """Instruments by key, with what they are now."""
    found = (source.instruments[k] for k in keys if k in source.instruments)
    return tuple(Named(i, i.replaced_in(jurisdiction)) for i in found)


def elsewhere(criterion: Criterion, frameworks: Sequence[Framework]) -> tuple:
    """The same aspect in other themes, of this framework and the others."""
    if not criterion.common:
        return ()
    return tuple(
        (f.theme_of(other.id), other)
        for f in frameworks
        for other in f.sharing(criterion.common)
        if other.id != criterion.id
    )


def cards(source: Framework, theme: Theme) -> list[Card]:
    """The criteria of a theme with everything their page shows."""
    current = [f for f in library.load_all() if f.id != source.id]
    return [
        Card(
            c,
            named(source, c.instruments, source.jurisdiction),
            elsewhere(c, [source, *current]),
        )
        for c in theme.criteria
    ]


def overlaps_of(source: Framework, theme: Theme) -> list[Overlap]:
    """Themes of other frameworks that ask about the same."""
    return [o for o in source.overlaps if theme.id in {o.theme, o.other}]


def parts(source: Framework, kloe: Kloe) -> list[tuple[MainQuestion | None, list[Theme]]]:
    """The themes of a KLOE under their main questions, where it has them."""
    if not kloe.main_questions:
        return [(None, list(kloe.themes))]
    return [(m, [source.theme(t) for t in m.themes]) for m in kloe.main_questions]


@dataclass(frozen=True)
class Neighbours:
    """The theme before and after, within the KLOE."""

    before: Theme | None
    after: Theme | None


def neighbours(kloe: Kloe, theme: Theme) -> Neighbours:
    """The theme before and after in a KLOE."""
    at = kloe.themes.index(theme)
    return Neighbours(
        kloe.themes[at - 1] if at else None,
        kloe.themes[at + 1] if at + 1 < len(kloe.themes) else None,
    )


@dataclass(frozen=True)
class Entry:
    """A line of the instruments register."""

    instrument: Instrument
    now: tuple[Replacement, ...]
    places: tuple[Theme, ...]


def register(source: Framework, *, words: str, kind: str, jurisdiction: str) -> list[Entry]:
    """The instruments of an edition, by name."""
    asked = search.fold(words)
    found = []
    for one in source.instruments.values():
        if kind and one.kind != kind:
            continue
        now = one.replaced_in(jurisdiction) if jurisdiction else one.replaced_by
        said = " ".join(
            [str(one.name), one.abbreviation or "", str(one.was), *(str(r.by) for r in now)]
        )
        if asked and asked not in search.fold(said):
            continue
        found.append(Entry(one, now, _places(source, one.refs)))
    return sorted(found, key=lambda e: search.fold(str(e.instrument.name)))


def _places(source: Framework, refs: Iterable[str]) -> tuple[Theme, ...]:
    """The themes that references of published texts (``2.3/1/E3``) lie in."""
    found: dict[str, Theme] = {}
    for ref in refs:
        number = "/".join(ref.split("/")[:2])
        try:
            theme = source.theme(number)
        except NotFound:
            continue
        found.setdefault(theme.id, theme)
    return tuple(found.values())


def jurisdictions() -> list[str]:
    """The countries one can ask for."""
    return [j for j in JURISDICTIONS if j not in {"uk", "great-britain"}]


def instrument_kinds(source: Framework) -> list[str]:
    """Kinds of instrument in an edition."""
    there = {i.kind for i in source.instruments.values()}
    return [k for k in INSTRUMENT_KINDS if k in there]


@dataclass(frozen=True)
class Found:
    """A hit with the way to it."""

    hit: search.Hit
    framework: Framework
    text: SafeString
    kloe: str
    theme: str
    anchor: str

    @property
    def is_title(self) -> bool:
        """Whether what was found is the name of something, not a text under it."""
        return self.hit.text == self.hit.title


def find(words: str, *, kind: str = "", within: str = "") -> list[Found]:
    """The texts that fit, best first; at most ``MOST``."""
    everything = {f.id: f for f in library.load_all()}
    asked = [f for f in everything.values() if not within or f.id == within]
    kinds = (kind,) if kind in KINDS else ()
    hits = search.search(words, asked, kinds=kinds, limit=MOST)
    light = highlighter(words)
    return [
        Found(
            hit=h,
            framework=everything[h.framework],
            text=light(h.text),
            kloe=f"{h.framework}/{h.kloe}",
            theme=f"{h.framework}/{h.theme}" if h.theme else "",
            anchor=_anchor(h),
        )
        for h in hits
    ]


def _anchor(hit: search.Hit) -> str:
    last = hit.id.rsplit("/", 2)
    if hit.kind == "criterion":
        return f"c-{last[-1]}"
    if hit.kind == "descriptor":
        return f"c-{last[-2]}"
    if hit.kind in {"question", "detailed question"}:
        return f"q-{last[-1]}"
    return ""


class highlighter:  # noqa: N801 - a function with a memory
    """Marks the words asked for in a text."""

    def __init__(self, words: str) -> None:
        stems = {search.stem(w) for w in re.findall(r"\w+", search.fold(words)) if len(w) > 1}
        parts = "|".join(sorted(map(re.escape, stems), key=len, reverse=True))
        self.pattern = re.compile(rf"(\b(?:{parts})\w*)", re.IGNORECASE) if parts else None

    def __call__(self, text: str) -> SafeString:
        if self.pattern is None:
            return conditional_escape(text)
        pieces = self.pattern.split(text)
        return format_html_join(
            "",
            "{}",
            ((conditional_escape(p) if n % 2 == 0 else _marked(p),) for n, p in enumerate(pieces)),
        )


def _marked(text: str) -> SafeString:
    from django.utils.html import format_html

    return format_html("<mark>{}</mark>", text)
