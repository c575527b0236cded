"""What the report tells of moderation."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from kloe.assessment.limits import AppliedLimit
from kloe.assessment.moderating import Act
from kloe.assessment.snapshot_moderation import Exempt, FedBack, Moderation, Overridden
from kloe.assessment.vocabulary import Stage
from kloe.core.messages import Message, Text
from kloe.web.assessments.models import Assessment
from kloe.web.judgements.models import Judgement
from kloe.web.judgements.writing import stage_of
from kloe.web.moderation.models import Entry, LimitOverride
from kloe.web.moderation.queries import exemptions_of, given_of, waived_of


def for_report(assessment: Assessment) -> Moderation:
    """Moderation as a snapshot holds it: one query, and at most nine in an inspection."""
    if not stage_of(assessment):
        return Moderation()
    acts = list(Entry.objects.filter(assessment=assessment).values_list("act", flat=True))
    agreed = Judgement.objects.filter(assessment=assessment, stage=Stage.AGREED.value).count()
    waived = waived_of(assessment)
    given = given_of(assessment)
    return Moderation(
        agreed=agreed,
        questions=acts.count(Act.ASKED),
        changed=acts.count(Act.CHANGED),
        overridden=tuple(
            _overridden(o)
            for o in LimitOverride.objects.filter(assessment=assessment).order_by("at", "pk")
        ),
        exempt=tuple(
            Exempt(
                rating.criterion,
                rating.reason,
                decided.decision if decided and decided.reason == rating.reason else "",
                decided.words if decided and decided.reason == rating.reason else "",
            )
            for rating, decided in sorted(
                exemptions_of(assessment), key=lambda found: found[0].criterion
            )
        ),
        fed_back=tuple(
            FedBack(
                number=g.content["number"],
                held_on=date.fromisoformat(g.content["held_on"]),
                themes=len(g.content["themes"]),
            )
            for g in given
        ),
        not_fed_back=waived.reason if waived and not given else "",
    )


def _overridden(row: LimitOverride) -> Overridden:
    limit = AppliedLimit.from_json(row.applied)
    return Overridden(
        subject=row.subject,
        title=limit.title if isinstance(limit.title, Text | Message) else str(limit.title),
        stands=limit.stands if isinstance(limit.stands, Text | Message) else str(limit.stands),
        about=limit.reason,
        source=limit.source,
        reason=row.reason,
        since=limit.since,
        decided_on=timezone.localdate(row.at),
    )
