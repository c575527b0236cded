"""Drafts, challenges and answers as the snapshot of an inspection holds them."""

from __future__ import annotations

from django.utils import timezone

from kloe.assessment.challenges import ChallengeState
from kloe.assessment.snapshot_challenges import (
    Challenge as ToldChallenge,
)
from kloe.assessment.snapshot_challenges import (
    FactualAccuracy,
    GivenEvidence,
    IssuedDraft,
)
from kloe.assessment.vocabulary import Confidentiality
from kloe.web.assessments.models import Assessment
from kloe.web.challenges.models import Challenge, LateEvidence
from kloe.web.challenges.queries import drafts_of, place_of, state_of, with_everything


def for_report(assessment: Assessment) -> FactualAccuracy:
    """Drafts, challenges sent and their answers, as the snapshot holds them. No person is named."""
    drafts = drafts_of(assessment)
    if not drafts:
        return FactualAccuracy()
    rows = with_everything(
        Challenge.objects.filter(assessment=assessment).exclude(state=ChallengeState.WRITING)
    )
    return FactualAccuracy(
        place=place_of(assessment),
        drafts=tuple(
            IssuedDraft(
                d.version,
                timezone.localdate(d.at),
                (state := state_of(d)).clock.deadline,
                d.digest,
                state.clock.closed,
            )
            for d in reversed(drafts)
        ),
        challenges=tuple(_told(row) for row in rows.order_by("number")),
    )


def _told(row: Challenge) -> ToldChallenge:
    return ToldChallenge(
        number=row.number or 0,
        version=row.draft.version,
        paragraph=row.paragraph,
        section=row.section,
        kind=row.kind,
        text=row.text,
        claim=row.claim,
        quote=row.quote,
        evidence=tuple(_given(one) for one in row.evidence.all()),
        outcome=row.outcome,
        ground=row.ground,
        reason=row.reason,
        new_text=row.new_text,
        moved=bool(row.moves),
    )


def _given(one: LateEvidence) -> GivenEvidence:
    item = one.item
    if item is not None and item.confidentiality == Confidentiality.RESTRICTED:
        return GivenEvidence("", one.when, one.counts)
    number = item.number if item is not None and item.deleted_at is None else 0
    return GivenEvidence(one.title, one.when, one.counts, number)
