"""How a landlord's figures were made, beside how its peers' were: targets, methods, samples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation

from kloe.core.messages import Message, _
from kloe.measures.headers import Population
from kloe.measures.peers import Landlord, PeerGroup
from kloe.measures.published import Measure

_TARGETS = {
    "RP02 1": (
        "target non-emergency",
        _(
            "Its target for these repairs is %(own)s days, as it reports it; in its group"
            " targets run from %(least)s to %(most)s."
        ).msgid,
    ),
    "RP02 2": (
        "target emergency",
        _(
            "Its target for these repairs is %(own)s hours, as it reports it; in its group"
            " targets run from %(least)s to %(most)s."
        ).msgid,
    ),
}


class Circumstances:
    """What landlords say about how their figures were made."""

    def __init__(self, rows: Iterable[tuple[str, Population, str, str]]) -> None:
        self._said: dict[tuple[str, Population, str], str] = {}
        for landlord, population, item, value in rows:
            self._said[landlord, population, item] = value
        self._counted: dict[tuple[PeerGroup, Population, str], Counter[str]] = {}

    def said(self, landlord: Landlord, population: Population, item: str) -> str:
        """What a landlord says of one thing; empty where it says nothing."""
        return self._said.get((landlord.code, population, item), "")

    def notes(
        self,
        landlord: Landlord,
        measure: Measure,
        population: Population,
        group: PeerGroup,
        peers: Sequence[Landlord],
    ) -> tuple[Message, ...]:
        """What keeps this landlord's figure from being like for like with these peers'."""
        if measure.kind == "perception":
            return self._survey(landlord, population, group, peers)
        if measure.code in _TARGETS:
            return self._target(landlord, measure.code, population, group, peers)
        return ()

    def _all(
        self, group: PeerGroup, population: Population, item: str, peers: Sequence[Landlord]
    ) -> Counter[str]:
        """What the landlords of a group say of one thing, counted once for each group."""
        key = (group, population, item)
        if key not in self._counted:
            said = (self.said(peer, population, item) for peer in peers)
            self._counted[key] = Counter(words for words in said if words)
        return self._counted[key]

    def _survey(
        self,
        landlord: Landlord,
        population: Population,
        group: PeerGroup,
        peers: Sequence[Landlord],
    ) -> tuple[Message, ...]:
        notes: list[Message] = []
        method = self.said(landlord, population, "collection method")
        methods = self._all(group, population, "collection method", peers)
        own = 1 if group.has(landlord) else 0
        total = sum(methods.values()) - own
        if method and total > 0:
            words = (
                _(
                    "Its survey mixed several methods, none of them predominant; so did those of"
                    " %(same)d of its %(total)d peers.",
                    same=methods[method] - own,
                    total=total,
                )
                if method.lower().startswith("no ")
                else _(
                    "Its survey was made mostly by this method: %(method)s. So were those of"
                    " %(same)d of its %(total)d peers.",
                    method=method if method.isupper() else method.lower(),
                    same=methods[method] - own,
                    total=total,
                )
            )
            notes.append(words)
        achieved = _number(self.said(landlord, population, "sample achieved"))
        margin = _number(self.said(landlord, population, "margin of error"))
        if achieved is not None and margin is not None:
            notes.append(
                _(
                    "%(n)s tenants answered its survey; the margin of error is about"
                    " %(margin)s points either way.",
                    n=f"{int(achieved):,}",
                    margin=f"{margin:.1f}",
                )
            )
        if self.said(landlord, population, "weighted").lower() == "yes":
            notes.append(_("Its answers were weighted, so the counts need not be whole numbers."))
        return tuple(notes)

    def _target(
        self,
        landlord: Landlord,
        code: str,
        population: Population,
        group: PeerGroup,
        peers: Sequence[Landlord],
    ) -> tuple[Message, ...]:
        item, sentence = _TARGETS[code]
        own = _number(self.said(landlord, population, item))
        targets = [
            number
            for words in self._all(group, population, item, peers)
            if (number := _number(words)) is not None
        ]
        if own is None or not targets:
            return ()
        least, most = min(targets), max(targets)
        return (Message(sentence, own=_bare(own), least=_bare(least), most=_bare(most)),)


def _number(words: str) -> Decimal | None:
    try:
        number = Decimal(words.replace(",", ""))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _bare(number: Decimal) -> str:
    return format(number.normalize(), "f")
