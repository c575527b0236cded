"""What of a draft report waits for a person: to challenge it, or to answer challenges."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kloe.assessment.challenges import ChallengeState
from kloe.assessment.permissions import LANDLORD_ROLES, Role
from kloe.assessment.vocabulary import InspectionStage as Stage
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment, Participation
from kloe.web.challenges.models import Challenge, Draft
from kloe.web.challenges.queries import state_of
from kloe.web.site.waiting import Waiting

_INSPECTS = (Role.LEAD_INSPECTOR, Role.INSPECTOR)
_ROLES = [r.value for r in (*LANDLORD_ROLES, *_INSPECTS)]


def waiting(user: User, assessments: Sequence[Assessment]) -> Iterable[Waiting]:
    """Drafts open to the landlord's people, challenges without an answer to the inspectors.

    Two queries where there is no draft, and one for each draft that is open.
    """
    by_pk = {a.pk: a for a in assessments}
    parts = dict(
        Participation.objects.filter(
            user=user,
            role__in=_ROLES,
            assessment__in=by_pk,
            assessment__inspection__stage=Stage.FACTUAL_ACCURACY.value,
        ).values_list("assessment", "role")
    )
    if not parts:
        return
    newest: dict[UUID, Draft] = {}
    drafts = Draft.objects.filter(assessment__in=parts).defer("document", "changes")
    for draft in drafts.order_by("version"):
        newest[draft.assessment_id] = draft
    counts = {
        row["assessment"]: (row["unsent"], row["unanswered"])
        for row in Challenge.objects.filter(assessment__in=newest)
        .order_by()
        .values("assessment")
        .annotate(
            unsent=Count("pk", filter=Q(state=ChallengeState.WRITING)),
            unanswered=Count("pk", filter=Q(state=ChallengeState.SENT)),
        )
    }
    for pk, draft in newest.items():
        unsent, unanswered = counts.get(pk, (0, 0))
        if parts[pk] in {r.value for r in LANDLORD_ROLES}:
            yield from _for_the_landlord(by_pk[draft.assessment_id], draft, unsent)
        elif unanswered:
            yield Waiting(
                what=_("Challenges to the draft report"),
                url=reverse("challenges", args=[pk]),
                assessment=by_pk[draft.assessment_id],
                left=ngettext("%(n)d challenge to answer", "%(n)d challenges to answer", unanswered)
                % {"n": unanswered},
            )


def _for_the_landlord(assessment: Assessment, draft: Draft, unsent: int) -> Iterable[Waiting]:
    state = state_of(draft)
    if state.open:
        yield Waiting(
            what=_("The draft report, to be read and challenged"),
            url=reverse("draft", args=[assessment.pk]),
            assessment=assessment,
            left=ngettext("%(n)d challenge not sent", "%(n)d challenges not sent", unsent)
            % {"n": unsent}
            if unsent
            else "",
            due=state.clock.deadline,
        )
