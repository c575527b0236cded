"""What leaves an assessment while themes of it are read: nothing a reader could look up in it."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from kloe.core.errors import Conflict
from kloe.core.messages import _
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment, Rating
from kloe.web.library import store
from kloe.web.readings.models import BlindRequest, Opening


def told(assessment: Assessment) -> QuerySet[Rating]:
    """The team's ratings, and what people rated for themselves of themes that are open."""
    opened = Opening.objects.filter(assessment=OuterRef("assessment"), theme=OuterRef("theme"))
    return Rating.objects.filter(Q(author=None) | Exists(opened), assessment=assessment)


def check_taking_away(assessment: Assessment, by: User | None) -> None:
    """Before somebody gets a file with everything in it: not while they read a theme unseen.

    :raises Conflict: if the file would tell them what another reader of theirs said.
    """
    if by is None:
        return
    here = {"assessment": OuterRef("assessment"), "theme": OuterRef("theme")}
    said = Rating.objects.filter(**here).exclude(author=None).exclude(author=by)
    themes = (
        assessment.themes.filter(
            Q(lead=by) | Q(second=by) | Exists(BlindRequest.objects.filter(**here, reader=by)),
            Exists(said),
            ~Exists(Opening.objects.filter(**here)),
        )
        .order_by("id")
        .values_list("theme", flat=True)
    )
    pinned = store.pinned(assessment) if themes else None
    if pinned is not None:
        raise Conflict(
            _(
                "You read for yourself, and others have rated: %(themes)s.",
                themes=", ".join(pinned.theme(t).number for t in themes),
            ),
            _("A file with the whole assessment would show you what they said."),
            _("Open these themes first, or have somebody who does not read them export it."),
        )
