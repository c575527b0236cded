"""What a rating rests on: kinds and origins of evidence, what is missing, what contradicts.

**Triangulated** means at least two kinds *and* at least two origins among the evidence that
bears a rating out. Two kinds alone are not enough: a policy and a report that the landlord
wrote are two kinds from one mouth. Two origins alone are not either: a tenant's word and an
officer's word are both testimony. The glossary calls a claim that rests on one kind or one
origin single, so both have to be more than one.

Only evidence that does not contradict the rating bears it out: what shows the opposite of a
placing is no second leg for it. Context bears nothing out.

**Contradicted** means that evidence contradicts the rating, or that evidence contradicts
itself (the same descriptor shown and shown otherwise, for times that overlap) while the
rating is not *conflicting*. Older evidence that newer evidence on the same descriptor has
overtaken is history, and contradicts nothing.

Cheap on purpose: one criterion at a time, called on every save.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from kloe.assessment.agreement import Agreement, agreement
from kloe.assessment.positions import LOWER_ONLY, PLACED, UPPER_ONLY, Position
from kloe.assessment.vocabulary import LABELS, Direction, EvidenceKind, Origin
from kloe.assessment.wording import Several
from kloe.core.messages import Message, _
from kloe.frameworks.model import Criterion


@dataclass(frozen=True, slots=True)
class Link:
    """A link of an evidence item to a descriptor, with what of both matters here.

    ``start`` and ``end`` are the period the item speaks for; an end that is not known is
    open.
    """

    item: str
    descriptor: str
    direction: str
    side: str
    polarity: str
    kind: str
    origin: str
    start: date | None = None
    end: date | None = None

    @property
    def shows(self) -> bool:
        """Whether it shows something, one way or the other."""
        return self.direction != Direction.CONTEXT

    def overtakes(self, other: Link) -> bool:
        """Whether it speaks for a later time altogether."""
        return self.start is not None and other.end is not None and other.end < self.start


@dataclass(frozen=True, slots=True)
class Decisive:
    """A kind of evidence that decides a descriptor of this side."""

    side: str
    kind: str


@dataclass(frozen=True, slots=True)
class Triangulation:
    """What a rating rests on.

    :param position: of the rating; none while nothing is said.
    :param evidence: links that show something, one way or the other.
    :param context: links given as context.
    :param kinds: kinds of the evidence that bears the rating out, in the glossary's order
        (of all that shows something, while nothing is placed).
    :param origins: likewise.
    :param decisive_missing: kinds that decide a descriptor the rating claims, and are not
        among them.
    :param agreements: of each link given, in the order given.
    :param agreeing: how many agree; ``contradicting`` how many contradict.
    :param overtaken: how many newer evidence on the same descriptor has overtaken.
    :param torn: descriptors on which evidence contradicts itself.
    :param dated: whether all that bears the rating out speaks for a time before ``since``.
    """

    position: Position | None
    evidence: int
    context: int
    kinds: tuple[str, ...]
    origins: tuple[str, ...]
    decisive_missing: tuple[str, ...]
    agreements: tuple[Agreement, ...]
    agreeing: int
    contradicting: int
    overtaken: int
    torn: tuple[str, ...]
    dated: bool

    @property
    def triangulated(self) -> bool:
        """At least two kinds and two origins."""
        return len(self.kinds) > 1 and len(self.origins) > 1

    @property
    def contradicted(self) -> bool:
        """Whether evidence contradicts the rating, or itself where that is not the rating."""
        if self.position in (Position.CONFLICTING, Position.NOT_APPLICABLE):
            return False
        return bool(self.contradicting or self.torn)

    def missing(self) -> tuple[Message, ...]:
        """What is missing or amiss, in words; nothing where all is well."""
        said = [*self._legs()]
        if self.decisive_missing:
            said.append(
                _(
                    "The wording asks for %(kinds)s, and there is none.",
                    kinds=Several(_kind(kind) for kind in self.decisive_missing),
                )
            )
        if self.contradicted and self.contradicting:
            said.append(_("Evidence that contradicts the rating: %(n)d.", n=self.contradicting))
        if self.contradicted and self.torn:
            said.append(
                _(
                    "Evidence contradicts itself on %(n)d of the descriptors: place it as "
                    "conflicting, or say in the reason which is to be believed.",
                    n=len(self.torn),
                )
            )
        if self.dated:
            said.append(_("All of it speaks for a time before the period assessed."))
        return tuple(said)

    def _legs(self) -> Iterable[Message]:
        if not self.evidence:
            yield (
                _("There is only context; nothing shows it.")
                if self.context
                else _("There is no evidence yet.")
            )
        elif not self.kinds:
            yield _("None of the evidence bears the rating out.")
        else:
            if len(self.kinds) == 1:
                yield _(
                    "It rests on one kind of evidence only: %(kind)s.", kind=_kind(self.kinds[0])
                )
            if len(self.origins) == 1:
                yield _(
                    "It rests on one origin of evidence only: %(origin)s.",
                    origin=_origin(self.origins[0]),
                )


def _kind(kind: str) -> Message:
    return LABELS[EvidenceKind(kind)]


def _origin(origin: str) -> Message:
    return LABELS[Origin(origin)]


_KIND_ORDER = {kind.value: n for n, kind in enumerate(EvidenceKind)}
_ORIGIN_ORDER = {origin.value: n for n, origin in enumerate(Origin)}
_CLAIMS: dict[Position, tuple[str, ...]] = {
    Position.UPPER: ("upper",),
    Position.BETWEEN: ("upper", "lower"),
    Position.LOWER: ("lower",),
    Position.WORSE: ("lower",),
    **dict.fromkeys(UPPER_ONLY, ("upper",)),
    **dict.fromkeys(LOWER_ONLY, ("lower",)),
}


def decisive_of(criterion: Criterion) -> tuple[Decisive, ...]:
    """The kinds of evidence that decide a criterion's descriptors, each once for each side."""
    found = (Decisive(d.side, d.decisive) for d in criterion.descriptors if d.decisive)
    return tuple(dict.fromkeys(found))


def summarise(
    links: Sequence[Link],
    position: Position | str | None,
    decisive: Iterable[Decisive] = (),
    *,
    since: date | None = None,
) -> Triangulation:
    """What a rating of one criterion rests on.

    :param links: all links to the criterion's descriptors, in any order.
    :param position: of the rating; none or empty while nothing is placed.
    :param decisive: of the criterion, see :func:`decisive_of`.
    :param since: first day of the period assessed, to tell evidence that only speaks for
        earlier times.
    """
    position = Position(position) if position else None
    torn, overtaken = _compare(links)
    agreements = tuple(
        Agreement.NEUTRAL
        if n in overtaken
        else agreement(link.direction, link.side, link.polarity, position)
        for n, link in enumerate(links)
    )
    placed = position in PLACED
    bearing = [
        link
        for n, link in enumerate(links)
        if link.shows
        and n not in overtaken
        and (agreements[n] is Agreement.AGREES if placed else True)
    ]
    kinds, origins = {link.kind for link in bearing}, {link.origin for link in bearing}
    sides = _CLAIMS.get(position, ("upper", "lower")) if position else ("upper", "lower")
    wanted = {d.kind for d in decisive if d.side in sides} - kinds
    if position is Position.NOT_APPLICABLE:
        wanted = set()
    shown = sum(link.shows for link in links)
    return Triangulation(
        position=position,
        evidence=shown,
        context=len(links) - shown,
        kinds=tuple(sorted(kinds, key=lambda k: _KIND_ORDER.get(k, 99))),
        origins=tuple(sorted(origins, key=lambda o: _ORIGIN_ORDER.get(o, 99))),
        decisive_missing=tuple(sorted(wanted, key=lambda k: _KIND_ORDER.get(k, 99))),
        agreements=agreements,
        agreeing=agreements.count(Agreement.AGREES),
        contradicting=agreements.count(Agreement.CONTRADICTS),
        overtaken=len(overtaken),
        torn=torn,
        dated=bool(
            since and bearing and all(link.end is not None and link.end < since for link in bearing)
        ),
    )


def _compare(links: Sequence[Link]) -> tuple[tuple[str, ...], frozenset[int]]:
    """Descriptors on which links contradict each other, and which links are overtaken.

    Only links in opposite directions on one descriptor are compared: evidence that says the
    same of an earlier time still bears it out.
    """
    by_descriptor: dict[str, list[int]] = {}
    for n, link in enumerate(links):
        if link.shows:
            by_descriptor.setdefault(link.descriptor, []).append(n)
    torn, overtaken = set(), set()
    for descriptor, numbers in by_descriptor.items():
        if len({links[n].direction for n in numbers}) < 2:
            continue
        # Latest first: what is overtaken itself overtakes nothing.
        for n in sorted(numbers, key=lambda n: links[n].start or date.min, reverse=True):
            if any(
                links[m].direction != links[n].direction and links[m].overtakes(links[n])
                for m in numbers
                if m not in overtaken
            ):
                overtaken.add(n)
        left = {links[n].direction for n in numbers if n not in overtaken}
        if len(left) > 1:
            torn.add(descriptor)
    return tuple(sorted(torn)), frozenset(overtaken)
