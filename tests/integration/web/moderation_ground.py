"""Ground for the tests of moderation: an inspection whose themes are placed and proposed."""

from __future__ import annotations

from typing import Any

from inspection_ground import Ground, make_ground
from judgement_ground import judge, place, write

from kloe.assessment.permissions import Role
from kloe.assessment.vocabulary import InspectionStage as Stage
from kloe.web.library import store
from kloe.web.moderation import actions, talking

#: A theme without limits; one with a limit that one of its criteria sets off; its KLOE.
THEME = "wao-housing-2005/1.2/3"
KLOE = "wao-housing-2005/1.2"


def make_moderation(stage: Stage = Stage.MODERATION) -> Ground:
    """An inspection with its team, at moderation."""
    ground = make_ground()
    ground.at(stage)
    return ground


def pinned_of(ground: Ground) -> Any:
    return store.pinned(ground.assessment)


def proposed(
    ground: Ground,
    subject: str = THEME,
    *,
    grade: str = "good",
    reasons: str = "On balance.",
    by: Role = Role.LEAD_INSPECTOR,
) -> Any:
    """Judge a subject provisionally and propose the grade; gives the row."""
    person, pinned = ground.people[by], pinned_of(ground)
    judge(ground.assessment, pinned, subject, person, grade=grade)
    return actions.propose(
        assessment=ground.assessment,
        pinned=pinned,
        subject=subject,
        grade=grade,
        reasons=reasons,
        write=write(person),
    ).row


def agreed(ground: Ground, subject: str = THEME, **changes: Any) -> Any:
    """Propose a grade and have the moderator agree it; gives the row."""
    proposed(ground, subject, **changes)
    return actions.agree(
        assessment=ground.assessment,
        pinned=pinned_of(ground),
        subject=subject,
        seen=last(ground, subject),
        write=write(ground.people[Role.MODERATOR]),
    ).row


def last(ground: Ground, subject: str = THEME) -> int:
    """The number of the last entry of a discussion."""
    return talking.last_number(ground.assessment, subject)


def placed(ground: Ground, theme: str = THEME, rung: int = 0) -> int:
    """Place every criterion of a theme on a rung, 0 the best."""
    return place(
        ground.assessment, pinned_of(ground), theme, ground.people[Role.INSPECTOR], rung=rung
    )


def routes(assessment: Any, theme: str, criterion: str) -> dict[str, list[Any]]:
    """Something of moderation for every route that names it, made in this assessment."""
    from datetime import date

    from kloe.web.moderation.models import Feedback

    a = assessment.pk
    told = Feedback.objects.create(
        assessment=assessment, number=1, held_on=date(2026, 5, 1), spoke="The lead", heard="All"
    )
    names = ("moderation-judgement", "judgement-propose", "limit-override", "limit-hold")
    acts = (f"moderation-{act}" for act in ("ask", "answer", "agree", "reopen"))
    return {
        "exemption-decide": [a, criterion],
        **{name: [a, theme] for name in (*names, *acts)},
        **{f"feedback-{act}": [a, told.pk] for act in ("show", "edit", "give")},
    }
