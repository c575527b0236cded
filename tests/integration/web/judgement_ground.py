"""What tests of judgements and findings start from."""

from __future__ import annotations

from typing import Any

from kloe.assessment.positions import PLACINGS
from kloe.web.assessments import ratings
from kloe.web.assessments.saving import Write
from kloe.web.ids import new_id
from kloe.web.judgements import actions

#: A theme without limits, and one that a limit on one of its criteria may hold.
THEME = "wao-housing-2005/1.2/3"
LIMITED = "wao-housing-2005/1.2/2"
KLOE = "wao-housing-2005/1.2"
PROSPECTS_KLOE = "wao-housing-2005/2.10"


def write(by: Any, base: int = 0) -> Write:
    """A write that started from this version."""
    return Write(id=new_id(), base_version=base, by=by)


def place(
    assessment: Any, pinned: Any, theme: str, by: Any, *, rung: int = 0, most: int | None = None
) -> int:
    """Place the criteria of a theme on this rung of their ladders, 0 the best; gives how many."""
    criteria = pinned.theme(theme).criteria[:most]
    for criterion in criteria:
        rungs = PLACINGS[criterion.form]
        current = (
            assessment.ratings.filter(criterion=criterion.id, author=None)
            .values_list("version", flat=True)
            .first()
        )
        ratings.rate(
            assessment=assessment,
            pinned=pinned,
            criterion=criterion,
            position=rungs[min(rung, len(rungs) - 1)].value,
            reason="Seen.",
            write=write(by, current or 0),
        )
    return len(criteria)


def judge(
    assessment: Any,
    pinned: Any,
    subject: str,
    by: Any,
    *,
    grade: str = "good",
    reasons: str = "On balance.",
    base: int = 0,
) -> Any:
    """Judge provisionally."""
    return actions.save_provisional(
        assessment=assessment,
        pinned=pinned,
        subject=subject,
        grade=grade,
        reasons=reasons,
        write=write(by, base),
    ).row


def agree(
    assessment: Any,
    pinned: Any,
    subject: str,
    by: Any,
    *,
    grade: str = "good",
    reasons: str = "Agreed at moderation.",
    base: int = 0,
) -> Any:
    """Agree a grade."""
    return actions.decide(
        assessment=assessment,
        pinned=pinned,
        subject=subject,
        grade=grade,
        reasons=reasons,
        write=write(by, base),
    ).row
