"""Checks done and people seen, and what was recommended, as a snapshot holds them."""

from __future__ import annotations

from datetime import date

from django.db.models import Prefetch

from kloe.assessment.snapshot_fieldwork import CheckDone, PeopleSeen
from kloe.assessment.snapshot_texts import Recommended
from kloe.assessment.vocabulary import INSPECTION_KINDS, Confidentiality
from kloe.web.assessments.models import Assessment
from kloe.web.checks import people, queries
from kloe.web.checks.models import Check
from kloe.web.judgements.models import Finding
from kloe.web.plans.models import Recommendation


def checks_of(assessment: Assessment) -> tuple[CheckDone, ...]:
    """The checks that were done: two queries."""
    restricted = set(
        Check.objects.filter(
            assessment=assessment, evidence__confidentiality=Confidentiality.RESTRICTED.value
        ).values_list("number", flat=True)
    )
    return tuple(_check(u, u.number in restricted) for u in queries.undertaken(assessment))


def _check(done: queries.Undertaken, restricted: bool) -> CheckDone:
    day = date.fromisoformat(done.done_on) if done.done_on else None
    if restricted:
        return CheckDone(done.number, done.kind, done.theme, day)
    return CheckDone(
        done.number, done.kind, done.theme, day, done.title, done.claim, done.method or "",
        done.frame, done.cases, done.result or "", done.conclusion or "",
    )  # fmt: skip


def people_of(assessment: Assessment) -> tuple[PeopleSeen, ...]:
    """The people seen, in groups nobody can be picked out of: one query."""
    return tuple(PeopleSeen(g.role, g.group, g.count) for g in people.groups_of(assessment))


def recommended_of(assessment: Assessment) -> tuple[Recommended, ...]:
    """What the improvement plan holds of an organisation's own assessment: two queries.

    Of an inspection nothing: its recommendations are the inspectors', and stand with their
    findings; the plan is the landlord's.
    """
    if assessment.kind in set(INSPECTION_KINDS):
        return ()
    here = Finding.objects.filter(assessment=assessment).only("pk")
    rows = (
        Recommendation.objects.filter(findings__assessment=assessment)
        .distinct()
        .prefetch_related(Prefetch("findings", here, to_attr="found"))
        .order_by("made_on", "reference")
    )
    return tuple(
        Recommended(
            row.reference, row.what, row.why, row.benefit, row.impact, row.cost,
            row.due_on.isoformat() if row.due_on else "", tuple(str(f.pk) for f in row.found),
        )
        for row in rows
    )  # fmt: skip
