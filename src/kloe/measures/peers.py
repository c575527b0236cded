"""Landlords of a dataset, and the groups of similar ones they are compared with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kloe.core.errors import InvalidInput
from kloe.core.messages import Message, _
from kloe.measures.headers import Population

DIMENSIONS = ("type", "size", "region")
LEAST_PEERS = 10


@dataclass(frozen=True, slots=True)
class Landlord:
    """A landlord as the regulator publishes it."""

    code: str
    name: str
    type: str
    size: str
    region: str
    supported: bool | None
    homes: tuple[tuple[Population, int], ...]
    notes: tuple[str, ...]
    not_included: tuple[tuple[str, str], ...]

    def homes_of(self, population: Population) -> int | None:
        """How many homes of that kind it owns, where it reports them."""
        return dict(self.homes).get(population)

    def value_of(self, dimension: str) -> str:
        """Its type, size band or region."""
        return {"type": self.type, "size": self.size, "region": self.region}[dimension]


@dataclass(frozen=True, slots=True)
class PeerGroup:
    """Which landlords a figure is compared with; None means no limit in that respect.

    ``widened`` names what had to be given up because too few landlords were left.
    """

    type: str | None = None
    size: str | None = None
    region: str | None = None
    widened: tuple[str, ...] = ()

    def has(self, landlord: Landlord) -> bool:
        """Whether a landlord belongs to the group."""
        return (
            (self.type is None or self.type == landlord.type)
            and (self.size is None or self.size == landlord.size)
            and (self.region is None or self.region == landlord.region)
        )

    @property
    def limits(self) -> tuple[tuple[str, str | None], ...]:
        return (("type", self.type), ("size", self.size), ("region", self.region))

    @property
    def by(self) -> tuple[str, ...]:
        """In which respects the group is limited."""
        return tuple(dimension for dimension, wanted in self.limits if wanted is not None)

    @property
    def words(self) -> Message:
        """The group in words: "councils, 5,000-40,000 homes, South"."""
        kind = type_words(self.type) if self.type is not None else _("all landlords")
        if self.size is not None and self.region is not None:
            return _(
                "%(kind)s, %(size)s homes, %(region)s",
                kind=kind,
                size=self.size,
                region=region_words(self.region),
            )
        if self.size is not None:
            return _("%(kind)s, %(size)s homes", kind=kind, size=self.size)
        if self.region is not None:
            return _("%(kind)s, %(region)s", kind=kind, region=region_words(self.region))
        return kind

    @property
    def widened_words(self) -> Message | None:
        """What was given up, in words; None where nothing was."""
        if not self.widened:
            return None
        return _WIDENED[self.widened]


ALL = PeerGroup()

_TYPES = {"PRP": _("housing associations"), "LA": _("councils")}
_REGIONS = {
    "South": _("the South"),
    "North": _("the North"),
    "Midlands": _("the Midlands"),
    "London": _("London"),
    "Mixed": _("several regions"),
}
_WIDENED = {
    ("region",): _("Fewer than ten such landlords in the region, so other regions count too."),
    ("size", "region"): _(
        "Fewer than ten such landlords of the size, so other sizes and regions count too."
    ),
    ("type", "size", "region"): _("Fewer than ten such landlords, so all are compared."),
    ("size",): _("Fewer than ten such landlords of the size, so other sizes count too."),
    ("type",): _("Fewer than ten such landlords of the type, so all are compared."),
    ("type", "size"): _("Fewer than ten such landlords, so all are compared."),
    ("type", "region"): _("Fewer than ten such landlords, so all are compared."),
}


def type_words(code: str) -> Message:
    """A landlord's type in words."""
    return _TYPES.get(code) or _("landlords of the type %(type)s", type=code or "?")


def region_words(name: str) -> Message:
    """A region as it stands in a sentence."""
    return _REGIONS.get(name) or _("%(region)s", region=name)


def groups_for(landlord: Landlord, by: Sequence[str] = DIMENSIONS) -> tuple[PeerGroup, ...]:
    """The group asked for, then ever wider ones: region is given up first, then size, then type.

    :raises InvalidInput: where ``by`` names something else.
    """
    unknown = [dimension for dimension in by if dimension not in DIMENSIONS]
    if unknown:
        raise InvalidInput(
            _("Peers are asked for by %(what)s.", what=", ".join(unknown)),
            _("Landlords are compared by type, size and region."),
            _("Use one or more of these."),
        )
    # What a landlord's row does not say cannot limit its peers.
    kept = [d for d in DIMENSIONS if d in by and landlord.value_of(d)]
    groups = []
    given_up: tuple[str, ...] = ()
    while True:
        limits = {dimension: landlord.value_of(dimension) for dimension in kept}
        groups.append(PeerGroup(**limits, widened=given_up))
        if not kept:
            return tuple(groups)
        given_up = (kept.pop(), *given_up)


def group_of(
    landlords: Iterable[Landlord],
    *,
    type: str | None = None,
    size: str | None = None,
    region: str | None = None,
) -> PeerGroup:
    """A group by the values a person gives, matched without regard to case and commas.

    :raises InvalidInput: where no landlord has such a value; names those there are.
    """
    there = tuple(landlords)
    found: dict[str, str] = {}
    for dimension, wanted in (("type", type), ("size", size), ("region", region)):
        if wanted is None:
            continue
        values = sorted({x.value_of(dimension) for x in there} - {""})
        match = [v for v in values if _bare(v) == _bare(wanted)]
        if not match:
            raise InvalidInput(
                _("No landlord has the %(what)s “%(value)s”.", what=dimension, value=wanted),
                _("There are: %(values)s.", values="; ".join(values)),
                _("Use one of these (in quotes, where it has < or >)."),
            )
        found[dimension] = match[0]
    return PeerGroup(found.get("type"), found.get("size"), found.get("region"))


def _bare(value: str) -> str:
    return re.sub(r"[\s,]", "", value).lower()
