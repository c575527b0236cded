"""Limits: rules that hold a grade down whatever else was found, each with reason and source.

A limit is set off by a criterion placed at or below a level, or by a theme or KLOE graded
below a grade. What has no placing or no grade sets nothing off, and is said to be untested.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from kloe.assessment.positions import LABELS, Position
from kloe.assessment.profile import Placings, level_of, position_of
from kloe.assessment.wording import Words, words_from_json, words_to_json
from kloe.core.messages import Message, Text, _
from kloe.frameworks.model import Framework, Grade, Scale
from kloe.frameworks.rules import Limit

#: Grade keys by identifier of theme, main question or KLOE.
Grades = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class AppliedLimit:
    """A limit that applies.

    ``rank`` and ``label`` are the grade it holds at, on the scale of the suggestion; ``of``
    is what set it off, with its title and where it stands, since which day.
    """

    id: str
    rank: int
    label: Text
    reason: Text
    source: Text
    of: str
    title: Words
    stands: Words
    #: The day what set it off was placed or graded so, where that is known.
    since: date | None = None

    @property
    def words(self) -> Message:
        """The limit as a sentence."""
        return _(
            "A limit holds it at “%(grade)s”: %(reason)s %(title)s: %(stands)s. Source: %(source)s",
            grade=self.label,
            reason=self.reason,
            title=self.title,
            stands=self.stands,
            source=self.source,
        )

    def to_json(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {
            "id": self.id,
            "rank": self.rank,
            "of": self.of,
            "since": self.since.isoformat() if self.since else None,
            **{
                key: words_to_json(getattr(self, key))
                for key in ("label", "reason", "source", "title", "stands")
            },
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> AppliedLimit:
        """What :meth:`to_json` gave."""
        return cls(
            value["id"],
            value["rank"],
            of=value["of"],
            since=date.fromisoformat(value["since"]) if value.get("since") else None,
            **{
                key: words_from_json(value[key])
                for key in ("label", "reason", "source", "title", "stands")
            },
        )


@dataclass(frozen=True, slots=True)
class Limited:
    """The limits on one subject: those that apply, lowest first, and those not tested yet."""

    applied: tuple[AppliedLimit, ...]
    untested: tuple[Message, ...]

    def cap(self, rank: int) -> int:
        """The rank that stands: no limit lets it be higher."""
        return min(rank, *(limit.rank for limit in self.applied)) if self.applied else rank


def limits_on(
    framework: Framework,
    caps_id: str,
    scale: Scale,
    *,
    placings: Placings | None = None,
    grades: Grades | None = None,
    themes: Collection[str] | None = None,
) -> Limited:
    """Which limits of a framework cap this theme, KLOE or judgement.

    :param scale: the scale to give the caps on; a limit's own scale compares by rank.
    :param placings: by criterion.
    :param grades: of themes and KLOEs.
    :param themes: identifiers of the themes in scope; none means all. What is out of scope
        is not missed.
    """
    applied, untested = [], []
    for limit in framework.rules.limits_on(caps_id):
        if themes is not None and not _within(framework, limit, themes):
            continue
        title, value, stands = _standing(framework, limit, placings or {}, grades or {})
        if stands is None:
            untested.append(
                _(
                    "Not tested yet: %(title)s may hold it at “%(grade)s”. %(reason)s",
                    title=title,
                    grade=_capped_at(framework, limit).label,
                    reason=limit.reason,
                )
            )
        elif value is not None and limit.applies(value):
            rank = _capped_at(framework, limit).rank
            applied.append(
                AppliedLimit(
                    limit.id,
                    rank,
                    scale.by_rank(rank).label,
                    limit.reason,
                    limit.source,
                    limit.of,
                    title,
                    stands,
                )
            )
    return Limited(tuple(sorted(applied, key=lambda a: (a.rank, a.id))), tuple(untested))


def _within(framework: Framework, limit: Limit, themes: Collection[str]) -> bool:
    if limit.kind == "kloe":
        return any(theme.id in themes for theme in framework.kloe(limit.of).themes)
    theme = framework.theme(limit.of) if limit.kind == "theme" else framework.theme_of(limit.of)
    return theme.id in themes


def _capped_at(framework: Framework, limit: Limit) -> Grade:
    """The grade a limit holds at, on its own framework's scale."""
    if limit.caps == "judgement":
        return framework.scales[limit.caps_id].grade(limit.grade)
    return framework.scale_of(limit.caps_id).grade(limit.grade)


def _standing(
    framework: Framework, limit: Limit, placings: Placings, grades: Grades
) -> tuple[Words, int | None, Words | None]:
    """Title of what sets a limit off, its level or rank if any, and where it stands if said."""
    if limit.kind == "criterion":
        criterion = framework.criterion(limit.of)
        position = position_of(criterion, placings.get(criterion.id))
        level = level_of(framework.rules, criterion.form, position)
        open_ = position is None or (level is None and position is not Position.NOT_APPLICABLE)
        return criterion.title, level, None if open_ or position is None else LABELS[position]
    thing = framework.theme(limit.of) if limit.kind == "theme" else framework.kloe(limit.of)
    key = grades.get(thing.id)
    if not key:
        return thing.title, None, None
    grade = framework.scale_of(thing.id).grade(key)
    return thing.title, grade.rank, grade.label
