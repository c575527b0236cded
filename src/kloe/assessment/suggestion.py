"""A suggested grade, with everything a person needs to agree with it or not.

It is never a judgement. It is stored beside one as it stood when the judgement was saved,
and read later in whichever language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kloe.assessment.limits import AppliedLimit
from kloe.assessment.profile import GradeSpread, Profile
from kloe.assessment.wording import all_from_json, all_to_json, words_from_json, words_to_json
from kloe.core.errors import InvalidInput
from kloe.core.messages import Message, Text, _

FORMAT = "kloe-suggestion/1"


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a theme graded in separate sides: cost, or quality.

    ``grade`` is none until the side reaches its own least coverage.
    """

    key: str
    name: Message
    grade: str | None
    label: Text | None
    profile: Profile

    def to_json(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {
            "key": self.key,
            "name": words_to_json(self.name),
            "grade": self.grade,
            "label": words_to_json(self.label),
            "profile": self.profile.to_json(),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Side:
        """What :meth:`to_json` gave."""
        return cls(
            value["key"],
            words_from_json(value["name"]),
            value["grade"],
            words_from_json(value["label"]),
            Profile.from_json(value["profile"]),
        )


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a framework's rules make of placings or grades.

    :param subject: identifier of the theme, KLOE or main question, or the judgement's name.
    :param judgement: ``service`` or ``prospects``.
    :param framework: the edition whose rules and scale were used, by identifier,
    :param digest: and by digest.
    :param rule: which step of which ladder was reached; empty without a grade.
    :param grade: key of the suggested grade; none until least coverage is reached.
    :param label: its name.
    :param uncapped: key of the grade before limits.
    :param profile: the placings, or grades, counted.
    :param why: how the grade came about.
    :param why_not_higher: what the next grade lacks, with figures and what is in the way.
    :param why_not_lower: which needs keep it from being lower, and by how much.
    :param limits: every limit that applies, whether it lowers the grade or not.
    :param short: what is missing to least coverage; empty where there is a grade.
    :param notes: what the reader should know besides: limits not tested yet, questions open.
    :param holding_back: identifiers of what is in the way of the next grade, worst first.
    :param sides: cost and quality, where they are graded apart.
    """

    subject: str
    judgement: str
    framework: str
    digest: str
    rule: str
    grade: str | None
    label: Text | None
    uncapped: str | None
    profile: Profile | GradeSpread
    why: tuple[Message, ...] = ()
    why_not_higher: tuple[Message, ...] = ()
    why_not_lower: tuple[Message, ...] = ()
    limits: tuple[AppliedLimit, ...] = ()
    short: tuple[Message, ...] = ()
    notes: tuple[Message, ...] = ()
    holding_back: tuple[str, ...] = ()
    sides: tuple[Side, ...] = field(default=())

    @property
    def capped(self) -> bool:
        """Whether a limit lowers the grade."""
        return self.grade != self.uncapped

    def to_json(self) -> dict[str, Any]:
        """As it is stored beside a judgement."""
        return {
            "format": FORMAT,
            "subject": self.subject,
            "judgement": self.judgement,
            "framework": self.framework,
            "digest": self.digest,
            "rule": self.rule,
            "grade": self.grade,
            "label": words_to_json(self.label),
            "uncapped": self.uncapped,
            "of": "placings" if isinstance(self.profile, Profile) else "grades",
            "profile": self.profile.to_json(),
            "why": all_to_json(self.why),
            "why_not_higher": all_to_json(self.why_not_higher),
            "why_not_lower": all_to_json(self.why_not_lower),
            "limits": [limit.to_json() for limit in self.limits],
            "short": all_to_json(self.short),
            "notes": all_to_json(self.notes),
            "holding_back": list(self.holding_back),
            "sides": [side.to_json() for side in self.sides],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Suggestion:
        """What :meth:`to_json` gave.

        :raises InvalidInput: where it is something else.
        """
        if value.get("format") != FORMAT:
            raise InvalidInput(
                _("A stored suggestion has the format %(format)s.", format=value.get("format")),
                _("The format read here is %(format)s.", format=FORMAT),
                _("Save the judgement again to have the suggestion made anew."),
            )
        profile = Profile if value["of"] == "placings" else GradeSpread
        return cls(
            subject=value["subject"],
            judgement=value["judgement"],
            framework=value["framework"],
            digest=value["digest"],
            rule=value["rule"],
            grade=value["grade"],
            label=words_from_json(value["label"]),
            uncapped=value["uncapped"],
            profile=profile.from_json(value["profile"]),
            why=all_from_json(value["why"]),
            why_not_higher=all_from_json(value["why_not_higher"]),
            why_not_lower=all_from_json(value["why_not_lower"]),
            limits=tuple(AppliedLimit.from_json(limit) for limit in value["limits"]),
            short=all_from_json(value["short"]),
            notes=all_from_json(value["notes"]),
            holding_back=tuple(value["holding_back"]),
            sides=tuple(Side.from_json(side) for side in value["sides"]),
        )
