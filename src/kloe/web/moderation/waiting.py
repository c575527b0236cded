"""What of moderation waits for a person: proposals and exemptions, or questions to answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Count, Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kloe.assessment.moderating import questions_open
from kloe.assessment.permissions import Role
from kloe.assessment.vocabulary import InspectionStage, Stage
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment, Participation
from kloe.web.judgements.models import Judgement
from kloe.web.moderation.models import Entry
from kloe.web.site.waiting import Waiting


def waiting(user: User, assessments: Sequence[Assessment]) -> Iterable[Waiting]:
    """Grades for the moderator to agree, questions for whoever proposed: three queries."""
    by_id = {a.pk: a for a in assessments}
    yield from _to_agree(user, by_id)
    yield from _to_answer(user, by_id)


def _to_agree(user: User, by_id: dict[Any, Assessment]) -> Iterable[Waiting]:
    agreed = Judgement.objects.filter(
        assessment=OuterRef("assessment"), subject=OuterRef("subject"), stage=Stage.AGREED.value
    )
    rows = (
        Judgement.objects.filter(
            assessment__in=Participation.objects.filter(
                user=user, role=Role.MODERATOR.value, assessment__in=list(by_id)
            ).values("assessment"),
            assessment__inspection__stage=InspectionStage.MODERATION.value,
            stage=Stage.PROPOSED.value,
        )
        .exclude(by=user)
        .exclude(Exists(agreed))
        .order_by()
        .values("assessment")
        .annotate(n=Count("pk"))
    )
    for row in rows:
        yield Waiting(
            what=_("Grades to moderate"),
            url=reverse("moderation", args=[row["assessment"]]),
            assessment=by_id[row["assessment"]],
            left=ngettext("%(n)d grade proposed", "%(n)d grades proposed", row["n"])
            % {"n": row["n"]},
        )


def _to_answer(user: User, by_id: dict[Any, Assessment]) -> Iterable[Waiting]:
    mine = Judgement.objects.filter(
        assessment__in=list(by_id), stage=Stage.PROPOSED.value, by=user
    ).values_list("assessment", "subject")
    proposed = set(mine)
    if not proposed:
        return
    acts: dict[tuple[Any, str], list[str]] = {}
    rows = Entry.objects.filter(assessment__in={a for a, _s in proposed}).order_by("number")
    for assessment, subject, act in rows.values_list("assessment", "subject", "act"):
        acts.setdefault((assessment, subject), []).append(act)
    counts: dict[Any, int] = {}
    for key in proposed:
        if n := questions_open(acts.get(key, [])):
            counts[key[0]] = counts.get(key[0], 0) + n
    for pk, n in counts.items():
        yield Waiting(
            what=_("Questions of the moderator"),
            url=reverse("moderation", args=[pk]) + "?state=questioned",
            assessment=by_id[pk],
            left=ngettext("%(n)d question to answer", "%(n)d questions to answer", n) % {"n": n},
        )
