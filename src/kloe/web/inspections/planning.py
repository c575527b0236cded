"""The plan as pages show it: themes with their people, claims to test, guides to print."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from kloe.assessment import claims
from kloe.assessment.claims import Claim, Said
from kloe.assessment.vocabulary import FindingKind
from kloe.frameworks.model import Criterion, Kloe, Theme
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment, ThemeWork
from kloe.web.inspections.enquiry import Line, State, framework_questions
from kloe.web.inspections.models import BroughtTheme, PlannedQuestion
from kloe.web.library.store import Pinned

STRENGTHS = {FindingKind.STRENGTH.value, FindingKind.PRACTICE.value}


@dataclass(frozen=True)
class ThemeLine:
    """A theme in the plan."""

    theme: Theme
    kloe: Kloe
    work: ThemeWork
    asked: int
    dropped: int
    unplanned: int
    without_who: int


def themes(assessment: Assessment, pinned: Pinned) -> list[ThemeLine]:
    """The themes in scope with how far their plan is: two queries."""
    rows: dict[str, list[PlannedQuestion]] = defaultdict(list)
    for row in PlannedQuestion.objects.filter(assessment=assessment):
        rows[row.theme].append(row)
    found = []
    works = assessment.themes.filter(in_scope=True).select_related("lead", "second")
    for work in works:
        theme = pinned.theme(work.theme)
        mine = rows[theme.id]
        asked = [r for r in mine if r.state != State.DROPPED]
        planned = {r.question for r in mine}
        found.append(
            ThemeLine(
                theme,
                pinned.kloe(work.kloe),
                work,
                len(asked),
                len(mine) - len(asked),
                sum(1 for q in theme.questions if q.id not in planned),
                sum(1 for r in asked if r.who_id is None),
            )
        )
    return found


# Claims --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shown:
    """A claim with where it belongs."""

    claim: Claim
    criterion: Criterion
    theme: Theme


def said_of(theme: Theme, content: dict[str, Any], start: int = 0) -> list[Said]:
    """What the landlord says of a theme's criteria, for the ranking of claims."""
    strengths: dict[str, list[str]] = defaultdict(list)
    for finding in content.get("findings") or []:
        if finding["kind"] in STRENGTHS:
            for criterion in finding["criteria"]:
                strengths[criterion].append(finding["text"])
    found = []
    told = content.get("criteria") or {}
    for n, criterion in enumerate(theme.criteria):
        one = told.get(criterion.id)
        if one is None:
            continue
        found.append(
            Said(
                criterion=criterion.id,
                position=one["position"],
                reason=one["reason"],
                strengths=tuple(strengths[criterion.id]),
                kinds=tuple(one["kinds"]),
                enough=one["enough"],
                contradicted=one["contradicted"],
                decisive=tuple(
                    dict.fromkeys(d.decisive for d in criterion.descriptors if d.decisive)
                ),
                order=start + n,
            )
        )
    return found


def claims_of(assessment: Assessment, pinned: Pinned, theme: str = "") -> list[Shown]:
    """The landlord's claims, the boldest with the weakest proof first: one query.

    :param theme: only of this theme.
    """
    rows = BroughtTheme.objects.filter(assessment=assessment)
    if theme:
        rows = rows.filter(theme=theme)
    content = dict(rows.values_list("theme", "content"))
    said: list[Said] = []
    where: dict[str, tuple[Criterion, Theme]] = {}
    for one in pinned.themes():
        if one.id in content:
            said += said_of(one, content[one.id], len(where))
            where.update((c.id, (c, one)) for c in one.criteria)
    return [Shown(c, *where[c.said.criterion]) for c in claims.rank(said)]


# Guides --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Guide:
    """Questions to ask of somebody, or to answer in one way."""

    how: str
    whom: str
    who: list[User]
    parts: list[tuple[Theme, list[Line]]]


def guides(
    assessment: Assessment, pinned: Pinned, *, how: str = "", who: UUID | None = None
) -> list[Guide]:
    """What is asked, by method and person asked: one query."""
    rows = (
        PlannedQuestion.objects.filter(assessment=assessment)
        .exclude(state=State.DROPPED)
        .select_related("who")
    )
    if how:
        rows = rows.filter(how=how)
    if who:
        rows = rows.filter(who=who)
    scoped = set(assessment.themes.filter(in_scope=True).order_by().values_list("theme", flat=True))
    grouped: dict[tuple[str, str], dict[str, list[Line]]] = defaultdict(lambda: defaultdict(list))
    people: dict[tuple[str, str], dict[Any, User]] = defaultdict(dict)
    for row in rows:
        if row.theme not in scoped:
            continue
        question = framework_questions(pinned.theme(row.theme)).get(row.question)
        key = (row.how, row.whom)
        grouped[key][row.theme].append(Line(str(row.pk), question, row))
        if row.who is not None:
            people[key][row.who_id] = row.who
    order = {t.id: n for n, t in enumerate(pinned.themes())}
    return [
        Guide(
            how_,
            whom,
            sorted(people[how_, whom].values(), key=str),
            [(pinned.theme(t), parts[t]) for t in sorted(parts, key=order.__getitem__)],
        )
        for (how_, whom), parts in sorted(grouped.items())
    ]
