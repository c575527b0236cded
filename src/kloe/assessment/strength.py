"""How strong the evidence of a finding is: suggested by what bears it out, a person decides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from kloe.core.messages import Message, _


class Strength(StrEnum):
    """How strong the evidence of a finding is."""

    STRONG = "strong"
    ADEQUATE = "adequate"
    LIMITED = "limited"


STRENGTHS: dict[str, Message] = {
    Strength.STRONG: _("Strong"),
    Strength.ADEQUATE: _("Adequate"),
    Strength.LIMITED: _("Limited"),
}
#: As a report says it beside a finding.
SAID: dict[str, Message] = {
    Strength.STRONG: _("strong evidence"),
    Strength.ADEQUATE: _("adequate evidence"),
    Strength.LIMITED: _("limited evidence"),
}


@dataclass(frozen=True, slots=True)
class Suggested:
    """A strength with what it was counted from."""

    strength: Strength
    why: Message

    @property
    def label(self) -> Message:
        """The word for it."""
        return STRENGTHS[self.strength]


def suggest(basis: Iterable[tuple[str, str]], contradicted: int = 0) -> Suggested:
    """What triangulation makes of a finding's evidence; never more than a suggestion.

    Strong rests on two kinds and two origins with nothing contradicted; adequate on two kinds or
    two origins; everything else is limited.

    :param basis: kind and origin of each item that bears on it.
    :param contradicted: how many of its criteria have evidence against their placing.
    """
    items = set(basis)
    kinds, origins = {kind for kind, _origin in items}, {origin for _kind, origin in items}
    why = _(
        "Kinds of evidence: %(kinds)d; origins: %(origins)d; criteria with evidence against their "
        "placing: %(n)d.",
        kinds=len(kinds), origins=len(origins), n=contradicted,
    )  # fmt: skip
    if len(kinds) >= 2 and len(origins) >= 2 and not contradicted:
        return Suggested(Strength.STRONG, why)
    if len(kinds) >= 2 or len(origins) >= 2:
        return Suggested(Strength.ADEQUATE, why)
    return Suggested(Strength.LIMITED, why)
