"""The landlord's claims in its own words, the boldest with the weakest proof first.

A claim is what the landlord says of itself on one criterion: the position it gave itself with its
reason, and the strengths and answers that rest on the criterion. Two numbers order them, each a
sum of named parts so that a reader can follow it:

*boldness*, 0 to 6: how high the landlord places itself (upper or met or *not so* 4, between or in
part 2, otherwise 0), plus 1 where a strength rests on the criterion, plus 1 where the words claim
something for everybody or always ("all", "every", "always", "never", "100 %").

*proof*, 0 to 6: one for each kind of evidence up to three, plus 2 where its kinds and origins are
enough by the rules of triangulation, plus 1 unless a decisive kind is asked for and missing;
nothing counts where evidence contradicts the placing, or where there is none.

Claims are ordered by boldness less proof, then by boldness, then as the framework is published.
What is not bold (boldness under 2) is no claim to be tested.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kloe.assessment.positions import Position
from kloe.core.messages import Message, _

HIGH = frozenset({Position.UPPER, Position.MET, Position.NOT_SO})
MIDDLE = frozenset({Position.BETWEEN, Position.PARTLY_MET, Position.PARTLY_SO})
#: Words that claim something without exception, in English and Welsh.
ABSOLUTE = re.compile(
    r"\b(all|every|everyone|everybody|always|never|none|no one|nobody|fully"
    r"|pob|bob|holl|bawb|pawb|byth)\b|\b100 ?%",
    re.IGNORECASE,
)
LEAST = 2


@dataclass(frozen=True)
class Said:
    """What the landlord says on one criterion, and what it rests on."""

    criterion: str
    position: str
    reason: str = ""
    strengths: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    #: Whether kinds and origins are enough by the rules of triangulation.
    enough: bool = False
    contradicted: bool = False
    #: The kinds some descriptor says decide, such as tenant voice.
    decisive: tuple[str, ...] = ()
    #: Place in the published order.
    order: int = 0


@dataclass(frozen=True)
class Claim:
    """A claim with its rank and why it stands there."""

    said: Said
    words: str
    boldness: int
    proof: int
    why: tuple[Message, ...]

    @property
    def gap(self) -> int:
        return self.boldness - self.proof


def boldness_of(said: Said) -> tuple[int, list[Message]]:
    """How much is claimed, 0 to 6, and why."""
    try:
        position = Position(said.position)
    except ValueError:
        return 0, []
    high = 4 if position in HIGH else 2 if position in MIDDLE else 0
    why = []
    if high == 4:
        why.append(_("It places itself highest."))
    elif high:
        why.append(_("It places itself in between."))
    score = high
    if said.strengths:
        score += 1
        why.append(_("It calls it a strength."))
    if any(ABSOLUTE.search(text) for text in (said.reason, *said.strengths)):
        score += 1
        why.append(_("Its words allow no exception."))
    return score, why


def proof_of(said: Said) -> tuple[int, list[Message]]:
    """How well it is proven, 0 to 6, and what is weak about it."""
    if said.contradicted:
        return 0, [_("Its own evidence contradicts it.")]
    kinds = set(said.kinds)
    if not kinds:
        return 0, [_("It gives no evidence.")]
    score, why = min(len(kinds), 3), []
    if len(kinds) == 1:
        why.append(_("It rests on one kind of evidence."))
    if said.enough:
        score += 2
    else:
        why.append(_("Its evidence is not enough of different kinds and origins."))
    if not said.decisive or kinds.intersection(said.decisive):
        score += 1
    else:
        why.append(_("The kind of evidence that decides is missing."))
    return score, why


def words_of(said: Said) -> str:
    """The claim in the landlord's own words: its reason, else its first strength."""
    return said.reason.strip() or next((t.strip() for t in said.strengths if t.strip()), "")


def rank(said: Iterable[Said]) -> list[Claim]:
    """Claims to be tested, the boldest with the weakest proof first. Pure and total."""
    found = []
    for one in said:
        boldness, bold = boldness_of(one)
        proof, weak = proof_of(one)
        if boldness >= LEAST:
            found.append(Claim(one, words_of(one), boldness, proof, (*bold, *weak)))
    return sorted(found, key=lambda c: (-c.gap, -c.boldness, c.said.order, c.said.criterion))


def first_for(claims: Sequence[Claim], theme: str) -> list[Claim]:
    """The claims of one theme, in their order."""
    return [c for c in claims if c.said.criterion.startswith(f"{theme}/")]
