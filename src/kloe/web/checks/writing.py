"""What every action of checks needs: a trace, texts, rows found again."""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import UUID

from django.db import models

from kloe.core.errors import Conflict, NotFound
from kloe.core.given import within
from kloe.core.messages import Message, _
from kloe.web.accounts.models import User
from kloe.web.audit.actions import record
from kloe.web.checks.models import Check

MAX_TEXT = 20_000
M = TypeVar("M", bound=models.Model)


def trace(
    of: Any,
    by: User | None,
    verb: str,
    *,
    kind: str = "check",
    subject: object = None,
    **values: Any,
) -> None:
    """An audit event of a check, or of anything with an assessment and an organisation.

    Its subject begins with the row's identifier, and names its number.
    """
    record(
        by=by,
        verb=verb,
        subject_kind=kind,
        subject_id=of.pk,
        organisation_id=of.organisation_id,
        assessment_id=of.assessment_id,
        **values,
    )


def text_within(text: str, most: int, what: Message, *, needed: bool = False) -> str:
    """A text without its margins.

    :raises InvalidInput: where it is too long, holds a NUL, or is empty while ``needed``.
    """
    return within(text.replace("\r\n", "\n"), most, what, needed=needed)


def locked(check: Check) -> Check:
    """The check as it is now, while nobody else changes it."""
    return Check.objects.select_for_update(of=("self",)).get(pk=check.pk)


def changeable(check: Check) -> None:
    """:raises Conflict: for a check that is done or withdrawn."""
    if check.state in {"done", "withdrawn"}:
        raise Conflict(
            _("C%(n)d is closed: nothing of it is changed any more.", n=check.number),
            _("A check that is done or withdrawn stays as it is."),
            _("Open it again first, and say why."),
        )


def found_in(rows: models.QuerySet[M], pk: UUID, what: Message) -> M:
    """:raises NotFound: where there is none, or not here."""
    row = rows.filter(pk=pk).first()
    if row is None:
        raise NotFound(
            _("There is no %(what)s here, or none that you may see.", what=str(what)),
            "",
            _("Check the address, or ask whoever sent it to you."),
        )
    return row
