"""Words, colours and small sums the pages of an assessment show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from kloe.assessment.positions import LABELS
from kloe.assessment.vocabulary import LABELS as WORDS
from kloe.core.messages import Message
from kloe.frameworks.model import Instrument, Replacement
from kloe.web.assessments.states import KIND_BITS

register = template.Library()

_WORDS = {word.value: label for word, label in WORDS.items()}
_POSITIONS = {p.value: label for p, label in LABELS.items()}


@register.filter
def word(value: str) -> str:
    """The label of a fixed word: an evidence kind, an origin, a direction, a stage."""
    return str(_WORDS.get(str(value), value))


@register.filter
def position(value: str) -> str:
    """The label of a position."""
    return str(_POSITIONS.get(str(value), value))


@register.filter
def refs(sources: Sequence[str], number: str) -> str:
    """References of published texts, the theme's number said once: ``1.5/4 · E2 S2``."""
    return f"{number} · {' '.join(s.rpartition('/')[2] for s in sources)}"


@register.filter
def shade_of(rungs: Iterable[Any], value: str) -> int:
    """Colour step of a position on its ladder."""
    return next((r.shade for r in rungs if r.value == value), 0)


@register.filter
def replaced(instrument: Instrument, jurisdiction: str) -> tuple[Replacement, ...]:
    """What has taken an instrument's place where the landlord is."""
    return instrument.replaced_in(jurisdiction)


@register.filter
def kinds(bits: int) -> list[tuple[Message, bool]]:
    """The kinds of evidence with whether each is there."""
    return [(WORDS[kind], bool(bits & bit)) for kind, bit in KIND_BITS.items()]


@register.filter
def bars(spread: Sequence[tuple[int, int, Message]]) -> list[tuple[str, str, int]]:
    """(x, width, shade) of a bar a hundred wide."""
    total = sum(n for _shade, n, _label in spread) or 1
    x, found = 0.0, []
    for shade, n, _label in spread:
        width = 100 * n / total
        found.append((f"{x:.2f}", f"{max(width - 0.6, 0.4):.2f}", shade))
        x += width
    return found


_STRANDS = {
    "access": Message("Access and customer care"),
    "diversity": Message("Diversity"),
    "service": Message("The service"),
    "value for money": Message("Value for money"),
    "improvement": Message("Improvement"),
}


@register.filter
def strand(value: str) -> str:
    """The label of a strand."""
    return str(_STRANDS.get(str(value), value))


@register.filter
def slug(identifier: str) -> str:
    """An identifier as an HTML id."""
    return str(identifier).replace("/", "-").replace(".", "-")


class OnceNode(template.Node):
    """Renders its content once for each key and language, and keeps it in the process."""

    LIMIT = 8192

    def __init__(self, nodelist: template.NodeList, keys: list[Any]) -> None:
        self.nodelist, self.keys = nodelist, keys
        self.kept: dict[tuple[Any, ...], SafeString] = {}

    def render(self, context: template.Context) -> SafeString:
        key = (get_language(), *(k.resolve(context) for k in self.keys))
        found = self.kept.get(key)
        if found is None:
            found = self.nodelist.render(context)
            if len(self.kept) >= self.LIMIT:
                self.kept.clear()
            self.kept[key] = found
        return found


@register.tag
def once(parser: template.base.Parser, token: template.base.Token) -> OnceNode:
    """``{% once key ... %}...{% endonce %}``: for content that depends on the keys alone.

    What a pinned edition says never changes, so that a descriptor is escaped and translated
    once, not at every view. Nothing of a person, an assessment or a permission belongs inside
    unless it is among the keys.
    """
    keys = [parser.compile_filter(word) for word in token.split_contents()[1:]]
    nodelist = parser.parse(("endonce",))
    parser.delete_first_token()
    return OnceNode(nodelist, keys)
