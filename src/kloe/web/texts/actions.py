"""Writing texts of the report: saved as versions, undone, never over somebody's head."""

from __future__ import annotations

from django.db import transaction

from kloe.core.errors import InvalidInput
from kloe.core.messages import _
from kloe.reports import markdown
from kloe.reports.phrases import printable
from kloe.web.assessments.models import Assessment, Revision
from kloe.web.assessments.saving import Saved, Write, replayed, save_versioned
from kloe.web.judgements.subjects import themes_in_scope
from kloe.web.library.store import Pinned
from kloe.web.texts.models import Text
from kloe.web.texts.parts import Part, part_of


def cleaned(text: str) -> str:
    """A text as it is kept: without what no document may hold, with one kind of line end.

    :raises InvalidInput: where it is too long.
    """
    text = printable(text.replace("\r\n", "\n").replace("\r", "\n")).rstrip()
    if len(text) > markdown.MOST:
        raise InvalidInput(
            _("The text has %(n)d characters.", n=len(text)),
            _("At most %(limit)d fit.", limit=markdown.MOST),
            _("Shorten it, or put part of it into the texts of the themes. What you typed is "
              "still on the page."),
        )  # fmt: skip
    return text


def _in_scope(assessment: Assessment, part: Part) -> None:
    if part.subject is None or any(t in themes_in_scope(assessment) for t in part.themes):
        return
    raise InvalidInput(
        _("“%(name)s” is left out of this assessment.", name=part.name),
        _("Texts are written of what is in scope."),
        _("Take it into the scope first."),
    )


def save(*, assessment: Assessment, pinned: Pinned, part: str, text: str, write: Write) -> Saved:
    """Write the text of a part of the report.

    :raises InvalidInput: for a text too long, or a part out of scope.
    :raises StaleWrite: if somebody else saved it first.
    """
    found = part_of(pinned, part)
    text = cleaned(text)
    with transaction.atomic():
        _in_scope(assessment, found)
        row = (
            Text.objects.select_for_update().filter(assessment=assessment, subject=found.id).first()
        )
        new = row is None
        if row is None:
            row = Text(assessment=assessment, subject=found.id, version=0)
            if not text:
                return Saved(row, changed=False)
        saved = save_versioned(
            assessment=assessment,
            row=row,
            values={"text": text},
            write=write,
            verb="wrote text",
            subject_kind="text",
            subject=found.id,
            new=new,
        )
        if saved.changed:
            row.words = markdown.words_of(text)
            row.save(update_fields=["words"])
    return saved


def undo(*, assessment: Assessment, pinned: Pinned, part: str, write: Write) -> Saved | None:
    """Go back to the version before the present one, as a new version; None if there is none."""
    found = part_of(pinned, part)
    row = Text.objects.filter(assessment=assessment, subject=found.id).first()
    if row is None:
        return None
    sent = replayed(write)
    if sent is not None and (sent.assessment_id, sent.subject_kind, sent.subject) == (
        assessment.pk, "text", found.id,
    ):  # fmt: skip
        return Saved(row, changed=False, replayed=True)
    earlier = (
        Revision.objects.filter(
            assessment=assessment, subject_kind="text", subject=found.id, version__lt=row.version
        )
        .order_by("-version")
        .values_list("values", flat=True)
        .first()
    )
    text = earlier["text"] if earlier else ""
    return save(assessment=assessment, pinned=pinned, part=part, text=text, write=write)
