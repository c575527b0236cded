"""Whether a survey reached enough of each stratum to speak for it, as of a stock survey."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from kloe.core.errors import InvalidInput
from kloe.core.messages import Message, _
from kloe.core.stats import achieved_margin, size_for

#: Five points either way, at 95 per cent: the convention of stock surveys; a setting.
WANTED = Decimal("0.05")


@dataclass(frozen=True, slots=True)
class Stratum:
    """What was reached of a stratum, and what its size would need.

    :param margin: what was achieved, as a share; None where nothing was surveyed.
    :param over: achieved margin less the wanted one; above nought is too wide.
    :param share_apart: the stratum's share of the survey less its share of the homes.
    """

    name: str
    homes: int
    surveyed: int
    required: int
    margin: Decimal | None
    over: Decimal | None
    share_apart: Decimal | None
    passes: bool

    @property
    def missing(self) -> int:
        """How many more are needed."""
        return max(0, self.required - self.surveyed)


@dataclass(frozen=True, slots=True)
class Adequacy:
    """All strata and the survey as a whole."""

    whole: Stratum
    strata: tuple[Stratum, ...]
    wanted: Decimal
    confidence: int
    message: Message

    @property
    def passes(self) -> bool:
        """Whether the survey speaks for every stratum, and so for the whole."""
        return self.whole.passes and all(s.passes for s in self.strata)


def adequacy(
    strata: Mapping[str, tuple[int, int]],
    *,
    wanted: Decimal = WANTED,
    confidence: int = 95,
) -> Adequacy:
    """Each stratum against the number its size needs for the wanted margin.

    The size is Cochran's with the finite population correction
    (:func:`kloe.core.stats.size_for`), for the case in which it is hardest, a half. A stratum
    without homes needs nothing.

    :param strata: by name how many were surveyed, and how many homes there are.
    :raises InvalidInput: where more were surveyed than there are.
    """
    for name, (surveyed, homes) in strata.items():
        if not 0 <= surveyed <= homes:
            raise InvalidInput(
                _(
                    "%(name)s has %(surveyed)d surveyed of %(homes)d homes.",
                    name=name,
                    surveyed=surveyed,
                    homes=homes,
                ),
                _("No more can be surveyed than there are."),
                _("Count each home once, by its latest survey."),
            )
    all_surveyed = sum(s for s, _homes in strata.values())
    all_homes = sum(homes for _s, homes in strata.values())

    def of(name: str, surveyed: int, homes: int) -> Stratum:
        required = size_for(wanted, homes, confidence=confidence)
        margin = achieved_margin(surveyed, homes, confidence=confidence) if surveyed else None
        apart = None
        if all_surveyed and all_homes:
            apart = Decimal(surveyed) / all_surveyed - Decimal(homes) / all_homes
        return Stratum(
            name,
            homes,
            surveyed,
            required,
            margin,
            None if margin is None else margin - wanted,
            apart,
            surveyed >= required,
        )

    parts = tuple(of(name, *strata[name]) for name in sorted(strata))
    whole = of("", all_surveyed, all_homes)
    short = sum(not s.passes for s in parts)
    if not parts or not all_homes:
        message = _("There is nothing to survey.")
    elif short:
        message = Message(
            "One of %(total)d strata has too few surveys to speak for it.",
            plural="%(n)d of %(total)d strata have too few surveys to speak for them.",
            n=short,
            total=len(parts),
        )
    else:
        message = _("Every stratum has surveys enough to speak for it.")
    return Adequacy(whole, parts, wanted, confidence, message)
