"""Writing the tenants' summary: each part saved as versions, never over somebody's head."""

from __future__ import annotations

from django.db import transaction

from kloe.assessment.plain_words import MOST, PARTS, Part
from kloe.core.digest import sha256_hex
from kloe.core.errors import InvalidInput
from kloe.core.messages import _
from kloe.reports.phrases import printable
from kloe.web.assessments.models import Assessment
from kloe.web.assessments.saving import Saved, Write, save_versioned
from kloe.web.summaries.models import SummaryPart


def cleaned(text: str, part: Part) -> str:
    """A text as it is kept: without what no document may hold, with one kind of line end.

    :raises InvalidInput: where it is too long to be meant.
    """
    text = printable(text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if len(text) > MOST:
        raise InvalidInput(
            _("“%(title)s” has %(n)d characters.", title=str(PARTS[part].title), n=len(text)),
            _("At most %(limit)d are kept; about %(room)d words fit on the two pages.",
              limit=MOST, room=PARTS[part].room),
            _("Shorten it. What you typed is still on the page."),
        )  # fmt: skip
    return text


def digest_of(filled: str, part: Part) -> str:
    """Of words that were filled in, by which they are known again."""
    return sha256_hex(cleaned(filled, part).encode())


def save(*, assessment: Assessment, part: Part, text: str, write: Write, filled: str = "") -> Saved:
    """Write a part of the summary; no words, or those filled in, leave it to be filled in.

    :param filled: the digest of what the assessment itself gives for it.
    :raises InvalidInput: for a text that is too long.
    :raises StaleWrite: if somebody else saved it first.
    """
    text = cleaned(text, part)
    if sha256_hex(text.encode()) == filled:
        # Words nobody changed go on following the assessment.
        text = ""
    with transaction.atomic():
        row = (
            SummaryPart.objects.select_for_update()
            .filter(assessment=assessment, key=part.value)
            .first()
        )
        new = row is None
        if row is None:
            row = SummaryPart(assessment=assessment, key=part.value)
            if not text:
                return Saved(row, changed=False)
        return save_versioned(
            assessment=assessment,
            row=row,
            values={"text": text},
            write=write,
            verb="wrote tenants' summary",
            subject_kind="tenants' summary",
            subject=part.value,
            new=new,
        )
