"""What of readings waits for a person: themes to rate for themselves, ratings to agree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment, ThemeWork
from kloe.web.readings.models import BlindRequest
from kloe.web.readings.queries import Line, lines_of
from kloe.web.site.queries import pinned_of
from kloe.web.site.waiting import Waiting


def _concerned(user: User, assessments: Sequence[Assessment]) -> list[Assessment]:
    """The inspections in which a person reads a theme: one query."""
    assessments = [a for a in assessments if not getattr(a, "closed", False)]
    if not assessments:
        return []
    asked = BlindRequest.objects.filter(
        assessment=OuterRef("assessment"), theme=OuterRef("theme"), reader=user
    )
    ids = set(
        ThemeWork.objects.filter(
            Q(lead=user) | Q(second=user) | Exists(asked),
            assessment__in=assessments,
            assessment__inspection__isnull=False,
        )
        .order_by()
        .values_list("assessment", flat=True)
        .distinct()
    )
    return [a for a in assessments if a.pk in ids]


def _left(line: Line, user: User) -> str:
    """What is left to do of a theme; nothing where nothing is."""
    mine = line.of(user)
    if line.opening is None:
        if mine is None or mine.done:
            return ""
        left = mine.wanted - mine.rated
        if left <= 0:
            return _("all rated: say that you are done")
        return ngettext(
            "%(left)d of %(wanted)d to rate for yourself",
            "%(left)d of %(wanted)d to rate for yourself",
            mine.wanted,
        ) % {"left": left, "wanted": mine.wanted}
    if line.work.lead_id == user.pk and line.left > 0:
        return ngettext("%(n)d rating to agree", "%(n)d ratings to agree", line.left) % {
            "n": line.left
        }
    return ""


def readings(user: User, assessments: Sequence[Assessment]) -> Iterable[Waiting]:
    """Themes to rate for oneself, and open ones whose rating is to be agreed: eight queries."""
    concerned = _concerned(user, assessments)
    if not concerned:
        return
    lines = lines_of(concerned, pinned_of(concerned))
    for assessment in concerned:
        for line in lines[assessment.pk]:
            if left := _left(line, user):
                rating = line.opening is None and not line.nothing_left(user)
                yield Waiting(
                    what=f"{line.theme.number} {line.theme.title}",
                    url=reverse(
                        "theme" if rating else "reading",
                        args=[
                            assessment.pk,
                            line.theme.id,
                        ],
                    ),
                    assessment=assessment,
                    left=left,
                    due=line.work.due,
                )
