"""How anything written on a page is saved: versioned, replayable, never over somebody's head.

A write carries the identifier its client made for it, the version it started from and the
client's time. The same write sent twice changes nothing; a write that started from an older
version is refused with both versions, so that the person can choose; every version is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from django.db import IntegrityError, models, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from kloe.core.digest import value_digest
from kloe.core.errors import Conflict, InvalidInput
from kloe.core.messages import _
from kloe.web.access import person
from kloe.web.accounts.models import User
from kloe.web.assessments.models import Assessment, Revision
from kloe.web.audit.actions import record
from kloe.web.ids import new_id
from kloe.web.prepared import Insert

_REVISION = Insert(Revision)


class Versioned(Protocol):
    """A row with a version that grows by one with each save."""

    pk: Any
    version: int


V = TypeVar("V", bound=models.Model)
#: Values that are computed when a write is saved: sent twice, it may find others.
COMPUTED = frozenset({"suggestion"})


@dataclass(frozen=True)
class Write:
    """What a client says of a write besides its values."""

    id: UUID
    base_version: int
    by: User
    client_at: datetime | None = None
    request_id: str = ""

    @classmethod
    def of(cls, request: HttpRequest) -> Write:
        """From a form's ``write_id``, ``base_version`` and ``client_at``.

        Without JavaScript there is no ``write_id``; the form's token keeps its place.

        :raises InvalidInput: if one of them is not what it has to be.
        """
        given = request.POST.get("write_id", "")
        try:
            write_id = UUID(given) if given else new_id()
            base = int(request.POST.get("base_version") or 0)
            if base < 0:
                raise ValueError
        except ValueError:
            raise InvalidInput(
                _("The page sent a write that cannot be read."),
                _("A write has an identifier and the version it started from."),
                _("Load the page again; what you typed is kept in the browser."),
            ) from None
        try:
            when = parse_datetime(request.POST.get("client_at", "") or "")
        except ValueError:
            when = None
        if when is not None:
            when = _within_years(when)
        return cls(
            id=write_id,
            base_version=base,
            by=person(request),
            client_at=when,
            request_id=getattr(request, "id", ""),
        )


def _within_years(when: datetime) -> datetime | None:
    """A client's time with its zone; none where it lies beyond the years that can be kept."""
    if timezone.is_naive(when):
        when = timezone.make_aware(when)
    try:
        when.astimezone(UTC)
    except OverflowError:
        return None
    return when


class StaleWrite(Conflict):
    """Somebody saved a newer version first. Carries both, for the person to choose."""

    def __init__(self, *, mine: dict[str, Any], current: Any) -> None:
        super().__init__(
            _("Somebody else saved this while you were writing."),
            _("Both versions are shown; nothing was overwritten."),
            _("Choose which one stands, or write a third from the two."),
        )
        self.mine = mine
        self.current = current


@dataclass(frozen=True)
class Saved:
    """The outcome of a save: the row, and whether anything changed."""

    row: Any
    changed: bool
    replayed: bool = False
    #: Of a write sent twice: the version it made, which may not be the latest any more.
    made: int | None = None

    @property
    def version(self) -> int:
        """The version the writer holds now, from which their next write starts."""
        version: int = self.row.version if self.made is None else self.made
        return version


def replayed(write: Write) -> Revision | None:
    """The version an earlier sending of this write made, if there was one."""
    return Revision.objects.filter(write_id=write.id).first()


def _said(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in COMPUTED}


def sent_before(
    write: Write,
    *,
    assessment: Assessment,
    subject_kind: str,
    subject: str,
    values: dict[str, Any],
) -> Revision | None:
    """The version that this very write made of this very subject, if it was sent before.

    The same identifier with other words is another write: a browser that goes back to a form
    sends the form's identifier again.
    """
    seen = replayed(write)
    same = (
        seen is not None
        and seen.assessment_id == assessment.pk
        and (seen.subject_kind, seen.subject) == (subject_kind, subject)
        and _said(seen.values) == _said(values)
    )
    return seen if same else None


def clashed(
    row: models.Model | None,
    values: dict[str, Any],
    write: Write,
    *,
    assessment: Assessment,
    subject_kind: str,
    subject: str,
) -> Saved:
    """Another writer was first with a row, its version or this very write.

    :param row: as it stands now, if it does.
    :raises StaleWrite: unless it was this very write, sent twice.
    """
    seen = sent_before(
        write, assessment=assessment, subject_kind=subject_kind, subject=subject, values=values
    )
    if row is None or seen is None:
        raise StaleWrite(mine=values, current=None)
    return Saved(row, changed=False, replayed=True, made=seen.version)


def save_versioned(
    *,
    assessment: Assessment,
    row: models.Model,
    values: dict[str, Any],
    write: Write,
    verb: str,
    subject_kind: str,
    subject: str,
    new: bool,
    savepoint: bool = True,
    sealed: bool = False,
) -> Saved:
    """Save ``values`` on ``row`` as its next version. Call within a transaction.

    Without ``savepoint`` two statements are spared, and a clash with another writer leaves as
    ``IntegrityError``, for :func:`clashed` to answer outside the transaction.

    :param row: fetched by the caller with ``select_for_update`` where the database has it, or
        unsaved if ``new``; it has ``version`` and may have ``updated_by`` and ``updated_at``.
    :param sealed: the audit trail, which others read, gets a digest of the values in place of
        them; the history, which nobody else reads, has the values and what the digest is of.
    :param values: the fields to set; they must be JSON-able.
    :raises StaleWrite: if the row's version is not the one the write started from and the
        values differ.
    """
    version = 0 if new else row.version  # type: ignore[attr-defined]
    before = {} if new else {k: getattr(row, k) for k in values}
    if not new and before == values:
        return Saved(row, changed=False)
    if version != write.base_version:
        seen = sent_before(
            write, assessment=assessment, subject_kind=subject_kind, subject=subject, values=values
        )
        if seen is not None:
            return Saved(row, changed=False, replayed=True, made=seen.version)
        raise StaleWrite(mine=values, current=row)
    for name, value in values.items():
        setattr(row, name, value)
    row.version = version + 1  # type: ignore[attr-defined]
    touched = [*values, "version"]
    if hasattr(row, "updated_by_id"):
        row.updated_by = write.by  # type: ignore[attr-defined]
        touched.append("updated_by")
    if hasattr(row, "updated_at"):
        row.updated_at = timezone.now()
        touched.append("updated_at")

    def store() -> None:
        if new:
            row.save(force_insert=True)
        else:
            row.save(update_fields=touched)
        _REVISION(
            assessment_id=assessment.pk,
            subject_kind=subject_kind,
            subject=subject,
            version=version + 1,
            values=values,
            write_id=write.id,
            by_id=write.by.pk,
            client_at=write.client_at,
        )

    if savepoint:
        try:
            with transaction.atomic():
                store()
        except IntegrityError:
            return clashed(
                row,
                values,
                write,
                assessment=assessment,
                subject_kind=subject_kind,
                subject=subject,
            )
    else:
        store()
    record(
        by=write.by,
        verb=verb,
        subject_kind=subject_kind,
        subject_id=subject,
        organisation_id=assessment.organisation_id,
        assessment_id=assessment.pk,
        before=None if sealed else before or None,
        after={"sealed": seal_of(write.id, values)} if sealed else values,
        request_id=write.request_id,
    )
    return Saved(row, changed=True)


def seal_of(write_id: UUID, values: dict[str, Any]) -> str:
    """A digest that binds a writer to values and tells nobody what they are.

    The identifier of the write is in it, for there are few placings, and a digest of one of them
    alone would be guessed.
    """
    return value_digest([str(write_id), values])
