"""The weights of the scope proposal: visible settings, each with its name and what it does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from kloe.core.errors import InvalidInput
from kloe.core.messages import Message, _

LOWEST, HIGHEST = 0, 100


@dataclass(frozen=True, slots=True)
class Weights:
    """How many points each reason gives; 0 takes a reason out. All from 0 to 100.

    ``long_years`` and ``threshold`` are no points: from how many years on an area counts as
    not assessed for long, and from how many points on a theme is proposed.
    """

    worst_quarter: int = 30
    third_quarter: int = 12
    known_against: int = 25
    overrated: int = 35
    contradicted: int = 10
    weak_last_time: int = 30
    low_coverage: int = 10
    never_assessed: int = 15
    not_for_long: int = 15
    long_years: int = 3
    threshold: int = 30

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if isinstance(value, bool) or not isinstance(value, int):
                raise _wrong(name, value)
            if not LOWEST <= value <= HIGHEST:
                raise _wrong(name, value)

    def to_json(self) -> dict[str, int]:
        """As it is stored with an assessment."""
        return asdict(self)

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Weights:
        """Weights from what a form or a file holds; what is left out keeps its default.

        :raises InvalidInput: for a name that is no weight, or a value that is not allowed.
        """
        known = {field.name for field in fields(cls)}
        given: dict[str, int] = {}
        for name, value in values.items():
            if name not in known:
                raise InvalidInput(
                    _("There is no weight “%(name)s”.", name=name),
                    _("Weights: %(names)s.", names=", ".join(sorted(known))),
                    _("Correct the name."),
                )
            if isinstance(value, str):
                digits = value.strip()
                if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
                    raise _wrong(name, value[:40])
                value = int(value)  # noqa: PLW2901 - what a form sends is text
            given[name] = value
        return cls(**given)

    def changed(self) -> dict[str, int]:
        """Those that differ from the defaults."""
        default = asdict(Weights())
        return {name: value for name, value in asdict(self).items() if value != default[name]}


def _wrong(name: str, value: Any) -> InvalidInput:
    return InvalidInput(
        _("The weight “%(name)s” is given as %(value)s.", name=NAMES[name], value=value),
        _("Whole numbers from %(low)d to %(high)d.", low=LOWEST, high=HIGHEST),
        _("Give one of these; 0 leaves the reason out."),
    )


NAMES: dict[str, Message] = {
    "worst_quarter": _("Indicator in the worst quarter of peers"),
    "third_quarter": _("Indicator in the second-worst quarter of peers"),
    "known_against": _("Known from elsewhere, against"),
    "overrated": _("Rated high, indicators in the worst quarter"),
    "contradicted": _("Evidence that contradicts"),
    "weak_last_time": _("Weak in the inspection looked at again"),
    "low_coverage": _("Low coverage"),
    "never_assessed": _("Never assessed"),
    "not_for_long": _("Not assessed for long"),
    "long_years": _("Years that count as long"),
    "threshold": _("Points from which a theme is proposed"),
}

WORDS: dict[str, Message] = {
    "worst_quarter": _("Points for each indicator in the worst quarter of its peer group."),
    "third_quarter": _("Points for each indicator in the quarter before the worst."),
    "known_against": _(
        "Points for each finding from elsewhere that speaks against the service: all of them "
        "in its first year, half until it is three years old, a quarter afterwards."
    ),
    "overrated": _(
        "Points for each criterion placed like the upper column while an indicator that "
        "speaks to it stands in the worst quarter."
    ),
    "contradicted": _("Points for each criterion whose rating evidence contradicts."),
    "weak_last_time": _(
        "Points in a re-inspection for a theme that was weak the last time: a grade in the lower "
        "half of its scale, or, without a grade, half of its criteria on the lower side."
    ),
    "low_coverage": _(
        "Points for a theme nothing of which is placed; in proportion where some of it is."
    ),
    "never_assessed": _("Points for a theme that was never assessed."),
    "not_for_long": _("Points for a theme last assessed longer ago than the years given."),
    "long_years": _("No points: how many years ago counts as long."),
    "threshold": _("No points: themes with this many or more are proposed."),
}
