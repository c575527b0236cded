"""Reading judgements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kloe.assessment.vocabulary import Stage
from kloe.frameworks.model import Grade, Theme
from kloe.web.access import AssessmentAccess
from kloe.web.assessments.models import Assessment, Revision
from kloe.web.judgements import judging
from kloe.web.judgements import queries_findings as findings
from kloe.web.judgements.forms import JudgeForm
from kloe.web.judgements.judging import Judging
from kloe.web.judgements.models import Judgement
from kloe.web.judgements.subjects import Subject, subject_of
from kloe.web.judgements.suggesting import suggest
from kloe.web.library.store import Pinned

HISTORY = 100


def rows_of(assessment: Assessment, subjects: Iterable[str]) -> dict[str, list[Judgement]]:
    """Judgements on these subjects with their people: one query."""
    found: dict[str, list[Judgement]] = {}
    rows = Judgement.objects.filter(assessment=assessment, subject__in=list(subjects))
    for row in rows.select_related("by").order_by("at"):
        found.setdefault(row.subject, []).append(row)
    return found


def judging_of(
    assessment: Assessment,
    pinned: Pinned,
    subject: Subject,
    *,
    rows: Iterable[Judgement] | None = None,
    bound: Mapping[str, JudgeForm] | None = None,
    **known: Any,
) -> Judging:
    """A subject as a page shows it.

    :param known: what has been read already, for :func:`suggesting.suggest`.
    """
    if rows is None:
        rows = rows_of(assessment, [subject.id]).get(subject.id, [])
    return judging.build(
        subject, rows, lambda: suggest(assessment, pinned, subject, **known), bound=bound
    )


def for_theme(
    assessment: Assessment,
    pinned: Pinned,
    theme: Theme,
    *,
    access: AssessmentAccess | None = None,
) -> dict[str, Any]:
    """Judgements and findings of a theme: two queries, and one for the suggestion where due."""
    return {
        "judging": judging_of(assessment, pinned, subject_of(pinned, theme.id)),
        "findings": findings.grouped(findings.of_theme(assessment, theme, access)),
    }


@dataclass(frozen=True)
class Change:
    """One version of a judgement, for its history."""

    at: datetime
    by: Any
    stage: str
    grade: Grade | None
    reasons: str
    suggested: Grade | None
    outcome: str
    withdrawn: bool = False
    #: A provisional judgement changed when a suggestion had been seen.
    after_seen: bool = False


def history(assessment: Assessment, subject: Subject) -> list[Change]:
    """Every version of the judgements on a subject, newest first: one query."""
    rows = list(
        Revision.objects.filter(
            assessment=assessment,
            subject_kind="judgement",
            subject__startswith=f"{subject.id}|",
        )
        .select_related("by")
        .order_by("-id")[:HISTORY]
    )
    by_key = {g.key: g for g in subject.scale.grades}
    found: list[Change] = []
    seen = False
    for row in reversed(rows):
        values, stored = row.values, row.values.get("suggestion") or {}
        stage = row.subject.split("|")[1]
        provisional = stage == Stage.PROVISIONAL
        found.append(
            Change(
                row.at,
                row.by,
                stage,
                by_key.get(values.get("grade", "")),
                values.get("reasons", ""),
                by_key.get(stored.get("grade") or ""),
                stored.get("outcome", ""),
                bool(values.get("withdrawn")),
                after_seen=provisional and seen,
            )
        )
        seen = seen or bool(provisional and stored.get("grade"))
    return found[::-1]
