"""Reading what people rated for themselves, of themes that are open; of others, how far they are.

Every reader of ratings with an author goes through here or ``assessments.themepage.placings``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, QuerySet

from kloe.assessment.positions import SHADES, Position
from kloe.assessment.readings import width
from kloe.assessment.reliability import Reliability, Said, reliability
from kloe.frameworks.model import Criterion, Theme
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment, Rating, ThemeWork
from kloe.web.assessments.placings import Placed, Placing, of_team
from kloe.web.library.store import Pinned
from kloe.web.prepared import Prepared
from kloe.web.readings.models import BlindRequest, Opening, RatingDissent, Reading


def by_person(assessment: Assessment, theme: str = "") -> QuerySet[Rating]:
    """What people rated for themselves, of themes that are open and of no others."""
    opened = Opening.objects.filter(assessment=OuterRef("assessment"), theme=OuterRef("theme"))
    found = Rating.objects.filter(Exists(opened), assessment=assessment).exclude(author=None)
    return (found.filter(theme=theme) if theme else found).order_by("criterion", "id")


# On the theme page ---------------------------------------------------------------------------


class Spoken(NamedTuple):
    """What one reader said of a criterion."""

    criterion: str
    position: str
    reason: str
    by: UUID
    name: str
    email: str

    @property
    def who(self) -> str:
        return self.name or self.email

    @property
    def shade(self) -> int:
        return SHADES.get(Position(self.position), 0) if self.position else 0


@dataclass(frozen=True)
class Read:
    """What readers said of one criterion, and who dissents from the team's rating."""

    spoken: list[Spoken] = field(default_factory=list)
    dissents: list[RatingDissent] = field(default_factory=list)

    @property
    def standing(self) -> list[RatingDissent]:
        """Dissents that were not withdrawn."""
        return [d for d in self.dissents if d.withdrawn_at is None]


_SPOKEN = Prepared(
    lambda assessment, theme: by_person(assessment, theme).values_list(
        "criterion", "position", "reason", "author", "author__name", "author__email"
    ),
    UUID,
    str,
)


def of_theme_page(assessment: Assessment, theme: str) -> dict[str, Read]:
    """By criterion, of a theme that is open: two queries."""
    spoken: dict[str, list[Spoken]] = defaultdict(list)
    for row in _SPOKEN(assessment.pk, theme):
        if row[1] or row[2]:
            spoken[row[0]].append(Spoken(*row))
    dissents: dict[str, list[RatingDissent]] = defaultdict(list)
    for one in RatingDissent.objects.filter(assessment=assessment, theme=theme).select_related(
        "by"
    ):
        dissents[one.criterion].append(one)
    return {c: Read(spoken[c], dissents[c]) for c in {*spoken, *dissents}}


# Side by side --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row(Placed):
    """One criterion, with all that was said of it."""

    criterion: Criterion
    read: Read
    #: The team's.
    rating: Placing | None
    #: Steps, and people who did not place it.
    width: tuple[int, int]
    asked: list[str]
    links: list[Any]
    more: int

    @property
    def compared(self) -> bool:
        """Whether two people said something."""
        return sum(1 for s in self.read.spoken if s.position) > 1

    @property
    def alike(self) -> str:
        """The placing all readers gave it, where there are two and they gave the same."""
        said = {s.position for s in self.read.spoken if s.position}
        return said.pop() if self.compared and len(said) == 1 else ""

    @property
    def differs(self) -> bool:
        return self.compared and not self.alike


def rows(
    assessment: Assessment, theme: Theme, links: Mapping[str, tuple[list[Any], int]]
) -> list[Row]:
    """The criteria of a theme that is open, the widest differences first: four queries."""
    read = of_theme_page(assessment, theme.id)
    team = of_team(assessment.pk, theme.id)
    asked: dict[str, list[str]] = defaultdict(list)
    for name, reasons in BlindRequest.objects.filter(
        assessment=assessment, theme=theme.id
    ).values_list("criterion", "reasons"):
        asked[name] += [r for r in reasons if r not in asked[name]]
    found = []
    for criterion in theme.criteria:
        one = read.get(criterion.id, Read())
        wide = width(criterion.form, {str(s.by): s.position for s in one.spoken})
        shown, total = links.get(criterion.id, ([], 0))
        found.append(
            Row(
                criterion,
                one,
                team.get(criterion.id),
                wide,
                asked[criterion.id],
                shown,
                total - len(shown),
            )
        )
    return sorted(found, key=lambda r: (not r.compared, *(-n for n in r.width)))


# How far they are ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Reader:
    """Somebody who reads a theme, and how far they are. What they said is not here."""

    user: User
    #: lead, second or asked.
    part: str
    wanted: int
    rated: int
    done: bool


@dataclass(frozen=True)
class Line:
    """A theme that is read by two."""

    theme: Theme
    work: ThemeWork
    readers: list[Reader]
    opening: Opening | None
    #: Criteria that have a team rating.
    agreed: int

    @property
    def all_done(self) -> bool:
        return all(r.done for r in self.readers)

    @property
    def base(self) -> int:
        return len(self.theme.criteria)

    @property
    def left(self) -> int:
        """Criteria of an open theme on which the team has not agreed."""
        return self.base - self.agreed if self.opening else 0

    def of(self, user: User) -> Reader | None:
        """The person as a reader of this theme, if they are one."""
        return next((r for r in self.readers if r.user.pk == user.pk), None)

    def nothing_left(self, user: User) -> bool:
        """Whether a reader has rated all they read."""
        mine = self.of(user)
        return mine is not None and mine.rated >= mine.wanted


def lines_of(
    assessments: Iterable[Assessment], pinned: Mapping[UUID, Pinned], *, theme: str = ""
) -> dict[UUID, list[Line]]:
    """The themes of inspections that are read by two, in published order: five queries.

    :param theme: only this one.
    """
    ids = [a.pk for a in assessments]
    which: dict[str, Any] = {"assessment__in": ids}
    if theme:
        which["theme"] = theme
    works = list(
        ThemeWork.objects.filter(**which, in_scope=True, assessment__inspection__isnull=False)
        .exclude(lead=None)
        .exclude(second=None)
        .select_related("lead", "second")
        .order_by("id")
    )
    openings = {
        (o.assessment_id, o.theme): o for o in Opening.objects.filter(**which).select_related("by")
    }
    done = set(Reading.objects.filter(**which).values_list("assessment", "theme", "reader"))
    asked: dict[tuple[UUID, str], dict[UUID, tuple[User, set[str]]]] = defaultdict(dict)
    for one in BlindRequest.objects.filter(**which).select_related("reader"):
        key = (one.assessment_id, one.theme)
        asked[key].setdefault(one.reader_id, (one.reader, set()))[1].add(one.criterion)
    rated: dict[tuple[UUID, str, UUID | None], int] = {
        (a, t, who): n
        for a, t, who, n in Rating.objects.filter(**which)
        .exclude(position="")
        .order_by()
        .values_list("assessment", "theme", "author")
        .annotate(n=Count("pk"))
    }
    found: dict[UUID, list[Line]] = defaultdict(list)
    for work in works:
        key = (work.assessment_id, work.theme)
        its = pinned[work.assessment_id].theme(work.theme)

        def reader(user: User, part: str, wanted: int, key: tuple[UUID, str] = key) -> Reader:
            return Reader(
                user, part, wanted, rated.get((*key, user.pk), 0), (*key, user.pk) in done
            )

        people = [
            reader(work.lead, "lead", len(its.criteria)),  # type: ignore[arg-type]
            reader(work.second, "second", len(its.criteria)),  # type: ignore[arg-type]
        ]
        people += [
            reader(user, "asked", len(criteria))
            for who, (user, criteria) in asked[key].items()
            if who not in {work.lead_id, work.second_id}
        ]
        found[work.assessment_id].append(
            Line(its, work, people, openings.get(key), rated.get((*key, None), 0))
        )
    return found


def line_of(assessment: Assessment, pinned: Pinned, theme: str) -> Line | None:
    """One theme, if it is read by two."""
    found = lines_of([assessment], {assessment.pk: pinned}, theme=theme)[assessment.pk]
    return found[0] if found else None


# Agreement -----------------------------------------------------------------------------------


def said(assessment: Assessment, pinned: Pinned, theme: str = "") -> list[Said]:
    """What readers said of themes that are open, for reckoning agreement: one query."""
    return [
        Said(criterion, pinned.criterion(criterion).form, str(who), position)
        for criterion, who, position in by_person(assessment, theme).values_list(
            "criterion", "author", "position"
        )
    ]


def agreement(assessment: Assessment, pinned: Pinned, theme: str = "") -> Reliability:
    """How far readers agree over the themes that are open, or over one of them."""
    return reliability(said(assessment, pinned, theme))
