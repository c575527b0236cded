"""The board's response: asked for, written or attached, until a version carries it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from kloe.core.errors import Conflict, InvalidInput
from kloe.core.messages import _
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment
from kloe.web.evidence import storage
from kloe.web.evidence.uploads import Upload
from kloe.web.inspections.actions import trace
from kloe.web.inspections.team import landlords_people, tell
from kloe.web.publication import files
from kloe.web.publication.models import BoardResponse

LONGEST = 20_000


def response_of(assessment: Assessment) -> BoardResponse:
    """The response, or an empty one that is not kept yet."""
    found = BoardResponse.objects.filter(assessment=assessment).select_related("file", "by").first()
    return found or BoardResponse(assessment=assessment)


@transaction.atomic
def ask(*, assessment: Assessment, due: date, by: User | None, address: str) -> BoardResponse:
    """Ask the landlord for its board's response, by mail.

    :raises Conflict: if nobody of the landlord is of the team.
    :raises InvalidInput: for a day that is past.
    """
    people = landlords_people(assessment)
    if not people:
        raise Conflict(
            _("Nobody of the landlord is here yet."),
            _("The response comes from the landlord's lead."),
            _("Invite the landlord's lead first."),
        )
    if due < timezone.localdate():
        raise InvalidInput(
            _("The response was to come by a day that is past."),
            _("Give today or a later day."),
            _("Choose another day."),
        )
    row, _made = BoardResponse.objects.select_for_update(of=("self",)).get_or_create(
        assessment=assessment
    )
    row.due, row.asked_by, row.asked_at = due, by, timezone.now()
    row.save(update_fields=["due", "asked_by", "asked_at"])
    trace(
        assessment, by, "asked for response", kind="publication",
        after={"due": due.isoformat(), "people": len(people)},
    )  # fmt: skip
    tell(
        people,
        gettext("kloe: your board's response to the report on %(name)s")
        % {"name": assessment.landlord},
        "publication/email/ask.txt",
        {"assessment": assessment, "due": due, "address": address},
    )
    return row


@transaction.atomic
def answer(
    *,
    assessment: Assessment,
    text: str,
    base_version: int,
    by: User | None,
    upload: Upload | None = None,
    without_file: bool = False,
) -> BoardResponse:
    """Keep what the board says: words, a file, or both. It may be changed until published.

    :raises InvalidInput: for a text that is too long, or a file of another kind.
    :raises Conflict: if somebody else changed it meanwhile; nothing is overwritten.
    """
    row, _made = BoardResponse.objects.select_for_update(of=("self",)).get_or_create(
        assessment=assessment
    )
    if row.version != base_version:
        raise Conflict(
            _("Somebody else changed the response while you wrote: “%(text)s”",
              text=row.text[:300]),
            _("Nothing was overwritten; your words are still in the form."),
            _("Compare the two, and save yours again if it is the right one."),
        )  # fmt: skip
    text = text.strip().replace("\r\n", "\n")
    if len(text) > LONGEST:
        raise InvalidInput(
            _("The response has %(n)d characters.", n=len(text)),
            _("It has at most %(n)d.", n=LONGEST),
            _("Attach a longer one as a file."),
        )
    if upload and Path(upload.name).suffix.lower() not in files.RESPONSE_SUFFIXES:
        raise InvalidInput(
            _("“%(name)s” cannot be published as a response.", name=upload.name),
            _("Allowed: %(all)s.", all=", ".join(files.RESPONSE_SUFFIXES)),
            _("Save it as PDF and attach that."),
        )
    before = {"text": row.text, "file": row.file_name}
    row.text, row.by, row.at = text, by, timezone.now()
    old = row.file_id
    if upload:
        row.file = storage.keep(upload.received, assessment.landlord_id)
        row.file_name = upload.name[-255:]
    elif without_file:
        row.file, row.file_name = None, ""
    if not row.given and not row.version:
        raise InvalidInput(
            _("The response is empty."),
            _("It has words, a file, or both."),
            _("Write it, or attach it."),
        )
    row.version += 1
    row.save()
    trace(
        assessment, by, "gave response", kind="publication",
        before={k: v for k, v in before.items() if v},
        after={"text": text, "file": row.file_name},
    )  # fmt: skip
    if old and old != row.file_id:
        transaction.on_commit(lambda: storage.remove_unused(old))
    return row
