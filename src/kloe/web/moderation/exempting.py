"""Criteria said not to apply: in an inspection the moderator agrees to each, or refuses."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from kloe.assessment.positions import Position
from kloe.core.errors import InvalidInput, NotFound
from kloe.core.messages import _
from kloe.frameworks.model import Criterion
from kloe.web.assessments.models import Assessment, Rating
from kloe.web.assessments.saving import Saved, Write, save_versioned
from kloe.web.moderation.models import Exemption
from kloe.web.moderation.talking import inspected, words_of


def decide(
    *,
    assessment: Assessment,
    criterion: Criterion,
    decision: str,
    words: str,
    reason: str,
    write: Write,
) -> Saved:
    """Agree that a criterion does not apply, or refuse with words.

    Refused, it counts as not placed until the team places it or gives another reason.

    :param reason: the team's reason as it stood on the page one decided on.
    :raises NotFound: where the team does not say that it does not apply.
    :raises InvalidInput: for a refusal without words, and where the reason was rewritten since.
    :raises StaleWrite: if another moderator decided otherwise first.
    """
    with transaction.atomic():
        inspected(assessment)
        rating = (
            Rating.objects.select_for_update()
            .filter(assessment=assessment, criterion=criterion.id, author=None)
            .first()
        )
        if rating is None or rating.position != Position.NOT_APPLICABLE:
            raise NotFound(
                _("The team does not say that “%(title)s” does not apply.", title=criterion.title),
                _("Decided on are criteria placed at “not applicable”."),
                _("Load the list again; the team may have placed it since."),
            )
        if decision not in Exemption.Decision.values:
            raise InvalidInput(
                _("“%(decision)s” is no decision.", decision=decision[:20]),
                _("Allowed: %(all)s.", all=", ".join(Exemption.Decision.values)),
                _("Agree or refuse."),
            )
        if _plain(rating.reason) != _plain(reason):
            raise InvalidInput(
                _("The team rewrote its reason while you looked at it: %(reason)s",
                  reason=rating.reason[:500]),
                _("One decides on the reason that stands."),
                _("Read it, and decide again; what you wrote is still here."),
            )  # fmt: skip
        words = words_of(words) if words.strip() else ""
        if decision == Exemption.Decision.REFUSED and not words:
            raise InvalidInput(
                _("It is refused without words."),
                _("The team needs to know why the criterion applies."),
                _("Write why it applies."),
            )
        row = (
            Exemption.objects.select_for_update()
            .filter(assessment=assessment, criterion=criterion.id)
            .first()
        )
        new = row is None
        row = row or Exemption(assessment=assessment, criterion=criterion.id, version=0)
        saved = save_versioned(
            assessment=assessment,
            row=row,
            values={"decision": decision, "words": words, "reason": rating.reason},
            write=write,
            verb="decided what does not apply",
            subject_kind="exemption",
            subject=criterion.id,
            new=new,
        )
        if saved.changed:
            saved.row.by, saved.row.at = write.by, timezone.now()
            saved.row.save(update_fields=["by", "at"])
        return saved


def _plain(text: str) -> str:
    """A text whatever line ends a browser sends."""
    return " ".join(text.split())
